/* The monitor: numbering, gaps, late chunks, jitter, and beats over a restart; on a simulated heart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>

#include <cmocka.h>

#include "service/monitor.h"
#include "sim/heart.h"

#define FS_HZ 250.0
#define T0_US INT64_C(1700000000000000)
enum { SECONDS = 60, SAMPLES = SECONDS * 250, BEATS_MAX = 400 };

static float lead_ii[SAMPLES];

struct found {
    size_t count, vitals;
    struct monitor_beat beats[BEATS_MAX];
};

static void on_beat(void *context, const struct monitor_beat *beat)
{
    struct found *found = context;
    assert_true(found->count < BEATS_MAX);
    found->beats[found->count++] = *beat;
}

static void on_vitals(void *context, const struct monitor_vitals *vitals)
{
    (void)vitals;
    ((struct found *)context)->vitals++;
}

static int make_signal(void **state)
{
    (void)state;
    struct sim_params params;
    struct sim_heart *heart;
    float *leads[ECG_STANDARD_LEADS] = {NULL};
    sim_params_default(&params);
    params.fs_hz = FS_HZ;
    leads[ECG_LEAD_II] = lead_ii;
    if (sim_heart_new(&params, &heart, NULL) != HL_OK)
        return -1;
    sim_heart_run(heart, leads, SAMPLES, NULL);
    sim_heart_free(heart);
    return 0;
}

/* Samples [first, first + count), stated to begin `shift_us` beside their time. */
static struct ecg_chunk piece(size_t first, size_t count, int64_t shift_us)
{
    return (struct ecg_chunk){.start_us = T0_US + (int64_t)first * 4000 + shift_us,
                              .fs_hz = FS_HZ,
                              .units = ECG_UNITS_MV,
                              .lead_count = 1,
                              .sample_count = count,
                              .leads = {ECG_LEAD_II},
                              .samples = {lead_ii + first}};
}

static struct monitor *new_monitor(const struct monitor_past *past)
{
    static const struct monitor_past nothing = {
        .anchor_us = MONITOR_NO_TIME, .end_us = MONITOR_NO_TIME, .last_beat_us = MONITOR_NO_TIME};
    struct monitor *monitor;
    assert_int_equal(monitor_new(past ? past : &nothing, &monitor), HL_OK);
    return monitor;
}

static struct monitor_fed feed(struct monitor *monitor, struct ecg_chunk chunk, struct found *found)
{
    struct monitor_sink sink = {.context = found, .beat = on_beat, .vitals = on_vitals};
    struct monitor_fed fed;
    assert_int_equal(monitor_feed(monitor, &chunk, &sink, &fed), HL_OK);
    return fed;
}

static void feed_pieces(struct monitor *monitor, size_t from, size_t until, size_t piece_samples, struct found *found)
{
    for (size_t at = from; at < until; at += piece_samples)
        feed(monitor, piece(at, piece_samples, 0), found);
}

static void flush(struct monitor *monitor, struct found *found)
{
    struct monitor_sink sink = {.context = found, .beat = on_beat};
    monitor_flush(monitor, &sink);
}

static void assert_same_beats(const struct found *one, const struct found *other, int64_t tolerance_us)
{
    assert_int_equal(one->count, other->count);
    for (size_t i = 0; i < one->count; i++)
        assert_true(llabs(one->beats[i].time_us - other->beats[i].time_us) <= tolerance_us);
}

static void whole_signal(struct found *found)
{
    struct monitor *monitor = new_monitor(NULL);
    *found = (struct found){0};
    feed_pieces(monitor, 0, SAMPLES, 125, found);
    flush(monitor, found);
    monitor_free(monitor);
    assert_in_range(found->count, 60, 85);
    assert_in_range(found->vitals, SECONDS - 2, SECONDS);
}

static void numbers_and_times_agree(void **state)
{
    (void)state;
    static struct found found;
    whole_signal(&found);
    for (size_t i = 0; i < found.count; i++)
        assert_int_equal(found.beats[i].time_us, T0_US + found.beats[i].n * 4000);
}

static void jitter_is_no_gap(void **state)
{
    (void)state;
    static struct found steady, jittered;
    struct monitor *monitor = new_monitor(NULL);
    whole_signal(&steady);
    int64_t n = 0;
    for (size_t at = 0; at < SAMPLES; at += 125, n += 125) {
        int64_t jitter_us = at % 3 == 0 ? 0 : at % 3 == 1 ? 60000 : -60000;
        struct monitor_fed fed = feed(monitor, piece(at, 125, jitter_us), &jittered);
        assert_int_equal(fed.n, n);
        assert_int_equal(fed.place, at == 0 ? MONITOR_FIRST : MONITOR_CONTIGUOUS);
    }
    flush(monitor, &jittered);
    assert_same_beats(&steady, &jittered, 130000);
    monitor_free(monitor);
}

static void gap_moves_the_numbers_on(void **state)
{
    (void)state;
    static struct found found;
    struct monitor *monitor = new_monitor(NULL);
    found.count = 0;
    feed_pieces(monitor, 0, 5000, 125, &found);
    struct monitor_fed fed = feed(monitor, piece(6000, 125, 0), &found);
    assert_int_equal(fed.place, MONITOR_GAP);
    assert_int_equal(fed.n, 6000);
    feed_pieces(monitor, 6125, 10000, 125, &found);
    for (size_t i = 0; i < found.count; i++)
        assert_false(found.beats[i].n >= 5000 && found.beats[i].n < 6000);
    monitor_free(monitor);
}

static void late_chunks_do_not_disturb(void **state)
{
    (void)state;
    static struct found all, running;
    struct monitor *monitor = new_monitor(NULL);
    whole_signal(&all);
    running.count = running.vitals = 0;
    feed_pieces(monitor, 5000, 10000, 125, &running);
    size_t before = running.count;
    static struct found late;
    for (size_t at = 0; at < 5000; at += 125) {
        struct monitor_fed fed = feed(monitor, piece(at, 125, 0), &late);
        assert_int_equal(fed.place, MONITOR_BESIDE);
        assert_int_equal(fed.n, (int64_t)at - 5000);
    }
    assert_in_range(late.count, 15, 30);
    assert_int_equal(late.vitals, 0);
    struct monitor_fed fed = feed(monitor, piece(10000, 125, 0), &running);
    assert_int_equal(fed.place, MONITOR_CONTIGUOUS);
    assert_int_equal(fed.n, 5000);
    feed_pieces(monitor, 10125, SAMPLES, 125, &running);
    flush(monitor, &running);
    assert_true(running.count > before);
    for (size_t i = 1; i < running.count; i++)
        assert_true(running.beats[i].time_us > running.beats[i - 1].time_us);
    monitor_free(monitor);
}

/* Another life begins at each of many places: no beat twice, none lost. */
static void restart_loses_and_repeats_nothing(void **state)
{
    (void)state;
    static struct found all, both;
    whole_signal(&all);
    for (size_t cut = 5000; cut < 10000; cut += 250) {
        both = (struct found){0};
        struct monitor *first = new_monitor(NULL);
        feed_pieces(first, 0, cut, 125, &both);
        monitor_free(first);
        const struct monitor_beat *last = &both.beats[both.count - 1];
        struct monitor *second = new_monitor(&(struct monitor_past){.anchor_us = last->time_us,
                                                                    .anchor_n = last->n,
                                                                    .end_us = T0_US + (int64_t)cut * 4000,
                                                                    .last_beat_us = last->time_us});
        struct monitor_sink sink = {.context = &both, .beat = on_beat};
        struct monitor_fed fed;
        for (size_t at = cut - 2000; at < cut; at += 125) {
            struct ecg_chunk chunk = piece(at, 125, 0);
            assert_int_equal(monitor_prime(second, &chunk, &sink, &fed), HL_OK);
            assert_int_equal(fed.n, (int64_t)at);
        }
        assert_int_equal(feed(second, piece(cut, 125, 0), &both).place, MONITOR_CONTIGUOUS);
        feed_pieces(second, cut + 125, SAMPLES, 125, &both);
        flush(second, &both);
        assert_same_beats(&all, &both, 8000);
        monitor_free(second);
    }
}

/* A chunk stamped an hour ahead, as the very first and in between: what follows is numbered as if it had not come. */
static void time_that_is_not_believed_moves_nothing(void **state)
{
    (void)state;
    static struct found all, running, beside;
    struct monitor_sink sink = {.context = &beside, .beat = on_beat, .vitals = on_vitals};
    struct monitor *monitor = new_monitor(NULL);
    struct monitor_fed fed;
    running = beside = (struct found){0};
    whole_signal(&all);
    for (size_t at = 0; at < SAMPLES; at += 125) {
        if (at % 1250 == 0) {
            struct ecg_chunk ahead = piece(at, 1250, INT64_C(3600000000));
            assert_int_equal(monitor_feed_beside(monitor, &ahead, &sink, &fed), HL_OK);
            assert_int_equal(fed.place, MONITOR_BESIDE);
        }
        assert_false(monitor_is_late(monitor, &(struct ecg_chunk){.start_us = T0_US + (int64_t)at * 4000, .fs_hz = 1}));
        fed = feed(monitor, piece(at, 125, 0), &running);
        assert_int_equal(fed.n, (int64_t)at);
        assert_int_equal(fed.place, at == 0 ? MONITOR_FIRST : MONITOR_CONTIGUOUS);
    }
    flush(monitor, &running);
    assert_true(beside.count > 20);
    assert_int_equal(beside.vitals, 0);
    monitor_free(monitor);
}

static void other_leads_are_another_signal(void **state)
{
    (void)state;
    static struct found found;
    struct monitor *monitor = new_monitor(NULL);
    feed_pieces(monitor, 0, 1000, 125, &found);
    struct ecg_chunk chunk = piece(1000, 125, 0);
    chunk.leads[0] = ECG_LEAD_V1;
    struct monitor_fed fed = feed(monitor, chunk, &found);
    assert_int_equal(fed.place, MONITOR_FIRST);
    assert_int_equal(fed.n, 1000);
    monitor_free(monitor);
}

static void rate_out_of_range_is_numbered_all_the_same(void **state)
{
    (void)state;
    static struct found found;
    struct monitor *monitor = new_monitor(NULL);
    for (int64_t i = 0; i < 4; i++) {
        struct ecg_chunk chunk = piece(0, 10, i * 1000000);
        chunk.fs_hz = 10;
        assert_int_equal(feed(monitor, chunk, &found).n, i * 10);
    }
    assert_int_equal(found.count, 0);
    monitor_free(monitor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_times_agree),
        cmocka_unit_test(jitter_is_no_gap),
        cmocka_unit_test(gap_moves_the_numbers_on),
        cmocka_unit_test(late_chunks_do_not_disturb),
        cmocka_unit_test(restart_loses_and_repeats_nothing),
        cmocka_unit_test(time_that_is_not_believed_moves_nothing),
        cmocka_unit_test(other_leads_are_another_signal),
        cmocka_unit_test(rate_out_of_range_is_numbered_all_the_same),
    };
    return cmocka_run_group_tests(tests, make_signal, NULL);
}
