/* Everything a heart, or its recording, can be asked to do out of turn, as a table: a new one is a row in anomaly.c
and, when it is of a new kind, a case in the file of its part (atria.c, conduction.c, ventricles.c, leads.c). */
#pragma once

#include "sim/heart.h"
#include "sim/shape.h"

/* What of the heart an anomaly takes hold of. Of one part there is one anomaly at a time, a new one takes the place of
   the old; anomalies of different parts go together. */
enum sim_part {
    SIM_PART_PREMATURE, /* single beats and patterns of them */
    SIM_PART_SINUS,     /* the sinus node's rate */
    SIM_PART_ATRIA,
    SIM_PART_AV_NODE,
    SIM_PART_VENTRICLES,
    SIM_PART_BUNDLES,
    SIM_PART_PACER,
    SIM_PART_ST,
    SIM_PART_REPOLARISATION,
    SIM_PART_BASELINE, /* from here on: the recording */
    SIM_PART_MUSCLE,
    SIM_PART_MAINS,
    SIM_PART_MOTION,
    SIM_PART_ELECTRODE,
    SIM_PART_AMPLIFIER,
    SIM_PART_COUNT
};

/* What the sinus node does behind a premature beat. */
enum sim_pause {
    SIM_PAUSE_FULL, /* it is not disturbed: its next impulse is blocked, the one behind that comes in time */
    SIM_PAUSE_RESET /* it starts again from the premature beat */
};

/* How a premature beat comes. */
struct sim_premature {
    char code;       /* MIT-BIH */
    double coupling; /* of the RR interval, from the beat before */
    enum sim_pause pause;
    double reset_rr; /* the interval behind it, of the RR interval; with SIM_PAUSE_RESET */
    unsigned in_row; /* so many, one behind the other */
    unsigned every;  /* 0: once; otherwise one behind every so many other beats, as long as it lasts */
    bool multifocal; /* from another place each time */
};

struct sim_anomaly_row {
    const char *name;
    const char *long_name;
    const char *other_name; /* may be NULL */
    enum sim_part part;
    double duration_s;         /* usual; 0: a single event */
    double value, value_more;  /* rate (bpm), interval (ms), height (mV) .. at strength 0 and 1 */
    struct sim_vector towards; /* SIM_PART_ST: the territory's direction */
    struct sim_premature premature;
};

/* NULL for a code that is none. */
const struct sim_anomaly_row *sim_anomaly_row(enum sim_anomaly anomaly);

/* The row's value for a strength of 0 .. 1. */
double sim_anomaly_value(const struct sim_anomaly_row *row, double strength);
