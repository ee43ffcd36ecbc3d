/* Rhythms: the table of all of them, and what makes episodes of what their detectors claim.

A detector looks at the last beats, waves, measurements or the signal and says whether its rhythm holds, and since when.
Of the basic rhythms that hold, the one of the highest rank is told; it begins where its detector says, which lies in
the past, but not before the one before it ended. When a rhythm of a higher rank was there only for a while (a run of
ventricular tachycardia within atrial fibrillation), the other begins again behind it. What is not basic lies upon the
basic rhythm, any number at a time; nothing lies upon ventricular fibrillation and asystole, where beats mean nothing.

The detectors are in the files rhythm_*.c, their limits in rhythm_limits.c, how good they are in docs/accuracy.md. */
#include "ecg/rhythm.h"

#include <math.h>
#include <string.h>

#include "ecg/rhythm_private.h"

#define BASIC true
#define UPON  false

const struct ecg_rhythm_row ecg_rhythm_rows[ECG_RHYTHM_COUNT] = {
    [ECG_RHYTHM_UNKNOWN] = {"unknown", "Unknown rhythm", NULL, BASIC, 0, 0, NULL},
    [ECG_RHYTHM_SINUS] = {"sinus_rhythm", "Sinus rhythm", "(N", BASIC, 20, ECG_ON_WAVES, rhythm_sinus},
    [ECG_RHYTHM_SINUS_BRADYCARDIA] = {"sinus_bradycardia", "Sinus bradycardia", "(SBR", BASIC, 20, ECG_ON_WAVES,
                                      rhythm_sinus_bradycardia},
    [ECG_RHYTHM_SINUS_TACHYCARDIA] = {"sinus_tachycardia", "Sinus tachycardia", "(N", BASIC, 20, ECG_ON_WAVES,
                                      rhythm_sinus_tachycardia},
    [ECG_RHYTHM_SINUS_ARRHYTHMIA] = {"sinus_arrhythmia", "Sinus arrhythmia", "(N", BASIC, 20, ECG_ON_WAVES,
                                     rhythm_sinus_arrhythmia},
    [ECG_RHYTHM_ATRIAL_FIBRILLATION] = {"atrial_fibrillation", "Atrial fibrillation", "(AFIB", BASIC, 50, ECG_ON_WAVES,
                                        rhythm_af},
    [ECG_RHYTHM_ATRIAL_FLUTTER] = {"atrial_flutter", "Atrial flutter", "(AFL", BASIC, 40, ECG_ON_SECOND,
                                   rhythm_flutter},
    [ECG_RHYTHM_SVT] = {"supraventricular_tachycardia", "Supraventricular tachycardia", "(SVTA", BASIC, 35, ECG_ON_BEAT,
                        rhythm_svt},
    [ECG_RHYTHM_VT] = {"ventricular_tachycardia", "Ventricular tachycardia", "(VT", BASIC, 80, ECG_ON_BEAT, rhythm_vt},
    [ECG_RHYTHM_VF] = {"ventricular_fibrillation", "Ventricular fibrillation or flutter", "(VFL", BASIC, 100,
                       ECG_ON_SECOND, rhythm_vf},
    [ECG_RHYTHM_ASYSTOLE] = {"asystole", "Asystole", "(ASYS", BASIC, 90, ECG_ON_SECOND | ECG_ON_BEAT, rhythm_asystole},
    [ECG_RHYTHM_PAUSE] = {"pause", "Pause", NULL, UPON, 0, ECG_ON_BEAT, rhythm_pause},
    [ECG_RHYTHM_AV_BLOCK_1] = {"av_block_1", "First-degree AV block", NULL, UPON, 0, ECG_ON_MEASURED,
                               rhythm_av_block_1},
    [ECG_RHYTHM_AV_BLOCK_2] = {"av_block_2", "Second-degree AV block", "(BII", UPON, 0, ECG_ON_WAVES,
                               rhythm_av_block_2},
    [ECG_RHYTHM_AV_BLOCK_3] = {"av_block_3", "Complete AV block", NULL, UPON, 0, ECG_ON_WAVES, rhythm_av_block_3},
    [ECG_RHYTHM_PACED] = {"paced", "Paced rhythm", "(P", BASIC, 60, ECG_ON_WAVES, rhythm_paced},
    [ECG_RHYTHM_LBBB] = {"left_bundle_branch_block", "Left bundle branch block", NULL, UPON, 0, ECG_ON_MEASURED,
                         rhythm_lbbb},
    [ECG_RHYTHM_RBBB] = {"right_bundle_branch_block", "Right bundle branch block", NULL, UPON, 0, ECG_ON_MEASURED,
                         rhythm_rbbb},
    [ECG_RHYTHM_BIGEMINY] = {"ventricular_bigeminy", "Ventricular bigeminy", "(B", UPON, 0, ECG_ON_BEAT,
                             rhythm_bigeminy},
    [ECG_RHYTHM_TRIGEMINY] = {"ventricular_trigeminy", "Ventricular trigeminy", "(T", UPON, 0, ECG_ON_BEAT,
                              rhythm_trigeminy},
    [ECG_RHYTHM_COUPLET] = {"ventricular_couplet", "Ventricular couplet", NULL, UPON, 0, ECG_ON_BEAT, rhythm_couplet},
    [ECG_RHYTHM_VENTRICULAR_RUN] = {"ventricular_run", "Ventricular run", NULL, UPON, 0, ECG_ON_BEAT,
                                    rhythm_ventricular_run},
    [ECG_RHYTHM_ATRIAL_RUN] = {"atrial_run", "Atrial run", NULL, UPON, 0, ECG_ON_BEAT, rhythm_atrial_run},
    [ECG_RHYTHM_BRADYCARDIA] = {"bradycardia", "Bradycardia", NULL, BASIC, 10, ECG_ON_WAVES, rhythm_bradycardia},
    [ECG_RHYTHM_TACHYCARDIA] = {"tachycardia", "Tachycardia", NULL, BASIC, 10, ECG_ON_WAVES, rhythm_tachycardia},
    [ECG_RHYTHM_IDIOVENTRICULAR] = {"idioventricular_rhythm", "Idioventricular rhythm", "(IVR", BASIC, 70, ECG_ON_BEAT,
                                    rhythm_idioventricular},
    [ECG_RHYTHM_JUNCTIONAL] = {"junctional_rhythm", "Junctional rhythm", "(NOD", BASIC, 30, ECG_ON_WAVES,
                               rhythm_junctional},
};

/* ---- what is remembered ---- */

struct ecg_rhythm_heard *rhythm_beat(struct ecg_rhythms *rhythms, int64_t index)
{
    if (index < 0 || index >= rhythms->heard || rhythms->heard - index > ECG_RHYTHM_MEMORY)
        return NULL;
    return &rhythms->beats[index % ECG_RHYTHM_MEMORY];
}

struct ecg_rhythm_heard *rhythm_last(struct ecg_rhythms *rhythms, int64_t back)
{
    return rhythm_beat(rhythms, rhythms->heard - 1 - back);
}

char rhythm_code(struct ecg_rhythms *rhythms, int64_t back)
{
    const struct ecg_rhythm_heard *beat = rhythm_last(rhythms, back);
    return beat ? beat->code : '\0';
}

unsigned rhythm_beats_within(struct ecg_rhythms *rhythms, double seconds, unsigned *normal)
{
    unsigned count = 0;
    int64_t from = rhythms->now - rhythm_samples(rhythms, seconds);
    for (int64_t back = 0; rhythm_last(rhythms, back) && rhythm_last(rhythms, back)->sample >= from; back++) {
        char code = rhythm_last(rhythms, back)->code;
        count++;
        if (normal)
            *normal += code == 'N' || code == 'A';
    }
    return count;
}

void rhythm_holds(struct ecg_rhythm_claim *claim, int64_t onset, int64_t end)
{
    if (!claim->holds)
        claim->onset = onset;
    claim->holds = true;
    claim->end = end;
}

void rhythm_ends(struct ecg_rhythm_claim *claim, int64_t end)
{
    if (claim->holds)
        claim->end = end;
    claim->holds = false;
}

/* ---- episodes ---- */

static void tell(const struct ecg_rhythms *rhythms, const struct ecg_episode *episode)
{
    if (rhythms->listener)
        rhythms->listener(rhythms->context, episode);
}

static bool beats_mean_nothing(enum ecg_rhythm basic)
{
    return basic == ECG_RHYTHM_VF || basic == ECG_RHYTHM_ASYSTOLE;
}

/* The beats from .. to (inclusive) are of the episode; RR only between two of its beats. */
static void add_beats(struct ecg_rhythms *rhythms, struct ecg_rhythm_open *open, int64_t from, int64_t to)
{
    struct ecg_episode *episode = &open->episode;
    for (int64_t back = ECG_RHYTHM_MEMORY - 1; back >= 0 && !beats_mean_nothing(episode->rhythm); back--) {
        const struct ecg_rhythm_heard *beat = rhythm_last(rhythms, back);
        const struct ecg_rhythm_heard *before = rhythm_last(rhythms, back + 1);
        if (!beat || beat->sample < from || beat->sample > to)
            continue;
        episode->beats++;
        if (!before || before->sample < episode->onset || !(beat->rr_ms > 0.0F))
            continue;
        double rate_bpm = 60000.0 / (double)beat->rr_ms;
        open->rr_sum_ms += (double)beat->rr_ms;
        open->rr_count++;
        episode->rate_min_bpm = fmin(episode->rate_min_bpm, rate_bpm);
        episode->rate_max_bpm = fmax(episode->rate_max_bpm, rate_bpm);
        episode->rate_mean_bpm = 60000.0 * open->rr_count / open->rr_sum_ms;
    }
}

static void count_anew(struct ecg_rhythms *rhythms, struct ecg_rhythm_open *open)
{
    struct ecg_episode *episode = &open->episode;
    episode->beats = 0;
    episode->rate_min_bpm = episode->rate_max_bpm = episode->rate_mean_bpm = (double)NAN;
    open->rr_sum_ms = 0.0;
    open->rr_count = 0;
    add_beats(rhythms, open, episode->onset, episode->end);
}

static void extend(struct ecg_rhythms *rhythms, struct ecg_rhythm_open *open, int64_t end)
{
    if (end <= open->episode.end)
        return;
    int64_t from = open->episode.end + 1;
    open->episode.end = end;
    add_beats(rhythms, open, from, end);
}

static void begin(struct ecg_rhythms *rhythms, enum ecg_rhythm rhythm, int64_t onset, int64_t end)
{
    struct ecg_rhythm_open *open = &rhythms->open[rhythm];
    open->episode =
        (struct ecg_episode){.rhythm = rhythm, .onset = onset, .end = end > onset ? end : onset, .open = true};
    count_anew(rhythms, open);
    tell(rhythms, &open->episode);
}

/* What was counted behind the end goes out again; when all of the episode is remembered, exactly. */
static void shorten(struct ecg_rhythms *rhythms, struct ecg_rhythm_open *open, int64_t end)
{
    const struct ecg_rhythm_heard *oldest = rhythm_beat(rhythms, rhythm_oldest(rhythms));
    open->episode.end = end;
    if (!oldest || rhythm_oldest(rhythms) == 0 || oldest->sample <= open->episode.onset) {
        count_anew(rhythms, open);
        return;
    }
    for (int64_t back = 0; back < ECG_RHYTHM_MEMORY; back++) {
        const struct ecg_rhythm_heard *beat = rhythm_last(rhythms, back);
        if (beat && beat->sample > end && open->episode.beats > 0)
            open->episode.beats--;
    }
}

static void finish(struct ecg_rhythms *rhythms, enum ecg_rhythm rhythm, int64_t end)
{
    struct ecg_rhythm_open *open = &rhythms->open[rhythm];
    if (!open->episode.open)
        return;
    end = end < open->episode.onset ? open->episode.onset : end;
    if (end < open->episode.end)
        shorten(rhythms, open, end);
    extend(rhythms, open, end);
    open->episode.open = false;
    tell(rhythms, &open->episode);
}

/* ---- the arbiter ---- */

static enum ecg_rhythm highest_claim(const struct ecg_rhythms *rhythms)
{
    enum ecg_rhythm highest = ECG_RHYTHM_UNKNOWN;
    for (int i = 0; i < ECG_RHYTHM_COUNT; i++)
        if (ecg_rhythm_rows[i].basic && rhythms->claims[i].holds &&
            ecg_rhythm_rows[i].rank > ecg_rhythm_rows[highest].rank)
            highest = (enum ecg_rhythm)i;
    return highest;
}

/* Where its detector says, or, when a higher one takes its place, where that begins. */
static void end_basic(struct ecg_rhythms *rhythms, enum ecg_rhythm next)
{
    enum ecg_rhythm now = rhythms->basic.rhythm;
    const struct ecg_rhythm_claim *claim = &rhythms->claims[now];
    int64_t end = claim->end;
    if (ecg_rhythm_rows[next].rank > ecg_rhythm_rows[now].rank && (claim->holds || rhythms->claims[next].onset < end))
        end = rhythms->claims[next].onset;
    finish(rhythms, now, end);
    rhythms->basic_end = rhythms->open[now].episode.end;
    rhythms->basic_before = now;
    rhythms->basic = (struct ecg_episode){.rhythm = ECG_RHYTHM_UNKNOWN};
}

/* What was claimed of the beats before says nothing of those behind. */
static void forget_beats(struct ecg_rhythms *rhythms)
{
    rhythms->heard = rhythms->waved = 0;
    for (int i = 0; i < ECG_RHYTHM_COUNT; i++)
        if (!beats_mean_nothing((enum ecg_rhythm)i) && i != ECG_RHYTHM_PAUSE)
            rhythm_ends(&rhythms->claims[i], rhythms->open[i].episode.end);
    rhythm_af_forget(rhythms);
    rhythm_sinus_forget(rhythms);
}

/* What another rhythm covered must go on behind it. */
static bool may_begin(const struct ecg_rhythms *rhythms, enum ecg_rhythm next)
{
    const struct ecg_rhythm_claim *claim = &rhythms->claims[next];
    return claim->onset >= rhythms->basic_end ||
           ecg_rhythm_rows[next].rank > ecg_rhythm_rows[rhythms->basic_before].rank ||
           claim->end - rhythms->basic_end >= rhythm_samples(rhythms, rhythm_limit(LIMIT_RESUME_S));
}

static void begin_basic(struct ecg_rhythms *rhythms, enum ecg_rhythm next)
{
    const struct ecg_rhythm_claim *claim = &rhythms->claims[next];
    begin(rhythms, next, claim->onset > rhythms->basic_end ? claim->onset : rhythms->basic_end, claim->end);
    if (beats_mean_nothing(next))
        forget_beats(rhythms);
}

static void settle_basic(struct ecg_rhythms *rhythms)
{
    enum ecg_rhythm next = highest_claim(rhythms);
    enum ecg_rhythm before = rhythms->basic.rhythm;
    if (before != next && rhythms->basic.open) {
        end_basic(rhythms, next);
        if (beats_mean_nothing(before)) {
            forget_beats(rhythms);
            next = highest_claim(rhythms);
        }
    }
    rhythms->basic = (struct ecg_episode){.rhythm = ECG_RHYTHM_UNKNOWN};
    if (next == ECG_RHYTHM_UNKNOWN || (!rhythms->open[next].episode.open && !may_begin(rhythms, next)))
        return;
    if (!rhythms->open[next].episode.open)
        begin_basic(rhythms, next);
    extend(rhythms, &rhythms->open[next], rhythms->claims[next].end);
    rhythms->basic = rhythms->open[next].episode;
}

static void settle_others(struct ecg_rhythms *rhythms)
{
    for (int i = 0; i < ECG_RHYTHM_COUNT; i++) {
        const struct ecg_rhythm_claim *claim = &rhythms->claims[i];
        bool is_open = rhythms->open[i].episode.open;
        if (ecg_rhythm_rows[i].basic)
            continue;
        bool holds = claim->holds && !beats_mean_nothing(rhythms->basic.rhythm);
        if (is_open && (!holds || claim->onset > rhythms->open[i].episode.end))
            finish(rhythms, (enum ecg_rhythm)i, claim->holds ? rhythms->open[i].episode.end : claim->end);
        if (holds && !rhythms->open[i].episode.open)
            begin(rhythms, (enum ecg_rhythm)i, claim->onset, claim->end);
        if (holds)
            extend(rhythms, &rhythms->open[i], claim->end);
    }
}

static void ask(struct ecg_rhythms *rhythms, unsigned when)
{
    for (int i = 0; i < ECG_RHYTHM_COUNT; i++)
        if (ecg_rhythm_rows[i].when & when)
            ecg_rhythm_rows[i].detect(rhythms, &rhythms->claims[i]);
    settle_basic(rhythms);
    settle_others(rhythms);
}

/* ---- what comes in ---- */

void ecg_rhythms_init(struct ecg_rhythms *rhythms, double fs_hz, enum ecg_units units, size_t lead_count,
                      const enum ecg_lead *leads)
{
    memset(rhythms, 0, sizeof *rhythms);
    rhythms->fs_hz = fs_hz;
    rhythms->units = units;
    rhythms->lead_count = lead_count;
    for (size_t lead = 0; lead < lead_count; lead++)
        rhythms->leads[lead] = leads[lead];
    rhythm_signal_init(rhythms);
    forget_beats(rhythms);
}

/* Ends all episodes, and forgets what they were made of. */
static void begin_anew(struct ecg_rhythms *rhythms, int64_t now)
{
    for (int i = 0; i < ECG_RHYTHM_COUNT; i++)
        finish(rhythms, (enum ecg_rhythm)i, rhythms->open[i].episode.end);
    memset(rhythms->claims, 0, sizeof rhythms->claims);
    memset(&rhythms->vf, 0, sizeof rhythms->vf);
    memset(&rhythms->flutter, 0, sizeof rhythms->flutter);
    rhythms->basic_before = ECG_RHYTHM_UNKNOWN;
    rhythms->now = rhythms->since = rhythms->basic_end = now;
    rhythms->next_second = now + rhythm_samples(rhythms, 1.0);
    rhythm_signal_restart(&rhythms->signal);
    forget_beats(rhythms);
}

void ecg_rhythms_flush(struct ecg_rhythms *rhythms, int64_t now)
{
    rhythms->now = now;
    rhythms->ending = true;
    ask(rhythms, ECG_ON_WAVES | ECG_ON_SECOND);
    rhythms->ending = false;
    struct ecg_episode last = rhythms->basic;
    begin_anew(rhythms, now);
    rhythms->basic = last.open ? rhythms->open[last.rhythm].episode : last;
}

void ecg_rhythms_forget(struct ecg_rhythms *rhythms, int64_t now)
{
    begin_anew(rhythms, now);
    rhythms->basic = (struct ecg_episode){.rhythm = ECG_RHYTHM_UNKNOWN};
}

void ecg_rhythms_beat(struct ecg_rhythms *rhythms, const struct ecg_rhythm_beat *beat)
{
    rhythms->heard++;
    rhythms->last_beat = beat->sample;
    *rhythm_last(rhythms, 0) = (struct ecg_rhythm_heard){
        .sample = beat->sample,
        .rr_ms = (float)beat->rr_ms,
        .pr_ms = NAN,
        .qrs_ms = NAN,
        .code = beat->code,
        .p_count = -1,
    };
    ask(rhythms, ECG_ON_BEAT);
}

/* Its index; -1: it is not remembered. */
static int64_t index_of(struct ecg_rhythms *rhythms, int64_t sample)
{
    for (int64_t i = rhythms->heard - 1; rhythm_beat(rhythms, i); i--)
        if (rhythm_beat(rhythms, i)->sample == sample)
            return i;
    return -1;
}

void ecg_rhythms_waves(struct ecg_rhythms *rhythms, const struct ecg_beat_waves *waves)
{
    const struct ecg_wave_times *p = &waves->all[ECG_WAVE_P];
    const struct ecg_wave_times *qrs = &waves->all[ECG_WAVE_QRS];
    int64_t index = index_of(rhythms, waves->sample);
    struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, index);
    if (!beat)
        return;
    rhythms->waved = index + 1;
    beat->noisy = rhythms->noisy;
    beat->p = p->state;
    if (p->state == ECG_WAVE_PRESENT && qrs->state == ECG_WAVE_PRESENT)
        beat->pr_ms = qrs->onset_ms - p->onset_ms;
    if (qrs->state == ECG_WAVE_PRESENT)
        beat->qrs_ms = qrs->end_ms - qrs->onset_ms;
    beat->paced = !isnan(waves->pace_spike_ms);
    beat->p_count = (signed char)(waves->p_count > 100 ? 100 : waves->p_count);
    ask(rhythms, ECG_ON_WAVES);
}

void ecg_rhythms_measured(struct ecg_rhythms *rhythms, const struct ecg_measurements *measurements)
{
    rhythms->measurements = measurements;
    ask(rhythms, ECG_ON_MEASURED);
    rhythms->measurements = NULL;
}

static bool none_is_good(const struct ecg_rhythms *rhythms, const enum ecg_quality *quality)
{
    for (size_t lead = 0; lead < rhythms->lead_count; lead++)
        if (quality[lead] == ECG_QUALITY_GOOD || quality[lead] == ECG_QUALITY_UNKNOWN)
            return false;
    return true;
}

void ecg_rhythms_tick(struct ecg_rhythms *rhythms, const struct ecg_history *history, const enum ecg_quality *quality)
{
    rhythms->now = history->end;
    rhythm_signal_frame(rhythms, history);
    if (rhythms->now < rhythms->next_second)
        return;
    rhythms->next_second = rhythms->now + rhythm_samples(rhythms, 1.0);
    rhythms->noisy = none_is_good(rhythms, quality);
    rhythm_signal_choose(rhythms, quality);
    ask(rhythms, ECG_ON_SECOND);
    if (!beats_mean_nothing(rhythms->basic.rhythm))
        rhythm_signal_learn(rhythms);
}
