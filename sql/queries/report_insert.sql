-- $1 user, $2 session key or NULL, $3 uploaded by, $4 file name, $5 SHA-256, $6 size, $7 report time, $8 patient name,
-- $9 patient age, $10 conclusion, $11 metrics, $12 metadata. The same file for the same session is the same report.
insert into reports (user_id, session_key, uploaded_by, filename, file_sha256, file_size_bytes, report_time,
                     patient_name, patient_age, conclusion, metrics, metadata)
values ($1::uuid, $2::float8::bigint, $3::uuid, $4, $5, $6, $7, $8, $9::float8::integer, $10, $11::jsonb, $12::jsonb)
on conflict (user_id, session_key, file_sha256) do update set filename = reports.filename
returning report_key;
