/* Rhythms made of beats: each is told at its onset and at its end, where it began and ended, and nothing else is told;
whatever beats come, episodes pair up and basic rhythms do not overlap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/rhythm.h"

enum { EPISODES_MAX = 4096 };
#define FS_HZ 250.0

struct watch {
    struct ecg_rhythms rhythms;
    struct ecg_episode episodes[EPISODES_MAX];
    size_t count;
    int64_t sample;
    enum ecg_wave_state p;
    int p_count;
    double pr_ms;
    bool paced;
    uint32_t seed;
};

static struct watch watch;

static void note(void *context, const struct ecg_episode *episode)
{
    struct watch *w = context;
    assert_true(w->count < EPISODES_MAX);
    w->episodes[w->count++] = *episode;
}

static void start(enum ecg_wave_state p)
{
    memset(&watch, 0, sizeof watch);
    ecg_rhythms_init(&watch.rhythms, FS_HZ, ECG_UNITS_MV, 1, (enum ecg_lead[]){ECG_LEAD_II});
    watch.rhythms.listener = note;
    watch.rhythms.context = &watch;
    watch.p = p;
    watch.p_count = -1;
    watch.pr_ms = 160.0;
    watch.seed = 1;
}

static double random_share(void)
{
    watch.seed = watch.seed * 1664525U + 1013904223U;
    return (double)(watch.seed >> 8) / 16777216.0;
}

/* A beat `rr_ms` behind the one before, and its waves. */
static void beat(char code, double rr_ms)
{
    watch.sample += isnan(rr_ms) ? (int64_t)FS_HZ : (int64_t)lround(rr_ms * FS_HZ / 1000.0);
    ecg_rhythms_beat(&watch.rhythms, &(struct ecg_rhythm_beat){watch.sample, code, rr_ms});
    struct ecg_beat_waves waves = {
        .sample = watch.sample,
        .code = code,
        .rr_ms = rr_ms,
        .lead_count = 1,
        .pace_spike_ms = watch.paced ? -40.0 : (double)NAN,
        .p_count = watch.p_count,
    };
    waves.all[ECG_WAVE_P] = (struct ecg_wave_times){watch.p, (float)(-40.0 - watch.pr_ms), -140.0F, -100.0F};
    waves.all[ECG_WAVE_QRS] = (struct ecg_wave_times){ECG_WAVE_PRESENT, -40.0F, 0.0F, 50.0F};
    ecg_rhythms_waves(&watch.rhythms, &waves);
}

static void beats(int count, char code, double rr_ms)
{
    for (int i = 0; i < count; i++)
        beat(code, rr_ms);
}

static void fibrillate(int count, double mean_ms)
{
    for (int i = 0; i < count; i++)
        beat('N', mean_ms * (0.65 + 0.7 * random_share()));
}

static void pattern(const char *codes, int times)
{
    for (int i = 0; i < times; i++)
        for (const char *c = codes; *c; c++)
            beat(*c, *c == 'V' ? 560.0 : 880.0);
}

/* The nth episode of the rhythm as told last (its end, when it ended); NULL: none. */
static const struct ecg_episode *told(enum ecg_rhythm rhythm, size_t nth)
{
    int64_t onset = -1;
    const struct ecg_episode *found = NULL;
    for (size_t i = 0; i < watch.count; i++) {
        const struct ecg_episode *episode = &watch.episodes[i];
        if (episode->rhythm != rhythm)
            continue;
        if (episode->open && episode->onset != onset && found && nth-- == 0)
            return found;
        onset = episode->onset;
        found = episode;
    }
    return nth == 0 ? found : NULL;
}

static size_t times_told(enum ecg_rhythm rhythm)
{
    size_t count = 0;
    for (size_t i = 0; i < watch.count; i++)
        count += watch.episodes[i].rhythm == rhythm && watch.episodes[i].open;
    return count;
}

static void only(enum ecg_rhythm rhythm, enum ecg_rhythm other)
{
    for (size_t i = 0; i < watch.count; i++)
        if (watch.episodes[i].rhythm != rhythm && watch.episodes[i].rhythm != other)
            fail_msg("%s was told", ecg_rhythm_rows[watch.episodes[i].rhythm].name);
}

static void near_sample(int64_t is, int64_t expected, double beats_off)
{
    if (fabs((double)(is - expected)) > beats_off * 0.8 * FS_HZ)
        fail_msg("%.2f s is not near %.2f s", (double)is / FS_HZ, (double)expected / FS_HZ);
}

/* ---- tables ---- */

static void every_rhythm_and_limit_says_what_it_is(void **state)
{
    (void)state;
    for (int i = 0; i < ECG_RHYTHM_COUNT; i++) {
        const struct ecg_rhythm_row *row = &ecg_rhythm_rows[i];
        assert_true(row->name && row->name[0] && row->label && row->label[0]);
        assert_true(i == ECG_RHYTHM_UNKNOWN || (row->detect != NULL && row->when != 0));
        assert_true(i == ECG_RHYTHM_UNKNOWN || row->basic == (row->rank > 0));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(row->name, ecg_rhythm_rows[j].name);
    }
    for (size_t i = 0; i < ecg_rhythm_limit_count; i++) {
        const struct ecg_rhythm_limit_row *row = &ecg_rhythm_limits[i];
        assert_true(row->name && row->unit && row->source);
        assert_true(isfinite(row->value) && row->value != 0.0);
        assert_true(strlen(row->source) > 8);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(row->name, ecg_rhythm_limits[j].name);
    }
}

/* ---- atrial fibrillation ---- */

static void fibrillation_begins_and_ends_where_it_does(void **state)
{
    (void)state;
    static const double means_ms[] = {420.0, 600.0, 850.0, 1000.0};
    for (size_t i = 0; i < sizeof means_ms / sizeof means_ms[0]; i++) {
        start(ECG_WAVE_UNKNOWN);
        beats(30, 'N', 900.0);
        int64_t onset = watch.sample;
        fibrillate(60, means_ms[i]);
        int64_t end = watch.sample;
        const struct ecg_episode *episode = told(ECG_RHYTHM_ATRIAL_FIBRILLATION, 0);
        assert_non_null(episode);
        assert_true(episode->open);
        beats(30, 'N', 900.0);
        episode = told(ECG_RHYTHM_ATRIAL_FIBRILLATION, 0);
        assert_false(episode->open);
        near_sample(episode->onset, onset, 2.5);
        near_sample(episode->end, end, 3.0);
        assert_in_range(episode->beats, 52, 66);
        assert_true(fabs(60000.0 / episode->rate_mean_bpm - means_ms[i]) < 0.1 * means_ms[i]);
        assert_true(episode->rate_min_bpm < episode->rate_mean_bpm && episode->rate_mean_bpm < episode->rate_max_bpm);
        assert_int_equal(times_told(ECG_RHYTHM_ATRIAL_FIBRILLATION), 1);
    }
}

static void fibrillation_is_told_within_eighteen_beats(void **state)
{
    (void)state;
    unsigned found = 0;
    for (uint32_t seed = 1; seed <= 50; seed++) {
        start(ECG_WAVE_UNKNOWN);
        watch.seed = seed;
        beats(20, 'N', 800.0);
        fibrillate(18, 600.0);
        found += times_told(ECG_RHYTHM_ATRIAL_FIBRILLATION) == 1;
    }
    assert_in_range(found, 45, 50);
}

static void ten_seconds_of_fibrillation_are_told_at_the_end_of_a_record(void **state)
{
    (void)state;
    unsigned found = 0;
    for (uint32_t seed = 1; seed <= 50; seed++) {
        start(ECG_WAVE_ABSENT);
        watch.seed = seed;
        beat('N', (double)NAN);
        fibrillate(10, 900.0);
        ecg_rhythms_flush(&watch.rhythms, watch.sample + 100);
        found += told(ECG_RHYTHM_ATRIAL_FIBRILLATION, 0) != NULL;
        assert_int_equal(watch.rhythms.basic.open, false);
    }
    assert_in_range(found, 40, 50); /* ten beats: nine intervals */
}

/* Premature beats, bigeminy, a breathing heart, and slow changes of rate. */
static void irregular_sinus_rhythms_are_no_fibrillation(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    for (int i = 0; i < 60; i++) {
        beats(3 + i % 4, 'N', 850.0 + 30.0 * random_share());
        beat('A', 520.0);
        beat('N', 1050.0);
    }
    for (int i = 0; i < 60; i++) {
        beat('V', 480.0);
        beat('N', 1100.0);
    }
    for (int i = 0; i < 300; i++)
        beat('N', 900.0 + 90.0 * sin(i * 6.2832 / 5.0) + 20.0 * random_share());
    for (int i = 0; i < 100; i++)
        beat('N', 1000.0 - 5.0 * i);
    assert_int_equal(times_told(ECG_RHYTHM_ATRIAL_FIBRILLATION), 0);
}

static void p_waves_speak_against_fibrillation(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    for (int i = 0; i < 200; i++)
        beat('N', 850.0 * (0.87 + 0.26 * random_share()));
    unsigned long without = times_told(ECG_RHYTHM_ATRIAL_FIBRILLATION);
    assert_true(without > 0);
    start(ECG_WAVE_PRESENT);
    for (int i = 0; i < 200; i++)
        beat('N', 850.0 * (0.87 + 0.26 * random_share()));
    assert_int_equal(times_told(ECG_RHYTHM_ATRIAL_FIBRILLATION), 0);
}

static void tachycardia_within_fibrillation_splits_it(void **state)
{
    (void)state;
    start(ECG_WAVE_ABSENT);
    fibrillate(40, 700.0);
    beats(5, 'V', 400.0);
    int64_t vt_end = watch.sample;
    fibrillate(40, 700.0);
    ecg_rhythms_flush(&watch.rhythms, watch.sample);
    const struct ecg_episode *vt = told(ECG_RHYTHM_VT, 0);
    assert_int_equal(times_told(ECG_RHYTHM_ATRIAL_FIBRILLATION), 2);
    assert_int_equal(vt->beats, 5);
    assert_int_equal(vt->end, vt_end);
    assert_int_equal(told(ECG_RHYTHM_ATRIAL_FIBRILLATION, 0)->end, vt->onset);
    assert_int_equal(told(ECG_RHYTHM_ATRIAL_FIBRILLATION, 1)->onset, vt->end);
}

/* ---- ventricular beats ---- */

static void runs_of_ventricular_beats_are_named(void **state)
{
    static const struct {
        int count;
        double rr_ms;
        enum ecg_rhythm rhythm;
    } cases[] = {
        {2, 500.0, ECG_RHYTHM_COUPLET},         {3, 590.0, ECG_RHYTHM_VT},   {12, 400.0, ECG_RHYTHM_VT},
        {3, 700.0, ECG_RHYTHM_VENTRICULAR_RUN}, {100, 300.0, ECG_RHYTHM_VT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(ECG_WAVE_UNKNOWN);
        beats(10, 'N', 800.0);
        int64_t before = watch.sample;
        beats(cases[i].count, 'V', cases[i].rr_ms);
        int64_t end = watch.sample;
        beats(10, 'N', 800.0);
        const struct ecg_episode *episode = told(cases[i].rhythm, 0);
        assert_non_null(episode);
        only(cases[i].rhythm, ECG_RHYTHM_TACHYCARDIA);
        assert_int_equal(episode->onset, before + lround(cases[i].rr_ms * FS_HZ / 1000.0));
        assert_int_equal(episode->end, end);
        assert_int_equal(episode->beats, cases[i].count);
        assert_false(episode->open);
        assert_true(fabs(episode->rate_mean_bpm - 60000.0 / cases[i].rr_ms) < 1.0);
    }
}

static void a_long_tachycardia_lasts_though_its_beats_become_usual(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    beats(20, 'N', 800.0);
    beats(30, 'V', 350.0);
    beats(40, 'N', 355.0);
    int64_t end = watch.sample;
    beats(20, 'N', 800.0);
    assert_int_equal(times_told(ECG_RHYTHM_VT), 1);
    assert_int_equal(told(ECG_RHYTHM_VT, 0)->end, end);
    assert_int_equal(told(ECG_RHYTHM_VT, 0)->beats, 70);
}

static void slow_ventricular_beats_are_an_idioventricular_rhythm(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    beats(10, 'N', 800.0);
    beats(20, 'V', 900.0);
    beats(10, 'N', 800.0);
    assert_int_equal(times_told(ECG_RHYTHM_IDIOVENTRICULAR), 1);
    assert_int_equal(told(ECG_RHYTHM_IDIOVENTRICULAR, 0)->beats, 20);
    assert_int_equal(times_told(ECG_RHYTHM_VT), 0);
}

static void bigeminy_and_trigeminy_are_told_from_the_third_cycle(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    beats(10, 'N', 800.0);
    pattern("VN", 2);
    beats(5, 'N', 800.0);
    assert_int_equal(watch.count, 0);
    pattern("VN", 10);
    beats(2, 'N', 800.0);
    pattern("VNN", 5);
    beats(3, 'N', 800.0);
    only(ECG_RHYTHM_BIGEMINY, ECG_RHYTHM_TRIGEMINY);
    assert_int_equal(times_told(ECG_RHYTHM_BIGEMINY), 1);
    assert_int_equal(times_told(ECG_RHYTHM_TRIGEMINY), 1);
    assert_int_equal(told(ECG_RHYTHM_BIGEMINY, 0)->beats, 19);
    assert_int_equal(told(ECG_RHYTHM_TRIGEMINY, 0)->beats, 13);
    assert_false(told(ECG_RHYTHM_TRIGEMINY, 0)->open);
}

static void atrial_runs_are_told(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    beats(10, 'N', 800.0);
    beats(4, 'A', 480.0);
    beats(10, 'N', 800.0);
    assert_int_equal(times_told(ECG_RHYTHM_ATRIAL_RUN), 1);
    assert_int_equal(told(ECG_RHYTHM_ATRIAL_RUN, 0)->beats, 4);
}

/* ---- sinus and others ---- */

static void sinus_is_only_said_with_p_waves(void **state)
{
    static const struct {
        double rr_ms;
        enum ecg_rhythm with_p, without;
    } cases[] = {
        {800.0, ECG_RHYTHM_SINUS, ECG_RHYTHM_UNKNOWN},
        {500.0, ECG_RHYTHM_SINUS_TACHYCARDIA, ECG_RHYTHM_TACHYCARDIA},
        {1100.0, ECG_RHYTHM_SINUS_BRADYCARDIA, ECG_RHYTHM_UNKNOWN},
        {1300.0, ECG_RHYTHM_SINUS_BRADYCARDIA, ECG_RHYTHM_BRADYCARDIA},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(ECG_WAVE_PRESENT);
        beats(30, 'N', cases[i].rr_ms);
        assert_int_equal(watch.rhythms.basic.rhythm, cases[i].with_p);
        start(ECG_WAVE_UNKNOWN);
        beats(30, 'N', cases[i].rr_ms);
        assert_int_equal(watch.rhythms.basic.rhythm, cases[i].without);
    }
}

static void a_rate_at_the_limit_does_not_flicker(void **state)
{
    (void)state;
    start(ECG_WAVE_PRESENT);
    for (int i = 0; i < 400; i++)
        beat('N', 600.0 + 15.0 * sin(i * 0.13));
    assert_true(times_told(ECG_RHYTHM_SINUS) + times_told(ECG_RHYTHM_SINUS_TACHYCARDIA) <= 2);
    beats(40, 'N', 750.0);
    assert_int_equal(watch.rhythms.basic.rhythm, ECG_RHYTHM_SINUS);
}

static void a_breathing_heart_has_sinus_arrhythmia(void **state)
{
    (void)state;
    start(ECG_WAVE_PRESENT);
    for (int i = 0; i < 100; i++)
        beat('N', 850.0 + 100.0 * sin(i * 6.2832 / 6.0));
    assert_int_equal(watch.rhythms.basic.rhythm, ECG_RHYTHM_SINUS_ARRHYTHMIA);
    start(ECG_WAVE_PRESENT);
    for (int i = 0; i < 100; i++)
        beat('N', 850.0 + 20.0 * sin(i * 6.2832 / 6.0));
    assert_int_equal(watch.rhythms.basic.rhythm, ECG_RHYTHM_SINUS);
}

static void a_sudden_fast_regular_rhythm_is_supraventricular_tachycardia(void **state)
{
    (void)state;
    start(ECG_WAVE_ABSENT);
    beats(20, 'N', 800.0);
    int64_t before = watch.sample;
    beats(40, 'N', 360.0);
    int64_t end = watch.sample;
    beats(20, 'N', 800.0);
    const struct ecg_episode *svt = told(ECG_RHYTHM_SVT, 0);
    assert_non_null(svt);
    assert_int_equal(svt->onset, before + lround(0.36 * FS_HZ));
    assert_int_equal(svt->end, end);
    assert_int_equal(svt->beats, 40);
}

static void no_p_wave_before_narrow_regular_beats_is_junctional(void **state)
{
    (void)state;
    start(ECG_WAVE_ABSENT);
    beats(30, 'N', 1200.0);
    assert_int_equal(watch.rhythms.basic.rhythm, ECG_RHYTHM_JUNCTIONAL);
}

static void spikes_before_beats_are_a_paced_rhythm(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    beats(20, 'N', 850.0);
    watch.paced = true;
    int64_t before = watch.sample;
    beats(20, 'V', 850.0);
    assert_int_equal(watch.rhythms.basic.rhythm, ECG_RHYTHM_PACED);
    near_sample(watch.rhythms.basic.onset, before, 2.0);
    only(ECG_RHYTHM_PACED, ECG_RHYTHM_PACED);
    watch.paced = false;
    beats(20, 'N', 850.0);
    assert_false(told(ECG_RHYTHM_PACED, 0)->open);
}

static void a_pause_is_told_when_it_ends(void **state)
{
    (void)state;
    start(ECG_WAVE_UNKNOWN);
    beats(10, 'N', 900.0);
    beat('N', 1990.0);
    assert_int_equal(watch.count, 0);
    int64_t before = watch.sample;
    beat('N', 2400.0);
    beat('N', 900.0);
    const struct ecg_episode *pause = told(ECG_RHYTHM_PAUSE, 0);
    assert_non_null(pause);
    assert_int_equal(pause->onset, before);
    assert_int_equal(pause->end, before + lround(2.4 * FS_HZ));
    beat('N', (double)NAN); /* a gap is no pause */
    assert_int_equal(times_told(ECG_RHYTHM_PAUSE), 1);
}

/* Wenckebach: PR grows until a beat is missing; the same with the dropped P wave counted. */
static void dropped_beats_are_a_second_degree_block_and_no_fibrillation(void **state)
{
    (void)state;
    for (int counted = 0; counted < 2; counted++) {
        start(ECG_WAVE_PRESENT);
        beats(20, 'N', 800.0);
        for (int i = 0; i < 12; i++) {
            watch.p_count = counted ? 2 : -1;
            watch.pr_ms = 160.0;
            beat('N', 1400.0);
            watch.p_count = counted ? 1 : -1;
            watch.pr_ms = 230.0;
            beat('N', 870.0);
            watch.pr_ms = 260.0;
            beat('N', 830.0);
        }
        assert_int_equal(times_told(ECG_RHYTHM_AV_BLOCK_2), 1);
        assert_int_equal(times_told(ECG_RHYTHM_ATRIAL_FIBRILLATION), 0);
        watch.pr_ms = 160.0;
        beats(20, 'N', 800.0);
        assert_false(told(ECG_RHYTHM_AV_BLOCK_2, 0)->open);
    }
}

static void two_p_waves_to_each_beat_are_a_second_degree_block(void **state)
{
    (void)state;
    start(ECG_WAVE_PRESENT);
    watch.p_count = 2;
    beats(20, 'N', 1500.0);
    assert_int_equal(times_told(ECG_RHYTHM_AV_BLOCK_2), 1);
    assert_int_equal(times_told(ECG_RHYTHM_AV_BLOCK_3), 0);
}

static void p_waves_that_keep_no_distance_are_a_complete_block(void **state)
{
    (void)state;
    start(ECG_WAVE_PRESENT);
    for (int i = 0; i < 30; i++) {
        watch.p_count = 1 + i % 2 + i % 3;
        watch.pr_ms = 90.0 + 270.0 * random_share();
        beat('N', 1600.0);
    }
    assert_int_equal(times_told(ECG_RHYTHM_AV_BLOCK_3), 1);
    start(ECG_WAVE_PRESENT);
    watch.p_count = 1;
    beats(30, 'N', 1600.0);
    assert_int_equal(times_told(ECG_RHYTHM_AV_BLOCK_3) + times_told(ECG_RHYTHM_AV_BLOCK_2), 0);
}

/* ---- what is measured ---- */

static struct ecg_measurements measured(double pr_ms, double qrs_ms)
{
    struct ecg_measurements m = {.from = watch.sample, .sample = watch.sample + 2500, .code = 'N', .p_present = 1.0};
    static const enum ecg_lead leads[] = {ECG_LEAD_I, ECG_LEAD_V1, ECG_LEAD_V6};
    m.lead_count = 3;
    m.all[ECG_M_PR] = (struct ecg_figure){.value = pr_ms, .beats = 8};
    m.all[ECG_M_QRS] = (struct ecg_figure){.value = qrs_ms, .beats = 8};
    for (size_t lead = 0; lead < 3; lead++) {
        m.leads[lead] = leads[lead];
        for (int i = 0; i < ECG_LM_COUNT; i++)
            m.lead[lead][i] = (struct ecg_figure){.value = 0.0, .beats = 8};
        m.lead[lead][ECG_LM_R].value = 1.0;
        m.lead[lead][ECG_LM_R_PEAK_MS].value = 35.0;
    }
    watch.sample = m.sample;
    return m;
}

static void tell_measured(const struct ecg_measurements *m)
{
    ecg_rhythms_measured(&watch.rhythms, m);
}

static void a_long_pr_is_a_first_degree_block(void **state)
{
    (void)state;
    static const double pr_ms[] = {190.0, 210.0, 195.0, 185.0, (double)NAN};
    start(ECG_WAVE_PRESENT);
    beats(20, 'N', 900.0);
    for (size_t i = 0; i < sizeof pr_ms / sizeof pr_ms[0]; i++) {
        struct ecg_measurements m = measured(pr_ms[i], 90.0);
        tell_measured(&m);
        bool open = times_told(ECG_RHYTHM_AV_BLOCK_1) == 1 && told(ECG_RHYTHM_AV_BLOCK_1, 0)->open;
        assert_int_equal(open, i == 1 || i == 2);
    }
}

static void bundle_branch_blocks_are_told_by_their_shape(void **state)
{
    (void)state;
    start(ECG_WAVE_PRESENT);
    beats(20, 'N', 900.0);
    struct ecg_measurements narrow = measured(160.0, 90.0);
    tell_measured(&narrow);
    struct ecg_measurements wide = measured(160.0, 140.0); /* and no shape of either */
    tell_measured(&wide);
    assert_int_equal(times_told(ECG_RHYTHM_RBBB) + times_told(ECG_RHYTHM_LBBB), 0);
    struct ecg_measurements right = measured(160.0, 140.0);
    right.lead[0][ECG_LM_S_MS].value = 55.0;
    right.lead[1][ECG_LM_R].value = 0.15;
    right.lead[1][ECG_LM_S].value = -0.3;
    right.lead[1][ECG_LM_R2].value = 0.7;
    tell_measured(&right);
    assert_int_equal(times_told(ECG_RHYTHM_RBBB), 1);
    assert_int_equal(times_told(ECG_RHYTHM_LBBB), 0);
    struct ecg_measurements left = measured(160.0, 150.0);
    left.lead[1][ECG_LM_R].value = 0.1;
    left.lead[1][ECG_LM_S].value = -1.4;
    left.lead[2][ECG_LM_R_PEAK_MS].value = 80.0;
    tell_measured(&left);
    assert_false(told(ECG_RHYTHM_RBBB, 0)->open);
    assert_true(told(ECG_RHYTHM_LBBB, 0)->open);
    left.lead_count = 1; /* V1 is not there any more */
    tell_measured(&left);
    assert_false(told(ECG_RHYTHM_LBBB, 0)->open);
}

/* ---- what always holds ---- */

static void a_gap_and_the_end_of_the_signal_end_all_episodes(void **state)
{
    (void)state;
    for (int flush = 0; flush < 2; flush++) {
        start(ECG_WAVE_ABSENT);
        fibrillate(60, 600.0);
        pattern("NV", 8);
        size_t open = 0;
        for (size_t i = 0; i < watch.count; i++)
            open += watch.episodes[i].open;
        assert_true(open >= 2);
        assert_true(watch.count < 2 * open);
        if (flush)
            ecg_rhythms_flush(&watch.rhythms, watch.sample + 10);
        else
            ecg_rhythms_forget(&watch.rhythms, watch.sample + 10);
        assert_int_equal(watch.count, 2 * open);
        assert_int_equal(watch.rhythms.basic.rhythm, flush ? ECG_RHYTHM_ATRIAL_FIBRILLATION : ECG_RHYTHM_UNKNOWN);
        ecg_rhythms_forget(&watch.rhythms, watch.sample + 20);
        assert_int_equal(watch.count, 2 * open);
    }
}

static void pairs_up(void)
{
    bool open[ECG_RHYTHM_COUNT] = {false};
    int64_t onset[ECG_RHYTHM_COUNT] = {0};
    int basics = 0;
    int64_t basic_end = 0;
    for (size_t i = 0; i < watch.count; i++) {
        const struct ecg_episode *episode = &watch.episodes[i];
        bool basic = ecg_rhythm_rows[episode->rhythm].basic;
        assert_true(open[episode->rhythm] != episode->open);
        assert_true(episode->end >= episode->onset && episode->onset >= 0 && episode->end <= watch.sample + 100);
        assert_true(episode->open || onset[episode->rhythm] == episode->onset);
        assert_true(isnan(episode->rate_mean_bpm) || (episode->rate_min_bpm <= episode->rate_mean_bpm + 1e-6 &&
                                                      episode->rate_mean_bpm <= episode->rate_max_bpm + 1e-6));
        open[episode->rhythm] = episode->open;
        onset[episode->rhythm] = episode->onset;
        if (!basic)
            continue;
        basics += episode->open ? 1 : -1;
        assert_in_range(basics, 0, 1);
        assert_true(!episode->open || episode->onset >= basic_end);
        basic_end = episode->open ? basic_end : episode->end;
    }
}

static void whatever_comes_episodes_pair_up(void **state)
{
    (void)state;
    static const char codes[] = "NNNNVVVAQ/";
    for (uint32_t seed = 1; seed <= 200; seed++) {
        start(ECG_WAVE_UNKNOWN);
        watch.seed = seed * 7919U;
        for (int i = 0; i < 40; i++) {
            double what = random_share();
            char code = codes[(size_t)(random_share() * (double)(sizeof codes - 1))];
            watch.p = (enum ecg_wave_state)(random_share() * 3.0);
            if (what < 0.3)
                fibrillate(1 + (int)(30.0 * random_share()), 300.0 + 900.0 * random_share());
            else if (what < 0.9)
                beats(1 + (int)(20.0 * random_share()), code, 250.0 + 2000.0 * random_share() * random_share());
            else if (what < 0.93)
                beat(code, (double)NAN);
            else if (what < 0.97)
                ecg_rhythms_forget(&watch.rhythms, watch.sample);
            else
                ecg_rhythms_flush(&watch.rhythms, watch.sample);
        }
        ecg_rhythms_flush(&watch.rhythms, watch.sample);
        pairs_up();
        for (size_t i = 0; i < watch.count; i++)
            assert_true(watch.episodes[watch.count - 1].open == false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rhythm_and_limit_says_what_it_is),
        cmocka_unit_test(fibrillation_begins_and_ends_where_it_does),
        cmocka_unit_test(fibrillation_is_told_within_eighteen_beats),
        cmocka_unit_test(ten_seconds_of_fibrillation_are_told_at_the_end_of_a_record),
        cmocka_unit_test(irregular_sinus_rhythms_are_no_fibrillation),
        cmocka_unit_test(p_waves_speak_against_fibrillation),
        cmocka_unit_test(tachycardia_within_fibrillation_splits_it),
        cmocka_unit_test(runs_of_ventricular_beats_are_named),
        cmocka_unit_test(a_long_tachycardia_lasts_though_its_beats_become_usual),
        cmocka_unit_test(slow_ventricular_beats_are_an_idioventricular_rhythm),
        cmocka_unit_test(bigeminy_and_trigeminy_are_told_from_the_third_cycle),
        cmocka_unit_test(atrial_runs_are_told),
        cmocka_unit_test(sinus_is_only_said_with_p_waves),
        cmocka_unit_test(a_rate_at_the_limit_does_not_flicker),
        cmocka_unit_test(a_breathing_heart_has_sinus_arrhythmia),
        cmocka_unit_test(a_sudden_fast_regular_rhythm_is_supraventricular_tachycardia),
        cmocka_unit_test(no_p_wave_before_narrow_regular_beats_is_junctional),
        cmocka_unit_test(spikes_before_beats_are_a_paced_rhythm),
        cmocka_unit_test(a_pause_is_told_when_it_ends),
        cmocka_unit_test(dropped_beats_are_a_second_degree_block_and_no_fibrillation),
        cmocka_unit_test(two_p_waves_to_each_beat_are_a_second_degree_block),
        cmocka_unit_test(p_waves_that_keep_no_distance_are_a_complete_block),
        cmocka_unit_test(a_long_pr_is_a_first_degree_block),
        cmocka_unit_test(bundle_branch_blocks_are_told_by_their_shape),
        cmocka_unit_test(a_gap_and_the_end_of_the_signal_end_all_episodes),
        cmocka_unit_test(whatever_comes_episodes_pair_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
