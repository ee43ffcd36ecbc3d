/* The monitor: numbering, gaps, late chunks, jitter, and beats over a restart; on a simulated heart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/findings.h"
#include "service/monitor_private.h"
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

/* ---- what is told besides beats: as the pipeline would say it ---- */

struct told {
    size_t episodes, qualities, waves, measurements, interpretations, statements;
    struct monitor_episode episode[16];
    struct monitor_quality quality[16];
    struct monitor_waves wave;
    int64_t measured_us, measured_from_us;
};

static void on_episode(void *context, const struct monitor_episode *episode)
{
    struct told *told = context;
    assert_true(told->episodes < 16);
    told->episode[told->episodes++] = *episode;
}

static void on_quality(void *context, const struct monitor_quality *quality)
{
    struct told *told = context;
    assert_true(told->qualities < 16);
    told->quality[told->qualities++] = *quality;
}

static void on_waves(void *context, const struct monitor_waves *waves)
{
    struct told *told = context;
    told->waves++;
    told->wave = *waves;
}

static void on_measurements(void *context, const struct monitor_measurements *measurements)
{
    struct told *told = context;
    told->measurements++;
    told->measured_us = measurements->time_us;
    told->measured_from_us = measurements->from_us;
}

static void on_interpretation(void *context, const struct monitor_interpretation *interpretation)
{
    struct told *told = context;
    told->interpretations++;
    told->statements = interpretation->statements->count;
}

static struct monitor_sink sink_for(struct told *told)
{
    return (struct monitor_sink){.context = told,
                                 .waves = on_waves,
                                 .measurements = on_measurements,
                                 .episode = on_episode,
                                 .quality = on_quality,
                                 .interpretation = on_interpretation};
}

/* A lane to which the pipeline says what the test wants. */
struct scene {
    struct monitor *monitor;
    struct told told;
    struct monitor_sink sink;
    struct telling telling;
};

static void set_scene(struct scene *scene, const struct monitor_past *past, bool priming)
{
    *scene = (struct scene){.monitor = new_monitor(past)};
    scene->sink = sink_for(&scene->told);
    scene->telling = (struct telling){
        .monitor = scene->monitor, .lane = &scene->monitor->running, .sink = &scene->sink, .priming = priming};
    struct lane *lane = scene->telling.lane;
    lane->config = (struct ecg_config){.fs_hz = FS_HZ, .lead_count = 1, .leads = {ECG_LEAD_II}};
    tell_anchor(lane, 0, T0_US, 0);
}

static void say_episode(struct scene *scene, enum ecg_rhythm rhythm, int64_t onset, int64_t end, bool open)
{
    struct ecg_sink sink = tell_sink(&scene->telling);
    struct ecg_episode episode = {.rhythm = rhythm, .onset = onset, .end = end, .open = open, .beats = 5};
    sink.episode(sink.context, &episode);
}

static void say_quality(struct scene *scene, int64_t sample, enum ecg_quality quality)
{
    struct ecg_sink sink = tell_sink(&scene->telling);
    struct ecg_quality_change change = {.sample = sample, .quality = quality};
    sink.quality(sink.context, &change);
}

static const struct monitor_episode *last_episode(const struct scene *scene)
{
    assert_true(scene->told.episodes > 0);
    return &scene->told.episode[scene->told.episodes - 1];
}

/* Each chunk comes 1 ms later than its samples say. */
static void what_lies_chunks_back_is_given_its_own_chunks_time(void **state)
{
    (void)state;
    static struct scene scene;
    set_scene(&scene, NULL, false);
    for (int64_t chunk = 1; chunk < 25; chunk++)
        tell_anchor(scene.telling.lane, chunk * 125, T0_US + chunk * 501000, chunk * 125 + (chunk >= 10 ? 1000 : 0));
    say_episode(&scene, ECG_RHYTHM_ATRIAL_FIBRILLATION, 5 * 125 + 25, 24 * 125, true);
    assert_int_equal(last_episode(&scene)->onset_us, T0_US + 5 * 501000 + 100000);
    assert_int_equal(last_episode(&scene)->n, 5 * 125 + 25);
    assert_int_equal(last_episode(&scene)->end_us, T0_US + 24 * 501000);
    say_episode(&scene, ECG_RHYTHM_PAUSE, 12 * 125, 13 * 125, false);
    assert_int_equal(last_episode(&scene)->n, 12 * 125 + 1000);
    monitor_free(scene.monitor);
}

static void an_episode_keeps_the_onset_it_was_told_with(void **state)
{
    (void)state;
    static struct scene scene;
    set_scene(&scene, NULL, false);
    say_episode(&scene, ECG_RHYTHM_VT, 500, 1000, true);
    for (int64_t chunk = 1; chunk < 100; chunk++) /* the chunk of the onset is forgotten */
        tell_anchor(scene.telling.lane, 1000 + chunk * 125, T0_US + 4000000 + chunk * 501000, 1000 + chunk * 125);
    say_episode(&scene, ECG_RHYTHM_VT, 500, 1000 + 99 * 125, false);
    assert_int_equal(scene.told.episodes, 2);
    assert_int_equal(scene.told.episode[0].onset_us, T0_US + 2000000);
    assert_int_equal(scene.told.episode[1].onset_us, T0_US + 2000000);
    assert_true(scene.told.episode[0].open && !scene.told.episode[1].open);
    assert_int_equal(scene.told.episode[1].end_us, T0_US + 4000000 + 99 * 501000);
    monitor_free(scene.monitor);
}

static void what_is_found_beside_does_not_touch_what_goes_on(void **state)
{
    (void)state;
    static struct scene scene;
    set_scene(&scene, NULL, false);
    say_episode(&scene, ECG_RHYTHM_SINUS, 0, 1000, true);
    scene.telling.lane = &scene.monitor->beside;
    scene.telling.lane->config = scene.monitor->running.config;
    tell_anchor(scene.telling.lane, 0, T0_US - INT64_C(3600000000), -900000);
    say_episode(&scene, ECG_RHYTHM_SINUS, 100, 1000, true);
    assert_true(last_episode(&scene)->beside);
    assert_int_equal(last_episode(&scene)->onset_us, T0_US - INT64_C(3600000000) + 400000);
    say_episode(&scene, ECG_RHYTHM_SINUS, 100, 1500, false);
    scene.telling.lane = &scene.monitor->running;
    say_episode(&scene, ECG_RHYTHM_SINUS, 0, 2000, false);
    assert_false(last_episode(&scene)->beside);
    assert_int_equal(last_episode(&scene)->onset_us, T0_US);
    assert_int_equal(scene.told.episodes, 4);
    monitor_free(scene.monitor);
}

/* Fibrillation was open for a minute when the last life ended, 2 s after the new one's first sample. */
static struct monitor_past past_with(struct monitor_known *known, enum ecg_rhythm rhythm)
{
    *known = (struct monitor_known){.episode_count = 1, .quality = {[ECG_LEAD_II] = ECG_QUALITY_GOOD}};
    known->episodes[0] = (struct monitor_known_episode){
        .rhythm = rhythm, .onset_us = T0_US - 60000000, .n = -15000, .end_us = T0_US - 30000000, .open = true};
    return (struct monitor_past){
        .anchor_us = T0_US, .end_us = T0_US + 2000000, .last_beat_us = T0_US + 1500000, .known = known};
}

static void an_open_episode_goes_on_in_the_next_life(void **state)
{
    (void)state;
    static struct scene scene;
    struct monitor_known known;
    struct monitor_past past = past_with(&known, ECG_RHYTHM_ATRIAL_FIBRILLATION);
    set_scene(&scene, &past, true);
    say_episode(&scene, ECG_RHYTHM_ATRIAL_FIBRILLATION, 100, 400, true);
    assert_int_equal(scene.told.episodes, 0);
    scene.telling.priming = false;
    tell_settled(&scene.telling, T0_US + 2000000, true);
    assert_int_equal(scene.told.episodes, 1);
    assert_true(scene.told.episode[0].open && scene.told.episode[0].continued);
    assert_int_equal(scene.told.episode[0].onset_us, T0_US - 60000000);
    assert_int_equal(scene.told.episode[0].n, -15000);
    say_episode(&scene, ECG_RHYTHM_ATRIAL_FIBRILLATION, 100, 2500, false);
    assert_int_equal(last_episode(&scene)->onset_us, T0_US - 60000000);
    assert_int_equal(last_episode(&scene)->end_us, T0_US + 10000000);
    assert_int_equal(scene.told.episodes, 2);
    monitor_free(scene.monitor);
}

static void an_open_episode_that_is_not_seen_again_lasted_as_long_as_it_was_seen(void **state)
{
    (void)state;
    static struct scene scene;
    struct monitor_known known;
    struct monitor_past past = past_with(&known, ECG_RHYTHM_ATRIAL_FIBRILLATION);
    for (int another = 0; another < 2; another++) {
        set_scene(&scene, &past, true);
        if (another) /* sinus rhythm is all that this life sees: it begins where the other ends */
            say_episode(&scene, ECG_RHYTHM_SINUS, 50, 400, true);
        scene.telling.priming = false;
        tell_settled(&scene.telling, T0_US + 9000000, another);
        assert_int_equal(scene.told.episodes, another ? 2 : 1);
        assert_int_equal(scene.told.episode[0].rhythm, ECG_RHYTHM_ATRIAL_FIBRILLATION);
        assert_false(scene.told.episode[0].open);
        assert_int_equal(scene.told.episode[0].end_us, T0_US + 2000000);
        assert_true(!another || scene.told.episode[1].onset_us == T0_US + 2000000);
        monitor_free(scene.monitor);
    }
}

static void what_ended_in_the_last_life_is_not_told_again(void **state)
{
    (void)state;
    static struct scene scene;
    struct monitor_known known;
    struct monitor_past past = past_with(&known, ECG_RHYTHM_PAUSE);
    known.episodes[0] = (struct monitor_known_episode){
        .rhythm = ECG_RHYTHM_PAUSE, .onset_us = T0_US + 500000, .end_us = T0_US + 1800000};
    set_scene(&scene, &past, true);
    say_episode(&scene, ECG_RHYTHM_PAUSE, 127, 448, false);
    assert_int_equal(scene.told.episodes, 0);
    scene.telling.priming = false;
    tell_settled(&scene.telling, T0_US + 2000000, true);
    say_episode(&scene, ECG_RHYTHM_PAUSE, 1000, 1300, false);
    assert_int_equal(scene.told.episodes, 1);
    monitor_free(scene.monitor);
}

static void quality_is_told_when_it_is_another_one(void **state)
{
    (void)state;
    static struct scene scene;
    struct monitor_known known;
    struct monitor_past past = past_with(&known, ECG_RHYTHM_SINUS);
    set_scene(&scene, &past, true);
    say_quality(&scene, 10, ECG_QUALITY_NOISY);
    say_quality(&scene, 200, ECG_QUALITY_GOOD);
    scene.telling.priming = false;
    tell_settled(&scene.telling, T0_US + 2000000, true);
    assert_int_equal(scene.told.qualities, 0);
    say_quality(&scene, 1000, ECG_QUALITY_LEAD_OFF);
    say_quality(&scene, 1250, ECG_QUALITY_LEAD_OFF);
    assert_int_equal(scene.told.qualities, 1);
    assert_int_equal(scene.told.quality[0].time_us, T0_US + 4000000);
    assert_int_equal(scene.told.quality[0].before, ECG_QUALITY_GOOD);
    assert_int_equal(scene.told.quality[0].quality, ECG_QUALITY_LEAD_OFF);
    monitor_free(scene.monitor);
}

/* A heart that fibrillates has no beats to measure: what was said of it before does not stand. */
static void statements_do_not_outlive_their_measurements(void **state)
{
    (void)state;
    static struct scene scene;
    set_scene(&scene, NULL, false);
    struct ecg_sink sink = tell_sink(&scene.telling);
    snprintf(scene.monitor->known.codes, MONITOR_CODES_SIZE, "sinus_rhythm,normal");
    scene.telling.lane->measured_at = 2500;
    scene.told.statements = 99;
    for (int64_t second = 11; second < 60; second++) {
        sink.vitals(sink.context, &(struct ecg_vitals){.sample = second * 250});
        assert_int_equal(scene.told.interpretations, second < 30 ? 0 : 1);
    }
    assert_int_equal(scene.told.statements, 0);
    monitor_free(scene.monitor);
}

/* The last life told a beat, and ended before its waves were known. */
static void waves_are_told_of_the_beat_that_the_last_life_told(void **state)
{
    (void)state;
    static struct scene scene;
    struct monitor_known known;
    struct monitor_past past = past_with(&known, ECG_RHYTHM_SINUS);
    known.beats[0].time_us = T0_US + 1500000;
    known.beats[0].n = 375;
    known.beat_count = 1;
    set_scene(&scene, &past, true);
    struct ecg_sink sink = tell_sink(&scene.telling);
    struct ecg_beat_waves waves = {.sample = 377};
    for (int64_t sample = 177; sample <= 577; sample += 200)
        sink.beat(sink.context, &(struct ecg_beat){.sample = sample, .code = 'N'});
    sink.waves(sink.context, &waves);
    assert_int_equal(scene.told.waves, 1);
    assert_int_equal(scene.told.wave.time_us, T0_US + 1500000);
    assert_int_equal(scene.told.wave.n, 375);
    waves.sample = 177; /* known already */
    sink.waves(sink.context, &waves);
    assert_int_equal(scene.told.waves, 1);
    waves.sample = 577;
    sink.waves(sink.context, &waves);
    assert_int_equal(scene.told.wave.time_us, T0_US + 577 * 4000);
    monitor_free(scene.monitor);
}

/* On the simulated heart itself, with all stages. */
static void the_end_of_a_signal_leaves_nothing_open(void **state)
{
    (void)state;
    static struct told told;
    struct monitor *monitor = new_monitor(NULL);
    struct monitor_sink sink = sink_for(&told);
    struct monitor_fed fed;
    told = (struct told){0};
    for (size_t at = 0; at < SAMPLES; at += 125) {
        struct ecg_chunk chunk = piece(at, 125, 0);
        assert_int_equal(monitor_feed(monitor, &chunk, &sink, &fed), HL_OK);
    }
    monitor_flush(monitor, &sink);
    size_t once = told.episodes;
    monitor_flush(monitor, &sink);
    assert_int_equal(told.episodes, once);
    for (size_t i = 0; i < told.episodes; i++) {
        const struct monitor_episode *episode = &told.episode[i];
        bool ends = !episode->open;
        for (size_t k = i + 1; k < told.episodes; k++)
            ends = ends || (!told.episode[k].open && told.episode[k].rhythm == episode->rhythm &&
                            told.episode[k].onset_us == episode->onset_us);
        assert_true(ends);
        assert_true(episode->onset_us >= T0_US && episode->end_us <= T0_US + SECONDS * INT64_C(1000000));
    }
    for (size_t i = 0; i < told.qualities; i++)
        assert_int_equal(told.quality[i].lead, ECG_LEAD_II);
    assert_true(told.measurements == 0 || told.measured_from_us < told.measured_us);
    monitor_free(monitor);
}

/* ---- the same in words ---- */

static void what_is_unknown_is_null_in_words(void **state)
{
    (void)state;
    static struct ecg_measurements measurements = {.lead_count = 1, .leads = {ECG_LEAD_V1}, .beats = 3};
    for (size_t i = 0; i < ECG_M_COUNT; i++)
        measurements.all[i] = (struct ecg_figure){.value = NAN, .spread = NAN, .resolution = NAN};
    for (size_t i = 0; i < ECG_LM_COUNT; i++)
        measurements.lead[0][i].value = NAN;
    measurements.p_present = NAN;
    measurements.quality[0] = ECG_QUALITY_NOISY;
    measurements.all[ECG_M_QRS] = (struct ecg_figure){.value = 96.04, .spread = 2.5, .resolution = 4, .beats = 3};
    measurements.lead[0][ECG_LM_ST_J] =
        (struct ecg_figure){.value = -0.0505, .spread = NAN, .resolution = 0.005, .beats = 2};
    struct buf out = {0};
    findings_measurements(&out, &measurements);
    assert_true(buf_ok(&out));
    assert_non_null(strstr(out.data, "\"p_present\":null"));
    assert_non_null(
        strstr(out.data, "\"pr_interval\":{\"value\":null,\"spread\":null,\"beats\":0,\"resolution\":null}"));
    assert_non_null(strstr(out.data, "\"qrs_duration\":{\"value\":96,\"spread\":2.5,\"beats\":3,\"resolution\":4}"));
    assert_non_null(strstr(out.data, "\"leads\":{\"V1\":{\"quality\":\"noisy\",\"st_j\":[-0.05,null,2]}}"));
    assert_non_null(strstr(out.data, "\"lead_resolution\":{\"st_j\":0.005}"));
    buf_free(&out);
}

static void words_lead_back_to_codes(void **state)
{
    (void)state;
    for (int i = 0; i < ECG_RHYTHM_COUNT; i++)
        assert_int_equal(findings_rhythm_of(ecg_rhythm_rows[i].name), i);
    for (int i = 0; i < ECG_QUALITY_COUNT; i++)
        assert_int_equal(findings_quality_of(ecg_quality_name((enum ecg_quality)i)), i);
    assert_int_equal(findings_rhythm_of("dance"), ECG_RHYTHM_UNKNOWN);
    assert_int_equal(findings_rhythm_of(NULL), ECG_RHYTHM_UNKNOWN);
    assert_int_equal(findings_sex_of("Female"), ECG_SEX_FEMALE);
    assert_int_equal(findings_sex_of("M"), ECG_SEX_MALE);
    assert_int_equal(findings_sex_of("prefer not to say"), ECG_SEX_UNKNOWN);
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
        cmocka_unit_test(what_lies_chunks_back_is_given_its_own_chunks_time),
        cmocka_unit_test(an_episode_keeps_the_onset_it_was_told_with),
        cmocka_unit_test(what_is_found_beside_does_not_touch_what_goes_on),
        cmocka_unit_test(an_open_episode_goes_on_in_the_next_life),
        cmocka_unit_test(an_open_episode_that_is_not_seen_again_lasted_as_long_as_it_was_seen),
        cmocka_unit_test(what_ended_in_the_last_life_is_not_told_again),
        cmocka_unit_test(quality_is_told_when_it_is_another_one),
        cmocka_unit_test(statements_do_not_outlive_their_measurements),
        cmocka_unit_test(waves_are_told_of_the_beat_that_the_last_life_told),
        cmocka_unit_test(the_end_of_a_signal_leaves_nothing_open),
        cmocka_unit_test(what_is_unknown_is_null_in_words),
        cmocka_unit_test(words_lead_back_to_codes),
    };
    return cmocka_run_group_tests(tests, make_signal, NULL);
}
