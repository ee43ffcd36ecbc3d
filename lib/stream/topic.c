/* What is known of one patient, and how news changes it: the strip of the last seconds, the last beats and numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/hub_private.h"

const char *topic_state_name(enum topic_state state)
{
    static const char *const names[] = {
        [TOPIC_NONE] = "silent", [TOPIC_LIVE] = "live", [TOPIC_SILENT] = "silent", [TOPIC_ENDED] = "ended"};
    return names[state];
}

void topic_forget_events(struct topic *topic)
{
    while (topic->event_count > 0)
        free(topic->events[--topic->event_count].text);
}

/* What was measured of a session. */
static void forget_findings(struct topic *topic)
{
    for (size_t i = 0; i < TOPIC_FINDINGS; i++) {
        free(topic->findings[i].text);
        topic->findings[i] = (struct topic_finding){0};
    }
    while (topic->episode_count > 0)
        free(topic->episodes[--topic->episode_count].text);
    topic->quality_count = 0;
}

void topic_free_content(struct topic *topic)
{
    topic_forget_events(topic);
    forget_findings(topic);
    free(topic->name);
    free(topic->device_metrics);
    free(topic->signal.samples);
}

static void forget_signal(struct topic_signal *signal)
{
    free(signal->samples);
    *signal = (struct topic_signal){0};
}

/* What was measured in another session says nothing about this one. */
void topic_start_session(struct topic *topic, const char *session, int64_t start_us)
{
    topic->session_start_us = start_us;
    snprintf(topic->session, sizeof topic->session, "%s", session);
    forget_signal(&topic->signal);
    topic->has_vitals = false;
    free(topic->device_metrics);
    topic->device_metrics = NULL;
    topic->beat_count = 0;
    forget_findings(topic);
}

void topic_take_info(struct topic *topic, const struct news *news)
{
    char *name = strdup(news->info.name);
    if (name) {
        free(topic->name);
        topic->name = name;
    }
    topic->is_virtual = news->info.is_virtual;
    topic->known = true;
    bool has_session = topic->state != TOPIC_NONE;
    if (has_session && (strcmp(topic->session, news->session) == 0 || news->t_us < topic->session_start_us))
        return;
    topic_start_session(topic, news->session, news->t_us);
    topic->state = news->info.active ? TOPIC_SILENT : TOPIC_ENDED;
    topic->since_us = news->info.last_signal_us != NEWS_NO_TIME ? news->info.last_signal_us : news->t_us;
}

static bool same_signal(const struct topic_signal *signal, const struct news_ecg *ecg)
{
    if (!signal->samples || signal->fs_hz != ecg->fs_hz || signal->gain != ecg->gain ||
        signal->lead_count != ecg->lead_count || strcmp(signal->units, ecg->units) != 0)
        return false;
    for (size_t i = 0; i < ecg->lead_count; i++)
        if (strcmp(signal->leads[i], ecg->leads[i]) != 0)
            return false;
    return true;
}

static bool begin_signal(struct topic_signal *signal, const struct news_ecg *ecg, int64_t history_us)
{
    forget_signal(signal);
    size_t capacity = (size_t)ceil(ecg->fs_hz * (double)history_us / 1e6);
    if (capacity == 0 || ecg->lead_count == 0)
        return false;
    signal->samples = calloc(capacity * ecg->lead_count, sizeof *signal->samples);
    if (!signal->samples)
        return false;
    signal->capacity = capacity;
    signal->fs_hz = ecg->fs_hz;
    signal->gain = ecg->gain;
    signal->units = ecg->units;
    signal->lead_count = ecg->lead_count;
    memcpy(signal->leads, ecg->leads, sizeof signal->leads);
    signal->next_n = ecg->n;
    return true;
}

static size_t ring_at(const struct topic_signal *signal, int64_t n)
{
    int64_t capacity = (int64_t)signal->capacity;
    int64_t at = n % capacity;
    return (size_t)(at < 0 ? at + capacity : at);
}

static void advance(struct topic_signal *signal, int64_t samples)
{
    signal->next_n += samples;
    int64_t count = (int64_t)signal->count + samples;
    signal->count = count < (int64_t)signal->capacity ? (size_t)count : signal->capacity;
}

/* A hole shorter than the strip is kept as missing samples; after a longer one the strip begins anew. */
static void bridge_gap(struct topic_signal *signal, int64_t n)
{
    int64_t missing = n - signal->next_n;
    if (missing < 0 || missing >= (int64_t)signal->capacity || signal->count == 0) {
        signal->count = 0;
        signal->next_n = n;
        return;
    }
    for (int64_t i = signal->next_n; i < n; i++)
        for (size_t lead = 0; lead < signal->lead_count; lead++)
            signal->samples[lead * signal->capacity + ring_at(signal, i)] = NEWS_NO_SAMPLE;
    advance(signal, missing);
}

static void put_samples(struct topic_signal *signal, const struct news_ecg *ecg)
{
    size_t skip = ecg->sample_count > signal->capacity ? ecg->sample_count - signal->capacity : 0;
    for (size_t lead = 0; lead < ecg->lead_count; lead++) {
        const int32_t *from = ecg->samples + lead * ecg->sample_count;
        int32_t *ring = signal->samples + lead * signal->capacity;
        size_t at = ring_at(signal, ecg->n + (int64_t)skip);
        for (size_t i = skip; i < ecg->sample_count; i++) {
            ring[at] = from[i];
            at = at + 1 < signal->capacity ? at + 1 : 0;
        }
    }
    advance(signal, (int64_t)ecg->sample_count);
}

void topic_take_ecg(struct topic *topic, const struct news *news, int64_t history_us)
{
    struct topic_signal *signal = &topic->signal;
    const struct news_ecg *ecg = &news->ecg;
    if (news->history && signal->count > 0 && ecg->n < signal->next_n)
        return; /* the present was faster */
    if (!same_signal(signal, ecg) && !begin_signal(signal, ecg, history_us))
        return;
    if (ecg->n != signal->next_n)
        bridge_gap(signal, ecg->n);
    put_samples(signal, ecg);
    signal->end_us = news->t_us + (int64_t)llround((double)ecg->sample_count * 1e6 / ecg->fs_hz);
}

void topic_take_beat(struct topic *topic, const struct news *news)
{
    struct topic_beat *beat = &topic->beats[topic->beat_count++ % TOPIC_BEATS];
    *beat =
        (struct topic_beat){.n = news->beat.n, .t_us = news->t_us, .code = news->beat.code, .rr_ms = news->beat.rr_ms};
    memcpy(beat->anomaly, news->beat.anomaly, sizeof beat->anomaly);
}

void topic_take_vitals(struct topic *topic, const struct news *news)
{
    if (!news->vitals.from_device) {
        topic->has_vitals = true;
        topic->vitals = news->vitals;
        topic->vitals.metrics = NULL;
        topic->vitals_us = news->t_us;
        return;
    }
    char *metrics = strdup(news->vitals.metrics ? news->vitals.metrics : "");
    if (!metrics)
        return;
    free(topic->device_metrics);
    topic->device_metrics = metrics;
    topic->device_metrics_us = news->t_us;
}

static bool knows_event(const struct topic *topic, const struct news *news)
{
    for (size_t i = 0; i < topic->event_count; i++)
        if (topic->events[i].t_us == news->t_us && strcmp(topic->events[i].kind, news->event.kind) == 0 &&
            strcmp(topic->events[i].text, news->event.text) == 0)
            return true;
    return false;
}

static void forget_oldest_event(struct topic *topic)
{
    free(topic->events[0].text);
    memmove(topic->events, topic->events + 1, --topic->event_count * sizeof topic->events[0]);
}

/* In the order of their times: what was loaded at start may come after what has just happened. */
bool topic_take_event(struct topic *topic, const struct news *news)
{
    if (knows_event(topic, news))
        return false;
    bool full = topic->event_count == TOPIC_EVENTS;
    char *text = full && news->t_us < topic->events[0].t_us ? NULL : strdup(news->event.text);
    if (!text)
        return true;
    if (full)
        forget_oldest_event(topic);
    size_t at = topic->event_count++;
    for (; at > 0 && topic->events[at - 1].t_us > news->t_us; at--)
        topic->events[at] = topic->events[at - 1];
    topic->events[at] = (struct topic_event){.t_us = news->t_us, .text = text};
    memcpy(topic->events[at].kind, news->event.kind, sizeof topic->events[at].kind);
    return true;
}

void topic_take_finding(struct topic *topic, const struct news *news)
{
    struct topic_finding *finding = &topic->findings[news->kind - NEWS_MEASUREMENTS];
    char *text = strdup(news->finding.text);
    if (!text)
        return;
    free(finding->text);
    *finding = (struct topic_finding){.t_us = news->t_us, .from_us = news->finding.from_us, .text = text};
}

static void forget_episode(struct topic *topic, size_t index)
{
    free(topic->episodes[index].text);
    memmove(topic->episodes + index, topic->episodes + index + 1,
            (--topic->episode_count - index) * sizeof topic->episodes[0]);
}

/* The oldest that has ended, or else the oldest. */
static void make_room_for_episode(struct topic *topic)
{
    size_t index = 0;
    while (index < topic->episode_count && topic->episodes[index].open)
        index++;
    forget_episode(topic, index < topic->episode_count ? index : 0);
}

static size_t find_episode(const struct topic *topic, const struct news *news)
{
    size_t index = 0;
    while (index < topic->episode_count && (topic->episodes[index].onset_us != news->t_us ||
                                            strcmp(topic->episodes[index].rhythm, news->episode.rhythm) != 0))
        index++;
    return index;
}

/* One that turned out not to have been is forgotten. */
void topic_take_episode(struct topic *topic, const struct news *news)
{
    size_t index = find_episode(topic, news);
    if (index < topic->episode_count)
        forget_episode(topic, index);
    char *text = news->episode.open || news->episode.end_us > news->t_us ? strdup(news->episode.text) : NULL;
    if (!text)
        return;
    if (topic->episode_count == TOPIC_EPISODES)
        make_room_for_episode(topic);
    struct topic_episode *episode = &topic->episodes[topic->episode_count++];
    *episode = (struct topic_episode){.onset_us = news->t_us,
                                      .end_us = news->episode.end_us,
                                      .basic = news->episode.basic,
                                      .open = news->episode.open,
                                      .text = text};
    memcpy(episode->rhythm, news->episode.rhythm, sizeof episode->rhythm);
}

void topic_take_quality(struct topic *topic, const struct news *news)
{
    size_t index = 0;
    while (index < topic->quality_count && strcmp(topic->quality[index].lead, news->quality.lead) != 0)
        index++;
    if (index == NEWS_MAX_LEADS)
        return;
    if (index == topic->quality_count)
        topic->quality[topic->quality_count++].lead = news->quality.lead;
    topic->quality[index].quality = news->quality.quality;
    topic->quality_us = news->t_us;
}
