/* What there is to tell about a patient, on its way to the hub: made by any thread, given to the hub, which keeps or
frees it. It speaks of patients, sessions and samples, but knows neither the database nor the analysis.

One piece of news is one allocation: what has no fixed size (samples, texts) lies behind the struct. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mailbox.h"

enum {
    NEWS_PATIENT_SIZE = 37,  /* a uuid as text */
    NEWS_SESSION_SIZE = 404, /* 100 characters of UTF-8 */
    NEWS_WORD_SIZE = 64,
    NEWS_MAX_LEADS = 32,
};

/* A missing sample. */
#define NEWS_NO_SAMPLE INT32_MIN

/* "No time known." */
#define NEWS_NO_TIME INT64_MIN

enum news_kind {
    NEWS_PATIENT, /* a patient, or its newest session, or what is known of it */
    NEWS_ECG,
    NEWS_BEAT,
    NEWS_VITALS,
    NEWS_ENDED, /* the session has ended */
    NEWS_EVENT,
    NEWS_MEASUREMENTS, /* these three are a text */
    NEWS_HRV,
    NEWS_INTERPRETATION,
    NEWS_EPISODE, /* of a rhythm: it began, or it ended */
    NEWS_QUALITY, /* of a lead */
    NEWS_REMOVED, /* the patient is gone */
};

struct news_patient {
    bool is_virtual;
    bool active;            /* the session has not ended */
    int64_t last_signal_us; /* end of the newest sample stored, NEWS_NO_TIME when there is none */
    const char *name;       /* in the tail */
};

struct news_ecg {
    int64_t n; /* samples since the session's first */
    double fs_hz;
    const char *units; /* "mV" or "adu"; static */
    double gain;       /* value = sample / gain, in units */
    size_t lead_count, sample_count;
    const char *leads[NEWS_MAX_LEADS]; /* static */
    int32_t *samples;                  /* in the tail: lead after lead */
};

struct news_beat {
    int64_t n;
    char code;
    double rr_ms;                 /* NAN when unknown */
    double heart_rate_bpm;        /* NAN when unknown */
    char anomaly[NEWS_WORD_SIZE]; /* empty when there is none */
};

struct news_vitals {
    bool from_device;
    double heart_rate_bpm, rr_ms; /* NAN when unknown */
    const char *metrics;          /* in the tail: further JSON members ("heart_rate":75,"qt_interval":380), or empty */
};

struct news_event {
    char kind[NEWS_WORD_SIZE];
    const char *text; /* in the tail */
};

/* JSON members ("figures":{..},"beats":9), as the event tells them. */
struct news_finding {
    int64_t from_us;  /* of the time it stands for; NEWS_NO_TIME: it has none */
    const char *text; /* in the tail */
};

struct news_episode {
    char rhythm[NEWS_WORD_SIZE]; /* with the onset (t_us) it names the episode */
    bool basic;                  /* there is one of them at a time */
    bool open;
    int64_t end_us;   /* equal to the onset: it turned out not to have been */
    const char *text; /* in the tail: all else, as JSON members */
};

struct news_quality {
    const char *lead, *quality; /* static */
};

struct news {
    struct mail mail;
    enum news_kind kind;
    bool history;                    /* only for the snapshot: nobody is told now */
    char patient[NEWS_PATIENT_SIZE]; /* uuid, lower case */
    char session[NEWS_SESSION_SIZE]; /* id of the session, empty when there is none */
    int64_t t_us; /* microseconds since 1970 UTC: of the first sample, the R peak, the session's start or end .. */
    union {
        struct news_patient info;
        struct news_ecg ecg;
        struct news_beat beat;
        struct news_vitals vitals;
        struct news_event event;
        struct news_finding finding;
        struct news_episode episode;
        struct news_quality quality;
    };
    _Alignas(8) char tail[];
};

/* Zeroed news with `tail_bytes` behind it; NULL when out of memory. */
struct news *news_new(enum news_kind kind, const char *patient, const char *session, int64_t t_us, size_t tail_bytes);
void news_free(struct news *news); /* NULL is allowed */

/* The same with what the tail is for already in place. */
struct news *news_new_ecg(const char *patient, const char *session, int64_t t_us, size_t lead_count,
                          size_t sample_count);
struct news *news_new_text(enum news_kind kind, const char *patient, const char *session, int64_t t_us,
                           const char *text); /* NEWS_PATIENT: name; NEWS_VITALS: metrics; others: text */
