/* What is scored. A floor stands a little under what was measured when it was last raised (0.1 to 0.3 under, so that
another compiler's rounding does not break a build); raise it with the analysis, and never lower it to get a change in.
Floors under classes are 0 where too few such beats exist to say anything. */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct set sets[] = {
    {"mitdb",
     "MIT-BIH arrhythmia, 14 records",
     {"mitdb/100", "mitdb/101", "mitdb/103", "mitdb/105", "mitdb/106", "mitdb/108", "mitdb/114", "mitdb/119",
      "mitdb/200", "mitdb/203", "mitdb/207", "mitdb/208", "mitdb/222", "mitdb/228"}},
    {"119e06", "noise stress 119e06 (6 dB)", {"nstdb/119e06"}},
    {"119e00", "noise stress 119e00 (0 dB)", {"nstdb/119e00"}},
    {"sel100", "QT database sel100", {"qtdb/sel100"}},
};
const size_t set_count = sizeof sets / sizeof sets[0];

const struct row rows[] = {
    {"mitdb", 0.0, 1, {99.55, 99.5, 94.7, 97.1, 50.5, 64.2}},
    {"mitdb", 0.0, 0, {99.7, 99.55, 96, 97.3, 51, 68.6}},
    {"mitdb", 250.0, 1, {99.5, 99.5, 95, 97.3, 48.6, 63.3}},
    {"mitdb", 250.0, 0, {99.65, 99.55, 96.1, 97.4, 52, 68.7}},
    {"mitdb", 125.0, 1, {99.6, 99.5, 95.8, 96.8, 50.5, 64.5}},
    {"mitdb", 125.0, 0, {99.7, 99.5, 96.4, 96.2, 49.6, 67.5}},
    {"mitdb", 80.0, 1, {99.5, 99.55, 96.4, 95.7, 51.7, 62.3}},
    {"mitdb", 80.0, 0, {99.7, 99.55, 97.5, 96.2, 49.6, 68.8}},
    {"119e06", 0.0, 1, {97.9, 79.95, 79.55, 56.35, 0, 0}},
    {"119e06", 0.0, 0, {99, 95.45, 94.95, 86.9, 0, 0}},
    {"119e06", 250.0, 1, {97.45, 79.6, 84.25, 55.3, 0, 0}},
    {"119e06", 250.0, 0, {98.9, 94.65, 94.95, 84.5, 0, 0}},
    {"119e06", 125.0, 1, {97.65, 79.7, 85.35, 57.3, 0, 0}},
    {"119e06", 125.0, 0, {99, 94.65, 96.6, 84.05, 0, 0}},
    {"119e06", 80.0, 1, {97.05, 78.25, 84.25, 53.2, 0, 0}},
    {"119e06", 80.0, 0, {99, 94.45, 96.9, 84.1, 0, 0}},
    {"119e00", 0.0, 1, {87.65, 66.25, 0, 0, 0, 0}},
    {"119e00", 0.0, 0, {90.3, 77.3, 0, 0, 0, 0}},
    {"119e00", 250.0, 1, {86.1, 65.3, 0, 0, 0, 0}},
    {"119e00", 250.0, 0, {91, 76.4, 0, 0, 0, 0}},
    {"119e00", 125.0, 1, {86.55, 66.25, 0, 0, 0, 0}},
    {"119e00", 125.0, 0, {92.95, 75.9, 0, 0, 0, 0}},
    {"119e00", 80.0, 1, {86.6, 65.25, 0, 0, 0, 0}},
    {"119e00", 80.0, 0, {90.65, 75.85, 0, 0, 0, 0}},
    {"sel100", 0.0, 1, {99.8, 99.8, 0, 0, 0, 0}},
    {"sel100", 0.0, 0, {99.8, 99.8, 0, 0, 0, 0}},
    {"sel100", 125.0, 1, {99.8, 99.8, 0, 0, 0, 0}},
    {"sel100", 125.0, 0, {99.8, 99.8, 0, 0, 0, 0}},
    {"sel100", 80.0, 1, {99.8, 99.8, 0, 0, 0, 0}},
    {"sel100", 80.0, 0, {99.8, 99.8, 0, 0, 0, 0}},
};
const size_t row_count = sizeof rows / sizeof rows[0];

static double percent(double share)
{
    return 100.0 * share;
}

struct figures figures_of(const struct tally *tally)
{
    struct score qrs = score_qrs(tally);
    struct score veb = score_veb(tally);
    struct score sveb = score_sveb(tally);
    return (struct figures){percent(qrs.sensitivity),  percent(qrs.predictivity), percent(veb.sensitivity),
                            percent(veb.predictivity), percent(sveb.sensitivity), percent(sveb.predictivity)};
}

/* The heart as the row wants it: itself, or *other, which is kept from the row before when that wanted the same. */
static hl_result at_rate(const struct heart *heart, double fs_hz, struct heart *other, const struct heart **use)
{
    *use = fs_hz == 0.0 ? heart : other;
    if (fs_hz == 0.0 || other->fs_hz == fs_hz)
        return HL_OK;
    heart_free(other);
    return heart_resample(heart, fs_hz, other);
}

/* All rows of the record's set; what all leads as recorded gave also to *record. */
static hl_result score_heart(const struct heart *heart, const char *set, struct outcome *all, struct outcome *record)
{
    hl_result result = HL_OK;
    const struct heart *use = heart;
    struct heart other = {0};
    struct outcome *part = malloc(sizeof *part);
    for (size_t i = 0; part && result == HL_OK && i < row_count; i++) {
        if (strcmp(rows[i].set, set) != 0)
            continue;
        memset(part, 0, sizeof *part);
        result = at_rate(heart, rows[i].fs_hz, &other, &use);
        if (result == HL_OK)
            result = heart_score(use, rows[i].leads ? rows[i].leads : use->lead_count, part);
        outcome_add(&all[i], part);
        if (record && rows[i].fs_hz == 0.0 && rows[i].leads == 0)
            outcome_add(record, part);
    }
    heart_free(&other);
    free(part);
    return part ? result : HL_NO_MEMORY;
}

static hl_result measure_set(size_t set, struct measured *measured, struct hl_error *error)
{
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && sets[set].paths[i]; i++) {
        char path[512];
        struct heart heart;
        snprintf(path, sizeof path, "%s/%s", data_folder(), sets[set].paths[i]);
        result = heart_load(path, &heart, error);
        if (result == HL_OK)
            result = score_heart(&heart, sets[set].name, measured->rows, set == 0 ? &measured->records[i] : NULL);
        heart_free(&heart);
    }
    return result;
}

hl_result measure(size_t first_set, struct measured *measured, struct hl_error *error)
{
    memset(measured, 0, sizeof *measured);
    measured->rows = calloc(row_count, sizeof *measured->rows);
    hl_result result = measured->rows ? HL_OK : HL_NO_MEMORY;
    for (size_t set = first_set; result == HL_OK && set < set_count; set++)
        result = measure_set(set, measured, error);
    if (result != HL_OK)
        measured_free(measured);
    return result;
}

void measured_free(struct measured *measured)
{
    free(measured->rows);
    measured->rows = NULL;
}
