/* Blocks of conduction.

First degree: the median PR of ten seconds is too long; what comes every ten seconds begins and ends there. Second
degree: a QRS is dropped behind a P wave that can be seen, or PR grows from beat to beat until one is missing
(Wenckebach), again and again, while the other P waves keep their distance to the QRS. Third degree: QRS come regularly
and slowly, and P waves keep no distance to them (Kusumoto et al., Circulation 2019; 140: e382-e482). Bundle branch
blocks, from the median QRS of ten seconds, as Surawicz et al., J Am Coll Cardiol 2009; 53: 976-981, define them: they
need V1 and one of I, V5 and V6, and where these are missing nothing is said. */
#include <math.h>

#include "ecg/rhythm_private.h"

#define BEATS_MIN      3
#define LOOK_BEATS     8
#define DROPS_MIN      2   /* dropped beats among those looked at: one alone may be a premature P wave */
#define DROP_RR        1.3 /* of the RR before */
#define DROP_RR_MAX    2.3
#define PR_STEADY_MS   60.0 /* a P wave that conducts keeps within so much, dropped beats left out */
#define PR_BACK_MS     40.0 /* by so much PR is shorter behind the dropped beat of a Wenckebach period */
#define PR_LOOSE_MS    100.0
#define MORE_P         1.3  /* P waves a beat */
#define RR_REGULAR     0.12 /* longest less shortest over the mean */
#define ESCAPE_MAX_BPM 60.0
#define Q_SMALL        0.1F /* of the R wave */
#define LATE_R_MS      60.0 /* R peak time in V5 or V6 of a left bundle branch block */
#define LATE_R_V1_MS   50.0
#define S_WIDE_MS      40.0
#define DEEP           2.0 /* the S wave of V1 over its R wave */

/* ---- AV block ---- */

static void claim_measured(bool so, const struct ecg_measurements *measurements, struct ecg_rhythm_claim *claim)
{
    if (so)
        rhythm_holds(claim, measurements->from, measurements->sample);
    else
        rhythm_ends(claim, claim->end > measurements->from ? claim->end : measurements->from);
}

void rhythm_av_block_1(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    const struct ecg_measurements *m = rhythms->measurements;
    const struct ecg_figure *pr = &m->all[ECG_M_PR];
    double limit_ms = rhythm_limit(LIMIT_AV_BLOCK_1_MS);
    if (claim->holds)
        limit_ms -= rhythm_limit(LIMIT_AV_BLOCK_1_HYSTERESIS_MS);
    bool sinus = m->code == 'N' && m->p_present >= rhythm_limit(LIMIT_P_SHARE);
    claim_measured(sinus && pr->beats >= BEATS_MIN && pr->value > limit_ms, m, claim);
}

/* What the P waves of the last beats do. */
struct view {
    unsigned beats, p, drops, prs;
    double rr_sum_ms, rr_least_ms, rr_most_ms, pr_least_ms, pr_most_ms;
    int64_t first, last; /* samples; the first: of the beat before the first dropped one */
};

static bool is_dropped(const struct ecg_rhythm_heard *beat, const struct ecg_rhythm_heard *before,
                       const struct ecg_rhythm_heard *earlier)
{
    if (!before || !earlier || before->code != 'N' || beat->code != 'N' || !(before->rr_ms > 0.0F))
        return false;
    double longer = (double)beat->rr_ms / (double)before->rr_ms;
    bool wenckebach = beat->pr_ms < before->pr_ms - PR_BACK_MS && before->pr_ms >= earlier->pr_ms;
    bool two_to_one = beat->p_count == 2 && before->p_count == 2;
    return two_to_one || (longer > DROP_RR && longer < DROP_RR_MAX && (beat->p_count == 2 || wenckebach));
}

static void see_pr(struct view *view, double pr_ms)
{
    if (isnan(pr_ms))
        return;
    view->pr_least_ms = view->prs ? fmin(view->pr_least_ms, pr_ms) : pr_ms;
    view->pr_most_ms = view->prs ? fmax(view->pr_most_ms, pr_ms) : pr_ms;
    view->prs++;
}

/* PR of dropped beats only, or of all. */
static struct view look_back(struct ecg_rhythms *rhythms, bool dropped_only)
{
    struct view view = {0};
    for (int64_t i = rhythms->waved - 1; view.beats < LOOK_BEATS && rhythm_beat(rhythms, i); i--) {
        const struct ecg_rhythm_heard *beat = rhythm_beat(rhythms, i);
        const struct ecg_rhythm_heard *before = rhythm_beat(rhythms, i - 1);
        bool dropped = is_dropped(beat, before, rhythm_beat(rhythms, i - 2));
        double rr_ms = (double)beat->rr_ms;
        view.last = view.beats ? view.last : beat->sample;
        view.rr_least_ms = view.beats ? fmin(view.rr_least_ms, rr_ms) : rr_ms;
        view.rr_most_ms = view.beats ? fmax(view.rr_most_ms, rr_ms) : rr_ms;
        view.rr_sum_ms += rr_ms;
        view.beats++;
        view.p += beat->p_count > 0 ? (unsigned)beat->p_count : 0;
        view.drops += dropped;
        if (dropped || !dropped_only)
            see_pr(&view, (double)beat->pr_ms);
        view.first = dropped ? before->sample : view.first;
    }
    return view;
}

void rhythm_av_block_2(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct view view = look_back(rhythms, true);
    bool steady = view.prs == 0 || view.pr_most_ms - view.pr_least_ms < PR_STEADY_MS;
    if (steady && view.drops >= (claim->holds ? 1 : DROPS_MIN))
        rhythm_holds(claim, view.first, view.last);
    else
        rhythm_ends(claim, claim->end);
}

void rhythm_av_block_3(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    struct view view = look_back(rhythms, false);
    const struct ecg_rhythm_heard *first = rhythm_beat(rhythms, rhythms->waved - LOOK_BEATS);
    if (!first || isnan(view.rr_sum_ms))
        return;
    double mean_ms = view.rr_sum_ms / view.beats;
    bool escapes = view.rr_most_ms - view.rr_least_ms < RR_REGULAR * mean_ms && mean_ms > 60000.0 / ESCAPE_MAX_BPM;
    bool loose = 4 * view.prs < 3 * view.beats || view.pr_most_ms - view.pr_least_ms > PR_LOOSE_MS;
    bool more_p = (double)view.p > MORE_P * view.beats;
    bool goes_on = claim->holds && view.p > view.beats;
    if (escapes && ((loose && more_p) || goes_on))
        rhythm_holds(claim, first->sample, view.last);
    else
        rhythm_ends(claim, claim->end);
}

/* ---- bundle branch blocks ---- */

static const struct ecg_figure *lead_figures(const struct ecg_measurements *m, enum ecg_lead lead)
{
    for (size_t i = 0; i < m->lead_count; i++)
        if (m->leads[i] == lead && m->lead[i][ECG_LM_R].beats >= BEATS_MIN && !isnan(m->lead[i][ECG_LM_R].value))
            return m->lead[i];
    return NULL;
}

/* By its own conduction: what a pacemaker drives is wide. */
static bool is_wide(const struct ecg_measurements *m)
{
    bool paced = m->paced > rhythm_limit(LIMIT_PACED_SHARE);
    return !paced && m->all[ECG_M_QRS].beats >= BEATS_MIN &&
           m->all[ECG_M_QRS].value >= rhythm_limit(LIMIT_BLOCK_QRS_MS);
}

static double tallest(const struct ecg_figure *lead)
{
    return fmax(lead[ECG_LM_R].value, lead[ECG_LM_R2].value);
}

static double deepest(const struct ecg_figure *lead)
{
    return fmax(fabs(lead[ECG_LM_Q].value), fabs(lead[ECG_LM_S].value));
}

/* rsr', rsR' or rSR' in V1, or an R wave alone that peaks late; a wide S wave in I or V6. */
void rhythm_rbbb(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    const struct ecg_measurements *m = rhythms->measurements;
    const struct ecg_figure *v1 = lead_figures(m, ECG_LEAD_V1);
    const struct ecg_figure *i = lead_figures(m, ECG_LEAD_I);
    const struct ecg_figure *v6 = lead_figures(m, ECG_LEAD_V6);
    bool second = v1 && v1[ECG_LM_R2].value > v1[ECG_LM_R].value;
    bool alone = v1 && v1[ECG_LM_R].value > deepest(v1) && v1[ECG_LM_R_PEAK_MS].value > LATE_R_V1_MS;
    bool s_wide = (i && i[ECG_LM_S_MS].value >= S_WIDE_MS) || (v6 && v6[ECG_LM_S_MS].value >= S_WIDE_MS);
    claim_measured(is_wide(m) && (second || alone) && s_wide, m, claim);
}

/* Upright without Q and peaking late. */
static bool is_lateral_late(const struct ecg_figure *lead)
{
    return lead && fabs(lead[ECG_LM_Q].value) <= (double)Q_SMALL * tallest(lead) && tallest(lead) > deepest(lead) &&
           lead[ECG_LM_R_PEAK_MS].value > LATE_R_MS;
}

/* V1 points down; I, V5 or V6 up, without Q and late. */
void rhythm_lbbb(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    const struct ecg_measurements *m = rhythms->measurements;
    const struct ecg_figure *v1 = lead_figures(m, ECG_LEAD_V1);
    bool down = v1 && deepest(v1) > DEEP * tallest(v1);
    bool late = is_lateral_late(lead_figures(m, ECG_LEAD_V6)) || is_lateral_late(lead_figures(m, ECG_LEAD_V5));
    const struct ecg_figure *i = lead_figures(m, ECG_LEAD_I);
    bool no_q = !i || fabs(i[ECG_LM_Q].value) <= (double)Q_SMALL * tallest(i);
    claim_measured(is_wide(m) && down && late && no_q, m, claim);
}
