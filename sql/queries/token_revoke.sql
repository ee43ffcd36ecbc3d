-- $1 token id
update tokens set revoked_at = now() where token_id = $1::uuid and revoked_at is null;
