-- $1 sessions that have ended. What was still open there lasted until the end of their signal. May run twice.
update episodes e
set open = false,
    end_time = greatest(e.end_time, (select w.end_time from waveforms w
                                     where w.session_key = e.session_key
                                       and w.time <= w.received_at + interval '30 seconds'
                                     order by w.time desc limit 1))
where e.session_key = any($1::bigint[]) and e.open;
