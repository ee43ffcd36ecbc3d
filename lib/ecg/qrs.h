/* The QRS detector: frames of all leads in, R peaks (to a frame) out. How it works, how good it is and how that was
measured stands at the head of qrs.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecg/filter.h"
#include "ecg/lead.h"

enum {
    ECG_QRS_MEMORY = 8,       /* beats, noise peaks and RR intervals that the thresholds stand on */
    ECG_QRS_RING_FRAMES = 256 /* enough for the longest learning window */
};

/* A local maximum of the combined energy. */
struct ecg_qrs_peak {
    int64_t frame;
    float energy[ECG_MAX_LEADS]; /* of each lead at that frame; NAN when it was missing */
    float value;                 /* combined, about 1 for a usual QRS */
    float slope;                 /* greatest combined steepness of the complex */
};

struct ecg_qrs_history {
    struct ecg_qrs_peak peaks[ECG_QRS_MEMORY];
    size_t at, count;
};

struct ecg_qrs {
    size_t lead_count;
    double frame_ms;
    float floor;            /* energy under which nothing is a QRS, in the signal's units per 10 ms */
    struct ecg_frame *ring; /* ECG_QRS_RING_FRAMES x lead_count, lent by the pipeline */
    int64_t now;            /* frames seen */

    bool learnt;
    int64_t learn_from;           /* first frame that may be learnt from */
    float weight[ECG_MAX_LEADS];  /* how much a lead's energy counts */
    float typical[ECG_MAX_LEADS]; /* a lead's energy at a usual QRS; 0 when unknown */
    float
        long_typical[ECG_MAX_LEADS]; /* the same, over minutes: a burst of noise does not move it far; 0 when unknown */
    size_t reference;                /* the lead that shows the QRS best */
    struct ecg_qrs_history beats, noise;

    struct ecg_qrs_peak candidate; /* greatest value so far, until 200 ms have passed without a greater one */
    bool has_candidate;
    float previous_value;
    int64_t seen;              /* the frame of the peak last taken for a beat before it was certain; -1: none */
    bool sees;                 /* that was with the last frame */
    struct ecg_qrs_peak aside; /* greatest rejected peak since the last beat, for the search back */
    bool has_aside;
    struct ecg_qrs_peak last; /* the last beat */
    bool has_last;
    int64_t quiet_from; /* since when no beat has been found: last beat, or start */
    double rr_frames[ECG_QRS_MEMORY];
    size_t rr_at, rr_count;
};

/* A beat: the frame whose energy peaked (later than the R peak by the filters' delay) and the lead to look in. */
struct ecg_qrs_hit {
    int64_t frame;
    size_t lead;
};

/* As many hits as one frame can bring: all beats of the learning window at once. */
enum { ECG_QRS_HITS_MAX = 16 };

void ecg_qrs_init(struct ecg_qrs *qrs, size_t lead_count, double frame_ms, float floor, struct ecg_frame *ring);

/* Forgets the signal; and what was learnt of it, unless keep_levels. The frame count goes on. */
void ecg_qrs_restart(struct ecg_qrs *qrs, bool keep_levels);

/* One frame of each lead. Returns how many beats were found, in the order of their frames. */
size_t ecg_qrs_frame(struct ecg_qrs *qrs, const struct ecg_frame *frames, struct ecg_qrs_hit hits[ECG_QRS_HITS_MAX]);

/* Was a QRS seen with the last frame, that is not certain yet? *frame is that of its energy's peak. */
bool ecg_qrs_seen(const struct ecg_qrs *qrs, int64_t *frame);

/* Does the detector know what this signal's beats look like? */
bool ecg_qrs_learnt(const struct ecg_qrs *qrs);

/* A peak is certain when no greater one has come for so long. */
double ecg_qrs_confirm_ms(void);

/* The longest learning window. */
double ecg_qrs_learning_ms(void);

/* How far behind the newest frame a hit can lie. */
double ecg_qrs_reach_ms(void);
