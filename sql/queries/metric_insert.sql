-- $1 user, $2 session id, $3 time, $4..$13 the metrics, $14 recording, $15 quality, $16 demo, $17 extra, $18 hash.
-- No row when the session is not this user's, or when this very report is stored already.
with owned as (
    select session_key from sessions where user_id = $1::uuid and session_id = $2
)
insert into metrics (session_key, time, heart_rate, pr_interval, qrs_duration, qrs_axis, st_segment, qt_interval,
                     qtc_interval, hrv, rr_interval, sampling_rate, is_recording, signal_quality, demo_mode, extra,
                     late, content_hash)
select session_key, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::float8 = 1, $15, $16::float8 = 1, $17::jsonb,
       $3 < now() - interval '30 seconds', $18
from owned
on conflict (session_key, time, content_hash) do nothing
returning metric_id, session_key;
