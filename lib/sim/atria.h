/* The atria: the sinus node that fires by itself, or fibrillation, flutter or a circling impulse in its place. */
#pragma once

#include <stdbool.h>

#include "sim/rhythm.h"
#include "sim/rng.h"
#include "sim/shape.h"

enum sim_atria_mode {
    SIM_ATRIA_SINUS,
    SIM_ATRIA_FIBRILLATION, /* no P waves, no order */
    SIM_ATRIA_FLUTTER,      /* saw teeth, every so many-th of them conducted */
    SIM_ATRIA_CIRCLING,     /* an impulse that circles in the AV node: P lies hidden in the QRS */
    SIM_ATRIA_SILENT,
};

struct sim_atria {
    enum sim_atria_mode mode;
    double value;    /* of the mode: rate in bpm, or saw teeth to a beat */
    double fired_ms; /* the last P onset */
    double rr_ms;    /* from it to the next one */
    double silent_until_ms;
    double phase[3]; /* of the fibrillatory waves, radians; the first also of the flutter's */
    double pace_hz[3];
};

void sim_atria_init(struct sim_atria *atria, struct sim_rng *rng);

/* The atria change over; sinus rhythm resumes at `from_ms`. */
void sim_atria_set(struct sim_atria *atria, enum sim_atria_mode mode, double value, double from_ms);

/* The next P wave's onset; INFINITY when there is none to come. */
double sim_atria_next_ms(const struct sim_atria *atria);

/* The sinus node has fired at `p_ms`; the next time it waits `rr_ms`. */
void sim_atria_fired(struct sim_atria *atria, double p_ms, double rr_ms);

/* No P wave begins before `until_ms`. */
void sim_atria_pause(struct sim_atria *atria, double until_ms);

/* In every mode but sinus rhythm: from one conducted beat to the next, ms; INFINITY when none comes from the atria. */
double sim_atria_interval_ms(const struct sim_atria *atria, struct sim_rng *rng);

/* What goes on without beats: fibrillation, flutter. To be called once a sample. */
struct sim_vector sim_atria_pass(struct sim_atria *atria, double seconds, struct sim_rng *rng);
