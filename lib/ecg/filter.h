/* The front end of one lead: from samples to frames.

The detector does not look at samples but at frames of about 10 ms. A frame of a lead says where the signal was (its
mean), how much QRS-like energy there was (the band-passed signal's steepness, averaged over 80 ms as long as a QRS
lasts), and how steep it became at most. That makes the work behind it independent of the sampling rate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A second-order section, transposed direct form II. */
struct ecg_biquad {
    double b0, b1, b2, a1, a2;
    double z1, z2;
};

/* Butterworth sections at cutoff_hz, which must lie below fs_hz / 2. The state is zero. */
void ecg_biquad_low_pass(struct ecg_biquad *filter, double fs_hz, double cutoff_hz);
void ecg_biquad_high_pass(struct ecg_biquad *filter, double fs_hz, double cutoff_hz);
void ecg_biquad_reset(struct ecg_biquad *filter);
double ecg_biquad_step(struct ecg_biquad *filter, double x);

/* One frame of one lead. `energy` is NAN when the lead was missing or is still settling behind a hole. */
struct ecg_frame {
    float level;  /* mean of the samples, in the signal's units */
    float energy; /* mean steepness over the last 80 ms, units per 10 ms */
    float slope;  /* greatest steepness in this frame, units per 10 ms */
};

enum {
    ECG_FRAME_SUM_MAX = 8,   /* frames in 80 ms */
    ECG_DERIVATIVE_MAX = 24, /* samples in 10 ms at the highest sampling rate, and some */
    ECG_SPIKE_RING = 16,     /* samples in 5 ms at the highest sampling rate, and some; a power of two */
};

struct ecg_front {
    struct ecg_biquad high, low;
    double raw[ECG_SPIKE_RING]; /* a ring: what pacing spikes are taken out of */
    size_t raw_at, spike;       /* no spike is longer than so many samples; 0: they cannot be told */
    double offset;              /* what is taken for zero, so that a large direct part costs no precision */
    double held;                /* the last sample there was */
    bool started;
    size_t hole;     /* samples missing in a row */
    size_t hole_max; /* a shorter hole is bridged by the last sample */
    size_t settle;   /* samples until the filters have forgotten the hole */
    size_t settle_max;
    double past[ECG_DERIVATIVE_MAX]; /* band-passed samples, a ring */
    size_t past_at, span;            /* the derivative is taken over `span` samples */
    double per_10_ms;                /* turns a difference over `span` samples into units per 10 ms */
    /* the frame being filled */
    double sum_level, sum_slope, max_slope;
    size_t filled, missing;
    float slopes[ECG_FRAME_SUM_MAX]; /* mean slope of the last frames, a ring */
    size_t slopes_at, slopes_count;
};

/* The greatest length of a pacing spike in samples; 0 when the rate is too low to tell one from a QRS. */
size_t ecg_spike_samples(double fs_hz);

/* The middle one of three values. */
static inline double ecg_middle(double a, double b, double c)
{
    double low = a < b ? a : b;
    double high = a < b ? b : a;
    double least = c > low ? c : low; /* no branches: they would be guessed wrong half of the time */
    return least < high ? least : high;
}

/* The samples that one frame has at this rate: 10 ms, at least one sample. */
size_t ecg_frame_samples(double fs_hz);

void ecg_front_init(struct ecg_front *front, double fs_hz);

/* Forget the signal, keep the design. */
void ecg_front_reset(struct ecg_front *front);

/* One sample; NAN, infinities and what is too large for any converter are missing. Returns the sample as it is used:
   a hole is bridged by the last sample. */
float ecg_front_sample(struct ecg_front *front, float x);

/* Closes the frame. */
struct ecg_frame ecg_front_frame(struct ecg_front *front);
