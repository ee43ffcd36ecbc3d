/* The measurement chain: a lead's samples around a beat, brought onto a grid of 4 ms by a filter without delay, so that
everything behind it sees the same band and the same times at any sampling rate. It is not what a screen shows.

The filter is a spline: two means, one after the other, both symmetric, so that no wave moves. The wide one is 20 ms and
16.7 ms long, which takes mains hum of 50 and of 60 Hz out whole and lets half of 22 Hz through; the narrow one is twice
8 ms long, for QRS edges where there is no hum. Neither is ever shorter than a sample. A difference of two means of the
result is the derivative of a smoothed signal: together a quadratic-spline wavelet as Martinez, Almeida, Olmos, Rocha
and Laguna use (IEEE Trans Biomed Eng 2004; 51: 570-581), at a scale that is chosen in milliseconds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecg/locate.h"

#define ECG_GRID_MS 4.0F

enum {
    ECG_GRID_R = 160,      /* the point of the R peak: 640 ms before it begins the grid */
    ECG_GRID_POINTS = 361, /* the last one is 800 ms behind it */
    ECG_NARROW_FROM = 60,  /* 400 ms before to 320 ms behind R: where the QRS and the noise about it are */
    ECG_NARROW_TO = 240,
    ECG_CHAIN_SAMPLES = 3072, /* what the grid and its filter span at the highest sampling rate */
};

static inline float ecg_grid_ms(float point)
{
    return (point - (float)ECG_GRID_R) * ECG_GRID_MS;
}

static inline float ecg_grid_point(double ms)
{
    return (float)(ms / (double)ECG_GRID_MS) + (float)ECG_GRID_R;
}

/* One lead's samples around a beat, in a row, and their integrals. Filled anew for each lead. */
struct ecg_chain {
    double fs_hz;
    double first; /* place of raw[0], in samples from the R peak */
    size_t count;
    int known_from, known_to;     /* grid points (inclusive) at which the wide mean rests on samples that are there */
    float raw[ECG_CHAIN_SAMPLES]; /* less the sample at the R peak */
    double once[ECG_CHAIN_SAMPLES + 1], twice[ECG_CHAIN_SAMPLES + 1];
};

/* Takes a lead. Samples that are not held are as the nearest that is; false when none is. */
bool ecg_chain_take(struct ecg_chain *chain, const struct ecg_history *history, size_t lead, double fs_hz, int64_t r);

/* All grid points, through the wide means; or those about the QRS, through the narrow ones, and flat beyond. */
void ecg_chain_wide(const struct ecg_chain *chain, float *x);
void ecg_chain_narrow(const struct ecg_chain *chain, float *x);

/* Slope at each point, per grid step: from the mean of the `half` points before it to that of the `half` behind it. */
void ecg_grid_slope(const float *x, int half, float *slope);
