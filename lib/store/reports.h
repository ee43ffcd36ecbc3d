/* Rows of reports. Strings in results live in the arena that is passed. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct report {
    int64_t report_key;
    const char *user_id, *session_id, *filename;
    const char *sha256_hex;                         /* 64 characters: the file's name on disk */
    int64_t size_bytes, created_us, report_time_us; /* report_time: DB_NO_TIME when not said */
    const char *patient_name, *conclusion;
    int patient_age;                /* -1: not said */
    const char *metrics, *metadata; /* JSON text or NULL */
};

/* `session_key` 0: about no session. The same file for the same session again gets the first key. */
HL_MUST_CHECK hl_result reports_insert(struct db *db, struct report *report, int64_t session_key,
                                       const char *uploaded_by, const unsigned char sha256[32]);
HL_MUST_CHECK hl_result reports_get(struct db *db, struct arena *arena, int64_t report_key, struct report *report);
/* Newest first. `user_id` NULL: of everybody; `session_key` 0: of any; `before_key` 0: from the newest. */
HL_MUST_CHECK hl_result reports_list(struct db *db, struct arena *arena, const char *user_id, int64_t session_key,
                                     int64_t before_key, int limit, struct report **reports, int *count);
