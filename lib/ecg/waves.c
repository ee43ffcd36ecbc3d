/* The delineator.

What it does with a beat. Each lead's samples from 640 ms before to 800 ms behind the R peak are brought onto a grid
of 4 ms (wave_chain.c). The steepness of all leads together says where the QRS is, what bulges before it is the P
wave, the last flank behind it is the end of T (wave_qrs.c, wave_p.c, wave_t.c). Within these bounds each lead's own
flanks are walked down by eight rules (wave_edge.c), and a model of all rules and all leads places the edges
(wave_place.c). P and T are looked for in the mean of this beat and those before it that go the same way, which takes
noise out; a P wave is one only when it comes back beat by beat. Across the leads a wave lasts from the earliest onset
to the latest end that two more leads confirm.

After whom. Wavelets and rules over several leads: Martinez, Almeida, Olmos, Rocha and Laguna, IEEE Trans Biomed Eng
2004; 51: 570-581; confirmation by the nearest leads: Laguna, Jane and Caminal, Comput Biomed Res 1994; 27: 45-60;
averaging before delineation is what resting electrocardiographs do (Kligfield et al., Circulation 2007; 115:
1306-1324).

How good it is. docs/accuracy.md has the figures, `make accuracy` measures them again. In short, on 24 records of the
LUDB, each lead against the marks of that lead, each half of the records by models learnt on the other half: standard
deviation of P onset 19, P end 15, QRS onset and end 11, T end 24 ms, mean errors of 2 ms and less; P waves 97 % found
and 97 % right, QRS and T 99 % and 98 %. It is about the same at 80 Hz, and with lead II alone, where P waves are 96 %
found and 87 % right.

What it cannot: the P waves of a fast heart that lie in the T wave before; the onset of T is a guess (24 ms); a few
beats pass until it is known whether P waves come back; atrial flutter with a steady block may look like P waves in
one lead; T waves drowned in fibrillatory waves end anywhere. The first beat of a signal has no P wave when too little
lies before it. */
#include "ecg/waves.h"

#include <math.h>
#include <string.h>

#include "ecg/wave_levels.h"
#include "ecg/wave_place.h"
#include "ecg/wave_spike.h"
#include "ecg/wave_window.h"
#include "ecg/waves_model.h"

#define AFTER_MS      800.0
#define USUAL_BEATS   7    /* beats before this one that the usual beat remembers, at most */
#define ALIKE         0.8  /* correlation of a part of the beat with the usual one, to be averaged with it */
#define STRANGE_SHARE 0.5F /* of a beat whose P wave goes its own way, in the usual beat: it may be the new way */
#define P_FROM        60   /* the part before the QRS, grid points */
#define P_TO          145
#define T_FROM        180 /* and behind it */
#define T_TO          320
#define QRS_OUTSIDE   40   /* points from R where there is no QRS */
#define LEAST_MS      4.0F /* from an edge to the peak */
#define CONFIRM_MS    14.0F
#define CONFIRMATIONS 2

size_t ecg_waves_floats(size_t lead_count, double fs_hz)
{
    (void)fs_hz;
    return lead_count * (ECG_GRID_POINTS + WAVE_PLACE_MEMORY);
}

void ecg_waves_init(struct ecg_waves *waves, size_t lead_count, double fs_hz, float *work)
{
    *waves = (struct ecg_waves){.lead_count = lead_count, .fs_hz = fs_hz, .work = work, .model = wave_models};
    if (work)
        ecg_waves_reset(waves);
}

void ecg_waves_reset(struct ecg_waves *waves)
{
    waves->beat_count = 0;
    waves->known_leads = 0;
    memset(waves->work, 0, ecg_waves_floats(waves->lead_count, waves->fs_hz) * sizeof *waves->work);
    waves->p_repeat = NAN;
    waves->p_prominence = NAN;
    waves->t_end = -1;
}

double ecg_waves_after_ms(void)
{
    return AFTER_MS;
}

/* Beats of no known kind are the first ones of a signal. */
static bool is_usual(char code)
{
    return code == 'N' || code == 'Q';
}

/* ---- the window ---- */

static float noise_of(const struct wave_lead *lead, int from, int to)
{
    double sum = 0.0;
    unsigned count = 0;
    for (int g = from; g <= to; g++) {
        if (g > ECG_GRID_R - QRS_OUTSIDE && g < ECG_GRID_R + QRS_OUTSIDE)
            continue;
        double off = (double)lead->narrow[g] - (double)lead->wide[g];
        sum += off * off;
        count++;
    }
    return count > 0 ? (float)sqrt(sum / count) : 0.0F;
}

static float height_of(const float *x)
{
    float low = x[ECG_GRID_R];
    float high = low;
    for (int g = ECG_GRID_R - QRS_OUTSIDE; g <= ECG_GRID_R + QRS_OUTSIDE; g++) {
        low = fminf(low, x[g]);
        high = fmaxf(high, x[g]);
    }
    return high - low;
}

static bool take_lead(struct wave_window *window, struct ecg_chain *chain, const struct ecg_history *history, size_t l,
                      int64_t r)
{
    struct wave_lead *lead = &window->lead[l];
    if (!ecg_chain_take(chain, history, l, window->fs_hz, r))
        return false;
    ecg_chain_wide(chain, lead->wide);
    ecg_chain_narrow(chain, lead->narrow);
    window->from = chain->known_from;
    window->to = chain->known_to;
    lead->height = height_of(lead->narrow);
    lead->noise = noise_of(lead, wave_clamp(ECG_NARROW_FROM, window->from, window->to),
                           wave_clamp(ECG_NARROW_TO, window->from, window->to));
    wave_spike_lead(&window->spike, chain, lead->height);
    return lead->height > 0.0F && isfinite(lead->height) && isfinite(lead->noise);
}

static bool readable(enum ecg_quality quality)
{
    return !ecg_quality_unreadable(quality) && quality != ECG_QUALITY_NOISY;
}

static int point_of(const struct wave_window *window, int64_t sample, int64_t r)
{
    if (sample < 0)
        return WAVE_NO_BEAT;
    double ms = 1000.0 * (double)(sample - r) / window->fs_hz;
    return (int)lrintf(ecg_grid_point(fmin(fmax(ms, -20000.0), 20000.0)));
}

static void take_window(const struct ecg_waves *waves, const struct ecg_history *history,
                        const enum ecg_quality *quality, const struct ecg_waves_beat *beat, struct wave_window *window)
{
    struct ecg_chain chain;
    window->fs_hz = waves->fs_hz;
    window->lead_count = waves->lead_count;
    window->usable_count = 0;
    window->is_usual = is_usual(beat->code);
    window->before = point_of(window, beat->before, beat->sample);
    window->next = point_of(window, beat->next, beat->sample);
    window->t_end_before = point_of(window, waves->t_end, beat->sample);
    window->rr_ms = beat->next >= 0 ? ecg_grid_ms((float)window->next) : beat->rr_ms;
    window->past_count = waves->beat_count;
    window->p_repeat = waves->p_repeat;
    window->p_prominence = waves->p_prominence;
    window->from = window->to = ECG_GRID_R;
    wave_spike_begin(&window->spike);
    for (size_t l = 0; l < waves->lead_count; l++) {
        struct wave_lead *lead = &window->lead[l];
        memset(lead->found, 0, sizeof lead->found);
        lead->past = waves->known_leads & (1U << l) ? waves->work + l * ECG_GRID_POINTS : NULL;
        lead->usable = readable(quality[l]) && take_lead(window, &chain, history, l, beat->sample);
        window->usable_count += lead->usable;
    }
}

/* ---- the usual beat ---- */

static float mean_of(const float *x, int from, int to)
{
    double sum = 0.0;
    for (int g = from; g < to; g++)
        sum += (double)x[g];
    return (float)(sum / (to - from));
}

struct likeness {
    double xx, yy, xy;
};

static void liken(struct likeness *sum, const float *x, const float *y, int from, int to, float weight)
{
    float x_mean = mean_of(x, from, to);
    float y_mean = mean_of(y, from, to);
    for (int g = from; g < to; g++) {
        double dx = (double)(weight * (x[g] - x_mean));
        double dy = (double)(weight * (y[g] - y_mean));
        sum->xx += dx * dx;
        sum->yy += dy * dy;
        sum->xy += dx * dy;
    }
}

struct wave_likeness wave_alike(const struct wave_window *window, int from, int to)
{
    struct likeness sum = {0.0, 0.0, 0.0};
    for (size_t l = 0; l < window->lead_count; l++) {
        const struct wave_lead *lead = &window->lead[l];
        if (lead->usable && lead->past)
            liken(&sum, lead->wide, lead->past, from, to, 1.0F / (lead->noise + 0.01F * lead->height));
    }
    double both = sum.xx * sum.yy;
    struct wave_likeness likeness = {0.0F, 0.0F};
    if (both > 0.0)
        likeness = (struct wave_likeness){(float)(sum.xy / sqrt(both)), (float)(sum.xy / fmax(sum.xx, sum.yy))};
    return likeness;
}

/* The part of the usual beat that this beat shares: their mean, on this beat's level. */
static void share_part(struct wave_window *window, int from, int to)
{
    from = from < window->from ? window->from : from;
    if (to - from < 2 || window->past_count == 0 || wave_alike(window, from, to).shape < ALIKE)
        return;
    float old = (float)window->past_count / (float)(window->past_count + 1);
    for (size_t l = 0; l < window->lead_count; l++) {
        struct wave_lead *lead = &window->lead[l];
        if (!lead->usable || !lead->past)
            continue;
        float shift = mean_of(lead->wide, from, to) - mean_of(lead->past, from, to);
        for (int g = from; g < to; g++)
            lead->usual[g] += old * (lead->past[g] + shift - lead->wide[g]);
    }
}

static void make_usual(struct wave_window *window)
{
    for (size_t l = 0; l < window->lead_count; l++)
        memcpy(window->lead[l].usual, window->lead[l].wide, sizeof window->lead[l].usual);
    if (!window->is_usual)
        return;
    share_part(window, P_FROM, P_TO);
    share_part(window, T_FROM, T_TO);
}

/* Every beat counts, also one that goes its own way: where no two are alike, their mean is small. */
static void learn_lead(struct ecg_waves *waves, const struct wave_lead *lead, size_t l, bool p_alike)
{
    float *mean = waves->work + l * ECG_GRID_POINTS;
    if (!lead->past) {
        memcpy(mean, lead->wide, sizeof lead->wide);
        waves->known_leads |= 1U << l;
        return;
    }
    float share = 1.0F / (float)(waves->beat_count + 1);
    share = p_alike || share > STRANGE_SHARE ? share : STRANGE_SHARE;
    float shift = mean_of(lead->wide, P_FROM, T_TO) - mean_of(mean, P_FROM, T_TO);
    for (int g = 0; g < ECG_GRID_POINTS; g++)
        mean[g] += share * (lead->wide[g] - shift - mean[g]);
}

static void remember(struct ecg_waves *waves, const struct wave_window *window)
{
    if (!window->is_usual || window->from > P_FROM)
        return;
    bool p_alike = wave_alike(window, P_FROM, P_TO).shape >= ALIKE;
    for (size_t l = 0; l < window->lead_count; l++)
        if (window->lead[l].usable)
            learn_lead(waves, &window->lead[l], l, p_alike);
    waves->beat_count += waves->beat_count < USUAL_BEATS;
    waves->p_repeat = window->p_repeat;
    waves->p_prominence = window->p_prominence;
}

/* ---- one lead ---- */

void wave_lead_find(const float *x, const float *slope, struct wave_steeps steeps, int low, int high, int reach,
                    struct wave_found *found)
{
    found->present = steeps.most > 0.0F;
    wave_edge_find(x, slope, steeps.first, low, reach, &found->edge[WAVE_ONSET]);
    wave_edge_find(x, slope, steeps.last, high, reach, &found->edge[WAVE_END]);
    int from = (int)lrintf(found->edge[WAVE_ONSET].at[WAVE_RULE_SLOPE_20]);
    int to = (int)lrintf(found->edge[WAVE_END].at[WAVE_RULE_SLOPE_20]);
    found->peak = (steeps.first + steeps.last) / 2;
    found->height = 0.0F;
    for (int g = from; g <= to; g++) {
        float share = to > from ? (float)(g - from) / (float)(to - from) : 0.0F;
        float height = x[g] - (x[from] + share * (x[to] - x[from]));
        if (fabsf(height) > fabsf(found->height)) {
            found->height = height;
            found->peak = g;
        }
    }
    found->told_peak = found->peak;
}

/* ---- telling ---- */

static void tell_lead(const struct wave_lead *lead, enum ecg_wave wave, struct ecg_wave_times *out)
{
    const struct wave_found *found = &lead->found[wave];
    *out = (struct ecg_wave_times){lead->usable ? ECG_WAVE_ABSENT : ECG_WAVE_UNKNOWN, NAN, NAN, NAN};
    if (!lead->usable || !found->present)
        return;
    out->state = ECG_WAVE_PRESENT;
    float middle_ms = ecg_grid_ms((float)found->peak);
    out->onset_ms = fminf(found->placed_ms[WAVE_ONSET], middle_ms - LEAST_MS);
    out->end_ms = fmaxf(found->placed_ms[WAVE_END], middle_ms + LEAST_MS);
    out->peak_ms = fminf(fmaxf(ecg_grid_ms((float)found->told_peak), out->onset_ms), out->end_ms);
}

static void sort(float *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        float value = values[i];
        size_t j = i;
        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

/* The earliest time that CONFIRMATIONS others follow within CONFIRM_MS; with few leads the earliest. `sign` -1: the
   latest. */
static float outermost(float *times, size_t count, float sign)
{
    if (count == 0)
        return NAN;
    for (size_t i = 0; i < count; i++)
        times[i] *= sign;
    sort(times, count);
    size_t best = count <= CONFIRMATIONS ? 0 : count / 2;
    for (size_t i = 0; i + CONFIRMATIONS < count && best == count / 2; i++)
        if (times[i + CONFIRMATIONS] - times[i] <= CONFIRM_MS)
            best = i;
    return times[best] * sign;
}

static void tell_all(struct ecg_beat_waves *out, enum ecg_wave wave)
{
    float onset[ECG_MAX_LEADS];
    float peak[ECG_MAX_LEADS];
    float end[ECG_MAX_LEADS];
    size_t present = 0;
    size_t known = 0;
    for (size_t l = 0; l < out->lead_count; l++) {
        const struct ecg_wave_times *times = &out->lead[l][wave];
        known += times->state != ECG_WAVE_UNKNOWN;
        if (times->state != ECG_WAVE_PRESENT)
            continue;
        onset[present] = times->onset_ms;
        peak[present] = times->peak_ms;
        end[present++] = times->end_ms;
    }
    struct ecg_wave_times *all = &out->all[wave];
    *all = (struct ecg_wave_times){known > 0 ? ECG_WAVE_ABSENT : ECG_WAVE_UNKNOWN, NAN, NAN, NAN};
    if (present == 0)
        return;
    all->state = ECG_WAVE_PRESENT;
    all->onset_ms = outermost(onset, present, 1.0F);
    all->end_ms = outermost(end, present, -1.0F);
    sort(peak, present);
    all->peak_ms = peak[present / 2];
}

static void tell(const struct wave_window *window, struct ecg_beat_waves *out)
{
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++) {
        for (size_t l = 0; l < window->lead_count; l++)
            tell_lead(&window->lead[l], (enum ecg_wave)wave, &out->lead[l][wave]);
        tell_all(out, (enum ecg_wave)wave);
    }
}

/* Without a QRS nothing can be said of a beat. */
static bool find_waves(struct wave_window *window)
{
    if (window->usable_count > 0 && wave_qrs_find(window)) {
        wave_p_find(window);
        wave_t_find(window);
        return true;
    }
    for (size_t l = 0; l < window->lead_count; l++)
        window->lead[l].usable = false;
    return false;
}

void ecg_waves_find(struct ecg_waves *waves, const struct ecg_history *history, const enum ecg_quality *quality,
                    const struct ecg_waves_beat *beat, struct ecg_beat_waves *out)
{
    struct wave_window window;
    *out = (struct ecg_beat_waves){
        .sample = beat->sample,
        .code = beat->code,
        .rr_ms = beat->rr_ms,
        .heart_rate_bpm = beat->heart_rate_bpm,
        .lead_count = waves->lead_count,
        .pace_spike_ms = (double)NAN,
        .p_count = -1,
    };
    take_window(waves, history, quality, beat, &window);
    make_usual(&window);
    window.p_peak = window.t_steep = -1;
    window.p_there = false;
    out->pace_spike_ms = wave_spike_ms(&window.spike, waves->fs_hz);
    if (find_waves(&window))
        wave_place(&window, waves, waves->work + waves->lead_count * ECG_GRID_POINTS);
    out->p_count = wave_p_count(&window, history, beat->sample);
    remember(waves, &window);
    tell(&window, out);
    wave_levels_find(&window, history, out);
    float t_end_ms = out->all[ECG_WAVE_T].end_ms;
    waves->t_end = isnan(t_end_ms) ? -1 : beat->sample + (int64_t)((double)t_end_ms * waves->fs_hz / 1000.0);
}
