-- $1 session. Its first sample, the end of what was analysed, and the last beat found: each NULL when there is none.
select (select min(w.time) from waveforms w where w.session_key = $1),
       (select max(w.end_time) from waveforms w where w.session_key = $1
        and not exists (select from analysis_queue q where q.waveform_id = w.waveform_id)),
       b.time, b.sample
from (select) as one
left join lateral (select time, sample from beats where session_key = $1 and source = 'computed'
                   order by time desc limit 1) b on true;
