/* The virtual heart: its leads hold the laws of the leads, the same seed makes the same samples, premature beats come
every time they are asked for and leave the pauses they should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/heart.h"

enum { SAMPLES = 500, BEATS_MAX = 4096 };

struct world {
    struct sim_heart *heart;
    float mv[ECG_STANDARD_LEADS][SAMPLES];
    struct sim_truth_beat beats[BEATS_MAX];
    size_t beat_count;
};

static void note_beat(void *context, const struct sim_truth_beat *beat)
{
    struct world *world = context;
    assert_true(world->beat_count < BEATS_MAX);
    world->beats[world->beat_count++] = *beat;
}

static struct world *world_of(uint64_t seed, double heart_rate_bpm, double hr_sd_bpm)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct sim_params params;
    sim_params_default(&params);
    params.seed = seed;
    params.heart_rate_bpm = heart_rate_bpm;
    params.hr_sd_bpm = hr_sd_bpm;
    assert_int_equal(sim_heart_new(&params, &world->heart, NULL), HL_OK);
    return world;
}

static void end_world(struct world *world)
{
    sim_heart_free(world->heart);
    free(world);
}

static void run(struct world *world, size_t count)
{
    float *leads[ECG_STANDARD_LEADS];
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        leads[lead] = world->mv[lead];
    struct sim_sink sink = {.context = world, .beat = note_beat};
    sim_heart_run(world->heart, leads, count, &sink);
}

static void run_seconds(struct world *world, unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++)
        run(world, SAMPLES);
}

static size_t count_code(const struct world *world, char code)
{
    size_t count = 0;
    for (size_t i = 0; i < world->beat_count; i++)
        count += world->beats[i].code == code;
    return count;
}

static void limb_leads_hold_einthovens_and_goldbergers_laws(void **state)
{
    (void)state;
    struct world *world = world_of(3, 72.0, 2.5);
    for (int second = 0; second < 10; second++) {
        run(world, SAMPLES);
        for (size_t k = 0; k < SAMPLES; k++) {
            double one = (double)world->mv[ECG_LEAD_I][k];
            double two = (double)world->mv[ECG_LEAD_II][k];
            assert_true(fabs((double)world->mv[ECG_LEAD_III][k] - (two - one)) < 1e-6);
            assert_true(fabs((double)world->mv[ECG_LEAD_AVR][k] + (one + two) / 2.0) < 1e-6);
            assert_true(fabs((double)world->mv[ECG_LEAD_AVL][k] - (one - two / 2.0)) < 1e-6);
            assert_true(fabs((double)world->mv[ECG_LEAD_AVF][k] - (two - one / 2.0)) < 1e-6);
        }
    }
    end_world(world);
}

static void same_seed_same_samples_whatever_the_portions(void **state)
{
    (void)state;
    struct world *a = world_of(42, 80.0, 3.0);
    struct world *b = world_of(42, 80.0, 3.0);
    struct world *c = world_of(43, 80.0, 3.0);
    run_seconds(a, 20);
    for (int i = 0; i < 19 * SAMPLES / 50; i++)
        run(b, 50);
    run(b, SAMPLES);
    run_seconds(c, 20);
    assert_memory_equal(a->mv, b->mv, sizeof a->mv);
    assert_int_equal(a->beat_count, b->beat_count);
    assert_int_equal(a->beats[5].sample, b->beats[5].sample);
    assert_memory_not_equal(a->mv, c->mv, sizeof a->mv);
    end_world(a);
    end_world(b);
    end_world(c);
}

static void first_beat_comes_at_once(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct world *world = world_of(seed, 40.0 + 8.0 * (double)seed, 2.5);
        run(world, SAMPLES);
        assert_in_range(world->beats[0].sample, 75, 125); /* 150 .. 250 ms */
        assert_true(isnan(world->beats[0].rr_ms));
        end_world(world);
    }
}

static void rate_is_the_one_asked_for_and_varies(void **state)
{
    (void)state;
    struct world *world = world_of(5, 72.0, 2.5);
    run_seconds(world, 300);
    double sum = 0.0, squares = 0.0;
    size_t count = world->beat_count - 1;
    for (size_t i = 1; i < world->beat_count; i++) {
        double bpm = 60000.0 / world->beats[i].rr_ms;
        sum += bpm;
        squares += bpm * bpm;
    }
    double mean = sum / (double)count;
    double sd = sqrt(squares / (double)count - mean * mean);
    assert_true(fabs(mean - 72.0) < 1.0);
    assert_true(sd > 1.5 && sd < 3.5);
    end_world(world);
}

static void new_rate_takes_effect_from_the_next_beat(void **state)
{
    (void)state;
    struct world *world = world_of(5, 60.0, 0.0);
    run_seconds(world, 5);
    assert_int_equal(sim_heart_set_rate(world->heart, 150.0, NULL), HL_OK);
    run_seconds(world, 5);
    assert_true(fabs(world->beats[world->beat_count - 1].rr_ms - 400.0) < 1.0);
    assert_true(world->beats[7].rr_ms < 450.0);
    assert_int_equal(sim_heart_set_rate(world->heart, 221.0, NULL), HL_INVALID);
    assert_int_equal(sim_heart_set_rate(world->heart, (double)NAN, NULL), HL_INVALID);
    end_world(world);
}

static void premature_beats_come_fifty_times_in_a_row(void **state)
{
    (void)state;
    struct world *world = world_of(9, 75.0, 2.5);
    run_seconds(world, 2);
    for (size_t i = 1; i <= 50; i++) {
        enum sim_anomaly kind = i % 2 ? SIM_ANOMALY_PAC : SIM_ANOMALY_PVC;
        size_t before = count_code(world, 'N');
        assert_int_equal(sim_heart_inject(world->heart, kind, NULL), HL_OK);
        while (count_code(world, 'V') + count_code(world, 'A') < i) {
            run(world, 25);
            assert_true(count_code(world, 'N') <= before + 2);
        }
        char code = world->beats[world->beat_count - 1].code;
        assert_int_equal(code, kind == SIM_ANOMALY_PVC ? 'V' : 'A');
    }
    end_world(world);
}

static void queue_holds_sixteen_and_empties(void **state)
{
    (void)state;
    struct world *world = world_of(9, 75.0, 0.0);
    struct hl_error error;
    for (int i = 0; i < SIM_ANOMALY_QUEUE; i++)
        assert_int_equal(sim_heart_inject(world->heart, SIM_ANOMALY_PVC, &error), HL_OK);
    assert_int_equal(sim_heart_inject(world->heart, SIM_ANOMALY_PVC, &error), HL_CONFLICT);
    assert_int_equal(sim_heart_inject(world->heart, SIM_ANOMALY_COUNT, &error), HL_INVALID);
    run_seconds(world, 40);
    assert_int_equal(count_code(world, 'V'), SIM_ANOMALY_QUEUE);
    for (size_t i = 1; i < world->beat_count; i++)
        assert_false(world->beats[i].code == 'V' && world->beats[i - 1].code == 'V');
    end_world(world);
}

/* The two intervals around the premature beat, in units of the usual one. */
static double intervals_around(enum sim_anomaly kind, char code)
{
    struct world *world = world_of(11, 60.0, 0.0);
    run_seconds(world, 3);
    assert_int_equal(sim_heart_inject(world->heart, kind, NULL), HL_OK);
    run_seconds(world, 5);
    for (size_t i = 1; i + 1 < world->beat_count; i++) {
        if (world->beats[i].code == code) {
            double around_ms = world->beats[i].rr_ms + world->beats[i + 1].rr_ms;
            assert_true(world->beats[i].rr_ms < 800.0);
            end_world(world);
            return around_ms / 1000.0;
        }
    }
    fail_msg("no premature beat");
    return 0.0;
}

static void pvc_has_a_full_compensatory_pause(void **state)
{
    (void)state;
    assert_true(fabs(intervals_around(SIM_ANOMALY_PVC, 'V') - 2.0) < 0.005);
}

static void pac_has_less_than_a_full_pause(void **state)
{
    (void)state;
    double around = intervals_around(SIM_ANOMALY_PAC, 'A');
    assert_true(around > 1.5 && around < 1.9);
}

static void r_peak_in_lead_two_is_where_the_truth_says(void **state)
{
    (void)state;
    struct world *world = world_of(2, 60.0, 0.0);
    run(world, SAMPLES);
    size_t highest = 0;
    for (size_t k = 0; k < SAMPLES; k++)
        if (world->mv[ECG_LEAD_II][k] > world->mv[ECG_LEAD_II][highest])
            highest = k;
    assert_true(llabs((long long)highest - (long long)world->beats[0].sample) <= 2);
    assert_true(world->mv[ECG_LEAD_II][highest] > 0.8F && world->mv[ECG_LEAD_II][highest] < 1.7F);
    end_world(world);
}

static void parameters_out_of_range_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        double fs_hz, heart_rate_bpm, hr_sd_bpm, respiration_hz, noise_mv;
    } rows[] = {
        {"fs_hz", 0.0, 72, 2, 0.25, 0},          {"fs_hz", (double)NAN, 72, 2, 0.25, 0},
        {"heart_rate_bpm", 500, 29, 2, 0.25, 0}, {"heart_rate_bpm", 500, (double)INFINITY, 2, 0.25, 0},
        {"hr_sd_bpm", 500, 72, -1, 0.25, 0},     {"respiration_hz", 500, 72, 2, 0, 0},
        {"noise_mv", 500, 72, 2, 0.25, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_params params = {
            1, rows[i].fs_hz, rows[i].heart_rate_bpm, rows[i].hr_sd_bpm, rows[i].respiration_hz, rows[i].noise_mv};
        struct sim_heart *heart = NULL;
        struct hl_error error;
        assert_int_equal(sim_heart_new(&params, &heart, &error), HL_INVALID);
        assert_null(heart);
        assert_string_equal(error.field, rows[i].field);
    }
}

static void anomalies_are_found_by_name(void **state)
{
    (void)state;
    enum sim_anomaly anomaly = SIM_ANOMALY_COUNT;
    for (unsigned i = 0; i < SIM_ANOMALY_COUNT; i++) {
        assert_true(sim_anomaly_from_name(sim_anomaly_name((enum sim_anomaly)i), &anomaly));
        assert_int_equal(anomaly, i);
    }
    assert_true(sim_anomaly_from_name("pvc", &anomaly));
    assert_int_equal(anomaly, SIM_ANOMALY_PVC);
    assert_false(sim_anomaly_from_name("PV", &anomaly));
    assert_false(sim_anomaly_from_name("", &anomaly));
    assert_false(sim_anomaly_from_name(NULL, &anomaly));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limb_leads_hold_einthovens_and_goldbergers_laws),
        cmocka_unit_test(same_seed_same_samples_whatever_the_portions),
        cmocka_unit_test(first_beat_comes_at_once),
        cmocka_unit_test(rate_is_the_one_asked_for_and_varies),
        cmocka_unit_test(new_rate_takes_effect_from_the_next_beat),
        cmocka_unit_test(premature_beats_come_fifty_times_in_a_row),
        cmocka_unit_test(queue_holds_sixteen_and_empties),
        cmocka_unit_test(pvc_has_a_full_compensatory_pause),
        cmocka_unit_test(pac_has_less_than_a_full_pause),
        cmocka_unit_test(r_peak_in_lead_two_is_where_the_truth_says),
        cmocka_unit_test(parameters_out_of_range_are_named),
        cmocka_unit_test(anomalies_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
