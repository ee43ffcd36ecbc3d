-- $1 beats as a JSON array; t is microseconds since 1970. May run twice: a beat that is there already stays as it is.
insert into beats (session_key, time, source, sample, code, lead, amplitude, rr_ms, heart_rate)
select b.session_key, timestamptz 'epoch' + b.t * interval '1 microsecond', b.source, b.n, b.code::"char", b.lead,
       b.amplitude, b.rr, b.hr
from json_to_recordset($1::json) as b (session_key bigint, t bigint, source text, n bigint, code text, lead text,
                                 amplitude real, rr real, hr real)
where exists (select from sessions s where s.session_key = b.session_key)
on conflict do nothing;
