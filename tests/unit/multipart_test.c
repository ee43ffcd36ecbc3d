/* The strict multipart reader: what real clients send is read, bytes and all; anything broken or odd is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "web/multipart.h"

#define TYPE                "multipart/form-data; boundary=B"
#define PART(name, content) "--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" content "\r\n"
#define LAST                "--B--\r\n"

/* From a block of exactly this size, so that a reader that goes on is caught by the address sanitizer; `form` points
   into it afterwards, so it is given back by the caller. */
static char *exact_copy(const char *bytes, size_t length)
{
    char *exact = malloc(length ? length : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, length);
    return exact;
}

static hl_result verdict(const char *type, const char *body, size_t length)
{
    struct multipart form;
    struct hl_error error = {0};
    char *exact = exact_copy(body, length);
    hl_result result = multipart_read(type, exact, length, &form, &error);
    assert_true((result == HL_OK) == (error.detail[0] == '\0'));
    free(exact);
    return result;
}

static hl_result verdict_of(const char *body)
{
    return verdict(TYPE, body, strlen(body));
}

static void the_parts_are_there(void **state)
{
    (void)state;
    static const char body[] = PART("metadata", "{\"a\":1}") "--B\r\nContent-Disposition: form-data; name=\"file\"; "
                                                             "filename=\"../../etc/passwd\"\r\nContent-Type: "
                                                             "application/pdf\r\n\r\n%PDF-\0\r\n--\r\n-B\r\n" LAST;
    struct multipart form;
    assert_int_equal(multipart_read(TYPE, body, sizeof body - 1, &form, NULL), HL_OK);
    assert_int_equal(form.count, 2);
    const struct multipart_part *metadata = multipart_part(&form, "metadata"), *file = multipart_part(&form, "file");
    assert_non_null(metadata);
    assert_non_null(file);
    assert_null(multipart_part(&form, "File"));
    assert_int_equal(metadata->length, 7);
    assert_memory_equal(metadata->data, "{\"a\":1}", 7);
    assert_int_equal(file->length, 14);
    assert_memory_equal(file->data, "%PDF-\0\r\n--\r\n-B", 14);
}

static void content_may_look_like_a_boundary(void **state)
{
    (void)state;
    static const char *const contents[] = {
        "",         "\r\n",           "--B",
        "--B--",    "\r\n--",         "\n--B\n",
        "\r--B",    "\r\n-B",         "\r\n--b\r\n",
        "\r\n\r\n", "x\r\n--\r\n--A", "Content-Disposition: form-data; name=\"x\"\r\n\r\n"};
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        struct buf body = {0};
        struct multipart form;
        buf_printf(&body, "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n%s\r\n" LAST, contents[i]);
        assert_int_equal(multipart_read(TYPE, body.data, body.length, &form, NULL), HL_OK);
        assert_int_equal(form.parts[0].length, strlen(contents[i]));
        assert_memory_equal(form.parts[0].data, contents[i], strlen(contents[i]));
        buf_free(&body);
    }
}

static void header_lines_have_several_forms(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "Content-Disposition: form-data; name=\"file\"; filename=\"x.pdf\"",
        "content-disposition:form-data;name=\"file\"",
        "CONTENT-DISPOSITION: form-data; filename=\"x.pdf\"; NAME=\"file\"",
        "Content-Type: application/pdf\r\nContent-Disposition: form-data; name=\"file\"",
        "Content-Disposition: form-data; name=\"file\"\r\nContent-Type: a/b\r\nContent-Length: 1",
        "Content-Disposition: form-data; filename=\" name=\"; name=\"file\"",
        "Content-Disposition: form-data; filename=\"a; name=\\\"no\\\"\"; name=\"file\"",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct buf body = {0};
        struct multipart form;
        buf_printf(&body, "--B\r\n%s\r\n\r\nx\r\n" LAST, lines[i]);
        assert_int_equal(multipart_read(TYPE, body.data, body.length, &form, NULL), HL_OK);
        assert_string_equal(form.parts[0].name, "file");
        buf_free(&body);
    }
}

static void a_part_without_a_name_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "Content-Type: application/pdf",
        "Content-Disposition: form-data",
        "Content-Disposition: form-data; filename=\"name\"",
        "Content-Disposition: form-data; filename=\"x; name=y\"",
        "Content-Disposition: form-data; name=\"\"",
        "Content-Disposition: form-data; name=file",
        "Content-Disposition: form-data; name=\"file",
        "Content-Disposition: form-data; filename=\"a; name=\\\"file\\\"\"",
        "X-Content-Disposition: form-data; name=\"file\"",
        "",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char body[300];
        int length = snprintf(body, sizeof body, "--B\r\n%s\r\n\r\nx\r\n" LAST, lines[i]);
        if (verdict(TYPE, body, (size_t)length) != HL_INVALID)
            fail_msg("taken: %s", lines[i]);
    }
}

static void names_end_at_their_limit(void **state)
{
    (void)state;
    for (int length = MULTIPART_MAX_NAME - 1; length <= MULTIPART_MAX_NAME; length++) {
        char body[300];
        int bytes = snprintf(body, sizeof body,
                             "--B\r\nContent-Disposition: form-data; name=\"%0*d\"\r\n\r\nx\r\n" LAST, length, 0);
        assert_int_equal(verdict(TYPE, body, (size_t)bytes), length < MULTIPART_MAX_NAME ? HL_OK : HL_INVALID);
    }
}

static void a_part_that_stands_twice_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(PART("file", "1") PART("file", "2") LAST), HL_INVALID);
    assert_int_equal(verdict_of(PART("file", "1") PART("x", "") PART("file", "1") LAST), HL_INVALID);
    assert_int_equal(verdict_of(PART("file", "1") PART("File", "2") LAST), HL_OK);
}

static void eight_parts_are_the_most(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(PART("1", "") PART("2", "") PART("3", "") PART("4", "") PART("5", "") PART("6", "")
                                    PART("7", "") PART("8", "") LAST),
                     HL_OK);
    assert_int_equal(verdict_of(PART("1", "") PART("2", "") PART("3", "") PART("4", "") PART("5", "") PART("6", "")
                                    PART("7", "") PART("8", "") PART("9", "") LAST),
                     HL_INVALID);
}

static void every_beginning_of_a_body_is_refused(void **state)
{
    (void)state;
    static const char body[] = PART("metadata", "{}") PART("file", "%PDF-1.4") "--B--";
    for (size_t length = 0; length < sizeof body - 1; length++)
        if (verdict(TYPE, body, length) != HL_INVALID)
            fail_msg("taken: the first %zu bytes", length);
    assert_int_equal(verdict(TYPE, body, sizeof body - 1), HL_OK);
}

static void only_crlf_ends_a_line(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "--B\nContent-Disposition: form-data; name=\"file\"\n\nx\n--B--\n",
        "--B\r\nContent-Disposition: form-data; name=\"file\"\n\nx\r\n--B--\r\n",
        "--B\rContent-Disposition: form-data; name=\"file\"\r\rx\r--B--\r",
        "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\n--B--\r\n",
        "\r\n--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--B--\r\n",
        "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--B--\r\n",
        "--B \r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--B--\r\n",
        "--BX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--BX--\r\n",
        "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--BX--\r\n",
        "--A\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--A--\r\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (verdict_of(bodies[i]) != HL_INVALID)
            fail_msg("taken: %s", bodies[i]);
}

static void what_follows_the_end_is_nothing(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(PART("file", "x") "--B--"), HL_OK);
    assert_int_equal(verdict_of(PART("file", "x") "--B--\r\n"), HL_OK);
    assert_int_equal(verdict_of(PART("file", "x") "--B--\r\nepilogue"), HL_OK);
    struct multipart form;
    assert_int_equal(multipart_read(TYPE, "--B--\r\n", 7, &form, NULL), HL_OK);
    assert_int_equal(form.count, 0);
    assert_null(multipart_part(&form, "file"));
}

static hl_result with_boundary(const char *type_format, const char *boundary)
{
    char type[400];
    struct buf body = {0};
    snprintf(type, sizeof type, type_format, boundary);
    buf_printf(&body, "--%s\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--%s--\r\n", boundary,
               boundary);
    hl_result result = verdict(type, body.data, body.length);
    buf_free(&body);
    return result;
}

static void a_boundary_has_at_most_seventy_bytes(void **state)
{
    (void)state;
    char boundary[80] = "";
    memset(boundary, 'b', 70);
    assert_int_equal(with_boundary("multipart/form-data; boundary=%s", boundary), HL_OK);
    assert_int_equal(with_boundary("multipart/form-data; boundary=\"%s\"", boundary), HL_OK);
    boundary[70] = 'b';
    assert_int_equal(with_boundary("multipart/form-data; boundary=%s", boundary), HL_UNSUPPORTED);
    assert_int_equal(with_boundary("multipart/form-data; boundary=\"%s\"", boundary), HL_UNSUPPORTED);
}

static void the_media_type_has_several_forms(void **state)
{
    (void)state;
    static const struct {
        const char *format, *boundary;
        hl_result result;
    } rows[] = {
        {"multipart/form-data; boundary=%s", "B", HL_OK},
        {"Multipart/Form-Data;BOUNDARY=%s", "b0'()+_,-./:=?", HL_OK},
        {"multipart/form-data; charset=utf-8; boundary=%s", "B", HL_OK},
        {"multipart/form-data; boundary=%s; charset=utf-8", "B", HL_OK},
        {"multipart/form-data; boundary=\"%s\"; charset=utf-8", "a b", HL_OK},
        {"multipart/form-data ; boundary=%s", "----WebKitFormBoundary7MA4YWxkTrZu0gW", HL_OK},
        {"multipart/form-data; boundary=\"%s\"", "ends in a space ", HL_UNSUPPORTED},
        {"multipart/form-data; boundary=\"%s", "B", HL_UNSUPPORTED},
        {"multipart/form-data; boundary=%s", "", HL_UNSUPPORTED},
        {"multipart/form-data; boundary=\"%s\"", "", HL_UNSUPPORTED},
        {"multipart/form-data; boundary=%s", "B*", HL_UNSUPPORTED},
        {"multipart/form-data; boundary=%s", "\xC3\xA9", HL_UNSUPPORTED},
        {"multipart/form-data; boundary=\"%s\"", "B\r\nX", HL_UNSUPPORTED},
        {"multipart/form-data; xboundary=%s", "B", HL_UNSUPPORTED},
        {"multipart/form-databoundary=%s", "B", HL_UNSUPPORTED},
        {"multipart/form-data-x; boundary=%s", "B", HL_UNSUPPORTED},
        {"multipart/mixed; boundary=%s", "B", HL_UNSUPPORTED},
        {"application/json; boundary=%s", "B", HL_UNSUPPORTED},
        {" multipart/form-data; boundary=%s", "B", HL_UNSUPPORTED},
        {"%s", "multipart/form-data", HL_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (with_boundary(rows[i].format, rows[i].boundary) != rows[i].result)
            fail_msg("%s with \"%s\"", rows[i].format, rows[i].boundary);
    assert_int_equal(verdict(NULL, "", 0), HL_UNSUPPORTED);
}

static void headers_have_an_end(void **state)
{
    (void)state;
    struct buf body = {0};
    buf_text(&body, "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n");
    for (int i = 0; i < 100000; i++)
        buf_text(&body, "X: y\r\n");
    buf_text(&body, "\r\nx\r\n" LAST);
    assert_int_equal(verdict(TYPE, body.data, body.length), HL_INVALID);
    buf_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_are_there),
        cmocka_unit_test(content_may_look_like_a_boundary),
        cmocka_unit_test(header_lines_have_several_forms),
        cmocka_unit_test(a_part_without_a_name_is_refused),
        cmocka_unit_test(names_end_at_their_limit),
        cmocka_unit_test(a_part_that_stands_twice_is_refused),
        cmocka_unit_test(eight_parts_are_the_most),
        cmocka_unit_test(every_beginning_of_a_body_is_refused),
        cmocka_unit_test(only_crlf_ends_a_line),
        cmocka_unit_test(what_follows_the_end_is_nothing),
        cmocka_unit_test(a_boundary_has_at_most_seventy_bytes),
        cmocka_unit_test(the_media_type_has_several_forms),
        cmocka_unit_test(headers_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
