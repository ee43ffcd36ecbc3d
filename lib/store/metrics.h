/* Rows of metrics: the numbers a device reports every second or two, and those computed here beside them. Which numbers
there are is one table, from which the request is read, the row written and the reply made. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

enum metric {
    METRIC_HEART_RATE,    /* beats per minute */
    METRIC_PR_INTERVAL,   /* ms */
    METRIC_QRS_DURATION,  /* ms */
    METRIC_QRS_AXIS,      /* degrees */
    METRIC_ST_SEGMENT,    /* the device's own units */
    METRIC_QT_INTERVAL,   /* ms */
    METRIC_QTC_INTERVAL,  /* ms */
    METRIC_HRV,           /* ms */
    METRIC_RR_INTERVAL,   /* ms */
    METRIC_SAMPLING_RATE, /* Hz */
    METRIC_COUNT
};

struct metric_kind {
    const char *name;   /* in the API and in the database */
    double least, most; /* beyond these no body and no device is: refused as a mistake */
};
extern const struct metric_kind metric_kinds[METRIC_COUNT];

enum { CONTENT_HASH_BYTES = 16 };

struct metrics {
    int64_t metric_id;
    int64_t time_us, received_us;
    const char *source;
    double values[METRIC_COUNT]; /* NAN: not reported */
    int is_recording, demo_mode; /* 0, 1, or -1: not reported */
    const char *signal_quality;  /* or NULL */
    const char *extra;           /* JSON object of what has no column, or NULL */
    bool late;
    unsigned char content_hash[CONTENT_HASH_BYTES];
};

/* Store once. A repeat gets the first id and `repeated`. HL_NOT_FOUND when this user has no such session. */
HL_MUST_CHECK hl_result metrics_insert(struct db *db, const char *user_id, const char *session_id,
                                       struct metrics *metrics, int64_t *session_key, bool *repeated);

/* A page of a session's rows in time order: from_us <= time < to_us, after the row (after_us, after_id). */
struct data_page {
    int64_t session_key;
    int64_t from_us, to_us;     /* DB_NO_TIME: open */
    int64_t after_us, after_id; /* after_us DB_NO_TIME: from the beginning */
    int limit;
};
/* $1..$6 of the statements that list by such a page. */
void data_page_args(struct db_args *args, const struct data_page *page);

/* `source`: device or computed; NULL: both. */
HL_MUST_CHECK hl_result metrics_list(struct db *db, struct arena *arena, const struct data_page *page,
                                     const char *source, struct metrics **metrics, int *count);
