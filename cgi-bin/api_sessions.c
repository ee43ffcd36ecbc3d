/* Sessions: starting and ending a recording, listing a person's recordings, reading one back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api_json.h"
#include "base/clock.h"
#include "routes.h"
#include "service/ingest.h"
#include "store/users.h"

enum { DEFAULT_SESSIONS = 100, DEFAULT_ROWS = 1000, MOST_CHUNKS = 200 };

/* The JSON text of an object input, in the arena; NULL when absent. */
static const char *object_text(struct request *request, const cJSON *object)
{
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    const char *kept = text ? arena_copy(request->arena, text, strlen(text)) : NULL;
    free(text);
    return kept;
}

/* POST /api/v1/sessions/start {device_serial?, device_info?, session_id?, timestamp?}
   201 {status, session_id}. With a timestamp or an id of its own, a device may start the same session again and gets the
   same id. 422: an input. */
void session_start(struct request *request)
{
    struct hl_error error = {0};
    const char *session_id = NULL;
    int64_t stated_us = input_time_us(request, "timestamp");
    struct session_start start = {
        .session_id = input_text(request, "session_id"),
        .user_id = request->identity.user_id,
        .device_serial = input_text(request, "device_serial"),
        .start_us = stated_us == DB_NO_TIME ? clock_now_us() : stated_us,
        .device_start_us = stated_us,
        .origin = "device",
        .device_info = object_text(request, input(request, "device_info")->json),
    };
    hl_result result = ingest_start(service_of(request), request->arena, &start, &session_id, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    struct buf *out = reply_json(request, 201);
    buf_text(out, "{\"status\":\"success\",");
    json_text_member(out, "session_id", session_id);
    buf_char(out, '}');
}

/* An optional number of the summary that cannot be negative. */
static double summary_number(struct request *request, const cJSON *summary, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(summary, name);
    if (!item || cJSON_IsNull(item))
        return NAN;
    if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= 1e12)
        return item->valuedouble;
    request_reject(request, arena_printf(request->arena, "summary.%s", name), "must be a number from 0 up");
    return NAN;
}

static const char *summary_strings(struct request *request, const cJSON *summary, const char *name)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(summary, name);
    if (!list || cJSON_IsNull(list))
        return NULL;
    bool good = cJSON_IsArray(list);
    for (const cJSON *item = good ? list->child : NULL; item; item = item->next)
        good = good && cJSON_IsString(item);
    if (good)
        return object_text(request, list);
    request_reject(request, arena_printf(request->arena, "summary.%s", name), "must be an array of strings");
    return NULL;
}

static const char *summary_text(struct request *request, const cJSON *summary, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(summary, name);
    if (!item || cJSON_IsNull(item))
        return NULL;
    if (cJSON_IsString(item))
        return item->valuestring;
    request_reject(request, arena_printf(request->arena, "summary.%s", name), "must be a string");
    return NULL;
}

/* POST /api/v1/sessions/{session_id}/end {summary?: {duration_seconds?, total_heartbeats?, average_heart_rate?,
   arrhythmias_detected?, signal_quality?}, timestamp?}
   200 {status, session_id}; ending twice is no error. 404: the caller has no such session. 422: an input. */
void session_end(struct request *request)
{
    const cJSON *summary = input(request, "summary")->json;
    const char *session_id = request_capture(request, "session_id");
    int64_t stated_us = input_time_us(request, "timestamp");
    struct hl_error error = {0};
    struct session_end end = {
        .end_us = stated_us == DB_NO_TIME ? clock_now_us() : stated_us,
        .duration_s = summary_number(request, summary, "duration_seconds"),
        .total_heartbeats = summary_number(request, summary, "total_heartbeats"),
        .average_heart_rate_bpm = summary_number(request, summary, "average_heart_rate"),
        .arrhythmias = summary_strings(request, summary, "arrhythmias_detected"),
        .signal_quality = summary_text(request, summary, "signal_quality"),
        .summary = object_text(request, summary),
    };
    if (request->error_count > 0) {
        reply_problem(request, 422, "Some inputs are missing or not acceptable; see errors.");
        return;
    }
    hl_result result = ingest_end(service_of(request), request->identity.user_id, session_id, &end, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    struct buf *out = reply_json(request, 200);
    buf_text(out, "{\"status\":\"success\",");
    json_text_member(out, "session_id", session_id);
    buf_char(out, '}');
}

static void write_session(struct buf *out, const struct session *session)
{
    buf_char(out, '{');
    json_text_member(out, "session_id", session->session_id);
    buf_char(out, ',');
    json_text_member(out, "device_serial", session->device_serial);
    buf_char(out, ',');
    json_time_member(out, "start_time", session->start_us);
    buf_char(out, ',');
    json_time_member(out, "end_time", session->end_us);
    buf_char(out, ',');
    json_text_member(out, "status", session->status);
    buf_char(out, ',');
    json_text_member(out, "origin", session->origin);
    buf_char(out, ',');
    json_number_member(out, "duration_seconds", session->duration_s);
    buf_char(out, ',');
    json_number_member(out, "average_heart_rate", session->average_heart_rate_bpm);
    buf_char(out, ',');
    json_number_member(out, "total_heartbeats",
                       session->total_heartbeats < 0 ? NAN : (double)session->total_heartbeats);
    buf_char(out, ',');
    json_raw_member(out, "arrhythmias_detected", session->arrhythmias);
    buf_char(out, ',');
    json_text_member(out, "signal_quality", session->signal_quality);
    buf_char(out, '}');
}

/* GET /api/v1/users/{user_id}/sessions?limit&before&from&to ("me" stands for the caller)
   200 {sessions: [...], next_before}: newest first; next_before, when not null, is the `before` of the next page.
   404: nobody, or somebody the caller may not see. */
void session_list(struct request *request)
{
    const char *user_id = request_capture(request, "user_id");
    const struct value *limit = input(request, "limit");
    if (strcmp(user_id, "me") == 0)
        user_id = request->identity.user_id;
    struct session_page page = {
        .user_id = user_id,
        .from_us = input_time_us(request, "from"),
        .to_us = input_time_us(request, "to"),
        .limit = limit->present ? (int)limit->number : DEFAULT_SESSIONS,
    };
    struct session *sessions = NULL;
    struct user user;
    int count = 0;
    struct hl_error error = {0};
    if (!read_page_mark(input_text(request, "before"), &page.before_us, &page.before_key)) {
        hl_fail(&error, HL_INVALID, "before", "must be a next_before of an earlier reply");
        reply_failure(request, HL_INVALID, &error);
        return;
    }
    hl_result result = HL_NOT_FOUND;
    if (is_uuid_text(user_id) && policy_may_read(&request->identity, user_id))
        result = users_get(service_of(request)->db, request->arena, user_id, &user);
    if (result == HL_NOT_FOUND)
        hl_fail(&error, result, "user_id", "There is no such user.");
    if (result == HL_OK)
        result = sessions_list(service_of(request)->db, request->arena, &page, &sessions, &count);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    struct buf *out = reply_json(request, 200);
    buf_text(out, "{\"sessions\":[");
    for (int i = 0; i < count; i++) {
        buf_text(out, i ? "," : "");
        write_session(out, &sessions[i]);
    }
    buf_text(out, "],");
    if (count == page.limit)
        json_page_mark(out, "next_before", sessions[count - 1].start_us, sessions[count - 1].session_key);
    else
        json_text_member(out, "next_before", NULL);
    buf_char(out, '}');
}

static void write_metrics(struct buf *out, const struct metrics *row)
{
    static const char *const flags[] = {"null", "false", "true"};
    buf_printf(out, "{\"metrics_id\":\"metric_%lld\",", (long long)row->metric_id);
    json_time_member(out, "timestamp", row->time_us);
    buf_char(out, ',');
    json_time_member(out, "received_at", row->received_us);
    buf_char(out, ',');
    json_text_member(out, "source", row->source);
    buf_printf(out, ",\"late\":%s,\"metrics\":{", row->late ? "true" : "false");
    for (int i = 0; i < METRIC_COUNT; i++) {
        buf_printf(out, "%s\"%s\":", i ? "," : "", metric_kinds[i].name);
        if (i == METRIC_SAMPLING_RATE || isnan(row->values[i]))
            buf_json_number(out, row->values[i]);
        else
            buf_json_float(out, (float)row->values[i]);
    }
    buf_printf(out, "},\"status\":{\"is_recording\":%s,", flags[row->is_recording + 1]);
    json_text_member(out, "signal_quality", row->signal_quality);
    buf_printf(out, ",\"demo_mode\":%s},", flags[row->demo_mode + 1]);
    json_raw_member(out, "extra", row->extra);
    buf_char(out, '}');
}

struct lead_choice {
    bool all, wanted[ECG_LEAD_COUNT];
};

static bool read_lead_choice(struct request *request, struct lead_choice *choice)
{
    const char *text = input_text(request, "leads");
    *choice = (struct lead_choice){.all = !text};
    while (text && *text) {
        size_t length = strcspn(text, ",");
        enum ecg_lead lead;
        if (!ecg_lead_from_name(text, length, &lead)) {
            request_reject(request, "leads", "\"%.*s\" is not a lead", (int)(length < 40 ? length : 40), text);
            return false;
        }
        choice->wanted[lead] = true;
        text += length + (text[length] == ',');
    }
    return true;
}

static void write_waveform(struct buf *out, const struct waveform *row, const struct lead_choice *choice)
{
    const struct ecg_chunk *chunk = &row->chunk;
    buf_printf(out, "{\"waveform_id\":\"waveform_%lld\",", (long long)row->waveform_id);
    json_time_member(out, "timestamp", chunk->start_us);
    buf_char(out, ',');
    json_time_member(out, "received_at", row->received_us);
    buf_char(out, ',');
    json_number_member(out, "sampling_rate", chunk->fs_hz);
    buf_char(out, ',');
    json_number_member(out, "duration_seconds", (double)chunk->sample_count / chunk->fs_hz);
    buf_printf(out, ",\"units\":\"%s\",", chunk->units == ECG_UNITS_ADU ? "adu" : "mV");
    json_number_member(out, "gain", row->gain_adu_per_mv);
    buf_char(out, ',');
    json_number_member(out, "baseline", row->baseline_adu);
    buf_printf(out, ",\"late\":%s,\"time_uncertain\":%s,\"leads\":{", row->late ? "true" : "false",
               row->time_uncertain ? "true" : "false");
    bool first = true;
    for (size_t i = 0; i < chunk->lead_count; i++) {
        if (!choice->all && !choice->wanted[chunk->leads[i]])
            continue;
        buf_printf(out, "%s\"%s\":[", first ? "" : ",", ecg_lead_name(chunk->leads[i]));
        for (size_t n = 0; n < chunk->sample_count; n++) {
            if (n)
                buf_char(out, ',');
            buf_json_float(out, chunk->samples[i][n]);
        }
        buf_char(out, ']');
        first = false;
    }
    buf_text(out, "}}");
}

/* The session that the path names, when the caller may see it. */
static hl_result find_session(struct request *request, struct session *session, struct hl_error *error)
{
    const struct identity *viewer = &request->identity;
    const char *owner = viewer->role == ROLE_PATIENT ? viewer->user_id : input_text(request, "user_id");
    hl_result result = sessions_by_id(service_of(request)->db, request->arena, request_capture(request, "session_id"),
                                      owner, session);
    if (result == HL_NOT_FOUND)
        return hl_fail(error, result, "session_id", "There is no such session.");
    if (result == HL_CONFLICT)
        return hl_fail(error, result, "user_id", "Several patients have a session of this name; say whose with user_id.");
    return result;
}

struct session_rows {
    struct metrics *metrics;
    struct waveform *waveforms;
    struct report *reports;
    int metric_count, waveform_count, report_count;
    int metric_limit, waveform_limit;
};

static hl_result read_rows(struct request *request, const struct session *session, struct session_rows *rows,
                           struct hl_error *error)
{
    struct db *db = service_of(request)->db;
    const struct value *limit = input(request, "limit");
    struct data_page page = {.session_key = session->session_key,
                             .from_us = input_time_us(request, "from"),
                             .to_us = input_time_us(request, "to"),
                             .limit = limit->present ? (int)limit->number : DEFAULT_ROWS};
    if (!read_page_mark(input_text(request, "metrics_after"), &page.after_us, &page.after_id))
        return hl_fail(error, HL_INVALID, "metrics_after", "must be a next.metrics_after of an earlier reply");
    rows->metric_limit = page.limit;
    hl_result result = metrics_list(db, request->arena, &page, &rows->metrics, &rows->metric_count);
    if (result != HL_OK)
        return result;
    if (!read_page_mark(input_text(request, "waveform_after"), &page.after_us, &page.after_id))
        return hl_fail(error, HL_INVALID, "waveform_after", "must be a next.waveform_after of an earlier reply");
    page.limit = page.limit < MOST_CHUNKS ? page.limit : MOST_CHUNKS;
    rows->waveform_limit = page.limit;
    result = waveforms_list(db, request->arena, &page, &rows->waveforms, &rows->waveform_count);
    if (result != HL_OK)
        return result;
    return reports_list(db, request->arena, NULL, session->session_key, 0, DEFAULT_ROWS, &rows->reports,
                        &rows->report_count);
}

static void write_next(struct buf *out, const struct session_rows *rows)
{
    bool metrics = rows->metric_count == rows->metric_limit;
    bool waveforms = rows->waveform_count == rows->waveform_limit;
    if (!metrics && !waveforms) {
        buf_text(out, "\"next\":null");
        return;
    }
    buf_text(out, "\"next\":{");
    if (metrics) {
        const struct metrics *last = &rows->metrics[rows->metric_count - 1];
        json_page_mark(out, "metrics_after", last->time_us, last->metric_id);
    }
    if (waveforms) {
        const struct waveform *last = &rows->waveforms[rows->waveform_count - 1];
        buf_text(out, metrics ? "," : "");
        json_page_mark(out, "waveform_after", last->chunk.start_us, last->waveform_id);
    }
    buf_char(out, '}');
}

/* GET /api/v1/sessions/{session_id}/data?from&to&leads&limit&metrics_after&waveform_after&user_id
   200 {session_id, user_id, start_time, end_time, status, metrics_timeline, waveform_segments, reports, next}, in time
   order. When there is more, `next` holds the marks that continue each list; a list without a mark has ended.
   404: no such session, or not the caller's. 409: ids are unique per patient only, and several have this one. */
void session_data(struct request *request)
{
    struct session session = {0};
    struct session_rows rows = {0};
    struct lead_choice choice;
    struct hl_error error = {0};
    if (!read_lead_choice(request, &choice)) {
        reply_problem(request, 422, "Some inputs are missing or not acceptable; see errors.");
        return;
    }
    hl_result result = find_session(request, &session, &error);
    if (result == HL_OK)
        result = read_rows(request, &session, &rows, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    struct buf *out = reply_json(request, 200);
    buf_char(out, '{');
    json_text_member(out, "session_id", session.session_id);
    buf_char(out, ',');
    json_text_member(out, "user_id", session.user_id);
    buf_char(out, ',');
    json_time_member(out, "start_time", session.start_us);
    buf_char(out, ',');
    json_time_member(out, "end_time", session.end_us);
    buf_char(out, ',');
    json_text_member(out, "status", session.status);
    buf_text(out, ",\"metrics_timeline\":[");
    for (int i = 0; i < rows.metric_count; i++) {
        buf_text(out, i ? "," : "");
        write_metrics(out, &rows.metrics[i]);
    }
    buf_text(out, "],\"waveform_segments\":[");
    for (int i = 0; i < rows.waveform_count; i++) {
        buf_text(out, i ? "," : "");
        write_waveform(out, &rows.waveforms[i], &choice);
    }
    buf_text(out, "],\"reports\":[");
    for (int i = 0; i < rows.report_count; i++) {
        buf_text(out, i ? "," : "");
        json_report(out, &rows.reports[i]);
    }
    buf_text(out, "],");
    write_next(out, &rows);
    buf_char(out, '}');
}
