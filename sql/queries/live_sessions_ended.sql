-- $1 sessions. Those of them that have ended and have nothing left to be analysed.
select s.session_key, s.end_time
from sessions s
where s.session_key = any($1::bigint[]) and s.status = 'ended'
  and not exists (select from analysis_queue q where q.session_key = s.session_key);
