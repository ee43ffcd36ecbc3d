/* Two lanes, each with a pipeline: the running signal, and what is analysed beside it. */
#include "service/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"

#define TOLERANCE_MIN_US 50000
#define TOLERANCE_MAX_US 1000000
#define SAME_BEAT_US     150000 /* no heart beats twice within this */

struct lane {
    struct ecg_pipeline *pipeline; /* NULL: nothing fed yet, or a signal it does not take */
    struct ecg_config config;
    int64_t end_us;    /* where the next chunk is expected */
    int64_t next_n;    /* the number its first sample would have */
    int64_t anchor_at; /* pipeline sample ... */
    int64_t anchor_us; /* ... was at this time ... */
    int64_t anchor_n;  /* ... and has this number */
    int64_t last_beat_us;
};

struct monitor {
    struct lane running, beside;
    int64_t origin_us, origin_n; /* sample origin_n was at origin_us */
};

struct telling {
    struct lane *lane;
    const struct monitor_sink *sink;
    bool mute_vitals;
};

hl_result monitor_new(const struct monitor_past *past, struct monitor **out)
{
    struct monitor *monitor = calloc(1, sizeof *monitor);
    *out = monitor;
    if (!monitor)
        return HL_NO_MEMORY;
    monitor->origin_us = past->anchor_us;
    monitor->origin_n = past->anchor_n;
    monitor->running.end_us = past->end_us;
    monitor->running.last_beat_us = past->last_beat_us;
    monitor->beside.end_us = monitor->beside.last_beat_us = MONITOR_NO_TIME;
    return HL_OK;
}

void monitor_free(struct monitor *monitor)
{
    if (!monitor)
        return;
    ecg_pipeline_free(monitor->running.pipeline);
    ecg_pipeline_free(monitor->beside.pipeline);
    free(monitor);
}

static int64_t samples_us(double samples, double fs_hz)
{
    return (int64_t)llround(samples * 1e6 / fs_hz);
}

static int64_t us_samples(int64_t us, double fs_hz)
{
    return (int64_t)llround((double)us * fs_hz / 1e6);
}

int64_t monitor_chunk_end_us(const struct ecg_chunk *chunk)
{
    return chunk->start_us + samples_us((double)chunk->sample_count, chunk->fs_hz);
}

static int64_t tolerance_us(const struct ecg_chunk *chunk)
{
    int64_t half = (monitor_chunk_end_us(chunk) - chunk->start_us) / 2;
    return half < TOLERANCE_MIN_US ? TOLERANCE_MIN_US : half > TOLERANCE_MAX_US ? TOLERANCE_MAX_US : half;
}

/* ---- telling ---- */

static int64_t time_of(const struct lane *lane, int64_t at)
{
    return lane->anchor_us + samples_us((double)(at - lane->anchor_at), lane->config.fs_hz);
}

static void on_beat(void *context, const struct ecg_beat *beat)
{
    const struct telling *telling = context;
    struct lane *lane = telling->lane;
    int64_t time_us = time_of(lane, beat->sample);
    if (lane->last_beat_us != MONITOR_NO_TIME && time_us <= lane->last_beat_us + SAME_BEAT_US)
        return;
    lane->last_beat_us = time_us;
    if (!telling->sink || !telling->sink->beat)
        return;
    struct monitor_beat told = {
        .time_us = time_us,
        .n = lane->anchor_n + beat->sample - lane->anchor_at,
        .code = beat->code,
        .lead = beat->lead,
        .amplitude = beat->amplitude,
        .rr_ms = beat->rr_ms,
        .heart_rate_bpm = beat->heart_rate_bpm,
    };
    telling->sink->beat(telling->sink->context, &told);
}

static void on_vitals(void *context, const struct ecg_vitals *vitals)
{
    const struct telling *telling = context;
    if (telling->mute_vitals || !telling->sink || !telling->sink->vitals)
        return;
    struct monitor_vitals told = {
        .time_us = time_of(telling->lane, vitals->sample),
        .heart_rate_bpm = vitals->heart_rate_bpm,
        .rr_ms = vitals->rr_ms,
    };
    telling->sink->vitals(telling->sink->context, &told);
}

static struct ecg_sink sink_of(struct telling *telling)
{
    return (struct ecg_sink){.context = telling, .beat = on_beat, .vitals = on_vitals};
}

static void flush_lane(struct lane *lane, const struct monitor_sink *sink)
{
    struct telling telling = {.lane = lane, .sink = sink, .mute_vitals = true};
    struct ecg_sink ecg_sink = sink_of(&telling);
    if (lane->pipeline)
        ecg_pipeline_flush(lane->pipeline, &ecg_sink);
}

void monitor_flush(struct monitor *monitor, const struct monitor_sink *sink)
{
    flush_lane(&monitor->running, sink);
    flush_lane(&monitor->beside, sink);
}

/* ---- feeding ---- */

static bool same_signal(const struct lane *lane, const struct ecg_chunk *chunk)
{
    return lane->config.lead_count == chunk->lead_count && lane->config.fs_hz == chunk->fs_hz &&
           lane->config.units == chunk->units &&
           memcmp(lane->config.leads, chunk->leads, chunk->lead_count * sizeof chunk->leads[0]) == 0;
}

static hl_result begin_signal(struct lane *lane, const struct ecg_chunk *chunk, const struct monitor_sink *sink)
{
    struct ecg_config config = {.fs_hz = chunk->fs_hz, .units = chunk->units, .lead_count = chunk->lead_count};
    memcpy(config.leads, chunk->leads, sizeof config.leads);
    struct ecg_pipeline *pipeline = NULL;
    hl_result code = ecg_pipeline_new(&config, &pipeline, NULL);
    if (code == HL_NO_MEMORY)
        return code;
    flush_lane(lane, sink);
    ecg_pipeline_free(lane->pipeline);
    lane->pipeline = pipeline;
    lane->config = config;
    return HL_OK;
}

static int64_t number_by_time(const struct monitor *monitor, const struct ecg_chunk *chunk)
{
    if (monitor->origin_us == MONITOR_NO_TIME)
        return 0;
    return monitor->origin_n + us_samples(chunk->start_us - monitor->origin_us, chunk->fs_hz);
}

static void skip(struct lane *lane, int64_t samples, struct telling *telling)
{
    struct ecg_sink sink = sink_of(telling);
    bool mute = telling->mute_vitals;
    telling->mute_vitals = true;
    if (lane->pipeline)
        ecg_pipeline_gap(lane->pipeline, samples, &sink);
    lane->next_n += samples;
    telling->mute_vitals = mute;
}

/* Puts the lane where the chunk begins; gives its place. */
static hl_result seek_lane(const struct monitor *monitor, struct lane *lane, const struct ecg_chunk *chunk,
                           struct telling *telling, enum monitor_place *place)
{
    int64_t tolerance = tolerance_us(chunk);
    bool known = lane->end_us != MONITOR_NO_TIME;
    int64_t delta_us = known ? chunk->start_us - lane->end_us : 0;
    bool running_on = known && same_signal(lane, chunk) && delta_us >= -tolerance;
    *place = !running_on ? MONITOR_FIRST : delta_us <= tolerance ? MONITOR_CONTIGUOUS : MONITOR_GAP;
    if (*place == MONITOR_GAP)
        skip(lane, us_samples(delta_us, chunk->fs_hz), telling);
    if (*place != MONITOR_FIRST)
        return HL_OK;
    bool same_rate = lane->config.fs_hz == chunk->fs_hz;
    hl_result code = begin_signal(lane, chunk, telling->sink);
    if (code != HL_OK)
        return code;
    bool other_leads_only = known && same_rate && delta_us >= -tolerance && delta_us <= tolerance;
    if (!other_leads_only)
        lane->next_n = number_by_time(monitor, chunk);
    return HL_OK;
}

static hl_result feed_lane(const struct monitor *monitor, struct lane *lane, const struct ecg_chunk *chunk,
                           struct telling *telling, struct monitor_fed *fed)
{
    hl_result code = seek_lane(monitor, lane, chunk, telling, &fed->place);
    if (code != HL_OK)
        return code;
    lane->anchor_at = lane->pipeline ? ecg_pipeline_position(lane->pipeline) : 0;
    lane->anchor_us = chunk->start_us;
    lane->anchor_n = fed->n = lane->next_n;
    struct ecg_sink sink = sink_of(telling);
    if (lane->pipeline)
        ecg_pipeline_feed(lane->pipeline, chunk->samples, chunk->sample_count, &sink);
    lane->next_n += (int64_t)chunk->sample_count;
    lane->end_us = monitor_chunk_end_us(chunk);
    return HL_OK;
}

bool monitor_is_late(const struct monitor *monitor, const struct ecg_chunk *chunk)
{
    return monitor->running.end_us != MONITOR_NO_TIME &&
           chunk->start_us < monitor->running.end_us - tolerance_us(chunk);
}

static void fix_origin(struct monitor *monitor, const struct ecg_chunk *chunk)
{
    if (monitor->origin_us != MONITOR_NO_TIME)
        return;
    monitor->origin_us = chunk->start_us;
    monitor->origin_n = 0;
}

/* A piece that begins before the end of the last one knows nothing of the beats before it. */
hl_result monitor_feed_beside(struct monitor *monitor, const struct ecg_chunk *chunk, const struct monitor_sink *sink,
                              struct monitor_fed *fed)
{
    struct lane *lane = &monitor->beside;
    struct telling telling = {.lane = lane, .sink = sink, .mute_vitals = true};
    if (lane->end_us != MONITOR_NO_TIME && chunk->start_us < lane->end_us - tolerance_us(chunk)) {
        flush_lane(lane, sink);
        lane->last_beat_us = MONITOR_NO_TIME;
    }
    hl_result code = feed_lane(monitor, lane, chunk, &telling, fed);
    fed->place = MONITOR_BESIDE;
    return code;
}

hl_result monitor_feed(struct monitor *monitor, const struct ecg_chunk *chunk, const struct monitor_sink *sink,
                       struct monitor_fed *fed)
{
    fix_origin(monitor, chunk);
    if (monitor_is_late(monitor, chunk))
        return monitor_feed_beside(monitor, chunk, sink, fed);
    struct telling telling = {.lane = &monitor->running, .sink = sink};
    return feed_lane(monitor, &monitor->running, chunk, &telling, fed);
}

hl_result monitor_prime(struct monitor *monitor, const struct ecg_chunk *chunk, const struct monitor_sink *sink,
                        struct monitor_fed *fed)
{
    struct lane *lane = &monitor->running;
    struct telling telling = {.lane = lane, .sink = sink, .mute_vitals = true};
    fix_origin(monitor, chunk);
    if (!lane->pipeline)
        lane->end_us = MONITOR_NO_TIME; /* what was known of the end is being fed now */
    return feed_lane(monitor, lane, chunk, &telling, fed);
}
