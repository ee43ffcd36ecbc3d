-- $1 session key, $2 from, $3 to (NULL: open), $4 and $5 time and id of the last row of the page before (or NULL), $6
-- limit, $7 not used.
select metric_id, time, null::timestamptz, late, $7::text, details::text
from metrics
where session_key = $1 and source = 'computed'
  and ($2::timestamptz is null or time >= $2)
  and ($3::timestamptz is null or time < $3)
  and ($4::timestamptz is null or (time, metric_id) > ($4, $5))
order by time, metric_id
limit $6;
