/* How well a lead can be read.

How. The signal is looked at in blocks of about 40 ms, and each half second the last two seconds are judged:

- noise: how thick the line is where nothing happens (the median over the blocks of their height) and how far its level
  wanders (the span of medians over 0.6 s, in which a QRS does not show), both over the height of what the lead usually
  shows. An ECG stands still most of the time: that is what the kurtosis and baseline indices (kSQI, basSQI) of Li, Mark
  and Clifford, "Robust heart rate estimation from multiple asynchronous noisy sources", Physiol Meas 2008; 29: 15-32,
  and Zhao and Zhang, "SQI quality evaluation mechanism of single-lead ECG signal", Front Physiol 2018; 9: 727, say with
  moments and spectra; here it is said with medians, which one beat of another kind does not move.
- lead off: no samples; a line that stands still to the bit; one that moves by no more than the converter's last digit,
  or 2 uV; one that jumped away and has been quiet since. A connected body without a heartbeat is not that: electrodes
  and amplifier alone make several microvolts (IEC 60601-2-25 allows 30 uV), so asystole is a good line. Where a
  converter's last digit is larger than that noise, the two cannot be told apart, and it is called off.
- saturated: the line is cut off, again and again, at one extreme value, with sharp corners (after Orphanidou et al.,
  "Signal-quality indices for the electrocardiogram", IEEE J Biomed Health Inform 2015; 19: 832-838, who drop such
  stretches), or stands at such a value.

A judgement that has to last before it is believed keeps the answer from flickering (table `patience`). A lead in which
little is to be seen is good as long as it is quiet: in millivolts nothing is noise that would not be so for a lead of
SIZE_LEAST_MV. What this cannot tell: fibrillation and flutter of the ventricles and fast wide tachycardia move without
rest, as noise does; they are called noisy, so noisy must not silence whoever looks for them.

How good: docs/accuracy.md has the table, `make accuracy` measures it again. In short: with electrode-motion noise added
(119e00, 119e06) 99 % of the clean time is good, and of the noisy time 100 % is noisy at 0 dB, at 6 dB 99 % in the lead
with the larger QRS and 77 % in the other; 100 and 101, which are clean, are good for 98 to 100 %; of twelve leads of 24
persons of LUDB 99 % are. Of what the annotators of MIT-BIH call noisy three quarters are. About 10 ns a
sample. */
#include "ecg/quality.h"

#include <math.h>
#include <string.h>

#define LARGEST         1e9F  /* no converter has more counts */
#define BLOCK_S         0.040 /* shorter than a QRS, longer than a period of the mains */
#define WINDOW_S        2.0   /* has a beat in it down to 30 bpm */
#define HOP_S           0.5
#define MEDIAN_S        0.6 /* longer than twice a QRS, so that a median does not see it */
#define MEDIAN_EVERY_S  0.16
#define MEDIAN_STRIDE   2   /* blocks: half of them have the same median, for half the work */
#define HOLE_S          0.5 /* of missing samples */
#define FLAT_S          1.0 /* equal samples: even a slow heart's line moves by noise */
#define PLATEAU_S       0.016
#define PLATEAU_EDGE    0.03F /* of the size: how steep its corners are at least; round tops have less ... */
#define PLATEAU_EDGE_HZ 250.0 /* ... from one sample to the next at this rate; less at higher ones */
#define PLATEAU_DIGITS  2.5F  /* and of the converter's last digit */
#define RAIL_NEAR       0.01F /* of the size: the same rail */
#define RAIL_S          0.020 /* within the window: two R waves cut off */
#define RAIL_HOPS       20    /* forgotten when not met for so long */
#define FLAT_MV         0.002F
#define QUANTUM_MV      0.020F /* no converter's last digit is larger ... */
#define QUANTUM_ADU     2.0F   /* ... and counts are counted by one or two */
#define GONE_SHARE      0.025F /* of the usual size: less is left when the heart is not seen any more ... */
#define GONE_JUMP       3.0F   /* ... and the line jumped by so many sizes: a cable, not a heart */
#define GONE_MV         0.050F
#define SIZE_LEAST_MV   1.0F
#define SIZE_MOST_MV    3.0F  /* beside larger waves the small ones must still be seen */
#define SIZE_QUANTILE   0.4   /* of the last ten seconds: bursts shall not make the lead look large */
#define USUAL_HOPS      64.0F /* over which the usual size is averaged */
#define USUAL_SHARE     0.3F  /* less than that of it is no size: the heart may have stopped */
#define THICK           0.13F /* of the size: a line so thick is as bad ... */
#define WANDER          0.5F  /* ... as one that wanders so far */
#define NOISY_OVER      1.15F /* the sum of both */
#define GOOD_UNDER      0.85F

static const char *const names[ECG_QUALITY_COUNT] = {"unknown", "good", "noisy", "lead_off", "saturated"};

const char *ecg_quality_name(enum ecg_quality quality)
{
    return (unsigned)quality < ECG_QUALITY_COUNT ? names[quality] : "unknown";
}

/* ---- setting up ---- */

static uint32_t units_in(double seconds, double unit_s, uint32_t least, uint32_t most)
{
    double units = round(seconds / unit_s);
    return units < least ? least : units > most ? most : (uint32_t)units;
}

void ecg_lead_quality_init(struct ecg_lead_quality *judge, double fs_hz, enum ecg_units units)
{
    memset(judge, 0, sizeof *judge);
    judge->fs_hz = fs_hz;
    judge->units = units;
    judge->block_samples = units_in(BLOCK_S, 1.0 / fs_hz, 2, UINT32_MAX);
    judge->plateau_samples = units_in(PLATEAU_S, 1.0 / fs_hz, 3, UINT32_MAX);
    judge->flat_samples = units_in(FLAT_S, 1.0 / fs_hz, 3, UINT32_MAX);
    judge->edge = PLATEAU_EDGE * (float)fmin(1.0, PLATEAU_EDGE_HZ / fs_hz);
    judge->rail_samples = units_in(RAIL_S, 1.0 / fs_hz, 2 * judge->plateau_samples, UINT32_MAX);
    judge->hole_samples = units_in(HOLE_S, 1.0 / fs_hz, 1, UINT32_MAX);
    double block_s = judge->block_samples / fs_hz;
    judge->window = units_in(WINDOW_S, block_s, 4, ECG_QUALITY_BLOCKS);
    judge->hop = units_in(HOP_S, block_s, 1, ECG_QUALITY_BLOCKS);
    judge->median_blocks = units_in(MEDIAN_S, block_s, 3, judge->window);
    judge->median_every = units_in(MEDIAN_EVERY_S, block_s, 1, judge->window);
    judge->last = NAN;
    judge->quantum = INFINITY;
    judge->top.at = NAN;
    judge->bottom.at = NAN;
    judge->good_level = NAN;
    judge->least = INFINITY;
    judge->most = -INFINITY;
}

/* ---- small sums ---- */

static inline float lower(float a, float b)
{
    return b < a ? b : a;
}

static inline float higher(float a, float b)
{
    return b > a ? b : a;
}

/* The least difference that the converter makes. */
static float last_digit(const struct ecg_lead_quality *judge)
{
    return lower(judge->quantum, judge->units == ECG_UNITS_MV ? QUANTUM_MV : QUANTUM_ADU);
}

/* The value with `share` of the others below it; reorders (Hoare's selection: no full sort is needed). */
static float quantile(float *values, uint32_t count, double share)
{
    if (count == 0)
        return 0.0F;
    int32_t low = 0;
    int32_t high = (int32_t)count - 1;
    int32_t wanted = (int32_t)(share * (double)(count - 1));
    while (low < high) {
        float pivot = values[(low + high) / 2];
        int32_t i = low;
        int32_t j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i <= j) {
                float swapped = values[i];
                values[i++] = values[j];
                values[j--] = swapped;
            }
        }
        if (wanted <= j)
            high = j;
        else if (wanted >= i)
            low = i;
        else
            break;
    }
    return values[wanted];
}

static const struct ecg_quality_block *block_before(const struct ecg_lead_quality *judge, uint32_t back)
{
    return &judge->blocks[(judge->block_at + ECG_QUALITY_BLOCKS - 1 - back) % ECG_QUALITY_BLOCKS];
}

/* What the last two seconds show. */
struct view {
    uint32_t lost;     /* blocks without samples */
    float least, most; /* of all samples */
    float thickness;   /* median height of a block */
    float wander;      /* of the running medians, how far apart */
    float level;       /* the last of them */
    uint32_t cut_off;  /* samples on a rail */
};

static uint32_t rail_samples(const struct ecg_rail *rail)
{
    uint32_t sum = rail->samples;
    for (size_t i = 0; i < sizeof rail->past / sizeof rail->past[0]; i++)
        sum += rail->past[i];
    return sum;
}

static void view_levels(const struct ecg_lead_quality *judge, struct view *view)
{
    uint32_t wanted = (judge->window - judge->median_blocks) / judge->median_every + 1;
    uint32_t count = judge->level_count < wanted ? judge->level_count : wanted;
    float least = INFINITY;
    float most = -INFINITY;
    for (uint32_t back = 0; back < count; back++) {
        float level = judge->levels[(judge->level_at + ECG_QUALITY_LEVELS - 1 - back) % ECG_QUALITY_LEVELS];
        least = lower(least, level);
        most = higher(most, level);
    }
    view->wander = count ? most - least : 0.0F;
    view->level = count ? judge->levels[(judge->level_at + ECG_QUALITY_LEVELS - 1) % ECG_QUALITY_LEVELS] : NAN;
}

static struct view look(const struct ecg_lead_quality *judge)
{
    struct view view = {.least = INFINITY, .most = -INFINITY};
    float heights[ECG_QUALITY_BLOCKS];
    uint32_t count = 0;
    for (uint32_t back = 0; back < judge->window; back++) {
        const struct ecg_quality_block *block = block_before(judge, back);
        if (isnan(block->level)) {
            view.lost++;
            continue;
        }
        view.least = lower(view.least, block->least);
        view.most = higher(view.most, block->most);
        if (back % MEDIAN_STRIDE == 0)
            heights[count++] = block->most - block->least;
    }
    view.thickness = quantile(heights, count, 0.5);
    view_levels(judge, &view);
    return view;
}

/* ---- the size of what the lead shows ---- */

static void note_size(struct ecg_lead_quality *judge, const struct view *view)
{
    float sorted[ECG_QUALITY_SIZES];
    judge->sizes[judge->size_at] = view->most - view->least;
    judge->size_at = (judge->size_at + 1) % ECG_QUALITY_SIZES;
    judge->size_count += judge->size_count < ECG_QUALITY_SIZES;
    memcpy(sorted, judge->sizes, judge->size_count * sizeof sorted[0]);
    judge->size = quantile(sorted, judge->size_count, SIZE_QUANTILE);
}

static void note_good(struct ecg_lead_quality *judge, const struct view *view)
{
    judge->usual += (judge->size - judge->usual) / (judge->usual > 0.0F ? USUAL_HOPS : 1.0F);
    judge->good_level = view->level;
}

static float size_to_judge_by(const struct ecg_lead_quality *judge)
{
    float size = fmaxf(judge->size, USUAL_SHARE * judge->usual);
    if (judge->units == ECG_UNITS_MV)
        size = fminf(fmaxf(size, SIZE_LEAST_MV), SIZE_MOST_MV);
    return size;
}

/* ---- judging ---- */

static bool is_flat(const struct ecg_lead_quality *judge, const struct view *view)
{
    float least = judge->units == ECG_UNITS_MV ? FLAT_MV : 0.0F;
    return view->most - view->least <= fmaxf(1.01F * last_digit(judge), least);
}

/* The beats went away with a jump, and nothing has come since. */
static bool is_gone(const struct ecg_lead_quality *judge, const struct view *view)
{
    float left = view->most - view->least;
    if (isnan(judge->good_level) || left > GONE_SHARE * judge->usual)
        return false;
    if (judge->units == ECG_UNITS_MV && left > GONE_MV)
        return false;
    return fabsf(view->level - judge->good_level) > GONE_JUMP * judge->usual;
}

static enum ecg_quality by_noise(const struct ecg_lead_quality *judge, const struct view *view)
{
    float size = size_to_judge_by(judge);
    float score = size > 0.0F ? (view->thickness / THICK + view->wander / WANDER) / size : INFINITY;
    if (score > NOISY_OVER)
        return ECG_QUALITY_NOISY;
    if (score < GOOD_UNDER || judge->now != ECG_QUALITY_NOISY)
        return ECG_QUALITY_GOOD;
    return ECG_QUALITY_NOISY;
}

static enum ecg_quality verdict(const struct ecg_lead_quality *judge, const struct view *view)
{
    if (2 * view->lost > judge->window || is_flat(judge, view) || is_gone(judge, view))
        return ECG_QUALITY_LEAD_OFF;
    if (view->cut_off >= judge->rail_samples)
        return ECG_QUALITY_SATURATED;
    return by_noise(judge, view);
}

/* How many hops in a row a judgement is asked for before it is believed, and for how long it has been true then. */
static const struct patience {
    uint32_t hops;
    double since_s;
} patience[ECG_QUALITY_COUNT] = {
    [ECG_QUALITY_GOOD] = {4, 2.0},      /* the whole window has been good */
    [ECG_QUALITY_NOISY] = {2, 1.5},     /* half of the window moves a median */
    [ECG_QUALITY_LEAD_OFF] = {1, 2.0},  /* it was so in the whole window */
    [ECG_QUALITY_SATURATED] = {2, 1.0}, /* in every second, with the beats */
};

static bool change(struct ecg_lead_quality *judge, enum ecg_quality to, int64_t ago, int64_t *since)
{
    judge->leans = to;
    judge->leaning = 0;
    if (judge->now == to)
        return false;
    judge->now = to;
    *since = ago < judge->age ? -ago : -judge->age;
    judge->age = 0;
    return true;
}

static bool lean(struct ecg_lead_quality *judge, enum ecg_quality to, int64_t *since)
{
    const struct patience *asked = &patience[to];
    if (to == judge->now)
        return change(judge, to, 0, since);
    if (to != judge->leans)
        judge->leaning = 0;
    judge->leans = to;
    judge->leaning++;
    bool settled = judge->now != ECG_QUALITY_UNKNOWN && judge->now != ECG_QUALITY_LEAD_OFF;
    if (settled && judge->leaning < asked->hops)
        return false;
    double ago_s = settled ? asked->since_s : WINDOW_S;
    return change(judge, to, (int64_t)(ago_s * judge->fs_hz), since);
}

/* ---- rails ---- */

static void rail_hop(struct ecg_rail *rail)
{
    enum { PAST = sizeof rail->past / sizeof rail->past[0] };
    memmove(rail->past + 1, rail->past, (PAST - 1) * sizeof rail->past[0]);
    rail->past[0] = rail->samples;
    rail->hops_unseen = rail->samples ? 0 : rail->hops_unseen + 1;
    rail->samples = 0;
    if (rail->hops_unseen > RAIL_HOPS)
        rail->at = NAN;
}

static void rail_new(struct ecg_rail *rail, float at)
{
    memset(rail, 0, sizeof *rail);
    rail->at = at;
}

/* `beyond`: how far outside of the rail the line was cut off now, or, negative, inside. */
static void rail_met(struct ecg_rail *rail, float at, float beyond, float near, uint32_t samples)
{
    if (!(beyond <= near)) /* also when there is no rail yet */
        rail_new(rail, at);
    if (fabsf(at - rail->at) <= near)
        rail->samples += samples;
}

/* A run of equal samples ended, by a step to `x`. */
static void end_plateau(struct ecg_lead_quality *judge, float x)
{
    float in = judge->step;
    float out = x - judge->last;
    float near = RAIL_NEAR * judge->size;
    float edge = fmaxf(judge->edge * judge->size, PLATEAU_DIGITS * last_digit(judge));
    if (judge->size <= 0.0F || judge->run >= judge->flat_samples || fmaxf(fabsf(in), fabsf(out)) < edge)
        return;
    if (in > 0.0F && out < 0.0F)
        rail_met(&judge->top, judge->last, judge->last - judge->top.at, near, judge->run);
    if (in < 0.0F && out > 0.0F)
        rail_met(&judge->bottom, judge->last, judge->bottom.at - judge->last, near, judge->run);
}

/* What the line goes beyond is no rail. */
static void drop_rails(struct ecg_lead_quality *judge, const struct view *view)
{
    float near = RAIL_NEAR * judge->size;
    if (view->most > judge->top.at + near)
        rail_new(&judge->top, NAN);
    if (view->least < judge->bottom.at - near)
        rail_new(&judge->bottom, NAN);
}

/* ---- blocks ---- */

static void forget_window(struct ecg_lead_quality *judge)
{
    judge->block_count = 0;
    judge->since_hop = 0;
    judge->since_median = 0;
    judge->level_count = 0;
    rail_new(&judge->top, judge->top.at);
    rail_new(&judge->bottom, judge->bottom.at);
}

static void put_level(struct ecg_lead_quality *judge)
{
    float levels[ECG_QUALITY_BLOCKS];
    uint32_t count = 0;
    judge->since_median = 0;
    for (uint32_t back = 0; back < judge->median_blocks; back += MEDIAN_STRIDE) {
        float level = block_before(judge, back)->level;
        if (!isnan(level))
            levels[count++] = level;
    }
    if (2 * MEDIAN_STRIDE * count < judge->median_blocks)
        return;
    judge->levels[judge->level_at] = quantile(levels, count, 0.5);
    judge->level_at = (judge->level_at + 1) % ECG_QUALITY_LEVELS;
    judge->level_count += judge->level_count < ECG_QUALITY_LEVELS;
}

static void put_block(struct ecg_lead_quality *judge)
{
    bool there = 2 * judge->present >= judge->filled;
    judge->blocks[judge->block_at] = (struct ecg_quality_block){
        .level = there ? judge->sum / (float)judge->present : NAN,
        .least = judge->least,
        .most = judge->most,
    };
    judge->block_at = (judge->block_at + 1) % ECG_QUALITY_BLOCKS;
    judge->block_count += judge->block_count < judge->window;
    judge->sum = 0.0F;
    judge->least = INFINITY;
    judge->most = -INFINITY;
    judge->filled = 0;
    judge->present = 0;
}

static bool stands_still(struct ecg_lead_quality *judge, int64_t *since)
{
    float near = RAIL_NEAR * judge->size;
    bool railed = fabsf(judge->last - judge->top.at) <= near || fabsf(judge->last - judge->bottom.at) <= near;
    forget_window(judge);
    return change(judge, railed ? ECG_QUALITY_SATURATED : ECG_QUALITY_LEAD_OFF, (int64_t)judge->run, since);
}

static bool close_block(struct ecg_lead_quality *judge, int64_t *since)
{
    judge->age += judge->block_samples;
    put_block(judge);
    if (judge->hole >= judge->hole_samples) {
        forget_window(judge);
        return change(judge, ECG_QUALITY_LEAD_OFF, (int64_t)judge->hole, since);
    }
    if (judge->run >= judge->flat_samples)
        return stands_still(judge, since);
    if (++judge->since_median >= judge->median_every && judge->block_count >= judge->median_blocks)
        put_level(judge);
    if (++judge->since_hop < judge->hop || judge->block_count < judge->window)
        return false;
    judge->since_hop = 0;
    struct view view = look(judge);
    if (2 * view.lost <= judge->window)
        note_size(judge, &view);
    drop_rails(judge, &view);
    view.cut_off = rail_samples(&judge->top) + rail_samples(&judge->bottom);
    enum ecg_quality to = verdict(judge, &view);
    if (to == ECG_QUALITY_GOOD && judge->now == ECG_QUALITY_GOOD)
        note_good(judge, &view);
    rail_hop(&judge->top);
    rail_hop(&judge->bottom);
    return lean(judge, to, since);
}

/* Without branches that a signal's noise would decide: they cost more than what they save. */
static inline void take(struct ecg_lead_quality *judge, float x)
{
    bool same = x == judge->last;
    float step = x - judge->last;
    float size = fabsf(step);
    if (judge->run >= judge->plateau_samples && !same)
        end_plateau(judge, x);
    judge->run = same ? judge->run + 1 : 1;
    judge->step = same ? judge->step : step;
    judge->quantum = !same && size < judge->quantum ? size : judge->quantum;
    judge->last = x;
    judge->hole = 0;
    judge->present++;
    judge->sum += x;
    judge->least = lower(judge->least, x);
    judge->most = higher(judge->most, x);
}

bool ecg_lead_quality_sample(struct ecg_lead_quality *judge, float x, int64_t *since)
{
    *since = 0;
    if (fabsf(x) <= LARGEST) /* false for NAN */
        take(judge, x);
    else
        judge->hole++;
    return ++judge->filled >= judge->block_samples && close_block(judge, since);
}
