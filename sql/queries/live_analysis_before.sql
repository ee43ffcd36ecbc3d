-- $1 session, $2 from, $3 until. The chunks analysed already that reach into that time and begin before its end, in its
-- order (chunks of more than five minutes need not be among them); without those whose time was ahead of their
-- arrival, as in live_analysis_past.
select w.waveform_id, w.session_key, s.session_id, s.user_id::text, w.time, w.received_at, w.sampling_rate, w.units,
       w.gain, w.baseline, array_to_string(w.leads, ','), w.sample_count, w.samples, w.late
from waveforms w
join sessions s on s.session_key = w.session_key
where w.session_key = $1 and w.time >= $2::timestamptz - interval '5 minutes' and w.end_time > $2 and w.time < $3
  and w.time <= w.received_at + interval '30 seconds'
  and not exists (select from analysis_queue q where q.waveform_id = w.waveform_id)
order by w.time;
