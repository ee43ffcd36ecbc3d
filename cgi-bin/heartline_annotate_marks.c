/* What is said of a record becomes marks, after the conventions of PhysioNet's files: a beat at its R peak; with
--waves each wave as ( p ), ( ), ( t ), the number of "(" and ")" saying which wave (0 P, 1 QRS, 2 T); "+" with a text
where the rhythm changes; "~" where the quality of a lead changes, its subtype holding a bit for each of the first four
signals that is noisy (1 2 4 8) or unreadable (16 32 64 128), its text the lead and its quality in words. The rhythm is
what lies upon the basic one when that has a text of its own, as in the MIT-BIH files; "(U" where it is not known any
more. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heartline_annotate.h"
#include "service/findings.h"

/* Of marks at one sample, what ends comes before what begins, and what begins before its peak. */
enum rank { RANK_END, RANK_RHYTHM, RANK_QUALITY, RANK_ONSET, RANK_PEAK };

size_t annotate_signal_of(const struct annotate *job, enum ecg_lead lead)
{
    size_t i = 0;
    while (i + 1 < job->lead_count && job->config.leads[i] != lead)
        i++;
    return job->signals[i];
}

/* Room for one more; false (and remembered) when out of memory. */
static bool grow(struct annotate *job, void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? 2 * *capacity : 4096;
    void *more = realloc(*items, wanted * size);
    job->no_memory = job->no_memory || !more;
    if (!more)
        return false;
    *items = more;
    *capacity = wanted;
    return true;
}

static void add_mark(struct annotate *job, char mnemonic, enum rank rank, const struct wfdb_annotation *item)
{
    void *marks = job->marks;
    const struct wfdb_code *code = wfdb_code_by_mnemonic(mnemonic);
    if (item->sample >= 0 && item->sample < job->record->sample_count &&
        grow(job, &marks, job->mark_count, &job->mark_capacity, sizeof *job->marks)) {
        struct mark *mark = (struct mark *)marks + job->mark_count;
        *mark = (struct mark){.item = *item, .rank = (int)rank, .order = job->mark_count};
        mark->item.type = code ? code->type : wfdb_code_by_mnemonic('Q')->type;
        job->mark_count++;
    }
    job->marks = marks;
}

/* ---- JSON ---- */

static struct buf *begin(struct annotate *job, enum part part, int64_t sample)
{
    struct buf *out = &job->parts[part];
    buf_text(out, out->length ? ",\n{\"sample\":" : "\n{\"sample\":");
    buf_int(out, sample);
    buf_text(out, ",\"t_ms\":");
    buf_json_number(out, rint(1e6 * (double)sample / job->config.fs_hz) / 1000.0);
    buf_char(out, ',');
    return out;
}

static void put_number(struct buf *out, const char *name, double value)
{
    buf_text(out, name);
    buf_json_number(out, value);
}

static void put_lead(const struct annotate *job, struct buf *out, enum ecg_lead lead)
{
    buf_text(out, "\"lead\":");
    buf_json_str(out, job->record->signals[annotate_signal_of(job, lead)].name);
}

/* ---- beats ---- */

static void on_beat(void *context, const struct ecg_beat *beat)
{
    struct annotate *job = context;
    job->beat_count++;
    add_mark(job, beat->code, RANK_PEAK,
             &(struct wfdb_annotation){.sample = beat->sample, .channel = (int)annotate_signal_of(job, beat->lead)});
    if (!job->json)
        return;
    struct buf *out = begin(job, PART_BEATS, beat->sample);
    buf_text(out, "\"code\":");
    buf_json_strn(out, &beat->code, 1);
    buf_char(out, ',');
    put_lead(job, out, beat->lead);
    buf_text(out, ",\"amplitude\":");
    buf_json_float(out, beat->amplitude);
    put_number(out, ",\"rr_ms\":", beat->rr_ms);
    put_number(out, ",\"heart_rate_bpm\":", beat->heart_rate_bpm);
    buf_char(out, '}');
}

/* ---- waves ---- */

static int64_t sample_at(const struct annotate *job, int64_t beat, float ms)
{
    return beat + (int64_t)llrint((double)ms * job->config.fs_hz / 1000.0);
}

static void mark_wave(struct annotate *job, int64_t beat, enum ecg_wave wave, const struct ecg_wave_times *times,
                      size_t signal)
{
    static const char peaks[ECG_WAVE_COUNT] = {'p', '\0', 't'};
    struct wfdb_annotation item = {.channel = (int)signal, .number = (int)wave};
    if (times->state != ECG_WAVE_PRESENT)
        return;
    if (isfinite(times->onset_ms)) {
        item.sample = sample_at(job, beat, times->onset_ms);
        add_mark(job, '(', RANK_ONSET, &item);
    }
    if (isfinite(times->end_ms)) {
        item.sample = sample_at(job, beat, times->end_ms);
        add_mark(job, ')', RANK_END, &item);
    }
    item.number = 0; /* of a peak it would mean the wave's form */
    if (isfinite(times->peak_ms) && peaks[wave]) {
        item.sample = sample_at(job, beat, times->peak_ms);
        add_mark(job, peaks[wave], RANK_PEAK, &item);
    }
}

static void put_times(struct buf *out, const char *name, const struct ecg_wave_times *times)
{
    static const char *const states[] = {
        [ECG_WAVE_UNKNOWN] = "unknown", [ECG_WAVE_ABSENT] = "absent", [ECG_WAVE_PRESENT] = "present"};
    buf_printf(out, "\"%s\":{\"state\":\"%s\"", name, states[times->state]);
    put_number(out, ",\"onset_ms\":", rint(10.0 * (double)times->onset_ms) / 10.0);
    put_number(out, ",\"peak_ms\":", rint(10.0 * (double)times->peak_ms) / 10.0);
    put_number(out, ",\"end_ms\":", rint(10.0 * (double)times->end_ms) / 10.0);
    buf_char(out, '}');
}

static void put_waves(struct buf *out, const struct ecg_wave_times times[ECG_WAVE_COUNT])
{
    put_times(out, "p", &times[ECG_WAVE_P]);
    buf_char(out, ',');
    put_times(out, "qrs", &times[ECG_WAVE_QRS]);
    buf_char(out, ',');
    put_times(out, "t", &times[ECG_WAVE_T]);
}

static void put_lead_waves(const struct annotate *job, struct buf *out, const struct ecg_beat_waves *waves)
{
    buf_text(out, ",\"leads\":{");
    for (size_t i = 0; i < waves->lead_count; i++) {
        if (i)
            buf_char(out, ',');
        buf_json_str(out, job->record->signals[job->signals[i]].name);
        buf_text(out, ":{");
        put_waves(out, waves->lead[i]);
        buf_char(out, '}');
    }
    buf_char(out, '}');
}

static void on_waves(void *context, const struct ecg_beat_waves *waves)
{
    struct annotate *job = context;
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++) {
        if (job->waves && !job->lead_waves)
            mark_wave(job, waves->sample, (enum ecg_wave)wave, &waves->all[wave], 0);
        for (size_t i = 0; job->lead_waves && i < waves->lead_count; i++)
            mark_wave(job, waves->sample, (enum ecg_wave)wave, &waves->lead[i][wave], job->signals[i]);
    }
    if (!job->json)
        return;
    struct buf *out = begin(job, PART_WAVES, waves->sample);
    put_waves(out, waves->all);
    put_number(out, ",\"pace_spike_ms\":", waves->pace_spike_ms);
    if (job->lead_waves)
        put_lead_waves(job, out, waves);
    buf_char(out, '}');
}

/* ---- measurements ---- */

static void on_measurements(void *context, const struct ecg_measurements *measurements)
{
    struct annotate *job = context;
    if (!job->json)
        return;
    struct buf *out = begin(job, PART_MEASUREMENTS, measurements->sample);
    buf_text(out, "\"from\":");
    buf_int(out, measurements->from);
    buf_char(out, ',');
    findings_measurements(out, measurements);
    buf_char(out, '}');
}

static void on_hrv(void *context, const struct ecg_hrv *hrv)
{
    struct annotate *job = context;
    if (!job->json)
        return;
    struct buf *out = begin(job, PART_HRV, hrv->sample);
    buf_text(out, "\"from\":");
    buf_int(out, hrv->from);
    buf_char(out, ',');
    findings_hrv(out, hrv);
    buf_char(out, '}');
}

/* ---- rhythms ---- */

/* They are told at their onset and again at their end; what turned out not to have been ends where it began. */
static void on_episode(void *context, const struct ecg_episode *episode)
{
    struct annotate *job = context;
    void *items = job->episodes;
    if (!episode->open && episode->end > episode->onset &&
        grow(job, &items, job->episode_count, &job->episode_capacity, sizeof *episode))
        ((struct ecg_episode *)items)[job->episode_count++] = *episode;
    job->episodes = items;
}

static void put_episode(struct annotate *job, const struct ecg_episode *episode)
{
    struct buf *out = begin(job, PART_EPISODES, episode->onset);
    buf_text(out, "\"end\":");
    buf_int(out, episode->end);
    buf_char(out, ',');
    findings_rhythm(out, episode->rhythm, false);
    buf_char(out, ',');
    findings_rates(out, true, episode->beats,
                   (double[]){episode->rate_min_bpm, episode->rate_max_bpm, episode->rate_mean_bpm});
    buf_char(out, '}');
}

/* The text that a mark at `sample` bears; NULL when no rhythm is known there. */
static const char *rhythm_at(const struct annotate *job, int64_t sample)
{
    const struct ecg_episode *basic = NULL, *upon = NULL;
    for (size_t i = 0; i < job->episode_count && job->episodes[i].onset <= sample; i++) {
        const struct ecg_episode *episode = &job->episodes[i];
        if (episode->end <= sample)
            continue;
        if (ecg_rhythm_rows[episode->rhythm].basic)
            basic = episode;
        else if (ecg_rhythm_rows[episode->rhythm].aux)
            upon = episode;
    }
    const struct ecg_episode *told = upon ? upon : basic;
    return told ? ecg_rhythm_rows[told->rhythm].aux : NULL;
}

static int by_onset(const void *one, const void *other)
{
    const struct ecg_episode *a = one, *b = other;
    return (a->onset > b->onset) - (a->onset < b->onset);
}

static int by_value(const void *one, const void *other)
{
    const int64_t *a = one, *b = other;
    return (*a > *b) - (*a < *b);
}

static void mark_rhythms(struct annotate *job)
{
    size_t count = 0;
    int64_t *changes = calloc(2 * job->episode_count + 1, sizeof *changes);
    const char *last = NULL;
    job->no_memory = job->no_memory || !changes;
    for (size_t i = 0; changes && i < job->episode_count; i++) {
        const struct ecg_rhythm_row *row = &ecg_rhythm_rows[job->episodes[i].rhythm];
        if (!row->basic && !row->aux)
            continue;
        changes[count++] = job->episodes[i].onset;
        changes[count++] = job->episodes[i].end;
    }
    if (count > 0)
        qsort(changes, count, sizeof *changes, by_value);
    for (size_t i = 0; i < count; i++) {
        const char *rhythm = rhythm_at(job, changes[i]);
        const char *text = rhythm ? rhythm : last ? "(U" : NULL;
        bool same = text == last || (text && last && strcmp(text, last) == 0);
        if (!same)
            add_mark(job, '+', RANK_RHYTHM, &(struct wfdb_annotation){.sample = changes[i], .aux = text});
        last = text;
    }
    free(changes);
}

/* ---- quality ---- */

static int noise_bits(const struct annotate *job)
{
    unsigned bits = 0;
    for (size_t i = 0; i < job->lead_count; i++) {
        if (job->signals[i] > 3)
            continue;
        if (ecg_quality_unreadable(job->quality[i]))
            bits |= 16u << job->signals[i];
        else if (job->quality[i] == ECG_QUALITY_NOISY)
            bits |= 1u << job->signals[i];
    }
    return bits > 127 ? (int)bits - 256 : (int)bits;
}

/* That a lead is good from the start on is no news. */
static void on_quality(void *context, const struct ecg_quality_change *change)
{
    struct annotate *job = context;
    enum ecg_lead lead = job->config.leads[change->lead];
    const struct wfdb_signal *signal = &job->record->signals[job->signals[change->lead]];
    char *words = job->quality_words[change->lead][change->quality];
    job->quality[change->lead] = change->quality;
    snprintf(words, sizeof job->quality_words[0][0], "%.24s %s", signal->name, ecg_quality_name(change->quality));
    if (change->quality != ECG_QUALITY_GOOD || change->before != ECG_QUALITY_UNKNOWN)
        add_mark(job, '~', RANK_QUALITY,
                 &(struct wfdb_annotation){.sample = change->sample,
                                           .channel = (int)job->signals[change->lead],
                                           .subtype = noise_bits(job),
                                           .aux = words});
    if (!job->json)
        return;
    struct buf *out = begin(job, PART_QUALITY, change->sample);
    put_lead(job, out, lead);
    buf_printf(out, ",\"quality\":\"%s\"}", ecg_quality_name(change->quality));
}

struct ecg_sink annotate_sink(struct annotate *job)
{
    return (struct ecg_sink){.context = job,
                             .beat = on_beat,
                             .waves = on_waves,
                             .measurements = on_measurements,
                             .hrv = on_hrv,
                             .episode = on_episode,
                             .quality = on_quality};
}

/* ---- the end ---- */

static int in_order(const void *one, const void *other)
{
    const struct mark *a = one, *b = other;
    if (a->item.sample != b->item.sample)
        return a->item.sample < b->item.sample ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank - b->rank;
    return (a->order > b->order) - (a->order < b->order);
}

static void interpret(struct annotate *job)
{
    struct ecg_measurements measurements;
    struct ecg_statements statements = {0};
    struct ecg_person person = {.age_years = NAN};
    (void)ecg_pipeline_interpret(job->pipeline, &person, &measurements, &statements);
    findings_statements(&job->statements, &statements);
}

void annotate_finish(struct annotate *job)
{
    if (job->episode_count > 0)
        qsort(job->episodes, job->episode_count, sizeof *job->episodes, by_onset);
    for (size_t i = 0; job->json && i < job->episode_count; i++)
        put_episode(job, &job->episodes[i]);
    mark_rhythms(job);
    if (job->mark_count > 0)
        qsort(job->marks, job->mark_count, sizeof *job->marks, in_order);
    if (job->json)
        interpret(job);
    job->no_memory = job->no_memory || !buf_ok(&job->statements);
    for (int i = 0; i < PART_COUNT; i++)
        job->no_memory = job->no_memory || !buf_ok(&job->parts[i]);
}

void annotate_json(const struct annotate *job, struct buf *out)
{
    static const char *const names[PART_COUNT] = {
        [PART_BEATS] = "beats", [PART_WAVES] = "waves",       [PART_MEASUREMENTS] = "measurements",
        [PART_HRV] = "hrv",     [PART_EPISODES] = "episodes", [PART_QUALITY] = "quality",
    };
    buf_text(out, "{\"record\":");
    buf_json_str(out, job->record->name);
    buf_text(out, ",\"fs_hz\":");
    buf_json_number(out, job->record->fs_hz);
    buf_printf(out, ",\"units\":\"%s\",\"leads\":[", job->config.units == ECG_UNITS_MV ? "mV" : "adu");
    for (size_t i = 0; i < job->lead_count; i++) {
        if (i)
            buf_char(out, ',');
        buf_json_str(out, job->record->signals[job->signals[i]].name);
    }
    for (int i = 0; i < PART_COUNT; i++) {
        buf_printf(out, "],\"%s\":[", names[i]);
        buf_add(out, job->parts[i].data, job->parts[i].length);
    }
    buf_text(out, "],\n\"statements\":");
    buf_add(out, job->statements.data, job->statements.length);
    buf_text(out, "}\n");
}

void annotate_free(struct annotate *job)
{
    free(job->marks);
    free(job->episodes);
    buf_free(&job->statements);
    for (int i = 0; i < PART_COUNT; i++)
        buf_free(&job->parts[i]);
}
