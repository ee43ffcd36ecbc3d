-- $1 how many. The chunks that wait, oldest first, with all that is needed to analyse and show them.
select q.waveform_id, q.session_key, s.session_id, s.user_id::text, w.time, w.received_at, w.sampling_rate, w.units,
       w.gain, w.baseline, array_to_string(w.leads, ','), w.sample_count, w.samples, w.late
from analysis_queue q
join sessions s on s.session_key = q.session_key
left join waveforms w on w.waveform_id = q.waveform_id and w.time = q.time
order by q.waveform_id
limit $1;
