/* Reports in and out. The file itself is the business of service/reports.c. */
#include "store/reports.h"

#include "queries.h"

static void optional_int(struct db_args *args, int64_t value, int64_t none)
{
    db_double(args, value == none ? __builtin_nan("") : (double)value);
}

hl_result reports_insert(struct db *db, struct report *report, int64_t session_key, const char *uploaded_by,
                         const unsigned char sha256[32])
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, report->user_id);
    optional_int(&args, session_key, 0);
    db_uuid(&args, uploaded_by);
    db_text(&args, report->filename);
    db_bytes(&args, sha256, 32);
    db_int(&args, report->size_bytes);
    db_time(&args, report->report_time_us);
    db_text(&args, report->patient_name);
    optional_int(&args, report->patient_age, -1);
    db_text(&args, report->conclusion);
    db_json(&args, report->metrics);
    db_json(&args, report->metadata);
    hl_result result = db_run_repeatable(db, &query_report_insert, &args, &rows);
    if (result == HL_OK)
        report->report_key = db_get_int(&rows, 0, 0);
    db_rows_free(&rows);
    return result;
}

static void read_row(struct arena *arena, const struct db_rows *rows, int row, struct report *out)
{
    *out = (struct report){
        .report_key = db_get_int(rows, row, 0),
        .user_id = db_keep_text(arena, rows, row, 1),
        .session_id = db_keep_text(arena, rows, row, 2),
        .filename = db_keep_text(arena, rows, row, 3),
        .size_bytes = db_get_int(rows, row, 4),
        .sha256_hex = db_keep_text(arena, rows, row, 5),
        .created_us = db_get_time(rows, row, 6),
        .report_time_us = db_get_time(rows, row, 7),
        .patient_name = db_keep_text(arena, rows, row, 8),
        .patient_age = db_is_null(rows, row, 9) ? -1 : (int)db_get_int(rows, row, 9),
        .conclusion = db_keep_text(arena, rows, row, 10),
        .metrics = db_keep_text(arena, rows, row, 11),
    };
}

hl_result reports_get(struct db *db, struct arena *arena, int64_t report_key, struct report *report)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int(&args, report_key);
    hl_result result = db_run_repeatable(db, &query_report_get, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK)
        read_row(arena, &rows, 0, report);
    db_rows_free(&rows);
    return result;
}

hl_result reports_list(struct db *db, struct arena *arena, const char *user_id, int64_t session_key, int64_t before_key,
                       int limit, struct report **reports, int *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    optional_int(&args, session_key, 0);
    optional_int(&args, before_key, 0);
    db_int(&args, limit);
    hl_result result = db_run_repeatable(db, &query_report_list, &args, &rows);
    if (result == HL_OK) {
        *count = rows.count;
        *reports = arena_calloc(arena, (size_t)rows.count + 1, sizeof **reports);
        result = *reports ? HL_OK : HL_NO_MEMORY;
    }
    for (int row = 0; result == HL_OK && row < rows.count; row++)
        read_row(arena, &rows, row, &(*reports)[row]);
    db_rows_free(&rows);
    return result;
}
