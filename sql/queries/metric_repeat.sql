-- The first answer to a repeated report. $1 user, $2 session id, $3 time, $4 content hash
select m.metric_id, s.session_key
from sessions s left join metrics m on m.session_key = s.session_key and m.time = $3 and m.content_hash = $4
where s.user_id = $1::uuid and s.session_id = $2;
