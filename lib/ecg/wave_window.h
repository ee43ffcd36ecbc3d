/* What the finders of QRS, P and T share: all leads around one beat on the grid, and what has been found so far. Lives
on the stack for one beat. Behind waves.c; nobody else includes it. */
#pragma once

#include <limits.h>

#include "ecg/wave_chain.h"
#include "ecg/wave_edge.h"
#include "ecg/waves.h"

enum { WAVE_EDGES = 2, WAVE_NO_BEAT = INT_MIN };
enum wave_side { WAVE_ONSET, WAVE_END };

/* One wave in one lead. */
struct wave_found {
    bool present;
    int peak;      /* grid point of what stands out most */
    int told_peak; /* and of what is called the peak */
    struct wave_edge edge[WAVE_EDGES];
    float placed_ms[WAVE_EDGES]; /* what is told */
    float height;                /* over the line between its feet, signed */
};

struct wave_lead {
    bool usable;
    const float *past;           /* the usual beat before this one */
    float noise;                 /* RMS, of what the wide means take out, outside the QRS */
    float height;                /* of the QRS, from top to bottom */
    float wide[ECG_GRID_POINTS]; /* this beat */
    float narrow[ECG_GRID_POINTS];
    float usual[ECG_GRID_POINTS]; /* this beat and those before it that go the same way */
    float slope[ECG_GRID_POINTS]; /* of whatever is being looked for */
    struct wave_found found[ECG_WAVE_COUNT];
};

enum { WAVE_SPIKE_SAMPLES = 800 }; /* 400 ms at the highest rate */

/* How far each of the samples before the R peak stands out of both its sides, sum of the leads. */
struct wave_spike {
    size_t lead_count;
    int count;
    float sharp[WAVE_SPIKE_SAMPLES];
};

struct wave_window {
    double fs_hz;
    size_t lead_count, usable_count;
    int from, to;                 /* grid points at which all leads are known */
    int before, next;             /* grid points of the neighbouring beats; they may lie off the grid */
    int t_end_before;             /* of the beat before; -1: not known */
    double rr_ms;                 /* to take for the interval behind the beat; NAN: not known */
    bool is_usual;                /* a beat like most, not a premature one */
    float fused[ECG_GRID_POINTS]; /* all leads' activity, of whatever is being looked for */
    int qrs_from, qrs_to;         /* all leads */
    unsigned past_count;          /* beats behind `past` */
    float p_prominence;           /* how far they stood out of what is around them; NAN: not known */
    float p_repeat;               /* how like the P waves of the last beats are, -1 .. 1; NAN: not known */
    int p_peak, t_steep;          /* all leads; -1: none */
    bool p_there;
    struct wave_spike spike;
    struct wave_lead lead[ECG_MAX_LEADS];
};

/* QRS onset and J of all leads, then of each. False when nothing stands out. */
bool wave_qrs_find(struct wave_window *window);

/* The P wave before the QRS. */
void wave_p_find(struct wave_window *window);

/* Adds to `fused` how much of a P-like bump a lead shows at each point of low .. high, whose end is on the level. */
void wave_p_bumps(const float *x, int low, int high, float weight, float *fused);
float wave_p_weight(const struct wave_lead *lead);

/* How many P waves there are between the T wave before and the QRS, -1: not known. A beat may follow so late that its
   interval begins before the window: then the samples are asked again. */
int wave_p_count(const struct wave_window *window, const struct ecg_history *history, int64_t r);

/* The T wave behind it. */
void wave_t_find(struct wave_window *window);

/* How like this beat is to the mean of those before it in from .. to - 1, over all leads: -1 .. 1, by shape alone (a
   correlation) and by shape and size. */
struct wave_likeness {
    float shape, size;
};
struct wave_likeness wave_alike(const struct wave_window *window, int from, int to);

/* Edges and peak of a wave in one lead, its steep places lying in from .. to, and its feet in low .. high. */
void wave_lead_find(const float *x, const float *slope, struct wave_steeps steeps, int low, int high, int reach,
                    struct wave_found *found);

static inline int wave_clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}
