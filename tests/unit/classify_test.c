/* Beats are called by their class: virtual hearts whose beats are known, with premature beats of both kinds, in many
persons, at many rates, in one lead and in twelve; and nothing is said before anything is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "ecg/shape.h"
#include "sim/heart.h"

enum { SECONDS = 180, LEARNT_S = 20, BEATS_MAX = 1024 };

struct person {
    double fs_hz;
    struct sim_truth_beat truth[BEATS_MAX];
    struct ecg_beat told[BEATS_MAX];
    size_t truth_count, told_count;
    unsigned called[128][128]; /* truth, told */
};

static void note_truth(void *context, const struct sim_truth_beat *beat)
{
    struct person *person = context;
    assert_true(person->truth_count < BEATS_MAX);
    person->truth[person->truth_count++] = *beat;
}

static void note_told(void *context, const struct ecg_beat *beat)
{
    struct person *person = context;
    assert_true(person->told_count < BEATS_MAX);
    person->told[person->told_count++] = *beat;
}

static char told_at(const struct person *person, int64_t sample)
{
    for (size_t i = 0; i < person->told_count; i++)
        if (fabs((double)(person->told[i].sample - sample)) <= 0.1 * person->fs_hz)
            return person->told[i].code;
    return '-';
}

/* Feeds SECONDS of heart, with what lasts as `episode` says (NULL: a premature beat every seven seconds), and counts
   what was called what once learnt. */
static void live_with(struct person *person, const struct sim_params *params, size_t lead_count, float gain,
                      const struct sim_event *episode)
{
    struct ecg_config config = {.fs_hz = params->fs_hz, .lead_count = lead_count, .leads = {ECG_LEAD_II}};
    struct ecg_pipeline *pipeline = NULL;
    struct sim_heart *heart = NULL;
    static float samples[ECG_STANDARD_LEADS][2000];
    float *made[ECG_STANDARD_LEADS];
    const float *fed[ECG_STANDARD_LEADS];
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++) {
        made[lead] = samples[lead];
        fed[lead] = lead_count == 1 ? samples[ECG_LEAD_II] : samples[lead];
        if (lead_count > 1)
            config.leads[lead] = (enum ecg_lead)lead;
    }
    memset(person, 0, sizeof *person);
    person->fs_hz = params->fs_hz;
    assert_int_equal(sim_heart_new(params, &heart, NULL), HL_OK);
    assert_int_equal(ecg_pipeline_new(&config, &pipeline, NULL), HL_OK);
    struct sim_sink truth = {.context = person, .beat = note_truth};
    struct ecg_sink told = {.context = person, .beat = note_told};
    if (episode)
        assert_int_equal(sim_heart_apply(heart, episode, NULL), HL_OK);
    for (unsigned second = 0; second < SECONDS; second++) {
        if (!episode && second > LEARNT_S && second % 7 == 0)
            assert_int_equal(sim_heart_inject(heart, (enum sim_anomaly)(second / 7 % 2), NULL), HL_OK);
        sim_heart_run(heart, made, (size_t)params->fs_hz, &truth);
        for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
            for (size_t i = 0; i < (size_t)params->fs_hz; i++)
                samples[lead][i] *= gain;
        ecg_pipeline_feed(pipeline, fed, (size_t)params->fs_hz, &told);
    }
    ecg_pipeline_flush(pipeline, &told);
    for (size_t i = 0; i < person->truth_count; i++)
        if ((double)person->truth[i].sample > LEARNT_S * params->fs_hz)
            person->called[(int)person->truth[i].code][(int)told_at(person, person->truth[i].sample)]++;
    ecg_pipeline_free(pipeline);
    sim_heart_free(heart);
}

static void live(struct person *person, const struct sim_params *params, size_t lead_count, float gain)
{
    live_with(person, params, lead_count, gain, NULL);
}

static unsigned all_of(const struct person *person, char truth)
{
    unsigned sum = 0;
    for (int told = 0; told < 128; told++)
        sum += person->called[(int)truth][told];
    return sum;
}

static struct sim_params params_of(double fs_hz, uint64_t seed, double heart_rate_bpm)
{
    struct sim_params params;
    sim_params_default(&params);
    params.fs_hz = fs_hz;
    params.seed = seed;
    params.heart_rate_bpm = heart_rate_bpm;
    return params;
}

static void premature_beats_of_virtual_hearts_are_named(void **state)
{
    (void)state;
    static const double rates_hz[] = {80.0, 125.0, 250.0, 500.0, 1000.0};
    static struct person person;
    for (size_t f = 0; f < sizeof rates_hz / sizeof rates_hz[0]; f++) {
        for (uint64_t seed = 1; seed <= 4; seed++) {
            struct sim_params params = params_of(rates_hz[f], seed, 60.0 + 8.0 * (double)seed);
            live(&person, &params, ECG_STANDARD_LEADS, 1.0F);
            assert_in_range(all_of(&person, 'V'), 9, 14);
            assert_int_equal(person.called['V']['V'], all_of(&person, 'V'));
            assert_in_range(all_of(&person, 'A'), 9, 14);
            assert_int_equal(person.called['A']['A'], all_of(&person, 'A'));
            assert_int_equal(person.called['N']['V'] + person.called['N']['A'], 0);
            assert_true(person.called['N']['N'] + 2 >= all_of(&person, 'N'));
        }
    }
}

static void one_lead_in_counts_does_as_well(void **state)
{
    (void)state;
    static struct person person;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct sim_params params = params_of(250.0, seed, 70.0);
        live(&person, &params, 1, 200.0F);
        assert_true(person.called['V']['V'] + 1 >= all_of(&person, 'V'));
        assert_true(person.called['A']['A'] + 1 >= all_of(&person, 'A'));
        assert_true(person.called['N']['N'] + 1 >= all_of(&person, 'N'));
    }
}

/* The whole run, but for its first beats and one in twenty, and nothing beside it. */
static void runs_of_atrial_beats_are_named_to_their_end(void **state)
{
    (void)state;
    static struct person person;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct sim_params params = params_of(250.0, seed, 70.0);
        struct sim_event run = {SIM_ANOMALY_SVT, 60.0, 20.0, NAN};
        live_with(&person, &params, ECG_STANDARD_LEADS, 1.0F, &run);
        unsigned all = all_of(&person, 'A');
        assert_in_range(all, 30, 90);
        assert_true(person.called['A']['A'] >= all - all / 20 - 3);
        assert_true(person.called['N']['A'] <= 1);
    }
}

/* One beat in ten at most: an early beat in fibrillation is not premature. Without a look at how irregular RR are, it
   would be one in eight. */
static void fibrillation_has_few_premature_beats(void **state)
{
    (void)state;
    static struct person person;
    unsigned all = 0;
    unsigned premature = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct sim_params params = params_of(250.0, seed, 70.0);
        struct sim_event fibrillation = {SIM_ANOMALY_AF, NAN, INFINITY, NAN};
        live_with(&person, &params, ECG_STANDARD_LEADS, 1.0F, &fibrillation);
        all += all_of(&person, 'N');
        premature += person.called['N']['A'];
        assert_int_equal(person.called['N']['V'], 0);
    }
    assert_in_range(all, 800, 1600);
    assert_true(premature * 10 <= all);
}

static void first_beats_are_not_classified(void **state)
{
    (void)state;
    static struct person person;
    struct sim_params params = params_of(500.0, 1, 72.0);
    live(&person, &params, ECG_STANDARD_LEADS, 1.0F);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(person.told[i].code, 'Q');
    for (size_t i = 8; i < 16; i++)
        assert_int_equal(person.told[i].code, 'N');
}

static void shapes_are_the_same_at_any_rate(void **state)
{
    (void)state;
    enum { COUNT = 2048 };
    static float slow[COUNT];
    static float fast[COUNT];
    for (int i = 0; i < COUNT; i++) {
        slow[i] = expf(-powf(((float)i / 125.0F - 4.0F) / 0.03F, 2.0F));
        fast[i] = 3.0F * expf(-powf(((float)i / 1000.0F - 1.0F) / 0.03F, 2.0F));
    }
    struct ecg_history one = {.samples = slow, .length = COUNT, .lead_count = 1, .end = COUNT};
    struct ecg_history other = {.samples = fast, .length = COUNT, .lead_count = 1, .end = COUNT};
    float a[ECG_SHAPE_POINTS];
    float b[ECG_SHAPE_POINTS];
    float gain = 1.0F;
    struct ecg_likeness like;
    ecg_shape_take(&one, 125.0, 500, a);
    ecg_shape_take(&other, 1000.0, 1024, b); /* 24 ms late */
    assert_int_equal(ecg_shape_align(a, b, 1, &gain, &like), -3);
    assert_true(ecg_likeness_correlation(&like) > 0.999);
    struct ecg_width wide = ecg_shape_width(a, 1, &gain);
    struct ecg_width again = ecg_shape_width(b, 1, &gain);
    assert_true(fabs(wide.effective_ms - again.effective_ms) < 2.0);
    assert_true(wide.effective_ms > 40.0 && wide.effective_ms < 120.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(premature_beats_of_virtual_hearts_are_named),
        cmocka_unit_test(one_lead_in_counts_does_as_well),
        cmocka_unit_test(runs_of_atrial_beats_are_named_to_their_end),
        cmocka_unit_test(fibrillation_has_few_premature_beats),
        cmocka_unit_test(first_beats_are_not_classified),
        cmocka_unit_test(shapes_are_the_same_at_any_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
