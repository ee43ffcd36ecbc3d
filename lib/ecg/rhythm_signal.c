/* The signal itself, for what beats cannot tell: the last seconds of one or two leads, a sample for each frame (about
100 Hz), with the baseline taken out. The leads are those of the list below that can be read; they stay as long as they
can, and when they change the past is forgotten. */
#include <math.h>

#include "ecg/rhythm_private.h"

#define BASELINE_HZ    1.0
#define SETTLE_S       1.0  /* of the filter, behind a restart */
#define USUAL_SHARE    0.1F /* of each second's size in what is usual */
#define BEATS_WITHIN_S 4.0

/* Along the heart first, then across: what one does not show the other does. */
static const enum ecg_lead preferred[] = {
    ECG_LEAD_II,  ECG_LEAD_MLII, ECG_LEAD_V5, ECG_LEAD_V1,  ECG_LEAD_V2,  ECG_LEAD_I,
    ECG_LEAD_ECG, ECG_LEAD_V4,   ECG_LEAD_V6, ECG_LEAD_V3,  ECG_LEAD_VX,  ECG_LEAD_VY,
    ECG_LEAD_III, ECG_LEAD_AVF,  ECG_LEAD_VZ, ECG_LEAD_AVR, ECG_LEAD_AVL,
};

void rhythm_signal_restart(struct ecg_rhythm_signal *signal)
{
    signal->at = signal->count = 0;
    for (size_t i = 0; i < ECG_RHYTHM_SIGNALS; i++) {
        ecg_biquad_reset(&signal->high[i]);
        signal->usual[i] = 0.0F;
    }
}

void rhythm_signal_init(struct ecg_rhythms *rhythms)
{
    struct ecg_rhythm_signal *signal = &rhythms->signal;
    signal->fs_hz = rhythms->fs_hz / (double)ecg_frame_samples(rhythms->fs_hz);
    for (size_t i = 0; i < ECG_RHYTHM_SIGNALS; i++)
        ecg_biquad_high_pass(&signal->high[i], signal->fs_hz, BASELINE_HZ);
    rhythm_signal_restart(signal);
}

static size_t choose(const struct ecg_rhythms *rhythms, const enum ecg_quality *quality,
                     size_t chosen[ECG_RHYTHM_SIGNALS])
{
    size_t count = 0;
    for (size_t p = 0; p < sizeof preferred / sizeof preferred[0]; p++)
        for (size_t lead = 0; lead < rhythms->lead_count && count < ECG_RHYTHM_SIGNALS; lead++)
            if (rhythms->leads[lead] == preferred[p] && !ecg_quality_unreadable(quality[lead]))
                chosen[count++] = lead;
    return count;
}

void rhythm_signal_choose(struct ecg_rhythms *rhythms, const enum ecg_quality *quality)
{
    struct ecg_rhythm_signal *signal = &rhythms->signal;
    size_t chosen[ECG_RHYTHM_SIGNALS] = {0};
    size_t count = choose(rhythms, quality, chosen);
    size_t readable = 0;
    for (size_t i = 0; i < signal->lead_count; i++)
        readable += !ecg_quality_unreadable(quality[signal->leads[i]]);
    if (signal->lead_count > 0 && readable == signal->lead_count && count == signal->lead_count)
        return;
    if (count == 0 && signal->lead_count == 0)
        return;
    signal->lead_count = count;
    for (size_t i = 0; i < count; i++)
        signal->leads[i] = chosen[i];
    rhythm_signal_restart(signal);
}

/* The mean of the frame's samples: what is faster than its length is dampened. */
static double frame_level(const struct ecg_history *history, size_t lead, size_t samples)
{
    double sum = 0.0;
    const float *ring = history->samples + lead * history->length;
    size_t at = ecg_history_slot(history, history->end);
    for (size_t i = 0; i < samples; i++) {
        at = at ? at - 1 : history->length - 1;
        sum += (double)ring[at];
    }
    return sum / (double)samples;
}

void rhythm_signal_frame(struct ecg_rhythms *rhythms, const struct ecg_history *history)
{
    struct ecg_rhythm_signal *signal = &rhythms->signal;
    size_t samples = ecg_frame_samples(rhythms->fs_hz);
    if (history->end - history->begin < (int64_t)samples)
        return;
    for (size_t i = 0; i < signal->lead_count; i++)
        signal->ring[i][signal->at] =
            (float)ecg_biquad_step(&signal->high[i], frame_level(history, signal->leads[i], samples));
    signal->at = (signal->at + 1) % ECG_RHYTHM_RING;
    signal->count++;
}

bool rhythm_signal_window(const struct ecg_rhythms *rhythms, size_t which, double seconds, struct rhythm_window *window)
{
    const struct ecg_rhythm_signal *signal = &rhythms->signal;
    window->count = (size_t)(seconds * signal->fs_hz);
    if (window->count > ECG_RHYTHM_RING)
        window->count = ECG_RHYTHM_RING;
    if (which >= signal->lead_count || (double)signal->count < (seconds + SETTLE_S) * signal->fs_hz)
        return false;
    for (size_t i = 0; i < window->count; i++)
        window->x[i] = signal->ring[which][(signal->at + ECG_RHYTHM_RING - window->count + i) % ECG_RHYTHM_RING];
    return true;
}

float rhythm_peak_to_peak(const struct rhythm_window *window)
{
    float least = window->x[0];
    float most = window->x[0];
    for (size_t i = 1; i < window->count; i++) {
        least = fminf(least, window->x[i]);
        most = fmaxf(most, window->x[i]);
    }
    return most - least;
}

/* While the heart beats, how large that is. */
void rhythm_signal_learn(struct ecg_rhythms *rhythms)
{
    struct rhythm_window window;
    if (rhythm_beats_within(rhythms, BEATS_WITHIN_S, NULL) < 2)
        return;
    for (size_t i = 0; rhythm_signal_window(rhythms, i, BEATS_WITHIN_S, &window); i++) {
        float *usual = &rhythms->signal.usual[i];
        float size = rhythm_peak_to_peak(&window);
        *usual = *usual > 0.0F ? *usual + USUAL_SHARE * (size - *usual) : size;
    }
}
