/* Supraventricular ectopic beats: premature ones with a QRS like the normal ones, alone or in runs.

How. A beat is premature when its RR is shorter by PREMATURE than both the one before and the usual one, and by more
than normal beats' own changes explain; that is what a reader sees, and what all published features for it come to (RR
before, over the RR around and the RR of minutes: de Chazal, O'Dwyer and Reilly, IEEE Trans Biomed Eng 2004; 51:
1196-1206; Llamedo and Martinez, IEEE Trans Biomed Eng 2011; 58: 616-625). Only the beat behind it is missing: a beat is
judged when it is told. The usual RR is that between normal beats, followed so slowly that a run of ectopic beats does
not become the usual; or the mean of all RR, when pauses make that the longer one. What follows a premature beat as fast
belongs to it, while it is regular and what stands before the QRS differs from the usual P wave. Fast and regular beats
with a very different P wave are a run also where its begin was missed.

In atrial fibrillation nothing is premature: no beat is called ectopic where RR are irregular, all the less where no P
wave is seen. RR is called irregular by its distance from the liker of the two before it, so that a bigeminal rhythm is
a regular one. A run whose RR change much from one to the next is fibrillation or flutter that begins; what comes fast
behind it is not called ectopic either, until the rhythm has been slow again.

How good. The thresholds are round numbers, none was fitted; they were chosen on 14 records of the MIT-BIH arrhythmia
database (both leads, as recorded, after EC57): of 392 premature beats 82 % are found (100: 29 of 29, 114: 7 of 11, 200:
18 of 28, 207: 102 of 107, 222: 152 of 209), 139 others are called so, 66 of them where the flutter of 222 begins. A
fifth more or less in any threshold moves either figure by a few percent. Junctional escape beats (212 in 222) are
supraventricular ectopic to EC57 but not premature: they are called normal, so its figures are 52 % and 70 %. In lasting
fibrillation (203, and data_84 of CPSC 2021) 0.5 % of beats are called ectopic; where it comes and goes (data_101), a
fifth are: its first beats are premature, and it can be as regular as a run for some beats. Of a virtual heart's fast
fibrillation 4 to 12 % are: the T wave before each beat, much the same each time, is taken for a P wave there. */
#include "ecg/atrial.h"

#include <math.h>
#include <string.h>

#define PREMATURE        0.13 /* RR shorter by this share */
#define SURPRISE         2.0  /* and by so many usual changes of RR between normal beats ... */
#define CHANGE_FLOOR     0.02 /* ... and this, of the RR: no heart is more regular than that for long */
#define CHANGE_UNKNOWN   0.10
#define BEFORE_IN_TIME   0.85 /* of the usual RR: where the RR before was shorter, the beat begins nothing */
#define RUN_RR           0.85 /* a run's RR over the usual one */
#define RUN_CHANGE       0.15 /* between its RR (log); 0.2 follows irregular flutter */
#define RUN_P            0.0  /* log of what differs before the QRS over what usually does */
#define FAST_LIMIT       0.85 /* of the usual RR: faster beats in a row are a run, or fibrillation beginning: */
#define FAST_IRREGULAR   0.07 /* runs have 0.02 .. 0.05, mean change from one such RR to the next (log), ... */
#define FAST_OVER        6.0  /* ... over so many */
#define FAST_CHANGE_MAX  0.20 /* one counts no more than this: a run's first beats differ */
#define FAST_FADE        0.85 /* with each beat in time behind it */
#define FAST_RR          0.75 /* a run whose begin was missed is faster than this, ... */
#define FAST_CHANGE      0.10 /* ... more regular than this, ... */
#define FAST_SINCE       6    /* ... began suddenly so few beats ago, ... */
#define FAST_P           1.0  /* ... and its P waves are so different */
#define IRREGULAR        0.06 /* median distance of RR; fibrillation has 0.10 and more ... */
#define IRREGULAR_WITH_P 0.35 /* ... and where there is a P wave, more is believed, by this for each of p_usual */
#define QRS_LIKE         0.70
#define NOISE_MAX        0.50
#define REFERENCE_OVER   12.0  /* RR */
#define REFERENCE_STEP   0.02  /* the reference moves no faster with normal beats, for each beat ... */
#define REFERENCE_SLOW   0.003 /* ... and with others: a run of a minute at twice the rate moves it by a quarter */
#define REFERENCE_NEW    8     /* RR that it is found from ... */
#define REFERENCE_FIRST  0.3   /* ... in such steps */
#define MEAN_OVER        100.0
#define MEAN_MAX         1.5 /* of the reference */
#define P_OVER           16.0
#define P_IN_TIME        0.88 /* of the usual RR: beats that the usual P wave is learnt from */
#define P_QRS            0.80
#define RING_MIN         4

static const double nothing = 1e-12; /* keeps logarithms of zero finite */

size_t ecg_atrial_floats(size_t lead_count)
{
    return lead_count * ECG_SHAPE_POINTS;
}

void ecg_atrial_reset(struct ecg_atrial *atrial)
{
    size_t lead_count = atrial->lead_count;
    float *p_shape = atrial->p_shape;
    *atrial = (struct ecg_atrial){.lead_count = lead_count, .p_shape = p_shape, .last = 'Q'};
    atrial->reference_ms = (double)NAN;
    atrial->mean_ms = (double)NAN;
    atrial->last_ms[0] = (double)NAN;
    atrial->last_ms[1] = (double)NAN;
}

void ecg_atrial_init(struct ecg_atrial *atrial, size_t lead_count, float *p_shape)
{
    atrial->lead_count = lead_count;
    atrial->p_shape = p_shape;
    ecg_atrial_reset(atrial);
}

/* ---- what is usual ---- */

static void push(struct ecg_atrial_ring *ring, double value)
{
    ring->values[ring->at] = value;
    ring->at = (ring->at + 1) % ECG_ATRIAL_MEMORY;
    ring->count += ring->count < ECG_ATRIAL_MEMORY;
}

/* The value that `share` of the last ones do not reach; CHANGE_UNKNOWN when there are too few. */
static double quantile(const struct ecg_atrial_ring *ring, double share)
{
    double sorted[ECG_ATRIAL_MEMORY] = {0.0};
    if (ring->count < RING_MIN)
        return CHANGE_UNKNOWN;
    for (size_t i = 0; i < ring->count; i++) {
        size_t at = i;
        for (; at > 0 && sorted[at - 1] > ring->values[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = ring->values[i];
    }
    return sorted[(size_t)(share * (double)ring->count)];
}

static double usual_ms(const struct ecg_atrial *atrial)
{
    return fmax(atrial->reference_ms, fmin(atrial->mean_ms, MEAN_MAX * atrial->reference_ms));
}

struct p_match {
    double correlation, residue;
};

static struct p_match match_p(const struct ecg_atrial *atrial, const struct ecg_atrial_beat *beat)
{
    struct ecg_likeness like =
        ecg_shape_compare(atrial->p_shape, beat->shape, atrial->lead_count, beat->gain, ecg_part_p, beat->shift);
    return (struct p_match){ecg_likeness_correlation(&like), fmax(like.aa + like.bb - 2.0 * like.ab, 0.0)};
}

/* ---- the decision ---- */

/* How irregular fast beats are among themselves, this one too. */
static double fast_irregularity(const struct ecg_atrial *atrial, double rr_ms)
{
    double limit = FAST_LIMIT * usual_ms(atrial);
    if (!(rr_ms < limit))
        return atrial->fast_irregularity * (rr_ms >= limit ? FAST_FADE : 1.0);
    if (!(atrial->last_ms[0] < limit))
        return atrial->fast_irregularity;
    double change = fmin(fabs(log(rr_ms / atrial->last_ms[0])), FAST_CHANGE_MAX);
    return atrial->fast_irregularity + (change - atrial->fast_irregularity) / FAST_OVER;
}

static bool is_irregular(const struct ecg_atrial *atrial)
{
    return quantile(&atrial->irregularity, 0.5) > IRREGULAR + IRREGULAR_WITH_P * fmax(atrial->p_usual, 0.0);
}

static bool is_early(const struct ecg_atrial *atrial, double rr_ms)
{
    return rr_ms < (1.0 - PREMATURE) * fmin(usual_ms(atrial), atrial->last_ms[0]);
}

/* Earlier than the beats before it explain. */
static bool is_premature(const struct ecg_atrial *atrial, double rr_ms)
{
    double usual = usual_ms(atrial);
    double surprise = (1.0 - rr_ms / usual) / (CHANGE_FLOOR + quantile(&atrial->changes, 0.4));
    return is_early(atrial, rr_ms) && surprise > SURPRISE && atrial->last_ms[0] > BEFORE_IN_TIME * usual;
}

/* The second beat of a run may be faster than the first; from the third on they are alike. */
static bool goes_on(const struct ecg_atrial *atrial, double rr_ms, double p_strange)
{
    bool alike = atrial->run == 1 || fabs(log(rr_ms / atrial->last_ms[0])) < RUN_CHANGE;
    return atrial->run > 0 && alike && rr_ms < RUN_RR * usual_ms(atrial) && p_strange > RUN_P;
}

/* A run whose begin was missed, but which began suddenly. */
static bool is_fast(const struct ecg_atrial *atrial, double rr_ms, double p_strange)
{
    for (int i = 0; i < 2; i++)
        if (!(fabs(rr_ms / atrial->last_ms[i] - 1.0) < FAST_CHANGE))
            return false;
    return atrial->since_early <= FAST_SINCE && rr_ms < FAST_RR * usual_ms(atrial) && p_strange > FAST_P;
}

bool ecg_atrial_ectopic(const struct ecg_atrial *atrial, const struct ecg_atrial_beat *beat)
{
    bool known = atrial->p_known && beat->rr_ms > 0.0 && atrial->last_ms[0] > 0.0 && atrial->seen >= REFERENCE_NEW;
    if (!known || beat->qrs < QRS_LIKE || beat->noise > NOISE_MAX || is_irregular(atrial) ||
        fast_irregularity(atrial, beat->rr_ms) > FAST_IRREGULAR)
        return false;
    double p_strange = 0.5 * log((match_p(atrial, beat).residue + nothing) / (atrial->p_residue + nothing));
    if (atrial->run > 0 && goes_on(atrial, beat->rr_ms, p_strange))
        return true;
    return (atrial->run == 0 && is_premature(atrial, beat->rr_ms)) || is_fast(atrial, beat->rr_ms, p_strange);
}

/* ---- learning ---- */

static void blend_p(struct ecg_atrial *atrial, const struct ecg_atrial_beat *beat, double share)
{
    for (size_t lead = 0; lead < atrial->lead_count; lead++) {
        float *shape = atrial->p_shape + lead * ECG_SHAPE_POINTS;
        const float *from = beat->shape + lead * ECG_SHAPE_POINTS + beat->shift;
        for (int point = ecg_part_p.from; point < ecg_part_p.to; point++)
            shape[point] += (float)share * (from[point] - shape[point]);
    }
}

static void learn_p(struct ecg_atrial *atrial, const struct ecg_atrial_beat *beat)
{
    struct p_match p = {0};
    if (atrial->p_known) {
        p = match_p(atrial, beat);
        atrial->p_usual += (p.correlation - atrial->p_usual) / P_OVER;
    }
    bool in_time = !(beat->rr_ms < P_IN_TIME * usual_ms(atrial));
    if (beat->qrs < P_QRS || (atrial->p_known && !in_time))
        return;
    double share = atrial->p_residue > 0.0 ? 1.0 / P_OVER : 1.0;
    atrial->p_residue += share * (p.residue - atrial->p_residue);
    if (!atrial->p_known)
        memset(atrial->p_shape, 0, ecg_atrial_floats(atrial->lead_count) * sizeof *atrial->p_shape);
    blend_p(atrial, beat, atrial->p_known ? 1.0 / P_OVER : 1.0);
    atrial->p_known = true;
}

static void learn_reference(struct ecg_atrial *atrial, double rr_ms, bool normal)
{
    bool is_new = atrial->seen < REFERENCE_NEW;
    double over = is_new ? 3.0 : REFERENCE_OVER;
    double limit = is_new ? REFERENCE_FIRST : normal ? REFERENCE_STEP : REFERENCE_SLOW;
    if (atrial->seen++ == 0) {
        atrial->reference_ms = rr_ms;
        atrial->mean_ms = rr_ms;
    }
    double most = limit * atrial->reference_ms;
    atrial->reference_ms += fmin(fmax((rr_ms - atrial->reference_ms) / over, -most), most);
    atrial->mean_ms += (rr_ms - atrial->mean_ms) / fmin((double)atrial->seen, MEAN_OVER);
}

static void learn_changes(struct ecg_atrial *atrial, double rr_ms, char code)
{
    double change = fabs(rr_ms - atrial->last_ms[0]) / atrial->reference_ms;
    double other = fabs(rr_ms - atrial->last_ms[1]) / atrial->reference_ms;
    if (isnan(change))
        return;
    if (atrial->normals >= 3)
        push(&atrial->changes, change);
    bool ventricular = code == 'V' || code == 'Q' || atrial->last == 'V' || atrial->last == 'Q';
    if (!ventricular)
        push(&atrial->irregularity, fmin(change, other));
}

void ecg_atrial_learn(struct ecg_atrial *atrial, const struct ecg_atrial_beat *beat, char code)
{
    atrial->normals = code == 'N' ? atrial->normals + 1 : 0;
    atrial->run = code == 'A' ? atrial->run + 1 : 0;
    bool early = code == 'A' || (code == 'N' && is_early(atrial, beat->rr_ms));
    atrial->since_early = early ? 0 : atrial->since_early + 1;
    if (beat->rr_ms > 0.0) {
        learn_reference(atrial, beat->rr_ms, atrial->normals >= 2);
        learn_changes(atrial, beat->rr_ms, code);
        if (code != 'V' && atrial->last != 'V')
            atrial->fast_irregularity = fast_irregularity(atrial, beat->rr_ms);
    }
    if (code == 'N')
        learn_p(atrial, beat);
    atrial->last_ms[1] = atrial->last_ms[0];
    atrial->last_ms[0] = beat->rr_ms;
    atrial->last = code;
}
