/* Each mark takes the nearest told point that no mark before it took. */
#include "wave_score.h"

#include <math.h>
#include <string.h>

#define NEAR_S 0.150

enum { POINTS_MAX = 256 };

static double marked(const struct ludb_mark *mark, enum wave_point point)
{
    switch (point) {
    case WAVE_POINT_ONSET: return mark->onset_s;
    case WAVE_POINT_PEAK: return mark->peak_s;
    default: return mark->end_s;
    }
}

static float told_ms(const struct ecg_wave_times *times, enum wave_point point)
{
    switch (point) {
    case WAVE_POINT_ONSET: return times->onset_ms;
    case WAVE_POINT_PEAK: return times->peak_ms;
    default: return times->end_ms;
    }
}

static size_t gather(const struct ludb_told *told, size_t lead, enum ecg_wave wave, enum wave_point point,
                     double at_s[POINTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < told->count && count < POINTS_MAX; i++) {
        const struct ecg_beat_waves *beat = &told->beats[i];
        const struct ecg_wave_times *times = lead == WAVE_ALL_LEADS ? &beat->all[wave] : &beat->lead[lead][wave];
        double ms = (double)told_ms(times, point);
        if (times->state == ECG_WAVE_PRESENT && !isnan(ms))
            at_s[count++] = (double)beat->sample / told->fs_hz + ms / 1000.0;
    }
    return count;
}

static void tally_point(const struct ludb_lead *reference, enum ecg_wave wave, enum wave_point point,
                        const double *at_s, size_t count, struct point_tally *tally)
{
    bool used[POINTS_MAX] = {false};
    for (size_t i = 0; i < reference->count[wave]; i++) {
        double mark_s = marked(&reference->marks[wave][i], point);
        size_t best = count;
        for (size_t k = 0; k < count; k++)
            if (!used[k] && (best == count || fabs(at_s[k] - mark_s) < fabs(at_s[best] - mark_s)))
                best = k;
        tally->there += isnan(mark_s) ? 0 : 1;
        if (isnan(mark_s) || best == count || fabs(at_s[best] - mark_s) > NEAR_S)
            continue;
        double off_ms = 1000.0 * (at_s[best] - mark_s);
        used[best] = true;
        tally->found++;
        tally->sum_ms += off_ms;
        tally->square_ms += off_ms * off_ms;
    }
    for (size_t k = 0; k < count; k++)
        if (!used[k] && at_s[k] >= reference->from_s && at_s[k] <= reference->to_s)
            tally->false_++;
}

void wave_tally_lead(const struct ludb_lead *reference, const struct ludb_told *told, size_t lead,
                     struct wave_tally *tally)
{
    double at_s[POINTS_MAX];
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++) {
        for (int point = 0; point < WAVE_POINTS; point++) {
            size_t count = gather(told, lead, (enum ecg_wave)wave, (enum wave_point)point, at_s);
            tally_point(reference, (enum ecg_wave)wave, (enum wave_point)point, at_s, count,
                        &tally->points[wave][point]);
        }
    }
}

void wave_tally_add(struct wave_tally *sum, const struct wave_tally *part)
{
    for (int wave = 0; wave < ECG_WAVE_COUNT; wave++) {
        for (int point = 0; point < WAVE_POINTS; point++) {
            struct point_tally *to = &sum->points[wave][point];
            const struct point_tally *from = &part->points[wave][point];
            to->there += from->there;
            to->found += from->found;
            to->false_ += from->false_;
            to->sum_ms += from->sum_ms;
            to->square_ms += from->square_ms;
        }
    }
}

struct point_score point_score(const struct point_tally *tally)
{
    double found = (double)tally->found;
    struct point_score score = {.mean_ms = tally->sum_ms / found};
    score.sd_ms = sqrt(fmax(tally->square_ms / found - score.mean_ms * score.mean_ms, 0.0));
    score.sensitivity = 100.0 * found / (double)tally->there;
    score.predictivity = 100.0 * found / (found + (double)tally->false_);
    return score;
}
