-- People who can sign in, for the administrator.
select user_id::text, full_name, role, device_serial, last_login from users
where password_hash is not null and disabled_at is null order by role, full_name;
