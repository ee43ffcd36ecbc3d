-- What was open in the sessions of virtual patients when an earlier life ended: it lasted until the end of their signal.
update episodes e
set open = false,
    end_time = greatest(e.end_time, (select w.end_time from waveforms w
                                     where w.session_key = e.session_key order by w.time desc limit 1))
from sessions s
where s.session_key = e.session_key and s.origin = 'virtual' and e.open;
