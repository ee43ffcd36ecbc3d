-- $1 changes of quality as a JSON array (t: microseconds since 1970). May run twice.
insert into lead_quality (session_key, time, lead, quality, late)
select q.session_key, timestamptz 'epoch' + q.t * interval '1 microsecond', q.lead, q.quality, q.late
from json_to_recordset($1::json) as q (session_key bigint, t bigint, lead text, quality text, late boolean)
where exists (select from sessions s where s.session_key = q.session_key)
on conflict do nothing;
