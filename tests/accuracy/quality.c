/* Judges the leads of MIT-BIH records sample by sample and compares with what is known: when noise was added to 119,
and what the annotators of the others called noisy. */
#include "quality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/quality.h"
#include "heart.h"
#include "record/wfdb.h"

#define NOISE_FROM_S   300.0 /* the noise stress test: from here on ... */
#define NOISE_PERIOD_S 240.0 /* ... two minutes of noise and two without */
#define NOISE_S        120.0
#define BESIDE_S       3.0 /* of a change, this does not count */

enum { LEADS = 2 };

static const char preamble[] =
    "## Quality of leads\n"
    "\n"
    "Of the clean time, the share that is called good; of the noisy time, the share that is not. 119e06 and 119e00 "
    "are\n"
    "119 with electrode-motion noise of 6 and 0 dB added two minutes in four; for the others noisy is what their\n"
    "annotators called so in that lead (three seconds beside each change do not count). Annotators call a lead noisy\n"
    "when beats are hard to see in it; here it is noisy when waves cannot be measured, so more time is.\n"
    "\n"
    "| record | lead | clean, s | called good, % | noisy, s | not called good, % |\n"
    "| --- | --- | ---: | ---: | ---: | ---: |\n";

/* Percent; 0 where nothing is promised. */
static const struct row {
    const char *path;
    bool added; /* noise was, at known times */
    double floor_clean[LEADS], floor_noisy[LEADS];
} rows[] = {
    {"nstdb/119e06", true, {99.0, 98.5}, {98.0, 68.0}}, {"nstdb/119e00", true, {99.0, 98.5}, {99.0, 99.0}},
    {"mitdb/100", false, {98.0, 98.0}, {0.0, 0.0}},     {"mitdb/101", false, {97.0, 98.0}, {0.0, 0.0}},
    {"mitdb/103", false, {98.0, 94.0}, {0.0, 70.0}},    {"mitdb/105", false, {95.0, 85.0}, {65.0, 85.0}},
    {"mitdb/108", false, {75.0, 70.0}, {90.0, 70.0}},   {"mitdb/203", false, {75.0, 0.0}, {60.0, 95.0}},
    {"mitdb/208", false, {95.0, 95.0}, {0.0, 65.0}},
};
enum { ROWS = sizeof rows / sizeof rows[0], ROWS_QUICK = 2 };

/* When what is known changes, one lead. */
struct known {
    double from_s[512];
    bool noisy[512];
    size_t count;
};

struct shares {
    double clean_s, clean_good_s, noisy_s, noisy_found_s;
};

static void put_change(struct known *known, double from_s, bool noisy)
{
    if (known->count < sizeof known->from_s / sizeof known->from_s[0]) {
        known->from_s[known->count] = from_s;
        known->noisy[known->count++] = noisy;
    }
}

static void know_added(struct known *known, double seconds)
{
    put_change(known, 0.0, false);
    for (double at_s = NOISE_FROM_S; at_s < seconds; at_s += NOISE_PERIOD_S) {
        put_change(known, at_s, true);
        put_change(known, at_s + NOISE_S, false);
    }
}

/* A bit for each signal; -1: all of them are unreadable. */
static void know_annotated(const struct wfdb_annotations *set, double fs_hz, size_t signal, struct known *known)
{
    put_change(known, 0.0, false);
    for (size_t i = 0; i < set->count; i++) {
        int subtype = set->items[i].subtype;
        if (set->items[i].mnemonic == '~')
            put_change(known, (double)set->items[i].sample / fs_hz, subtype < 0 || ((subtype >> signal) & 1));
    }
}

static bool near_change(const struct known *known, size_t at, double t_s)
{
    return (at > 0 && t_s - known->from_s[at] < BESIDE_S) ||
           (at + 1 < known->count && known->from_s[at + 1] - t_s < BESIDE_S);
}

static void judge(const float *samples, size_t count, double fs_hz, const struct known *known, struct shares *shares)
{
    struct ecg_lead_quality quality;
    size_t at = 0;
    ecg_lead_quality_init(&quality, fs_hz, ECG_UNITS_MV);
    for (size_t i = 0; i < count; i++) {
        int64_t since;
        double t_s = (double)i / fs_hz;
        ecg_lead_quality_sample(&quality, samples[i], &since);
        while (at + 1 < known->count && known->from_s[at + 1] <= t_s)
            at++;
        if (quality.now == ECG_QUALITY_UNKNOWN || near_change(known, at, t_s))
            continue;
        bool good = quality.now == ECG_QUALITY_GOOD;
        *(known->noisy[at] ? &shares->noisy_s : &shares->clean_s) += 1.0 / fs_hz;
        if (known->noisy[at] != good)
            *(known->noisy[at] ? &shares->noisy_found_s : &shares->clean_good_s) += 1.0 / fs_hz;
    }
}

static void put_share(struct buf *out, double part_s, double whole_s)
{
    if (whole_s < 10.0)
        buf_printf(out, " %.0f | - |", whole_s);
    else
        buf_printf(out, " %.0f | %.1f |", whole_s, 100.0 * part_s / whole_s);
}

static void put_lead(struct buf *out, const struct row *row, size_t lead, const char *name, const struct shares *shares,
                     unsigned *broken)
{
    char what[96];
    buf_printf(out, "| %s | %s |", strrchr(row->path, '/') + 1, name);
    put_share(out, shares->clean_good_s, shares->clean_s);
    put_share(out, shares->noisy_found_s, shares->noisy_s);
    buf_char(out, '\n');
    snprintf(what, sizeof what, "quality of %s, lead %zu: clean time called good", row->path, lead);
    section_floor(what, row->floor_clean[lead], 100.0 * shares->clean_good_s / fmax(shares->clean_s, 1.0), broken);
    snprintf(what, sizeof what, "quality of %s, lead %zu: noisy time not called good", row->path, lead);
    section_floor(what, row->floor_noisy[lead], 100.0 * shares->noisy_found_s / fmax(shares->noisy_s, 1.0), broken);
}

static void judge_record(const struct row *row, const struct wfdb_record *record, const struct wfdb_annotations *set,
                         float *const *samples, struct buf *out, unsigned *broken)
{
    size_t count = (size_t)record->sample_count;
    for (size_t lead = 0; lead < LEADS && lead < record->lead_count; lead++) {
        struct known known = {.count = 0};
        struct shares shares = {0};
        size_t signal = record->lead_signals[lead];
        if (row->added)
            know_added(&known, (double)count / record->fs_hz);
        else
            know_annotated(set, record->fs_hz, signal, &known);
        judge(samples[signal], count, record->fs_hz, &known, &shares);
        put_lead(out, row, lead, record->signals[signal].name, &shares, broken);
    }
}

static hl_result run_row(const struct row *row, struct buf *out, unsigned *broken, struct hl_error *error)
{
    char path[512];
    struct wfdb_record *record = NULL;
    struct wfdb_annotations *set = NULL;
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
        judge_record(row, record, set, samples, out, broken);
    wfdb_annotations_free(set);
    free(memory);
    wfdb_close(record);
    return result;
}

hl_result quality_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    hl_result result = HL_OK;
    buf_text(markdown, preamble);
    for (size_t i = 0; i < (quick ? ROWS_QUICK : ROWS) && result == HL_OK; i++)
        result = run_row(&rows[i], markdown, broken, error);
    buf_char(markdown, '\n');
    return result;
}
