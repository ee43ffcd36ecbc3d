/* What is seen in the signal itself: fibrillation of the ventricles, flutter of the atria and asystole, in made-up
signals of many kinds, are told soon and to their end; and what looks a little like them is not told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"

#define PI         3.14159265358979
#define BEATING_S  30.0
#define ILL_S      30.0
#define RECOVERY_S 20.0
#define TOLD_MAX_S 8.0

enum { EPISODES_MAX = 256, LEADS_MAX = 2 };

/* A signal of 1 kHz or less, made sample by sample. */
struct maker {
    double fs_hz, gain;
    size_t lead_count;
    uint32_t seed;
    double t_s, next_beat_s, last_beat_s;
    double phase, wander_hz, wander_size; /* of the fibrillation */
    double slow;                          /* of the noise */
};

typedef void make_function(struct maker *maker, double *mv);

struct watch {
    const struct ecg_pipeline *pipeline;
    double fs_hz;
    struct told {
        enum ecg_rhythm rhythm;
        double onset_s, end_s, at_s;
        bool open;
    } told[EPISODES_MAX];
    size_t count;
};

static double random_share(struct maker *maker)
{
    maker->seed = maker->seed * 1664525U + 1013904223U;
    return (double)(maker->seed >> 8) / 16777216.0;
}

/* Roughly normal, of variance one. */
static double random_bell(struct maker *maker)
{
    double sum = 0.0;
    for (int i = 0; i < 12; i++)
        sum += random_share(maker);
    return sum - 6.0;
}

static double bump(double t_s, double at_s, double width_s)
{
    double x = (t_s - at_s) / width_s;
    return exp(-x * x);
}

/* Where in its beat the heart is; a new beat when the last one's time is over. */
static double time_in_beat(struct maker *maker, double rr_s, double spread)
{
    if (maker->t_s >= maker->next_beat_s) {
        maker->last_beat_s = maker->next_beat_s > maker->t_s - 1.0 ? maker->next_beat_s : maker->t_s;
        maker->next_beat_s = maker->last_beat_s + rr_s * (1.0 + spread * (2.0 * random_share(maker) - 1.0));
    }
    return maker->t_s - maker->last_beat_s;
}

static void narrow_beats(struct maker *maker, double rr_s, double spread, double *mv)
{
    double t_s = time_in_beat(maker, rr_s, spread);
    double qrs = bump(t_s, 0.20, 0.012) - 0.25 * bump(t_s, 0.23, 0.012);
    mv[0] = 0.12 * bump(t_s, 0.05, 0.02) + qrs + 0.25 * bump(t_s, 0.20 + 0.32 * sqrt(rr_s), 0.05);
    mv[1] = 0.08 * bump(t_s, 0.05, 0.02) - 0.7 * qrs + 0.15 * bump(t_s, 0.20 + 0.32 * sqrt(rr_s), 0.06);
}

static void sinus(struct maker *maker, double *mv)
{
    narrow_beats(maker, 0.85, 0.03, mv);
}

static void fast_svt(struct maker *maker, double *mv)
{
    narrow_beats(maker, 0.30, 0.005, mv);
}

static void atrial_fibrillation(struct maker *maker, double *mv)
{
    narrow_beats(maker, 0.65, 0.35, mv);
    mv[0] += 0.06 * sin(2.0 * PI * 6.3 * maker->t_s);
}

static void wide_tachycardia(struct maker *maker, double *mv)
{
    double t_s = time_in_beat(maker, 0.40, 0.01);
    mv[0] = bump(t_s, 0.10, 0.045) - 0.5 * bump(t_s, 0.24, 0.06);
    mv[1] = -0.8 * bump(t_s, 0.11, 0.04) + 0.4 * bump(t_s, 0.25, 0.06);
}

/* A swing whose rate and size wander. */
static void wandering(struct maker *maker, double usual_hz, double spread_hz, double *mv)
{
    double step = 1.0 / maker->fs_hz;
    maker->wander_hz += -maker->wander_hz * step / 0.5 + random_bell(maker) * sqrt(2.0 * step / 0.5);
    maker->wander_size += -maker->wander_size * step / 0.8 + random_bell(maker) * sqrt(2.0 * step / 0.8);
    maker->phase += 2.0 * PI * step * fmax(2.0, usual_hz + spread_hz * maker->wander_hz);
    double size = fmax(0.12, 0.5 * (1.0 + 0.4 * maker->wander_size));
    mv[0] = size * sin(maker->phase) + 0.2 * size * sin(1.7 * maker->phase + 1.0);
    mv[1] = 0.8 * size * sin(maker->phase + 1.1) + 0.2 * size * sin(1.4 * maker->phase);
}

static void coarse_vf(struct maker *maker, double *mv)
{
    wandering(maker, 5.0, 1.0, mv);
}

static void fast_vf(struct maker *maker, double *mv)
{
    wandering(maker, 6.5, 0.8, mv);
}

static void slow_vf(struct maker *maker, double *mv)
{
    wandering(maker, 3.8, 0.6, mv);
}

static void flutter(struct maker *maker, double *mv)
{
    wandering(maker, 4.5, 0.05, mv);
}

/* Four to one, so that the rate is that of a sinus rhythm. */
static void atrial_flutter(struct maker *maker, double *mv)
{
    double t_s = time_in_beat(maker, 0.80, 0.0);
    double qrs = bump(t_s, 0.20, 0.012) - 0.25 * bump(t_s, 0.23, 0.012);
    double wave = sin(2.0 * PI * 5.0 * maker->t_s) + 0.3 * sin(4.0 * PI * 5.0 * maker->t_s);
    mv[0] = qrs + 0.08 * bump(t_s, 0.48, 0.05) - 0.15 * wave;
    mv[1] = -0.7 * qrs + 0.10 * wave;
}

static void flat(struct maker *maker, double *mv)
{
    (void)maker;
    mv[0] = mv[1] = 0.0;
}

static void p_waves_alone(struct maker *maker, double *mv)
{
    double t_s = time_in_beat(maker, 0.75, 0.02);
    mv[0] = 0.10 * bump(t_s, 0.05, 0.025);
    mv[1] = 0.07 * bump(t_s, 0.05, 0.025);
}

static void constant(struct maker *maker, double *mv)
{
    (void)maker;
    mv[0] = mv[1] = (double)INFINITY; /* stands for a line without noise, see below */
}

static void nothing(struct maker *maker, double *mv)
{
    (void)maker;
    mv[0] = mv[1] = (double)NAN;
}

static void white_noise(struct maker *maker, double *mv)
{
    mv[0] = 0.4 * random_bell(maker);
    mv[1] = 0.4 * random_bell(maker);
}

/* An electrode that moves: large, mostly slow. */
static void motion(struct maker *maker, double *mv)
{
    double step = 1.0 / maker->fs_hz;
    sinus(maker, mv);
    maker->slow += -maker->slow * step / 0.25 + random_bell(maker) * sqrt(2.0 * step / 0.25);
    mv[0] += 1.5 * maker->slow;
    mv[1] += 0.8 * maker->slow;
}

static void note(void *context, const struct ecg_episode *episode)
{
    struct watch *watch = context;
    double at_s = (double)ecg_pipeline_position(watch->pipeline) / watch->fs_hz;
    double onset_s = (double)episode->onset / watch->fs_hz;
    double end_s = (double)episode->end / watch->fs_hz;
    if (episode->open) {
        assert_true(watch->count < EPISODES_MAX);
        watch->told[watch->count++] = (struct told){episode->rhythm, onset_s, end_s, at_s, true};
        return;
    }
    for (size_t i = watch->count; i-- > 0;)
        if (watch->told[i].rhythm == episode->rhythm && watch->told[i].open) {
            watch->told[i].open = false;
            watch->told[i].end_s = end_s;
            return;
        }
    fail_msg("an end without an onset");
}

static float sample_of(struct maker *maker, double mv)
{
    if (isinf(mv))
        return (float)maker->gain * 0.1F;
    return (float)(maker->gain * (mv + 0.01 * random_bell(maker)));
}

static void feed_for(struct ecg_pipeline *pipeline, struct maker *maker, make_function *make, double seconds,
                     const struct ecg_sink *sink)
{
    for (int64_t left = (int64_t)(seconds * maker->fs_hz); left > 0; left--) {
        double mv[LEADS_MAX];
        float samples[LEADS_MAX];
        const float *fed[LEADS_MAX];
        maker->t_s += 1.0 / maker->fs_hz;
        make(maker, mv);
        for (size_t lead = 0; lead < maker->lead_count; lead++) {
            samples[lead] = sample_of(maker, mv[lead]);
            fed[lead] = &samples[lead];
        }
        ecg_pipeline_feed(pipeline, fed, 1, sink);
    }
}

/* The heart beats, is ill, and beats again. */
static void live(struct watch *watch, struct maker *maker, make_function *ill)
{
    struct ecg_config config = {
        .fs_hz = maker->fs_hz,
        .units = maker->gain == 1.0 ? ECG_UNITS_MV : ECG_UNITS_ADU,
        .lead_count = maker->lead_count,
        .leads = {ECG_LEAD_II, ECG_LEAD_V1},
    };
    struct ecg_pipeline *pipeline = NULL;
    assert_int_equal(ecg_pipeline_new(&config, &pipeline, NULL), HL_OK);
    *watch = (struct watch){.pipeline = pipeline, .fs_hz = maker->fs_hz};
    struct ecg_sink sink = {.context = watch, .episode = note};
    feed_for(pipeline, maker, sinus, BEATING_S, &sink);
    feed_for(pipeline, maker, ill, ILL_S, &sink);
    feed_for(pipeline, maker, sinus, RECOVERY_S, &sink);
    ecg_pipeline_flush(pipeline, &sink);
    for (size_t i = 0; i < watch->count; i++)
        assert_false(watch->told[i].open);
    ecg_pipeline_free(pipeline);
}

static const struct told *first_told(const struct watch *watch, enum ecg_rhythm rhythm)
{
    for (size_t i = 0; i < watch->count; i++)
        if (watch->told[i].rhythm == rhythm)
            return &watch->told[i];
    return NULL;
}

static double seconds_told(const struct watch *watch, enum ecg_rhythm rhythm)
{
    double sum_s = 0.0;
    for (size_t i = 0; i < watch->count; i++)
        if (watch->told[i].rhythm == rhythm)
            sum_s += watch->told[i].end_s - watch->told[i].onset_s;
    return sum_s;
}

static void is_told_soon(const struct watch *watch, enum ecg_rhythm rhythm, double onset_off_s)
{
    const struct told *told = first_told(watch, rhythm);
    if (!told)
        fail_msg("%s was not told", ecg_rhythm_rows[rhythm].name);
    assert_true(told->at_s - BEATING_S <= TOLD_MAX_S);
    assert_true(fabs(told->onset_s - BEATING_S) <= onset_off_s);
    assert_true(seconds_told(watch, rhythm) > 0.85 * ILL_S && seconds_told(watch, rhythm) < 1.1 * ILL_S);
}

static void every_kind_of_ventricular_fibrillation_is_told(void **state)
{
    static make_function *const kinds[] = {coarse_vf, fast_vf, slow_vf, flutter};
    static const double rates_hz[] = {125.0, 250.0, 360.0, 500.0};
    (void)state;
    static struct watch watch;
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (uint32_t seed = 1; seed <= 8; seed++) {
            struct maker maker = {.fs_hz = rates_hz[seed % 4], .gain = 1.0, .lead_count = 1 + seed % 2, .seed = seed};
            live(&watch, &maker, kinds[kind]);
            is_told_soon(&watch, ECG_RHYTHM_VF, 2.5);
        }
}

static void counts_do_as_well_as_millivolts(void **state)
{
    (void)state;
    static struct watch watch;
    struct maker maker = {.fs_hz = 250.0, .gain = 200.0, .lead_count = 2, .seed = 3};
    live(&watch, &maker, coarse_vf);
    is_told_soon(&watch, ECG_RHYTHM_VF, 2.5);
    maker = (struct maker){.fs_hz = 250.0, .gain = 200.0, .lead_count = 2, .seed = 4};
    live(&watch, &maker, flat);
    is_told_soon(&watch, ECG_RHYTHM_ASYSTOLE, 1.5);
}

static void what_is_no_fibrillation_is_not_told_as_one(void **state)
{
    static make_function *const kinds[] = {sinus,   fast_svt,      atrial_fibrillation, wide_tachycardia,
                                           flat,    p_waves_alone, white_noise,         motion,
                                           nothing, constant};
    (void)state;
    static struct watch watch;
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (uint32_t seed = 1; seed <= 4; seed++) {
            struct maker maker = {.fs_hz = 250.0, .gain = 1.0, .lead_count = 1 + seed % 2, .seed = seed};
            live(&watch, &maker, kinds[kind]);
            if (first_told(&watch, ECG_RHYTHM_VF))
                fail_msg("kind %zu, seed %u: ventricular fibrillation was told", kind, seed);
        }
}

static void a_heart_that_stops_is_told(void **state)
{
    static make_function *const kinds[] = {flat, p_waves_alone};
    (void)state;
    static struct watch watch;
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (uint32_t seed = 1; seed <= 4; seed++) {
            struct maker maker = {.fs_hz = 250.0, .gain = 1.0, .lead_count = 1 + seed % 2, .seed = seed};
            live(&watch, &maker, kinds[kind]);
            is_told_soon(&watch, ECG_RHYTHM_ASYSTOLE, 1.5);
        }
}

static void a_lead_that_is_off_is_no_asystole(void **state)
{
    static make_function *const kinds[] = {nothing, constant, white_noise, motion, sinus, coarse_vf};
    (void)state;
    static struct watch watch;
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (uint32_t seed = 1; seed <= 4; seed++) {
            struct maker maker = {.fs_hz = 250.0, .gain = 1.0, .lead_count = 1 + seed % 2, .seed = seed};
            live(&watch, &maker, kinds[kind]);
            if (first_told(&watch, ECG_RHYTHM_ASYSTOLE))
                fail_msg("kind %zu, seed %u: asystole was told", kind, seed);
        }
}

static void flutter_of_the_atria_is_told_and_sinus_rhythm_is_not(void **state)
{
    (void)state;
    static struct watch watch;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        struct maker maker = {.fs_hz = 250.0, .gain = 1.0, .lead_count = 1 + seed % 2, .seed = seed};
        live(&watch, &maker, atrial_flutter);
        const struct told *told = first_told(&watch, ECG_RHYTHM_ATRIAL_FLUTTER);
        assert_non_null(told);
        assert_true(told->at_s - BEATING_S < 15.0 && told->onset_s > BEATING_S - 2.0);
        assert_true(seconds_told(&watch, ECG_RHYTHM_ATRIAL_FLUTTER) > 0.6 * ILL_S);
        maker = (struct maker){.fs_hz = 250.0, .gain = 1.0, .lead_count = 1 + seed % 2, .seed = seed};
        live(&watch, &maker, seed % 2 ? sinus : fast_svt);
        assert_null(first_told(&watch, ECG_RHYTHM_ATRIAL_FLUTTER));
    }
}

static void nothing_lies_upon_ventricular_fibrillation(void **state)
{
    (void)state;
    static struct watch watch;
    struct maker maker = {.fs_hz = 250.0, .gain = 1.0, .lead_count = 2, .seed = 5};
    live(&watch, &maker, coarse_vf);
    const struct told *vf = first_told(&watch, ECG_RHYTHM_VF);
    assert_non_null(vf);
    for (size_t i = 0; i < watch.count; i++)
        if (&watch.told[i] != vf)
            assert_false(watch.told[i].at_s > vf->at_s && watch.told[i].onset_s < vf->end_s &&
                         watch.told[i].end_s > vf->onset_s + 1.0 && watch.told[i].onset_s > vf->onset_s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_ventricular_fibrillation_is_told),
        cmocka_unit_test(counts_do_as_well_as_millivolts),
        cmocka_unit_test(what_is_no_fibrillation_is_not_told_as_one),
        cmocka_unit_test(a_heart_that_stops_is_told),
        cmocka_unit_test(a_lead_that_is_off_is_no_asystole),
        cmocka_unit_test(flutter_of_the_atria_is_told_and_sinus_rhythm_is_not),
        cmocka_unit_test(nothing_lies_upon_ventricular_fibrillation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
