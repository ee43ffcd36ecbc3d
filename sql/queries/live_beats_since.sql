-- $1 session, $2 time. The last beats found since then, each with the code of a true beat out of the ordinary at its place.
select b.time, b.sample, b.code::text, b.rr_ms,
       (select t.code::text from beats t
        where t.session_key = b.session_key and t.source = 'truth' and t.code in ('V', 'A')
          and t.time between b.time - interval '150 milliseconds' and b.time + interval '150 milliseconds' limit 1)
from (select * from beats
      where session_key = $1 and source = 'computed' and time >= $2 and time <= now() + interval '30 seconds'
      order by time desc limit 32) b
order by b.time;
