/* When the sinus node fires: the RR intervals, and the breath that moves them. */
#pragma once

#include "sim/rng.h"

struct sim_rhythm {
    double heart_rate_bpm; /* of now */
    double towards_bpm;    /* where it is going */
    double hr_sd_bpm;
    double respiration_hz;
    double breath;       /* phase of the breath, radians */
    double breath_drift; /* the breath's present frequency over its mean */
    double mayer;        /* phase of the slow pressure wave, radians */
};

void sim_rhythm_init(struct sim_rhythm *rhythm, double heart_rate_bpm, double hr_sd_bpm, double respiration_hz,
                     struct sim_rng *rng);

/* Time goes on. */
void sim_rhythm_pass(struct sim_rhythm *rhythm, double seconds);

/* The next RR interval, in ms. */
double sim_rhythm_rr_ms(struct sim_rhythm *rhythm, struct sim_rng *rng);

/* -1 (empty lungs) .. 1 (full). */
double sim_rhythm_lungs(const struct sim_rhythm *rhythm);
