-- $1 session. Its first sample, the end of what was analysed, and the last beat found: each NULL when there is none. What
-- was stamped more than 30 s ahead of its arrival has no place on this time line (live_ingest.c says the same).
select (select w.time from waveforms w
        where w.session_key = $1 and w.time <= w.received_at + interval '30 seconds' order by w.time limit 1),
       (select w.end_time from waveforms w
        where w.session_key = $1 and w.time <= w.received_at + interval '30 seconds'
          and not exists (select from analysis_queue q where q.waveform_id = w.waveform_id)
        order by w.time desc limit 1),
       b.time, b.sample
from (select) as one
left join lateral (select time, sample from beats
                   where session_key = $1 and source = 'computed' and time <= now() + interval '30 seconds'
                   order by time desc limit 1) b on true;
