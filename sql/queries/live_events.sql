-- What was noted of patients in the last ten minutes: of each the last twenty lines, oldest first.
select u.user_id::text, s.session_id, e.time, e.kind, coalesce(e.description, e.kind)
from users u
cross join lateral (select * from health_events x
                    where x.user_id = u.user_id and x.time > now() - interval '10 minutes'
                      and x.time <= now() + interval '30 seconds'
                    order by x.time desc limit 20) e
left join sessions s on s.session_key = e.session_key
where u.role = 'patient' and u.disabled_at is null
order by e.time;
