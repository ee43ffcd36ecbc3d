/* The hub: what is known of every patient at this moment, a log of what was told lately, and who listens.

News goes in (hub_apply); each becomes an event with a number of its own in one log that all subscribers share. A
subscriber is a filter and a place in that log, so that a slow one costs nothing: when what it has not read yet is too
old, it is told of the gap and begins anew with a snapshot. Resuming is the same thing: a place in the log.

The hub knows no socket, no thread and no clock. One thread at a time calls it; times are arguments. How an event is
framed (server-sent events now) is the transport's business. What the events say: docs/streams.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "stream/news.h"

struct hub;
struct hub_subscriber;

/* "Now" on both clocks: the monotonic one measures, the wall clock is told to people. */
struct hub_time {
    int64_t monotonic_us;
    int64_t wall_us;
};

struct hub_limits {
    size_t log_bytes;   /* the log forgets its oldest events above this .. */
    int64_t log_age_us; /* .. and those older than this */
    int64_t behind_us;  /* a subscriber whose next event is older than this is told a gap */
    int64_t silent_us;  /* a session without samples for so long is silent */
    int64_t tick_us;    /* how often a subscriber gets a tick */
    int64_t history_us; /* how much signal a snapshot holds */
};

/* 64 MB, 60 s, 10 s, 5 s, 2 s, 10 s. */
extern const struct hub_limits hub_default_limits;

/* `started_us` (wall clock, microseconds) names this life of the server: it becomes the epoch. Freed by the caller,
   after all its subscribers. */
HL_MUST_CHECK hl_result hub_new(int64_t started_us, const struct hub_limits *limits, struct hub **out);
void hub_free(struct hub *hub); /* NULL is allowed */

/* Takes the news over. When memory runs out the news is lost, and with it its number: a gap, never a repeat. */
void hub_apply(struct hub *hub, struct news *news, struct hub_time now);

/* To be called several times a second: notices silence, forgets old events, makes ticks due. */
void hub_tick(struct hub *hub, struct hub_time now);

/* Calls `wake` of every subscriber that has something to read and was not woken since it last read everything. */
void hub_wake(struct hub *hub);

struct hub_filter {
    bool everyone; /* all patients; otherwise those listed */
    bool full;     /* all leads; otherwise one */
    size_t count;
    const char (*patients)[NEWS_PATIENT_SIZE]; /* uuids in lower case; copied; unknown ones may appear later */
};

/* `last_event_id`: what a reconnecting client says, as it came from the network, or NULL. NULL when out of memory. */
struct hub_subscriber *hub_subscribe(struct hub *hub, const struct hub_filter *filter, const char *last_event_id,
                                     struct hub_time now, void (*wake)(void *context), void *context);
void hub_unsubscribe(struct hub_subscriber *subscriber); /* NULL is allowed */

/* One event for one subscriber, valid until the next call of the hub. */
struct hub_item {
    const char *event; /* "ecg" */
    char id[64];       /* empty when the event has none (hello, gap, tick) */
    const char *data;  /* JSON on one line */
    size_t length;
};

/* The next event, or false when everything was read. */
bool hub_next(struct hub_subscriber *subscriber, struct hub_time now, struct hub_item *item);

/* For a look from outside. */
struct hub_counts {
    size_t patients, subscribers, log_events, log_bytes;
    uint64_t published, gaps_told;
};
void hub_count(const struct hub *hub, struct hub_counts *counts);
