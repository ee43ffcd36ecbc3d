/* Conditions on heights in millivolts: chambers, voltage, ST segment, T and Q waves.

Chambers and voltage: Hancock, Deal, Mirvis, Okin, Kligfield and Gettes, "AHA/ACCF/HRS recommendations for the
standardization and interpretation of the electrocardiogram: part V, changes associated with cardiac chamber
hypertrophy", Circulation 2009; 119: e251-e261: Sokolow and Lyon (Am Heart J 1949; 37: 161-186) and Casale, Devereux et
al. (Cornell, J Am Coll Cardiol 1985; 6: 572-580) for the left ventricle, not under 35 years, where high voltage is
common; Sokolow and Lyon (Am Heart J 1949; 38: 273-294) for the right one.

ST, T and Q: Thygesen et al., "Fourth universal definition of myocardial infarction", Circulation 2018; 138: e618-e651
(tables 2 and 3: ST elevation at the J point, ST depression, T inversion, Q waves, in two leads beside each other), with
Wagner et al., part VI, Circulation 2009; 119: e262-e270; a Q of 30 to 40 ms must also be a third of its R, as the
Minnesota code asks (Prineas, Crow and Blackburn 1982, codes 1.1.1 and 1.1.2), since lead I and aVL of the healthy have
such Qs. T waves: Rautaharju, Surawicz and Gettes, part IV, Circulation 2009; 119: e241-e250. Poor R-wave progression:
an R in V3 of no more than 0.3 mV (Zema and Kligfield, Arch Intern Med 1982; 142: 1145-1148). */
#include "ecg/statement_rules.h"

#include <math.h>

/* millivolts */
#define SOKOLOW       3.5 /* S V1 + R V5 or V6 */
#define AVL_R         1.1
#define CORNELL_MALE  2.8 /* R aVL + S V3 */
#define CORNELL_OTHER 2.0
#define RVH_SUM       1.05 /* R V1 + S V5 or V6 */
#define RVH_R         0.7  /* R V1, when it is also higher than its S is deep */
#define P_TALL_II     0.25
#define P_TALL_V1     0.15
#define P_DEEP_V1     (-0.1)
#define LOW_LIMB      0.5 /* from the top to the bottom of the QRS */
#define LOW_CHEST     1.0
#define ST_UP         0.1
#define ST_UP_FEMALE  0.15 /* in V2 and V3 */
#define ST_UP_MALE    0.2  /* from 40 years on */
#define ST_UP_YOUNG   0.25 /* men under 40 */
#define ST_DOWN       (-0.05)
#define T_INVERTED    (-0.1)
#define T_LOW_SHARE   0.1 /* of the R wave */
#define T_LOW_R       0.3 /* so high an R must be to ask */
#define Q_DEEP        (-0.1)
#define Q_SHARE       (1.0 / 3.0) /* of the R, where a Q is wide but not very wide */
#define R_POOR        0.3
/* milliseconds */
#define P_LONG      120.0
#define P_VERY_LONG 140.0
#define Q_WIDE      30.0
#define Q_VERY_WIDE 40.0
#define Q_WIDE_V2   20.0 /* in V2 and V3, where there is none */
/* years */
#define LVH_AGE 35.0
#define ST_AGE  40.0
/* degrees */
#define RVH_AXIS 90.0

enum { LOW_T_LEADS = 2 };

static const enum ecg_lead limbs[] = {ECG_LEAD_I, ECG_LEAD_II, ECG_LEAD_III, ECG_LEAD_AVR, ECG_LEAD_AVL, ECG_LEAD_AVF};
static const enum ecg_lead chest[] = {ECG_LEAD_V1, ECG_LEAD_V2, ECG_LEAD_V3, ECG_LEAD_V4, ECG_LEAD_V5, ECG_LEAD_V6};
enum { SIX = 6 };

/* ---- ventricles ---- */

static enum answer sum_over(double sum, struct person_limit limit, const char *name, struct reason *reason)
{
    enum answer answer = answer_over(sum, limit);
    if (answer == YES)
        reason_limit(reason, name, sum, "mV", ">", limit.certain);
    if (answer == YES && limit_is_open(limit))
        reason_add(reason, "sex unknown");
    return answer;
}

static struct person_limit exactly(double value)
{
    return (struct person_limit){value, value};
}

static struct person_limit cornell_limit(enum ecg_sex sex)
{
    if (sex == ECG_SEX_UNKNOWN)
        return (struct person_limit){CORNELL_OTHER, CORNELL_MALE};
    return exactly(sex == ECG_SEX_MALE ? CORNELL_MALE : CORNELL_OTHER);
}

/* One yes is enough; for a no all of them must be known. */
static enum answer any(const enum answer *answers, size_t count)
{
    enum answer all = NO;
    for (size_t i = 0; i < count; i++) {
        if (answers[i] == YES)
            return YES;
        if (answers[i] == NOT_KNOWN)
            all = NOT_KNOWN;
    }
    return all;
}

enum answer rule_lvh(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double v5 = lead_height(reading, ECG_LEAD_V5);
    double v6 = lead_height(reading, ECG_LEAD_V6);
    double avl = lead_height(reading, ECG_LEAD_AVL);
    (void)territory;
    if (reading->person->age_years < LVH_AGE)
        return NO;
    enum answer answers[] = {
        sum_over(lead_depth(reading, ECG_LEAD_V1) + fmax(v5, v6), exactly(SOKOLOW), v6 > v5 ? "SV1 + RV6" : "SV1 + RV5",
                 reason),
        sum_over(lead_depth(reading, ECG_LEAD_V3) + avl, cornell_limit(reading->person->sex), "RaVL + SV3", reason),
        sum_over(avl, exactly(AVL_R), "RaVL", reason),
    };
    enum answer answer = any(answers, sizeof answers / sizeof answers[0]);
    if (answer == YES && isnan(reading->person->age_years))
        reason_add(reason, "age unknown");
    return answer;
}

enum answer rule_rvh(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double axis = reading->measured->all[ECG_M_QRS_AXIS].value;
    double r = lead_height(reading, ECG_LEAD_V1);
    double s = fmax(lead_depth(reading, ECG_LEAD_V5), lead_depth(reading, ECG_LEAD_V6));
    (void)territory;
    if (isnan(axis) || isnan(r) || isnan(s))
        return NOT_KNOWN;
    if (axis <= RVH_AXIS)
        return NO;
    bool tall = r > RVH_R && r > lead_depth(reading, ECG_LEAD_V1);
    if (!tall && r + s <= RVH_SUM)
        return NO;
    if (r + s > RVH_SUM)
        reason_limit(reason, "RV1 + SV5 or SV6", r + s, "mV", ">", RVH_SUM);
    else
        reason_limit(reason, "RV1", r, "mV", ">", RVH_R);
    reason_value(reason, "QRS axis", axis, 0, "deg");
    return YES;
}

/* ---- atria ---- */

enum answer rule_lae(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    const struct ecg_figure *length = &reading->measured->all[ECG_M_P_DURATION];
    double v1 = lead_figure(reading, ECG_LEAD_V1, ECG_LM_P);
    (void)territory;
    if (isnan(length->value) || isnan(v1))
        return NOT_KNOWN;
    if (!(length->value >= P_VERY_LONG || (length->value >= P_LONG && v1 <= P_DEEP_V1)))
        return NO;
    reason_compare(reason, "P", length, "ms", ">=", P_LONG);
    if (v1 <= P_DEEP_V1)
        reason_lead(reason, "P", v1, "mV", ECG_LEAD_V1);
    return YES;
}

enum answer rule_rae(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double ii = lead_figure(reading, ECG_LEAD_II, ECG_LM_P);
    double v1 = lead_figure(reading, ECG_LEAD_V1, ECG_LM_P);
    (void)territory;
    enum answer answers[] = {
        sum_over(ii, exactly(P_TALL_II), "P in II", reason),
        sum_over(v1, exactly(P_TALL_V1), "P in V1", reason),
    };
    return any(answers, sizeof answers / sizeof answers[0]);
}

/* ---- voltage ---- */

/* All six lower than the limit; the highest of them to *highest. */
static enum answer all_low(const struct reading *reading, const enum ecg_lead *leads, double limit, double *highest)
{
    enum answer answer = YES;
    *highest = 0.0;
    for (size_t i = 0; i < SIX; i++) {
        double whole = lead_height(reading, leads[i]) + lead_depth(reading, leads[i]);
        if (whole >= limit)
            return NO;
        if (isnan(whole))
            answer = NOT_KNOWN;
        *highest = fmax(*highest, whole);
    }
    return answer;
}

enum answer rule_low_voltage(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double limb, of_chest;
    (void)territory;
    enum answer answers[] = {all_low(reading, limbs, LOW_LIMB, &limb), all_low(reading, chest, LOW_CHEST, &of_chest)};
    if (answers[0] == YES)
        reason_limit(reason, "QRS of all limb leads at most", limb, "mV", "<", LOW_LIMB);
    if (answers[1] == YES)
        reason_limit(reason, "QRS of all chest leads at most", of_chest, "mV", "<", LOW_CHEST);
    return any(answers, 2);
}

/* ---- two leads beside each other ---- */

const struct territory territory_anterior = {
    3, {{ECG_LEAD_V1, ECG_LEAD_V2}, {ECG_LEAD_V2, ECG_LEAD_V3}, {ECG_LEAD_V3, ECG_LEAD_V4}}};
const struct territory territory_inferior = {
    3, {{ECG_LEAD_II, ECG_LEAD_AVF}, {ECG_LEAD_III, ECG_LEAD_AVF}, {ECG_LEAD_II, ECG_LEAD_III}}};
const struct territory territory_lateral = {
    3, {{ECG_LEAD_I, ECG_LEAD_AVL}, {ECG_LEAD_V5, ECG_LEAD_V6}, {ECG_LEAD_V4, ECG_LEAD_V5}}};

typedef enum answer lead_condition(const struct reading *reading, enum ecg_lead lead);

/* What a lead shows: which figure, called how. */
struct shown {
    lead_condition *holds;
    enum ecg_lead_measure figure;
    const char *name, *unit;
};

static void tell_pair(const struct reading *reading, const enum ecg_lead *pair, const struct shown *shown,
                      struct reason *reason)
{
    for (size_t i = 0; i < 2; i++)
        reason_lead(reason, shown->name, lead_figure(reading, pair[i], shown->figure), shown->unit, pair[i]);
}

static enum answer in_two_leads(const struct reading *reading, const struct territory *territory,
                                const struct shown *shown, struct reason *reason)
{
    enum answer all = NO;
    for (size_t i = 0; i < territory->pair_count; i++) {
        const enum ecg_lead *pair = territory->pairs[i];
        enum answer first = shown->holds(reading, pair[0]);
        enum answer second = shown->holds(reading, pair[1]);
        if (first == YES && second == YES) {
            tell_pair(reading, pair, shown, reason);
            return YES;
        }
        if (first != NO && second != NO)
            all = NOT_KNOWN;
    }
    return all;
}

/* ---- ST ---- */

static struct person_limit elevation_limit(const struct person_limit *men, enum ecg_sex sex)
{
    if (sex == ECG_SEX_FEMALE)
        return exactly(ST_UP_FEMALE);
    return sex == ECG_SEX_MALE ? *men : (struct person_limit){ST_UP_FEMALE, men->certain};
}

static struct person_limit st_limit(const struct reading *reading, enum ecg_lead lead)
{
    double age = reading->person->age_years;
    if (lead != ECG_LEAD_V2 && lead != ECG_LEAD_V3)
        return exactly(ST_UP);
    struct person_limit men = {age < ST_AGE ? ST_UP_YOUNG : ST_UP_MALE, age >= ST_AGE ? ST_UP_MALE : ST_UP_YOUNG};
    return elevation_limit(&men, reading->person->sex);
}

static enum answer elevated(const struct reading *reading, enum ecg_lead lead)
{
    return answer_over(lead_figure(reading, lead, ECG_LM_ST_J), st_limit(reading, lead));
}

/* Horizontal or falling. */
static enum answer depressed(const struct reading *reading, enum ecg_lead lead)
{
    double j = lead_figure(reading, lead, ECG_LM_ST_J);
    double j80 = lead_figure(reading, lead, ECG_LM_ST_J80);
    if (isnan(j) || isnan(j80))
        return NOT_KNOWN;
    return j <= ST_DOWN && j80 <= ST_DOWN && j80 <= j + 0.5 * fabs(ST_DOWN) ? YES : NO;
}

enum answer rule_st_elevation(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    return in_two_leads(reading, territory, &(struct shown){elevated, ECG_LM_ST_J, "ST at J", "mV"}, reason);
}

enum answer rule_st_depression(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    return in_two_leads(reading, territory, &(struct shown){depressed, ECG_LM_ST_J80, "ST at J + 80 ms", "mV"}, reason);
}

/* ---- T ---- */

/* In V1 a T wave may go down, and in III, aVL and aVF with its QRS. */
static enum answer t_inverted(const struct reading *reading, enum ecg_lead lead)
{
    double t = lead_figure(reading, lead, ECG_LM_T);
    double r = lead_height(reading, lead);
    bool follows = lead == ECG_LEAD_III || lead == ECG_LEAD_AVL || lead == ECG_LEAD_AVF;
    if (lead == ECG_LEAD_V1)
        return NO;
    if (isnan(t) || isnan(r))
        return NOT_KNOWN;
    return t <= T_INVERTED && (!follows || r > lead_depth(reading, lead)) ? YES : NO;
}

enum answer rule_t_inversion(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    return in_two_leads(reading, territory, &(struct shown){t_inverted, ECG_LM_T, "T", "mV"}, reason);
}

static enum answer t_low(const struct reading *reading, enum ecg_lead lead)
{
    double t = lead_figure(reading, lead, ECG_LM_T);
    double r = lead_height(reading, lead);
    if (isnan(t) || isnan(r))
        return NOT_KNOWN;
    return r >= T_LOW_R && r > lead_depth(reading, lead) && t < T_LOW_SHARE * r ? YES : NO;
}

enum answer rule_nonspecific_t(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    static const enum ecg_lead leads[] = {ECG_LEAD_I, ECG_LEAD_II, ECG_LEAD_V4, ECG_LEAD_V5, ECG_LEAD_V6};
    unsigned low = 0;
    unsigned unknown = 0;
    (void)territory;
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        enum answer answer = t_low(reading, leads[i]);
        unknown += answer == NOT_KNOWN;
        low += answer == YES;
        if (answer == YES)
            reason_lead(reason, "T", lead_figure(reading, leads[i], ECG_LM_T), "mV", leads[i]);
    }
    return low >= LOW_T_LEADS ? YES : low + unknown >= LOW_T_LEADS ? NOT_KNOWN : NO;
}

/* ---- Q and R ---- */

static enum answer pathological_q(const struct reading *reading, enum ecg_lead lead)
{
    double q = lead_figure(reading, lead, ECG_LM_Q);
    double q_ms = lead_figure(reading, lead, ECG_LM_Q_MS);
    double r = lead_height(reading, lead);
    if (lead == ECG_LEAD_V1)
        return NO; /* a QS is normal there */
    if (isnan(q) || isnan(q_ms) || isnan(r))
        return NOT_KNOWN;
    if (q < 0.0 && r <= 0.0)
        return YES;
    if (lead == ECG_LEAD_V2 || lead == ECG_LEAD_V3)
        return q <= 0.5 * Q_DEEP && q_ms > Q_WIDE_V2 ? YES : NO;
    return q <= Q_DEEP && (q_ms >= Q_VERY_WIDE || (q_ms >= Q_WIDE && -q >= Q_SHARE * r)) ? YES : NO;
}

enum answer rule_q_waves(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    return in_two_leads(reading, territory, &(struct shown){pathological_q, ECG_LM_Q_MS, "Q", "ms"}, reason);
}

enum answer rule_poor_r(const struct reading *reading, const struct territory *territory, struct reason *reason)
{
    double v3 = lead_height(reading, ECG_LEAD_V3);
    (void)territory;
    if (isnan(v3))
        return NOT_KNOWN;
    if (v3 <= R_POOR)
        reason_limit(reason, "RV3", v3, "mV", "<=", R_POOR);
    return v3 <= R_POOR ? YES : NO;
}
