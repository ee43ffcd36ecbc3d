-- $1 user, $2 and $3 start and key of the last session of the page before (NULL: none), $4 from, $5 to (NULL: open),
-- $6 limit
select s.session_id, s.device_serial, s.start_time, s.end_time, s.status, s.origin,
       coalesce(s.duration_seconds, extract(epoch from coalesce(s.end_time, now()) - s.start_time)::float8),
       s.average_heart_rate, s.total_heartbeats, s.signal_quality,
       array_to_json(s.arrhythmias)::text, s.session_key
from sessions s
where s.user_id = $1::uuid
  and ($2::timestamptz is null or (s.start_time, s.session_key) < ($2, $3))
  and ($4::timestamptz is null or s.start_time >= $4)
  and ($5::timestamptz is null or s.start_time < $5)
order by s.start_time desc, s.session_key desc
limit $6;
