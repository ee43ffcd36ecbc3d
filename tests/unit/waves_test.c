/* The waves of beats are where they were put: hearts made of waves with known edges, at every rate, with hum, wander
and noise, inverted, without P waves, with a lead off, in counts; and nothing is said of what cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "ecg/wave_chain.h"
#include "sim/rng.h"

#define PI 3.14159265358979323846

enum { LEADS = 3, BEATS_MAX = 128, SAMPLES_MAX = 20000 };

/* A wave: half a period of a raised cosine on each side of its peak, nothing beyond its edges. */
struct wave {
    double onset_ms, peak_ms, end_ms, mv;
};

enum { P, Q, R, S, T, WAVES };

struct heart {
    struct wave waves[WAVES];
    double fs_hz, rr_ms, seconds;
    double hum_hz, hum_mv, wander_mv, noise_mv;
    double rr_jitter;   /* share */
    double f_waves_mv;  /* fibrillation */
    double spike_mv;    /* 60 ms before R */
    int p_per_beat;     /* 2: one blocked, half an interval before the other */
    int lead_off;       /* -1: none */
    double scale, zero; /* counts */
    enum ecg_units units;
};

static struct heart usual_heart(void)
{
    return (struct heart){
        .waves = {[P] = {-190.0, -140.0, -90.0, 0.15},
                  [Q] = {-44.0, -30.0, -16.0, -0.12},
                  [R] = {-28.0, 0.0, 28.0, 1.1},
                  [S] = {14.0, 30.0, 46.0, -0.25},
                  [T] = {150.0, 270.0, 350.0, 0.35}},
        .fs_hz = 500.0,
        .rr_ms = 850.0,
        .seconds = 14.0,
        .noise_mv = 0.004,
        .p_per_beat = 1,
        .lead_off = -1,
        .scale = 1.0,
    };
}

static const double lead_gains[LEADS] = {0.7, 1.0, 0.5};

static double wave_at(const struct wave *wave, double ms)
{
    if (ms <= wave->onset_ms || ms >= wave->end_ms)
        return 0.0;
    double edge_ms = ms < wave->peak_ms ? wave->onset_ms : wave->end_ms;
    return wave->mv * 0.5 * (1.0 - cos(PI * (ms - edge_ms) / (wave->peak_ms - edge_ms)));
}

static double beat_at(const struct heart *heart, double ms)
{
    double sum = 0.0;
    for (int wave = 0; wave < WAVES; wave++)
        sum += wave_at(&heart->waves[wave], ms);
    for (int extra = 1; extra < heart->p_per_beat; extra++)
        sum += wave_at(&heart->waves[P], ms + extra * heart->rr_ms / heart->p_per_beat);
    return sum + (fabs(ms + 60.0) < 0.51e3 / heart->fs_hz ? heart->spike_mv : 0.0);
}

/* What was told. */
struct told {
    struct ecg_beat_waves beats[BEATS_MAX];
    size_t count;
    double delay_ms_max;
    double fs_hz;
    const struct ecg_pipeline *pipeline;
    struct ecg_measurements measured;
};

static void note_waves(void *context, const struct ecg_beat_waves *waves)
{
    struct told *told = context;
    double late = (double)(ecg_pipeline_position(told->pipeline) - waves->sample);
    assert_true(told->count < BEATS_MAX);
    if ((double)waves->sample > 4.0 * told->fs_hz)
        told->delay_ms_max = fmax(told->delay_ms_max, 1000.0 * late / told->fs_hz);
    told->beats[told->count++] = *waves;
}

static void note_measurements(void *context, const struct ecg_measurements *measured)
{
    struct told *told = context;
    told->measured = *measured;
}

static void make(const struct heart *heart, float samples[LEADS][SAMPLES_MAX], size_t count)
{
    struct sim_rng rng;
    double r_ms[BEATS_MAX];
    size_t beats = 0;
    sim_rng_seed(&rng, 7);
    for (double at_ms = 600.0; at_ms < 1000.0 * heart->seconds && beats < BEATS_MAX;) {
        r_ms[beats++] = at_ms;
        at_ms += heart->rr_ms * (1.0 + heart->rr_jitter * sim_rng_uniform(&rng, -1.0, 1.0));
    }
    for (size_t i = 0; i < count; i++) {
        double ms = 1000.0 * (double)i / heart->fs_hz;
        double mv = 0.0;
        for (size_t b = 0; b < beats; b++)
            if (fabs(ms - r_ms[b]) < 1200.0)
                mv += beat_at(heart, ms - r_ms[b]);
        mv += heart->f_waves_mv * (sin(0.0393 * ms) + 0.7 * sin(0.0301 * ms + sin(0.0011 * ms)));
        for (int lead = 0; lead < LEADS; lead++) {
            double x = lead_gains[lead] * mv + heart->noise_mv * sim_rng_bell(&rng);
            x += heart->hum_mv * sin(2.0 * PI * heart->hum_hz * ms / 1000.0 + lead);
            x += heart->wander_mv * sin(2.0 * PI * 0.25 * ms / 1000.0 + lead);
            samples[lead][i] = lead == heart->lead_off ? NAN : (float)(x * heart->scale + heart->zero);
        }
    }
}

static struct told *run(const struct heart *heart)
{
    static struct told told;
    static float samples[LEADS][SAMPLES_MAX];
    struct ecg_config config = {.fs_hz = heart->fs_hz,
                                .units = heart->units,
                                .lead_count = LEADS,
                                .leads = {ECG_LEAD_I, ECG_LEAD_II, ECG_LEAD_V5}};
    size_t count = (size_t)(heart->seconds * heart->fs_hz);
    assert_true(count <= SAMPLES_MAX);
    make(heart, samples, count);
    memset(&told, 0, sizeof told);
    struct ecg_pipeline *pipeline = NULL;
    assert_int_equal(ecg_pipeline_new(&config, &pipeline, NULL), HL_OK);
    told.pipeline = pipeline;
    told.fs_hz = heart->fs_hz;
    struct ecg_sink sink = {.context = &told, .waves = note_waves, .measurements = note_measurements};
    for (size_t i = 0; i < count; i++) {
        const float *at[LEADS];
        for (int lead = 0; lead < LEADS; lead++)
            at[lead] = samples[lead] + i;
        ecg_pipeline_feed(pipeline, at, 1, &sink);
    }
    ecg_pipeline_flush(pipeline, &sink);
    ecg_pipeline_free(pipeline);
    return &told;
}

/* The first beats are learnt from, the last one is cut off. */
static bool counts(const struct told *told, size_t i)
{
    return i >= 4 && i + 2 < told->count;
}

static void assert_near(double told, double truth, double tolerance)
{
    if (!(fabs(told - truth) <= tolerance))
        fail_msg("%.1f is not within %.1f of %.1f", told, tolerance, truth);
}

static void assert_times(const struct ecg_wave_times *times, double onset_ms, double peak_ms, double end_ms,
                         double tolerance_ms)
{
    assert_int_equal(times->state, ECG_WAVE_PRESENT);
    assert_near((double)times->onset_ms, onset_ms, tolerance_ms);
    assert_near((double)times->peak_ms, peak_ms, tolerance_ms);
    assert_near((double)times->end_ms, end_ms, tolerance_ms);
}

/* A raised cosine's foot is so flat that nobody would mark it where it is: hence 8 ms and more. */
static void assert_usual_beat(const struct ecg_beat_waves *beat, double extra_ms)
{
    assert_times(&beat->all[ECG_WAVE_P], -186.0, -140.0, -94.0, 16.0 + extra_ms);
    assert_near((double)beat->all[ECG_WAVE_QRS].onset_ms, -42.0, 10.0 + extra_ms);
    assert_near((double)beat->all[ECG_WAVE_QRS].end_ms, 45.0, 10.0 + extra_ms);
    assert_near((double)beat->all[ECG_WAVE_T].peak_ms, 270.0, 12.0 + extra_ms);
    assert_near((double)beat->all[ECG_WAVE_T].end_ms, 340.0, 20.0 + extra_ms);
}

static void assert_usual_heart(const struct heart *heart, double extra_ms)
{
    const struct told *told = run(heart);
    assert_true(told->count >= 12);
    for (size_t i = 0; i < told->count; i++)
        if (counts(told, i))
            assert_usual_beat(&told->beats[i], extra_ms);
}

static void edges_are_where_they_were_put_at_any_rate(void **state)
{
    (void)state;
    static const double rates_hz[] = {80.0, 125.0, 250.0, 360.0, 443.34, 500.0, 1000.0};
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++) {
        struct heart heart = usual_heart();
        heart.fs_hz = rates_hz[i];
        assert_usual_heart(&heart, 500.0 / rates_hz[i]);
    }
}

static void hum_and_wander_move_nothing(void **state)
{
    (void)state;
    for (double hum_hz = 50.0; hum_hz <= 60.0; hum_hz += 10.0) {
        struct heart heart = usual_heart();
        heart.hum_hz = hum_hz;
        heart.hum_mv = 0.03;
        heart.wander_mv = 0.3;
        assert_usual_heart(&heart, 8.0);
    }
}

static void they_are_told_within_900_ms(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.seconds = 20.0;
    const struct told *told = run(&heart);
    assert_true(told->count > 15);
    assert_true(told->delay_ms_max > 0.0 && told->delay_ms_max <= 900.0);
}

static void heights_are_what_they_were(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    const struct told *told = run(&heart);
    for (size_t i = 0; i < told->count; i++) {
        if (!counts(told, i))
            continue;
        for (int lead = 0; lead < LEADS; lead++) {
            const struct ecg_lead_levels *levels = &told->beats[i].levels[lead];
            double gain = lead_gains[lead];
            assert_near((double)levels->p, 0.15 * gain, 0.02);
            assert_near((double)levels->q, -0.12 * gain, 0.03);
            assert_near((double)levels->r, 1.1 * gain, 0.05);
            assert_near((double)levels->s, -0.25 * gain, 0.05);
            assert_near((double)levels->t, 0.35 * gain, 0.03);
            assert_near((double)levels->j80, 0.0, 0.03);
            assert_true(levels->r2 == 0.0F && levels->noise > 0.0F && levels->noise < 0.02F);
            assert_int_equal(levels->t_form, ECG_T_UPRIGHT);
        }
    }
}

static void an_inverted_t_wave_is_one(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.waves[T].mv = -0.3;
    const struct told *told = run(&heart);
    for (size_t i = 0; i < told->count; i++) {
        if (!counts(told, i))
            continue;
        assert_usual_beat(&told->beats[i], 0.0);
        assert_int_equal(told->beats[i].levels[1].t_form, ECG_T_INVERTED);
        assert_near((double)told->beats[i].levels[1].t, -0.3, 0.03);
    }
}

static void no_p_wave_is_told_where_there_is_none(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.waves[P].mv = 0.0;
    const struct told *told = run(&heart);
    for (size_t i = 0; i < told->count; i++) {
        if (!counts(told, i))
            continue;
        assert_int_equal(told->beats[i].all[ECG_WAVE_P].state, ECG_WAVE_ABSENT);
        assert_int_equal(told->beats[i].p_count, 0);
        assert_true(isnan(told->beats[i].all[ECG_WAVE_P].onset_ms));
        assert_true(told->beats[i].levels[0].p == 0.0F);
    }
}

static void fibrillation_has_no_p_waves(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.waves[P].mv = 0.0;
    heart.f_waves_mv = 0.05;
    heart.rr_jitter = 0.25;
    heart.seconds = 40.0;
    heart.fs_hz = 250.0;
    const struct told *told = run(&heart);
    size_t present = 0;
    for (size_t i = 0; i < told->count; i++)
        if (counts(told, i) && told->beats[i].all[ECG_WAVE_P].state == ECG_WAVE_PRESENT)
            present++;
    assert_true(told->count > 30);
    assert_true(10 * present <= told->count);
}

static void blocked_p_waves_are_counted(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.rr_ms = 1500.0;
    heart.p_per_beat = 2;
    heart.seconds = 20.0;
    const struct told *told = run(&heart);
    for (size_t i = 0; i < told->count; i++)
        if (counts(told, i))
            assert_int_equal(told->beats[i].p_count, 2);
    heart.p_per_beat = 1;
    told = run(&heart);
    for (size_t i = 0; i < told->count; i++)
        if (counts(told, i))
            assert_int_equal(told->beats[i].p_count, 1);
}

static void a_pacing_spike_is_seen_where_the_rate_can_show_it(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.spike_mv = 0.6;
    const struct told *told = run(&heart);
    for (size_t i = 0; i < told->count; i++)
        if (counts(told, i))
            assert_near(told->beats[i].pace_spike_ms, -60.0, 4.0);
    heart.spike_mv = 0.0;
    told = run(&heart);
    for (size_t i = 0; i < told->count; i++)
        assert_true(isnan(told->beats[i].pace_spike_ms));
    heart.spike_mv = 0.6;
    heart.fs_hz = 125.0;
    told = run(&heart);
    for (size_t i = 0; i < told->count; i++)
        assert_true(isnan(told->beats[i].pace_spike_ms));
}

static void a_lead_that_is_off_is_unknown_and_spoils_nothing(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.lead_off = 0;
    const struct told *told = run(&heart);
    assert_true(told->count >= 12);
    for (size_t i = 0; i < told->count; i++) {
        if (!counts(told, i))
            continue;
        assert_usual_beat(&told->beats[i], 0.0);
        for (int wave = 0; wave < ECG_WAVE_COUNT; wave++)
            assert_int_equal(told->beats[i].lead[0][wave].state, ECG_WAVE_UNKNOWN);
        assert_true(isnan(told->beats[i].levels[0].r));
    }
    assert_true(isnan(told->measured.lead[0][ECG_LM_R].value));
    assert_true(isfinite(told->measured.lead[1][ECG_LM_R].value));
}

static void counts_give_the_same_times(void **state)
{
    (void)state;
    struct heart heart = usual_heart();
    heart.scale = 800.0;
    heart.zero = 2000.0;
    heart.units = ECG_UNITS_ADU;
    const struct told *told = run(&heart);
    for (size_t i = 0; i < told->count; i++) {
        if (!counts(told, i))
            continue;
        assert_usual_beat(&told->beats[i], 0.0);
        assert_near((double)told->beats[i].levels[1].r, 880.0, 40.0);
    }
    assert_int_equal(told->measured.units, ECG_UNITS_ADU);
    assert_true(told->measured.lead[1][ECG_LM_R].resolution >= 1.0);
}

static void garbage_is_survived(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, 3e38F, -3e38F, 0.0F, 1e-30F};
    struct ecg_config config = {.fs_hz = 250.0, .lead_count = 2, .leads = {ECG_LEAD_I, ECG_LEAD_II}};
    struct ecg_pipeline *pipeline = NULL;
    struct sim_rng rng;
    static struct told told;
    memset(&told, 0, sizeof told);
    sim_rng_seed(&rng, 3);
    assert_int_equal(ecg_pipeline_new(&config, &pipeline, NULL), HL_OK);
    told.pipeline = pipeline;
    told.fs_hz = config.fs_hz;
    struct ecg_sink sink = {.context = &told, .waves = note_waves, .measurements = note_measurements};
    for (int i = 0; i < 20000 && told.count < BEATS_MAX / 2; i++) {
        uint64_t die = sim_rng_next(&rng) % 40;
        float x = die < 7 ? odd[die] : (float)sim_rng_uniform(&rng, -1e6, 1e6);
        float y = i % 300 == 0 ? 1e5F : (float)sim_rng_bell(&rng);
        const float *at[] = {&x, &y};
        ecg_pipeline_feed(pipeline, at, 1, &sink);
    }
    ecg_pipeline_flush(pipeline, &sink);
    for (size_t i = 0; i < told.count; i++)
        for (int wave = 0; wave < ECG_WAVE_COUNT; wave++)
            if (told.beats[i].all[wave].state == ECG_WAVE_PRESENT)
                assert_true(told.beats[i].all[wave].onset_ms < told.beats[i].all[wave].end_ms);
    ecg_pipeline_free(pipeline);
}

/* ---- the measurement chain ---- */

static bool take(struct ecg_chain *chain, double fs_hz, double (*signal)(double ms))
{
    static float samples[8192];
    size_t length = 512;
    while ((double)length < 4.0 * fs_hz)
        length *= 2;
    int64_t r = (int64_t)(2.0 * fs_hz);
    struct ecg_history history = {.samples = samples, .length = length, .lead_count = 1, .end = (int64_t)length};
    for (size_t i = 0; i < length; i++)
        samples[i] = (float)signal(1000.0 * (double)((int64_t)i - r) / fs_hz);
    return ecg_chain_take(chain, &history, 0, fs_hz, r);
}

static double bell(double ms)
{
    return exp(-0.5 * (ms - 100.0) * (ms - 100.0) / 900.0);
}

static double hum_50(double ms)
{
    return sin(2.0 * PI * 0.050 * ms + 1.0);
}

static double hum_60(double ms)
{
    return sin(2.0 * PI * 0.060 * ms + 1.0);
}

static void the_chain_moves_nothing_and_knows_no_hum(void **state)
{
    (void)state;
    static const double rates_hz[] = {80.0, 200.0, 250.0, 360.0, 500.0, 1000.0, 2000.0};
    static struct ecg_chain chain;
    float x[ECG_GRID_POINTS];
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++) {
        assert_true(take(&chain, rates_hz[i], bell));
        ecg_chain_wide(&chain, x);
        for (int d = 1; d < 20; d++)
            assert_near((double)x[185 + d], (double)x[185 - d], 0.004);
        assert_near((double)x[185] - (double)x[100], 0.97, 0.03);
        if (rates_hz[i] < 250.0)
            continue; /* hum is near to half the rate, or beyond it */
        assert_true(take(&chain, rates_hz[i], hum_50));
        ecg_chain_wide(&chain, x);
        float level = x[0];
        for (int g = 0; g < ECG_GRID_POINTS; g++)
            assert_near((double)(x[g] - level), 0.0, 0.05);
        assert_true(take(&chain, rates_hz[i], hum_60));
        ecg_chain_wide(&chain, x);
        level = x[0];
        for (int g = 0; g < ECG_GRID_POINTS; g++)
            assert_near((double)(x[g] - level), 0.0, 0.05);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_where_they_were_put_at_any_rate),
        cmocka_unit_test(hum_and_wander_move_nothing),
        cmocka_unit_test(they_are_told_within_900_ms),
        cmocka_unit_test(heights_are_what_they_were),
        cmocka_unit_test(an_inverted_t_wave_is_one),
        cmocka_unit_test(no_p_wave_is_told_where_there_is_none),
        cmocka_unit_test(fibrillation_has_no_p_waves),
        cmocka_unit_test(blocked_p_waves_are_counted),
        cmocka_unit_test(a_pacing_spike_is_seen_where_the_rate_can_show_it),
        cmocka_unit_test(a_lead_that_is_off_is_unknown_and_spoils_nothing),
        cmocka_unit_test(counts_give_the_same_times),
        cmocka_unit_test(garbage_is_survived),
        cmocka_unit_test(the_chain_moves_nothing_and_knows_no_hum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
