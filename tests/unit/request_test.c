/* Replies: one shape for all that goes wrong, one mapping of results to HTTP, and nothing of ours told to strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "fake_request.h"

static cJSON *reply_of(const struct request *request)
{
    assert_true(buf_ok(request->reply));
    cJSON *json = cJSON_Parse(request->reply->data);
    assert_non_null(json);
    return json;
}

static const char *member(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

static void a_problem_says_all_there_is(void **state)
{
    (void)state;
    struct request *request = fake_request("POST", "/x");
    request_reject(request, "leads.V1[17]", "is %d, not a \"number\"", 7);
    request_reject(request, "age", "is missing");
    reply_problem(request, 422, "Some inputs are missing.");
    cJSON *json = reply_of(request);
    const cJSON *errors = cJSON_GetObjectItem(json, "errors");
    assert_int_equal(request->status, 422);
    assert_string_equal(request->reply_type, "application/problem+json");
    assert_string_equal(member(json, "title"), "Unprocessable Content");
    assert_string_equal(member(json, "type"), "about:blank");
    assert_true(cJSON_GetObjectItem(json, "status")->valuedouble == 422);
    assert_string_equal(member(json, "detail"), "Some inputs are missing.");
    assert_string_equal(member(json, "request_id"), "request-1");
    assert_int_equal(cJSON_GetArraySize(errors), 2);
    assert_string_equal(member(cJSON_GetArrayItem(errors, 0), "field"), "leads.V1[17]");
    assert_string_equal(member(cJSON_GetArrayItem(errors, 0), "detail"), "is 7, not a \"number\"");
    cJSON_Delete(json);
    fake_free(request);
}

static void a_problem_has_errors_even_when_there_are_none(void **state)
{
    (void)state;
    struct request *request = fake_request("GET", "/x");
    reply_problem(request, 404, "There is nothing at this path.");
    cJSON *json = reply_of(request);
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(json, "errors")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "errors")), 0);
    cJSON_Delete(json);
    fake_free(request);
}

static void hostile_text_stays_inside_its_string(void **state)
{
    (void)state;
    struct request *request = fake_request("POST", "/x");
    request->id = "a\",\"admin\":true,\"b\":\"\xFF\n";
    request_reject(request, "f\"}]\x01\xC0", "%s", "\"},{\"field\":\"x");
    reply_problem(request, 400, "\\\" \x1F \xED\xA0\x80");
    cJSON *json = reply_of(request);
    assert_null(cJSON_GetObjectItem(json, "admin"));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "errors")), 1);
    cJSON_Delete(json);
    fake_free(request);
}

static void notes_end_at_their_limit_and_are_cut(void **state)
{
    (void)state;
    struct request *request = fake_request("POST", "/x");
    for (int i = 0; i < 3 * REQUEST_MAX_ERRORS; i++)
        request_reject(request, "field", "%01000d", i);
    assert_int_equal(request->error_count, REQUEST_MAX_ERRORS);
    assert_true(strlen(request->errors[0].detail) < 300);
    for (int i = 0; i < 3 * REQUEST_MAX_HEADERS; i++)
        reply_header(request, "X-Test", "1");
    assert_int_equal(request->header_count, REQUEST_MAX_HEADERS);
    reply_problem(request, 422, "Many.");
    cJSON_Delete(reply_of(request));
    fake_free(request);
}

static void every_result_has_a_status(void **state)
{
    (void)state;
    static const struct {
        hl_result result;
        int status;
    } rows[] = {{HL_OK, 200},        {HL_INVALID, 422},     {HL_UNAUTHENTICATED, 401},
                {HL_DENIED, 403},    {HL_NOT_FOUND, 404},   {HL_CONFLICT, 409},
                {HL_TOO_LARGE, 413}, {HL_UNSUPPORTED, 415}, {HL_UNAVAILABLE, 503},
                {HL_NO_MEMORY, 503}, {HL_IO, 500},          {HL_INTERNAL, 500}};
    assert_int_equal(sizeof rows / sizeof rows[0], HL_INTERNAL + 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hl_error error = {.field = "thing", .detail = "A sentence."};
        assert_int_equal(http_status(rows[i].result), rows[i].status);
        struct request *request = fake_request("POST", "/x");
        reply_failure(request, rows[i].result, &error);
        assert_int_equal(request->status, rows[i].result == HL_OK ? 0 : rows[i].status);
        if (rows[i].result != HL_OK)
            cJSON_Delete(reply_of(request));
        fake_free(request);
    }
}

static void what_is_ours_is_not_told(void **state)
{
    (void)state;
    static const hl_result ours[] = {HL_UNAVAILABLE, HL_NO_MEMORY, HL_IO, HL_INTERNAL};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        struct hl_error error = {.detail = "connection to /run/secret.sock failed: FATAL"};
        struct request *request = fake_request("POST", "/x");
        reply_failure(request, ours[i], &error);
        assert_null(strstr(request->reply->data, "secret.sock"));
        fake_free(request);
    }
}

static void a_refusal_says_how_to_go_on(void **state)
{
    (void)state;
    struct request *request = fake_request("GET", "/x");
    reply_failure(request, HL_UNAUTHENTICATED, NULL);
    assert_memory_equal(fake_header(request, "WWW-Authenticate"), "Bearer", 6);
    fake_free(request);
    request = fake_request("GET", "/x");
    reply_failure(request, HL_UNAVAILABLE, NULL);
    assert_non_null(fake_header(request, "Retry-After"));
    fake_free(request);
}

static void a_later_reply_replaces_the_first(void **state)
{
    (void)state;
    struct request *request = fake_request("GET", "/x");
    buf_text(reply_json(request, 200), "{\"half\":");
    reply_problem(request, 500, "No.");
    assert_int_equal(request->status, 500);
    cJSON_Delete(reply_of(request));
    fake_free(request);
}

static void captures_are_found_by_name(void **state)
{
    (void)state;
    struct request *request = fake_request("GET", "/x");
    for (int i = 0; i < REQUEST_MAX_CAPTURES; i++) {
        request->captures[i].name = &"abcd"[i];
        request->captures[i].value = &"1234"[i];
    }
    assert_string_equal(request_capture(request, "abcd"), "1234");
    assert_string_equal(request_capture(request, "d"), "4");
    assert_null(request_capture(request, "e"));
    fake_free(request);
}

static void a_failure_fits_its_buffers(void **state)
{
    (void)state;
    struct hl_error error;
    char long_text[1000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(hl_fail(&error, HL_CONFLICT, long_text, "%s", long_text), HL_CONFLICT);
    assert_int_equal(strlen(error.field), sizeof error.field - 1);
    assert_int_equal(strlen(error.detail), sizeof error.detail - 1);
    assert_int_equal(hl_fail(NULL, HL_IO, "f", "%s", "d"), HL_IO);
    assert_int_equal(hl_fail(&error, HL_IO, NULL, "d"), HL_IO);
    assert_string_equal(error.field, "");
    assert_string_equal(hl_strerror(HL_NOT_FOUND), "not found");
    assert_string_equal(hl_strerror((hl_result)99), "unknown result");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_says_all_there_is),
        cmocka_unit_test(a_problem_has_errors_even_when_there_are_none),
        cmocka_unit_test(hostile_text_stays_inside_its_string),
        cmocka_unit_test(notes_end_at_their_limit_and_are_cut),
        cmocka_unit_test(every_result_has_a_status),
        cmocka_unit_test(what_is_ours_is_not_told),
        cmocka_unit_test(a_refusal_says_how_to_go_on),
        cmocka_unit_test(a_later_reply_replaces_the_first),
        cmocka_unit_test(captures_are_found_by_name),
        cmocka_unit_test(a_failure_fits_its_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
