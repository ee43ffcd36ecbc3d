-- $1 chunks that were analysed, $2 the beats found in them as a JSON array (t: microseconds since 1970). One statement,
-- so that results are stored and the queue is shortened together or not at all. May run twice.
with done as (
    delete from analysis_queue where waveform_id = any($1::bigint[])
)
insert into beats (session_key, time, source, sample, code, lead, amplitude, rr_ms, heart_rate)
select b.session_key, timestamptz 'epoch' + b.t * interval '1 microsecond', 'computed', b.n, b.code::"char", b.lead,
       b.amplitude, b.rr, b.hr
from json_to_recordset($2::json) as b (session_key bigint, t bigint, n bigint, code text, lead text, amplitude real, rr real,
                                 hr real)
where exists (select from sessions s where s.session_key = b.session_key)
on conflict do nothing;
