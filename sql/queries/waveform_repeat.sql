-- The first answer to a repeated chunk. $1 user, $2 session id, $3 time, $4 content hash
select w.waveform_id, s.session_key
from sessions s left join waveforms w on w.session_key = s.session_key and w.time = $3 and w.content_hash = $4
where s.user_id = $1::uuid and s.session_id = $2;
