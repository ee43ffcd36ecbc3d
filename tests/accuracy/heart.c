/* Reads recorded hearts, samples them anew, and has them analysed. */
#include "heart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "record/wfdb.h"

#define PI             3.14159265358979323846
#define LEARNING_S     300.0
#define NEAR_S         0.150
#define ZERO_CROSSINGS 16
#define KERNEL_STEPS   512 /* a zero crossing is tabulated in so many steps */

const char *data_folder(void)
{
    const char *folder = getenv("HEARTLINE_DATA");
    return folder && *folder ? folder : "../shared/data";
}

void heart_free(struct heart *heart)
{
    for (size_t lead = 0; lead < ECG_MAX_LEADS; lead++)
        free(heart->mv[lead]);
    free(heart->reference);
    free(heart->excluded);
    *heart = (struct heart){0};
}

/* ---- reading ---- */

static bool allocate(struct heart *heart, size_t references)
{
    for (size_t lead = 0; lead < heart->lead_count; lead++)
        if (!(heart->mv[lead] = calloc(heart->sample_count, sizeof(float))))
            return false;
    heart->reference = calloc(references + 1, sizeof *heart->reference);
    heart->excluded = calloc(references + 1, sizeof *heart->excluded);
    return heart->reference && heart->excluded;
}

static hl_result read_signals(struct wfdb_record *record, struct heart *heart, struct hl_error *error)
{
    float *out[WFDB_MAX_SIGNALS] = {NULL};
    for (size_t lead = 0; lead < heart->lead_count; lead++) {
        size_t signal = record->lead_signals[lead];
        heart->leads[lead] = record->signals[signal].lead;
        out[signal] = heart->mv[lead];
    }
    return wfdb_read(record, 0, heart->sample_count, out, error);
}

/* The learning time, and from each [ to its ] (or to the end). */
static void take_annotations(const struct wfdb_annotations *set, struct heart *heart)
{
    bool open = false;
    heart->excluded[heart->excluded_count++] = (struct span){-INFINITY, LEARNING_S};
    for (size_t i = 0; i < set->count; i++) {
        const struct wfdb_annotation *item = &set->items[i];
        double t_s = (double)item->sample / heart->fs_hz;
        if (item->is_beat)
            heart->reference[heart->reference_count++] = (struct mark){t_s, class_of(item->mnemonic)};
        if (item->mnemonic == '[' && !open)
            heart->excluded[heart->excluded_count++] = (struct span){t_s, INFINITY};
        if (item->mnemonic == ']' && open)
            heart->excluded[heart->excluded_count - 1].to_s = t_s;
        open = item->mnemonic == '[' || (open && item->mnemonic != ']');
    }
}

hl_result heart_load(const char *record_path, struct heart *heart, struct hl_error *error)
{
    struct wfdb_record *record = NULL;
    struct wfdb_annotations *set = NULL;
    const char *slash = strrchr(record_path, '/');
    *heart = (struct heart){0};
    hl_result result = wfdb_open(record_path, &record, error);
    if (result == HL_OK)
        result = wfdb_annotations_read(record_path, "atr", &set, error);
    if (result == HL_OK) {
        snprintf(heart->name, sizeof heart->name, "%s", slash ? slash + 1 : record_path);
        heart->fs_hz = record->fs_hz;
        heart->sample_count = (size_t)record->sample_count;
        heart->lead_count = record->lead_count;
        result = allocate(heart, set->count) ? read_signals(record, heart, error) : HL_NO_MEMORY;
    }
    if (result == HL_OK)
        take_annotations(set, heart);
    wfdb_annotations_free(set);
    wfdb_close(record);
    return result;
}

/* ---- another sampling rate ---- */

static float *kernel_new(void)
{
    size_t size = ZERO_CROSSINGS * KERNEL_STEPS + 2;
    float *kernel = calloc(size, sizeof *kernel);
    for (size_t i = 0; kernel && i < size - 2; i++) {
        double x = (double)i / KERNEL_STEPS;
        double sinc = i ? sin(PI * x) / (PI * x) : 1.0;
        kernel[i] = (float)(sinc * 0.5 * (1.0 + cos(PI * x / ZERO_CROSSINGS)));
    }
    return kernel;
}

static float interpolate(const float *x, size_t count, const float *kernel, double at, double cutoff)
{
    double reach = ZERO_CROSSINGS / cutoff;
    long from = (long)ceil(at - reach);
    long to = (long)floor(at + reach);
    double sum = 0.0;
    double weights = 0.0;
    for (long i = from < 0 ? 0 : from; i <= to && i < (long)count; i++) {
        double position = fabs((double)i - at) * cutoff * KERNEL_STEPS;
        double weight = (double)kernel[(size_t)(position + 0.5)];
        sum += weight * (double)x[i];
        weights += weight;
    }
    return (float)(sum / weights);
}

hl_result heart_resample(const struct heart *heart, double fs_hz, struct heart *out)
{
    double ratio = heart->fs_hz / fs_hz;
    float *kernel = kernel_new();
    *out = *heart;
    memset(out->mv, 0, sizeof out->mv);
    out->fs_hz = fs_hz;
    out->sample_count = (size_t)((double)heart->sample_count / ratio);
    if (!kernel || !allocate(out, heart->reference_count + heart->excluded_count)) {
        free(kernel);
        return HL_NO_MEMORY;
    }
    for (size_t lead = 0; lead < heart->lead_count; lead++)
        for (size_t i = 0; i < out->sample_count; i++)
            out->mv[lead][i] =
                interpolate(heart->mv[lead], heart->sample_count, kernel, (double)i * ratio, fmin(1.0, 1.0 / ratio));
    memcpy(out->reference, heart->reference, heart->reference_count * sizeof *heart->reference);
    memcpy(out->excluded, heart->excluded, heart->excluded_count * sizeof *heart->excluded);
    free(kernel);
    return HL_OK;
}

/* ---- scoring ---- */

struct hearing {
    const struct ecg_pipeline *pipeline;
    heart_listener *beat;
    void *context;
};

static void hear(void *context, const struct ecg_beat *beat)
{
    const struct hearing *hearing = context;
    hearing->beat(hearing->context, hearing->pipeline, beat);
}

static void feed(const struct heart *heart, size_t lead_count, struct ecg_pipeline *pipeline,
                 const struct ecg_sink *sink)
{
    for (size_t i = 0; i < heart->sample_count; i++) {
        const float *at[ECG_MAX_LEADS];
        for (size_t lead = 0; lead < lead_count; lead++)
            at[lead] = heart->mv[lead] + i;
        ecg_pipeline_feed(pipeline, at, 1, sink);
    }
    ecg_pipeline_flush(pipeline, sink);
}

hl_result heart_run(const struct heart *heart, size_t lead_count, heart_listener *beat, void *context)
{
    struct ecg_config config = {.fs_hz = heart->fs_hz, .units = ECG_UNITS_MV, .lead_count = lead_count};
    memcpy(config.leads, heart->leads, sizeof config.leads);
    struct ecg_pipeline *pipeline = NULL;
    hl_result result = ecg_pipeline_new(&config, &pipeline, NULL);
    if (result != HL_OK)
        return result;
    struct hearing hearing = {pipeline, beat, context};
    feed(heart, lead_count, pipeline, &(struct ecg_sink){.context = &hearing, .beat = hear});
    ecg_pipeline_free(pipeline);
    return HL_OK;
}

enum beat_class heart_class_at(const struct heart *heart, double t_s)
{
    size_t low = 0;
    size_t high = heart->reference_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (heart->reference[middle].t_s < t_s)
            low = middle + 1;
        else
            high = middle;
    }
    enum beat_class class = CLASS_NONE;
    double nearest_s = NEAR_S;
    for (size_t i = low ? low - 1 : 0; i < heart->reference_count && i <= low; i++) {
        double off_s = fabs(heart->reference[i].t_s - t_s);
        if (off_s <= nearest_s) {
            nearest_s = off_s;
            class = heart->reference[i].class;
        }
    }
    return class;
}

struct listener {
    double fs_hz;
    struct mark *found;
    size_t count, capacity;
    unsigned *delay_ms;
};

static void note_beat(void *context, const struct ecg_pipeline *pipeline, const struct ecg_beat *beat)
{
    struct listener *listener = context;
    int64_t told = ecg_pipeline_position(pipeline);
    double delay_ms = 1000.0 * (double)(told - beat->sample) / listener->fs_hz;
    listener->delay_ms[(size_t)fmin(delay_ms, DELAY_BINS - 1)]++;
    if (listener->count < listener->capacity)
        listener->found[listener->count++] =
            (struct mark){(double)beat->sample / listener->fs_hz, class_of(beat->code)};
}

static void measure_offsets(const struct heart *heart, struct marks found, struct outcome *outcome)
{
    size_t f = 0;
    for (size_t i = 0; i < heart->reference_count; i++) {
        double t_s = heart->reference[i].t_s;
        while (f + 1 < found.count && fabs(found.items[f + 1].t_s - t_s) <= fabs(found.items[f].t_s - t_s))
            f++;
        double off_s = f < found.count ? fabs(found.items[f].t_s - t_s) : INFINITY;
        if (t_s < LEARNING_S || off_s > NEAR_S)
            continue;
        outcome->off_sum_ms += 1000.0 * off_s;
        outcome->off_count++;
    }
}

hl_result heart_score(const struct heart *heart, size_t lead_count, struct outcome *outcome)
{
    /* A refractory period of 200 ms keeps the beats under 5 a second. */
    size_t capacity = (size_t)(6.0 * (double)heart->sample_count / heart->fs_hz) + 16;
    struct listener listener = {heart->fs_hz, calloc(capacity, sizeof(struct mark)), 0, capacity, outcome->delay_ms};
    hl_result result = listener.found ? heart_run(heart, lead_count, note_beat, &listener) : HL_NO_MEMORY;
    if (result == HL_OK) {
        struct marks found = {listener.found, listener.count};
        compare((struct marks){heart->reference, heart->reference_count}, found,
                (struct spans){heart->excluded, heart->excluded_count}, &outcome->tally);
        measure_offsets(heart, found, outcome);
    }
    free(listener.found);
    return result;
}

void outcome_add(struct outcome *sum, const struct outcome *part)
{
    tally_add(&sum->tally, &part->tally);
    for (size_t i = 0; i < DELAY_BINS; i++)
        sum->delay_ms[i] += part->delay_ms[i];
    sum->off_sum_ms += part->off_sum_ms;
    sum->off_count += part->off_count;
}

unsigned outcome_delay_ms(const struct outcome *outcome, double share)
{
    unsigned long all = 0;
    unsigned long so_far = 0;
    unsigned bin = 0;
    for (size_t i = 0; i < DELAY_BINS; i++)
        all += outcome->delay_ms[i];
    for (; bin < DELAY_BINS - 1; bin++) {
        so_far += outcome->delay_ms[bin];
        if ((double)so_far >= share * (double)all)
            break;
    }
    return bin;
}
