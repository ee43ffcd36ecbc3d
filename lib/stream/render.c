/* The JSON of the events, as docs/streams.md says. */
#include <math.h>
#include <string.h>

#include "stream/hub_private.h"

void render_ms(struct buf *out, int64_t time_us)
{
    buf_int(out, time_us / 1000);
    int fraction = (int)(time_us % 1000);
    if (fraction > 0)
        buf_printf(out, ".%03d", fraction);
}

static void put_owner(struct buf *out, const struct news *news)
{
    buf_printf(out, "{\"patient\":\"%s\",\"session\":", news->patient);
    if (news->session[0])
        buf_json_str(out, news->session);
    else
        buf_text(out, "null");
}

static void put_rr(struct buf *out, double rr_ms)
{
    buf_json_number(out, round(rr_ms * 10) / 10);
}

/* The number a monitor shows; tenths would claim more than twelve intervals can tell. */
static void put_rate(struct buf *out, double heart_rate_bpm)
{
    buf_json_number(out, round(heart_rate_bpm));
}

/* II, else the lead nearest to it, else the first. */
size_t render_wall_lead(const char *const *leads, size_t count)
{
    static const char *const wanted[] = {"II", "MLII"};
    for (size_t w = 0; w < sizeof wanted / sizeof wanted[0]; w++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(leads[i], wanted[w]) == 0)
                return i;
    return 0;
}

enum { SAMPLE_TEXT_MAX = 12 }; /* "-2147483648," */

static char *put_sample(char *at, int32_t value)
{
    if (value == NEWS_NO_SAMPLE) {
        memcpy(at, "null", 4);
        return at + 4;
    }
    char digits[10];
    size_t count = 0;
    uint32_t left = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    do {
        digits[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        *at++ = '-';
    while (count)
        *at++ = digits[--count];
    return at;
}

static void put_samples(struct buf *out, const int32_t *samples, size_t count, bool first)
{
    if (!buf_reserve(out, count * SAMPLE_TEXT_MAX))
        return;
    char *at = out->data + out->length;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 || !first)
            *at++ = ',';
        at = put_sample(at, samples[i]);
    }
    out->length = (size_t)(at - out->data);
    out->data[out->length] = '\0';
}

static void put_signal_head(struct buf *out, int64_t n, int64_t t_us, double fs_hz, const char *units, double gain)
{
    buf_text(out, "\"n\":");
    buf_int(out, n);
    buf_text(out, ",\"t_ms\":");
    render_ms(out, t_us);
    buf_text(out, ",\"fs_hz\":");
    buf_json_number(out, fs_hz);
    buf_printf(out, ",\"units\":\"%s\",\"gain\":", units);
    buf_json_number(out, gain);
}

static void put_lead_names(struct buf *out, const char *const *leads, size_t first, size_t end)
{
    buf_text(out, ",\"leads\":[");
    for (size_t i = first; i < end; i++)
        buf_printf(out, "%s\"%s\"", i > first ? "," : "", leads[i]);
    buf_text(out, "],\"samples\":[");
}

void render_ecg(struct buf *out, const struct news *news, bool full)
{
    const struct news_ecg *ecg = &news->ecg;
    size_t first = full ? 0 : render_wall_lead(ecg->leads, ecg->lead_count);
    size_t end = full ? ecg->lead_count : first + 1;
    put_owner(out, news);
    buf_char(out, ',');
    put_signal_head(out, ecg->n, news->t_us, ecg->fs_hz, ecg->units, ecg->gain);
    put_lead_names(out, ecg->leads, first, end);
    for (size_t lead = first; lead < end; lead++) {
        buf_text(out, lead > first ? ",[" : "[");
        put_samples(out, ecg->samples + lead * ecg->sample_count, ecg->sample_count, true);
        buf_char(out, ']');
    }
    buf_text(out, "]}");
}

static void put_beat(struct buf *out, int64_t n, int64_t t_us, char code, double rr_ms)
{
    buf_text(out, "\"n\":");
    buf_int(out, n);
    buf_text(out, ",\"t_ms\":");
    render_ms(out, t_us);
    buf_text(out, ",\"code\":");
    buf_json_strn(out, &code, 1);
    buf_text(out, ",\"rr_ms\":");
    put_rr(out, rr_ms);
}

static void put_anomaly(struct buf *out, const char *anomaly)
{
    if (!anomaly[0])
        return;
    buf_text(out, ",\"anomaly\":");
    buf_json_str(out, anomaly);
}

void render_beat(struct buf *out, const struct news *news)
{
    put_owner(out, news);
    buf_char(out, ',');
    put_beat(out, news->beat.n, news->t_us, news->beat.code, news->beat.rr_ms);
    buf_text(out, ",\"heart_rate_bpm\":");
    put_rate(out, news->beat.heart_rate_bpm);
    put_anomaly(out, news->beat.anomaly);
    buf_char(out, '}');
}

static void put_vitals(struct buf *out, const struct news_vitals *vitals, int64_t t_us)
{
    buf_text(out, "\"t_ms\":");
    render_ms(out, t_us);
    buf_printf(out, ",\"source\":\"%s\",\"heart_rate_bpm\":", vitals->from_device ? "device" : "computed");
    put_rate(out, vitals->heart_rate_bpm);
    buf_text(out, ",\"rr_ms\":");
    put_rr(out, vitals->rr_ms);
    if (vitals->metrics && vitals->metrics[0]) {
        buf_char(out, ',');
        buf_text(out, vitals->metrics);
    }
}

void render_vitals(struct buf *out, const struct news *news)
{
    put_owner(out, news);
    buf_char(out, ',');
    put_vitals(out, &news->vitals, news->t_us);
    buf_char(out, '}');
}

static void put_session(struct buf *out, const struct topic *topic)
{
    buf_text(out, ",\"session\":");
    if (topic->session[0])
        buf_json_str(out, topic->session);
    else
        buf_text(out, "null");
    buf_printf(out, ",\"state\":\"%s\",\"since_ms\":", topic_state_name(topic->state));
    render_ms(out, topic->since_us);
}

void render_state(struct buf *out, const struct topic *topic)
{
    buf_printf(out, "{\"patient\":\"%s\"", topic->patient);
    put_session(out, topic);
    buf_char(out, '}');
}

void render_removed(struct buf *out, const struct topic *topic)
{
    buf_printf(out, "{\"patient\":\"%s\"}", topic->patient);
}

/* The newest `count` samples of a lead's ring, oldest first. */
static void put_ring(struct buf *out, const struct topic_signal *signal, size_t lead, size_t count)
{
    const int32_t *ring = signal->samples + lead * signal->capacity;
    int64_t capacity = (int64_t)signal->capacity;
    int64_t first = (signal->next_n - (int64_t)count) % capacity;
    size_t start = (size_t)(first < 0 ? first + capacity : first);
    size_t until_end = signal->capacity - start;
    size_t head = count < until_end ? count : until_end;
    buf_char(out, '[');
    put_samples(out, ring + start, head, true);
    put_samples(out, ring, count - head, head == 0);
    buf_char(out, ']');
}

/* Which part of a strip is shown: leads [first, end), of each the newest `count` samples. */
struct view {
    size_t first, end, count;
};

static struct view view_of(const struct topic_signal *signal, bool full, double lead_seconds)
{
    struct view view = {0};
    if (!signal->samples || signal->count == 0)
        return view;
    view.first = full ? 0 : render_wall_lead(signal->leads, signal->lead_count);
    view.end = full ? signal->lead_count : view.first + 1;
    double seconds = fmax(1.0, lead_seconds / (double)(view.end - view.first));
    double most = ceil(seconds * signal->fs_hz);
    view.count = most < (double)signal->count ? (size_t)most : signal->count;
    return view;
}

static void put_strip(struct buf *out, const struct topic_signal *signal, const struct view *view)
{
    if (view->count == 0) {
        buf_text(out, "null");
        return;
    }
    int64_t start_us = signal->end_us - (int64_t)llround((double)view->count * 1e6 / signal->fs_hz);
    buf_char(out, '{');
    put_signal_head(out, signal->next_n - (int64_t)view->count, start_us, signal->fs_hz, signal->units, signal->gain);
    put_lead_names(out, signal->leads, view->first, view->end);
    for (size_t lead = view->first; lead < view->end; lead++) {
        if (lead > view->first)
            buf_char(out, ',');
        put_ring(out, signal, lead, view->count);
    }
    buf_text(out, "]}");
}

/* Of a strip that was cut short, only the beats that it shows. */
static bool shows_beat(const struct topic *topic, const struct view *view, const struct topic_beat *beat)
{
    return view->count == topic->signal.count || beat->n >= topic->signal.next_n - (int64_t)view->count;
}

static void put_beats(struct buf *out, const struct topic *topic, const struct view *view)
{
    uint64_t first = topic->beat_count > TOPIC_BEATS ? topic->beat_count - TOPIC_BEATS : 0;
    const char *separator = "{";
    buf_char(out, '[');
    for (uint64_t i = first; i < topic->beat_count; i++) {
        const struct topic_beat *beat = &topic->beats[i % TOPIC_BEATS];
        if (!shows_beat(topic, view, beat))
            continue;
        buf_text(out, separator);
        separator = ",{";
        put_beat(out, beat->n, beat->t_us, beat->code, beat->rr_ms);
        put_anomaly(out, beat->anomaly);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static void put_event(struct buf *out, int64_t t_us, const char *kind, const char *text)
{
    buf_text(out, "\"t_ms\":");
    render_ms(out, t_us);
    buf_text(out, ",\"kind\":");
    buf_json_str(out, kind);
    buf_text(out, ",\"text\":");
    buf_json_str(out, text);
    buf_char(out, '}');
}

void render_event(struct buf *out, const struct news *news)
{
    put_owner(out, news);
    buf_char(out, ',');
    put_event(out, news->t_us, news->event.kind, news->event.text);
}

static void put_events(struct buf *out, const struct topic *topic)
{
    buf_char(out, '[');
    for (size_t i = 0; i < topic->event_count; i++) {
        buf_text(out, i > 0 ? ",{" : "{");
        put_event(out, topic->events[i].t_us, topic->events[i].kind, topic->events[i].text);
    }
    buf_char(out, ']');
}

/* ---- what the analysis finds ---- */

static void put_finding(struct buf *out, int64_t t_us, int64_t from_us, const char *text)
{
    buf_text(out, "\"t_ms\":");
    render_ms(out, t_us);
    if (from_us != NEWS_NO_TIME) {
        buf_text(out, ",\"from_ms\":");
        render_ms(out, from_us);
    }
    buf_char(out, ',');
    buf_text(out, text);
    buf_char(out, '}');
}

void render_finding(struct buf *out, const struct news *news)
{
    put_owner(out, news);
    buf_char(out, ',');
    put_finding(out, news->t_us, news->finding.from_us, news->finding.text);
}

static void put_findings(struct buf *out, const struct topic *topic)
{
    static const char *const names[TOPIC_FINDINGS] = {",\"measurements\":", ",\"hrv\":", ",\"interpretation\":"};
    for (size_t i = 0; i < TOPIC_FINDINGS; i++) {
        const struct topic_finding *finding = &topic->findings[i];
        buf_text(out, names[i]);
        buf_text(out, finding->text ? "{" : "null");
        if (finding->text)
            put_finding(out, finding->t_us, finding->from_us, finding->text);
    }
}

static void put_episode(struct buf *out, int64_t onset_us, int64_t end_us, const char *text)
{
    buf_text(out, "\"onset_ms\":");
    render_ms(out, onset_us);
    buf_text(out, ",\"end_ms\":");
    render_ms(out, end_us);
    buf_char(out, ',');
    buf_text(out, text);
    buf_char(out, '}');
}

void render_episode(struct buf *out, const struct news *news)
{
    put_owner(out, news);
    buf_char(out, ',');
    put_episode(out, news->t_us, news->episode.end_us, news->episode.text);
}

/* Those that go on; `full`: the last that ended as well. A signal that does not come has no rhythm. */
static void put_episodes(struct buf *out, const struct topic *topic, bool full)
{
    const struct topic_episode *basic = NULL;
    const char *separator = "{";
    buf_text(out, ",\"episodes\":[");
    for (size_t i = 0; i < topic->episode_count; i++) {
        const struct topic_episode *episode = &topic->episodes[i];
        if (episode->basic && episode->open)
            basic = episode;
        if (!episode->open && !full)
            continue;
        buf_text(out, separator);
        separator = ",{";
        put_episode(out, episode->onset_us, episode->end_us, episode->text);
    }
    buf_text(out, "],\"rhythm\":");
    if (!basic || topic->state != TOPIC_LIVE) {
        buf_text(out, "null");
        return;
    }
    buf_char(out, '{');
    put_episode(out, basic->onset_us, basic->end_us, basic->text);
}

static const char *quality_of(const struct topic *topic, const char *lead)
{
    for (size_t i = 0; i < topic->quality_count; i++)
        if (strcmp(topic->quality[i].lead, lead) == 0)
            return topic->quality[i].quality;
    return "unknown";
}

/* How many leads there are of each quality, in the order they first come. */
static void put_quality_counts(struct buf *out, const struct topic *topic)
{
    bool counted[NEWS_MAX_LEADS] = {false};
    const char *separator = "";
    buf_text(out, ",\"counts\":{");
    for (size_t i = 0; i < topic->quality_count; i++) {
        size_t count = 0;
        for (size_t k = i; k < topic->quality_count && !counted[i]; k++) {
            bool same = strcmp(topic->quality[k].quality, topic->quality[i].quality) == 0;
            counted[k] = counted[k] || (same && k > i);
            count += same;
        }
        if (count == 0)
            continue;
        buf_printf(out, "%s\"%s\":%zu", separator, topic->quality[i].quality, count);
        separator = ",";
    }
    buf_char(out, '}');
}

static void put_quality(struct buf *out, const struct topic *topic, bool full)
{
    const struct topic_signal *signal = &topic->signal;
    const char *shown =
        signal->lead_count > 0 ? signal->leads[render_wall_lead(signal->leads, signal->lead_count)] : NULL;
    buf_text(out, "\"t_ms\":");
    render_ms(out, topic->quality_us);
    put_quality_counts(out, topic);
    buf_printf(out, ",\"shown\":\"%s\"", shown ? quality_of(topic, shown) : "unknown");
    if (!full)
        return;
    buf_text(out, ",\"leads\":{");
    for (size_t i = 0; i < topic->quality_count; i++)
        buf_printf(out, "%s\"%s\":\"%s\"", i ? "," : "", topic->quality[i].lead, topic->quality[i].quality);
    buf_char(out, '}');
}

void render_quality(struct buf *out, const struct topic *topic, const struct news *news, bool full)
{
    put_owner(out, news);
    buf_char(out, ',');
    put_quality(out, topic, full);
    if (full)
        buf_printf(out, ",\"lead\":\"%s\",\"quality\":\"%s\"", news->quality.lead, news->quality.quality);
    buf_char(out, '}');
}

static void put_known_quality(struct buf *out, const struct topic *topic, bool full)
{
    buf_text(out, ",\"quality\":");
    if (topic->quality_count == 0) {
        buf_text(out, "null");
        return;
    }
    buf_char(out, '{');
    put_quality(out, topic, full);
    buf_char(out, '}');
}

/* The computed numbers of a signal that does not come any more are unknown. */
static void put_numbers(struct buf *out, const struct topic *topic)
{
    buf_text(out, ",\"vitals\":");
    if (topic->has_vitals && topic->state == TOPIC_LIVE) {
        buf_char(out, '{');
        put_vitals(out, &topic->vitals, topic->vitals_us);
        buf_char(out, '}');
    } else {
        buf_text(out, "null");
    }
    buf_text(out, ",\"device_metrics\":");
    if (!topic->device_metrics) {
        buf_text(out, "null");
        return;
    }
    buf_text(out, "{\"t_ms\":");
    render_ms(out, topic->device_metrics_us);
    buf_printf(out, "%s%s}", topic->device_metrics[0] ? "," : "", topic->device_metrics);
}

void render_patient(struct buf *out, const struct topic *topic, bool full, double lead_seconds)
{
    struct view view = view_of(&topic->signal, full, lead_seconds);
    buf_printf(out, "{\"patient\":\"%s\",\"name\":", topic->patient);
    buf_json_str(out, topic->name ? topic->name : "");
    buf_printf(out, ",\"virtual\":%s", topic->is_virtual ? "true" : "false");
    put_session(out, topic);
    put_numbers(out, topic);
    buf_text(out, ",\"ecg\":");
    put_strip(out, &topic->signal, &view);
    buf_text(out, ",\"beats\":");
    put_beats(out, topic, &view);
    buf_text(out, ",\"events\":");
    put_events(out, topic);
    put_episodes(out, topic, full);
    put_known_quality(out, topic, full);
    if (full)
        put_findings(out, topic);
    buf_char(out, '}');
}
