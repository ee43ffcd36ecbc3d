/* How well each lead can be read: the gate before every claim. A lead that is off, saturated or drowned in noise
carries no beat, no interval and no statement. How it is judged stands at the head of quality.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ecg/chunk.h"

/* Stored and sent: a code never changes meaning. */
enum ecg_quality {
    ECG_QUALITY_UNKNOWN = 0, /* too little seen yet */
    ECG_QUALITY_GOOD = 1,
    ECG_QUALITY_NOISY = 2,     /* beats may be found, waves are not measured */
    ECG_QUALITY_LEAD_OFF = 3,  /* no samples, or a line that no body makes */
    ECG_QUALITY_SATURATED = 4, /* the converter's or amplifier's limit */
    ECG_QUALITY_COUNT
};

/* "unknown", "good", "noisy", "lead_off", "saturated"; never NULL. */
const char *ecg_quality_name(enum ecg_quality quality);

/* Nothing else may be read from a lead than that it is there. */
static inline bool ecg_quality_unreadable(enum ecg_quality quality)
{
    return quality == ECG_QUALITY_LEAD_OFF || quality == ECG_QUALITY_SATURATED;
}

/* A lead's quality became another one. */
struct ecg_quality_change {
    int64_t sample; /* from here on */
    size_t lead;    /* place in the configuration */
    enum ecg_quality quality, before;
};

/* The judge of one lead. */
struct ecg_lead_quality {
    double fs_hz;
    enum ecg_units units;
    enum ecg_quality now;
};

void ecg_lead_quality_init(struct ecg_lead_quality *judge, double fs_hz, enum ecg_units units);

/* The raw sample, NAN when missing. True when `now` changed; *since (samples, <= 0) says how far back it began. */
bool ecg_lead_quality_sample(struct ecg_lead_quality *judge, float x, int64_t *since);
