/* Arbitrary bytes as the chunks of a session: of any length, rate, leads and time, in any order, primed, late, ended in
between. Whatever comes, what is told must make sense: nothing ends before it begins, an episode that was told open is
told closed by the end and under the same onset, and the running signal's beats come in order. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "service/monitor.h"
#include "input.h"

enum { SAMPLES_MAX = 600, OPEN_MAX = 256 };

/* Episodes that were told open, of each lane. */
struct watch {
    struct monitor_episode open[OPEN_MAX];
    size_t open_count;
};

static void on_beat(void *context, const struct monitor_beat *beat)
{
    (void)context;
    must(isfinite(beat->amplitude) && !isinf(beat->rr_ms) && !isinf(beat->heart_rate_bpm));
}

static void on_waves(void *context, const struct monitor_waves *waves)
{
    (void)context;
    must(waves->waves->lead_count >= 1 && waves->waves->lead_count <= ECG_MAX_LEADS);
}

static void on_measurements(void *context, const struct monitor_measurements *told)
{
    (void)context;
    must(told->from_us <= told->time_us && told->fs_hz > 0);
}

static void on_hrv(void *context, const struct monitor_hrv *told)
{
    (void)context;
    must(told->from_us <= told->time_us);
}

static bool same_episode(const struct monitor_episode *one, const struct monitor_episode *other)
{
    return one->rhythm == other->rhythm && one->onset_us == other->onset_us && one->beside == other->beside;
}

static void on_episode(void *context, const struct monitor_episode *told)
{
    struct watch *watch = context;
    must(told->end_us >= told->onset_us);
    must(told->rhythm > ECG_RHYTHM_UNKNOWN && told->rhythm < ECG_RHYTHM_COUNT);
    size_t i = 0;
    while (i < watch->open_count && !same_episode(&watch->open[i], told))
        i++;
    if (told->open && i == watch->open_count && i < OPEN_MAX)
        watch->open[watch->open_count++] = *told;
    if (!told->open && i < watch->open_count)
        watch->open[i] = watch->open[--watch->open_count];
}

static void on_quality(void *context, const struct monitor_quality *told)
{
    (void)context;
    must(told->quality != told->before && told->lead < ECG_LEAD_COUNT);
}

static void on_interpretation(void *context, const struct monitor_interpretation *told)
{
    (void)context;
    must(told->statements->count <= ECG_STATEMENTS_MAX);
}

/* Spikes and noise from a few bytes, so that short inputs hold beats. */
static void fill(struct input *input, float samples[ECG_MAX_LEADS][SAMPLES_MAX], size_t leads, size_t count)
{
    unsigned period = 20 + take(input), height = take(input), hole = take(input);
    for (size_t lead = 0; lead < leads; lead++)
        for (size_t i = 0; i < count; i++) {
            float spike = i % period < 4 ? (float)height / 64.0F : 0.0F;
            samples[lead][i] = hole > 200 && i % hole == 0 ? NAN : spike + (float)((i * 7919 + lead) % 13) / 500.0F;
        }
}

static void act(struct input *input, struct monitor *monitor, const struct monitor_sink *sink, int64_t *now_us)
{
    static const double rates_hz[] = {10.0, 80.0, 125.0, 250.0, 360.0, 443.34, 500.0, 2500.0};
    static float samples[ECG_MAX_LEADS][SAMPLES_MAX];
    struct monitor_fed fed;
    unsigned what = take(input);
    struct ecg_chunk chunk = {.fs_hz = rates_hz[what % 8],
                              .units = take(input) % 5 ? ECG_UNITS_MV : ECG_UNITS_ADU,
                              .lead_count = 1 + take(input) % 3,
                              .sample_count = 1 + (take(input) << 8 | take(input)) % SAMPLES_MAX};
    for (size_t lead = 0; lead < chunk.lead_count; lead++) {
        chunk.leads[lead] = (enum ecg_lead)lead;
        chunk.samples[lead] = samples[lead];
    }
    fill(input, samples, chunk.lead_count, chunk.sample_count);
    int64_t jump_us = ((int64_t)take(input) - 100) * ((int64_t)take(input) << (take(input) % 24));
    chunk.start_us = what & 8 ? *now_us + jump_us : *now_us;
    *now_us = monitor_chunk_end_us(&chunk);
    hl_result code = HL_OK;
    switch (what >> 4) {
    case 0: monitor_flush(monitor, sink); break;
    case 1: code = monitor_feed_beside(monitor, &chunk, sink, &fed); break;
    default: code = monitor_feed(monitor, &chunk, sink, &fed);
    }
    must(code == HL_OK || code == HL_NO_MEMORY);
}

static void know(struct input *input, struct monitor_known *known, int64_t end_us)
{
    known->episode_count = take(input) % MONITOR_KNOWN_EPISODES;
    for (size_t i = 0; i < known->episode_count; i++) {
        int64_t onset_us = end_us - (int64_t)take(input) * 100000;
        known->episodes[i] = (struct monitor_known_episode){
            .rhythm = (enum ecg_rhythm)(1 + take(input) % (ECG_RHYTHM_COUNT - 1)),
            .onset_us = onset_us,
            .end_us = onset_us + (int64_t)take(input) * 10000,
            .open = take(input) % 2,
        };
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    static struct watch watch;
    struct monitor_known known = {0};
    struct monitor *monitor;
    int64_t now_us = INT64_C(1700000000000000);
    struct monitor_past past = {
        .anchor_us = MONITOR_NO_TIME, .end_us = MONITOR_NO_TIME, .last_beat_us = MONITOR_NO_TIME};
    struct monitor_sink sink = {&watch, on_beat,    NULL,       on_waves,         on_measurements,
                                on_hrv, on_episode, on_quality, on_interpretation};
    watch.open_count = 0;
    if (take(&input) % 2) {
        know(&input, &known, now_us);
        past = (struct monitor_past){.anchor_us = now_us - 8000000, .end_us = now_us, .last_beat_us = now_us - 700000};
        past.known = &known;
    }
    if (monitor_new(&past, &monitor) != HL_OK)
        return 0;
    for (int actions = 0; input.left > 0 && actions < 100; actions++)
        act(&input, monitor, &sink, &now_us);
    monitor_flush(monitor, &sink);
    must(watch.open_count == 0);
    monitor_free(monitor);
    return 0;
}
