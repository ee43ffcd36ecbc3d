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

enum { ECG_QUALITY_BLOCKS = 64, ECG_QUALITY_LEVELS = 16, ECG_QUALITY_SIZES = 20 };

/* What lies in about 40 ms. */
struct ecg_quality_block {
    float level, least, most; /* mean and extremes of its samples; NAN when most of them are missing */
};

/* An extreme value that the signal was cut off at. */
struct ecg_rail {
    float at;             /* NAN: none */
    uint32_t samples;     /* cut off in the current hop */
    uint32_t past[3];     /* in the hops before; with the current one they make the window */
    uint32_t hops_unseen; /* since it was met last */
};

/* The judge of one lead. */
struct ecg_lead_quality {
    double fs_hz;
    enum ecg_units units;
    enum ecg_quality now;
    /* sizes in samples and in blocks, from the sampling rate */
    uint32_t block_samples, plateau_samples, rail_samples, flat_samples, hole_samples;
    float edge; /* of a plateau, in sizes */
    uint32_t window, hop, median_blocks, median_every;
    /* the sample before */
    float last, step;   /* and how it was come to, at the begin of the run */
    float quantum;      /* the least step ever seen */
    uint32_t run, hole; /* equal samples, missing samples in a row */
    /* the block being filled */
    float sum, least, most;
    uint32_t filled, present;
    /* what was seen */
    struct ecg_quality_block blocks[ECG_QUALITY_BLOCKS]; /* a ring */
    uint32_t block_at, block_count, since_hop, since_median;
    float levels[ECG_QUALITY_LEVELS]; /* running medians of the level, a ring */
    uint32_t level_at, level_count;
    float sizes[ECG_QUALITY_SIZES]; /* extremes apart, a ring */
    uint32_t size_at, size_count;
    struct ecg_rail top, bottom;
    float size, usual;      /* what is large in this lead, and was for long; 0: not known */
    float good_level;       /* where the line was when it was last good; NAN: never */
    enum ecg_quality leans; /* to what it would change ... */
    uint32_t leaning;       /* ... seen so many times in a row */
    int64_t age;            /* samples since it changed */
};

void ecg_lead_quality_init(struct ecg_lead_quality *judge, double fs_hz, enum ecg_units units);

/* The raw sample, NAN when missing. True when `now` changed; *since (samples, <= 0) says how far back it began. */
bool ecg_lead_quality_sample(struct ecg_lead_quality *judge, float x, int64_t *since);
