-- $1 interpretations as a JSON array (t: microseconds since 1970). May run twice.
insert into interpretations (session_key, time, statements)
select i.session_key, timestamptz 'epoch' + i.t * interval '1 microsecond', i.statements
from json_to_recordset($1::json) as i (session_key bigint, t bigint, statements jsonb)
where exists (select from sessions s where s.session_key = i.session_key)
on conflict do nothing;
