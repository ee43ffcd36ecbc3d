-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 time and id of the last row of the page before, $6 limit.
-- A chunk belongs to a time range when any of it lies inside.
select waveform_id, time, end_time, received_at, sampling_rate, units, gain, baseline, array_to_string(leads, ','),
       sample_count, samples, late, time_uncertain
from waveforms
where session_key = $1
  and ($2::timestamptz is null or end_time > $2)
  and ($3::timestamptz is null or time < $3)
  and ($4::timestamptz is null or (time, waveform_id) > ($4, $5))
order by time, waveform_id
limit $6;
