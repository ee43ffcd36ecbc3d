/* What the analysis found in a session: rhythms, measurements, variability, the quality of the leads, statements. Each
list is read a page at a time, in time order; what is unknown is null. */
#include <string.h>

#include "api_json.h"
#include "routes.h"
#include "service/findings.h"
#include "store/findings.h"

enum { DEFAULT_ROWS = 1000 };

struct listing {
    struct buf *out;
    void (*write)(struct buf *out, const struct finding_row *row);
    struct finding_row last; /* its texts are gone */
};

static void write_row(void *context, const struct finding_row *row)
{
    struct listing *listing = context;
    listing->last = *row;
    json_open(listing->out, NULL, '{');
    listing->write(listing->out, row);
    json_close(listing->out, '}');
}

/* The members of an object, among others. */
static void write_members(struct buf *out, const char *object)
{
    size_t length = object ? strlen(object) : 0;
    if (length <= 2)
        return;
    buf_char(out, ',');
    buf_add(out, object + 1, length - 2);
}

static hl_result list_rows(struct request *request, const struct session *session, enum finding_list list,
                           const char *word, struct listing *listing, bool *more, struct hl_error *error)
{
    const struct value *limit = input(request, "limit");
    struct data_page page = {.session_key = session->session_key,
                             .from_us = input_time_us(request, "from"),
                             .to_us = input_time_us(request, "to"),
                             .limit = limit->present ? (int)limit->number : DEFAULT_ROWS};
    int count = 0;
    if (!read_page_mark(input_text(request, "after"), &page.after_us, &page.after_id))
        return hl_fail(error, HL_INVALID, "after", "must be next_after of an earlier reply");
    hl_result result = findings_list(service_of(request)->db, list, &page, word, write_row, listing, &count);
    *more = count == page.limit;
    return result;
}

/* {session_id, user_id, NAME: [..], next_after}. The rows are written apart, since they may fail to come. */
static void reply_list(struct request *request, enum finding_list list, const char *name, const char *word,
                       void (*write)(struct buf *out, const struct finding_row *row))
{
    struct session session = {0};
    struct hl_error error = {0};
    struct buf rows = {0};
    struct listing listing = {.out = &rows, .write = write};
    bool more = false;
    hl_result result = find_session(request, &session, &error);
    json_open(&rows, NULL, '[');
    if (result == HL_OK)
        result = list_rows(request, &session, list, word, &listing, &more, &error);
    json_close(&rows, ']');
    if (result == HL_OK && !buf_ok(&rows))
        result = HL_NO_MEMORY;
    if (result != HL_OK) {
        reply_failure(request, result, &error);
    } else {
        struct buf *out = reply_json(request, 200);
        json_open(out, NULL, '{');
        json_text(out, "session_id", session.session_id);
        json_text(out, "user_id", session.user_id);
        json_raw(out, name, rows.data);
        if (more)
            json_page_mark(out, "next_after", listing.last.time_us, listing.last.id);
        else
            json_raw(out, "next_after", NULL);
        json_close(out, '}');
    }
    buf_free(&rows);
}

static void write_episode(struct buf *out, const struct finding_row *row)
{
    json_id(out, "episode_id", "episode", row->id);
    json_text(out, "rhythm", row->word);
    json_text(out, "label", ecg_rhythm_rows[findings_rhythm_of(row->word)].label);
    json_time(out, "onset", row->time_us);
    json_time(out, "end", row->other_us);
    json_bool(out, "late", row->late);
    write_members(out, row->json);
}

/* GET /api/v1/sessions/{session_id}/episodes?from&to&rhythm&limit&after&user_id
   200 {session_id, user_id, episodes: [{episode_id, rhythm, label, basic, onset, end, open, duration_seconds, sample,
   beats, rate_min_bpm, rate_max_bpm, rate_mean_bpm, late}], next_after}: those that reach into the time. While one is
   open, `end` is until when it is known to last at least. 404, 409: as for /data. */
void session_episodes(struct request *request)
{
    reply_list(request, LIST_EPISODES, "episodes", input_text(request, "rhythm"), write_episode);
}

static void write_measurements(struct buf *out, const struct finding_row *row)
{
    json_id(out, "metrics_id", "metric", row->id);
    json_time(out, "timestamp", row->time_us);
    json_bool(out, "late", row->late);
    write_members(out, row->json);
}

/* GET /api/v1/sessions/{session_id}/measurements?from&to&limit&after&user_id
   200 {session_id, user_id, measurements: [{metrics_id, timestamp, late, units, beats, normal_beats, ventricular_beats,
   atrial_beats, p_present, figures: {NAME: {value, spread, beats, resolution}}, leads: {LEAD: {quality, NAME: [value,
   spread, beats]}}, lead_resolution}], next_after}: one each ten seconds. 404, 409: as for /data. */
void session_measurements(struct request *request)
{
    reply_list(request, LIST_MEASUREMENTS, "measurements", NULL, write_measurements);
}

static void write_hrv(struct buf *out, const struct finding_row *row)
{
    json_time(out, "timestamp", row->time_us);
    json_time(out, "from", row->other_us);
    json_bool(out, "late", row->late);
    write_members(out, row->json);
}

/* GET /api/v1/sessions/{session_id}/hrv?from&to&limit&after&user_id
   200 {session_id, user_id, hrv: [{timestamp, from, late, intervals, beats, excluded, mean_nn, sdnn, rmssd, ..,
   withheld}], next_after}: five minutes, each minute. 404, 409: as for /data. */
void session_hrv(struct request *request)
{
    reply_list(request, LIST_HRV, "hrv", NULL, write_hrv);
}

static void write_quality(struct buf *out, const struct finding_row *row)
{
    json_text(out, "lead", row->word);
    json_time(out, "from", row->time_us);
    json_time(out, "to", row->other_us);
    json_bool(out, "late", row->late);
    write_members(out, row->json);
}

/* GET /api/v1/sessions/{session_id}/quality?from&to&lead&limit&after&user_id
   200 {session_id, user_id, quality: [{lead, from, to, quality, late}], next_after}: intervals that reach into the
   time; `to` is null where it lasts. 404, 409: as for /data. */
void session_quality(struct request *request)
{
    reply_list(request, LIST_QUALITY, "quality", input_text(request, "lead"), write_quality);
}

static void write_interpretation(struct buf *out, const struct finding_row *row)
{
    json_time(out, "from", row->time_us);
    json_time(out, "to", row->other_us);
    write_members(out, row->json);
}

/* GET /api/v1/sessions/{session_id}/interpretation?from&to&limit&after&user_id
   200 {session_id, user_id, interpretation: [{from, to, statements: [{code, text, group, reason}]}], next_after}: what
   was stated at some moment of the time; `to` is null where it still holds. Unconfirmed. 404, 409: as for /data. */
void session_interpretation(struct request *request)
{
    reply_list(request, LIST_INTERPRETATIONS, "interpretation", NULL, write_interpretation);
}
