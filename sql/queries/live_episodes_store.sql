-- $1 episodes as a JSON array in the order they were told (t and until: microseconds since 1970); the last word on each
-- counts, and one that has ended stays as it is. Where another life saw the onset, the beats stored since then are
-- counted. May run twice.
with told as (
    select distinct on (session_key, t, rhythm, late) *
    from rows from (json_to_recordset($1::json) as (session_key bigint, t bigint, until bigint, n bigint, rhythm text,
                                                    basic boolean, open boolean, late boolean, continued boolean, beats integer,
                                                    rate_min real, rate_max real, rate_mean real))
        with ordinality as e (session_key, t, until, n, rhythm, basic, open, late, continued, beats, rate_min, rate_max,
                              rate_mean, place)
    order by session_key, t, rhythm, late, place desc
), timed as (
    select *, timestamptz 'epoch' + t * interval '1 microsecond' as onset,
           timestamptz 'epoch' + until * interval '1 microsecond' as end_time
    from told
)
insert into episodes (session_key, onset, sample, rhythm, basic, end_time, open, beats, rate_min, rate_max, rate_mean, late)
select e.session_key, e.onset, e.n, e.rhythm, e.basic, e.end_time, e.open, coalesce(c.beats, e.beats), coalesce(c.least, e.rate_min),
       coalesce(c.most, e.rate_max), coalesce(c.mean, e.rate_mean), e.late
from timed e
left join lateral (select count(*)::integer as beats, min(b.heart_rate) as least, max(b.heart_rate) as most,
                          (60000 / avg(b.rr_ms))::real as mean
                   from beats b
                   where b.session_key = e.session_key and b.source = 'computed'
                     and b.time between e.onset and e.end_time) c on e.continued and not e.open
where exists (select from sessions s where s.session_key = e.session_key)
on conflict (session_key, onset, rhythm, late) do update
set end_time = excluded.end_time, open = excluded.open, beats = excluded.beats, rate_min = excluded.rate_min,
    rate_max = excluded.rate_max, rate_mean = excluded.rate_mean
where episodes.open;
