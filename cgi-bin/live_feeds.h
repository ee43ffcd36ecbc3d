/* The sessions that ingest knows, by key: whose each is, and its analysis while it is in use. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live_wire.h"
#include "service/monitor.h"

struct feed {
    struct feed *next_in_bucket;
    int64_t session_key;
    struct wire_owner owner;
    struct ecg_person person;
    bool active;             /* the session has not ended */
    bool fed;                /* since it was flushed last */
    struct monitor *monitor; /* NULL until it is needed */
    int64_t used_us;         /* monotonic */
    bool ahead_logged;
};

enum { FEED_BUCKETS = 1024 };
struct feeds {
    struct feed *buckets[FEED_BUCKETS];
};

struct feed *feeds_find(const struct feeds *feeds, int64_t session_key);
/* NULL when out of memory. */
struct feed *feeds_add(struct feeds *feeds, int64_t session_key, const char *patient, const char *session);
void feeds_clear(struct feeds *feeds);

/* Lets go what was not used since `before_us`: the analysis, and the whole feed when its session has ended. */
void feeds_prune(struct feeds *feeds, int64_t before_us);

/* One that was fed and then not used since `before_us`; NULL when there is none. */
struct feed *feeds_idle(const struct feeds *feeds, int64_t before_us);

/* Keys of sessions that are active, or were fed since they were flushed, at most `limit`; returns how many. */
size_t feeds_busy(const struct feeds *feeds, int64_t *session_keys, size_t limit);
