-- $1 hours. Deletes a batch of signal of virtual sessions that is older, and returns how much.
with old as (
    select w.waveform_id, w.time
    from sessions s
    join waveforms w on w.session_key = s.session_key
    where s.origin = 'virtual' and w.time < now() - make_interval(hours => $1)
    limit 500
), gone as (
    delete from waveforms w using old where w.waveform_id = old.waveform_id and w.time = old.time returning 1
)
select count(*) from gone;
