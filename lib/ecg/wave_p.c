/* The P wave: a bump before the QRS that the leads show together and that comes back beat by beat. */
#include "ecg/wave_window.h"

#include <math.h>

#define SLOPE_HALF      5    /* 20 ms */
#define BUMP_HALF       5    /* a bump is a mean of 44 ms ... */
#define BUMP_ASIDE      20   /* ... over those 80 ms aside of it */
#define QRS_BLUR        4    /* the wide means bring the QRS 18 ms forward */
#define LEVEL_POINTS    4    /* the last 16 ms before the QRS make the level */
#define ZONE_LEAST      50   /* 200 ms before the QRS are looked at even when the T wave seems to end later */
#define ZONE_MOST       110  /* 440 ms: no longer PR is looked for */
#define T_NEAR          12   /* 48 ms behind the T wave of the beat before its slope is still there */
#define ZONE_MIN        15   /* 60 ms */
#define PEAK_BEFORE     8    /* 32 ms: the peak's distance from the QRS at least */
#define LAST_SHARE      0.4F /* of the greatest bump: the one nearer to the QRS is taken */
#define WAVE_HALF       20   /* 88 ms: the flanks, seen from the bump */
#define STEEP_SHARE     0.3F
#define FOOT_HALF       32 /* 128 ms: the feet */
#define FOOT_REACH      20
#define NOISE_SHARE     0.01F /* of the QRS: no lead is taken for cleaner */
#define SIZE_MIN        1.0F  /* of the bump in all leads, in units of their noise */
#define SIZE_SURE       3.0F
#define PROMINENT       2.0F /* over the mean of the zone, on average over the beats: flutter goes on all the time */
#define PROMINENT_SHARE 0.25F
#define ALIKE_HALF      25   /* 100 ms about the bump are compared with the beats before */
#define REPEAT_UP       0.7F /* how fast that is believed: a single strange beat must not hide the P waves */
#define REPEAT_DOWN     0.25F
#define REPEATS         0.45F /* correlation over the last beats: P waves 0.8 and more, fibrillation less than 0.3 */
#define REPEATS_NOW     0.35F
#define RR_SHARE        0.62F /* no P wave further before the QRS, of the RR interval: it would be a T wave */

static int zone_begin(const struct wave_window *window)
{
    int begin = wave_clamp(window->qrs_from - ZONE_MOST, window->from, ECG_GRID_R);
    if (window->before != WAVE_NO_BEAT) {
        float rr = (float)(ECG_GRID_R - window->before);
        begin = wave_clamp(ECG_GRID_R - (int)(RR_SHARE * rr), begin, ECG_GRID_R);
    }
    if (window->t_end_before != WAVE_NO_BEAT)
        begin = wave_clamp(window->t_end_before, begin, wave_clamp(window->qrs_from - ZONE_LEAST, begin, ECG_GRID_R));
    return begin;
}

/* Sums of x up to each point of low .. high, what lies beyond being flat. */
struct running {
    int low, high;
    const float *x;
    float sums[ECG_GRID_POINTS + 1];
};

static void run_up(struct running *running, const float *x, int low, int high)
{
    float sum = 0.0F;
    running->low = low;
    running->high = high;
    running->x = x;
    for (int g = low; g <= high; g++) {
        running->sums[g] = sum;
        sum += x[g] - x[high];
    }
    running->sums[high + 1] = sum;
}

/* Over x[high], from .. to. */
static float sum_of(const struct running *running, int from, int to)
{
    int before = wave_clamp(running->low - from, 0, to - from + 1);
    float left = (float)before * (running->x[running->low] - running->x[running->high]);
    from = wave_clamp(from, running->low, running->high + 1);
    to = wave_clamp(to + 1, running->low, running->high + 1);
    return left + running->sums[to] - running->sums[from];
}

void wave_p_bumps(const float *x, int low, int high, float weight, float *fused)
{
    const float all = 2 * BUMP_HALF + 1;
    struct running running;
    run_up(&running, x, low, high);
    float level = sum_of(&running, high - LEVEL_POINTS + 1, high) / LEVEL_POINTS;
    for (int g = low; g <= high; g++) {
        float middle = sum_of(&running, g - BUMP_HALF, g + BUMP_HALF);
        float left = sum_of(&running, g - BUMP_ASIDE - BUMP_HALF, g - BUMP_ASIDE + BUMP_HALF);
        float right = sum_of(&running, g + BUMP_ASIDE - BUMP_HALF, g + BUMP_ASIDE + BUMP_HALF);
        float bump = (middle - 0.5F * (left + right)) / all;
        float over = middle / all - level;
        fused[g] += weight * fmaxf(bump * over, 0.0F);
    }
}

float wave_p_weight(const struct wave_lead *lead)
{
    float least = NOISE_SHARE * lead->height;
    return 1.0F / (lead->noise * lead->noise + least * least + 1e-20F);
}

static void fuse(struct wave_window *window, int low, int high)
{
    for (int g = low; g <= high; g++)
        window->fused[g] = 0.0F;
    for (size_t l = 0; l < window->lead_count; l++) {
        const struct wave_lead *lead = &window->lead[l];
        if (lead->usable)
            wave_p_bumps(lead->usual, low, high, wave_p_weight(lead), window->fused);
    }
}

static int last_bump(const struct wave_window *window, int low, int high)
{
    const float *fused = window->fused;
    float most = 0.0F;
    for (int g = low + 1; g < high; g++)
        most = fmaxf(most, fused[g]);
    for (int g = high - 1; g > low; g--)
        if (fused[g] >= LAST_SHARE * most && fused[g] >= fused[g - 1] && fused[g] >= fused[g + 1] && fused[g] > 0.0F)
            return g;
    return -1;
}

/* ---- is it one? ---- */

/* How far the bump stands out of what else lies in the zone. */
static float prominence(const struct wave_window *window, int low, int high)
{
    double sum = 0.0;
    for (int g = low; g < high; g++)
        sum += sqrt((double)window->fused[g]);
    return sum > 0.0 ? sqrtf(window->fused[window->p_peak]) * (float)(high - low) / (float)sum : 0.0F;
}

/* Fibrillation has bumps as well, but never the same one before each QRS. */
static bool is_there(struct wave_window *window, int low, int high)
{
    float size = sqrtf(window->fused[window->p_peak] / (float)window->usable_count);
    float prominent = prominence(window, low, high);
    bool stands_out = size > SIZE_SURE && prominent > PROMINENT;
    if (window->past_count == 0)
        return stands_out;
    int from = wave_clamp(window->p_peak - ALIKE_HALF, window->from, window->p_peak);
    int to = wave_clamp(window->p_peak + ALIKE_HALF, window->p_peak, high);
    float repeat = wave_alike(window, from, to).size;
    float before = isnan(window->p_repeat) ? repeat : window->p_repeat;
    window->p_repeat = before + (repeat > before ? REPEAT_UP : REPEAT_DOWN) * (repeat - before);
    before = isnan(window->p_prominence) ? prominent : window->p_prominence;
    window->p_prominence = before + fmaxf(PROMINENT_SHARE, 1.0F / (float)window->past_count) * (prominent - before);
    if (size < SIZE_MIN || window->p_prominence < PROMINENT)
        return false;
    return window->p_repeat > REPEATS && (repeat > REPEATS_NOW || stands_out);
}

/* ---- in a lead ---- */

/* The QRS's own flank, blurred forwards, must not end the P wave. */
static void flatten(const float *x, int end, float *flat)
{
    for (int g = 0; g < ECG_GRID_POINTS; g++)
        flat[g] = x[g < end ? g : end];
}

/* Where the flank of P itself may begin: a T wave that has just ended still slopes, away from where P goes. */
static int behind_t(const struct wave_window *window, const float *x, const float *slope, int from, int end)
{
    if (window->t_end_before == WAVE_NO_BEAT)
        return from;
    float way = x[window->p_peak] - x[end];
    int until = wave_clamp(window->t_end_before + T_NEAR, from, window->p_peak - 1);
    while (from < until && slope[from] * way < 0.0F)
        from++;
    return from;
}

static void find_in_lead(const struct wave_window *window, struct wave_lead *lead, int low, int high)
{
    float flat[ECG_GRID_POINTS];
    float onset = lead->found[ECG_WAVE_QRS].edge[WAVE_ONSET].at[WAVE_RULE_SLOPE_10];
    int end = wave_clamp((int)onset - QRS_BLUR, low + 3, high);
    int from = wave_clamp(window->p_peak - WAVE_HALF, low + 1, end - 2);
    int to = wave_clamp(window->p_peak + WAVE_HALF, from + 1, end - 1);
    flatten(lead->usual, end, flat);
    ecg_grid_slope(flat, SLOPE_HALF, lead->slope);
    from = behind_t(window, flat, lead->slope, from, end);
    to = wave_clamp(to, from + 1, end);
    struct wave_steeps steeps = wave_steeps_find(lead->slope, from, to, STEEP_SHARE);
    wave_lead_find(flat, lead->slope, steeps, wave_clamp(window->p_peak - FOOT_HALF, low, from),
                   wave_clamp(window->p_peak + FOOT_HALF, to, high + QRS_BLUR), FOOT_REACH, &lead->found[ECG_WAVE_P]);
}

void wave_p_find(struct wave_window *window)
{
    int low = zone_begin(window);
    int high = window->qrs_from - QRS_BLUR;
    window->p_peak = -1;
    if (high - low < ZONE_MIN)
        return;
    fuse(window, low, high);
    window->p_peak = last_bump(window, low, high - PEAK_BEFORE);
    if (window->p_peak < 0)
        return;
    window->p_there = is_there(window, low, high);
    if (!window->p_there)
        return;
    for (size_t l = 0; l < window->lead_count; l++)
        if (window->lead[l].usable)
            find_in_lead(window, &window->lead[l], low, high);
}
