/* Use cases as far as they go without a database: session ids, impossible times, files that are no PDF, the bell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "service/bell.h"
#include "service/ingest.h"
#include "service/reports.h"

static void session_ids_say_when_and_differ(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    const char *one = session_id_new(arena, INT64_C(1736339696000000));
    const char *other = session_id_new(arena, INT64_C(1736339696000000));
    assert_memory_equal(one, "session_20250108_123456_", 24);
    assert_int_equal(strlen(one), 30);
    assert_string_not_equal(one, other);
    arena_free(arena);
}

static void the_day_after_tomorrow_is_a_wrong_clock(void **state)
{
    (void)state;
    struct service service = {.bell = {.fd = -1}};
    struct hl_error error = {0};
    bool repeated;
    int64_t future_us = clock_now_us() + INT64_C(90000) * 1000000;
    struct metrics metrics = {.time_us = future_us};
    struct waveform waveform = {.chunk = {.start_us = future_us}};
    struct session_end end = {.end_us = future_us};
    assert_int_equal(ingest_metrics(&service, "u", "s", &metrics, &repeated, &error), HL_INVALID);
    assert_string_equal(error.field, "timestamp");
    assert_int_equal(ingest_waveform(&service, "u", "s", &waveform, &repeated, &error), HL_INVALID);
    assert_int_equal(ingest_end(&service, "u", "s", &end, &error), HL_INVALID);
}

static void what_is_no_pdf_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
    } files[] = {{"", 0},
                 {"%PDF-", 5},
                 {"%PDF-1.4 and then the upload was cut off somewhere", 49},
                 {" %PDF-1.4 ............................ %%EOF", 44},
                 {"<html>....................................%%EOF</html>", 53}};
    struct service service = {.bell = {.fd = -1}};
    const struct identity uploader = {.role = ROLE_PATIENT};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct report report = {0};
        struct hl_error error = {0};
        hl_result result = reports_upload(&service, &uploader, NULL, files[i].bytes, files[i].length, &report, &error);
        assert_int_equal(result, HL_INVALID);
        assert_string_equal(error.field, "file");
    }
}

static void a_bell_is_heard_and_never_waits(void **state)
{
    (void)state;
    char folder[] = "/tmp/hl-bell-XXXXXX", text[100];
    struct bell bell;
    assert_non_null(mkdtemp(folder));
    bell_open(&bell, folder);
    bell_ring(&bell, BELL_INGEST, "waveform", 17, 1234); /* nobody listens: no harm */
    int ear = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    memcpy(here.sun_path, bell.paths[BELL_INGEST], sizeof here.sun_path);
    assert_int_equal(bind(ear, (struct sockaddr *)&here, sizeof here), 0);
    bell_ring(&bell, BELL_INGEST, "waveform", 17, 1234);
    bell_ring(&bell, BELL_WARD, "patient", 1, 0); /* another one's bell */
    ssize_t length = recv(ear, text, sizeof text, 0);
    assert_int_equal(length, 16);
    assert_memory_equal(text, "waveform 17 1234", 16);
    assert_true(recv(ear, text, sizeof text, 0) < 0);
    for (int i = 0; i < 100000; i++) /* a listener that sleeps holds nobody up */
        bell_ring(&bell, BELL_INGEST, "metrics", INT64_MAX, INT64_MIN);
    bell_close(&bell);
    bell_ring(&bell, BELL_INGEST, "metrics", 1, 1);
    close(ear);
    unlink(here.sun_path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_ids_say_when_and_differ),
        cmocka_unit_test(the_day_after_tomorrow_is_a_wrong_clock),
        cmocka_unit_test(what_is_no_pdf_is_refused),
        cmocka_unit_test(a_bell_is_heard_and_never_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
