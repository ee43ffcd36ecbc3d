/* Rows of sessions, and the small shared vocabulary of pages. Strings in results live in the arena that is passed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct session_start {
    const char *session_id, *user_id, *device_serial;
    int64_t start_us;
    int64_t device_start_us; /* DB_NO_TIME when the device did not state one */
    const char *origin;      /* device, invented, virtual, import */
    const char *device_info; /* JSON text or NULL */
};

/* Starts it, or finds the one this start repeats: then `repeated`. `session_id` is what the session is really
   called. */
HL_MUST_CHECK hl_result sessions_start(struct db *db, struct arena *arena, const struct session_start *start,
                                       int64_t *session_key, const char **session_id, bool *repeated);

/* HL_NOT_FOUND when this user has no such session. */
HL_MUST_CHECK hl_result sessions_find_own(struct db *db, const char *user_id, const char *session_id,
                                          int64_t *session_key);

struct session_end {
    int64_t end_us;
    double duration_s, average_heart_rate_bpm;          /* NAN: not said */
    double total_heartbeats;                            /* NAN: not said */
    const char *arrhythmias, *signal_quality, *summary; /* JSON array, text, JSON object; each may be NULL */
};
HL_MUST_CHECK hl_result sessions_end(struct db *db, const char *user_id, const char *session_id,
                                     const struct session_end *end, int64_t *session_key);

struct session {
    int64_t session_key;
    const char *session_id, *user_id, *full_name, *device_serial, *status, *origin, *signal_quality;
    const char *arrhythmias;  /* JSON array or NULL */
    int64_t start_us, end_us; /* end: DB_NO_TIME while it runs */
    double duration_s, average_heart_rate_bpm;
    int64_t total_heartbeats; /* -1: not known */
};

struct session_page {
    const char *user_id;
    int64_t before_us, before_key; /* start and key of the last session of the page before; DB_NO_TIME: none */
    int64_t from_us, to_us;        /* DB_NO_TIME: no bound */
    int limit;
};
/* Newest first. */
HL_MUST_CHECK hl_result sessions_list(struct db *db, struct arena *arena, const struct session_page *page,
                                      struct session **sessions, int *count);

/* The session called this, of `owner_id` or, when that is NULL, of anybody: HL_CONFLICT when several people have
   one. */
HL_MUST_CHECK hl_result sessions_by_id(struct db *db, struct arena *arena, const char *session_id, const char *owner_id,
                                       struct session *session);
