-- $1 token id. A row only when token and user are good.
select t.user_id::text, u.role, t.token_id::text, t.expires_at
from tokens t join users u using (user_id)
where t.token_id = $1::uuid and t.revoked_at is null and t.expires_at > now() and u.disabled_at is null;
