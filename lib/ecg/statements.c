/* What a reader would write under an ECG of ten seconds.

The wording is that of Mason, Hancock and Gettes, "Recommendations for the standardization and interpretation of the
electrocardiogram: part II, ECG diagnosis statement list", Circulation 2007; 115: 1325-1332. Each statement is a row:
what makes it true (statement_rules.c and statement_heights.c, where the limits stand with their sources), what must be
known before it is asked, and beside which other statements it is left out, because those explain it. To add one: a row,
its condition, a case in the test.

An answer is yes, no, or not known, and only a yes is written. The last statement, that nothing is wrong, is written
only when every other row answered no: all twelve leads read, all figures there. Where a limit depends on a person's sex
or age and that is not known, the statement waits for the higher limit, and between the two nothing is known.

How often it is right: docs/accuracy.md. Unconfirmed until a person signs. */
#include "ecg/statements.h"

#include <math.h>
#include <string.h>

#include "ecg/statement_rules.h"

#define ADULT_AGE       16.0
#define RATE_NORMAL_MIN 60.0
#define RATE_NORMAL_MAX 100.0
#define PACED_SHARE     0.5 /* of the beats */
#define QRS_NARROW_MS   120.0

/* What must be known before a row is asked. */
enum {
    MV = 1,        /* heights in millivolts that do not contradict each other */
    ADULT = 2,     /* the limits are those of adults; who has no age is taken for one */
    CONDUCTED = 4, /* beats that come from above by the usual way: their shape says something of the heart */
    SINUS = 8,     /* P waves that lead the ventricles */
    KNOWN = 16     /* a wide QRS in a rhythm that is not known may come from below: its heights say nothing */
};

enum rule_place {
    R_VENTRICULAR_PREMATURE,
    R_ATRIAL_PREMATURE,
    R_SUPERIOR_AXIS,
    R_LEFT_AXIS,
    R_RIGHT_AXIS,
    R_LBBB,
    R_RBBB,
    R_INCOMPLETE_LBBB,
    R_INCOMPLETE_RBBB,
    R_IVCD,
    R_LAFB,
    R_LPFB,
    R_FIRST_DEGREE,
    R_SHORT_PR,
    R_LVH,
    R_RVH,
    R_LAE,
    R_RAE,
    R_LOW_VOLTAGE,
    R_Q_ANTERIOR,
    R_Q_INFERIOR,
    R_Q_LATERAL,
    R_ST_UP_ANTERIOR,
    R_ST_UP_INFERIOR,
    R_ST_UP_LATERAL,
    R_ST_DOWN_ANTERIOR,
    R_ST_DOWN_INFERIOR,
    R_ST_DOWN_LATERAL,
    R_T_ANTERIOR,
    R_T_INFERIOR,
    R_T_LATERAL,
    R_NONSPECIFIC_T,
    R_POOR_R,
    R_LONG_QT,
    R_SHORT_QT,
    R_LEAD_OFF,
    R_SATURATED,
    R_NOISY,
    R_ARM_REVERSAL,
    R_CONTRADICTION,
    R_UNCALIBRATED,
    R_COUNT
};

#define BIT(place) (1ULL << (place))
#define BLOCKS     (BIT(R_LBBB) | BIT(R_RBBB) | BIT(R_INCOMPLETE_LBBB) | BIT(R_INCOMPLETE_RBBB))
#define SECONDARY  (BIT(R_LBBB) | BIT(R_LVH)) /* they move ST and T of themselves */
#define ST_UP      (BIT(R_ST_UP_ANTERIOR) | BIT(R_ST_UP_INFERIOR) | BIT(R_ST_UP_LATERAL))
#define T_DOWN     (BIT(R_T_ANTERIOR) | BIT(R_T_INFERIOR) | BIT(R_T_LATERAL))
#define ARMS       BIT(R_ARM_REVERSAL)
#define HEIGHTS    (MV | ADULT | CONDUCTED | KNOWN)

static const struct rule {
    const char *code, *text;
    enum ecg_statement_group group;
    condition *holds;
    unsigned needs;
    unsigned long long unless; /* rows, of which any yes makes this one a no */
    const struct territory *territory;
} rules[R_COUNT] = {
    [R_VENTRICULAR_PREMATURE] = {"ventricular_premature", "Ventricular premature complex(es)", ECG_GROUP_RHYTHM,
                                 rule_ventricular_premature, CONDUCTED, 0, NULL},
    [R_ATRIAL_PREMATURE] = {"atrial_premature", "Atrial premature complex(es)", ECG_GROUP_RHYTHM, rule_atrial_premature,
                            SINUS, 0, NULL},
    [R_SUPERIOR_AXIS] = {"superior_axis", "Right superior axis", ECG_GROUP_AXIS, rule_superior_axis, ADULT | CONDUCTED,
                         ARMS, NULL},
    [R_LEFT_AXIS] = {"left_axis", "Left-axis deviation", ECG_GROUP_AXIS, rule_left_axis, ADULT | CONDUCTED, 0, NULL},
    [R_RIGHT_AXIS] = {"right_axis", "Right-axis deviation", ECG_GROUP_AXIS, rule_right_axis, ADULT | CONDUCTED, ARMS,
                      NULL},
    [R_LBBB] = {"lbbb", "Left bundle branch block", ECG_GROUP_CONDUCTION, rule_lbbb, ADULT | CONDUCTED, 0, NULL},
    [R_RBBB] = {"rbbb", "Right bundle branch block", ECG_GROUP_CONDUCTION, rule_rbbb, ADULT | CONDUCTED, BIT(R_LBBB),
                NULL},
    [R_INCOMPLETE_LBBB] = {"incomplete_lbbb", "Incomplete left bundle branch block", ECG_GROUP_CONDUCTION,
                           rule_incomplete_lbbb, ADULT | CONDUCTED, 0, NULL},
    [R_INCOMPLETE_RBBB] = {"incomplete_rbbb", "Incomplete right bundle branch block", ECG_GROUP_CONDUCTION,
                           rule_incomplete_rbbb, ADULT | CONDUCTED, BIT(R_INCOMPLETE_LBBB), NULL},
    [R_IVCD] = {"ivcd", "Intraventricular conduction delay", ECG_GROUP_CONDUCTION, rule_ivcd, ADULT | CONDUCTED, BLOCKS,
                NULL},
    [R_LAFB] = {"left_anterior_fascicular_block", "Left anterior fascicular block", ECG_GROUP_CONDUCTION, rule_lafb,
                ADULT | CONDUCTED, BIT(R_Q_INFERIOR), NULL},
    [R_LPFB] = {"left_posterior_fascicular_block", "Left posterior fascicular block", ECG_GROUP_CONDUCTION, rule_lpfb,
                ADULT | CONDUCTED, ARMS | BIT(R_RVH) | BIT(R_Q_LATERAL), NULL},
    [R_FIRST_DEGREE] = {"first_degree_av_block", "First-degree AV block", ECG_GROUP_CONDUCTION, rule_first_degree,
                        SINUS, 0, NULL},
    [R_SHORT_PR] = {"short_pr", "Short PR interval", ECG_GROUP_CONDUCTION, rule_short_pr, ADULT | SINUS, 0, NULL},
    [R_LVH] = {"lvh", "Left ventricular hypertrophy, by voltage", ECG_GROUP_CHAMBER, rule_lvh, HEIGHTS, BIT(R_LBBB),
               NULL},
    [R_RVH] = {"rvh", "Right ventricular hypertrophy, possible", ECG_GROUP_CHAMBER, rule_rvh, HEIGHTS,
               BIT(R_RBBB) | BIT(R_INCOMPLETE_RBBB) | ARMS, NULL},
    [R_LAE] = {"left_atrial_enlargement", "Left atrial enlargement, possible", ECG_GROUP_CHAMBER, rule_lae,
               MV | ADULT | SINUS, 0, NULL},
    [R_RAE] = {"right_atrial_enlargement", "Right atrial enlargement, possible", ECG_GROUP_CHAMBER, rule_rae,
               MV | ADULT | SINUS, 0, NULL},
    [R_LOW_VOLTAGE] = {"low_voltage", "Low voltage", ECG_GROUP_CHAMBER, rule_low_voltage, HEIGHTS, 0, NULL},
    [R_Q_ANTERIOR] = {"anterior_infarct", "Anterior MI, possible, age undetermined", ECG_GROUP_ST_T, rule_q_waves,
                      HEIGHTS, BIT(R_LBBB), &territory_anterior},
    [R_Q_INFERIOR] = {"inferior_infarct", "Inferior MI, possible, age undetermined", ECG_GROUP_ST_T, rule_q_waves,
                      HEIGHTS, BIT(R_LBBB), &territory_inferior},
    [R_Q_LATERAL] = {"lateral_infarct", "Lateral MI, possible, age undetermined", ECG_GROUP_ST_T, rule_q_waves, HEIGHTS,
                     BIT(R_LBBB) | ARMS, &territory_lateral},
    [R_ST_UP_ANTERIOR] = {"anterior_st_elevation", "ST elevation, anterior", ECG_GROUP_ST_T, rule_st_elevation, HEIGHTS,
                          SECONDARY, &territory_anterior},
    [R_ST_UP_INFERIOR] = {"inferior_st_elevation", "ST elevation, inferior", ECG_GROUP_ST_T, rule_st_elevation, HEIGHTS,
                          BIT(R_LBBB), &territory_inferior},
    [R_ST_UP_LATERAL] = {"lateral_st_elevation", "ST elevation, lateral", ECG_GROUP_ST_T, rule_st_elevation, HEIGHTS,
                         BIT(R_LBBB), &territory_lateral},
    [R_ST_DOWN_ANTERIOR] = {"anterior_st_depression", "ST depression, anterior", ECG_GROUP_ST_T, rule_st_depression,
                            HEIGHTS, SECONDARY | BIT(R_RBBB), &territory_anterior},
    [R_ST_DOWN_INFERIOR] = {"inferior_st_depression", "ST depression, inferior", ECG_GROUP_ST_T, rule_st_depression,
                            HEIGHTS, BIT(R_LBBB), &territory_inferior},
    [R_ST_DOWN_LATERAL] = {"lateral_st_depression", "ST depression, lateral", ECG_GROUP_ST_T, rule_st_depression,
                           HEIGHTS, BIT(R_LBBB), &territory_lateral},
    [R_T_ANTERIOR] = {"anterior_t_inversion", "T-wave inversion, anterior", ECG_GROUP_ST_T, rule_t_inversion, HEIGHTS,
                      BIT(R_LBBB) | BIT(R_RBBB), &territory_anterior},
    [R_T_INFERIOR] = {"inferior_t_inversion", "T-wave inversion, inferior", ECG_GROUP_ST_T, rule_t_inversion, HEIGHTS,
                      BIT(R_LBBB), &territory_inferior},
    [R_T_LATERAL] = {"lateral_t_inversion", "T-wave inversion, lateral", ECG_GROUP_ST_T, rule_t_inversion, HEIGHTS,
                     BIT(R_LBBB) | ARMS, &territory_lateral},
    [R_NONSPECIFIC_T] = {"nonspecific_t", "Nonspecific T-wave abnormality", ECG_GROUP_ST_T, rule_nonspecific_t, HEIGHTS,
                         BLOCKS | BIT(R_IVCD) | BIT(R_LVH) | ST_UP | T_DOWN, NULL},
    [R_POOR_R] = {"poor_r_progression", "Poor R-wave progression", ECG_GROUP_ST_T, rule_poor_r, HEIGHTS,
                  BIT(R_LBBB) | BIT(R_LVH) | BIT(R_Q_ANTERIOR) | BIT(R_LOW_VOLTAGE) | BIT(R_LAFB), NULL},
    [R_LONG_QT] = {"long_qt", "Prolonged QT interval", ECG_GROUP_QT, rule_long_qt, ADULT | CONDUCTED, 0, NULL},
    [R_SHORT_QT] = {"short_qt", "Short QT interval", ECG_GROUP_QT, rule_short_qt, ADULT | CONDUCTED, 0, NULL},
    [R_LEAD_OFF] = {"lead_off", "Lead off", ECG_GROUP_TECHNICAL, rule_lead_off, 0, 0, NULL},
    [R_SATURATED] = {"saturated", "Signal cut off at its limits", ECG_GROUP_TECHNICAL, rule_saturated, 0, 0, NULL},
    [R_NOISY] = {"noisy", "Noise", ECG_GROUP_TECHNICAL, rule_noisy, 0, 0, NULL},
    [R_ARM_REVERSAL] = {"arm_reversal", "Suspect arm lead reversal or dextrocardia", ECG_GROUP_TECHNICAL,
                        rule_arm_reversal, CONDUCTED, 0, NULL},
    [R_CONTRADICTION] = {"limb_leads_contradict", "Limb leads contradict each other: heights and axis not judged",
                         ECG_GROUP_TECHNICAL, rule_contradiction, 0, 0, NULL},
    [R_UNCALIBRATED] = {"uncalibrated", "Uncalibrated: heights not judged", ECG_GROUP_TECHNICAL, rule_uncalibrated, 0,
                        0, NULL},
};

/* ---- what is known before ---- */

static const enum ecg_rhythm not_conducted[] = {ECG_RHYTHM_PACED, ECG_RHYTHM_VT, ECG_RHYTHM_VF, ECG_RHYTHM_ASYSTOLE,
                                                ECG_RHYTHM_IDIOVENTRICULAR};
static const enum ecg_rhythm not_led_by_p[] = {ECG_RHYTHM_ATRIAL_FIBRILLATION, ECG_RHYTHM_ATRIAL_FLUTTER,
                                               ECG_RHYTHM_SVT, ECG_RHYTHM_JUNCTIONAL};

static bool is_one_of(enum ecg_rhythm rhythm, const enum ecg_rhythm *rhythms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rhythms[i] == rhythm)
            return true;
    return false;
}

static bool conducted(const struct reading *reading)
{
    const struct ecg_measurements *measured = reading->measured;
    if (measured->code == 'V' || measured->paced > PACED_SHARE)
        return false;
    return !is_one_of(reading->rhythm->basic, not_conducted, sizeof not_conducted / sizeof not_conducted[0]);
}

static bool led_by_p(const struct reading *reading)
{
    return conducted(reading) && !reading->rhythm->present[ECG_RHYTHM_AV_BLOCK_3] &&
           !is_one_of(reading->rhythm->basic, not_led_by_p, sizeof not_led_by_p / sizeof not_led_by_p[0]);
}

static unsigned what_is_known(const struct reading *reading)
{
    unsigned known = 0;
    if (reading->measured->units == ECG_UNITS_MV && !reading->contradict)
        known |= MV;
    if (!(reading->person->age_years < ADULT_AGE))
        known |= ADULT;
    if (conducted(reading))
        known |= CONDUCTED;
    if (led_by_p(reading))
        known |= SINUS;
    if (reading->rhythm->basic != ECG_RHYTHM_UNKNOWN || reading->measured->all[ECG_M_QRS].value < QRS_NARROW_MS)
        known |= KNOWN;
    return known;
}

static void find_leads(struct reading *reading)
{
    const struct ecg_measurements *measured = reading->measured;
    for (size_t lead = 0; lead < ECG_LEAD_COUNT; lead++)
        reading->place[lead] = -1;
    for (size_t i = 0; i < measured->lead_count; i++)
        if (measured->quality[i] == ECG_QUALITY_GOOD || measured->quality[i] == ECG_QUALITY_UNKNOWN)
            reading->place[measured->leads[i]] = (int)i;
}

/* ---- writing ---- */

static struct ecg_statement *add(struct ecg_statements *out, const char *code, const char *text,
                                 enum ecg_statement_group group)
{
    if (out->count == ECG_STATEMENTS_MAX)
        return NULL;
    struct ecg_statement *statement = &out->items[out->count++];
    *statement = (struct ecg_statement){.code = code, .text = text, .group = group};
    return statement;
}

static void add_rhythm(const struct reading *reading, enum ecg_rhythm rhythm, struct ecg_statements *out)
{
    const struct ecg_rhythm_row *row = &ecg_rhythm_rows[rhythm];
    const struct ecg_figure *rate = &reading->measured->all[ECG_M_HEART_RATE];
    struct ecg_statement *statement = add(out, row->name, row->label, ECG_GROUP_RHYTHM);
    struct reason reason;
    if (!statement)
        return;
    reason_begin(&reason, statement->reason, sizeof statement->reason);
    if (isnan(rate->value))
        reason_add(&reason, "rate not known");
    else
        reason_value(&reason, "rate", rate->value, 0, "bpm");
}

/* Those that have rows of their own, for which the measurements are asked. */
static bool has_own_row(enum ecg_rhythm rhythm)
{
    return rhythm == ECG_RHYTHM_AV_BLOCK_1 || rhythm == ECG_RHYTHM_LBBB || rhythm == ECG_RHYTHM_RBBB;
}

/* True when the rhythm is sinus rhythm at a normal rate and nothing lies upon it. */
static bool add_rhythms(const struct reading *reading, struct ecg_statements *out)
{
    const struct ecg_rhythm_summary *rhythm = reading->rhythm;
    double rate_bpm = reading->measured->all[ECG_M_HEART_RATE].value;
    bool normal = rhythm->basic == ECG_RHYTHM_SINUS && rate_bpm >= RATE_NORMAL_MIN && rate_bpm <= RATE_NORMAL_MAX;
    if (rhythm->basic == ECG_RHYTHM_UNKNOWN)
        (void)add(out, "undetermined_rhythm", "Undetermined rhythm", ECG_GROUP_RHYTHM);
    else
        add_rhythm(reading, rhythm->basic, out);
    for (int upon = 0; upon < ECG_RHYTHM_COUNT; upon++) {
        if (!rhythm->present[upon] || ecg_rhythm_rows[upon].basic)
            continue;
        normal = false;
        if (!has_own_row((enum ecg_rhythm)upon))
            add_rhythm(reading, (enum ecg_rhythm)upon, out);
    }
    return normal;
}

/* ---- asking ---- */

/* A yes that others explain is a no. They may stand further down in the table, so all are asked first. */
static void explain(enum answer answers[R_COUNT])
{
    enum answer asked[R_COUNT];
    memcpy(asked, answers, sizeof asked);
    for (int i = 0; i < R_COUNT; i++)
        for (int other = 0; other < R_COUNT; other++)
            if ((rules[i].unless & BIT(other)) && asked[other] == YES && asked[i] == YES)
                answers[i] = NO;
}

static void ask(const struct reading *reading, enum answer answers[R_COUNT],
                char reasons[R_COUNT][ECG_STATEMENT_REASON])
{
    unsigned known = what_is_known(reading);
    for (int i = 0; i < R_COUNT; i++) {
        struct reason reason;
        reason_begin(&reason, reasons[i], ECG_STATEMENT_REASON);
        answers[i] = NOT_KNOWN;
        if ((rules[i].needs & ~known) == 0)
            answers[i] = rules[i].holds(reading, rules[i].territory, &reason);
    }
    explain(answers);
}

static bool all_twelve(const struct reading *reading)
{
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        if (reading->place[lead] < 0 || reading->measured->quality[reading->place[lead]] != ECG_QUALITY_GOOD)
            return false;
    return true;
}

static void add_answers(const enum answer *answers, char reasons[R_COUNT][ECG_STATEMENT_REASON],
                        struct ecg_statements *out)
{
    for (int i = 0; i < R_COUNT; i++) {
        struct ecg_statement *statement =
            answers[i] == YES ? add(out, rules[i].code, rules[i].text, rules[i].group) : NULL;
        if (statement)
            memcpy(statement->reason, reasons[i], ECG_STATEMENT_REASON);
    }
}

static bool all_no(const enum answer *answers)
{
    for (int i = 0; i < R_COUNT; i++)
        if (answers[i] != NO)
            return false;
    return true;
}

void ecg_interpret(const struct ecg_measurements *measurements, const struct ecg_rhythm_summary *rhythm,
                   const struct ecg_person *person, struct ecg_statements *out)
{
    struct reading reading = {.measured = measurements, .rhythm = rhythm, .person = person};
    enum answer answers[R_COUNT];
    char reasons[R_COUNT][ECG_STATEMENT_REASON];
    out->count = 0;
    find_leads(&reading);
    reading.contradict = limb_leads_contradict(&reading);
    bool normal = add_rhythms(&reading, out);
    ask(&reading, answers, reasons);
    add_answers(answers, reasons, out);
    if (!normal || !all_no(answers) || !all_twelve(&reading))
        return;
    struct ecg_statement *statement =
        add(out, "normal", "Normal sinus rhythm. No significant abnormalities detected.", ECG_GROUP_SUMMARY);
    struct reason reason;
    if (!statement)
        return;
    reason_begin(&reason, statement->reason, sizeof statement->reason);
    reason_value(&reason, "rate", measurements->all[ECG_M_HEART_RATE].value, 0, "bpm");
    reason_add(&reason, "twelve leads read, nothing found");
}
