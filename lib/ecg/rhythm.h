/* Rhythms: what the heart does over several beats, as episodes with onset and end. One table in rhythm.c names them all
and the limits that make them, each with its source; how to add one stands in the README.

At any moment there is one basic rhythm (sinus rhythm, fibrillation, tachycardia, asystole ...) or none is known; what
lies upon it (a block, bigeminy, a pause) has episodes of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecg/filter.h"
#include "ecg/locate.h"
#include "ecg/measure.h"
#include "ecg/quality.h"
#include "ecg/waves.h"

/* Stored and sent: a code never changes meaning; a new one comes at the end. */
enum ecg_rhythm {
    ECG_RHYTHM_UNKNOWN = 0,
    ECG_RHYTHM_SINUS,
    ECG_RHYTHM_SINUS_BRADYCARDIA,
    ECG_RHYTHM_SINUS_TACHYCARDIA,
    ECG_RHYTHM_SINUS_ARRHYTHMIA,
    ECG_RHYTHM_ATRIAL_FIBRILLATION,
    ECG_RHYTHM_ATRIAL_FLUTTER,
    ECG_RHYTHM_SVT,
    ECG_RHYTHM_VT,
    ECG_RHYTHM_VF, /* fibrillation or flutter of the ventricles */
    ECG_RHYTHM_ASYSTOLE,
    ECG_RHYTHM_PAUSE,
    ECG_RHYTHM_AV_BLOCK_1,
    ECG_RHYTHM_AV_BLOCK_2,
    ECG_RHYTHM_AV_BLOCK_3,
    ECG_RHYTHM_PACED,
    ECG_RHYTHM_LBBB,
    ECG_RHYTHM_RBBB,
    ECG_RHYTHM_BIGEMINY,
    ECG_RHYTHM_TRIGEMINY,
    ECG_RHYTHM_COUPLET,
    ECG_RHYTHM_VENTRICULAR_RUN, /* three and more, slower or shorter than VT */
    ECG_RHYTHM_ATRIAL_RUN,
    ECG_RHYTHM_BRADYCARDIA, /* slow, and not known to be sinus rhythm */
    ECG_RHYTHM_TACHYCARDIA, /* fast, likewise */
    ECG_RHYTHM_IDIOVENTRICULAR,
    ECG_RHYTHM_JUNCTIONAL,
    ECG_RHYTHM_COUNT
};

struct ecg_rhythms;

/* What a detector says of its rhythm: whether it holds now, since when, and where it is (or was last) known to be. */
struct ecg_rhythm_claim {
    bool holds;
    int64_t onset, end;
};
typedef void ecg_rhythm_detector(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim);

/* When a detector is asked. */
enum ecg_rhythm_when { ECG_ON_BEAT = 1, ECG_ON_WAVES = 2, ECG_ON_MEASURED = 4, ECG_ON_SECOND = 8 };

struct ecg_rhythm_row {
    const char *name;  /* "atrial_fibrillation" */
    const char *label; /* "Atrial fibrillation" */
    const char *aux;   /* of WFDB annotations: "(AFIB"; NULL when it has none */
    bool basic;        /* one of them at a time */
    int rank;          /* of the basic rhythms that claim to be there, the highest is told */
    unsigned when;     /* enum ecg_rhythm_when */
    ecg_rhythm_detector *detect;
};

extern const struct ecg_rhythm_row ecg_rhythm_rows[ECG_RHYTHM_COUNT];

/* The limits that the detectors keep to, by name, each with its unit and where it comes from: rhythm_limits.c. */
struct ecg_rhythm_limit_row {
    double value;
    const char *name, *unit, *source;
};
extern const struct ecg_rhythm_limit_row ecg_rhythm_limits[];
extern const size_t ecg_rhythm_limit_count;

/* Told at its onset (open), and again at its end with the same rhythm and onset. Onsets are told when they are certain,
   and lie in the past. Of the basic rhythms one ends where the next begins or before; one that turns out never to have
   been ends at its onset. Others may overlap anything. */
struct ecg_episode {
    enum ecg_rhythm rhythm;
    int64_t onset, end; /* samples; `end` is where it is known to last to while open */
    bool open;
    unsigned beats;
    double rate_min_bpm, rate_max_bpm, rate_mean_bpm; /* NAN when unknown */
};

typedef void ecg_episode_listener(void *context, const struct ecg_episode *episode);

enum { ECG_RHYTHM_MEMORY = 64, ECG_RHYTHM_SIGNALS = 2, ECG_RHYTHM_RING = 640 };

/* A beat as it is remembered. */
struct ecg_rhythm_heard {
    int64_t sample;
    float rr_ms;           /* NAN: unknown */
    float pr_ms, qrs_ms;   /* NAN: unknown, or not there */
    char code;             /* as ecg_beat.code */
    signed char p_count;   /* P waves since the beat before; -1: not known */
    enum ecg_wave_state p; /* unknown until its waves come */
    bool paced;            /* a pacing spike stands before it */
    bool noisy;            /* no lead was good when it came: it may be none */
    bool aside;            /* the RR before it says nothing of the basic rhythm */
};

struct ecg_rhythm_open {
    struct ecg_episode episode;
    double rr_sum_ms;
    unsigned rr_count;
};

/* Fibrillation of the atria: how much speaks for it, and against it while it is there (rhythm_af.c). */
struct ecg_rhythm_af {
    double score;      /* of what is not so now */
    int64_t since;     /* the beat (counted from the first) with which the score left zero */
    int64_t next;      /* the next beat to be judged */
    int64_t last_used; /* the last one judged, -1: none */
    int64_t last_odd;  /* the last one before the score left zero */
    bool there;
    bool paused; /* the last one judged ended a pause */
};

/* Which of the sinus rhythms it is, and which it may become (rhythm_sinus.c). */
struct ecg_rhythm_sinus {
    enum ecg_rhythm now, next; /* UNKNOWN: none */
    unsigned next_beats;
    int64_t next_onset;
};

/* The signal of the last seconds at about 100 Hz, over its baseline, of one or two leads (rhythm_signal.c). */
struct ecg_rhythm_signal {
    double fs_hz;                     /* of the ring */
    size_t leads[ECG_RHYTHM_SIGNALS]; /* which, in the configuration */
    size_t lead_count;                /* 0: none can be read */
    size_t at, count;
    struct ecg_biquad high[ECG_RHYTHM_SIGNALS];
    float ring[ECG_RHYTHM_SIGNALS][ECG_RHYTHM_RING];
    float usual[ECG_RHYTHM_SIGNALS]; /* peak to peak while the heart beats; 0: not known */
};

/* How many looks in a row have seen fibrillation of the ventricles, or have not (rhythm_vf.c). */
struct ecg_rhythm_vf {
    unsigned seen, unseen;
};

/* The same for flutter of the atria (rhythm_flutter.c). */
struct ecg_rhythm_flutter {
    unsigned seconds, seen, unseen;
};

/* What watches one signal. */
struct ecg_rhythms {
    double fs_hz;
    enum ecg_units units;
    size_t lead_count;
    enum ecg_lead leads[ECG_MAX_LEADS];
    ecg_episode_listener *listener; /* set for the length of each call below */
    void *context;
    struct ecg_episode basic;     /* the basic rhythm of now, or of the signal's end; rhythm UNKNOWN when none */
    int64_t basic_end;            /* where the basic rhythm before it ended */
    enum ecg_rhythm basic_before; /* which that was */
    struct ecg_rhythm_claim claims[ECG_RHYTHM_COUNT];
    struct ecg_rhythm_open open[ECG_RHYTHM_COUNT];
    struct ecg_rhythm_heard beats[ECG_RHYTHM_MEMORY]; /* a ring */
    int64_t heard, waved;                       /* beats since all was forgotten; those of them whose waves were told */
    int64_t now, since, next_second, last_beat; /* samples; `since`: when all was forgotten */
    bool noisy;                                 /* no lead is good */
    bool ending;                                /* no more beats come: those there are must do */
    const struct ecg_measurements *measurements; /* while they are told */
    struct ecg_rhythm_af af;
    struct ecg_rhythm_sinus sinus;
    struct ecg_rhythm_signal signal;
    struct ecg_rhythm_vf vf;
    struct ecg_rhythm_flutter flutter;
};

void ecg_rhythms_init(struct ecg_rhythms *rhythms, double fs_hz, enum ecg_units units, size_t lead_count,
                      const enum ecg_lead *leads);

/* The signal ends: says what few beats allow, and ends all episodes. The last basic rhythm can still be read. */
void ecg_rhythms_flush(struct ecg_rhythms *rhythms, int64_t now);

/* Episodes end, nothing is known any more: a gap, other electrodes. */
void ecg_rhythms_forget(struct ecg_rhythms *rhythms, int64_t now);

/* A beat, as soon as it is classified. Waves come later, with ecg_rhythms_waves, in the same order. */
struct ecg_rhythm_beat {
    int64_t sample;
    char code;
    double rr_ms; /* NAN: unknown */
};
void ecg_rhythms_beat(struct ecg_rhythms *rhythms, const struct ecg_rhythm_beat *beat);
void ecg_rhythms_waves(struct ecg_rhythms *rhythms, const struct ecg_beat_waves *waves);
void ecg_rhythms_measured(struct ecg_rhythms *rhythms, const struct ecg_measurements *measurements);

/* Time passes: once a frame (10 ms). Looks at the signal itself where beats say nothing (fibrillation of the
   ventricles, asystole). */
void ecg_rhythms_tick(struct ecg_rhythms *rhythms, const struct ecg_history *history, const enum ecg_quality *quality);
