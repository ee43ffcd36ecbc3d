/* Rhythms: the time in fibrillation that was told, that was missed, and that was told without being there. */
#include "rhythm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heart.h"
#include "recording.h"

/* ---- atrial fibrillation ---- */

static const char af_preamble[] =
    "## Atrial fibrillation\n"
    "\n"
    "By time, as ANSI/AAMI EC57 has it: Se is the share of the time in fibrillation that was told, +P the share of "
    "the\n"
    "time told that was fibrillation, from the first beat of the recording on. A recording without fibrillation shows\n"
    "what was told all the same. Time in atrial flutter counts for neither. The levels of evidence (rhythm_af.c) were\n"
    "learnt on these recordings, from four people with fibrillation and fifteen without.\n"
    "\n";

static const char *const af_aux[] = {"(AFIB", NULL};
static const char *const flutter_aux[] = {"(AFL", NULL};

static const char *const af_records[] = {
    "cpsc2021/data_101_6", "cpsc2021/data_101_8", "cpsc2021/data_101_9",
    "cpsc2021/data_21_7",  "cpsc2021/data_84_2",  "cpsc2021/data_84_3",
};

static const char *const mitdb_records[] = {
    "mitdb/100", "mitdb/101", "mitdb/103", "mitdb/105", "mitdb/106", "mitdb/108", "mitdb/114",
    "mitdb/119", "mitdb/200", "mitdb/203", "mitdb/207", "mitdb/208", "mitdb/222", "mitdb/228",
};

/* Short recordings: in fibrillation or not. */
static const struct {
    const char *path;
    bool fibrillates;
} short_records[] = {
    {"ludb/data/8", true},
    {"ludb/data/38", true},
    {"ludb/data/44", true},
    {"challenge-2017/A00004", true},
    {"challenge-2017/A00001", false},
    {"challenge-2017/A00008", false},
    {"ludb/data/1", false},
    {"ludb/data/2", false},
    {"ludb/data/10", false},
    {"ludb/data/13", false},
    {"ludb/data/22", false},
    {"ludb/data/24", false},
    {"ludb/data/33", false},
    {"ludb/data/34", false},
    {"ludb/data/41", false},
    {"ludb/data/45", false},
    {"ludb/data/56", false},
    {"ludb/data/60", false},
    {"ludb/data/63", false},
    {"ludb/data/70", false},
    {"ludb/data/128", false},
    {"ludb/data/132", false},
    {"ludb/data/135", false},
    {"ludb/data/142", false},
    {"ludb/data/157", false},
    {"ludb/data/184", false},
    {"challenge-2021/E07500", false},
    {"challenge-2021/E07501", false},
    {"challenge-2021/E07502", false},
    {"challenge-2021/E07503", false},
    {"challenge-2021/E07504", false},
    {"challenge-2021/E07505", false},
    {"challenge-2021/E07506", false},
    {"challenge-2021/E07507", false},
    {"challenge-2021/HR06000", false},
    {"challenge-2021/HR06001", false},
    {"challenge-2021/HR06002", false},
    {"challenge-2021/HR06003", false},
    {"challenge-2021/HR06004", false},
    {"challenge-2021/JS20000", false},
    {"challenge-2021/JS20001", false},
    {"challenge-2021/JS20002", false},
    {"challenge-2021/JS20003", false},
    {"challenge-2021/JS20004", false},
    {"challenge-2021/JS20005", false},
    {"challenge-2021/JS20006", false},
    {"challenge-2021/JS20007", false},
};

struct durations {
    double there_s, right_s, wrong_s;
};

static double percent(double part, double whole)
{
    return whole > 0.0 ? 100.0 * part / whole : (double)NAN;
}

static hl_result run(const char *path, struct recording *recording, struct hl_error *error)
{
    char full[512];
    snprintf(full, sizeof full, "%s/%s", data_folder(), path);
    return recording_run(full, recording, error);
}

static struct durations af_durations(const struct recording *recording)
{
    struct durations out = {recording_reference_s(recording, af_aux),
                            recording_told_in_s(recording, ECG_RHYTHM_ATRIAL_FIBRILLATION, af_aux), 0.0};
    out.wrong_s = recording_told_s(recording, ECG_RHYTHM_ATRIAL_FIBRILLATION) - out.right_s -
                  recording_told_in_s(recording, ECG_RHYTHM_ATRIAL_FIBRILLATION, flutter_aux);
    return out;
}

static void put_percent(struct buf *out, double figure)
{
    if (isnan(figure))
        buf_text(out, " - |");
    else
        buf_printf(out, " %.1f |", figure);
}

static void put_durations(struct buf *out, const char *name, double seconds, const struct durations *d)
{
    buf_printf(out, "| %s | %.0f | %.0f | %.0f | %.0f |", name, seconds, d->there_s, d->right_s, d->wrong_s);
    put_percent(out, percent(d->right_s, d->there_s));
    put_percent(out, d->there_s > 0.0 ? percent(d->right_s, d->right_s + d->wrong_s) : (double)NAN);
    buf_char(out, '\n');
}

static hl_result put_af_records(const char *const *paths, size_t count, const char *title, struct recording *recording,
                                struct buf *out, struct durations *sum, struct hl_error *error)
{
    double seconds = 0.0;
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < count; i++) {
        result = run(paths[i], recording, error);
        struct durations one = af_durations(recording);
        sum->there_s += one.there_s;
        sum->right_s += one.right_s;
        sum->wrong_s += one.wrong_s;
        seconds += recording->seconds;
        put_durations(out, recording->name, recording->seconds, &one);
    }
    put_durations(out, title, seconds, sum);
    return result;
}

static hl_result put_short(struct recording *recording, struct buf *out, unsigned *broken, struct hl_error *error)
{
    unsigned there = 0;
    unsigned right = 0;
    unsigned wrong = 0;
    unsigned count = sizeof short_records / sizeof short_records[0];
    struct buf names = {0};
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < count; i++) {
        result = run(short_records[i].path, recording, error);
        bool told = recording_told_s(recording, ECG_RHYTHM_ATRIAL_FIBRILLATION) > 0.0;
        there += short_records[i].fibrillates;
        right += told && short_records[i].fibrillates;
        wrong += told && !short_records[i].fibrillates;
        if (told != short_records[i].fibrillates)
            buf_printf(&names, " %s (%s)", recording->name, told ? "told" : "missed");
    }
    buf_printf(out,
               "\nOf %u recordings of ten to sixty seconds (LUDB, Challenge 2017 and 2021), %u in fibrillation: %u "
               "told, and\n%u of the others. Wrong:%.*s.\n\n",
               count, there, right, wrong, (int)names.length, names.length ? names.data : "");
    buf_free(&names);
    section_floor("AF in short records, told", 2.0, right, broken);
    section_ceiling("AF in short records, falsely told", 4.0, wrong, broken);
    return result;
}

hl_result af_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    struct durations cpsc = {0};
    struct durations mitdb = {0};
    struct recording *recording = malloc(sizeof *recording);
    if (!recording)
        return HL_NO_MEMORY;
    buf_text(markdown, af_preamble);
    buf_text(markdown, "| record | s | AF, s | told, s | told wrongly, s | Se | +P |\n"
                       "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    hl_result result = put_af_records(af_records, sizeof af_records / sizeof af_records[0], "**CPSC 2021**", recording,
                                      markdown, &cpsc, error);
    if (result == HL_OK && !quick)
        result = put_af_records(mitdb_records, sizeof mitdb_records / sizeof mitdb_records[0], "**MIT-BIH**", recording,
                                markdown, &mitdb, error);
    if (result == HL_OK)
        result = put_short(recording, markdown, broken, error);
    free(recording);
    section_floor("AF on CPSC 2021: Se", 99.0, percent(cpsc.right_s, cpsc.there_s), broken);
    section_floor("AF on CPSC 2021: +P", 97.5, percent(cpsc.right_s, cpsc.right_s + cpsc.wrong_s), broken);
    if (!quick)
        section_floor("AF on MIT-BIH: Se", 99.0, percent(mitdb.right_s, mitdb.there_s), broken);
    return result;
}
