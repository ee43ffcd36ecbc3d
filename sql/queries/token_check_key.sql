-- $1 SHA-256 of an API key
select t.user_id::text, u.role, t.token_id::text, t.expires_at
from tokens t join users u using (user_id)
where t.key_hash = $1 and t.revoked_at is null and t.expires_at > now() and u.disabled_at is null;
