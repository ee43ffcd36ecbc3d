/* `heartline simulate --seed 7 --script "60 AF 60; 150 PVC" --duration 200 -o REC`: a virtual heart, or a whole dataset
of them, written as WFDB records with the truth beside the signal (REC.atr): each beat with its code, its waves as ( p )
( N ) ( t ), and the rhythm where it changes. The same seed and script give the same bytes.

A script has an anomaly a line, or between semicolons: when it begins (s), its name, and if wanted how long it lasts (s)
and how strong it is (0 to 1):  30 AV_BLOCK_3 20 0.5  */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "heartline.h"
#include "record/wfdb_annotation_write.h"
#include "record/wfdb_write.h"
#include "sim/heart.h"

enum { PORTION = 500, SCRIPT_MAX = 1 << 16 };

struct profile {
    const char *name;
    double heart_rate_bpm, hr_sd_bpm;
};

/* Resting rates as the usual tables of exercise physiology have them. */
static const struct profile profiles[] = {
    {"average", 72.0, 2.5}, {"athlete", 55.0, 3.5}, {"elevated", 85.0, 2.0},
    {"elderly", 68.0, 1.2}, {"child", 95.0, 4.0},
};
enum { PROFILES = sizeof profiles / sizeof profiles[0] };

struct simulate {
    const char *seed_text, *profile_text, *script_text, *duration_text, *fs_text, *count_text, *path;
    uint64_t seed;
    double duration_s, fs_hz;
    unsigned long count;
    const struct profile *profile;
    char script[SCRIPT_MAX];
    struct wfdb_annotations truth; /* its items are ours, and grow */
    size_t capacity;
    bool no_memory;
};

/* ---- the command line ---- */

static bool number(const char *text, double low, double high, double *out)
{
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && *out >= low && *out <= high;
}

static hl_result take_numbers(struct simulate *job, struct hl_error *error)
{
    double seed, count;
    if (!number(job->seed_text, 0.0, 9007199254740992.0, &seed))
        return hl_fail(error, HL_INVALID, "--seed", "must be a whole number from 0 on");
    if (!number(job->duration_text, 1.0, 7.0 * 86400.0, &job->duration_s))
        return hl_fail(error, HL_INVALID, "--duration", "must be 1 to 604800 seconds");
    if (!number(job->fs_text, SIM_FS_MIN_HZ, SIM_FS_MAX_HZ, &job->fs_hz))
        return hl_fail(error, HL_INVALID, "--fs", "must be %g to %g Hz", SIM_FS_MIN_HZ, SIM_FS_MAX_HZ);
    if (!number(job->count_text, 1.0, 100000.0, &count))
        return hl_fail(error, HL_INVALID, "--count", "must be 1 to 100000");
    job->seed = (uint64_t)seed;
    job->count = (unsigned long)count;
    return HL_OK;
}

static hl_result take_profile(struct simulate *job, struct hl_error *error)
{
    struct buf names = {0};
    for (size_t i = 0; i < PROFILES; i++) {
        if (strcmp(job->profile_text, profiles[i].name) == 0)
            job->profile = &profiles[i];
        buf_printf(&names, "%s%s", i ? ", " : "", profiles[i].name);
    }
    hl_result result =
        job->profile ? HL_OK
                     : hl_fail(error, HL_INVALID, "--profile", "must be one of: %s", buf_ok(&names) ? names.data : "");
    buf_free(&names);
    return result;
}

/* A file of that name, or the script itself. */
static hl_result take_script(struct simulate *job, struct hl_error *error)
{
    FILE *file = fopen(job->script_text, "r");
    size_t length = strlen(job->script_text);
    if (!file && length >= sizeof job->script)
        return hl_fail(error, HL_TOO_LARGE, "--script", "is longer than %d bytes", (int)SCRIPT_MAX);
    if (!file) {
        memcpy(job->script, job->script_text, length + 1);
        return HL_OK;
    }
    length = fread(job->script, 1, sizeof job->script, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed || length == sizeof job->script)
        return hl_fail(error, failed ? HL_IO : HL_TOO_LARGE, job->script_text, "cannot be read, or is too long");
    job->script[length] = '\0';
    return HL_OK;
}

/* ---- the script ---- */

/* The number that begins here, if one does; `at` moves behind it and the blanks that follow. */
static bool take_number(const char **at, double *out)
{
    char *end;
    *out = strtod(*at, &end);
    bool taken = end != *at;
    *at = end + strspn(end, " \t\r");
    return taken;
}

static hl_result no_such(const char *name, struct hl_error *error)
{
    struct buf names = {0};
    for (unsigned i = 0; i < SIM_ANOMALY_COUNT; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", sim_anomaly_name((enum sim_anomaly)i));
    fprintf(stderr, "heartline: known anomalies: %s\n", buf_ok(&names) ? names.data : "");
    buf_free(&names);
    return hl_fail(error, HL_INVALID, "--script", "there is no anomaly \"%s\"", name);
}

static hl_result read_event(const char *line, size_t length, struct sim_event *event, struct hl_error *error)
{
    char copy[256];
    char name[64];
    if (length >= sizeof copy)
        return hl_fail(error, HL_INVALID, "--script", "a line is longer than %d characters", (int)sizeof copy - 1);
    memcpy(copy, line, length);
    copy[length] = '\0';
    const char *at = copy;
    bool begins = take_number(&at, &event->at_s) && event->at_s >= 0.0;
    size_t name_length = strcspn(at, " \t\r");
    snprintf(name, sizeof name, "%.*s", (int)name_length, at);
    at += name_length + strspn(at + name_length, " \t\r");
    if (!take_number(&at, &event->duration_s))
        event->duration_s = NAN;
    if (!take_number(&at, &event->strength))
        event->strength = NAN;
    if (!begins || !*name || *at != '\0')
        return hl_fail(error, HL_INVALID, "--script", "\"%s\" is not: SECONDS NAME [DURATION [STRENGTH]]", copy);
    return sim_anomaly_from_name(name, &event->anomaly) ? HL_OK : no_such(name, error);
}

/* Gives the heart what the script says. */
static hl_result apply_script(const struct simulate *job, struct sim_heart *heart, struct hl_error *error)
{
    hl_result result = HL_OK;
    for (const char *at = job->script; result == HL_OK && *at;) {
        struct sim_event event;
        size_t length = strcspn(at, ";\n");
        size_t blank = strspn(at, " \t\r");
        if (blank < length && at[blank] != '#')
            result = read_event(at, length, &event, error);
        if (result == HL_OK && blank < length && at[blank] != '#')
            result = sim_heart_apply(heart, &event, error);
        at += length + (at[length] != '\0');
    }
    return result;
}

/* ---- the truth ---- */

static void add(struct simulate *job, double sample, char mnemonic, int number_of, const char *aux)
{
    const struct wfdb_code *code = wfdb_code_by_mnemonic(mnemonic);
    if (job->truth.count == job->capacity) {
        size_t capacity = job->capacity ? 2 * job->capacity : 1024;
        struct wfdb_annotation *items = realloc(job->truth.items, capacity * sizeof *items);
        job->no_memory = !items;
        if (!items)
            return;
        job->truth.items = items;
        job->capacity = capacity;
    }
    if (isnan(sample) || sample < 0.0 || !code)
        return;
    job->truth.items[job->truth.count++] = (struct wfdb_annotation){
        .sample = llround(sample), .type = code->type, .mnemonic = mnemonic, .number = number_of, .aux = aux};
}

/* Onsets and ends carry the number of their wave: 0 P, 1 QRS, 2 T. */
static void on_beat(void *context, const struct sim_truth_beat *beat)
{
    struct simulate *job = context;
    add(job, beat->p_onset, '(', 0, NULL);
    add(job, (beat->p_onset + beat->p_end) / 2.0, 'p', 0, NULL);
    add(job, beat->p_end, ')', 0, NULL);
    add(job, beat->qrs_onset, '(', 1, NULL);
    add(job, (double)beat->sample, beat->code, 0, NULL);
    add(job, beat->qrs_end, ')', 1, NULL);
    add(job, beat->t_onset, '(', 2, NULL);
    add(job, beat->t_peak, 't', 0, NULL);
    add(job, beat->t_end, ')', 2, NULL);
}

static void on_rhythm(void *context, const struct sim_truth_rhythm *rhythm)
{
    const char *aux = ecg_rhythm_rows[rhythm->rhythm].aux;
    if (aux)
        add(context, (double)rhythm->sample, '+', 0, aux);
}

static int by_sample(const void *a, const void *b)
{
    const struct wfdb_annotation *one = a, *other = b;
    if (one->sample != other->sample)
        return one->sample < other->sample ? -1 : 1;
    return (int)one->type - (int)other->type;
}

/* In the order of time, without what lies behind the record's end. */
static hl_result write_truth(struct simulate *job, const char *path, int64_t sample_count, struct hl_error *error)
{
    if (job->no_memory)
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for the truth");
    qsort(job->truth.items, job->truth.count, sizeof *job->truth.items, by_sample);
    while (job->truth.count > 0 && job->truth.items[job->truth.count - 1].sample >= sample_count)
        job->truth.count--;
    return wfdb_annotations_write(path, "atr", &job->truth, error);
}

/* ---- one record ---- */

static hl_result write_signal(struct simulate *job, struct sim_heart *heart, struct wfdb_writer *writer,
                              int64_t sample_count, struct hl_error *error)
{
    static float samples[ECG_STANDARD_LEADS][PORTION];
    float *write[ECG_STANDARD_LEADS];
    const float *read[ECG_STANDARD_LEADS];
    struct sim_sink sink = {.context = job, .beat = on_beat, .rhythm = on_rhythm};
    hl_result result = HL_OK;
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        read[lead] = write[lead] = samples[lead];
    for (int64_t left = sample_count; result == HL_OK && left > 0; left -= PORTION) {
        size_t count = left < PORTION ? (size_t)left : PORTION;
        sim_heart_run(heart, write, count, &sink);
        result = wfdb_writer_add(writer, read, count, error);
    }
    return result;
}

static hl_result finish(const struct simulate *job, uint64_t seed, struct wfdb_writer *writer, struct hl_error *error)
{
    struct buf line = {0};
    buf_printf(&line, "virtual heart, seed %llu, profile %s; ground truth in .atr", (unsigned long long)seed,
               job->profile->name);
    const char *comments[] = {buf_ok(&line) ? line.data : "virtual heart"};
    hl_result result = wfdb_writer_finish(writer, comments, 1, error);
    buf_free(&line);
    return result;
}

static hl_result simulate_one(struct simulate *job, uint64_t seed, const char *path, struct hl_error *error)
{
    struct sim_params params;
    struct sim_heart *heart = NULL;
    struct wfdb_writer *writer = NULL;
    enum ecg_lead leads[ECG_STANDARD_LEADS];
    int64_t sample_count = llround(job->duration_s * job->fs_hz);
    for (unsigned lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        leads[lead] = (enum ecg_lead)lead;
    sim_params_default(&params);
    params.seed = seed;
    params.fs_hz = job->fs_hz;
    params.heart_rate_bpm = job->profile->heart_rate_bpm;
    params.hr_sd_bpm = job->profile->hr_sd_bpm;
    job->truth.count = 0;
    hl_result result = sim_heart_new(&params, &heart, error);
    if (result == HL_OK)
        result = apply_script(job, heart, error);
    if (result == HL_OK)
        result = wfdb_writer_open(path, job->fs_hz, leads, ECG_STANDARD_LEADS, &writer, error);
    if (result == HL_OK)
        result = write_signal(job, heart, writer, sample_count, error);
    if (result == HL_OK)
        result = write_truth(job, path, sample_count, error);
    if (result == HL_OK)
        result = finish(job, seed, writer, error);
    else
        wfdb_writer_abandon(writer);
    sim_heart_free(heart);
    return result;
}

/* ---- a dataset ---- */

/* Patient by patient, so that nobody is in two of them: seven in ten, then three in twenty, then three in twenty. */
static const char *split_of(unsigned long i)
{
    static const char *const of_twenty[] = {"train", "train", "train", "val",   "train", "train", "test",
                                            "train", "train", "val",   "train", "train", "train", "test",
                                            "train", "train", "val",   "train", "train", "test"};
    return of_twenty[i % 20];
}

static hl_result write_manifest(const struct simulate *job, const struct buf *text, struct hl_error *error)
{
    struct buf path = {0};
    buf_printf(&path, "%s/manifest.csv", job->path);
    FILE *file = buf_ok(&path) && buf_ok(text) ? fopen(path.data, "wb") : NULL;
    bool written = file && fwrite(text->data, 1, text->length, file) == text->length;
    written = file && fclose(file) == 0 && written;
    hl_result result =
        written ? HL_OK : hl_fail(error, HL_IO, job->path, "cannot write manifest.csv: %s", strerror(errno));
    buf_free(&path);
    return result;
}

static hl_result simulate_many(struct simulate *job, struct hl_error *error)
{
    hl_result result = HL_OK;
    struct buf manifest = {0};
    buf_text(&manifest, "record,patient,seed,profile,fs_hz,duration_s,beats,split\n");
    if (mkdir(job->path, 0777) != 0 && errno != EEXIST)
        return hl_fail(error, HL_IO, job->path, "cannot be made: %s", strerror(errno));
    for (unsigned long i = 0; result == HL_OK && i < job->count; i++) {
        struct buf path = {0};
        size_t beats = 0;
        buf_printf(&path, "%s/p%05lu", job->path, i);
        result = buf_ok(&path) ? simulate_one(job, job->seed + i, path.data, error) : HL_NO_MEMORY;
        for (size_t k = 0; k < job->truth.count; k++) {
            const struct wfdb_code *code = wfdb_code_by_type(job->truth.items[k].type);
            beats += code && code->is_beat;
        }
        buf_printf(&manifest, "p%05lu,p%05lu,%llu,%s,%.12g,%.12g,%zu,%s\n", i, i, (unsigned long long)(job->seed + i),
                   job->profile->name, job->fs_hz, job->duration_s, beats, split_of(i));
        buf_free(&path);
    }
    if (result == HL_OK)
        result = write_manifest(job, &manifest, error);
    buf_free(&manifest);
    return result;
}

static bool take_argument(struct simulate *job, int argc, char **argv, int *i)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        {"--seed", &job->seed_text},
        {"--profile", &job->profile_text},
        {"--script", &job->script_text},
        {"--duration", &job->duration_text},
        {"--fs", &job->fs_text},
        {"--count", &job->count_text},
        {"-o", &job->path},
    };
    for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
        if (strcmp(argv[*i], options[k].name) != 0)
            continue;
        if (++*i < argc)
            *options[k].value = argv[*i];
        return *i < argc;
    }
    return false;
}

static hl_result simulate(struct simulate *job, struct hl_error *error)
{
    hl_result result = take_numbers(job, error);
    if (result == HL_OK)
        result = take_profile(job, error);
    if (result == HL_OK)
        result = take_script(job, error);
    if (result == HL_OK)
        result = job->count > 1 ? simulate_many(job, error) : simulate_one(job, job->seed, job->path, error);
    return result;
}

int heartline_simulate(int argc, char **argv)
{
    static struct simulate job;
    struct hl_error error = {0};
    bool understood = true;
    job = (struct simulate){.seed_text = "1",
                            .profile_text = "average",
                            .script_text = "",
                            .duration_text = "60",
                            .fs_text = "500",
                            .count_text = "1"};
    for (int i = 1; understood && i < argc; i++)
        understood = take_argument(&job, argc, argv, &i);
    if (!understood || !job.path) {
        fprintf(stderr, "usage: heartline simulate [--seed S] [--profile P] [--script FILE|TEXT] [--duration SECONDS] "
                        "[--fs HZ] [--count N] -o RECORD|FOLDER\n");
        return 2;
    }
    hl_result result = simulate(&job, &error);
    if (result == HL_OK)
        printf("%s: %lu record%s of %g s\n", job.path, job.count, job.count == 1 ? "" : "s", job.duration_s);
    free(job.truth.items);
    return result == HL_OK ? 0 : command_failed("simulate", result, &error);
}
