/* The analysis queue. */
#include "store/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "queries.h"
#include "store/samples.h"

static char *keep(struct arena *arena, const struct db_rows *rows, int row, int column)
{
    const char *text = db_get_text(rows, row, column);
    return arena_copy(arena, text ? text : "", text ? strlen(text) : 0);
}

static size_t read_lead_names(const char *names, enum ecg_lead leads[ECG_MAX_LEADS])
{
    size_t count = 0;
    while (names && *names) {
        size_t length = strcspn(names, ",");
        if (count == ECG_MAX_LEADS || !ecg_lead_from_name(names, length, &leads[count++]))
            return 0;
        names += length + (names[length] == ',');
    }
    return count;
}

/* Counts of a device that declared its gain are millivolts. */
static void calibrate(struct ecg_chunk *chunk, float *block, double gain_adu_per_mv, double baseline_adu)
{
    if (chunk->units != ECG_UNITS_ADU || isnan(gain_adu_per_mv))
        return;
    double baseline = isnan(baseline_adu) ? 0 : baseline_adu;
    for (size_t i = 0; i < chunk->lead_count * chunk->sample_count; i++)
        block[i] = (float)(((double)block[i] - baseline) / gain_adu_per_mv);
    chunk->units = ECG_UNITS_MV;
}

/* HL_INVALID: they cannot be read, now or ever. No sample takes less than a byte, so damage asks for no huge block. */
static hl_result read_samples(struct arena *arena, const struct db_rows *rows, int row, struct ecg_chunk *chunk)
{
    size_t length;
    const void *packed = db_get_bytes(rows, row, 12, &length);
    chunk->lead_count = read_lead_names(db_get_text(rows, row, 10), chunk->leads);
    if (!packed || chunk->lead_count == 0 || chunk->sample_count > length / chunk->lead_count ||
        !isfinite(chunk->fs_hz) || chunk->fs_hz <= 0)
        return HL_INVALID;
    float *block = arena_calloc(arena, chunk->lead_count * chunk->sample_count, sizeof *block);
    if (!block)
        return HL_NO_MEMORY;
    for (size_t lead = 0; lead < chunk->lead_count; lead++) {
        float *samples = block + lead * chunk->sample_count;
        chunk->samples[lead] = samples;
        if (samples_unpack(packed, length, lead, samples, chunk->sample_count) != HL_OK)
            return HL_INVALID;
    }
    calibrate(chunk, block, db_get_double(rows, row, 8), db_get_double(rows, row, 9));
    return HL_OK;
}

static hl_result read_chunk(struct arena *arena, const struct db_rows *rows, int row, struct analysis_chunk *out)
{
    *out = (struct analysis_chunk){
        .waveform_id = db_get_int(rows, row, 0),
        .session_key = db_get_int(rows, row, 1),
        .session_id = keep(arena, rows, row, 2),
        .patient = keep(arena, rows, row, 3),
        .received_us = db_get_time(rows, row, 5),
        .late = db_get_bool(rows, row, 13),
    };
    if (!out->session_id || !out->patient)
        return HL_NO_MEMORY;
    if (db_is_null(rows, row, 4))
        return HL_OK;
    out->chunk = (struct ecg_chunk){
        .start_us = db_get_time(rows, row, 4),
        .fs_hz = db_get_double(rows, row, 6),
        .units = strcmp(db_get_text(rows, row, 7), "adu") == 0 ? ECG_UNITS_ADU : ECG_UNITS_MV,
        .sample_count = (size_t)db_get_int(rows, row, 11),
    };
    hl_result code = read_samples(arena, rows, row, &out->chunk);
    out->readable = code == HL_OK;
    return code == HL_INVALID ? HL_OK : code;
}

static hl_result read_chunks(struct arena *arena, struct db_rows *rows, struct analysis_chunk **chunks, size_t *count)
{
    hl_result code = HL_OK;
    *count = (size_t)rows->count;
    *chunks = arena_calloc(arena, *count + 1, sizeof **chunks);
    if (!*chunks)
        code = HL_NO_MEMORY;
    for (int row = 0; code == HL_OK && row < rows->count; row++)
        code = read_chunk(arena, rows, row, &(*chunks)[row]);
    db_rows_free(rows);
    return code;
}

hl_result analysis_waiting(struct db *db, struct arena *arena, int limit, int64_t after_session,
                           struct analysis_chunk **chunks, size_t *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int4(&args, limit);
    db_int(&args, after_session);
    hl_result code = db_run_repeatable(db, &query_live_analysis_queue, &args, &rows);
    return code == HL_OK ? read_chunks(arena, &rows, chunks, count) : code;
}

hl_result analysis_before(struct db *db, struct arena *arena, int64_t session_key, int64_t from_us, int64_t until_us,
                          struct analysis_chunk **chunks, size_t *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int(&args, session_key);
    db_time(&args, from_us);
    db_time(&args, until_us);
    hl_result code = db_run_repeatable(db, &query_live_analysis_before, &args, &rows);
    return code == HL_OK ? read_chunks(arena, &rows, chunks, count) : code;
}

hl_result analysis_past(struct db *db, int64_t session_key, struct analysis_past *past)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int(&args, session_key);
    hl_result code = db_run_repeatable(db, &query_live_analysis_past, &args, &rows);
    if (code == HL_OK)
        *past = (struct analysis_past){
            .first_us = db_get_time(&rows, 0, 0),
            .end_us = db_get_time(&rows, 0, 1),
            .last_beat_us = db_get_time(&rows, 0, 2),
            .last_beat_n = db_get_int(&rows, 0, 3),
        };
    db_rows_free(&rows);
    return code;
}

static char first_char(const char *text)
{
    return text ? text[0] : '\0';
}

hl_result analysis_beats_since(struct db *db, int64_t session_key, int64_t from_us,
                               void (*each)(void *context, const struct analysis_beat *beat), void *context)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int(&args, session_key);
    db_time(&args, from_us);
    hl_result code = db_run_repeatable(db, &query_live_beats_since, &args, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct analysis_beat beat = {
            .time_us = db_get_time(&rows, i, 0),
            .n = db_get_int(&rows, i, 1),
            .code = first_char(db_get_text(&rows, i, 2)),
            .rr_ms = db_get_double(&rows, i, 3),
            .anomaly = first_char(db_get_text(&rows, i, 4)),
        };
        each(context, &beat);
    }
    db_rows_free(&rows);
    return code;
}

hl_result analysis_findings_past(struct db *db, int64_t session_key, int64_t until_us,
                                 void (*each)(void *context, const struct analysis_finding *finding), void *context)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_int(&args, session_key);
    db_time(&args, until_us);
    hl_result code = db_run_repeatable(db, &query_live_findings_past, &args, &rows);
    for (int i = 0; code == HL_OK && i < rows.count; i++) {
        struct analysis_finding finding = {
            .what = db_get_text(&rows, i, 0),
            .name = db_get_text(&rows, i, 1),
            .word = db_get_text(&rows, i, 2),
            .time_us = db_get_time(&rows, i, 3),
            .until_us = db_get_time(&rows, i, 4),
            .n = db_get_int(&rows, i, 5),
            .open = db_get_bool(&rows, i, 6),
        };
        each(context, &finding);
    }
    db_rows_free(&rows);
    return code;
}
