/* The QRS. All leads' steepness together says where it lies; each lead's own flanks, steep or not so steep, say where
it begins and ends there. */
#include "ecg/wave_window.h"

#include <math.h>

#define SLOPE_HALF    2  /* the means of the derivative, grid points: 8 ms */
#define SEARCH_BEFORE 30 /* 120 ms: where the steepest place of a beat may be, seen from R */
#define SEARCH_BEHIND 30
#define REACH_BEFORE  45 /* 180 ms: how far it may reach */
#define REACH_BEHIND  60
#define FLOOR_BEFORE  100   /* 400 ms .. 180 ms before R: what is no QRS */
#define START_SHARE   0.25F /* of the steepest: certainly QRS */
#define END_SHARE     0.07F /* of the steepest over the floor: no longer */
#define END_POINTS    4     /* in a row: 16 ms */
#define LEAD_MARGIN   8     /* 32 ms: a lead may begin or end beyond the others */
#define LEAD_STEEP    0.12F /* of the lead's steepest: a flank of its own */
#define R_SHARE       0.09F /* of the deepest part: a lower R wave is none ... */
#define R_NOISES      2.5F  /* ... nor is one that is no higher than so many times the noise */
#define FOOT_REACH    25    /* 100 ms */

static int compare_size(float a, float b)
{
    return (a > b) - (a < b);
}

static float median_of(const float *x, int from, int to)
{
    float sorted[ECG_GRID_POINTS];
    int count = 0;
    for (int g = from; g <= to; g++) {
        int at = count++;
        for (; at > 0 && compare_size(sorted[at - 1], x[g]) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = x[g];
    }
    return count > 0 ? sorted[count / 2] : 0.0F;
}

static float greatest(const float *x, int from, int to)
{
    float most = 0.0F;
    for (int g = from; g <= to; g++)
        most = fmaxf(most, fabsf(x[g]));
    return most;
}

/* Each lead counts by its own size: a small lead may be the one that begins first. */
static void fuse(struct wave_window *window, int from, int to)
{
    for (int g = from; g <= to; g++)
        window->fused[g] = 0.0F;
    for (size_t l = 0; l < window->lead_count; l++) {
        struct wave_lead *lead = &window->lead[l];
        if (!lead->usable)
            continue;
        ecg_grid_slope(lead->narrow, SLOPE_HALF, lead->slope);
        float most = greatest(lead->slope, ECG_GRID_R - SEARCH_BEFORE, ECG_GRID_R + SEARCH_BEHIND);
        float weight = 1.0F / (most + lead->noise + 1e-12F);
        for (int g = from; g <= to; g++)
            window->fused[g] += weight * fabsf(lead->slope[g]);
    }
}

/* Outwards from `at` until little is left for END_POINTS in a row. */
static int walk_out(const float *fused, int at, int limit, float until)
{
    int step = limit < at ? -1 : 1;
    int quiet = 0;
    for (; at != limit; at += step) {
        quiet = fused[at] < until ? quiet + 1 : 0;
        if (quiet == END_POINTS)
            return at - step * (END_POINTS - 1);
    }
    return limit;
}

static bool find_together(struct wave_window *window)
{
    int first = wave_clamp(ECG_GRID_R - REACH_BEFORE, window->from, ECG_GRID_R);
    int last = wave_clamp(ECG_GRID_R + REACH_BEHIND, ECG_GRID_R, window->to);
    int floor_from = wave_clamp(ECG_GRID_R - FLOOR_BEFORE, window->from, first);
    fuse(window, floor_from, last);
    int search_from = wave_clamp(ECG_GRID_R - SEARCH_BEFORE, first, ECG_GRID_R);
    int search_to = wave_clamp(ECG_GRID_R + SEARCH_BEHIND, ECG_GRID_R, last);
    float most = greatest(window->fused, search_from, search_to);
    float floor = median_of(window->fused, floor_from, first);
    if (!(most > 2.0F * floor) || last - first < REACH_BEFORE / 2)
        return false;
    while (search_from < ECG_GRID_R && window->fused[search_from] < START_SHARE * most)
        search_from++;
    while (search_to > ECG_GRID_R && window->fused[search_to] < START_SHARE * most)
        search_to--;
    float until = floor + END_SHARE * (most - floor);
    window->qrs_from = walk_out(window->fused, search_from, first, until);
    window->qrs_to = walk_out(window->fused, search_to, last, until);
    return true;
}

/* The peak is that of the R wave, however deep Q and S are, as readers have it; of a QRS that only goes down its lowest
   point. */
static void choose_peak(const struct wave_lead *lead, struct wave_found *found)
{
    int from = (int)lrintf(found->edge[WAVE_ONSET].at[WAVE_RULE_SLOPE_10]);
    int to = (int)lrintf(found->edge[WAVE_END].at[WAVE_RULE_SLOPE_10]);
    const float *x = lead->narrow;
    int highest = from;
    float most = 0.0F;
    for (int g = from; g <= to && to > from; g++) {
        float height = x[g] - (x[from] + (x[to] - x[from]) * (float)(g - from) / (float)(to - from));
        highest = height > most ? g : highest;
        most = fmaxf(most, height);
    }
    if (most > fmaxf(R_SHARE * fabsf(found->height), R_NOISES * lead->noise))
        found->told_peak = highest;
}

bool wave_qrs_find(struct wave_window *window)
{
    if (!find_together(window))
        return false;
    for (size_t l = 0; l < window->lead_count; l++) {
        struct wave_lead *lead = &window->lead[l];
        if (!lead->usable)
            continue;
        int from = wave_clamp(window->qrs_from - LEAD_MARGIN / 2, window->from, ECG_GRID_R - 1);
        int to = wave_clamp(window->qrs_to + LEAD_MARGIN / 2, ECG_GRID_R + 1, window->to);
        int low = wave_clamp(window->qrs_from - LEAD_MARGIN, window->from, from);
        int high = wave_clamp(window->qrs_to + LEAD_MARGIN, to, window->to);
        struct wave_steeps steeps = wave_steeps_find(lead->slope, from, to, LEAD_STEEP);
        wave_lead_find(lead->narrow, lead->slope, steeps, low, high, FOOT_REACH, &lead->found[ECG_WAVE_QRS]);
        choose_peak(lead, &lead->found[ECG_WAVE_QRS]);
    }
    return true;
}
