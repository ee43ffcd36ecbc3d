/* The waves of one beat: where P, QRS and T begin, peak and end, in each lead and across the leads, and how high they
are. How they are found, after whom, and how well, stands at the head of waves.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecg/lead.h"
#include "ecg/locate.h"
#include "ecg/quality.h"

enum ecg_wave { ECG_WAVE_P, ECG_WAVE_QRS, ECG_WAVE_T, ECG_WAVE_COUNT };

/* Absent is an answer; unknown is none (the lead cannot be read, or the beat is cut off). */
enum ecg_wave_state { ECG_WAVE_UNKNOWN = 0, ECG_WAVE_ABSENT, ECG_WAVE_PRESENT };

/* Milliseconds from the beat's R peak (`sample` below); NAN unless the wave is present. The onset of T is often not to
   be told: NAN then. The end of the QRS is the J point. */
struct ecg_wave_times {
    enum ecg_wave_state state;
    float onset_ms, peak_ms, end_ms;
};

/* How the T wave of a lead goes. Stored and sent: a code never changes meaning. */
enum ecg_t_form {
    ECG_T_UNKNOWN = 0,
    ECG_T_UPRIGHT,
    ECG_T_INVERTED,
    ECG_T_UP_DOWN, /* biphasic, first up */
    ECG_T_DOWN_UP, /* biphasic, first down */
    ECG_T_FLAT     /* no T wave to be seen: its state is ECG_WAVE_ABSENT */
};

/* Heights in one lead over its isoelectric level (the end of the PR segment), in the signal's units; NAN when unknown,
   0 when the deflection is not there. A QRS that only goes down is a Q (QS). */
struct ecg_lead_levels {
    float p, q, r, s, r2, s2, t;    /* r2, s2: R' and S' */
    float q_ms, r_ms, s_ms;         /* how long they last */
    float qrs_area, p_area, t_area; /* unit * ms, signed: the axes are made of these */
    float j, j60, j80;              /* ST level at the J point, and 60 and 80 ms behind it */
    float st_slope_per_s;           /* from J to J + 80 ms */
    float r_peak_ms;                /* QRS onset (all leads) to the peak of R, or of R': the intrinsicoid deflection */
    float noise;                    /* RMS of what is no wave: what is lower cannot be told */
    enum ecg_t_form t_form;
};

/* One delineated beat. */
struct ecg_beat_waves {
    int64_t sample;        /* R peak, as ecg_beat.sample */
    char code;             /* of the beat */
    double rr_ms;          /* NAN when unknown */
    double heart_rate_bpm; /* at that beat, NAN when unknown */
    size_t lead_count;
    struct ecg_wave_times all[ECG_WAVE_COUNT];                 /* across the leads: earliest onset, latest end */
    struct ecg_wave_times lead[ECG_MAX_LEADS][ECG_WAVE_COUNT]; /* each lead by itself */
    struct ecg_lead_levels levels[ECG_MAX_LEADS];
    double pace_spike_ms; /* the last pacing spike before it (< 0), from the R peak; NAN when there is none */
    int p_count;          /* P waves since the T wave of the beat before, the beat's own included; -1: not known */
};

/* What places the edges: two linear models one behind the other (wave_place.c), for several leads and for few. Each
   has a weight for every feature and one for nothing at the end. */
enum {
    ECG_PLACE_FIRST = 20,                     /* features of the first model */
    ECG_PLACE_FEATURES = ECG_PLACE_FIRST + 4, /* of the second one */
    ECG_PLACE_KINDS = 2,
};

struct ecg_place_model {
    float first[ECG_WAVE_COUNT][2][ECG_PLACE_FIRST + 1]; /* onset, end */
    float second[ECG_WAVE_COUNT][2][ECG_PLACE_FEATURES + 1];
};

/* One edge as it was judged, for who trains the models: it lies at base_ms + what the model says of x. */
struct ecg_place_case {
    bool present;
    float base_ms;
    float x[ECG_PLACE_FEATURES];
};

/* The delineator of one signal. */
struct ecg_waves {
    size_t lead_count;
    double fs_hz;
    float *work;                         /* lent: each lead's usual beat, and where its edges usually are */
    unsigned beat_count;                 /* behind the usual beat */
    unsigned known_leads;                /* bits: whose usual beat is known */
    float p_repeat;                      /* how like the P waves of the last beats were; NAN: not known */
    float p_prominence;                  /* how far they stood out; NAN: not known */
    int64_t t_end;                       /* of the beat before; -1: not known */
    const struct ecg_place_model *model; /* [ECG_PLACE_KINDS]: few leads, several */
    struct ecg_place_case (*cases)[ECG_WAVE_COUNT][2]; /* [lead], lent or NULL: filled for each beat */
};

/* Below this rate a pacing spike can fall between two samples. */
#define ECG_PACE_FS_MIN_HZ 500.0

/* How many floats it works with. */
size_t ecg_waves_floats(size_t lead_count, double fs_hz);

/* `work` stays the caller's and lives as long. */
void ecg_waves_init(struct ecg_waves *waves, size_t lead_count, double fs_hz, float *work);

/* Forget the signal. */
void ecg_waves_reset(struct ecg_waves *waves);

/* So long behind the R peak a beat is delineated, at the latest. */
double ecg_waves_after_ms(void);

/* What is known about the beat when its turn comes. */
struct ecg_waves_beat {
    int64_t sample;
    int64_t before; /* R peak of the beat before, -1: none */
    int64_t next;   /* R peak of the next one, -1: not known */
    char code;
    double rr_ms, heart_rate_bpm;
};

/* `quality` of each lead. Fills *out. */
void ecg_waves_find(struct ecg_waves *waves, const struct ecg_history *history, const enum ecg_quality *quality,
                    const struct ecg_waves_beat *beat, struct ecg_beat_waves *out);
