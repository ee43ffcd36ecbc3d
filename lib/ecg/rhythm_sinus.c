/* The regular rhythms of the atria and of the AV node, from P waves and RR intervals.

A sinus rhythm is claimed only when P waves were looked for and found before most beats (LIMIT_P_SHARE of the last
LIMIT_SINUS_BEATS): slow, fast, with respiratory arrhythmia, or plain. It changes its name when the other one has held
for LIMIT_SETTLE_BEATS, so that a rate at a limit does not flicker. A junctional rhythm is claimed when P waves were
looked for and hardly any was there, the QRS is narrow and the rhythm regular. Where nothing is known of P waves, a slow
or fast heart is a bradycardia or tachycardia of unknown origin, and anything between has no name: it is not called
sinus rhythm. A supraventricular tachycardia is told by its sudden onset. */
#include <math.h>

#include "ecg/rhythm_private.h"

#define RR_MIN_MS        200.0
#define RR_MAX_MS        3000.0
#define KNOWN_SHARE      0.6 /* of the beats' P waves, before their share means anything */
#define BEATS_AT_END     5   /* of a short record must do */
#define ARRHYTHMIA_S     10.0
#define JUNCTIONAL_BEATS 16
#define REGULAR_STEP     0.10 /* of the RR before: a regular rhythm keeps within */
#define SVT_SPREAD       0.15 /* longest less shortest RR over their mean */
#define RATE_BEATS       8
#define ANY_TIME_S       1e6

/* The last beats whose waves are known, ventricular ones left out. */
struct view {
    unsigned beats, known, present, wide, rrs;
    double sum_ms, longest_ms, shortest_ms, step; /* step: the greatest change of RR over the RR before */
    int64_t first, last, lost;                    /* samples; lost: of the first beat without a P wave, else the last */
};

static void see_rr(struct ecg_rhythms *rhythms, int64_t index, struct view *view)
{
    const struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, index);
    const struct ecg_rhythm_heard *before = rhythm_beat(rhythms, index - 1);
    double rr_ms = (double)beat->rr_ms;
    if (!(rr_ms >= RR_MIN_MS && rr_ms <= RR_MAX_MS) || !before || before->code == 'V')
        return;
    view->longest_ms = view->rrs ? fmax(view->longest_ms, rr_ms) : rr_ms;
    view->shortest_ms = view->rrs ? fmin(view->shortest_ms, rr_ms) : rr_ms;
    view->sum_ms += rr_ms;
    view->rrs++;
    if (before->rr_ms > 0.0F)
        view->step = fmax(view->step, fabs(rr_ms - (double)before->rr_ms) / (double)before->rr_ms);
}

/* `beats` of them, or as many as lie within `seconds`. */
static struct view look_back(struct ecg_rhythms *rhythms, unsigned beats, double seconds)
{
    struct view view = {0};
    for (int64_t i = rhythms->waved - 1; view.beats < beats && rhythm_beat(rhythms, i); i--) {
        const struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, i);
        if (view.beats > 0 && view.last - beat->sample > rhythm_samples(rhythms, seconds))
            break;
        if (beat->code == 'V')
            continue;
        view.last = view.beats ? view.last : beat->sample;
        view.first = beat->sample;
        view.lost = view.beats == 0 || beat->p == ECG_WAVE_ABSENT ? beat->sample : view.lost;
        view.beats++;
        view.known += beat->p != ECG_WAVE_UNKNOWN;
        view.present += beat->p == ECG_WAVE_PRESENT && !((double)beat->pr_ms < rhythm_limit(LIMIT_SINUS_PR_MS));
        view.wide += (double)beat->qrs_ms >= rhythm_limit(LIMIT_BLOCK_QRS_MS);
        see_rr(rhythms, i, &view);
    }
    return view;
}

static double rate_of(const struct view *view)
{
    return view->rrs ? 60000.0 * view->rrs / view->sum_ms : (double)NAN;
}

/* Beyond the limit, and while `now`, beyond it less a little. */
static bool is_fast(double rate_bpm, double limit_bpm, bool now)
{
    return rate_bpm > limit_bpm - (now ? rhythm_limit(LIMIT_RATE_HYSTERESIS_BPM) : 0.0);
}

static bool is_slow(double rate_bpm, double limit_bpm, bool now)
{
    return rate_bpm < limit_bpm + (now ? rhythm_limit(LIMIT_RATE_HYSTERESIS_BPM) : 0.0);
}

/* ---- sinus rhythms ---- */

void rhythm_sinus_forget(struct ecg_rhythms *rhythms)
{
    rhythms->sinus = (struct ecg_rhythm_sinus){.now = ECG_RHYTHM_UNKNOWN};
}

static bool has_p(const struct ecg_rhythms *rhythms, const struct view *view)
{
    double needed = rhythms->ending ? BEATS_AT_END : rhythm_limit(LIMIT_SINUS_BEATS);
    return (double)view->beats >= needed && view->known >= KNOWN_SHARE * view->beats &&
           view->present >= rhythm_limit(LIMIT_P_SHARE) * view->known;
}

static bool varies_with_breath(struct ecg_rhythms *rhythms)
{
    struct view view = look_back(rhythms, ECG_RHYTHM_MEMORY, ARRHYTHMIA_S);
    double spread_ms = view.longest_ms - view.shortest_ms;
    return view.rrs >= BEATS_AT_END && spread_ms > rhythm_limit(LIMIT_SINUS_ARRHYTHMIA_MS) &&
           spread_ms > rhythm_limit(LIMIT_SINUS_ARRHYTHMIA_SHARE) * view.shortest_ms &&
           view.step < rhythm_limit(LIMIT_SINUS_STEP_SHARE);
}

static enum ecg_rhythm name_sinus(struct ecg_rhythms *rhythms, const struct view *view)
{
    enum ecg_rhythm now = rhythms->sinus.now;
    double rate_bpm = rate_of(view);
    if (!has_p(rhythms, view) || isnan(rate_bpm))
        return ECG_RHYTHM_UNKNOWN;
    if (is_fast(rate_bpm, rhythm_limit(LIMIT_TACHYCARDIA_BPM), now == ECG_RHYTHM_SINUS_TACHYCARDIA))
        return ECG_RHYTHM_SINUS_TACHYCARDIA;
    if (is_slow(rate_bpm, rhythm_limit(LIMIT_BRADYCARDIA_BPM), now == ECG_RHYTHM_SINUS_BRADYCARDIA))
        return ECG_RHYTHM_SINUS_BRADYCARDIA;
    return varies_with_breath(rhythms) ? ECG_RHYTHM_SINUS_ARRHYTHMIA : ECG_RHYTHM_SINUS;
}

/* The first name is taken at once, and holds from the first of the beats looked at. A name is lost where the first P
   wave was missing. */
static void follow_sinus(struct ecg_rhythm_sinus *sinus, enum ecg_rhythm seen, const struct view *view)
{
    if (seen == sinus->now) {
        sinus->next = seen;
        return;
    }
    if (seen != sinus->next) {
        sinus->next = seen;
        sinus->next_beats = 0;
        sinus->next_onset = sinus->now == ECG_RHYTHM_UNKNOWN ? view->first
                            : seen == ECG_RHYTHM_UNKNOWN     ? view->lost
                                                             : view->last;
    }
    sinus->next_beats++;
    if (sinus->now == ECG_RHYTHM_UNKNOWN || sinus->next_beats >= rhythm_limit(LIMIT_SETTLE_BEATS))
        sinus->now = seen;
}

static void claim_sinus(struct ecg_rhythms *rhythms, enum ecg_rhythm which, struct ecg_rhythm_claim *claim)
{
    const struct ecg_rhythm_sinus *sinus = &rhythms->sinus;
    const struct ecg_rhythm_heard *last = rhythm_beat(rhythms, rhythms->waved - 1);
    if (sinus->now == which && last)
        rhythm_holds(claim, sinus->next_onset, last->sample);
    else
        rhythm_ends(claim, sinus->next_onset);
}

/* Asked before the others, as its row comes before theirs: it looks for all of them. */
void rhythm_sinus(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct view view = look_back(rhythms, (unsigned)rhythm_limit(LIMIT_SINUS_BEATS), ANY_TIME_S);
    if (view.beats > 0)
        follow_sinus(&rhythms->sinus, name_sinus(rhythms, &view), &view);
    claim_sinus(rhythms, ECG_RHYTHM_SINUS, claim);
}

void rhythm_sinus_bradycardia(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    claim_sinus(rhythms, ECG_RHYTHM_SINUS_BRADYCARDIA, claim);
}

void rhythm_sinus_tachycardia(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    claim_sinus(rhythms, ECG_RHYTHM_SINUS_TACHYCARDIA, claim);
}

void rhythm_sinus_arrhythmia(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    claim_sinus(rhythms, ECG_RHYTHM_SINUS_ARRHYTHMIA, claim);
}

/* ---- of unknown origin ---- */

static void claim_while(bool so, const struct view *view, struct ecg_rhythm_claim *claim)
{
    if (so)
        rhythm_holds(claim, view->first, view->last);
    else
        rhythm_ends(claim, claim->end);
}

static bool has_rate(const struct ecg_rhythms *rhythms, const struct view *view)
{
    return view->rrs >= (rhythms->ending ? BEATS_AT_END : RATE_BEATS - 2);
}

void rhythm_bradycardia(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct view view = look_back(rhythms, RATE_BEATS, ANY_TIME_S);
    bool slow = is_slow(rate_of(&view), rhythm_limit(LIMIT_UNKNOWN_BRADYCARDIA_BPM), claim->holds);
    claim_while(has_rate(rhythms, &view) && slow, &view, claim);
}

void rhythm_tachycardia(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct view view = look_back(rhythms, RATE_BEATS, ANY_TIME_S);
    bool fast = is_fast(rate_of(&view), rhythm_limit(LIMIT_TACHYCARDIA_BPM), claim->holds);
    claim_while(has_rate(rhythms, &view) && fast, &view, claim);
}

/* ---- others ---- */

void rhythm_junctional(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct view view = look_back(rhythms, claim->holds ? RATE_BEATS : JUNCTIONAL_BEATS, ANY_TIME_S);
    double rate_bpm = rate_of(&view);
    bool no_p = view.known >= KNOWN_SHARE * view.beats &&
                view.known - view.present >= rhythm_limit(LIMIT_P_ABSENT_SHARE) * view.known;
    bool narrow = 2 * view.wide < view.beats;
    bool usual = rate_bpm >= rhythm_limit(LIMIT_JUNCTIONAL_MIN_BPM) &&
                 rate_bpm <= rhythm_limit(LIMIT_JUNCTIONAL_MAX_BPM) && view.step < REGULAR_STEP;
    claim_while(view.beats >= RATE_BEATS && view.known > 0 && no_p && narrow && usual, &view, claim);
}

static bool jumped(struct ecg_rhythms *rhythms, int64_t beats)
{
    const struct ecg_rhythm_heard *first = rhythm_last(rhythms, beats - 1);
    const struct ecg_rhythm_heard *before = rhythm_last(rhythms, beats);
    return first && before && before->rr_ms > 0.0F &&
           (double)first->rr_ms < (1.0 - rhythm_limit(LIMIT_SVT_JUMP)) * (double)before->rr_ms;
}

static bool fast_and_regular(struct ecg_rhythms *rhythms, int64_t beats)
{
    double longest_ms = 0.0;
    double shortest_ms = INFINITY;
    for (int64_t back = 0; back < beats; back++) {
        const struct ecg_rhythm_heard *beat = rhythm_last(rhythms, back);
        if (!beat || beat->code == 'V' || !((double)beat->rr_ms >= RR_MIN_MS))
            return false;
        longest_ms = fmax(longest_ms, (double)beat->rr_ms);
        shortest_ms = fmin(shortest_ms, (double)beat->rr_ms);
    }
    return longest_ms < 60000.0 / rhythm_limit(LIMIT_SVT_BPM) && longest_ms < (1.0 + SVT_SPREAD) * shortest_ms;
}

void rhythm_svt(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    int64_t beats = (int64_t)rhythm_limit(LIMIT_SVT_BEATS);
    const struct ecg_rhythm_heard *last = rhythm_last(rhythms, 0);
    if (claim->holds && fast_and_regular(rhythms, 2))
        rhythm_holds(claim, claim->onset, last->sample);
    else if (!claim->holds && fast_and_regular(rhythms, beats) && jumped(rhythms, beats))
        rhythm_holds(claim, rhythm_last(rhythms, beats - 1)->sample, last->sample);
    else
        rhythm_ends(claim, claim->end);
}

/* From one beat to the next, whether or not it was told as asystole meanwhile. */
void rhythm_pause(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    const struct ecg_rhythm_heard *last = rhythm_last(rhythms, 0);
    double rr_ms = (double)last->rr_ms;
    rhythm_ends(claim, claim->end);
    if (rr_ms > rhythm_limit(LIMIT_PAUSE_MS))
        rhythm_holds(claim, last->sample - rhythm_samples(rhythms, rr_ms / 1000.0), last->sample);
}

/* Paced beats are wide and may be called ventricular: all beats count here. */
void rhythm_paced(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct view view = {0};
    unsigned paced = 0;
    for (int64_t i = rhythms->waved - 1; i >= rhythms->waved - RATE_BEATS && rhythm_beat(rhythms, i); i--) {
        const struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, i);
        bool is_one = beat->paced || beat->code == '/';
        view.last = view.beats++ ? view.last : beat->sample;
        view.first = is_one ? beat->sample : view.first;
        paced += is_one;
    }
    bool enough = view.beats >= (rhythms->ending ? BEATS_AT_END : RATE_BEATS);
    claim_while(enough && paced > rhythm_limit(LIMIT_PACED_SHARE) * view.beats, &view, claim);
}
