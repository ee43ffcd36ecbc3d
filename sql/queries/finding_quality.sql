-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 time and id of the last row of the page before (or NULL), $6
-- limit, $7 lead or NULL. Intervals that reach into the time; the end is NULL where it lasts.
select q.change_id, q.time, coalesce(n.time, s.end_time), q.late, q.lead, json_build_object('quality', q.quality)::text
from lead_quality q
join sessions s on s.session_key = q.session_key
left join lateral (select x.time from lead_quality x
                   where x.session_key = q.session_key and x.lead = q.lead and x.late = q.late and x.time > q.time
                   order by x.time limit 1) n on true
where q.session_key = $1
  and ($2::timestamptz is null or n.time is null or n.time > $2)
  and ($3::timestamptz is null or q.time < $3)
  and ($4::timestamptz is null or (q.time, q.change_id) > ($4, $5))
  and ($7::text is null or q.lead = $7)
order by q.time, q.change_id
limit $6;
