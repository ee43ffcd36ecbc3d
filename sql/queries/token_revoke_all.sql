-- $1 user id: every credential that stands for this person
update tokens set revoked_at = now() where user_id = $1::uuid and revoked_at is null;
