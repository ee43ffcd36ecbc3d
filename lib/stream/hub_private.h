/* Shared by the files of the hub only: hub.c (log and subscribers), topic.c (what is known of a patient), render.c
(the JSON of both). */
#pragma once

#include "base/buf.h"
#include "stream/hub.h"

enum { TOPIC_BEATS = 32, TOPIC_EVENTS = 20, TOPIC_EPISODES = 24, LOG_SLOTS = 1 << 17, TOPIC_BUCKETS = 4096 };

enum topic_state { TOPIC_NONE, TOPIC_LIVE, TOPIC_SILENT, TOPIC_ENDED };

/* The last seconds of signal of one session: a ring for each lead. */
struct topic_signal {
    double fs_hz, gain;
    const char *units;
    size_t lead_count;
    const char *leads[NEWS_MAX_LEADS];
    size_t capacity, count; /* samples of each lead */
    int64_t next_n;         /* of the sample that would come next */
    int64_t end_us;         /* its time */
    int32_t *samples;       /* sample n of lead l is at l * capacity + n % capacity */
};

struct topic_beat {
    int64_t n, t_us;
    char code;
    double rr_ms;
    char anomaly[NEWS_WORD_SIZE];
};

/* A line of the patient's log. */
struct topic_event {
    int64_t t_us;
    char kind[NEWS_WORD_SIZE];
    char *text;
};

/* What was told last of measurements, variability and statements; text NULL: nothing yet. */
struct topic_finding {
    int64_t t_us, from_us;
    char *text;
};
enum { TOPIC_FINDINGS = 3 };

/* An episode that goes on, or one of the last that ended. */
struct topic_episode {
    int64_t onset_us, end_us;
    char rhythm[NEWS_WORD_SIZE];
    bool basic, open;
    char *text;
};

struct topic_quality {
    const char *lead, *quality; /* static */
};

/* All that is known of one patient. Lives as long as the patient, an event or a subscriber needs it. */
struct topic {
    struct topic *next_in_bucket, *previous, *next;
    size_t holders; /* events and subscribers */
    bool known;     /* somebody told of this patient; otherwise only asked for */
    char patient[NEWS_PATIENT_SIZE];
    char *name;
    bool is_virtual;
    char session[NEWS_SESSION_SIZE];
    int64_t session_start_us;
    enum topic_state state;
    int64_t since_us;
    int64_t last_sample_monotonic_us, last_sample_wall_us;
    uint64_t last_seq; /* of the newest event about this patient */
    struct topic_signal signal;
    bool has_vitals;
    struct news_vitals vitals; /* its text is not kept */
    int64_t vitals_us;
    char *device_metrics; /* JSON members; NULL when there are none */
    int64_t device_metrics_us;
    struct topic_beat beats[TOPIC_BEATS];    /* a ring */
    uint64_t beat_count;                     /* ever put into it */
    struct topic_event events[TOPIC_EVENTS]; /* oldest first */
    size_t event_count;
    struct topic_finding findings[TOPIC_FINDINGS]; /* in the order of their kinds, from NEWS_MEASUREMENTS on */
    struct topic_episode episodes[TOPIC_EPISODES]; /* in the order they were told */
    size_t episode_count;
    struct topic_quality quality[NEWS_MAX_LEADS];
    size_t quality_count;
    int64_t quality_us; /* when it changed last */
};

enum { DETAIL_WALL, DETAIL_FULL, DETAIL_COUNT };

/* An event in the log. What has the same text in both details has it in DETAIL_WALL only. */
struct hub_event {
    uint64_t seq;
    struct topic *topic;
    const char *name;
    int64_t monotonic_us;
    struct buf text[DETAIL_COUNT];
    bool two_details;
    bool full_only;   /* not told to those who see the wall */
    struct news *ecg; /* rendered when the first subscriber wants it; NULL for other events */
    size_t bytes;
};

const char *topic_state_name(enum topic_state state);

/* topic.c: how news changes what is known. */
void topic_free_content(struct topic *topic);
void topic_take_info(struct topic *topic, const struct news *news);
void topic_take_ecg(struct topic *topic, const struct news *news, int64_t history_us);
void topic_take_beat(struct topic *topic, const struct news *news);
void topic_take_vitals(struct topic *topic, const struct news *news);
/* False: this event was known already. */
bool topic_take_event(struct topic *topic, const struct news *news);
void topic_forget_events(struct topic *topic);
void topic_take_finding(struct topic *topic, const struct news *news);
void topic_take_episode(struct topic *topic, const struct news *news);
void topic_take_quality(struct topic *topic, const struct news *news);
void topic_start_session(struct topic *topic, const char *session, int64_t start_us);

/* render.c */
size_t render_wall_lead(const char *const *leads, size_t count);
void render_ecg(struct buf *out, const struct news *news, bool full);
void render_beat(struct buf *out, const struct news *news);
void render_vitals(struct buf *out, const struct news *news);
void render_event(struct buf *out, const struct news *news);
void render_finding(struct buf *out, const struct news *news);
void render_episode(struct buf *out, const struct news *news);
/* Of all leads together, as it is now; `full`: of each as well, and which changed. */
void render_quality(struct buf *out, const struct topic *topic, const struct news *news, bool full);
void render_state(struct buf *out, const struct topic *topic);
void render_removed(struct buf *out, const struct topic *topic);
/* All leads together show at most `lead_seconds` of signal (but each a second), the beats what the strip shows. */
void render_patient(struct buf *out, const struct topic *topic, bool full, double lead_seconds);
void render_ms(struct buf *out, int64_t time_us); /* microseconds as milliseconds with a fraction when there is one */
