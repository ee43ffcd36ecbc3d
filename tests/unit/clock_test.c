/* RFC 3339 in and out: every form a client may send, the calendar's edges, and text that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const int64_t first_us = INT64_C(-62135596800000000); /* 0001-01-01T00:00:00Z */
static const int64_t last_us = INT64_C(253402300799999999);  /* 9999-12-31T23:59:59.999999Z */
static const int64_t unset = INT64_C(-4242424242);

/* From a block of exactly this size, so that a reader that goes on is caught by the address sanitizer. */
static hl_result parse(const char *text, size_t length, int64_t *time_us)
{
    char *exact = malloc(length ? length : 1);
    assert_non_null(exact);
    memcpy(exact, text, length);
    hl_result result = clock_parse(exact, length, time_us);
    free(exact);
    return result;
}

static int64_t parsed(const char *text)
{
    int64_t time_us = unset;
    if (parse(text, strlen(text), &time_us) != HL_OK)
        fail_msg("refused: %s", text);
    return time_us;
}

static void every_form_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_us;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2025-01-08T12:34:56Z", INT64_C(1736339696000000)},
        {"2025-01-08t12:34:56z", INT64_C(1736339696000000)},
        {"2025-01-08 12:34:56Z", INT64_C(1736339696000000)},
        {"2025-01-08T12:34:56.789Z", INT64_C(1736339696789000)},
        {"2025-01-08T12:34:56.123456Z", INT64_C(1736339696123456)}, /* utcnow().isoformat() + "Z" */
        {"2025-01-08T12:34:56+00:00", INT64_C(1736339696000000)},
        {"2025-01-08T12:34:56-00:00", INT64_C(1736339696000000)},
        {"2025-01-08T18:04:56+05:30", INT64_C(1736339696000000)},
        {"2025-01-08T03:04:56-09:30", INT64_C(1736339696000000)},
        {"2025-01-09T12:33:56+23:59", INT64_C(1736339696000000)},
        {"2025-01-07T12:35:56-23:59", INT64_C(1736339696000000)},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800000000)},
        {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
        {"9999-12-31T23:59:59.999999999Z", INT64_C(253402300799999999)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(parsed(rows[i].text), rows[i].time_us);
}

static void a_fraction_has_one_to_nine_digits(void **state)
{
    (void)state;
    static const int64_t fractions_us[] = {0, 100000, 120000, 123000, 123400, 123450, 123456, 123456, 123456, 123456};
    for (size_t digits = 1; digits <= 9; digits++) {
        char text[40] = "2000-01-01T00:00:00.";
        memcpy(text + 20, "123456789", digits);
        memcpy(text + 20 + digits, "Z", 2);
        assert_int_equal(parsed(text), INT64_C(946684800000000) + fractions_us[digits]);
    }
    int64_t time_us = unset;
    assert_int_equal(parse("2000-01-01T00:00:00.Z", 21, &time_us), HL_INVALID);
    assert_int_equal(parse("2000-01-01T00:00:00.1234567890Z", 31, &time_us), HL_INVALID);
    assert_int_equal(time_us, unset);
}

static void the_calendar_is_kept(void **state)
{
    (void)state;
    static const char *const there[] = {"2024-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2400-02-29T00:00:00Z",
                                        "2025-12-31T23:59:59Z", "2025-04-30T00:00:00Z"};
    static const char *const not_there[] = {
        "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",      "2100-02-29T00:00:00Z",     "2024-02-30T00:00:00Z",
        "2025-04-31T00:00:00Z", "2025-00-10T00:00:00Z",      "2025-13-01T00:00:00Z",     "2025-01-00T00:00:00Z",
        "2025-01-32T00:00:00Z", "2025-01-01T24:00:00Z",      "2025-01-01T00:60:00Z",     "2025-01-01T00:00:61Z",
        "0000-01-01T00:00:00Z", "2025-01-01T00:00:00+24:00", "2025-01-01T00:00:00+05:60"};
    int64_t time_us = unset;
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        (void)parsed(there[i]);
    for (size_t i = 0; i < sizeof not_there / sizeof not_there[0]; i++)
        if (parse(not_there[i], strlen(not_there[i]), &time_us) != HL_INVALID)
            fail_msg("taken: %s", not_there[i]);
    assert_int_equal(time_us, unset);
}

static void a_leap_second_counts_as_the_second_before(void **state)
{
    (void)state;
    assert_int_equal(parsed("2016-12-31T23:59:60Z"), parsed("2016-12-31T23:59:59Z"));
    assert_int_equal(parsed("2017-01-01T05:29:60.5+05:30"), parsed("2016-12-31T23:59:59.5Z"));
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "now",
        "1736339696",
        "2025-01-08",
        "2025-01-08T12:34:56", /* no offset: nobody knows when that is */
        "2025-01-08T12:34Z",
        "2025-01-08T12:34:56 Z",
        "2025-01-08T12:34:56ZZ",
        "2025-01-08T12:34:56Z ",
        " 2025-01-08T12:34:56Z",
        "2025-1-8T12:34:56Z",
        "25-01-08T12:34:56Z",
        "20250108T123456Z",
        "2025-01-08T12:34:56+0530",
        "2025-01-08T12:34:56+05",
        "2025-01-08T12:34:56+5:30",
        "2025-01-08T12:34:56+05:30Z",
        "2025-01-08T12:34:56.-5Z",
        "+025-01-08T12:34:56Z",
        "-001-01-08T12:34:56Z",
        "12025-01-08T12:34:56Z",
        "2025/01/08T12:34:56Z",
        "2025-01-08X12:34:56Z",
        "2025-01-08T1a:34:56Z",
        ("\xD9\xA2\xD9\xA0"
         "25-01-08T12:34:56Z"), /* two digits of another script */
    };
    int64_t time_us = unset;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (parse(texts[i], strlen(texts[i]), &time_us) != HL_INVALID)
            fail_msg("taken: %s", texts[i]);
    assert_int_equal(parse("2025-01-08T12:34:56Z\0", 21, &time_us), HL_INVALID);
    assert_int_equal(time_us, unset);
}

static void every_beginning_of_a_time_is_refused(void **state)
{
    (void)state;
    static const char text[] = "2025-01-08T12:34:56.789+05:30";
    int64_t time_us = unset;
    for (size_t length = 0; length < sizeof text - 1; length++)
        assert_int_equal(parse(text, length, &time_us), HL_INVALID);
    assert_int_equal(time_us, unset);
}

/* What an offset moves out of the years 1..9999 could be stored, but not said again. */
static void an_offset_does_not_leave_the_years(void **state)
{
    (void)state;
    int64_t time_us = unset;
    assert_int_equal(parse("0001-01-01T00:00:00+00:01", 25, &time_us), HL_INVALID);
    assert_int_equal(parse("9999-12-31T23:59:59-00:01", 25, &time_us), HL_INVALID);
    assert_int_equal(time_us, unset);
    assert_int_equal(parsed("0001-01-01T00:01:00+00:01"), first_us);
    assert_int_equal(parsed("9999-12-31T23:58:59.999999-00:01"), last_us);
}

static void a_time_is_written_with_the_digits_it_needs(void **state)
{
    (void)state;
    static const struct {
        int64_t time_us;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {INT64_C(1736339696789000), "2025-01-08T12:34:56.789Z"},
        {INT64_C(1736339696000100), "2025-01-08T12:34:56.000100Z"},
        {INT64_C(951782400000000), "2000-02-29T00:00:00Z"},
        {INT64_C(-62135596800000000), "0001-01-01T00:00:00Z"},
        {INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
    };
    char text[CLOCK_TEXT_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        clock_format(rows[i].time_us, text);
        assert_string_equal(text, rows[i].text);
    }
    clock_format(INT64_MIN, text); /* beyond the years it is for, but within its buffer */
    clock_format(INT64_MAX, text);
}

static void any_time_reads_back_and_agrees_with_the_c_library(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 100000; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        int64_t time_us = first_us + (int64_t)(seed % (uint64_t)(last_us - first_us + 1));
        char text[CLOCK_TEXT_SIZE];
        clock_format(time_us, text);
        assert_int_equal(parsed(text), time_us);
        struct clock_fields f;
        struct tm tm;
        int64_t rest = time_us % 1000000;
        time_t seconds = (time_t)((time_us - (rest < 0 ? rest + 1000000 : rest)) / 1000000);
        clock_split(time_us, &f);
        gmtime_r(&seconds, &tm);
        assert_true(f.year == tm.tm_year + 1900 && f.month == tm.tm_mon + 1 && f.day == tm.tm_mday &&
                    f.hour == tm.tm_hour && f.minute == tm.tm_min && f.second == tm.tm_sec);
    }
}

static void the_clocks_run(void **state)
{
    (void)state;
    int64_t wall_us = clock_now_us(), before_us = clock_monotonic_us();
    assert_true(wall_us > INT64_C(1700000000000000));
    assert_true(llabs(wall_us - (int64_t)time(NULL) * 1000000) < 5000000);
    assert_true(clock_monotonic_us() >= before_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read),
        cmocka_unit_test(a_fraction_has_one_to_nine_digits),
        cmocka_unit_test(the_calendar_is_kept),
        cmocka_unit_test(a_leap_second_counts_as_the_second_before),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(every_beginning_of_a_time_is_refused),
        cmocka_unit_test(an_offset_does_not_leave_the_years),
        cmocka_unit_test(a_time_is_written_with_the_digits_it_needs),
        cmocka_unit_test(any_time_reads_back_and_agrees_with_the_c_library),
        cmocka_unit_test(the_clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
