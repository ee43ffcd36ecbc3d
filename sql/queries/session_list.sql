-- $1 user, $2 only sessions that began before this time (NULL: all), $3 from, $4 to (NULL: open), $5 limit
select s.session_id, s.device_serial, s.start_time, s.end_time, s.status, s.origin,
       coalesce(s.duration_seconds, extract(epoch from coalesce(s.end_time, now()) - s.start_time)::float8),
       s.average_heart_rate, s.total_heartbeats, s.signal_quality,
       array_to_json(s.arrhythmias)::text
from sessions s
where s.user_id = $1::uuid
  and ($2::timestamptz is null or s.start_time < $2)
  and ($3::timestamptz is null or s.start_time >= $3)
  and ($4::timestamptz is null or s.start_time < $4)
order by s.start_time desc
limit $5;
