-- $1 user id, $2 hash
update users set password_hash = $2 where user_id = $1::uuid;
