/* Heart rate variability, after the Task Force of 1996: from normal-to-normal intervals only, over five minutes. What
the record cannot carry (too few intervals, too many ectopic beats, too low a sampling rate) is withheld: NAN. Formulas,
limits and sources stand at the head of hrv.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECG_HRV_WINDOW_S 300.0
#define ECG_HRV_EVERY_S  60.0 /* told so often, once a window is full */

enum { ECG_HRV_INTERVALS = 1536 }; /* five minutes at 300 bpm */

struct ecg_hrv {
    int64_t from, sample;     /* the window */
    unsigned intervals;       /* normal to normal, used */
    unsigned beats, excluded; /* in the window; intervals left out beside ectopic beats and gaps */
    double mean_nn_ms, mean_hr_bpm, sdnn_ms, rmssd_ms, sdsd_ms;
    double nn50, pnn50_percent, triangular_index, tinn_ms;
    double total_power_ms2, vlf_ms2, lf_ms2, hf_ms2, lf_nu, hf_nu, lf_hf; /* frequency domain */
    double lf_peak_hz, hf_peak_hz;
    double sd1_ms, sd2_ms, sample_entropy, dfa_alpha1; /* non-linear */
    const char *withheld;                              /* why something is NAN, static; NULL: nothing is */
};

struct ecg_hrv_name {
    const char *name, *unit;
    size_t offset; /* of the double in struct ecg_hrv */
};
extern const struct ecg_hrv_name ecg_hrv_names[];
extern const size_t ecg_hrv_name_count;

/* The beats of the last five minutes, a ring. */
struct ecg_hrv_window {
    double fs_hz;
    int64_t first, newest;             /* beats, as samples; -1: none */
    uint32_t steps[ECG_HRV_INTERVALS]; /* samples from the beat before */
    bool normal[ECG_HRV_INTERVALS];    /* both beats are, and no gap lies between them */
    char newest_code;
    size_t at, count;
};

void ecg_hrv_init(struct ecg_hrv_window *window, double fs_hz);
void ecg_hrv_forget(struct ecg_hrv_window *window);
void ecg_hrv_beat(struct ecg_hrv_window *window, int64_t sample, char code, bool follows);

/* The five minutes up to `now`. False: less than that was seen, or nothing. */
bool ecg_hrv_tell(const struct ecg_hrv_window *window, int64_t now, struct ecg_hrv *out);
