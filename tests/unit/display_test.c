/* The display's filters: what they let through at which rate, how late, and what missing samples do to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "ecg/display.h"

#define TURN 6.283185307179586

static const double rates_hz[] = {80.0, 125.0, 250.0, 360.0, 443.34, 500.0, 1000.0};
enum { RATES = sizeof rates_hz / sizeof rates_hz[0] };

static struct ecg_display display;

static void begin(const char *name, double mains_hz, double fs_hz)
{
    const struct ecg_display_row *row = ecg_display_find(name);
    assert_non_null(row);
    ecg_display_init(&display, row, mains_hz, fs_hz);
}

/* How large a wave of amplitude 1 comes out, decibels. */
static double gain_db(double hz)
{
    double sum_cos = 0.0;
    double sum_sin = 0.0;
    int64_t settle = (int64_t)(60.0 * display.fs_hz);
    int64_t count = (int64_t)(40.0 * display.fs_hz);
    ecg_display_reset(&display);
    for (int64_t i = 0; i < settle + count; i++) {
        double angle = TURN * fmod(hz * (double)i / display.fs_hz, 1.0);
        double y = (double)ecg_display_sample(&display, (float)sin(angle));
        if (i >= settle) {
            sum_cos += y * cos(angle);
            sum_sin += y * sin(angle);
        }
    }
    return 20.0 * log10(2.0 * hypot(sum_cos, sum_sin) / (double)count + 1e-12);
}

static void near(double found, double expected, double within)
{
    if (!(fabs(found - expected) <= within))
        fail_msg("%.4f instead of %.4f", found, expected);
}

static void chains_are_found_by_name(void **state)
{
    (void)state;
    assert_string_equal(ecg_display_find("monitor")->label, "Monitor, 0.5-40 Hz");
    assert_false(ecg_display_find("monitor")->st);
    assert_true(ecg_display_find("st")->st);
    assert_null(ecg_display_find("Monitor"));
    assert_null(ecg_display_find(""));
    for (size_t i = 0; i < ecg_display_row_count; i++)
        assert_ptr_equal(ecg_display_find(ecg_display_rows[i].name), &ecg_display_rows[i]);
}

static void unfiltered_is_the_signal_itself(void **state)
{
    (void)state;
    begin("none", 0.0, 360.0);
    for (int i = 0; i < 1000; i++) {
        float x = 3.0F + sinf((float)i);
        assert_true(ecg_display_sample(&display, x) == x);
    }
    assert_true(ecg_display_delay_ms(&display) == 0.0);
}

static void edges_lie_where_they_are_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATES; i++) {
        begin("monitor", 0.0, rates_hz[i]);
        near(gain_db(0.5), -3.0, 0.4);
        near(gain_db(5.0), 0.0, 0.2);
        near(gain_db(20.0), display.low ? -0.5 : 0.0, 0.35);
        if (display.low)
            near(gain_db(40.0), -3.0, 0.2);
        if (rates_hz[i] >= 250.0)
            assert_true(gain_db(100.0) < -18.0);
    }
    begin("diagnostic", 0.0, 500.0);
    near(gain_db(0.05), -3.0, 0.4);
    near(gain_db(0.67), 0.0, 0.3); /* IEC 60601-2-25: within 0.5 dB from 0.67 to 40 Hz */
    near(gain_db(40.0), 0.0, 0.5);
    near(gain_db(150.0), -3.0, 0.2);
}

static void what_a_rate_cannot_carry_is_left_out(void **state)
{
    (void)state;
    begin("diagnostic", 60.0, 125.0);
    assert_false(display.low);
    assert_false(display.notch);
    begin("monitor", 50.0, 80.0);
    assert_false(display.low);
    assert_false(display.notch);
    assert_true(display.high);
    begin("monitor", 50.0, 125.0);
    assert_true(display.low);
    assert_true(display.notch);
}

static void the_notch_takes_the_mains_and_no_more(void **state)
{
    (void)state;
    static const double mains_hz[] = {50.0, 60.0};
    for (size_t m = 0; m < 2; m++)
        for (size_t i = 2; i < RATES; i++) {
            begin("none", mains_hz[m], rates_hz[i]);
            assert_true(gain_db(mains_hz[m]) < -40.0);
            near(gain_db(mains_hz[m] - 10.0), 0.0, 0.3);
            near(gain_db(10.0), 0.0, 0.05);
        }
}

/* A QRS of 80 ms: where it peaks, in the chain's own time. */
static void a_qrs_comes_as_late_as_is_said(void **state)
{
    (void)state;
    for (size_t row = 0; row < ecg_display_row_count; row++)
        for (size_t i = 2; i < RATES; i++) {
            double fs_hz = rates_hz[i];
            begin(ecg_display_rows[row].name, 50.0, fs_hz);
            double most = 0.0;
            double at_s = 0.0;
            for (int64_t k = 0; k < (int64_t)(2.0 * fs_hz); k++) {
                double t = (double)k / fs_hz - 1.0;
                double y = (double)ecg_display_sample(&display, (float)exp(-0.5 * t * t / (0.014 * 0.014)));
                if (y > most) {
                    most = y;
                    at_s = t;
                }
            }
            near(1000.0 * at_s, ecg_display_delay_ms(&display), 1000.0 / fs_hz + 1.0);
            near(most, 0.95, 0.06);
            assert_true(ecg_display_delay_ms(&display) < 12.0);
        }
}

/* AHA, IEC 60601-2-25: 3 mV for 100 ms may leave no more than 0.1 mV behind, nor slope by more than 0.3 mV/s. */
static void an_impulse_leaves_the_st_segment_alone(void **state)
{
    (void)state;
    for (size_t row = 0; row < ecg_display_row_count; row++) {
        begin(ecg_display_rows[row].name, 0.0, 500.0);
        double left = 0.0;
        double later = 0.0;
        for (int i = 0; i < 1000; i++) {
            double y = (double)ecg_display_sample(&display, i >= 500 && i < 550 ? 3.0F : 0.0F);
            left = i == 575 ? y : left;
            later = i == 675 ? y : later;
        }
        bool fine = fabs(left) <= 0.1 && fabs(later - left) / 0.2 <= 0.3;
        assert_int_equal(fine, ecg_display_rows[row].st);
    }
}

static void a_constant_part_is_no_beginning(void **state)
{
    (void)state;
    for (size_t row = 0; row < ecg_display_row_count; row++) {
        begin(ecg_display_rows[row].name, 50.0, 250.0);
        float expected = display.high ? 0.0F : 2048.0F;
        for (int i = 0; i < 2000; i++)
            assert_true(fabsf(ecg_display_sample(&display, 2048.0F) - expected) < 0.01F);
    }
}

static void missing_samples_stay_missing(void **state)
{
    (void)state;
    begin("monitor", 50.0, 250.0);
    assert_true(isnan(ecg_display_sample(&display, NAN)));
    for (int i = 0; i < 500; i++)
        assert_true(isfinite(ecg_display_sample(&display, 1.0F)));
    for (int i = 0; i < 40; i++)
        assert_true(isnan(ecg_display_sample(&display, NAN)));
    assert_true(fabsf(ecg_display_sample(&display, 1.0F)) < 0.01F);
    for (int i = 0; i < 100; i++)
        assert_true(isnan(ecg_display_sample(&display, i % 2 ? INFINITY : -3e38F)));
    assert_true(fabsf(ecg_display_sample(&display, 500.0F)) < 0.01F); /* anew, no step of 499 */
    for (int i = 0; i < 500; i++)
        assert_true(fabsf(ecg_display_sample(&display, 500.0F)) < 0.01F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_are_found_by_name),
        cmocka_unit_test(unfiltered_is_the_signal_itself),
        cmocka_unit_test(edges_lie_where_they_are_said),
        cmocka_unit_test(what_a_rate_cannot_carry_is_left_out),
        cmocka_unit_test(the_notch_takes_the_mains_and_no_more),
        cmocka_unit_test(a_qrs_comes_as_late_as_is_said),
        cmocka_unit_test(an_impulse_leaves_the_st_segment_alone),
        cmocka_unit_test(a_constant_part_is_no_beginning),
        cmocka_unit_test(missing_samples_stay_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
