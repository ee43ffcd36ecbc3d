/* The ward: virtual hearts, each a quarter of a second of signal at a time.

A heart is paced by the monotonic clock and never waits for anything: the database is the clerk's and the writer's
business. Its ticks are spread over the quarter second, so that many hearts do not come all at once. When the ward was
held up for more than two seconds (or the wall clock was set), the missed time becomes a gap in the signal rather than
a burst.

A new heart has been beating for a while when its first sample is shown: it is simulated, and its analysis fed, for
some seconds before, up to just before a beat. So the first beat is on the screen at once, and with it a heart rate. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "live.h"
#include "live_findings.h"
#include "live_orders.h"
#include "live_wire.h"
#include "service/monitor.h"
#include "sim/heart.h"

#define FS_HZ        500.0
#define WARM_UP_S    8.0
#define FIRST_BEAT_S 0.2 /* the first R peak shown comes so long after the first sample */
#define TICK_US      250000
#define HELD_UP_US   2000000 /* more than this is a gap, not a burst */
#define JUST_MADE_US 1000000 /* a session that began so lately is shown from its beginning */
#define SAME_BEAT_MS 150.0   /* a beat found so near to a true one is that beat */

enum { STAGGER_SLOTS = 25, TRUTH_KEPT = 16, ORDERS_KEPT = 64, WAITING_BEATS = 8, IDLE_US = 1000000 };

struct truth {
    int64_t n;
    char code;
};

struct heart {
    struct heart *next;
    struct live *live;
    struct buf *text; /* the ward's */
    struct wire_owner owner;
    int64_t session_key;
    struct sim_heart *sim;
    struct monitor *monitor;
    int64_t anchor_n, anchor_wall_us, anchor_monotonic_us; /* sample anchor_n was due then */
    int64_t next_n;
    int64_t next_tick_us;
    struct row *row;                 /* the signal since the last one that was handed to the writer; NULL when none */
    struct truth truths[TRUTH_KEPT]; /* a ring */
    unsigned truth_count;
    struct row *beats[WAITING_BEATS]; /* oldest first: found, and handed to the writer when their waves are known */
    size_t beat_count;
    enum sim_anomaly waiting[ORDERS_KEPT]; /* a ring: the simulator takes only so many at once */
    unsigned waiting_first, waiting_count;
};

struct ward {
    struct live *live;
    struct heart *hearts;
    struct mail *orders; /* taken out of the mailbox, not followed yet; oldest first */
    unsigned added;      /* ever */
    struct buf text;     /* of the row that is being made */
};

size_t row_bytes(const struct row *row)
{
    switch (row->kind) {
    case ROW_SIGNAL: return sizeof *row + row->signal.capacity * ECG_STANDARD_LEADS * sizeof(float);
    case ROW_FINDING: return sizeof *row + row->finding.length;
    default: return sizeof *row;
    }
}

static void hand_over(struct live *live, struct row *row)
{
    atomic_fetch_add(&live->writer_backlog, (long)row_bytes(row));
    mailbox_post(live->writer_rows, &row->mail);
}

static struct row *new_beat(const struct heart *heart, const struct row *beat)
{
    struct row *row = malloc(sizeof *row);
    if (!row)
        return NULL;
    *row = *beat;
    row->kind = ROW_BEAT;
    row->session_key = heart->session_key;
    return row;
}

static void write_beat(struct heart *heart, const struct row *beat)
{
    struct row *row = new_beat(heart, beat);
    if (row)
        hand_over(heart->live, row);
}

static void write_oldest_beat(struct heart *heart)
{
    hand_over(heart->live, heart->beats[0]);
    memmove(heart->beats, heart->beats + 1, --heart->beat_count * sizeof heart->beats[0]);
}

/* Stored together with its waves, which come a second later: so the row is written once. */
static void keep_beat(struct heart *heart, const struct row *beat)
{
    struct row *row = new_beat(heart, beat);
    if (!row)
        return;
    if (heart->beat_count == WAITING_BEATS)
        write_oldest_beat(heart);
    heart->beats[heart->beat_count++] = row;
}

static void write_finding(struct heart *heart, enum finding kind)
{
    const struct buf *text = heart->text;
    struct row *row = buf_ok(text) ? malloc(sizeof *row + text->length) : NULL;
    if (!row)
        return;
    *row = (struct row){
        .kind = ROW_FINDING, .session_key = heart->session_key, .finding = {.kind = kind, .length = text->length}};
    memcpy(row->samples, text->data, text->length);
    hand_over(heart->live, row);
}

/* ---- time ---- */

static int64_t wall_of(const struct heart *heart, int64_t n)
{
    return heart->anchor_wall_us + (int64_t)llround((double)(n - heart->anchor_n) * 1e6 / FS_HZ);
}

static int64_t due_n(const struct heart *heart, int64_t monotonic_us)
{
    return heart->anchor_n + (int64_t)floor((double)(monotonic_us - heart->anchor_monotonic_us) * FS_HZ / 1e6);
}

static void set_anchor(struct heart *heart, int64_t n, int64_t wall_us, int64_t monotonic_us)
{
    heart->anchor_n = heart->next_n = n;
    heart->anchor_wall_us = wall_us;
    heart->anchor_monotonic_us = monotonic_us;
}

/* ---- truth and what was found ---- */

static const char *anomaly_at(const struct heart *heart, int64_t n)
{
    unsigned kept = heart->truth_count < TRUTH_KEPT ? heart->truth_count : TRUTH_KEPT;
    for (unsigned i = 0; i < kept; i++)
        if (fabs((double)(heart->truths[i].n - n)) <= SAME_BEAT_MS * FS_HZ / 1000.0 &&
            wire_anomaly(heart->truths[i].code))
            return wire_anomaly(heart->truths[i].code);
    return NULL;
}

struct truth_sink {
    struct heart *heart;
    int64_t offset; /* n = the simulator's sample + offset */
};

static void on_truth(void *context, const struct sim_truth_beat *beat)
{
    const struct truth_sink *sink = context;
    struct heart *heart = sink->heart;
    int64_t n = beat->sample + sink->offset;
    heart->truths[heart->truth_count++ % TRUTH_KEPT] = (struct truth){.n = n, .code = beat->code};
    write_beat(heart, &(struct row){.time_us = wall_of(heart, n),
                                    .n = n,
                                    .beat = {.truth = true,
                                             .code = beat->code,
                                             .lead = ECG_LEAD_II,
                                             .amplitude = NAN,
                                             .rr_ms = beat->rr_ms,
                                             .heart_rate_bpm = NAN}});
}

static void on_beat(void *context, const struct monitor_beat *beat)
{
    struct heart *heart = context;
    stream_server_post(heart->live->server, wire_beat(&heart->owner, beat, anomaly_at(heart, beat->n)));
    keep_beat(heart, &(struct row){.time_us = beat->time_us,
                                   .n = beat->n,
                                   .beat = {.code = beat->code,
                                            .lead = beat->lead,
                                            .amplitude = beat->amplitude,
                                            .rr_ms = beat->rr_ms,
                                            .heart_rate_bpm = beat->heart_rate_bpm}});
}

static void on_vitals(void *context, const struct monitor_vitals *vitals)
{
    struct heart *heart = context;
    stream_server_post(heart->live->server, wire_vitals(&heart->owner, vitals));
}

static void on_waves(void *context, const struct monitor_waves *told)
{
    struct heart *heart = context;
    size_t place = 0;
    while (place < heart->beat_count && heart->beats[place]->n != told->n)
        place++;
    if (place == heart->beat_count)
        return;
    heart->beats[place]->beat.has_waves = true;
    heart->beats[place]->beat.waves = stored_waves_of(told->waves);
    for (size_t i = 0; i <= place; i++)
        write_oldest_beat(heart);
}

static void on_measurements(void *context, const struct monitor_measurements *told)
{
    struct heart *heart = context;
    finding_row_measurements(heart->text, heart->session_key, told);
    write_finding(heart, FINDING_MEASUREMENTS);
    stream_server_post(heart->live->server, wire_measurements(&heart->owner, told, heart->text));
}

static void on_hrv(void *context, const struct monitor_hrv *told)
{
    struct heart *heart = context;
    finding_row_hrv(heart->text, heart->session_key, told);
    write_finding(heart, FINDING_HRV);
    stream_server_post(heart->live->server, wire_hrv(&heart->owner, told, heart->text));
}

static void on_episode(void *context, const struct monitor_episode *told)
{
    struct heart *heart = context;
    finding_row_episode(heart->text, heart->session_key, told);
    write_finding(heart, FINDING_EPISODE);
    stream_server_post(heart->live->server, wire_episode(&heart->owner, told, heart->text));
}

static void on_quality(void *context, const struct monitor_quality *told)
{
    struct heart *heart = context;
    finding_row_quality(heart->text, heart->session_key, told);
    write_finding(heart, FINDING_QUALITY);
    stream_server_post(heart->live->server, wire_quality(&heart->owner, told));
}

static void on_interpretation(void *context, const struct monitor_interpretation *told)
{
    struct heart *heart = context;
    finding_row_interpretation(heart->text, heart->session_key, told);
    write_finding(heart, FINDING_INTERPRETATION);
    stream_server_post(heart->live->server, wire_interpretation(&heart->owner, told, heart->text));
}

static struct monitor_sink sink_of(struct heart *heart)
{
    return (struct monitor_sink){
        .context = heart,
        .beat = on_beat,
        .vitals = on_vitals,
        .waves = on_waves,
        .measurements = on_measurements,
        .hrv = on_hrv,
        .episode = on_episode,
        .quality = on_quality,
        .interpretation = on_interpretation,
    };
}

/* ---- signal ---- */

static void finish_row(struct heart *heart)
{
    if (heart->row && heart->row->signal.sample_count > 0)
        hand_over(heart->live, heart->row);
    else
        free(heart->row);
    heart->row = NULL;
}

static struct row *current_row(struct heart *heart)
{
    if (heart->row)
        return heart->row;
    size_t capacity = (size_t)(ROW_SIGNAL_SECONDS * FS_HZ);
    struct row *row = malloc(sizeof *row + capacity * ECG_STANDARD_LEADS * sizeof(float));
    if (!row)
        return NULL;
    *row = (struct row){.kind = ROW_SIGNAL, .session_key = heart->session_key, .n = heart->next_n};
    row->time_us = wall_of(heart, heart->next_n);
    row->signal.fs_hz = FS_HZ;
    row->signal.capacity = capacity;
    heart->row = row;
    return row;
}

/* What is stored, analysed and shown is the same: whole microvolts. */
static void round_samples(float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = rintf(samples[i] * 1000.0F) / 1000.0F;
}

static void describe_chunk(struct ecg_chunk *chunk, float *leads[ECG_STANDARD_LEADS], int64_t start_us, size_t count)
{
    *chunk = (struct ecg_chunk){.start_us = start_us,
                                .fs_hz = FS_HZ,
                                .units = ECG_UNITS_MV,
                                .lead_count = ECG_STANDARD_LEADS,
                                .sample_count = count};
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++) {
        chunk->leads[lead] = (enum ecg_lead)lead;
        chunk->samples[lead] = leads[lead];
    }
}

static void run_piece(struct heart *heart, struct row *row, size_t count)
{
    float *leads[ECG_STANDARD_LEADS];
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        leads[lead] = row->samples + lead * row->signal.capacity + row->signal.sample_count;
    struct truth_sink truth = {.heart = heart, .offset = heart->next_n - sim_heart_position(heart->sim)};
    struct sim_sink sim_sink = {.context = &truth, .beat = on_truth};
    sim_heart_run(heart->sim, leads, count, &sim_sink);
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        round_samples(leads[lead], count);
    struct ecg_chunk chunk;
    describe_chunk(&chunk, leads, wall_of(heart, heart->next_n), count);
    stream_server_post(heart->live->server, wire_ecg(&heart->owner, &chunk, heart->next_n));
    struct monitor_sink sink = sink_of(heart);
    struct monitor_fed fed;
    if (monitor_feed(heart->monitor, &chunk, &sink, &fed) != HL_OK)
        log_error("out of memory: a piece of a virtual patient is not analysed");
    row->signal.sample_count += count;
    heart->next_n += (int64_t)count;
}

/* Runs up to, not including, sample `until_n`. */
static void run_until(struct heart *heart, int64_t until_n)
{
    while (heart->next_n < until_n) {
        struct row *row = current_row(heart);
        if (!row)
            return;
        size_t room = row->signal.capacity - row->signal.sample_count;
        size_t wanted = (size_t)(until_n - heart->next_n);
        run_piece(heart, row, wanted < room ? wanted : room);
        if (row->signal.sample_count == row->signal.capacity)
            finish_row(heart);
    }
}

/* What is pending is told, what is open ends. */
static void end_monitor(struct heart *heart)
{
    struct monitor_sink sink = sink_of(heart);
    if (heart->monitor)
        monitor_flush(heart->monitor, &sink);
    while (heart->beat_count > 0)
        write_oldest_beat(heart);
    monitor_free(heart->monitor);
    heart->monitor = NULL;
}

static hl_result new_monitor(struct heart *heart)
{
    return monitor_new(&(struct monitor_past){.anchor_us = heart->anchor_wall_us,
                                              .anchor_n = heart->anchor_n,
                                              .end_us = MONITOR_NO_TIME,
                                              .last_beat_us = heart->anchor_wall_us,
                                              .from_us = heart->anchor_wall_us},
                       &heart->monitor);
}

/* The ward was held up, or the wall clock was set: go on from now, and let the samples between be missing. */
static void skip_to_now(struct heart *heart, int64_t monotonic_us)
{
    int64_t due = due_n(heart, monotonic_us);
    int64_t wall_us = clock_now_us();
    int64_t by_wall = heart->next_n + (int64_t)((double)(wall_us - wall_of(heart, heart->next_n)) * FS_HZ / 1e6);
    int64_t n = due > by_wall ? due : by_wall;
    log_warning("virtual patient %s: %.1f s of signal are skipped", heart->owner.patient,
                (double)(n - heart->next_n) / FS_HZ);
    finish_row(heart);
    end_monitor(heart);
    set_anchor(heart, n > heart->next_n ? n : heart->next_n, wall_us, monotonic_us);
    if (new_monitor(heart) != HL_OK)
        log_error("out of memory for the analysis of a virtual patient");
}

static bool is_held_up(const struct heart *heart, int64_t monotonic_us)
{
    int64_t due = due_n(heart, monotonic_us);
    int64_t behind_us = (int64_t)((double)(due - heart->next_n) * 1e6 / FS_HZ);
    int64_t wall_drift_us = clock_now_us() - wall_of(heart, due);
    return behind_us > HELD_UP_US || wall_drift_us > HELD_UP_US || wall_drift_us < -HELD_UP_US;
}

static void inject_waiting(struct heart *heart)
{
    while (heart->waiting_count > 0) {
        if (sim_heart_inject(heart->sim, heart->waiting[heart->waiting_first], NULL) != HL_OK)
            return;
        heart->waiting_first = (heart->waiting_first + 1) % ORDERS_KEPT;
        heart->waiting_count--;
    }
}

static void tick(struct heart *heart, int64_t monotonic_us)
{
    inject_waiting(heart);
    if (is_held_up(heart, monotonic_us))
        skip_to_now(heart, monotonic_us);
    run_until(heart, due_n(heart, monotonic_us));
    heart->next_tick_us += TICK_US;
    if (heart->next_tick_us <= monotonic_us)
        heart->next_tick_us = monotonic_us + TICK_US;
}

/* ---- coming and going ---- */

static void free_heart(struct heart *heart)
{
    if (!heart)
        return;
    finish_row(heart);
    end_monitor(heart);
    sim_heart_free(heart->sim);
    free(heart);
}

struct last_beat {
    int64_t sample;
};

static void note_last_beat(void *context, const struct sim_truth_beat *beat)
{
    ((struct last_beat *)context)->sample = beat->sample;
}

/* How many samples the heart beats unseen: so that a beat comes FIRST_BEAT_S after them. Tried on a heart with the same
   parameters, since the same seed beats the same. */
static hl_result find_warm_up(const struct sim_params *params, int64_t *samples)
{
    struct sim_heart *trial;
    struct last_beat last = {.sample = -1};
    struct sim_sink sink = {.context = &last, .beat = note_last_beat};
    float *const none[ECG_STANDARD_LEADS] = {NULL};
    int64_t least = (int64_t)((WARM_UP_S + FIRST_BEAT_S) * FS_HZ), most = least + (int64_t)(4 * FS_HZ);
    hl_result code = sim_heart_new(params, &trial, NULL);
    if (code != HL_OK)
        return code;
    while (last.sample < least && sim_heart_position(trial) < most)
        sim_heart_run(trial, none, 25, &sink);
    sim_heart_free(trial);
    *samples = (last.sample >= least ? last.sample : least) - (int64_t)(FIRST_BEAT_S * FS_HZ);
    return HL_OK;
}

/* The unseen part: the analysis learns it, nobody is told. */
static hl_result warm_up(struct heart *heart, int64_t samples)
{
    float *block = malloc((size_t)samples * ECG_STANDARD_LEADS * sizeof *block);
    float *leads[ECG_STANDARD_LEADS];
    struct ecg_chunk chunk;
    struct monitor_fed fed;
    if (!block)
        return HL_NO_MEMORY;
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        leads[lead] = block + lead * (size_t)samples;
    sim_heart_run(heart->sim, leads, (size_t)samples, NULL);
    describe_chunk(&chunk, leads, wall_of(heart, heart->anchor_n - samples), (size_t)samples);
    hl_result code = monitor_prime(heart->monitor, &chunk, NULL, &fed);
    free(block);
    return code;
}

/* A patient just made begins where its session begins; one that was there before goes on now. */
static void place_in_time(struct heart *heart, int64_t session_start_us)
{
    int64_t monotonic_us = clock_monotonic_us(), wall_us = clock_now_us();
    int64_t since_us = wall_us - session_start_us;
    if (since_us >= 0 && since_us < JUST_MADE_US)
        set_anchor(heart, 0, session_start_us, monotonic_us - since_us);
    else
        set_anchor(heart, since_us > 0 ? (int64_t)llround((double)since_us * FS_HZ / 1e6) : 0, wall_us, monotonic_us);
}

static hl_result make_heart(struct ward *ward, const struct order *order, struct heart **out)
{
    struct heart *heart = calloc(1, sizeof *heart);
    struct sim_params params;
    int64_t unseen = 0;
    *out = NULL;
    if (!heart)
        return HL_NO_MEMORY;
    heart->live = ward->live;
    heart->text = &ward->text;
    heart->session_key = order->session_key;
    memcpy(heart->owner.patient, order->patient, sizeof order->patient);
    memcpy(heart->owner.session, order->session, sizeof order->session);
    place_in_time(heart, order->start_us);
    sim_params_default(&params);
    params.seed = (uint64_t)order->seed;
    params.fs_hz = FS_HZ;
    params.heart_rate_bpm = order->heart_rate_bpm;
    hl_result code = sim_heart_new(&params, &heart->sim, NULL);
    if (code == HL_OK)
        code = new_monitor(heart);
    if (code == HL_OK)
        code = find_warm_up(&params, &unseen);
    if (code == HL_OK)
        code = warm_up(heart, unseen);
    if (code == HL_OK)
        *out = heart;
    else
        free_heart(heart);
    return code;
}

static struct heart **find_heart(struct ward *ward, const char *patient)
{
    struct heart **link = &ward->hearts;
    while (*link && strcmp((*link)->owner.patient, patient) != 0)
        link = &(*link)->next;
    return link;
}

static void announce(struct live *live, const struct order *order)
{
    struct news *news = news_new_text(NEWS_PATIENT, order->patient, order->session, order->start_us, order->name);
    if (!news)
        return;
    news->info.is_virtual = true;
    news->info.active = true;
    news->info.last_signal_us = NEWS_NO_TIME;
    stream_server_post(live->server, news);
}

static void add_heart(struct ward *ward, const struct order *order)
{
    struct heart *heart;
    if (*find_heart(ward, order->patient))
        return;
    announce(ward->live, order);
    hl_result code = make_heart(ward, order, &heart);
    if (code != HL_OK) {
        log_error("virtual patient %s cannot be run: %s", order->patient, hl_strerror(code));
        return;
    }
    heart->next_tick_us = heart->anchor_monotonic_us;
    if (heart->anchor_n > 0) /* not new: many of these may come at once */
        heart->next_tick_us += TICK_US / STAGGER_SLOTS * (ward->added % STAGGER_SLOTS);
    ward->added++;
    heart->next = ward->hearts;
    ward->hearts = heart;
}

static void remove_heart(struct ward *ward, const struct order *order)
{
    struct heart **link = find_heart(ward, order->patient);
    struct heart *heart = *link;
    if (!heart)
        return;
    *link = heart->next;
    stream_server_post(ward->live->server, news_new(NEWS_REMOVED, order->patient, order->session, clock_now_us(), 0));
    free_heart(heart);
}

static void tell_injected(struct heart *heart, const char *anomaly, int64_t time_us)
{
    char text[NEWS_WORD_SIZE + 16];
    snprintf(text, sizeof text, "%s injected", anomaly);
    struct news *news = news_new_text(NEWS_EVENT, heart->owner.patient, heart->owner.session, time_us, text);
    if (!news)
        return;
    snprintf(news->event.kind, sizeof news->event.kind, "anomaly_injected");
    stream_server_post(heart->live->server, news);
}

static void order_anomaly(struct ward *ward, const struct order *order)
{
    struct heart *heart = *find_heart(ward, order->patient);
    enum sim_anomaly anomaly;
    if (!heart || !sim_anomaly_from_name(order->anomaly, &anomaly)) {
        log_warning("an anomaly for virtual patient %s could not be injected", order->patient);
        return;
    }
    if (heart->waiting_count == ORDERS_KEPT) {
        log_warning("virtual patient %s has more anomalies waiting than can be kept", order->patient);
        return;
    }
    heart->waiting[(heart->waiting_first + heart->waiting_count++) % ORDERS_KEPT] = anomaly;
    inject_waiting(heart);
    tell_injected(heart, sim_anomaly_name(anomaly), order->time_us);
}

static void take_order(struct ward *ward, const struct order *order)
{
    static void (*const take[])(struct ward *, const struct order *) = {
        [ORDER_ADD] = add_heart, [ORDER_REMOVE] = remove_heart, [ORDER_ANOMALY] = order_anomaly};
    take[order->kind](ward, order);
}

/* Runs the hearts that are due; returns when the next one is. */
static int64_t tick_due_hearts(struct ward *ward)
{
    int64_t next_us = clock_monotonic_us() + IDLE_US;
    for (struct heart *heart = ward->hearts; heart; heart = heart->next) {
        int64_t now_us = clock_monotonic_us();
        if (heart->next_tick_us <= now_us)
            tick(heart, now_us);
        if (heart->next_tick_us < next_us)
            next_us = heart->next_tick_us;
    }
    return next_us;
}

/* Making a heart takes milliseconds, and at start there may be a thousand to make: those that beat already go first. */
static void take_orders(struct ward *ward, int64_t until_us)
{
    if (!ward->orders)
        ward->orders = mailbox_wait(ward->live->ward_orders, until_us);
    while (ward->orders) {
        struct mail *mail = ward->orders;
        ward->orders = mail->next;
        take_order(ward, (struct order *)(void *)mail);
        free(mail);
        if (clock_monotonic_us() >= until_us)
            return;
    }
}

static void free_ward(struct ward *ward)
{
    while (ward->hearts) {
        struct heart *heart = ward->hearts;
        ward->hearts = heart->next;
        free_heart(heart);
    }
    while (ward->orders) {
        struct mail *mail = ward->orders;
        ward->orders = mail->next;
        free(mail);
    }
    buf_free(&ward->text);
}

void *ward_main(void *argument)
{
    struct ward ward = {.live = argument};
    while (!atomic_load(&ward.live->stopping))
        take_orders(&ward, tick_due_hearts(&ward));
    free_ward(&ward);
    return NULL;
}
