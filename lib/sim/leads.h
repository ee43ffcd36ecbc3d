/* From the heart's vector to twelve leads, with what skin, muscles, mains and amplifiers add. */
#pragma once

#include <stddef.h>

#include "ecg/lead.h"
#include "sim/rng.h"
#include "sim/shape.h"

enum sim_electrode {
    SIM_ELECTRODE_RA,
    SIM_ELECTRODE_LA,
    SIM_ELECTRODE_LL,
    SIM_ELECTRODE_V1,
    SIM_ELECTRODE_COUNT = SIM_ELECTRODE_V1 + 6
};

/* What disturbs the recording: 0, or how much of it. */
struct sim_disturbance {
    double wander_mv, muscle_mv, mains_mv, motion_mv;
    double rail_mv; /* the amplifier's limit; 0: far away */
    int off;        /* the electrode that has come off; -1: none */
};

struct sim_leads {
    double fs_hz;
    double noise_mv;
    struct sim_rng rng; /* its own: noise does not change the beats */
    struct sim_disturbance disturbance;
    double drift_mv[SIM_ELECTRODE_COUNT];
    double lungs_mv[SIM_ELECTRODE_COUNT];
    double motion[SIM_ELECTRODE_COUNT];
    double muscle[SIM_ELECTRODE_COUNT];
    double share[SIM_ELECTRODE_COUNT]; /* of mains and wander that this electrode catches, -1 .. 1 */
    double mains_phase, wander_phase;  /* radians */
};

void sim_leads_init(struct sim_leads *leads, double fs_hz, double noise_mv, uint64_t seed);

/* One sample. `lungs`: -1 (empty) .. 1 (full). */
void sim_leads_sample(struct sim_leads *leads, const struct sim_vector *heart_mv, double lungs,
                      double mv[ECG_STANDARD_LEADS]);
