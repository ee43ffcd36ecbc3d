-- $1 key. Sessions of real patients with a greater one.
select s.session_key, u.user_id::text, u.full_name, s.session_id, s.status = 'active', s.start_time,
       u.age::float8, u.gender
from sessions s
join users u on u.user_id = s.user_id
where s.session_key > $1 and s.origin <> 'virtual'
order by s.session_key
limit 1000;
