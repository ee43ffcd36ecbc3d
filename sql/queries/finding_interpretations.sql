-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 time of the last row of the page before and 0 (or NULL), $6
-- limit, $7 not used. What was stated at some moment of the time; the end is NULL where it still holds.
select 0::bigint, i.time, coalesce(n.time, s.end_time), false, $7::text,
       json_build_object('statements', i.statements)::text
from interpretations i
join sessions s on s.session_key = i.session_key
left join lateral (select x.time from interpretations x
                   where x.session_key = i.session_key and x.time > i.time order by x.time limit 1) n on true
where i.session_key = $1
  and ($2::timestamptz is null or n.time is null or n.time > $2)
  and ($3::timestamptz is null or i.time < $3)
  and ($4::timestamptz is null or (i.time, 0) > ($4, $5))
order by i.time
limit $6;
