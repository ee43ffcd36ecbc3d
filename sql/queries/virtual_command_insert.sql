-- $1 patient, $2 anomaly, $3 requested by. No row when there is no such virtual patient.
insert into virtual_commands (user_id, anomaly, requested_by)
select user_id, $2, $3::uuid from virtual_patients where user_id = $1::uuid and removed_at is null
returning command_id;
