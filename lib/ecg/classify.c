/* Classes of beats: normal (N), ventricular (V), atrial premature (A), or unknown (Q).

How. Each beat is compared with the kinds of beats this person has shown: templates that are the mean of their last
beats, as in the pattern classification of Hamilton, "Open source ECG analysis", Computers in Cardiology 2002; 29:
101-104. One kind is taken for normal: the one with many beats that come in time and are narrow. A linear model
(logistic regression, weights in classify_model.h) then judges by the features in classify.h (shape, width,
prematurity, and what is known of the beat's kind) whether the beat is ventricular; they are close to those of de
Chazal, O'Dwyer and Reilly, IEEE Trans Biomed Eng 2004; 51: 1196-1206, but causal: a beat is judged when it is told,
before the next one comes, so the pause behind it says nothing. Features that did not help records left out of the
training are not there. A lead counts by how much normal beats differ in it, so that noise in one lead does not make
strange beats; and a beat that one lead shows as a normal one is not ventricular, however early it comes. Whether what
is not ventricular is atrial premature is decided in atrial.c. Where the best lead is noise above NOISE_MAX, and until a
normal kind and two RR are known, nothing is said.

How good. Ventricular beats, 14 records of the MIT-BIH arrhythmia database, after EC57: each record judged by a model
that learnt from the thirteen others (of the beats that were found and judged), Se 95.4 %, +P 96.6 % with one lead,
95.7 % and 97.0 % with both; 36 of 22 000 normal beats were called ventricular. With the weights as they are, which
have seen these records, docs/accuracy.md has the figures (all leads 96.3 % and 97.6 %). Expect the former, and a little
less, elsewhere: which features there are was chosen by these very figures.
What it cannot: fusion beats, called V (two of three) or N; ventricular beats hardly wider than the normal ones in
fibrillation and noise (203: one of six is missed); strong noise, where half of what is called V is none (105). Paced
beats are not told either: a pacing spike lasts under 3 ms, which is seen from 500 Hz on only; they are called N or V by
what they look like.

To learn and measure again: `build/accuracy --train lib/ecg/classify_model.h`, then `make accuracy`. */
#include "ecg/classify.h"

#include <math.h>
#include <string.h>

#include "ecg/classify_model.h"

#define JOIN_CORRELATION 0.90  /* a beat so like a kind is one of it, when its size is */
#define JOIN_SIZE        0.50  /* log of the ratio of sizes */
#define AVERAGE_OVER     16.0  /* beats that a kind's shape is the mean of */
#define FADE             0.998 /* of all counts at each beat: what is 500 beats ago counts a third */
#define NORMAL_AFTER     3.0   /* beats that a kind must have to be normal */
#define NOISE_FLOOR      0.04F /* noise square that the detector's weights assume at least: NOISE_SHARE_MIN in qrs.c */
#define RESIDUE_FLOOR    0.01F /* of the size: less difference than that between normal beats is not believed */
#define LIKENESS_FLOOR   0.02F /* likewise, so that no lead silences the others */
#define EARLY_MIN        0.4   /* more says no more */
#define EARLY_MAX        1.3
#define MANY             8.0   /* beats of a kind */
#define NORMAL_LIKE      0.95  /* a beat so like the normal one in a lead, ... */
#define NORMAL_STRANGE   0.8   /* ... and differing so little more than normal ones (log), is not ventricular */
#define NOISE_MAX        0.62F /* of the QRS: leaves 0.4 % of normal beats of MIT-BIH unnamed, 1 % of 119e06 */
#define RR_MIN_MS        200.0
#define RR_MAX_MS        3000.0

static const double nothing = 1e-12; /* keeps logarithms of zero finite */

size_t ecg_classifier_floats(size_t lead_count)
{
    return (ECG_KINDS + 1) * lead_count * ECG_SHAPE_POINTS + ecg_atrial_floats(lead_count);
}

void ecg_classifier_reset(struct ecg_classifier *classifier)
{
    memset(classifier->kinds, 0, sizeof classifier->kinds);
    classifier->normal = -1;
    classifier->last_kind = -1;
    classifier->rr_at = 0;
    classifier->rr_count = 0;
    classifier->residue_known = false;
    ecg_atrial_reset(&classifier->atrial);
}

void ecg_classifier_init(struct ecg_classifier *classifier, size_t lead_count, double fs_hz, float *shapes)
{
    *classifier = (struct ecg_classifier){.lead_count = lead_count, .fs_hz = fs_hz, .shapes = shapes};
    ecg_atrial_init(&classifier->atrial, lead_count,
                    shapes ? shapes + (ECG_KINDS + 1) * lead_count * ECG_SHAPE_POINTS : NULL);
    ecg_classifier_reset(classifier);
}

static float *shape_of(const struct ecg_classifier *classifier, int kind)
{
    return classifier->shapes + (size_t)kind * classifier->lead_count * ECG_SHAPE_POINTS;
}

static float *own_shape(const struct ecg_classifier *classifier)
{
    return shape_of(classifier, ECG_KINDS);
}

/* ---- rhythm ---- */

static double usual_rr_ms(const struct ecg_classifier *classifier)
{
    double sum = 0.0;
    for (size_t i = 0; i < classifier->rr_count; i++)
        sum += classifier->rr_ms[i];
    return classifier->rr_count ? sum / (double)classifier->rr_count : (double)NAN;
}

static double rr_back(const struct ecg_classifier *classifier, size_t back)
{
    return classifier->rr_ms[(classifier->rr_at + ECG_CLASSIFY_RR - 1 - back) % ECG_CLASSIFY_RR];
}

static double median(const double *values, size_t count)
{
    double sorted[ECG_CLASSIFY_RR];
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && sorted[at - 1] > values[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = values[i];
    }
    return count ? sorted[count / 2] : 0.0;
}

static double irregularity(const struct ecg_classifier *classifier, double usual_ms)
{
    double changes[ECG_CLASSIFY_RR];
    size_t count = 0;
    for (; count + 1 < classifier->rr_count; count++)
        changes[count] = fabs(rr_back(classifier, count) - rr_back(classifier, count + 1)) / usual_ms;
    return median(changes, count);
}

static void push_rr(struct ecg_classifier *classifier, double rr_ms)
{
    classifier->rr_ms[classifier->rr_at] = rr_ms;
    classifier->rr_at = (classifier->rr_at + 1) % ECG_CLASSIFY_RR;
    classifier->rr_count += classifier->rr_count < ECG_CLASSIFY_RR;
}

/* ---- kinds ---- */

struct match {
    int kind, shift;
    double correlation;
    struct ecg_likeness likeness;
};

/* The sum of squares of what differs. */
static double difference(const struct ecg_likeness *like)
{
    return fmax(like->aa + like->bb - 2.0 * like->ab, 0.0);
}

static double log_ratio(double a, double b)
{
    return log((a + nothing) / (b + nothing));
}

static struct match match_kind(const struct ecg_classifier *classifier, const float *gain, int kind)
{
    struct match match = {.kind = kind};
    match.shift = ecg_shape_align(shape_of(classifier, kind), own_shape(classifier), classifier->lead_count, gain,
                                  &match.likeness);
    match.correlation = ecg_likeness_correlation(&match.likeness);
    return match;
}

static bool is_one(const struct match *match)
{
    return match->correlation >= JOIN_CORRELATION &&
           fabs(0.5 * log_ratio(match->likeness.bb, match->likeness.aa)) < JOIN_SIZE;
}

/* The kind most like the beat; kind -1 when there is none at all. */
static struct match best_match(const struct ecg_classifier *classifier, const float *gain)
{
    struct match best = {.kind = -1, .correlation = -1.0};
    for (int kind = 0; kind < ECG_KINDS; kind++) {
        if (classifier->kinds[kind].count <= 0.0)
            continue;
        struct match match = match_kind(classifier, gain, kind);
        bool better = match.correlation > best.correlation;
        if (best.kind < 0 || (is_one(&match) && !is_one(&best)) || (better && is_one(&match) == is_one(&best)))
            best = match;
    }
    return best;
}

static int rarest_kind(const struct ecg_classifier *classifier)
{
    int rarest = -1;
    for (int kind = 0; kind < ECG_KINDS; kind++)
        if (kind != classifier->normal && kind != classifier->last_kind &&
            (rarest < 0 || classifier->kinds[kind].count < classifier->kinds[rarest].count))
            rarest = kind;
    return rarest;
}

static int new_kind(struct ecg_classifier *classifier)
{
    int kind = rarest_kind(classifier);
    memcpy(shape_of(classifier, kind), own_shape(classifier),
           classifier->lead_count * ECG_SHAPE_POINTS * sizeof(float));
    classifier->kinds[kind] = (struct ecg_kind){.count = 0.0, .early = 1.0};
    return kind;
}

/* The kind's shape becomes a little more like the beat. */
static void blend(struct ecg_classifier *classifier, const struct match *match)
{
    float *shape = shape_of(classifier, match->kind);
    const float *own = own_shape(classifier);
    float share = (float)(1.0 / fmin(classifier->kinds[match->kind].count + 1.0, AVERAGE_OVER));
    for (size_t lead = 0; lead < classifier->lead_count; lead++) {
        for (int point = 0; point < ECG_SHAPE_POINTS; point++) {
            int from = point + match->shift;
            from = from < 0 ? 0 : from >= ECG_SHAPE_POINTS ? ECG_SHAPE_POINTS - 1 : from;
            size_t at = lead * ECG_SHAPE_POINTS + (size_t)point;
            shape[at] += share * (own[lead * ECG_SHAPE_POINTS + (size_t)from] - shape[at]);
        }
    }
}

static void join(struct ecg_classifier *classifier, const struct match *match, double early, const float *gain)
{
    struct ecg_kind *kind = &classifier->kinds[match->kind];
    for (int i = 0; i < ECG_KINDS; i++)
        classifier->kinds[i].count *= FADE;
    kind->count += 1.0;
    kind->early += (early - kind->early) / fmin(fmax(kind->count, 1.0), AVERAGE_OVER);
    kind->width = ecg_shape_width(shape_of(classifier, match->kind), classifier->lead_count, gain);
}

/* Many, not early, narrow. */
static double normality(const struct ecg_kind *kind)
{
    double late = fmin(fmax((kind->early - 0.70) / 0.25, 0.1), 1.0);
    return kind->count * late / fmax(kind->width.effective_ms, 20.0);
}

static void choose_normal(struct ecg_classifier *classifier)
{
    for (int kind = 0; kind < ECG_KINDS; kind++) {
        const struct ecg_kind *one = &classifier->kinds[kind];
        double rival = classifier->normal < 0 ? 0.0 : 1.2 * normality(&classifier->kinds[classifier->normal]);
        if (one->count >= NORMAL_AFTER * 0.9 && normality(one) > rival)
            classifier->normal = kind;
    }
}

/* ---- features ---- */

static double usual_residue(const struct ecg_classifier *classifier, const float *gain)
{
    double sum = 0.0;
    for (size_t lead = 0; lead < classifier->lead_count; lead++)
        sum += (double)(gain[lead] * (classifier->residue[lead] + RESIDUE_FLOOR * classifier->size[lead]));
    return sum;
}

/* Noise seldom comes in all leads at once, and a ventricular beat is strange in all: the leads that speak most and
   least for a normal beat. */
static void ask_each_lead(struct ecg_classifier *classifier)
{
    float one = 1.0F;
    double best = -1.0;
    double worst = 1.0;
    double strange = 9.0;
    for (size_t lead = 0; lead < classifier->lead_count; lead++) {
        size_t at = lead * ECG_SHAPE_POINTS;
        struct ecg_likeness like =
            ecg_shape_compare(shape_of(classifier, classifier->normal) + at, own_shape(classifier) + at, 1, &one,
                              ecg_part_qrs, classifier->shift);
        double usual = (double)(classifier->residue[lead] + RESIDUE_FLOOR * classifier->size[lead]);
        best = fmax(best, ecg_likeness_correlation(&like));
        worst = fmin(worst, ecg_likeness_correlation(&like));
        strange = fmin(strange, 0.5 * log_ratio(difference(&like), usual));
    }
    classifier->features[ECG_F_BEST] = (float)best;
    classifier->features[ECG_F_WORST] = (float)worst;
    classifier->like_normal = best > NORMAL_LIKE && strange < NORMAL_STRANGE;
}

/* Log of the second differences' mean square where the P wave is, over the normal QRS's (`size` is its sum of
   squares). */
static double roughness(const struct ecg_classifier *classifier, const float *gain, double size)
{
    double sum = 0.0;
    for (size_t lead = 0; lead < classifier->lead_count; lead++) {
        const float *x = own_shape(classifier) + lead * ECG_SHAPE_POINTS;
        for (int i = ecg_part_p.from + 1; i < ecg_part_p.to - 1; i++) {
            double bend = (double)(x[i + 1] - 2.0F * x[i] + x[i - 1]);
            sum += (double)gain[lead] * bend * bend;
        }
    }
    return 0.5 * log_ratio(sum / (ecg_part_p.to - ecg_part_p.from - 2), size / (ecg_part_qrs.to - ecg_part_qrs.from));
}

static void compare_with_normal(struct ecg_classifier *classifier, const float *gain)
{
    float *f = classifier->features;
    const struct ecg_kind *normal = &classifier->kinds[classifier->normal];
    const float *shape = shape_of(classifier, classifier->normal);
    const float *beat = own_shape(classifier);
    size_t leads = classifier->lead_count;
    struct match match = match_kind(classifier, gain, classifier->normal);
    struct ecg_width width = ecg_shape_width(beat, leads, gain);
    struct ecg_likeness end = ecg_shape_compare(shape, beat, leads, gain, ecg_part_end, match.shift);
    classifier->shift = match.shift;
    f[ECG_F_STRANGE] = (float)(0.5 * log_ratio(difference(&match.likeness), usual_residue(classifier, gain)));
    f[ECG_F_END] = (float)fmax(0.5 * log_ratio(difference(&end), end.aa), -4.0);
    f[ECG_F_EFFECTIVE] = (float)log_ratio(width.effective_ms, normal->width.effective_ms);
    f[ECG_F_SPREAD] = (float)log_ratio(width.spread_ms, normal->width.spread_ms);
    f[ECG_F_EFFECTIVE_MS] = (float)(width.effective_ms / 100.0);
    f[ECG_F_ROUGH] = (float)roughness(classifier, gain, match.likeness.aa);
    ask_each_lead(classifier);
}

static float bounded(double share)
{
    return (float)fmin(fmax(share, EARLY_MIN), EARLY_MAX);
}

static void note_rhythm(struct ecg_classifier *classifier, double rr_ms, double usual_ms)
{
    float *f = classifier->features;
    f[ECG_F_EARLY] = bounded(rr_ms / usual_ms);
    f[ECG_F_IRREGULAR] = (float)irregularity(classifier, usual_ms);
}

static void note_kind(struct ecg_classifier *classifier, int own_kind)
{
    float *f = classifier->features;
    const struct ecg_kind *kind = &classifier->kinds[own_kind];
    const struct ecg_kind *normal = &classifier->kinds[classifier->normal];
    f[ECG_F_KIND_NORMAL] = own_kind == classifier->normal ? 1.0F : 0.0F;
    f[ECG_F_KIND_WIDTH] = (float)log_ratio(kind->width.effective_ms, normal->width.effective_ms);
    f[ECG_F_KIND_EARLY] = bounded(kind->early);
    f[ECG_F_KIND_COUNT] = (float)log(fmin(kind->count, MANY));
}

/* ---- the decision ---- */

/* Is it ventricular? 'Q': it cannot be told. */
static char decide_ventricular(const struct ecg_classifier *classifier)
{
    const float *f = classifier->features;
    double score = ecg_model_bias;
    for (int i = 0; i < ECG_FEATURES; i++)
        score += ecg_model_weights[i] * (double)f[i];
    if (!isfinite(score) || f[ECG_F_NOISE] > NOISE_MAX)
        return 'Q';
    return score > ECG_VENTRICULAR && !classifier->like_normal ? 'V' : 'N';
}

/* What a lead's differences are worth: the inverse of what normal beats differ by in it, or, when that is not known
   yet, of the detector's noise. Noise of the last half second counts at once. Returns the best lead's noise. */
static double gains_of(const struct ecg_classifier *classifier, const struct ecg_leads_view *leads, float *gain)
{
    double least = 1.0;
    for (size_t lead = 0; lead < classifier->lead_count; lead++) {
        float typical = leads->typical[lead];
        float snr = typical * leads->weight[lead];
        float noise = snr > 0.0F ? fmaxf(1.0F / snr - NOISE_FLOOR, 0.0F) : INFINITY;
        float size = classifier->residue_known ? classifier->size[lead] : typical * typical;
        float own = classifier->residue_known && size > 0.0F ? classifier->residue[lead] / size : 0.0F;
        float worth = size * (LIKENESS_FLOOR + own + noise);
        gain[lead] = worth > 0.0F && isfinite(worth) ? 1.0F / worth : 0.0F;
        if (size > 0.0F)
            least = fmin(least, (double)(own + noise));
    }
    return sqrt(least);
}

/* How much a normal beat differs, lead by lead. */
static void learn_residue(struct ecg_classifier *classifier, const struct match *match)
{
    float one = 1.0F;
    float share = classifier->residue_known ? (float)(1.0 / AVERAGE_OVER) : 1.0F;
    for (size_t lead = 0; lead < classifier->lead_count; lead++) {
        size_t at = lead * ECG_SHAPE_POINTS;
        struct ecg_likeness here = ecg_shape_compare(shape_of(classifier, match->kind) + at, own_shape(classifier) + at,
                                                     1, &one, ecg_part_qrs, match->shift);
        float residue = (float)difference(&here);
        classifier->residue[lead] += share * (residue - classifier->residue[lead]);
        classifier->size[lead] = (float)here.aa;
    }
    classifier->residue_known = true;
}

/* The beat's kind, old or new, which it has joined. */
static int find_kind(struct ecg_classifier *classifier, const float *gain, double early)
{
    struct match own = best_match(classifier, gain);
    bool known = own.kind >= 0 && is_one(&own);
    if (known && own.kind == classifier->normal)
        learn_residue(classifier, &own);
    if (known)
        blend(classifier, &own);
    else
        own = (struct match){.kind = new_kind(classifier)};
    join(classifier, &own, early, gain);
    return own.kind;
}

static char decide(struct ecg_classifier *classifier, const float *gain, double rr_ms)
{
    const float *f = classifier->features;
    struct ecg_atrial_beat beat = {
        .shape = own_shape(classifier),
        .gain = gain,
        .shift = classifier->shift,
        .rr_ms = rr_ms,
        .qrs = (double)f[ECG_F_BEST],
        .noise = (double)f[ECG_F_NOISE],
    };
    char code = classifier->judged ? decide_ventricular(classifier) : 'Q';
    if (code == 'N' && ecg_atrial_ectopic(&classifier->atrial, &beat))
        code = 'A';
    ecg_atrial_learn(&classifier->atrial, &beat, code);
    return code;
}

char ecg_classify(struct ecg_classifier *classifier, const struct ecg_history *history,
                  const struct ecg_leads_view *leads, int64_t sample, double rr_ms)
{
    float gain[ECG_MAX_LEADS];
    double usual_ms = usual_rr_ms(classifier);
    bool rr_known = rr_ms >= RR_MIN_MS && rr_ms <= RR_MAX_MS;
    bool rhythm_known = rr_known && usual_ms > 0.0;
    classifier->features[ECG_F_NOISE] = (float)gains_of(classifier, leads, gain);
    ecg_shape_take(history, classifier->fs_hz, sample, own_shape(classifier));
    int kind = find_kind(classifier, gain, rhythm_known ? fmin(rr_ms / usual_ms, 2.0) : 1.0);
    classifier->judged = rhythm_known && classifier->normal >= 0 && classifier->residue_known;
    if (classifier->judged) {
        note_rhythm(classifier, rr_ms, usual_ms);
        note_kind(classifier, kind);
        compare_with_normal(classifier, gain);
    }
    choose_normal(classifier);
    char code = decide(classifier, gain, rr_known ? rr_ms : (double)NAN);
    if (rr_known)
        push_rr(classifier, rr_ms);
    classifier->last_kind = kind;
    return code;
}
