/* The buffer: what is added is there, JSON text is always valid, numbers read back as the same number, and running out
of memory is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "web/json_scan.h"

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void pieces_are_joined(void **state)
{
    (void)state;
    struct buf buf = {0};
    buf_text(&buf, "ab");
    buf_char(&buf, 'c');
    buf_add(&buf, "d\0e", 3);
    buf_printf(&buf, "%d%s", 12, "x");
    buf_text(&buf, "");
    assert_true(buf_ok(&buf));
    assert_int_equal(buf.length, 9);
    assert_memory_equal(buf.data, "abcd\0e12x", 10);
    buf_clear(&buf);
    assert_int_equal(buf.length, 0);
    buf_text(&buf, "again");
    assert_string_equal(buf.data, "again");
    buf_free(&buf);
    assert_null(buf.data);
    buf_free(&buf);
}

static void it_grows_over_a_million_bytes(void **state)
{
    (void)state;
    struct buf buf = {0};
    for (int i = 0; i < 200000; i++)
        buf_printf(&buf, "%06d", i);
    assert_true(buf_ok(&buf));
    assert_int_equal(buf.length, 1200000);
    assert_memory_equal(buf.data + 6 * 123456, "123456", 6);
    buf_free(&buf);
}

static void what_cannot_be_had_is_remembered_until_cleared(void **state)
{
    (void)state;
    static const size_t impossible[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        struct buf buf = {0};
        buf_text(&buf, "kept");
        assert_false(buf_reserve(&buf, impossible[i]));
        assert_false(buf_ok(&buf));
        buf_text(&buf, "lost");
        assert_string_equal(buf.data, "kept");
        buf_clear(&buf);
        assert_true(buf_ok(&buf));
        buf_free(&buf);
    }
}

static void whole_numbers_are_written_to_the_last(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {{0, "0"},
                {-1, "-1"},
                {1000000, "1000000"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf buf = {0};
        buf_int(&buf, rows[i].value);
        assert_string_equal(buf.data, rows[i].text);
        buf_free(&buf);
    }
}

static void texts_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        const char *json;
    } rows[] = {
        {"", 0, "\"\""},
        {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
        {"\n\r\t", 3, "\"\\n\\r\\t\""},
        {"\0\x01\x1F\x7F", 4, "\"\\u0000\\u0001\\u001f\\u007f\""},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        {"\xFF", 1, "\"\xEF\xBF\xBD\""},
        {"\xC0\xAF", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                                 /* overlong */
        {"\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},                 /* a surrogate */
        {"\xE2\x82", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                                 /* cut off */
        {"\xF4\x90\x80\x80", 4, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* beyond U+10FFFF */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf buf = {0};
        buf_json_strn(&buf, rows[i].text, rows[i].length);
        assert_string_equal(buf.data, rows[i].json);
        buf_free(&buf);
    }
}

static void any_bytes_become_valid_json(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252U;
    struct buf buf = {0};
    for (int round = 0; round < 20000; round++) {
        char bytes[12];
        struct json_scan scan;
        size_t length = next_random(&seed) % sizeof bytes;
        for (size_t i = 0; i < length; i++) /* mostly bytes that begin or go on with a sequence */
            bytes[i] = (char)(next_random(&seed) >> 20 | (next_random(&seed) & 3 ? 0x80 : 0));
        buf_clear(&buf);
        buf_json_strn(&buf, bytes, length);
        if (!memchr(bytes, 0, length))
            assert_true(json_check(&scan, buf.data, buf.length));
    }
    buf_free(&buf);
}

static const char *number_text(struct buf *buf, double value)
{
    buf_clear(buf);
    buf_json_number(buf, value);
    return buf->data;
}

static void numbers_are_short(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_string_equal(number_text(&buf, 0), "0");
    assert_string_equal(number_text(&buf, 72), "72");
    assert_string_equal(number_text(&buf, -0.5), "-0.5");
    assert_string_equal(number_text(&buf, 0.1), "0.1");
    assert_string_equal(number_text(&buf, 443.34), "443.34");
    assert_string_equal(number_text(&buf, 0.000001), "0.000001");
    assert_string_equal(number_text(&buf, 0.1 + 0.2), "0.30000000000000004");
    assert_string_equal(number_text(&buf, 1735689600123.456), "1735689600123.456");
    assert_string_equal(number_text(&buf, (double)NAN), "null");
    assert_string_equal(number_text(&buf, (double)INFINITY), "null");
    assert_string_equal(number_text(&buf, -(double)INFINITY), "null");
    buf_clear(&buf);
    buf_json_float(&buf, 0.1F);
    buf_char(&buf, ' ');
    buf_json_float(&buf, -1.234F);
    buf_char(&buf, ' ');
    buf_json_float(&buf, NAN);
    assert_string_equal(buf.data, "0.1 -1.234 null");
    buf_free(&buf);
}

static void check_double(struct buf *buf, double value)
{
    struct json_scan scan;
    const char *text = number_text(buf, value);
    assert_true(json_check(&scan, text, strlen(text)));
    assert_true(strtod(text, NULL) == value);
}

static void check_float(struct buf *buf, float value)
{
    struct json_scan scan;
    buf_clear(buf);
    buf_json_float(buf, value);
    assert_true(json_check(&scan, buf->data, buf->length));
    assert_true(strtof(buf->data, NULL) == value);
    assert_true((float)strtod(buf->data, NULL) == value); /* as a client with doubles reads it */
}

static void numbers_read_back_as_the_same(void **state)
{
    (void)state;
    struct buf buf = {0};
    uint64_t seed = 1234567;
    static const double edges[] = {DBL_MAX, DBL_MIN, DBL_TRUE_MIN, DBL_EPSILON, 1e9, 999999999.999999, 1e15, 1e22};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        check_double(&buf, edges[i]);
        check_double(&buf, -edges[i]);
    }
    check_float(&buf, FLT_MAX);
    check_float(&buf, FLT_TRUE_MIN);
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = next_random(&seed);
        uint32_t narrow_bits = (uint32_t)(bits >> 32);
        double wide;
        float narrow;
        memcpy(&wide, &bits, sizeof wide);
        memcpy(&narrow, &narrow_bits, sizeof narrow);
        if (isfinite(wide))
            check_double(&buf, wide);
        if (isfinite(narrow))
            check_float(&buf, narrow);
        check_double(&buf, (double)(int64_t)(bits >> 34) / 1000.0);
        check_float(&buf, (float)((double)(int32_t)narrow_bits / 1e5));
    }
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_joined),
        cmocka_unit_test(it_grows_over_a_million_bytes),
        cmocka_unit_test(what_cannot_be_had_is_remembered_until_cleared),
        cmocka_unit_test(whole_numbers_are_written_to_the_last),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(any_bytes_become_valid_json),
        cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(numbers_read_back_as_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
