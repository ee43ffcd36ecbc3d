-- The anomalies that wait for virtual patients there are, in the order they were asked for.
select c.command_id, c.user_id::text, c.anomaly
from virtual_commands c
join virtual_patients v on v.user_id = c.user_id
where c.applied_at is null and v.removed_at is null
order by c.command_id
limit 1000;
