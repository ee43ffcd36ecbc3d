/* Comparing delineated waves with cardiologists' marks. A told edge within 150 ms of a mark is that mark's, each is
used once; what is told within the stretch of a lead that was marked, and has no mark, is false. */
#pragma once

#include "ludb.h"

enum wave_point { WAVE_POINT_ONSET, WAVE_POINT_PEAK, WAVE_POINT_END, WAVE_POINTS };

struct point_tally {
    unsigned long there, found, false_;
    double sum_ms, square_ms; /* of told - mark */
};

struct wave_tally {
    struct point_tally points[ECG_WAVE_COUNT][WAVE_POINTS];
};

/* Adds one lead; `lead` is its place in what was told, or WAVE_ALL_LEADS. */
#define WAVE_ALL_LEADS ((size_t)-1)
void wave_tally_lead(const struct ludb_lead *reference, const struct ludb_told *told, size_t lead,
                     struct wave_tally *tally);

void wave_tally_add(struct wave_tally *sum, const struct wave_tally *part);

/* NAN when there is nothing to judge by; shares in percent. */
struct point_score {
    double mean_ms, sd_ms, sensitivity, predictivity;
};
struct point_score point_score(const struct point_tally *tally);
