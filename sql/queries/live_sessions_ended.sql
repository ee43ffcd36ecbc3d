-- $1 sessions. Those of them that have ended.
select s.session_key, s.end_time from sessions s where s.session_key = any($1::bigint[]) and s.status = 'ended';
