/* Rows to structs, nothing more. */
#include "store/live_state.h"

#include "queries.h"

hl_result live_load_patients(struct db *db, live_session_fn *each, void *context)
{
    struct db_rows rows;
    hl_result code = db_run_repeatable(db, &query_live_patients, NULL, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct live_session session = {
            .patient = db_get_text(&rows, i, 0),
            .name = db_get_text(&rows, i, 1),
            .is_virtual = db_get_bool(&rows, i, 2),
            .session_key = db_get_int(&rows, i, 3),
            .session_id = db_get_text(&rows, i, 4),
            .active = db_get_bool(&rows, i, 5),
            .start_us = db_get_time(&rows, i, 6),
            .last_signal_us = db_get_time(&rows, i, 7),
            .age_years = db_get_double(&rows, i, 8),
            .gender = db_get_text(&rows, i, 9),
        };
        each(context, &session);
    }
    db_rows_free(&rows);
    return code;
}

static hl_result tell_sessions(struct db *db, const struct db_query *query, int64_t key, live_session_fn *each,
                               void *context, int *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int(&args, key);
    hl_result code = db_run_repeatable(db, query, &args, &rows);
    *count = rows.count;
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct live_session session = {
            .session_key = db_get_int(&rows, i, 0),
            .patient = db_get_text(&rows, i, 1),
            .name = db_get_text(&rows, i, 2),
            .session_id = db_get_text(&rows, i, 3),
            .active = db_get_bool(&rows, i, 4),
            .start_us = db_get_time(&rows, i, 5),
            .age_years = db_get_double(&rows, i, 6),
            .gender = db_get_text(&rows, i, 7),
            .last_signal_us = DB_NO_TIME,
        };
        each(context, &session);
    }
    db_rows_free(&rows);
    return code;
}

hl_result live_sessions_after(struct db *db, int64_t session_key, live_session_fn *each, void *context)
{
    int count;
    return tell_sessions(db, &query_live_sessions_new, session_key, each, context, &count);
}

hl_result live_session(struct db *db, int64_t session_key, live_session_fn *each, void *context)
{
    int count;
    hl_result code = tell_sessions(db, &query_live_session, session_key, each, context, &count);
    return code == HL_OK && count == 0 ? HL_NOT_FOUND : code;
}

hl_result live_ended(struct db *db, const int64_t *session_keys, size_t count,
                     void (*each)(void *context, int64_t session_key, int64_t end_us), void *context)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int_array(&args, session_keys, count);
    hl_result code = db_run_repeatable(db, &query_live_sessions_ended, &args, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++)
        each(context, db_get_int(&rows, i, 0), db_get_time(&rows, i, 1));
    db_rows_free(&rows);
    return code;
}

hl_result live_metrics_after(struct db *db, int64_t metric_id,
                             void (*each)(void *context, const struct live_metrics *metrics), void *context)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int(&args, metric_id);
    hl_result code = db_run_repeatable(db, &query_live_metrics_new, &args, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct live_metrics metrics = {
            .metric_id = db_get_int(&rows, i, 0),
            .session_key = db_get_int(&rows, i, 1),
            .time_us = db_get_time(&rows, i, 2),
            .late = db_get_bool(&rows, i, 3),
            .heart_rate_bpm = db_get_double(&rows, i, 4),
            .rr_ms = db_get_double(&rows, i, 5),
            .json = db_get_text(&rows, i, 6),
        };
        each(context, &metrics);
    }
    db_rows_free(&rows);
    return code;
}

hl_result live_load_events(struct db *db, void (*each)(void *context, const struct live_event *event), void *context)
{
    struct db_rows rows;
    hl_result code = db_run_repeatable(db, &query_live_events, NULL, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct live_event event = {
            .patient = db_get_text(&rows, i, 0),
            .session_id = db_get_text(&rows, i, 1),
            .time_us = db_get_time(&rows, i, 2),
            .kind = db_get_text(&rows, i, 3),
            .text = db_get_text(&rows, i, 4),
        };
        each(context, &event);
    }
    db_rows_free(&rows);
    return code;
}

hl_result live_cursors(struct db *db, int64_t *session_key, int64_t *metric_id)
{
    struct db_rows rows;
    hl_result code = db_run_repeatable(db, &query_live_cursors, NULL, &rows);
    if (code == HL_OK) {
        *session_key = db_get_int(&rows, 0, 0);
        *metric_id = db_get_int(&rows, 0, 1);
    }
    db_rows_free(&rows);
    return code;
}
