/* Patients and the making of virtual ones. */
#include "store/patients.h"

#include "queries.h"

hl_result patients_list(struct db *db, struct arena *arena, const char *only_id, int limit, struct patient **patients,
                        int *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, only_id);
    db_int(&args, limit);
    hl_result result = db_run_repeatable(db, &query_patient_list, &args, &rows);
    if (result == HL_OK) {
        *count = rows.count;
        *patients = arena_calloc(arena, (size_t)rows.count + 1, sizeof **patients);
        result = *patients ? HL_OK : HL_NO_MEMORY;
    }
    for (int row = 0; result == HL_OK && row < rows.count; row++)
        (*patients)[row] = (struct patient){
            .user_id = db_keep_text(arena, &rows, row, 0),
            .full_name = db_keep_text(arena, &rows, row, 1),
            .is_virtual = db_get_bool(&rows, row, 2),
            .session_id = db_keep_text(arena, &rows, row, 3),
            .state = db_keep_text(arena, &rows, row, 4),
            .heart_rate_bpm = db_get_double(&rows, row, 5),
            .last_sample_us = db_get_time(&rows, row, 6),
        };
    db_rows_free(&rows);
    return result;
}

hl_result virtual_create(struct db *db, struct arena *arena, struct virtual_patient *patient)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, patient->full_name);
    db_double(&args, patient->heart_rate_bpm);
    db_int(&args, patient->seed);
    db_uuid(&args, patient->created_by);
    db_text(&args, patient->session_id);
    db_json(&args, patient->device_info);
    hl_result result = db_run(db, &query_virtual_create, &args, &rows);
    if (result == HL_OK) {
        patient->user_id = db_keep_text(arena, &rows, 0, 0);
        patient->session_key = db_get_int(&rows, 0, 1);
    }
    db_rows_free(&rows);
    return result;
}

hl_result virtual_remove(struct db *db, const char *user_id)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    hl_result result = db_run_repeatable(db, &query_virtual_remove, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    db_rows_free(&rows);
    return result;
}

hl_result virtual_inject(struct db *db, const char *user_id, const char *anomaly, const char *requested_by,
                         int64_t *command_id)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    db_text(&args, anomaly);
    db_uuid(&args, requested_by);
    hl_result result = db_run(db, &query_virtual_command_insert, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK)
        *command_id = db_get_int(&rows, 0, 0);
    db_rows_free(&rows);
    return result;
}

hl_result virtual_count(struct db *db, int64_t *count)
{
    struct db_rows rows;
    hl_result result = db_run_repeatable(db, &query_virtual_count, NULL, &rows);
    if (result == HL_OK)
        *count = db_get_int(&rows, 0, 0);
    db_rows_free(&rows);
    return result;
}
