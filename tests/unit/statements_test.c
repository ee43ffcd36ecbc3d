/* Statements: a healthy ECG of twelve leads is made up, one thing after the other is changed, and what is then written
is looked at, with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ecg/statements.h"

static struct ecg_measurements measured;
static struct ecg_rhythm_summary rhythm;
static struct ecg_person person;
static struct ecg_statements said;

/* ---- a healthy ECG ---- */

static void set(enum ecg_measure what, double value)
{
    measured.all[what] = (struct ecg_figure){value, 2.0, 2.0, 10};
}

static void set_lead(enum ecg_lead lead, enum ecg_lead_measure what, double value)
{
    measured.lead[lead][what] = (struct ecg_figure){value, 0.01, 0.005, 10};
}

/* Millivolts; as a resting ECG of a man of 50 has them. */
static const struct {
    double q, r, s, t, p;
} healthy_leads[ECG_STANDARD_LEADS] = {
    {-0.03, 0.70, -0.12, 0.22, 0.08}, {-0.04, 1.00, -0.10, 0.30, 0.12}, {0.0, 0.40, -0.15, 0.08, 0.04},
    {-0.85, 0.0, 0.0, -0.26, -0.10},  {-0.03, 0.35, -0.12, 0.07, 0.02}, {-0.03, 0.70, -0.10, 0.19, 0.08},
    {0.0, 0.20, -0.90, 0.05, 0.05},   {0.0, 0.50, -1.20, 0.50, 0.06},   {0.0, 0.80, -0.80, 0.50, 0.06},
    {-0.02, 1.40, -0.50, 0.45, 0.06}, {-0.04, 1.40, -0.20, 0.35, 0.06}, {-0.04, 1.10, -0.10, 0.28, 0.06},
};

static void be_healthy_in(enum ecg_lead lead)
{
    for (int what = 0; what < ECG_LM_COUNT; what++)
        set_lead(lead, (enum ecg_lead_measure)what, 0.0);
    set_lead(lead, ECG_LM_Q, healthy_leads[lead].q);
    set_lead(lead, ECG_LM_R, healthy_leads[lead].r);
    set_lead(lead, ECG_LM_S, healthy_leads[lead].s);
    set_lead(lead, ECG_LM_T, healthy_leads[lead].t);
    set_lead(lead, ECG_LM_P, healthy_leads[lead].p);
    set_lead(lead, ECG_LM_Q_MS, healthy_leads[lead].r > 0.0 ? 15.0 : 80.0);
    set_lead(lead, ECG_LM_R_MS, 45.0);
    set_lead(lead, ECG_LM_S_MS, 25.0);
    set_lead(lead, ECG_LM_R_PEAK_MS, 36.0);
}

static void be_healthy(void)
{
    memset(&measured, 0, sizeof measured);
    memset(&rhythm, 0, sizeof rhythm);
    person = (struct ecg_person){50.0, ECG_SEX_MALE};
    rhythm.basic = ECG_RHYTHM_SINUS;
    measured.units = ECG_UNITS_MV;
    measured.lead_count = ECG_STANDARD_LEADS;
    measured.beats = measured.normal_beats = 11;
    measured.code = 'N';
    measured.p_present = 1.0;
    measured.paced = 0.0;
    for (int lead = 0; lead < ECG_STANDARD_LEADS; lead++) {
        measured.leads[lead] = (enum ecg_lead)lead;
        measured.quality[lead] = ECG_QUALITY_GOOD;
        be_healthy_in((enum ecg_lead)lead);
    }
    set(ECG_M_HEART_RATE, 68.0);
    set(ECG_M_RR, 882.0);
    set(ECG_M_P_DURATION, 100.0);
    set(ECG_M_PR, 160.0);
    set(ECG_M_QRS, 92.0);
    set(ECG_M_QT, 390.0);
    set(ECG_M_QTC_BAZETT, 415.0);
    set(ECG_M_QTC_FRIDERICIA, 407.0);
    set(ECG_M_QTC_FRAMINGHAM, 408.0);
    set(ECG_M_QTC_HODGES, 404.0);
    set(ECG_M_P_AXIS, 55.0);
    set(ECG_M_QRS_AXIS, 50.0);
    set(ECG_M_T_AXIS, 45.0);
}

/* ---- what is said ---- */

static const struct ecg_statement *find(const char *code)
{
    for (size_t i = 0; i < said.count; i++)
        if (strcmp(said.items[i].code, code) == 0)
            return &said.items[i];
    return NULL;
}

static void read_it(void)
{
    ecg_interpret(&measured, &rhythm, &person, &said);
    assert_true(said.count <= ECG_STATEMENTS_MAX);
    for (size_t i = 0; i < said.count; i++) {
        assert_true(strlen(said.items[i].reason) < ECG_STATEMENT_REASON);
        assert_true(i == 0 || said.items[i - 1].group <= said.items[i].group);
    }
}

static void expect(const char *code)
{
    read_it();
    if (find(code))
        return;
    for (size_t i = 0; i < said.count; i++)
        print_message("said: %s (%s)\n", said.items[i].code, said.items[i].reason);
    fail_msg("%s is not said", code);
}

static void expect_not(const char *code)
{
    read_it();
    if (find(code))
        fail_msg("%s is said: %s", code, find(code)->reason);
}

static void expect_reason(const char *code, const char *reason)
{
    expect(code);
    assert_string_equal(find(code)->reason, reason);
    assert_null(find("normal"));
}

/* ---- */

static void a_healthy_heart_is_normal_in_these_words(void **state)
{
    (void)state;
    be_healthy();
    read_it();
    assert_int_equal(said.count, 2);
    assert_string_equal(said.items[0].code, "sinus_rhythm");
    assert_string_equal(said.items[0].reason, "rate 68 bpm");
    assert_string_equal(said.items[1].text, "Normal sinus rhythm. No significant abnormalities detected.");
    assert_int_equal(said.items[1].group, ECG_GROUP_SUMMARY);
}

static void what_was_not_looked_for_is_not_normal(void **state)
{
    (void)state;
    for (int lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        for (int quality = ECG_QUALITY_UNKNOWN; quality < ECG_QUALITY_COUNT; quality++) {
            be_healthy();
            measured.quality[lead] = (enum ecg_quality)quality;
            read_it();
            assert_int_equal(find("normal") != NULL, quality == ECG_QUALITY_GOOD);
        }
    static const enum ecg_measure needed[] = {ECG_M_HEART_RATE, ECG_M_P_DURATION, ECG_M_PR, ECG_M_QRS, ECG_M_QRS_AXIS};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        be_healthy();
        set(needed[i], NAN);
        expect_not("normal");
    }
    for (int what = 0; what < ECG_LM_COUNT; what++) {
        if (what == ECG_LM_ST_J60 || what == ECG_LM_ST_SLOPE || what == ECG_LM_S_MS || what == ECG_LM_R_MS ||
            what == ECG_LM_R_PEAK_MS || what == ECG_LM_Q_MS || what == ECG_LM_Q || what == ECG_LM_S2 ||
            what == ECG_LM_R2 || what == ECG_LM_R || what == ECG_LM_S)
            continue; /* asked only beside others, or as part of a pair: a height is that of R or R' */
        be_healthy();
        for (int lead = 0; lead < ECG_STANDARD_LEADS; lead++)
            set_lead((enum ecg_lead)lead, (enum ecg_lead_measure)what, NAN);
        expect_not("normal");
    }
    be_healthy();
    set(ECG_M_QTC_FRAMINGHAM, NAN);
    set(ECG_M_QTC_HODGES, NAN);
    expect("normal");
    set(ECG_M_QTC_FRIDERICIA, NAN);
    expect_not("normal"); /* Bazett's alone is not believed */
    be_healthy();
    measured.lead_count = 11;
    expect_not("normal");
    be_healthy();
    person.age_years = 9.0;
    expect_not("normal");
    be_healthy();
    measured.units = ECG_UNITS_ADU;
    expect_reason("uncalibrated", "counts of unknown gain");
}

static void normality_needs_sinus_rhythm_at_a_normal_rate(void **state)
{
    (void)state;
    for (int basic = 0; basic < ECG_RHYTHM_COUNT; basic++) {
        be_healthy();
        rhythm.basic = (enum ecg_rhythm)basic;
        read_it();
        assert_int_equal(find("normal") != NULL, basic == ECG_RHYTHM_SINUS);
        if (basic != ECG_RHYTHM_UNKNOWN)
            assert_non_null(find(ecg_rhythm_rows[basic].name));
    }
    for (int upon = 0; upon < ECG_RHYTHM_COUNT; upon++) {
        if (ecg_rhythm_rows[upon].basic)
            continue;
        be_healthy();
        rhythm.present[upon] = true;
        expect_not("normal");
    }
    be_healthy();
    rhythm.basic = ECG_RHYTHM_UNKNOWN;
    expect("undetermined_rhythm");
    be_healthy();
    set(ECG_M_HEART_RATE, 104.0);
    expect_not("normal");
    set(ECG_M_HEART_RATE, 52.0);
    expect_not("normal");
}

static void premature_beats_are_counted(void **state)
{
    (void)state;
    be_healthy();
    measured.ventricular_beats = 2;
    expect_reason("ventricular_premature", "2 of 11 beats");
    be_healthy();
    measured.atrial_beats = 1;
    expect_reason("atrial_premature", "1 of 11 beats");
    rhythm.basic = ECG_RHYTHM_ATRIAL_FIBRILLATION;
    expect_not("atrial_premature");
}

static void the_axis_has_its_name(void **state)
{
    (void)state;
    static const struct {
        double axis;
        const char *code;
    } rows[] = {
        {-29.0, NULL}, {-31.0, "left_axis"}, {-89.0, "left_axis"},  {-120.0, "superior_axis"},
        {90.0, NULL},  {95.0, "right_axis"}, {180.0, "right_axis"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        be_healthy();
        set(ECG_M_QRS_AXIS, rows[i].axis);
        read_it();
        if (rows[i].code)
            expect(rows[i].code);
        else
            assert_non_null(find("normal"));
    }
    be_healthy();
    set(ECG_M_QRS_AXIS, -42.0);
    expect_reason("left_axis", "QRS axis -42 deg");
}

static void pr_says_whether_conduction_is_slow_or_short(void **state)
{
    (void)state;
    be_healthy();
    set(ECG_M_PR, 224.0);
    expect_reason("first_degree_av_block", "PR 224 ms > 200 ms (10 beats)");
    rhythm.present[ECG_RHYTHM_AV_BLOCK_3] = true;
    expect_not("first_degree_av_block");
    be_healthy();
    set(ECG_M_PR, 108.0);
    expect_reason("short_pr", "PR 108 ms < 120 ms (10 beats)");
    rhythm.basic = ECG_RHYTHM_JUNCTIONAL;
    expect_not("short_pr");
}

static void have_lbbb(double qrs_ms)
{
    be_healthy();
    set(ECG_M_QRS, qrs_ms);
    for (int lead = ECG_LEAD_V5; lead <= ECG_LEAD_V6; lead++) {
        set_lead((enum ecg_lead)lead, ECG_LM_Q, 0.0);
        set_lead((enum ecg_lead)lead, ECG_LM_R_PEAK_MS, 72.0);
        set_lead((enum ecg_lead)lead, ECG_LM_T, -0.3);
        set_lead((enum ecg_lead)lead, ECG_LM_ST_J, -0.1);
        set_lead((enum ecg_lead)lead, ECG_LM_ST_J80, -0.15);
    }
    set_lead(ECG_LEAD_I, ECG_LM_Q, 0.0);
    set_lead(ECG_LEAD_V1, ECG_LM_S, -2.5);
    set_lead(ECG_LEAD_V2, ECG_LM_ST_J, 0.4);
    set_lead(ECG_LEAD_V3, ECG_LM_ST_J, 0.4);
}

static void have_rbbb(double qrs_ms)
{
    be_healthy();
    set(ECG_M_QRS, qrs_ms);
    set_lead(ECG_LEAD_V1, ECG_LM_R2, 0.6);
    set_lead(ECG_LEAD_V1, ECG_LM_R_PEAK_MS, 84.0);
    set_lead(ECG_LEAD_I, ECG_LM_S_MS, 56.0);
    set_lead(ECG_LEAD_V6, ECG_LM_S_MS, 60.0);
}

static void bundle_branch_blocks_are_told_apart(void **state)
{
    (void)state;
    have_lbbb(148.0);
    expect_reason("lbbb", "QRS 148 ms >= 120 ms (10 beats), R peak time 72 ms in V6, no Q in I and V6");
    expect_not("rbbb");
    expect_not("ivcd");
    expect_not("anterior_st_elevation"); /* the block explains it */
    expect_not("lateral_t_inversion");
    expect_not("lvh");
    have_lbbb(114.0);
    expect("incomplete_lbbb");
    have_rbbb(132.0);
    expect_reason("rbbb", "QRS 132 ms >= 120 ms (10 beats), R' 0.60 mV in V1, S 56 ms in I");
    expect_not("ivcd");
    expect_not("lbbb");
    have_rbbb(112.0);
    expect("incomplete_rbbb");
    be_healthy();
    set(ECG_M_QRS, 126.0);
    expect_reason("ivcd", "QRS 126 ms >= 120 ms (10 beats)");
    expect_not("lbbb");
    set(ECG_M_QRS, 114.0);
    expect_not("ivcd");
    expect_not("normal");
    set(ECG_M_QRS, 126.0);
    rhythm.basic = ECG_RHYTHM_PACED;
    expect_not("ivcd");
    have_lbbb(148.0);
    measured.paced = 1.0;
    expect_not("lbbb");
    have_lbbb(148.0);
    measured.code = 'V';
    expect_not("lbbb");
}

static void fascicular_blocks(void **state)
{
    (void)state;
    be_healthy();
    set(ECG_M_QRS_AXIS, -56.0);
    set_lead(ECG_LEAD_AVL, ECG_LM_R_PEAK_MS, 48.0);
    expect_reason("left_anterior_fascicular_block", "QRS axis -56 deg, qR, R peak time 48 ms in aVL");
    set_lead(ECG_LEAD_AVL, ECG_LM_Q, 0.0);
    expect_not("left_anterior_fascicular_block");
    be_healthy();
    set(ECG_M_QRS_AXIS, 115.0);
    for (int i = 0; i < 2; i++) {
        set_lead(i ? ECG_LEAD_I : ECG_LEAD_AVL, ECG_LM_S, -0.9);
        set_lead(i ? ECG_LEAD_III : ECG_LEAD_AVF, ECG_LM_Q, -0.08);
    }
    expect("left_posterior_fascicular_block");
}

static void chambers(void **state)
{
    (void)state;
    be_healthy();
    set_lead(ECG_LEAD_V1, ECG_LM_S, -2.3);
    expect_reason("lvh", "SV1 + RV5 3.70 mV > 3.50 mV");
    person.age_years = 24.0;
    expect_not("lvh");
    person.age_years = NAN;
    expect_reason("lvh", "SV1 + RV5 3.70 mV > 3.50 mV, age unknown");

    be_healthy();
    set_lead(ECG_LEAD_V3, ECG_LM_S, -2.0); /* Cornell 2.35 mV */
    expect("normal");
    person.sex = ECG_SEX_UNKNOWN;
    expect_not("lvh");
    expect_not("normal"); /* she might have it */
    person.sex = ECG_SEX_FEMALE;
    expect_reason("lvh", "RaVL + SV3 2.35 mV > 2.00 mV");
    set_lead(ECG_LEAD_V3, ECG_LM_S, -2.6);
    person.sex = ECG_SEX_UNKNOWN;
    expect_reason("lvh", "RaVL + SV3 2.95 mV > 2.80 mV, sex unknown");

    be_healthy();
    set(ECG_M_QRS_AXIS, 112.0);
    set_lead(ECG_LEAD_V1, ECG_LM_R, 1.0);
    set_lead(ECG_LEAD_V1, ECG_LM_S, -0.2);
    expect("rvh");
    be_healthy();
    set(ECG_M_P_DURATION, 126.0);
    expect("normal");
    set_lead(ECG_LEAD_V1, ECG_LM_P, -0.13);
    expect_reason("left_atrial_enlargement", "P 126 ms >= 120 ms (10 beats), P -0.13 mV in V1");
    be_healthy();
    set_lead(ECG_LEAD_II, ECG_LM_P, 0.31);
    expect_reason("right_atrial_enlargement", "P in II 0.31 mV > 0.25 mV");
}

/* It may be a beat from the ventricles. */
static void a_wide_qrs_of_unknown_origin_has_no_heights(void **state)
{
    (void)state;
    be_healthy();
    set_lead(ECG_LEAD_V1, ECG_LM_S, -2.3);
    set(ECG_M_QRS, 150.0);
    expect("lvh");
    rhythm.basic = ECG_RHYTHM_UNKNOWN;
    expect_not("lvh");
    set(ECG_M_QRS, 90.0);
    expect("lvh");
}

static void low_voltage(void **state)
{
    (void)state;
    be_healthy();
    for (int lead = ECG_LEAD_I; lead <= ECG_LEAD_AVF; lead++)
        for (int what = ECG_LM_Q; what <= ECG_LM_S; what++)
            set_lead((enum ecg_lead)lead, (enum ecg_lead_measure)what, what == ECG_LM_R ? 0.35 : -0.02);
    expect_reason("low_voltage", "QRS of all limb leads at most 0.37 mV < 0.50 mV");
    set_lead(ECG_LEAD_II, ECG_LM_R, 0.6);
    expect_not("low_voltage");
}

static void st_and_t_by_territory(void **state)
{
    (void)state;
    be_healthy();
    set_lead(ECG_LEAD_II, ECG_LM_ST_J, 0.16);
    expect("normal"); /* one lead alone */
    set_lead(ECG_LEAD_III, ECG_LM_ST_J, 0.16);
    set_lead(ECG_LEAD_AVF, ECG_LM_ST_J, 0.16);
    set_lead(ECG_LEAD_AVR, ECG_LM_ST_J, -0.08);
    expect_reason("inferior_st_elevation", "ST at J 0.16 mV in II, ST at J 0.16 mV in aVF");

    be_healthy();
    for (int lead = ECG_LEAD_V4; lead <= ECG_LEAD_V6; lead++) {
        set_lead((enum ecg_lead)lead, ECG_LM_ST_J, -0.09);
        set_lead((enum ecg_lead)lead, ECG_LM_ST_J80, -0.11);
    }
    expect_reason("lateral_st_depression", "ST at J + 80 ms -0.11 mV in V5, ST at J + 80 ms -0.11 mV in V6");
    for (int lead = ECG_LEAD_V4; lead <= ECG_LEAD_V6; lead++)
        set_lead((enum ecg_lead)lead, ECG_LM_ST_J80, 0.0); /* rising */
    expect("normal");

    be_healthy();
    set_lead(ECG_LEAD_V5, ECG_LM_T, -0.2);
    set_lead(ECG_LEAD_V6, ECG_LM_T, -0.15);
    expect_reason("lateral_t_inversion", "T -0.20 mV in V5, T -0.15 mV in V6");
    expect_not("nonspecific_t");
    be_healthy();
    set_lead(ECG_LEAD_V5, ECG_LM_T, 0.06);
    set_lead(ECG_LEAD_V6, ECG_LM_T, 0.05);
    expect_reason("nonspecific_t", "T 0.06 mV in V5, T 0.05 mV in V6");
    be_healthy();
    set_lead(ECG_LEAD_V1, ECG_LM_T, -0.2);
    expect("normal");
}

/* At 80 Hz the next longer PR is 12.5 ms longer. */
static void what_the_rate_cannot_show_is_not_known(void **state)
{
    (void)state;
    be_healthy();
    set(ECG_M_PR, 206.0);
    expect("first_degree_av_block");
    measured.all[ECG_M_PR].resolution = 12.5;
    expect_not("first_degree_av_block");
    expect_not("normal");
    measured.all[ECG_M_PR].value = 218.0;
    expect("first_degree_av_block");
}

/* V2 and V3: 0.25 mV for men under 40, 0.2 for men from 40 on, 0.15 for women. */
static void st_elevation_depends_on_age_and_sex(void **state)
{
    (void)state;
    static const struct {
        double age_years;
        enum ecg_sex sex;
        double st_mv;
        bool said, normal;
    } rows[] = {
        {50.0, ECG_SEX_MALE, 0.19, false, true},     {50.0, ECG_SEX_MALE, 0.22, true, false},
        {30.0, ECG_SEX_MALE, 0.22, false, true},     {30.0, ECG_SEX_MALE, 0.27, true, false},
        {50.0, ECG_SEX_FEMALE, 0.17, true, false},   {NAN, ECG_SEX_MALE, 0.22, false, false},
        {50.0, ECG_SEX_UNKNOWN, 0.17, false, false}, {50.0, ECG_SEX_UNKNOWN, 0.22, true, false},
        {NAN, ECG_SEX_UNKNOWN, 0.14, false, true},   {NAN, ECG_SEX_UNKNOWN, 0.26, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        be_healthy();
        person = (struct ecg_person){rows[i].age_years, rows[i].sex};
        set_lead(ECG_LEAD_V2, ECG_LM_ST_J, rows[i].st_mv);
        set_lead(ECG_LEAD_V3, ECG_LM_ST_J, rows[i].st_mv);
        read_it();
        assert_int_equal(find("anterior_st_elevation") != NULL, rows[i].said);
        assert_int_equal(find("normal") != NULL, rows[i].normal);
    }
}

static void q_waves_and_poor_r(void **state)
{
    (void)state;
    be_healthy();
    set_lead(ECG_LEAD_III, ECG_LM_Q, -0.3);
    set_lead(ECG_LEAD_III, ECG_LM_Q_MS, 38.0);
    expect("normal");
    set_lead(ECG_LEAD_AVF, ECG_LM_Q, -0.25);
    set_lead(ECG_LEAD_AVF, ECG_LM_Q_MS, 36.0);
    expect_reason("inferior_infarct", "Q 38 ms in III, Q 36 ms in aVF");
    be_healthy(); /* wide, but shallow */
    for (int i = 0; i < 2; i++) {
        set_lead(i ? ECG_LEAD_I : ECG_LEAD_AVL, ECG_LM_Q, -0.11);
        set_lead(i ? ECG_LEAD_I : ECG_LEAD_AVL, ECG_LM_Q_MS, 34.0);
    }
    expect("normal");
    be_healthy();
    for (int lead = ECG_LEAD_V1; lead <= ECG_LEAD_V3; lead++) {
        set_lead((enum ecg_lead)lead, ECG_LM_R, 0.0);
        set_lead((enum ecg_lead)lead, ECG_LM_S, 0.0);
        set_lead((enum ecg_lead)lead, ECG_LM_Q, -1.1);
        set_lead((enum ecg_lead)lead, ECG_LM_Q_MS, 85.0);
    }
    expect("anterior_infarct");
    expect_not("poor_r_progression");
    be_healthy();
    set_lead(ECG_LEAD_V2, ECG_LM_R, 0.2);
    set_lead(ECG_LEAD_V3, ECG_LM_R, 0.2);
    expect_reason("poor_r_progression", "RV3 0.20 mV <= 0.30 mV");
}

static void qt_depends_on_sex(void **state)
{
    (void)state;
    be_healthy();
    set(ECG_M_QTC_FRAMINGHAM, 455.0);
    expect_reason("long_qt", "QTc (Framingham) 455 ms >= 450 ms (10 beats)");
    person.sex = ECG_SEX_FEMALE;
    expect("normal");
    person.sex = ECG_SEX_UNKNOWN;
    expect_not("long_qt");
    expect_not("normal");
    set(ECG_M_QTC_FRAMINGHAM, 482.0);
    expect_reason("long_qt", "QTc (Framingham) 482 ms >= 460 ms (10 beats), sex unknown");
    set(ECG_M_QRS, 130.0);
    expect_not("long_qt");
    be_healthy();
    set(ECG_M_QTC_FRAMINGHAM, 350.0);
    expect_not("short_qt"); /* the others say otherwise */
    set(ECG_M_QTC_HODGES, 355.0);
    set(ECG_M_QTC_FRIDERICIA, 350.0);
    set(ECG_M_QTC_BAZETT, NAN);
    expect("short_qt");
}

static void the_recording_itself(void **state)
{
    (void)state;
    be_healthy();
    measured.quality[ECG_LEAD_V2] = measured.quality[ECG_LEAD_V5] = ECG_QUALITY_LEAD_OFF;
    measured.quality[ECG_LEAD_III] = ECG_QUALITY_NOISY;
    measured.quality[ECG_LEAD_V6] = ECG_QUALITY_SATURATED;
    expect_reason("lead_off", "V2, V5");
    expect_reason("noisy", "III");
    expect_reason("saturated", "V6");

    be_healthy(); /* the arms exchanged */
    static const enum ecg_lead_measure waves[] = {ECG_LM_P, ECG_LM_T};
    for (size_t i = 0; i < 2; i++) {
        set_lead(ECG_LEAD_I, waves[i], -0.2);
        set_lead(ECG_LEAD_II, waves[i], 0.06);
        set_lead(ECG_LEAD_III, waves[i], 0.26);
        set_lead(ECG_LEAD_AVR, waves[i], 0.07);
    }
    set_lead(ECG_LEAD_I, ECG_LM_Q, -0.7);
    set_lead(ECG_LEAD_I, ECG_LM_R, 0.1);
    set_lead(ECG_LEAD_AVR, ECG_LM_R, 0.5);
    set_lead(ECG_LEAD_AVR, ECG_LM_Q, -0.1);
    set(ECG_M_QRS_AXIS, 130.0);
    expect_reason("arm_reversal", "P, QRS and T of I inverted, aVR upright");
    expect_not("right_axis");
}

/* II is no longer the sum of I and III. */
static void limb_leads_that_contradict_each_other_are_not_measured(void **state)
{
    (void)state;
    be_healthy();
    set(ECG_M_QRS_AXIS, -60.0);
    set_lead(ECG_LEAD_III, ECG_LM_T, -0.6);
    expect("limb_leads_contradict");
    expect_not("left_axis");
    assert_null(find("inferior_t_inversion"));
}

static void nothing_known_says_nothing(void **state)
{
    (void)state;
    be_healthy();
    memset(measured.quality, 0, sizeof measured.quality);
    for (int what = 0; what < ECG_M_COUNT; what++)
        set((enum ecg_measure)what, NAN);
    for (int lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        for (int what = 0; what < ECG_LM_COUNT; what++)
            set_lead((enum ecg_lead)lead, (enum ecg_lead_measure)what, NAN);
    rhythm.basic = ECG_RHYTHM_UNKNOWN;
    measured.beats = 0;
    read_it();
    assert_int_equal(said.count, 1);
    assert_string_equal(said.items[0].code, "undetermined_rhythm");
    measured.lead_count = 0;
    read_it();
    assert_int_equal(said.count, 1);
}

/* Every combination of odd values must keep within the bounds of the text and of the list. */
static void anything_may_be_measured(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, 0.0, -5.0, 5.0, 150.0, -0.4};
    uint32_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        be_healthy();
        for (int i = 0; i < 60; i++) {
            seed = seed * 1664525U + 1013904223U;
            double value = odd[(seed >> 8) % (sizeof odd / sizeof odd[0])];
            if (seed >> 31)
                set((enum ecg_measure)((seed >> 16) % ECG_M_COUNT), value);
            else
                set_lead((enum ecg_lead)((seed >> 12) % ECG_STANDARD_LEADS),
                         (enum ecg_lead_measure)((seed >> 18) % ECG_LM_COUNT), value);
        }
        for (int upon = 0; upon < ECG_RHYTHM_COUNT; upon++)
            rhythm.present[upon] = (seed >> upon) & 1;
        person.sex = (enum ecg_sex)(round % 3);
        read_it();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_heart_is_normal_in_these_words),
        cmocka_unit_test(what_was_not_looked_for_is_not_normal),
        cmocka_unit_test(normality_needs_sinus_rhythm_at_a_normal_rate),
        cmocka_unit_test(premature_beats_are_counted),
        cmocka_unit_test(the_axis_has_its_name),
        cmocka_unit_test(pr_says_whether_conduction_is_slow_or_short),
        cmocka_unit_test(bundle_branch_blocks_are_told_apart),
        cmocka_unit_test(fascicular_blocks),
        cmocka_unit_test(chambers),
        cmocka_unit_test(a_wide_qrs_of_unknown_origin_has_no_heights),
        cmocka_unit_test(low_voltage),
        cmocka_unit_test(st_and_t_by_territory),
        cmocka_unit_test(what_the_rate_cannot_show_is_not_known),
        cmocka_unit_test(st_elevation_depends_on_age_and_sex),
        cmocka_unit_test(q_waves_and_poor_r),
        cmocka_unit_test(qt_depends_on_sex),
        cmocka_unit_test(the_recording_itself),
        cmocka_unit_test(limb_leads_that_contradict_each_other_are_not_measured),
        cmocka_unit_test(nothing_known_says_nothing),
        cmocka_unit_test(anything_may_be_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
