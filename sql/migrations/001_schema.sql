-- The whole first schema: people, their credentials, recording sessions, what devices measured and sent, what was found
-- in it, and the virtual patients. Time-series tables are partitioned by month of the sample's own time; rows whose
-- month has no partition (very old recordings, devices with a wrong clock) stand in the default partition, never lost.
--
-- Roles are made by whoever makes the cluster: heartline_owner (this script), heartline_app (the workers: rows, never
-- the schema), heartline_read (people in psql: the views of views.sql).

create table users (
    user_id       uuid primary key default gen_random_uuid(),
    full_name     text not null check (length(full_name) between 1 and 200),
    age           integer check (age between 0 and 150),
    gender        text check (length(gender) <= 50),
    phone         text check (length(phone) <= 50),
    address       text check (length(address) <= 1000),
    device_serial text check (length(device_serial) between 1 and 100),
    role          text not null default 'patient' check (role in ('patient', 'clinician', 'admin')),
    is_virtual    boolean not null default false,
    password_hash text,
    created_at    timestamptz not null default now(),
    last_login    timestamptz,
    disabled_at   timestamptz
);
comment on table users is 'Everybody the system knows: patients (real and virtual), clinicians, administrators.';
comment on column users.user_id is 'The id in the API.';
comment on column users.full_name is 'As the person wrote it. Not unique: two people may share a name.';
comment on column users.age is 'Years, as given at registration.';
comment on column users.gender is 'As given at registration.';
comment on column users.phone is 'As given at registration.';
comment on column users.address is 'As given at registration.';
comment on column users.device_serial is 'Serial number of the device this person registered with, if any.';
comment on column users.role is 'patient: sees only itself; clinician: sees patients; admin: everything.';
comment on column users.is_virtual is 'True for a simulated heart. Such a user cannot sign in.';
comment on column users.password_hash is 'Argon2id in PHC string format; NULL when this user cannot sign in.';
comment on column users.created_at is 'When the row was made.';
comment on column users.last_login is 'Last successful sign-in.';
comment on column users.disabled_at is 'When the account was switched off; NULL while it works.';
create index users_by_name on users (lower(full_name));
create index users_by_serial on users (device_serial) where device_serial is not null;

create table tokens (
    token_id   uuid primary key default gen_random_uuid(),
    user_id    uuid not null references users on delete cascade,
    kind       text not null check (kind in ('bearer', 'cookie', 'api_key')),
    key_hash   bytea unique check (length(key_hash) = 32),
    label      text check (length(label) <= 200),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    check ((kind = 'api_key') = (key_hash is not null))
);
comment on table tokens is 'One row for each credential that was handed out, so that each can be revoked.';
comment on column tokens.token_id is 'The jti of a JWT; an id only, for an API key.';
comment on column tokens.user_id is 'Whom the credential stands for.';
comment on column tokens.kind is 'bearer: JWT of a device or program; cookie: JWT of a browser; api_key: X-API-Key.';
comment on column tokens.key_hash is 'SHA-256 of an API key. The key itself is shown once and not kept.';
comment on column tokens.label is 'What the owner calls it.';
comment on column tokens.created_at is 'When it was handed out.';
comment on column tokens.expires_at is 'From here on it is refused.';
comment on column tokens.revoked_at is 'When it was revoked; NULL while it is good.';
create index tokens_by_user on tokens (user_id);

create table sessions (
    session_key        bigint generated always as identity primary key,
    session_id         text not null check (length(session_id) between 1 and 100),
    user_id            uuid not null references users on delete cascade,
    device_serial      text check (length(device_serial) <= 100),
    start_time         timestamptz not null,
    device_start_time  timestamptz,
    end_time           timestamptz check (end_time >= start_time),
    status             text not null default 'active' check (status in ('active', 'ended')),
    origin             text not null default 'device' check (origin in ('device', 'invented', 'virtual', 'import')),
    duration_seconds   double precision check (duration_seconds >= 0),
    average_heart_rate double precision,
    total_heartbeats   bigint check (total_heartbeats >= 0),
    arrhythmias        text[],
    signal_quality     text,
    device_info        jsonb,
    summary            jsonb,
    created_at         timestamptz not null default now(),
    unique (user_id, session_id)
);
comment on table sessions is 'A recording: one device (or simulator, or imported file) on one person for a while.';
comment on column sessions.session_key is 'Short key for the tables that refer to a session; never leaves the database.';
comment on column sessions.session_id is 'The id in the API (session_..., or what an offline client invented). Unique per user.';
comment on column sessions.user_id is 'Whose heart it is.';
comment on column sessions.device_serial is 'Serial number of the device.';
comment on column sessions.start_time is 'When it began.';
comment on column sessions.device_start_time is 'The start as the device stated it; with device and user it makes a repeated start recognisable.';
comment on column sessions.end_time is 'When it ended; NULL while it runs.';
comment on column sessions.status is 'active or ended.';
comment on column sessions.origin is 'device: started through the API; invented: an offline client made up the id; virtual: simulator; import: a file.';
comment on column sessions.duration_seconds is 'Seconds, as the device summed them up at the end.';
comment on column sessions.average_heart_rate is 'Beats per minute, as the device summed them up.';
comment on column sessions.total_heartbeats is 'Beats, as the device summed them up.';
comment on column sessions.arrhythmias is 'Arrhythmias the device says it detected.';
comment on column sessions.signal_quality is 'As the device stated it.';
comment on column sessions.device_info is 'What the device said of itself at the start (os, app_version, sampling_rate ...).';
comment on column sessions.summary is 'The whole summary the device sent at the end.';
comment on column sessions.created_at is 'When the server first heard of it.';
create index sessions_by_user on sessions (user_id, start_time desc);
create unique index sessions_by_device_start on sessions (user_id, device_serial, device_start_time)
    where device_start_time is not null;

create sequence metric_id_seq;
create table metrics (
    metric_id      bigint not null default nextval('metric_id_seq'),
    session_key    bigint not null references sessions on delete cascade,
    time           timestamptz not null,
    received_at    timestamptz not null default clock_timestamp(),
    source         text not null default 'device' check (source in ('device', 'computed')),
    heart_rate     real check (heart_rate between 0 and 1000),
    pr_interval    real,
    qrs_duration   real,
    qrs_axis       real check (qrs_axis between -360 and 360),
    st_segment     real,
    qt_interval    real,
    qtc_interval   real,
    hrv            real,
    rr_interval    real,
    sampling_rate  double precision check (sampling_rate > 0),
    is_recording   boolean,
    signal_quality text,
    demo_mode      boolean,
    extra          jsonb,
    late           boolean not null default false,
    content_hash   bytea not null,
    primary key (metric_id, time),
    unique (session_key, time, content_hash)
) partition by range (time);
comment on table metrics is 'Numbers a device reports every second or two, and those computed here, told apart by source.';
comment on column metrics.metric_id is 'metric_<this> in the API.';
comment on column metrics.session_key is 'The session it belongs to.';
comment on column metrics.time is 'The device''s own time of the measurement.';
comment on column metrics.received_at is 'The server''s time of arrival.';
comment on column metrics.source is 'device: reported; computed: measured here from the waveform.';
comment on column metrics.heart_rate is 'Beats per minute.';
comment on column metrics.pr_interval is 'Milliseconds from P onset to QRS onset.';
comment on column metrics.qrs_duration is 'Milliseconds.';
comment on column metrics.qrs_axis is 'Degrees in the frontal plane.';
comment on column metrics.st_segment is 'ST level in the device''s own normalised units.';
comment on column metrics.qt_interval is 'Milliseconds.';
comment on column metrics.qtc_interval is 'Milliseconds, corrected by Bazett''s formula unless the device says otherwise.';
comment on column metrics.hrv is 'Heart rate variability as the device defines it, milliseconds.';
comment on column metrics.rr_interval is 'Milliseconds between the last two beats.';
comment on column metrics.sampling_rate is 'Hertz; a real number.';
comment on column metrics.is_recording is 'Device status at that time.';
comment on column metrics.signal_quality is 'Device status at that time.';
comment on column metrics.demo_mode is 'Device status at that time: true when its signal is synthetic.';
comment on column metrics.extra is 'Metrics and status fields that have no column, as sent.';
comment on column metrics.late is 'True when it arrived long after its time (an offline client catching up).';
comment on column metrics.content_hash is 'First 16 bytes of the SHA-256 of the canonical content: recognises a repeat.';

create sequence waveform_id_seq;
create table waveforms (
    waveform_id    bigint not null default nextval('waveform_id_seq'),
    session_key    bigint not null references sessions on delete cascade,
    time           timestamptz not null,
    end_time       timestamptz not null check (end_time >= time),
    received_at    timestamptz not null default clock_timestamp(),
    sampling_rate  double precision not null check (sampling_rate > 0),
    units          text not null check (units in ('mV', 'adu')),
    gain           double precision check (gain > 0),
    baseline       double precision,
    leads          text[] not null check (cardinality(leads) >= 1),
    sample_count   integer not null check (sample_count >= 1),
    encoding       smallint not null check (encoding = 1),
    samples        bytea not null,
    late           boolean not null default false,
    time_uncertain boolean not null default false,
    content_hash   bytea not null,
    primary key (waveform_id, time),
    unique (session_key, time, content_hash)
) partition by range (time);
comment on table waveforms is 'Chunks of signal as they arrived, lossless; read them through v_waveform_samples.';
comment on column waveforms.waveform_id is 'waveform_<this> in the API.';
comment on column waveforms.session_key is 'The session it belongs to.';
comment on column waveforms.time is 'Time of the first sample, by the device''s clock.';
comment on column waveforms.end_time is 'One sampling interval after the last sample.';
comment on column waveforms.received_at is 'The server''s time of arrival.';
comment on column waveforms.sampling_rate is 'Hertz; a real number (443.34 occurs).';
comment on column waveforms.units is 'mV, or adu: raw converter counts.';
comment on column waveforms.gain is 'For adu: counts per millivolt when the device declared them; NULL means uncalibrated.';
comment on column waveforms.baseline is 'For adu: the count that means 0 mV.';
comment on column waveforms.leads is 'Lead names in the order of the encoded samples.';
comment on column waveforms.sample_count is 'Samples of each lead.';
comment on column waveforms.encoding is 'How samples is packed; 1 = decimal delta varints or raw float32 per lead (lib/store/samples.h).';
comment on column waveforms.samples is 'All leads, packed.';
comment on column waveforms.late is 'True when it arrived long after its time.';
comment on column waveforms.time_uncertain is 'True when its time is not believable (it overlaps another chunk, or came faster than real time).';
comment on column waveforms.content_hash is 'First 16 bytes of the SHA-256 of rate, units, leads and packed samples: recognises a repeat.';

create table analysis_queue (
    waveform_id bigint primary key,
    time        timestamptz not null,
    session_key bigint not null references sessions on delete cascade
);
comment on table analysis_queue is 'Chunks that are stored and not yet analysed. Written with the chunk, deleted with its results, each in one transaction, so that ids that commit out of order are never passed over.';
comment on column analysis_queue.waveform_id is 'The chunk.';
comment on column analysis_queue.time is 'Its time, which finds the partition.';
comment on column analysis_queue.session_key is 'Its session.';

create table beats (
    session_key bigint not null references sessions on delete cascade,
    time        timestamptz not null,
    source      text not null default 'computed' check (source in ('computed', 'truth', 'device', 'reference')),
    sample      bigint not null,
    code        "char" not null,
    lead        text,
    amplitude   real,
    rr_ms       real check (rr_ms > 0),
    heart_rate  real check (heart_rate > 0),
    primary key (session_key, time, source)
) partition by range (time);
comment on table beats is 'Every heart beat, at its R peak.';
comment on column beats.session_key is 'The session it belongs to.';
comment on column beats.time is 'Time of the R peak.';
comment on column beats.source is 'computed: found here; truth: known to the simulator; device: reported; reference: an expert''s annotation.';
comment on column beats.sample is 'Samples since the session''s first sample.';
comment on column beats.code is 'MIT-BIH beat code (N, V, A ...); Q = not classified.';
comment on column beats.lead is 'The lead the peak was located on.';
comment on column beats.amplitude is 'Amplitude of the peak on that lead, in the session''s units.';
comment on column beats.rr_ms is 'Milliseconds since the beat before; NULL when there is none (first beat, after a gap).';
comment on column beats.heart_rate is 'Beats per minute over the last 12 RR intervals (4 when slow); NULL when unknown.';

create sequence health_event_id_seq;
create table health_events (
    event_id    bigint not null default nextval('health_event_id_seq'),
    user_id     uuid not null references users on delete cascade,
    session_key bigint references sessions on delete cascade,
    time        timestamptz not null,
    kind        text not null check (length(kind) between 1 and 100),
    severity    text check (length(severity) <= 50),
    description text check (length(description) <= 2000),
    source      text not null default 'computed' check (source in ('computed', 'truth', 'device', 'person')),
    detail      jsonb,
    primary key (event_id, time)
) partition by range (time);
comment on table health_events is 'What happened to a heart and is worth a line: anomalies found, reported or injected.';
comment on column health_events.event_id is 'Identity of the event.';
comment on column health_events.user_id is 'Whose heart.';
comment on column health_events.session_key is 'During which session, when there was one.';
comment on column health_events.time is 'When it happened.';
comment on column health_events.kind is 'A stable word: PVC, PAC, anomaly_injected ...';
comment on column health_events.severity is 'As stated by the source.';
comment on column health_events.description is 'For people.';
comment on column health_events.source is 'computed: found here; truth: made by the simulator; device: reported; person: entered.';
comment on column health_events.detail is 'Everything else that came with it.';
create index health_events_by_user on health_events (user_id, time desc);

create table reports (
    report_key      bigint generated always as identity primary key,
    user_id         uuid not null references users on delete cascade,
    session_key     bigint references sessions on delete set null,
    uploaded_by     uuid references users on delete set null,
    filename        text not null check (length(filename) between 1 and 255),
    file_sha256     bytea not null check (length(file_sha256) = 32),
    file_size_bytes bigint not null check (file_size_bytes > 0),
    created_at      timestamptz not null default now(),
    report_time     timestamptz,
    patient_name    text,
    patient_age     integer,
    conclusion      text,
    metrics         jsonb,
    metadata        jsonb,
    unique nulls not distinct (user_id, session_key, file_sha256)
);
comment on table reports is 'PDF reports. The file itself lies in the reports folder under the name of its SHA-256.';
comment on column reports.report_key is 'report_<this> in the API.';
comment on column reports.user_id is 'Whose report.';
comment on column reports.session_key is 'About which session, when it says so.';
comment on column reports.uploaded_by is 'Who sent it.';
comment on column reports.filename is 'The name it is offered under; chosen from the metadata, made safe.';
comment on column reports.file_sha256 is 'SHA-256 of the file: its place on disk and its identity.';
comment on column reports.file_size_bytes is 'Bytes.';
comment on column reports.created_at is 'When it arrived.';
comment on column reports.report_time is 'When the device made it.';
comment on column reports.patient_name is 'As printed on it.';
comment on column reports.patient_age is 'Years, as printed on it.';
comment on column reports.conclusion is 'As printed on it.';
comment on column reports.metrics is 'The metrics printed on it.';
comment on column reports.metadata is 'The whole metadata as sent.';
create index reports_by_session on reports (session_key) where session_key is not null;
create index reports_by_user on reports (user_id, created_at desc);

create table virtual_patients (
    user_id        uuid primary key references users on delete cascade,
    session_key    bigint not null references sessions on delete cascade,
    seed           bigint not null,
    heart_rate_bpm double precision not null check (heart_rate_bpm between 30 and 220),
    created_by     uuid references users on delete set null,
    created_at     timestamptz not null default now(),
    removed_at     timestamptz
);
comment on table virtual_patients is 'Simulated hearts that live runs until they are removed.';
comment on column virtual_patients.user_id is 'The patient, as any other.';
comment on column virtual_patients.session_key is 'The session its signal is stored in.';
comment on column virtual_patients.seed is 'Seed of the simulation.';
comment on column virtual_patients.heart_rate_bpm is 'Resting heart rate, beats per minute.';
comment on column virtual_patients.created_by is 'Who asked for it.';
comment on column virtual_patients.created_at is 'When.';
comment on column virtual_patients.removed_at is 'When it was removed; its history stays.';

create table virtual_commands (
    command_id   bigint generated always as identity primary key,
    user_id      uuid not null references users on delete cascade,
    anomaly      text not null check (length(anomaly) between 1 and 50),
    requested_by uuid references users on delete set null,
    requested_at timestamptz not null default clock_timestamp(),
    applied_at   timestamptz
);
comment on table virtual_commands is 'Anomalies asked for, until the simulator has taken them, and after that their history.';
comment on column virtual_commands.command_id is 'Order of arrival.';
comment on column virtual_commands.user_id is 'The virtual patient.';
comment on column virtual_commands.anomaly is 'Name of the anomaly: PVC, PAC.';
comment on column virtual_commands.requested_by is 'Who asked.';
comment on column virtual_commands.requested_at is 'When.';
comment on column virtual_commands.applied_at is 'When the simulator took it; NULL until then.';
create index virtual_commands_waiting on virtual_commands (command_id) where applied_at is null;

-- Monthly partitions. The workers may call this and nothing else that changes the schema.
create function ensure_partitions(around timestamptz default now()) returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    parent     text;
    month      date;
    made       integer := 0;
    child      text;
begin
    foreach parent in array array['metrics', 'waveforms', 'beats', 'health_events'] loop
        if to_regclass(parent || '_default') is null then
            execute format('create table %I partition of %I default', parent || '_default', parent);
        end if;
        for offset_months in -1 .. 2 loop
            month := date_trunc('month', around at time zone 'UTC')::date + make_interval(months => offset_months);
            child := parent || '_' || to_char(month, 'YYYY_MM');
            continue when to_regclass(child) is not null;
            begin
                execute format('create table %I partition of %I for values from (%L) to (%L)', child, parent,
                               to_char(month, 'YYYY-MM-DD') || ' 00:00+00',
                               to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00+00');
                made := made + 1;
            exception when check_violation then
                -- The default partition already holds rows of that month; they are served from there.
                null;
            end;
        end loop;
    end loop;
    return made;
end
$$;
comment on function ensure_partitions is 'Makes the monthly partitions from one month back to two ahead; returns how many were new.';
revoke all on function ensure_partitions from public;
select ensure_partitions();

alter table waveforms alter column samples set storage external;

grant usage on all sequences in schema public to heartline_app;
grant select, insert, update on users, tokens, sessions, reports, virtual_patients, virtual_commands to heartline_app;
grant select, insert on metrics, health_events to heartline_app;
grant select, insert, update, delete on waveforms to heartline_app;
grant select, insert, delete on beats to heartline_app;
grant select, insert, delete on analysis_queue to heartline_app;
grant execute on function ensure_partitions to heartline_app;
