/* The heart rate: the mean of the last intervals, and when that is no longer worth telling. The limits stand first,
because they are what a clinician asks about. */
#include "ecg/rate.h"

#include <math.h>

#define SLOW_BPM 50.0
#define STALE_S  3.0  /* without a beat for so long, the rate is unknown: below 20 bpm no number is shown as the rate */
#define RR_MAX_S 10.0 /* a longer interval is a loss of detection, not a measurement */

void ecg_rate_init(struct ecg_rate *rate, double fs_hz)
{
    *rate = (struct ecg_rate){.fs_hz = fs_hz};
}

static void push(struct ecg_rate *rate, double rr_ms)
{
    rate->rr_ms[rate->at] = rr_ms;
    rate->at = (rate->at + 1) % ECG_RATE_INTERVALS;
    if (rate->count < ECG_RATE_INTERVALS)
        rate->count++;
}

double ecg_rate_beat(struct ecg_rate *rate, int64_t sample)
{
    double rr_ms = NAN;
    if (rate->has_beat) {
        double rr_s = (double)(sample - rate->last_beat) / rate->fs_hz;
        if (rr_s > STALE_S)
            rate->count = 0;
        if (rr_s <= RR_MAX_S)
            rr_ms = rr_s * 1000.0;
    }
    rate->last_beat = sample;
    rate->has_beat = true;
    if (!isnan(rr_ms))
        push(rate, rr_ms);
    return rr_ms;
}

void ecg_rate_break(struct ecg_rate *rate)
{
    rate->has_beat = false;
}

void ecg_rate_forget(struct ecg_rate *rate)
{
    rate->has_beat = false;
    rate->count = 0;
}

void ecg_rate_expire(struct ecg_rate *rate, int64_t now)
{
    if ((double)(now - rate->last_beat) / rate->fs_hz > STALE_S)
        rate->count = 0;
}

static double mean_bpm(const struct ecg_rate *rate, size_t intervals)
{
    double sum_ms = 0.0;
    for (size_t i = 1; i <= intervals; i++)
        sum_ms += rate->rr_ms[(rate->at + ECG_RATE_INTERVALS - i) % ECG_RATE_INTERVALS];
    return 60000.0 * (double)intervals / sum_ms;
}

double ecg_rate_bpm(const struct ecg_rate *rate, unsigned *used)
{
    size_t intervals = rate->count;
    double bpm = intervals ? mean_bpm(rate, intervals) : NAN;
    if (bpm < SLOW_BPM && intervals > ECG_RATE_INTERVALS_SLOW) {
        intervals = ECG_RATE_INTERVALS_SLOW;
        bpm = mean_bpm(rate, intervals);
    }
    if (used)
        *used = (unsigned)intervals;
    return bpm;
}

double ecg_rate_last_rr_ms(const struct ecg_rate *rate)
{
    return rate->count ? rate->rr_ms[(rate->at + ECG_RATE_INTERVALS - 1) % ECG_RATE_INTERVALS] : NAN;
}
