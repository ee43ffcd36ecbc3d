/* Ingest: what devices uploaded goes through the analysis, into the database, and to the streams.

A chunk is stored and waits in the queue; so its samples may be told at once. Its beats are told when they are stored,
and they are stored together with taking the chunk out of the queue. When the database goes away between the two, the
results wait here and are stored later: a chunk is never fed twice in one life. In the next life the session's analysis
is primed with the seconds before, and beats that are stored already are not told again.

What came late, or waited in the queue for long, or belongs to a session that has ended, is analysed and stored all the
same, but it is not drawn as live. Neither is a chunk that is stamped more than 30 s ahead of its arrival: its
time cannot be true, and believing it would make everything late that comes before that time. (The API
calls late what is as far behind.) */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/id_cursor.h"
#include "base/log.h"
#include "live.h"
#include "live_bell.h"
#include "live_feeds.h"
#include "live_findings.h"
#include "service/findings.h"
#include "store/analysis.h"
#include "store/live_state.h"
#include "store/results.h"

enum {
    BATCH_CHUNKS = 16,
    LOOK_MS = 1000,
    METRICS_MS = 10, /* between two looks for metrics: a look costs as much as storing a post, and may bring many */
    RETRY_MS = 500,
    HISTORY_US = 10 * 1000000, /* shown of the past at start */
    PRIME_US = 8 * 1000000,    /* what an analysis needs of the past */
    LIVE_US = 10 * 1000000,    /* a chunk that waited longer is of the past */
    HOLE_US = 2 * 1000000,
    AHEAD_US = 30 * 1000000, /* the statements on the past of a session say so too */
    IDLE_US = 600 * 1000000,
    ACTIVE_MAX = 100000,
};
#define SHOWN_US (INT64_C(3600) * 1000000) /* an older strip is not shown at start */

struct ingest {
    struct live *live;
    struct db *db;
    struct arena *arena;
    struct feeds feeds;
    struct id_cursor sessions, metrics;
    int64_t turn;    /* the queue goes on with the sessions above this key */
    int64_t *active; /* room for ACTIVE_MAX keys */
    int64_t next_look_us, next_prune_us;
    int64_t next_metrics_us; /* no look for metrics before */
    bool metrics_rung;       /* since the last look for them */

    /* results that are not stored yet */
    int64_t done[2 * BATCH_CHUNKS];
    size_t done_count;
    struct results results;
    struct buf row;                /* the one that is being made */
    struct news *held, **held_end; /* told when the results are stored; linked by mail.next */

    struct wire_owner shown; /* whose beats are being loaded */

    /* of the chunk that is being fed */
    struct feed *feed;
    bool is_live;
};

/* ---- telling ---- */

static void hold(struct ingest *ingest, struct news *news)
{
    if (!news)
        return;
    *ingest->held_end = news;
    ingest->held_end = (struct news **)(void *)&news->mail.next;
}

static struct news *take_held(struct ingest *ingest)
{
    struct news *first = ingest->held;
    ingest->held = NULL;
    ingest->held_end = &ingest->held;
    return first;
}

static void tell_held(struct ingest *ingest)
{
    for (struct news *news = take_held(ingest), *next; news; news = next) {
        next = (struct news *)(void *)news->mail.next;
        stream_server_post(ingest->live->server, news);
    }
}

static void tell_patient(struct ingest *ingest, const struct live_session *session)
{
    struct news *news =
        news_new_text(NEWS_PATIENT, session->patient, session->session_id, session->start_us, session->name);
    if (!news)
        return;
    news->info.is_virtual = session->is_virtual;
    news->info.active = session->active;
    news->info.last_signal_us = session->last_signal_us;
    stream_server_post(ingest->live->server, news);
}

static void tell_history(struct ingest *ingest, struct news *news)
{
    if (news)
        news->history = true;
    stream_server_post(ingest->live->server, news);
}

static void on_beat(void *context, const struct monitor_beat *beat)
{
    struct ingest *ingest = context;
    results_add_beat(&ingest->results, &(struct stored_beat){
                                           .session_key = ingest->feed->session_key,
                                           .time_us = beat->time_us,
                                           .n = beat->n,
                                           .source = "computed",
                                           .code = beat->code,
                                           .lead = beat->lead,
                                           .amplitude = (double)beat->amplitude,
                                           .rr_ms = beat->rr_ms,
                                           .heart_rate_bpm = beat->heart_rate_bpm,
                                       });
    if (ingest->is_live)
        hold(ingest, wire_beat(&ingest->feed->owner, beat, NULL));
}

static void on_vitals(void *context, const struct monitor_vitals *vitals)
{
    struct ingest *ingest = context;
    if (ingest->is_live)
        hold(ingest, wire_vitals(&ingest->feed->owner, vitals));
}

static void on_waves(void *context, const struct monitor_waves *told)
{
    struct ingest *ingest = context;
    struct stored_waves waves = stored_waves_of(told->waves);
    results_add_waves(&ingest->results, ingest->feed->session_key, told->time_us, &waves);
}

/* The row that was just made; a row that could not be made is a loss as that of a beat. */
static void add_row(struct ingest *ingest, enum finding kind)
{
    ingest->results.failed = ingest->results.failed || !buf_ok(&ingest->row);
    results_add(&ingest->results, kind, ingest->row.data, ingest->row.length);
}

static void on_measurements(void *context, const struct monitor_measurements *told)
{
    struct ingest *ingest = context;
    finding_row_measurements(&ingest->row, ingest->feed->session_key, told);
    add_row(ingest, FINDING_MEASUREMENTS);
    if (ingest->is_live && !told->beside)
        hold(ingest, wire_measurements(&ingest->feed->owner, told, &ingest->row));
}

static void on_hrv(void *context, const struct monitor_hrv *told)
{
    struct ingest *ingest = context;
    finding_row_hrv(&ingest->row, ingest->feed->session_key, told);
    add_row(ingest, FINDING_HRV);
    if (ingest->is_live && !told->beside)
        hold(ingest, wire_hrv(&ingest->feed->owner, told, &ingest->row));
}

static void on_episode(void *context, const struct monitor_episode *told)
{
    struct ingest *ingest = context;
    finding_row_episode(&ingest->row, ingest->feed->session_key, told);
    add_row(ingest, FINDING_EPISODE);
    if (ingest->is_live && !told->beside)
        hold(ingest, wire_episode(&ingest->feed->owner, told, &ingest->row));
}

static void on_quality(void *context, const struct monitor_quality *told)
{
    struct ingest *ingest = context;
    finding_row_quality(&ingest->row, ingest->feed->session_key, told);
    add_row(ingest, FINDING_QUALITY);
    if (ingest->is_live && !told->beside)
        hold(ingest, wire_quality(&ingest->feed->owner, told));
}

static void on_interpretation(void *context, const struct monitor_interpretation *told)
{
    struct ingest *ingest = context;
    finding_row_interpretation(&ingest->row, ingest->feed->session_key, told);
    add_row(ingest, FINDING_INTERPRETATION);
    if (ingest->is_live)
        hold(ingest, wire_interpretation(&ingest->feed->owner, told, &ingest->row));
}

static struct monitor_sink sink_of(struct ingest *ingest)
{
    return (struct monitor_sink){
        .context = ingest,
        .beat = on_beat,
        .vitals = on_vitals,
        .waves = on_waves,
        .measurements = on_measurements,
        .hrv = on_hrv,
        .episode = on_episode,
        .quality = on_quality,
        .interpretation = on_interpretation,
    };
}

/* ---- sessions ---- */

static void meet_session(void *context, const struct live_session *session)
{
    struct ingest *ingest = context;
    id_cursor_see(&ingest->sessions, session->session_key);
    if (feeds_find(&ingest->feeds, session->session_key))
        return;
    struct feed *feed = feeds_add(&ingest->feeds, session->session_key, session->patient, session->session_id);
    if (!feed)
        return;
    feed->active = session->active;
    feed->person.age_years = session->age_years;
    feed->person.sex = findings_sex_of(session->gender);
    feed->used_us = clock_monotonic_us();
    tell_patient(ingest, session);
}

static hl_result find_feed(struct ingest *ingest, int64_t session_key, struct feed **out)
{
    *out = feeds_find(&ingest->feeds, session_key);
    if (*out)
        return HL_OK;
    hl_result code = live_session(ingest->db, session_key, meet_session, ingest);
    *out = feeds_find(&ingest->feeds, session_key);
    return code == HL_OK && !*out ? HL_NO_MEMORY : code;
}

static hl_result look_for_sessions(struct ingest *ingest)
{
    hl_result code = live_sessions_after(ingest->db, ingest->sessions.low, meet_session, ingest);
    if (code == HL_OK)
        id_cursor_settle(&ingest->sessions, clock_monotonic_us(), HOLE_US);
    return code;
}

/* Nothing more comes for now: what is pending is told, what is open ends. */
static void flush_feed(struct ingest *ingest, struct feed *feed, bool is_live)
{
    struct monitor_sink sink = sink_of(ingest);
    ingest->feed = feed;
    ingest->is_live = is_live;
    feed->fed = false;
    if (feed->monitor)
        monitor_flush(feed->monitor, &sink);
}

static void session_ended(void *context, int64_t session_key, int64_t end_us)
{
    struct ingest *ingest = context;
    struct feed *feed = feeds_find(&ingest->feeds, session_key);
    if (!feed)
        return;
    bool was_active = feed->active;
    feed->active = false;
    flush_feed(ingest, feed, was_active);
    results_end_session(&ingest->results, session_key);
    int64_t time_us = end_us == DB_NO_TIME ? clock_now_us() : end_us;
    if (was_active)
        hold(ingest, news_new(NEWS_ENDED, feed->owner.patient, feed->owner.session, time_us, 0));
}

/* ---- results ---- */

static bool has_results(const struct ingest *ingest)
{
    return ingest->done_count > 0 || !results_empty(&ingest->results) || ingest->held;
}

/* What was found and is lost cannot be found again in this life. */
static void insist_on_results(const struct ingest *ingest)
{
    if (results_ok(&ingest->results))
        return;
    log_error("out of memory: results are lost; the next life analyses their chunks again");
    exit(1);
}

static hl_result store_results(struct ingest *ingest)
{
    insist_on_results(ingest);
    if (!has_results(ingest))
        return HL_OK;
    hl_result code = HL_OK;
    if (ingest->done_count > 0 || !results_empty(&ingest->results))
        code = results_done(ingest->db, ingest->done, ingest->done_count, &ingest->results);
    if (code == HL_UNAVAILABLE || code == HL_NO_MEMORY)
        return code;
    if (code != HL_OK) { /* one row that the schema refuses must not hold up all others for ever */
        log_error("the results of %zu chunks are refused by the database: %s", ingest->done_count,
                  db_last_error(ingest->db));
        results_clear(&ingest->results);
        code = results_done(ingest->db, ingest->done, ingest->done_count, &ingest->results);
        if (code != HL_OK)
            return code;
    }
    ingest->done_count = 0;
    results_clear(&ingest->results);
    tell_held(ingest);
    return HL_OK;
}

/* ---- chunks ---- */

static void know(void *context, const struct analysis_finding *finding)
{
    finding_known(context, finding);
}

static struct monitor_past past_of(const struct analysis_past *past, const struct monitor_known *known)
{
    bool has_beat = past->last_beat_us != DB_NO_TIME;
    return (struct monitor_past){
        .anchor_us = has_beat ? past->last_beat_us : past->first_us,
        .anchor_n = has_beat ? past->last_beat_n : 0,
        .end_us = past->end_us,
        .last_beat_us = past->last_beat_us,
        .known = known,
    };
}

/* A monitor that goes on where the last life stopped. */
static hl_result new_monitor(struct ingest *ingest, struct feed *feed, struct monitor_past *past)
{
    struct analysis_past stored;
    struct monitor_known known = {0};
    hl_result code = analysis_past(ingest->db, feed->session_key, &stored);
    if (code == HL_OK && stored.end_us != DB_NO_TIME)
        code = analysis_findings_past(ingest->db, feed->session_key, stored.end_us, know, &known);
    if (code != HL_OK)
        return code;
    *past = past_of(&stored, &known);
    code = monitor_new(past, &feed->monitor);
    if (code == HL_OK)
        monitor_set_person(feed->monitor, &feed->person);
    past->known = NULL;
    return code;
}

static hl_result prime(struct ingest *ingest, struct feed *feed, int64_t from_us, int64_t until_us, bool show)
{
    struct analysis_chunk *chunks;
    size_t count;
    struct monitor_fed fed;
    struct monitor_sink sink = sink_of(ingest);
    hl_result code = analysis_before(ingest->db, ingest->arena, feed->session_key, from_us, until_us, &chunks, &count);
    ingest->feed = feed;
    ingest->is_live = false;
    for (size_t i = 0; code == HL_OK && i < count; i++) {
        if (!chunks[i].readable)
            continue;
        code = monitor_prime(feed->monitor, &chunks[i].chunk, &sink, &fed);
        if (show && code == HL_OK)
            tell_history(ingest, wire_ecg(&feed->owner, &chunks[i].chunk, fed.n));
    }
    return code;
}

/* The monitor of a session that is new here, or was in another life. */
static hl_result open_monitor(struct ingest *ingest, struct feed *feed, int64_t start_us)
{
    struct monitor_past past;
    hl_result code = new_monitor(ingest, feed, &past);
    if (code == HL_OK && past.end_us != MONITOR_NO_TIME && start_us > past.end_us - PRIME_US &&
        start_us < past.end_us + PRIME_US)
        code = prime(ingest, feed, past.end_us - PRIME_US, past.end_us, false);
    if (code != HL_OK) {
        monitor_free(feed->monitor);
        feed->monitor = NULL;
    }
    return code;
}

static bool is_ahead(const struct analysis_chunk *chunk)
{
    return chunk->chunk.start_us > chunk->received_us + AHEAD_US;
}

static bool may_be_live(const struct feed *feed, const struct analysis_chunk *chunk)
{
    return feed->active && !chunk->late && clock_now_us() - chunk->received_us < LIVE_US &&
           !monitor_is_late(feed->monitor, &chunk->chunk);
}

/* Said once a session: a device with a wrong clock goes on having it. */
static void log_ahead(struct feed *feed, const struct analysis_chunk *chunk)
{
    if (!feed->ahead_logged)
        log_warning("chunk %lld of session %s is stamped %.0f s ahead of its arrival: it is not shown as live",
                    (long long)chunk->waveform_id, feed->owner.session,
                    (double)(chunk->chunk.start_us - chunk->received_us) / 1e6);
    feed->ahead_logged = true;
}

static hl_result feed_ahead(struct ingest *ingest, struct feed *feed, const struct analysis_chunk *chunk)
{
    struct monitor_fed fed;
    struct monitor_sink sink = sink_of(ingest);
    ingest->feed = feed;
    ingest->is_live = false;
    log_ahead(feed, chunk);
    return monitor_feed_beside(feed->monitor, &chunk->chunk, &sink, &fed);
}

static hl_result feed_chunk(struct ingest *ingest, struct feed *feed, const struct analysis_chunk *chunk)
{
    struct monitor_fed fed;
    struct monitor_sink sink = sink_of(ingest);
    ingest->feed = feed;
    ingest->is_live = may_be_live(feed, chunk);
    hl_result code = monitor_feed(feed->monitor, &chunk->chunk, &sink, &fed);
    if (code == HL_OK && ingest->is_live)
        stream_server_post(ingest->live->server, wire_ecg(&feed->owner, &chunk->chunk, fed.n));
    return code;
}

static hl_result take_chunk(struct ingest *ingest, const struct analysis_chunk *chunk)
{
    struct feed *feed;
    hl_result code = find_feed(ingest, chunk->session_key, &feed);
    if (code == HL_NOT_FOUND || (code == HL_OK && !chunk->readable)) {
        log_error("chunk %lld of session %s cannot be read, and is not analysed", (long long)chunk->waveform_id,
                  chunk->session_id);
        code = HL_OK;
    } else if (code == HL_OK) {
        feed->used_us = clock_monotonic_us();
        feed->fed = true;
        if (!feed->monitor)
            code = open_monitor(ingest, feed, chunk->chunk.start_us);
        if (code == HL_OK)
            code = is_ahead(chunk) ? feed_ahead(ingest, feed, chunk) : feed_chunk(ingest, feed, chunk);
    }
    if (code == HL_OK)
        ingest->done[ingest->done_count++] = chunk->waveform_id;
    return code;
}

/* The sessions take turns. When fewer than were asked for are left above the last one, it begins from the front. */
static hl_result next_in_turn(struct ingest *ingest, struct analysis_chunk **chunks, size_t *count)
{
    hl_result code = analysis_waiting(ingest->db, ingest->arena, BATCH_CHUNKS, ingest->turn, chunks, count);
    if (code == HL_OK && *count == 0 && ingest->turn > 0) {
        ingest->turn = 0;
        code = analysis_waiting(ingest->db, ingest->arena, BATCH_CHUNKS, 0, chunks, count);
    }
    size_t sessions = 0;
    for (size_t i = 0; code == HL_OK && i < *count; i++)
        sessions += i == 0 || (*chunks)[i].session_key != (*chunks)[i - 1].session_key;
    ingest->turn = sessions == BATCH_CHUNKS ? (*chunks)[*count - 1].session_key : 0;
    return code;
}

/* Takes one batch of the queue; *more says whether it may hold another. */
static hl_result work_off(struct ingest *ingest, bool *more)
{
    struct analysis_chunk *chunks;
    size_t count = 0;
    *more = false;
    hl_result code = store_results(ingest);
    arena_reset(ingest->arena);
    if (code == HL_OK)
        code = next_in_turn(ingest, &chunks, &count);
    for (size_t i = 0; code == HL_OK && i < count; i++)
        code = take_chunk(ingest, &chunks[i]);
    hl_result stored = store_results(ingest);
    *more = code == HL_OK && stored == HL_OK && count > 1;
    return code != HL_OK ? code : stored;
}

/* ---- what devices report ---- */

static void take_metrics(void *context, const struct live_metrics *metrics)
{
    struct ingest *ingest = context;
    struct feed *feed;
    if (!id_cursor_see(&ingest->metrics, metrics->metric_id) || metrics->late ||
        find_feed(ingest, metrics->session_key, &feed) != HL_OK)
        return;
    size_t length = metrics->json ? strlen(metrics->json) : 0;
    char *members = length >= 2 ? strndup(metrics->json + 1, length - 2) : NULL;
    struct news *news =
        news_new_text(NEWS_VITALS, feed->owner.patient, feed->owner.session, metrics->time_us, members ? members : "");
    free(members);
    if (!news)
        return;
    news->vitals.from_device = true;
    news->vitals.heart_rate_bpm = metrics->heart_rate_bpm;
    news->vitals.rr_ms = metrics->rr_ms;
    stream_server_post(ingest->live->server, news);
}

static hl_result look_for_metrics(struct ingest *ingest)
{
    hl_result code = live_metrics_after(ingest->db, ingest->metrics.low, take_metrics, ingest);
    if (code == HL_OK)
        id_cursor_settle(&ingest->metrics, clock_monotonic_us(), HOLE_US);
    return code;
}

static hl_result look_for_ends(struct ingest *ingest)
{
    size_t count = feeds_busy(&ingest->feeds, ingest->active, ACTIVE_MAX);
    if (count == 0)
        return HL_OK;
    hl_result code = live_ended(ingest->db, ingest->active, count, session_ended, ingest);
    return code == HL_OK ? store_results(ingest) : code;
}

/* ---- the start ---- */

/* A session whose last seconds are shown at start. */
struct strip {
    int64_t session_key, start_us, last_us;
    bool is_virtual;
    char patient[NEWS_PATIENT_SIZE], session[NEWS_SESSION_SIZE];
};

enum { STRIPS_MAX = 128 }; /* each takes some ten milliseconds, and the queue waits for them */

struct loading {
    struct ingest *ingest;
    struct strip *strips; /* room for STRIPS_MAX */
    size_t count;
};

static void load_patient(void *context, const struct live_session *session)
{
    struct loading *loading = context;
    struct ingest *ingest = loading->ingest;
    if (session->is_virtual)
        tell_patient(ingest, session);
    else
        meet_session(ingest, session);
    if (session->last_signal_us == DB_NO_TIME || clock_now_us() - session->last_signal_us > SHOWN_US ||
        loading->count == STRIPS_MAX)
        return;
    struct strip *strip = &loading->strips[loading->count++];
    *strip = (struct strip){.session_key = session->session_key,
                            .start_us = session->start_us,
                            .last_us = session->last_signal_us,
                            .is_virtual = session->is_virtual};
    snprintf(strip->patient, sizeof strip->patient, "%s", session->patient);
    snprintf(strip->session, sizeof strip->session, "%s", session->session_id);
}

static void show_beat(void *context, const struct analysis_beat *stored)
{
    struct ingest *ingest = context;
    struct monitor_beat beat = {.time_us = stored->time_us,
                                .n = stored->n,
                                .code = stored->code,
                                .rr_ms = stored->rr_ms,
                                .heart_rate_bpm = NAN};
    tell_history(ingest, wire_beat(&ingest->shown, &beat, wire_anomaly(stored->anomaly)));
}

static hl_result show_beats(struct ingest *ingest, const struct strip *strip)
{
    memcpy(ingest->shown.patient, strip->patient, sizeof strip->patient);
    memcpy(ingest->shown.session, strip->session, sizeof strip->session);
    return analysis_beats_since(ingest->db, strip->session_key, strip->last_us - HISTORY_US, show_beat, ingest);
}

static void show_event(void *context, const struct live_event *event)
{
    struct ingest *ingest = context;
    struct news *news = news_new_text(NEWS_EVENT, event->patient, event->session_id, event->time_us, event->text);
    if (news)
        snprintf(news->event.kind, sizeof news->event.kind, "%s", event->kind);
    tell_history(ingest, news);
}

/* Virtual sessions are numbered from their start, and their analysis is the ward's. */
static hl_result show_virtual_strip(struct ingest *ingest, const struct strip *strip)
{
    struct analysis_chunk *chunks;
    size_t count;
    hl_result code = analysis_before(ingest->db, ingest->arena, strip->session_key, strip->last_us - HISTORY_US,
                                     strip->last_us, &chunks, &count);
    for (size_t i = 0; code == HL_OK && i < count; i++) {
        struct wire_owner owner = {0};
        const struct ecg_chunk *chunk = &chunks[i].chunk;
        if (!chunks[i].readable)
            continue;
        snprintf(owner.patient, sizeof owner.patient, "%s", chunks[i].patient);
        snprintf(owner.session, sizeof owner.session, "%s", chunks[i].session_id);
        int64_t n = llround((double)(chunk->start_us - strip->start_us) * chunk->fs_hz / 1e6);
        tell_history(ingest, wire_ecg(&owner, chunk, n));
    }
    return code;
}

static hl_result show_device_strip(struct ingest *ingest, const struct strip *strip)
{
    struct monitor_past past;
    struct feed *feed = feeds_find(&ingest->feeds, strip->session_key);
    if (!feed || feed->monitor)
        return HL_OK;
    hl_result code = new_monitor(ingest, feed, &past);
    int64_t until_us = strip->last_us < past.end_us ? strip->last_us : past.end_us;
    if (code == HL_OK && past.end_us != MONITOR_NO_TIME)
        code = prime(ingest, feed, until_us - HISTORY_US, past.end_us, true);
    if (code != HL_OK) {
        monitor_free(feed->monitor);
        feed->monitor = NULL;
    }
    return code;
}

static hl_result load(struct ingest *ingest)
{
    int64_t session_key, metric_id;
    struct loading loading = {.ingest = ingest, .strips = calloc(STRIPS_MAX, sizeof(struct strip))};
    hl_result code = loading.strips ? live_cursors(ingest->db, &session_key, &metric_id) : HL_NO_MEMORY;
    if (code == HL_OK) {
        id_cursor_init(&ingest->sessions, session_key);
        id_cursor_init(&ingest->metrics, metric_id);
        code = live_load_patients(ingest->db, load_patient, &loading);
    }
    if (code == HL_OK)
        code = live_load_events(ingest->db, show_event, ingest);
    for (size_t i = 0; code == HL_OK && i < loading.count; i++) {
        const struct strip *strip = &loading.strips[i];
        code = strip->is_virtual ? show_virtual_strip(ingest, strip) : show_device_strip(ingest, strip);
        if (code == HL_OK)
            code = show_beats(ingest, strip);
        arena_reset(ingest->arena);
    }
    free(loading.strips);
    return code;
}

/* ---- the loop ---- */

static hl_result look(struct ingest *ingest, unsigned at, bool *more)
{
    hl_result code = HL_OK;
    *more = false;
    if (at & BELL_SESSION)
        code = look_for_sessions(ingest);
    if (code == HL_OK && (at & BELL_WAVEFORM))
        code = work_off(ingest, more);
    if (code == HL_OK && (at & BELL_METRICS))
        code = look_for_metrics(ingest);
    if (code == HL_OK && (at & BELL_SESSION) && !*more)
        code = look_for_ends(ingest);
    return code;
}

/* Metrics wait for METRICS_MS to pass since the last look. Under a steady stream of them the bell is read a little
   later as well, which saves waking up for each; its queue holds ten. */
static unsigned postpone_metrics(struct ingest *ingest, unsigned rung, int64_t now_us)
{
    bool only_metrics = rung == BELL_METRICS;
    ingest->metrics_rung = ingest->metrics_rung || (rung & BELL_METRICS);
    rung &= ~(unsigned)BELL_METRICS;
    if (ingest->metrics_rung && now_us >= ingest->next_metrics_us) {
        ingest->next_metrics_us = now_us + METRICS_MS * INT64_C(1000);
        ingest->metrics_rung = false;
        return rung | BELL_METRICS;
    }
    if (only_metrics)
        poll(NULL, 0, 1);
    return rung;
}

/* A signal that has been away for so long goes on no more. */
static void flush_idle(struct ingest *ingest, int64_t before_us)
{
    for (struct feed *feed; (feed = feeds_idle(&ingest->feeds, before_us));)
        flush_feed(ingest, feed, feed->active);
}

/* The bell says where to look; each second everything is looked at in any case. */
static unsigned where_to_look(struct ingest *ingest, bool more)
{
    unsigned rung = bell_wait(ingest->live->ingest_bell, more ? 0 : ingest->metrics_rung ? METRICS_MS : LOOK_MS);
    int64_t now_us = clock_monotonic_us();
    rung = postpone_metrics(ingest, rung, now_us);
    if (more)
        rung |= BELL_WAVEFORM;
    if (now_us < ingest->next_look_us)
        return rung;
    ingest->next_look_us = now_us + LOOK_MS * INT64_C(1000);
    if (now_us >= ingest->next_prune_us) {
        ingest->next_prune_us = now_us + IDLE_US / 10;
        flush_idle(ingest, now_us - IDLE_US);
        feeds_prune(&ingest->feeds, now_us - IDLE_US);
    }
    return BELL_ALL;
}

static void run(struct ingest *ingest)
{
    bool more = false;
    while (!atomic_load(&ingest->live->stopping) && load(ingest) != HL_OK)
        poll(NULL, 0, RETRY_MS);
    while (!atomic_load(&ingest->live->stopping)) {
        unsigned at = where_to_look(ingest, more);
        if (at && look(ingest, at, &more) != HL_OK) {
            more = false;
            ingest->next_look_us = 0;
            poll(NULL, 0, RETRY_MS);
        }
    }
    if (store_results(ingest) != HL_OK)
        log_warning("the last results are not stored; the chunks will be analysed again");
}

static bool prepare(struct ingest *ingest)
{
    ingest->held_end = &ingest->held;
    ingest->arena = arena_new(1 << 20);
    ingest->active = malloc(ACTIVE_MAX * sizeof *ingest->active);
    return ingest->arena && ingest->active && db_open(ingest->live->database, LIVE_PATIENCE_MS, &ingest->db) == HL_OK;
}

void *ingest_main(void *argument)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    if (ingest)
        ingest->live = argument;
    if (!ingest || !prepare(ingest)) {
        log_error("out of memory");
        exit(1);
    }
    run(ingest);
    for (struct news *news = take_held(ingest), *next; news; news = next) {
        next = (struct news *)(void *)news->mail.next;
        news_free(news);
    }
    feeds_clear(&ingest->feeds);
    results_free(&ingest->results);
    buf_free(&ingest->row);
    arena_free(ingest->arena);
    free(ingest->active);
    db_close(ingest->db);
    free(ingest);
    return NULL;
}
