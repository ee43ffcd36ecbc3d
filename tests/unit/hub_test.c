/* The hub: what subscribers read, resuming, gaps, silence; and who may see which stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <math.h>

#include <cmocka.h>

#include "base/id_cursor.h"
#include "stream/hub.h"
#include "stream/viewer.h"

#define ANNA      "00000000-0000-4000-8000-00000000000a"
#define BERT      "00000000-0000-4000-8000-00000000000b"
#define SECOND_US INT64_C(1000000)

static struct hub_time at(double seconds)
{
    int64_t us = (int64_t)(seconds * 1e6);
    return (struct hub_time){.monotonic_us = us, .wall_us = 1700000000 * SECOND_US + us};
}

static void count_wake(void *context)
{
    ++*(int *)context;
}

static struct hub *new_hub(void)
{
    struct hub *hub;
    assert_int_equal(hub_new(0x1234, &hub_default_limits, &hub), HL_OK);
    return hub;
}

static void tell_patient(struct hub *hub, const char *patient, double t)
{
    struct news *news = news_new_text(NEWS_PATIENT, patient, "session_1", 1, "Name \"x\"");
    news->info.active = true;
    news->info.last_signal_us = NEWS_NO_TIME;
    hub_apply(hub, news, at(t));
}

/* Two leads; sample i of lead II is n + i, of V1 its negative. */
static void tell_ecg(struct hub *hub, const char *patient, int64_t n, size_t count, double t)
{
    struct news *news = news_new_ecg(patient, "session_1", 1500, 2, count);
    news->ecg.n = n;
    news->ecg.fs_hz = 100;
    news->ecg.units = "mV";
    news->ecg.gain = 1000;
    news->ecg.leads[0] = "V1";
    news->ecg.leads[1] = "II";
    for (size_t i = 0; i < count; i++) {
        news->ecg.samples[i] = -(int32_t)(n + (int64_t)i);
        news->ecg.samples[count + i] = i == 1 ? NEWS_NO_SAMPLE : (int32_t)(n + (int64_t)i);
    }
    hub_apply(hub, news, at(t));
}

static struct hub_subscriber *subscribe(struct hub *hub, bool full, const char *last_id, double t, int *wakes)
{
    struct hub_filter filter = {.everyone = true, .full = full};
    struct hub_subscriber *subscriber = hub_subscribe(hub, &filter, last_id, at(t), count_wake, wakes);
    assert_non_null(subscriber);
    return subscriber;
}

/* The next event must be this one; its data is copied out when `data` is given. */
static void expect(struct hub_subscriber *subscriber, double t, const char *event, char *data, char id[64])
{
    struct hub_item item;
    assert_true(hub_next(subscriber, at(t), &item));
    assert_string_equal(item.event, event);
    if (data)
        snprintf(data, 4000, "%.*s", (int)item.length, item.data);
    if (id)
        memcpy(id, item.id, 64);
}

static void expect_nothing(struct hub_subscriber *subscriber, double t)
{
    struct hub_item item;
    assert_false(hub_next(subscriber, at(t), &item));
}

static void greets_and_tells_what_is_known(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000], id[64];
    tell_patient(hub, ANNA, 0);
    tell_ecg(hub, ANNA, 10, 3, 0.1);
    struct hub_subscriber *subscriber = subscribe(hub, false, NULL, 0.2, &wakes);
    hub_wake(hub);
    hub_wake(hub);
    assert_int_equal(wakes, 1);
    expect(subscriber, 0.2, "hello", data, id);
    assert_non_null(strstr(data, "\"epoch\":\"1234\""));
    assert_string_equal(id, "");
    expect(subscriber, 0.2, "snapshot", data, id);
    assert_string_equal(id, "1234-3");
    assert_non_null(strstr(data, "\"name\":\"Name \\\"x\\\"\""));
    assert_non_null(strstr(data, "\"state\":\"live\""));
    assert_non_null(strstr(data,
                           "\"n\":10,\"t_ms\":1.500,\"fs_hz\":100,\"units\":\"mV\",\"gain\":1000,\"leads\":[\"II\"],"
                           "\"samples\":[[10,null,12]]"));
    expect_nothing(subscriber, 0.2);
    tell_ecg(hub, ANNA, 13, 2, 0.3);
    hub_wake(hub);
    assert_int_equal(wakes, 2);
    expect(subscriber, 0.3, "ecg", data, id);
    assert_string_equal(data,
                        "{\"patient\":\"" ANNA "\",\"session\":\"session_1\",\"n\":13,\"t_ms\":1.500,\"fs_hz\":100,"
                        "\"units\":\"mV\",\"gain\":1000,\"leads\":[\"II\"],\"samples\":[[13,null]]}");
    assert_string_equal(id, "1234-4");
    hub_unsubscribe(subscriber);
    hub_free(hub);
}

static void full_detail_has_all_leads(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000];
    tell_patient(hub, ANNA, 0);
    struct hub_subscriber *full = subscribe(hub, true, NULL, 0, &wakes);
    struct hub_subscriber *wall = subscribe(hub, false, NULL, 0, &wakes);
    for (int i = 0; i < 2; i++) {
        expect(full, 0, i ? "snapshot" : "hello", data, NULL);
        expect(wall, 0, i ? "snapshot" : "hello", data, NULL);
    }
    tell_ecg(hub, ANNA, 0, 2, 0.1);
    expect(full, 0.1, "state", data, NULL);
    expect(full, 0.1, "ecg", data, NULL);
    assert_non_null(strstr(data, "\"leads\":[\"V1\",\"II\"],\"samples\":[[0,-1],[0,null]]"));
    expect(wall, 0.1, "state", data, NULL);
    expect(wall, 0.1, "ecg", data, NULL);
    assert_non_null(strstr(data, "\"leads\":[\"II\"],\"samples\":[[0,null]]"));
    hub_free(hub);
}

static void strip_holds_the_last_seconds_and_its_holes(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    static char data[4000];
    tell_patient(hub, ANNA, 0);
    for (int64_t n = 0; n < 2000; n += 300)
        tell_ecg(hub, ANNA, n, 300, 0.1);
    tell_ecg(hub, ANNA, 2102, 2, 0.2); /* 2100 and 2101 are missing */
    struct hub_subscriber *subscriber = subscribe(hub, false, NULL, 0.2, &wakes);
    expect(subscriber, 0.2, "hello", NULL, NULL);
    struct hub_item item;
    assert_true(hub_next(subscriber, at(0.2), &item));
    snprintf(data, sizeof data, "%.*s", 3900, item.data);
    assert_non_null(strstr(data, "\"n\":1104,")); /* ten seconds at 100 Hz */
    assert_non_null(strstr(data, "[[1104,1105,"));
    const char *end = item.data + item.length - 120;
    assert_non_null(strstr(end, "2099,null,null,2102,null]]"));
    hub_free(hub);
}

static void resumes_exactly(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000], id[64];
    tell_patient(hub, ANNA, 0);
    tell_ecg(hub, ANNA, 0, 2, 0.1); /* state 2, ecg 3 */
    tell_ecg(hub, ANNA, 2, 2, 0.2); /* 4 */
    tell_ecg(hub, ANNA, 4, 2, 0.3); /* 5 */
    struct hub_subscriber *subscriber = subscribe(hub, false, "1234-3", 20, &wakes);
    expect(subscriber, 20, "hello", NULL, NULL);
    expect(subscriber, 20, "ecg", data, id);
    assert_string_equal(id, "1234-4");
    assert_non_null(strstr(data, "\"n\":2,"));
    expect(subscriber, 20, "ecg", data, id);
    assert_string_equal(id, "1234-5");
    expect_nothing(subscriber, 20);
    hub_free(hub);
}

static void unknown_ids_are_a_gap(void **state)
{
    (void)state;
    static const struct {
        const char *id, *reason, *from;
    } cases[] = {
        {"1234-99", "expired", "\"1234-99\""},
        {"99-1", "restart", "\"99-1\""},
        {"", "expired", "null"},
        {"-", "expired", "null"},
        {"1234-", "expired", "null"},
        {"1234--1", "expired", "null"},
        {"1234-1x", "expired", "null"},
        {"\"><", "expired", "null"},
        {"1234-99999999999999999999", "expired", "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hub *hub = new_hub();
        int wakes = 0;
        char data[4000], text[100];
        tell_patient(hub, ANNA, 0);
        struct hub_subscriber *subscriber = subscribe(hub, false, cases[i].id, 0, &wakes);
        expect(subscriber, 0, "hello", NULL, NULL);
        expect(subscriber, 0, "gap", data, NULL);
        snprintf(text, sizeof text, "{\"from\":%s,\"to\":\"1234-1\",\"reason\":\"%s\"}", cases[i].from,
                 cases[i].reason);
        assert_string_equal(data, text);
        expect(subscriber, 0, "snapshot", NULL, NULL);
        expect_nothing(subscriber, 0);
        hub_free(hub);
    }
}

static void expired_events_are_a_gap(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000];
    tell_patient(hub, ANNA, 0);
    tell_ecg(hub, ANNA, 0, 2, 1);
    hub_tick(hub, at(90)); /* logs the silence, forgets the rest */
    struct hub_subscriber *subscriber = subscribe(hub, false, "1234-1", 90, &wakes);
    expect(subscriber, 90, "hello", NULL, NULL);
    expect(subscriber, 90, "gap", data, NULL);
    assert_non_null(strstr(data, "\"reason\":\"expired\""));
    hub_free(hub);
}

static void slow_reader_is_told_and_begins_anew(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000];
    tell_patient(hub, ANNA, 0);
    struct hub_subscriber *subscriber = subscribe(hub, false, NULL, 0, &wakes);
    expect(subscriber, 0, "hello", NULL, NULL);
    expect(subscriber, 0, "snapshot", NULL, NULL);
    tell_ecg(hub, ANNA, 0, 2, 1);
    tell_ecg(hub, ANNA, 2, 2, 13);
    expect(subscriber, 13, "gap", data, NULL);
    assert_string_equal(data, "{\"from\":\"1234-1\",\"to\":\"1234-4\",\"reason\":\"slow\"}");
    expect(subscriber, 13, "snapshot", data, NULL);
    assert_non_null(strstr(data, "[[0,null,2,null]]"));
    expect_nothing(subscriber, 13);
    hub_free(hub);
}

static void quiet_patient_is_no_gap_for_its_reader(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    const char only[1][NEWS_PATIENT_SIZE] = {BERT};
    struct hub_filter filter = {.count = 1, .patients = only};
    struct hub_subscriber *subscriber = hub_subscribe(hub, &filter, NULL, at(0), count_wake, &wakes);
    expect(subscriber, 0, "hello", NULL, NULL);
    expect(subscriber, 0, "snapshot", NULL, NULL);
    expect_nothing(subscriber, 0);
    tell_patient(hub, ANNA, 0);
    for (int i = 0; i < 200; i++) {
        tell_ecg(hub, ANNA, i, 1, i);
        hub_wake(hub);
    }
    assert_int_equal(wakes, 0);
    tell_patient(hub, BERT, 200);
    hub_wake(hub);
    assert_int_equal(wakes, 1);
    expect(subscriber, 200, "patient", NULL, NULL);
    expect_nothing(subscriber, 200);
    hub_free(hub);
}

static void silence_is_noticed(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000];
    tell_patient(hub, ANNA, 0);
    tell_ecg(hub, ANNA, 0, 2, 1);
    struct hub_subscriber *subscriber = subscribe(hub, false, NULL, 1, &wakes);
    expect(subscriber, 1, "hello", NULL, NULL);
    expect(subscriber, 1, "snapshot", NULL, NULL);
    hub_tick(hub, at(5.9));
    expect(subscriber, 5.9, "tick", NULL, NULL);
    expect_nothing(subscriber, 5.9);
    hub_tick(hub, at(6));
    expect(subscriber, 6, "state", data, NULL);
    assert_non_null(strstr(data, "\"state\":\"silent\",\"since_ms\":1700000001000}"));
    tell_ecg(hub, ANNA, 500, 2, 7);
    expect(subscriber, 7, "state", data, NULL);
    assert_non_null(strstr(data, "\"state\":\"live\""));
    expect(subscriber, 7, "ecg", NULL, NULL);
    hub_apply(hub, news_new(NEWS_ENDED, ANNA, "session_1", 5000, 0), at(8));
    expect(subscriber, 8, "state", data, NULL);
    assert_non_null(strstr(data, "\"state\":\"ended\",\"since_ms\":5}"));
    hub_apply(hub, news_new(NEWS_REMOVED, ANNA, "", 0, 0), at(8));
    expect(subscriber, 8, "removed", data, NULL);
    assert_string_equal(data, "{\"patient\":\"" ANNA "\"}");
    hub_free(hub);
}

static void unknown_numbers_are_null(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000];
    tell_patient(hub, ANNA, 0);
    struct hub_subscriber *subscriber = subscribe(hub, false, NULL, 0, &wakes);
    expect(subscriber, 0, "hello", NULL, NULL);
    expect(subscriber, 0, "snapshot", NULL, NULL);
    struct news *beat = news_new(NEWS_BEAT, ANNA, "session_1", 2000, 0);
    beat->beat.n = 7;
    beat->beat.code = 'Q';
    beat->beat.rr_ms = beat->beat.heart_rate_bpm = NAN;
    snprintf(beat->beat.anomaly, sizeof beat->beat.anomaly, "PVC");
    hub_apply(hub, beat, at(0));
    expect(subscriber, 0, "beat", data, NULL);
    assert_non_null(
        strstr(data, "\"n\":7,\"t_ms\":2,\"code\":\"Q\",\"rr_ms\":null,\"heart_rate_bpm\":null,\"anomaly\":\"PVC\"}"));
    struct news *vitals = news_new_text(NEWS_VITALS, ANNA, "session_1", 3000, "\"heart_rate\":75");
    vitals->vitals.from_device = true;
    vitals->vitals.heart_rate_bpm = 75;
    vitals->vitals.rr_ms = NAN;
    hub_apply(hub, vitals, at(0));
    expect(subscriber, 0, "vitals", data, NULL);
    assert_non_null(strstr(data, "\"source\":\"device\",\"heart_rate_bpm\":75,\"rr_ms\":null,\"heart_rate\":75}"));
    hub_free(hub);
}

static void tell_event(struct hub *hub, int64_t t_us, const char *text, bool history)
{
    struct news *news = news_new_text(NEWS_EVENT, ANNA, "session_1", t_us, text);
    snprintf(news->event.kind, sizeof news->event.kind, "anomaly_injected");
    news->history = history;
    hub_apply(hub, news, at(1));
}

/* What was loaded at start may come after what has just happened, and may be the same. */
static void log_lines_are_kept_in_order_and_once(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000], text[32];
    tell_patient(hub, ANNA, 0);
    tell_event(hub, 5000, "second", false);
    tell_event(hub, 3000, "first", true);
    tell_event(hub, 5000, "second", true);
    struct hub_subscriber *subscriber = subscribe(hub, false, NULL, 1, &wakes);
    expect(subscriber, 1, "hello", NULL, NULL);
    expect(subscriber, 1, "snapshot", data, NULL);
    assert_non_null(strstr(data, "\"events\":[{\"t_ms\":3,\"kind\":\"anomaly_injected\",\"text\":\"first\"},"
                                 "{\"t_ms\":5,\"kind\":\"anomaly_injected\",\"text\":\"second\"}]"));
    for (int i = 1; i <= 25; i++) {
        snprintf(text, sizeof text, "line %d", i);
        tell_event(hub, 10000 + i, text, false);
        expect(subscriber, 1, "event", data, NULL);
    }
    hub_unsubscribe(subscriber);
    subscriber = subscribe(hub, false, NULL, 1, &wakes);
    expect(subscriber, 1, "hello", NULL, NULL);
    expect(subscriber, 1, "snapshot", data, NULL);
    assert_null(strstr(data, "line 5\""));
    assert_non_null(strstr(data, "[{\"t_ms\":10.006"));
    assert_non_null(strstr(data, "line 25\"}]"));
    hub_unsubscribe(subscriber);
    hub_free(hub);
}

/* One of many has a strip of a second, and the beats in it; alone it has all. */
static void snapshot_of_many_is_short(void **state)
{
    (void)state;
    enum { MANY = 700 };
    struct hub *hub = new_hub();
    int wakes = 0;
    char patient[NEWS_PATIENT_SIZE], data[4000];
    for (int i = 0; i < MANY; i++) {
        snprintf(patient, sizeof patient, "00000000-0000-4000-8000-%012d", i);
        tell_patient(hub, patient, 0);
    }
    tell_ecg(hub, "00000000-0000-4000-8000-000000000000", 0, 300, 0.1);
    for (int n = 100; n < 300; n += 150) {
        struct news *beat = news_new(NEWS_BEAT, "00000000-0000-4000-8000-000000000000", "session_1", n, 0);
        beat->beat.n = n;
        beat->beat.code = 'N';
        hub_apply(hub, beat, at(0.2));
    }
    struct hub_subscriber *subscriber = subscribe(hub, false, NULL, 1, &wakes);
    expect(subscriber, 1, "hello", NULL, NULL);
    expect(subscriber, 1, "snapshot", data, NULL);
    assert_non_null(strstr(data, "\"n\":200,\"t_ms\":2001.500,"));
    assert_non_null(strstr(data, "\"beats\":[{\"n\":250,"));
    hub_unsubscribe(subscriber);
    struct hub_filter one = {.count = 1,
                             .patients = &(const char[NEWS_PATIENT_SIZE]){"00000000-0000-4000-8000-000000000000"}};
    subscriber = hub_subscribe(hub, &one, NULL, at(1), count_wake, &wakes);
    expect(subscriber, 1, "hello", NULL, NULL);
    expect(subscriber, 1, "snapshot", data, NULL);
    assert_non_null(strstr(data, "\"n\":0,\"t_ms\":1.500,"));
    assert_non_null(strstr(data, "\"beats\":[{\"n\":100,"));
    hub_unsubscribe(subscriber);
    hub_free(hub);
}

/* ---- viewers ---- */

static int judge(const char *path, const char *role, const char *patients, const char *detail,
                 struct stream_grant *grant)
{
    struct stream_request request = {0};
    struct stream_refusal refusal;
    snprintf(request.path, sizeof request.path, "%s", path);
    snprintf(request.user, sizeof request.user, "%s", ANNA);
    snprintf(request.role, sizeof request.role, "%s", role);
    snprintf(request.patients, sizeof request.patients, "%s", patients);
    snprintf(request.detail, sizeof request.detail, "%s", detail);
    return stream_request_judge(&request, grant, &refusal) ? 200 : refusal.status;
}

static void viewers_see_what_they_may(void **state)
{
    (void)state;
    static const struct {
        const char *path, *role, *patients, *detail;
        int status;
        size_t count;
        bool everyone, full;
    } cases[] = {
        {"/api/v1/stream", "admin", "", "", 200, 0, true, false},
        {"/api/v1/stream", "clinician", ANNA "," BERT, "full", 200, 2, false, true},
        {"/api/v1/stream", "patient", "", "", 200, 1, false, false},
        {"/api/v1/stream", "patient", BERT, "", 404, 0, false, false},
        {"/api/v1/stream", "", "", "", 401, 0, false, false},
        {"/api/v1/stream", "owner", "", "", 401, 0, false, false},
        {"/api/v1/stream", "admin", "1", "", 422, 0, false, false},
        {"/api/v1/stream", "admin", "", "most", 422, 0, false, false},
        {"/api/v1/patients/" BERT "/stream", "admin", "", "", 200, 1, false, true},
        {"/api/v1/patients/" BERT "/stream", "admin", "", "wall", 200, 1, false, false},
        {"/api/v1/patients/" BERT "/stream", "patient", "", "", 404, 0, false, false},
        {"/api/v1/patients/" ANNA "/stream", "patient", "", "", 200, 1, false, true},
        {"/api/v1/patients/x/stream", "admin", "", "", 404, 0, false, false},
        {"/api/v1/patients/" BERT "/streams", "admin", "", "", 404, 0, false, false},
        {"/etc/passwd", "admin", "", "", 404, 0, false, false},
    };
    static struct stream_grant grant;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(judge(cases[i].path, cases[i].role, cases[i].patients, cases[i].detail, &grant),
                         cases[i].status);
        if (cases[i].status != 200)
            continue;
        assert_int_equal(grant.filter.everyone, cases[i].everyone);
        assert_int_equal(grant.filter.full, cases[i].full);
        assert_int_equal(grant.filter.count, cases[i].count);
    }
}

static void what_is_no_time_of_expiry_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *expires;
        bool granted;
    } cases[] = {{"", true}, {"4102444800", true}, {"soon", false}, {"0", false}, {"-1", false}, {"17x", false}};
    static struct stream_grant grant;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stream_request request = {.path = "/api/v1/stream", .user = ANNA, .role = "admin"};
        struct stream_refusal refusal;
        snprintf(request.expires, sizeof request.expires, "%s", cases[i].expires);
        assert_int_equal(stream_request_judge(&request, &grant, &refusal), cases[i].granted);
    }
}

/* ---- what the analysis finds ---- */

static void tell_episode(struct hub *hub, const char *rhythm, int64_t onset_us, int64_t end_us, bool open)
{
    char text[200];
    snprintf(text, sizeof text, "\"rhythm\":\"%s\",\"open\":%s", rhythm, open ? "true" : "false");
    struct news *news = news_new_text(NEWS_EPISODE, ANNA, "session_1", onset_us, text);
    snprintf(news->episode.rhythm, sizeof news->episode.rhythm, "%s", rhythm);
    news->episode.basic = strcmp(rhythm, "pause") != 0;
    news->episode.open = open;
    news->episode.end_us = end_us;
    hub_apply(hub, news, at(1));
}

static void tell_quality(struct hub *hub, const char *lead, const char *quality)
{
    struct news *news = news_new(NEWS_QUALITY, ANNA, "session_1", 5000, 0);
    news->quality.lead = lead;
    news->quality.quality = quality;
    hub_apply(hub, news, at(1));
}

static void tell_measurements(struct hub *hub, const char *text)
{
    struct news *news = news_new_text(NEWS_MEASUREMENTS, ANNA, "session_1", 12000000, text);
    news->finding.from_us = 2000000;
    hub_apply(hub, news, at(1));
}

/* The snapshot that one who comes now is told. */
static const char *snapshot_of(struct hub *hub, bool full)
{
    static char data[8000];
    int wakes = 0;
    struct hub_item item;
    struct hub_subscriber *subscriber = subscribe(hub, full, NULL, 1, &wakes);
    expect(subscriber, 1, "hello", NULL, NULL);
    assert_true(hub_next(subscriber, at(1), &item));
    snprintf(data, sizeof data, "%.*s", (int)item.length, item.data);
    hub_unsubscribe(subscriber);
    return data;
}

static void who_comes_late_is_told_the_rhythm_and_the_measurements(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    tell_patient(hub, ANNA, 0);
    tell_ecg(hub, ANNA, 0, 2, 1);
    assert_non_null(strstr(snapshot_of(hub, true),
                           "\"episodes\":[],\"rhythm\":null,\"quality\":null,\"measurements\":null,"
                           "\"hrv\":null,\"interpretation\":null"));
    tell_episode(hub, "sinus_rhythm", 1000, 4000, true);
    tell_episode(hub, "pause", 2000, 3000, false);
    tell_measurements(hub, "\"beats\":9");
    tell_measurements(hub, "\"beats\":10");
    const char *full = snapshot_of(hub, true);
    assert_non_null(strstr(full,
                           "\"episodes\":[{\"onset_ms\":1,\"end_ms\":4,\"rhythm\":\"sinus_rhythm\",\"open\":true},{"
                           "\"onset_ms\":2,\"end_ms\":3,\"rhythm\":\"pause\",\"open\":false}],\"rhythm\":{"
                           "\"onset_ms\":1,"));
    assert_non_null(strstr(full, "\"measurements\":{\"t_ms\":12000,\"from_ms\":2000,\"beats\":10}"));
    const char *wall = snapshot_of(hub, false);
    assert_non_null(strstr(wall, "\"rhythm\":{\"onset_ms\":1,"));
    assert_null(strstr(wall, "pause"));
    assert_null(strstr(wall, "measurements"));
    tell_episode(hub, "sinus_rhythm", 1000, 9000, false);
    assert_non_null(strstr(snapshot_of(hub, false), "\"episodes\":[],\"rhythm\":null"));
    hub_free(hub);
}

static void an_episode_that_was_not_is_forgotten(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    tell_patient(hub, ANNA, 0);
    tell_episode(hub, "ventricular_tachycardia", 1000, 4000, true);
    tell_episode(hub, "ventricular_tachycardia", 1000, 1000, false);
    assert_non_null(strstr(snapshot_of(hub, true), "\"episodes\":[]"));
    for (int64_t i = 0; i < 100; i++)
        tell_episode(hub, i == 3 ? "sinus_rhythm" : "pause", i * 1000000, i * 1000000 + 5, i == 3);
    const char *full = snapshot_of(hub, true);
    assert_non_null(strstr(full, "sinus_rhythm")); /* what goes on outlives what has ended */
    assert_non_null(strstr(full, "\"onset_ms\":99000,"));
    assert_null(strstr(full, "\"onset_ms\":10000,"));
    hub_free(hub);
}

static void a_rhythm_of_a_silent_signal_is_not_told_as_present(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    tell_patient(hub, ANNA, 0);
    tell_ecg(hub, ANNA, 0, 2, 1);
    tell_episode(hub, "sinus_rhythm", 1000, 4000, true);
    hub_tick(hub, at(7));
    assert_non_null(strstr(snapshot_of(hub, true), "\"open\":true}],\"rhythm\":null"));
    hub_free(hub);
}

static void the_wall_is_told_less(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    int wakes = 0;
    char data[4000];
    tell_patient(hub, ANNA, 0);
    tell_ecg(hub, ANNA, 0, 2, 1);
    struct hub_subscriber *full = subscribe(hub, true, NULL, 1, &wakes), *wall = subscribe(hub, false, NULL, 1, &wakes);
    for (int i = 0; i < 2; i++) {
        expect(full, 1, i ? "snapshot" : "hello", NULL, NULL);
        expect(wall, 1, i ? "snapshot" : "hello", NULL, NULL);
    }
    tell_measurements(hub, "\"beats\":9");
    tell_quality(hub, "II", "good");
    tell_quality(hub, "V1", "lead_off");
    tell_quality(hub, "V2", "good");
    expect(full, 1, "measurements", data, NULL);
    assert_string_equal(data, "{\"patient\":\"" ANNA "\",\"session\":\"session_1\",\"t_ms\":12000,\"from_ms\":2000,"
                              "\"beats\":9}");
    for (int i = 0; i < 3; i++) {
        expect(full, 1, "quality", data, NULL);
        assert_non_null(strstr(data, "\"leads\":{\"II\":\"good\""));
    }
    assert_non_null(strstr(data, "\"counts\":{\"good\":2,\"lead_off\":1},\"shown\":\"good\""));
    assert_non_null(strstr(data, "\"lead\":\"V2\",\"quality\":\"good\"}"));
    for (int i = 0; i < 3; i++)
        expect(wall, 1, "quality", data, NULL);
    assert_string_equal(data, "{\"patient\":\"" ANNA "\",\"session\":\"session_1\",\"t_ms\":5,\"counts\":{\"good\":2,"
                              "\"lead_off\":1},\"shown\":\"good\"}");
    expect_nothing(wall, 1);
    hub_free(hub);
}

static void another_session_knows_nothing_of_the_last(void **state)
{
    (void)state;
    struct hub *hub = new_hub();
    tell_patient(hub, ANNA, 0);
    tell_episode(hub, "sinus_rhythm", 1000, 4000, true);
    tell_quality(hub, "II", "good");
    tell_measurements(hub, "\"beats\":9");
    struct news *news = news_new_text(NEWS_PATIENT, ANNA, "session_2", 9, "Name");
    news->info.last_signal_us = NEWS_NO_TIME;
    hub_apply(hub, news, at(1));
    assert_non_null(
        strstr(snapshot_of(hub, true), "\"episodes\":[],\"rhythm\":null,\"quality\":null,\"measurements\":null"));
    tell_episode(hub, "sinus_rhythm", 5000, 6000, true); /* of the first session still */
    assert_non_null(strstr(snapshot_of(hub, true), "\"episodes\":[]"));
    hub_free(hub);
}

/* ---- ids that come out of order ---- */

static void holes_are_waited_for(void **state)
{
    (void)state;
    static struct id_cursor cursor;
    id_cursor_init(&cursor, 10);
    assert_true(id_cursor_see(&cursor, 11));
    assert_true(id_cursor_see(&cursor, 13));
    assert_false(id_cursor_see(&cursor, 13));
    assert_false(id_cursor_see(&cursor, 9));
    id_cursor_settle(&cursor, 1000, 2000);
    assert_int_equal(cursor.low, 11);
    assert_true(id_cursor_see(&cursor, 12)); /* it came after all */
    id_cursor_settle(&cursor, 2000, 2000);
    assert_int_equal(cursor.low, 13);
    assert_true(id_cursor_see(&cursor, 15));
    id_cursor_settle(&cursor, 3000, 2000);
    id_cursor_settle(&cursor, 5000, 2000);
    assert_int_equal(cursor.low, 13);
    id_cursor_settle(&cursor, 5001, 2000); /* 14 stays empty */
    assert_int_equal(cursor.low, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greets_and_tells_what_is_known),
        cmocka_unit_test(full_detail_has_all_leads),
        cmocka_unit_test(strip_holds_the_last_seconds_and_its_holes),
        cmocka_unit_test(resumes_exactly),
        cmocka_unit_test(unknown_ids_are_a_gap),
        cmocka_unit_test(expired_events_are_a_gap),
        cmocka_unit_test(slow_reader_is_told_and_begins_anew),
        cmocka_unit_test(quiet_patient_is_no_gap_for_its_reader),
        cmocka_unit_test(silence_is_noticed),
        cmocka_unit_test(unknown_numbers_are_null),
        cmocka_unit_test(log_lines_are_kept_in_order_and_once),
        cmocka_unit_test(snapshot_of_many_is_short),
        cmocka_unit_test(what_is_no_time_of_expiry_is_refused),
        cmocka_unit_test(viewers_see_what_they_may),
        cmocka_unit_test(who_comes_late_is_told_the_rhythm_and_the_measurements),
        cmocka_unit_test(an_episode_that_was_not_is_forgotten),
        cmocka_unit_test(a_rhythm_of_a_silent_signal_is_not_told_as_present),
        cmocka_unit_test(the_wall_is_told_less),
        cmocka_unit_test(another_session_knows_nothing_of_the_last),
        cmocka_unit_test(holes_are_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
