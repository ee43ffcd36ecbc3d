-- Who stands in the way of a new account? $1 name, $2 device serial, $3 role. Somebody with both of these; and somebody who
-- signs in by either of them, when one of the two is staff: a name that two share signs nobody in, and registration is
-- open, so a stranger could lock staff out.
select user_id::text from users
where disabled_at is null and not is_virtual
  and ((lower(full_name) = lower($1) and device_serial is not distinct from $2)
       or ((role <> 'patient' or $3 <> 'patient') and password_hash is not null
           and (lower(full_name) in (lower($1), lower($2)) or device_serial in ($1, $2))))
limit 1;
