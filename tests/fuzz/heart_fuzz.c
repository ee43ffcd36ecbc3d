/* A virtual heart in the hands of a fuzzer: the bytes say what befalls it and its recording, which leads are there, how
they are scaled, cut, lost and skipped; all of it goes through the whole analysis. Random samples seldom make a beat;
these always do, so that waves, measurements, rhythms and statements are reached. Whatever comes: order, bounds, and no
number that is neither finite nor NAN. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "sim/heart.h"
#include "input.h"

enum { PORTION = 100, ACTIONS_MAX = 40 };

struct world {
    struct sim_heart *heart;
    struct ecg_pipeline *pipeline;
    struct ecg_config config;
    double fs_hz;
    float scale, offset, limit;
    int64_t last_beat, last_waves, last_truth;
    int open[ECG_RHYTHM_COUNT];
};

/* ---- what may be told ---- */

static void on_truth(void *context, const struct sim_truth_beat *beat)
{
    struct world *world = context;
    must(beat->sample > world->last_truth);
    must(!(beat->qrs_onset >= beat->qrs_end));
    world->last_truth = beat->sample;
}

static void on_beat(void *context, const struct ecg_beat *beat)
{
    struct world *world = context;
    must(beat->sample > world->last_beat && beat->sample <= ecg_pipeline_position(world->pipeline));
    must(!isinf(beat->amplitude) && !isinf(beat->rr_ms) && !isinf(beat->heart_rate_bpm));
    world->last_beat = beat->sample;
}

static void check_times(const struct ecg_wave_times *times)
{
    must(!isinf(times->onset_ms) && !isinf(times->peak_ms) && !isinf(times->end_ms));
    must(!(times->onset_ms > times->end_ms));
    if (times->state != ECG_WAVE_PRESENT)
        must(isnan(times->onset_ms) && isnan(times->peak_ms) && isnan(times->end_ms));
}

static void on_waves(void *context, const struct ecg_beat_waves *waves)
{
    struct world *world = context;
    must(waves->sample > world->last_waves && waves->lead_count == world->config.lead_count);
    world->last_waves = waves->sample;
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++) {
        check_times(&waves->all[wave]);
        for (size_t lead = 0; lead < waves->lead_count; lead++)
            check_times(&waves->lead[lead][wave]);
    }
    for (size_t lead = 0; lead < waves->lead_count; lead++) {
        const struct ecg_lead_levels *levels = &waves->levels[lead];
        must(!isinf(levels->r) && !isinf(levels->s) && !isinf(levels->j60) && !isinf(levels->st_slope_per_s));
    }
}

static void check_figure(const struct ecg_figure *figure)
{
    must(!isinf(figure->value) && !isinf(figure->spread) && !isinf(figure->resolution));
    must(figure->beats > 0 || isnan(figure->value));
}

static void on_measurements(void *context, const struct ecg_measurements *measurements)
{
    (void)context;
    for (int i = 0; i < ECG_M_COUNT; i++)
        check_figure(&measurements->all[i]);
    for (size_t lead = 0; lead < measurements->lead_count; lead++)
        for (int i = 0; i < ECG_LM_COUNT; i++)
            check_figure(&measurements->lead[lead][i]);
}

static void on_hrv(void *context, const struct ecg_hrv *hrv)
{
    (void)context;
    for (size_t i = 0; i < ecg_hrv_name_count; i++) {
        double value;
        memcpy(&value, (const char *)hrv + ecg_hrv_names[i].offset, sizeof value);
        must(!isinf(value));
    }
}

static void on_episode(void *context, const struct ecg_episode *episode)
{
    struct world *world = context;
    must((unsigned)episode->rhythm < ECG_RHYTHM_COUNT && episode->onset >= 0 && episode->end >= episode->onset);
    must(!isinf(episode->rate_mean_bpm));
    world->open[episode->rhythm] += episode->open ? 1 : -1;
}

static void on_quality(void *context, const struct ecg_quality_change *change)
{
    struct world *world = context;
    must(change->lead < world->config.lead_count && change->sample >= 0);
    must(change->quality != change->before);
}

static const struct ecg_sink functions = {
    .beat = on_beat,
    .waves = on_waves,
    .measurements = on_measurements,
    .hrv = on_hrv,
    .episode = on_episode,
    .quality = on_quality,
};

/* ---- what may befall it ---- */

static void fall_ill(struct input *input, struct world *world)
{
    unsigned kind = take(input) % (SIM_ANOMALY_COUNT + 1);
    double duration_s = (double)(take(input) % 32);
    struct sim_event event = {(enum sim_anomaly)kind, NAN, duration_s > 0.0 ? duration_s : NAN, take(input) / 255.0};
    if (sim_heart_apply(world->heart, &event, NULL) != HL_OK)
        return;
}

static void interpret(struct input *input, struct world *world)
{
    struct ecg_measurements measurements;
    struct ecg_statements statements;
    struct ecg_person person = {.age_years = take(input) % 2 ? (double)NAN : (double)take(input)};
    person.sex = (enum ecg_sex)(take(input) % 3);
    if (!ecg_pipeline_interpret(world->pipeline, &person, &measurements, &statements))
        return;
    must(statements.count <= ECG_STATEMENTS_MAX);
    for (size_t i = 0; i < statements.count; i++)
        must(statements.items[i].code && statements.items[i].text &&
             memchr(statements.items[i].reason, '\0', ECG_STATEMENT_REASON));
}

static void alter(struct input *input, struct world *world)
{
    static const float scales[] = {1.0F, 0.0F, 1e-3F, 0.05F, -1.0F, 20.0F, 1000.0F, 1e30F};
    world->scale = scales[take(input) % 8];
    world->offset = (float)take(input) - 128.0F;
    world->limit = take(input) % 4 == 0 ? 0.4F : INFINITY;
}

/* Up to four seconds; one in so many samples of a lead may be lost. */
static void beat_on(struct input *input, struct world *world, const struct ecg_sink *sink)
{
    struct sim_sink truth = {.context = world, .beat = on_truth};
    float samples[ECG_STANDARD_LEADS][PORTION];
    float *write[ECG_STANDARD_LEADS];
    const float *read[ECG_MAX_LEADS];
    unsigned lost = take(input);
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        write[lead] = samples[lead];
    for (size_t i = 0; i < world->config.lead_count; i++)
        read[i] = samples[(size_t)world->config.leads[i] % ECG_STANDARD_LEADS];
    for (double seconds = 1.0 + take(input) % 4; seconds > 0.0; seconds -= PORTION / world->fs_hz) {
        sim_heart_run(world->heart, write, PORTION, &truth);
        for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
            for (size_t k = 0; k < PORTION; k++) {
                float x = fminf(fmaxf(samples[lead][k], -world->limit), world->limit) * world->scale + world->offset;
                samples[lead][k] = lost > 250 && (k + lead) % (lost - 248) == 0 ? NAN : x;
            }
        ecg_pipeline_feed(world->pipeline, read, PORTION, sink);
    }
}

static void act(struct input *input, struct world *world, const struct ecg_sink *sink)
{
    switch (take(input) % 8) {
    case 0: ecg_pipeline_gap(world->pipeline, (int64_t)take(input) << (take(input) % 12), sink); break;
    case 1: ecg_pipeline_flush(world->pipeline, sink); break;
    case 2: alter(input, world); break;
    case 3: interpret(input, world); break;
    case 4:
    case 5: fall_ill(input, world); break;
    default: beat_on(input, world, sink);
    }
}

static hl_result begin(struct input *input, struct world *world)
{
    static const double rates_hz[] = {80.0, 125.0, 250.0, 360.0, 443.34, 500.0, 1000.0, 200.0};
    static const size_t counts[] = {1, 2, 3, 8, 12, 12, 12, 1};
    struct sim_params params;
    sim_params_default(&params);
    params.seed = take(input);
    params.fs_hz = world->fs_hz = rates_hz[take(input) % 8];
    params.heart_rate_bpm = fmax(SIM_HEART_RATE_MIN_BPM, fmin(SIM_HEART_RATE_MAX_BPM, take(input)));
    world->config = (struct ecg_config){.fs_hz = params.fs_hz, .lead_count = counts[take(input) % 8]};
    world->config.units = take(input) % 4 == 0 ? ECG_UNITS_ADU : ECG_UNITS_MV;
    unsigned first = take(input);
    for (size_t i = 0; i < world->config.lead_count; i++)
        world->config.leads[i] = (enum ecg_lead)((first + i) % ECG_STANDARD_LEADS);
    hl_result result = sim_heart_new(&params, &world->heart, NULL);
    return result == HL_OK ? ecg_pipeline_new(&world->config, &world->pipeline, NULL) : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct world world = {.scale = 1.0F, .limit = INFINITY, .last_beat = -1, .last_waves = -1, .last_truth = -1};
    struct ecg_sink sink = functions;
    sink.context = &world;
    if (begin(&input, &world) == HL_OK)
        for (int actions = 0; input.left > 0 && actions < ACTIONS_MAX; actions++)
            act(&input, &world, &sink);
    ecg_pipeline_free(world.pipeline);
    sim_heart_free(world.heart);
    return 0;
}
