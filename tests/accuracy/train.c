/* Logistic regression: is a beat ventricular? Learnt from what the pipeline itself saw of each beat, with one lead
and with all, as recorded and at 125 Hz. A record's frequent classes count less (by the root of 300 over their
number), so that no person dominates; the weights are held small (ridge). Newton's method on standardised features.
The same data give the same weights. */
#include "train.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/classify.h"
#include "ecg/pipeline.h"
#include "table.h"

enum { DIMENSIONS = ECG_FEATURES + 1, ITERATIONS = 12, OFTEN = 300, WAYS = 4 };

#define RIDGE      50.0
#define LEARNING_S 300.0

static const struct {
    double fs_hz; /* 0: as recorded */
    size_t leads; /* 0: all */
} ways[WAYS] = {{0.0, 1}, {0.0, 0}, {125.0, 1}, {125.0, 0}};

struct example {
    float x[ECG_FEATURES];
    double weight;
    unsigned char record, way, class;
    bool early;       /* in the first five minutes */
    bool like_normal; /* see struct ecg_classifier */
};

struct examples {
    struct example *items;
    size_t count, capacity;
    const struct heart *heart;
    unsigned char record, way;
    bool no_memory;
};

static bool outside(const struct heart *heart, double t_s)
{
    for (size_t i = 1; i < heart->excluded_count; i++)
        if (t_s >= heart->excluded[i].from_s && t_s < heart->excluded[i].to_s)
            return true;
    return false;
}

static void take_beat(void *context, const struct ecg_pipeline *pipeline, const struct ecg_beat *beat)
{
    struct examples *all = context;
    const struct ecg_classifier *classifier = ecg_pipeline_classifier(pipeline);
    double t_s = (double)beat->sample / all->heart->fs_hz;
    if (!classifier->judged || outside(all->heart, t_s))
        return;
    if (all->count == all->capacity) {
        size_t capacity = 2 * all->capacity + 4096;
        struct example *items = realloc(all->items, capacity * sizeof *items);
        all->no_memory = all->no_memory || !items;
        if (!items)
            return;
        all->items = items;
        all->capacity = capacity;
    }
    struct example *one = &all->items[all->count++];
    *one = (struct example){.record = all->record, .way = all->way, .early = t_s < LEARNING_S};
    one->like_normal = classifier->like_normal;
    one->class = (unsigned char)heart_class_at(all->heart, t_s);
    memcpy(one->x, classifier->features, sizeof one->x);
}

static hl_result take_heart(struct examples *all, const struct heart *heart)
{
    hl_result result = HL_OK;
    for (unsigned char way = 0; result == HL_OK && way < WAYS; way++) {
        struct heart other = {0};
        bool as_recorded = ways[way].fs_hz == 0.0;
        result = as_recorded ? HL_OK : heart_resample(heart, ways[way].fs_hz, &other);
        all->heart = as_recorded ? heart : &other;
        all->way = way;
        if (result == HL_OK)
            result = heart_run(all->heart, ways[way].leads ? ways[way].leads : heart->lead_count, take_beat, all);
        if (!as_recorded)
            heart_free(&other);
    }
    return all->no_memory ? HL_NO_MEMORY : result;
}

static hl_result take_all(struct examples *all, struct hl_error *error)
{
    hl_result result = HL_OK;
    for (unsigned char i = 0; result == HL_OK && sets[0].paths[i]; i++) {
        char path[512];
        struct heart heart;
        snprintf(path, sizeof path, "%s/%s", data_folder(), sets[0].paths[i]);
        result = heart_load(path, &heart, error);
        all->record = i;
        if (result == HL_OK)
            result = take_heart(all, &heart);
        heart_free(&heart);
    }
    return result;
}

/* Fusion beats and what is unclassifiable teach nothing; what is no beat at all teaches what is not ventricular. */
static bool teaches(const struct example *one)
{
    return one->class != CLASS_F && one->class != CLASS_Q;
}

static void weigh(struct examples *all)
{
    unsigned long counts[RECORDS_MAX][WAYS][CLASS_COUNT] = {0};
    for (size_t i = 0; i < all->count; i++)
        counts[all->items[i].record][all->items[i].way][all->items[i].class]++;
    for (size_t i = 0; i < all->count; i++) {
        struct example *one = &all->items[i];
        one->weight = sqrt(fmin(1.0, (double)OFTEN / (double)counts[one->record][one->way][one->class]));
    }
}

struct model {
    double mean[ECG_FEATURES], deviation[ECG_FEATURES];
    double w[DIMENSIONS]; /* of the standardised features, and the bias */
};

static bool used(const struct example *one, int left_out)
{
    return teaches(one) && (int)one->record != left_out;
}

static void standardise(const struct examples *all, int left_out, struct model *model)
{
    for (int k = 0; k < ECG_FEATURES; k++) {
        double n = 0.0;
        double sum = 0.0;
        double square = 0.0;
        for (size_t i = 0; i < all->count; i++) {
            if (!used(&all->items[i], left_out))
                continue;
            double x = (double)all->items[i].x[k];
            n += 1.0;
            sum += x;
            square += x * x;
        }
        model->mean[k] = sum / n;
        model->deviation[k] = sqrt(fmax(square / n - model->mean[k] * model->mean[k], 1e-12));
    }
}

static double score(const struct model *model, const struct example *one, double z[DIMENSIONS])
{
    double sum = 0.0;
    for (int k = 0; k < ECG_FEATURES; k++) {
        z[k] = ((double)one->x[k] - model->mean[k]) / model->deviation[k];
        sum += model->w[k] * z[k];
    }
    z[ECG_FEATURES] = 1.0;
    return sum + model->w[ECG_FEATURES];
}

/* Gaussian elimination; the matrix is positive definite, so no pivot is needed. */
static void solve(double a[DIMENSIONS][DIMENSIONS], double b[DIMENSIONS])
{
    for (int i = 0; i < DIMENSIONS; i++) {
        for (int r = i + 1; r < DIMENSIONS; r++) {
            double share = a[r][i] / a[i][i];
            for (int c = i; c < DIMENSIONS; c++)
                a[r][c] -= share * a[i][c];
            b[r] -= share * b[i];
        }
    }
    for (int i = DIMENSIONS - 1; i >= 0; i--) {
        for (int c = i + 1; c < DIMENSIONS; c++)
            b[i] -= a[i][c] * b[c];
        b[i] /= a[i][i];
    }
}

static void improve(const struct examples *all, int left_out, struct model *model)
{
    double hessian[DIMENSIONS][DIMENSIONS] = {{0.0}};
    double step[DIMENSIONS] = {0.0};
    double z[DIMENSIONS];
    for (size_t i = 0; i < all->count; i++) {
        const struct example *one = &all->items[i];
        if (!used(one, left_out))
            continue;
        double p = 1.0 / (1.0 + exp(-score(model, one, z)));
        double off = one->weight * ((one->class == CLASS_V ? 1.0 : 0.0) - p);
        double curve = one->weight * fmax(p * (1.0 - p), 1e-6);
        for (int r = 0; r < DIMENSIONS; r++) {
            step[r] += off * z[r];
            for (int c = 0; c < DIMENSIONS; c++)
                hessian[r][c] += curve * z[r] * z[c];
        }
    }
    for (int k = 0; k < DIMENSIONS; k++) {
        double ridge = k < ECG_FEATURES ? RIDGE : 1e-6;
        hessian[k][k] += ridge;
        step[k] -= k < ECG_FEATURES ? ridge * model->w[k] : 0.0;
    }
    solve(hessian, step);
    for (int k = 0; k < DIMENSIONS; k++)
        model->w[k] += step[k];
}

static void learn(const struct examples *all, int left_out, struct model *model)
{
    memset(model, 0, sizeof *model);
    standardise(all, left_out, model);
    for (int i = 0; i < ITERATIONS; i++)
        improve(all, left_out, model);
}

/* Of beats that were found and judged, behind the learning time. `only`: of that record, -1 of all. */
static void try_out(const struct examples *all, const struct model *model, int only, struct tally tallies[WAYS])
{
    double z[DIMENSIONS];
    for (size_t i = 0; i < all->count; i++) {
        const struct example *one = &all->items[i];
        if (one->early || (only >= 0 && (int)one->record != only))
            continue;
        tallies[one->way]
            .beats[one->class][score(model, one, z) > ECG_VENTRICULAR && !one->like_normal ? CLASS_V : CLASS_N]++;
    }
}

static void print_tries(const char *title, const struct tally tallies[WAYS])
{
    printf("%s\n", title);
    for (int way = 0; way < WAYS; way++) {
        struct score veb = score_veb(&tallies[way]);
        printf("  %s, %s: VEB Se %.2f +P %.2f, normal called V %lu of %lu\n",
               ways[way].leads ? "first lead" : "all leads", ways[way].fs_hz > 0.0 ? "125 Hz" : "as recorded",
               100.0 * veb.sensitivity, 100.0 * veb.predictivity, tallies[way].beats[CLASS_N][CLASS_V],
               tallies[way].beats[CLASS_N][CLASS_N] + tallies[way].beats[CLASS_N][CLASS_V]);
    }
}

static const char *const feature_names[ECG_FEATURES] = {
    [ECG_F_BEST] = "best",
    [ECG_F_WORST] = "worst",
    [ECG_F_STRANGE] = "strange",
    [ECG_F_END] = "end",
    [ECG_F_EFFECTIVE] = "effective",
    [ECG_F_SPREAD] = "spread",
    [ECG_F_EFFECTIVE_MS] = "effective ms",
    [ECG_F_EARLY] = "early",
    [ECG_F_IRREGULAR] = "irregular",
    [ECG_F_KIND_NORMAL] = "kind normal",
    [ECG_F_KIND_WIDTH] = "kind width",
    [ECG_F_KIND_EARLY] = "kind early",
    [ECG_F_KIND_COUNT] = "kind count",
    [ECG_F_NOISE] = "noise",
    [ECG_F_ROUGH] = "rough",
};

static int write_model(const struct model *model, const char *path)
{
    FILE *file = fopen(path, "w");
    double bias = model->w[ECG_FEATURES];
    if (!file) {
        fprintf(stderr, "accuracy: cannot write %s\n", path);
        return 1;
    }
    fprintf(file,
            "/* The classifier's linear model: how much each feature speaks for a ventricular beat. Written by\n"
            "`build/accuracy --train lib/ecg/classify_model.h`, in the order of enum ecg_feature; do not edit. */\n"
            "#pragma once\n\n#include \"ecg/classify.h\"\n\n"
            "static const double ecg_model_weights[ECG_FEATURES] = {\n");
    for (int k = 0; k < ECG_FEATURES; k++) {
        fprintf(file, "    %.6g, /* %s */\n", model->w[k] / model->deviation[k], feature_names[k]);
        bias -= model->w[k] / model->deviation[k] * model->mean[k];
    }
    fprintf(file, "};\n\nstatic const double ecg_model_bias = %.6g;\n", bias);
    return fclose(file) == 0 ? 0 : 1;
}

/* As recorded: missed of all, and how many others were called so, with the first lead and with all. */
static void print_record(const char *name, const struct tally tallies[WAYS])
{
    printf("  %s:", name);
    for (int way = 0; way < 2; way++) {
        struct score veb = score_veb(&tallies[way]);
        printf(" %lu of %lu missed, %lu false%s", veb.missed, veb.right + veb.missed, veb.false_, way ? "\n" : ";");
    }
}

static void leave_each_out(const struct examples *all, struct model *model)
{
    struct tally tallies[WAYS] = {0};
    for (int record = 0; sets[0].paths[record]; record++) {
        struct tally own[WAYS] = {0};
        learn(all, record, model);
        try_out(all, model, record, own);
        print_record(sets[0].paths[record], own);
        for (int way = 0; way < WAYS; way++)
            tally_add(&tallies[way], &own[way]);
    }
    print_tries("each record by what was learnt on the others:", tallies);
}

int train(const char *path)
{
    struct examples all = {0};
    struct hl_error error = {0};
    struct model model;
    hl_result result = take_all(&all, &error);
    if (result != HL_OK) {
        fprintf(stderr, "accuracy: %s: %s\n", hl_strerror(result), error.detail);
        free(all.items);
        return 1;
    }
    weigh(&all);
    leave_each_out(&all, &model);
    struct tally tallies[WAYS] = {0};
    learn(&all, -1, &model);
    try_out(&all, &model, -1, tallies);
    print_tries("all by what was learnt on all:", tallies);
    free(all.items);
    return write_model(&model, path);
}
