/* The log and its readers. What is known of a patient is in topic.c, the JSON in render.c.

Sequence numbers are places in the log: event SEQ stands in slot SEQ % LOG_SLOTS as long as it is held, so that a
subscriber needs one number only and resuming needs no search. */
#include "stream/hub.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/hub_private.h"

const struct hub_limits hub_default_limits = {
    .log_bytes = 64u << 20,
    .log_age_us = 60 * 1000000LL,
    .behind_us = 10 * 1000000LL,
    .silent_us = 5 * 1000000LL,
    .tick_us = 2 * 1000000LL,
    .history_us = 10 * 1000000LL,
};

/* How much signal a snapshot holds in all, summed over patients and leads: ten seconds of 64 patients' walls. With a
   thousand patients it would be 20 MB for each reader otherwise. */
#define SNAPSHOT_LEAD_SECONDS 640.0

struct hub_subscriber {
    struct hub *hub;
    struct hub_subscriber *previous, *next;
    bool everyone, full;
    size_t topic_count;
    struct topic **topics; /* held */
    uint64_t cursor;       /* the next event to look at */
    uint64_t resume_until; /* up to here it may be late: it came back for these */
    bool hello_due, snapshot_due, tick_due, woken;
    const char *gap_reason; /* a gap is due; NULL when none is */
    char gap_from[64];      /* empty: null */
    int64_t next_tick_us;
    void (*wake)(void *context);
    void *context;
};

struct hub {
    struct hub_limits limits;
    char epoch[24];
    struct hub_event *slots[LOG_SLOTS]; /* NULL: the event was lost for want of memory */
    uint64_t first_seq, next_seq;       /* the log holds [first, next) */
    size_t log_bytes;
    struct topic *buckets[TOPIC_BUCKETS];
    struct topic *topics; /* all of them, in the order they came */
    struct topic *last_topic;
    size_t known_patients;
    struct hub_subscriber *subscribers;
    size_t subscriber_count;
    uint64_t gaps_told;
    struct buf scratch; /* of the item that hub_next gave last */
};

hl_result hub_new(int64_t started_us, const struct hub_limits *limits, struct hub **out)
{
    struct hub *hub = calloc(1, sizeof *hub);
    *out = hub;
    if (!hub)
        return HL_NO_MEMORY;
    hub->limits = *limits;
    snprintf(hub->epoch, sizeof hub->epoch, "%" PRIx64, (uint64_t)started_us);
    hub->first_seq = hub->next_seq = 1;
    return HL_OK;
}

/* ---- topics ---- */

static size_t bucket_of(const char *patient)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = patient; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    return (size_t)(hash % TOPIC_BUCKETS);
}

static struct topic *find_topic(const struct hub *hub, const char *patient)
{
    struct topic *topic = hub->buckets[bucket_of(patient)];
    while (topic && strcmp(topic->patient, patient) != 0)
        topic = topic->next_in_bucket;
    return topic;
}

static struct topic *find_or_make_topic(struct hub *hub, const char *patient)
{
    struct topic *topic = find_topic(hub, patient);
    if (topic)
        return topic;
    topic = calloc(1, sizeof *topic);
    if (!topic)
        return NULL;
    snprintf(topic->patient, sizeof topic->patient, "%s", patient);
    struct topic **bucket = &hub->buckets[bucket_of(patient)];
    topic->next_in_bucket = *bucket;
    *bucket = topic;
    topic->previous = hub->last_topic;
    *(hub->last_topic ? &hub->last_topic->next : &hub->topics) = topic;
    hub->last_topic = topic;
    return topic;
}

static void unlink_topic(struct hub *hub, struct topic *topic)
{
    struct topic **link = &hub->buckets[bucket_of(topic->patient)];
    while (*link != topic)
        link = &(*link)->next_in_bucket;
    *link = topic->next_in_bucket;
    *(topic->previous ? &topic->previous->next : &hub->topics) = topic->next;
    *(topic->next ? &topic->next->previous : &hub->last_topic) = topic->previous;
}

static void drop_topic_when_unused(struct hub *hub, struct topic *topic)
{
    if (topic->known || topic->holders > 0)
        return;
    unlink_topic(hub, topic);
    topic_free_content(topic);
    free(topic);
}

static void release_topic(struct hub *hub, struct topic *topic)
{
    topic->holders--;
    drop_topic_when_unused(hub, topic);
}

/* ---- the log ---- */

static void forget_first_event(struct hub *hub)
{
    struct hub_event **slot = &hub->slots[hub->first_seq++ % LOG_SLOTS];
    struct hub_event *event = *slot;
    *slot = NULL;
    if (!event)
        return;
    hub->log_bytes -= event->bytes;
    for (int i = 0; i < DETAIL_COUNT; i++)
        buf_free(&event->text[i]);
    news_free(event->ecg);
    release_topic(hub, event->topic);
    free(event);
}

static void bound_log(struct hub *hub, int64_t monotonic_us)
{
    while (hub->first_seq < hub->next_seq) {
        const struct hub_event *first = hub->slots[hub->first_seq % LOG_SLOTS];
        bool full = hub->log_bytes > hub->limits.log_bytes || hub->next_seq - hub->first_seq >= LOG_SLOTS;
        if (first && !full && monotonic_us - first->monotonic_us <= hub->limits.log_age_us)
            return;
        forget_first_event(hub);
    }
}

/* A new event, still without text. The number is used up even when there is no memory for it. */
static struct hub_event *log_event(struct hub *hub, struct topic *topic, const char *name, struct hub_time now)
{
    bound_log(hub, now.monotonic_us);
    struct hub_event *event = calloc(1, sizeof *event);
    uint64_t seq = hub->next_seq++;
    hub->slots[seq % LOG_SLOTS] = event;
    if (!event)
        return NULL;
    event->seq = seq;
    event->topic = topic;
    event->name = name;
    event->monotonic_us = now.monotonic_us;
    topic->holders++;
    topic->last_seq = seq;
    return event;
}

static void account(struct hub *hub, struct hub_event *event)
{
    size_t bytes = sizeof *event + event->text[DETAIL_WALL].capacity + event->text[DETAIL_FULL].capacity;
    if (event->ecg)
        bytes += sizeof *event->ecg + event->ecg->ecg.lead_count * event->ecg->ecg.sample_count * sizeof(int32_t);
    hub->log_bytes += bytes - event->bytes;
    event->bytes = bytes;
}

static void tell_news(struct hub *hub, struct topic *topic, const char *name, const struct news *news,
                      void (*render)(struct buf *, const struct news *), struct hub_time now)
{
    struct hub_event *event = log_event(hub, topic, name, now);
    if (!event)
        return;
    render(&event->text[DETAIL_WALL], news);
    account(hub, event);
}

static void tell_topic(struct hub *hub, struct topic *topic, const char *name,
                       void (*render)(struct buf *, const struct topic *), struct hub_time now)
{
    struct hub_event *event = log_event(hub, topic, name, now);
    if (!event)
        return;
    render(&event->text[DETAIL_WALL], topic);
    account(hub, event);
}

static void tell_patient(struct hub *hub, struct topic *topic, struct hub_time now)
{
    struct hub_event *event = log_event(hub, topic, "patient", now);
    if (!event)
        return;
    event->two_details = true;
    render_patient(&event->text[DETAIL_WALL], topic, false, SNAPSHOT_LEAD_SECONDS);
    render_patient(&event->text[DETAIL_FULL], topic, true, SNAPSHOT_LEAD_SECONDS);
    account(hub, event);
}

static void set_state(struct hub *hub, struct topic *topic, enum topic_state state, int64_t since_us,
                      struct hub_time now)
{
    if (topic->state == state)
        return;
    topic->state = state;
    topic->since_us = since_us;
    tell_topic(hub, topic, "state", render_state, now);
}

/* ---- news ---- */

static void apply_patient(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    if (!topic->known)
        hub->known_patients++;
    topic_take_info(topic, news);
    if (!news->history)
        tell_patient(hub, topic, now);
}

/* The session that brings samples is the one shown, but two that do so at once must not fight over the place. */
static bool is_shown(struct hub *hub, struct topic *topic, const struct news *news, struct hub_time now)
{
    if (strcmp(topic->session, news->session) == 0)
        return true;
    if (topic->state == TOPIC_LIVE || news->history)
        return false;
    topic_start_session(topic, news->session, news->t_us);
    tell_patient(hub, topic, now);
    return true;
}

static bool apply_ecg(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    bool shown = is_shown(hub, topic, news, now);
    if (shown)
        topic_take_ecg(topic, news, hub->limits.history_us);
    if (news->history)
        return false;
    if (shown) {
        topic->last_sample_monotonic_us = now.monotonic_us;
        topic->last_sample_wall_us = now.wall_us;
        set_state(hub, topic, TOPIC_LIVE, now.wall_us, now);
    }
    struct hub_event *event = log_event(hub, topic, "ecg", now);
    if (!event)
        return false;
    event->two_details = true;
    event->ecg = news;
    account(hub, event);
    return true;
}

static void apply_beat(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    if (strcmp(topic->session, news->session) == 0)
        topic_take_beat(topic, news);
    if (!news->history)
        tell_news(hub, topic, "beat", news, render_beat, now);
}

static void apply_vitals(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    if (strcmp(topic->session, news->session) == 0)
        topic_take_vitals(topic, news);
    if (!news->history)
        tell_news(hub, topic, "vitals", news, render_vitals, now);
}

static void apply_ended(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    if (strcmp(topic->session, news->session) == 0)
        set_state(hub, topic, TOPIC_ENDED, news->t_us, now);
}

static void apply_event(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    if (topic_take_event(topic, news) && !news->history)
        tell_news(hub, topic, "event", news, render_event, now);
}

static void apply_finding(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    static const char *const names[TOPIC_FINDINGS] = {"measurements", "hrv", "interpretation"};
    if (strcmp(topic->session, news->session) == 0)
        topic_take_finding(topic, news);
    if (news->history)
        return;
    struct hub_event *event = log_event(hub, topic, names[news->kind - NEWS_MEASUREMENTS], now);
    if (!event)
        return;
    event->full_only = true;
    render_finding(&event->text[DETAIL_WALL], news);
    account(hub, event);
}

static void apply_episode(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    if (strcmp(topic->session, news->session) == 0)
        topic_take_episode(topic, news);
    if (!news->history)
        tell_news(hub, topic, "episode", news, render_episode, now);
}

/* Told of the session that is shown: what it says of all leads together is of that. */
static void apply_quality(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    if (strcmp(topic->session, news->session) != 0)
        return;
    topic_take_quality(topic, news);
    struct hub_event *event = news->history ? NULL : log_event(hub, topic, "quality", now);
    if (!event)
        return;
    event->two_details = true;
    render_quality(&event->text[DETAIL_WALL], topic, news, false);
    render_quality(&event->text[DETAIL_FULL], topic, news, true);
    account(hub, event);
}

static void apply_removed(struct hub *hub, struct topic *topic, struct hub_time now)
{
    tell_topic(hub, topic, "removed", render_removed, now);
    topic->known = false;
    topic->state = TOPIC_NONE;
    topic_start_session(topic, "", 0);
    topic_forget_events(topic);
    hub->known_patients--;
}

/* True when the news was kept. */
static bool apply_to_topic(struct hub *hub, struct topic *topic, struct news *news, struct hub_time now)
{
    switch (news->kind) {
    case NEWS_PATIENT: apply_patient(hub, topic, news, now); break;
    case NEWS_ECG: return apply_ecg(hub, topic, news, now);
    case NEWS_BEAT: apply_beat(hub, topic, news, now); break;
    case NEWS_VITALS: apply_vitals(hub, topic, news, now); break;
    case NEWS_ENDED: apply_ended(hub, topic, news, now); break;
    case NEWS_EVENT: apply_event(hub, topic, news, now); break;
    case NEWS_MEASUREMENTS:
    case NEWS_HRV:
    case NEWS_INTERPRETATION: apply_finding(hub, topic, news, now); break;
    case NEWS_EPISODE: apply_episode(hub, topic, news, now); break;
    case NEWS_QUALITY: apply_quality(hub, topic, news, now); break;
    case NEWS_REMOVED: apply_removed(hub, topic, now); break;
    }
    return false;
}

void hub_apply(struct hub *hub, struct news *news, struct hub_time now)
{
    struct topic *topic =
        news->kind == NEWS_PATIENT ? find_or_make_topic(hub, news->patient) : find_topic(hub, news->patient);
    bool kept = false;
    if (topic && (topic->known || news->kind == NEWS_PATIENT))
        kept = apply_to_topic(hub, topic, news, now);
    if (!kept)
        news_free(news);
}

void hub_tick(struct hub *hub, struct hub_time now)
{
    for (struct topic *topic = hub->topics; topic; topic = topic->next) {
        if (topic->state == TOPIC_LIVE && now.monotonic_us - topic->last_sample_monotonic_us >= hub->limits.silent_us)
            set_state(hub, topic, TOPIC_SILENT, topic->last_sample_wall_us, now);
    }
    bound_log(hub, now.monotonic_us);
    for (struct hub_subscriber *subscriber = hub->subscribers; subscriber; subscriber = subscriber->next) {
        if (now.monotonic_us < subscriber->next_tick_us)
            continue;
        subscriber->tick_due = true;
        subscriber->next_tick_us += hub->limits.tick_us;
        if (subscriber->next_tick_us <= now.monotonic_us)
            subscriber->next_tick_us = now.monotonic_us + hub->limits.tick_us;
    }
}

/* ---- subscribers ---- */

static bool wants(const struct hub_subscriber *subscriber, const struct topic *topic)
{
    if (subscriber->everyone)
        return true;
    for (size_t i = 0; i < subscriber->topic_count; i++)
        if (subscriber->topics[i] == topic)
            return true;
    return false;
}

/* Moves the cursor to the next event this subscriber wants, or to the end of the log. */
static struct hub_event *seek(struct hub_subscriber *subscriber)
{
    const struct hub *hub = subscriber->hub;
    if (subscriber->topic_count == 1 && subscriber->topics[0]->last_seq < subscriber->cursor)
        subscriber->cursor = hub->next_seq;
    for (; subscriber->cursor < hub->next_seq; subscriber->cursor++) {
        struct hub_event *event = hub->slots[subscriber->cursor % LOG_SLOTS];
        if (event && (subscriber->full || !event->full_only) && wants(subscriber, event->topic))
            return event;
    }
    return NULL;
}

static bool has_something(struct hub_subscriber *subscriber)
{
    if (subscriber->hello_due || subscriber->gap_reason || subscriber->snapshot_due || subscriber->tick_due)
        return true;
    return subscriber->cursor < subscriber->hub->first_seq || seek(subscriber);
}

void hub_wake(struct hub *hub)
{
    struct hub_subscriber *next;
    for (struct hub_subscriber *subscriber = hub->subscribers; subscriber; subscriber = next) {
        next = subscriber->next;
        if (subscriber->woken || !has_something(subscriber))
            continue;
        subscriber->woken = true;
        subscriber->wake(subscriber->context);
    }
}

static bool all_of(const char *text, size_t length, const char *allowed)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr(allowed, text[i]) || text[i] == '\0')
            return false;
    return length > 0;
}

/* "EPOCH-SEQ" with at most 18 digits of SEQ; false for anything else. */
static bool parse_event_id(const char *id, size_t *epoch_length, uint64_t *seq)
{
    const char *dash = strchr(id, '-');
    if (!dash || dash - id > 20 || strlen(dash + 1) > 18)
        return false;
    *epoch_length = (size_t)(dash - id);
    if (!all_of(id, *epoch_length, "0123456789abcdef") || !all_of(dash + 1, strlen(dash + 1), "0123456789"))
        return false;
    *seq = strtoull(dash + 1, NULL, 10);
    return true;
}

/* Where a client that was here before goes on; otherwise which gap it is told. */
static void resume(struct hub_subscriber *subscriber, const char *last_event_id)
{
    const struct hub *hub = subscriber->hub;
    size_t epoch_length = 0;
    uint64_t seq = 0;
    subscriber->snapshot_due = true;
    if (!last_event_id)
        return;
    subscriber->gap_reason = "expired";
    if (!parse_event_id(last_event_id, &epoch_length, &seq))
        return;
    snprintf(subscriber->gap_from, sizeof subscriber->gap_from, "%s", last_event_id);
    if (epoch_length != strlen(hub->epoch) || strncmp(last_event_id, hub->epoch, epoch_length) != 0) {
        subscriber->gap_reason = "restart";
    } else if (seq + 1 >= hub->first_seq && seq < hub->next_seq) {
        subscriber->gap_reason = NULL;
        subscriber->snapshot_due = false;
        subscriber->cursor = seq + 1;
        subscriber->resume_until = hub->next_seq;
    }
}

static bool hold_topics(struct hub_subscriber *subscriber, const struct hub_filter *filter)
{
    if (filter->everyone)
        return true;
    subscriber->topics = calloc(filter->count + 1, sizeof(struct topic *));
    if (!subscriber->topics)
        return false;
    for (size_t i = 0; i < filter->count; i++) {
        struct topic *topic = find_or_make_topic(subscriber->hub, filter->patients[i]);
        if (!topic)
            return false;
        topic->holders++;
        subscriber->topics[subscriber->topic_count++] = topic;
    }
    return true;
}

static void free_subscriber(struct hub_subscriber *subscriber)
{
    for (size_t i = 0; i < subscriber->topic_count; i++)
        release_topic(subscriber->hub, subscriber->topics[i]);
    free(subscriber->topics);
    free(subscriber);
}

struct hub_subscriber *hub_subscribe(struct hub *hub, const struct hub_filter *filter, const char *last_event_id,
                                     struct hub_time now, void (*wake)(void *context), void *context)
{
    struct hub_subscriber *subscriber = calloc(1, sizeof *subscriber);
    if (!subscriber)
        return NULL;
    subscriber->hub = hub;
    subscriber->everyone = filter->everyone;
    subscriber->full = filter->full;
    subscriber->wake = wake;
    subscriber->context = context;
    subscriber->cursor = hub->next_seq;
    subscriber->hello_due = true;
    subscriber->next_tick_us = now.monotonic_us + hub->limits.tick_us;
    if (!hold_topics(subscriber, filter)) {
        free_subscriber(subscriber);
        return NULL;
    }
    resume(subscriber, last_event_id);
    subscriber->next = hub->subscribers;
    if (hub->subscribers)
        hub->subscribers->previous = subscriber;
    hub->subscribers = subscriber;
    hub->subscriber_count++;
    return subscriber;
}

void hub_unsubscribe(struct hub_subscriber *subscriber)
{
    if (!subscriber)
        return;
    struct hub *hub = subscriber->hub;
    *(subscriber->previous ? &subscriber->previous->next : &hub->subscribers) = subscriber->next;
    if (subscriber->next)
        subscriber->next->previous = subscriber->previous;
    hub->subscriber_count--;
    free_subscriber(subscriber);
}

void hub_free(struct hub *hub)
{
    if (!hub)
        return;
    while (hub->subscribers)
        hub_unsubscribe(hub->subscribers);
    while (hub->first_seq < hub->next_seq)
        forget_first_event(hub);
    while (hub->topics) {
        hub->topics->known = false;
        drop_topic_when_unused(hub, hub->topics);
    }
    buf_free(&hub->scratch);
    free(hub);
}

/* ---- reading ---- */

static void name_id(const struct hub *hub, uint64_t seq, char *text, size_t size)
{
    snprintf(text, size, "%s-%" PRIu64, hub->epoch, seq);
}

/* The item whose text was just built in scratch. */
static bool give_scratch(struct hub *hub, const char *event, struct hub_item *item)
{
    item->event = event;
    item->data = hub->scratch.data;
    item->length = hub->scratch.length;
    return buf_ok(&hub->scratch);
}

static bool give_hello(struct hub_subscriber *subscriber, struct hub_time now, struct hub_item *item)
{
    struct hub *hub = subscriber->hub;
    subscriber->hello_due = false;
    buf_printf(&hub->scratch, "{\"server\":\"heartline\",\"epoch\":\"%s\",\"now_ms\":", hub->epoch);
    render_ms(&hub->scratch, now.wall_us);
    buf_text(&hub->scratch, ",\"tick_seconds\":");
    buf_json_number(&hub->scratch, (double)hub->limits.tick_us / 1e6);
    buf_char(&hub->scratch, '}');
    return give_scratch(hub, "hello", item);
}

static bool give_gap(struct hub_subscriber *subscriber, struct hub_item *item)
{
    struct hub *hub = subscriber->hub;
    char to[64];
    name_id(hub, hub->next_seq - 1, to, sizeof to);
    buf_text(&hub->scratch, "{\"from\":");
    if (subscriber->gap_from[0])
        buf_json_str(&hub->scratch, subscriber->gap_from);
    else
        buf_text(&hub->scratch, "null");
    buf_printf(&hub->scratch, ",\"to\":\"%s\",\"reason\":\"%s\"}", to, subscriber->gap_reason);
    subscriber->gap_reason = NULL;
    hub->gaps_told++;
    return give_scratch(hub, "gap", item);
}

/* What is known now; the log is read on from here. */
static bool give_snapshot(struct hub_subscriber *subscriber, struct hub_time now, struct hub_item *item)
{
    struct hub *hub = subscriber->hub;
    const char *separator = "";
    size_t patients = subscriber->everyone ? hub->known_patients : subscriber->topic_count;
    subscriber->snapshot_due = false;
    subscriber->cursor = hub->next_seq;
    name_id(hub, hub->next_seq - 1, item->id, sizeof item->id);
    buf_text(&hub->scratch, "{\"now_ms\":");
    render_ms(&hub->scratch, now.wall_us);
    buf_text(&hub->scratch, ",\"patients\":[");
    for (const struct topic *topic = hub->topics; topic; topic = topic->next) {
        if (!topic->known || !wants(subscriber, topic))
            continue;
        buf_text(&hub->scratch, separator);
        render_patient(&hub->scratch, topic, subscriber->full, SNAPSHOT_LEAD_SECONDS / (double)patients);
        separator = ",";
    }
    buf_text(&hub->scratch, "]}");
    return give_scratch(hub, "snapshot", item);
}

static bool give_tick(struct hub_subscriber *subscriber, struct hub_time now, struct hub_item *item)
{
    struct hub *hub = subscriber->hub;
    subscriber->tick_due = false;
    buf_text(&hub->scratch, "{\"now_ms\":");
    render_ms(&hub->scratch, now.wall_us);
    buf_char(&hub->scratch, '}');
    return give_scratch(hub, "tick", item);
}

static bool give_event(struct hub_subscriber *subscriber, struct hub_event *event, struct hub_item *item)
{
    struct hub *hub = subscriber->hub;
    struct buf *text = &event->text[event->two_details && subscriber->full ? DETAIL_FULL : DETAIL_WALL];
    if (event->ecg && text->length == 0) {
        render_ecg(text, event->ecg, subscriber->full);
        account(hub, event);
    }
    subscriber->cursor = event->seq + 1;
    name_id(hub, event->seq, item->id, sizeof item->id);
    item->event = event->name;
    item->data = text->data;
    item->length = text->length;
    return buf_ok(text);
}

static void fall_behind(struct hub_subscriber *subscriber)
{
    name_id(subscriber->hub, subscriber->cursor - 1, subscriber->gap_from, sizeof subscriber->gap_from);
    subscriber->gap_reason = "slow";
    subscriber->snapshot_due = true;
}

static bool too_old(const struct hub_subscriber *subscriber, const struct hub_event *event, struct hub_time now)
{
    return event->seq >= subscriber->resume_until &&
           now.monotonic_us - event->monotonic_us > subscriber->hub->limits.behind_us;
}

bool hub_next(struct hub_subscriber *subscriber, struct hub_time now, struct hub_item *item)
{
    struct hub *hub = subscriber->hub;
    buf_clear(&hub->scratch);
    item->id[0] = '\0';
    if (subscriber->hello_due)
        return give_hello(subscriber, now, item);
    bool begins_anew = subscriber->gap_reason || subscriber->snapshot_due;
    struct hub_event *event = NULL;
    if (!begins_anew) {
        bool lost = subscriber->cursor < hub->first_seq;
        uint64_t was_at = subscriber->cursor;
        event = lost ? NULL : seek(subscriber);
        if (lost || (event && too_old(subscriber, event, now))) {
            subscriber->cursor = was_at;
            fall_behind(subscriber);
        }
    }
    if (subscriber->gap_reason)
        return give_gap(subscriber, item);
    if (subscriber->snapshot_due)
        return give_snapshot(subscriber, now, item);
    if (subscriber->tick_due)
        return give_tick(subscriber, now, item);
    if (event)
        return give_event(subscriber, event, item);
    subscriber->woken = false;
    return false;
}

void hub_count(const struct hub *hub, struct hub_counts *counts)
{
    *counts = (struct hub_counts){
        .patients = hub->known_patients,
        .subscribers = hub->subscriber_count,
        .log_events = (size_t)(hub->next_seq - hub->first_seq),
        .log_bytes = hub->log_bytes,
        .published = hub->next_seq - 1,
        .gaps_told = hub->gaps_told,
    };
}
