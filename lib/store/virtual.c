/* Virtual patients as live sees them. */
#include "store/virtual.h"

#include <math.h>

#include "queries.h"
#include "store/samples.h"

hl_result virtual_load(struct db *db, void (*each)(void *context, const struct virtual_row *row), void *context)
{
    struct db_rows rows;
    hl_result code = db_run_repeatable(db, &query_live_virtual_list, NULL, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct virtual_row row = {
            .patient = db_get_text(&rows, i, 0),
            .name = db_get_text(&rows, i, 1),
            .session_id = db_get_text(&rows, i, 2),
            .session_key = db_get_int(&rows, i, 3),
            .seed = db_get_int(&rows, i, 4),
            .heart_rate_bpm = db_get_double(&rows, i, 5),
            .start_us = db_get_time(&rows, i, 6),
        };
        each(context, &row);
    }
    db_rows_free(&rows);
    return code;
}

hl_result virtual_orders(struct db *db, void (*each)(void *context, const struct virtual_order *order), void *context)
{
    struct db_rows rows;
    hl_result code = db_run_repeatable(db, &query_live_virtual_commands, NULL, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct virtual_order order = {
            .command_id = db_get_int(&rows, i, 0),
            .patient = db_get_text(&rows, i, 1),
            .anomaly = db_get_text(&rows, i, 2),
        };
        each(context, &order);
    }
    db_rows_free(&rows);
    return code;
}

hl_result virtual_orders_done(struct db *db, const int64_t *command_ids, const int64_t *times_us, size_t count)
{
    struct db_args args = {0};
    db_int_array(&args, command_ids, count);
    db_time_array(&args, times_us, count);
    return db_run_repeatable(db, &query_live_virtual_commands_done, &args, NULL);
}

hl_result virtual_store_signal(struct db *db, int64_t session_key, const struct ecg_chunk *chunk, struct buf *scratch)
{
    struct db_args args = {0};
    const char *names[ECG_MAX_LEADS];
    buf_clear(scratch);
    for (size_t i = 0; i < chunk->lead_count; i++) {
        names[i] = ecg_lead_name(chunk->leads[i]);
        samples_pack(scratch, chunk->samples[i], chunk->sample_count);
    }
    if (!buf_ok(scratch))
        return HL_NO_MEMORY;
    db_int(&args, session_key);
    db_time(&args, chunk->start_us);
    db_time(&args, chunk->start_us + (int64_t)llround((double)chunk->sample_count * 1e6 / chunk->fs_hz));
    db_double(&args, chunk->fs_hz);
    db_text_array(&args, names, chunk->lead_count);
    db_int4(&args, (int32_t)chunk->sample_count);
    db_bytes(&args, scratch->data, scratch->length);
    return db_run_repeatable(db, &query_live_signal_insert, &args, NULL);
}

hl_result virtual_close_episodes(struct db *db)
{
    return db_run_repeatable(db, &query_live_virtual_episodes_close, NULL, NULL);
}

hl_result virtual_expire_signal(struct db *db, int hours, int64_t *deleted)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int4(&args, hours);
    hl_result code = db_run_repeatable(db, &query_live_signal_expire, &args, &rows);
    *deleted = code == HL_OK ? db_get_int(&rows, 0, 0) : 0;
    db_rows_free(&rows);
    return code;
}

hl_result virtual_ensure_partitions(struct db *db)
{
    return db_run_repeatable(db, &query_live_partitions_ensure, NULL, NULL);
}
