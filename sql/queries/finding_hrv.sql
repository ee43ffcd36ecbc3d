-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 time of the last row of the page before and 0 (or NULL), $6
-- limit, $7 not used.
select 0::bigint, time, from_time, late, $7::text,
       (to_jsonb(h) - '{session_key,time,from_time,late}'::text[])::text
from hrv h
where session_key = $1
  and ($2::timestamptz is null or time >= $2)
  and ($3::timestamptz is null or time < $3)
  and ($4::timestamptz is null or (time, 0) > ($4, $5))
order by time, late
limit $6;
