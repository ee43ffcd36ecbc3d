-- $1 token id, $2 user id, $3 kind, $4 hash of an API key or NULL, $5 label, $6 expires at
insert into tokens (token_id, user_id, kind, key_hash, label, expires_at)
values ($1::uuid, $2::uuid, $3, $4, $5, $6);
