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
#include "ecg/rhythm.h"

/* What can be asked of a heart, or of its recording, by name. A code never changes meaning; a new one comes at the end,
   with a row in anomaly.c. */
enum sim_anomaly {
    SIM_ANOMALY_PVC, /* premature ventricular complex */
    SIM_ANOMALY_PAC, /* premature atrial complex */
    SIM_ANOMALY_PVC_MULTIFOCAL,
    SIM_ANOMALY_COUPLET,
    SIM_ANOMALY_BIGEMINY,
    SIM_ANOMALY_TRIGEMINY,
    SIM_ANOMALY_R_ON_T,
    SIM_ANOMALY_BRADYCARDIA,
    SIM_ANOMALY_TACHYCARDIA,
    SIM_ANOMALY_PAUSE,
    SIM_ANOMALY_AF,
    SIM_ANOMALY_FLUTTER,
    SIM_ANOMALY_SVT,
    SIM_ANOMALY_AV_BLOCK_1,
    SIM_ANOMALY_WENCKEBACH,
    SIM_ANOMALY_MOBITZ_2,
    SIM_ANOMALY_AV_BLOCK_3,
    SIM_ANOMALY_VT,
    SIM_ANOMALY_IDIOVENTRICULAR,
    SIM_ANOMALY_VF,
    SIM_ANOMALY_ASYSTOLE,
    SIM_ANOMALY_LBBB,
    SIM_ANOMALY_RBBB,
    SIM_ANOMALY_PACED,
    SIM_ANOMALY_ST_ELEVATION_ANTERIOR,
    SIM_ANOMALY_ST_ELEVATION_INFERIOR,
    SIM_ANOMALY_ST_ELEVATION_LATERAL,
    SIM_ANOMALY_ST_DEPRESSION,
    SIM_ANOMALY_LONG_QT,
    SIM_ANOMALY_HYPERKALAEMIA,
    SIM_ANOMALY_BASELINE_WANDER, /* from here on: of the recording */
    SIM_ANOMALY_MUSCLE_NOISE,
    SIM_ANOMALY_MAINS,
    SIM_ANOMALY_ELECTRODE_MOTION,
    SIM_ANOMALY_LEAD_OFF,
    SIM_ANOMALY_SATURATION,
    SIM_ANOMALY_COUNT
};

/* "PVC", "AV_BLOCK_1"; "unknown" for a code that is none. */
const char *sim_anomaly_name(enum sim_anomaly anomaly);

/* "premature ventricular contraction"; likewise. */
const char *sim_anomaly_label(enum sim_anomaly anomaly);

/* Without regard to case, and blanks and hyphens are as good as underscores; also the long names ("atrial
   fibrillation"). False when none has that name. */
bool sim_anomaly_from_name(const char *name, enum sim_anomaly *out);

#define SIM_HEART_RATE_MIN_BPM 30.0
#define SIM_HEART_RATE_MAX_BPM 220.0
#define SIM_FS_MIN_HZ          80.0
#define SIM_FS_MAX_HZ          2000.0

/* How many premature beats may wait to happen, and how many anomalies for their time. */
enum { SIM_ANOMALY_QUEUE = 16, SIM_EVENT_QUEUE = 64 };

/* An anomaly, when, how long and how much of it. */
struct sim_event {
    enum sim_anomaly anomaly;
    double at_s;       /* from the first sample; what lies in the past, or NAN: at once */
    double duration_s; /* NAN: the usual one; INFINITY: for good. A single beat has none */
    double strength;   /* 0 .. 1, NAN: the middle; what it changes is the row's: a rate, a height, an interval */
};

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

/* The truth about one beat. Beats come in the order of their samples; a beat is told when the sample of its R peak is
   made, and its T wave lies in the future then. */
struct sim_truth_beat {
    int64_t sample; /* index of the R peak (of a wide beat: of its main deflection); 0 is the first sample */
    char code;      /* MIT-BIH: 'N', 'L', 'R' (blocks), 'A', 'V', 'E', 'j' (escapes), '/' (paced) */
    double rr_ms;   /* to the beat before; NAN for the first one */
    /* in samples of the recording, with fractions; NAN where there is none */
    double p_onset, p_end, qrs_onset, qrs_end, t_onset, t_peak, t_end;
};

/* The truth about the rhythm: from `sample` on it is this one. */
struct sim_truth_rhythm {
    int64_t sample;
    enum ecg_rhythm rhythm;
};

/* Who is told. Each function may be NULL, so may the sink. They must not call back into the heart. */
struct sim_sink {
    void *context;
    void (*beat)(void *context, const struct sim_truth_beat *beat);
    void (*rhythm)(void *context, const struct sim_truth_rhythm *rhythm);
};

struct sim_heart;

/* Makes a heart in *out, which the caller frees. HL_INVALID names the field; HL_NO_MEMORY. On failure *out is NULL. */
HL_MUST_CHECK
hl_result sim_heart_new(const struct sim_params *params, struct sim_heart **out, struct hl_error *error);

/* NULL is allowed. */
void sim_heart_free(struct sim_heart *heart);

/* Fills the next `sample_count` samples of I II III aVR aVL aVF V1 .. V6, in that order, in millivolts; NAN where an
   electrode is off. A NULL instead of a lead's array leaves that lead out. No allocation. */
void sim_heart_run(struct sim_heart *heart, float *const leads_mv[ECG_STANDARD_LEADS], size_t sample_count,
                   const struct sim_sink *sink);

/* The anomaly now, as it usually is: a premature beat comes as the next one the heart can make (one to two beats from
   now, behind those that wait already; between two of them stands a normal beat). HL_INVALID for an anomaly that is
   none, HL_CONFLICT when SIM_ANOMALY_QUEUE of them wait already. */
HL_MUST_CHECK
hl_result sim_heart_inject(struct sim_heart *heart, enum sim_anomaly kind, struct hl_error *error);

/* The anomaly as asked for. HL_INVALID names the field; HL_CONFLICT when too many wait. */
HL_MUST_CHECK
hl_result sim_heart_apply(struct sim_heart *heart, const struct sim_event *event, struct hl_error *error);

/* Ends the anomaly now, if it lasts, and forgets those of its kind that wait. */
void sim_heart_end(struct sim_heart *heart, enum sim_anomaly kind);

/* The mean rate from the next beat on; HL_INVALID outside the range. */
HL_MUST_CHECK
hl_result sim_heart_set_rate(struct sim_heart *heart, double heart_rate_bpm, struct hl_error *error);

/* Samples made so far. */
int64_t sim_heart_position(const struct sim_heart *heart);
