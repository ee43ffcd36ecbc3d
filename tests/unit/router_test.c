/* The dispatcher: which row answers, and that role, forgery, body length and inputs are checked before any handler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "fake_request.h"

/* What a test's site knows, and what its handlers saw. */
struct world {
    hl_result answer; /* of the authenticator */
    struct identity identity;
    int asked, handled;
};

static hl_result authenticate(struct request *request, struct hl_error *error)
{
    struct world *world = request->app;
    world->asked++;
    request->identity = world->identity;
    return world->answer == HL_OK ? HL_OK : hl_fail(error, world->answer, "Authorization", "No.");
}

static void answer_with_captures(struct request *request)
{
    ((struct world *)request->app)->handled++;
    struct buf *out = reply_json(request, 200);
    buf_text(out, request->route->pattern);
    for (int i = 0; i < REQUEST_MAX_CAPTURES && request->captures[i].name; i++)
        buf_printf(out, " %s=%s", request->captures[i].name, request->captures[i].value);
}

static void answer_nothing(struct request *request)
{
    ((struct world *)request->app)->handled++;
}

static const struct input needed[] = {{"name", INPUT_TEXT, true, 1, 10, FROM_BODY}, {0}};

static const struct route routes[] = {
    {"GET", "/", answer_with_captures, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {"GET", "/things", answer_with_captures, ROLE_PATIENT, BODY_NONE, 0, NULL},
    {"POST", "/things", answer_with_captures, ROLE_PATIENT, BODY_JSON, 100, needed},
    {"GET", "/things/all", answer_with_captures, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {"GET", "/things/{id}", answer_with_captures, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {"DELETE", "/things/{id}", answer_with_captures, ROLE_ADMIN, BODY_NONE, 0, NULL},
    {"POST", "/things/{id}/parts/{part}", answer_with_captures, ROLE_CLINICIAN, BODY_RAW, 10, NULL},
    {"GET", "/a/{b}/{c}/{d}/{e}/{f}", answer_with_captures, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {"GET", "/forgotten", answer_with_captures, ROLE_UNSET, BODY_NONE, 0, NULL},
    {"GET", "/silent", answer_nothing, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {0},
};

static struct world world_of(enum role role, enum credential credential)
{
    return (struct world){.answer = HL_OK, .identity = {.role = role, .credential = credential}};
}

static struct request *send_request(struct world *world, struct request *request)
{
    const struct site site = {.routes = routes, .authenticate = authenticate, .app = world};
    dispatch(&site, request);
    return request;
}

static int status_of(struct world *world, const char *method, const char *path)
{
    struct request *request = send_request(world, fake_request(method, path));
    int status = request->status;
    assert_true(request->reply->length > 0);
    fake_free(request);
    return status;
}

static void the_row_of_method_and_path_answers(void **state)
{
    (void)state;
    static const struct {
        const char *path, *reply;
    } rows[] = {
        {"/", "/"},
        {"/things/all", "/things/all"},
        {"/things/17", "/things/{id} id=17"},
        {"/things/ 1.5;x", "/things/{id} id= 1.5;x"},
        {"/things/{id}", "/things/{id} id={id}"},
    };
    struct world world = world_of(ROLE_UNSET, CREDENTIAL_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request *request = send_request(&world, fake_request("GET", rows[i].path));
        assert_int_equal(request->status, 200);
        assert_string_equal(request->reply->data, rows[i].reply);
        fake_free(request);
    }
    assert_int_equal(world.asked, 0); /* open to anyone: nobody is asked who they are */
}

static void several_captures_are_kept_apart(void **state)
{
    (void)state;
    struct world world = world_of(ROLE_CLINICIAN, CREDENTIAL_BEARER);
    struct request *request = send_request(&world, fake_request("POST", "/things/a%b/parts/2"));
    assert_string_equal(request->reply->data, "/things/{id}/parts/{part} id=a%b part=2");
    assert_string_equal(request_capture(request, "part"), "2");
    assert_null(request_capture(request, "other"));
    fake_free(request);
}

static void other_paths_are_not_found(void **state)
{
    (void)state;
    static const char *const paths[] = {"",
                                        "things",
                                        "//",
                                        "/thing",
                                        "/thingsx",
                                        "/things/",
                                        "/things/1/",
                                        "/things//parts/2",
                                        "/things/1/parts",
                                        "/things/1/parts/2/3",
                                        "/THINGS",
                                        "/a/1/2/3/4/5"};
    struct world world = world_of(ROLE_ADMIN, CREDENTIAL_BEARER);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (status_of(&world, "GET", paths[i]) != 404)
            fail_msg("found: %s", paths[i]);
    assert_int_equal(world.handled, 0);
}

static void another_method_is_told_which_there_are(void **state)
{
    (void)state;
    struct world world = world_of(ROLE_ADMIN, CREDENTIAL_BEARER);
    struct request *request = send_request(&world, fake_request("PATCH", "/things/17"));
    assert_int_equal(request->status, 405);
    assert_string_equal(fake_header(request, "Allow"), "GET, HEAD, DELETE");
    fake_free(request);
    request = send_request(&world, fake_request("get", "/things"));
    assert_int_equal(request->status, 405);
    assert_string_equal(fake_header(request, "Allow"), "GET, HEAD, POST");
    fake_free(request);
    request = send_request(&world, fake_request("GET", "/things/1/parts/2"));
    assert_string_equal(fake_header(request, "Allow"), "POST");
    fake_free(request);
    assert_int_equal(world.handled, 0);
}

static void head_is_get(void **state)
{
    (void)state;
    struct world world = world_of(ROLE_PATIENT, CREDENTIAL_COOKIE);
    assert_int_equal(status_of(&world, "HEAD", "/"), 200);
    assert_int_equal(status_of(&world, "HEAD", "/things"), 200); /* and no write: it needs no mark */
    assert_int_equal(status_of(&world, "HEAD", "/things/1/parts/2"), 405);
}

static void the_least_role_is_needed(void **state)
{
    (void)state;
    static const struct {
        enum role role;
        int list, delete_one, add_part;
    } rows[] = {{ROLE_UNSET, 403, 403, 403},
                {ROLE_ANYONE, 403, 403, 403},
                {ROLE_PATIENT, 200, 403, 403},
                {ROLE_CLINICIAN, 200, 403, 200},
                {ROLE_ADMIN, 200, 200, 200}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world world = world_of(rows[i].role, CREDENTIAL_BEARER);
        assert_int_equal(status_of(&world, "GET", "/things"), rows[i].list);
        assert_int_equal(status_of(&world, "DELETE", "/things/1"), rows[i].delete_one);
        assert_int_equal(status_of(&world, "POST", "/things/1/parts/2"), rows[i].add_part);
        assert_int_equal(world.handled,
                         (rows[i].list == 200) + (rows[i].delete_one == 200) + (rows[i].add_part == 200));
    }
}

static void who_cannot_be_known_is_refused(void **state)
{
    (void)state;
    static const struct {
        hl_result answer;
        int status;
    } rows[] = {{HL_UNAUTHENTICATED, 401}, {HL_UNAVAILABLE, 503}, {HL_INTERNAL, 500}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world world = world_of(ROLE_ADMIN, CREDENTIAL_BEARER);
        world.answer = rows[i].answer;
        assert_int_equal(status_of(&world, "GET", "/things"), rows[i].status);
        assert_int_equal(world.handled, 0);
    }
}

static void a_row_that_forgot_its_role_lets_no_one_in(void **state)
{
    (void)state;
    for (enum role role = ROLE_UNSET; role <= ROLE_ADMIN; role++) {
        struct world world = world_of(role, CREDENTIAL_BEARER);
        assert_int_equal(status_of(&world, "GET", "/forgotten"), 403);
        assert_int_equal(world.handled, 0);
    }
}

static void a_write_by_cookie_needs_our_mark(void **state)
{
    (void)state;
    static const struct {
        enum credential credential;
        const char *method, *path, *mark;
        int status;
    } rows[] = {
        {CREDENTIAL_COOKIE, "DELETE", "/things/1", NULL, 403},
        {CREDENTIAL_COOKIE, "DELETE", "/things/1", "1", 200},
        {CREDENTIAL_COOKIE, "POST", "/things/1/parts/2", NULL, 403},
        {CREDENTIAL_COOKIE, "GET", "/things", NULL, 200},
        {CREDENTIAL_BEARER, "DELETE", "/things/1", NULL, 200},
        {CREDENTIAL_API_KEY, "DELETE", "/things/1", NULL, 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world world = world_of(ROLE_ADMIN, rows[i].credential);
        struct request *request = fake_request(rows[i].method, rows[i].path);
        request->request_mark = rows[i].mark;
        send_request(&world, request);
        assert_int_equal(request->status, rows[i].status);
        if (rows[i].status == 403)
            assert_non_null(fake_error(request, "X-Heartline-Request"));
        fake_free(request);
    }
}

static int status_with_body(struct world *world, const char *path, const char *body)
{
    struct request *request = fake_request("POST", path);
    fake_body(request, body);
    int status = send_request(world, request)->status;
    fake_free(request);
    return status;
}

static void a_body_fits_or_is_refused(void **state)
{
    (void)state;
    struct world world = world_of(ROLE_ADMIN, CREDENTIAL_BEARER);
    assert_int_equal(status_with_body(&world, "/things/1/parts/2", "1234567890"), 200);
    assert_int_equal(status_with_body(&world, "/things/1/parts/2", "12345678901"), 413);
    struct request *request = fake_request("GET", "/things");
    fake_body(request, "x"); /* where none is expected, none is read */
    assert_int_equal(send_request(&world, request)->status, 413);
    fake_free(request);
    assert_int_equal(world.handled, 1);
    world.answer = HL_UNAUTHENTICATED; /* a stranger does not learn the limit */
    assert_int_equal(status_with_body(&world, "/things/1/parts/2", "12345678901"), 401);
}

static void inputs_are_checked_before_the_handler(void **state)
{
    (void)state;
    struct world world = world_of(ROLE_PATIENT, CREDENTIAL_BEARER);
    assert_int_equal(status_with_body(&world, "/things", "{\"name\":\"\"}"), 422);
    assert_int_equal(status_with_body(&world, "/things", "{"), 400);
    assert_int_equal(status_with_body(&world, "/things", ""), 422);
    assert_int_equal(world.handled, 0);
    assert_int_equal(status_with_body(&world, "/things", "{\"name\":\"A\"}"), 200);
    assert_int_equal(world.handled, 1);
}

static void a_handler_that_says_nothing_is_our_fault(void **state)
{
    (void)state;
    struct world world = world_of(ROLE_UNSET, CREDENTIAL_NONE);
    assert_int_equal(status_of(&world, "GET", "/silent"), 500);
    assert_int_equal(world.handled, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_row_of_method_and_path_answers),
        cmocka_unit_test(several_captures_are_kept_apart),
        cmocka_unit_test(other_paths_are_not_found),
        cmocka_unit_test(another_method_is_told_which_there_are),
        cmocka_unit_test(head_is_get),
        cmocka_unit_test(the_least_role_is_needed),
        cmocka_unit_test(who_cannot_be_known_is_refused),
        cmocka_unit_test(a_row_that_forgot_its_role_lets_no_one_in),
        cmocka_unit_test(a_write_by_cookie_needs_our_mark),
        cmocka_unit_test(a_body_fits_or_is_refused),
        cmocka_unit_test(inputs_are_checked_before_the_handler),
        cmocka_unit_test(a_handler_that_says_nothing_is_our_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
