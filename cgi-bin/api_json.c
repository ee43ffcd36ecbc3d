/* What several resources write, and page marks. */
#include "api_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

void json_report(struct buf *out, const char *name, const struct report *report)
{
    json_open(out, name, '{');
    json_id(out, "report_id", "report", report->report_key);
    json_text(out, "user_id", report->user_id);
    json_text(out, "session_id", report->session_id);
    json_text(out, "filename", report->filename);
    buf_printf(out, ",\"url\":\"/api/v1/reports/report_%lld/file\"", (long long)report->report_key);
    json_int(out, "file_size_bytes", report->size_bytes);
    json_text(out, "sha256", report->sha256_hex);
    json_time(out, "created_at", report->created_us);
    json_time(out, "timestamp", report->report_time_us);
    json_text(out, "patient_name", report->patient_name);
    json_number(out, "patient_age", report->patient_age < 0 ? __builtin_nan("") : report->patient_age);
    json_raw(out, "metrics", report->metrics);
    json_text(out, "conclusion", report->conclusion);
    json_close(out, '}');
}

int64_t input_time_us(const struct request *request, const char *name)
{
    const struct value *value = input(request, name);
    return value->present ? value->time_us : DB_NO_TIME;
}

void json_page_mark(struct buf *out, const char *name, int64_t time_us, int64_t id)
{
    char mark[48];
    snprintf(mark, sizeof mark, "%lld-%lld", (long long)time_us, (long long)id);
    json_text(out, name, mark);
}

/* Beyond any time that could be asked about, and far from where sums of times overflow. */
static const int64_t mark_limit_us = INT64_C(1) << 60;

bool read_page_mark(const char *text, int64_t *time_us, int64_t *id)
{
    *time_us = DB_NO_TIME;
    *id = 0;
    if (!text)
        return true;
    char *end;
    long long time = strtoll(text, &end, 10);
    if (end == text || *end != '-' || time < -mark_limit_us || time > mark_limit_us)
        return false;
    const char *rest = end + 1;
    long long row = strtoll(rest, &end, 10);
    if (end == rest || *end || row < 0)
        return false;
    *time_us = time;
    *id = row;
    return true;
}
