/* Measurements are what the beats say: medians of the normal ones, QT corrected where a formula holds, axes from any
two limb leads, and nothing where nothing is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/measure.h"

#define FS_HZ 500.0
#define PI    3.14159265358979323846

enum { LEADS = 3 };

struct desk {
    struct ecg_measurer measurer;
    struct ecg_measurements out;
    enum ecg_quality quality[LEADS];
    int64_t now;
};

static void begin(struct desk *desk, enum ecg_units units, const enum ecg_lead leads[LEADS])
{
    memset(desk, 0, sizeof *desk);
    void *memory = calloc(1, ecg_measurer_bytes(LEADS));
    assert_non_null(memory);
    ecg_measurer_init(&desk->measurer, FS_HZ, units, LEADS, leads, memory);
    for (int lead = 0; lead < LEADS; lead++)
        desk->quality[lead] = ECG_QUALITY_GOOD;
}

static void end(struct desk *desk)
{
    free(desk->measurer.memory);
}

static struct ecg_wave_times times(float onset_ms, float peak_ms, float end_ms)
{
    return (struct ecg_wave_times){ECG_WAVE_PRESENT, onset_ms, peak_ms, end_ms};
}

static struct ecg_beat_waves usual_beat(void)
{
    struct ecg_beat_waves beat = {.code = 'N', .rr_ms = 1000.0, .lead_count = LEADS, .p_count = 1};
    beat.pace_spike_ms = (double)NAN;
    beat.all[ECG_WAVE_P] = times(-200.0F, -150.0F, -90.0F);
    beat.all[ECG_WAVE_QRS] = times(-40.0F, 0.0F, 50.0F);
    beat.all[ECG_WAVE_T] = times(160.0F, 270.0F, 360.0F);
    for (int lead = 0; lead < LEADS; lead++)
        beat.levels[lead] = (struct ecg_lead_levels){.p = 0.1F,
                                                     .r = 1.0F,
                                                     .t = 0.3F,
                                                     .j = 0.05F,
                                                     .j60 = 0.06F,
                                                     .j80 = 0.07F,
                                                     .noise = 0.01F,
                                                     .qrs_area = 20.0F,
                                                     .p_area = 4.0F,
                                                     .t_area = 25.0F,
                                                     .t_form = ECG_T_UPRIGHT};
    return beat;
}

static void add(struct desk *desk, struct ecg_beat_waves beat)
{
    desk->now += isnan(beat.rr_ms) ? 500 : (int64_t)(beat.rr_ms * FS_HZ / 1000.0);
    beat.sample = desk->now;
    ecg_measurer_beat(&desk->measurer, &beat);
}

static bool tell(struct desk *desk)
{
    return ecg_measurer_tell(&desk->measurer, desk->now, desk->quality, &desk->out);
}

static double figure(const struct desk *desk, enum ecg_measure measure)
{
    return desk->out.all[measure].value;
}

static void assert_close(double told, double truth, double tolerance)
{
    if (!(fabs(told - truth) <= tolerance))
        fail_msg("%.3f is not within %.3f of %.3f", told, tolerance, truth);
}

static const enum ecg_lead limb[LEADS] = {ECG_LEAD_I, ECG_LEAD_AVF, ECG_LEAD_V1};

static void intervals_are_those_of_the_beats(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, limb);
    for (int i = 0; i < 8; i++)
        add(&desk, usual_beat());
    assert_true(tell(&desk));
    assert_close(figure(&desk, ECG_M_HEART_RATE), 60.0, 1e-9);
    assert_close(figure(&desk, ECG_M_RR), 1000.0, 1e-9);
    assert_close(figure(&desk, ECG_M_P_DURATION), 110.0, 1e-4);
    assert_close(figure(&desk, ECG_M_PR), 160.0, 1e-4);
    assert_close(figure(&desk, ECG_M_QRS), 90.0, 1e-4);
    assert_close(figure(&desk, ECG_M_QT), 400.0, 1e-4);
    assert_int_equal(desk.out.all[ECG_M_QT].beats, 8);
    assert_close(desk.out.all[ECG_M_QT].spread, 0.0, 1e-4);
    assert_true(desk.out.all[ECG_M_QT].resolution >= 1000.0 / FS_HZ);
    assert_close(desk.out.lead[0][ECG_LM_R].value, 1.0, 1e-6);
    assert_close(desk.out.lead[0][ECG_LM_R].resolution, 0.01, 1e-6);
    assert_close(desk.out.lead[2][ECG_LM_ST_J80].value, 0.07, 1e-6);
    assert_int_equal(desk.out.t_form[1], ECG_T_UPRIGHT);
    assert_int_equal(desk.out.code, 'N');
    assert_close(desk.out.p_present, 1.0, 1e-9);
    assert_close(desk.out.p_per_beat, 1.0, 1e-9);
    assert_close(desk.out.paced, 0.0, 1e-9);
    end(&desk);
}

static void qt_is_corrected_by_four_formulas_within_their_limits(void **state)
{
    (void)state;
    static const struct {
        double rr_ms, bazett, fridericia, framingham, hodges; /* of a QT of 400 ms; 0: withheld */
    } rows[] = {
        {1000.0, 400.0, 400.0, 400.0, 400.0},
        {750.0, 461.880, 440.257, 438.5, 435.0},
        {1300.0, 0.0, 366.499, 353.8, 375.769}, /* 46 bpm */
        {500.0, 0.0, 503.968, 477.0, 505.0},    /* 120 bpm */
        {440.0, 0.0, 525.917, 0.0, 533.636},    /* 136 bpm */
        {375.0, 0.0, 0.0, 0.0, 0.0},            /* 160 bpm */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const double expected[] = {rows[i].bazett, rows[i].fridericia, rows[i].framingham, rows[i].hodges};
        struct desk desk;
        begin(&desk, ECG_UNITS_MV, limb);
        for (int b = 0; b < 6; b++) {
            struct ecg_beat_waves beat = usual_beat();
            beat.rr_ms = rows[i].rr_ms;
            add(&desk, beat);
        }
        assert_true(tell(&desk));
        for (int formula = 0; formula < 4; formula++) {
            double told = figure(&desk, (enum ecg_measure)(ECG_M_QTC_BAZETT + formula));
            if (expected[formula] == 0.0)
                assert_true(isnan(told));
            else
                assert_close(told, expected[formula], 0.01);
        }
        end(&desk);
    }
}

static void qt_is_not_corrected_where_the_rate_varies_much(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, limb);
    for (int i = 0; i < 8; i++) {
        struct ecg_beat_waves beat = usual_beat();
        beat.rr_ms = i % 2 ? 700.0 : 1300.0;
        add(&desk, beat);
    }
    assert_true(tell(&desk));
    assert_true(isnan(figure(&desk, ECG_M_QTC_FRIDERICIA)));
    assert_close(figure(&desk, ECG_M_QT), 400.0, 1e-4);
    end(&desk);
}

static void premature_beats_do_not_count(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, limb);
    for (int i = 0; i < 9; i++) {
        struct ecg_beat_waves beat = usual_beat();
        if (i % 3 == 2) {
            beat.code = 'V';
            beat.all[ECG_WAVE_QRS].end_ms = 110.0F;
        }
        add(&desk, beat);
    }
    assert_true(tell(&desk));
    assert_close(figure(&desk, ECG_M_QRS), 90.0, 1e-4);
    assert_int_equal(desk.out.all[ECG_M_QRS].beats, 6);
    assert_int_equal(desk.out.ventricular_beats, 3);
    assert_int_equal(desk.out.normal_beats, 6);
    end(&desk);
}

static void without_normal_beats_the_commonest_are_measured_and_named(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, limb);
    for (int i = 0; i < 6; i++) {
        struct ecg_beat_waves beat = usual_beat();
        beat.code = i == 3 ? 'A' : 'V';
        beat.all[ECG_WAVE_QRS].end_ms = 110.0F;
        beat.pace_spike_ms = -60.0;
        add(&desk, beat);
    }
    assert_true(tell(&desk));
    assert_int_equal(desk.out.code, 'V');
    assert_close(figure(&desk, ECG_M_QRS), 150.0, 1e-4);
    assert_int_equal(desk.out.all[ECG_M_QRS].beats, 5);
    assert_close(desk.out.paced, 1.0, 1e-9);
    end(&desk);
}

static void old_beats_and_few_beats_say_nothing(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, limb);
    assert_false(tell(&desk));
    add(&desk, usual_beat());
    assert_true(tell(&desk));
    assert_true(isnan(figure(&desk, ECG_M_QT)));
    assert_int_equal(desk.out.all[ECG_M_QT].beats, 1);
    for (int i = 0; i < 60; i++)
        add(&desk, usual_beat());
    assert_true(tell(&desk));
    assert_in_range(desk.out.beats, 10, 11);
    desk.now += (int64_t)(11.0 * FS_HZ);
    assert_false(tell(&desk));
    end(&desk);
}

static void a_lead_that_cannot_be_read_has_no_figures(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, limb);
    for (int i = 0; i < 6; i++)
        add(&desk, usual_beat());
    desk.quality[0] = ECG_QUALITY_LEAD_OFF;
    assert_true(tell(&desk));
    assert_true(isnan(desk.out.lead[0][ECG_LM_R].value));
    assert_int_equal(desk.out.lead[0][ECG_LM_R].beats, 0);
    assert_int_equal(desk.out.t_form[0], ECG_T_UNKNOWN);
    assert_true(isfinite(desk.out.lead[1][ECG_LM_R].value));
    assert_true(isnan(figure(&desk, ECG_M_QRS_AXIS)));
    end(&desk);
}

static void waves_that_are_absent_have_no_interval(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, limb);
    for (int i = 0; i < 6; i++) {
        struct ecg_beat_waves beat = usual_beat();
        beat.all[ECG_WAVE_P] = (struct ecg_wave_times){ECG_WAVE_ABSENT, NAN, NAN, NAN};
        add(&desk, beat);
    }
    assert_true(tell(&desk));
    assert_true(isnan(figure(&desk, ECG_M_PR)));
    assert_true(isnan(figure(&desk, ECG_M_P_AXIS)));
    assert_close(desk.out.p_present, 0.0, 1e-9);
    assert_close(figure(&desk, ECG_M_QRS), 90.0, 1e-4);
    end(&desk);
}

/* What a limb lead shows of a vector. */
static float projected(enum ecg_lead lead, double degrees)
{
    static const double looks[] = {0.0, 60.0, 120.0, -150.0, -30.0, 90.0};
    double share = lead >= ECG_LEAD_AVR ? sqrt(3.0) / 2.0 : 1.0;
    return (float)(30.0 * share * cos((degrees - looks[lead]) * PI / 180.0));
}

static void the_axis_is_that_of_the_vector_by_any_two_limb_leads(void **state)
{
    (void)state;
    for (int a = ECG_LEAD_I; a <= ECG_LEAD_AVF; a++) {
        for (int b = a + 1; b <= ECG_LEAD_AVF; b++) {
            for (double axis = -170.0; axis <= 180.0; axis += 35.0) {
                const enum ecg_lead leads[LEADS] = {(enum ecg_lead)a, ECG_LEAD_V2, (enum ecg_lead)b};
                struct desk desk;
                begin(&desk, ECG_UNITS_MV, leads);
                for (int i = 0; i < 5; i++) {
                    struct ecg_beat_waves beat = usual_beat();
                    beat.levels[0].qrs_area = projected(leads[0], axis);
                    beat.levels[2].qrs_area = projected(leads[2], axis);
                    add(&desk, beat);
                }
                assert_true(tell(&desk));
                double off = fabs(figure(&desk, ECG_M_QRS_AXIS) - axis);
                assert_true(fmin(off, 360.0 - off) < 0.01);
                end(&desk);
            }
        }
    }
}

static void one_limb_lead_has_no_axis(void **state)
{
    (void)state;
    const enum ecg_lead leads[LEADS] = {ECG_LEAD_II, ECG_LEAD_V2, ECG_LEAD_V5};
    struct desk desk;
    begin(&desk, ECG_UNITS_MV, leads);
    for (int i = 0; i < 6; i++)
        add(&desk, usual_beat());
    assert_true(tell(&desk));
    assert_true(isnan(figure(&desk, ECG_M_QRS_AXIS)));
    end(&desk);
}

static void counts_resolve_one_count_at_best(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk, ECG_UNITS_ADU, limb);
    for (int i = 0; i < 6; i++)
        add(&desk, usual_beat());
    assert_true(tell(&desk));
    assert_int_equal(desk.out.units, ECG_UNITS_ADU);
    assert_close(desk.out.lead[0][ECG_LM_R].resolution, 1.0, 1e-9);
    end(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_the_beats),
        cmocka_unit_test(qt_is_corrected_by_four_formulas_within_their_limits),
        cmocka_unit_test(qt_is_not_corrected_where_the_rate_varies_much),
        cmocka_unit_test(premature_beats_do_not_count),
        cmocka_unit_test(without_normal_beats_the_commonest_are_measured_and_named),
        cmocka_unit_test(old_beats_and_few_beats_say_nothing),
        cmocka_unit_test(a_lead_that_cannot_be_read_has_no_figures),
        cmocka_unit_test(waves_that_are_absent_have_no_interval),
        cmocka_unit_test(the_axis_is_that_of_the_vector_by_any_two_limb_leads),
        cmocka_unit_test(one_limb_lead_has_no_axis),
        cmocka_unit_test(counts_resolve_one_count_at_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
