/* The analysis of one session as its chunks arrive: which chunk continues the last one, which left a gap, which came
late; what the samples' numbers are; and from the pipeline's sample indices back to times, for all that it tells.

A device's clock jitters, so a chunk continues the one before when it begins within half of its own length (at least
50 ms, at most 1 s) of that one's end; each chunk's own start time is believed for its own samples. A chunk that begins
earlier is late: it is analysed beside the running signal, in a lane of its own, and does not disturb it. So is one
whose time cannot be true: the monitor knows no clock, its caller says so.

An analysis that begins anew (the next life of the server) is told what the last one had said, so that it says nothing
twice: an episode that was open goes on under its old onset, or is closed where the last life knew it to be.

One thread at a time; no I/O. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "ecg/chunk.h"
#include "ecg/lead.h"
#include "ecg/pipeline.h"

#define MONITOR_NO_TIME INT64_MIN

/* What another life told, so far as it bears on what follows. */
enum { MONITOR_KNOWN_EPISODES = 16, MONITOR_KNOWN_BEATS = 8, MONITOR_CODES_SIZE = 512 };
struct monitor_known {
    struct monitor_known_episode {
        enum ecg_rhythm rhythm;
        int64_t onset_us, n, end_us;
        bool open;
    } episodes[MONITOR_KNOWN_EPISODES]; /* those open, and those that ended lately */
    size_t episode_count;
    enum ecg_quality quality[ECG_LEAD_COUNT]; /* told last of each lead; unknown: nothing */
    struct {
        int64_t time_us, n;
    } beats[MONITOR_KNOWN_BEATS]; /* the last ones whose waves were not told yet */
    size_t beat_count;
    char codes[MONITOR_CODES_SIZE]; /* of the statements told last, with commas */
};

/* What is known of the session's past. Times are microseconds since 1970 UTC. */
struct monitor_past {
    int64_t anchor_us, anchor_n; /* sample anchor_n was at anchor_us; MONITOR_NO_TIME: the first chunk is sample 0 */
    int64_t end_us;              /* the signal was analysed up to here; MONITOR_NO_TIME: not yet */
    int64_t last_beat_us;        /* up to here (and 150 ms on) beats were reported; MONITOR_NO_TIME: none */
    int64_t from_us;             /* no episode begins before this; 0: no limit */
    const struct monitor_known *known; /* copied; NULL: nothing was told */
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

/* The waves of a beat that was told before. */
struct monitor_waves {
    int64_t time_us, n; /* of the beat, as it was told */
    const struct ecg_beat_waves *waves;
};

struct monitor_measurements {
    int64_t time_us, from_us; /* of the beats from .. to */
    bool beside;              /* not of the running signal */
    double fs_hz;
    const struct ecg_measurements *measurements;
};

struct monitor_hrv {
    int64_t time_us, from_us;
    bool beside;
    const struct ecg_hrv *hrv;
};

/* Told when its onset is certain (open), and again, with the same rhythm and onset, at its end. */
struct monitor_episode {
    enum ecg_rhythm rhythm;
    int64_t onset_us, n, end_us; /* n: of the onset. While it is open, end_us is where it is known to last to */
    bool open, beside;
    bool continued; /* another life saw its onset: `beats` and the rates are of this life only */
    unsigned beats;
    double rate_min_bpm, rate_max_bpm, rate_mean_bpm; /* NAN when unknown */
};

struct monitor_quality {
    int64_t time_us; /* from here on */
    enum ecg_lead lead;
    enum ecg_quality quality, before; /* before: as it was told last */
    bool beside;
};

/* What a reader would write under the last ten seconds: told when it changed; none of it when there is nothing to
   measure any more. */
struct monitor_interpretation {
    int64_t time_us;
    const struct ecg_statements *statements;
};

/* Any function may be NULL. They must not call back into the monitor; what is passed is valid during the call only. */
struct monitor_sink {
    void *context;
    void (*beat)(void *context, const struct monitor_beat *beat);
    void (*vitals)(void *context, const struct monitor_vitals *vitals);
    void (*waves)(void *context, const struct monitor_waves *waves);
    void (*measurements)(void *context, const struct monitor_measurements *measurements);
    void (*hrv)(void *context, const struct monitor_hrv *hrv);
    void (*episode)(void *context, const struct monitor_episode *episode);
    void (*quality)(void *context, const struct monitor_quality *quality);
    void (*interpretation)(void *context, const struct monitor_interpretation *interpretation);
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

/* Whom the statements are about; without it, an adult of unknown sex. */
void monitor_set_person(struct monitor *monitor, const struct ecg_person *person);

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

/* Feeds what was analysed before already, oldest first, so that the next chunk is understood: nothing is told but what
   was still pending when the last life ended: beats after last_beat_us, and waves of beats in `known`. What is known of
   rhythm and quality in the end is told with the first chunk that is fed. */
HL_MUST_CHECK hl_result monitor_prime(struct monitor *monitor, const struct ecg_chunk *chunk,
                                      const struct monitor_sink *sink, struct monitor_fed *fed);

/* The signal has ended: tells the beats still pending, and closes what is open. Feeding may go on behind it. */
void monitor_flush(struct monitor *monitor, const struct monitor_sink *sink);

/* One sampling interval after the chunk's last sample. */
int64_t monitor_chunk_end_us(const struct ecg_chunk *chunk);
