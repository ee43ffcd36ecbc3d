-- What people read in psql. Applied after every migration, so it may change freely; the names are the promise.

-- One lead of one chunk as real[], in the units of the chunk; NULL for a missing sample (lib/store/samples.h).
create or replace function waveform_lead(samples bytea, lead_index integer, sample_count integer) returns real[]
    language plpgsql immutable parallel safe as
$$
declare
    at         integer := 0;
    length     integer;
    mode       integer;
    last       bigint := 0;
    code       bigint;
    shift      integer;
    byte       integer;
    bits       bigint;
    power      double precision;
    two        constant double precision := 2; -- 2.0 would be numeric, and its powers rounded
    result     real[] := array_fill(null::real, array[sample_count]);
begin
    for i in 0 .. lead_index loop
        length := get_byte(samples, at) + (get_byte(samples, at + 1) << 8) + (get_byte(samples, at + 2) << 16)
                  + (get_byte(samples, at + 3) << 24);
        at := at + 4;
        exit when i = lead_index;
        at := at + length;
    end loop;
    mode := get_byte(samples, at);
    at := at + 1;
    for i in 1 .. sample_count loop
        if mode = 255 then
            bits := get_byte(samples, at)::bigint + (get_byte(samples, at + 1)::bigint << 8)
                    + (get_byte(samples, at + 2)::bigint << 16) + (get_byte(samples, at + 3)::bigint << 24);
            at := at + 4;
            continue when (bits >> 23) & 255 = 255;
            result[i] := (case when bits >> 31 = 1 then -1 else 1 end
                          * case when (bits >> 23) & 255 = 0 then (bits & 8388607) * two ^ (-149)
                                 else ((bits & 8388607) + 8388608) * two ^ (((bits >> 23) & 255) - 150) end)::real;
        else
            code := 0;
            shift := 0;
            loop
                byte := get_byte(samples, at);
                at := at + 1;
                code := code + ((byte & 127)::bigint << shift);
                exit when byte < 128;
                shift := shift + 7;
            end loop;
            continue when code = 0;
            last := last + (case when (code - 1) & 1 = 0 then (code - 1) / 2 else -code / 2 end);
            power := 10.0 ^ mode;
            result[i] := (last / power)::real;
        end if;
    end loop;
    return result;
end
$$;
comment on function waveform_lead is 'Samples of lead lead_index (from 0) of a packed chunk, in the chunk''s units.';

create or replace view v_patients as
    select user_id, full_name, age, gender, device_serial, is_virtual, created_at
    from users where role = 'patient';
comment on view v_patients is 'Patients, real and virtual, without contact details.';

create or replace view v_sessions as
    select s.session_id, s.user_id, u.full_name, s.device_serial, s.start_time, s.end_time, s.status, s.origin,
           coalesce(s.duration_seconds, extract(epoch from s.end_time - s.start_time)) as duration_seconds,
           s.average_heart_rate, s.total_heartbeats, s.arrhythmias, s.signal_quality, s.device_info, s.summary
    from sessions s join users u using (user_id);
comment on view v_sessions is 'Sessions with the name of their patient.';

create or replace view v_session_metrics as
    select s.session_id, s.user_id, 'metric_' || m.metric_id as metric_id, m.time, m.received_at, m.source,
           m.heart_rate as heart_rate_bpm, m.pr_interval as pr_interval_ms, m.qrs_duration as qrs_duration_ms,
           m.qrs_axis as qrs_axis_degrees, m.st_segment, m.qt_interval as qt_interval_ms,
           m.qtc_interval as qtc_interval_ms, m.hrv as hrv_ms, m.rr_interval as rr_interval_ms,
           m.sampling_rate as sampling_rate_hz, m.is_recording, m.signal_quality, m.demo_mode, m.extra, m.late,
           m.details
    from metrics m join sessions s using (session_key);
comment on view v_session_metrics is 'Every metrics report with units in the column names.';

create or replace view v_waveforms as
    select s.session_id, s.user_id, 'waveform_' || w.waveform_id as waveform_id, w.time, w.end_time, w.received_at,
           w.sampling_rate as sampling_rate_hz, w.units, w.gain as gain_adu_per_mv, w.baseline as baseline_adu,
           w.leads, w.sample_count, length(w.samples) as stored_bytes, w.late, w.time_uncertain
    from waveforms w join sessions s using (session_key);
comment on view v_waveforms is 'Chunks of signal, without the samples.';

create or replace view v_waveform_samples as
    select s.session_id, s.user_id, 'waveform_' || w.waveform_id as waveform_id, l.lead,
           w.time + make_interval(secs => (v.n - 1) / w.sampling_rate) as time, v.n - 1 as sample,
           v.value, w.units,
           case when w.units = 'mV' then v.value
                when w.gain is not null then ((v.value - coalesce(w.baseline, 0)) / w.gain)::real end as millivolts,
           w.time as chunk_start, w.end_time as chunk_end
    from waveforms w
    join sessions s using (session_key)
    cross join lateral unnest(w.leads) with ordinality as l (lead, position)
    cross join lateral unnest(waveform_lead(w.samples, l.position::integer - 1, w.sample_count))
        with ordinality as v (value, n);
comment on view v_waveform_samples is 'One row a sample: ask with a session and a range of chunk_start and chunk_end, or through waveform_samples(). millivolts is NULL for uncalibrated counts.';

-- Only the chunks that touch the range are unpacked, so ten seconds cost the same in a day as in a minute.
create or replace function waveform_samples(session text, lead_name text, from_time timestamptz, to_time timestamptz)
    returns table ("time" timestamptz, value real, units text, millivolts real)
    language sql stable as
$$
    select s.time, s.value, s.units, s.millivolts
    from v_waveform_samples s
    where s.session_id = session and s.lead = lead_name
      and s.chunk_end > from_time and s.chunk_start < to_time
      and s.time >= from_time and s.time < to_time
    order by s.time
$$;
comment on function waveform_samples is 'Samples of one lead of a session in a time range, in time order.';

create or replace view v_beats as
    select s.session_id, s.user_id, b.time, b.source, b.code::text as code, b.sample, b.lead, b.amplitude, b.rr_ms,
           b.heart_rate as heart_rate_bpm, b.p_wave, b.p_onset_ms, b.p_peak_ms, b.p_end_ms, b.qrs_onset_ms, b.qrs_end_ms,
           b.t_wave, b.t_onset_ms, b.t_peak_ms, b.t_end_ms, b.pace_spike_ms
    from beats b join sessions s using (session_key);
comment on view v_beats is 'Every beat with its session, and its waves in milliseconds from the R peak.';

-- Figures of one name: value, spread, beats, resolution. The same five columns again and again.
create or replace function figure(details jsonb, name text, part text) returns double precision
    language sql immutable parallel safe as
$$
    select (details -> 'figures' -> name ->> part)::double precision
$$;
comment on function figure is 'value, spread, beats or resolution of a figure among the details of computed metrics; NULL when unknown.';

create or replace view v_measurements as
    select s.session_id, s.user_id, m.time, m.late, m.heart_rate as heart_rate_bpm, m.rr_interval as rr_interval_ms,
           figure(m.details, 'p_duration', 'value') as p_duration_ms,
           m.pr_interval as pr_interval_ms, figure(m.details, 'pr_interval', 'spread') as pr_spread_ms,
           figure(m.details, 'pr_interval', 'beats')::integer as pr_beats,
           m.qrs_duration as qrs_duration_ms, figure(m.details, 'qrs_duration', 'spread') as qrs_spread_ms,
           m.qt_interval as qt_interval_ms, figure(m.details, 'qt_interval', 'spread') as qt_spread_ms,
           figure(m.details, 'qt_interval', 'beats')::integer as qt_beats,
           m.qtc_interval as qtc_bazett_ms, figure(m.details, 'qtc_fridericia', 'value') as qtc_fridericia_ms,
           figure(m.details, 'qtc_framingham', 'value') as qtc_framingham_ms,
           figure(m.details, 'qtc_hodges', 'value') as qtc_hodges_ms,
           figure(m.details, 'p_axis', 'value') as p_axis_degrees, m.qrs_axis as qrs_axis_degrees,
           figure(m.details, 't_axis', 'value') as t_axis_degrees,
           figure(m.details, 'pr_interval', 'resolution') as resolution_ms,
           (m.details ->> 'beats')::integer as beats, (m.details ->> 'normal_beats')::integer as normal_beats,
           (m.details ->> 'ventricular_beats')::integer as ventricular_beats,
           (m.details ->> 'atrial_beats')::integer as atrial_beats,
           (m.details ->> 'p_present')::double precision as p_present
    from metrics m join sessions s using (session_key) where m.source = 'computed';
comment on view v_measurements is 'What the beats of ten seconds measure, each ten seconds. NULL: unknown. Spread: median absolute deviation * 1.4826.';

create or replace view v_lead_measurements as
    select s.session_id, s.user_id, m.time, m.late, l.lead, l.figures ->> 'quality' as quality, m.details ->> 'units' as units,
           f.name, (f.value ->> 0)::double precision as value, (f.value ->> 1)::double precision as spread,
           (f.value ->> 2)::integer as beats,
           (m.details -> 'lead_resolution' ->> f.name)::double precision as resolution
    from metrics m
    join sessions s using (session_key)
    cross join lateral jsonb_each(m.details -> 'leads') as l (lead, figures)
    cross join lateral jsonb_each(l.figures - 'quality') as f (name, value)
    where m.source = 'computed';
comment on view v_lead_measurements is 'Heights (p, q, r, s, r2, s2, t, st_j, st_j60, st_j80), durations and slopes of each lead, in units or ms: one row a figure.';

create or replace view v_episodes as
    select s.session_id, s.user_id, 'episode_' || e.episode_id as episode_id, e.rhythm, e.onset,
           greatest(e.end_time, w.end_time) as end_time, e.open,
           extract(epoch from greatest(e.end_time, w.end_time) - e.onset) as duration_seconds, e.sample, e.beats,
           e.rate_min as rate_min_bpm, e.rate_max as rate_max_bpm, e.rate_mean as rate_mean_bpm, e.late, e.basic
    from episodes e
    join sessions s using (session_key)
    left join lateral (select x.end_time from waveforms x
                       where x.session_key = e.session_key and x.time <= x.received_at + interval '30 seconds'
                       order by x.time desc limit 1) w on e.open
    where e.open or e.end_time > e.onset;
comment on view v_episodes is 'Rhythms from onset to end. One that is open lasts until the end of the signal that is stored.';

create or replace view v_lead_quality as
    select s.session_id, s.user_id, q.lead, q.quality, q.time as from_time,
           coalesce(n.time, s.end_time) as to_time, q.late
    from lead_quality q
    join sessions s using (session_key)
    left join lateral (select x.time from lead_quality x
                       where x.session_key = q.session_key and x.lead = q.lead and x.late = q.late and x.time > q.time
                       order by x.time limit 1) n on true;
comment on view v_lead_quality is 'How well each lead could be read, from when to when (NULL: until now).';

create or replace view v_hrv as
    select s.session_id, s.user_id, h.from_time, h.time, h.intervals, h.beats, h.excluded, h.mean_nn as mean_nn_ms,
           h.mean_heart_rate as mean_heart_rate_bpm, h.sdnn as sdnn_ms, h.rmssd as rmssd_ms, h.sdsd as sdsd_ms, h.nn50,
           h.pnn50 as pnn50_percent, h.triangular_index, h.tinn as tinn_ms, h.total_power as total_power_ms2,
           h.vlf as vlf_ms2, h.lf as lf_ms2, h.hf as hf_ms2, h.lf_nu as lf_nu_percent, h.hf_nu as hf_nu_percent, h.lf_hf,
           h.lf_peak as lf_peak_hz, h.hf_peak as hf_peak_hz, h.sd1 as sd1_ms, h.sd2 as sd2_ms, h.sample_entropy,
           h.dfa_alpha1, h.withheld, h.late
    from hrv h join sessions s using (session_key);
comment on view v_hrv is 'Heart rate variability over five minutes, each minute. NULL: withheld, for the reason that stands beside it.';

create or replace view v_interpretations as
    select s.session_id, s.user_id, i.time, t.place, t.value ->> 'code' as code, t.value ->> 'text' as statement,
           t.value ->> 'group' as statement_group, t.value ->> 'reason' as reason
    from interpretations i
    join sessions s using (session_key)
    cross join lateral jsonb_array_elements(i.statements) with ordinality as t (value, place);
comment on view v_interpretations is 'Statements, unconfirmed, as of the time they last changed: one row a statement.';

create or replace view v_heartbeats as
    select s.user_id, b.time as "timestamp", round(b.heart_rate)::integer as bpm,
           case when b.code in ('V', 'A', 'F', 'S', 'J', 'a', 'E', 'e', 'j') then b.code::text end as anomaly_type
    from beats b join sessions s using (session_key) where b.source = 'computed';
comment on view v_heartbeats is 'Beats in their simplest form: who, when, beats per minute, what was odd about it.';

create or replace view v_health_events as
    select e.event_id, e.user_id, u.full_name, s.session_id, e.time, e.kind, e.severity, e.description, e.source, e.detail
    from health_events e join users u on u.user_id = e.user_id left join sessions s on s.session_key = e.session_key;
comment on view v_health_events is 'Events with the names of patient and session.';

create or replace view v_reports as
    select 'report_' || r.report_key as report_id, r.user_id, s.session_id, r.filename, r.file_size_bytes,
           encode(r.file_sha256, 'hex') as file_sha256, r.created_at, r.report_time, r.patient_name, r.patient_age,
           r.conclusion, r.metrics
    from reports r left join sessions s on s.session_key = r.session_key;
comment on view v_reports is 'Reports, without their files.';

-- A chunk stamped ahead of its arrival says nothing of now: a heart is not live until that time for it.
create or replace view v_patients_now as
    select u.user_id, u.full_name, u.is_virtual, s.session_id, s.status as session_status, s.start_time,
           b.time as last_beat_time, b.heart_rate as heart_rate_bpm, b.rr_ms,
           m.time as last_metrics_time, m.heart_rate as device_heart_rate_bpm,
           w.end_time as last_sample_time,
           case when s.session_id is null then 'never seen'
                when s.status = 'ended' then 'ended'
                when w.end_time > now() - interval '5 seconds' then 'live'
                else 'silent' end as state,
           e.rhythm, e.onset as rhythm_since
    from users u
    left join lateral (select * from sessions x where x.user_id = u.user_id order by x.start_time desc limit 1) s on true
    left join lateral (select * from beats x where x.session_key = s.session_key and x.source = 'computed'
                       order by x.time desc limit 1) b on true
    left join lateral (select * from metrics x where x.session_key = s.session_key and x.source = 'device'
                       order by x.time desc limit 1) m on true
    left join lateral (select * from waveforms x
                       where x.session_key = s.session_key and x.time <= x.received_at + interval '30 seconds'
                       order by x.time desc limit 1) w on true
    left join lateral (select * from episodes x
                       where x.session_key = s.session_key and x.open and not x.late
                         and s.status = 'active' and w.end_time > now() - interval '15 seconds'
                       order by x.basic desc, x.onset desc limit 1) e on true
    where u.role = 'patient' and u.disabled_at is null;
comment on view v_patients_now is 'One row a patient: what is known of the heart at this moment. NULL means unknown.';

grant usage on schema public to heartline_read;
grant select on v_patients, v_sessions, v_session_metrics, v_waveforms, v_waveform_samples, v_beats, v_heartbeats,
    v_health_events, v_reports, v_patients_now, v_measurements, v_lead_measurements, v_episodes, v_lead_quality, v_hrv,
    v_interpretations to heartline_read, heartline_app;
grant execute on function waveform_lead, figure to heartline_read;

-- The one table that no migration makes, for it tells which there were.
comment on table schema_migrations is 'Which files of sql/migrations were applied here. Written by heartline migrate only.';
comment on column schema_migrations.version is 'The number the file name begins with.';
comment on column schema_migrations.name is 'The file name.';
comment on column schema_migrations.sha256 is 'SHA-256 of the file as it was applied: one that has changed since is refused.';
comment on column schema_migrations.applied_at is 'When.';
