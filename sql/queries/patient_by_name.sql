-- $1 full name. Two rows are enough to know that it is not unique.
select user_id::text from users where lower(full_name) = lower($1) and role = 'patient' and disabled_at is null limit 2;
