/* Rows as JSON arrays, which PostgreSQL takes apart: one statement stores any number of them. */
#include "store/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "queries.h"

void results_free(struct results *results)
{
    free(results->beats);
    free(results->ended);
    buf_free(&results->waves);
    for (int i = 0; i < FINDING_KINDS; i++)
        buf_free(&results->findings[i]);
    *results = (struct results){0};
}

void results_clear(struct results *results)
{
    results->beat_count = results->ended_count = 0;
    results->failed = false;
    buf_clear(&results->waves);
    for (int i = 0; i < FINDING_KINDS; i++)
        buf_clear(&results->findings[i]);
}

bool results_ok(const struct results *results)
{
    bool ok = !results->failed && buf_ok(&results->waves);
    for (int i = 0; i < FINDING_KINDS; i++)
        ok = ok && buf_ok(&results->findings[i]);
    return ok;
}

static bool has_findings(const struct results *results)
{
    bool any = results->waves.length > 0 || results->ended_count > 0;
    for (int i = 0; i < FINDING_KINDS; i++)
        any = any || results->findings[i].length > 0;
    return any;
}

bool results_empty(const struct results *results)
{
    return results->beat_count == 0 && !has_findings(results);
}

/* Room for one more; false (and failed) when out of memory. */
static bool grow(struct results *results, void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? 2 * *capacity : 64;
    void *more = realloc(*items, wanted * size);
    results->failed = results->failed || !more;
    if (!more)
        return false;
    *items = more;
    *capacity = wanted;
    return true;
}

void results_add_beat(struct results *results, const struct stored_beat *beat)
{
    void *items = results->beats;
    if (grow(results, &items, results->beat_count, &results->beat_capacity, sizeof *beat))
        ((struct stored_beat *)items)[results->beat_count++] = *beat;
    results->beats = items;
}

void results_end_session(struct results *results, int64_t session_key)
{
    void *items = results->ended;
    if (grow(results, &items, results->ended_count, &results->ended_capacity, sizeof session_key))
        ((int64_t *)items)[results->ended_count++] = session_key;
    results->ended = items;
}

void results_add(struct results *results, enum finding kind, const char *json, size_t length)
{
    struct buf *rows = &results->findings[kind];
    if (rows->length > 0)
        buf_char(rows, ',');
    buf_add(rows, json, length);
}

/* ---- rows ---- */

static void put_number(struct buf *out, const char *name, double value)
{
    if (isnan(value))
        return; /* what is not there is NULL */
    buf_text(out, name);
    buf_json_number(out, value);
}

/* Tenths of a millisecond: finer than any sampling interval. */
static void put_ms(struct buf *out, const char *name, float ms)
{
    put_number(out, name, round((double)ms * 10.0) / 10.0);
}

static void put_presence(struct buf *out, const char *name, enum ecg_wave_state state)
{
    if (state != ECG_WAVE_UNKNOWN)
        buf_printf(out, "%s%s", name, state == ECG_WAVE_PRESENT ? "true" : "false");
}

static void put_waves(struct buf *out, const struct stored_waves *waves)
{
    put_presence(out, ",\"p\":", waves->p);
    put_ms(out, ",\"p_on\":", waves->p_onset_ms);
    put_ms(out, ",\"p_peak\":", waves->p_peak_ms);
    put_ms(out, ",\"p_end\":", waves->p_end_ms);
    put_ms(out, ",\"q_on\":", waves->qrs_onset_ms);
    put_ms(out, ",\"q_end\":", waves->qrs_end_ms);
    put_presence(out, ",\"tw\":", waves->t);
    put_ms(out, ",\"t_on\":", waves->t_onset_ms);
    put_ms(out, ",\"t_peak\":", waves->t_peak_ms);
    put_ms(out, ",\"t_end\":", waves->t_end_ms);
    put_ms(out, ",\"pace\":", waves->pace_spike_ms);
}

static void put_beat(struct buf *out, const struct stored_beat *beat)
{
    buf_text(out, "{\"session_key\":");
    buf_int(out, beat->session_key);
    buf_text(out, ",\"t\":");
    buf_int(out, beat->time_us);
    buf_text(out, ",\"n\":");
    buf_int(out, beat->n);
    buf_printf(out, ",\"source\":\"%s\",\"lead\":\"%s\",\"code\":", beat->source, ecg_lead_name(beat->lead));
    buf_json_strn(out, &beat->code, 1);
    put_number(out, ",\"amplitude\":", beat->amplitude);
    put_number(out, ",\"rr\":", beat->rr_ms);
    put_number(out, ",\"hr\":", beat->heart_rate_bpm);
    if (beat->has_waves)
        put_waves(out, &beat->waves);
    buf_char(out, '}');
}

void results_add_waves(struct results *results, int64_t session_key, int64_t time_us, const struct stored_waves *waves)
{
    for (size_t i = results->beat_count; i-- > 0;) {
        struct stored_beat *beat = &results->beats[i];
        if (beat->session_key != session_key || beat->time_us != time_us || beat->source[0] != 'c')
            continue;
        beat->has_waves = true;
        beat->waves = *waves;
        return;
    }
    buf_text(&results->waves, results->waves.length ? ",{\"session_key\":" : "{\"session_key\":");
    buf_int(&results->waves, session_key);
    buf_text(&results->waves, ",\"t\":");
    buf_int(&results->waves, time_us);
    put_waves(&results->waves, waves);
    buf_char(&results->waves, '}');
}

struct stored_waves stored_waves_of(const struct ecg_beat_waves *waves)
{
    const struct ecg_wave_times *p = &waves->all[ECG_WAVE_P], *qrs = &waves->all[ECG_WAVE_QRS],
                                *t = &waves->all[ECG_WAVE_T];
    return (struct stored_waves){
        .p = p->state,
        .t = t->state,
        .p_onset_ms = p->onset_ms,
        .p_peak_ms = p->peak_ms,
        .p_end_ms = p->end_ms,
        .qrs_onset_ms = qrs->onset_ms,
        .qrs_end_ms = qrs->end_ms,
        .t_onset_ms = t->onset_ms,
        .t_peak_ms = t->peak_ms,
        .t_end_ms = t->end_ms,
        .pace_spike_ms = (float)waves->pace_spike_ms,
    };
}

/* ---- storing ---- */

static hl_result run_array(struct db *db, const struct db_query *query, const struct buf *rows)
{
    struct db_args args = {0};
    struct buf json = {0};
    buf_char(&json, '[');
    buf_add(&json, rows->data, rows->length);
    buf_char(&json, ']');
    hl_result code = buf_ok(&json) && buf_ok(rows) ? HL_OK : HL_NO_MEMORY;
    if (code == HL_OK) {
        db_json(&args, json.data);
        code = db_run_repeatable(db, query, &args, NULL);
    }
    buf_free(&json);
    return code;
}

static const struct db_query *const queries[FINDING_KINDS] = {
    [FINDING_MEASUREMENTS] = &query_live_measurements_insert,
    [FINDING_HRV] = &query_live_hrv_insert,
    [FINDING_EPISODE] = &query_live_episodes_store,
    [FINDING_QUALITY] = &query_live_quality_insert,
    [FINDING_INTERPRETATION] = &query_live_interpretations_insert,
};

static hl_result close_sessions(struct db *db, const struct results *results)
{
    struct db_args args = {0};
    db_int_array(&args, results->ended, results->ended_count);
    return db_run_repeatable(db, &query_live_episodes_close, &args, NULL);
}

/* What stands on the beats comes behind them. */
static hl_result store_findings(struct db *db, const struct results *results)
{
    hl_result code = HL_OK;
    if (results->waves.length > 0)
        code = run_array(db, &query_live_waves_update, &results->waves);
    for (int i = 0; code == HL_OK && i < FINDING_KINDS; i++)
        if (results->findings[i].length > 0)
            code = run_array(db, queries[i], &results->findings[i]);
    if (code == HL_OK && results->ended_count > 0)
        code = close_sessions(db, results);
    return code;
}

static void put_beats(struct buf *out, const struct results *results)
{
    for (size_t i = 0; i < results->beat_count; i++) {
        if (i > 0)
            buf_char(out, ',');
        put_beat(out, &results->beats[i]);
    }
}

hl_result results_store(struct db *db, const struct results *results)
{
    struct buf beats = {0};
    hl_result code = results_ok(results) ? HL_OK : HL_NO_MEMORY;
    put_beats(&beats, results);
    if (code == HL_OK && results->beat_count > 0)
        code = run_array(db, &query_live_beats_insert, &beats);
    buf_free(&beats);
    return code == HL_OK ? store_findings(db, results) : code;
}

static hl_result take_out(struct db *db, const int64_t *waveform_ids, size_t count, const struct results *results)
{
    struct db_args args = {0};
    struct buf beats = {0};
    buf_char(&beats, '[');
    put_beats(&beats, results);
    buf_char(&beats, ']');
    hl_result code = buf_ok(&beats) ? HL_OK : HL_NO_MEMORY;
    if (code == HL_OK) {
        db_int_array(&args, waveform_ids, count);
        db_json(&args, beats.data);
        code = db_run_repeatable(db, &query_live_analysis_done, &args, NULL);
    }
    buf_free(&beats);
    return code;
}

hl_result results_done(struct db *db, const int64_t *waveform_ids, size_t count, const struct results *results)
{
    if (!results_ok(results))
        return HL_NO_MEMORY;
    if (!has_findings(results)) /* one statement is a transaction */
        return take_out(db, waveform_ids, count, results);
    hl_result code = db_begin(db);
    if (code == HL_OK)
        code = take_out(db, waveform_ids, count, results);
    if (code == HL_OK)
        code = store_findings(db, results);
    if (code == HL_OK)
        code = db_commit(db);
    if (code != HL_OK)
        db_rollback(db);
    return code;
}
