/* What ventricular and atrial premature beats make together: couplets, runs, tachycardia, an idioventricular rhythm,
bigeminy and trigeminy. All of it is read off the codes of the last beats (classify.c); a beat whose class is not known
ends a pattern and makes none. Three ventricular beats in a row are a run; faster than LIMIT_VT_BPM they are ventricular
tachycardia, slower and longer than LIMIT_IDIOVENTRICULAR_BEATS an idioventricular rhythm (Al-Khatib et al., Circulation
2018; 138: e272-e391). A run lasts until a beat that is none of it. */
#include <math.h>

#include "ecg/rhythm_private.h"

#define ESTABLISHED_BEATS 10
#define SAME_RATE         0.15

/* The beats of this code that the newest ends; 0: it is another. What a pacemaker drives is no run. */
static int64_t run_length(struct ecg_rhythms *rhythms, char code)
{
    int64_t count = 0;
    while (rhythm_code(rhythms, count) == code && !rhythm_last(rhythms, count)->paced)
        count++;
    return count;
}

/* Of the last `beats`, from their RR; NAN when one is not known. */
static double rate_of_last(struct ecg_rhythms *rhythms, int64_t beats)
{
    double sum_ms = 0.0;
    for (int64_t back = 0; back < beats - 1; back++)
        sum_ms += (double)rhythm_last(rhythms, back)->rr_ms;
    return sum_ms > 0.0 ? 60000.0 * (double)(beats - 1) / sum_ms : (double)NAN;
}

static int64_t sample_back(struct ecg_rhythms *rhythms, int64_t back)
{
    return rhythm_last(rhythms, back)->sample;
}

static void last_beats_hold(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim, int64_t beats)
{
    rhythm_holds(claim, sample_back(rhythms, beats - 1), sample_back(rhythms, 0));
}

static void ended_before_last(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    const struct ecg_rhythm_heard *before = rhythm_last(rhythms, 1);
    rhythm_ends(claim, before ? before->sample : claim->end);
}

/* ---- runs ---- */

static bool is_run(int64_t beats)
{
    return (double)beats >= rhythm_limit(LIMIT_RUN_BEATS);
}

/* A tachycardia that lasts becomes what is usual for this person, and its beats are called normal: while they keep its
   rate, it goes on. */
static bool goes_on(struct ecg_rhythms *rhythms)
{
    const struct ecg_episode *vt = &rhythms->open[ECG_RHYTHM_VT].episode;
    double rr_ms = (double)rhythm_last(rhythms, 0)->rr_ms;
    return vt->open && vt->beats >= ESTABLISHED_BEATS && fabs(rr_ms * vt->rate_mean_bpm / 60000.0 - 1.0) < SAME_RATE;
}

void rhythm_vt(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    int64_t beats = run_length(rhythms, 'V');
    if (claim->holds && (is_run(beats) || goes_on(rhythms)))
        rhythm_holds(claim, claim->onset, sample_back(rhythms, 0));
    else if (!is_run(beats))
        ended_before_last(rhythms, claim);
    else if (rate_of_last(rhythms, beats) > rhythm_limit(LIMIT_VT_BPM))
        last_beats_hold(rhythms, claim, beats);
}

static bool is_slow_run(struct ecg_rhythms *rhythms, int64_t beats)
{
    return is_run(beats) && !rhythms->claims[ECG_RHYTHM_VT].holds &&
           rate_of_last(rhythms, beats) <= rhythm_limit(LIMIT_VT_BPM);
}

void rhythm_ventricular_run(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    int64_t beats = run_length(rhythms, 'V');
    if (is_slow_run(rhythms, beats) && (double)beats < rhythm_limit(LIMIT_IDIOVENTRICULAR_BEATS))
        last_beats_hold(rhythms, claim, beats);
    else
        ended_before_last(rhythms, claim);
}

void rhythm_idioventricular(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    int64_t beats = run_length(rhythms, 'V');
    if (is_slow_run(rhythms, beats) && (double)beats >= rhythm_limit(LIMIT_IDIOVENTRICULAR_BEATS))
        last_beats_hold(rhythms, claim, beats);
    else
        ended_before_last(rhythms, claim);
}

/* In fibrillation a beat that comes early is nothing of its own. */
void rhythm_atrial_run(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    int64_t beats = run_length(rhythms, 'A');
    if (is_run(beats) && !rhythms->claims[ECG_RHYTHM_ATRIAL_FIBRILLATION].holds)
        last_beats_hold(rhythms, claim, beats);
    else
        ended_before_last(rhythms, claim);
}

/* ---- patterns ---- */

static bool is_supraventricular(char code)
{
    return code == 'N' || code == 'A';
}

/* Two, and no more: told with the beat behind them. */
void rhythm_couplet(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    bool is_one = is_supraventricular(rhythm_code(rhythms, 0)) && rhythm_code(rhythms, 1) == 'V' &&
                  rhythm_code(rhythms, 2) == 'V' && is_supraventricular(rhythm_code(rhythms, 3));
    if (is_one)
        rhythm_holds(claim, sample_back(rhythms, 2), sample_back(rhythms, 1));
    else
        rhythm_ends(claim, claim->end);
}

/* Each `period`th beat ventricular and none between: the newest `beats` keep to it, however the newest stands in it. */
static bool keeps_pattern(struct ecg_rhythms *rhythms, int64_t period, int64_t beats, int64_t phase)
{
    for (int64_t back = 0; back < beats; back++) {
        char code = rhythm_code(rhythms, back);
        if (back % period == phase ? code != 'V' : !is_supraventricular(code))
            return false;
    }
    return true;
}

/* From the first ventricular beat to the last one. */
static void geminy(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim, int64_t period)
{
    int64_t beats = (int64_t)(rhythm_limit(LIMIT_GEMINY_CYCLES) - 1.0) * period + 1;
    for (int64_t phase = 0; phase < period; phase++) {
        int64_t needed = phase + (claim->holds ? period + 1 : beats);
        if (!keeps_pattern(rhythms, period, needed, phase))
            continue;
        rhythm_holds(claim, sample_back(rhythms, phase + beats - 1), sample_back(rhythms, phase));
        return;
    }
    rhythm_ends(claim, claim->end);
}

void rhythm_bigeminy(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    geminy(rhythms, claim, 2);
}

void rhythm_trigeminy(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    geminy(rhythms, claim, 3);
}
