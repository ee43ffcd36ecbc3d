/* The queue of chunks that are stored and not yet analysed, and what is known of what came out of it (results.h puts it
there). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "ecg/chunk.h"
#include "store/db.h"

/* A chunk with whose it is. Counts of known gain have been converted to millivolts. */
struct analysis_chunk {
    int64_t waveform_id, session_key;
    const char *session_id, *patient; /* in the arena */
    int64_t received_us;
    bool late;
    bool readable;          /* false: the row is gone or does not unpack; `chunk` is not to be used then */
    struct ecg_chunk chunk; /* samples in the arena */
};

/* What waits of the next `limit` sessions with a key above `after_session`, in the order of their keys: of each its
   oldest chunks, in equal shares, less than 2 * limit in all. */
HL_MUST_CHECK hl_result analysis_waiting(struct db *db, struct arena *arena, int limit, int64_t after_session,
                                         struct analysis_chunk **chunks, size_t *count);

/* Chunks of a session that were analysed already, reach beyond from_us and begin before until_us, in time order. */
HL_MUST_CHECK hl_result analysis_before(struct db *db, struct arena *arena, int64_t session_key, int64_t from_us,
                                        int64_t until_us, struct analysis_chunk **chunks, size_t *count);

/* What is known of a session's past; each DB_NO_TIME when there is none. */
struct analysis_past {
    int64_t first_us; /* its first sample */
    int64_t end_us;   /* end of what was analysed */
    int64_t last_beat_us, last_beat_n;
};
HL_MUST_CHECK hl_result analysis_past(struct db *db, int64_t session_key, struct analysis_past *past);

/* The last beats found of a session, at most 32, from `from_us` on, in time order. `anomaly` is the code of the beat
   that the simulator made there when that is out of the ordinary, otherwise 0. */
struct analysis_beat {
    int64_t time_us, n;
    char code, anomaly;
    double rr_ms; /* NAN when unknown */
};
HL_MUST_CHECK hl_result analysis_beats_since(struct db *db, int64_t session_key, int64_t from_us,
                                             void (*each)(void *context, const struct analysis_beat *beat),
                                             void *context);

/* What the last life told of a session that a next one must know, row by row; what is passed is valid during the call
   only. Of each kind what it has; the rest is NULL, DB_NO_TIME, 0 or false. `until_us`: the end of what was
   analysed. */
struct analysis_finding {
    const char *what; /* "episode": name, time, until, sample, open; "quality": name (of the lead), word; "beat": time,
                         sample; "statement": name (its code) */
    const char *name, *word;
    int64_t time_us, until_us, n;
    bool open;
};
HL_MUST_CHECK hl_result analysis_findings_past(struct db *db, int64_t session_key, int64_t until_us,
                                               void (*each)(void *context, const struct analysis_finding *finding),
                                               void *context);
