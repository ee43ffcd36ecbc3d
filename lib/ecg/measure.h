/* Measurements: what the waves of the last beats come to. Each figure says how many beats stand behind it, how much
they differ, and what the sampling rate can resolve; what cannot be told is NAN. Normal beats only, unless there are
none. Sources and rules stand at the head of measure.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecg/chunk.h"
#include "ecg/waves.h"

/* Stored and sent by name: a new one is a row in measure.c. */
enum ecg_measure {
    ECG_M_HEART_RATE, /* bpm: of all beats, from the mean RR */
    ECG_M_RR,         /* ms */
    ECG_M_P_DURATION, /* ms */
    ECG_M_PR,
    ECG_M_QRS,
    ECG_M_QT,
    ECG_M_QTC_BAZETT,
    ECG_M_QTC_FRIDERICIA,
    ECG_M_QTC_FRAMINGHAM,
    ECG_M_QTC_HODGES,
    ECG_M_P_AXIS, /* degrees, -180 .. 180, frontal plane; needs two limb leads */
    ECG_M_QRS_AXIS,
    ECG_M_T_AXIS,
    ECG_M_COUNT
};

enum ecg_lead_measure {
    ECG_LM_P, /* heights in the signal's units */
    ECG_LM_Q,
    ECG_LM_R,
    ECG_LM_S,
    ECG_LM_R2,
    ECG_LM_S2,
    ECG_LM_T,
    ECG_LM_Q_MS,
    ECG_LM_R_MS,
    ECG_LM_S_MS,
    ECG_LM_ST_J,
    ECG_LM_ST_J60,
    ECG_LM_ST_J80,
    ECG_LM_ST_SLOPE, /* units per second */
    ECG_LM_R_PEAK_MS,
    ECG_LM_COUNT
};

struct ecg_measure_row {
    const char *name; /* "pr_interval" */
    const char *unit; /* "ms"; for heights NULL: the signal's own */
    const char *label;
};

extern const struct ecg_measure_row ecg_measure_rows[ECG_M_COUNT];
extern const struct ecg_measure_row ecg_lead_measure_rows[ECG_LM_COUNT];

struct ecg_figure {
    double value;      /* median over the beats; NAN: unknown */
    double spread;     /* median absolute deviation * 1.4826, in the same unit; NAN below 3 beats */
    double resolution; /* the least difference that the sampling rate can show */
    unsigned beats;
};

struct ecg_measurements {
    int64_t sample; /* up to here */
    int64_t from;   /* the oldest beat that counts */
    enum ecg_units units;
    size_t lead_count;
    enum ecg_lead leads[ECG_MAX_LEADS];
    enum ecg_quality quality[ECG_MAX_LEADS];
    unsigned beats, normal_beats, ventricular_beats, atrial_beats; /* in the window */
    char code;         /* whose waves are measured: 'N', or the commonest kind when none is normal */
    double p_present;  /* share of these beats with a P wave; NAN: unknown */
    double p_per_beat; /* P waves a beat, as counted between the QRS: 2 in a 2:1 block; NAN: unknown */
    double paced;      /* share of all beats with a pacing spike before them; NAN: the rate cannot show spikes */
    enum ecg_t_form t_form[ECG_MAX_LEADS]; /* of most of them */
    struct ecg_figure all[ECG_M_COUNT];
    struct ecg_figure lead[ECG_MAX_LEADS][ECG_LM_COUNT];
};

/* Beats that count, and how often it is told. */
enum { ECG_MEASURE_BEATS = 32 };
#define ECG_MEASURE_WINDOW_S 10.0 /* older beats do not count, as a resting ECG's ten seconds */
#define ECG_MEASURE_EVERY_S  10.0

/* The measurer of one signal. */
struct ecg_measurer {
    double fs_hz;
    enum ecg_units units;
    size_t lead_count;
    enum ecg_lead leads[ECG_MAX_LEADS];
    void *memory; /* lent */
};

/* How many bytes it remembers its beats in. */
size_t ecg_measurer_bytes(size_t lead_count);

/* `memory`, aligned as malloc does, stays the caller's and lives as long. */
void ecg_measurer_init(struct ecg_measurer *measurer, double fs_hz, enum ecg_units units, size_t lead_count,
                       const enum ecg_lead *leads, void *memory);
void ecg_measurer_reset(struct ecg_measurer *measurer);
void ecg_measurer_beat(struct ecg_measurer *measurer, const struct ecg_beat_waves *waves);

/* What the beats of the last ECG_MEASURE_WINDOW_S before `sample` come to. False when there is no beat at all. */
bool ecg_measurer_tell(const struct ecg_measurer *measurer, int64_t sample, const enum ecg_quality *quality,
                       struct ecg_measurements *out);
