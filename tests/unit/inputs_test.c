/* Declared inputs: what is missing, of the wrong type or out of bounds is named, all at once; what is good is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "fake_request.h"
#include "web/inputs.h"

static const struct input table[] = {
    {"name", INPUT_TEXT, true, 1, 10, FROM_BODY},
    {"age", INPUT_INTEGER, false, 0, 150, FROM_BODY},
    {"rate", INPUT_NUMBER, false, 0.001, 10000, FROM_BODY},
    {"free", INPUT_NUMBER, false, 0, 0, FROM_BODY}, /* no bounds */
    {"on", INPUT_BOOLEAN, false, 0, 0, FROM_BODY},
    {"time", INPUT_TIME, false, 0, 0, FROM_BODY},
    {"id", INPUT_UUID, false, 0, 0, FROM_BODY},
    {"info", INPUT_OBJECT, false, 0, 0, FROM_BODY},
    {"note", INPUT_TEXT, false, 0, 5, FROM_BODY}, /* may be empty */
    {"limit", INPUT_INTEGER, false, 1, 100, FROM_QUERY},
    {"flag", INPUT_BOOLEAN, false, 0, 0, FROM_QUERY},
    {"from", INPUT_TIME, false, 0, 0, FROM_QUERY},
    {"lead", INPUT_TEXT, false, 1, 5, FROM_QUERY},
    {"x", INPUT_NUMBER, false, 0, 0, FROM_QUERY},
    {0},
};
static const struct route row = {.method = "POST", .pattern = "/x", .body = BODY_JSON, .inputs = table};

static struct request *with(const char *body, const char *query)
{
    struct request *request = fake_request("POST", "/x");
    request->route = &row;
    request->query = query;
    fake_body(request, body);
    return request;
}

static void good_inputs_are_there(void **state)
{
    (void)state;
    struct request *request =
        with("{\"name\":\"Ann\\u00e9\",\"age\":150,\"rate\":443.34,\"free\":-1e300,\"on\":true,"
             "\"time\":\"2025-01-08T12:34:56.5+01:00\",\"id\":\"11111111-2222-4333-8444-5555AAAAffff\","
             "\"info\":{\"a\":[1]},\"note\":\"\",\"unknown\":{\"x\":null}}",
             "limit=100&flag=true&from=2025-01-08T00:00:00Z&lead=a%56R+1&x=-1.5e2");
    assert_true(inputs_check(request));
    assert_string_equal(input_text(request, "name"), "Ann\xC3\xA9");
    assert_true(input(request, "age")->number == 150 && input(request, "rate")->number == 443.34);
    assert_true(input(request, "free")->number == -1e300 && input(request, "on")->flag);
    assert_int_equal(input(request, "time")->time_us, INT64_C(1736336096500000));
    assert_string_equal(input_text(request, "time"), "2025-01-08T12:34:56.5+01:00");
    assert_non_null(cJSON_GetObjectItem(input(request, "info")->json, "a"));
    assert_true(input(request, "note")->present);
    assert_true(input(request, "limit")->number == 100 && input(request, "flag")->flag);
    assert_int_equal(input(request, "from")->time_us, INT64_C(1736294400000000));
    assert_string_equal(input_text(request, "lead"), "aVR 1");
    assert_true(input(request, "x")->number == -150);
    assert_int_equal(request->error_count, 0);
    fake_free(request);
}

static void null_and_nothing_are_absent(void **state)
{
    (void)state;
    struct request *request = with("{\"name\":\"A\",\"age\":null}", "other=1");
    assert_true(inputs_check(request));
    assert_false(input(request, "age")->present);
    assert_null(input_text(request, "note"));
    assert_false(input(request, "limit")->present);
    fake_free(request);
    request = with("{\"name\":null}", "");
    assert_false(inputs_check(request));
    assert_int_equal(request->status, 422);
    assert_string_equal(fake_error(request, "name"), "is missing");
    fake_free(request);
    request = with("", ""); /* a POST without a body says nothing */
    assert_false(inputs_check(request));
    assert_string_equal(fake_error(request, "name"), "is missing");
    fake_free(request);
}

static void each_bad_value_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *field, *value;
    } rows[] = {
        {"name", "1"},
        {"name", "\"\""},
        {"name", "\" \\t\\n\""},
        {"name", "\"12345678901\""},
        {"name", "[]"},
        {"name", "{}"},
        {"name", "true"},
        {"age", "1.5"},
        {"age", "-1"},
        {"age", "151"},
        {"age", "\"30\""},
        {"age", "true"},
        {"age", "1e300"},
        {"rate", "0"},
        {"rate", "-5"},
        {"rate", "10001"},
        {"on", "1"},
        {"on", "\"true\""},
        {"time", "\"yesterday\""},
        {"time", "\"2025-01-08\""},
        {"time", "1736339696"},
        {"time", "\"\""},
        {"id", "\"1\""},
        {"id", "\"\""},
        {"id", "\"11111111-2222-4333-8444-55555555555\""},
        {"id", "\"11111111-2222-4333-8444-5555555555555\""},
        {"id", "\"11111111-2222-4333-8444-55555555555g\""},
        {"id", "\"11111111a2222-4333-8444-555555555555\""},
        {"info", "[]"},
        {"info", "\"{}\""},
        {"note", "\"123456\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[200];
        bool named = strcmp(rows[i].field, "name") == 0;
        snprintf(body, sizeof body, "{%s\"%s\":%s}", named ? "" : "\"name\":\"A\",", rows[i].field, rows[i].value);
        struct request *request = with(body, "");
        if (inputs_check(request))
            fail_msg("taken: %s", body);
        assert_int_equal(request->status, 422);
        assert_int_equal(request->error_count, 1);
        assert_non_null(fake_error(request, rows[i].field));
        fake_free(request);
    }
}

static void each_bad_query_value_is_named(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "limit=",           "limit=0",    "limit=101",  "limit=1.5", "limit=ten", "limit=0x10",
        "limit=+5",         "limit=%205", "limit=5%20", "limit=nan", "limit=inf", "limit=1e400",
        "limit=5&limit=6x", "x=",         "x=0x1p3",    "x=.5",      "x=1.",      "x=infinity",
        "flag=banana",      "flag=",      "flag=TRUE1", "from=now",  "from=",     "lead=",
        "lead=123456",      "limit=%zz",  "lead=%",     "lead=%00",
    };
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        if (strcmp(queries[i], "limit=5&limit=6x") == 0)
            continue; /* the first one counts */
        struct request *request = with("{\"name\":\"A\"}", queries[i]);
        if (inputs_check(request))
            fail_msg("taken: %s", queries[i]);
        char field[8];
        snprintf(field, sizeof field, "%.*s", (int)strcspn(queries[i], "="), queries[i]);
        assert_int_equal(request->status, 422);
        assert_non_null(fake_error(request, field));
        fake_free(request);
    }
    static const char *const no[] = {"flag=false", "flag=0", "flag=no"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        struct request *request = with("{\"name\":\"A\"}", no[i]);
        assert_true(inputs_check(request));
        assert_true(input(request, "flag")->present && !input(request, "flag")->flag);
        fake_free(request);
    }
}

static void all_that_is_wrong_is_told_at_once(void **state)
{
    (void)state;
    struct request *request = with("{\"age\":-1,\"on\":2,\"id\":\"x\"}", "limit=0");
    assert_false(inputs_check(request));
    assert_int_equal(request->error_count, 5);
    assert_string_equal(request->reply_type, "application/problem+json");
    fake_free(request);
}

static void a_key_that_stands_twice_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"name\":\"A\",\"name\":\"B\"}",
        "{\"name\":\"A\",\"name\":\"A\"}",
        "{\"name\":\"A\",\"\\u006eame\":\"B\"}",
        "{\"name\":\"A\",\"info\":{\"a\":1,\"b\":2,\"a\":3}}",
        "{\"name\":\"A\",\"info\":{\"l\":[0,{\"\":1,\"\":2}]}}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct request *request = with(bodies[i], "");
        assert_false(inputs_check(request));
        assert_int_equal(request->status, 400);
        assert_int_equal(request->error_count, 1);
        fake_free(request);
    }
    struct request *request = with("{\"name\":\"A\",\"info\":{\"name\":1,\"o\":{\"name\":1}},\"Name\":1}", "");
    assert_true(inputs_check(request)); /* the same key in another object is another key */
    fake_free(request);
}

static void what_is_not_a_json_object_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int status;
    } rows[] = {{"{\"name\":\"A\"", 400},
                {"{\"name\":\"A\"} x", 400},
                {"{\"age\":01}", 400},
                {"not json", 400},
                {"{\"age\":1e400}", 422},
                {"{\"age\":NaN}", 422},
                {"[]", 422},
                {"\"name\"", 422},
                {"null", 422},
                {"7", 422},
                {" ", 400},
                {"{\"name\":\"\xFF\"}", 400}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request *request = with(rows[i].body, "");
        assert_false(inputs_check(request));
        assert_int_equal(request->status, rows[i].status);
        fake_free(request);
    }
}

static void the_media_type_is_json_or_not_said(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool good;
    } rows[] = {{NULL, true},
                {"", true},
                {"application/json", true},
                {"Application/JSON; charset=utf-8", true},
                {"application/json ;charset=utf-8", true},
                {"text/plain", false},
                {"application/jsonp", false},
                {"application/json-patch+json", false},
                {"application/x-www-form-urlencoded", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request *request = with("{\"name\":\"A\"}", "");
        request->content_type = rows[i].type;
        assert_int_equal(inputs_check(request), rows[i].good);
        assert_int_equal(request->status, rows[i].good ? 0 : 415);
        fake_free(request);
    }
}

static void a_route_without_inputs_has_none(void **state)
{
    (void)state;
    static const struct route bare = {.method = "GET", .pattern = "/x"};
    struct request *request = fake_request("GET", "/x");
    request->route = &bare;
    assert_true(inputs_check(request));
    fake_free(request);
}

static void a_uuid_has_one_form(void **state)
{
    (void)state;
    assert_true(is_uuid_text("01234567-89ab-cdef-ABCD-EF0123456789"));
    assert_false(is_uuid_text("0123456789abcdefABCDEF0123456789"));
    assert_false(is_uuid_text("{01234567-89ab-cdef-ABCD-EF0123456789}"));
    assert_false(is_uuid_text(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_inputs_are_there),
        cmocka_unit_test(null_and_nothing_are_absent),
        cmocka_unit_test(each_bad_value_is_named),
        cmocka_unit_test(each_bad_query_value_is_named),
        cmocka_unit_test(all_that_is_wrong_is_told_at_once),
        cmocka_unit_test(a_key_that_stands_twice_is_refused),
        cmocka_unit_test(what_is_not_a_json_object_is_refused),
        cmocka_unit_test(the_media_type_is_json_or_not_said),
        cmocka_unit_test(a_route_without_inputs_has_none),
        cmocka_unit_test(a_uuid_has_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
