-- $1 name, $2 heart rate, $3 seed, $4 created by, $5 session id, $6 origin details. One statement: all or nothing.
with person as (
    insert into users (full_name, role, is_virtual) values ($1, 'patient', true) returning user_id
), session as (
    insert into sessions (session_id, user_id, device_serial, start_time, origin, device_info)
    select $5, user_id, 'virtual', clock_timestamp(), 'virtual', $6::jsonb from person
    returning session_key, session_id, user_id
)
insert into virtual_patients (user_id, session_key, seed, heart_rate_bpm, created_by)
select user_id, session_key, $3, $2, $4::uuid from session
returning user_id::text, session_key;
