-- $1 one patient or NULL for all, $2 limit
select user_id::text, full_name, is_virtual, session_id, state, heart_rate_bpm::float8, last_sample_time
from v_patients_now
where $1::uuid is null or user_id = $1::uuid
order by full_name, user_id
limit $2;
