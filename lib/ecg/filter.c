/* Filters and frames.

The band of 8 to 16 Hz and the 80 ms mean of the rectified derivative are those of Hamilton, "Open source ECG analysis",
Computers in Cardiology 2002; 29: 101-104, who got them from Hamilton and Tompkins, "Quantitative investigation of QRS
detection rules using the MIT/BIH arrhythmia database", IEEE Trans Biomed Eng 1986; 33: 1157-1165. Second-order
Butterworth sections stand in for their integer filters, because the sampling rate is not fixed here (bilinear
transform with prewarping). The 5 Hz edge instead of 8 keeps more of wide ventricular beats.

A pacing spike lasts up to 2 ms and may be a hundred times as steep as a QRS: through the band-pass it would become one.
It is taken out before, by the median of three samples that lie a spike's length apart; what rises or falls for longer
than twice that (a QRS does for 20 ms and more) passes unchanged. Below 400 Hz a spike is one sample, and so may be the
tip of a narrow QRS: nothing is taken out there. */
#include "ecg/filter.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

#define BAND_LOW_HZ     5.0
#define BAND_HIGH_HZ    16.0
#define FRAME_S         0.010
#define ENERGY_S        0.080
#define BRIDGED_HOLE_S  0.020  /* too short to hide the slopes of a QRS */
#define SETTLE_S        0.120  /* the impulse response of the 5 Hz section has fallen under 5 % */
#define SPIKE_S         0.0025 /* EC13 asks for pulses of 0.1 to 2 ms; and the converter smears them */
#define SPIKE_FS_MIN_HZ 400.0
#define LARGEST         1e9 /* no converter has more counts */

static void design(struct ecg_biquad *filter, double fs_hz, double cutoff_hz, double gain_b1)
{
    double k = tan(PI * cutoff_hz / fs_hz);
    double q = 1.0 / sqrt(2.0);
    double norm = 1.0 / (1.0 + k / q + k * k);
    double b0 = gain_b1 > 0.0 ? k * k * norm : norm;
    *filter = (struct ecg_biquad){
        .b0 = b0,
        .b1 = gain_b1 * b0,
        .b2 = b0,
        .a1 = 2.0 * (k * k - 1.0) * norm,
        .a2 = (1.0 - k / q + k * k) * norm,
    };
}

void ecg_biquad_low_pass(struct ecg_biquad *filter, double fs_hz, double cutoff_hz)
{
    design(filter, fs_hz, cutoff_hz, 2.0);
}

void ecg_biquad_high_pass(struct ecg_biquad *filter, double fs_hz, double cutoff_hz)
{
    design(filter, fs_hz, cutoff_hz, -2.0);
}

void ecg_biquad_reset(struct ecg_biquad *filter)
{
    filter->z1 = 0.0;
    filter->z2 = 0.0;
}

double ecg_biquad_step(struct ecg_biquad *filter, double x)
{
    double y = filter->b0 * x + filter->z1;
    filter->z1 = filter->b1 * x - filter->a1 * y + filter->z2;
    filter->z2 = filter->b2 * x - filter->a2 * y;
    return y;
}

static size_t samples_in(double seconds, double fs_hz)
{
    long samples = lround(seconds * fs_hz);
    return samples < 1 ? 1 : (size_t)samples;
}

size_t ecg_spike_samples(double fs_hz)
{
    return fs_hz < SPIKE_FS_MIN_HZ ? 0 : samples_in(SPIKE_S, fs_hz);
}

size_t ecg_frame_samples(double fs_hz)
{
    return samples_in(FRAME_S, fs_hz);
}

static size_t frames_in_energy(double fs_hz)
{
    double frame_s = (double)ecg_frame_samples(fs_hz) / fs_hz;
    size_t frames = samples_in(ENERGY_S, 1.0 / frame_s);
    return frames > ECG_FRAME_SUM_MAX ? ECG_FRAME_SUM_MAX : frames;
}

void ecg_front_init(struct ecg_front *front, double fs_hz)
{
    memset(front, 0, sizeof *front);
    ecg_biquad_high_pass(&front->high, fs_hz, BAND_LOW_HZ);
    ecg_biquad_low_pass(&front->low, fs_hz, fmin(BAND_HIGH_HZ, 0.4 * fs_hz));
    front->span = samples_in(FRAME_S, fs_hz);
    if (front->span > ECG_DERIVATIVE_MAX - 1)
        front->span = ECG_DERIVATIVE_MAX - 1;
    front->per_10_ms = FRAME_S * fs_hz / (double)front->span;
    front->spike = ecg_spike_samples(fs_hz);
    front->hole_max = samples_in(BRIDGED_HOLE_S, fs_hz);
    front->settle_max = samples_in(SETTLE_S, fs_hz);
    front->slopes_count = frames_in_energy(fs_hz);
}

static void restart_filters(struct ecg_front *front, double x)
{
    front->offset = x;
    for (size_t i = 0; i < ECG_SPIKE_RING; i++)
        front->raw[i] = x;
    ecg_biquad_reset(&front->high);
    ecg_biquad_reset(&front->low);
    memset(front->past, 0, sizeof front->past);
}

void ecg_front_reset(struct ecg_front *front)
{
    restart_filters(front, 0.0);
    memset(front->slopes, 0, sizeof front->slopes);
    front->started = false;
    front->held = 0.0;
    front->hole = 0;
    front->settle = 0;
    front->sum_level = 0.0;
    front->sum_slope = 0.0;
    front->max_slope = 0.0;
    front->filled = 0;
    front->missing = 0;
}

/* The sample of a spike's length ago, without spikes. */
static double without_spike(struct ecg_front *front, double x)
{
    size_t mask = ECG_SPIKE_RING - 1;
    size_t at = front->raw_at++ & mask;
    front->raw[at] = x;
    if (front->spike == 0)
        return x;
    return ecg_middle(front->raw[(at - 2 * front->spike) & mask], front->raw[(at - front->spike) & mask], x);
}

static void note_slope(struct ecg_front *front, double filtered)
{
    size_t back = (front->past_at + ECG_DERIVATIVE_MAX - front->span) % ECG_DERIVATIVE_MAX;
    double slope = fabs(filtered - front->past[back]) * front->per_10_ms;
    front->past[front->past_at] = filtered;
    front->past_at = (front->past_at + 1) % ECG_DERIVATIVE_MAX;
    front->sum_slope += slope;
    front->max_slope = fmax(front->max_slope, slope);
}

static bool usable(float x)
{
    return isfinite(x) && fabs((double)x) <= LARGEST;
}

/* Behind a hole the signal may stand elsewhere: without this the step would ring like a QRS. */
static void resume(struct ecg_front *front, double x)
{
    if (front->started && front->hole <= front->hole_max)
        return;
    front->settle = front->started ? front->settle_max : 0;
    front->started = true;
    restart_filters(front, x);
}

float ecg_front_sample(struct ecg_front *front, float x)
{
    front->filled++;
    if (usable(x)) {
        resume(front, (double)x);
        front->hole = 0;
        front->held = (double)x;
    } else {
        front->hole++;
    }
    if (!front->started || front->hole > front->hole_max || front->settle > 0)
        front->missing++;
    if (front->settle > 0)
        front->settle--;
    double clear = without_spike(front, front->held);
    double filtered = ecg_biquad_step(&front->high, clear - front->offset);
    note_slope(front, ecg_biquad_step(&front->low, filtered));
    front->sum_level += clear;
    return (float)front->held;
}

static float energy_of(const struct ecg_front *front)
{
    double sum = 0.0;
    for (size_t i = 0; i < front->slopes_count; i++)
        sum += (double)front->slopes[i];
    return (float)(sum / (double)front->slopes_count);
}

/* On a flat line the state decays for ever, and numbers near zero are slow to compute with. */
static void settle_to_zero(struct ecg_biquad *filter)
{
    if (fabs(filter->z1) + fabs(filter->z2) < 1e-20)
        ecg_biquad_reset(filter);
}

struct ecg_frame ecg_front_frame(struct ecg_front *front)
{
    settle_to_zero(&front->high);
    settle_to_zero(&front->low);
    double filled = front->filled ? (double)front->filled : 1.0;
    front->slopes[front->slopes_at] = front->missing ? 0.0F : (float)(front->sum_slope / filled);
    front->slopes_at = (front->slopes_at + 1) % front->slopes_count;
    struct ecg_frame frame = {
        .level = (float)(front->sum_level / filled),
        .energy = front->missing ? NAN : energy_of(front),
        .slope = front->missing ? 0.0F : (float)front->max_slope,
    };
    front->sum_level = 0.0;
    front->sum_slope = 0.0;
    front->max_slope = 0.0;
    front->filled = 0;
    front->missing = 0;
    return frame;
}
