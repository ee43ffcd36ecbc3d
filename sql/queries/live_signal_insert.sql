-- $1 session, $2 time, $3 end, $4 sampling rate, $5 leads, $6 samples of each lead, $7 packed samples. May run twice.
insert into waveforms (session_key, time, end_time, sampling_rate, units, leads, sample_count, encoding, samples,
                       content_hash)
select s.session_key, $2, $3, $4, 'mV', $5, $6, 1, $7, substr(sha256($7), 1, 16)
from sessions s where s.session_key = $1
on conflict do nothing;
