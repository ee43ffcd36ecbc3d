/* Two linear models one behind the other say where a wave's edge is (wave_place.c). Each is a ridge regression of what
a cardiologist marked on the features that the pipeline itself saw: with twelve leads and with one or two, as recorded
and at lower rates, which count less. The second model learns from what the first one says of a record that it did not
learn from, since that is what it will meet. Only sums are kept, record by record, so that leaving one out costs
nothing. The same data give the same weights. */
#include "train_waves.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ludb.h"
#include "wave_score.h"

#define RIDGE  100.0
#define NEAR_S 0.150

enum {
    COLUMNS = ECG_PLACE_FEATURES + 2, /* the features, one, and the mark */
    ONE = ECG_PLACE_FEATURES,
    MARK = ECG_PLACE_FEATURES + 1,
    ALL = LUDB_RECORDS, /* the model that leaves no record out */
};

/* Ways to see a record, and how much each counts. */
static const struct seen {
    double fs_hz; /* 0: as recorded */
    double weight;
    size_t lead_count; /* 0: all */
    enum ecg_lead leads[2];
} seen[] = {
    {0.0, 1.0, 0, {ECG_LEAD_I}},    {250.0, 0.3, 0, {ECG_LEAD_I}},
    {125.0, 0.2, 0, {ECG_LEAD_I}},  {80.0, 0.1, 0, {ECG_LEAD_I}},
    {0.0, 1.0, 1, {ECG_LEAD_II}},   {0.0, 0.5, 1, {ECG_LEAD_I}},
    {0.0, 0.5, 1, {ECG_LEAD_V5}},   {0.0, 0.5, 2, {ECG_LEAD_II, ECG_LEAD_V1}},
    {125.0, 0.5, 1, {ECG_LEAD_II}}, {80.0, 0.3, 1, {ECG_LEAD_II}},
};
enum { SEEN = sizeof seen / sizeof seen[0] };

/* Sums of all products of two columns. */
struct sums {
    double of[COLUMNS][COLUMNS];
};

typedef struct sums edge_sums[ECG_PLACE_KINDS][ECG_WAVE_COUNT][2];

struct school {
    struct ludb_heart hearts[LUDB_RECORDS];
    struct heart other[LUDB_RECORDS][SEEN]; /* at the rates that are not the recorded one */
    edge_sums records[LUDB_RECORDS];
    struct ecg_place_model models[LUDB_RECORDS + 1][ECG_PLACE_KINDS];
    size_t half; /* every second record is not learnt from: those from 0, from 1; 2: none */
};

static bool learnt_from(const struct school *school, size_t record)
{
    return school->half == 2 || record % 2 != school->half;
}

/* ---- sums ---- */

static double mark_of(const struct ludb_mark *mark, int side)
{
    return side == 0 ? mark->onset_s : mark->end_s;
}

/* The mark nearest to where the base is; NAN when none is near. */
static double nearest_mark(const struct ludb_lead *lead, int wave, int side, double at_s)
{
    double best = (double)NAN;
    for (size_t i = 0; i < lead->count[wave]; i++) {
        double mark_s = mark_of(&lead->marks[wave][i], side);
        if (fabs(mark_s - at_s) <= NEAR_S && !(fabs(best - at_s) <= fabs(mark_s - at_s)))
            best = mark_s;
    }
    return best;
}

static void add_case(struct sums *sums, const struct ecg_place_case *one, double off_ms, double weight)
{
    double column[COLUMNS];
    for (int i = 0; i < ECG_PLACE_FEATURES; i++)
        column[i] = (double)one->x[i];
    column[ONE] = 1.0;
    column[MARK] = off_ms;
    for (int r = 0; r < COLUMNS; r++)
        for (int c = 0; c < COLUMNS; c++)
            sums->of[r][c] += weight * column[r] * column[c];
}

static void add_told(const struct ludb_heart *ludb, const struct ludb_way *way, const struct ludb_told *told,
                     double weight, edge_sums *sums)
{
    size_t kind = way->lead_count > 2 ? 1 : 0;
    for (size_t b = 0; b < told->count; b++) {
        for (size_t l = 0; l < way->lead_count; l++) {
            for (int edge = 0; edge < ECG_WAVE_COUNT * 2; edge++) {
                const struct ecg_place_case *one = &told->cases[b][l][edge / 2][edge % 2];
                double r_s = (double)told->beats[b].sample / told->fs_hz;
                double base_s = r_s + (double)one->base_ms / 1000.0;
                if (!one->present)
                    continue;
                double mark_s = nearest_mark(&ludb->leads[way->leads[l]], edge / 2, edge % 2, base_s);
                if (!isnan(mark_s))
                    add_case(&(*sums)[kind][edge / 2][edge % 2], one, 1000.0 * (mark_s - base_s), weight);
            }
        }
    }
}

static hl_result take_record(struct school *school, size_t record)
{
    hl_result result = HL_OK;
    memset(&school->records[record], 0, sizeof school->records[record]);
    for (size_t s = 0; result == HL_OK && s < SEEN; s++) {
        const struct heart *heart = seen[s].fs_hz == 0.0 ? &school->hearts[record].heart : &school->other[record][s];
        struct ludb_way way = ludb_way(heart, seen[s].leads, seen[s].lead_count);
        struct ludb_told told;
        way.model = school->models[record];
        way.cases = true;
        result = ludb_run(heart, &way, &told);
        if (result == HL_OK)
            add_told(&school->hearts[record], &way, &told, seen[s].weight, &school->records[record]);
        ludb_told_free(&told);
    }
    return result;
}

static hl_result take_all(struct school *school)
{
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < LUDB_RECORDS; i++)
        result = take_record(school, i);
    return result;
}

/* ---- ridge regression ---- */

/* Gaussian elimination; the matrix is positive definite, so no pivot is needed. */
static void solve(double a[ECG_PLACE_FEATURES][ECG_PLACE_FEATURES], double *b, int size)
{
    for (int i = 0; i < size; i++) {
        for (int r = i + 1; r < size; r++) {
            double share = a[r][i] / a[i][i];
            for (int c = i; c < size; c++)
                a[r][c] -= share * a[i][c];
            b[r] -= share * b[i];
        }
    }
    for (int i = size - 1; i >= 0; i--) {
        for (int c = i + 1; c < size; c++)
            b[i] -= a[i][c] * b[c];
        b[i] /= a[i][i];
    }
}

/* Of the first `size` features, each brought to a deviation of one. */
static void regress(const struct sums *sums, int size, float *weights)
{
    double a[ECG_PLACE_FEATURES][ECG_PLACE_FEATURES] = {{0.0}};
    double b[ECG_PLACE_FEATURES] = {0.0};
    double deviation[ECG_PLACE_FEATURES];
    double n = sums->of[ONE][ONE];
    memset(weights, 0, (size_t)(size + 1) * sizeof *weights);
    if (n < 1.0)
        return;
    for (int r = 0; r < size; r++) {
        double mean = sums->of[r][ONE] / n;
        deviation[r] = sqrt(fmax(sums->of[r][r] / n - mean * mean, 1e-6));
    }
    for (int r = 0; r < size; r++) {
        for (int c = 0; c < size; c++)
            a[r][c] = (sums->of[r][c] - sums->of[r][ONE] * sums->of[c][ONE] / n) / (deviation[r] * deviation[c]);
        b[r] = (sums->of[r][MARK] - sums->of[r][ONE] * sums->of[MARK][ONE] / n) / deviation[r];
        a[r][r] += RIDGE;
    }
    solve(a, b, size);
    double bias = sums->of[MARK][ONE] / n;
    for (int r = 0; r < size; r++) {
        weights[r] = (float)(b[r] / deviation[r]);
        bias -= b[r] / deviation[r] * sums->of[r][ONE] / n;
    }
    weights[size] = (float)bias;
}

static void sum_up(const struct school *school, size_t left_out, edge_sums *total)
{
    memset(total, 0, sizeof *total);
    for (size_t i = 0; i < LUDB_RECORDS; i++) {
        const double *from = (const double *)&school->records[i];
        double *to = (double *)total;
        for (size_t k = 0; i != left_out && learnt_from(school, i) && k < sizeof *total / sizeof *to; k++)
            to[k] += from[k];
    }
}

static void learn(struct school *school, bool second)
{
    static edge_sums total;
    for (size_t m = 0; m <= ALL; m++) {
        sum_up(school, m, &total);
        for (size_t kind = 0; kind < ECG_PLACE_KINDS; kind++) {
            struct ecg_place_model *model = &school->models[m][kind];
            for (int edge = 0; edge < ECG_WAVE_COUNT * 2; edge++) {
                const struct sums *sums = &total[kind][edge / 2][edge % 2];
                if (second)
                    regress(sums, ECG_PLACE_FEATURES, model->second[edge / 2][edge % 2]);
                else
                    regress(sums, ECG_PLACE_FIRST, model->first[edge / 2][edge % 2]);
            }
        }
    }
}

/* ---- what came of it ---- */

/* Adds the records that were not learnt from; or all of them, when none was left out. */
static hl_result try_out(const struct school *school, size_t s, struct wave_tally *tally)
{
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < LUDB_RECORDS; i++) {
        if (school->half != 2 && learnt_from(school, i))
            continue;
        const struct heart *heart = seen[s].fs_hz == 0.0 ? &school->hearts[i].heart : &school->other[i][s];
        struct ludb_way way = ludb_way(heart, seen[s].leads, seen[s].lead_count);
        struct ludb_told told;
        way.model = school->models[ALL];
        result = ludb_run(heart, &way, &told);
        for (size_t l = 0; result == HL_OK && l < way.lead_count; l++)
            wave_tally_lead(&school->hearts[i].leads[way.leads[l]], &told, l, tally);
        ludb_told_free(&told);
    }
    return result;
}

static void print_try(const char *title, const struct wave_tally *tally)
{
    static const char *const waves[] = {"P", "QRS", "T"};
    static const char *const points[] = {"onset", "peak", "end"};
    printf("%s\n", title);
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++) {
        for (int point = 0; point < WAVE_POINTS; point++) {
            struct point_score score = point_score(&tally->points[wave][point]);
            printf("  %-3s %-5s %6.1f +- %4.1f ms, Se %.2f, +P %.2f\n", waves[wave], points[point], score.mean_ms,
                   score.sd_ms, score.sensitivity, score.predictivity);
        }
    }
}

static hl_result try_all(const struct school *school, struct wave_tally tallies[SEEN])
{
    hl_result result = HL_OK;
    for (size_t s = 0; result == HL_OK && s < SEEN; s++)
        result = try_out(school, s, &tallies[s]);
    return result;
}

static void print_tries(const char *how, const struct wave_tally tallies[SEEN])
{
    for (size_t s = 0; s < SEEN; s++) {
        char title[128];
        snprintf(title, sizeof title, "%g Hz (0: as recorded), %zu leads (0: all), %s:", seen[s].fs_hz,
                 seen[s].lead_count, how);
        print_try(title, &tallies[s]);
    }
}

static void write_weights(FILE *file, const float *weights, int count)
{
    fprintf(file, "{");
    for (int i = 0; i <= count; i++)
        fprintf(file, "%s%.6gF", i == 0 ? "" : i % 8 == 0 ? ",\n            " : ", ", (double)weights[i]);
    fprintf(file, "}");
}

/* "0F" is no number in C. */
static void keep_points(struct ecg_place_model *model)
{
    float *weights = (float *)model;
    for (size_t i = 0; i < sizeof *model / sizeof *weights; i++)
        if (weights[i] == floorf(weights[i]))
            weights[i] += 1e-6F;
}

static int write_models(struct school *school, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        fprintf(stderr, "accuracy: cannot write %s\n", path);
        return 1;
    }
    fprintf(
        file,
        "/* The linear models that place the edges of waves (wave_place.c): for few leads and for several, of P,\n"
        "QRS and T, onset and end. Written by `build/accuracy --train-waves lib/ecg/waves_model.h`; do not edit. */\n"
        "#pragma once\n\n#include \"ecg/waves.h\"\n\n/* clang-format off */\n"
        "static const struct ecg_place_model wave_models[ECG_PLACE_KINDS] = {\n");
    for (size_t kind = 0; kind < ECG_PLACE_KINDS; kind++) {
        struct ecg_place_model *model = &school->models[ALL][kind];
        keep_points(model);
        for (int part = 0; part < 2; part++) {
            fprintf(file, "%s", part == 0 ? "    {{" : "     {");
            for (int edge = 0; edge < ECG_WAVE_COUNT * 2; edge++) {
                fprintf(file, "%s", edge % 2 == 0 ? "{" : "          ");
                write_weights(file, part == 0 ? model->first[edge / 2][edge % 2] : model->second[edge / 2][edge % 2],
                              part == 0 ? ECG_PLACE_FIRST : ECG_PLACE_FEATURES);
                fprintf(file, "%s", edge % 2 == 0 ? ",\n" : edge < ECG_WAVE_COUNT * 2 - 1 ? "},\n      " : "}");
            }
            fprintf(file, "%s", part == 0 ? "},\n" : "}},\n");
        }
    }
    fprintf(file, "};\n/* clang-format on */\n");
    return fclose(file) == 0 ? 0 : 1;
}

/* ---- the whole of it ---- */

static hl_result load(struct school *school, struct hl_error *error)
{
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < LUDB_RECORDS; i++) {
        result = ludb_load(ludb_records[i], &school->hearts[i], error);
        for (size_t s = 0; result == HL_OK && s < SEEN; s++)
            if (seen[s].fs_hz > 0.0)
                result = heart_resample(&school->hearts[i].heart, seen[s].fs_hz, &school->other[i][s]);
    }
    return result;
}

static void dismiss(struct school *school)
{
    for (size_t i = 0; i < LUDB_RECORDS; i++) {
        for (size_t s = 0; s < SEEN; s++)
            heart_free(&school->other[i][s]);
        ludb_free(&school->hearts[i]);
    }
    free(school);
}

static hl_result study(struct school *school, size_t half, struct wave_tally tallies[SEEN])
{
    hl_result result = HL_OK;
    school->half = half;
    memset(school->models, 0, sizeof school->models);
    for (int second = 0; result == HL_OK && second < 2; second++) {
        result = take_all(school);
        if (result == HL_OK)
            learn(school, second == 1);
    }
    return result == HL_OK ? try_all(school, tallies) : result;
}

int train_waves(const char *path)
{
    struct school *school = calloc(1, sizeof *school);
    struct wave_tally apart[SEEN] = {0};
    struct wave_tally same[SEEN] = {0};
    struct hl_error error = {0};
    hl_result result = school ? load(school, &error) : HL_NO_MEMORY;
    for (size_t half = 0; result == HL_OK && half <= 2; half++)
        result = study(school, half, half < 2 ? apart : same);
    if (result == HL_OK) {
        print_tries("each half of the records by what was learnt on the other", apart);
        print_tries("all by what was learnt on all", same);
    }
    int code = result == HL_OK ? write_models(school, path) : 1;
    if (result != HL_OK)
        fprintf(stderr, "accuracy: %s: %s\n", hl_strerror(result), error.detail);
    if (school)
        dismiss(school);
    return code;
}
