/* The shape of one beat: what all leads showed around it, on a grid of its own, so that beats can be compared
whatever the sampling rate is. The grid's points lie 8 ms apart, from 320 ms before the R peak to 200 ms behind it,
which is as much as there is when a beat is told. Each point is a weighted mean over 16 ms that takes mains hum out
(50 Hz: a fifth is left, 60 Hz: a thirtieth). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ecg/lead.h"
#include "ecg/locate.h"

enum {
    ECG_SHAPE_POINTS = 66,
    ECG_SHAPE_R = 40,        /* the point of the R peak */
    ECG_SHAPE_SHIFT_MAX = 5, /* beats are laid upon each other up to so many points off */
};

#define ECG_SHAPE_STEP_MS 8.0

/* A part of the grid: points from .. to - 1. With any shift it stays inside the grid. */
struct ecg_part {
    int from, to;
};

extern const struct ecg_part ecg_part_p;   /* where the P wave is: 264 to 88 ms before R */
extern const struct ecg_part ecg_part_qrs; /* 104 ms before to 136 ms behind R */
extern const struct ecg_part ecg_part_end; /* R to 168 ms behind it */

/* shape[lead * ECG_SHAPE_POINTS + point]. What is held no more is taken as the oldest sample that is. */
void ecg_shape_take(const struct ecg_history *history, double fs_hz, int64_t r_sample, float *shape);

/* How two shapes compare in a part, `b` being read `shift` points later. gain[lead] says how much a lead counts; the
   mean of each lead's part is taken out. */
struct ecg_likeness {
    double aa, bb, ab; /* weighted sums of the squares and of the product */
};

struct ecg_likeness ecg_shape_compare(const float *a, const float *b, size_t lead_count, const float *gain,
                                      struct ecg_part part, int shift);

/* -1 .. 1; 0 when either is flat. */
double ecg_likeness_correlation(const struct ecg_likeness *likeness);

/* The shift (-ECG_SHAPE_SHIFT_MAX .. ECG_SHAPE_SHIFT_MAX) at which `b` is most like `a` in the QRS. */
int ecg_shape_align(const float *a, const float *b, size_t lead_count, const float *gain,
                    struct ecg_likeness *likeness);

/* How long the QRS lasts, seen over all leads, milliseconds: `effective` is that of a pulse of the same area and
   energy of the steepness, `spread` twice its standard deviation in time. */
struct ecg_width {
    double effective_ms, spread_ms;
};

struct ecg_width ecg_shape_width(const float *shape, size_t lead_count, const float *gain);
