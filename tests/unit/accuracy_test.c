/* The analysis is still as good on recorded hearts as the floors of the accuracy table say. The records are not part of
the repository: where they are not (HEARTLINE_DATA), this is skipped. Under a sanitizer the small sets must do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>

#include "../accuracy/heart.h"
#include "../accuracy/section.h"

#ifdef __SANITIZE_ADDRESS__
enum { QUICK = true };
#else
enum { QUICK = false };
#endif

static void every_figure_stands_above_its_floor(void **state)
{
    (void)state;
    unsigned broken = 0;
    for (size_t i = 0; i < section_count; i++) {
        struct buf markdown = {0};
        struct hl_error error = {0};
        hl_result result = sections[i].run(QUICK, &markdown, &broken, &error);
        buf_free(&markdown);
        if (result == HL_NOT_FOUND) {
            print_message("no recorded hearts in %s\n", data_folder());
            skip();
        }
        assert_int_equal(result, HL_OK);
    }
    assert_int_equal(broken, 0);
}

static void another_rate_keeps_the_signal(void **state)
{
    (void)state;
    enum { COUNT = 3600 };
    static const double rates_hz[] = {80.0, 125.0, 250.0, 1000.0};
    static float wave[COUNT];
    static struct mark mark;
    static struct span span;
    for (size_t i = 0; i < COUNT; i++)
        wave[i] = 1.0F + sinf(6.2831853F * 7.0F * (float)i / 360.0F);
    struct heart heart = {.fs_hz = 360.0, .sample_count = COUNT, .lead_count = 1, .mv = {wave}};
    heart.reference = &mark;
    heart.excluded = &span;
    for (size_t r = 0; r < sizeof rates_hz / sizeof rates_hz[0]; r++) {
        struct heart other;
        assert_int_equal(heart_resample(&heart, rates_hz[r], &other), HL_OK);
        assert_int_equal(other.sample_count, (size_t)(10.0 * rates_hz[r]));
        for (size_t i = other.sample_count / 4; i < other.sample_count * 3 / 4; i++) {
            float expected = 1.0F + sinf((float)fmod(6.283185307 * 7.0 * (double)i / rates_hz[r], 6.283185307));
            assert_true(fabsf(other.mv[0][i] - expected) < 0.01F);
        }
        heart_free(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_rate_keeps_the_signal),
        cmocka_unit_test(every_figure_stands_above_its_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
