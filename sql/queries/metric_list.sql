-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 time and id of the last row of the page before (or NULL), $6 limit,
-- $7 source or NULL
select metric_id, time, received_at, source, heart_rate, pr_interval, qrs_duration, qrs_axis, st_segment, qt_interval,
       qtc_interval, hrv, rr_interval, sampling_rate, is_recording, signal_quality, demo_mode, extra::text, late
from metrics
where session_key = $1
  and ($2::timestamptz is null or time >= $2)
  and ($3::timestamptz is null or time < $3)
  and ($7::text is null or source = $7)
  and ($4::timestamptz is null or (time, metric_id) > ($4, $5))
order by time, metric_id
limit $6;
