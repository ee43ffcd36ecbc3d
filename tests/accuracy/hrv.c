/* Computes variability twice, of the beats that the analysis told and of the reference's, for the same five minutes,
and compares: what an R peak a few samples off, a missed beat or a wrong class does to each figure. */
#include "hrv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "heart.h"
#include "record/wfdb.h"

enum { WINDOWS = 64, COMPARED = 5 };

static const char preamble[] =
    "## Heart rate variability\n"
    "\n"
    "Five minutes each, told every minute. Told: windows for which there are figures, from the beats that the "
    "analysis\n"
    "found and from those that cardiologists marked; where either lacks 80 % of normal intervals, or sinus rhythm,\n"
    "nothing is told. Off: the median difference between both, in percent of the reference's figure.\n"
    "\n"
    "| record | windows | told | told by the reference | SDNN off | RMSSD off | LF off | HF off | LF/HF off |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";

static const struct compared {
    const char *name;
    size_t offset;
} compared[COMPARED] = {
    {"SDNN", offsetof(struct ecg_hrv, sdnn_ms)}, {"RMSSD", offsetof(struct ecg_hrv, rmssd_ms)},
    {"LF", offsetof(struct ecg_hrv, lf_ms2)},    {"HF", offsetof(struct ecg_hrv, hf_ms2)},
    {"LF/HF", offsetof(struct ecg_hrv, lf_hf)},
};

/* Percent, 0 where nothing is promised. 207 has bundle branch blocks, whose broad R peaks move by themselves. */
static const struct row {
    const char *path;
    double ceiling[COMPARED];
} rows[] = {
    {"qtdb/sel100", {2.0, 5.0, 8.0, 5.0, 8.0}}, {"mitdb/100", {2.0, 5.0, 8.0, 5.0, 8.0}},
    {"mitdb/101", {2.0, 5.0, 8.0, 5.0, 8.0}},   {"mitdb/103", {2.0, 5.0, 8.0, 5.0, 8.0}},
    {"mitdb/105", {4.0, 6.0, 15.0, 6.0, 15.0}}, {"mitdb/108", {10.0, 15.0, 20.0, 20.0, 30.0}},
    {"mitdb/114", {2.0, 5.0, 8.0, 5.0, 8.0}},   {"mitdb/207", {0.0, 0.0, 0.0, 0.0, 0.0}},
    {"mitdb/222", {0.0, 0.0, 0.0, 0.0, 0.0}},
};
enum { ROWS = sizeof rows / sizeof rows[0], ROWS_QUICK = 1 };

struct told {
    struct ecg_hrv windows[WINDOWS];
    size_t count;
};

static void take(void *context, const struct ecg_hrv *hrv)
{
    struct told *told = context;
    if (told->count < WINDOWS)
        told->windows[told->count++] = *hrv;
}

static hl_result hear_analysis(const struct wfdb_record *record, float *const *samples, struct told *told)
{
    struct ecg_config config = {.fs_hz = record->fs_hz, .units = ECG_UNITS_MV, .lead_count = record->lead_count};
    struct ecg_pipeline *pipeline = NULL;
    const float *leads[ECG_MAX_LEADS];
    for (size_t lead = 0; lead < record->lead_count; lead++) {
        config.leads[lead] = record->signals[record->lead_signals[lead]].lead;
        leads[lead] = samples[record->lead_signals[lead]];
    }
    hl_result result = ecg_pipeline_new(&config, &pipeline, NULL);
    if (result != HL_OK)
        return result;
    ecg_pipeline_feed(pipeline, leads, (size_t)record->sample_count, &(struct ecg_sink){.context = told, .hrv = take});
    ecg_pipeline_free(pipeline);
    return HL_OK;
}

/* Bundle branch blocks are conducted from the sinus node as normal beats are. */
static char code_of(char mnemonic)
{
    return strchr("NLR", mnemonic) ? 'N' : 'V';
}

/* Asks for the windows that end before `sample`. */
static void ask(const struct ecg_hrv_window *window, int64_t sample, const struct told *asked, struct told *told)
{
    for (; told->count < asked->count && asked->windows[told->count].sample < sample; told->count++) {
        struct ecg_hrv *out = &told->windows[told->count];
        if (!ecg_hrv_tell(window, asked->windows[told->count].sample, out))
            *out = (struct ecg_hrv){.withheld = "nothing"};
    }
}

/* The reference's beats, asked at the times for which the analysis was asked. */
static hl_result hear_reference(const struct wfdb_annotations *set, double fs_hz, const struct told *asked,
                                struct told *told)
{
    struct ecg_hrv_window *window = calloc(1, sizeof *window);
    bool follows = false;
    if (!window)
        return HL_NO_MEMORY;
    ecg_hrv_init(window, fs_hz);
    for (size_t i = 0; i < set->count; i++) {
        if (!set->items[i].is_beat)
            continue;
        ask(window, set->items[i].sample, asked, told);
        ecg_hrv_beat(window, set->items[i].sample, code_of(set->items[i].mnemonic), follows);
        follows = true;
    }
    ask(window, INT64_MAX, asked, told);
    free(window);
    return HL_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_off(const struct told *found, const struct told *reference, size_t offset)
{
    double off[WINDOWS];
    size_t count = 0;
    for (size_t i = 0; i < found->count && i < reference->count; i++) {
        double is = *(const double *)(const void *)((const char *)&found->windows[i] + offset);
        double should = *(const double *)(const void *)((const char *)&reference->windows[i] + offset);
        if (!found->windows[i].withheld && !reference->windows[i].withheld && should > 0.0 && isfinite(is))
            off[count++] = 100.0 * fabs(is - should) / should;
    }
    qsort(off, count, sizeof off[0], ascending);
    return count ? off[count / 2] : NAN;
}

static unsigned told_count(const struct told *told)
{
    unsigned count = 0;
    for (size_t i = 0; i < told->count; i++)
        count += told->windows[i].withheld == NULL;
    return count;
}

static void put_row(struct buf *out, const struct row *row, const struct told *found, const struct told *reference,
                    unsigned *broken)
{
    buf_printf(out, "| %s | %zu | %u | %u |", strrchr(row->path, '/') + 1, found->count, told_count(found),
               told_count(reference));
    for (size_t i = 0; i < COMPARED; i++) {
        char what[96];
        double off = median_off(found, reference, compared[i].offset);
        snprintf(what, sizeof what, "variability of %s: %s off, percent", row->path, compared[i].name);
        if (isnan(off))
            buf_text(out, " - |");
        else
            buf_printf(out, " %.1f |", off);
        section_ceiling(what, row->ceiling[i], isnan(off) ? INFINITY : off, broken);
    }
    buf_char(out, '\n');
}

static hl_result run_row(const struct row *row, struct buf *out, unsigned *broken, struct hl_error *error)
{
    char path[512];
    struct wfdb_record *record = NULL;
    struct wfdb_annotations *set = NULL;
    struct told found = {.count = 0};
    struct told reference = {.count = 0};
    float *samples[WFDB_MAX_SIGNALS] = {NULL};
    snprintf(path, sizeof path, "%s/%s", data_folder(), row->path);
    hl_result result = wfdb_open(path, &record, error);
    if (result != HL_OK)
        return result;
    size_t count = (size_t)record->sample_count;
    float *memory = calloc(count * record->signal_count, sizeof *memory);
    for (size_t signal = 0; memory && signal < record->signal_count; signal++)
        samples[signal] = memory + signal * count;
    result = memory ? wfdb_read(record, 0, count, samples, error) : HL_NO_MEMORY;
    if (result == HL_OK)
        result = wfdb_annotations_read(path, "atr", &set, error);
    if (result == HL_OK)
        result = hear_analysis(record, samples, &found);
    if (result == HL_OK)
        result = hear_reference(set, record->fs_hz, &found, &reference);
    if (result == HL_OK)
        put_row(out, row, &found, &reference, broken);
    wfdb_annotations_free(set);
    free(memory);
    wfdb_close(record);
    return result;
}

hl_result hrv_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    hl_result result = HL_OK;
    buf_text(markdown, preamble);
    for (size_t i = 0; i < (quick ? ROWS_QUICK : ROWS) && result == HL_OK; i++)
        result = run_row(&rows[i], markdown, broken, error);
    buf_char(markdown, '\n');
    return result;
}
