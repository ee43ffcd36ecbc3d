/* What the detectors of rhythms share: the limits, the beats remembered, and their own names. Each detector looks at
struct ecg_rhythms and fills its claim; rhythm.c asks them and makes episodes of what they say. */
#pragma once

#include "ecg/rhythm.h"

/* Rows of the table in rhythm_limits.c. */
enum rhythm_limit {
    LIMIT_BRADYCARDIA_BPM,
    LIMIT_TACHYCARDIA_BPM,
    LIMIT_UNKNOWN_BRADYCARDIA_BPM,
    LIMIT_RATE_HYSTERESIS_BPM,
    LIMIT_P_SHARE,
    LIMIT_SINUS_PR_MS,
    LIMIT_SINUS_BEATS,
    LIMIT_SINUS_ARRHYTHMIA_MS,
    LIMIT_SINUS_ARRHYTHMIA_SHARE,
    LIMIT_SINUS_STEP_SHARE,
    LIMIT_SETTLE_BEATS,
    LIMIT_RESUME_S,
    LIMIT_JUNCTIONAL_MIN_BPM,
    LIMIT_JUNCTIONAL_MAX_BPM,
    LIMIT_P_ABSENT_SHARE,
    LIMIT_SVT_BPM,
    LIMIT_SVT_BEATS,
    LIMIT_SVT_JUMP,
    LIMIT_RUN_BEATS,
    LIMIT_VT_BPM,
    LIMIT_IDIOVENTRICULAR_BEATS,
    LIMIT_GEMINY_CYCLES,
    LIMIT_PAUSE_MS,
    LIMIT_ASYSTOLE_S,
    LIMIT_ASYSTOLE_MV,
    LIMIT_ASYSTOLE_SHARE,
    LIMIT_AV_BLOCK_1_MS,
    LIMIT_AV_BLOCK_1_HYSTERESIS_MS,
    LIMIT_BLOCK_QRS_MS,
    LIMIT_PACED_SHARE,
    LIMIT_AF_ENTER,
    LIMIT_AF_ENTER_AT_END,
    LIMIT_AF_LEAVE,
    LIMIT_AF_P_PRESENT,
    LIMIT_AF_P_ABSENT,
    LIMIT_VF_WINDOW_S,
    LIMIT_VF_LEAKAGE,
    LIMIT_VF_CROSSINGS,
    LIMIT_VF_FILLED,
    LIMIT_VF_MIN_HZ,
    LIMIT_VF_MAX_HZ,
    LIMIT_VF_REGULAR_HZ,
    LIMIT_VF_LOW_SHARE,
    LIMIT_VF_MV,
    LIMIT_VF_SHARE,
    LIMIT_VF_LEAKAGE_WITH_BEATS,
    LIMIT_VF_LOOKS,
    LIMIT_FLUTTER_MIN_BPM,
    LIMIT_FLUTTER_MAX_BPM,
    LIMIT_FLUTTER_LIKENESS,
    LIMIT_FLUTTER_SIZE,
    LIMIT_FLUTTER_LOOKS,
    LIMIT_COUNT
};

static inline double rhythm_limit(enum rhythm_limit limit)
{
    return ecg_rhythm_limits[limit].value;
}

/* The beat `index` (0: the first since all was forgotten); NULL when it is not remembered. */
struct ecg_rhythm_heard *rhythm_beat(struct ecg_rhythms *rhythms, int64_t index);

/* The index of the oldest beat that is remembered. */
static inline int64_t rhythm_oldest(const struct ecg_rhythms *rhythms)
{
    return rhythms->heard > ECG_RHYTHM_MEMORY ? rhythms->heard - ECG_RHYTHM_MEMORY : 0;
}

/* The beat `back` before the newest (0: the newest); NULL when there is none. */
struct ecg_rhythm_heard *rhythm_last(struct ecg_rhythms *rhythms, int64_t back);

/* The code of that beat; 0 when there is none. */
char rhythm_code(struct ecg_rhythms *rhythms, int64_t back);

static inline int64_t rhythm_samples(const struct ecg_rhythms *rhythms, double seconds)
{
    return (int64_t)(seconds * rhythms->fs_hz + 0.5);
}

/* The claim holds (from `onset`, unless it held before) and reaches to `end`. */
void rhythm_holds(struct ecg_rhythm_claim *claim, int64_t onset, int64_t end);

/* It does not; it was last there at `end`. */
void rhythm_ends(struct ecg_rhythm_claim *claim, int64_t end);

/* The ring of the signal: takes a frame, chooses leads, gives the last `seconds` of one of them (false: not there). */
void rhythm_signal_init(struct ecg_rhythms *rhythms);
void rhythm_signal_restart(struct ecg_rhythm_signal *signal);
void rhythm_signal_choose(struct ecg_rhythms *rhythms, const enum ecg_quality *quality);
void rhythm_signal_frame(struct ecg_rhythms *rhythms, const struct ecg_history *history);
struct rhythm_window {
    size_t count;
    float x[ECG_RHYTHM_RING];
};
bool rhythm_signal_window(const struct ecg_rhythms *rhythms, size_t which, double seconds,
                          struct rhythm_window *window);
float rhythm_peak_to_peak(const struct rhythm_window *window);
void rhythm_signal_learn(struct ecg_rhythms *rhythms);

/* Beats with R peaks in the last `seconds`; *normal (may be NULL): how many of them are not ventricular. */
unsigned rhythm_beats_within(struct ecg_rhythms *rhythms, double seconds, unsigned *normal);

void rhythm_af_forget(struct ecg_rhythms *rhythms);
void rhythm_sinus_forget(struct ecg_rhythms *rhythms);

ecg_rhythm_detector rhythm_af;
ecg_rhythm_detector rhythm_sinus;
ecg_rhythm_detector rhythm_sinus_bradycardia;
ecg_rhythm_detector rhythm_sinus_tachycardia;
ecg_rhythm_detector rhythm_sinus_arrhythmia;
ecg_rhythm_detector rhythm_bradycardia;
ecg_rhythm_detector rhythm_tachycardia;
ecg_rhythm_detector rhythm_junctional;
ecg_rhythm_detector rhythm_svt;
ecg_rhythm_detector rhythm_vt;
ecg_rhythm_detector rhythm_ventricular_run;
ecg_rhythm_detector rhythm_idioventricular;
ecg_rhythm_detector rhythm_atrial_run;
ecg_rhythm_detector rhythm_couplet;
ecg_rhythm_detector rhythm_bigeminy;
ecg_rhythm_detector rhythm_trigeminy;
ecg_rhythm_detector rhythm_pause;
ecg_rhythm_detector rhythm_paced;
ecg_rhythm_detector rhythm_vf;
ecg_rhythm_detector rhythm_asystole;
ecg_rhythm_detector rhythm_flutter;
ecg_rhythm_detector rhythm_av_block_1;
ecg_rhythm_detector rhythm_av_block_2;
ecg_rhythm_detector rhythm_av_block_3;
ecg_rhythm_detector rhythm_lbbb;
ecg_rhythm_detector rhythm_rbbb;
