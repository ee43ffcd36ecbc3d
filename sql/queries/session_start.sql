-- $1 session id, $2 user, $3 device serial, $4 start, $5 start as the device stated it or NULL, $6 origin,
-- $7 device info. No row when this session is there already.
insert into sessions (session_id, user_id, device_serial, start_time, device_start_time, origin, device_info)
values ($1, $2::uuid, $3, $4, $5, $6, $7::jsonb)
on conflict do nothing
returning session_key, session_id;
