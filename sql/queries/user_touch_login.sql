-- $1 user id, $2 new hash when the old one was made with weaker parameters, or NULL
update users set last_login = now(), password_hash = coalesce($2, password_hash) where user_id = $1::uuid;
