/* The strict JSON reader: all of RFC 8259 and nothing else, where an error is, and numbers to the last bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/json_scan.h"

/* From a block of exactly this size, so that a reader that goes on is caught by the address sanitizer. `scan` points
   into freed memory afterwards: only its error may be looked at. */
static bool check(const char *text, size_t length, struct json_scan *scan)
{
    char *exact = malloc(length ? length : 1);
    assert_non_null(exact);
    memcpy(exact, text, length);
    bool good = json_check(scan, exact, length);
    assert_true(good == !scan->error);
    free(exact);
    return good;
}

static void taken(const char *text)
{
    struct json_scan scan;
    if (!check(text, strlen(text), &scan))
        fail_msg("refused: %s (%s)", text, scan.error);
}

static void refused(const char *text)
{
    struct json_scan scan;
    if (check(text, strlen(text), &scan))
        fail_msg("taken: %s", text);
}

static void json_is_taken(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "-0.0e-0",
        "1E+2",
        "0.5",
        "10",
        "1e-400",
        "true",
        "false",
        "null",
        "\"\"",
        "[]",
        "{}",
        "[[[]]]",
        " \t\r\n[ 1 , 2 ]\n",
        "{\"a\":{\"b\":[1,\"x\",null,true,{}]}}",
        "{\"\":0}",
        "{ \"a\" : 1 , \"b\" : 2 }",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uFFFF\"",
        "\"\\ud83d\\ude00\"",
        "\"\\u0001\"",
        "\"\x7F\"",
        "\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        taken(texts[i]);
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",           " ",
        "{",          "}",
        "[",          "]",
        "[1",         "[1,",
        "[1,]",       "[,1]",
        "[1,,2]",     "[1 2]",
        "[1]]",       "{\"a\"}",
        "{\"a\":}",   "{\"a\" 1}",
        "{\"a\":1,}", "{,}",
        "{a:1}",      "{'a':1}",
        "{1:2}",      "{\"a\":1 \"b\":2}",
        "[1}",        "{\"a\":1]",
        "[] []",      "{}x",
        "1,",         "1 2",
        "nullx",      "tru",
        "True",       "nulL",
        "nul",        "undefined",
        "/*c*/1",     "1//",
        "#",          "\"abc",
        "\"",         "'a'",
        "\"\\",       "\"\\\"",
        "\"\t\"",     "\"\n\"",
        "\"\x01\"",   "\xEF\xBB\xBF{}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        refused(texts[i]);
    struct json_scan scan;
    assert_false(check("1\0", 2, &scan));
    assert_false(check("\0", 1, &scan));
    assert_false(check("\"a\0b\"", 5, &scan));
    assert_false(check("[1]\0", 4, &scan));
}

static void numbers_have_one_grammar(void **state)
{
    (void)state;
    static const char *const texts[] = {"01",    "-01",   "00",   "1.",   ".5",   "-",       "-.5", "+1",
                                        "1e",    "1e+",   "1.e1", "1.5.", "0x10", "1_0",     "--1", "-a",
                                        "1e1.5", "1e1e1", "0 1",  "1,5",  "1f",   "\xD9\xA1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char array[32];
        refused(texts[i]);
        snprintf(array, sizeof array, "[%s]", texts[i]);
        if (strcmp(texts[i], "1,5") != 0)
            refused(array);
    }
}

static void bad_escapes_and_surrogates_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\"\\x\"",
        "\"\\u\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\U0041\"",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\udbff\\udbff\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800x\"",
        "\"\\ud800\\n\"",
        "\"\\ud83d\\ude0\"",
        "\"\\ude00\\ud83d\"",
        "{\"\\u0000\":1}",
        "{\"\\ud800\":1}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        refused(texts[i]);
}

static void bad_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\"\x80\"",
        "\"\xBF\"",
        "\"\xC0\xAF\"",
        "\"\xC1\xBF\"",
        "\"\xC2\"",
        "\"\xC2\x41\"",
        "\"\xE0\x80\x80\"",
        "\"\xE0\x9F\xBF\"",
        "\"\xE2\x82\"",
        "\"\xED\xA0\x80\"",
        "\"\xED\xBF\xBF\"",
        "\"\xF0\x80\x80\x80\"",
        "\"\xF0\x8F\xBF\xBF\"",
        "\"\xF0\x9F\x98\"",
        "\"\xF4\x90\x80\x80\"",
        "\"\xF5\x80\x80\x80\"",
        "\"\xFE\"",
        "\"\xFF\"",
        "{\"\xFF\":1}",
        "\xC3\xA9",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        refused(texts[i]);
}

static void what_is_not_finite_is_told_apart(void **state)
{
    (void)state;
    static const char *const not_finite[] = {"NaN",      "[NaN]", "nan",    "Infinity", "-Infinity",
                                             "[1,-inf]", "1e400", "-1e400", "[1e309]",  "{\"a\":1e999999999999}"};
    static const char *const not_json[] = {"[1,", "N", "Nope", "-", "1.", "Inf"};
    struct json_scan scan;
    for (size_t i = 0; i < sizeof not_finite / sizeof not_finite[0]; i++) {
        assert_false(check(not_finite[i], strlen(not_finite[i]), &scan));
        assert_true(scan.not_a_number);
    }
    for (size_t i = 0; i < sizeof not_json / sizeof not_json[0]; i++) {
        assert_false(check(not_json[i], strlen(not_json[i]), &scan));
        assert_false(scan.not_a_number);
    }
}

static void nesting_ends_at_the_limit(void **state)
{
    (void)state;
    char text[4 * JSON_MAX_DEPTH + 8] = "";
    struct json_scan scan;
    for (size_t depth = 1; depth <= JSON_MAX_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_true(check(text, 2 * depth, &scan) == (depth <= JSON_MAX_DEPTH));
    }
    char *deep = malloc(1000000);
    assert_non_null(deep);
    memset(deep, '[', 1000000);
    assert_false(check(deep, 1000000, &scan));
    for (size_t i = 0; i + 5 <= 1000000; i += 5)
        memcpy(deep + i, "{\"a\":", 5);
    assert_false(check(deep, 1000000, &scan));
    free(deep);
}

static void keys_end_at_the_limit(void **state)
{
    (void)state;
    struct json_scan scan;
    for (int keys = JSON_MAX_KEYS; keys <= JSON_MAX_KEYS + 1; keys++) {
        char text[16 * (JSON_MAX_KEYS + 1) + 8] = "{";
        size_t length = 1;
        for (int i = 0; i < keys; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s\"k%d\":0", i ? "," : "", i);
        text[length++] = '}';
        assert_true(check(text, length, &scan) == (keys <= JSON_MAX_KEYS));
    }
}

static void every_beginning_of_a_document_is_refused(void **state)
{
    (void)state;
    static const char text[] = "{\"a\\u00e9\xE2\x82\xAC\":[1,-2.5e+3,null,true,false,\"\\ud83d\\ude00\"],\"b\":{}}";
    struct json_scan scan;
    taken(text);
    for (size_t length = 0; length < sizeof text - 1; length++)
        assert_false(check(text, length, &scan));
}

static void field_of(const char *text, char *field, size_t size)
{
    struct json_scan scan;
    assert_false(json_check(&scan, text, strlen(text)));
    json_field(&scan, field, size);
}

static void an_error_has_a_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } rows[] = {
        {"", ""},
        {"{\"a\":NaN}", "a"},
        {"{\"a\":{\"b\":[1,2,{\"c\":1e400}]}}", "a.b[2].c"},
        {"[[0,1],[2,x]]", "[1][1]"},
        {"{\"leads\":{\"V1\":[0,01]}}", "leads.V1[1]"},
    };
    char field[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        field_of(rows[i].text, field, sizeof field);
        assert_string_equal(field, rows[i].field);
    }
}

static void a_place_is_cut_to_its_buffer(void **state)
{
    (void)state;
    char text[2000] = "", field[10], room[40];
    for (int i = 0; i < 15; i++)
        strncat(text, "{\"a-rather-long-key-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on\":",
                sizeof text - strlen(text) - 1);
    memset(field, '#', sizeof field);
    field_of(text, field, sizeof field);
    assert_int_equal(strlen(field), sizeof field - 1);
    field_of(text, room, sizeof room);
    assert_int_equal(strlen(room), sizeof room - 1);
    field_of(text, field, 1);
    assert_string_equal(field, "");
}

/* Walks to leads.V1 as the waveform reader does. */
static bool enter_v1(struct json_scan *scan, const char *text)
{
    struct json_span key;
    json_scan_init(scan, text, strlen(text));
    return json_enter_object(scan) && json_next_key(scan, &key) && json_span_is(key, "leads") &&
           json_enter_object(scan) && json_next_key(scan, &key) && json_span_is(key, "V1") && json_enter_array(scan);
}

static void a_bad_sample_is_named_by_lead_and_index(void **state)
{
    (void)state;
    static const struct {
        const char *sample;
        bool not_a_number;
    } rows[] = {{"\"x\"", false}, {"true", false}, {"[1]", false},   {"{}", false}, {"1.", false},      {"", false},
                {"NaN", true},    {"1e400", true}, {"3.5e38", true}, {"nan", true}, {"-Infinity", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256], field[64];
        float samples[32];
        size_t count;
        struct json_scan scan;
        snprintf(text, sizeof text, "{\"leads\":{\"V1\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,%s]}}",
                 rows[i].sample);
        assert_true(enter_v1(&scan, text));
        assert_false(json_read_floats(&scan, samples, 32, &count));
        json_field(&scan, field, sizeof field);
        assert_string_equal(field, "leads.V1[17]");
        assert_int_equal(scan.not_a_number, rows[i].not_a_number);
        assert_int_equal(count, 17);
        struct json_span key;
        assert_false(json_next_key(&scan, &key) || json_skip(&scan) || json_finish(&scan) || json_peek(&scan));
    }
}

static bool read_floats(const char *array, float *samples, size_t capacity, size_t *count)
{
    struct json_scan scan;
    json_scan_init(&scan, array, strlen(array));
    return json_enter_array(&scan) && json_read_floats(&scan, samples, capacity, count) && json_finish(&scan);
}

static void samples_are_read_up_to_the_capacity(void **state)
{
    (void)state;
    float *samples = malloc(3 * sizeof *samples); /* exactly: one more is caught */
    size_t count = 99;
    assert_non_null(samples);
    assert_true(read_floats("[]", samples, 0, &count));
    assert_int_equal(count, 0);
    assert_true(read_floats(" [ 1.5 ,null,\n-2e-3 ] ", samples, 3, &count));
    assert_int_equal(count, 3);
    assert_true(samples[0] == 1.5F && isnan(samples[1]) && samples[2] == -2e-3F);
    assert_false(read_floats("[1,2,3,4]", samples, 3, &count));
    assert_false(read_floats("[1]", samples, 0, &count));
    assert_true(read_floats("[3.4028234663852886e38,-3.4028234663852886e38,1e-60]", samples, 3, &count));
    assert_true(samples[0] == FLT_MAX && samples[1] == -FLT_MAX && samples[2] == 0);
    free(samples);
}

static void broken_arrays_of_samples_are_refused(void **state)
{
    (void)state;
    static const char *const arrays[] = {"[",     "[1",    "[1,",     "[1,]",    "[,1]",        "[1,,2]",
                                         "[1 2]", "[1;2]", "[1}",     "[-]",     "[01]",        "[.5]",
                                         "[1.]",  "[1e]",  "[nul]",   "[nullx]", "[null null]", "[1e39]",
                                         "[+1]",  "[0x1]", "[\"1\"]", "[[1]]",   "[1]x"};
    float samples[8];
    size_t count;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        if (read_floats(arrays[i], samples, 8, &count))
            fail_msg("taken: %s", arrays[i]);
}

static void a_document_is_pulled(void **state)
{
    (void)state;
    static const char text[] = " { \"n\" : -12.5e1, \"s\":\"a\\nb\", \"o\":{\"x\":[1,{}]}, \"t\":true } ";
    struct json_scan scan;
    struct json_span key, string;
    double number;
    json_scan_init(&scan, text, sizeof text - 1);
    assert_int_equal(json_peek(&scan), '{');
    assert_true(json_enter_object(&scan));
    assert_true(json_next_key(&scan, &key) && json_span_is(key, "n") && !json_span_is(key, "nn"));
    assert_int_equal(json_peek(&scan), '0');
    assert_true(json_read_number(&scan, &number) && number == -125);
    assert_true(json_next_key(&scan, &key) && json_read_string(&scan, &string));
    assert_int_equal(string.length, 4);
    assert_memory_equal(string.text, "a\\nb", 4);
    assert_true(json_next_key(&scan, &key) && json_skip(&scan));
    assert_true(json_next_key(&scan, &key) && json_peek(&scan) == 't' && json_skip(&scan));
    assert_false(json_next_key(&scan, &key));
    assert_null(scan.error);
    assert_true(json_finish(&scan));
}

static void the_wrong_kind_is_said(void **state)
{
    (void)state;
    struct json_scan scan;
    struct json_span span;
    double number;
    json_scan_init(&scan, "[]", 2);
    assert_false(json_enter_object(&scan));
    assert_string_equal(scan.error, "must be an object");
    json_scan_init(&scan, "1", 1);
    assert_false(json_enter_array(&scan));
    json_scan_init(&scan, "\"1\"", 3);
    assert_false(json_read_number(&scan, &number));
    assert_string_equal(scan.error, "must be a number");
    json_scan_init(&scan, "1", 1);
    assert_false(json_read_string(&scan, &span));
    assert_string_equal(scan.error, "must be a string");
    assert_false(json_fail(&scan, "the first error stays"));
    assert_string_equal(scan.error, "must be a string");
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void same_as_strtod(const char *text)
{
    struct json_scan scan;
    double value = 0, expected = strtod(text, NULL);
    json_scan_init(&scan, text, strlen(text));
    bool good = json_read_number(&scan, &value);
    if (good != isfinite(expected) || (good && (!json_finish(&scan) || memcmp(&value, &expected, sizeof value) != 0)))
        fail_msg("%s is read as %.17g", text, value);
}

/* Digits with a point somewhere and perhaps an exponent, up to `most` digits. */
static void random_decimal(uint64_t *seed, char *text, size_t most)
{
    size_t digits = 1 + next_random(seed) % most, point = next_random(seed) % (digits + 1), at = 0;
    if (next_random(seed) & 1)
        text[at++] = '-';
    for (size_t i = 0; i < digits; i++) {
        if (i == point) {
            if (i == 0)
                text[at++] = '0';
            text[at++] = '.';
        }
        text[at] = (char)('0' + next_random(seed) % 10);
        if (i == 0 && point > 1 && text[at] == '0')
            text[at] = '1';
        at++;
    }
    text[at] = '\0';
    if (next_random(seed) & 1)
        snprintf(text + at, 8, "e%d", (int)(next_random(seed) % 60) - 30);
}

static void numbers_are_exact(void **state)
{
    (void)state;
    static const char *const edges[] = {
        "0",
        "-0",
        "0.0",
        "-0.0",
        "0e400",
        "9007199254740992",
        "9007199254740993",
        "9007199254740991e22",
        "9007199254740991e-22",
        "9007199254740993e22",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "8.5e-1",
        "0.1",
        "0.3",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e-400",
        "0.000000000000000000000000000000000000000000000001",
        "100000000000000000000000000000000000000000000000",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "0.00000000000000000000000123456789012345678901",
    };
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        same_as_strtod(edges[i]);
    uint64_t seed = 20250108;
    for (int i = 0; i < 100000; i++) {
        char text[80];
        uint64_t bits = next_random(&seed);
        uint32_t narrow_bits = (uint32_t)(bits >> 11);
        double wide;
        float narrow;
        memcpy(&wide, &bits, sizeof wide);
        memcpy(&narrow, &narrow_bits, sizeof narrow);
        if (isfinite(wide)) {
            snprintf(text, sizeof text, "%.17g", wide);
            same_as_strtod(text);
        }
        if (isfinite(narrow)) {
            snprintf(text, sizeof text, "%.*g", (int)(6 + bits % 4), (double)narrow);
            same_as_strtod(text);
        }
        random_decimal(&seed, text, i & 1 ? 9 : 30);
        same_as_strtod(text);
    }
}

/* A number of a thousand digits is a mistake or an attack, but no reason to be wrong about it. */
static void very_long_numbers_are_read_or_refused(void **state)
{
    (void)state;
    char text[1002];
    for (size_t length = 20; length <= 1000; length += 70) {
        struct json_scan scan;
        double value;
        memset(text, '3', length);
        text[1] = '.';
        text[length] = '\0';
        json_scan_init(&scan, text, length);
        if (json_read_number(&scan, &value))
            assert_true(value == strtod(text, NULL));
        else
            assert_true(length >= 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_taken),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(numbers_have_one_grammar),
        cmocka_unit_test(bad_escapes_and_surrogates_are_refused),
        cmocka_unit_test(bad_utf8_is_refused),
        cmocka_unit_test(what_is_not_finite_is_told_apart),
        cmocka_unit_test(nesting_ends_at_the_limit),
        cmocka_unit_test(keys_end_at_the_limit),
        cmocka_unit_test(every_beginning_of_a_document_is_refused),
        cmocka_unit_test(an_error_has_a_place),
        cmocka_unit_test(a_place_is_cut_to_its_buffer),
        cmocka_unit_test(a_bad_sample_is_named_by_lead_and_index),
        cmocka_unit_test(samples_are_read_up_to_the_capacity),
        cmocka_unit_test(broken_arrays_of_samples_are_refused),
        cmocka_unit_test(a_document_is_pulled),
        cmocka_unit_test(the_wrong_kind_is_said),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(very_long_numbers_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
