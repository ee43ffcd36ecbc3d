/* Placing the edges.

Eight rules give eight answers, and every lead has its own eight. Which of them a cardiologist's mark is near to depends
on the wave: how steep, how high over the noise, how the other leads go. That is learnt: a linear model says how far
the mark lies from one rule's answer (the base), by what the other rules, the other leads, the peak and the QRS say.
A second one corrects it by what the first one said of the other leads and of the same lead in the beats before. It is
the cascade of Dollar, Welinder and Perona (CVPR 2010: 1078-1085) in its smallest form. All features are differences
of times, limited, so that an odd wave cannot move an edge far; the correction itself is limited too.

Learnt on 24 records of the LUDB by tests/accuracy/train_waves.c, which says how good it is on records it did not learn
from. */
#include "ecg/wave_place.h"

#include <math.h>

#define RULES_MS      80.0F /* limits of the features */
#define LEADS_MS      100.0F
#define PEAK_MS       250.0F
#define QRS_MS        500.0F
#define MEMORY_MS     60.0F
#define CORRECTION_MS 80.0F
#define FEW_LEADS     3 /* fewer say little about each other */
#define MEMORY_BEATS  6.0F

static const enum wave_rule base_rules[ECG_WAVE_COUNT][WAVE_EDGES] = {
    [ECG_WAVE_P] = {WAVE_RULE_SLOPE_20, WAVE_RULE_SLOPE_30},
    [ECG_WAVE_QRS] = {WAVE_RULE_SLOPE_10, WAVE_RULE_SLOPE_10},
    [ECG_WAVE_T] = {WAVE_RULE_SLOPE_20, WAVE_RULE_TRAPEZIUM},
};

/* The leads' answers about one edge. */
struct leads {
    size_t count;
    size_t lead[ECG_MAX_LEADS];
    float base[ECG_MAX_LEADS]; /* ms, as all below */
    float base_median, base_low, base_high, base_mean;
    float tangent_median, half_median, peak_median;
};

static float limit(float x, float most)
{
    return x > most ? most : x < -most ? -most : x; /* NAN stays: it cannot come */
}

static float quantile(const float *values, size_t count, size_t quarter)
{
    float sorted[ECG_MAX_LEADS] = {0.0F};
    for (size_t i = 0; i < count; i++) {
        size_t j = i;
        for (; j > 0 && sorted[j - 1] > values[i]; j--)
            sorted[j] = sorted[j - 1];
        sorted[j] = values[i];
    }
    size_t at = (count - 1) * quarter;
    float part = (float)(at % 4) / 4.0F;
    float low = sorted[at / 4];
    return part > 0.0F ? low + part * (sorted[at / 4 + 1] - low) : low;
}

static float rule_median(const struct wave_window *window, const struct leads *leads, enum ecg_wave wave,
                         enum wave_side side, enum wave_rule rule)
{
    float values[ECG_MAX_LEADS];
    for (size_t i = 0; i < leads->count; i++)
        values[i] = ecg_grid_ms(window->lead[leads->lead[i]].found[wave].edge[side].at[rule]);
    return quantile(values, leads->count, 2);
}

static float trust_of(const struct wave_lead *lead, enum ecg_wave wave)
{
    return fabsf(lead->found[wave].height) / (lead->noise + 0.01F * lead->height + 1e-12F) + 1e-6F;
}

static struct leads ask_leads(const struct wave_window *window, enum ecg_wave wave, enum wave_side side)
{
    struct leads leads = {.count = 0};
    float peaks[ECG_MAX_LEADS];
    float sum = 0.0F;
    float trust = 0.0F;
    for (size_t l = 0; l < window->lead_count; l++) {
        const struct wave_lead *lead = &window->lead[l];
        if (!lead->usable || !lead->found[wave].present)
            continue;
        float base = ecg_grid_ms(lead->found[wave].edge[side].at[base_rules[wave][side]]);
        peaks[leads.count] = ecg_grid_ms((float)lead->found[wave].peak);
        leads.lead[leads.count] = l;
        leads.base[leads.count++] = base;
        sum += trust_of(lead, wave) * base;
        trust += trust_of(lead, wave);
    }
    if (leads.count == 0)
        return leads;
    leads.base_median = quantile(leads.base, leads.count, 2);
    leads.base_low = quantile(leads.base, leads.count, 1);
    leads.base_high = quantile(leads.base, leads.count, 3);
    leads.base_mean = sum / trust;
    leads.peak_median = quantile(peaks, leads.count, 2);
    leads.tangent_median = rule_median(window, &leads, wave, side, WAVE_RULE_TANGENT);
    leads.half_median = rule_median(window, &leads, wave, side, WAVE_RULE_SLOPE_50);
    return leads;
}

static float log_limited(float x, float least, float most)
{
    float y = logf(x);
    return y < least ? least : y > most ? most : y;
}

static void describe(const struct wave_window *window, const struct leads *leads, size_t i, enum ecg_wave wave,
                     enum wave_side side, float *x)
{
    const struct wave_lead *lead = &window->lead[leads->lead[i]];
    const struct wave_found *found = &lead->found[wave];
    float base = leads->base[i];
    float height = fabsf(found->height);
    double rr_ms = isnan(window->rr_ms) ? 1000.0 : fmin(fmax(window->rr_ms, 300.0), 1600.0);
    for (int rule = 0; rule < WAVE_RULES; rule++)
        if (rule != (int)base_rules[wave][side])
            *x++ = limit(ecg_grid_ms(found->edge[side].at[rule]) - base, RULES_MS);
    *x++ = limit(leads->base_median - base, LEADS_MS);
    *x++ = limit(leads->tangent_median - base, LEADS_MS);
    *x++ = limit(leads->half_median - base, LEADS_MS);
    *x++ = limit(leads->base_mean - base, LEADS_MS);
    *x++ = limit(leads->base_low - base, LEADS_MS);
    *x++ = limit(leads->base_high - base, LEADS_MS);
    *x++ = limit(ecg_grid_ms((float)found->peak) - base, PEAK_MS);
    *x++ = limit(leads->peak_median - base, PEAK_MS);
    *x++ = log_limited(height / (lead->noise + 0.003F * lead->height + 1e-12F) + 0.1F, -3.0F, 6.0F);
    *x++ = log_limited(height / (lead->height + 1e-12F) + 0.001F, -7.0F, 2.0F);
    *x++ = limit(ecg_grid_ms((float)window->qrs_from) - base, QRS_MS);
    *x++ = limit(ecg_grid_ms((float)window->qrs_to) - base, QRS_MS);
    *x++ = (float)(100.0 * sqrt(rr_ms / 1000.0));
}

static float say(const float *weights, const float *x, int count)
{
    float sum = weights[count];
    for (int i = 0; i < count; i++)
        sum += weights[i] * x[i];
    return limit(sum, CORRECTION_MS);
}

static struct wave_usual_edge *usual_of(float *memory, size_t lead, enum ecg_wave wave, enum wave_side side)
{
    return (struct wave_usual_edge *)(void *)(memory + lead * WAVE_PLACE_MEMORY) + wave * WAVE_EDGES + side;
}

static void learn_usual(struct wave_usual_edge *usual, float at_ms)
{
    usual->count = fminf(usual->count + 1.0F, MEMORY_BEATS);
    usual->mean_ms += (at_ms - usual->mean_ms) / usual->count;
}

static void place_edge(struct wave_window *window, const struct ecg_waves *waves, float *memory, enum ecg_wave wave,
                       enum wave_side side)
{
    struct leads leads = ask_leads(window, wave, side);
    const struct ecg_place_model *model = &waves->model[leads.count >= FEW_LEADS];
    float x[ECG_MAX_LEADS][ECG_PLACE_FEATURES];
    float first_ms[ECG_MAX_LEADS];
    for (size_t i = 0; i < leads.count; i++) {
        describe(window, &leads, i, wave, side, x[i]);
        x[i][ECG_PLACE_FIRST] = say(model->first[wave][side], x[i], ECG_PLACE_FIRST);
        first_ms[i] = leads.base[i] + x[i][ECG_PLACE_FIRST];
    }
    float median_ms = leads.count > 0 ? quantile(first_ms, leads.count, 2) : 0.0F;
    for (size_t i = 0; i < leads.count; i++) {
        struct wave_usual_edge *usual = usual_of(memory, leads.lead[i], wave, side);
        bool known = window->is_usual && usual->count > 0.0F;
        float off_ms = known ? limit(usual->mean_ms - first_ms[i], MEMORY_MS) : 0.0F;
        x[i][ECG_PLACE_FIRST + 1] = limit(median_ms - first_ms[i], LEADS_MS);
        x[i][ECG_PLACE_FIRST + 2] = off_ms;
        x[i][ECG_PLACE_FIRST + 3] = off_ms * usual->count;
        float correction_ms = say(model->second[wave][side], x[i], ECG_PLACE_FEATURES);
        window->lead[leads.lead[i]].found[wave].placed_ms[side] = leads.base[i] + correction_ms;
        if (window->is_usual)
            learn_usual(usual, first_ms[i]);
        if (waves->cases) {
            struct ecg_place_case *one = &waves->cases[leads.lead[i]][wave][side];
            *one = (struct ecg_place_case){.present = true, .base_ms = leads.base[i]};
            for (int k = 0; k < ECG_PLACE_FEATURES; k++)
                one->x[k] = x[i][k];
        }
    }
}

static void forget_cases(const struct wave_window *window, const struct ecg_waves *waves)
{
    for (size_t l = 0; waves->cases && l < window->lead_count; l++)
        for (int wave = 0; wave < ECG_WAVE_COUNT; wave++)
            for (int side = 0; side < WAVE_EDGES; side++)
                waves->cases[l][wave][side].present = false;
}

void wave_place(struct wave_window *window, const struct ecg_waves *waves, float *memory)
{
    forget_cases(window, waves);
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++)
        for (int side = 0; side < WAVE_EDGES; side++)
            place_edge(window, waves, memory, (enum ecg_wave)wave, (enum wave_side)side);
}
