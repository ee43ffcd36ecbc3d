/* `heartline annotate PATH/100 -o hl`: the analysis of live signals run over a WFDB record, and what it says written as
an annotation file that other tools read: beats, changes of rhythm and of quality; with --waves the waves across the
leads as well, with --lead-waves those of each lead. --json prints all that was found. The record is fed in portions, as
it would come from a device; --live feeds it in portions of 40 ms, which changes nothing in what is found. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heartline.h"
#include "heartline_annotate.h"

static const double portion_s = 5.0;
static const double live_portion_s = 0.040;

/* ---- which leads ---- */

/* A lead's code for a signal: its own, or one that is still free, because the analysis tells leads apart by code. */
static enum ecg_lead code_for(const struct annotate *job, const struct wfdb_signal *signal)
{
    bool taken[ECG_LEAD_COUNT] = {false};
    for (size_t i = 0; i < job->lead_count; i++)
        taken[job->config.leads[i]] = true;
    if (signal->has_lead && !taken[signal->lead])
        return signal->lead;
    unsigned code = ECG_LEAD_COUNT - 1;
    while (taken[code])
        code--;
    return (enum ecg_lead)code;
}

static hl_result add_signal(struct annotate *job, size_t index, struct hl_error *error)
{
    const struct wfdb_signal *signal = &job->record->signals[index];
    enum ecg_units units = signal->quantity == WFDB_MILLIVOLTS ? ECG_UNITS_MV : ECG_UNITS_ADU;
    for (size_t i = 0; i < job->lead_count; i++)
        if (job->signals[i] == index)
            return hl_fail(error, HL_INVALID, "--leads", "signal %zu comes twice", index);
    if (job->lead_count == ECG_MAX_LEADS)
        return hl_fail(error, HL_INVALID, "--leads", "more than %d leads", (int)ECG_MAX_LEADS);
    if (signal->quantity == WFDB_OTHER)
        return hl_fail(error, HL_INVALID, "--leads", "%s is in %s: no electrocardiogram", signal->name, signal->units);
    if (job->lead_count > 0 && units != job->config.units)
        return hl_fail(error, HL_INVALID, "--leads", "%s is in other units than the leads before it", signal->name);
    job->config.units = units;
    job->config.leads[job->lead_count] = code_for(job, signal);
    job->signals[job->lead_count++] = index;
    return HL_OK;
}

/* The number of the signal that `text` names, by its number from 0 or by its name. */
static bool find_signal(const struct wfdb_record *record, const char *text, size_t length, size_t *index)
{
    enum ecg_lead lead;
    bool known = ecg_lead_from_name(text, length, &lead);
    bool digits = length > 0 && length < 4 && strspn(text, "0123456789") >= length;
    *index = digits ? (size_t)strtoul(text, NULL, 10) : 0;
    if (digits)
        return *index < record->signal_count;
    for (; *index < record->signal_count; (*index)++) {
        const struct wfdb_signal *signal = &record->signals[*index];
        if (strlen(signal->name) == length && strncasecmp(signal->name, text, length) == 0)
            return true;
        if (known && signal->has_lead && signal->lead == lead)
            return true;
    }
    return false;
}

static hl_result choose_named(struct annotate *job, struct hl_error *error)
{
    hl_result result = HL_OK;
    for (const char *at = job->leads; result == HL_OK && at;) {
        size_t index;
        size_t length = strcspn(at, ",");
        if (!find_signal(job->record, at, length, &index))
            return hl_fail(error, HL_NOT_FOUND, "--leads", "%s has no signal \"%.*s\"", job->path, (int)length, at);
        result = add_signal(job, index, error);
        at = at[length] ? at + length + 1 : NULL;
    }
    return result;
}

/* All that the record calls leads; when it names none so, its first signal. */
static hl_result choose_leads(struct annotate *job, struct hl_error *error)
{
    hl_result result = HL_OK;
    if (job->leads)
        return choose_named(job, error);
    for (size_t i = 0; result == HL_OK && i < job->record->lead_count; i++)
        result = add_signal(job, job->record->lead_signals[i], error);
    if (result == HL_OK && job->lead_count == 0)
        result = job->record->signal_count ? add_signal(job, 0, error)
                                           : hl_fail(error, HL_UNSUPPORTED, job->path, "the record has no signals");
    return result;
}

/* ---- analysis ---- */

static hl_result feed_portion(struct annotate *job, int64_t first, size_t count, float *samples, size_t portion,
                              struct hl_error *error)
{
    struct ecg_sink sink = annotate_sink(job);
    float *out[WFDB_MAX_SIGNALS] = {NULL};
    const float *leads[ECG_MAX_LEADS];
    for (size_t i = 0; i < job->lead_count; i++) {
        out[job->signals[i]] = samples + i * portion;
        leads[i] = samples + i * portion;
    }
    hl_result result = wfdb_read(job->record, first, count, out, error);
    if (result == HL_OK)
        ecg_pipeline_feed(job->pipeline, leads, count, &sink);
    return result;
}

static hl_result analyse(struct annotate *job, struct hl_error *error)
{
    struct ecg_sink sink = annotate_sink(job);
    int64_t total = job->record->sample_count;
    size_t portion = (size_t)((job->live ? live_portion_s : portion_s) * job->record->fs_hz) + 1;
    float *samples = calloc(portion * job->lead_count, sizeof *samples);
    job->config.fs_hz = job->record->fs_hz;
    job->config.lead_count = job->lead_count;
    hl_result result = samples ? ecg_pipeline_new(&job->config, &job->pipeline, error) : HL_NO_MEMORY;
    for (int64_t first = 0; result == HL_OK && first < total; first += (int64_t)portion) {
        size_t count = total - first < (int64_t)portion ? (size_t)(total - first) : portion;
        result = feed_portion(job, first, count, samples, portion, error);
    }
    if (result == HL_OK) {
        ecg_pipeline_flush(job->pipeline, &sink);
        annotate_finish(job);
    }
    ecg_pipeline_free(job->pipeline);
    free(samples);
    return result == HL_OK && job->no_memory ? HL_NO_MEMORY : result;
}

/* ---- what comes out ---- */

/* The path to write beside: the record's own, or its name in the folder asked for. */
static void out_path(const struct annotate *job, struct buf *path)
{
    const char *slash = strrchr(job->path, '/');
    if (job->folder)
        buf_printf(path, "%s/%s", job->folder, slash ? slash + 1 : job->path);
    else
        buf_text(path, job->path);
}

static hl_result write_annotations(const struct annotate *job, struct hl_error *error)
{
    struct buf path = {0};
    struct wfdb_annotations set = {.count = job->mark_count};
    set.items = calloc(job->mark_count + 1, sizeof *set.items);
    out_path(job, &path);
    hl_result result = set.items && buf_ok(&path) ? HL_OK : HL_NO_MEMORY;
    for (size_t i = 0; result == HL_OK && i < job->mark_count; i++)
        set.items[i] = job->marks[i].item;
    if (result == HL_OK)
        result = wfdb_annotations_write(path.data, job->annotator, &set, error);
    free(set.items);
    buf_free(&path);
    return result;
}

static hl_result print_json(const struct annotate *job, struct hl_error *error)
{
    struct buf out = {0};
    annotate_json(job, &out);
    hl_result result = buf_ok(&out) ? HL_OK : HL_NO_MEMORY;
    if (result == HL_OK && (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0))
        result = hl_fail(error, HL_IO, "", "cannot write: %s", strerror(errno));
    buf_free(&out);
    return result;
}

static hl_result annotate(struct annotate *job, struct hl_error *error)
{
    hl_result result = wfdb_open(job->path, &job->record, error);
    if (result == HL_OK)
        result = choose_leads(job, error);
    if (result == HL_OK)
        result = analyse(job, error);
    if (result == HL_OK)
        result = write_annotations(job, error);
    if (result == HL_OK && job->json)
        result = print_json(job, error);
    else if (result == HL_OK)
        printf("%s.%s: %zu beats\n", job->record->name, job->annotator, job->beat_count);
    annotate_free(job);
    wfdb_close(job->record);
    return result;
}

/* ---- the command line ---- */

static bool take_argument(struct annotate *job, int argc, char **argv, int *i)
{
    const struct {
        const char *name;
        const char **value;
        bool *flag;
    } options[] = {
        {"-o", &job->annotator, NULL},
        {"--leads", &job->leads, NULL},
        {"--out", &job->folder, NULL},
        {"--live", NULL, &job->live},
        {"--json", NULL, &job->json},
        {"--waves", NULL, &job->waves},
        {"--lead-waves", NULL, &job->lead_waves},
    };
    for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
        if (strcmp(argv[*i], options[k].name) != 0)
            continue;
        if (options[k].flag)
            *options[k].flag = true;
        else if (++*i < argc)
            *options[k].value = argv[*i];
        return *i < argc;
    }
    if (argv[*i][0] == '-' || job->path)
        return false;
    job->path = argv[*i];
    return true;
}

int heartline_annotate(int argc, char **argv)
{
    struct annotate job = {0};
    struct hl_error error = {0};
    bool understood = true;
    for (int i = 1; understood && i < argc; i++)
        understood = take_argument(&job, argc, argv, &i);
    if (!understood || !job.path || !job.annotator) {
        fprintf(stderr, "usage: heartline annotate PATH/RECORD -o NAME [--leads 0,1|II,V1] [--live] [--out DIR] "
                        "[--json] [--waves] [--lead-waves]\n");
        return 2;
    }
    hl_result result = annotate(&job, &error);
    return result == HL_OK ? 0 : command_failed("annotate", result, &error);
}
