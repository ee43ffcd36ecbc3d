/* A virtual heart: twelve leads with the truth about each of its beats.

It knows no clock and no randomness but its seed: the same parameters, the same calls, the same samples on every run.
The caller asks for the next so many samples and gets them at once; pacing is the caller's business. One thread at a
time. How the signal is made, and after whom, stands at the head of heart.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "ecg/lead.h"

/* What can be asked of a heart by name. A code never changes meaning; a new one is a row at the end of anomaly.c. */
enum sim_anomaly {
    SIM_ANOMALY_PVC, /* premature ventricular complex */
    SIM_ANOMALY_PAC, /* premature atrial complex */
    SIM_ANOMALY_COUNT
};

/* "PVC", "PAC"; "unknown" for a code that is none. */
const char *sim_anomaly_name(enum sim_anomaly anomaly);

/* Without regard to case; also the long names ("premature ventricular contraction"). False when none has that name. */
bool sim_anomaly_from_name(const char *name, enum sim_anomaly *out);

#define SIM_HEART_RATE_MIN_BPM 30.0
#define SIM_HEART_RATE_MAX_BPM 220.0
#define SIM_FS_MIN_HZ          80.0
#define SIM_FS_MAX_HZ          2000.0

/* How many anomalies may wait to happen. */
enum { SIM_ANOMALY_QUEUE = 16 };

struct sim_params {
    uint64_t seed;         /* the person: anatomy as well as variability */
    double fs_hz;          /* SIM_FS_MIN_HZ .. SIM_FS_MAX_HZ */
    double heart_rate_bpm; /* mean; SIM_HEART_RATE_MIN_BPM .. SIM_HEART_RATE_MAX_BPM */
    double hr_sd_bpm;      /* standard deviation of the instantaneous rate, 0 .. 20 */
    double respiration_hz; /* breaths per second, 0.05 .. 1 */
    double noise_mv;       /* standard deviation of the electrode noise, 0 .. 1 */
};

/* A resting adult: seed 1, 500 Hz, 72 bpm with a standard deviation of 2.5, 15 breaths a minute, 0.008 mV. */
void sim_params_default(struct sim_params *params);

/* The truth about one beat. Beats come in the order of their samples. */
struct sim_truth_beat {
    int64_t sample; /* index of the R peak (of a PVC: of its main deflection); 0 is the first sample */
    char code;      /* MIT-BIH: 'N' normal, 'V' ventricular premature, 'A' atrial premature */
    double rr_ms;   /* to the beat before; NAN for the first one */
};

/* Who is told of beats; the function may be NULL, so may the sink. It must not call back into the heart. */
struct sim_sink {
    void *context;
    void (*beat)(void *context, const struct sim_truth_beat *beat);
};

struct sim_heart;

/* Makes a heart in *out, which the caller frees. HL_INVALID names the field; HL_NO_MEMORY. On failure *out is NULL. */
HL_MUST_CHECK
hl_result sim_heart_new(const struct sim_params *params, struct sim_heart **out, struct hl_error *error);

/* NULL is allowed. */
void sim_heart_free(struct sim_heart *heart);

/* Fills the next `sample_count` samples of I II III aVR aVL aVF V1 .. V6, in that order, in millivolts. A NULL instead
   of a lead's array leaves that lead out. A beat is told when the sample of its R peak is made. No allocation. */
void sim_heart_run(struct sim_heart *heart, float *const leads_mv[ECG_STANDARD_LEADS], size_t sample_count,
                   const struct sim_sink *sink);

/* The anomaly comes as the next premature beat the heart can make (one to two beats from now, behind those that wait
   already; between two of them stands a normal beat). HL_INVALID for an anomaly that is none, HL_CONFLICT when
   SIM_ANOMALY_QUEUE of them wait already. */
HL_MUST_CHECK
hl_result sim_heart_inject(struct sim_heart *heart, enum sim_anomaly kind, struct hl_error *error);

/* The mean rate from the next beat on; HL_INVALID outside the range. */
HL_MUST_CHECK
hl_result sim_heart_set_rate(struct sim_heart *heart, double heart_rate_bpm, struct hl_error *error);

/* Samples made so far. */
int64_t sim_heart_position(const struct sim_heart *heart);
