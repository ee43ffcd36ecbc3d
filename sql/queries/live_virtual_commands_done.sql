-- $1 commands that were passed on, $2 when each was. Takes them out of those that wait and notes them as events of their
-- patients: all or nothing, and nothing when it was done before.
with taken as (
    update virtual_commands c set applied_at = p.time
    from unnest($1::bigint[], $2::timestamptz[]) as p (command_id, time), virtual_patients v
    where c.command_id = p.command_id and c.applied_at is null and v.user_id = c.user_id
    returning c.command_id, c.user_id, c.anomaly, c.applied_at, v.session_key
)
insert into health_events (user_id, session_key, time, kind, description, source, detail)
select user_id, session_key, applied_at, 'anomaly_injected', anomaly || ' injected', 'truth',
       jsonb_build_object('anomaly', anomaly, 'command_id', command_id)
from taken
order by command_id;
