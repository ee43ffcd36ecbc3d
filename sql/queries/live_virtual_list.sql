-- The virtual patients there are, oldest first. Sample 0 of a virtual session is at its start.
select v.user_id::text, u.full_name, s.session_id, v.session_key, v.seed, v.heart_rate_bpm, s.start_time
from virtual_patients v
join users u on u.user_id = v.user_id
join sessions s on s.session_key = v.session_key
where v.removed_at is null
order by v.created_at, v.user_id;
