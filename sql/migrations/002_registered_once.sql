-- A client that asks twice at once to register the same person must not make two of them: nobody could sign in by that
-- name or serial any more.
create unique index users_registered_once on users (lower(full_name), device_serial) nulls not distinct
    where disabled_at is null and not is_virtual;
comment on index users_registered_once is 'One account for a name with a device (or without one).';
