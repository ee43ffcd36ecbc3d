-- $1 user id
select user_id::text, full_name, age, gender, phone, address, device_serial, role, is_virtual, created_at, last_login
from users where user_id = $1::uuid;
