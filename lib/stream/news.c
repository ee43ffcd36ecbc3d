/* Making and freeing news. */
#include "stream/news.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct news *news_new(enum news_kind kind, const char *patient, const char *session, int64_t t_us, size_t tail_bytes)
{
    struct news *news = malloc(sizeof *news + tail_bytes);
    if (!news)
        return NULL;
    memset(news, 0, sizeof *news);
    news->kind = kind;
    news->t_us = t_us;
    snprintf(news->patient, sizeof news->patient, "%s", patient);
    snprintf(news->session, sizeof news->session, "%s", session ? session : "");
    return news;
}

void news_free(struct news *news)
{
    free(news);
}

struct news *news_new_ecg(const char *patient, const char *session, int64_t t_us, size_t lead_count,
                          size_t sample_count)
{
    struct news *news = news_new(NEWS_ECG, patient, session, t_us, lead_count * sample_count * sizeof(int32_t));
    if (!news)
        return NULL;
    news->ecg.lead_count = lead_count;
    news->ecg.sample_count = sample_count;
    news->ecg.samples = (int32_t *)(void *)news->tail;
    return news;
}

struct news *news_new_text(enum news_kind kind, const char *patient, const char *session, int64_t t_us,
                           const char *text)
{
    size_t size = strlen(text) + 1;
    struct news *news = news_new(kind, patient, session, t_us, size);
    if (!news)
        return NULL;
    memcpy(news->tail, text, size);
    if (kind == NEWS_PATIENT)
        news->info.name = news->tail;
    else if (kind == NEWS_VITALS)
        news->vitals.metrics = news->tail;
    else if (kind == NEWS_EVENT)
        news->event.text = news->tail;
    else if (kind == NEWS_EPISODE)
        news->episode.text = news->tail;
    else
        news->finding.text = news->tail;
    return news;
}
