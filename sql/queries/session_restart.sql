-- The session that a repeated start means. $1 session id, $2 user, $3 device serial, $4 start as the device stated it
select session_key, session_id from sessions
where user_id = $2::uuid
  and (session_id = $1 or (device_serial is not distinct from $3 and device_start_time = $4))
order by (session_id = $1) desc
limit 1;
