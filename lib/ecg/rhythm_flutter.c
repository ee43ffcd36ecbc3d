/* Atrial flutter: between the QRS complexes the line swings without rest, 240 to 340 times a minute (Granada et al.,
Pacing Clin Electrophysiol 2000; 23: 1039-1046; Page et al., Circulation 2016; 133: e506-e574).

How. The last seconds with the QRS cut out are compared with themselves: a period later and two periods later they must
look the same, half a period and one and a half periods later the opposite. T and P waves do that at one of these
distances, not at all of them. So it must be in one of two leads, LIMIT_FLUTTER_LOOKS times in a row. When RR is
irregular besides, it is called fibrillation, which has the higher rank: between coarse fibrillation and flutter with
changing conduction this does not decide.

How good: the one short recording in flutter (LUDB 35) is told; 222's flutter comes with irregular beats and is called
fibrillation; of the ten hours without flutter six seconds are called so. One virtual heart in five shows its flutter
well enough between its beats. So: what is told is likely so, what is not told may well be there. */
#include <math.h>

#include "ecg/rhythm_private.h"

#define WINDOW_S     4.0
#define UNKNOWN_S    0.5 /* so late a beat may be told: its QRS is not cut out yet */
#define CUT_BEFORE_S 0.08
#define CUT_AFTER_S  0.10
#define SMOOTH_S     0.05 /* less than half a period */
#define SHORTEST_S   0.14 /* periods that are tried */
#define LONGEST_S    0.30
#define STRIDE       2
#define PAIRS_MIN    40 /* of samples that are both there */
#define EVERY_S      2

struct cut {
    struct rhythm_window window;
    bool out[ECG_RHYTHM_RING];
};

static void cut_out(struct ecg_rhythms *rhythms, struct cut *cut)
{
    double fs_hz = rhythms->signal.fs_hz;
    for (size_t i = 0; i < cut->window.count; i++)
        cut->out[i] = false;
    for (int64_t back = 0; rhythm_last(rhythms, back); back++) {
        double ago_s = (double)(rhythms->now - rhythm_last(rhythms, back)->sample) / rhythms->fs_hz;
        double at = (double)cut->window.count - ago_s * fs_hz;
        if (at < -fs_hz)
            break;
        for (double i = fmax(0.0, at - CUT_BEFORE_S * fs_hz); i < at + CUT_AFTER_S * fs_hz; i += 1.0)
            if (i < (double)cut->window.count)
                cut->out[(size_t)i] = true;
    }
}

/* Muscle and mains hide what swings. The mean of what is left is zero. */
static void smooth(struct cut *cut, double fs_hz)
{
    struct rhythm_window raw = cut->window;
    size_t side = (size_t)(0.5 * SMOOTH_S * fs_hz);
    double level = 0.0;
    size_t there = 0;
    for (size_t i = side; i + side < raw.count; i++) {
        float sum = 0.0F;
        for (size_t k = i - side; k <= i + side; k++)
            sum += raw.x[k];
        cut->window.x[i] = sum / (float)(2 * side + 1);
        level += cut->out[i] ? 0.0 : (double)cut->window.x[i];
        there += !cut->out[i];
    }
    for (size_t i = 0; i < raw.count; i++)
        cut->window.x[i] -= (float)(there ? level / (double)there : 0.0);
}

/* -1 .. 1; NAN when too little is there. */
static double likeness(const struct cut *cut, double fs_hz, double lag_s)
{
    double both = 0.0;
    double here = 0.0;
    double there = 0.0;
    int pairs = 0;
    size_t lag = (size_t)(lag_s * fs_hz + 0.5);
    size_t end = cut->window.count - (size_t)(UNKNOWN_S * fs_hz);
    for (size_t i = lag; i < end; i += STRIDE) {
        if (cut->out[i] || cut->out[i - lag])
            continue;
        double a = (double)cut->window.x[i - lag];
        double b = (double)cut->window.x[i];
        both += a * b;
        here += a * a;
        there += b * b;
        pairs++;
    }
    return pairs >= PAIRS_MIN && here > 0.0 && there > 0.0 ? both / sqrt(here * there) : (double)NAN;
}

/* The least of what must all be alike or opposite. */
static double swings_at(const struct cut *cut, double fs_hz, double period_s)
{
    double same = fmin(likeness(cut, fs_hz, period_s), likeness(cut, fs_hz, 2.0 * period_s));
    double opposite = fmax(likeness(cut, fs_hz, 0.5 * period_s), likeness(cut, fs_hz, 1.5 * period_s));
    return fmin(same, -opposite);
}

/* What swings must be seen beside the beats: in a lead that shows nothing, the mains and a hand's tremor swing too. */
static bool is_large(const struct ecg_rhythms *rhythms, const struct cut *cut)
{
    double squares = 0.0;
    size_t there = 0;
    float usual = 0.0F;
    for (size_t i = 0; i < cut->window.count; i++) {
        squares += cut->out[i] ? 0.0 : (double)(cut->window.x[i] * cut->window.x[i]);
        there += !cut->out[i];
    }
    for (size_t lead = 0; lead < rhythms->signal.lead_count; lead++)
        usual = fmaxf(usual, rhythms->signal.usual[lead]);
    return there > 0 && sqrt(squares / (double)there) > rhythm_limit(LIMIT_FLUTTER_SIZE) * (double)usual;
}

/* The period at which it swings most must be that of flutter, not one beside. */
static bool flutters(struct ecg_rhythms *rhythms, size_t lead)
{
    struct cut cut;
    double fs_hz = rhythms->signal.fs_hz;
    double best = rhythm_limit(LIMIT_FLUTTER_LIKENESS);
    double best_s = 0.0;
    if (!rhythm_signal_window(rhythms, lead, WINDOW_S + UNKNOWN_S, &cut.window))
        return false;
    cut_out(rhythms, &cut);
    smooth(&cut, fs_hz);
    if (!is_large(rhythms, &cut))
        return false;
    for (double period_s = SHORTEST_S; period_s < LONGEST_S; period_s += 1.0 / fs_hz) {
        double swings = swings_at(&cut, fs_hz, period_s);
        if (swings <= best)
            continue;
        best = swings;
        best_s = period_s;
    }
    return best_s >= 60.0 / rhythm_limit(LIMIT_FLUTTER_MAX_BPM) && best_s <= 60.0 / rhythm_limit(LIMIT_FLUTTER_MIN_BPM);
}

static bool flutters_in_a_lead(struct ecg_rhythms *rhythms)
{
    if (rhythms->noisy || rhythm_beats_within(rhythms, WINDOW_S, NULL) < 2)
        return false;
    for (size_t lead = 0; lead < rhythms->signal.lead_count; lead++)
        if (flutters(rhythms, lead))
            return true;
    return false;
}

void rhythm_flutter(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct ecg_rhythm_flutter *flutter = &rhythms->flutter;
    unsigned looks = rhythms->ending ? 1 : (unsigned)rhythm_limit(LIMIT_FLUTTER_LOOKS);
    if (++flutter->seconds % EVERY_S != 0 && !rhythms->ending)
        return;
    bool so = flutters_in_a_lead(rhythms) || (rhythms->ending && flutter->seen > 0);
    flutter->seen = so ? flutter->seen + 1 : 0;
    flutter->unseen = so ? 0 : flutter->unseen + 1;
    double begun_s = WINDOW_S + EVERY_S * (double)(looks - 1);
    if (flutter->seen >= looks || (so && claim->holds))
        rhythm_holds(claim, rhythms->now - rhythm_samples(rhythms, begun_s), rhythms->now);
    else if (flutter->unseen >= looks)
        rhythm_ends(claim, claim->end);
}
