/* The order of things behind a beat. A beat waits until the samples of its T wave are there; then its waves are found,
and everything that stands on them is told. Each stage is a file of its own and knows nothing of the others. */
#include "ecg/stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t samples_in(const struct ecg_stages *stages, double seconds)
{
    return (int64_t)ceil(seconds * stages->config.fs_hz);
}

static void forget_rhythms(struct ecg_stages *stages)
{
    for (size_t i = 0; i < ECG_RHYTHM_COUNT; i++)
        stages->present[i] = -1;
}

hl_result ecg_stages_init(struct ecg_stages *stages, const struct ecg_config *config)
{
    size_t leads = config->lead_count;
    memset(stages, 0, sizeof *stages);
    stages->config = *config;
    stages->before = -1;
    stages->wait = samples_in(stages, ecg_waves_after_ms() / 1000.0);
    stages->next_measure = samples_in(stages, ECG_MEASURE_EVERY_S);
    stages->next_hrv = samples_in(stages, ECG_HRV_WINDOW_S);
    for (size_t lead = 0; lead < leads; lead++)
        ecg_lead_quality_init(&stages->judges[lead], config->fs_hz, config->units);
    float *work = calloc(ecg_waves_floats(leads, config->fs_hz), sizeof *work);
    void *beats = calloc(1, ecg_measurer_bytes(leads));
    stages->hrv = calloc(1, sizeof *stages->hrv);
    ecg_waves_init(&stages->waves, leads, config->fs_hz, work);
    ecg_measurer_init(&stages->measurer, config->fs_hz, config->units, leads, config->leads, beats);
    ecg_rhythms_init(&stages->rhythms, config->fs_hz, config->units, leads, config->leads);
    forget_rhythms(stages);
    if (!work || !beats || !stages->hrv)
        return HL_NO_MEMORY;
    ecg_hrv_init(stages->hrv, config->fs_hz);
    return HL_OK;
}

void ecg_stages_free(struct ecg_stages *stages)
{
    free(stages->waves.work);
    free(stages->measurer.memory);
    free(stages->hrv);
}

/* ---- telling ---- */

static void on_episode(void *context, const struct ecg_episode *episode)
{
    struct ecg_stages *stages = context;
    if (stages->present[episode->rhythm] < episode->end)
        stages->present[episode->rhythm] = episode->end;
    if (stages->sink && stages->sink->episode)
        stages->sink->episode(stages->sink->context, episode);
}

static void listen(struct ecg_stages *stages, const struct ecg_sink *sink)
{
    stages->sink = sink;
    stages->rhythms.listener = on_episode;
    stages->rhythms.context = stages;
}

static void listen_no_more(struct ecg_stages *stages)
{
    stages->sink = NULL;
    stages->rhythms.listener = NULL;
}

/* ---- what comes in ---- */

void ecg_stages_sample(struct ecg_stages *stages, size_t lead, int64_t at, float x, const struct ecg_sink *sink)
{
    int64_t since;
    enum ecg_quality before = stages->quality[lead];
    if (!ecg_lead_quality_sample(&stages->judges[lead], x, &since))
        return;
    struct ecg_quality_change change = {at + since < 0 ? 0 : at + since, lead, stages->judges[lead].now, before};
    stages->quality[lead] = change.quality;
    if (sink && sink->quality)
        sink->quality(sink->context, &change);
}

/* Variability is that of the sinus node. (A junctional rhythm is not asked for: it is told where no P wave is seen.) */
static bool from_elsewhere(enum ecg_rhythm rhythm)
{
    return rhythm == ECG_RHYTHM_ATRIAL_FIBRILLATION || rhythm == ECG_RHYTHM_ATRIAL_FLUTTER ||
           rhythm == ECG_RHYTHM_SVT || rhythm == ECG_RHYTHM_PACED || rhythm == ECG_RHYTHM_IDIOVENTRICULAR ||
           rhythm == ECG_RHYTHM_VT || rhythm == ECG_RHYTHM_VF;
}

void ecg_stages_beat(struct ecg_stages *stages, const struct ecg_beat *beat, const struct ecg_sink *sink)
{
    listen(stages, sink);
    char code = from_elsewhere(stages->rhythms.basic.rhythm) ? 'Q' : beat->code;
    ecg_hrv_beat(stages->hrv, beat->sample, code, !isnan(beat->rr_ms));
    ecg_rhythms_beat(&stages->rhythms, &(struct ecg_rhythm_beat){beat->sample, beat->code, beat->rr_ms});
    listen_no_more(stages);
    if (stages->count == ECG_PENDING_BEATS)
        return; /* more beats than a heart makes */
    size_t at = (stages->first + stages->count++) % ECG_PENDING_BEATS;
    stages->pending[at] = (struct ecg_waves_beat){
        .sample = beat->sample,
        .before = -1,
        .next = -1,
        .code = beat->code,
        .rr_ms = beat->rr_ms,
        .heart_rate_bpm = beat->heart_rate_bpm,
    };
}

static void find_waves(struct ecg_stages *stages, const struct ecg_history *history)
{
    struct ecg_beat_waves waves;
    struct ecg_waves_beat *beat = &stages->pending[stages->first];
    beat->before = stages->before;
    if (stages->count > 1)
        beat->next = stages->pending[(stages->first + 1) % ECG_PENDING_BEATS].sample;
    ecg_waves_find(&stages->waves, history, stages->quality, beat, &waves);
    stages->before = beat->sample;
    stages->first = (stages->first + 1) % ECG_PENDING_BEATS;
    stages->count--;
    ecg_measurer_beat(&stages->measurer, &waves);
    ecg_rhythms_waves(&stages->rhythms, &waves);
    if (stages->sink && stages->sink->waves)
        stages->sink->waves(stages->sink->context, &waves);
}

static void measure(struct ecg_stages *stages, int64_t now)
{
    struct ecg_measurements measurements;
    if (!ecg_measurer_tell(&stages->measurer, now, stages->quality, &measurements))
        return;
    ecg_rhythms_measured(&stages->rhythms, &measurements);
    if (stages->sink && stages->sink->measurements)
        stages->sink->measurements(stages->sink->context, &measurements);
}

static void tell_variability(struct ecg_stages *stages, int64_t now)
{
    struct ecg_hrv hrv;
    if (stages->sink && stages->sink->hrv && ecg_hrv_tell(stages->hrv, now, &hrv))
        stages->sink->hrv(stages->sink->context, &hrv);
}

void ecg_stages_frame(struct ecg_stages *stages, const struct ecg_history *history, bool flush,
                      const struct ecg_sink *sink)
{
    int64_t now = history->end;
    listen(stages, sink);
    while (stages->count > 0 && (flush || now - stages->pending[stages->first].sample >= stages->wait))
        find_waves(stages, history);
    ecg_rhythms_tick(&stages->rhythms, history, stages->quality);
    if (now >= stages->next_measure || flush) {
        measure(stages, now);
        stages->next_measure = now + samples_in(stages, ECG_MEASURE_EVERY_S);
    }
    if (now >= stages->next_hrv) {
        tell_variability(stages, now);
        stages->next_hrv = now + samples_in(stages, ECG_HRV_EVERY_S);
    }
    if (flush)
        ecg_rhythms_flush(&stages->rhythms, now);
    listen_no_more(stages);
}

void ecg_stages_forget(struct ecg_stages *stages, int64_t now, const struct ecg_sink *sink)
{
    listen(stages, sink);
    stages->count = 0;
    stages->before = -1;
    ecg_waves_reset(&stages->waves);
    ecg_measurer_reset(&stages->measurer);
    ecg_hrv_forget(stages->hrv);
    ecg_rhythms_forget(&stages->rhythms, now);
    forget_rhythms(stages);
    listen_no_more(stages);
}

void ecg_stages_summary(const struct ecg_stages *stages, int64_t now, struct ecg_rhythm_summary *out)
{
    int64_t from = now - samples_in(stages, ECG_MEASURE_WINDOW_S);
    out->basic = stages->rhythms.basic.rhythm;
    for (size_t i = 0; i < ECG_RHYTHM_COUNT; i++)
        out->present[i] = stages->present[i] >= 0 && stages->present[i] >= from;
}
