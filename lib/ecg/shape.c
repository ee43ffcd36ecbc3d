/* Beats on a grid, and how like they are. All sums run over the leads with the weights the detector gives them: the
inverse square of a lead's noise, so a lead that shows nothing but noise says nothing. */
#include "ecg/shape.h"

#include <math.h>

#define TAP_S           0.004
#define STEP_S          (ECG_SHAPE_STEP_MS / 1000.0)
#define STEEPNESS_FLOOR 0.10 /* of the greatest: less is noise and ST */

const struct ecg_part ecg_part_p = {7, 29};
const struct ecg_part ecg_part_qrs = {27, 57};
const struct ecg_part ecg_part_end = {40, 61};

static const double taps[] = {0.125, 0.25, 0.25, 0.25, 0.125};
enum { TAP_COUNT = sizeof taps / sizeof taps[0] };

/* Between two samples, linearly. */
static double value_at(const struct ecg_history *history, size_t lead, double at)
{
    int64_t held = history->end - (int64_t)history->length;
    int64_t oldest = held > history->begin ? held : history->begin;
    int64_t newest = history->end - 1;
    int64_t left = (int64_t)floor(at);
    int64_t right = left + 1;
    double share = at - (double)left;
    left = left < oldest ? oldest : left > newest ? newest : left;
    right = right < oldest ? oldest : right > newest ? newest : right;
    const float *samples = history->samples + lead * history->length;
    double a = (double)samples[ecg_history_slot(history, left)];
    double b = (double)samples[ecg_history_slot(history, right)];
    return a + share * (b - a);
}

void ecg_shape_take(const struct ecg_history *history, double fs_hz, int64_t r_sample, float *shape)
{
    for (size_t lead = 0; lead < history->lead_count; lead++) {
        double zero = value_at(history, lead, (double)r_sample);
        for (int point = 0; point < ECG_SHAPE_POINTS; point++) {
            double sum = 0.0;
            for (int tap = 0; tap < TAP_COUNT; tap++) {
                double at_s = (point - ECG_SHAPE_R) * STEP_S + (tap - TAP_COUNT / 2) * TAP_S;
                sum += taps[tap] * (value_at(history, lead, (double)r_sample + at_s * fs_hz) - zero);
            }
            shape[lead * ECG_SHAPE_POINTS + (size_t)point] = (float)sum;
        }
    }
}

static double part_mean(const float *x, struct ecg_part part)
{
    double sum = 0.0;
    for (int i = part.from; i < part.to; i++)
        sum += (double)x[i];
    return sum / (part.to - part.from);
}

struct ecg_likeness ecg_shape_compare(const float *a, const float *b, size_t lead_count, const float *gain,
                                      struct ecg_part part, int shift)
{
    struct ecg_likeness sum = {0};
    for (size_t lead = 0; lead < lead_count; lead++) {
        const float *x = a + lead * ECG_SHAPE_POINTS;
        const float *y = b + lead * ECG_SHAPE_POINTS + shift;
        double x_mean = part_mean(x, part);
        double y_mean = part_mean(y, part);
        struct ecg_likeness here = {0};
        for (int i = part.from; i < part.to; i++) {
            double dx = (double)x[i] - x_mean;
            double dy = (double)y[i] - y_mean;
            here.aa += dx * dx;
            here.bb += dy * dy;
            here.ab += dx * dy;
        }
        sum.aa += (double)gain[lead] * here.aa;
        sum.bb += (double)gain[lead] * here.bb;
        sum.ab += (double)gain[lead] * here.ab;
    }
    return sum;
}

double ecg_likeness_correlation(const struct ecg_likeness *likeness)
{
    double both = likeness->aa * likeness->bb;
    return both > 0.0 && isfinite(both) ? likeness->ab / sqrt(both) : 0.0;
}

int ecg_shape_align(const float *a, const float *b, size_t lead_count, const float *gain, struct ecg_likeness *likeness)
{
    int best_shift = 0;
    double best = -2.0;
    for (int shift = -ECG_SHAPE_SHIFT_MAX; shift <= ECG_SHAPE_SHIFT_MAX; shift++) {
        struct ecg_likeness here = ecg_shape_compare(a, b, lead_count, gain, ecg_part_qrs, shift);
        double correlation = ecg_likeness_correlation(&here);
        if (correlation > best) {
            best = correlation;
            best_shift = shift;
            *likeness = here;
        }
    }
    return best_shift;
}

/* All leads' steepness at a point. */
static double steepness(const float *shape, size_t lead_count, const float *gain, int point)
{
    double sum = 0.0;
    for (size_t lead = 0; lead < lead_count; lead++) {
        const float *x = shape + lead * ECG_SHAPE_POINTS + point;
        double step = (double)x[1] - (double)x[-1];
        sum += (double)gain[lead] * step * step;
    }
    return sqrt(sum);
}

struct ecg_width ecg_shape_width(const float *shape, size_t lead_count, const float *gain)
{
    double v[ECG_SHAPE_POINTS] = {0};
    double most = 0.0;
    struct ecg_width width = {0};
    for (int i = ecg_part_qrs.from; i < ecg_part_qrs.to; i++) {
        v[i] = steepness(shape, lead_count, gain, i);
        most = fmax(most, v[i]);
    }
    double sum = 0.0;
    double square = 0.0;
    double first = 0.0;
    double second = 0.0;
    for (int i = ecg_part_qrs.from; i < ecg_part_qrs.to; i++) {
        double over = fmax(v[i] - STEEPNESS_FLOOR * most, 0.0);
        sum += over;
        square += over * over;
        first += over * i;
        second += over * i * i;
    }
    if (!(square > 0.0) || !isfinite(square))
        return width;
    double mean = first / sum;
    width.effective_ms = sum * sum / square * ECG_SHAPE_STEP_MS;
    width.spread_ms = 2.0 * sqrt(fmax(second / sum - mean * mean, 0.0)) * ECG_SHAPE_STEP_MS;
    return width;
}
