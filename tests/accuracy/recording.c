/* Reads a recording, has it analysed, and keeps what was told of rhythms. */
#include "recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "record/wfdb.h"

#define PORTION_S 0.1

struct hearing {
    struct recording *recording;
    const struct ecg_pipeline *pipeline;
    double fs_hz;
};

/* ---- reference ---- */

static void take_flutter(struct recording *recording, char mnemonic, double t_s)
{
    size_t max = sizeof recording->flutter / sizeof recording->flutter[0];
    bool open = recording->flutter_count && isinf(recording->flutter[recording->flutter_count - 1].to_s);
    if (mnemonic == '[' && !open && recording->flutter_count < max)
        recording->flutter[recording->flutter_count++] = (struct span){t_s, INFINITY};
    if (mnemonic == ']' && open)
        recording->flutter[recording->flutter_count - 1].to_s = t_s;
}

static void take_rhythm(struct recording *recording, const char *aux, double t_s)
{
    if (recording->reference_count)
        recording->reference[recording->reference_count - 1].to_s = t_s;
    if (!aux || recording->reference_count == RECORDING_SPANS_MAX)
        return;
    struct stretch *stretch = &recording->reference[recording->reference_count++];
    *stretch = (struct stretch){.from_s = t_s, .to_s = recording->seconds};
    snprintf(stretch->aux, sizeof stretch->aux, "%s", aux);
}

static void take_annotations(struct recording *recording, const struct wfdb_annotations *set, double fs_hz)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct wfdb_annotation *item = &set->items[i];
        double t_s = (double)item->sample / fs_hz;
        take_flutter(recording, item->mnemonic, t_s);
        if (item->mnemonic == '+')
            take_rhythm(recording, item->aux, t_s);
    }
}

/* ---- analysis ---- */

static void on_episode(void *context, const struct ecg_episode *episode)
{
    const struct hearing *hearing = context;
    struct recording *recording = hearing->recording;
    double onset_s = (double)episode->onset / hearing->fs_hz;
    if (episode->open && recording->told_count < RECORDING_SPANS_MAX)
        recording->told[recording->told_count++] =
            (struct stretch){.found = episode->rhythm,
                             .from_s = onset_s,
                             .told_s = (double)ecg_pipeline_position(hearing->pipeline) / hearing->fs_hz};
    for (size_t i = recording->told_count; i-- > 0;)
        if (recording->told[i].found == episode->rhythm && recording->told[i].from_s == onset_s) {
            recording->told[i].to_s = (double)episode->end / hearing->fs_hz;
            break;
        }
}

static void feed(struct ecg_pipeline *pipeline, const struct wfdb_record *record, float *const *samples,
                 const struct ecg_sink *sink)
{
    size_t count = (size_t)record->sample_count;
    size_t portion = (size_t)ceil(PORTION_S * record->fs_hz);
    for (size_t at = 0; at < count; at += portion) {
        const float *from[ECG_MAX_LEADS];
        for (size_t lead = 0; lead < record->lead_count; lead++)
            from[lead] = samples[record->lead_signals[lead]] + at;
        ecg_pipeline_feed(pipeline, from, count - at < portion ? count - at : portion, sink);
    }
    ecg_pipeline_flush(pipeline, sink);
}

/* Where no signal has the name of a lead (noise alone has none), the first two are taken as if. */
static void name_leads(struct wfdb_record *record)
{
    static const enum ecg_lead names[] = {ECG_LEAD_II, ECG_LEAD_V1};
    for (size_t i = 0; record->lead_count == i && i < 2 && i < record->signal_count; i++) {
        record->signals[i].lead = names[i];
        record->lead_signals[record->lead_count++] = i;
        record->lead_units = ECG_UNITS_ADU;
    }
}

static hl_result analyse(const struct wfdb_record *record, float *const *samples, struct recording *recording,
                         struct hl_error *error)
{
    struct ecg_config config = {.fs_hz = record->fs_hz, .units = record->lead_units, .lead_count = record->lead_count};
    struct ecg_pipeline *pipeline = NULL;
    for (size_t lead = 0; lead < record->lead_count; lead++)
        config.leads[lead] = record->signals[record->lead_signals[lead]].lead;
    hl_result result = ecg_pipeline_new(&config, &pipeline, error);
    if (result != HL_OK)
        return result;
    struct hearing hearing = {recording, pipeline, record->fs_hz};
    feed(pipeline, record, samples, &(struct ecg_sink){.context = &hearing, .episode = on_episode});
    ecg_pipeline_free(pipeline);
    return HL_OK;
}

static hl_result read_and_analyse(struct wfdb_record *record, struct recording *recording, struct hl_error *error)
{
    size_t count = (size_t)record->sample_count;
    float *memory = calloc(count * record->lead_count, sizeof *memory);
    float *samples[WFDB_MAX_SIGNALS] = {NULL};
    for (size_t lead = 0; memory && lead < record->lead_count; lead++)
        samples[record->lead_signals[lead]] = memory + lead * count;
    hl_result result = memory ? wfdb_read(record, 0, count, samples, error) : HL_NO_MEMORY;
    if (result == HL_OK)
        result = analyse(record, samples, recording, error);
    free(memory);
    return result;
}

hl_result recording_run(const char *record_path, struct recording *recording, struct hl_error *error)
{
    const char *slash = strrchr(record_path, '/');
    struct wfdb_record *record = NULL;
    struct wfdb_annotations *set = NULL;
    memset(recording, 0, sizeof *recording);
    snprintf(recording->name, sizeof recording->name, "%s", slash ? slash + 1 : record_path);
    hl_result result = wfdb_open(record_path, &record, error);
    if (result != HL_OK)
        return result;
    if (record->lead_count == 0)
        name_leads(record);
    recording->seconds = (double)record->sample_count / record->fs_hz;
    if (wfdb_annotations_read(record_path, "atr", &set, NULL) == HL_OK)
        take_annotations(recording, set, record->fs_hz);
    wfdb_annotations_free(set);
    result = read_and_analyse(record, recording, error);
    wfdb_close(record);
    return result;
}

/* ---- seconds ---- */

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

double recording_reference_s(const struct recording *recording, const char *const *aux)
{
    double sum_s = 0.0;
    for (size_t i = 0; i < recording->reference_count; i++)
        if (is_one_of(recording->reference[i].aux, aux))
            sum_s += recording->reference[i].to_s - recording->reference[i].from_s;
    return sum_s;
}

double recording_told_s(const struct recording *recording, enum ecg_rhythm rhythm)
{
    double sum_s = 0.0;
    for (size_t i = 0; i < recording->told_count; i++)
        if (recording->told[i].found == rhythm)
            sum_s += recording->told[i].to_s - recording->told[i].from_s;
    return sum_s;
}

double recording_told_in_s(const struct recording *recording, enum ecg_rhythm rhythm, const char *const *aux)
{
    double sum_s = 0.0;
    for (size_t i = 0; i < recording->told_count; i++) {
        const struct stretch *told = &recording->told[i];
        for (size_t j = 0; told->found == rhythm && j < recording->reference_count; j++) {
            const struct stretch *reference = &recording->reference[j];
            if (is_one_of(reference->aux, aux))
                sum_s += fmax(0.0, fmin(told->to_s, reference->to_s) - fmax(told->from_s, reference->from_s));
        }
    }
    return sum_s;
}
