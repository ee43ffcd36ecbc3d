/* Metrics: the numbers a device reports every second or two. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "routes.h"
#include "service/ingest.h"

static int metric_by_name(const char *name)
{
    for (int i = 0; i < METRIC_COUNT; i++)
        if (strcmp(metric_kinds[i].name, name) == 0)
            return i;
    return -1;
}

static void read_metric(struct request *request, int which, const cJSON *item, struct metrics *metrics)
{
    const struct metric_kind *kind = &metric_kinds[which];
    bool is_number = cJSON_IsNumber(item);
    char field[64];
    if (cJSON_IsNull(item))
        return;
    if (is_number && item->valuedouble >= kind->least && item->valuedouble <= kind->most) {
        metrics->values[which] = item->valuedouble;
        return;
    }
    snprintf(field, sizeof field, "metrics.%s", kind->name);
    if (is_number)
        request_reject(request, field, "must be from %.10g to %.10g", kind->least, kind->most);
    else
        request_reject(request, field, "must be a number");
}

static int read_flag(struct request *request, const cJSON *status, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(status, name);
    char field[64];
    if (!item || cJSON_IsNull(item))
        return -1;
    snprintf(field, sizeof field, "status.%s", name);
    if (!cJSON_IsBool(item))
        request_reject(request, field, "must be true or false");
    return cJSON_IsTrue(item);
}

static const char *read_quality(struct request *request, const cJSON *status)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(status, "signal_quality");
    if (!item || cJSON_IsNull(item))
        return NULL;
    if (!cJSON_IsString(item) || strlen(item->valuestring) > 50)
        request_reject(request, "status.signal_quality", "must be a string of at most 50 bytes");
    return item->valuestring;
}

/* What has no column, as it came, metrics and status in one object; a status that is called like an unknown metric is
   kept as "status.NAME". */
static const char *read_extra(struct request *request, const cJSON *sent, const cJSON *status)
{
    static const char *const known_status[] = {"is_recording", "signal_quality", "demo_mode"};
    cJSON *extra = cJSON_CreateObject();
    for (const cJSON *item = sent->child; item; item = item->next)
        if (metric_by_name(item->string) < 0)
            cJSON_AddItemToObject(extra, item->string, cJSON_Duplicate(item, true));
    for (const cJSON *item = status ? status->child : NULL; item; item = item->next) {
        bool known = false;
        for (size_t i = 0; i < sizeof known_status / sizeof known_status[0]; i++)
            known = known || strcmp(known_status[i], item->string) == 0;
        if (known)
            continue;
        bool taken = cJSON_GetObjectItemCaseSensitive(extra, item->string) != NULL;
        const char *name = taken ? arena_printf(request->arena, "status.%s", item->string) : item->string;
        if (name)
            cJSON_AddItemToObject(extra, name, cJSON_Duplicate(item, true));
    }
    const char *kept = NULL;
    char *text = extra && extra->child ? cJSON_PrintUnformatted(extra) : NULL;
    if (text)
        kept = arena_copy(request->arena, text, strlen(text));
    free(text);
    cJSON_Delete(extra);
    return kept;
}

static bool read_metrics(struct request *request, struct metrics *metrics)
{
    const cJSON *sent = input(request, "metrics")->json;
    const cJSON *status = input(request, "status")->json;
    bool any = false;
    *metrics = (struct metrics){.time_us = input(request, "timestamp")->time_us};
    for (int i = 0; i < METRIC_COUNT; i++)
        metrics->values[i] = NAN;
    for (const cJSON *item = sent->child; item; item = item->next) {
        int which = metric_by_name(item->string);
        if (which >= 0)
            read_metric(request, which, item, metrics);
        any = true;
    }
    if (!any)
        request_reject(request, "metrics", "must hold at least one metric");
    metrics->is_recording = read_flag(request, status, "is_recording");
    metrics->demo_mode = read_flag(request, status, "demo_mode");
    metrics->signal_quality = read_quality(request, status);
    metrics->extra = read_extra(request, sent, status);
    if (request->error_count == 0)
        return true;
    reply_problem(request, 422, "Some metrics are not acceptable; see errors.");
    return false;
}

/* POST /api/v1/sessions/{session_id}/metrics {timestamp, metrics: {heart_rate, ...}, status?: {...}}
   201 {status, metrics_id}; 200 with the first id for a repeat. Unknown metrics are kept, not refused.
   404: the caller has no such session (an offline_session_... is made). 422: an input. */
void metrics_post(struct request *request)
{
    struct metrics metrics;
    struct hl_error error = {0};
    bool repeated;
    if (!read_metrics(request, &metrics))
        return;
    hl_result result = ingest_metrics(service_of(request), request->identity.user_id,
                                      request_capture(request, "session_id"), &metrics, &repeated, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    buf_printf(reply_json(request, repeated ? 200 : 201), "{\"status\":\"success\",\"metrics_id\":\"metric_%lld\"}",
               (long long)metrics.metric_id);
}
