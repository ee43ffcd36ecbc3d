/* Two lanes, each with a pipeline: the running signal, and what is analysed beside it. */
#include "service/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "service/monitor_private.h"

#define TOLERANCE_MIN_US 50000
#define TOLERANCE_MAX_US 1000000
#define FORGETS_S        2.1      /* behind so long a gap the pipeline lets everything end */
#define SEEN_AGAIN_US    60000000 /* what was open in another life is recognised within this, or it has ended */

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
    monitor->beside.beside = true;
    monitor->past_end_us = past->end_us;
    monitor->from_us = past->from_us ? past->from_us : MONITOR_NO_TIME;
    monitor->person.age_years = NAN;
    if (past->known && past->end_us != MONITOR_NO_TIME)
        monitor->known = *past->known;
    memcpy(monitor->running.quality_told, monitor->known.quality, sizeof monitor->known.quality);
    return HL_OK;
}

void monitor_set_person(struct monitor *monitor, const struct ecg_person *person)
{
    monitor->person = *person;
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

/* ---- the end of a signal ---- */

/* Behind the last sample comes a gap so long that the pipeline lets everything end that goes on: that is told, as ended
   with the signal, and nothing else. */
static void end_lane(struct monitor *monitor, struct lane *lane, const struct monitor_sink *sink)
{
    struct telling telling = {.monitor = monitor, .lane = lane, .sink = sink, .mute_vitals = true};
    struct ecg_sink ecg_sink = tell_sink(&telling);
    if (lane->pipeline && lane->fed) {
        ecg_pipeline_flush(lane->pipeline, &ecg_sink);
        telling.ending = true;
        ecg_pipeline_gap(lane->pipeline, (int64_t)ceil(FORGETS_S * lane->config.fs_hz), &ecg_sink);
    }
    lane->fed = false;
    tell_ends(&telling);
}

void monitor_flush(struct monitor *monitor, const struct monitor_sink *sink)
{
    end_lane(monitor, &monitor->running, sink);
    end_lane(monitor, &monitor->beside, sink);
}

/* ---- feeding ---- */

static bool same_signal(const struct lane *lane, const struct ecg_chunk *chunk)
{
    return lane->config.lead_count == chunk->lead_count && lane->config.fs_hz == chunk->fs_hz &&
           lane->config.units == chunk->units &&
           memcmp(lane->config.leads, chunk->leads, chunk->lead_count * sizeof chunk->leads[0]) == 0;
}

static hl_result begin_signal(const struct ecg_chunk *chunk, struct telling *telling)
{
    struct lane *lane = telling->lane;
    struct ecg_config config = {.fs_hz = chunk->fs_hz, .units = chunk->units, .lead_count = chunk->lead_count};
    memcpy(config.leads, chunk->leads, sizeof config.leads);
    struct ecg_pipeline *pipeline = NULL;
    hl_result code = ecg_pipeline_new(&config, &pipeline, NULL);
    if (code == HL_NO_MEMORY)
        return code;
    if (lane->fed)
        end_lane(telling->monitor, lane, telling->sink);
    ecg_pipeline_free(lane->pipeline);
    lane->pipeline = pipeline;
    lane->config = config;
    lane->anchor_count = lane->beat_count = 0;
    lane->measured_at = 0;
    tell_leads_gone(telling, chunk->start_us);
    return HL_OK;
}

static int64_t number_by_time(const struct monitor *monitor, const struct ecg_chunk *chunk)
{
    if (monitor->origin_us == MONITOR_NO_TIME)
        return 0;
    return monitor->origin_n + us_samples(chunk->start_us - monitor->origin_us, chunk->fs_hz);
}

static void skip(struct telling *telling, int64_t samples)
{
    struct lane *lane = telling->lane;
    struct ecg_sink sink = tell_sink(telling);
    bool mute = telling->mute_vitals;
    telling->mute_vitals = true;
    if (lane->pipeline)
        ecg_pipeline_gap(lane->pipeline, samples, &sink);
    lane->next_n += samples;
    telling->mute_vitals = mute;
}

/* Puts the lane where the chunk begins; gives its place. */
static hl_result seek_lane(struct telling *telling, const struct ecg_chunk *chunk, enum monitor_place *place)
{
    struct lane *lane = telling->lane;
    int64_t tolerance = tolerance_us(chunk);
    bool known = lane->end_us != MONITOR_NO_TIME;
    int64_t delta_us = known ? chunk->start_us - lane->end_us : 0;
    bool running_on = known && same_signal(lane, chunk) && delta_us >= -tolerance;
    *place = !running_on ? MONITOR_FIRST : delta_us <= tolerance ? MONITOR_CONTIGUOUS : MONITOR_GAP;
    if (*place == MONITOR_GAP)
        skip(telling, us_samples(delta_us, chunk->fs_hz));
    if (*place != MONITOR_FIRST)
        return HL_OK;
    bool same_rate = lane->config.fs_hz == chunk->fs_hz;
    hl_result code = begin_signal(chunk, telling);
    if (code != HL_OK)
        return code;
    bool other_leads_only = known && same_rate && delta_us >= -tolerance && delta_us <= tolerance;
    if (!other_leads_only)
        lane->next_n = number_by_time(telling->monitor, chunk);
    return HL_OK;
}

static hl_result feed_lane(struct telling *telling, const struct ecg_chunk *chunk, struct monitor_fed *fed)
{
    struct lane *lane = telling->lane;
    hl_result code = seek_lane(telling, chunk, &fed->place);
    if (code != HL_OK)
        return code;
    fed->n = lane->next_n;
    tell_anchor(lane, lane->pipeline ? ecg_pipeline_position(lane->pipeline) : 0, chunk->start_us, lane->next_n);
    if (!lane->beside && !telling->priming && !telling->monitor->settled)
        tell_settled(telling, chunk->start_us, fed->place == MONITOR_CONTIGUOUS);
    struct ecg_sink sink = tell_sink(telling);
    if (lane->pipeline)
        ecg_pipeline_feed(lane->pipeline, chunk->samples, chunk->sample_count, &sink);
    lane->fed = true;
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

/* A piece that begins before the end of the last one knows nothing of what was told before it. */
hl_result monitor_feed_beside(struct monitor *monitor, const struct ecg_chunk *chunk, const struct monitor_sink *sink,
                              struct monitor_fed *fed)
{
    struct lane *lane = &monitor->beside;
    struct telling telling = {.monitor = monitor, .lane = lane, .sink = sink, .mute_vitals = true};
    if (lane->end_us != MONITOR_NO_TIME && chunk->start_us < lane->end_us - tolerance_us(chunk)) {
        end_lane(monitor, lane, sink);
        lane->last_beat_us = MONITOR_NO_TIME;
        memset(lane->quality_told, 0, sizeof lane->quality_told);
    }
    hl_result code = feed_lane(&telling, chunk, fed);
    fed->place = MONITOR_BESIDE;
    return code;
}

hl_result monitor_feed(struct monitor *monitor, const struct ecg_chunk *chunk, const struct monitor_sink *sink,
                       struct monitor_fed *fed)
{
    fix_origin(monitor, chunk);
    if (monitor_is_late(monitor, chunk))
        return monitor_feed_beside(monitor, chunk, sink, fed);
    struct telling telling = {.monitor = monitor, .lane = &monitor->running, .sink = sink};
    hl_result code = feed_lane(&telling, chunk, fed);
    if (monitor->known.episode_count > 0 && monitor->running.end_us - monitor->past_end_us > SEEN_AGAIN_US)
        tell_not_seen_again(&telling);
    return code;
}

hl_result monitor_prime(struct monitor *monitor, const struct ecg_chunk *chunk, const struct monitor_sink *sink,
                        struct monitor_fed *fed)
{
    struct lane *lane = &monitor->running;
    struct telling telling = {.monitor = monitor, .lane = lane, .sink = sink, .mute_vitals = true, .priming = true};
    fix_origin(monitor, chunk);
    if (!lane->pipeline)
        lane->end_us = MONITOR_NO_TIME; /* what was known of the end is being fed now */
    return feed_lane(&telling, chunk, fed);
}
