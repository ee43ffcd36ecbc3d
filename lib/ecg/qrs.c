/* The QRS detector.

Where it comes from. Hamilton, "Open source ECG analysis", Computers in Cardiology 2002; 29: 101-104, which refines
Hamilton and Tompkins (IEEE Trans Biomed Eng 1986; 33: 1157-1165) and Pan and Tompkins (IEEE Trans Biomed Eng 1985; 32:
230-236): peaks of the averaged steepness of the band-passed signal, a threshold between the medians of the last eight
beats and the last eight noise peaks, a refractory period of 200 ms, a T-wave rule up to 360 ms, a search back.

What is different. All leads make one energy before a peak is judged: each lead counts by the height of its beats over
the square of its noise, where its noise is the larger of its last noise peaks and of what the last half second shows,
so that a lead is turned down within a burst and not behind it. The memories hold the energies lead by lead, so a
threshold is always that of the leads that are there. A signal is learnt from its first half second on, when that is
clean. A step and the ringing behind it are no beat, and where beats do not stand out of the noise none are reported:
no rate is better than a wrong one.

How good it is. docs/accuracy.md has the figures, by signal and by record; `make accuracy` measures them again and
writes it anew, and tests/accuracy/table.c holds a floor under each of them. In short, on 14 records of the MIT-BIH
arrhythmia database after ANSI/AAMI EC57 (both leads; the thresholds were chosen on these, so expect a little less
elsewhere): sensitivity 99.78 %, +P 99.65 %, the same at 80 Hz; on the first lead alone 99.67 % and 99.59 %. With
electrode-motion noise of 6 dB (119e06) 100 % and 96.5 %; at 0 dB (119e00) about 92 % and 81 %: of no use. The worst:
105 (noise), 200 and 203 (ventricular beats in noise). 95 % of the beats are told within 300 ms of their R peak;
some, found by the search back, later. A QRS is seen before it is certain: on the same records 95 % of those that
became beats within 147 ms of the R peak (first lead; all leads 144 ms), with noise of 6 dB 174 ms, and where the QRS
is wide later: on 208 within 191 ms. Of 31 700 seen on the first lead 369 became no beat; 349 beats came unseen.

What it cannot: of ventricular beats within 300 ms of a normal one many are missed; behind 30 s without beats it may
take P waves for beats; behind a burst of noise ten times as high as the beats it is deaf for about three seconds;
mains hum that sets in suddenly may bring a few false beats at its onset; two leads of pure noise may bring a false
beat now and then. */
#include "ecg/qrs.h"

#include <math.h>
#include <string.h>

#define APART_MS           200.0 /* of two peaks closer than this the lower one is not a beat: the refractory period */
#define SEEN_MS            40.0  /* a peak is seen when no greater value has come for so long; 30 tells it twice */
#define T_WAVE_MS          360.0 /* a peak so soon behind a beat may be its T wave ... */
#define T_WAVE_SLOPE       0.4F  /* ... and is, when it is so much less steep; 0.5 loses early ventricular beats */
#define THRESHOLD          0.34F /* between noise (0) and beats (1) */
#define EARLY_RR           0.7   /* before so many mean RR intervals have passed ... */
#define EARLY_THRESHOLD    0.5F  /* ... the threshold is higher, by up to this ... */
#define EARLY_NOISE        2.0F /* ... as far as there is noise: all of it when noise peaks have half a beat's height */
#define BLIND_RATIO        1.5F /* beats that stand out of the noise no more than this are not told from it */
#define SEARCH_BACK_RR     1.66 /* a beat is overdue after so many mean RR intervals (Pan and Tompkins) */
#define SEARCH_BACK_MAX_MS 3000.0
#define SEARCH_BACK_SHARE  0.72F   /* of the threshold; at half, T waves fill compensatory pauses */
#define FIRST_RR_MS        1000.0  /* assumed until one is known */
#define RELEARN_MS         4000.0  /* without a beat for so long, the signal may have changed its size */
#define FORGET_MS          30000.0 /* without a beat for so long, its former size says nothing */
#define RELEARN_SHARE      0.17F   /* of the former size: less may be P waves of a heart that does not beat */
#define LONG_SHARE         0.04F   /* of the long memory of a lead's beats, a new one's: about half a minute */
#define LONG_STEP          1.5F    /* and it counts as no more than so much larger or smaller */
#define INFLATED           3.0F    /* beats so much larger than those of the long memory were a burst of noise: */
#define RELEARN_SOON_MS    1800.0  /* then the signal is learnt anew after so long without any */
#define STEP_BACK_MS       180.0   /* where the complex lies, seen from its energy peak */
#define STEP_AHEAD_MS      70.0
#define STEP_SHARE         0.125F /* a complex goes up and down; a step has less than this of the other direction */
#define SHOWN_SHARE        0.5F   /* of a lead's usual energy: with less, another lead shows the beat better */
#define LEARN_EVERY_MS     50.0
#define LEARN_MAX_MS       2000.0
#define NOISE_PEAK         2.0F  /* peaks of noise over its median, until some have been seen */
#define NOISE_SHARE_MIN    0.2F  /* no lead is taken for cleaner than this: it would silence all others */
#define RECENT_MS          500.0 /* a burst of noise shows in a lead's lower energies of so long; QRS do not */
#define RECENT_QUANTILE    0.35
#define RECENT_EVERY_MS    50.0
#define RECENT_STRIDE      3     /* frames; the energy is averaged over eight */
#define EDGE_SHARPNESS     0.12F /* steepest rise in 10 ms over the height: QRS 0.2 .. 0.5, T wave < 0.1 */

/* When a signal counts as learnt: so much of it seen, and its greatest peak so many times over the median. A clean
   signal is learnt in half a second, a noisy one takes longer. */
struct learn_rule {
    double after_ms;
    float peak_to_median;
    bool sharp; /* so early that the window may hold a T wave and no QRS */
};

static const struct learn_rule learn_rules[] = {
    {500.0, 8.0F, true},
    {1000.0, 4.0F, true},
    {LEARN_MAX_MS, 3.0F, false},
};

static int64_t frames_in(const struct ecg_qrs *qrs, double ms)
{
    return (int64_t)ceil(ms / qrs->frame_ms - 1e-9);
}

static struct ecg_frame *frame_at(const struct ecg_qrs *qrs, int64_t frame)
{
    return qrs->ring + (size_t)(frame % ECG_QRS_RING_FRAMES) * qrs->lead_count;
}

static int64_t oldest_frame(const struct ecg_qrs *qrs)
{
    return qrs->now > ECG_QRS_RING_FRAMES ? qrs->now - ECG_QRS_RING_FRAMES : 0;
}

/* The value that would stand at `at` if they were sorted (Hoare's selection). Reorders the values. */
static float nth(float *values, size_t count, size_t at)
{
    size_t low = 0;
    size_t high = count - 1;
    while (low < high) {
        float pivot = values[low + (high - low) / 2];
        size_t i = low;
        size_t j = high;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            float value = values[i];
            values[i++] = values[j];
            values[j--] = value;
        }
        if (at <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[at];
}

static float median(float *values, size_t count)
{
    return count ? nth(values, count, count / 2) : 0.0F;
}

/* ---- the leads' energies as one number ---- */

/* Weighted mean of the leads that are there, in units of their usual QRS. */
static float combine(const struct ecg_qrs *qrs, const float *energy)
{
    float sum = 0.0F;
    float usual = 0.0F;
    for (size_t lead = 0; lead < qrs->lead_count; lead++) {
        if (isnan(energy[lead]))
            continue;
        sum += qrs->weight[lead] * energy[lead];
        usual += qrs->weight[lead] * qrs->typical[lead];
    }
    return usual > 0.0F ? sum / usual : 0.0F;
}

static float combined_energy(const struct ecg_qrs *qrs, int64_t frame, float *energy)
{
    const struct ecg_frame *frames = frame_at(qrs, frame);
    for (size_t lead = 0; lead < qrs->lead_count; lead++)
        energy[lead] = frames[lead].energy;
    return combine(qrs, energy);
}

static float combined_slope(const struct ecg_qrs *qrs, int64_t frame)
{
    const struct ecg_frame *frames = frame_at(qrs, frame);
    float slope[ECG_MAX_LEADS];
    for (size_t lead = 0; lead < qrs->lead_count; lead++)
        slope[lead] = isnan(frames[lead].energy) ? NAN : frames[lead].slope;
    return combine(qrs, slope);
}

static float lead_median(const struct ecg_qrs_history *history, size_t lead)
{
    float values[ECG_QRS_MEMORY];
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++)
        if (!isnan(history->peaks[i].energy[lead]))
            values[count++] = history->peaks[i].energy[lead];
    return median(values, count);
}

/* A lead counts by the height of its beats over the square of its noise, as in a matched filter of independent
   noises. */
static void set_weight(struct ecg_qrs *qrs, size_t lead, float beat, float noise)
{
    float least = NOISE_SHARE_MIN * beat;
    float square = noise * noise + least * least;
    qrs->typical[lead] = beat;
    qrs->weight[lead] = square > 0.0F && isfinite(square) ? beat / square : 0.0F;
}

static void update_reference(struct ecg_qrs *qrs)
{
    size_t best = 0;
    for (size_t lead = 1; lead < qrs->lead_count; lead++)
        if (qrs->weight[lead] * qrs->typical[lead] > qrs->weight[best] * qrs->typical[best])
            best = lead;
    float now = qrs->weight[qrs->reference] * qrs->typical[qrs->reference];
    if (now < 0.5F * qrs->weight[best] * qrs->typical[best])
        qrs->reference = best;
}

/* The peaks that the lead's noise of the last half second is likely to make. */
static float recent_noise(const struct ecg_qrs *qrs, size_t lead)
{
    float values[ECG_QRS_RING_FRAMES];
    size_t count = 0;
    int64_t from = qrs->now - frames_in(qrs, RECENT_MS);
    from = from < oldest_frame(qrs) ? oldest_frame(qrs) : from;
    for (int64_t k = from; k < qrs->now; k += RECENT_STRIDE) {
        float energy = frame_at(qrs, k)[lead].energy;
        if (!isnan(energy))
            values[count++] = energy;
    }
    if (count == 0)
        return 0.0F;
    return NOISE_PEAK * nth(values, count, (size_t)(RECENT_QUANTILE * (double)count));
}

static void update_weights(struct ecg_qrs *qrs)
{
    for (size_t lead = 0; lead < qrs->lead_count; lead++) {
        float noise = fmaxf(lead_median(&qrs->noise, lead), recent_noise(qrs, lead));
        set_weight(qrs, lead, lead_median(&qrs->beats, lead), noise);
    }
    update_reference(qrs);
}

/* ---- thresholds ---- */

/* The history's median seen with the leads that `like` has, under today's weights. */
static float level(const struct ecg_qrs *qrs, const struct ecg_qrs_history *history, const struct ecg_qrs_peak *like)
{
    float values[ECG_QRS_MEMORY];
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        float energy[ECG_MAX_LEADS];
        for (size_t lead = 0; lead < qrs->lead_count; lead++)
            energy[lead] = isnan(like->energy[lead]) ? NAN : history->peaks[i].energy[lead];
        values[count++] = combine(qrs, energy);
    }
    return median(values, count);
}

static double mean_rr_frames(const struct ecg_qrs *qrs)
{
    if (qrs->rr_count == 0)
        return FIRST_RR_MS / qrs->frame_ms;
    double sum = 0.0;
    for (size_t i = 0; i < qrs->rr_count; i++)
        sum += qrs->rr_frames[i];
    return sum / (double)qrs->rr_count;
}

/* In noise, a peak that comes too soon behind a beat is the more likely noise; in a clean signal it is an early beat.
   */
static float early_threshold(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak, float noise_share)
{
    if (!qrs->has_last || qrs->rr_count < ECG_QRS_MEMORY / 2)
        return 0.0F;
    double passed = (double)(peak->frame - qrs->last.frame) / (EARLY_RR * mean_rr_frames(qrs));
    float early = (float)fmin(fmax(1.0 - passed, 0.0), 1.0);
    return EARLY_THRESHOLD * early * fminf(EARLY_NOISE * noise_share, 1.0F);
}

static float threshold(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    float noise = level(qrs, &qrs->noise, peak);
    float beat = level(qrs, &qrs->beats, peak);
    if (qrs->noise.count == ECG_QRS_MEMORY && beat < BLIND_RATIO * noise)
        return INFINITY;
    if (beat <= noise)
        return noise;
    return noise + (THRESHOLD + early_threshold(qrs, peak, noise / beat)) * (beat - noise);
}

static void remember(struct ecg_qrs_history *history, const struct ecg_qrs_peak *peak)
{
    history->peaks[history->at] = *peak;
    history->at = (history->at + 1) % ECG_QRS_MEMORY;
    if (history->count < ECG_QRS_MEMORY)
        history->count++;
}

/* ---- what a peak is ---- */

static bool over_floor(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    for (size_t lead = 0; lead < qrs->lead_count; lead++)
        if (peak->energy[lead] > qrs->floor)
            return true;
    return false;
}

/* The lead that speaks loudest for this peak. */
static size_t loudest_lead(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    size_t best = qrs->reference;
    float most = -1.0F;
    for (size_t lead = 0; lead < qrs->lead_count; lead++) {
        float share = qrs->weight[lead] * peak->energy[lead];
        if (share > most) {
            most = share;
            best = lead;
        }
    }
    return best;
}

/* The reference lead, as long as it shows this beat: RR intervals must not jitter between leads. A beat of another
   origin may stand at right angles to it. */
static size_t lead_to_look_in(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    float reference = peak->energy[qrs->reference];
    bool shown = reference >= SHOWN_SHARE * qrs->typical[qrs->reference]; /* false for NAN */
    return shown ? qrs->reference : loudest_lead(qrs, peak);
}

struct swing {
    float up, down; /* greatest rise and fall between frames */
    float lowest, highest;
};

static struct swing swing_around(const struct ecg_qrs *qrs, int64_t frame, size_t lead)
{
    int64_t from = frame - frames_in(qrs, STEP_BACK_MS);
    int64_t to = frame + frames_in(qrs, STEP_AHEAD_MS);
    int64_t oldest = oldest_frame(qrs);
    from = from < oldest ? oldest : from;
    to = to >= qrs->now ? qrs->now - 1 : to;
    float before = frame_at(qrs, from)[lead].level;
    struct swing swing = {.lowest = before, .highest = before};
    for (int64_t k = from + 1; k <= to; k++) {
        float here = frame_at(qrs, k)[lead].level;
        swing.up = fmaxf(swing.up, here - before);
        swing.down = fmaxf(swing.down, before - here);
        swing.lowest = fminf(swing.lowest, here);
        swing.highest = fmaxf(swing.highest, here);
        before = here;
    }
    return swing;
}

/* A step, or what the filters still ring of one: the signal itself does not go up and down there. */
static bool is_step(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    size_t lead = loudest_lead(qrs, peak);
    struct swing swing = swing_around(qrs, peak->frame, lead);
    if (swing.highest - swing.lowest < peak->energy[lead])
        return true;
    return fminf(swing.up, swing.down) < STEP_SHARE * fmaxf(swing.up, swing.down);
}

static bool is_sharp(const struct ecg_qrs *qrs, int64_t frame, size_t lead)
{
    struct swing swing = swing_around(qrs, frame, lead);
    float per_10_ms = fmaxf(swing.up, swing.down) * (float)(10.0 / qrs->frame_ms);
    return per_10_ms > EDGE_SHARPNESS * (swing.highest - swing.lowest);
}

static bool is_t_wave(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    return qrs->has_last && peak->frame - qrs->last.frame < frames_in(qrs, T_WAVE_MS) &&
           peak->slope < T_WAVE_SLOPE * qrs->last.slope;
}

/* ---- from peaks to beats ---- */

static void remember_long(struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    for (size_t lead = 0; lead < qrs->lead_count; lead++) {
        float *usual = &qrs->long_typical[lead];
        if (isnan(peak->energy[lead]))
            continue;
        if (*usual <= 0.0F)
            *usual = peak->energy[lead];
        float heard = fminf(fmaxf(peak->energy[lead], *usual / LONG_STEP), *usual * LONG_STEP);
        *usual += LONG_SHARE * (heard - *usual);
    }
}

static void accept(struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak, struct ecg_qrs_hit *hits, size_t *count)
{
    if (qrs->has_last) {
        qrs->rr_frames[qrs->rr_at] = (double)(peak->frame - qrs->last.frame);
        qrs->rr_at = (qrs->rr_at + 1) % ECG_QRS_MEMORY;
        qrs->rr_count += qrs->rr_count < ECG_QRS_MEMORY;
    }
    remember(&qrs->beats, peak);
    remember_long(qrs, peak);
    qrs->last = *peak;
    qrs->has_last = true;
    qrs->quiet_from = peak->frame;
    qrs->has_aside = false;
    if (*count < ECG_QRS_HITS_MAX)
        hits[(*count)++] = (struct ecg_qrs_hit){.frame = peak->frame, .lead = lead_to_look_in(qrs, peak)};
    update_weights(qrs);
}

static void reject(struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    remember(&qrs->noise, peak);
    bool may_be_beat = !qrs->has_last || peak->frame - qrs->last.frame >= frames_in(qrs, T_WAVE_MS);
    if (may_be_beat && (!qrs->has_aside || peak->value > qrs->aside.value)) {
        qrs->aside = *peak;
        qrs->has_aside = true;
    }
    update_weights(qrs);
}

static float steepest(const struct ecg_qrs *qrs, int64_t frame)
{
    float slope = 0.0F;
    for (int64_t k = frame; k > frame - ECG_FRAME_SUM_MAX && k >= oldest_frame(qrs); k--)
        slope = fmaxf(slope, combined_slope(qrs, k));
    return slope;
}

static bool is_beat(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    return peak->value > threshold(qrs, peak) && !is_t_wave(qrs, peak);
}

static void judge(struct ecg_qrs *qrs, struct ecg_qrs_peak *peak, struct ecg_qrs_hit *hits, size_t *count)
{
    peak->value = combine(qrs, peak->energy);
    peak->slope = steepest(qrs, peak->frame);
    if (!over_floor(qrs, peak))
        return;
    if (!is_beat(qrs, peak))
        reject(qrs, peak);
    else if (!is_step(qrs, peak))
        accept(qrs, peak, hits, count);
}

/* The first moment at which a peak can be told from what is none: a greater one may still come and take its place, but
   that is then the same beat as a rule. */
static void see(struct ecg_qrs *qrs)
{
    struct ecg_qrs_peak peak = qrs->candidate;
    bool again = qrs->seen >= 0 && peak.frame - qrs->seen < frames_in(qrs, APART_MS);
    if (again)
        return;
    peak.slope = steepest(qrs, peak.frame);
    if (!over_floor(qrs, &peak) || !is_beat(qrs, &peak) || is_step(qrs, &peak))
        return;
    qrs->seen = peak.frame;
    qrs->sees = true;
}

static void search_back(struct ecg_qrs *qrs, struct ecg_qrs_hit *hits, size_t *count)
{
    if (!qrs->has_aside || !qrs->has_last)
        return;
    double overdue = fmin(SEARCH_BACK_RR * mean_rr_frames(qrs), SEARCH_BACK_MAX_MS / qrs->frame_ms);
    if ((double)(qrs->now - qrs->last.frame) < overdue)
        return;
    struct ecg_qrs_peak peak = qrs->aside;
    peak.value = combine(qrs, peak.energy);
    bool strong = peak.value > SEARCH_BACK_SHARE * threshold(qrs, &peak);
    bool recent = qrs->now - peak.frame < frames_in(qrs, SEARCH_BACK_MAX_MS);
    if (strong && recent && !is_step(qrs, &peak))
        accept(qrs, &peak, hits, count);
    qrs->has_aside = false;
}

/* Follows the combined energy; a peak is judged when no greater value has come for APART_MS. */
static void follow(struct ecg_qrs *qrs, int64_t frame, struct ecg_qrs_hit *hits, size_t *count)
{
    float energy[ECG_MAX_LEADS];
    float value = combined_energy(qrs, frame, energy);
    bool rising = value > qrs->previous_value;
    qrs->previous_value = value;
    if (rising && (!qrs->has_candidate || value > qrs->candidate.value)) {
        qrs->candidate.frame = frame;
        qrs->candidate.value = value;
        memcpy(qrs->candidate.energy, energy, sizeof energy[0] * qrs->lead_count);
        qrs->has_candidate = true;
    } else if (qrs->has_candidate && frame - qrs->candidate.frame >= frames_in(qrs, APART_MS)) {
        qrs->has_candidate = false;
        judge(qrs, &qrs->candidate, hits, count);
    } else if (qrs->has_candidate && frame - qrs->candidate.frame == frames_in(qrs, SEEN_MS)) {
        see(qrs);
    }
}

/* ---- learning ---- */

/* Each lead's greatest and median energy in the window: what its beats and its noise look like, for the time being. */
static void provisional_weights(struct ecg_qrs *qrs, int64_t from)
{
    for (size_t lead = 0; lead < qrs->lead_count; lead++) {
        float values[ECG_QRS_RING_FRAMES];
        size_t count = 0;
        float most = 0.0F;
        for (int64_t k = from; k < qrs->now; k++) {
            float energy = frame_at(qrs, k)[lead].energy;
            if (isnan(energy))
                continue;
            values[count++] = energy;
            most = fmaxf(most, energy);
        }
        set_weight(qrs, lead, most, NOISE_PEAK * median(values, count));
    }
    update_reference(qrs);
}

/* The greatest combined value of the window; its ratio to the median in *ratio. False when there is none that is
   certain already. */
static bool greatest_peak(struct ecg_qrs *qrs, int64_t from, struct ecg_qrs_peak *peak, float *ratio)
{
    float values[ECG_QRS_RING_FRAMES];
    size_t count = 0;
    *peak = (struct ecg_qrs_peak){.frame = -1};
    for (int64_t k = from; k < qrs->now; k++) {
        float energy[ECG_MAX_LEADS];
        float value = combined_energy(qrs, k, energy);
        values[count++] = value;
        if (value > peak->value) {
            peak->value = value;
            peak->frame = k;
            memcpy(peak->energy, energy, sizeof energy[0] * qrs->lead_count);
        }
    }
    if (peak->frame <= from || peak->frame > qrs->now - 1 - frames_in(qrs, APART_MS))
        return false;
    *ratio = peak->value / fmaxf(median(values, count), 1e-6F);
    return true;
}

static bool convincing(const struct ecg_qrs *qrs, int64_t from, const struct ecg_qrs_peak *peak, float ratio)
{
    double seen_ms = (double)(qrs->now - from) * qrs->frame_ms;
    bool sharp = is_sharp(qrs, peak->frame, loudest_lead(qrs, peak));
    for (size_t i = 0; i < sizeof learn_rules / sizeof learn_rules[0]; i++) {
        const struct learn_rule *rule = &learn_rules[i];
        if (seen_ms + qrs->frame_ms >= rule->after_ms && ratio >= rule->peak_to_median && (sharp || !rule->sharp))
            return true;
    }
    return false;
}

/* How large beats were: of the last ones and those of the last minutes the smaller, because noise taken for beats makes
   the last ones large. */
static float former_size(const struct ecg_qrs *qrs, size_t lead)
{
    float last = lead_median(&qrs->beats, lead);
    return qrs->long_typical[lead] > 0.0F ? fminf(last, qrs->long_typical[lead]) : last;
}

/* After a silence, peaks far smaller than the beats before it are not believed for a while. */
static bool large_enough(const struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak)
{
    if (qrs->beats.count < ECG_QRS_MEMORY / 2 || qrs->now - qrs->quiet_from > frames_in(qrs, FORGET_MS))
        return true;
    for (size_t lead = 0; lead < qrs->lead_count; lead++)
        if (peak->energy[lead] > RELEARN_SHARE * former_size(qrs, lead))
            return true;
    return false;
}

static void start_histories(struct ecg_qrs *qrs, const struct ecg_qrs_peak *peak, int64_t from)
{
    struct ecg_qrs_peak noise = *peak;
    for (size_t lead = 0; lead < qrs->lead_count; lead++) {
        float values[ECG_QRS_RING_FRAMES];
        size_t count = 0;
        for (int64_t k = from; k < qrs->now; k++)
            if (!isnan(frame_at(qrs, k)[lead].energy))
                values[count++] = frame_at(qrs, k)[lead].energy;
        noise.energy[lead] = NOISE_PEAK * median(values, count);
    }
    qrs->beats = (struct ecg_qrs_history){0};
    qrs->noise = (struct ecg_qrs_history){0};
    remember(&qrs->beats, peak);
    remember(&qrs->noise, &noise);
    update_weights(qrs);
}

/* Runs the detector over the window it has just learnt from, but not over what it has reported before. */
static void replay(struct ecg_qrs *qrs, int64_t from, struct ecg_qrs_hit *hits, size_t *count)
{
    int64_t now = qrs->now;
    qrs->has_candidate = false;
    qrs->has_aside = false;
    qrs->previous_value = 0.0F;
    for (int64_t k = from; k < now; k++)
        follow(qrs, k, hits, count);
    qrs->sees = false; /* what is told late is not told at once */
}

/* A flat line is the usual state of an unused input: it must be cheap. */
static bool anything_there(const struct ecg_qrs *qrs, int64_t from)
{
    for (int64_t k = from; k < qrs->now; k++) {
        const struct ecg_frame *frames = frame_at(qrs, k);
        for (size_t lead = 0; lead < qrs->lead_count; lead++)
            if (frames[lead].energy > qrs->floor)
                return true;
    }
    return false;
}

static void learn(struct ecg_qrs *qrs, struct ecg_qrs_hit *hits, size_t *count)
{
    int64_t longest = frames_in(qrs, LEARN_MAX_MS);
    int64_t from = qrs->now - qrs->learn_from > longest ? qrs->now - longest : qrs->learn_from;
    if ((qrs->now - from) % frames_in(qrs, LEARN_EVERY_MS) != 0 && qrs->now - from < longest)
        return;
    if (qrs->now - from == longest && qrs->now % frames_in(qrs, LEARN_EVERY_MS) != 0)
        return;
    if (!anything_there(qrs, from))
        return;
    struct ecg_qrs_peak peak;
    float ratio = 0.0F;
    provisional_weights(qrs, from);
    if (!greatest_peak(qrs, from, &peak, &ratio) || !over_floor(qrs, &peak))
        return;
    if (!convincing(qrs, from, &peak, ratio) || !large_enough(qrs, &peak) || is_step(qrs, &peak))
        return;
    start_histories(qrs, &peak, from);
    qrs->learnt = true;
    qrs->quiet_from = qrs->now;
    replay(qrs, from, hits, count);
}

static bool is_inflated(const struct ecg_qrs *qrs)
{
    bool all = false;
    for (size_t lead = 0; lead < qrs->lead_count; lead++) {
        if (qrs->typical[lead] <= 0.0F || qrs->long_typical[lead] <= 0.0F)
            continue;
        if (qrs->typical[lead] < INFLATED * qrs->long_typical[lead])
            return false;
        all = true;
    }
    return all;
}

static void relearn_when_silent(struct ecg_qrs *qrs)
{
    int64_t silent = qrs->now - qrs->quiet_from;
    if (silent < frames_in(qrs, RELEARN_SOON_MS) || (silent < frames_in(qrs, RELEARN_MS) && !is_inflated(qrs)))
        return;
    qrs->learnt = false;
    qrs->has_last = false;
    qrs->has_candidate = false;
    qrs->has_aside = false;
    qrs->rr_count = 0;
    qrs->rr_at = 0;
    qrs->learn_from = qrs->now - frames_in(qrs, LEARN_MAX_MS);
}

/* ---- the outside ---- */

void ecg_qrs_init(struct ecg_qrs *qrs, size_t lead_count, double frame_ms, float floor, struct ecg_frame *ring)
{
    memset(qrs, 0, sizeof *qrs);
    qrs->lead_count = lead_count;
    qrs->frame_ms = frame_ms;
    qrs->floor = floor;
    qrs->ring = ring;
    qrs->seen = -1;
}

void ecg_qrs_restart(struct ecg_qrs *qrs, bool keep_levels)
{
    qrs->has_candidate = false;
    qrs->has_aside = false;
    qrs->has_last = false;
    qrs->rr_count = 0;
    qrs->rr_at = 0;
    qrs->previous_value = 0.0F;
    qrs->quiet_from = qrs->now;
    if (keep_levels)
        return;
    qrs->learnt = false;
    qrs->learn_from = qrs->now;
    qrs->beats.count = 0;
    qrs->noise.count = 0;
    qrs->beats.at = 0;
    qrs->noise.at = 0;
    memset(qrs->long_typical, 0, sizeof qrs->long_typical);
}

size_t ecg_qrs_frame(struct ecg_qrs *qrs, const struct ecg_frame *frames, struct ecg_qrs_hit hits[ECG_QRS_HITS_MAX])
{
    size_t count = 0;
    qrs->sees = false;
    memcpy(frame_at(qrs, qrs->now), frames, sizeof *frames * qrs->lead_count);
    qrs->now++;
    if (!qrs->learnt) {
        learn(qrs, hits, &count);
        return count;
    }
    if (qrs->now % frames_in(qrs, RECENT_EVERY_MS) == 0)
        update_weights(qrs);
    follow(qrs, qrs->now - 1, hits, &count);
    search_back(qrs, hits, &count);
    relearn_when_silent(qrs);
    return count;
}

bool ecg_qrs_seen(const struct ecg_qrs *qrs, int64_t *frame)
{
    *frame = qrs->seen;
    return qrs->sees;
}

bool ecg_qrs_learnt(const struct ecg_qrs *qrs)
{
    return qrs->learnt;
}

double ecg_qrs_confirm_ms(void)
{
    return APART_MS;
}

double ecg_qrs_learning_ms(void)
{
    return LEARN_MAX_MS;
}

double ecg_qrs_reach_ms(void)
{
    return SEARCH_BACK_MAX_MS;
}
