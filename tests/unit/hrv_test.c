/* Heart rate variability: against series whose figures are known in closed form, against figures computed elsewhere,
and what is withheld. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "ecg/hrv.h"

#define TURN 6.283185307179586

static struct ecg_hrv_window window;
static struct ecg_hrv hrv;

static void near(double found, double expected, double within)
{
    if (!(fabs(found - expected) <= within))
        fail_msg("%.6f instead of %.6f", found, expected);
}

/* What a heart does: the interval that begins at t_s, ms. */
typedef double interval_ms(double t_s);

static double even(double t_s)
{
    (void)t_s;
    return 800.0;
}

static double slow_wave(double t_s)
{
    return 800.0 + 40.0 * sin(TURN * 0.1 * t_s);
}

static double breath(double t_s)
{
    return 800.0 + 30.0 * sin(TURN * 0.25 * t_s);
}

static double very_slow_wave(double t_s)
{
    return 800.0 + 30.0 * sin(TURN * 0.02 * t_s);
}

static uint32_t seed;

static double mixed(double t_s)
{
    seed = seed * 1664525U + 1013904223U;
    double u = (double)(seed >> 8) / 16777216.0 - 0.5;
    return 800.0 + 40.0 * sin(TURN * 0.1 * t_s) + 25.0 * sin(TURN * 0.25 * t_s) + 30.0 * u;
}

/* Beats to the sample, as the detector tells them. */
static void beat_for(double seconds, double fs_hz, interval_ms *interval)
{
    int64_t at = 0;
    seed = 1;
    ecg_hrv_init(&window, fs_hz);
    ecg_hrv_beat(&window, at, 'N', false);
    while ((double)at <= seconds * fs_hz) {
        at += (int64_t)floor(interval((double)at / fs_hz) * fs_hz / 1000.0 + 0.5);
        ecg_hrv_beat(&window, at, 'N', true);
    }
}

static bool tell(double now_s)
{
    return ecg_hrv_tell(&window, (int64_t)(now_s * window.fs_hz), &hrv);
}

static void nothing_is_told_before_the_window_is_full(void **state)
{
    (void)state;
    ecg_hrv_init(&window, 500.0);
    assert_false(tell(300.0));
    beat_for(280.0, 500.0, even);
    assert_false(tell(280.0));
    beat_for(302.0, 500.0, even);
    assert_true(tell(300.0));
    ecg_hrv_forget(&window);
    assert_false(tell(310.0));
    ecg_hrv_beat(&window, 160000, 'N', false);
    assert_false(tell(330.0));
}

static void an_even_heart_has_no_variability(void **state)
{
    (void)state;
    beat_for(301.0, 500.0, even);
    assert_true(tell(300.0));
    near(hrv.mean_nn_ms, 800.0, 1e-9);
    near(hrv.mean_hr_bpm, 75.0, 1e-9);
    near(hrv.sdnn_ms, 0.0, 1e-9);
    near(hrv.rmssd_ms, 0.0, 1e-9);
    near(hrv.pnn50_percent, 0.0, 1e-9);
    near(hrv.triangular_index, 1.0, 1e-9);
    near(hrv.total_power_ms2, 0.0, 1e-6);
    assert_true(isnan(hrv.lf_hf));
    assert_true(isnan(hrv.dfa_alpha1));
    assert_int_equal(hrv.intervals, 375);
    assert_int_equal(hrv.excluded, 0);
    assert_null(hrv.withheld);
}

/* A wave of amplitude A has the power A * A / 2, all of it in its band. */
static void a_wave_has_its_power_in_its_band(void **state)
{
    (void)state;
    static const struct {
        interval_ms *interval;
        double vlf, lf, hf;
    } rows[] = {
        {very_slow_wave, 450.0, 0.0, 0.0},
        {slow_wave, 0.0, 800.0, 0.0},
        {breath, 0.0, 0.0, 450.0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        beat_for(301.0, 1000.0, rows[i].interval);
        assert_true(tell(300.0));
        double all = rows[i].vlf + rows[i].lf + rows[i].hf;
        near(hrv.vlf_ms2, rows[i].vlf, 0.03 * all);
        near(hrv.lf_ms2, rows[i].lf, 0.03 * all);
        near(hrv.hf_ms2, rows[i].hf, 0.03 * all);
        near(hrv.total_power_ms2, hrv.sdnn_ms * hrv.sdnn_ms, 0.02 * all);
        near(hrv.sdnn_ms, sqrt(all), 0.02 * sqrt(all));
    }
    beat_for(301.0, 1000.0, slow_wave);
    assert_true(tell(300.0));
    near(hrv.lf_peak_hz, 0.1, 0.002);
    near(hrv.lf_nu, 100.0, 1.0);
    beat_for(301.0, 1000.0, breath);
    assert_true(tell(300.0));
    near(hrv.hf_peak_hz, 0.25, 0.002);
    near(hrv.hf_nu, 100.0, 1.0);
}

/* The same beats in Python: numpy for the time domain, a search over all triangles for TINN, scipy's lombscargle for
   the spectrum, counted templates for the entropy, numpy's polyfit for the scaling exponent. */
static void figures_agree_with_those_computed_elsewhere(void **state)
{
    (void)state;
    beat_for(301.0, 1000.0, mixed);
    assert_true(tell(300.5));
    assert_int_equal(hrv.intervals, 375);
    near(hrv.mean_nn_ms, 799.064, 1e-3);
    near(hrv.sdnn_ms, 34.12898089, 1e-6);
    near(hrv.rmssd_ms, 27.05179227, 1e-6);
    near(hrv.sdsd_ms, 27.08743649, 1e-6);
    near(hrv.nn50, 21.0, 0.0);
    near(hrv.pnn50_percent, 5.61497326, 1e-6);
    near(hrv.triangular_index, 11.36363636, 1e-6);
    near(hrv.tinn_ms, 171.875, 1e-9);
    near(hrv.sd1_ms, 19.15371002, 1e-6);
    near(hrv.sd2_ms, 44.30248375, 1e-6);
    near(hrv.vlf_ms2, 3.494200, 1e-4);
    near(hrv.lf_ms2, 816.741253, 1e-3);
    near(hrv.hf_ms2, 319.706767, 1e-3);
    near(hrv.total_power_ms2, 1139.942219, 1e-3);
    near(hrv.lf_nu, 71.867894, 1e-4);
    near(hrv.lf_hf, 2.554657, 1e-5);
    near(hrv.lf_peak_hz, 0.10013048, 1e-7);
    near(hrv.hf_peak_hz, 0.25032621, 1e-7);
    near(hrv.sample_entropy, 1.54577129, 1e-6);
    near(hrv.dfa_alpha1, 1.19083048, 1e-6);
}

/* Every tenth beat is early and ventricular, with its pause: 800 ms become 480 and 1120. */
static void ectopic_beats_do_not_count(void **state)
{
    (void)state;
    int64_t at = 0;
    ecg_hrv_init(&window, 500.0);
    for (int i = 0; at <= 301 * 500; i++) {
        ecg_hrv_beat(&window, at, i % 10 == 9 ? 'V' : 'N', i > 0);
        at += i % 10 == 8 ? 240 : i % 10 == 9 ? 560 : 400;
    }
    assert_true(tell(300.0));
    near(hrv.mean_nn_ms, 800.0, 1e-9);
    near(hrv.sdnn_ms, 0.0, 1e-9);
    near(hrv.rmssd_ms, 0.0, 1e-9);
    assert_in_range(hrv.excluded, 74, 76);
    assert_null(hrv.withheld);
}

/* A beat missed, a false one found: both called normal. */
static void wrong_intervals_do_not_count(void **state)
{
    (void)state;
    int64_t at = 0;
    ecg_hrv_init(&window, 500.0);
    for (int i = 0; at <= 301 * 500; i++) {
        ecg_hrv_beat(&window, at, 'N', i > 0);
        at += i % 40 == 8 ? 800 : i % 40 == 20 ? 100 : i % 40 == 21 ? 300 : 400;
    }
    assert_true(tell(300.0));
    near(hrv.mean_nn_ms, 800.0, 1e-9);
    near(hrv.sdnn_ms, 0.0, 1e-9);
    assert_true(hrv.excluded >= 24);
}

static void too_little_is_withheld(void **state)
{
    (void)state;
    int64_t at = 0;
    ecg_hrv_init(&window, 500.0);
    for (int i = 0; at <= 301 * 500; i++, at += 400)
        ecg_hrv_beat(&window, at, i % 4 == 3 ? 'V' : 'N', i > 0);
    assert_true(tell(300.0));
    assert_non_null(strstr(hrv.withheld, "80 %"));
    assert_true(hrv.beats > 370 && hrv.intervals < 200);
    for (size_t i = 0; i < ecg_hrv_name_count; i++)
        assert_true(isnan(*(double *)(void *)((char *)&hrv + ecg_hrv_names[i].offset)));

    ecg_hrv_init(&window, 500.0);
    ecg_hrv_beat(&window, 0, 'N', false);
    for (at = 1000; at < 301 * 500; at += 1000) /* 30 bpm: 150 intervals, all counting */
        ecg_hrv_beat(&window, at, 'N', at != 50000);
    assert_true(tell(300.0));
    assert_non_null(strstr(hrv.withheld, "fewer than 150"));
}

static void a_low_rate_says_what_it_cannot_carry(void **state)
{
    (void)state;
    static const struct {
        double fs_hz;
        bool differences, histogram, spectrum;
    } rows[] = {
        {80.0, false, false, false}, {100.0, true, false, false}, {128.0, true, true, false},
        {249.0, true, true, false},  {250.0, true, true, true},   {443.34, true, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        beat_for(302.0, rows[i].fs_hz, mixed);
        assert_true(tell(300.5));
        near(hrv.sdnn_ms, 34.0, 3.0);
        assert_int_equal(!isnan(hrv.rmssd_ms), rows[i].differences);
        assert_int_equal(!isnan(hrv.pnn50_percent), rows[i].differences);
        assert_int_equal(!isnan(hrv.triangular_index), rows[i].histogram);
        assert_int_equal(!isnan(hrv.lf_ms2), rows[i].spectrum);
        assert_int_equal(!isnan(hrv.lf_hf), rows[i].spectrum);
        assert_int_equal(!isnan(hrv.dfa_alpha1), rows[i].spectrum);
        assert_int_equal(hrv.withheld == NULL, rows[i].spectrum);
    }
}

static void the_window_moves_on(void **state)
{
    (void)state;
    int64_t at = 0;
    ecg_hrv_init(&window, 500.0);
    ecg_hrv_beat(&window, 0, 'N', false);
    while (at < 300 * 500)
        ecg_hrv_beat(&window, at += 300, 'N', true); /* 100 bpm, then 60 */
    while (at < 900 * 500)
        ecg_hrv_beat(&window, at += 500, 'N', true);
    assert_true(tell(900.0));
    near(hrv.mean_hr_bpm, 60.0, 1e-9);
    assert_int_equal(hrv.sample, 450000);
    assert_int_equal(hrv.from, 300000);
}

/* Beats faster than there is room for, standing still, running back, very far apart. */
static void nothing_makes_it_fall(void **state)
{
    (void)state;
    int64_t at = 0;
    ecg_hrv_init(&window, 1000.0);
    for (int i = 0; i < 5000; i++)
        ecg_hrv_beat(&window, at += 150, i % 3 ? 'N' : 'Q', true);
    (void)ecg_hrv_tell(&window, at, &hrv);
    ecg_hrv_beat(&window, at, 'N', true);
    ecg_hrv_beat(&window, at - 1000, 'N', true);
    ecg_hrv_beat(&window, at += (int64_t)1 << 40, 'N', true);
    assert_false(ecg_hrv_tell(&window, at + 1, &hrv) && !hrv.withheld);
    for (int i = 0; i < 2000; i++)
        ecg_hrv_beat(&window, at += 200, 'N', true); /* 300 bpm, too fast for a sinus node */
    assert_true(ecg_hrv_tell(&window, at, &hrv));
    assert_non_null(hrv.withheld);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_told_before_the_window_is_full),
        cmocka_unit_test(an_even_heart_has_no_variability),
        cmocka_unit_test(a_wave_has_its_power_in_its_band),
        cmocka_unit_test(figures_agree_with_those_computed_elsewhere),
        cmocka_unit_test(ectopic_beats_do_not_count),
        cmocka_unit_test(wrong_intervals_do_not_count),
        cmocka_unit_test(too_little_is_withheld),
        cmocka_unit_test(a_low_rate_says_what_it_cannot_carry),
        cmocka_unit_test(the_window_moves_on),
        cmocka_unit_test(nothing_makes_it_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
