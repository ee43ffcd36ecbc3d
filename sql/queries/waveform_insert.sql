-- $1 user, $2 session id, $3 time of the first sample, $4 end, $5 rate, $6 units, $7 gain, $8 baseline, $9 leads,
-- $10 samples of each lead, $11 packed samples, $12 content hash. The chunk and its place in the queue of what is to
-- be analysed are one statement, so neither can be without the other.
with owned as (
    select session_key from sessions where user_id = $1::uuid and session_id = $2
), stored as (
    insert into waveforms (session_key, time, end_time, sampling_rate, units, gain, baseline, leads, sample_count,
                           encoding, samples, late, content_hash)
    select session_key, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $4 < now() - interval '30 seconds', $12
    from owned
    on conflict (session_key, time, content_hash) do nothing
    returning waveform_id, time, session_key
), queued as (
    insert into analysis_queue (waveform_id, time, session_key) select waveform_id, time, session_key from stored
)
select waveform_id, session_key from stored;
