/* What live reads to know whom to show: patients, their newest sessions, and what devices reported. Rows are told one
by one; what is passed is valid during the call only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

struct live_session {
    int64_t session_key;
    const char *patient, *name, *session_id;
    bool is_virtual; /* false where the query cannot tell virtual ones, since it leaves them out */
    bool active;
    double age_years;   /* NAN: unknown, or not asked */
    const char *gender; /* as the person's record says; NULL: unknown, or not asked */
    int64_t start_us;
    int64_t last_signal_us; /* end of the session or of its newest chunk; DB_NO_TIME: none, or not asked */
};
typedef void live_session_fn(void *context, const struct live_session *session);

/* Patients of the last day and virtual ones, with their newest session. */
HL_MUST_CHECK hl_result live_load_patients(struct db *db, live_session_fn *each, void *context);
/* Sessions of real patients with a key above. */
HL_MUST_CHECK hl_result live_sessions_after(struct db *db, int64_t session_key, live_session_fn *each, void *context);
/* One session; HL_NOT_FOUND. */
HL_MUST_CHECK hl_result live_session(struct db *db, int64_t session_key, live_session_fn *each, void *context);

/* Those of the given sessions that have ended. */
HL_MUST_CHECK hl_result live_ended(struct db *db, const int64_t *session_keys, size_t count,
                                   void (*each)(void *context, int64_t session_key, int64_t end_us), void *context);

struct live_metrics {
    int64_t metric_id, session_key, time_us;
    bool late;                    /* not of now, or not of a device */
    double heart_rate_bpm, rr_ms; /* NAN: not reported */
    const char *json;             /* an object with every number it reported */
};
HL_MUST_CHECK hl_result live_metrics_after(struct db *db, int64_t metric_id,
                                           void (*each)(void *context, const struct live_metrics *metrics),
                                           void *context);

struct live_event {
    const char *patient, *session_id, *kind, *text; /* session_id NULL: in no session */
    int64_t time_us;
};
/* What was noted of each patient lately, oldest first. */
HL_MUST_CHECK hl_result live_load_events(struct db *db, void (*each)(void *context, const struct live_event *event),
                                         void *context);

/* The greatest keys there are now. */
HL_MUST_CHECK hl_result live_cursors(struct db *db, int64_t *session_key, int64_t *metric_id);
