/* Rhythms: the time in fibrillation of the atria and of the ventricles that was told, that was missed, and that was
told without being there; and, over the rhythms that cardiologists named, what they were called. */
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
    section_floor("AF on CPSC 2021: Se", 98.0, percent(cpsc.right_s, cpsc.there_s), broken);
    section_floor("AF on CPSC 2021: +P", 97.5, percent(cpsc.right_s, cpsc.right_s + cpsc.wrong_s), broken);
    if (!quick)
        section_floor("AF on MIT-BIH: Se", 99.0, percent(mitdb.right_s, mitdb.there_s), broken);
    return result;
}

/* ---- ventricular fibrillation ---- */

static const char vf_preamble[] =
    "## Ventricular fibrillation and flutter\n"
    "\n"
    "Only one recording here has any: 207's flutter, six times. How long after its onset it was told, and the share "
    "of\n"
    "its time that was told from that moment on. All other recordings (noise alone and noise added to an ECG among\n"
    "them) say how much is told falsely; so do the thresholds, which are those of the authors named in rhythm_vf.c.\n"
    "Virtual fibrillation of many kinds is in `tests/unit/rhythm_vf_test.c`.\n"
    "\n";

static const char *const noisy_records[] = {"nstdb/119e06", "nstdb/119e00", "nstdb/em"};

/* The first telling that overlaps the flutter, a few seconds behind its end included; NULL: none. */
static const struct stretch *telling_of(const struct recording *recording, const struct span *flutter)
{
    for (size_t i = 0; i < recording->told_count; i++) {
        const struct stretch *told = &recording->told[i];
        if (told->found == ECG_RHYTHM_VF && told->from_s < flutter->to_s && told->to_s > flutter->from_s)
            return told;
    }
    return NULL;
}

static void put_flutter(const struct recording *recording, struct buf *out, double *slowest_s, double *right_s,
                        double *there_s)
{
    buf_text(out, "| 207, flutter from | lasts, s | told after, s | of its time |\n| ---: | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < recording->flutter_count; i++) {
        const struct span *flutter = &recording->flutter[i];
        const struct stretch *told = telling_of(recording, flutter);
        double lasts_s = flutter->to_s - flutter->from_s;
        double in_s = told ? fmin(told->to_s, flutter->to_s) - fmax(told->from_s, flutter->from_s) : 0.0;
        double after_s = told ? told->told_s - flutter->from_s : INFINITY;
        *slowest_s = fmax(*slowest_s, after_s);
        *right_s += in_s;
        *there_s += lasts_s;
        buf_printf(out, "| %.1f | %.1f | %.1f | %.0f %% |\n", flutter->from_s, lasts_s, after_s,
                   100.0 * in_s / lasts_s);
    }
}

static hl_result add_false(const char *const *paths, size_t count, struct recording *recording, double *wrong_s,
                           double *all_s, struct hl_error *error)
{
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < count; i++) {
        if (strcmp(paths[i], "mitdb/207") == 0)
            continue;
        result = run(paths[i], recording, error);
        *wrong_s += recording_told_s(recording, ECG_RHYTHM_VF);
        *all_s += recording->seconds;
    }
    return result;
}

static hl_result measure_false(bool quick, struct recording *recording, double *wrong_s, double *all_s,
                               struct hl_error *error)
{
    hl_result result =
        add_false(af_records, sizeof af_records / sizeof af_records[0], recording, wrong_s, all_s, error);
    for (size_t i = 0; result == HL_OK && i < sizeof short_records / sizeof short_records[0]; i++)
        result = add_false(&short_records[i].path, 1, recording, wrong_s, all_s, error);
    if (result == HL_OK && !quick)
        result =
            add_false(mitdb_records, sizeof mitdb_records / sizeof mitdb_records[0], recording, wrong_s, all_s, error);
    if (result == HL_OK && !quick)
        result =
            add_false(noisy_records, sizeof noisy_records / sizeof noisy_records[0], recording, wrong_s, all_s, error);
    return result;
}

hl_result vf_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    double slowest_s = 0.0;
    double right_s = 0.0;
    double there_s = 0.0;
    double wrong_s = 0.0;
    double all_s = 0.0;
    struct recording *recording = malloc(sizeof *recording);
    if (!recording)
        return HL_NO_MEMORY;
    buf_text(markdown, vf_preamble);
    hl_result result = run("mitdb/207", recording, error);
    if (result == HL_OK) {
        put_flutter(recording, markdown, &slowest_s, &right_s, &there_s);
        wrong_s = fmax(0.0, recording_told_s(recording, ECG_RHYTHM_VF) - right_s);
        all_s = recording->seconds - there_s;
        result = measure_false(quick, recording, &wrong_s, &all_s, error);
    }
    free(recording);
    buf_printf(markdown, "\nTold falsely: %.0f s in %.1f hours, %.1f s an hour.\n\n", wrong_s, all_s / 3600.0,
               3600.0 * wrong_s / all_s);
    section_ceiling("VF of 207: seconds until told", 8.0, slowest_s, broken);
    section_floor("VF of 207: Se", 85.0, percent(right_s, there_s), broken);
    section_ceiling("VF told falsely, s/h", 2.0, 3600.0 * wrong_s / all_s, broken);
    return result;
}

/* ---- what was called what ---- */

static const char rhythms_preamble[] =
    "## Rhythms\n"
    "\n"
    "MIT-BIH, 14 recordings: seconds of each rhythm that cardiologists named (rows), by the basic rhythm that was "
    "told\n"
    "(columns). B and T are ventricular bigeminy and trigeminy, which lie upon a basic rhythm; a column says for how\n"
    "long they were told. `-`: less than a second.\n"
    "\n";

struct column {
    const char *title;
    enum ecg_rhythm rhythms[5]; /* UNKNOWN at the end */
};

static const struct column columns[] = {
    {"sinus",
     {ECG_RHYTHM_SINUS, ECG_RHYTHM_SINUS_BRADYCARDIA, ECG_RHYTHM_SINUS_TACHYCARDIA, ECG_RHYTHM_SINUS_ARRHYTHMIA}},
    {"AF", {ECG_RHYTHM_ATRIAL_FIBRILLATION}},
    {"flutter", {ECG_RHYTHM_ATRIAL_FLUTTER}},
    {"SVT", {ECG_RHYTHM_SVT}},
    {"junctional", {ECG_RHYTHM_JUNCTIONAL}},
    {"VT", {ECG_RHYTHM_VT}},
    {"VF", {ECG_RHYTHM_VF}},
    {"idioventricular", {ECG_RHYTHM_IDIOVENTRICULAR}},
    {"paced", {ECG_RHYTHM_PACED}},
    {"asystole", {ECG_RHYTHM_ASYSTOLE}},
    {"fast or slow", {ECG_RHYTHM_TACHYCARDIA, ECG_RHYTHM_BRADYCARDIA}},
    {"B", {ECG_RHYTHM_BIGEMINY}},
    {"T", {ECG_RHYTHM_TRIGEMINY}},
};
enum { COLUMNS = sizeof columns / sizeof columns[0], BASIC_COLUMNS = COLUMNS - 2 };

static const char *const row_names[] = {"(N",  "(AFIB", "(AFL", "(SVTA", "(NOD", "(AB",
                                        "(VT", "(VFL",  "(IVR", "(B",    "(T"};
enum { ROWS = sizeof row_names / sizeof row_names[0] };

struct confusion {
    double there_s[ROWS], told_s[ROWS][COLUMNS];
};

static void add_recording(const struct recording *recording, struct confusion *confusion)
{
    for (size_t row = 0; row < ROWS; row++) {
        const char *const aux[] = {row_names[row], NULL};
        confusion->there_s[row] += recording_reference_s(recording, aux);
        for (size_t column = 0; column < COLUMNS; column++)
            for (size_t i = 0; columns[column].rhythms[i] != ECG_RHYTHM_UNKNOWN; i++)
                confusion->told_s[row][column] += recording_told_in_s(recording, columns[column].rhythms[i], aux);
    }
}

static void put_seconds(struct buf *out, double seconds)
{
    if (seconds < 1.0)
        buf_text(out, " - |");
    else
        buf_printf(out, " %.0f |", seconds);
}

static void put_confusion(struct buf *out, const struct confusion *confusion)
{
    buf_text(out, "| | s |");
    for (size_t column = 0; column < COLUMNS; column++)
        buf_printf(out, " %s |", columns[column].title);
    buf_text(out, " none |\n| --- | ---: |");
    for (size_t column = 0; column <= COLUMNS; column++)
        buf_text(out, " ---: |");
    buf_char(out, '\n');
    for (size_t row = 0; row < ROWS; row++) {
        double none_s = confusion->there_s[row];
        buf_printf(out, "| %s | %.0f |", row_names[row] + 1, confusion->there_s[row]);
        for (size_t column = 0; column < COLUMNS; column++) {
            put_seconds(out, confusion->told_s[row][column]);
            none_s -= column < BASIC_COLUMNS ? confusion->told_s[row][column] : 0.0;
        }
        put_seconds(out, none_s);
        buf_char(out, '\n');
    }
    buf_char(out, '\n');
}

hl_result rhythms_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    struct confusion confusion = {0};
    struct recording *recording = malloc(sizeof *recording);
    hl_result result = recording ? HL_OK : HL_NO_MEMORY;
    for (size_t i = 0; !quick && result == HL_OK && i < sizeof mitdb_records / sizeof mitdb_records[0]; i++) {
        result = run(mitdb_records[i], recording, error);
        add_recording(recording, &confusion);
    }
    free(recording);
    if (quick || result != HL_OK)
        return result;
    buf_text(markdown, rhythms_preamble);
    put_confusion(markdown, &confusion);
    section_floor("sinus rhythm called so", 60.0, percent(confusion.told_s[0][0], confusion.there_s[0]), broken);
    section_floor("bigeminy told", 70.0, percent(confusion.told_s[ROWS - 2][COLUMNS - 2], confusion.there_s[ROWS - 2]),
                  broken);
    return result;
}
