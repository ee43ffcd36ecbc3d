/* The judge of a lead: what it calls made-up signals whose nature is known, how soon, and since when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>

#include "ecg/quality.h"

/* ---- made-up signals ---- */

static uint32_t seed;

/* Uniform noise of this standard deviation. */
static float noise(float deviation)
{
    seed = seed * 1664525U + 1013904223U;
    return deviation * 3.4641F * ((float)(seed >> 8) / 16777216.0F - 0.5F);
}

static double bump(double t_s, double at_s, double width_s)
{
    double z = (t_s - at_s) / width_s;
    return exp(-0.5 * z * z);
}

/* A heart with an R wave of 1, a second of `bpm` beats. */
static float heart(double t_s, double bpm)
{
    double rr_s = 60.0 / bpm;
    double t = fmod(t_s, rr_s);
    return (float)(0.12 * bump(t, 0.10, 0.022) - 0.1 * bump(t, 0.235, 0.008) + bump(t, 0.26, 0.012) -
                   0.2 * bump(t, 0.29, 0.010) + 0.3 * bump(t, 0.50, 0.045));
}

/* A converter of so many counts a unit. */
static float digital(float x, float counts)
{
    return roundf(x * counts) / counts;
}

struct trial {
    struct ecg_lead_quality judge;
    double fs_hz;
    int64_t at, since; /* samples fed; where the last change lay */
    int64_t told;      /* when it was told */
    unsigned changes;
};

static void begin(struct trial *trial, double fs_hz, enum ecg_units units)
{
    *trial = (struct trial){.fs_hz = fs_hz};
    seed = 1;
    ecg_lead_quality_init(&trial->judge, fs_hz, units);
}

static void put(struct trial *trial, float x)
{
    int64_t since;
    enum ecg_quality before = trial->judge.now;
    if (ecg_lead_quality_sample(&trial->judge, x, &since)) {
        assert_true(since <= 0);
        assert_int_not_equal(before, trial->judge.now);
        trial->since = trial->at + since;
        trial->told = trial->at;
        trial->changes++;
    } else {
        assert_int_equal(since, 0);
        assert_int_equal(before, trial->judge.now);
    }
    trial->at++;
}

typedef float signal(double t_s);

static void feed(struct trial *trial, double seconds, signal *x)
{
    for (int64_t end = trial->at + (int64_t)(seconds * trial->fs_hz); trial->at < end;)
        put(trial, x((double)trial->at / trial->fs_hz));
}

static void expect(const struct trial *trial, enum ecg_quality quality)
{
    if (trial->judge.now != quality)
        fail_msg("%s instead of %s at %.1f s, %g Hz", ecg_quality_name(trial->judge.now), ecg_quality_name(quality),
                 (double)trial->at / trial->fs_hz, trial->fs_hz);
}

static void expect_since(const struct trial *trial, double since_s, double within_s)
{
    double found_s = (double)trial->since / trial->fs_hz;
    if (fabs(found_s - since_s) > within_s)
        fail_msg("since %.2f s instead of %.2f", found_s, since_s);
}

static float usual(double t_s)
{
    return digital(heart(t_s, 70.0) + noise(0.005F), 200.0F);
}

static float in_counts(double t_s)
{
    return 2000.0F + roundf(300.0F * heart(t_s, 70.0) + noise(1.0F));
}

static float slow(double t_s)
{
    return digital(heart(t_s, 32.0) + noise(0.005F), 200.0F);
}

static float fast(double t_s)
{
    return digital(heart(t_s, 150.0) + noise(0.005F), 200.0F);
}

static float small(double t_s)
{
    return digital(0.1F * heart(t_s, 70.0) + noise(0.004F), 400.0F);
}

static float asystole(double t_s)
{
    (void)t_s;
    return digital(noise(0.004F), 200.0F);
}

static float missing(double t_s)
{
    (void)t_s;
    return NAN;
}

static float constant(double t_s)
{
    (void)t_s;
    return 0.35F;
}

static float last_digit(double t_s)
{
    return fmod(t_s, 0.3) < 0.1 ? 0.005F : 0.0F;
}

static float hum(double t_s)
{
    return usual(t_s) + sinf((float)(6.283185307 * fmod(50.0 * t_s, 1.0)));
}

static float muscle(double t_s)
{
    return usual(t_s) + noise(0.2F);
}

static float small_hum(double t_s)
{
    return usual(t_s) + 0.03F * sinf((float)(6.283185307 * fmod(50.0 * t_s, 1.0)));
}

static float breathing(double t_s)
{
    return usual(t_s) + 0.15F * sinf((float)(6.283185307 * fmod(0.25 * t_s, 1.0)));
}

static float square(double t_s)
{
    return fmod(t_s, 0.5) < 0.25 ? 1.0F : -1.0F;
}

static float clipped(double t_s)
{
    return fminf(usual(t_s), 0.5F);
}

static float clipped_low(double t_s)
{
    return -clipped(t_s);
}

static float railed(double t_s)
{
    return 5.0F + digital(noise(0.003F), 200.0F) + 0.0F * (float)t_s;
}

static float higher(double t_s)
{
    return usual(t_s) + 5.0F;
}

/* ---- */

static const double rates_hz[] = {80.0, 125.0, 250.0, 360.0, 443.34, 500.0, 1000.0};
enum { RATES = sizeof rates_hz / sizeof rates_hz[0] };

static void every_quality_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(ecg_quality_name(ECG_QUALITY_UNKNOWN), "unknown");
    assert_string_equal(ecg_quality_name(ECG_QUALITY_SATURATED), "saturated");
    assert_string_equal(ecg_quality_name((enum ecg_quality)99), "unknown");
    assert_true(ecg_quality_unreadable(ECG_QUALITY_LEAD_OFF));
    assert_false(ecg_quality_unreadable(ECG_QUALITY_NOISY));
}

static void what_has_just_begun_is_unknown(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 250.0, ECG_UNITS_MV);
    feed(&trial, 1.8, usual);
    expect(&trial, ECG_QUALITY_UNKNOWN);
    feed(&trial, 0.5, usual);
    expect(&trial, ECG_QUALITY_GOOD);
    expect_since(&trial, 0.0, 0.1);
}

/* For a minute, at every rate, without a change. */
static void stays(signal *x, enum ecg_units units, enum ecg_quality quality)
{
    for (size_t i = 0; i < RATES; i++) {
        struct trial trial;
        begin(&trial, rates_hz[i], units);
        feed(&trial, 60.0, x);
        expect(&trial, quality);
        assert_int_equal(trial.changes, 1);
    }
}

static void a_clean_heart_is_good(void **state)
{
    (void)state;
    stays(usual, ECG_UNITS_MV, ECG_QUALITY_GOOD);
    stays(slow, ECG_UNITS_MV, ECG_QUALITY_GOOD);
    stays(fast, ECG_UNITS_MV, ECG_QUALITY_GOOD);
    stays(in_counts, ECG_UNITS_ADU, ECG_QUALITY_GOOD);
}

static void a_small_quiet_lead_is_good(void **state)
{
    (void)state;
    stays(small, ECG_UNITS_MV, ECG_QUALITY_GOOD);
}

static void breathing_and_a_little_hum_are_no_noise(void **state)
{
    (void)state;
    stays(breathing, ECG_UNITS_MV, ECG_QUALITY_GOOD);
    stays(small_hum, ECG_UNITS_MV, ECG_QUALITY_GOOD);
}

static void hum_and_muscle_are_noise(void **state)
{
    (void)state;
    stays(muscle, ECG_UNITS_MV, ECG_QUALITY_NOISY);
    for (size_t i = 1; i < RATES; i++) { /* at 80 Hz hum is folded to 30 Hz, and noise as well */
        struct trial trial;
        begin(&trial, rates_hz[i], ECG_UNITS_MV);
        feed(&trial, 20.0, usual);
        feed(&trial, 20.0, hum);
        expect(&trial, ECG_QUALITY_NOISY);
        expect_since(&trial, 20.0, 1.0);
        assert_int_equal(trial.changes, 2);
        feed(&trial, 20.0, usual);
        expect(&trial, ECG_QUALITY_GOOD);
        expect_since(&trial, 40.0, 2.0);
        assert_int_equal(trial.changes, 3);
    }
}

static void a_heart_that_stopped_is_no_lead_off(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 250.0, ECG_UNITS_MV);
    feed(&trial, 30.0, usual);
    feed(&trial, 30.0, asystole);
    expect(&trial, ECG_QUALITY_GOOD);
    assert_int_equal(trial.changes, 1);
}

static void a_line_that_stands_still_is_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATES; i++) {
        struct trial trial;
        begin(&trial, rates_hz[i], ECG_UNITS_MV);
        feed(&trial, 10.0, usual);
        feed(&trial, 1.2, constant);
        expect(&trial, ECG_QUALITY_LEAD_OFF);
        expect_since(&trial, 10.0, 0.05);
        feed(&trial, 10.0, constant);
        assert_int_equal(trial.changes, 2);
        feed(&trial, 2.8, usual);
        expect(&trial, ECG_QUALITY_GOOD);
        expect_since(&trial, 21.2, 0.6);
    }
}

static void a_last_digit_alone_is_no_body(void **state)
{
    (void)state;
    stays(last_digit, ECG_UNITS_MV, ECG_QUALITY_LEAD_OFF);
}

static void missing_samples_are_lead_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATES; i++) {
        struct trial trial;
        begin(&trial, rates_hz[i], ECG_UNITS_MV);
        feed(&trial, 0.7, missing);
        expect(&trial, ECG_QUALITY_LEAD_OFF);
        feed(&trial, 10.0, usual);
        expect(&trial, ECG_QUALITY_GOOD);
        feed(&trial, 0.4, missing);
        feed(&trial, 10.0, usual);
        expect(&trial, ECG_QUALITY_GOOD);
        assert_int_equal(trial.changes, 2);
        feed(&trial, 0.7, missing);
        expect(&trial, ECG_QUALITY_LEAD_OFF);
        expect_since(&trial, 21.1, 0.05);
        put(&trial, INFINITY);
        put(&trial, -1e30F);
        expect(&trial, ECG_QUALITY_LEAD_OFF);
    }
}

static void a_line_cut_off_is_saturated(void **state)
{
    (void)state;
    static signal *const signals[] = {square, clipped, clipped_low};
    for (size_t s = 0; s < sizeof signals / sizeof signals[0]; s++)
        for (size_t i = 1; i < RATES; i++) { /* at 80 Hz an R wave has no three samples to be cut */
            struct trial trial;
            begin(&trial, rates_hz[i], ECG_UNITS_MV);
            feed(&trial, 6.0, signals[s]);
            expect(&trial, ECG_QUALITY_SATURATED);
            feed(&trial, 30.0, signals[s]);
            expect(&trial, ECG_QUALITY_SATURATED);
            assert_in_range(trial.changes, 1, 2);
            feed(&trial, 10.0, usual);
            expect(&trial, ECG_QUALITY_GOOD);
        }
}

static void a_step_is_forgotten(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 500.0, ECG_UNITS_MV);
    feed(&trial, 20.0, usual);
    feed(&trial, 6.0, higher);
    expect(&trial, ECG_QUALITY_GOOD);
    assert_true(trial.changes <= 3);
    feed(&trial, 20.0, higher);
    assert_true(trial.changes <= 3);
}

static void who_jumps_away_and_is_quiet_has_no_cable(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, 500.0, ECG_UNITS_MV);
    feed(&trial, 40.0, usual);
    feed(&trial, 5.0, railed);
    expect(&trial, ECG_QUALITY_LEAD_OFF);
    feed(&trial, 20.0, railed);
    expect(&trial, ECG_QUALITY_LEAD_OFF);
    feed(&trial, 5.0, usual);
    expect(&trial, ECG_QUALITY_GOOD);
}

/* Noise of just the size that matters: the answer may be either, but must not change all the time. */
static void at_the_limit_it_does_not_flicker(void **state)
{
    (void)state;
    for (float deviation = 0.02F; deviation < 0.1F; deviation += 0.004F) {
        struct trial trial;
        begin(&trial, 250.0, ECG_UNITS_MV);
        while (trial.at < (int64_t)(300.0 * trial.fs_hz))
            put(&trial, usual((double)trial.at / trial.fs_hz) + noise(deviation));
        assert_true(trial.changes <= 8);
    }
}

static void nothing_makes_it_fall(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e9F, -1e9F, 3e38F, 0.0F, -0.0F, 1e-40F, 1.0F};
    static const double rates[] = {40.0, 41.7, 62.5, 2000.0};
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        struct trial trial;
        begin(&trial, rates[r], r % 2 ? ECG_UNITS_ADU : ECG_UNITS_MV);
        for (size_t i = 0; i < 40000; i++) {
            put(&trial, odd[(size_t)fabsf(noise(100.0F)) % (sizeof odd / sizeof odd[0])]);
            assert_in_range(trial.judge.now, ECG_QUALITY_UNKNOWN, ECG_QUALITY_SATURATED);
        }
        feed(&trial, 30.0, usual);
        assert_int_not_equal(trial.judge.now, ECG_QUALITY_UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_quality_has_a_name),
        cmocka_unit_test(what_has_just_begun_is_unknown),
        cmocka_unit_test(a_clean_heart_is_good),
        cmocka_unit_test(a_small_quiet_lead_is_good),
        cmocka_unit_test(breathing_and_a_little_hum_are_no_noise),
        cmocka_unit_test(hum_and_muscle_are_noise),
        cmocka_unit_test(a_heart_that_stopped_is_no_lead_off),
        cmocka_unit_test(a_line_that_stands_still_is_off),
        cmocka_unit_test(a_last_digit_alone_is_no_body),
        cmocka_unit_test(missing_samples_are_lead_off),
        cmocka_unit_test(a_line_cut_off_is_saturated),
        cmocka_unit_test(a_step_is_forgotten),
        cmocka_unit_test(who_jumps_away_and_is_quiet_has_no_cable),
        cmocka_unit_test(at_the_limit_it_does_not_flicker),
        cmocka_unit_test(nothing_makes_it_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
