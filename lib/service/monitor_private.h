/* Shared by the files of the monitor only: monitor.c (where a chunk belongs, what is fed), monitor_tell.c (what the
pipeline says of samples becomes what is told of times). */
#pragma once

#include "service/monitor.h"

enum { ANCHORS = 32, TOLD_BEATS = 32 };

/* Sample `at` of the pipeline was at time `us` and has the number `n`, and so on from there. */
struct anchor {
    int64_t at, us, n;
};

/* An episode that goes on, by its rhythm. */
struct open_episode {
    bool open, told;
    int64_t onset_at; /* as the pipeline names it */
    struct monitor_episode episode;
};

/* A beat that was told, until its waves are. */
struct told_beat {
    int64_t at, time_us, n;
};

struct lane {
    struct ecg_pipeline *pipeline; /* NULL: nothing fed yet, or a signal it does not take */
    struct ecg_config config;
    bool beside;
    bool fed;       /* since it was flushed last */
    int64_t end_us; /* where the next chunk is expected */
    int64_t next_n; /* the number its first sample would have */
    struct anchor anchors[ANCHORS];
    size_t anchor_count; /* ever */
    int64_t last_beat_us;
    int64_t measured_at;                /* sample of the last measurements; 0 before */
    struct told_beat beats[TOLD_BEATS]; /* a ring */
    size_t beat_count;                  /* ever */
    struct open_episode episodes[ECG_RHYTHM_COUNT];
    enum ecg_quality quality[ECG_LEAD_COUNT], quality_told[ECG_LEAD_COUNT];
};

struct monitor {
    struct lane running, beside;
    int64_t origin_us, origin_n; /* sample origin_n was at origin_us */
    int64_t past_end_us, from_us;
    bool settled; /* what priming left is told */
    struct monitor_known known;
    struct ecg_person person;
};

/* How the pipeline is listened to for a while. */
struct telling {
    struct monitor *monitor;
    struct lane *lane;
    const struct monitor_sink *sink; /* may be NULL */
    bool mute_vitals;
    bool priming; /* the past, which was told before */
    bool ending;  /* behind the end of the signal: only what ends counts */
};

struct ecg_sink tell_sink(struct telling *telling);

/* The pipeline's sample `at` is at this time from here on. */
void tell_anchor(struct lane *lane, int64_t at, int64_t us, int64_t n);

/* Priming is over, and the first chunk comes at start_us: tells what holds by now. `follows`: it continues the past. */
void tell_settled(struct telling *telling, int64_t start_us, bool follows);

/* Closes what another life left open and this one did not see again. */
void tell_not_seen_again(struct telling *telling);

/* The signal has ended at the lane's end: closes what is open there. */
void tell_ends(struct telling *telling);

/* Another signal begins: nothing is known of leads that it does not have. */
void tell_leads_gone(struct telling *telling, int64_t time_us);
