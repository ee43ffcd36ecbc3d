/* The pipeline: feeds samples through the leads' front ends, frames through the QRS detector, and beats through the
classifier and the rate, and tells the sink. What comes behind a beat (waves, measurements, rhythms) is in stages.c. */
#include "ecg/pipeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/classify.h"
#include "ecg/filter.h"
#include "ecg/locate.h"
#include "ecg/qrs.h"
#include "ecg/rate.h"
#include "ecg/stages.h"

#define FLOOR_MV           0.008F /* of a QRS of about 0.1 mV (EC13 asks for silence up to 0.15 mV) */
#define FLOOR_ADU          0.3F   /* of about four counts: less is the converter's own noise */
#define LAG_S              0.070  /* from the R peak to the energy's peak: 30 ms of filters, half of the 80 ms mean */
#define SEARCH_BEFORE_S    0.090
#define SEARCH_AFTER_S     0.070
#define MARGIN_S           0.300 /* of samples around a hit, for its surroundings */
#define HOLE_BREAKS_S      0.150 /* a hole of this length may have swallowed a beat */
#define HOLE_RESTARTS_S    0.400
#define HOLE_UNKNOWN_S     1.0 /* the rate before it is of the past */
#define HOLE_FORGETS_S     2.0 /* the electrodes may have moved */
#define SKIPPED_VITALS_MAX 60
#define POSITION_MAX       (INT64_MAX / 4)

struct ecg_pipeline {
    struct ecg_config config;
    size_t frame_samples;
    size_t frame_filled;
    int64_t frames_base; /* the frame that began at base_sample */
    int64_t base_sample;
    int64_t hole;   /* samples in a row that no lead had */
    int64_t last_r; /* -1: none */
    int64_t next_vitals;
    int64_t vitals_told; /* seconds */
    bool flushing;       /* no more samples come: those fed now are none */
    int sign[ECG_MAX_LEADS];
    struct ecg_history history;
    struct ecg_front fronts[ECG_MAX_LEADS];
    struct ecg_frame frames[ECG_MAX_LEADS];
    struct ecg_qrs qrs;
    struct ecg_rate rate;
    struct ecg_classifier classifier;
    struct ecg_stages stages;
};

/* ---- creation ---- */

static hl_result check_leads(const struct ecg_config *config, struct hl_error *error)
{
    bool seen[ECG_LEAD_COUNT] = {false};
    if (config->lead_count < 1 || config->lead_count > ECG_MAX_LEADS)
        return hl_fail(error, HL_INVALID, "lead_count", "must be between 1 and %d", (int)ECG_MAX_LEADS);
    for (size_t i = 0; i < config->lead_count; i++) {
        unsigned lead = (unsigned)config->leads[i];
        if (lead >= ECG_LEAD_COUNT)
            return hl_fail(error, HL_INVALID, "leads", "number %zu is not a known lead", i);
        if (seen[lead])
            return hl_fail(error, HL_INVALID, "leads", "%s comes twice", ecg_lead_name(config->leads[i]));
        seen[lead] = true;
    }
    return HL_OK;
}

static hl_result check(const struct ecg_config *config, struct hl_error *error)
{
    if (!(config->fs_hz >= ECG_FS_MIN_HZ && config->fs_hz <= ECG_FS_MAX_HZ))
        return hl_fail(error, HL_INVALID, "fs_hz", "must be between %g and %g", ECG_FS_MIN_HZ, ECG_FS_MAX_HZ);
    if (config->units != ECG_UNITS_MV && config->units != ECG_UNITS_ADU)
        return hl_fail(error, HL_INVALID, "units", "must be millivolts or counts");
    return check_leads(config, error);
}

static int64_t samples_in(const struct ecg_pipeline *pipeline, double seconds)
{
    return (int64_t)ceil(seconds * pipeline->config.fs_hz);
}

/* A power of two that holds enough. */
static size_t history_samples(const struct ecg_pipeline *pipeline)
{
    double longest_ms = fmax(ecg_qrs_reach_ms(), ecg_qrs_learning_ms()) + ecg_qrs_confirm_ms();
    size_t least = (size_t)samples_in(pipeline, longest_ms / 1000.0 + MARGIN_S);
    size_t length = 64;
    while (length < least)
        length *= 2;
    return length;
}

static void schedule_vitals(struct ecg_pipeline *pipeline)
{
    double second = (double)(pipeline->vitals_told + 1);
    pipeline->next_vitals = (int64_t)ceil(second * pipeline->config.fs_hz);
}

static hl_result set_up(struct ecg_pipeline *pipeline, const struct ecg_config *config, struct hl_error *error)
{
    pipeline->config = *config;
    pipeline->frame_samples = ecg_frame_samples(config->fs_hz);
    pipeline->last_r = -1;
    size_t length = history_samples(pipeline);
    float *samples = calloc(length * config->lead_count, sizeof *samples);
    struct ecg_frame *ring = calloc(ECG_QRS_RING_FRAMES * config->lead_count, sizeof *ring);
    float *shapes = calloc(ecg_classifier_floats(config->lead_count), sizeof *shapes);
    ecg_classifier_init(&pipeline->classifier, config->lead_count, config->fs_hz, shapes);
    pipeline->history = (struct ecg_history){.samples = samples, .length = length, .lead_count = config->lead_count};
    float floor = config->units == ECG_UNITS_MV ? FLOOR_MV : FLOOR_ADU;
    double frame_ms = 1000.0 * (double)pipeline->frame_samples / config->fs_hz;
    ecg_qrs_init(&pipeline->qrs, config->lead_count, frame_ms, floor, ring);
    ecg_rate_init(&pipeline->rate, config->fs_hz);
    for (size_t lead = 0; lead < config->lead_count; lead++) {
        ecg_front_init(&pipeline->fronts[lead], config->fs_hz);
        pipeline->sign[lead] = 1;
    }
    schedule_vitals(pipeline);
    hl_result stages = ecg_stages_init(&pipeline->stages, config);
    return samples && ring && shapes && stages == HL_OK ? HL_OK
                                                        : hl_fail(error, HL_NO_MEMORY, "", "no memory for an analysis");
}

hl_result ecg_pipeline_new(const struct ecg_config *config, struct ecg_pipeline **out, struct hl_error *error)
{
    *out = NULL;
    hl_result result = check(config, error);
    if (result != HL_OK)
        return result;
    struct ecg_pipeline *pipeline = calloc(1, sizeof *pipeline);
    if (!pipeline)
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for an analysis");
    result = set_up(pipeline, config, error);
    if (result != HL_OK) {
        ecg_pipeline_free(pipeline);
        return result;
    }
    *out = pipeline;
    return HL_OK;
}

void ecg_pipeline_free(struct ecg_pipeline *pipeline)
{
    if (!pipeline)
        return;
    free(pipeline->history.samples);
    free(pipeline->qrs.ring);
    free(pipeline->classifier.shapes);
    ecg_stages_free(&pipeline->stages);
    free(pipeline);
}

/* ---- what is told ---- */

static void tell_vitals(struct ecg_pipeline *pipeline, int64_t sample, const struct ecg_sink *sink)
{
    struct ecg_vitals vitals = {.sample = sample};
    ecg_rate_expire(&pipeline->rate, sample);
    vitals.heart_rate_bpm = ecg_rate_bpm(&pipeline->rate, &vitals.rr_count);
    vitals.rr_ms = ecg_rate_last_rr_ms(&pipeline->rate);
    if (sink && sink->vitals)
        sink->vitals(sink->context, &vitals);
}

static void vitals_when_due(struct ecg_pipeline *pipeline, const struct ecg_sink *sink)
{
    if (pipeline->flushing || pipeline->history.end < pipeline->next_vitals)
        return;
    pipeline->vitals_told++;
    tell_vitals(pipeline, pipeline->next_vitals, sink);
    schedule_vitals(pipeline);
}

static void report_beat(struct ecg_pipeline *pipeline, size_t lead, const struct ecg_r_peak *peak,
                        const struct ecg_sink *sink)
{
    struct ecg_beat beat = {
        .sample = peak->sample,
        .code = 'Q',
        .lead = pipeline->config.leads[lead],
        .amplitude = peak->height,
        .rr_ms = ecg_rate_beat(&pipeline->rate, peak->sample),
    };
    beat.heart_rate_bpm = ecg_rate_bpm(&pipeline->rate, NULL);
    struct ecg_leads_view leads = {pipeline->qrs.weight, pipeline->qrs.typical};
    beat.code = ecg_classify(&pipeline->classifier, &pipeline->history, &leads, peak->sample, beat.rr_ms);
    pipeline->last_r = peak->sample;
    if (sink && sink->beat)
        sink->beat(sink->context, &beat);
    ecg_stages_beat(&pipeline->stages, &beat, sink);
}

/* About where the R peak is whose energy peaked in this frame. */
static int64_t expected_r(const struct ecg_pipeline *pipeline, int64_t frame)
{
    int64_t frames = frame - pipeline->frames_base + 1;
    int64_t energy_peak = pipeline->base_sample + frames * (int64_t)pipeline->frame_samples;
    return energy_peak - samples_in(pipeline, LAG_S);
}

static void tell_seen(const struct ecg_pipeline *pipeline, const struct ecg_sink *sink)
{
    int64_t frame;
    if (!ecg_qrs_seen(&pipeline->qrs, &frame) || !sink || !sink->detected)
        return;
    struct ecg_detection detection = {.sample = expected_r(pipeline, frame)};
    if (detection.sample >= 0 && detection.sample > pipeline->last_r)
        sink->detected(sink->context, &detection);
}

static void handle_hit(struct ecg_pipeline *pipeline, const struct ecg_qrs_hit *hit, const struct ecg_sink *sink)
{
    int64_t expected = expected_r(pipeline, hit->frame);
    struct ecg_span span = {expected - samples_in(pipeline, SEARCH_BEFORE_S),
                            expected + samples_in(pipeline, SEARCH_AFTER_S)};
    struct ecg_r_peak peak;
    if (!ecg_locate(&pipeline->history, hit->lead, pipeline->config.fs_hz, span, pipeline->sign[hit->lead], &peak))
        return;
    if (peak.sample > pipeline->last_r)
        report_beat(pipeline, hit->lead, &peak, sink);
}

/* ---- samples ---- */

/* Frames are counted from here again; a frame that is only partly filled is given up. */
static void rebase_frames(struct ecg_pipeline *pipeline)
{
    pipeline->frames_base = pipeline->qrs.now;
    pipeline->base_sample = pipeline->history.end;
    pipeline->frame_filled = 0;
}

static void mind_hole(struct ecg_pipeline *pipeline, const struct ecg_sink *sink)
{
    if (pipeline->hole >= samples_in(pipeline, HOLE_BREAKS_S))
        ecg_rate_break(&pipeline->rate);
    if (pipeline->hole >= samples_in(pipeline, HOLE_UNKNOWN_S))
        ecg_rate_forget(&pipeline->rate);
    if (pipeline->hole >= samples_in(pipeline, HOLE_RESTARTS_S))
        ecg_qrs_restart(&pipeline->qrs, pipeline->hole < samples_in(pipeline, HOLE_FORGETS_S));
    if (pipeline->hole < samples_in(pipeline, HOLE_FORGETS_S))
        return;
    ecg_classifier_reset(&pipeline->classifier);
    ecg_stages_forget(&pipeline->stages, pipeline->history.end, sink);
}

static void close_frame(struct ecg_pipeline *pipeline, const struct ecg_sink *sink)
{
    struct ecg_qrs_hit hits[ECG_QRS_HITS_MAX];
    for (size_t lead = 0; lead < pipeline->config.lead_count; lead++)
        pipeline->frames[lead] = ecg_front_frame(&pipeline->fronts[lead]);
    pipeline->frame_filled = 0;
    size_t count = ecg_qrs_frame(&pipeline->qrs, pipeline->frames, hits);
    for (size_t i = 0; i < count; i++)
        handle_hit(pipeline, &hits[i], sink);
    tell_seen(pipeline, sink);
    if (!pipeline->flushing)
        ecg_stages_frame(&pipeline->stages, &pipeline->history, false, sink);
    if (pipeline->hole > 0)
        mind_hole(pipeline, sink);
}

/* `samples` may be NULL: nothing came. */
static void step(struct ecg_pipeline *pipeline, const float *const *samples, size_t i, const struct ecg_sink *sink)
{
    bool any = false;
    for (size_t lead = 0; lead < pipeline->config.lead_count; lead++) {
        float x = samples && samples[lead] ? samples[lead][i] : NAN;
        any = any || isfinite(x);
        ecg_stages_sample(&pipeline->stages, lead, pipeline->history.end, x, sink);
        ecg_history_put(&pipeline->history, lead, ecg_front_sample(&pipeline->fronts[lead], x));
    }
    pipeline->hole = any ? 0 : pipeline->hole + 1;
    pipeline->history.end++;
    if (++pipeline->frame_filled == pipeline->frame_samples)
        close_frame(pipeline, sink);
    vitals_when_due(pipeline, sink);
}

void ecg_pipeline_feed(struct ecg_pipeline *pipeline, const float *const *samples, size_t sample_count,
                       const struct ecg_sink *sink)
{
    for (size_t i = 0; i < sample_count; i++)
        step(pipeline, samples, i, sink);
}

/* The index moves on without samples; everything about the signal has been forgotten before. */
static void jump(struct ecg_pipeline *pipeline, int64_t target, const struct ecg_sink *sink)
{
    for (int told = 0; told < SKIPPED_VITALS_MAX && pipeline->next_vitals <= target; told++) {
        pipeline->vitals_told++;
        tell_vitals(pipeline, pipeline->next_vitals, sink);
        schedule_vitals(pipeline);
    }
    pipeline->history.end = target;
    pipeline->history.begin = target;
    pipeline->vitals_told = (int64_t)((double)target / pipeline->config.fs_hz);
    schedule_vitals(pipeline);
    rebase_frames(pipeline);
}

void ecg_pipeline_gap(struct ecg_pipeline *pipeline, int64_t missing_samples, const struct ecg_sink *sink)
{
    if (missing_samples <= 0)
        return;
    int64_t room = POSITION_MAX - pipeline->history.end;
    int64_t target = pipeline->history.end + (missing_samples < room ? missing_samples : room);
    int64_t forgotten = pipeline->history.end + samples_in(pipeline, HOLE_FORGETS_S + 0.1);
    while (pipeline->history.end < target && pipeline->history.end < forgotten)
        step(pipeline, NULL, 0, sink);
    if (pipeline->history.end < target)
        jump(pipeline, target, sink);
}

void ecg_pipeline_flush(struct ecg_pipeline *pipeline, const struct ecg_sink *sink)
{
    int64_t end = pipeline->history.end;
    pipeline->flushing = true;
    for (int64_t i = samples_in(pipeline, ecg_pipeline_delay_ms(pipeline) / 1000.0); i > 0; i--)
        step(pipeline, NULL, 0, sink);
    pipeline->flushing = false;
    pipeline->hole = 0;
    pipeline->history.end = end;
    ecg_stages_frame(&pipeline->stages, &pipeline->history, true, sink);
    pipeline->history.begin = end;
    for (size_t lead = 0; lead < pipeline->config.lead_count; lead++)
        ecg_front_reset(&pipeline->fronts[lead]);
    ecg_qrs_restart(&pipeline->qrs, ecg_qrs_learnt(&pipeline->qrs));
    ecg_rate_break(&pipeline->rate);
    rebase_frames(pipeline);
}

/* ---- what is known ---- */

int64_t ecg_pipeline_position(const struct ecg_pipeline *pipeline)
{
    return pipeline->history.end;
}

bool ecg_pipeline_interpret(const struct ecg_pipeline *pipeline, const struct ecg_person *person,
                            struct ecg_measurements *measurements, struct ecg_statements *out)
{
    const struct ecg_stages *stages = &pipeline->stages;
    struct ecg_rhythm_summary rhythm;
    out->count = 0;
    if (!ecg_measurer_tell(&stages->measurer, pipeline->history.end, stages->quality, measurements))
        return false;
    ecg_stages_summary(stages, pipeline->history.end, &rhythm);
    ecg_interpret(measurements, &rhythm, person, out);
    return true;
}

const struct ecg_classifier *ecg_pipeline_classifier(const struct ecg_pipeline *pipeline)
{
    return &pipeline->classifier;
}

struct ecg_waves *ecg_pipeline_waves(struct ecg_pipeline *pipeline)
{
    return &pipeline->stages.waves;
}

double ecg_pipeline_delay_ms(const struct ecg_pipeline *pipeline)
{
    double frame_ms = 1000.0 * (double)pipeline->frame_samples / pipeline->config.fs_hz;
    return 1000.0 * (LAG_S + SEARCH_BEFORE_S) + ecg_qrs_confirm_ms() + 2.0 * frame_ms;
}

double ecg_pipeline_learning_ms(const struct ecg_pipeline *pipeline)
{
    (void)pipeline;
    return ecg_qrs_learning_ms();
}
