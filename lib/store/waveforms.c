/* Chunks in and out. What makes two chunks the same: session, time, and this hash over all that was said of it. */
#include "store/waveforms.h"

#include <math.h>
#include <openssl/sha.h>
#include <string.h>

#include "queries.h"
#include "store/samples.h"

static const char *const unit_names[] = {[ECG_UNITS_MV] = "mV", [ECG_UNITS_ADU] = "adu"};

int64_t chunk_end_us(const struct ecg_chunk *chunk)
{
    return chunk->start_us + llround((double)chunk->sample_count * 1e6 / chunk->fs_hz);
}

static void content_hash(const struct waveform *waveform, const struct buf *packed,
                         unsigned char hash[CONTENT_HASH_BYTES])
{
    const struct ecg_chunk *chunk = &waveform->chunk;
    struct {
        double fs_hz, gain, baseline;
        uint64_t sample_count, units, lead_count;
        uint8_t leads[ECG_MAX_LEADS + 7];
    } said = {.fs_hz = chunk->fs_hz,
              .gain = isnan(waveform->gain_adu_per_mv) ? 0 : waveform->gain_adu_per_mv,
              .baseline = isnan(waveform->baseline_adu) ? 0 : waveform->baseline_adu,
              .sample_count = chunk->sample_count,
              .units = chunk->units,
              .lead_count = chunk->lead_count};
    for (size_t i = 0; i < chunk->lead_count; i++)
        said.leads[i] = (uint8_t)(chunk->leads[i] + 1);
    unsigned char of_said_and_packed[2 * SHA256_DIGEST_LENGTH], whole[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)&said, sizeof said, of_said_and_packed);
    SHA256((const unsigned char *)packed->data, packed->length, of_said_and_packed + SHA256_DIGEST_LENGTH);
    SHA256(of_said_and_packed, sizeof of_said_and_packed, whole);
    memcpy(hash, whole, CONTENT_HASH_BYTES);
}

static hl_result find_repeat(struct db *db, const char *user_id, const char *session_id, struct waveform *waveform,
                             const unsigned char *hash, int64_t *session_key)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    db_text(&args, session_id);
    db_time(&args, waveform->chunk.start_us);
    db_bytes(&args, hash, CONTENT_HASH_BYTES);
    hl_result result = db_run_repeatable(db, &query_waveform_repeat, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK) {
        waveform->waveform_id = db_get_int(&rows, 0, 0);
        *session_key = db_get_int(&rows, 0, 1);
    }
    db_rows_free(&rows);
    return result;
}

static void insert_args(struct db_args *args, const char *user_id, const char *session_id,
                        const struct waveform *waveform, const struct buf *packed, const unsigned char *hash)
{
    const struct ecg_chunk *chunk = &waveform->chunk;
    const char *names[ECG_MAX_LEADS];
    for (size_t i = 0; i < chunk->lead_count; i++)
        names[i] = ecg_lead_name(chunk->leads[i]);
    db_uuid(args, user_id);
    db_text(args, session_id);
    db_time(args, chunk->start_us);
    db_time(args, chunk_end_us(chunk));
    db_double(args, chunk->fs_hz);
    db_text(args, unit_names[chunk->units]);
    db_double(args, waveform->gain_adu_per_mv);
    db_double(args, waveform->baseline_adu);
    db_text_array(args, names, chunk->lead_count);
    db_int4(args, (int32_t)chunk->sample_count);
    db_bytes(args, packed->data, packed->length);
    db_bytes(args, hash, CONTENT_HASH_BYTES);
}

hl_result waveforms_insert(struct db *db, const char *user_id, const char *session_id, struct waveform *waveform,
                           struct buf *scratch, int64_t *session_key, bool *repeated)
{
    buf_clear(scratch);
    for (size_t i = 0; i < waveform->chunk.lead_count; i++)
        samples_pack(scratch, waveform->chunk.samples[i], waveform->chunk.sample_count);
    if (!buf_ok(scratch))
        return HL_NO_MEMORY;
    unsigned char hash[CONTENT_HASH_BYTES];
    content_hash(waveform, scratch, hash);
    struct db_args args = {0};
    struct db_rows rows;
    insert_args(&args, user_id, session_id, waveform, scratch, hash);
    hl_result result = db_run_repeatable(db, &query_waveform_insert, &args, &rows);
    if (result != HL_OK)
        return result;
    *repeated = rows.count == 0;
    if (!*repeated) {
        waveform->waveform_id = db_get_int(&rows, 0, 0);
        *session_key = db_get_int(&rows, 0, 1);
    }
    db_rows_free(&rows);
    return *repeated ? find_repeat(db, user_id, session_id, waveform, hash, session_key) : HL_OK;
}

static size_t read_leads(const char *names, enum ecg_lead leads[ECG_MAX_LEADS])
{
    size_t count = 0;
    while (names && *names && count < ECG_MAX_LEADS) {
        size_t length = strcspn(names, ",");
        if (!ecg_lead_from_name(names, length, &leads[count]))
            return 0;
        count++;
        names += length + (names[length] == ',');
    }
    return count;
}

static hl_result read_row(struct arena *arena, const struct db_rows *rows, int row, struct waveform *out)
{
    *out = (struct waveform){
        .waveform_id = db_get_int(rows, row, 0),
        .received_us = db_get_time(rows, row, 3),
        .chunk = {.start_us = db_get_time(rows, row, 1),
                  .fs_hz = db_get_double(rows, row, 4),
                  .units = strcmp(db_get_text(rows, row, 5), "adu") == 0 ? ECG_UNITS_ADU : ECG_UNITS_MV,
                  .sample_count = (size_t)db_get_int(rows, row, 9)},
        .gain_adu_per_mv = db_get_double(rows, row, 6),
        .baseline_adu = db_get_double(rows, row, 7),
        .late = db_get_bool(rows, row, 11),
        .time_uncertain = db_get_bool(rows, row, 12),
    };
    struct ecg_chunk *chunk = &out->chunk;
    size_t length;
    const void *packed = db_get_bytes(rows, row, 10, &length);
    chunk->lead_count = read_leads(db_get_text(rows, row, 8), chunk->leads);
    if (chunk->lead_count == 0)
        return HL_INTERNAL;
    for (size_t i = 0; i < chunk->lead_count; i++) {
        float *samples = arena_alloc(arena, chunk->sample_count * sizeof *samples);
        if (!samples)
            return HL_NO_MEMORY;
        if (samples_unpack(packed, length, i, samples, chunk->sample_count) != HL_OK)
            return HL_INTERNAL;
        chunk->samples[i] = samples;
    }
    return HL_OK;
}

hl_result waveforms_list(struct db *db, struct arena *arena, const struct data_page *page, struct waveform **waveforms,
                         int *count, bool *more)
{
    struct db_args args = {0};
    struct db_rows rows;
    data_page_args(&args, page);
    db_int(&args, PAGE_MAX_SAMPLES);
    hl_result result = db_run_repeatable(db, &query_waveform_list, &args, &rows);
    if (result == HL_OK) {
        *count = rows.count;
        *more = rows.count > 0 && db_get_bool(&rows, 0, 13);
        *waveforms = arena_calloc(arena, (size_t)rows.count + 1, sizeof **waveforms);
        result = *waveforms ? HL_OK : HL_NO_MEMORY;
    }
    for (int row = 0; result == HL_OK && row < rows.count; row++)
        result = read_row(arena, &rows, row, &(*waveforms)[row]);
    db_rows_free(&rows);
    return result;
}
