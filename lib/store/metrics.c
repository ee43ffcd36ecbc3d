/* Metrics in and out. */
#include "store/metrics.h"

#include "queries.h"

const struct metric_kind metric_kinds[METRIC_COUNT] = {
    [METRIC_HEART_RATE] = {"heart_rate", 0, 1000},      [METRIC_PR_INTERVAL] = {"pr_interval", 0, 10000},
    [METRIC_QRS_DURATION] = {"qrs_duration", 0, 10000}, [METRIC_QRS_AXIS] = {"qrs_axis", -360, 360},
    [METRIC_ST_SEGMENT] = {"st_segment", -1e6, 1e6},    [METRIC_QT_INTERVAL] = {"qt_interval", 0, 10000},
    [METRIC_QTC_INTERVAL] = {"qtc_interval", 0, 10000}, [METRIC_HRV] = {"hrv", 0, 100000},
    [METRIC_RR_INTERVAL] = {"rr_interval", 0, 100000},  [METRIC_SAMPLING_RATE] = {"sampling_rate", 0.001, 1e6},
};

static void add_optional_bool(struct db_args *args, int value)
{
    db_double(args, value < 0 ? __builtin_nan("") : (double)value);
}

static hl_result find_repeat(struct db *db, const char *user_id, const char *session_id, struct metrics *metrics,
                             int64_t *session_key)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    db_text(&args, session_id);
    db_time(&args, metrics->time_us);
    db_bytes(&args, metrics->content_hash, CONTENT_HASH_BYTES);
    hl_result result = db_run_repeatable(db, &query_metric_repeat, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK) {
        metrics->metric_id = db_get_int(&rows, 0, 0);
        *session_key = db_get_int(&rows, 0, 1);
    }
    db_rows_free(&rows);
    return result;
}

hl_result metrics_insert(struct db *db, const char *user_id, const char *session_id, struct metrics *metrics,
                         int64_t *session_key, bool *repeated)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    db_text(&args, session_id);
    db_time(&args, metrics->time_us);
    for (int i = 0; i < METRIC_COUNT; i++)
        (i == METRIC_SAMPLING_RATE ? db_double : db_real)(&args, metrics->values[i]);
    add_optional_bool(&args, metrics->is_recording);
    db_text(&args, metrics->signal_quality);
    add_optional_bool(&args, metrics->demo_mode);
    db_json(&args, metrics->extra);
    db_bytes(&args, metrics->content_hash, CONTENT_HASH_BYTES);
    hl_result result = db_run_repeatable(db, &query_metric_insert, &args, &rows);
    if (result != HL_OK)
        return result;
    *repeated = rows.count == 0;
    if (!*repeated) {
        metrics->metric_id = db_get_int(&rows, 0, 0);
        *session_key = db_get_int(&rows, 0, 1);
    }
    db_rows_free(&rows);
    return *repeated ? find_repeat(db, user_id, session_id, metrics, session_key) : HL_OK;
}

static void read_row(struct arena *arena, const struct db_rows *rows, int row, struct metrics *out)
{
    *out = (struct metrics){
        .metric_id = db_get_int(rows, row, 0),
        .time_us = db_get_time(rows, row, 1),
        .received_us = db_get_time(rows, row, 2),
        .source = db_keep_text(arena, rows, row, 3),
        .is_recording = db_is_null(rows, row, 14) ? -1 : db_get_bool(rows, row, 14),
        .signal_quality = db_keep_text(arena, rows, row, 15),
        .demo_mode = db_is_null(rows, row, 16) ? -1 : db_get_bool(rows, row, 16),
        .extra = db_keep_text(arena, rows, row, 17),
        .late = db_get_bool(rows, row, 18),
    };
    for (int i = 0; i < METRIC_COUNT; i++)
        out->values[i] = db_get_double(rows, row, 4 + i);
}

void data_page_args(struct db_args *args, const struct data_page *page)
{
    db_int(args, page->session_key);
    db_time(args, page->from_us);
    db_time(args, page->to_us);
    db_time(args, page->after_us);
    db_int(args, page->after_id);
    db_int(args, page->limit);
}

hl_result metrics_list(struct db *db, struct arena *arena, const struct data_page *page, const char *source,
                       struct metrics **metrics, int *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    data_page_args(&args, page);
    db_text(&args, source);
    hl_result result = db_run_repeatable(db, &query_metric_list, &args, &rows);
    if (result == HL_OK) {
        *count = rows.count;
        *metrics = arena_calloc(arena, (size_t)rows.count + 1, sizeof **metrics);
        result = *metrics ? HL_OK : HL_NO_MEMORY;
    }
    for (int row = 0; result == HL_OK && row < rows.count; row++)
        read_row(arena, &rows, row, &(*metrics)[row]);
    db_rows_free(&rows);
    return result;
}
