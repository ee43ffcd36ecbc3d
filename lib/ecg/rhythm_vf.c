/* Fibrillation and flutter of the ventricles, seen in the signal: there are no beats to go by.

How. Once a second the last LIMIT_VF_WINDOW_S of each of two leads are looked at, in four ways that are old and simple:
- leakage (Kuo and Dillman, Computers in Cardiology 1978: 347-349): shifted by half its mean period and added to itself,
  a wave that swings to and fro cancels out; beats with rests between them do not;
- crossings (TCSC of Arafat, Chowdhury and Hasan, Signal Image Video Process 2011; 5: 1-10): the share of samples
  further from zero than a fifth of the greatest; a QRS is short, so beats have few;
- filling (phase space reconstruction of Amann, Tratnig and Unterkofler, IEEE Trans Biomed Eng 2007; 54: 174-177): the
  share of a 40 x 40 grid that the signal visits when drawn against itself half a second later;
- the mean period, and how much of the energy is slower than 2 Hz: what a moving electrode makes, and muscle; and
  whether it comes back in the same shape at the rate of a tachycardia.
Leakage and counts like these were also what the selection among fourteen such measures by Li, Rajagopalan and Clifford,
IEEE Trans Biomed Eng 2014; 61: 1607-1613, kept. Together they must lie beyond their limits in one lead, and not far
from them in the other; where most beats are called normal, the leakage must be less still; and two looks in a row.

How good: docs/accuracy.md. 207's flutter, the only one among the recordings here, is told within six seconds each of
the six times it comes; in the nine other hours, noise included, nothing is told falsely. Virtual fibrillation of many
kinds is in the tests. What it cannot: tell a ventricular tachycardia of LIMIT_VF_REGULAR_HZ and more, without rests
between its beats, from flutter. */
#include <math.h>
#include <string.h>

#include "ecg/rhythm_private.h"

#define PI 3.14159265358979323846

enum { GRID = 40 };

#define CROSSING_SHARE     0.2F /* of the greatest */
#define CROSSING_S         3.0
#define TAPER_S            0.25
#define DELAY_S            0.5
#define SLOW_S             0.25 /* a mean over so long keeps what is slower than 2 Hz */
#define LEAKAGE_STEP       0.1  /* about what each measure varies by, from window to window of one rhythm */
#define CROSSINGS_STEP     0.1
#define FILLED_STEP        0.02
#define OTHER_LEAD         -2.5 /* less evidence in the other lead: it shows beats */
#define LIKENESS_STRIDE    2
#define AFTER_VT           1.2 /* a tachycardia whose beats are seen may be so much faster */
#define REGULAR_LIKENESS   0.8
#define REGULAR_BETTER     0.05 /* a longer period must be so much better */
#define REGULAR_SHORTEST_S 0.15
#define REGULAR_LONGEST_S  0.60
#define ONSET_SHARE        0.75 /* of the window must fibrillate before it looks so */

struct look {
    double leakage, crossings, filled, hz, slow;
    double regular_hz; /* NAN: not regular */
    float size;
};

static void take_mean_out(struct rhythm_window *window)
{
    double sum = 0.0;
    for (size_t i = 0; i < window->count; i++)
        sum += (double)window->x[i];
    float mean = (float)(sum / (double)window->count);
    for (size_t i = 0; i < window->count; i++)
        window->x[i] -= mean;
}

/* Mean period in samples; 0: the line stands still. */
static double mean_period(const struct rhythm_window *window)
{
    double height = 0.0;
    double steps = 0.0;
    for (size_t i = 1; i < window->count; i++) {
        height += (double)fabsf(window->x[i]);
        steps += (double)fabsf(window->x[i] - window->x[i - 1]);
    }
    return steps > 0.0 ? 2.0 * PI * height / steps : 0.0;
}

static double leakage(const struct rhythm_window *window, double period)
{
    double both = 0.0;
    double each = 0.0;
    if (!(period >= 2.0 && period < (double)window->count))
        return 1.0;
    size_t half = (size_t)(period / 2.0 + 0.5);
    for (size_t i = half; i < window->count; i++) {
        both += (double)fabsf(window->x[i] + window->x[i - half]);
        each += (double)(fabsf(window->x[i]) + fabsf(window->x[i - half]));
    }
    return each > 0.0 ? both / each : 1.0;
}

/* Of `count` samples, the ends weighed less so that half a beat there is not the greatest. */
static double crossings_of(const float *x, size_t count, size_t taper)
{
    float weighed[ECG_RHYTHM_RING];
    float greatest = 0.0F;
    size_t above = 0;
    for (size_t i = 0; i < count; i++) {
        size_t edge = i < count - 1 - i ? i : count - 1 - i;
        float weight = edge >= taper ? 1.0F : (float)edge / (float)taper;
        weighed[i] = weight * fabsf(x[i]);
        greatest = fmaxf(greatest, weighed[i]);
    }
    for (size_t i = 0; i < count; i++)
        above += weighed[i] > CROSSING_SHARE * greatest;
    return (double)above / (double)count;
}

static double crossings(const struct rhythm_window *window, double fs_hz)
{
    size_t part = (size_t)(CROSSING_S * fs_hz);
    size_t taper = (size_t)(TAPER_S * fs_hz);
    if (part > window->count)
        return 0.0;
    return 0.5 * (crossings_of(window->x, part, taper) + crossings_of(window->x + window->count - part, part, taper));
}

static double filled(const struct rhythm_window *window, double fs_hz)
{
    bool grid[GRID][GRID] = {{false}};
    float size = rhythm_peak_to_peak(window);
    size_t delay = (size_t)(DELAY_S * fs_hz);
    float least = window->x[0];
    size_t count = 0;
    for (size_t i = 1; i < window->count; i++)
        least = fminf(least, window->x[i]);
    for (size_t i = delay; size > 0.0F && i < window->count; i++) {
        size_t row = (size_t)((window->x[i] - least) / size * (GRID - 0.01F));
        size_t column = (size_t)((window->x[i - delay] - least) / size * (GRID - 0.01F));
        count += !grid[row][column];
        grid[row][column] = true;
    }
    return (double)count / (GRID * GRID);
}

static double slow_share(const struct rhythm_window *window, double fs_hz)
{
    size_t length = (size_t)(SLOW_S * fs_hz);
    double sum = 0.0;
    double slow = 0.0;
    double all = 0.0;
    for (size_t i = 0; i < window->count; i++) {
        sum += (double)window->x[i] - (i >= length ? (double)window->x[i - length] : 0.0);
        if (i + 1 < length)
            continue;
        slow += sum / (double)length * (sum / (double)length);
        all += (double)(window->x[i] * window->x[i]);
    }
    return all > 0.0 ? slow / all : 1.0;
}

/* How like the window is to itself so many samples later, -1 .. 1. */
static double likeness(const struct rhythm_window *window, size_t lag)
{
    double both = 0.0;
    double here = 0.0;
    double there = 0.0;
    for (size_t i = lag; i < window->count; i += LIKENESS_STRIDE) {
        double a = (double)window->x[i - lag];
        double b = (double)window->x[i];
        both += a * b;
        here += a * a;
        there += b * b;
    }
    return here > 0.0 && there > 0.0 ? both / sqrt(here * there) : 0.0;
}

/* The rate of what comes back in the same shape; NAN when nothing does. Of a period and its multiples the shortest. */
static double regular_hz(const struct rhythm_window *window, double fs_hz)
{
    double best = REGULAR_LIKENESS;
    size_t period = 0;
    size_t longest = (size_t)(REGULAR_LONGEST_S * fs_hz);
    for (size_t lag = (size_t)(REGULAR_SHORTEST_S * fs_hz); lag < longest; lag++) {
        bool multiple = period > 0 && 2 * lag > 3 * period;
        double like = likeness(window, lag);
        if (like <= best + (multiple ? REGULAR_BETTER : 0.0))
            continue;
        best = like;
        period = lag;
    }
    return period ? fs_hz / (double)period : (double)NAN;
}

/* How far beyond their limits the measures are together, each in steps of its own; > 0: fibrillation. */
static double evidence_of(const struct look *look)
{
    return (rhythm_limit(LIMIT_VF_LEAKAGE) - look->leakage) / LEAKAGE_STEP +
           (look->crossings - rhythm_limit(LIMIT_VF_CROSSINGS)) / CROSSINGS_STEP +
           (look->filled - rhythm_limit(LIMIT_VF_FILLED)) / FILLED_STEP;
}

static bool look_at(const struct ecg_rhythms *rhythms, size_t which, struct look *look)
{
    struct rhythm_window window;
    double fs_hz = rhythms->signal.fs_hz;
    if (!rhythm_signal_window(rhythms, which, rhythm_limit(LIMIT_VF_WINDOW_S), &window))
        return false;
    take_mean_out(&window);
    double period = mean_period(&window);
    look->hz = period > 0.0 ? fs_hz / period : 0.0;
    look->leakage = leakage(&window, period);
    look->crossings = crossings(&window, fs_hz);
    look->filled = filled(&window, fs_hz);
    look->slow = slow_share(&window, fs_hz);
    look->size = rhythm_peak_to_peak(&window);
    look->regular_hz = evidence_of(look) > 0.0 ? regular_hz(&window, fs_hz) : (double)NAN;
    return true;
}

/* As fast, as large and with as little rest as fibrillation; what else moves without rest is noise. */
static bool plausible(const struct ecg_rhythms *rhythms, size_t which, const struct look *look, double leakage_limit)
{
    double least = rhythms->units == ECG_UNITS_MV ? rhythm_limit(LIMIT_VF_MV) : 0.0;
    double usual = (double)rhythms->signal.usual[which];
    double flutter_hz = rhythm_limit(LIMIT_VF_REGULAR_HZ) * (rhythms->claims[ECG_RHYTHM_VT].holds ? AFTER_VT : 1.0);
    bool tachycardia = look->regular_hz < flutter_hz;
    return !tachycardia && look->leakage < leakage_limit && look->slow < rhythm_limit(LIMIT_VF_LOW_SHARE) &&
           look->hz > rhythm_limit(LIMIT_VF_MIN_HZ) && look->hz < rhythm_limit(LIMIT_VF_MAX_HZ) &&
           (double)look->size >= least && (double)look->size > rhythm_limit(LIMIT_VF_SHARE) * usual;
}

static bool looks_so(struct ecg_rhythms *rhythms)
{
    struct look look;
    unsigned normal = 0;
    unsigned beats = rhythm_beats_within(rhythms, rhythm_limit(LIMIT_VF_WINDOW_S), &normal);
    bool as_usual = beats >= 2 && 2 * normal >= beats;
    double limit = rhythm_limit(as_usual ? LIMIT_VF_LEAKAGE_WITH_BEATS : LIMIT_VF_LEAKAGE);
    bool any = false;
    for (size_t i = 0; look_at(rhythms, i, &look); i++) {
        double evidence = evidence_of(&look);
        if (evidence < OTHER_LEAD)
            return false;
        any = any || (evidence > 0.0 && plausible(rhythms, i, &look, limit));
    }
    return any;
}

void rhythm_vf(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct ecg_rhythm_vf *vf = &rhythms->vf;
    unsigned looks = (unsigned)rhythm_limit(LIMIT_VF_LOOKS);
    int64_t second = rhythm_samples(rhythms, 1.0);
    bool so = looks_so(rhythms);
    vf->seen = so ? vf->seen + 1 : 0;
    vf->unseen = so ? 0 : vf->unseen + 1;
    double begun_s = ONSET_SHARE * rhythm_limit(LIMIT_VF_WINDOW_S) + (double)(looks - 1);
    if (vf->seen >= looks || (so && claim->holds))
        rhythm_holds(claim, rhythms->now - rhythm_samples(rhythms, begun_s), rhythms->now);
    else if (vf->unseen >= looks || rhythms->signal.lead_count == 0)
        rhythm_ends(claim, claim->end - second > claim->onset ? claim->end - second : claim->end);
}
