/* Heart rate variability.

Definitions are those of the Task Force of the European Society of Cardiology and the North American Society of Pacing
and Electrophysiology, "Heart rate variability: standards of measurement", Circulation 1996; 93: 1043-1065, for
recordings of five minutes. An interval counts when both of its beats are normal and no gap lies between them, when it
is between NN_LEAST_MS and NN_MOST_MS long, and when it is no more than FAR off the median of those around it: a missed
or a false beat is not the heart's variability (the usual filter of 20 %; the median keeps one wrong interval from
speaking against its neighbours). Differences are taken between intervals that follow each other.

Spectrum: Lomb's least-squares periodogram (Astrophys Space Sci 1976; 39: 447-462) of the intervals at the times of
their beats, which needs no resampling and bridges what was left out (Clifford and Tarassenko, "Quantifying errors in
spectral estimates of HRV due to beat replacement and resampling", IEEE Trans Biomed Eng 2005; 52: 630-638), at
multiples of one over the recording's length, up to half of the mean heart rate, normalised so that all of it is the
variance. Bands: VLF to 0.04 Hz, LF to 0.15, HF to 0.40; n.u. are shares of LF + HF.

Poincare plot: Brennan, Palaniswami and Kamen, IEEE Trans Biomed Eng 2001; 48: 1342-1347. Sample entropy (m = 2, r = 0.2
SD): Richman and Moorman, Am J Physiol 2000; 278: H2039-H2049. Short-term scaling exponent (4 to 16 beats): Peng et al.,
Chaos 1995; 5: 82-87.

What is withheld: everything, when less than COVERED of the five minutes are normal-to-normal intervals, or there are
fewer than INTERVALS_LEAST; and what the sampling rate cannot carry (table `needs`). The R peak is known to a sample,
without interpolation. Kwon et al., Healthc Inform Res 2018; 24: 198-206, found 250 Hz good enough for everything, and
100 Hz for the time domain and the Poincare plot but not for the spectrum; the Task Force asks for 250 Hz as well. The
histogram's bins of 1/128 s need 128 Hz.

How good (docs/accuracy.md has the table): against the same figures from the beats that cardiologists marked, on records
of MIT-BIH with a sinus rhythm, SDNN is off by a median of 0.1 to 0.4 %, RMSSD by 0.4 to 1.2 %, LF and HF by about 1 %;
in noise (108) by 3, 7 and 10 %; where bundle branch blocks make the R peak broad (207) by half, since its peak wanders.
*/
#include "ecg/hrv.h"

#include <math.h>
#include <string.h>

#define PI              3.14159265358979323846
#define NN_LEAST_MS     250.0
#define NN_MOST_MS      2000.0
#define FAR             0.20
#define COVERED         0.80 /* of the window */
#define INTERVALS_LEAST 150
#define LATE_S          10.0 /* the first beat may come so long behind the begin of the window */
#define NN50_MS         50.0
#define BIN_MS          7.8125 /* the Task Force's: 1/128 s */
#define VLF_HZ          0.04
#define LF_HZ           0.15
#define HF_HZ           0.40
#define ENTROPY_R       0.2
#define NOTHING         1e-9

enum {
    AROUND = 5,         /* intervals to each side */
    BINS = 256,         /* to NN_MOST_MS */
    ENTROPY_MOST = 512, /* intervals, the newest: the work grows with the square */
    DFA_LEAST = 4,
    DFA_MOST = 16
};

#define AT(member) offsetof(struct ecg_hrv, member)

const struct ecg_hrv_name ecg_hrv_names[] = {
    {"mean_nn", "ms", AT(mean_nn_ms)},
    {"mean_heart_rate", "bpm", AT(mean_hr_bpm)},
    {"sdnn", "ms", AT(sdnn_ms)},
    {"rmssd", "ms", AT(rmssd_ms)},
    {"sdsd", "ms", AT(sdsd_ms)},
    {"nn50", "1", AT(nn50)},
    {"pnn50", "%", AT(pnn50_percent)},
    {"triangular_index", "1", AT(triangular_index)},
    {"tinn", "ms", AT(tinn_ms)},
    {"total_power", "ms2", AT(total_power_ms2)},
    {"vlf", "ms2", AT(vlf_ms2)},
    {"lf", "ms2", AT(lf_ms2)},
    {"hf", "ms2", AT(hf_ms2)},
    {"lf_nu", "%", AT(lf_nu)},
    {"hf_nu", "%", AT(hf_nu)},
    {"lf_hf", "1", AT(lf_hf)},
    {"lf_peak", "Hz", AT(lf_peak_hz)},
    {"hf_peak", "Hz", AT(hf_peak_hz)},
    {"sd1", "ms", AT(sd1_ms)},
    {"sd2", "ms", AT(sd2_ms)},
    {"sample_entropy", "1", AT(sample_entropy)},
    {"dfa_alpha1", "1", AT(dfa_alpha1)},
};
const size_t ecg_hrv_name_count = sizeof ecg_hrv_names / sizeof ecg_hrv_names[0];

/* What each figure needs at least, Hz. */
static const struct need {
    size_t offset;
    double fs_hz;
} needs[] = {
    {AT(rmssd_ms), 100.0},
    {AT(sdsd_ms), 100.0},
    {AT(nn50), 100.0},
    {AT(pnn50_percent), 100.0},
    {AT(sd1_ms), 100.0},
    {AT(sd2_ms), 100.0},
    {AT(triangular_index), 128.0},
    {AT(tinn_ms), 128.0},
    {AT(total_power_ms2), 250.0},
    {AT(vlf_ms2), 250.0},
    {AT(lf_ms2), 250.0},
    {AT(hf_ms2), 250.0},
    {AT(lf_nu), 250.0},
    {AT(hf_nu), 250.0},
    {AT(lf_hf), 250.0},
    {AT(lf_peak_hz), 250.0},
    {AT(hf_peak_hz), 250.0},
    {AT(sample_entropy), 250.0},
    {AT(dfa_alpha1), 250.0},
};

static const struct too_slow {
    double fs_hz;
    const char *why;
} too_slow[] = {
    {100.0, "sampling rate below 100 Hz: intervals are too coarse for differences and spectrum"},
    {128.0, "sampling rate below 128 Hz: intervals are too coarse for histogram and spectrum"},
    {250.0, "sampling rate below 250 Hz: intervals are too coarse for a spectrum"},
};

/* ---- the window ---- */

void ecg_hrv_init(struct ecg_hrv_window *window, double fs_hz)
{
    window->fs_hz = fs_hz;
    ecg_hrv_forget(window);
}

void ecg_hrv_forget(struct ecg_hrv_window *window)
{
    window->first = -1;
    window->newest = -1;
    window->newest_code = 0;
    window->at = 0;
    window->count = 0;
}

void ecg_hrv_beat(struct ecg_hrv_window *window, int64_t sample, char code, bool follows)
{
    if (window->newest >= 0 && sample > window->newest) {
        int64_t step = sample - window->newest;
        bool counts = follows && window->newest_code == 'N' && code == 'N';
        window->steps[window->at] = step < UINT32_MAX ? (uint32_t)step : UINT32_MAX;
        window->normal[window->at] = counts;
        window->at = (window->at + 1) % ECG_HRV_INTERVALS;
        window->count += window->count < ECG_HRV_INTERVALS;
    }
    if (window->first < 0)
        window->first = sample;
    window->newest = sample;
    window->newest_code = code;
}

/* The intervals that count, oldest first. */
struct series {
    size_t count;
    double t_s[ECG_HRV_INTERVALS]; /* of the beat that ends it */
    double nn_ms[ECG_HRV_INTERVALS];
    bool follows[ECG_HRV_INTERVALS]; /* the one before is the one before */
};

static bool plausible(double rr_ms)
{
    return rr_ms >= NN_LEAST_MS && rr_ms <= NN_MOST_MS;
}

/* All intervals of the window, those between normal beats marked. Their place in time is counted from `from`. */
static void collect(const struct ecg_hrv_window *window, int64_t from, int64_t now, struct series *all, bool *normal)
{
    int64_t end = window->newest;
    size_t kept = 0;
    for (size_t back = 0; back < window->count && end > from; back++) {
        size_t i = (window->at + ECG_HRV_INTERVALS - 1 - back) % ECG_HRV_INTERVALS;
        int64_t begin = end - (int64_t)window->steps[i];
        if (begin >= from && end <= now) {
            size_t to = ECG_HRV_INTERVALS - 1 - kept++;
            all->t_s[to] = (double)(end - from) / window->fs_hz;
            all->nn_ms[to] = 1000.0 * (double)window->steps[i] / window->fs_hz;
            normal[to] = window->normal[i] && plausible(all->nn_ms[to]);
        }
        end = begin;
    }
    all->count = kept;
    size_t shift = ECG_HRV_INTERVALS - kept;
    memmove(all->t_s, all->t_s + shift, kept * sizeof all->t_s[0]);
    memmove(all->nn_ms, all->nn_ms + shift, kept * sizeof all->nn_ms[0]);
    memmove(normal, normal + shift, kept * sizeof normal[0]);
}

static double median_around(const struct series *all, const bool *normal, size_t at)
{
    double sorted[2 * AROUND + 1];
    size_t count = 0;
    size_t from = at < AROUND ? 0 : at - AROUND;
    for (size_t i = from; i <= at + AROUND && i < all->count; i++) {
        if (!normal[i])
            continue;
        size_t j = count++;
        for (; j > 0 && sorted[j - 1] > all->nn_ms[i]; j--)
            sorted[j] = sorted[j - 1];
        sorted[j] = all->nn_ms[i];
    }
    return count ? 0.5 * (sorted[count / 2] + sorted[(count - 1) / 2]) : NAN;
}

/* Only what counts is left. */
static void choose(const struct series *all, const bool *normal, struct series *out)
{
    bool before = false;
    out->count = 0;
    for (size_t i = 0; i < all->count; i++) {
        bool counts = normal[i];
        if (counts) {
            double usual_ms = median_around(all, normal, i);
            counts = fabs(all->nn_ms[i] - usual_ms) <= FAR * usual_ms;
        }
        if (counts) {
            out->t_s[out->count] = all->t_s[i];
            out->nn_ms[out->count] = all->nn_ms[i];
            out->follows[out->count++] = before;
        }
        before = counts;
    }
}

/* ---- time domain ---- */

struct moments {
    double mean, deviation; /* of a sample: n - 1 */
};

static struct moments moments_of(const double *values, size_t count)
{
    struct moments moments = {NAN, NAN};
    double sum = 0.0;
    double squares = 0.0;
    if (count < 2)
        return moments;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    moments.mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - moments.mean) * (values[i] - moments.mean);
    moments.deviation = sqrt(squares / (double)(count - 1));
    return moments;
}

static void differences(const struct series *nn, struct ecg_hrv *out)
{
    double steps[ECG_HRV_INTERVALS];
    double squares = 0.0;
    size_t count = 0;
    size_t large = 0;
    for (size_t i = 1; i < nn->count; i++) {
        if (!nn->follows[i])
            continue;
        double step = nn->nn_ms[i] - nn->nn_ms[i - 1];
        squares += step * step;
        large += fabs(step) > NN50_MS;
        steps[count++] = step;
    }
    if (count < 2)
        return;
    out->rmssd_ms = sqrt(squares / (double)count);
    out->sdsd_ms = moments_of(steps, count).deviation;
    out->nn50 = (double)large;
    out->pnn50_percent = 100.0 * (double)large / (double)count;
    out->sd1_ms = out->sdsd_ms / sqrt(2.0);
    out->sd2_ms = sqrt(fmax(0.0, 2.0 * out->sdnn_ms * out->sdnn_ms - 0.5 * out->sdsd_ms * out->sdsd_ms));
}

/* ---- the histogram ---- */

/* How ill a straight side from the foot (0 there and outside) to the top fits the bins between `top` and `end`. */
static double misfit(const unsigned *bins, int top, int foot, int end)
{
    int step = end > top ? 1 : -1;
    double sum = 0.0;
    for (int bin = top; bin != end + step; bin += step) {
        double height = (double)bins[top] * (double)(foot - bin) / (double)(foot - top);
        bool inside = step * (foot - bin) > 0;
        double off = (double)bins[bin] - (inside ? height : 0.0);
        sum += off * off;
    }
    return sum;
}

/* The foot of the best fitting side; the two sides of the triangle do not depend on each other. */
static int best_foot(const unsigned *bins, int top, int end)
{
    int step = end > top ? 1 : -1;
    int best = top + step;
    double least = INFINITY;
    for (int foot = top + step; foot != end + step; foot += step) {
        double off = misfit(bins, top, foot, end);
        if (off < least) {
            least = off;
            best = foot;
        }
    }
    return best;
}

static void histogram(const struct series *nn, struct ecg_hrv *out)
{
    unsigned bins[BINS + 2] = {0};
    int first = BINS;
    int last = 1;
    int top = 0;
    for (size_t i = 0; i < nn->count; i++) {
        int bin = 1 + (int)(nn->nn_ms[i] / BIN_MS);
        bin = bin > BINS ? BINS : bin;
        bins[bin]++;
        first = bin < first ? bin : first;
        last = bin > last ? bin : last;
    }
    for (int bin = first; bin <= last; bin++)
        if (bins[bin] > bins[top])
            top = bin;
    if (top == 0)
        return;
    out->triangular_index = (double)nn->count / (double)bins[top];
    out->tinn_ms = BIN_MS * (double)(best_foot(bins, top, last + 1) - best_foot(bins, top, first - 1));
}

/* ---- spectrum ---- */

/* The waves at one frequency seen at each beat; the next frequency is one rotation further. */
struct waves {
    double x[ECG_HRV_INTERVALS]; /* intervals without their mean */
    double cos[ECG_HRV_INTERVALS], sin[ECG_HRV_INTERVALS];
    double turn_cos[ECG_HRV_INTERVALS], turn_sin[ECG_HRV_INTERVALS];
};

static void start_waves(const struct series *nn, double mean_ms, double step_hz, struct waves *waves)
{
    for (size_t i = 0; i < nn->count; i++) {
        double angle = 2.0 * PI * step_hz * (nn->t_s[i] - nn->t_s[0]);
        waves->x[i] = nn->nn_ms[i] - mean_ms;
        waves->cos[i] = 1.0;
        waves->sin[i] = 0.0;
        waves->turn_cos[i] = cos(angle);
        waves->turn_sin[i] = sin(angle);
    }
}

/* How much of the squares a wave of the next frequency takes away, at its best phase. */
static double next_power(struct waves *waves, size_t count)
{
    double xc = 0.0, xs = 0.0, cc = 0.0, ss = 0.0, cs = 0.0;
    for (size_t i = 0; i < count; i++) {
        double c = waves->cos[i] * waves->turn_cos[i] - waves->sin[i] * waves->turn_sin[i];
        double s = waves->sin[i] * waves->turn_cos[i] + waves->cos[i] * waves->turn_sin[i];
        waves->cos[i] = c;
        waves->sin[i] = s;
        xc += waves->x[i] * c;
        xs += waves->x[i] * s;
        cc += c * c;
        ss += s * s;
        cs += c * s;
    }
    double determinant = cc * ss - cs * cs;
    if (determinant < NOTHING)
        return 0.0;
    return (xc * xc * ss + xs * xs * cc - 2.0 * xc * xs * cs) / determinant;
}

struct band {
    double power, peak, peak_hz;
};

static void add_power(struct band *band, double power, double hz)
{
    band->power += power;
    if (power > band->peak) {
        band->peak = power;
        band->peak_hz = hz;
    }
}

static void spectrum(const struct series *nn, double mean_ms, double variance, struct ecg_hrv *out)
{
    struct waves waves;
    struct band vlf = {0}, lf = {0}, hf = {0}, above = {0};
    double length_s = nn->t_s[nn->count - 1] - nn->t_s[0] + mean_ms / 1000.0;
    double step_hz = 1.0 / length_s;
    size_t count = (size_t)(0.5 * length_s * 1000.0 / mean_ms);
    start_waves(nn, mean_ms, step_hz, &waves);
    for (size_t k = 1; k <= count; k++) {
        double hz = (double)k * step_hz;
        struct band *band = hz < VLF_HZ ? &vlf : hz < LF_HZ ? &lf : hz <= HF_HZ ? &hf : &above;
        add_power(band, next_power(&waves, nn->count), hz);
    }
    double sum = vlf.power + lf.power + hf.power + above.power;
    double scale = sum > NOTHING ? variance / sum : 0.0;
    out->vlf_ms2 = scale * vlf.power;
    out->lf_ms2 = scale * lf.power;
    out->hf_ms2 = scale * hf.power;
    out->total_power_ms2 = out->vlf_ms2 + out->lf_ms2 + out->hf_ms2;
    double both = out->lf_ms2 + out->hf_ms2;
    if (both <= NOTHING)
        return; /* no waves: no shares and no peaks */
    out->lf_nu = 100.0 * out->lf_ms2 / both;
    out->hf_nu = 100.0 * out->hf_ms2 / both;
    out->lf_hf = out->hf_ms2 > NOTHING ? out->lf_ms2 / out->hf_ms2 : NAN;
    out->lf_peak_hz = lf.peak > 0.0 ? lf.peak_hz : NAN;
    out->hf_peak_hz = hf.peak > 0.0 ? hf.peak_hz : NAN;
}

/* ---- regularity ---- */

static double sample_entropy(const double *nn_ms, size_t count, double deviation_ms)
{
    if (count > ENTROPY_MOST) {
        nn_ms += count - ENTROPY_MOST;
        count = ENTROPY_MOST;
    }
    double r_ms = ENTROPY_R * deviation_ms;
    unsigned long pairs = 0, triples = 0;
    for (size_t i = 0; i + 2 < count; i++)
        for (size_t j = i + 1; j + 2 < count; j++) {
            bool pair = fabs(nn_ms[i] - nn_ms[j]) <= r_ms && fabs(nn_ms[i + 1] - nn_ms[j + 1]) <= r_ms;
            pairs += pair;
            triples += pair && fabs(nn_ms[i + 2] - nn_ms[j + 2]) <= r_ms;
        }
    return triples ? log((double)pairs / (double)triples) : NAN;
}

/* Sum of the squares by which `count` values differ from their regression line. */
static double residue(const double *y, size_t count)
{
    double n = (double)count;
    double sy = 0.0, sxy = 0.0, syy = 0.0;
    for (size_t i = 0; i < count; i++) {
        double x = (double)i - 0.5 * (n - 1.0);
        sy += y[i];
        sxy += x * y[i];
        syy += y[i] * y[i];
    }
    double sxx = n * (n * n - 1.0) / 12.0;
    return fmax(0.0, syy - sy * sy / n - sxy * sxy / sxx);
}

static double dfa_alpha1(const double *nn_ms, size_t count, double mean_ms)
{
    double profile[ECG_HRV_INTERVALS];
    double sum = 0.0, sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;
    double n = DFA_MOST - DFA_LEAST + 1;
    for (size_t i = 0; i < count; i++)
        profile[i] = sum += nn_ms[i] - mean_ms;
    for (size_t box = DFA_LEAST; box <= DFA_MOST; box++) {
        double squares = 0.0;
        size_t boxes = count / box;
        for (size_t i = 0; i < boxes; i++)
            squares += residue(profile + i * box, box);
        if (squares <= NOTHING)
            return NAN;
        double x = log((double)box);
        double y = 0.5 * log(squares / (double)(boxes * box));
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

/* ---- all of it ---- */

static void figure(const struct series *nn, struct ecg_hrv *out)
{
    struct moments moments = moments_of(nn->nn_ms, nn->count);
    out->mean_nn_ms = moments.mean;
    out->mean_hr_bpm = 60000.0 / moments.mean;
    out->sdnn_ms = moments.deviation;
    differences(nn, out);
    histogram(nn, out);
    spectrum(nn, moments.mean, moments.deviation * moments.deviation, out);
    out->sample_entropy = sample_entropy(nn->nn_ms, nn->count, moments.deviation);
    out->dfa_alpha1 = dfa_alpha1(nn->nn_ms, nn->count, moments.mean);
}

static double *figure_at(struct ecg_hrv *hrv, size_t offset)
{
    return (double *)(void *)((char *)hrv + offset);
}

static void withhold_by_rate(double fs_hz, struct ecg_hrv *out)
{
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (fs_hz < needs[i].fs_hz)
            *figure_at(out, needs[i].offset) = NAN;
    for (size_t i = sizeof too_slow / sizeof too_slow[0]; i-- > 0;)
        if (fs_hz < too_slow[i].fs_hz)
            out->withheld = too_slow[i].why;
}

static const char *too_little(const struct series *nn)
{
    double sum_ms = 0.0;
    for (size_t i = 0; i < nn->count; i++)
        sum_ms += nn->nn_ms[i];
    if (sum_ms < COVERED * 1000.0 * ECG_HRV_WINDOW_S)
        return "less than 80 % of five minutes are intervals between normal beats";
    if (nn->count < INTERVALS_LEAST)
        return "fewer than 150 intervals between normal beats";
    return NULL;
}

bool ecg_hrv_tell(const struct ecg_hrv_window *window, int64_t now, struct ecg_hrv *out)
{
    struct series all, nn;
    bool normal[ECG_HRV_INTERVALS];
    int64_t from = now - (int64_t)(ECG_HRV_WINDOW_S * window->fs_hz);
    if (window->first < 0 || window->first > from + (int64_t)(LATE_S * window->fs_hz))
        return false;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < ecg_hrv_name_count; i++)
        *figure_at(out, ecg_hrv_names[i].offset) = NAN;
    collect(window, from, now, &all, normal);
    choose(&all, normal, &nn);
    out->from = from;
    out->sample = now;
    out->beats = (unsigned)all.count + (all.count > 0);
    out->intervals = (unsigned)nn.count;
    out->excluded = (unsigned)(all.count - nn.count);
    out->withheld = too_little(&nn);
    if (out->withheld)
        return out->beats > 0;
    figure(&nn, out);
    withhold_by_rate(window->fs_hz, out);
    return true;
}
