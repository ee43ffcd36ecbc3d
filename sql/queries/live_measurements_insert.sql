-- $1 measurements as a JSON array (t: microseconds since 1970). One for each time of a session; may run twice.
insert into metrics (session_key, time, source, heart_rate, pr_interval, qrs_duration, qrs_axis, qt_interval, qtc_interval,
                     rr_interval, sampling_rate, details, late, content_hash)
select m.session_key, timestamptz 'epoch' + m.t * interval '1 microsecond', 'computed', m.heart_rate, m.pr_interval,
       m.qrs_duration, m.qrs_axis, m.qt_interval, m.qtc_bazett, m.rr_interval, m.fs, m.details, m.late, 'computed'
from json_to_recordset($1::json) as m (session_key bigint, t bigint, late boolean, heart_rate real, pr_interval real,
                                 qrs_duration real, qrs_axis real, qt_interval real, qtc_bazett real, rr_interval real,
                                 fs double precision, details jsonb)
where exists (select from sessions s where s.session_key = m.session_key)
on conflict do nothing;
