-- What the analysis finds besides beats: the waves of each beat, measurements, episodes of rhythm, the quality of each
-- lead, heart rate variability and statements. All of it is written in the transaction that takes the chunk out of the
-- queue, and each table has a key that recognises what is told again.

alter table beats
    add column p_wave         boolean,
    add column p_onset_ms     real,
    add column p_peak_ms      real,
    add column p_end_ms       real,
    add column qrs_onset_ms   real,
    add column qrs_end_ms     real,
    add column t_wave         boolean,
    add column t_onset_ms     real,
    add column t_peak_ms      real,
    add column t_end_ms       real,
    add column pace_spike_ms  real;
comment on column beats.p_wave is 'True: there is a P wave; false: there is none; NULL: that cannot be told.';
comment on column beats.p_onset_ms is 'Milliseconds from the R peak to the earliest onset of P in any lead (negative); NULL when unknown or not there.';
comment on column beats.p_peak_ms is 'Milliseconds from the R peak to the peak of P (negative).';
comment on column beats.p_end_ms is 'Milliseconds from the R peak to the latest end of P in any lead (negative).';
comment on column beats.qrs_onset_ms is 'Milliseconds from the R peak to the earliest onset of the QRS in any lead (negative).';
comment on column beats.qrs_end_ms is 'Milliseconds from the R peak to the latest end of the QRS in any lead: the J point.';
comment on column beats.t_wave is 'True: there is a T wave; false: there is none; NULL: that cannot be told.';
comment on column beats.t_onset_ms is 'Milliseconds from the R peak to the onset of T, where that can be told.';
comment on column beats.t_peak_ms is 'Milliseconds from the R peak to the peak of T.';
comment on column beats.t_end_ms is 'Milliseconds from the R peak to the latest end of T in any lead.';
comment on column beats.pace_spike_ms is 'Milliseconds from the R peak to a pacing spike before it (negative); NULL when there is none.';

alter table metrics add column details jsonb;
comment on column metrics.details is 'Of computed ones: figures with value, spread, beats behind it and resolution; per lead [value, spread, beats]; counts of beats (docs/api.md).';
comment on column metrics.content_hash is 'First 16 bytes of the SHA-256 of the canonical content: recognises a repeat. Of computed ones the word computed: one for each time.';

create sequence episode_id_seq;
create table episodes (
    episode_id  bigint not null default nextval('episode_id_seq'),
    session_key bigint not null references sessions on delete cascade,
    onset       timestamptz not null,
    sample      bigint not null,
    rhythm      text not null check (length(rhythm) between 1 and 100),
    basic       boolean not null,
    end_time    timestamptz not null check (end_time >= onset),
    open        boolean not null,
    beats       integer check (beats >= 0),
    rate_min    real,
    rate_max    real,
    rate_mean   real,
    late        boolean not null default false,
    primary key (session_key, onset, rhythm, late)
) partition by range (onset);
comment on table episodes is 'Rhythms, from their onset to their end. One basic rhythm at a time; what lies upon it (a block, bigeminy, a pause) has rows of its own.';
comment on column episodes.episode_id is 'episode_<this> in the API.';
comment on column episodes.session_key is 'The session it belongs to.';
comment on column episodes.onset is 'When it began.';
comment on column episodes.sample is 'Samples from the session''s first one to the onset.';
comment on column episodes.rhythm is 'A stable word: sinus_rhythm, atrial_fibrillation, ventricular_tachycardia, pause ...';
comment on column episodes.basic is 'True: of these there is one at a time (sinus rhythm, fibrillation); false: it lies upon the basic rhythm (a block, bigeminy, a pause).';
comment on column episodes.end_time is 'When it ended; while it is open, until when it is known to last at least. Equal to the onset: it turned out not to have been.';
comment on column episodes.open is 'True while it goes on.';
comment on column episodes.beats is 'Beats in it; NULL when unknown.';
comment on column episodes.rate_min is 'Lowest heart rate in it, beats per minute; NULL when unknown.';
comment on column episodes.rate_max is 'Highest heart rate in it, beats per minute; NULL when unknown.';
comment on column episodes.rate_mean is 'Mean heart rate in it, beats per minute; NULL when unknown.';
comment on column episodes.late is 'True when it was found in signal that came late, beside the running one.';
create index episodes_open on episodes (session_key) where open;
comment on index episodes_open is 'What goes on now, and what a next life of the worker goes on with.';

create sequence lead_quality_id_seq;
create table lead_quality (
    change_id   bigint not null default nextval('lead_quality_id_seq'),
    session_key bigint not null references sessions on delete cascade,
    time        timestamptz not null,
    lead        text not null check (length(lead) between 1 and 10),
    quality     text not null check (quality in ('unknown', 'good', 'noisy', 'lead_off', 'saturated')),
    late        boolean not null default false,
    primary key (session_key, lead, time, late)
) partition by range (time);
comment on table lead_quality is 'How well each lead can be read: a row for each change; v_lead_quality makes intervals of them.';
comment on column lead_quality.change_id is 'Order of arrival.';
comment on column lead_quality.session_key is 'The session it belongs to.';
comment on column lead_quality.time is 'From here on.';
comment on column lead_quality.lead is 'Name of the lead.';
comment on column lead_quality.quality is 'good; noisy: beats may be found, waves are not measured; lead_off; saturated; unknown.';
comment on column lead_quality.late is 'True when it was found in signal that came late, beside the running one.';

create table hrv (
    session_key      bigint not null references sessions on delete cascade,
    time             timestamptz not null,
    from_time        timestamptz not null,
    intervals        integer not null,
    beats            integer not null,
    excluded         integer not null,
    mean_nn          real,
    mean_heart_rate  real,
    sdnn             real,
    rmssd            real,
    sdsd             real,
    nn50             real,
    pnn50            real,
    triangular_index real,
    tinn             real,
    total_power      real,
    vlf              real,
    lf               real,
    hf               real,
    lf_nu            real,
    hf_nu            real,
    lf_hf            real,
    lf_peak          real,
    hf_peak          real,
    sd1              real,
    sd2              real,
    sample_entropy   real,
    dfa_alpha1       real,
    withheld         text,
    late             boolean not null default false,
    primary key (session_key, time, late)
) partition by range (time);
comment on table hrv is 'Heart rate variability over five minutes, each minute, after the Task Force of 1996: from normal-to-normal intervals only. NULL: withheld.';
comment on column hrv.session_key is 'The session it belongs to.';
comment on column hrv.time is 'End of the five minutes.';
comment on column hrv.from_time is 'Their beginning.';
comment on column hrv.intervals is 'Normal-to-normal intervals that were used.';
comment on column hrv.beats is 'Beats in the window.';
comment on column hrv.excluded is 'Intervals left out, beside ectopic beats and gaps.';
comment on column hrv.mean_nn is 'Mean interval, milliseconds.';
comment on column hrv.mean_heart_rate is 'Beats per minute.';
comment on column hrv.sdnn is 'Standard deviation of the intervals, milliseconds.';
comment on column hrv.rmssd is 'Root mean square of successive differences, milliseconds.';
comment on column hrv.sdsd is 'Standard deviation of successive differences, milliseconds.';
comment on column hrv.nn50 is 'Successive differences of more than 50 ms: how many.';
comment on column hrv.pnn50 is 'The same as a share, percent.';
comment on column hrv.triangular_index is 'Intervals over the height of their histogram; no unit.';
comment on column hrv.tinn is 'Width of the triangle fitted to the histogram, milliseconds.';
comment on column hrv.total_power is 'Variance up to 0.4 Hz, square milliseconds.';
comment on column hrv.vlf is 'Power up to 0.04 Hz, square milliseconds.';
comment on column hrv.lf is 'Power from 0.04 to 0.15 Hz, square milliseconds.';
comment on column hrv.hf is 'Power from 0.15 to 0.4 Hz, square milliseconds.';
comment on column hrv.lf_nu is 'LF in normalised units, percent.';
comment on column hrv.hf_nu is 'HF in normalised units, percent.';
comment on column hrv.lf_hf is 'LF over HF; no unit.';
comment on column hrv.lf_peak is 'Frequency of the LF peak, hertz.';
comment on column hrv.hf_peak is 'Frequency of the HF peak, hertz.';
comment on column hrv.sd1 is 'Width of the Poincaré plot, milliseconds.';
comment on column hrv.sd2 is 'Length of the Poincaré plot, milliseconds.';
comment on column hrv.sample_entropy is 'No unit.';
comment on column hrv.dfa_alpha1 is 'Short-term exponent of detrended fluctuation analysis; no unit.';
comment on column hrv.withheld is 'Why something is NULL; NULL when nothing is.';
comment on column hrv.late is 'True when it was found in signal that came late, beside the running one.';

create table interpretations (
    session_key bigint not null references sessions on delete cascade,
    time        timestamptz not null,
    statements  jsonb not null,
    primary key (session_key, time)
) partition by range (time);
comment on table interpretations is 'What a reader would write under the last ten seconds, unconfirmed: a row each time that changes.';
comment on column interpretations.session_key is 'The session it belongs to.';
comment on column interpretations.time is 'End of the ten seconds.';
comment on column interpretations.statements is 'Array of {code, text, group, reason}; empty when nothing can be said any more.';

-- The same as in 001, for the tables above as well.
create or replace function ensure_partitions(around timestamptz default now()) returns integer
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    parent     text;
    month      date;
    made       integer := 0;
    child      text;
begin
    foreach parent in array array['metrics', 'waveforms', 'beats', 'health_events', 'episodes', 'lead_quality', 'hrv',
                                  'interpretations'] loop
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
select ensure_partitions();

grant usage on sequence episode_id_seq, lead_quality_id_seq to heartline_app;
grant select, insert on lead_quality, hrv, interpretations to heartline_app;
grant select, insert, update on episodes to heartline_app;
grant update (p_wave, p_onset_ms, p_peak_ms, p_end_ms, qrs_onset_ms, qrs_end_ms, t_wave, t_onset_ms, t_peak_ms, t_end_ms,
              pace_spike_ms) on beats to heartline_app;
