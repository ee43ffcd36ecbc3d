/* Reads the database's records and has them delineated. */
#include "ludb.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "record/wfdb.h"

#define SAME_WAVE_S 0.075 /* peaks of the same wave in different leads */
#define CONFIRM_S   0.014 /* as waves.c does */

enum { BEATS_MAX = 256, CONFIRMATIONS = 2 };

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

/* ---- all leads as one ---- */

/* Marks of one wave of one beat, all leads'. */
struct cluster {
    double onset_s[ECG_STANDARD_LEADS], peak_s[ECG_STANDARD_LEADS], end_s[ECG_STANDARD_LEADS];
    size_t onsets, peaks, ends;
};

static int in_order(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    if (count == 0)
        return (double)NAN;
    qsort(values, count, sizeof *values, in_order);
    return values[count / 2];
}

/* `sign` -1: the latest. */
static double outermost(double *values, size_t count, double sign)
{
    for (size_t i = 0; i < count; i++)
        values[i] *= sign;
    double middle = median(values, count);
    for (size_t i = 0; i + CONFIRMATIONS < count; i++)
        if (values[i + CONFIRMATIONS] - values[i] <= CONFIRM_S)
            return sign * values[i];
    return sign * middle;
}

static void take_cluster(const struct ludb_heart *ludb, int wave, double at_s, struct cluster *cluster)
{
    *cluster = (struct cluster){.peaks = 0};
    for (size_t l = 0; l < ludb->heart.lead_count; l++) {
        const struct ludb_lead *lead = &ludb->leads[l];
        for (size_t i = 0; i < lead->count[wave]; i++) {
            const struct ludb_mark *mark = &lead->marks[wave][i];
            if (fabs(mark->peak_s - at_s) > SAME_WAVE_S)
                continue;
            cluster->peak_s[cluster->peaks++] = mark->peak_s;
            if (!isnan(mark->onset_s))
                cluster->onset_s[cluster->onsets++] = mark->onset_s;
            if (!isnan(mark->end_s))
                cluster->end_s[cluster->ends++] = mark->end_s;
            break;
        }
    }
}

/* Around the marks of the lead that has most of them. */
static void fuse_wave(struct ludb_heart *ludb, int wave)
{
    size_t most = 0;
    for (size_t l = 1; l < ludb->heart.lead_count; l++)
        if (ludb->leads[l].count[wave] > ludb->leads[most].count[wave])
            most = l;
    for (size_t i = 0; i < ludb->leads[most].count[wave]; i++) {
        struct cluster cluster;
        take_cluster(ludb, wave, ludb->leads[most].marks[wave][i].peak_s, &cluster);
        if (cluster.peaks <= ECG_STANDARD_LEADS / 2)
            continue;
        ludb->all.marks[wave][ludb->all.count[wave]++] = (struct ludb_mark){
            outermost(cluster.onset_s, cluster.onsets, 1.0),
            median(cluster.peak_s, cluster.peaks),
            outermost(cluster.end_s, cluster.ends, -1.0),
        };
    }
}

static void fuse(struct ludb_heart *ludb)
{
    double from_s[ECG_STANDARD_LEADS];
    double to_s[ECG_STANDARD_LEADS];
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++)
        fuse_wave(ludb, wave);
    for (size_t l = 0; l < ludb->heart.lead_count; l++) {
        from_s[l] = ludb->leads[l].from_s;
        to_s[l] = ludb->leads[l].to_s;
    }
    ludb->all.from_s = median(from_s, ludb->heart.lead_count);
    ludb->all.to_s = median(to_s, ludb->heart.lead_count);
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
    if (result == HL_OK)
        fuse(out);
    wfdb_close(record);
    return result;
}

/* ---- telling ---- */

struct hearing {
    struct ludb_told *told;
    struct ecg_pipeline *pipeline;
    struct ecg_place_case cases[ECG_MAX_LEADS][ECG_WAVE_COUNT][2]; /* of the beat told next */
};

static void on_waves(void *context, const struct ecg_beat_waves *waves)
{
    struct hearing *hearing = context;
    struct ludb_told *told = hearing->told;
    if (told->count == told->capacity)
        return;
    double late = (double)(ecg_pipeline_position(hearing->pipeline) - waves->sample);
    told->delay_ms[told->count] = (unsigned)fmax(1000.0 * late / told->fs_hz, 0.0);
    if (told->cases)
        memcpy(told->cases[told->count], hearing->cases, sizeof hearing->cases);
    told->beats[told->count++] = *waves;
}

struct ludb_way ludb_way(const struct heart *heart, const enum ecg_lead *leads, size_t lead_count)
{
    struct ludb_way way = {.lead_count = 0};
    for (size_t l = 0; l < heart->lead_count; l++) {
        bool wanted = lead_count == 0;
        for (size_t i = 0; i < lead_count; i++)
            wanted = wanted || heart->leads[l] == leads[i];
        if (wanted)
            way.leads[way.lead_count++] = l;
    }
    return way;
}

static hl_result allocate(const struct ludb_way *way, struct ludb_told *told)
{
    told->capacity = BEATS_MAX;
    told->beats = calloc(BEATS_MAX, sizeof *told->beats);
    told->delay_ms = calloc(BEATS_MAX, sizeof *told->delay_ms);
    told->cases = way->cases ? calloc(BEATS_MAX, sizeof *told->cases) : NULL;
    return told->beats && told->delay_ms && (told->cases || !way->cases) ? HL_OK : HL_NO_MEMORY;
}

static void feed(const struct heart *heart, const struct ludb_way *way, struct hearing *hearing)
{
    struct ecg_sink sink = {.context = hearing, .waves = on_waves};
    const float *at[ECG_MAX_LEADS];
    for (size_t i = 0; i < heart->sample_count; i++) {
        for (size_t l = 0; l < way->lead_count; l++)
            at[l] = heart->mv[way->leads[l]] + i;
        ecg_pipeline_feed(hearing->pipeline, at, 1, &sink);
    }
    ecg_pipeline_flush(hearing->pipeline, &sink);
}

hl_result ludb_run(const struct heart *heart, const struct ludb_way *way, struct ludb_told *told)
{
    struct ecg_config config = {.fs_hz = heart->fs_hz, .units = ECG_UNITS_MV, .lead_count = way->lead_count};
    static struct hearing hearing;
    *told = (struct ludb_told){.fs_hz = heart->fs_hz};
    hearing.told = told;
    for (size_t l = 0; l < way->lead_count; l++)
        config.leads[l] = heart->leads[way->leads[l]];
    hl_result result = allocate(way, told);
    if (result == HL_OK)
        result = ecg_pipeline_new(&config, &hearing.pipeline, NULL);
    if (result != HL_OK)
        return result;
    struct ecg_waves *waves = ecg_pipeline_waves(hearing.pipeline);
    waves->model = way->model ? way->model : waves->model;
    waves->cases = way->cases ? hearing.cases : NULL;
    feed(heart, way, &hearing);
    ecg_pipeline_free(hearing.pipeline);
    return HL_OK;
}

void ludb_told_free(struct ludb_told *told)
{
    free(told->beats);
    free(told->delay_ms);
    free(told->cases);
    *told = (struct ludb_told){0};
}
