/* Waveforms: a body of up to twelve leads with thousands of numbers each. It does not become a JSON tree: the reader
below walks the text once and converts the number arrays straight into sample buffers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "routes.h"
#include "service/ingest.h"
#include "web/json_scan.h"

enum { MAX_SAMPLES = 1 << 20 }; /* of one lead in one request */
/* Beyond these no ECG is sampled: a mistake of units. (A rate near nothing would also make three samples last for
   years, and a patient seem live all that time.) */
static const double min_fs_hz = 1.0, max_fs_hz = 100000.0;

struct body {
    struct request *request;
    struct json_scan scan;
    struct waveform waveform;
    size_t counts[ECG_MAX_LEADS];
    bool has_time, has_rate, has_leads, has_units;
};

static bool read_time(struct body *body)
{
    struct json_span span;
    body->has_time = true;
    if (!json_read_string(&body->scan, &span))
        return false;
    if (clock_parse(span.text, span.length, &body->waveform.chunk.start_us) != HL_OK)
        request_reject(body->request, "timestamp", "must be a time such as 2025-01-08T12:34:56.789Z");
    return true;
}

static bool read_rate(struct body *body)
{
    double *fs_hz = &body->waveform.chunk.fs_hz;
    body->has_rate = true;
    if (!json_read_number(&body->scan, fs_hz))
        return false;
    if (*fs_hz < min_fs_hz || *fs_hz > max_fs_hz)
        request_reject(body->request, "sampling_rate", "must be from %.0f to %.0f Hz", min_fs_hz, max_fs_hz);
    return true;
}

static bool read_units(struct body *body)
{
    struct json_span span;
    body->has_units = true;
    if (!json_read_string(&body->scan, &span))
        return false;
    if (json_span_is(span, "mV") || json_span_is(span, "mv"))
        body->waveform.chunk.units = ECG_UNITS_MV;
    else if (json_span_is(span, "adu"))
        body->waveform.chunk.units = ECG_UNITS_ADU;
    else
        request_reject(body->request, "units", "must be mV, or adu for raw converter counts");
    return true;
}

static bool read_gain(struct body *body)
{
    if (!json_read_number(&body->scan, &body->waveform.gain_adu_per_mv))
        return false;
    if (body->waveform.gain_adu_per_mv <= 0)
        request_reject(body->request, "gain", "must be above 0: converter counts per millivolt");
    return true;
}

static bool read_baseline(struct body *body)
{
    return json_read_number(&body->scan, &body->waveform.baseline_adu);
}

static bool has_lead(const struct ecg_chunk *chunk, enum ecg_lead lead)
{
    for (size_t i = 0; i < chunk->lead_count; i++)
        if (chunk->leads[i] == lead)
            return true;
    return false;
}

static void reject_ragged(struct body *body, enum ecg_lead lead, size_t wanted, size_t got)
{
    char field[32];
    snprintf(field, sizeof field, "leads.%s", ecg_lead_name(lead));
    request_reject(body->request, field, "has %zu samples where the first lead has %zu; all must have the same number",
                   got, wanted);
}

/* Room for the rest of the body: no array can have more numbers than the text has commas. */
static float *sample_room(struct body *body, size_t *capacity)
{
    size_t left = (size_t)(body->scan.end - body->scan.at) / 2 + 1;
    *capacity = left < MAX_SAMPLES ? left : MAX_SAMPLES;
    if (body->waveform.chunk.lead_count > 0 && body->counts[0] > 0 && body->counts[0] + 1 < *capacity)
        *capacity = body->counts[0] + 1; /* one more than the first lead has is enough to see that it is ragged */
    return arena_alloc(body->request->arena, *capacity * sizeof(float));
}

static bool read_lead(struct body *body, struct json_span key)
{
    struct ecg_chunk *chunk = &body->waveform.chunk;
    enum ecg_lead lead;
    if (!ecg_lead_from_name(key.text, key.length, &lead))
        return json_fail(&body->scan, "is not a lead; known are I II III aVR aVL aVF V1 to V6, MLII");
    if (has_lead(chunk, lead))
        return json_fail(&body->scan, "stands twice");
    if (!json_enter_array(&body->scan))
        return false;
    size_t capacity;
    float *samples = sample_room(body, &capacity);
    if (!samples)
        return json_fail(&body->scan, "is too large");
    size_t at = chunk->lead_count++;
    chunk->leads[at] = lead;
    chunk->samples[at] = samples;
    if (!json_read_floats(&body->scan, samples, capacity, &body->counts[at])) {
        bool longer = at > 0 && body->counts[at] == capacity;
        if (longer)
            body->scan.error = "has more samples than the first lead; all leads must have the same number";
        return false;
    }
    if (at > 0 && body->counts[at] != body->counts[0])
        reject_ragged(body, lead, body->counts[0], body->counts[at]);
    return true;
}

static bool read_leads(struct body *body)
{
    struct json_span key;
    body->has_leads = true;
    if (!json_enter_object(&body->scan))
        return false;
    while (json_next_key(&body->scan, &key))
        if (!read_lead(body, key))
            return false;
    return !body->scan.error;
}

static const struct {
    const char *name;
    bool (*read)(struct body *body);
} members[] = {
    {"timestamp", read_time}, {"sampling_rate", read_rate}, {"leads", read_leads},
    {"units", read_units},    {"gain", read_gain},          {"baseline", read_baseline},
};
enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

static bool read_members(struct body *body)
{
    struct json_span key;
    unsigned seen = 0;
    if (!json_enter_object(&body->scan))
        return false;
    while (json_next_key(&body->scan, &key)) {
        size_t which = 0;
        while (which < MEMBER_COUNT && !json_span_is(key, members[which].name))
            which++;
        if (which < MEMBER_COUNT && seen & (1U << which))
            return json_fail(&body->scan, "stands twice");
        seen |= which < MEMBER_COUNT ? 1U << which : 0;
        bool is_null = json_peek(&body->scan) == 'n';
        if (!(which < MEMBER_COUNT && !is_null ? members[which].read(body) : json_skip(&body->scan)))
            return false;
    }
    return json_finish(&body->scan);
}

static void require(struct body *body)
{
    struct request *request = body->request;
    struct ecg_chunk *chunk = &body->waveform.chunk;
    if (!body->has_time)
        request_reject(request, "timestamp", "is missing");
    if (!body->has_rate)
        request_reject(request, "sampling_rate", "is missing");
    if (!body->has_leads)
        request_reject(request, "leads", "is missing");
    else if (chunk->lead_count == 0)
        request_reject(request, "leads", "must hold at least one lead");
    else if (body->counts[0] == 0)
        request_reject(request, "leads", "must hold at least one sample of each lead");
    chunk->sample_count = body->counts[0];
}

/* A scan error is JSON that is none (400), or a value that is not acceptable (422) because a reader above said so. */
static void reply_unreadable(struct body *body)
{
    char field[128];
    struct json_scan gate;
    if (json_check(&gate, body->request->body, body->request->body_length)) {
        json_field(&body->scan, field, sizeof field);
        request_reject(body->request, field, "%s", body->scan.error);
        reply_problem(body->request, 422, "Some inputs are missing or not acceptable; see errors.");
    } else {
        reply_scan_error(body->request, &gate);
    }
}

/* POST /api/v1/sessions/{session_id}/waveform
   {timestamp, sampling_rate, leads: {"I": [..], ..}, units?, gain?, baseline?}
   timestamp is the first sample's; sampling_rate a real number of Hz; samples in mV, or with units adu raw counts,
   which gain (counts per mV) and baseline (count at 0 mV) make millivolts. null is a missing sample.
   201 {status, waveform_id}; 200 with the first id for a repeat. 404: the caller has no such session. 400: not JSON.
   422: an unknown or ragged lead, a value that is not finite, a rate out of range: errors name lead and index. */
void waveform_post(struct request *request)
{
    struct body body = {.request = request, .waveform = {.gain_adu_per_mv = NAN, .baseline_adu = NAN}};
    struct hl_error error = {0};
    bool repeated;
    json_scan_init(&body.scan, request->body, request->body_length);
    if (!read_members(&body)) {
        reply_unreadable(&body);
        return;
    }
    require(&body);
    if (request->error_count > 0) {
        reply_problem(request, 422, "Some inputs are missing or not acceptable; see errors.");
        return;
    }
    hl_result result = ingest_waveform(service_of(request), request->identity.user_id,
                                       request_capture(request, "session_id"), &body.waveform, &repeated, &error);
    if (result != HL_OK) {
        reply_failure(request, result, &error);
        return;
    }
    buf_printf(reply_json(request, repeated ? 200 : 201), "{\"status\":\"success\",\"waveform_id\":\"waveform_%lld\"}",
               (long long)body.waveform.waveform_id);
}
