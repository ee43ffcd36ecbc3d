/* Heights are counted from the end of the PR segment of the same beat and lead (the level just before the QRS onset of
all leads), as the recommendations for automated ECG do (CSE Working Party, Eur Heart J 1985; 6: 815-825), and ST from
the J point of all leads. The QRS is cut into its waves where it crosses that level; what does not stand out of the
noise is no wave. Peaks are read from the samples themselves, since any mean would lower them. */
#include "ecg/wave_levels.h"

#include <math.h>

#define LEVEL_FROM   6     /* grid points before the QRS onset ... */
#define LEVEL_TO     2     /* ... that make the level: 24 to 8 ms */
#define NOISE_TIMES  2.5F  /* lower waves than so many times the noise are none */
#define HEIGHT_SHARE 0.02F /* nor are those lower than this share of the QRS */
#define PEAK_HALF_MS 6.0   /* around a peak of the grid, the highest sample counts */
#define BIPHASIC     0.35F /* a T wave's smaller part over its greater one */
#define T_FLAT_SHARE 0.01F /* of the QRS: no T wave */

enum { QRS_PARTS = 5, PARTS_MAX = 12 };

/* A stretch of the QRS on one side of the level. */
struct part {
    float from, to; /* grid points */
    int peak;
    float height; /* on the grid, signed */
};

static void begin_unknown(struct ecg_lead_levels *levels)
{
    const float unknown = NAN;
    *levels = (struct ecg_lead_levels){unknown, unknown, unknown, unknown, unknown, unknown,      unknown,
                                       unknown, unknown, unknown, unknown, unknown, unknown,      unknown,
                                       unknown, unknown, unknown, unknown, unknown, ECG_T_UNKNOWN};
}

static float mean_of(const float *x, int from, int to)
{
    float sum = 0.0F;
    for (int g = from; g <= to; g++)
        sum += x[g];
    return sum / (float)(to - from + 1);
}

/* ---- the QRS in parts ---- */

static float crossing(const float *x, float level, int g)
{
    float before = x[g - 1] - level;
    float here = x[g] - level;
    return before != here ? (float)(g - 1) + before / (before - here) : (float)g;
}

static size_t cut(const float *x, float level, int from, int to, float least, struct part parts[PARTS_MAX])
{
    size_t count = 0;
    struct part part = {.from = (float)from, .peak = from};
    for (int g = from; g <= to + 1; g++) {
        bool over = g > to || (g > from && (x[g] > level) != (x[g - 1] > level));
        if (over) {
            part.to = g > to ? (float)to : crossing(x, level, g);
            if (fabsf(part.height) >= least && count < PARTS_MAX)
                parts[count++] = part;
            part = (struct part){.from = part.to, .peak = g};
        }
        if (g <= to && fabsf(x[g] - level) > fabsf(part.height)) {
            part.height = x[g] - level;
            part.peak = g;
        }
    }
    return count;
}

/* The highest sample about a peak of the grid, over the level (that of the R sample being 0). */
static float read_peak(const struct wave_window *window, const struct ecg_history *history, size_t l, int64_t r,
                       const struct part *part, float level)
{
    const float *ring = history->samples + l * history->length;
    int64_t length = (int64_t)history->length;
    int64_t at = r + (int64_t)lrint((double)ecg_grid_ms((float)part->peak) * window->fs_hz / 1000.0);
    int64_t half = (int64_t)lrint(PEAK_HALF_MS * window->fs_hz / 1000.0);
    float zero = ring[ecg_history_slot(history, r)];
    float best = part->height;
    for (int64_t i = at - half; i <= at + half; i++) {
        if (i < 0 || i < history->begin || i < history->end - length || i >= history->end)
            continue;
        float height = ring[ecg_history_slot(history, i)] - zero - level;
        if (part->height > 0.0F ? height > best : height < best)
            best = height;
    }
    return best;
}

/* Which wave a part is: Q before any R; R, S, R' and S' in turn. A QRS that only goes down is called Q (QS). */
enum part_name { PART_Q, PART_R, PART_S, PART_R2, PART_S2, PART_NONE };

static enum part_name name_part(enum part_name last, bool up)
{
    static const enum part_name next[PART_NONE + 1][2] = {
        [PART_Q] = {PART_Q, PART_R},    [PART_R] = {PART_S, PART_R},      [PART_S] = {PART_S, PART_R2},
        [PART_R2] = {PART_S2, PART_R2}, [PART_S2] = {PART_S2, PART_NONE}, [PART_NONE] = {PART_Q, PART_R},
    };
    return next[last][up];
}

static void name_parts(const struct part *parts, const float *heights, size_t count, int onset,
                       struct ecg_lead_levels *out)
{
    float *const height_of[] = {&out->q, &out->r, &out->s, &out->r2, &out->s2};
    float *const length_of[] = {&out->q_ms, &out->r_ms, &out->s_ms, NULL, NULL};
    enum part_name name = PART_NONE;
    for (size_t i = 0; i < QRS_PARTS; i++)
        *height_of[i] = 0.0F;
    out->q_ms = out->r_ms = out->s_ms = 0.0F;
    for (size_t i = 0; i < count; i++) {
        name = name_part(name, heights[i] > 0.0F);
        if (name == PART_NONE)
            return;
        if (fabsf(heights[i]) <= fabsf(*height_of[name]))
            continue;
        *height_of[name] = heights[i];
        if (length_of[name])
            *length_of[name] = (parts[i].to - parts[i].from) * ECG_GRID_MS;
        if (name == PART_R || name == PART_R2)
            out->r_peak_ms = (float)(parts[i].peak - onset) * ECG_GRID_MS;
    }
}

/* ---- the rest ---- */

static float area_of(const float *x, float level, float from, float to)
{
    float sum = 0.0F;
    int last = wave_clamp((int)lrintf(to), 0, ECG_GRID_POINTS - 1);
    for (int g = wave_clamp((int)lrintf(from), 0, last); g <= last; g++)
        sum += x[g] - level;
    return sum * ECG_GRID_MS;
}

static int point_at(float ms)
{
    return wave_clamp((int)lrintf(ecg_grid_point((double)ms)), 0, ECG_GRID_POINTS - 1);
}

static void find_st(const struct wave_window *window, const struct wave_lead *lead, float level, int j,
                    struct ecg_lead_levels *out)
{
    if (j + 1 > window->to)
        return;
    out->j = mean_of(lead->narrow, j, j + 1) - level;
    if (j + 21 > window->to)
        return;
    out->j60 = mean_of(lead->wide, j + 14, j + 16) - level;
    out->j80 = mean_of(lead->wide, j + 19, j + 21) - level;
    out->st_slope_per_s = (out->j80 - out->j) / 0.080F;
}

/* What stands over and under the line between the T wave's feet. */
static enum ecg_t_form form_of(const struct wave_lead *lead, int from, int to, float least)
{
    float up = 0.0F;
    float down = 0.0F;
    int up_at = from;
    int down_at = from;
    const float *x = lead->usual;
    for (int g = from; g <= to; g++) {
        float height = x[g] - (x[from] + (x[to] - x[from]) * (float)(g - from) / (float)(to - from));
        up_at = height > up ? g : up_at;
        down_at = height < down ? g : down_at;
        up = fmaxf(up, height);
        down = fminf(down, height);
    }
    if (fmaxf(up, -down) < least)
        return ECG_T_FLAT;
    if (fminf(up, -down) < fmaxf(BIPHASIC * fmaxf(up, -down), least))
        return up > -down ? ECG_T_UPRIGHT : ECG_T_INVERTED;
    return up_at < down_at ? ECG_T_UP_DOWN : ECG_T_DOWN_UP;
}

static void find_p_and_t(const struct wave_lead *lead, const struct ecg_wave_times *waves, float level,
                         struct ecg_lead_levels *out)
{
    const struct ecg_wave_times *p = &waves[ECG_WAVE_P];
    const struct ecg_wave_times *t = &waves[ECG_WAVE_T];
    if (p->state == ECG_WAVE_PRESENT) {
        out->p = lead->usual[point_at(p->peak_ms)] - level;
        out->p_area =
            area_of(lead->usual, level, ecg_grid_point((double)p->onset_ms), ecg_grid_point((double)p->end_ms));
    }
    if (p->state == ECG_WAVE_ABSENT)
        out->p = out->p_area = 0.0F;
    if (t->state == ECG_WAVE_ABSENT) {
        out->t = out->t_area = 0.0F;
        out->t_form = ECG_T_FLAT;
    }
    if (t->state != ECG_WAVE_PRESENT)
        return;
    const struct wave_found *found = &lead->found[ECG_WAVE_T];
    int from = (int)lrintf(found->edge[WAVE_ONSET].at[WAVE_RULE_SLOPE_20]);
    int to = (int)lrintf(found->edge[WAVE_END].at[WAVE_RULE_SLOPE_20]);
    out->t = lead->usual[point_at(t->peak_ms)] - level;
    out->t_area = area_of(lead->usual, level, (float)from, ecg_grid_point((double)t->end_ms));
    if (to > from)
        out->t_form = form_of(lead, from, to, T_FLAT_SHARE * lead->height);
}

static void find_lead(const struct wave_window *window, const struct ecg_history *history, size_t l,
                      struct ecg_beat_waves *out)
{
    const struct wave_lead *lead = &window->lead[l];
    struct ecg_lead_levels *levels = &out->levels[l];
    struct part parts[PARTS_MAX];
    float heights[PARTS_MAX];
    int onset = point_at(out->all[ECG_WAVE_QRS].onset_ms);
    int j = point_at(out->all[ECG_WAVE_QRS].end_ms);
    if (onset < window->from + LEVEL_FROM || j <= onset)
        return;
    float level = mean_of(lead->narrow, onset - LEVEL_FROM, onset - LEVEL_TO);
    float least = fmaxf(NOISE_TIMES * lead->noise, HEIGHT_SHARE * lead->height);
    size_t count = cut(lead->narrow, level, onset, j, least, parts);
    for (size_t i = 0; i < count; i++)
        heights[i] = read_peak(window, history, l, out->sample, &parts[i], level);
    name_parts(parts, heights, count, onset, levels);
    levels->noise = lead->noise;
    levels->qrs_area = area_of(lead->narrow, level, (float)onset, (float)j);
    find_st(window, lead, level, j, levels);
    find_p_and_t(lead, out->lead[l], level, levels);
}

void wave_levels_find(const struct wave_window *window, const struct ecg_history *history, struct ecg_beat_waves *out)
{
    for (size_t l = 0; l < window->lead_count; l++) {
        begin_unknown(&out->levels[l]);
        if (window->lead[l].usable && out->all[ECG_WAVE_QRS].state == ECG_WAVE_PRESENT)
            find_lead(window, history, l, out);
    }
}
