/* The analysis of one session as its chunks arrive: which chunk continues the last one, which left a gap, which came
late; what the samples' numbers are; and from the pipeline's sample indices back to times.

A device's clock jitters, so a chunk continues the one before when it begins within half of its own length (at least
50 ms, at most 1 s) of that one's end; each chunk's own start time is believed for its own samples. A chunk that begins
earlier is late: it is analysed beside the running signal, in a lane of its own, and does not disturb it. So is one
whose time cannot be true: the monitor knows no clock, its caller says so.

One thread at a time; no I/O. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "ecg/chunk.h"
#include "ecg/lead.h"

#define MONITOR_NO_TIME INT64_MIN

/* What is known of the session's past. Times are microseconds since 1970 UTC. */
struct monitor_past {
    int64_t anchor_us, anchor_n; /* sample anchor_n was at anchor_us; MONITOR_NO_TIME: the first chunk is sample 0 */
    int64_t end_us;              /* the signal was analysed up to here; MONITOR_NO_TIME: not yet */
    int64_t last_beat_us;        /* up to here (and 150 ms on) beats were reported; MONITOR_NO_TIME: none */
};

struct monitor_beat {
    int64_t time_us;
    int64_t n; /* samples since the session's first */
    char code;
    enum ecg_lead lead;
    float amplitude;              /* in the chunk's units */
    double rr_ms, heart_rate_bpm; /* NAN when unknown */
};

struct monitor_vitals {
    int64_t time_us;
    double heart_rate_bpm, rr_ms; /* NAN when unknown */
};

/* Either function may be NULL. They must not call back into the monitor. */
struct monitor_sink {
    void *context;
    void (*beat)(void *context, const struct monitor_beat *beat);
    void (*vitals)(void *context, const struct monitor_vitals *vitals);
};

enum monitor_place {
    MONITOR_FIRST,      /* nothing was known before, or the signal is another one (leads, rate, units) */
    MONITOR_CONTIGUOUS, /* begins where the last one ended */
    MONITOR_GAP,        /* samples are missing before it */
    MONITOR_BESIDE,     /* belongs to the past, or to no time that can be believed */
};

struct monitor_fed {
    enum monitor_place place;
    int64_t n; /* of the chunk's first sample */
};

struct monitor;

HL_MUST_CHECK hl_result monitor_new(const struct monitor_past *past, struct monitor **out);
void monitor_free(struct monitor *monitor); /* NULL is allowed */

/* Analyses one chunk. HL_NO_MEMORY: nothing was fed. A signal that the pipeline does not take (a sampling rate out of
   its range) is numbered all the same, and has no beats. */
HL_MUST_CHECK hl_result monitor_feed(struct monitor *monitor, const struct ecg_chunk *chunk,
                                     const struct monitor_sink *sink, struct monitor_fed *fed);

/* The same for a chunk whose time is not believed: it neither moves the end of the running signal nor becomes the
   session's sample 0. */
HL_MUST_CHECK hl_result monitor_feed_beside(struct monitor *monitor, const struct ecg_chunk *chunk,
                                            const struct monitor_sink *sink, struct monitor_fed *fed);

/* Whether the chunk belongs to the past of the running signal. */
bool monitor_is_late(const struct monitor *monitor, const struct ecg_chunk *chunk);

/* Feeds what was analysed before already, oldest first, so that the next chunk is understood: nothing is told but beats
   after last_beat_us, which were still pending when the last life ended. */
HL_MUST_CHECK hl_result monitor_prime(struct monitor *monitor, const struct ecg_chunk *chunk,
                                      const struct monitor_sink *sink, struct monitor_fed *fed);

/* The session has ended: tells the beats still pending. */
void monitor_flush(struct monitor *monitor, const struct monitor_sink *sink);

/* One sampling interval after the chunk's last sample. */
int64_t monitor_chunk_end_us(const struct ecg_chunk *chunk);
