/* Is a beat that is not ventricular a supraventricular ectopic one? What is looked at, how it is decided and how good
that is stands at the head of atrial.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ecg/shape.h"

enum { ECG_ATRIAL_MEMORY = 16 };

/* The last values of something. */
struct ecg_atrial_ring {
    double values[ECG_ATRIAL_MEMORY];
    size_t at, count;
};

struct ecg_atrial {
    size_t lead_count;
    float *p_shape;                 /* lent: what stands before normal beats that come in time, their mean */
    bool p_known;                   /* it is */
    double p_residue;               /* sum of squares by which such beats differ from it */
    double p_usual;                 /* correlation of normal beats with it: is there a P wave to go by? */
    double reference_ms;            /* RR between normal beats; NAN: unknown */
    double mean_ms;                 /* of all RR of the last minutes, ectopic beats' and pauses too; NAN: unknown */
    unsigned seen;                  /* RR behind the reference */
    double last_ms[2];              /* the RR before this one, and the one before that; NAN: unknown */
    char last;                      /* code of the beat before */
    unsigned run;                   /* ectopic beats in a row */
    unsigned normals;               /* normal beats in a row */
    unsigned since_early;           /* beats since one was ectopic, or early at least */
    double fast_irregularity;       /* mean change from one fast RR to the next, over the RR */
    struct ecg_atrial_ring changes; /* of RR from one normal beat to the next, over the reference */
    struct ecg_atrial_ring irregularity; /* by how much RR differ from the liker of the two before them, likewise */
};

/* A beat as the classifier sees it. */
struct ecg_atrial_beat {
    const float *shape; /* lies upon the normal one when read `shift` points later */
    const float *gain;  /* of each lead */
    int shift;
    double rr_ms; /* NAN: unknown */
    double qrs;   /* correlation of its QRS with the normal one */
    double noise; /* over the QRS */
};

/* How many floats the usual P wave takes. */
size_t ecg_atrial_floats(size_t lead_count);

/* `p_shape` stays the caller's. */
void ecg_atrial_init(struct ecg_atrial *atrial, size_t lead_count, float *p_shape);

/* Forget the signal. */
void ecg_atrial_reset(struct ecg_atrial *atrial);

/* Is this beat, which is not ventricular, an ectopic one? */
bool ecg_atrial_ectopic(const struct ecg_atrial *atrial, const struct ecg_atrial_beat *beat);

/* The beat was called `code`. */
void ecg_atrial_learn(struct ecg_atrial *atrial, const struct ecg_atrial_beat *beat, char code);
