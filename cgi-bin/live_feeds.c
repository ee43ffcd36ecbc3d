/* A hash table of sessions. */
#include "live_feeds.h"

#include <stdio.h>
#include <stdlib.h>

static struct feed **bucket_of(const struct feeds *feeds, int64_t session_key)
{
    return (struct feed **)&feeds->buckets[(uint64_t)session_key % FEED_BUCKETS];
}

struct feed *feeds_find(const struct feeds *feeds, int64_t session_key)
{
    struct feed *feed = *bucket_of(feeds, session_key);
    while (feed && feed->session_key != session_key)
        feed = feed->next_in_bucket;
    return feed;
}

struct feed *feeds_add(struct feeds *feeds, int64_t session_key, const char *patient, const char *session)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return NULL;
    struct feed **bucket = bucket_of(feeds, session_key);
    feed->session_key = session_key;
    snprintf(feed->owner.patient, sizeof feed->owner.patient, "%s", patient);
    snprintf(feed->owner.session, sizeof feed->owner.session, "%s", session);
    feed->next_in_bucket = *bucket;
    *bucket = feed;
    return feed;
}

static void remove_feed(struct feed **link)
{
    struct feed *feed = *link;
    *link = feed->next_in_bucket;
    monitor_free(feed->monitor);
    free(feed);
}

void feeds_clear(struct feeds *feeds)
{
    for (size_t i = 0; i < FEED_BUCKETS; i++)
        while (feeds->buckets[i])
            remove_feed(&feeds->buckets[i]);
}

void feeds_prune(struct feeds *feeds, int64_t before_us)
{
    for (size_t i = 0; i < FEED_BUCKETS; i++) {
        for (struct feed **link = &feeds->buckets[i]; *link;) {
            struct feed *feed = *link;
            if (feed->used_us >= before_us) {
                link = &feed->next_in_bucket;
            } else if (!feed->active) {
                remove_feed(link);
            } else {
                monitor_free(feed->monitor);
                feed->monitor = NULL;
                link = &feed->next_in_bucket;
            }
        }
    }
}

struct feed *feeds_idle(const struct feeds *feeds, int64_t before_us)
{
    for (size_t i = 0; i < FEED_BUCKETS; i++)
        for (struct feed *feed = feeds->buckets[i]; feed; feed = feed->next_in_bucket)
            if (feed->fed && feed->used_us < before_us)
                return feed;
    return NULL;
}

size_t feeds_busy(const struct feeds *feeds, int64_t *session_keys, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < FEED_BUCKETS; i++)
        for (const struct feed *feed = feeds->buckets[i]; feed && count < limit; feed = feed->next_in_bucket)
            if (feed->active || feed->fed)
                session_keys[count++] = feed->session_key;
    return count;
}
