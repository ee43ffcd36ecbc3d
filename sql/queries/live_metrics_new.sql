-- $1 id. What devices reported with a greater one, except what was late already when it came.
select m.metric_id, m.session_key, m.time, m.late or m.source <> 'device', m.heart_rate, m.rr_interval,
       case when m.source = 'device' then (json_strip_nulls(json_build_object(
           'heart_rate', m.heart_rate, 'pr_interval', m.pr_interval, 'qrs_duration', m.qrs_duration,
           'qrs_axis', m.qrs_axis, 'st_segment', m.st_segment, 'qt_interval', m.qt_interval,
           'qtc_interval', m.qtc_interval, 'hrv', m.hrv, 'rr_interval', m.rr_interval,
           'sampling_rate', m.sampling_rate, 'is_recording', m.is_recording, 'signal_quality', m.signal_quality,
           'demo_mode', m.demo_mode)))::text end
from metrics m
join sessions s on s.session_key = m.session_key
where m.metric_id > $1
order by m.metric_id
limit 4000;
