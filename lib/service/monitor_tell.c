/* From samples to times, and from one life to the next. Each chunk's own start time is believed for its own samples; so
a sample is given the time of the chunk that it came in, also when what is told of it (the onset of an episode) is told
many chunks later. An episode keeps the onset it was told with: it is its name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "service/monitor_private.h"

#define SAME_BEAT_US     150000  /* no heart beats twice within this */
#define SAME_EPISODE_US  1000000 /* two lives find an onset within this of each other */
#define REDISCOVERED_US  2000000 /* an episode that ended so long before the end of the past was told then */
#define STATED_FOR_S     20.0    /* a measurement comes each ten seconds */
#define ANCHOR_JITTER_US 2       /* of rounding; more is a clock's own idea of time */

/* ---- times ---- */

static int64_t samples_us(int64_t samples, double fs_hz)
{
    return (int64_t)llround((double)samples * 1e6 / fs_hz);
}

void tell_anchor(struct lane *lane, int64_t at, int64_t us, int64_t n)
{
    if (lane->anchor_count > 0) {
        const struct anchor *last = &lane->anchors[(lane->anchor_count - 1) % ANCHORS];
        int64_t off_us = last->us + samples_us(at - last->at, lane->config.fs_hz) - us;
        if (off_us >= -ANCHOR_JITTER_US && off_us <= ANCHOR_JITTER_US && n - last->n == at - last->at)
            return;
    }
    lane->anchors[lane->anchor_count++ % ANCHORS] = (struct anchor){at, us, n};
}

/* The newest anchor that is not behind the sample; of those forgotten the oldest that is not. */
static const struct anchor *anchor_of(const struct lane *lane, int64_t at)
{
    size_t held = lane->anchor_count < ANCHORS ? lane->anchor_count : ANCHORS;
    const struct anchor *anchor = &lane->anchors[0];
    for (size_t i = 1; i <= held; i++) {
        anchor = &lane->anchors[(lane->anchor_count - i) % ANCHORS];
        if (anchor->at <= at)
            break;
    }
    return anchor;
}

static int64_t time_of(const struct lane *lane, int64_t at)
{
    const struct anchor *anchor = anchor_of(lane, at);
    return anchor->us + samples_us(at - anchor->at, lane->config.fs_hz);
}

static int64_t number_of(const struct lane *lane, int64_t at)
{
    const struct anchor *anchor = anchor_of(lane, at);
    return anchor->n + at - anchor->at;
}

/* ---- beats and their waves ---- */

static void remember_beat(struct lane *lane, int64_t at, int64_t time_us, int64_t n)
{
    lane->beats[lane->beat_count++ % TOLD_BEATS] = (struct told_beat){at, time_us, n};
}

/* A beat that another life told: its waves may still be wanted, under the time it was told with. */
static void recognise_beat(const struct telling *telling, int64_t at, int64_t time_us)
{
    const struct monitor_known *known = &telling->monitor->known;
    for (size_t i = 0; i < known->beat_count && !telling->lane->beside; i++)
        if (llabs(known->beats[i].time_us - time_us) <= SAME_BEAT_US)
            remember_beat(telling->lane, at, known->beats[i].time_us, known->beats[i].n);
}

static void on_beat(void *context, const struct ecg_beat *beat)
{
    const struct telling *telling = context;
    struct lane *lane = telling->lane;
    int64_t time_us = time_of(lane, beat->sample);
    if (lane->last_beat_us != MONITOR_NO_TIME && time_us <= lane->last_beat_us + SAME_BEAT_US) {
        recognise_beat(telling, beat->sample, time_us);
        return;
    }
    lane->last_beat_us = time_us;
    struct monitor_beat told = {
        .time_us = time_us,
        .n = number_of(lane, beat->sample),
        .code = beat->code,
        .lead = beat->lead,
        .amplitude = beat->amplitude,
        .rr_ms = beat->rr_ms,
        .heart_rate_bpm = beat->heart_rate_bpm,
    };
    remember_beat(lane, beat->sample, time_us, told.n);
    if (telling->sink && telling->sink->beat)
        telling->sink->beat(telling->sink->context, &told);
}

static void on_waves(void *context, const struct ecg_beat_waves *waves)
{
    const struct telling *telling = context;
    struct lane *lane = telling->lane;
    size_t held = lane->beat_count < TOLD_BEATS ? lane->beat_count : TOLD_BEATS;
    for (size_t i = 1; i <= held && telling->sink && telling->sink->waves; i++) {
        const struct told_beat *beat = &lane->beats[(lane->beat_count - i) % TOLD_BEATS];
        struct monitor_waves told = {beat->time_us, beat->n, waves};
        if (beat->at == waves->sample)
            telling->sink->waves(telling->sink->context, &told);
    }
}

/* Statements stand on measurements: where there are none any more (no beats, no signal), nothing is stated. */
static void withdraw_statements(const struct telling *telling, int64_t sample)
{
    static const struct ecg_statements nothing;
    struct monitor *monitor = telling->monitor;
    const struct lane *lane = telling->lane;
    bool stated = !lane->beside && monitor->known.codes[0];
    if (!stated || telling->priming || telling->ending ||
        (double)(sample - lane->measured_at) < STATED_FOR_S * lane->config.fs_hz)
        return;
    monitor->known.codes[0] = '\0';
    if (!telling->sink || !telling->sink->interpretation)
        return;
    struct monitor_interpretation told = {time_of(lane, sample), &nothing};
    telling->sink->interpretation(telling->sink->context, &told);
}

static void on_vitals(void *context, const struct ecg_vitals *vitals)
{
    const struct telling *telling = context;
    withdraw_statements(telling, vitals->sample);
    if (telling->mute_vitals || telling->ending || !telling->sink || !telling->sink->vitals)
        return;
    struct monitor_vitals told = {
        .time_us = time_of(telling->lane, vitals->sample),
        .heart_rate_bpm = vitals->heart_rate_bpm,
        .rr_ms = vitals->rr_ms,
    };
    telling->sink->vitals(telling->sink->context, &told);
}

/* ---- measurements ---- */

/* The statements' codes, with commas. */
static void list_codes(const struct ecg_statements *statements, char codes[MONITOR_CODES_SIZE])
{
    size_t length = 0;
    codes[0] = '\0';
    for (size_t i = 0; i < statements->count; i++) {
        size_t size = strlen(statements->items[i].code);
        if (length + size + 2 > MONITOR_CODES_SIZE)
            return;
        if (length > 0)
            codes[length++] = ',';
        memcpy(codes + length, statements->items[i].code, size + 1);
        length += size;
    }
}

static void interpret(const struct telling *telling, int64_t time_us)
{
    struct monitor *monitor = telling->monitor;
    struct ecg_measurements measurements;
    struct ecg_statements statements;
    char codes[MONITOR_CODES_SIZE];
    if (telling->lane->beside || !telling->sink->interpretation ||
        !ecg_pipeline_interpret(telling->lane->pipeline, &monitor->person, &measurements, &statements))
        return;
    list_codes(&statements, codes);
    if (strcmp(codes, monitor->known.codes) == 0)
        return;
    memcpy(monitor->known.codes, codes, sizeof codes);
    struct monitor_interpretation told = {time_us, &statements};
    telling->sink->interpretation(telling->sink->context, &told);
}

static void on_measurements(void *context, const struct ecg_measurements *measurements)
{
    const struct telling *telling = context;
    struct lane *lane = telling->lane;
    lane->measured_at = measurements->sample;
    if (telling->priming || telling->ending || !telling->sink)
        return;
    struct monitor_measurements told = {
        .time_us = time_of(lane, measurements->sample),
        .from_us = time_of(lane, measurements->from),
        .beside = lane->beside,
        .fs_hz = lane->config.fs_hz,
        .measurements = measurements,
    };
    if (telling->sink->measurements)
        telling->sink->measurements(telling->sink->context, &told);
    interpret(telling, told.time_us);
}

static void on_hrv(void *context, const struct ecg_hrv *hrv)
{
    const struct telling *telling = context;
    const struct lane *lane = telling->lane;
    if (telling->priming || telling->ending || !telling->sink || !telling->sink->hrv)
        return;
    struct monitor_hrv told = {time_of(lane, hrv->sample), time_of(lane, hrv->from), lane->beside, hrv};
    telling->sink->hrv(telling->sink->context, &told);
}

/* ---- episodes ---- */

static void tell_episode(const struct telling *telling, struct monitor_episode *episode)
{
    if (episode->end_us < episode->onset_us)
        episode->end_us = episode->onset_us;
    if (telling->sink && telling->sink->episode)
        telling->sink->episode(telling->sink->context, episode);
}

static struct monitor_episode translate(const struct lane *lane, const struct ecg_episode *episode)
{
    return (struct monitor_episode){
        .rhythm = episode->rhythm,
        .onset_us = time_of(lane, episode->onset),
        .n = number_of(lane, episode->onset),
        .end_us = time_of(lane, episode->end),
        .open = episode->open,
        .beside = lane->beside,
        .beats = episode->beats,
        .rate_min_bpm = episode->rate_min_bpm,
        .rate_max_bpm = episode->rate_max_bpm,
        .rate_mean_bpm = episode->rate_mean_bpm,
    };
}

static void forget_known(struct monitor_known *known, size_t index)
{
    known->episodes[index] = known->episodes[--known->episode_count];
}

/* Nothing else is known of an episode that another life left open than that it lasted as long as that life saw. */
static void close_known(const struct telling *telling, size_t index)
{
    struct monitor_known *known = &telling->monitor->known;
    const struct monitor_known_episode *past = &known->episodes[index];
    struct monitor_episode told = {
        .rhythm = past->rhythm,
        .onset_us = past->onset_us,
        .n = past->n,
        .end_us = telling->monitor->past_end_us > past->end_us ? telling->monitor->past_end_us : past->end_us,
        .continued = true,
        .rate_min_bpm = NAN,
        .rate_max_bpm = NAN,
        .rate_mean_bpm = NAN,
    };
    forget_known(known, index);
    tell_episode(telling, &told);
}

void tell_not_seen_again(struct telling *telling)
{
    struct monitor_known *known = &telling->monitor->known;
    for (size_t i = known->episode_count; i-- > 0;) {
        if (known->episodes[i].open)
            close_known(telling, i);
        else
            forget_known(known, i);
    }
}

/* There is one basic rhythm at a time: the one that another life left open ends before this one begins. */
static void give_way(const struct telling *telling, struct monitor_episode *episode)
{
    struct monitor *monitor = telling->monitor;
    for (size_t i = monitor->known.episode_count; i-- > 0;) {
        const struct monitor_known_episode *past = &monitor->known.episodes[i];
        if (!past->open || !ecg_rhythm_rows[past->rhythm].basic || !ecg_rhythm_rows[episode->rhythm].basic)
            continue;
        close_known(telling, i);
        if (episode->onset_us < monitor->past_end_us)
            episode->onset_us = monitor->past_end_us;
    }
}

enum recognition { IS_NEW, GOES_ON, WAS_TOLD };

/* Whether another life told this episode; one that goes on gets the onset it was told with. */
static enum recognition recognise(const struct telling *telling, struct monitor_episode *episode)
{
    struct monitor *monitor = telling->monitor;
    struct monitor_known *known = &monitor->known;
    for (size_t i = 0; i < known->episode_count && !episode->beside; i++) {
        const struct monitor_known_episode *past = &known->episodes[i];
        int64_t until_us = past->open ? monitor->past_end_us : past->end_us;
        if (past->rhythm != episode->rhythm || episode->onset_us > until_us + SAME_EPISODE_US ||
            episode->end_us + SAME_EPISODE_US < past->onset_us)
            continue;
        episode->onset_us = past->onset_us;
        episode->n = past->n;
        episode->continued = true;
        if (!past->open)
            return WAS_TOLD;
        forget_known(known, i);
        return GOES_ON;
    }
    return IS_NEW;
}

static void begin_at_start(const struct telling *telling, struct monitor_episode *episode)
{
    if (!episode->beside && episode->onset_us < telling->monitor->from_us)
        episode->onset_us = telling->monitor->from_us;
}

/* What another life did not tell of its own time, though it saw all of it, was not: it knew more of what came
   before. */
static bool was_in_the_past(const struct telling *telling, const struct monitor_episode *episode)
{
    const struct monitor *monitor = telling->monitor;
    if (episode->beside)
        return false;
    return episode->end_us < monitor->from_us ||
           (telling->priming && episode->end_us + REDISCOVERED_US < monitor->past_end_us);
}

static void end_slot(const struct telling *telling, struct open_episode *slot, int64_t end_us)
{
    slot->open = false;
    slot->episode.open = false;
    slot->episode.end_us = end_us;
    tell_episode(telling, &slot->episode);
}

static void episode_begins(const struct telling *telling, const struct ecg_episode *episode)
{
    struct open_episode *slot = &telling->lane->episodes[episode->rhythm];
    if (telling->ending || (slot->open && slot->onset_at == episode->onset))
        return;
    struct monitor_episode told = translate(telling->lane, episode);
    if (slot->open)
        end_slot(telling, slot, told.onset_us);
    if (recognise(telling, &told) == WAS_TOLD)
        return;
    if (!told.beside)
        give_way(telling, &told);
    begin_at_start(telling, &told);
    *slot = (struct open_episode){.open = true, .told = !telling->priming, .onset_at = episode->onset, .episode = told};
    if (slot->told)
        tell_episode(telling, &slot->episode);
}

/* An episode may be so short that it is told at its end only. */
static void episode_ends(const struct telling *telling, const struct ecg_episode *episode)
{
    struct lane *lane = telling->lane;
    struct open_episode *slot = &lane->episodes[episode->rhythm];
    struct monitor_episode told = translate(lane, episode);
    bool was_open = slot->open && slot->onset_at == episode->onset;
    bool was_told = was_open && slot->told;
    if (telling->ending && told.end_us > lane->end_us)
        told.end_us = lane->end_us;
    if (was_open) {
        told.onset_us = slot->episode.onset_us;
        told.n = slot->episode.n;
        told.continued = slot->episode.continued;
        slot->open = false;
    } else if (telling->ending || recognise(telling, &told) == WAS_TOLD) {
        return;
    }
    if (!was_told && !told.continued && was_in_the_past(telling, &told))
        return;
    begin_at_start(telling, &told);
    tell_episode(telling, &told);
}

static void on_episode(void *context, const struct ecg_episode *episode)
{
    const struct telling *telling = context;
    if ((unsigned)episode->rhythm >= ECG_RHYTHM_COUNT || episode->rhythm == ECG_RHYTHM_UNKNOWN)
        return;
    if (episode->open)
        episode_begins(telling, episode);
    else
        episode_ends(telling, episode);
}

void tell_ends(struct telling *telling)
{
    for (size_t i = 0; i < ECG_RHYTHM_COUNT; i++)
        if (telling->lane->episodes[i].open)
            end_slot(telling, &telling->lane->episodes[i], telling->lane->end_us);
    if (!telling->lane->beside)
        tell_not_seen_again(telling);
}

/* ---- quality ---- */

static void tell_quality(const struct telling *telling, enum ecg_lead lead, int64_t time_us)
{
    struct lane *lane = telling->lane;
    struct monitor_quality told = {time_us, lead, lane->quality[lead], lane->quality_told[lead], lane->beside};
    if (told.quality == told.before)
        return;
    lane->quality_told[lead] = told.quality;
    if (telling->sink && telling->sink->quality)
        telling->sink->quality(telling->sink->context, &told);
}

static void on_quality(void *context, const struct ecg_quality_change *change)
{
    const struct telling *telling = context;
    struct lane *lane = telling->lane;
    enum ecg_lead lead = lane->config.leads[change->lead];
    if (telling->ending)
        return;
    lane->quality[lead] = change->quality;
    if (!telling->priming)
        tell_quality(telling, lead, time_of(lane, change->sample));
}

void tell_leads_gone(struct telling *telling, int64_t time_us)
{
    struct lane *lane = telling->lane;
    bool present[ECG_LEAD_COUNT] = {false};
    for (size_t i = 0; i < lane->config.lead_count; i++)
        present[lane->config.leads[i]] = true;
    for (size_t lead = 0; lead < ECG_LEAD_COUNT; lead++) {
        lane->quality[lead] = ECG_QUALITY_UNKNOWN;
        if (!present[lead])
            tell_quality(telling, (enum ecg_lead)lead, time_us);
    }
}

/* ---- the first chunk ---- */

void tell_settled(struct telling *telling, int64_t start_us, bool follows)
{
    struct lane *lane = telling->lane;
    telling->monitor->settled = true;
    if (!follows)
        tell_not_seen_again(telling);
    for (size_t i = 0; i < ECG_RHYTHM_COUNT; i++) {
        struct open_episode *slot = &lane->episodes[i];
        if (!slot->open || slot->told)
            continue;
        slot->told = true;
        if (slot->episode.end_us < start_us)
            slot->episode.end_us = start_us;
        tell_episode(telling, &slot->episode);
    }
    for (size_t lead = 0; lead < ECG_LEAD_COUNT; lead++)
        if (lane->quality[lead] != ECG_QUALITY_UNKNOWN)
            tell_quality(telling, (enum ecg_lead)lead, start_us);
}

struct ecg_sink tell_sink(struct telling *telling)
{
    return (struct ecg_sink){
        .context = telling,
        .beat = on_beat,
        .vitals = on_vitals,
        .waves = on_waves,
        .measurements = on_measurements,
        .hrv = on_hrv,
        .episode = on_episode,
        .quality = on_quality,
    };
}
