/* Conditions on rhythm, intervals, axis and conduction, and on the recording itself.

Conduction and axis: Surawicz, Childers, Deal and Gettes, "AHA/ACCF/HRS recommendations for the standardization and
interpretation of the electrocardiogram: part III, intraventricular conduction disturbances", Circulation 2009; 119:
e235-e240. Long QT: Rautaharju, Surawicz and Gettes, part IV, Circulation 2009; 119: e241-e250, who ask for a linear
correction and not for Bazett's. Short QT: their 390 ms calls every twentieth healthy person short; here it is the 360
ms of Priori et al., Eur Heart J 2015; 36: 2793-2867, by every correction that can be made, because a linear one makes a
fast heart's QT too short. All limits are those of adults. A length that passes its limit by less than the sampling rate
can show is not known to. */
#include "ecg/statement_rules.h"

#include <math.h>

/* milliseconds */
#define PR_LONG         200.0
#define PR_SHORT        120.0
#define QRS_WIDE        120.0 /* complete block */
#define QRS_INCOMPLETE  110.0 /* incomplete block; more is not normal in adults */
#define R_PEAK_LEFT     60.0  /* R peak time in V5, V6: left bundle branch block */
#define R_PEAK_RIGHT    50.0  /* in V1: right bundle branch block */
#define R_PEAK_ANTERIOR 45.0  /* in aVL: left anterior fascicular block */
#define S_WIDE          40.0  /* in I and V6: right bundle branch block */
#define QTC_LONG_MALE   450.0
#define QTC_LONG_FEMALE 460.0
#define QTC_SHORT       360.0
/* degrees */
#define AXIS_LEFT     -30.0
#define AXIS_ANTERIOR -45.0 /* left anterior fascicular block begins here */
#define AXIS_RIGHT    90.0
#define AXIS_SUPERIOR -90.0
/* The limb leads are sums of each other, whatever the heart does; what is left over of ST and T may be so much of them,
   as errors of the measurement go, in millivolts and as a share. */
#define CONTRADICTION_MV    0.1
#define CONTRADICTION_SHARE 0.4

static const struct ecg_figure *figure(const struct reading *reading, enum ecg_measure what)
{
    return &reading->measured->all[what];
}

static enum answer yes_if(bool so)
{
    return so ? YES : NO;
}

enum answer answer_over(double value, struct person_limit limit)
{
    if (isnan(value))
        return NOT_KNOWN;
    return value > limit.certain ? YES : value <= limit.possible ? NO : NOT_KNOWN;
}

bool limit_is_open(struct person_limit limit)
{
    return limit.possible < limit.certain;
}

/* ---- leads ---- */

double lead_figure(const struct reading *reading, enum ecg_lead lead, enum ecg_lead_measure what)
{
    int place = reading->place[lead];
    return place < 0 ? (double)NAN : reading->measured->lead[place][what].value;
}

double lead_height(const struct reading *reading, enum ecg_lead lead)
{
    return fmax(lead_figure(reading, lead, ECG_LM_R), lead_figure(reading, lead, ECG_LM_R2));
}

double lead_depth(const struct reading *reading, enum ecg_lead lead)
{
    double s = fmin(lead_figure(reading, lead, ECG_LM_S), lead_figure(reading, lead, ECG_LM_S2));
    return -fmin(s, lead_figure(reading, lead, ECG_LM_Q));
}

/* Heights are in the signal's own units. */
static const char *unit_of(const struct reading *reading)
{
    return reading->measured->units == ECG_UNITS_MV ? "mV" : "counts";
}

/* ---- premature beats ---- */

static enum answer premature(unsigned premature_beats, unsigned beats, struct reason *reason)
{
    if (beats == 0)
        return NOT_KNOWN;
    if (premature_beats > 0)
        reason_count(reason, premature_beats, beats, "beats");
    return yes_if(premature_beats > 0);
}

enum answer rule_ventricular_premature(const struct reading *reading, const struct territory *territory,
                                       struct reason *reason)
{
    (void)territory;
    return premature(reading->measured->ventricular_beats, reading->measured->beats, reason);
}

enum answer rule_atrial_premature(const struct reading *reading, const struct territory *territory,
                                  struct reason *reason)
{
    (void)territory;
    return premature(reading->measured->atrial_beats, reading->measured->beats, reason);
}

/* ---- axis ---- */

static enum answer axis_between(const struct reading *reading, double from, double to, struct reason *reason)
{
    double axis = figure(reading, ECG_M_QRS_AXIS)->value;
    if (isnan(axis) || reading->contradict)
        return NOT_KNOWN;
    if (!(axis >= from && axis < to))
        return NO;
    reason_value(reason, "QRS axis", axis, 0, "deg");
    return YES;
}

enum answer rule_left_axis(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return axis_between(reading, AXIS_SUPERIOR, AXIS_LEFT, reason);
}

enum answer rule_right_axis(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return axis_between(reading, AXIS_RIGHT + 1.0, 181.0, reason);
}

enum answer rule_superior_axis(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return axis_between(reading, -181.0, AXIS_SUPERIOR, reason);
}

/* ---- PR ---- */

/* Longer than that, by what can be told. */
static enum answer longer(const struct ecg_figure *figure, double limit_ms)
{
    return answer_over(figure->value, (struct person_limit){limit_ms, limit_ms + figure->resolution - 1e-6});
}

enum answer rule_first_degree(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    const struct ecg_figure *pr = figure(reading, ECG_M_PR);
    (void)territory;
    enum answer answer = longer(pr, PR_LONG);
    if (answer == YES)
        reason_compare(reason, "PR", pr, "ms", ">", PR_LONG);
    return answer;
}

enum answer rule_short_pr(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    const struct ecg_figure *pr = figure(reading, ECG_M_PR);
    (void)territory;
    enum answer shorter = answer_over(-pr->value, (struct person_limit){-PR_SHORT, pr->resolution - PR_SHORT - 1e-6});
    if (shorter == YES)
        reason_compare(reason, "PR", pr, "ms", "<", PR_SHORT);
    return shorter;
}

/* ---- bundle branch blocks ---- */

/* R' in the lead, or an R that is late and higher than the S is deep. */
static bool right_ventricle_late_in(const struct reading *reading, enum ecg_lead lead, struct reason *reason)
{
    double r2 = lead_figure(reading, lead, ECG_LM_R2);
    double peak_ms = lead_figure(reading, lead, ECG_LM_R_PEAK_MS);
    if (r2 > 0.0 && r2 >= 0.5 * lead_figure(reading, lead, ECG_LM_R)) {
        reason_lead(reason, "R'", r2, unit_of(reading), lead);
        return true;
    }
    if (lead != ECG_LEAD_V1 || !(peak_ms > R_PEAK_RIGHT) || !(lead_height(reading, lead) > lead_depth(reading, lead)))
        return false;
    reason_lead(reason, "R peak time", peak_ms, "ms", lead);
    return true;
}

static bool wide_s_in(const struct reading *reading, enum ecg_lead lead, struct reason *reason)
{
    double s_ms = lead_figure(reading, lead, ECG_LM_S_MS);
    if (!(s_ms > S_WIDE || (s_ms > 0.0 && s_ms > lead_figure(reading, lead, ECG_LM_R_MS))))
        return false;
    reason_lead(reason, "S", s_ms, "ms", lead);
    return true;
}

static enum answer right_pattern(const struct reading *reading, struct reason *reason)
{
    if (isnan(lead_height(reading, ECG_LEAD_V1)) || isnan(lead_height(reading, ECG_LEAD_I)) ||
        isnan(lead_height(reading, ECG_LEAD_V6)))
        return NOT_KNOWN;
    bool late =
        right_ventricle_late_in(reading, ECG_LEAD_V1, reason) || right_ventricle_late_in(reading, ECG_LEAD_V2, reason);
    bool wide = late && (wide_s_in(reading, ECG_LEAD_I, reason) || wide_s_in(reading, ECG_LEAD_V6, reason));
    return yes_if(wide);
}

static bool no_q_in(const struct reading *reading, enum ecg_lead lead)
{
    return lead_figure(reading, lead, ECG_LM_Q) == 0.0 && lead_height(reading, lead) > 0.0;
}

static enum answer left_pattern(const struct reading *reading, struct reason *reason)
{
    double v5_ms = lead_figure(reading, ECG_LEAD_V5, ECG_LM_R_PEAK_MS);
    double v6_ms = lead_figure(reading, ECG_LEAD_V6, ECG_LM_R_PEAK_MS);
    if (isnan(lead_height(reading, ECG_LEAD_V1)) || isnan(lead_height(reading, ECG_LEAD_I)) ||
        isnan(lead_height(reading, ECG_LEAD_V5)) || isnan(lead_height(reading, ECG_LEAD_V6)))
        return NOT_KNOWN;
    bool late = v5_ms > R_PEAK_LEFT || v6_ms > R_PEAK_LEFT;
    bool backwards = lead_depth(reading, ECG_LEAD_V1) > lead_height(reading, ECG_LEAD_V1);
    if (!late || !backwards || !no_q_in(reading, ECG_LEAD_I) || !no_q_in(reading, ECG_LEAD_V6))
        return NO;
    reason_lead(reason, "R peak time", v6_ms > R_PEAK_LEFT ? v6_ms : v5_ms, "ms",
                v6_ms > R_PEAK_LEFT ? ECG_LEAD_V6 : ECG_LEAD_V5);
    reason_add(reason, "no Q in I and V6");
    return YES;
}

typedef enum answer pattern(const struct reading *reading, struct reason *reason);

/* The QRS is from .. below `to` long, and looks so. */
static enum answer block(const struct reading *reading, double from_ms, double to_ms, pattern *looks,
                         struct reason *reason)
{
    const struct ecg_figure *qrs = figure(reading, ECG_M_QRS);
    if (isnan(qrs->value))
        return NOT_KNOWN;
    if (!(qrs->value >= from_ms && qrs->value < to_ms))
        return NO;
    reason_compare(reason, "QRS", qrs, "ms", ">=", from_ms);
    return looks(reading, reason);
}

enum answer rule_lbbb(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return block(reading, QRS_WIDE, INFINITY, left_pattern, reason);
}

enum answer rule_rbbb(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return block(reading, QRS_WIDE, INFINITY, right_pattern, reason);
}

enum answer rule_incomplete_lbbb(const struct reading *reading, const struct territory *territory,
                                 struct reason *reason)
{
    (void)territory;
    return block(reading, QRS_INCOMPLETE, QRS_WIDE, left_pattern, reason);
}

enum answer rule_incomplete_rbbb(const struct reading *reading, const struct territory *territory,
                                 struct reason *reason)
{
    (void)territory;
    return block(reading, QRS_INCOMPLETE, QRS_WIDE, right_pattern, reason);
}

/* Told from 120 ms on: between that and 110 the ends of the QRS are not known well enough. */
enum answer rule_ivcd(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    const struct ecg_figure *qrs = figure(reading, ECG_M_QRS);
    (void)territory;
    enum answer answer = answer_over(qrs->value, (struct person_limit){QRS_INCOMPLETE, QRS_WIDE - 1e-6});
    if (answer == YES)
        reason_compare(reason, "QRS", qrs, "ms", ">=", QRS_WIDE);
    return answer;
}

/* ---- fascicular blocks ---- */

static bool has_qr(const struct reading *reading, enum ecg_lead lead)
{
    return lead_figure(reading, lead, ECG_LM_Q) < 0.0 && lead_height(reading, lead) > lead_depth(reading, lead);
}

static bool has_rs(const struct reading *reading, enum ecg_lead lead)
{
    return lead_figure(reading, lead, ECG_LM_R) > 0.0 && lead_depth(reading, lead) > lead_height(reading, lead);
}

enum answer rule_lafb(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double peak_ms = lead_figure(reading, ECG_LEAD_AVL, ECG_LM_R_PEAK_MS);
    double qrs_ms = figure(reading, ECG_M_QRS)->value;
    (void)territory;
    if (isnan(qrs_ms) || isnan(lead_height(reading, ECG_LEAD_AVL)))
        return NOT_KNOWN;
    enum answer axis = axis_between(reading, AXIS_SUPERIOR, AXIS_ANTERIOR + 1.0, reason);
    if (axis != YES || qrs_ms >= QRS_WIDE || !has_qr(reading, ECG_LEAD_AVL) || !(peak_ms >= R_PEAK_ANTERIOR))
        return axis == YES ? NO : axis;
    reason_lead(reason, "qR, R peak time", peak_ms, "ms", ECG_LEAD_AVL);
    return YES;
}

enum answer rule_lpfb(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double qrs_ms = figure(reading, ECG_M_QRS)->value;
    (void)territory;
    enum answer axis = rule_right_axis(reading, territory, reason);
    if (axis != YES)
        return axis;
    if (isnan(qrs_ms) || isnan(lead_height(reading, ECG_LEAD_I)) || isnan(lead_height(reading, ECG_LEAD_AVL)) ||
        isnan(lead_height(reading, ECG_LEAD_III)) || isnan(lead_height(reading, ECG_LEAD_AVF)))
        return NOT_KNOWN;
    if (qrs_ms >= QRS_WIDE || !has_rs(reading, ECG_LEAD_I) || !has_rs(reading, ECG_LEAD_AVL) ||
        !has_qr(reading, ECG_LEAD_III) || !has_qr(reading, ECG_LEAD_AVF))
        return NO;
    reason_add(reason, "rS in I and aVL, qR in III and aVF");
    return YES;
}

/* ---- QT ---- */

/* The linear corrections first. */
static const struct ecg_figure *corrected_qt(const struct reading *reading, const char **name)
{
    static const struct {
        enum ecg_measure measure;
        const char *name;
    } order[] = {
        {ECG_M_QTC_FRAMINGHAM, "QTc (Framingham)"},
        {ECG_M_QTC_HODGES, "QTc (Hodges)"},
        {ECG_M_QTC_FRIDERICIA, "QTc (Fridericia)"},
    };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (!isnan(figure(reading, order[i].measure)->value)) {
            *name = order[i].name;
            return figure(reading, order[i].measure);
        }
    return NULL;
}

static struct person_limit long_qtc(const struct reading *reading)
{
    switch (reading->person->sex) {
    case ECG_SEX_FEMALE: return (struct person_limit){QTC_LONG_FEMALE, QTC_LONG_FEMALE};
    case ECG_SEX_MALE: return (struct person_limit){QTC_LONG_MALE, QTC_LONG_MALE};
    default: return (struct person_limit){QTC_LONG_MALE, QTC_LONG_FEMALE};
    }
}

/* A wide QRS makes the QT long by itself. */
static bool narrow(const struct reading *reading)
{
    return figure(reading, ECG_M_QRS)->value < QRS_WIDE;
}

enum answer rule_long_qt(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    const char *name = NULL;
    const struct ecg_figure *qtc = corrected_qt(reading, &name);
    struct person_limit limit = long_qtc(reading);
    (void)territory;
    if (!qtc || !narrow(reading))
        return NOT_KNOWN;
    enum answer answer = answer_over(qtc->value + 1.0, limit); /* the limits themselves are long */
    if (answer != YES)
        return answer;
    reason_compare(reason, name, qtc, "ms", ">=", limit.certain);
    if (limit_is_open(limit))
        reason_add(reason, "sex unknown");
    return YES;
}

enum answer rule_short_qt(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    static const enum ecg_measure all[] = {ECG_M_QTC_BAZETT, ECG_M_QTC_FRIDERICIA, ECG_M_QTC_FRAMINGHAM,
                                           ECG_M_QTC_HODGES};
    const char *name = NULL;
    const struct ecg_figure *qtc = corrected_qt(reading, &name);
    (void)territory;
    if (!qtc || !narrow(reading))
        return NOT_KNOWN;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (figure(reading, all[i])->value > QTC_SHORT)
            return NO;
    reason_compare(reason, name, qtc, "ms", "<=", QTC_SHORT);
    return YES;
}

/* ---- the recording ---- */

static enum answer leads_of(const struct reading *reading, enum ecg_quality quality, struct reason *reason)
{
    enum answer answer = NO;
    for (size_t i = 0; i < reading->measured->lead_count; i++)
        if (reading->measured->quality[i] == quality) {
            reason_add(reason, ecg_lead_name(reading->measured->leads[i]));
            answer = YES;
        }
    return answer;
}

enum answer rule_lead_off(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return leads_of(reading, ECG_QUALITY_LEAD_OFF, reason);
}

enum answer rule_saturated(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return leads_of(reading, ECG_QUALITY_SATURATED, reason);
}

enum answer rule_noisy(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    return leads_of(reading, ECG_QUALITY_NOISY, reason);
}

enum answer rule_uncalibrated(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    if (reading->measured->units == ECG_UNITS_ADU)
        reason_add(reason, "counts of unknown gain");
    return yes_if(reading->measured->units == ECG_UNITS_ADU);
}

/* I upside down with its P, and aVR upright: arms exchanged, or a heart on the right side. */
enum answer rule_arm_reversal(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double p = lead_figure(reading, ECG_LEAD_I, ECG_LM_P);
    (void)territory;
    if (isnan(lead_height(reading, ECG_LEAD_I)) || isnan(lead_height(reading, ECG_LEAD_AVR)))
        return NOT_KNOWN;
    bool down = lead_depth(reading, ECG_LEAD_I) > lead_height(reading, ECG_LEAD_I);
    bool up = lead_height(reading, ECG_LEAD_AVR) > lead_depth(reading, ECG_LEAD_AVR);
    if (!(p < 0.0) || !down || !up || !(lead_figure(reading, ECG_LEAD_I, ECG_LM_T) < 0.0))
        return NO;
    reason_add(reason, "P, QRS and T of I inverted, aVR upright");
    return YES;
}

/* What is left over of a sum that must be nothing, added to *off; how much there was, to *all. */
static void add_sum(const struct reading *reading, enum ecg_lead_measure what, double *off, double *all)
{
    double i = lead_figure(reading, ECG_LEAD_I, what);
    double ii = lead_figure(reading, ECG_LEAD_II, what);
    double iii = lead_figure(reading, ECG_LEAD_III, what);
    double avr = lead_figure(reading, ECG_LEAD_AVR, what);
    if (!isnan(i + ii + iii)) {
        *off += fabs(i + iii - ii);
        *all += fabs(i) + fabs(ii) + fabs(iii);
    }
    if (!isnan(i + ii + avr)) {
        *off += fabs(avr + 0.5 * (i + ii));
        *all += fabs(avr) + 0.5 * fabs(i) + 0.5 * fabs(ii);
    }
}

bool limb_leads_contradict(const struct reading *reading)
{
    static const enum ecg_lead_measure simultaneous[] = {ECG_LM_ST_J, ECG_LM_ST_J60, ECG_LM_ST_J80, ECG_LM_T};
    double off = 0.0;
    double all = 0.0;
    for (size_t i = 0; i < sizeof simultaneous / sizeof simultaneous[0]; i++)
        add_sum(reading, simultaneous[i], &off, &all);
    double least = reading->measured->units == ECG_UNITS_MV ? CONTRADICTION_MV : 0.0;
    return off > least && off > CONTRADICTION_SHARE * all;
}

enum answer rule_contradiction(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    (void)territory;
    if (reading->contradict)
        reason_add(reason, "II is not the sum of I and III, or aVR not their mean");
    return yes_if(reading->contradict);
}
