-- $1 how many, $2 a session. Chunks that wait, with all that is needed to analyse and show them: of the next $1 sessions
-- above $2 that have any, each its oldest ones, in equal shares that make up about $1. So nobody waits for long behind
-- one who uploads a day at once; a session's own chunks keep their order. Each step of the recursion is one look into
-- the index, so it costs the same however long the queue is.
with recursive turn (session_key, place) as (
    (select session_key, 1 from analysis_queue where session_key > $2::bigint order by session_key limit 1)
    union all
    select (select q.session_key from analysis_queue q where q.session_key > turn.session_key
            order by q.session_key limit 1), turn.place + 1
    from turn where turn.session_key is not null and turn.place < $1::integer
), sharing as (
    select session_key, ceil($1::numeric / count(*) over ())::integer as share from turn where session_key is not null
)
select q.waveform_id, q.session_key, s.session_id, s.user_id::text, w.time, w.received_at, w.sampling_rate, w.units,
       w.gain, w.baseline, array_to_string(w.leads, ','), w.sample_count, w.samples, w.late
from sharing
cross join lateral (select waveform_id, time, session_key from analysis_queue
                    where session_key = sharing.session_key order by waveform_id limit sharing.share) q
join sessions s on s.session_key = q.session_key
left join waveforms w on w.waveform_id = q.waveform_id and w.time = q.time
order by q.session_key, q.waveform_id;
