/* The rules that place an edge, all of them walking outwards from the steepest place of the flank.

Slope: |slope| has come down to a share of the steepest (Laguna, Jane and Caminal, Comput Biomed Res 1994; 27: 45-60;
Martinez et al., IEEE Trans Biomed Eng 2004; 51: 570-581). Tangent: where the tangent in the steepest place meets the
level beyond (Lepeschkin and Surawicz, Circulation 1952; 6: 378-388). Trapezium: the point that makes the trapezium's
area greatest (Vazquez-Seisdedos, Neto, Maranon Reyes, Klautau and Limao de Oliveira, Biomed Eng Online 2011; 10: 43).
Level: a tenth of the flank's height is left. */
#include "ecg/wave_edge.h"

#include <math.h>
#include <stdlib.h>

#define LEVEL_POINTS 6     /* 24 ms beyond the foot say where the level is */
#define LEVEL_SHARE  0.15F /* of the way from the steepest place to the level */

static const float slope_shares[] = {0.5F, 0.3F, 0.2F, 0.1F, 0.05F};
enum { SLOPE_SHARES = sizeof slope_shares / sizeof slope_shares[0] };

static bool is_crest(const float *slope, int at)
{
    float here = fabsf(slope[at]);
    return here >= fabsf(slope[at - 1]) && here >= fabsf(slope[at + 1]);
}

struct wave_steeps wave_steeps_find(const float *slope, int from, int to, float share)
{
    struct wave_steeps steeps = {.first = from, .last = from};
    for (int g = from; g <= to; g++) {
        if (fabsf(slope[g]) > steeps.most) {
            steeps.most = fabsf(slope[g]);
            steeps.first = steeps.last = g;
        }
    }
    for (int g = from + 1; g < to; g++) {
        if (fabsf(slope[g]) < share * steeps.most || !is_crest(slope, g))
            continue;
        steeps.first = g < steeps.first ? g : steeps.first;
        steeps.last = g > steeps.last ? g : steeps.last;
    }
    return steeps;
}

/* A flank, walked outwards. */
struct flank {
    const float *x, *slope;
    int steep, limit, step;
    float sign; /* of the slope */
    float top;  /* of |slope| */
};

static float slope_out(const struct flank *flank, int at)
{
    return flank->slope[at] * flank->sign;
}

static void find_slopes(const struct flank *flank, struct wave_edge *edge)
{
    int rule = 0;
    for (int at = flank->steep; at != flank->limit && rule < SLOPE_SHARES; at += flank->step) {
        float here = slope_out(flank, at);
        float next = slope_out(flank, at + flank->step);
        while (rule < SLOPE_SHARES && next <= slope_shares[rule] * flank->top) {
            float part = here > next ? (here - slope_shares[rule] * flank->top) / (here - next) : 0.0F;
            part = part < 0.0F ? 0.0F : part > 1.0F ? 1.0F : part;
            edge->at[WAVE_RULE_SLOPE_50 + rule++] = (float)at + part * (float)flank->step;
        }
    }
    for (; rule < SLOPE_SHARES; rule++)
        edge->at[WAVE_RULE_SLOPE_50 + rule] = (float)flank->limit;
}

static float level_beyond(const struct flank *flank, float foot)
{
    int at = (int)lrintf(foot);
    float sum = 0.0F;
    int count = 0;
    for (; count < LEVEL_POINTS; count++, at += flank->step) {
        sum += flank->x[at];
        if (at == flank->limit)
            return sum / (float)(count + 1);
    }
    return sum / (float)count;
}

static float within(const struct flank *flank, float at)
{
    float low = (float)(flank->step > 0 ? flank->steep : flank->limit);
    float high = (float)(flank->step > 0 ? flank->limit : flank->steep);
    return at < low ? low : at > high ? high : at;
}

static float find_level(const struct flank *flank, float level)
{
    float all = fabsf(level - flank->x[flank->steep]);
    int at = flank->steep;
    while (at != flank->limit && fabsf(level - flank->x[at]) > LEVEL_SHARE * all)
        at += flank->step;
    if (at == flank->steep)
        return (float)at;
    float here = fabsf(level - flank->x[at]);
    float before = fabsf(level - flank->x[at - flank->step]);
    float part = before > here ? (before - LEVEL_SHARE * all) / (before - here) : 1.0F;
    part = part > 1.0F ? 1.0F : part;
    return (float)at - (1.0F - part) * (float)flank->step;
}

static float find_trapezium(const struct flank *flank, int reach)
{
    int far = abs(flank->limit - flank->steep);
    far = far > reach ? reach : far;
    float most = 0.0F;
    int best = 0;
    for (int d = 1; d <= far; d++) {
        int at = flank->steep + d * flank->step;
        float way = (flank->x[at] - flank->x[flank->steep]) * flank->sign * (float)flank->step;
        float area = way * (float)(2 * far - d);
        if (area > most) {
            most = area;
            best = d;
        }
    }
    return (float)(flank->steep + best * flank->step);
}

void wave_edge_find(const float *x, const float *slope, int steep, int limit, int reach, struct wave_edge *edge)
{
    struct flank flank = {x, slope, steep, limit, limit < steep ? -1 : 1, slope[steep] < 0.0F ? -1.0F : 1.0F, 0.0F};
    flank.top = fabsf(slope[steep]);
    find_slopes(&flank, edge);
    float level = level_beyond(&flank, edge->at[WAVE_RULE_SLOPE_10]);
    float run = flank.top > 0.0F ? (level - x[steep]) / slope[steep] : 0.0F;
    edge->at[WAVE_RULE_TANGENT] = within(&flank, (float)steep + run);
    edge->at[WAVE_RULE_TRAPEZIUM] = find_trapezium(&flank, reach);
    edge->at[WAVE_RULE_LEVEL] = find_level(&flank, level);
}
