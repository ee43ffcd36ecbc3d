/* Members of JSON objects. */
#include "api_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

void json_raw_member(struct buf *out, const char *name, const char *json)
{
    buf_printf(out, "\"%s\":%s", name, json ? json : "null");
}

void json_text_member(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "\"%s\":", name);
    if (text)
        buf_json_str(out, text);
    else
        buf_text(out, "null");
}

void json_time_member(struct buf *out, const char *name, int64_t time_us)
{
    char text[CLOCK_TEXT_SIZE];
    if (time_us != DB_NO_TIME)
        clock_format(time_us, text);
    json_text_member(out, name, time_us == DB_NO_TIME ? NULL : text);
}

void json_number_member(struct buf *out, const char *name, double number)
{
    buf_printf(out, "\"%s\":", name);
    buf_json_number(out, number);
}

void json_report(struct buf *out, const struct report *report)
{
    buf_printf(out, "{\"report_id\":\"report_%lld\",", (long long)report->report_key);
    json_text_member(out, "user_id", report->user_id);
    buf_char(out, ',');
    json_text_member(out, "session_id", report->session_id);
    buf_char(out, ',');
    json_text_member(out, "filename", report->filename);
    buf_printf(out, ",\"url\":\"/api/v1/reports/report_%lld/file\",\"file_size_bytes\":%lld,",
               (long long)report->report_key, (long long)report->size_bytes);
    json_text_member(out, "sha256", report->sha256_hex);
    buf_char(out, ',');
    json_time_member(out, "created_at", report->created_us);
    buf_char(out, ',');
    json_time_member(out, "timestamp", report->report_time_us);
    buf_char(out, ',');
    json_text_member(out, "patient_name", report->patient_name);
    buf_char(out, ',');
    json_number_member(out, "patient_age", report->patient_age < 0 ? __builtin_nan("") : report->patient_age);
    buf_char(out, ',');
    json_raw_member(out, "metrics", report->metrics);
    buf_char(out, ',');
    json_text_member(out, "conclusion", report->conclusion);
    buf_char(out, '}');
}

int64_t input_time_us(const struct request *request, const char *name)
{
    const struct value *value = input(request, name);
    return value->present ? value->time_us : DB_NO_TIME;
}

void json_page_mark(struct buf *out, const char *name, int64_t time_us, int64_t id)
{
    buf_printf(out, "\"%s\":\"%lld-%lld\"", name, (long long)time_us, (long long)id);
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
