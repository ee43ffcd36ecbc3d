/* Sessions: starting, ending, finding. */
#include "store/sessions.h"

#include <string.h>

#include "queries.h"

static hl_result take_key_and_id(struct arena *arena, struct db_rows *rows, int64_t *session_key,
                                 const char **session_id)
{
    hl_result result = HL_NOT_FOUND;
    if (rows->count > 0) {
        *session_key = db_get_int(rows, 0, 0);
        *session_id = db_keep_text(arena, rows, 0, 1);
        result = *session_id ? HL_OK : HL_NO_MEMORY;
    }
    db_rows_free(rows);
    return result;
}

hl_result sessions_start(struct db *db, struct arena *arena, const struct session_start *start, int64_t *session_key,
                         const char **session_id, bool *repeated)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, start->session_id);
    db_uuid(&args, start->user_id);
    db_text(&args, start->device_serial);
    db_time(&args, start->start_us);
    db_time(&args, start->device_start_us);
    db_text(&args, start->origin);
    db_json(&args, start->device_info);
    hl_result result = db_run_repeatable(db, &query_session_start, &args, &rows);
    if (result != HL_OK)
        return result;
    *repeated = rows.count == 0;
    if (!*repeated)
        return take_key_and_id(arena, &rows, session_key, session_id);
    db_rows_free(&rows);
    args = (struct db_args){0};
    db_text(&args, start->session_id);
    db_uuid(&args, start->user_id);
    db_text(&args, start->device_serial);
    db_time(&args, start->device_start_us);
    result = db_run_repeatable(db, &query_session_restart, &args, &rows);
    return result == HL_OK ? take_key_and_id(arena, &rows, session_key, session_id) : result;
}

hl_result sessions_find_own(struct db *db, const char *user_id, const char *session_id, int64_t *session_key)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    db_text(&args, session_id);
    hl_result result = db_run_repeatable(db, &query_session_find_own, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK)
        *session_key = db_get_int(&rows, 0, 0);
    db_rows_free(&rows);
    return result;
}

hl_result sessions_end(struct db *db, const char *user_id, const char *session_id, const struct session_end *end,
                       int64_t *session_key)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    db_text(&args, session_id);
    db_time(&args, end->end_us);
    db_double(&args, end->duration_s);
    db_double(&args, end->total_heartbeats);
    db_double(&args, end->average_heart_rate_bpm);
    db_json(&args, end->arrhythmias);
    db_text(&args, end->signal_quality);
    db_json(&args, end->summary);
    hl_result result = db_run_repeatable(db, &query_session_end, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK)
        *session_key = db_get_int(&rows, 0, 0);
    db_rows_free(&rows);
    return result;
}

static void read_listed(struct arena *arena, const struct db_rows *rows, int row, struct session *out)
{
    *out = (struct session){
        .session_id = db_keep_text(arena, rows, row, 0),
        .device_serial = db_keep_text(arena, rows, row, 1),
        .start_us = db_get_time(rows, row, 2),
        .end_us = db_get_time(rows, row, 3),
        .status = db_keep_text(arena, rows, row, 4),
        .origin = db_keep_text(arena, rows, row, 5),
        .duration_s = db_get_double(rows, row, 6),
        .average_heart_rate_bpm = db_get_double(rows, row, 7),
        .total_heartbeats = db_is_null(rows, row, 8) ? -1 : db_get_int(rows, row, 8),
        .signal_quality = db_keep_text(arena, rows, row, 9),
        .arrhythmias = db_keep_text(arena, rows, row, 10),
        .session_key = db_get_int(rows, row, 11),
    };
}

hl_result sessions_list(struct db *db, struct arena *arena, const struct session_page *page, struct session **sessions,
                        int *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, page->user_id);
    db_time(&args, page->before_us);
    db_int(&args, page->before_key);
    db_time(&args, page->from_us);
    db_time(&args, page->to_us);
    db_int(&args, page->limit);
    hl_result result = db_run_repeatable(db, &query_session_list, &args, &rows);
    if (result == HL_OK) {
        *count = rows.count;
        *sessions = arena_calloc(arena, (size_t)rows.count + 1, sizeof **sessions);
        result = *sessions ? HL_OK : HL_NO_MEMORY;
    }
    for (int row = 0; result == HL_OK && row < rows.count; row++)
        read_listed(arena, &rows, row, &(*sessions)[row]);
    db_rows_free(&rows);
    return result;
}

hl_result sessions_by_id(struct db *db, struct arena *arena, const char *session_id, const char *owner_id,
                         struct session *session)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, session_id);
    db_uuid(&args, owner_id);
    hl_result result = db_run_repeatable(db, &query_session_by_id, &args, &rows);
    if (result == HL_OK && rows.count != 1)
        result = rows.count == 0 ? HL_NOT_FOUND : HL_CONFLICT;
    if (result == HL_OK)
        *session = (struct session){
            .session_key = db_get_int(&rows, 0, 0),
            .session_id = session_id,
            .user_id = db_keep_text(arena, &rows, 0, 1),
            .start_us = db_get_time(&rows, 0, 2),
            .end_us = db_get_time(&rows, 0, 3),
            .status = db_keep_text(arena, &rows, 0, 4),
            .device_serial = db_keep_text(arena, &rows, 0, 5),
            .full_name = db_keep_text(arena, &rows, 0, 6),
        };
    db_rows_free(&rows);
    return result;
}
