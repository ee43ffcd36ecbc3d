/* Atrial fibrillation, from the RR intervals and the P waves.

How. As in Zhou et al., PLoS ONE 2015; 10: e0136544, it is the momentary heart rate that is looked at, not the RR: its
changes from beat to beat are about the same in slow and in fast fibrillation, while those of a sinus rhythm are small.
Ventricular beats and isolated premature ones are left out first. Each change is evidence: the logarithm of how much
likelier it is in fibrillation than in any other rhythm (the table below, after the histograms of Tateno and Glass, Med
Biol Eng Comput 2001; 39: 664-671), to which the P wave adds its own. The evidence is cumulated as in Page, Biometrika
1954; 41: 100-115: at LIMIT_AF_ENTER fibrillation is there, and began with the beat at which the sum left zero; likewise
it ends. So an onset is told six to ten beats late, and lies at the first irregular beat. Where no lead is good the
evidence does not suffice alone, so that beats found in noise make no fibrillation.

How good, by time: docs/accuracy.md. CPSC 2021, six recordings of three people: Se 99 %, +P 98.6 %; MIT-BIH Se 99 %. The
table was made of these people's beats; with tables made of the others' each time, and RR alone, four people with
fibrillation or without came to Se 99.5 %, +P 97.4 %. What it cannot: tell fibrillation from what else is irregular
when no P wave is seen, as in flutter with changing conduction (222) and between ventricular beats in a sinus rhythm
whose P waves are small (200); and see it when a pacemaker or a block makes it regular. */
#include <math.h>

#include "ecg/rhythm_private.h"

#define RR_MIN_MS      280.0F /* less is a T wave taken for a beat, or noise */
#define RR_MAX_MS      3000.0F
#define P_RR_MIN_MS    500.0F /* in a shorter RR the P wave lies in the T wave before it */
#define NOISY_MOST     0.9    /* of LIMIT_AF_ENTER: noise alone makes no fibrillation, a beat behind it may */
#define APART_MAX      3      /* intervals: further apart, two of them say nothing of each other */
#define ALIKE          0.10F  /* intervals around a premature beat, by which they differ */
#define PREMATURE      0.88F  /* an interval so much shorter ... */
#define PAUSE          1.00F  /* ... before one so much longer */
#define TWO_MIN        1.50F  /* both together, of what is usual */
#define DROPPED_MIN    1.60F  /* of what is usual: an interval in which a beat is missing */
#define TWO_MAX        2.25F
#define PAUSE_BEHIND   0.95 /* of the regular RR: the last interval is the pause behind fibrillation */
#define PAUSE_BACK_MAX 3
#define LOOK_AHEAD     2 /* beats, to see an isolated premature one */

/* Change of the heart rate from one interval to the next, up to ... : log of the likelihood ratio. Rounded from 3200
   intervals in fibrillation (four people) and 21000 without (fifteen), each person counting the same; cut at 1.5, so
   that no two beats decide. */
static const struct {
    double up_to_bpm, evidence;
} evidence_rows[] = {
    {1.5, -1.5}, {3.5, -1.3}, {5.0, -0.9}, {7.0, -0.2}, {10.0, 0.75}, {14.0, 1.3}, {(double)INFINITY, 1.5},
};

void rhythm_af_forget(struct ecg_rhythms *rhythms)
{
    rhythms->af = (struct ecg_rhythm_af){.last_used = -1};
}

/* ---- which intervals count ---- */

static bool plausible(const struct ecg_rhythm_heard *beat)
{
    return beat && beat->rr_ms >= RR_MIN_MS && beat->rr_ms <= RR_MAX_MS && !beat->aside;
}

static bool ventricular(const struct ecg_rhythm_heard *beat)
{
    return beat && beat->code == 'V';
}

/* The RR before the beat, itself and the two behind it; false when one does not count. */
static bool around(struct ecg_rhythms *rhythms, int64_t index, float rr_ms[4])
{
    for (int i = 0; i < 4; i++) {
        const struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, index - 1 + i);
        if (!plausible(beat) || ventricular(beat))
            return false;
        rr_ms[i] = beat->rr_ms;
    }
    return true;
}

static bool alike(float a_ms, float b_ms)
{
    return fabsf(a_ms - b_ms) < ALIKE * 0.5F * (a_ms + b_ms);
}

/* A short interval and a longer one between two that are alike. */
static bool is_isolated_premature(const float rr_ms[4])
{
    float usual = 0.5F * (rr_ms[0] + rr_ms[3]);
    float two = rr_ms[1] + rr_ms[2];
    return alike(rr_ms[0], rr_ms[3]) && rr_ms[1] < PREMATURE * usual && rr_ms[2] > PAUSE * usual &&
           two > TWO_MIN * usual && two < TWO_MAX * usual;
}

/* A long interval between two that are alike: a beat was dropped (a block), or not seen. */
static bool is_isolated_pause(const float rr_ms[4])
{
    float usual = 0.5F * (rr_ms[0] + rr_ms[2]);
    return alike(rr_ms[0], rr_ms[2]) && rr_ms[1] > DROPPED_MIN * usual && rr_ms[1] < TWO_MAX * usual;
}

/* True when the beat ends a pause: what is before it and what is behind say nothing of each other. */
static bool set_aside(struct ecg_rhythms *rhythms, int64_t index)
{
    struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, index);
    float rr_ms[4];
    bool known = around(rhythms, index, rr_ms);
    if (known && is_isolated_premature(rr_ms))
        beat->aside = rhythm_beat(rhythms, index + 1)->aside = true;
    if (!plausible(beat) || ventricular(beat) || ventricular(rhythm_beat(rhythms, index - 1)))
        beat->aside = true;
    return known && !beat->aside && is_isolated_pause(rr_ms);
}

/* ---- evidence ---- */

static double p_evidence(const struct ecg_rhythm_heard *beat)
{
    if (beat->rr_ms < P_RR_MIN_MS)
        return 0.0;
    switch (beat->p) {
    case ECG_WAVE_PRESENT: return rhythm_limit(LIMIT_AF_P_PRESENT);
    case ECG_WAVE_ABSENT: return rhythm_limit(LIMIT_AF_P_ABSENT);
    default: return 0.0;
    }
}

static double evidence_of(const struct ecg_rhythm_heard *before, const struct ecg_rhythm_heard *beat)
{
    double change_bpm = fabs(60000.0 / (double)beat->rr_ms - 60000.0 / (double)before->rr_ms);
    size_t row = 0;
    while (change_bpm > evidence_rows[row].up_to_bpm)
        row++;
    return evidence_rows[row].evidence + p_evidence(beat);
}

/* ---- onset and end ---- */

static int64_t sample_of(struct ecg_rhythms *rhythms, int64_t index)
{
    int64_t oldest = rhythm_oldest(rhythms);
    return rhythm_beat(rhythms, index < oldest ? oldest : index)->sample;
}

/* What was irregular from the first intervals on was so before. */
static int64_t onset_of(struct ecg_rhythms *rhythms)
{
    return sample_of(rhythms, rhythms->af.since <= APART_MAX ? 0 : rhythms->af.since);
}

/* The last odd interval is often the pause that ends fibrillation: it ended before. */
static int64_t end_of(struct ecg_rhythms *rhythms, int64_t until)
{
    double sum_ms = 0.0;
    int count = 0;
    int64_t last = rhythms->af.last_odd;
    for (int64_t i = last + 1; i <= until; i++)
        if (plausible(rhythm_beat(rhythms, i))) {
            sum_ms += (double)rhythm_beat(rhythms, i)->rr_ms;
            count++;
        }
    for (int back = 0; back < PAUSE_BACK_MAX; back++) {
        const struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, last);
        if (!beat || !rhythm_beat(rhythms, last - 1) || (double)beat->rr_ms * count < PAUSE_BEHIND * sum_ms)
            break;
        last--;
    }
    return sample_of(rhythms, last);
}

static void begin_when_certain(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct ecg_rhythm_af *af = &rhythms->af;
    if (af->there || af->score < rhythm_limit(rhythms->ending ? LIMIT_AF_ENTER_AT_END : LIMIT_AF_ENTER))
        return;
    af->there = true;
    af->score = 0.0;
    af->last_odd = af->last_used;
    rhythm_holds(claim, onset_of(rhythms), sample_of(rhythms, af->last_used));
}

static void look_for_onset(struct ecg_rhythms *rhythms, int64_t index, double evidence)
{
    struct ecg_rhythm_af *af = &rhythms->af;
    double most = rhythm_beat(rhythms, index)->noisy ? NOISY_MOST * rhythm_limit(LIMIT_AF_ENTER) : INFINITY;
    if (af->score <= 0.0 && evidence > 0.0)
        af->since = index;
    af->score = fmin(fmax(0.0, af->score + evidence), fmax(most, af->score));
}

static void look_for_end(struct ecg_rhythms *rhythms, int64_t index, double evidence, struct ecg_rhythm_claim *claim)
{
    struct ecg_rhythm_af *af = &rhythms->af;
    if (af->score <= 0.0)
        af->last_odd = evidence < 0.0 ? af->last_used : index;
    af->score = fmax(0.0, af->score - evidence);
    if (af->score < rhythm_limit(LIMIT_AF_LEAVE)) {
        rhythm_holds(claim, claim->onset, rhythm_beat(rhythms, index)->sample);
        return;
    }
    rhythm_ends(claim, end_of(rhythms, index));
    af->there = false;
    af->score = 0.0;
}

static void judge(struct ecg_rhythms *rhythms, int64_t index, struct ecg_rhythm_claim *claim)
{
    struct ecg_rhythm_af *af = &rhythms->af;
    bool pause = set_aside(rhythms, index);
    const struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, index);
    const struct ecg_rhythm_heard *before = rhythm_beat(rhythms, af->last_used);
    if (beat->aside)
        return;
    if (before && index - af->last_used <= APART_MAX && !pause && !af->paused) {
        double evidence = evidence_of(before, beat);
        if (af->there)
            look_for_end(rhythms, index, evidence, claim);
        else
            look_for_onset(rhythms, index, evidence);
    }
    af->last_used = index;
    af->paused = pause;
    begin_when_certain(rhythms, claim);
}

void rhythm_af(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct ecg_rhythm_af *af = &rhythms->af;
    int64_t ahead = rhythms->ending ? 0 : LOOK_AHEAD;
    if (af->next < rhythm_oldest(rhythms))
        af->next = rhythm_oldest(rhythms);
    for (; af->next + ahead < rhythms->heard && af->next < rhythms->waved; af->next++)
        judge(rhythms, af->next, claim);
    if (rhythms->ending)
        begin_when_certain(rhythms, claim);
}
