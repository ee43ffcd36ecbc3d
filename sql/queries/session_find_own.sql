-- $1 user, $2 session id
select session_key, status from sessions where user_id = $1::uuid and session_id = $2;
