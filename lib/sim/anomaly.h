/* What a heart can be asked to do out of turn, as a table: a new premature beat is a row in anomaly.c. */
#pragma once

#include "sim/heart.h"
#include "sim/shape.h"

/* What the sinus node does behind a premature beat. */
enum sim_pause {
    SIM_PAUSE_FULL, /* it is not disturbed: its next impulse is blocked, the one behind that comes in time */
    SIM_PAUSE_RESET /* it starts again from the premature beat */
};

struct sim_anomaly_row {
    const char *name;
    const char *long_name;
    const char *other_name; /* may be NULL */
    char code;              /* MIT-BIH */
    double coupling;        /* of the RR interval, from the beat before */
    enum sim_pause pause;
    double reset_rr;             /* the interval behind it, of the RR interval; with SIM_PAUSE_RESET */
    enum sim_shape_id shapes[2]; /* a person has the one or the other */
};

/* NULL for a code that is none. */
const struct sim_anomaly_row *sim_anomaly_row(enum sim_anomaly anomaly);
