/* Reports: PDF files that a device app made, with what it says of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api_json.h"
#include "base/clock.h"
#include "routes.h"
#include "service/reports.h"
#include "web/multipart.h"

enum { DEFAULT_REPORTS = 100, FILENAME_MAX_BYTES = 200, METADATA_MAX_BYTES = 64 * 1024 };

/* Metadata may come as the report object itself or wrapped as {"session_id": .., "report": {...}}. */
static const cJSON *member(const cJSON *metadata, const char *name)
{
    const cJSON *report = cJSON_GetObjectItemCaseSensitive(metadata, "report");
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(report, name);
    return item ? item : cJSON_GetObjectItemCaseSensitive(metadata, name);
}

static const char *text_member(struct request *request, const cJSON *metadata, const char *name, size_t most)
{
    const cJSON *item = member(metadata, name);
    if (!item || cJSON_IsNull(item))
        return NULL;
    if (cJSON_IsString(item) && strlen(item->valuestring) <= most)
        return item->valuestring;
    request_reject(request, arena_printf(request->arena, "metadata.%s", name), "must be a string of at most %zu bytes",
                   most);
    return NULL;
}

static int age_member(struct request *request, const cJSON *metadata)
{
    const cJSON *item = member(metadata, "patient_age");
    if (!item || cJSON_IsNull(item))
        return -1;
    if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= 150)
        return (int)item->valuedouble;
    request_reject(request, "metadata.patient_age", "must be a number from 0 to 150");
    return -1;
}

static int64_t time_member(struct request *request, const cJSON *metadata)
{
    const char *text = text_member(request, metadata, "timestamp", 64);
    int64_t time_us = DB_NO_TIME;
    if (text && clock_parse(text, strlen(text), &time_us) != HL_OK)
        request_reject(request, "metadata.timestamp", "must be a time such as 2025-01-08T12:34:56.789Z");
    return time_us;
}

/* A name that is safe in a header and on any disk: letters, digits, dot, dash, underscore; ends in .pdf. */
static const char *safe_filename(struct request *request, const char *wanted)
{
    char name[FILENAME_MAX_BYTES + 8];
    size_t used = 0;
    for (const char *at = wanted ? wanted : ""; *at && used < FILENAME_MAX_BYTES; at++) {
        bool good = (*at >= '0' && *at <= '9') || ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z') ||
                    (strchr("._-", *at) && used > 0);
        name[used++] = good ? *at : '_';
    }
    name[used] = '\0';
    if (used == 0) {
        struct clock_fields f;
        clock_split(clock_now_us(), &f);
        return arena_printf(request->arena, "ECG_Report_%04d%02d%02d_%02d%02d%02d.pdf", f.year, f.month, f.day, f.hour,
                            f.minute, f.second);
    }
    bool has_suffix = used > 4 && strcasecmp(name + used - 4, ".pdf") == 0;
    return arena_printf(request->arena, "%s%s", name, has_suffix ? "" : ".pdf");
}

static const char *printed(struct request *request, const cJSON *json)
{
    char *text = json && !cJSON_IsNull(json) ? cJSON_PrintUnformatted(json) : NULL;
    const char *kept = text ? arena_copy(request->arena, text, strlen(text)) : NULL;
    free(text);
    return kept;
}

static bool read_metadata(struct request *request, const struct multipart *form, struct report *report,
                          const char **session_id)
{
    const struct multipart_part *part = multipart_part(form, "metadata");
    if (part && part->length > METADATA_MAX_BYTES) { /* as a tree it would take forty times its bytes */
        request_reject(request, "metadata", "must have at most %d bytes", METADATA_MAX_BYTES);
        reply_problem(request, 422, "Some inputs are missing or not acceptable; see errors.");
        return false;
    }
    request->json = part ? json_parse(request, part->data, part->length) : cJSON_CreateObject();
    if (!request->json)
        return false;
    if (!cJSON_IsObject(request->json)) {
        request_reject(request, "metadata", "must be a JSON object");
    } else {
        const cJSON *metadata = request->json;
        *session_id = text_member(request, metadata, "session_id", 100);
        *report = (struct report){
            .filename = safe_filename(request, text_member(request, metadata, "filename", FILENAME_MAX_BYTES)),
            .report_time_us = time_member(request, metadata),
            .patient_name = text_member(request, metadata, "patient_name", 200),
            .patient_age = age_member(request, metadata),
            .conclusion = text_member(request, metadata, "conclusion", 10000),
            .metrics = printed(request, member(metadata, "metrics")),
            .metadata = printed(request, metadata),
        };
    }
    if (request->error_count == 0)
        return true;
    reply_problem(request, 422, "Some inputs are missing or not acceptable; see errors.");
    return false;
}

/* POST /api/v1/reports/upload, multipart/form-data: file (PDF), metadata (JSON: session_id?, filename?, patient_name?,
   patient_age?, metrics?, conclusion?, timestamp?; or the same under "report").
   201 {status, report_id, url}; the same file for the same session again gets the same id.
   415: not multipart. 422: cut off, no file, not a PDF, metadata. 404: the caller has no such session. 413: over
   32 MiB. */
void report_upload(struct request *request)
{
    struct multipart form;
    struct hl_error error = {0};
    struct report report = {0};
    const char *session_id = NULL;
    hl_result result = multipart_read(request->content_type, request->body, request->body_length, &form, &error);
    const struct multipart_part *file = result == HL_OK ? multipart_part(&form, "file") : NULL;
    if (result == HL_OK && !file)
        result = hl_fail(&error, HL_INVALID, "file", "is missing");
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    if (!read_metadata(request, &form, &report, &session_id))
        return;
    result =
        reports_upload(service_of(request), &request->identity, session_id, file->data, file->length, &report, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    struct buf *out = reply_json(request, 201);
    buf_text(out, "{\"status\":\"success\"");
    json_id(out, "report_id", "report", report.report_key);
    json_text(out, "url",
              arena_printf(request->arena, "%s://%s/api/v1/reports/report_%lld/file",
                           request->secure ? "https" : "http", request->host ? request->host : "localhost",
                           (long long)report.report_key));
    json_close(out, '}');
}

/* GET /api/v1/reports?user_id&before&limit: the reports the caller may see, newest first.
   200 {reports: [...], next_before}. */
void report_list(struct request *request)
{
    const struct identity *viewer = &request->identity;
    const struct value *limit_input = input(request, "limit");
    const char *before = input_text(request, "before");
    const char *user_id = viewer->role == ROLE_PATIENT ? viewer->user_id : input_text(request, "user_id");
    int limit = limit_input->present ? (int)limit_input->number : DEFAULT_REPORTS;
    long long before_key = 0;
    if (before) {
        char *end;
        before_key = strncmp(before, "report_", 7) == 0 ? strtoll(before + 7, &end, 10) : 0;
        if (before_key <= 0 || *end) {
            reply_failure(request, HL_INVALID, &(struct hl_error){"before", "must be a report id"});
            return;
        }
    }
    struct report *reports = NULL;
    int count = 0;
    hl_result result =
        reports_list(service_of(request)->db, request->arena, user_id, 0, before_key, limit, &reports, &count);
    if (result != HL_OK) {
        reply_failure(request, result, NULL);
        return;
    }
    struct buf *out = reply_json(request, 200);
    buf_text(out, "{\"reports\":[");
    for (int i = 0; i < count; i++)
        json_report(out, NULL, &reports[i]);
    json_close(out, ']');
    if (count == limit)
        json_id(out, "next_before", "report", reports[count - 1].report_key);
    else
        json_raw(out, "next_before", NULL);
    json_close(out, '}');
}

/* GET /api/v1/reports/{report_id}: 200 the report's row. 404: none, or not for the caller. */
void report_show(struct request *request)
{
    struct report report;
    struct hl_error error = {0};
    hl_result result = reports_find(service_of(request), request->arena, &request->identity,
                                    request_capture(request, "report_id"), &report, &error);
    if (result == HL_OK)
        json_report(reply_json(request, 200), NULL, &report);
    else
        reply_failure(request, result, &error);
}

/* GET /api/v1/reports/{report_id}/file: 200 the PDF, sent by nginx. 404: none, or not for the caller. */
void report_download(struct request *request)
{
    struct report report;
    struct hl_error error = {0};
    hl_result result = reports_find(service_of(request), request->arena, &request->identity,
                                    request_capture(request, "report_id"), &report, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    reply_json(request, 200);
    request->reply_type = "application/pdf";
    reply_header(request, "X-Accel-Redirect",
                 arena_printf(request->arena, "/internal/reports/%s", report_file_path(request->arena, &report)));
    reply_header(request, "Content-Disposition",
                 arena_printf(request->arena, "inline; filename=\"%s\"", report.filename));
}
