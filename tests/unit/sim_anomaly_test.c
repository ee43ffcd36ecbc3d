/* What can go wrong with a virtual heart does so by name: the right beats at the right intervals, for as long as it was
asked for, and the truth beside it; and whatever is asked for at once, the heart keeps its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/heart.h"

enum { FS_HZ = 500, SECONDS_MAX = 90, BEATS_MAX = 1024, RHYTHMS_MAX = 64 };

struct world {
    struct sim_heart *heart;
    float mv[ECG_STANDARD_LEADS][SECONDS_MAX * FS_HZ];
    struct sim_truth_beat beats[BEATS_MAX];
    size_t beat_count;
    struct sim_truth_rhythm rhythms[RHYTHMS_MAX];
    size_t rhythm_count;
    size_t seconds;
};

static void note_beat(void *context, const struct sim_truth_beat *beat)
{
    struct world *world = context;
    assert_true(world->beat_count < BEATS_MAX);
    world->beats[world->beat_count++] = *beat;
}

static void note_rhythm(void *context, const struct sim_truth_rhythm *rhythm)
{
    struct world *world = context;
    assert_true(world->rhythm_count < RHYTHMS_MAX);
    world->rhythms[world->rhythm_count++] = *rhythm;
}

static struct world *world_new(uint64_t seed, double hr_sd_bpm)
{
    struct world *world = calloc(1, sizeof *world);
    struct sim_params params;
    assert_non_null(world);
    sim_params_default(&params);
    params.seed = seed;
    params.heart_rate_bpm = 75.0;
    params.hr_sd_bpm = hr_sd_bpm;
    assert_int_equal(sim_heart_new(&params, &world->heart, NULL), HL_OK);
    return world;
}

static void world_free(struct world *world)
{
    sim_heart_free(world->heart);
    free(world);
}

static void run(struct world *world, size_t seconds)
{
    float *at[ECG_STANDARD_LEADS];
    struct sim_sink sink = {world, note_beat, note_rhythm};
    assert_true(world->seconds + seconds <= SECONDS_MAX);
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        at[lead] = world->mv[lead] + world->seconds * FS_HZ;
    sim_heart_run(world->heart, at, seconds * FS_HZ, &sink);
    world->seconds += seconds;
}

static void ask(struct world *world, enum sim_anomaly anomaly, double at_s, double duration_s, double strength)
{
    struct sim_event event = {anomaly, at_s, duration_s, strength};
    assert_int_equal(sim_heart_apply(world->heart, &event, NULL), HL_OK);
}

/* A heart at 75 bpm, that has the anomaly from 5 s on, for 40 s, is seen for 90 s. A rate settles within 10 s. */
static struct world *world_with(enum sim_anomaly anomaly, double strength)
{
    struct world *world = world_new(7, 0.0);
    ask(world, anomaly, 5.0, 40.0, strength);
    run(world, 90);
    return world;
}

static size_t count(const struct world *world, char code, double from_s, double to_s)
{
    size_t found = 0;
    for (size_t i = 0; i < world->beat_count; i++) {
        double t_s = (double)world->beats[i].sample / FS_HZ;
        found += world->beats[i].code == code && t_s >= from_s && t_s < to_s;
    }
    return found;
}

/* Mean and standard deviation of the intervals that end in the span. */
static double intervals(const struct world *world, double from_s, double to_s, double *sd_ms)
{
    double sum = 0.0, squares = 0.0, n = 0.0;
    for (size_t i = 1; i < world->beat_count; i++) {
        double t_s = (double)world->beats[i].sample / FS_HZ;
        if (t_s < from_s || t_s >= to_s)
            continue;
        n += 1.0;
        sum += world->beats[i].rr_ms;
        squares += world->beats[i].rr_ms * world->beats[i].rr_ms;
    }
    assert_true(n > 0.0);
    *sd_ms = sqrt(fmax(squares / n - sum * sum / n / n, 0.0));
    return sum / n;
}

struct expectation {
    enum sim_anomaly anomaly;
    char code; /* of the beats while it lasts */
    double rr_ms, tolerance_ms, sd_min_ms, sd_max_ms;
    enum ecg_rhythm rhythm;
};

/* At strength 0.5. */
static const struct expectation steady[] = {
    {SIM_ANOMALY_BRADYCARDIA, 'N', 60000.0 / 42.5, 25.0, 0.0, 12.0, ECG_RHYTHM_SINUS_BRADYCARDIA},
    {SIM_ANOMALY_TACHYCARDIA, 'N', 60000.0 / 127.5, 5.0, 0.0, 5.0, ECG_RHYTHM_SINUS_TACHYCARDIA},
    {SIM_ANOMALY_AF, 'N', 60000.0 / 112.5, 60.0, 70.0, 200.0, ECG_RHYTHM_ATRIAL_FIBRILLATION},
    {SIM_ANOMALY_FLUTTER, 'N', 600.0, 1.0, 0.0, 2.0, ECG_RHYTHM_ATRIAL_FLUTTER},
    {SIM_ANOMALY_SVT, 'A', 60000.0 / 180.0, 3.0, 0.0, 5.0, ECG_RHYTHM_SVT},
    {SIM_ANOMALY_AV_BLOCK_1, 'N', 800.0, 1.0, 0.0, 2.0, ECG_RHYTHM_SINUS},
    {SIM_ANOMALY_AV_BLOCK_3, 'E', 60000.0 / 37.5, 1.0, 0.0, 2.0, ECG_RHYTHM_AV_BLOCK_3},
    {SIM_ANOMALY_VT, 'V', 60000.0 / 175.0, 5.0, 1.0, 8.0, ECG_RHYTHM_VT},
    {SIM_ANOMALY_IDIOVENTRICULAR, 'V', 60000.0 / 82.5, 12.0, 1.0, 20.0, ECG_RHYTHM_IDIOVENTRICULAR},
    {SIM_ANOMALY_LBBB, 'L', 800.0, 1.0, 0.0, 2.0, ECG_RHYTHM_SINUS},
    {SIM_ANOMALY_RBBB, 'R', 800.0, 1.0, 0.0, 2.0, ECG_RHYTHM_SINUS},
    {SIM_ANOMALY_PACED, '/', 800.0, 1.0, 0.0, 2.0, ECG_RHYTHM_PACED},
};

static void lasting_rhythms_have_their_rate_and_code_and_end_in_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof steady / sizeof steady[0]; i++) {
        const struct expectation *row = &steady[i];
        struct world *world = world_with(row->anomaly, 0.5);
        double sd_ms;
        double rr_ms = intervals(world, 30.0, 44.5, &sd_ms);
        size_t all = 0;
        for (const char *code = "NLRAVEj/"; *code; code++)
            all += count(world, *code, 30.0, 44.5);
        print_message("%s: %.1f ms, SD %.1f\n", sim_anomaly_name(row->anomaly), rr_ms, sd_ms);
        assert_true(fabs(rr_ms - row->rr_ms) <= row->tolerance_ms);
        assert_true(sd_ms >= row->sd_min_ms && sd_ms <= row->sd_max_ms);
        assert_int_equal(count(world, row->code, 30.0, 44.5), all);
        assert_in_range(count(world, 'N', 75.0, 90.0), 18, 19);
        assert_true(fabs(intervals(world, 75.0, 90.0, &sd_ms) - 800.0) < 6.0);
        assert_int_equal(world->rhythms[0].rhythm, ECG_RHYTHM_SINUS);
        if (row->rhythm != ECG_RHYTHM_SINUS) {
            assert_int_equal(world->rhythm_count, 3);
            assert_int_equal(world->rhythms[1].rhythm, row->rhythm);
            assert_int_equal(world->rhythms[1].sample, 5 * FS_HZ);
            assert_int_equal(world->rhythms[2].sample, 45 * FS_HZ);
        }
        world_free(world);
    }
}

static void fibrillation_and_asystole_have_no_beats(void **state)
{
    (void)state;
    static const enum sim_anomaly anomalies[] = {SIM_ANOMALY_VF, SIM_ANOMALY_ASYSTOLE};
    for (size_t i = 0; i < 2; i++) {
        struct world *world = world_with(anomalies[i], 0.5);
        double squares = 0.0;
        for (size_t k = 8 * FS_HZ; k < 44 * FS_HZ; k++)
            squares += (double)world->mv[ECG_LEAD_II][k] * (double)world->mv[ECG_LEAD_II][k];
        double rms_mv = sqrt(squares / (36.0 * FS_HZ));
        for (size_t b = 0; b < world->beat_count; b++)
            assert_false(world->beats[b].sample > 5.2 * FS_HZ && world->beats[b].sample < 45 * FS_HZ);
        assert_true(anomalies[i] == SIM_ANOMALY_VF ? rms_mv > 0.15 && rms_mv < 1.0 : rms_mv < 0.06);
        assert_true(count(world, 'N', 46.0, 60.0) > 10);
        world_free(world);
    }
}

static void patterns_of_premature_beats(void **state)
{
    (void)state;
    struct world *bigeminy = world_with(SIM_ANOMALY_BIGEMINY, 0.5);
    struct world *trigeminy = world_with(SIM_ANOMALY_TRIGEMINY, 0.5);
    struct world *couplet = world_with(SIM_ANOMALY_COUPLET, 0.5);
    for (size_t i = 0; i + 1 < bigeminy->beat_count; i++)
        if (bigeminy->beats[i].sample > 7 * FS_HZ && bigeminy->beats[i + 1].sample < 24 * FS_HZ)
            assert_true((bigeminy->beats[i].code == 'V') != (bigeminy->beats[i + 1].code == 'V'));
    assert_in_range(count(bigeminy, 'V', 5.0, 45.0), 23, 26);
    assert_in_range(count(trigeminy, 'V', 5.0, 45.0), 15, 18);
    assert_int_equal(count(couplet, 'V', 0.0, 40.0), 2);
    world_free(bigeminy);
    world_free(trigeminy);
    world_free(couplet);
}

static void second_degree_blocks_drop_beats_in_their_own_way(void **state)
{
    (void)state;
    struct world *wenckebach = world_with(SIM_ANOMALY_WENCKEBACH, 0.5); /* every fourth P wave is lost */
    struct world *mobitz = world_with(SIM_ANOMALY_MOBITZ_2, 0.34);
    double longest_ms = 0.0;
    for (size_t i = 1; i < mobitz->beat_count; i++) {
        double rr_ms = mobitz->beats[i].rr_ms;
        assert_true(fabs(rr_ms - 800.0) < 1.0 || fabs(rr_ms - 1600.0) < 1.0);
        assert_true(fabs(mobitz->beats[i].qrs_onset - mobitz->beats[i].p_onset - (double)FS_HZ * 0.151) < 3.0);
        longest_ms = fmax(longest_ms, rr_ms);
    }
    assert_true(longest_ms > 1500.0);
    double before = 0.0;
    size_t growing = 0;
    for (size_t i = 1; i < wenckebach->beat_count; i++) {
        const struct sim_truth_beat *beat = &wenckebach->beats[i];
        double pr = beat->qrs_onset - beat->p_onset;
        growing += beat->sample > 6 * FS_HZ && beat->sample < 44 * FS_HZ && pr > before + 5.0;
        assert_true(beat->rr_ms < 1600.0); /* less than two usual intervals: the pause of this kind of block */
        before = pr;
    }
    assert_in_range(growing, 18, 32);
    world_free(wenckebach);
    world_free(mobitz);
}

static void a_pause_lasts_as_long_as_asked(void **state)
{
    (void)state;
    struct world *world = world_new(7, 0.0);
    ask(world, SIM_ANOMALY_PAUSE, 5.0, 4.0, NAN);
    run(world, 20);
    double longest_ms = 0.0;
    for (size_t i = 1; i < world->beat_count; i++)
        longest_ms = fmax(longest_ms, world->beats[i].rr_ms);
    assert_true(longest_ms >= 4000.0 && longest_ms < 4800.0);
    world_free(world);
}

static double level(const struct world *world, enum ecg_lead lead, const struct sim_truth_beat *beat, double after_j_ms)
{
    size_t at = (size_t)(beat->qrs_end + after_j_ms * FS_HZ / 1000.0);
    size_t zero = (size_t)(beat->qrs_onset - 0.010 * FS_HZ);
    return (double)(world->mv[lead][at] - world->mv[lead][zero]);
}

static void st_shifts_show_in_their_territory(void **state)
{
    (void)state;
    static const struct {
        enum sim_anomaly anomaly;
        enum ecg_lead lead;
        double least_mv, most_mv;
    } rows[] = {
        {SIM_ANOMALY_ST_ELEVATION_ANTERIOR, ECG_LEAD_V2, 0.25, 0.8},
        {SIM_ANOMALY_ST_ELEVATION_ANTERIOR, ECG_LEAD_V3, 0.25, 0.8},
        {SIM_ANOMALY_ST_ELEVATION_INFERIOR, ECG_LEAD_II, 0.15, 0.6},
        {SIM_ANOMALY_ST_ELEVATION_INFERIOR, ECG_LEAD_III, 0.15, 0.6},
        {SIM_ANOMALY_ST_ELEVATION_INFERIOR, ECG_LEAD_AVL, -0.5, -0.05},
        {SIM_ANOMALY_ST_ELEVATION_LATERAL, ECG_LEAD_I, 0.10, 0.5},
        {SIM_ANOMALY_ST_DEPRESSION, ECG_LEAD_V5, -0.5, -0.1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *world = world_with(rows[i].anomaly, 0.5);
        double sum = 0.0, n = 0.0;
        for (size_t b = 0; b < world->beat_count; b++) {
            if (world->beats[b].sample < 7 * FS_HZ || world->beats[b].sample > 24 * FS_HZ)
                continue;
            sum += level(world, rows[i].lead, &world->beats[b], 60.0);
            n += 1.0;
        }
        print_message("%s in %s: %.2f mV\n", sim_anomaly_name(rows[i].anomaly), ecg_lead_name(rows[i].lead), sum / n);
        assert_true(sum / n >= rows[i].least_mv && sum / n <= rows[i].most_mv);
        world_free(world);
    }
}

static void electrodes_come_off_where_they_are(void **state)
{
    (void)state;
    struct world *world = world_new(7, 0.0);
    ask(world, SIM_ANOMALY_LEAD_OFF, 5.0, 5.0, 0.0);  /* the right arm: every lead but III */
    ask(world, SIM_ANOMALY_LEAD_OFF, 15.0, 5.0, 1.0); /* V6 */
    run(world, 25);
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++) {
        assert_true(!isnan(world->mv[lead][2 * FS_HZ]));
        assert_true((isnan(world->mv[lead][7 * FS_HZ]) != 0) == (lead != ECG_LEAD_III));
        assert_true((isnan(world->mv[lead][17 * FS_HZ]) != 0) == (lead == ECG_LEAD_V6));
        assert_true(!isnan(world->mv[lead][22 * FS_HZ]));
    }
    world_free(world);
}

static void disturbances_are_as_strong_as_asked_and_leave_the_beats_alone(void **state)
{
    (void)state;
    static const enum sim_anomaly all[] = {SIM_ANOMALY_BASELINE_WANDER, SIM_ANOMALY_MUSCLE_NOISE, SIM_ANOMALY_MAINS,
                                           SIM_ANOMALY_ELECTRODE_MOTION, SIM_ANOMALY_SATURATION};
    struct world *clean = world_new(7, 2.0);
    run(clean, 40);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct world *world = world_new(7, 2.0);
        double squares = 0.0;
        ask(world, all[i], 5.0, 20.0, 1.0);
        run(world, 40);
        assert_int_equal(world->beat_count, clean->beat_count);
        for (size_t b = 0; b < clean->beat_count; b++)
            assert_int_equal(world->beats[b].sample, clean->beats[b].sample);
        for (size_t k = 6 * FS_HZ; k < 24 * FS_HZ; k++) {
            double off = (double)(world->mv[ECG_LEAD_II][k] - clean->mv[ECG_LEAD_II][k]);
            squares += off * off;
        }
        double rms_mv = sqrt(squares / (18.0 * FS_HZ));
        print_message("%s: %.2f mV RMS\n", sim_anomaly_name(all[i]), rms_mv);
        assert_true(rms_mv > 0.02 && rms_mv < 4.0);
        world_free(world);
    }
    world_free(clean);
}

static void fiducials_are_in_order(void **state)
{
    (void)state;
    struct world *world = world_new(3, 3.0);
    run(world, 30);
    for (size_t i = 0; i < world->beat_count; i++) {
        const struct sim_truth_beat *beat = &world->beats[i];
        assert_true(beat->p_onset < beat->p_end && beat->p_end < beat->qrs_onset);
        assert_true(beat->qrs_onset < (double)beat->sample && (double)beat->sample < beat->qrs_end);
        assert_true(beat->qrs_end < beat->t_onset && beat->t_onset < beat->t_peak && beat->t_peak < beat->t_end);
        double qrs_ms = 1000.0 * (beat->qrs_end - beat->qrs_onset) / FS_HZ;
        assert_true(fabs(qrs_ms - 90.0) < 0.01);
    }
    world_free(world);
}

/* Anything at once, again and again: beats stay in order and apart, samples stay finite, and the same seed gives the
   same again. */
static void chaos_keeps_its_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct world *worlds[2] = {world_new(seed, 2.0), world_new(seed, 2.0)};
        for (int w = 0; w < 2; w++) {
            uint64_t dice = seed * 2654435761U;
            for (size_t i = 0; i < 60; i++) {
                dice = dice * 6364136223846793005U + 1442695040888963407U;
                unsigned kind = (unsigned)(dice >> 33) % SIM_ANOMALY_COUNT;
                double duration_s = 1.0 + (double)((dice >> 20) & 15U);
                ask(worlds[w], (enum sim_anomaly)kind, (double)i, duration_s, (double)(dice >> 60) / 15.0);
            }
            run(worlds[w], 60);
        }
        struct world *world = worlds[0];
        assert_memory_equal(world->mv, worlds[1]->mv, sizeof world->mv);
        for (size_t i = 1; i < world->beat_count; i++)
            assert_true(world->beats[i].sample - world->beats[i - 1].sample >= FS_HZ / 5 - 1);
        for (size_t k = 0; k < 60 * FS_HZ; k++)
            assert_true(isnan(world->mv[ECG_LEAD_II][k]) || fabsf(world->mv[ECG_LEAD_II][k]) < 20.0F);
        world_free(worlds[0]);
        world_free(worlds[1]);
    }
}

static void what_is_out_of_range_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        struct sim_event event;
    } rows[] = {
        {"anomaly", {SIM_ANOMALY_COUNT, 0.0, 1.0, 0.5}},
        {"at_s", {SIM_ANOMALY_AF, 1e9, 1.0, 0.5}},
        {"duration_s", {SIM_ANOMALY_AF, 0.0, 0.0, 0.5}},
        {"duration_s", {SIM_ANOMALY_AF, 0.0, -1.0, 0.5}},
        {"strength", {SIM_ANOMALY_AF, 0.0, 1.0, 1.1}},
        {"strength", {SIM_ANOMALY_AF, 0.0, 1.0, -0.1}},
        {"strength", {SIM_ANOMALY_AF, 0.0, 1.0, (double)INFINITY}},
    };
    struct world *world = world_new(1, 0.0);
    struct hl_error error;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(sim_heart_apply(world->heart, &rows[i].event, &error), HL_INVALID);
        assert_string_equal(error.field, rows[i].field);
    }
    for (size_t i = 0; i < SIM_EVENT_QUEUE; i++)
        ask(world, SIM_ANOMALY_PVC, 1000.0, NAN, NAN);
    assert_int_equal(sim_heart_inject(world->heart, SIM_ANOMALY_AF, &error), HL_CONFLICT);
    sim_heart_end(world->heart, SIM_ANOMALY_PVC);
    assert_int_equal(sim_heart_inject(world->heart, SIM_ANOMALY_AF, &error), HL_OK);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lasting_rhythms_have_their_rate_and_code_and_end_in_time),
        cmocka_unit_test(fibrillation_and_asystole_have_no_beats),
        cmocka_unit_test(patterns_of_premature_beats),
        cmocka_unit_test(second_degree_blocks_drop_beats_in_their_own_way),
        cmocka_unit_test(a_pause_lasts_as_long_as_asked),
        cmocka_unit_test(st_shifts_show_in_their_territory),
        cmocka_unit_test(electrodes_come_off_where_they_are),
        cmocka_unit_test(disturbances_are_as_strong_as_asked_and_leave_the_beats_alone),
        cmocka_unit_test(fiducials_are_in_order),
        cmocka_unit_test(chaos_keeps_its_order),
        cmocka_unit_test(what_is_out_of_range_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
