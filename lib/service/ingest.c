/* Ingest. An offline client invents its session ids (offline_session_<unix time>) and posts to them without a start:
such a session is made when the first data for it comes. */
#include "service/ingest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/clock.h"

static const int64_t second_us = 1000000;
/* A time further ahead than this is a wrong clock, not a fast one. */
static const int64_t future_limit_us = INT64_C(86400) * 1000000;

const char *session_id_new(struct arena *arena, int64_t start_us)
{
    struct clock_fields f;
    char letters[7];
    clock_split(start_us, &f);
    random_name(letters, sizeof letters);
    return arena_printf(arena, "session_%04d%02d%02d_%02d%02d%02d_%s", f.year, f.month, f.day, f.hour, f.minute,
                        f.second, letters);
}

static hl_result check_time(int64_t time_us, struct hl_error *error)
{
    if (time_us <= clock_now_us() + future_limit_us)
        return HL_OK;
    return hl_fail(error, HL_INVALID, "timestamp", "is more than a day in the future; check the device's clock");
}

/* An id is a segment of an address: what cannot stand there could be started and never posted to. */
static hl_result check_session_id(const char *session_id, struct hl_error *error)
{
    enum { MAX_BYTES = 100 };
    bool good = *session_id && strlen(session_id) <= MAX_BYTES;
    for (const char *at = session_id; good && *at; at++)
        good = (unsigned char)*at >= ' ' && *at != 0x7F && *at != '/';
    if (good)
        return HL_OK;
    return hl_fail(error, HL_INVALID, "session_id", "must have 1 to %d bytes, no slash and no control character",
                   MAX_BYTES);
}

hl_result ingest_start(struct service *service, struct arena *arena, struct session_start *start,
                       const char **session_id, struct hl_error *error)
{
    hl_result result = check_time(start->start_us, error);
    if (result == HL_OK && start->session_id)
        result = check_session_id(start->session_id, error);
    if (result != HL_OK)
        return result;
    if (!start->session_id)
        start->session_id = session_id_new(arena, start->start_us);
    if (!start->session_id)
        return HL_NO_MEMORY;
    int64_t session_key;
    bool repeated;
    result = sessions_start(service->db, arena, start, &session_key, session_id, &repeated);
    if (result == HL_OK)
        bell_ring(&service->bell, BELL_INGEST, "session", session_key, 0);
    return result;
}

static hl_result no_such_session(struct hl_error *error)
{
    return hl_fail(error, HL_NOT_FOUND, "session_id", "You have no session with this id; start one first.");
}

hl_result ingest_end(struct service *service, const char *user_id, const char *session_id,
                     const struct session_end *end, struct hl_error *error)
{
    int64_t session_key;
    hl_result result = check_time(end->end_us, error);
    if (result == HL_OK)
        result = sessions_end(service->db, user_id, session_id, end, &session_key);
    if (result == HL_NOT_FOUND)
        return no_such_session(error);
    if (result == HL_OK)
        bell_ring(&service->bell, BELL_INGEST, "session", session_key, 0);
    return result;
}

/* Make the session that an offline client invented. HL_NOT_FOUND for any other id. */
static hl_result make_invented(struct service *service, const char *user_id, const char *session_id, int64_t time_us,
                               struct hl_error *error)
{
    static const char prefix[] = "offline_session_";
    if (strncmp(session_id, prefix, sizeof prefix - 1) != 0)
        return HL_NOT_FOUND;
    hl_result result = check_session_id(session_id, error);
    if (result != HL_OK)
        return result;
    char *end;
    long long unix_s = strtoll(session_id + sizeof prefix - 1, &end, 10);
    bool dated = end != session_id + sizeof prefix - 1 && unix_s > 0 && unix_s < INT64_C(253402300800);
    struct session_start start = {
        .session_id = session_id,
        .user_id = user_id,
        .start_us = dated && unix_s * second_us <= time_us ? unix_s * second_us : time_us,
        .device_start_us = DB_NO_TIME,
        .origin = "invented",
    };
    struct arena *arena = arena_new(1024);
    if (!arena)
        return HL_NO_MEMORY;
    int64_t session_key;
    const char *id;
    bool repeated;
    result = sessions_start(service->db, arena, &start, &session_key, &id, &repeated);
    arena_free(arena);
    return result;
}

/* SHA-256 over a text that says the same things in the same order, whatever order the client sent them in (except what
   has no column: that counts as it came). */
static void hash_metrics(struct service *service, struct metrics *metrics)
{
    struct buf *text = &service->scratch;
    buf_clear(text);
    for (int i = 0; i < METRIC_COUNT; i++) {
        buf_json_number(text, metrics->values[i]);
        buf_char(text, ',');
    }
    buf_printf(text, "%d,%d,", metrics->is_recording, metrics->demo_mode);
    buf_json_str(text, metrics->signal_quality ? metrics->signal_quality : "");
    buf_text(text, metrics->extra ? metrics->extra : "");
    unsigned char digest[SHA256_BYTES];
    sha256(text->data, text->length, digest);
    memcpy(metrics->content_hash, digest, CONTENT_HASH_BYTES);
}

hl_result ingest_metrics(struct service *service, const char *user_id, const char *session_id, struct metrics *metrics,
                         bool *repeated, struct hl_error *error)
{
    int64_t session_key = 0;
    hl_result result = check_time(metrics->time_us, error);
    if (result != HL_OK)
        return result;
    hash_metrics(service, metrics);
    result = metrics_insert(service->db, user_id, session_id, metrics, &session_key, repeated);
    if (result == HL_NOT_FOUND &&
        (result = make_invented(service, user_id, session_id, metrics->time_us, error)) == HL_OK)
        result = metrics_insert(service->db, user_id, session_id, metrics, &session_key, repeated);
    if (result == HL_NOT_FOUND)
        return no_such_session(error);
    if (result == HL_OK && !*repeated)
        bell_ring(&service->bell, BELL_INGEST, "metrics", session_key, metrics->metric_id);
    return result;
}

hl_result ingest_waveform(struct service *service, const char *user_id, const char *session_id,
                          struct waveform *waveform, bool *repeated, struct hl_error *error)
{
    int64_t session_key = 0;
    hl_result result = check_time(waveform->chunk.start_us, error);
    if (result == HL_OK)
        result = check_time(chunk_end_us(&waveform->chunk), error);
    if (result != HL_OK)
        return result;
    result = waveforms_insert(service->db, user_id, session_id, waveform, &service->scratch, &session_key, repeated);
    if (result == HL_NOT_FOUND &&
        (result = make_invented(service, user_id, session_id, waveform->chunk.start_us, error)) == HL_OK)
        result =
            waveforms_insert(service->db, user_id, session_id, waveform, &service->scratch, &session_key, repeated);
    if (result == HL_NOT_FOUND)
        return no_such_session(error);
    if (result == HL_OK && !*repeated)
        bell_ring(&service->bell, BELL_INGEST, "waveform", session_key, waveform->waveform_id);
    return result;
}
