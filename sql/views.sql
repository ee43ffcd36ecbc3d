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
           m.sampling_rate as sampling_rate_hz, m.is_recording, m.signal_quality, m.demo_mode, m.extra, m.late
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
           b.heart_rate as heart_rate_bpm
    from beats b join sessions s using (session_key);
comment on view v_beats is 'Every beat with its session.';

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
                else 'silent' end as state
    from users u
    left join lateral (select * from sessions x where x.user_id = u.user_id order by x.start_time desc limit 1) s on true
    left join lateral (select * from beats x where x.session_key = s.session_key and x.source = 'computed'
                       order by x.time desc limit 1) b on true
    left join lateral (select * from metrics x where x.session_key = s.session_key order by x.time desc limit 1) m on true
    left join lateral (select * from waveforms x
                       where x.session_key = s.session_key and x.time <= x.received_at + interval '30 seconds'
                       order by x.time desc limit 1) w on true
    where u.role = 'patient' and u.disabled_at is null;
comment on view v_patients_now is 'One row a patient: what is known of the heart at this moment. NULL means unknown.';

grant usage on schema public to heartline_read;
grant select on v_patients, v_sessions, v_session_metrics, v_waveforms, v_waveform_samples, v_beats, v_heartbeats,
    v_health_events, v_reports, v_patients_now to heartline_read, heartline_app;
grant execute on function waveform_lead to heartline_read;

-- The one table that no migration makes, for it tells which there were.
comment on table schema_migrations is 'Which files of sql/migrations were applied here. Written by heartline migrate only.';
comment on column schema_migrations.version is 'The number the file name begins with.';
comment on column schema_migrations.name is 'The file name.';
comment on column schema_migrations.sha256 is 'SHA-256 of the file as it was applied: one that has changed since is refused.';
comment on column schema_migrations.applied_at is 'When.';
