/* Sessions: starting and ending a recording, listing a person's recordings. Reading one back is in api_data.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api_json.h"
#include "base/clock.h"
#include "routes.h"
#include "service/ingest.h"
#include "store/users.h"

enum { DEFAULT_SESSIONS = 100 };

/* The JSON text of an object input, in the arena; NULL when absent. */
static const char *object_text(struct request *request, const cJSON *object)
{
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    const char *kept = text ? arena_copy(request->arena, text, strlen(text)) : NULL;
    free(text);
    return kept;
}

/* POST /api/v1/sessions/start {device_serial?, device_info?, session_id?, timestamp?}
   201 {status, session_id}. With a timestamp or an id of its own, a device may start the same session again and gets
   the same id. 422: an input. */
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
    buf_text(out, "{\"status\":\"success\"");
    json_text(out, "session_id", session_id);
    json_close(out, '}');
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
    buf_text(out, "{\"status\":\"success\"");
    json_text(out, "session_id", session_id);
    json_close(out, '}');
}

static void write_session(struct buf *out, const struct session *session)
{
    json_open(out, NULL, '{');
    json_text(out, "session_id", session->session_id);
    json_text(out, "device_serial", session->device_serial);
    json_time(out, "start_time", session->start_us);
    json_time(out, "end_time", session->end_us);
    json_text(out, "status", session->status);
    json_text(out, "origin", session->origin);
    json_number(out, "duration_seconds", session->duration_s);
    json_number(out, "average_heart_rate", session->average_heart_rate_bpm);
    json_number(out, "total_heartbeats", session->total_heartbeats < 0 ? NAN : (double)session->total_heartbeats);
    json_raw(out, "arrhythmias_detected", session->arrhythmias);
    json_text(out, "signal_quality", session->signal_quality);
    json_close(out, '}');
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
    for (int i = 0; i < count; i++)
        write_session(out, &sessions[i]);
    json_close(out, ']');
    if (count == page.limit)
        json_page_mark(out, "next_before", sessions[count - 1].start_us, sessions[count - 1].session_key);
    else
        json_raw(out, "next_before", NULL);
    json_close(out, '}');
}
