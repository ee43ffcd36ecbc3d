-- Is this very person registered already? $1 name, $2 device serial
select user_id::text from users
where lower(full_name) = lower($1) and device_serial is not distinct from $2 and disabled_at is null
  and not is_virtual;
