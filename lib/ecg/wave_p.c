/* The P wave: a bump before the QRS that the leads show together and that comes back beat by beat. */
#include "ecg/wave_window.h"

#include <math.h>

#define SLOPE_HALF  5    /* 20 ms */
#define BUMP_HALF   5    /* a bump is a mean of 44 ms ... */
#define BUMP_ASIDE  20   /* ... over those 80 ms aside of it */
#define QRS_BLUR    4    /* the wide means bring the QRS 18 ms forward */
#define ZONE_MIN    15   /* 60 ms */
#define PEAK_BEFORE 8    /* 32 ms: the peak's distance from the QRS at least */
#define LAST_SHARE  0.4F /* of the greatest bump: the one nearer to the QRS is taken */
#define WAVE_HALF   22   /* 88 ms: the flanks, seen from the bump */
#define STEEP_SHARE 0.5F
#define FOOT_HALF   32 /* 128 ms: the feet */
#define FOOT_REACH  20
#define NOISE_SHARE 0.01F /* of the QRS: no lead is taken for cleaner */
#define RR_SHARE    0.62F /* no P wave further before the QRS, of the RR interval: it would be a T wave */

static int zone_begin(const struct wave_window *window)
{
    int begin = window->from;
    if (window->before >= 0) {
        float rr = (float)(ECG_GRID_R - window->before);
        begin = wave_clamp(ECG_GRID_R - (int)(RR_SHARE * rr), begin, ECG_GRID_R);
    }
    if (window->t_end_before >= 0)
        begin = wave_clamp(window->t_end_before, begin, ECG_GRID_R);
    return begin;
}

/* What lies beyond the zone is flat. */
static float sum_of(const float *x, int from, int to, int low, int high)
{
    float sum = 0.0F;
    for (int g = from; g <= to; g++)
        sum += x[wave_clamp(g, low, high)];
    return sum;
}

static void fuse(struct wave_window *window, int low, int high)
{
    const float all = 2 * BUMP_HALF + 1;
    for (int g = low; g <= high; g++)
        window->fused[g] = 0.0F;
    for (size_t l = 0; l < window->lead_count; l++) {
        const struct wave_lead *lead = &window->lead[l];
        if (!lead->usable)
            continue;
        float least = NOISE_SHARE * lead->height;
        float weight = 1.0F / (lead->noise * lead->noise + least * least + 1e-20F);
        const float *x = lead->usual;
        for (int g = low; g <= high; g++) {
            float middle = sum_of(x, g - BUMP_HALF, g + BUMP_HALF, low, high);
            float left = sum_of(x, g - BUMP_ASIDE - BUMP_HALF, g - BUMP_ASIDE + BUMP_HALF, low, high);
            float right = sum_of(x, g + BUMP_ASIDE - BUMP_HALF, g + BUMP_ASIDE + BUMP_HALF, low, high);
            float bump = (middle - 0.5F * (left + right)) / all;
            window->fused[g] += weight * bump * bump;
        }
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
    for (size_t l = 0; l < window->lead_count; l++) {
        struct wave_lead *lead = &window->lead[l];
        if (!lead->usable)
            continue;
        int end = wave_clamp((int)lead->found[ECG_WAVE_QRS].edge[WAVE_ONSET].at[WAVE_RULE_SLOPE_10], low + 3, high + 2);
        int from = wave_clamp(window->p_peak - WAVE_HALF, low + 1, end - 2);
        int to = wave_clamp(window->p_peak + WAVE_HALF, from + 1, end - 1);
        ecg_grid_slope(lead->usual, SLOPE_HALF, lead->slope);
        struct wave_steeps steeps = wave_steeps_find(lead->slope, from, to, STEEP_SHARE);
        wave_lead_find(lead->usual, lead->slope, steeps, wave_clamp(window->p_peak - FOOT_HALF, low, from),
                       wave_clamp(window->p_peak + FOOT_HALF, to, end), FOOT_REACH, &lead->found[ECG_WAVE_P]);
    }
}
