/* The T wave: the last steep flank of all leads behind the QRS and before the next P wave, and what leads up to it. */
#include "ecg/wave_window.h"

#include <math.h>

#define SLOPE_HALF    8      /* 32 ms */
#define BEGIN_BEHIND  15     /* 60 ms behind J: the flanks of the QRS are over */
#define RT_MS         560.0  /* T ends no later than so long behind R at 60 bpm; longer by the root of RR */
#define NEXT_MS       180.0  /* before the next R peak: its P wave ... */
#define NEXT_SHARE    0.25   /* ... or less when the beats follow fast */
#define P_HALF        12     /* ... or from 48 ms before its P wave's top, when this beat has one */
#define EXPECTED_MS   260.0  /* the last flank is about here behind J, at 60 bpm; else by the root of RR ... */
#define EXPECTED_SD   110.0F /* ... give or take so many ms */
#define LEAST_TRUST   0.15F
#define LAST_SHARE    0.65F /* of the steepest place: the last flank */
#define FLANKS_BEFORE 55    /* 220 ms: the first flank, seen from the last one */
#define FLANKS_BEHIND 20
#define STEEP_SHARE   0.3F
#define FOOT_BEHIND   40 /* 160 ms: the foot, seen from the last flank */
#define FOOT_REACH    30
#define ZONE_MIN      25 /* 100 ms */

static double root_of_rr(const struct wave_window *window)
{
    double rr_s = isnan(window->rr_ms) ? 1.0 : fmin(fmax(window->rr_ms, 300.0), 1500.0) / 1000.0;
    return sqrt(rr_s);
}

static int zone_end(const struct wave_window *window, int low)
{
    int end = wave_clamp((int)ecg_grid_point(RT_MS * root_of_rr(window)), 0, window->to);
    if (window->next == WAVE_NO_BEAT)
        return end;
    double before_ms = fmin(NEXT_MS, NEXT_SHARE * (double)ecg_grid_ms((float)window->next));
    int next_p = window->next - (ECG_GRID_R - window->p_peak + P_HALF);
    if (window->p_there && next_p - low >= ZONE_MIN)
        return wave_clamp(next_p, 0, end);
    return wave_clamp(window->next - (int)(before_ms / (double)ECG_GRID_MS), 0, end);
}

static void fuse(struct wave_window *window, int low, int high)
{
    for (int g = low; g <= high; g++)
        window->fused[g] = 0.0F;
    for (size_t l = 0; l < window->lead_count; l++) {
        struct wave_lead *lead = &window->lead[l];
        if (!lead->usable)
            continue;
        ecg_grid_slope(lead->usual, SLOPE_HALF, lead->slope);
        float least = 0.02F * lead->height;
        float weight = 1.0F / (lead->noise * lead->noise + least * least + 1e-20F);
        for (int g = low; g <= high; g++)
            window->fused[g] += weight * lead->slope[g] * lead->slope[g];
    }
}

/* The next beat's P wave may be steeper than a T wave; it is not where T waves are. */
static void expect(struct wave_window *window, int low, int high)
{
    float at_ms = ecg_grid_ms((float)window->qrs_to) + (float)(EXPECTED_MS * root_of_rr(window));
    for (int g = low; g <= high; g++) {
        float off = (ecg_grid_ms((float)g) - at_ms) / EXPECTED_SD;
        float trust = fmaxf(expf(-0.5F * off * off), LEAST_TRUST);
        window->fused[g] *= trust * trust;
    }
}

static int last_flank(const struct wave_window *window, int low, int high)
{
    const float *fused = window->fused;
    float most = 0.0F;
    for (int g = low + 1; g < high; g++)
        if (fused[g] >= fused[g - 1] && fused[g] >= fused[g + 1])
            most = fmaxf(most, fused[g]);
    for (int g = high - 1; g > low; g--)
        if (fused[g] >= LAST_SHARE * LAST_SHARE * most && fused[g] >= fused[g - 1] && fused[g] >= fused[g + 1] &&
            fused[g] > 0.0F)
            return g;
    return -1;
}

void wave_t_find(struct wave_window *window)
{
    int low = wave_clamp(window->qrs_to + BEGIN_BEHIND, 0, window->to);
    int high = zone_end(window, low);
    window->t_steep = -1;
    if (high - low < ZONE_MIN)
        return;
    fuse(window, low, high);
    expect(window, low, high);
    window->t_steep = last_flank(window, low, high);
    if (window->t_steep < 0)
        return;
    int foot_most = window->next != WAVE_NO_BEAT ? high : window->to;
    for (size_t l = 0; l < window->lead_count; l++) {
        struct wave_lead *lead = &window->lead[l];
        if (!lead->usable)
            continue;
        int from = wave_clamp(window->t_steep - FLANKS_BEFORE, low, window->t_steep - 1);
        int to = wave_clamp(window->t_steep + FLANKS_BEHIND, from + 1, high);
        struct wave_steeps steeps = wave_steeps_find(lead->slope, from, to, STEEP_SHARE);
        wave_lead_find(lead->usual, lead->slope, steeps, wave_clamp(low - 8, 0, from),
                       wave_clamp(window->t_steep + FOOT_BEHIND, to, foot_most), FOOT_REACH, &lead->found[ECG_WAVE_T]);
    }
}
