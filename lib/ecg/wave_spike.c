/* Pacing spikes.

A pacemaker's pulse lasts 0.2 to 2 ms; behind an amplifier for 150 Hz a single sample at 500 Hz stands out of both its
sides, in many leads at once, and nothing else within 20 ms does (nor does any wave of a heart, which lasts longer). So
each sample must be out of those 4 ms before and behind it in the same direction, and what it is out, summed over the
leads, each over its QRS, must be several times what it is aside. At less than 500 Hz a pulse falls between samples:
nothing is said then.

How good it is, on the 24 records of the LUDB: of 34 beats of the three that are paced 27 have a spike told, of some 230
others none; with lead II alone 14, and one of the others. */
#include "ecg/wave_spike.h"

#include <math.h>

#define BEGIN_MS    400.0 /* before R: where spikes are looked for */
#define END_MS      20.0
#define END_FEW_MS  44.0 /* a Q wave in one lead may be as sharp */
#define FEW_LEADS   3
#define LEAST_FEW   0.07F
#define SIDE_MS     4.0   /* what a sample is compared with */
#define ASIDE_MS    8.0   /* from here ... */
#define ASIDE_TO_MS 24.0  /* ... to here on both sides nothing else may stand out ... */
#define ASIDE_TIMES 4.0F  /* ... so much */
#define LEAST       0.05F /* of the QRS, mean of the leads */

static int samples_in(double fs_hz, double ms)
{
    return (int)lrint(ms * fs_hz / 1000.0);
}

void wave_spike_begin(struct wave_spike *spike)
{
    *spike = (struct wave_spike){.lead_count = 0};
}

/* A corner or a step is out of one side only. */
static float out_of_both(float before, float behind)
{
    return before * behind > 0.0F ? fminf(fabsf(before), fabsf(behind)) : 0.0F;
}

void wave_spike_lead(struct wave_spike *spike, const struct ecg_chain *chain, float height)
{
    int side = samples_in(chain->fs_hz, SIDE_MS);
    int r = (int)-chain->first;
    int first = r - samples_in(chain->fs_hz, BEGIN_MS);
    if (chain->fs_hz < ECG_PACE_FS_MIN_HZ || !(height > 0.0F))
        return;
    spike->lead_count++;
    spike->count = r - first < WAVE_SPIKE_SAMPLES ? r - first : WAVE_SPIKE_SAMPLES;
    const float *x = chain->raw + (r - spike->count);
    float scale = 1.0F / height;
    for (int i = 0; i < spike->count; i++)
        spike->sharp[i] += scale * out_of_both(x[i] - x[i - side], x[i] - x[i + side]);
}

static float greatest(const struct wave_spike *spike, int from, int to)
{
    float most = 0.0F;
    for (int i = from < 0 ? 0 : from; i <= to && i < spike->count; i++)
        most = fmaxf(most, spike->sharp[i]);
    return most;
}

double wave_spike_ms(const struct wave_spike *spike, double fs_hz)
{
    int aside = samples_in(fs_hz, ASIDE_MS);
    int aside_to = samples_in(fs_hz, ASIDE_TO_MS);
    bool few = spike->lead_count < FEW_LEADS;
    float least = (few ? LEAST_FEW : LEAST) * (float)spike->lead_count;
    for (int i = spike->count - samples_in(fs_hz, few ? END_FEW_MS : END_MS); i >= aside_to; i--) {
        float here = spike->sharp[i];
        if (here < least || here < greatest(spike, i - aside + 1, i + aside - 1))
            continue;
        float other = fmaxf(greatest(spike, i - aside_to, i - aside), greatest(spike, i + aside, i + aside_to));
        if (here > ASIDE_TIMES * other)
            return 1000.0 * (double)(i - spike->count) / fs_hz;
    }
    return (double)NAN;
}
