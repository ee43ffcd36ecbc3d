-- $1 full name or device serial. Two rows are enough to know that it is not unique.
select user_id::text, password_hash from users
where (lower(full_name) = lower($1) or device_serial = $1)
  and disabled_at is null and password_hash is not null
order by created_at
limit 2;
