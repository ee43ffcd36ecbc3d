-- Whom a screen shows at start: patients with a session in the last day, and virtual ones; each with its newest session.
select u.user_id::text, u.full_name, u.is_virtual, s.session_key, s.session_id, s.status = 'active', s.start_time,
       coalesce(s.end_time, (select w.end_time from waveforms w
                             where w.session_key = s.session_key and w.time <= w.received_at + interval '30 seconds'
                             order by w.time desc limit 1)),
       u.age::float8, u.gender
from users u
join lateral (select * from sessions x where x.user_id = u.user_id order by x.start_time desc, x.session_key desc
              limit 1) s on true
where u.role = 'patient' and u.disabled_at is null
  and (s.start_time > now() - interval '1 day' or s.created_at > now() - interval '1 day' or s.status = 'active'
       or exists (select from virtual_patients v where v.user_id = u.user_id and v.removed_at is null))
order by u.created_at, u.user_id;
