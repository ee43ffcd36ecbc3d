/* The ventricles' own doings: foci that beat by themselves, the chaos of fibrillation, or nothing at all. */
#pragma once

#include <stdbool.h>

#include "sim/rng.h"
#include "sim/shape.h"

enum sim_ventricles_mode {
    SIM_VENTRICLES_LED,          /* they follow the AV node */
    SIM_VENTRICLES_TACHYCARDIA,  /* a focus faster than the sinus node, or an accelerated one */
    SIM_VENTRICLES_FIBRILLATION, /* no beats, a signal without order */
    SIM_VENTRICLES_STILL,        /* asystole */
};

struct sim_ventricles {
    enum sim_ventricles_mode mode;
    double rate_bpm;  /* of the tachycardia */
    double height_mv; /* of the fibrillation, which fades */
    double escape_ms; /* without a beat for so long they beat by themselves; INFINITY: never */
    double phase[4], pace_hz[4], turn;
    double depth; /* of the fibrillation, 0 .. 1: it comes and goes within a third of a second */
};

void sim_ventricles_init(struct sim_ventricles *ventricles, struct sim_rng *rng);

/* They may be excited from above. */
bool sim_ventricles_follow(const struct sim_ventricles *ventricles);

/* How long after a beat the next one of their own comes; INFINITY: none. */
double sim_ventricles_interval_ms(const struct sim_ventricles *ventricles, struct sim_rng *rng);

/* The vector of fibrillation, zero otherwise. To be called once a sample. */
struct sim_vector sim_ventricles_pass(struct sim_ventricles *ventricles, double seconds, struct sim_rng *rng);
