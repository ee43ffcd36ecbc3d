/* Reading a session back: its metrics, its chunks of signal and its reports, a page at a time. */
#include <math.h>
#include <string.h>

#include "api_json.h"
#include "routes.h"
#include "service/ingest.h"

enum { DEFAULT_ROWS = 1000, MOST_CHUNKS = 200 };

static void write_flag(struct buf *out, const char *name, int flag)
{
    json_raw(out, name, flag < 0 ? NULL : flag ? "true" : "false");
}

static void write_metrics(struct buf *out, const struct metrics *row)
{
    json_open(out, NULL, '{');
    json_id(out, "metrics_id", "metric", row->metric_id);
    json_time(out, "timestamp", row->time_us);
    json_time(out, "received_at", row->received_us);
    json_text(out, "source", row->source);
    json_bool(out, "late", row->late);
    json_open(out, "metrics", '{');
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (i == METRIC_SAMPLING_RATE)
            json_number(out, metric_kinds[i].name, row->values[i]);
        else
            json_float(out, metric_kinds[i].name, (float)row->values[i]);
    }
    json_close(out, '}');
    json_open(out, "status", '{');
    write_flag(out, "is_recording", row->is_recording);
    json_text(out, "signal_quality", row->signal_quality);
    write_flag(out, "demo_mode", row->demo_mode);
    json_close(out, '}');
    json_raw(out, "extra", row->extra);
    json_close(out, '}');
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

static void write_samples(struct buf *out, const char *lead, const float *samples, size_t count)
{
    json_open(out, lead, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(out, ',');
        buf_json_float(out, samples[i]);
    }
    json_close(out, ']');
}

static void write_waveform(struct buf *out, const struct waveform *row, const struct lead_choice *choice)
{
    const struct ecg_chunk *chunk = &row->chunk;
    json_open(out, NULL, '{');
    json_id(out, "waveform_id", "waveform", row->waveform_id);
    json_time(out, "timestamp", chunk->start_us);
    json_time(out, "received_at", row->received_us);
    json_number(out, "sampling_rate", chunk->fs_hz);
    json_number(out, "duration_seconds", (double)chunk->sample_count / chunk->fs_hz);
    json_text(out, "units", chunk->units == ECG_UNITS_ADU ? "adu" : "mV");
    json_number(out, "gain", row->gain_adu_per_mv);
    json_number(out, "baseline", row->baseline_adu);
    json_bool(out, "late", row->late);
    json_bool(out, "time_uncertain", row->time_uncertain);
    json_open(out, "leads", '{');
    for (size_t i = 0; i < chunk->lead_count; i++)
        if (choice->all || choice->wanted[chunk->leads[i]])
            write_samples(out, ecg_lead_name(chunk->leads[i]), chunk->samples[i], chunk->sample_count);
    json_close(out, '}');
    json_close(out, '}');
}

hl_result find_session(struct request *request, struct session *session, struct hl_error *error)
{
    const struct identity *viewer = &request->identity;
    const char *owner = viewer->role == ROLE_PATIENT ? viewer->user_id : input_text(request, "user_id");
    hl_result result =
        sessions_by_id(service_of(request)->db, request->arena, request_capture(request, "session_id"), owner, session);
    if (result == HL_NOT_FOUND)
        return hl_fail(error, result, "session_id", "There is no such session.");
    if (result == HL_CONFLICT)
        return hl_fail(error, result, "user_id",
                       "Several patients have a session of this name; say whose with user_id.");
    return result;
}

struct session_rows {
    struct metrics *metrics;
    struct waveform *waveforms;
    struct report *reports;
    int metric_count, waveform_count, report_count;
    bool more_metrics, more_waveforms;
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
    const char *source = input_text(request, "source");
    if (source && strcmp(source, "device") != 0 && strcmp(source, "computed") != 0)
        return hl_fail(error, HL_INVALID, "source", "must be device or computed");
    hl_result result = metrics_list(db, request->arena, &page, source, &rows->metrics, &rows->metric_count);
    if (result != HL_OK)
        return result;
    rows->more_metrics = rows->metric_count == page.limit;
    if (!read_page_mark(input_text(request, "waveform_after"), &page.after_us, &page.after_id))
        return hl_fail(error, HL_INVALID, "waveform_after", "must be a next.waveform_after of an earlier reply");
    page.limit = page.limit < MOST_CHUNKS ? page.limit : MOST_CHUNKS;
    result = waveforms_list(db, request->arena, &page, &rows->waveforms, &rows->waveform_count, &rows->more_waveforms);
    if (result != HL_OK)
        return result;
    return reports_list(db, request->arena, NULL, session->session_key, 0, DEFAULT_ROWS, &rows->reports,
                        &rows->report_count);
}

static void write_next(struct buf *out, const struct session_rows *rows)
{
    if (!rows->more_metrics && !rows->more_waveforms) {
        json_raw(out, "next", NULL);
        return;
    }
    json_open(out, "next", '{');
    if (rows->more_metrics) {
        const struct metrics *last = &rows->metrics[rows->metric_count - 1];
        json_page_mark(out, "metrics_after", last->time_us, last->metric_id);
    }
    if (rows->more_waveforms) {
        const struct waveform *last = &rows->waveforms[rows->waveform_count - 1];
        json_page_mark(out, "waveform_after", last->chunk.start_us, last->waveform_id);
    }
    json_close(out, '}');
}

static void write_data(struct buf *out, const struct session *session, const struct session_rows *rows,
                       const struct lead_choice *choice)
{
    json_open(out, NULL, '{');
    json_text(out, "session_id", session->session_id);
    json_text(out, "user_id", session->user_id);
    json_time(out, "start_time", session->start_us);
    json_time(out, "end_time", session->end_us);
    json_text(out, "status", session->status);
    json_open(out, "metrics_timeline", '[');
    for (int i = 0; i < rows->metric_count; i++)
        write_metrics(out, &rows->metrics[i]);
    json_close(out, ']');
    json_open(out, "waveform_segments", '[');
    for (int i = 0; i < rows->waveform_count; i++)
        write_waveform(out, &rows->waveforms[i], choice);
    json_close(out, ']');
    json_open(out, "reports", '[');
    for (int i = 0; i < rows->report_count; i++)
        json_report(out, NULL, &rows->reports[i]);
    json_close(out, ']');
    write_next(out, rows);
    json_close(out, '}');
}

/* GET /api/v1/sessions/{session_id}/data?from&to&leads&limit&source&metrics_after&waveform_after&user_id
   200 {session_id, user_id, start_time, end_time, status, metrics_timeline, waveform_segments, reports, next}, in time
   order; only metrics of the `source` that is named, device or computed. When there is more, `next` holds the marks
   that continue each list; a list without a mark has ended. 404: no such session, or not the caller's. 409: ids are
   unique per patient only, and several have this one. */
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
    write_data(reply_json(request, 200), &session, &rows, &choice);
}
