/* The analysis, against virtual hearts whose beats are known: every beat is found once, in time, at any sampling rate,
in millivolts and counts, in any portions; and where there is no heart, or no signal, there is no number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "sim/heart.h"

enum { BEATS_MAX = 2048, VITALS_MAX = 512 };

struct recording {
    double fs_hz;
    size_t count;
    float *mv[ECG_STANDARD_LEADS];
    struct sim_truth_beat truth[BEATS_MAX];
    size_t truth_count;
};

struct findings {
    struct ecg_pipeline *pipeline;
    struct ecg_beat beats[BEATS_MAX];
    int64_t told_at[BEATS_MAX];
    size_t beat_count;
    int64_t seen[BEATS_MAX], seen_at[BEATS_MAX];
    size_t seen_count;
    struct ecg_vitals vitals[VITALS_MAX];
    size_t vitals_count;
};

static void note_truth(void *context, const struct sim_truth_beat *beat)
{
    struct recording *recording = context;
    assert_true(recording->truth_count < BEATS_MAX);
    recording->truth[recording->truth_count++] = *beat;
}

static void note_beat(void *context, const struct ecg_beat *beat)
{
    struct findings *findings = context;
    assert_true(findings->beat_count < BEATS_MAX);
    findings->told_at[findings->beat_count] = ecg_pipeline_position(findings->pipeline);
    findings->beats[findings->beat_count++] = *beat;
}

static void note_detection(void *context, const struct ecg_detection *detection)
{
    struct findings *findings = context;
    assert_true(findings->seen_count < BEATS_MAX);
    findings->seen_at[findings->seen_count] = ecg_pipeline_position(findings->pipeline);
    findings->seen[findings->seen_count++] = detection->sample;
}

static void note_vitals(void *context, const struct ecg_vitals *vitals)
{
    struct findings *findings = context;
    assert_true(findings->vitals_count < VITALS_MAX);
    findings->vitals[findings->vitals_count++] = *vitals;
}

/* With a premature beat every ten seconds, PVC and PAC in turn. */
static struct recording *record(double fs_hz, double heart_rate_bpm, unsigned seconds, bool premature)
{
    struct recording *recording = calloc(1, sizeof *recording);
    assert_non_null(recording);
    struct sim_params params;
    struct sim_heart *heart = NULL;
    sim_params_default(&params);
    params.fs_hz = fs_hz;
    params.heart_rate_bpm = heart_rate_bpm;
    assert_int_equal(sim_heart_new(&params, &heart, NULL), HL_OK);
    size_t second = (size_t)fs_hz;
    recording->fs_hz = fs_hz;
    recording->count = second * seconds;
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        recording->mv[lead] = calloc(recording->count, sizeof(float));
    struct sim_sink sink = {.context = recording, .beat = note_truth};
    for (unsigned i = 0; i < seconds; i++) {
        float *leads[ECG_STANDARD_LEADS];
        for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
            leads[lead] = recording->mv[lead] + i * second;
        if (premature && i % 10 == 5)
            assert_int_equal(sim_heart_inject(heart, (enum sim_anomaly)(i / 10 % 2), NULL), HL_OK);
        sim_heart_run(heart, leads, second, &sink);
    }
    sim_heart_free(heart);
    return recording;
}

static void free_recording(struct recording *recording)
{
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        free(recording->mv[lead]);
    free(recording);
}

static struct ecg_config config_of(double fs_hz, size_t lead_count)
{
    struct ecg_config config = {.fs_hz = fs_hz, .units = ECG_UNITS_MV, .lead_count = lead_count};
    for (size_t lead = 0; lead < lead_count; lead++)
        config.leads[lead] = lead_count == 1 ? ECG_LEAD_II : (enum ecg_lead)lead;
    return config;
}

static struct findings *findings_of(const struct ecg_config *config)
{
    struct findings *findings = calloc(1, sizeof *findings);
    assert_non_null(findings);
    assert_int_equal(ecg_pipeline_new(config, &findings->pipeline, NULL), HL_OK);
    return findings;
}

static void free_findings(struct findings *findings)
{
    ecg_pipeline_free(findings->pipeline);
    free(findings);
}

static void feed(struct findings *findings, float *const *leads, size_t lead_count, size_t from, size_t count)
{
    const float *at[ECG_MAX_LEADS];
    for (size_t lead = 0; lead < lead_count; lead++)
        at[lead] = leads[lead] + from;
    struct ecg_sink sink = {.context = findings, .detected = note_detection, .beat = note_beat, .vitals = note_vitals};
    ecg_pipeline_feed(findings->pipeline, at, count, &sink);
}

static void feed_in_portions(struct findings *findings, const struct recording *recording, float *const *leads,
                             size_t lead_count, size_t portion)
{
    for (size_t at = 0; at < recording->count; at += portion) {
        size_t left = recording->count - at;
        feed(findings, leads, lead_count, at, left < portion ? left : portion);
    }
}

static void flush(struct findings *findings)
{
    struct ecg_sink sink = {.context = findings, .beat = note_beat, .vitals = note_vitals};
    ecg_pipeline_flush(findings->pipeline, &sink);
}

/* Every true beat once and nothing else; a beat whose peak is not 100 ms old at the end may be missing. */
static void assert_all_found(const struct findings *findings, const struct recording *recording)
{
    int64_t end = (int64_t)recording->count - (int64_t)(0.1 * recording->fs_hz);
    size_t expected = 0;
    for (size_t i = 0; i < recording->truth_count; i++) {
        if (recording->truth[i].sample >= end)
            break;
        assert_true(i < findings->beat_count);
        double off_s = (double)(findings->beats[i].sample - recording->truth[i].sample) / recording->fs_hz;
        assert_true(fabs(off_s) < 0.06);
        expected++;
    }
    assert_in_range(findings->beat_count, expected, expected + 1);
}

static void all_beats_are_found_in_twelve_leads(void **state)
{
    (void)state;
    static const double rates_hz[] = {80.0, 250.0, 443.34, 500.0, 1000.0};
    static const double heart_rates_bpm[] = {30.0, 50.0, 72.0, 110.0, 140.0};
    for (size_t f = 0; f < sizeof rates_hz / sizeof rates_hz[0]; f++) {
        for (size_t h = 0; h < sizeof heart_rates_bpm / sizeof heart_rates_bpm[0]; h++) {
            struct recording *recording = record(rates_hz[f], heart_rates_bpm[h], 60, true);
            struct ecg_config config = config_of(rates_hz[f], ECG_STANDARD_LEADS);
            struct findings *findings = findings_of(&config);
            feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 250);
            flush(findings);
            assert_all_found(findings, recording);
            free_findings(findings);
            free_recording(recording);
        }
    }
}

static void uncalibrated_counts_do_as_well(void **state)
{
    (void)state;
    struct recording *recording = record(443.34, 72.0, 60, true);
    float *two = recording->mv[ECG_LEAD_II];
    for (size_t i = 0; i < recording->count; i++)
        two[i] = roundf(2000.0F + 37.0F * two[i]);
    struct ecg_config config = config_of(443.34, 1);
    config.units = ECG_UNITS_ADU;
    struct findings *findings = findings_of(&config);
    feed_in_portions(findings, recording, &two, 1, 443);
    flush(findings);
    assert_all_found(findings, recording);
    free_findings(findings);
    free_recording(recording);
}

static void portions_make_no_difference(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 30, true);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *whole = findings_of(&config);
    struct findings *drops = findings_of(&config);
    feed_in_portions(whole, recording, recording->mv, ECG_STANDARD_LEADS, recording->count);
    feed_in_portions(drops, recording, recording->mv, ECG_STANDARD_LEADS, 1);
    assert_int_equal(whole->beat_count, drops->beat_count);
    assert_int_equal(whole->vitals_count, drops->vitals_count);
    for (size_t i = 0; i < whole->beat_count; i++)
        assert_int_equal(whole->beats[i].sample, drops->beats[i].sample);
    free_findings(whole);
    free_findings(drops);
    free_recording(recording);
}

static void first_beat_is_told_within_the_first_second(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 5, false);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 5);
    assert_true(findings->beat_count > 0);
    assert_true(findings->told_at[0] <= 500);
    assert_true(isnan(findings->beats[0].rr_ms));
    assert_int_equal(findings->beats[0].code, 'Q');
    free_findings(findings);
    free_recording(recording);
}

static void beats_are_told_within_the_stated_delay(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 90.0, 60, true);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    double most_ms = ecg_pipeline_delay_ms(findings->pipeline);
    assert_true(most_ms <= 400.0);
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 1);
    for (size_t i = 3; i < findings->beat_count; i++)
        assert_true((double)(findings->told_at[i] - findings->beats[i].sample) * 2.0 <= most_ms);
    free_findings(findings);
    free_recording(recording);
}

/* At most 400 ms behind the R peak for nearly all of them, whatever the longest wait is. */
static void most_beats_are_told_soon(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 60, true);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    size_t late = 0;
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 1);
    for (size_t i = 3; i < findings->beat_count; i++)
        late += findings->told_at[i] - findings->beats[i].sample > 200;
    assert_in_range(late, 0, findings->beat_count / 20);
    free_findings(findings);
    free_recording(recording);
}

/* Behind the learning time each beat is seen once, before it is told and nearly always within 150 ms. */
static void beats_are_seen_before_they_are_told(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 60, true);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    size_t late = 0;
    size_t seen = 0;
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 1);
    flush(findings);
    for (size_t i = 0; i < findings->beat_count; i++) {
        const struct ecg_beat *beat = &findings->beats[i];
        if (beat->sample < 1000)
            continue;
        while (seen < findings->seen_count && findings->seen[seen] < beat->sample - 50)
            seen++;
        assert_true(seen < findings->seen_count);
        assert_true(llabs(findings->seen[seen] - beat->sample) <= 50);
        assert_true(findings->seen_at[seen] < findings->told_at[i]);
        late += findings->seen_at[seen] - beat->sample > 75;
    }
    assert_in_range(late, 0, findings->beat_count / 20);
    assert_in_range(findings->seen_count, findings->beat_count - 3, findings->beat_count);
    free_findings(findings);
    free_recording(recording);
}

static void rate_is_told_each_second(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 30, false);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 77);
    assert_int_equal(findings->vitals_count, 30);
    assert_true(isnan(findings->vitals[0].heart_rate_bpm));
    assert_int_equal(findings->vitals[29].sample, 30 * 500);
    assert_true(fabs(findings->vitals[29].heart_rate_bpm - 72.0) < 4.0);
    assert_int_equal(findings->vitals[29].rr_count, 12);
    free_findings(findings);
    free_recording(recording);
}

static void slow_rate_stands_on_four_intervals(void **state)
{
    (void)state;
    struct recording *recording = record(250.0, 40.0, 40, false);
    struct ecg_config config = config_of(250.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 250);
    assert_int_equal(findings->vitals[39].rr_count, 4);
    assert_true(fabs(findings->vitals[39].heart_rate_bpm - 40.0) < 4.0);
    free_findings(findings);
    free_recording(recording);
}

/* Ten seconds of heart, then `after` for ten more. */
static struct findings *heart_then(float after)
{
    struct recording *recording = record(500.0, 72.0, 20, false);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
        for (size_t i = recording->count / 2; i < recording->count; i++)
            recording->mv[lead][i] = after;
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 100);
    free_recording(recording);
    return findings;
}

static void rate_of_a_stopped_heart_is_unknown(void **state)
{
    (void)state;
    static const float after[] = {0.0F, 3.0F, NAN, INFINITY, 3e38F};
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        struct findings *findings = heart_then(after[i]);
        assert_true(!isnan(findings->vitals[9].heart_rate_bpm));
        for (size_t second = 13; second < 20; second++) {
            assert_true(isnan(findings->vitals[second].heart_rate_bpm));
            assert_true(isnan(findings->vitals[second].rr_ms));
            assert_int_equal(findings->vitals[second].rr_count, 0);
        }
        assert_in_range(findings->beat_count, 11, 13);
        free_findings(findings);
    }
}

static void gap_moves_the_index_and_breaks_the_rr(void **state)
{
    (void)state;
    static const int64_t gaps[] = {1, 100, 400, 5000, 5000000};
    struct recording *recording = record(500.0, 72.0, 20, false);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++) {
        struct findings *findings = findings_of(&config);
        struct ecg_sink sink = {.context = findings, .beat = note_beat, .vitals = note_vitals};
        feed(findings, recording->mv, ECG_STANDARD_LEADS, 0, 5000);
        ecg_pipeline_gap(findings->pipeline, gaps[i], &sink);
        assert_true(ecg_pipeline_position(findings->pipeline) == 5000 + gaps[i]);
        size_t before = findings->beat_count;
        feed(findings, recording->mv, ECG_STANDARD_LEADS, 5000, 5000);
        assert_true(findings->beat_count > before + 5);
        if (gaps[i] >= 100)
            assert_true(isnan(findings->beats[before].rr_ms));
        for (size_t k = before; k < findings->beat_count; k++)
            assert_true(findings->beats[k].sample >= 5000 - 200 && findings->beats[k].sample < 10000 + gaps[i]);
        free_findings(findings);
    }
    free_recording(recording);
}

static void largest_gaps_do_not_overflow(void **state)
{
    (void)state;
    struct ecg_config config = config_of(2000.0, 1);
    struct findings *findings = findings_of(&config);
    for (int i = 0; i < 4; i++)
        ecg_pipeline_gap(findings->pipeline, INT64_MAX, NULL);
    ecg_pipeline_gap(findings->pipeline, -5, NULL);
    assert_true(ecg_pipeline_position(findings->pipeline) > 0);
    free_findings(findings);
}

static void lead_that_falls_off_does_not_matter(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 40, true);
    for (size_t i = 0; i < recording->count; i++) {
        recording->mv[ECG_LEAD_II][i] = i > 7000 ? NAN : recording->mv[ECG_LEAD_II][i];
        recording->mv[ECG_LEAD_V2][i] = i > 9000 ? 0.0F : recording->mv[ECG_LEAD_V2][i];
        if (i % 1000 < 30)
            recording->mv[ECG_LEAD_V5][i] = NAN;
    }
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    feed_in_portions(findings, recording, recording->mv, ECG_STANDARD_LEADS, 500);
    flush(findings);
    assert_all_found(findings, recording);
    free_findings(findings);
    free_recording(recording);
}

static void square_waves_and_steps_are_no_beats(void **state)
{
    (void)state;
    enum { SECONDS = 30, FS = 500 };
    static const float heights[] = {5.0F, 2000.0F, 3e8F};
    static float x[SECONDS * FS];
    for (size_t h = 0; h < sizeof heights / sizeof heights[0]; h++) {
        for (size_t i = 0; i < SECONDS * FS; i++)
            x[i] = i / 250 % 2 ? heights[h] : -heights[h];
        struct ecg_config config = config_of(FS, 1);
        struct findings *findings = findings_of(&config);
        float *leads[] = {x};
        feed(findings, leads, 1, 0, SECONDS * FS);
        flush(findings);
        assert_int_equal(findings->beat_count, 0);
        free_findings(findings);
    }
}

/* What `spoil` does to a lead of a recording. */
typedef void spoiler(float *x, const struct recording *recording);

/* A heart on one lead, spoilt: what was found of it, and the recording. */
static struct findings *findings_in(double fs_hz, spoiler *spoil, struct recording **recording)
{
    struct ecg_config config = config_of(fs_hz, 1);
    struct findings *findings = findings_of(&config);
    *recording = record(fs_hz, 72.0, 60, false);
    float *two = (*recording)->mv[ECG_LEAD_II];
    spoil(two, *recording);
    feed_in_portions(findings, *recording, &two, 1, 250);
    flush(findings);
    return findings;
}

static void assert_all_found_in(double fs_hz, spoiler *spoil)
{
    struct recording *recording;
    struct findings *findings = findings_in(fs_hz, spoil, &recording);
    assert_all_found(findings, recording);
    free_findings(findings);
    free_recording(recording);
}

/* True beats found and beats told from `from_s` on. */
struct found {
    size_t beats, right, told;
};

static struct found found_from(const struct findings *findings, const struct recording *recording, double from_s)
{
    struct found found = {0};
    int64_t from = (int64_t)(from_s * recording->fs_hz);
    int64_t end = (int64_t)recording->count - (int64_t)(0.1 * recording->fs_hz);
    for (size_t i = 0; i < findings->beat_count; i++)
        found.told += findings->beats[i].sample >= from;
    for (size_t i = 0; i < recording->truth_count; i++) {
        if (recording->truth[i].sample < from || recording->truth[i].sample >= end)
            continue;
        found.beats++;
        for (size_t k = 0; k < findings->beat_count; k++)
            found.right +=
                fabs((double)(findings->beats[k].sample - recording->truth[i].sample)) < 0.06 * recording->fs_hz;
    }
    return found;
}

/* Spikes of 10 mV that last 2 ms: before each QRS, and halfway to the next one, where no beat follows. */
static void add_spikes(float *x, const struct recording *recording)
{
    int64_t length = (int64_t)ceil(0.002 * recording->fs_hz);
    for (size_t i = 0; i < recording->truth_count; i++) {
        int64_t r = recording->truth[i].sample;
        int64_t starts[] = {r - (int64_t)(0.06 * recording->fs_hz), r + (int64_t)(0.45 * recording->fs_hz)};
        for (size_t k = 0; k < 2; k++)
            for (int64_t at = starts[k]; at < starts[k] + length; at++)
                if (at >= 0 && at < (int64_t)recording->count)
                    x[at] += 10.0F;
    }
}

static void pacing_spikes_are_no_beats_and_hide_none(void **state)
{
    (void)state;
    static const double rates_hz[] = {500.0, 1000.0, 2000.0};
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++)
        assert_all_found_in(rates_hz[i], add_spikes);
}

static void clip_peaks(float *x, const struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        x[i] = fminf(fmaxf(x[i], -0.1F), 0.35F);
}

static void clipped_peaks_are_beats(void **state)
{
    (void)state;
    assert_all_found_in(250.0, clip_peaks);
    assert_all_found_in(500.0, clip_peaks);
}

static void scale_from_20_s(float *x, const struct recording *recording, float scale)
{
    for (size_t i = (size_t)(20.0 * recording->fs_hz); i < recording->count; i++)
        x[i] *= scale;
}

static void enlarge(float *x, const struct recording *recording)
{
    scale_from_20_s(x, recording, 5.0F);
}

static void diminish(float *x, const struct recording *recording)
{
    scale_from_20_s(x, recording, 0.25F);
}

static void jump(float *x, const struct recording *recording)
{
    for (size_t i = (size_t)(20.0 * recording->fs_hz); i < recording->count; i++)
        x[i] += 200.0F;
}

static void beats_of_another_size_are_found_after_a_while(void **state)
{
    (void)state;
    static spoiler *const spoilers[] = {enlarge, diminish, jump};
    for (size_t i = 0; i < sizeof spoilers / sizeof spoilers[0]; i++) {
        struct recording *recording;
        struct findings *findings = findings_in(500.0, spoilers[i], &recording);
        struct found found = found_from(findings, recording, 30.0);
        assert_int_equal(found.right, found.beats);
        assert_in_range(found.told, found.beats, found.beats + 1);
        assert_in_range(findings->beat_count, recording->truth_count - 12, recording->truth_count + 1);
        free_findings(findings);
        free_recording(recording);
    }
}

static float noise_of(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(*seed >> 8) / 8388608.0F - 1.0F;
}

/* Three seconds of noise twice as high as the beats. */
static void add_burst(float *x, const struct recording *recording)
{
    uint32_t seed = 1;
    for (size_t i = (size_t)(20.0 * recording->fs_hz); i < (size_t)(23.0 * recording->fs_hz); i++)
        x[i] += 2.0F * noise_of(&seed);
}

static void add_strong_burst(float *x, const struct recording *recording)
{
    uint32_t seed = 1;
    for (size_t i = (size_t)(20.0 * recording->fs_hz); i < (size_t)(23.0 * recording->fs_hz); i++)
        x[i] += 10.0F * noise_of(&seed);
}

/* Ten times as high as the beats: what was taken for beats within it must not make the detector deaf. */
static void strong_burst_of_noise_is_over_soon(void **state)
{
    (void)state;
    struct recording *recording;
    struct findings *findings = findings_in(500.0, add_strong_burst, &recording);
    struct found found = found_from(findings, recording, 27.0);
    assert_int_equal(found.right, found.beats);
    assert_in_range(found.told, found.beats, found.beats + 1);
    free_findings(findings);
    free_recording(recording);
}

static void burst_of_noise_is_over_when_it_is_over(void **state)
{
    (void)state;
    struct recording *recording;
    struct findings *findings = findings_in(500.0, add_burst, &recording);
    struct found found = found_from(findings, recording, 30.0);
    assert_int_equal(found.right, found.beats);
    assert_in_range(found.told, found.beats, found.beats + 1);
    assert_in_range(findings->beat_count, recording->truth_count - 9, recording->truth_count + 9);
    free_findings(findings);
    free_recording(recording);
}

/* Each lead comes and goes on its own; one of the three is always there. */
static void leads_that_come_and_go_do_not_matter(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 60, true);
    float *leads[] = {recording->mv[ECG_LEAD_I], recording->mv[ECG_LEAD_II], recording->mv[ECG_LEAD_V5]};
    for (size_t i = 0; i < recording->count; i++) {
        size_t missing = i / 3500 % 3;
        if (i > 5000)
            leads[missing][i] = missing == 1 ? NAN : 40.0F;
    }
    struct ecg_config config = config_of(500.0, 3);
    struct findings *findings = findings_of(&config);
    feed_in_portions(findings, recording, leads, 3, 100);
    flush(findings);
    struct found found = found_from(findings, recording, 0.0);
    assert_in_range(found.right, found.beats - 5, found.beats);
    assert_in_range(found.told, found.beats - 5, found.beats + 2);
    free_findings(findings);
    free_recording(recording);
}

/* What has no beats: hum, constants, ramps, the noise of an open input. */
static float hum_50(size_t i, uint32_t *seed)
{
    (void)seed;
    return sinf(0.6283185307F * (float)(i % 10));
}

static float constant(size_t i, uint32_t *seed)
{
    (void)i, (void)seed;
    return 3e8F;
}

static float ramp(size_t i, uint32_t *seed)
{
    (void)seed;
    return (float)(i % 5000) * 0.02F;
}

static float full_scale(size_t i, uint32_t *seed)
{
    (void)seed;
    return i / 100 % 2 ? 32767.0F : -32768.0F;
}

static float open_input(size_t i, uint32_t *seed)
{
    (void)i;
    return 0.02F * noise_of(seed);
}

static void what_has_no_beats_has_none(void **state)
{
    (void)state;
    enum { SECONDS = 60, FS = 500 };
    static float (*const signals[])(size_t, uint32_t *) = {hum_50, constant, ramp, full_scale, open_input};
    static float x[SECONDS * FS];
    for (size_t s = 0; s < sizeof signals / sizeof signals[0]; s++) {
        uint32_t seed = 7;
        for (size_t i = 0; i < SECONDS * FS; i++)
            x[i] = signals[s](i, &seed);
        struct ecg_config config = config_of(FS, 1);
        struct findings *findings = findings_of(&config);
        float *leads[] = {x};
        feed(findings, leads, 1, 0, SECONDS * FS);
        flush(findings);
        assert_int_equal(findings->beat_count, 0);
        assert_int_equal(findings->seen_count, 0);
        free_findings(findings);
    }
}

static void flush_tells_the_last_beat_and_moves_nothing(void **state)
{
    (void)state;
    struct recording *recording = record(500.0, 72.0, 10, false);
    struct ecg_config config = config_of(500.0, ECG_STANDARD_LEADS);
    struct findings *findings = findings_of(&config);
    size_t end = (size_t)recording->truth[8].sample + 75;
    feed(findings, recording->mv, ECG_STANDARD_LEADS, 0, end);
    assert_int_equal(findings->beat_count, 8);
    size_t vitals = findings->vitals_count;
    flush(findings);
    flush(findings);
    assert_int_equal(findings->beat_count, 9);
    assert_int_equal(findings->vitals_count, vitals);
    assert_true(ecg_pipeline_position(findings->pipeline) == (int64_t)end);
    free_findings(findings);
    free_recording(recording);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    struct ecg_config good = config_of(500.0, 2);
    struct ecg_config bad[6];
    for (size_t i = 0; i < 6; i++)
        bad[i] = good;
    bad[0].fs_hz = (double)NAN;
    bad[1].fs_hz = 39.0;
    bad[2].fs_hz = 2001.0;
    bad[3].lead_count = 0;
    bad[4].lead_count = ECG_MAX_LEADS + 1;
    bad[5].leads[1] = good.leads[0];
    for (size_t i = 0; i < 6; i++) {
        struct ecg_pipeline *pipeline = NULL;
        struct hl_error error;
        assert_int_equal(ecg_pipeline_new(&bad[i], &pipeline, &error), HL_INVALID);
        assert_null(pipeline);
        assert_true(strlen(error.field) > 0 && strlen(error.detail) > 0);
    }
    ecg_pipeline_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_beats_are_found_in_twelve_leads),
        cmocka_unit_test(uncalibrated_counts_do_as_well),
        cmocka_unit_test(portions_make_no_difference),
        cmocka_unit_test(first_beat_is_told_within_the_first_second),
        cmocka_unit_test(beats_are_told_within_the_stated_delay),
        cmocka_unit_test(most_beats_are_told_soon),
        cmocka_unit_test(beats_are_seen_before_they_are_told),
        cmocka_unit_test(rate_is_told_each_second),
        cmocka_unit_test(slow_rate_stands_on_four_intervals),
        cmocka_unit_test(rate_of_a_stopped_heart_is_unknown),
        cmocka_unit_test(gap_moves_the_index_and_breaks_the_rr),
        cmocka_unit_test(largest_gaps_do_not_overflow),
        cmocka_unit_test(lead_that_falls_off_does_not_matter),
        cmocka_unit_test(square_waves_and_steps_are_no_beats),
        cmocka_unit_test(pacing_spikes_are_no_beats_and_hide_none),
        cmocka_unit_test(clipped_peaks_are_beats),
        cmocka_unit_test(beats_of_another_size_are_found_after_a_while),
        cmocka_unit_test(burst_of_noise_is_over_when_it_is_over),
        cmocka_unit_test(strong_burst_of_noise_is_over_soon),
        cmocka_unit_test(leads_that_come_and_go_do_not_matter),
        cmocka_unit_test(what_has_no_beats_has_none),
        cmocka_unit_test(flush_tells_the_last_beat_and_moves_nothing),
        cmocka_unit_test(bad_configurations_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
