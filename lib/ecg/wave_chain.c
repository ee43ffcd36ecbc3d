/* Means of any length at any place, from integrals: the samples are a staircase, its first integral is a chain of
straight lines, the second one of parabolas. A mean of a mean is then four values of the second integral, whatever the
sampling rate, whatever the lengths. */
#include "ecg/wave_chain.h"

#include <math.h>

#define WIDE_A_MS   20.0
#define WIDE_B_MS   (1000.0 / 60.0)
#define NARROW_A_MS 8.0
#define NARROW_B_MS 8.0
#define BORDER_MS   30.0 /* of samples beyond the grid's ends, for the means */

static int64_t oldest_held(const struct ecg_history *history)
{
    int64_t held = history->end - (int64_t)history->length;
    held = held < history->begin ? history->begin : held;
    return held < 0 ? 0 : held;
}

static void integrate(struct ecg_chain *chain)
{
    double once = 0.0;
    double twice = 0.0;
    chain->once[0] = 0.0;
    chain->twice[0] = 0.0;
    for (size_t i = 0; i < chain->count; i++) {
        double x = (double)chain->raw[i];
        twice += once + 0.5 * x;
        once += x;
        chain->once[i + 1] = once;
        chain->twice[i + 1] = twice;
    }
}

bool ecg_chain_take(struct ecg_chain *chain, const struct ecg_history *history, size_t lead, double fs_hz, int64_t r)
{
    double per_ms = fs_hz / 1000.0;
    double border = BORDER_MS * per_ms + 2.0;
    int64_t first = r - (int64_t)((double)ECG_GRID_R * (double)ECG_GRID_MS * per_ms + border);
    int64_t last = r + (int64_t)((double)(ECG_GRID_POINTS - ECG_GRID_R) * (double)ECG_GRID_MS * per_ms + border);
    int64_t oldest = oldest_held(history);
    int64_t newest = history->end - 1;
    if (r < oldest || r > newest || last - first >= ECG_CHAIN_SAMPLES)
        return false;
    const float *ring = history->samples + lead * history->length;
    float zero = ring[ecg_history_slot(history, r)];
    chain->fs_hz = fs_hz;
    chain->first = (double)(first - r);
    chain->count = (size_t)(last - first + 1);
    size_t at = ecg_history_slot(history, first < oldest ? oldest : first);
    for (int64_t i = first; i <= last; i++) {
        chain->raw[i - first] = ring[at] - zero;
        if (i >= oldest && i < newest)
            at = at + 1 == history->length ? 0 : at + 1;
    }
    double from = (double)ecg_grid_point((double)(oldest - r) / per_ms + WIDE_A_MS);
    double to = (double)ecg_grid_point((double)(newest - r) / per_ms - WIDE_A_MS);
    chain->known_from = from > 0.0 ? (int)ceil(from) : 0;
    chain->known_to = to < (double)(ECG_GRID_POINTS - 1) ? (int)floor(to) : ECG_GRID_POINTS - 1;
    integrate(chain);
    return true;
}

/* The second integral up to `at`, in samples from the beginning of raw[0]'s stair. */
static double twice_at(const struct ecg_chain *chain, double at)
{
    int i = (int)at;
    double part = at - (double)i;
    return chain->twice[i] + part * (chain->once[i] + 0.5 * part * (double)chain->raw[i]);
}

/* The border that was taken beyond the grid holds both means at any rate. */
static void smooth(const struct ecg_chain *chain, double a_ms, double b_ms, int from, int to, float *x)
{
    double per_ms = chain->fs_hz / 1000.0;
    double a = a_ms * per_ms > 1.0 ? a_ms * per_ms / 2.0 : 0.5;
    double b = b_ms * per_ms > 1.0 ? b_ms * per_ms / 2.0 : 0.5;
    double scale = 1.0 / (4.0 * a * b);
    double step = (double)ECG_GRID_MS * per_ms;
    double zero = 0.5 - chain->first - (double)ECG_GRID_R * step;
    for (int point = from; point <= to; point++) {
        double at = zero + (double)point * step;
        double outer = twice_at(chain, at + a + b) + twice_at(chain, at - a - b);
        x[point] = (float)((outer - twice_at(chain, at + a - b) - twice_at(chain, at - a + b)) * scale);
    }
}

void ecg_chain_wide(const struct ecg_chain *chain, float *x)
{
    smooth(chain, WIDE_A_MS, WIDE_B_MS, 0, ECG_GRID_POINTS - 1, x);
}

void ecg_chain_narrow(const struct ecg_chain *chain, float *x)
{
    smooth(chain, NARROW_A_MS, NARROW_B_MS, ECG_NARROW_FROM, ECG_NARROW_TO, x);
    for (int point = 0; point < ECG_NARROW_FROM; point++)
        x[point] = x[ECG_NARROW_FROM];
    for (int point = ECG_NARROW_TO + 1; point < ECG_GRID_POINTS; point++)
        x[point] = x[ECG_NARROW_TO];
}

void ecg_grid_slope(const float *x, int half, float *slope)
{
    float scale = 1.0F / (float)(half * (half + 1));
    float right = 0.0F;
    float left = 0.0F;
    for (int i = 1; i <= half; i++) {
        left += x[half - i];
        right += x[half + i];
    }
    for (int g = 0; g < ECG_GRID_POINTS; g++) {
        if (g > half && g < ECG_GRID_POINTS - half) {
            left += x[g - 1] - x[g - 1 - half];
            right += x[g + half] - x[g];
        }
        slope[g] = (right - left) * scale;
    }
}
