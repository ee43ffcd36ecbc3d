/* The R peak is taken where the smoothed signal deviates most from the mean of its surroundings. Both means are
symmetric around the sample (a moving average of 12 ms takes line noise out, the 300 ms of surroundings take the
baseline out), which is a band-pass without delay; that is affordable because it runs once per beat, in hindsight. The
height at a sample is that without pacing spikes (see filter.c), lest the spike before a QRS be taken for its R peak. */
#include "ecg/locate.h"

#include <math.h>

#include "ecg/filter.h"

#define SMOOTH_HALF_S    0.006
#define SURROUNDINGS_S   0.060 /* taken on each side of the span for the baseline */
#define OTHER_SIGN_SHARE 0.67F /* a deflection against the usual sign counts so much */

static float sample_at(const struct ecg_history *history, size_t lead, int64_t sample)
{
    return history->samples[lead * history->length + ecg_history_slot(history, sample)];
}

static int64_t oldest(const struct ecg_history *history)
{
    int64_t held = history->end - (int64_t)history->length;
    held = held < history->begin ? history->begin : held;
    return held < 0 ? 0 : held;
}

static struct ecg_span clip(const struct ecg_history *history, int64_t from, int64_t to)
{
    int64_t first = oldest(history);
    return (struct ecg_span){from < first ? first : from, to >= history->end ? history->end - 1 : to};
}

/* Without what is no longer than `spike` samples. */
static double clear_at(const struct ecg_history *history, size_t lead, int64_t sample, int64_t spike)
{
    struct ecg_span around = clip(history, sample - spike, sample + spike);
    return ecg_middle((double)sample_at(history, lead, around.from), (double)sample_at(history, lead, sample),
                      (double)sample_at(history, lead, around.to));
}

static double mean(const struct ecg_history *history, size_t lead, struct ecg_span span, int64_t spike)
{
    double sum = 0.0;
    for (int64_t i = span.from; i <= span.to; i++)
        sum += clear_at(history, lead, i, spike);
    return sum / (double)(span.to - span.from + 1);
}

bool ecg_locate(const struct ecg_history *history, size_t lead, double fs_hz, struct ecg_span span, int usual_sign,
                struct ecg_r_peak *peak)
{
    int64_t half = (int64_t)lround(SMOOTH_HALF_S * fs_hz);
    int64_t around = (int64_t)lround(SURROUNDINGS_S * fs_hz);
    int64_t spike = (int64_t)ecg_spike_samples(fs_hz);
    struct ecg_span inside = clip(history, span.from, span.to);
    if (inside.from > inside.to)
        return false;
    double baseline = mean(history, lead, clip(history, span.from - around, span.to + around), spike);
    float best = -1.0F;
    for (int64_t i = inside.from; i <= inside.to; i++) {
        float height = (float)(mean(history, lead, clip(history, i - half, i + half), spike) - baseline);
        float score = height * (float)usual_sign >= 0.0F ? fabsf(height) : OTHER_SIGN_SHARE * fabsf(height);
        if (score > best) {
            best = score;
            *peak = (struct ecg_r_peak){.sample = i, .height = height};
        }
    }
    return true;
}
