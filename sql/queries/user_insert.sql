-- $1 name, $2 age, $3 gender, $4 phone, $5 address, $6 device serial, $7 role, $8 password hash, $9 virtual
insert into users (full_name, age, gender, phone, address, device_serial, role, password_hash, is_virtual)
values ($1, $2::float8::integer, $3, $4, $5, $6, $7, $8, $9)
returning user_id::text;
