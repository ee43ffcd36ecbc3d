-- $1 report key
select r.report_key, r.user_id::text, s.session_id, r.filename, r.file_size_bytes, encode(r.file_sha256, 'hex'),
       r.created_at, r.report_time, r.patient_name, r.patient_age, r.conclusion, r.metrics::text
from reports r left join sessions s on s.session_key = r.session_key
where r.report_key = $1;
