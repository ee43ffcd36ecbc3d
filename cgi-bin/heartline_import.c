/* `heartline import PATH/100 --as NAME`: a WFDB record becomes a session of a patient, cut into chunks that take the
same way as a device's, analysis included. A record without a date is taken to end now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "heartline.h"
#include "queries.h"
#include "record/wfdb.h"
#include "service/account.h"
#include "service/ingest.h"

static const double chunk_s = 5.0;

/* The patient of this name, made when there is none. */
static hl_result find_patient(struct service *service, struct arena *arena, const char *name, const char **user_id,
                              struct hl_error *error)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, name);
    hl_result result = db_run(service->db, &query_patient_by_name, &args, &rows);
    int count = result == HL_OK ? rows.count : 0;
    if (count == 1)
        *user_id = db_keep_text(arena, &rows, 0, 0);
    db_rows_free(&rows);
    if (result != HL_OK || count == 1)
        return result;
    if (count > 1)
        return hl_fail(error, HL_CONFLICT, "--as", "more than one patient is called %s", name);
    struct user user = {.full_name = name, .age = -1, .role = ROLE_PATIENT};
    result = users_insert(service->db, arena, &user);
    *user_id = user.user_id;
    return result;
}

struct import {
    struct service *service;
    struct wfdb_record *record;
    const char *user_id, *session_id;
    int64_t start_us;
    float *samples; /* lead_count * chunk_samples */
    size_t chunk_samples;
};

static hl_result import_chunk(struct import *import, int64_t first, size_t count, struct hl_error *error)
{
    struct waveform waveform = {.gain_adu_per_mv = __builtin_nan(""), .baseline_adu = __builtin_nan("")};
    bool repeated;
    hl_result result = wfdb_chunk(import->record, first, count, import->start_us, import->samples,
                                  import->chunk_samples * ECG_MAX_LEADS, &waveform.chunk, error);
    if (result == HL_OK)
        result = ingest_waveform(import->service, import->user_id, import->session_id, &waveform, &repeated, error);
    return result;
}

static hl_result import_signal(struct import *import, struct hl_error *error)
{
    hl_result result = HL_OK;
    int64_t total = import->record->sample_count;
    for (int64_t first = 0; result == HL_OK && first < total; first += (int64_t)import->chunk_samples) {
        int64_t left = total - first;
        size_t count = left < (int64_t)import->chunk_samples ? (size_t)left : import->chunk_samples;
        result = import_chunk(import, first, count, error);
    }
    return result;
}

static hl_result import_record(struct import *import, struct arena *arena, const char *path, const char *name,
                               struct hl_error *error)
{
    struct wfdb_record *record = import->record;
    int64_t duration_us = (int64_t)((double)record->sample_count / record->fs_hz * 1e6);
    import->start_us = record->has_start ? record->start_us : clock_now_us() - duration_us;
    import->chunk_samples = (size_t)(chunk_s * record->fs_hz) + 1;
    import->samples = calloc(import->chunk_samples * ECG_MAX_LEADS, sizeof *import->samples);
    if (!import->samples)
        return HL_NO_MEMORY;
    struct session_start start = {
        .start_us = import->start_us,
        .device_start_us = import->start_us,
        .device_serial = path,
        .origin = "import",
    };
    hl_result result = find_patient(import->service, arena, name, &import->user_id, error);
    start.user_id = import->user_id;
    if (result == HL_OK)
        result = ingest_start(import->service, arena, &start, &import->session_id, error);
    if (result == HL_OK)
        result = import_signal(import, error);
    struct session_end end = {.end_us = import->start_us + duration_us,
                              .duration_s = (double)duration_us / 1e6,
                              .average_heart_rate_bpm = __builtin_nan(""),
                              .total_heartbeats = __builtin_nan("")};
    if (result == HL_OK)
        result = ingest_end(import->service, import->user_id, import->session_id, &end, error);
    return result;
}

int heartline_import(int argc, char **argv)
{
    const char *name = command_option(argc, argv, "--as");
    struct service service;
    struct arena *arena;
    struct hl_error error = {0};
    if (argc != 4 || !name) {
        fprintf(stderr, "usage: heartline import PATH/RECORD --as NAME\n");
        return 2;
    }
    const char *path = strcmp(argv[1], "--as") == 0 ? argv[3] : argv[1];
    const char *slash = strrchr(path, '/');
    struct import import = {.service = &service};
    hl_result result = wfdb_open(path, &import.record, &error);
    if (result != HL_OK)
        return command_failed("import", result, &error);
    if (!command_open(&service, &arena)) {
        wfdb_close(import.record);
        return 1;
    }
    result = import_record(&import, arena, slash ? slash + 1 : path, name, &error);
    if (result == HL_OK)
        printf("%s %s: %lld samples of each lead\n", import.user_id, import.session_id,
               (long long)import.record->sample_count);
    free(import.samples);
    wfdb_close(import.record);
    command_close(&service, arena);
    return result == HL_OK ? 0 : command_failed("import", result, &error);
}
