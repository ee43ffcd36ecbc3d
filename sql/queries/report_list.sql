-- $1 user or NULL, $2 session key or NULL, $3 only reports older than this key (NULL: all), $4 limit
select r.report_key, r.user_id::text, s.session_id, r.filename, r.file_size_bytes, encode(r.file_sha256, 'hex'),
       r.created_at, r.report_time, r.patient_name, r.patient_age, r.conclusion, r.metrics::text
from reports r left join sessions s on s.session_key = r.session_key
where ($1::uuid is null or r.user_id = $1::uuid)
  and ($2::float8 is null or r.session_key = $2::float8::bigint)
  and ($3::float8 is null or r.report_key < $3::float8::bigint)
order by r.report_key desc
limit $4;
