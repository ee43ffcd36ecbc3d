/* Arbitrary bytes as a signal. The first bytes choose the configuration; then each record is a feed of raw floats, a
feed of small counts, a gap or a flush. Whatever comes, beats must be in order, lie within what was fed, and carry no
number that is neither finite nor NAN. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "input.h"

enum { PORTION = 64, REPEAT = 16 };

struct watch {
    struct ecg_pipeline *pipeline;
    int64_t last_beat, last_vitals;
};

static void on_beat(void *context, const struct ecg_beat *beat)
{
    struct watch *watch = context;
    must(beat->sample > watch->last_beat && beat->sample >= 0);
    must(beat->sample <= ecg_pipeline_position(watch->pipeline));
    must(isfinite(beat->amplitude) && !isinf(beat->rr_ms) && !isinf(beat->heart_rate_bpm));
    must(isnan(beat->rr_ms) || beat->rr_ms > 0.0);
    watch->last_beat = beat->sample;
}

static void on_detection(void *context, const struct ecg_detection *detection)
{
    const struct watch *watch = context;
    must(detection->sample >= 0 && detection->sample <= ecg_pipeline_position(watch->pipeline));
}

static void on_vitals(void *context, const struct ecg_vitals *vitals)
{
    struct watch *watch = context;
    must(vitals->sample > watch->last_vitals);
    must(!isinf(vitals->heart_rate_bpm) && isnan(vitals->heart_rate_bpm) == (vitals->rr_count == 0));
    watch->last_vitals = vitals->sample;
}

static void on_quality(void *context, const struct ecg_quality_change *change)
{
    const struct watch *watch = context;
    must(change->sample >= 0 && change->sample <= ecg_pipeline_position(watch->pipeline));
    must(change->quality != change->before && (unsigned)change->quality < ECG_QUALITY_COUNT);
}

static void on_hrv(void *context, const struct ecg_hrv *hrv)
{
    const struct watch *watch = context;
    must(hrv->from < hrv->sample && hrv->sample <= ecg_pipeline_position(watch->pipeline));
    for (size_t i = 0; i < ecg_hrv_name_count; i++)
        must(!isinf(*(const double *)(const void *)((const char *)hrv + ecg_hrv_names[i].offset)));
}

static void interpret(const struct ecg_pipeline *pipeline)
{
    struct ecg_measurements measurements;
    struct ecg_statements said;
    if (!ecg_pipeline_interpret(pipeline, &(struct ecg_person){(double)NAN, ECG_SEX_UNKNOWN}, &measurements, &said))
        return;
    must(said.count <= ECG_STATEMENTS_MAX);
    for (size_t i = 0; i < said.count; i++)
        must(memchr(said.items[i].reason, '\0', ECG_STATEMENT_REASON) != NULL);
}

static float raw_float(struct input *input)
{
    uint32_t bits = 0;
    for (int i = 0; i < 4; i++)
        bits = bits << 8 | take(input);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A few values from the input, each held or repeated, so that short inputs make long signals. */
static void feed(struct input *input, const struct ecg_config *config, const struct ecg_sink *sink, bool raw)
{
    struct watch *watch = sink->context;
    float samples[ECG_MAX_LEADS][PORTION];
    const float *leads[ECG_MAX_LEADS];
    unsigned held = 1 + take(input) % 8;
    for (size_t lead = 0; lead < config->lead_count; lead++) {
        float value = 0.0F;
        for (unsigned i = 0; i < PORTION; i++) {
            if (i % held == 0)
                value = raw ? raw_float(input) : (float)take(input) - 128.0F;
            samples[lead][i] = value;
        }
        leads[lead] = raw && take(input) == 0 ? NULL : samples[lead];
    }
    for (unsigned i = 1 + take(input) % REPEAT; i > 0; i--)
        ecg_pipeline_feed(watch->pipeline, leads, PORTION, sink);
}

static struct ecg_config choose(struct input *input)
{
    static const double rates_hz[] = {40.0, 80.0, 125.0, 250.0, 443.34, 500.0, 1000.0, 2000.0};
    struct ecg_config config = {.fs_hz = rates_hz[take(input) % 8]};
    config.units = take(input) % 2 ? ECG_UNITS_ADU : ECG_UNITS_MV;
    config.lead_count = 1 + take(input) % 3;
    for (size_t lead = 0; lead < config.lead_count; lead++)
        config.leads[lead] = (enum ecg_lead)lead;
    return config;
}

static void act(struct input *input, const struct ecg_config *config, const struct ecg_sink *sink)
{
    struct watch *watch = sink->context;
    switch (take(input) % 8) {
    case 0: ecg_pipeline_gap(watch->pipeline, (int64_t)take(input) * (int64_t)take(input) - 100, sink); break;
    case 1: ecg_pipeline_gap(watch->pipeline, (int64_t)take(input) << (take(input) % 48), sink); break;
    case 2: ecg_pipeline_flush(watch->pipeline, sink); break;
    case 3: feed(input, config, sink, true); break;
    default: feed(input, config, sink, false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct ecg_config config = choose(&input);
    struct watch watch = {.last_beat = -1, .last_vitals = -1};
    struct ecg_sink sink = {.context = &watch,
                            .detected = on_detection,
                            .beat = on_beat,
                            .vitals = on_vitals,
                            .hrv = on_hrv,
                            .quality = on_quality};
    if (ecg_pipeline_new(&config, &watch.pipeline, NULL) != HL_OK)
        return 0;
    for (int actions = 0; input.left > 0 && actions < 200; actions++)
        act(&input, &config, &sink);
    interpret(watch.pipeline);
    ecg_pipeline_free(watch.pipeline);
    return 0;
}
