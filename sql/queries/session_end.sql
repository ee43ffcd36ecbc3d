-- $1 user, $2 session id, $3 end, $4 duration s, $5 beats, $6 average heart rate, $7 arrhythmias (json array text),
-- $8 signal quality, $9 summary. What the device does not say is worked out from its metrics. A second end changes
-- nothing but what was missing. An empty list of arrhythmias says that there were none, which is not the same as NULL.
update sessions s set
    status = 'ended',
    end_time = coalesce(s.end_time, greatest(s.start_time, $3)),
    duration_seconds = coalesce(s.duration_seconds, $4),
    total_heartbeats = coalesce(s.total_heartbeats, $5::float8::bigint),
    average_heart_rate = coalesce(s.average_heart_rate, $6,
        (select avg(m.heart_rate) from metrics m where m.session_key = s.session_key and m.source = 'device')),
    arrhythmias = coalesce(s.arrhythmias, case when $7 is not null then array(select jsonb_array_elements_text($7::jsonb)) end),
    signal_quality = coalesce(s.signal_quality, $8),
    summary = coalesce(s.summary, $9::jsonb)
where s.user_id = $1::uuid and s.session_id = $2
returning s.session_key;
