/* The heart rate from the last RR intervals, as bedside monitors show it: twelve of them, four when the heart is slow,
so that a slow heart's number is not half a minute old. It is unknown rather than stale. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ECG_RATE_INTERVALS = 12, ECG_RATE_INTERVALS_SLOW = 4 };

struct ecg_rate {
    double fs_hz;
    double rr_ms[ECG_RATE_INTERVALS]; /* a ring */
    size_t at, count;
    int64_t last_beat; /* sample, valid when has_beat */
    bool has_beat;     /* false behind a gap: the next beat has no RR */
};

void ecg_rate_init(struct ecg_rate *rate, double fs_hz);

/* A beat at `sample`; returns its RR in ms, NAN when it has none. */
double ecg_rate_beat(struct ecg_rate *rate, int64_t sample);

/* A beat may have been missed: the next one has no RR; what was known of the rate stays. */
void ecg_rate_break(struct ecg_rate *rate);

/* Nothing is known any more. */
void ecg_rate_forget(struct ecg_rate *rate);

/* The time is `now`: a rate whose last beat is too long ago is forgotten. */
void ecg_rate_expire(struct ecg_rate *rate, int64_t now);

/* Beats per minute, NAN when unknown; *used (may be NULL) becomes the number of intervals behind it. */
double ecg_rate_bpm(const struct ecg_rate *rate, unsigned *used);

/* The last RR in ms, NAN when unknown. */
double ecg_rate_last_rr_ms(const struct ecg_rate *rate);
