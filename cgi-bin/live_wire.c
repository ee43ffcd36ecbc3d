/* Samples on the wire are integers: millivolts to the microvolt, counts as they are. */
#include "live_wire.h"

#include <math.h>
#include <stdio.h>

#include "service/findings.h"

#define GAIN_MV       1000.0 /* 1 uV: finer than any electrode's noise */
#define GAIN_FRACTION 100.0  /* counts that a client has filtered already are not whole any more */
#define SAMPLE_LIMIT  2e9

static bool all_whole(const struct ecg_chunk *chunk)
{
    for (size_t lead = 0; lead < chunk->lead_count; lead++)
        for (size_t i = 0; i < chunk->sample_count; i++) {
            float value = chunk->samples[lead][i];
            if (isfinite(value) && value != rintf(value))
                return false;
        }
    return true;
}

static void choose_gain(struct wire_owner *owner, const struct ecg_chunk *chunk)
{
    if (chunk->units == ECG_UNITS_MV)
        owner->gain = GAIN_MV;
    else if (owner->gain != GAIN_FRACTION)
        owner->gain = all_whole(chunk) ? 1.0 : GAIN_FRACTION;
}

static int32_t wire_sample(float value, double gain)
{
    double scaled = rint((double)value * gain);
    return fabs(scaled) < SAMPLE_LIMIT ? (int32_t)scaled : NEWS_NO_SAMPLE; /* NaN is not less than anything */
}

struct news *wire_ecg(struct wire_owner *owner, const struct ecg_chunk *chunk, int64_t n)
{
    struct news *news =
        news_new_ecg(owner->patient, owner->session, chunk->start_us, chunk->lead_count, chunk->sample_count);
    if (!news)
        return NULL;
    choose_gain(owner, chunk);
    news->ecg.n = n;
    news->ecg.fs_hz = chunk->fs_hz;
    news->ecg.units = chunk->units == ECG_UNITS_MV ? "mV" : "adu";
    news->ecg.gain = owner->gain;
    int32_t *to = news->ecg.samples;
    for (size_t lead = 0; lead < chunk->lead_count; lead++) {
        news->ecg.leads[lead] = ecg_lead_name(chunk->leads[lead]);
        for (size_t i = 0; i < chunk->sample_count; i++)
            *to++ = wire_sample(chunk->samples[lead][i], owner->gain);
    }
    return news;
}

struct news *wire_beat(const struct wire_owner *owner, const struct monitor_beat *beat, const char *anomaly)
{
    struct news *news = news_new(NEWS_BEAT, owner->patient, owner->session, beat->time_us, 0);
    if (!news)
        return NULL;
    news->beat.n = beat->n;
    news->beat.code = beat->code;
    news->beat.rr_ms = beat->rr_ms;
    news->beat.heart_rate_bpm = beat->heart_rate_bpm;
    if (anomaly)
        snprintf(news->beat.anomaly, sizeof news->beat.anomaly, "%s", anomaly);
    return news;
}

const char *wire_anomaly(char code)
{
    return code == 'V' ? "PVC" : code == 'A' ? "PAC" : NULL;
}

struct news *wire_vitals(const struct wire_owner *owner, const struct monitor_vitals *vitals)
{
    struct news *news = news_new_text(NEWS_VITALS, owner->patient, owner->session, vitals->time_us, "");
    if (!news)
        return NULL;
    news->vitals.heart_rate_bpm = vitals->heart_rate_bpm;
    news->vitals.rr_ms = vitals->rr_ms;
    return news;
}

/* ---- what else the analysis finds ---- */

static struct news *finding(enum news_kind kind, const struct wire_owner *owner, int64_t time_us, int64_t from_us,
                            const struct buf *text)
{
    struct news *news = buf_ok(text) ? news_new_text(kind, owner->patient, owner->session, time_us, text->data) : NULL;
    if (news)
        news->finding.from_us = from_us;
    return news;
}

struct news *wire_measurements(const struct wire_owner *owner, const struct monitor_measurements *told,
                               struct buf *text)
{
    buf_clear(text);
    findings_measurements(text, told->measurements);
    return finding(NEWS_MEASUREMENTS, owner, told->time_us, told->from_us, text);
}

struct news *wire_hrv(const struct wire_owner *owner, const struct monitor_hrv *told, struct buf *text)
{
    buf_clear(text);
    findings_hrv(text, told->hrv);
    return finding(NEWS_HRV, owner, told->time_us, told->from_us, text);
}

struct news *wire_interpretation(const struct wire_owner *owner, const struct monitor_interpretation *told,
                                 struct buf *text)
{
    buf_clear(text);
    buf_text(text, "\"statements\":");
    findings_statements(text, told->statements);
    return finding(NEWS_INTERPRETATION, owner, told->time_us, NEWS_NO_TIME, text);
}

struct news *wire_episode(const struct wire_owner *owner, const struct monitor_episode *told, struct buf *text)
{
    buf_clear(text);
    findings_rhythm(text, told->rhythm, told->open);
    buf_text(text, ",\"n\":");
    buf_int(text, told->n);
    buf_char(text, ',');
    findings_rates(text, !told->continued, told->beats,
                   (double[]){told->rate_min_bpm, told->rate_max_bpm, told->rate_mean_bpm});
    struct news *news =
        buf_ok(text) ? news_new_text(NEWS_EPISODE, owner->patient, owner->session, told->onset_us, text->data) : NULL;
    if (!news)
        return NULL;
    news->episode.basic = ecg_rhythm_rows[told->rhythm].basic;
    news->episode.open = told->open;
    news->episode.end_us = told->end_us;
    snprintf(news->episode.rhythm, sizeof news->episode.rhythm, "%s", ecg_rhythm_rows[told->rhythm].name);
    return news;
}

struct news *wire_quality(const struct wire_owner *owner, const struct monitor_quality *told)
{
    struct news *news = news_new(NEWS_QUALITY, owner->patient, owner->session, told->time_us, 0);
    if (!news)
        return NULL;
    news->quality.lead = ecg_lead_name(told->lead);
    news->quality.quality = ecg_quality_name(told->quality);
    return news;
}
