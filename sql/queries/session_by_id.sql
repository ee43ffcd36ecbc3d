-- Whose session has this id? Ids are unique per user only, so there may be several. $1 session id, $2 owner or NULL
select s.session_key, s.user_id::text, s.start_time, s.end_time, s.status, s.device_serial, u.full_name
from sessions s join users u using (user_id)
where s.session_id = $1 and ($2::uuid is null or s.user_id = $2::uuid)
limit 2;
