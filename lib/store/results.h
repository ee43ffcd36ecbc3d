/* What the analysis found, gathered until it is stored: all of it in one transaction, together with taking the chunks
it was found in out of the queue. Everything may be stored again: each table recognises what it has already. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ecg/lead.h"
#include "ecg/waves.h"
#include "store/db.h"

/* The waves of a beat across its leads; NAN where unknown or not there. */
struct stored_waves {
    enum ecg_wave_state p, t;
    float p_onset_ms, p_peak_ms, p_end_ms, qrs_onset_ms, qrs_end_ms, t_onset_ms, t_peak_ms, t_end_ms, pace_spike_ms;
};

struct stored_beat {
    int64_t session_key, time_us, n;
    const char *source; /* computed or truth; static */
    char code;
    enum ecg_lead lead;
    double amplitude, rr_ms, heart_rate_bpm; /* NAN when unknown */
    bool has_waves;
    struct stored_waves waves;
};

/* Rows that come as JSON objects with the names that the statements of sql/queries read. */
enum finding {
    FINDING_MEASUREMENTS,
    FINDING_HRV,
    FINDING_EPISODE,
    FINDING_QUALITY,
    FINDING_INTERPRETATION,
    FINDING_KINDS
};

/* Zeroed, it is empty. Out of memory is remembered: results_ok. */
struct results {
    struct stored_beat *beats;
    size_t beat_count, beat_capacity;
    struct buf waves; /* of beats that were stored before */
    struct buf findings[FINDING_KINDS];
    int64_t *ended; /* sessions: what is open in them ends */
    size_t ended_count, ended_capacity;
    bool failed;
};

void results_free(struct results *results);
void results_clear(struct results *results); /* keeps the memory */
bool results_ok(const struct results *results);
bool results_empty(const struct results *results);

void results_add_beat(struct results *results, const struct stored_beat *beat);
/* Waves of a beat that is among the results, or was stored before. */
void results_add_waves(struct results *results, int64_t session_key, int64_t time_us, const struct stored_waves *waves);
void results_add(struct results *results, enum finding kind, const char *json, size_t length);
void results_end_session(struct results *results, int64_t session_key);

struct stored_waves stored_waves_of(const struct ecg_beat_waves *waves);

/* Inside a transaction of the caller's. The beats' own sources count. */
HL_MUST_CHECK hl_result results_store(struct db *db, const struct results *results);

/* In a transaction of its own: stores all, beats as computed, and takes the chunks out of the queue; all or nothing. */
HL_MUST_CHECK hl_result results_done(struct db *db, const int64_t *waveform_ids, size_t count,
                                     const struct results *results);
