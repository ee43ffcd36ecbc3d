/* Percent-decoding: whole escapes only, no NUL, plus in queries only, and which value of a query is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "web/urldecode.h"

static int make(void **state)
{
    *state = arena_new(1024);
    return *state ? 0 : -1;
}

static int give_back(void **state)
{
    arena_free(*state);
    return 0;
}

/* From a block of exactly this size, so that a reader that goes on is caught by the address sanitizer. */
static const char *decode(struct arena *arena, const char *text, bool plus_is_space)
{
    size_t length = strlen(text);
    char *exact = malloc(length ? length : 1);
    assert_non_null(exact);
    memcpy(exact, text, length);
    const char *decoded = url_decode(arena, exact, length, plus_is_space);
    free(exact);
    return decoded;
}

static void escapes_are_resolved(void **state)
{
    assert_string_equal(decode(*state, "", false), "");
    assert_string_equal(decode(*state, "/api/v1/health", false), "/api/v1/health");
    assert_string_equal(decode(*state, "%41%2f%2F%7e", false), "A//~");
    assert_string_equal(decode(*state, "%C3%A9", false), "\xC3\xA9");
    assert_string_equal(decode(*state, "a+b%2Bc", true), "a b+c");
    assert_string_equal(decode(*state, "a+b%2Bc", false), "a+b+c");
    assert_string_equal(decode(*state, "%2541", false), "%41"); /* once only */
}

static void broken_escapes_and_nul_are_refused(void **state)
{
    static const char *const texts[] = {"%",     "%4",   "a%",  "%zz", "%4g",  "%g4",    "%%41",     "%00",
                                        "a%00b", "% 41", "%-1", "%FF", "\xC3", "%C0%AF", "%ED%A0%80"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_null(decode(*state, texts[i], true));
}

static void only_the_given_length_is_read(void **state)
{
    assert_null(url_decode(*state, "%41", 2, false));
    assert_string_equal(url_decode(*state, "%41%42", 3, false), "A");
}

static void the_first_value_of_a_name_is_found(void **state)
{
    static const struct {
        const char *query, *value;
    } rows[] = {
        {"limit=5", "5"},
        {"a=1&limit=5&b=2", "5"},
        {"limit=5&limit=6", "5"},
        {"limit=", ""},
        {"limit=a%20b+c", "a b c"},
        {"limit=a=b", "a=b"},
        {"&&limit=5&", "5"},
        {"", NULL},
        {"limit", NULL},
        {"limits=5", NULL},
        {"xlimit=5", NULL},
        {"Limit=5", NULL},
        {"a=limit=5", NULL},
        {"limi=t", NULL},
        {"limit=%zz", NULL},
        {"=5", NULL},
        {"&", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *value;
        bool there = query_value(*state, rows[i].query, "limit", &value);
        assert_int_equal(there, rows[i].value || strcmp(rows[i].query, "limit=%zz") == 0);
        if (rows[i].value) {
            assert_non_null(value);
            assert_string_equal(value, rows[i].value);
        } else {
            assert_null(value);
        }
    }
    const char *value;
    assert_false(query_value(*state, NULL, "limit", &value));
    assert_null(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(escapes_are_resolved, make, give_back),
        cmocka_unit_test_setup_teardown(broken_escapes_and_nul_are_refused, make, give_back),
        cmocka_unit_test_setup_teardown(only_the_given_length_is_read, make, give_back),
        cmocka_unit_test_setup_teardown(the_first_value_of_a_name_is_found, make, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
