-- Takes the anomalies that wait, and notes them as events of the patient: all or nothing.
with taken as (
    update virtual_commands c set applied_at = clock_timestamp()
    from virtual_patients v
    where c.applied_at is null and v.user_id = c.user_id and v.removed_at is null
    returning c.command_id, c.user_id, c.anomaly, c.applied_at, v.session_key
), noted as (
    insert into health_events (user_id, session_key, time, kind, description, source, detail)
    select user_id, session_key, applied_at, 'anomaly_injected', anomaly || ' injected', 'truth',
           jsonb_build_object('anomaly', anomaly, 'command_id', command_id)
    from taken
)
select user_id::text, anomaly, applied_at from taken order by command_id;
