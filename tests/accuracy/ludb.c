/* Reads the database's records and has them delineated. */
#include "ludb.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "record/wfdb.h"

enum { BEATS_MAX = 256 };

const char *const ludb_records[LUDB_RECORDS] = {"1",  "2",  "8",   "10",  "13",  "22",  "24",  "33",
                                                "34", "35", "38",  "41",  "44",  "45",  "56",  "60",
                                                "63", "70", "128", "132", "135", "142", "157", "184"};

/* The annotators are named after the leads. */
static const char *const annotators[ECG_STANDARD_LEADS] = {"i",  "ii", "iii", "avr", "avl", "avf",
                                                           "v1", "v2", "v3",  "v4",  "v5",  "v6"};

void ludb_free(struct ludb_heart *ludb)
{
    heart_free(&ludb->heart);
}

static int wave_of(char mnemonic)
{
    switch (mnemonic) {
    case 'p': return ECG_WAVE_P;
    case 'N': return ECG_WAVE_QRS;
    case 't': return ECG_WAVE_T;
    default: return -1;
    }
}

/* "(" onset, a peak, ")" end; some have no onset. */
static void take_marks(const struct wfdb_annotations *set, double fs_hz, struct ludb_lead *lead)
{
    double onset_s = NAN;
    struct ludb_mark *last = NULL;
    lead->from_s = INFINITY;
    lead->to_s = -INFINITY;
    for (size_t i = 0; i < set->count; i++) {
        double t_s = (double)set->items[i].sample / fs_hz;
        int wave = wave_of(set->items[i].mnemonic);
        lead->from_s = fmin(lead->from_s, t_s);
        lead->to_s = fmax(lead->to_s, t_s);
        if (set->items[i].mnemonic == '(')
            onset_s = t_s;
        if (wave >= 0 && lead->count[wave] < LUDB_WAVES_MAX) {
            last = &lead->marks[wave][lead->count[wave]++];
            *last = (struct ludb_mark){onset_s, t_s, NAN};
            onset_s = NAN;
        }
        if (set->items[i].mnemonic == ')' && last) {
            last->end_s = t_s;
            last = NULL;
        }
    }
}

static hl_result read_marks(const char *path, struct ludb_heart *out, struct hl_error *error)
{
    hl_result result = HL_OK;
    for (size_t l = 0; result == HL_OK && l < out->heart.lead_count; l++) {
        struct wfdb_annotations *set = NULL;
        result = wfdb_annotations_read(path, annotators[out->heart.leads[l]], &set, error);
        if (result == HL_OK)
            take_marks(set, out->heart.fs_hz, &out->leads[l]);
        wfdb_annotations_free(set);
    }
    return result;
}

static hl_result read_signals(struct wfdb_record *record, struct heart *heart, struct hl_error *error)
{
    float *out[WFDB_MAX_SIGNALS] = {NULL};
    heart->fs_hz = record->fs_hz;
    heart->sample_count = (size_t)record->sample_count;
    heart->lead_count = record->lead_count;
    if (record->lead_count != ECG_STANDARD_LEADS)
        return hl_fail(error, HL_INVALID, "leads", "are not twelve");
    for (size_t l = 0; l < heart->lead_count; l++) {
        size_t signal = record->lead_signals[l];
        heart->leads[l] = record->signals[signal].lead;
        out[signal] = heart->mv[l] = calloc(heart->sample_count, sizeof(float));
        if (!heart->mv[l] || (size_t)heart->leads[l] >= ECG_STANDARD_LEADS)
            return hl_fail(error, HL_INVALID, "leads", "are not the standard twelve");
    }
    heart->reference = calloc(1, sizeof *heart->reference);
    heart->excluded = calloc(1, sizeof *heart->excluded);
    if (!heart->reference || !heart->excluded)
        return HL_NO_MEMORY;
    return wfdb_read(record, 0, heart->sample_count, out, error);
}

hl_result ludb_load(const char *name, struct ludb_heart *out, struct hl_error *error)
{
    char path[512];
    struct wfdb_record *record = NULL;
    memset(out, 0, sizeof *out);
    snprintf(path, sizeof path, "%s/ludb/data/%s", data_folder(), name);
    snprintf(out->heart.name, sizeof out->heart.name, "%s", name);
    hl_result result = wfdb_open(path, &record, error);
    if (result == HL_OK)
        result = read_signals(record, &out->heart, error);
    if (result == HL_OK)
        result = read_marks(path, out, error);
    wfdb_close(record);
    return result;
}

/* ---- telling ---- */

struct hearing {
    struct ludb_told *told;
    struct ecg_pipeline *pipeline;
};

static void on_waves(void *context, const struct ecg_beat_waves *waves)
{
    struct hearing *hearing = context;
    struct ludb_told *told = hearing->told;
    if (told->count == told->capacity)
        return;
    double late = (double)(ecg_pipeline_position(hearing->pipeline) - waves->sample);
    told->delay_ms[told->count] = (unsigned)fmax(1000.0 * late / told->fs_hz, 0.0);
    told->beats[told->count++] = *waves;
}

hl_result ludb_run(const struct heart *heart, const size_t *leads, size_t lead_count, struct ludb_told *told)
{
    struct ecg_config config = {.fs_hz = heart->fs_hz, .units = ECG_UNITS_MV, .lead_count = lead_count};
    struct hearing hearing = {.told = told};
    const float *at[ECG_MAX_LEADS];
    *told = (struct ludb_told){.capacity = BEATS_MAX, .fs_hz = heart->fs_hz};
    told->beats = calloc(BEATS_MAX, sizeof *told->beats);
    told->delay_ms = calloc(BEATS_MAX, sizeof *told->delay_ms);
    for (size_t l = 0; l < lead_count; l++)
        config.leads[l] = heart->leads[leads[l]];
    hl_result result = told->beats && told->delay_ms ? HL_OK : HL_NO_MEMORY;
    if (result == HL_OK)
        result = ecg_pipeline_new(&config, &hearing.pipeline, NULL);
    struct ecg_sink sink = {.context = &hearing, .waves = on_waves};
    for (size_t i = 0; result == HL_OK && i < heart->sample_count; i++) {
        for (size_t l = 0; l < lead_count; l++)
            at[l] = heart->mv[leads[l]] + i;
        ecg_pipeline_feed(hearing.pipeline, at, 1, &sink);
    }
    if (result == HL_OK)
        ecg_pipeline_flush(hearing.pipeline, &sink);
    ecg_pipeline_free(hearing.pipeline);
    return result;
}

void ludb_told_free(struct ludb_told *told)
{
    free(told->beats);
    free(told->delay_ms);
    *told = (struct ludb_told){0};
}
