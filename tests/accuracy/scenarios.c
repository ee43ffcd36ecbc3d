/* Scenarios: a virtual heart beats in sinus rhythm for half a minute, has an anomaly for another half, and recovers.
Scored is the share of the half minute for which the rhythm that belongs to it was told, how long it took until it was,
and what was told in the healthy minutes besides. Virtual hearts are cleaner than people: what fails here fails on
people too, what succeeds here proves little. */
#include "scenarios.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "sim/heart.h"

#define FS_HZ      500.0
#define HEALTHY_S  30.0
#define ILL_S      30.0
#define RECOVERY_S 30.0
#define SETTLING_S 5.0 /* behind the anomaly, its rhythm may still be told for so long */

enum { LEADS = ECG_STANDARD_LEADS, SEEDS = 5, EPISODES_MAX = 256, PORTION = 50 };

struct scenario {
    enum sim_anomaly anomaly;
    enum ecg_rhythm rhythm;
    double share_floor;     /* percent */
    double seconds_ceiling; /* until told, the slowest of all hearts; 0: nothing is promised */
};

static const struct scenario scenarios[] = {
    {SIM_ANOMALY_BRADYCARDIA, ECG_RHYTHM_SINUS_BRADYCARDIA, 0, 0},
    {SIM_ANOMALY_TACHYCARDIA, ECG_RHYTHM_SINUS_TACHYCARDIA, 0, 0},
    {SIM_ANOMALY_PAUSE, ECG_RHYTHM_PAUSE, 0, 0},
    {SIM_ANOMALY_AF, ECG_RHYTHM_ATRIAL_FIBRILLATION, 0, 0},
    {SIM_ANOMALY_FLUTTER, ECG_RHYTHM_ATRIAL_FLUTTER, 0, 0},
    {SIM_ANOMALY_SVT, ECG_RHYTHM_SVT, 0, 0},
    {SIM_ANOMALY_AV_BLOCK_1, ECG_RHYTHM_AV_BLOCK_1, 0, 0},
    {SIM_ANOMALY_WENCKEBACH, ECG_RHYTHM_AV_BLOCK_2, 0, 0},
    {SIM_ANOMALY_MOBITZ_2, ECG_RHYTHM_AV_BLOCK_2, 0, 0},
    {SIM_ANOMALY_AV_BLOCK_3, ECG_RHYTHM_AV_BLOCK_3, 0, 0},
    {SIM_ANOMALY_VT, ECG_RHYTHM_VT, 0, 0},
    {SIM_ANOMALY_IDIOVENTRICULAR, ECG_RHYTHM_IDIOVENTRICULAR, 0, 0},
    {SIM_ANOMALY_VF, ECG_RHYTHM_VF, 0, 0},
    {SIM_ANOMALY_ASYSTOLE, ECG_RHYTHM_ASYSTOLE, 0, 0},
    {SIM_ANOMALY_LBBB, ECG_RHYTHM_LBBB, 0, 0},
    {SIM_ANOMALY_RBBB, ECG_RHYTHM_RBBB, 0, 0},
    {SIM_ANOMALY_PACED, ECG_RHYTHM_PACED, 0, 0},
    {SIM_ANOMALY_BIGEMINY, ECG_RHYTHM_BIGEMINY, 0, 0},
    {SIM_ANOMALY_TRIGEMINY, ECG_RHYTHM_TRIGEMINY, 0, 0},
    {SIM_ANOMALY_COUPLET, ECG_RHYTHM_COUPLET, 0, 0},
};
enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

/* What was told in one run. */
struct hearing {
    const struct ecg_pipeline *pipeline;
    struct told {
        enum ecg_rhythm rhythm;
        double onset_s, end_s, at_s;
    } told[EPISODES_MAX];
    size_t count;
};

/* What all runs of one scenario came to. */
struct outcome_of {
    double covered_s, asked_s;
    double slowest_s; /* until told; INFINITY: in some run never */
    unsigned others;  /* episodes in the healthy parts that do not belong there */
    char other[64];   /* the first of them */
};

static struct told *find(struct hearing *hearing, const struct ecg_episode *episode)
{
    for (size_t i = 0; i < hearing->count; i++) {
        struct told *told = &hearing->told[i];
        if (told->rhythm == episode->rhythm && fabs(told->onset_s * FS_HZ - (double)episode->onset) < 1.0)
            return told;
    }
    if (hearing->count == EPISODES_MAX)
        return NULL;
    struct told *told = &hearing->told[hearing->count++];
    *told = (struct told){.rhythm = episode->rhythm, .onset_s = (double)episode->onset / FS_HZ};
    told->at_s = (double)ecg_pipeline_position(hearing->pipeline) / FS_HZ;
    return told;
}

static void hear(void *context, const struct ecg_episode *episode)
{
    struct told *told = find(context, episode);
    if (told)
        told->end_s = episode->open ? INFINITY : (double)episode->end / FS_HZ;
}

static hl_result run(const struct scenario *scenario, uint64_t seed, struct hearing *hearing)
{
    static const double minute_s = HEALTHY_S + ILL_S + RECOVERY_S;
    float samples[LEADS][PORTION];
    float *write[LEADS];
    const float *read[LEADS];
    struct sim_params params;
    struct sim_heart *heart = NULL;
    struct ecg_pipeline *pipeline = NULL;
    struct ecg_config config = {.fs_hz = FS_HZ, .units = ECG_UNITS_MV, .lead_count = LEADS};
    struct ecg_sink sink = {.context = hearing, .episode = hear};
    struct sim_event event = {scenario->anomaly, HEALTHY_S, ILL_S, 0.5};
    if (scenario->anomaly == SIM_ANOMALY_PAUSE)
        event.duration_s = 2.5; /* longer ones are asystole */
    for (unsigned lead = 0; lead < LEADS; lead++) {
        config.leads[lead] = (enum ecg_lead)lead;
        write[lead] = samples[lead];
        read[lead] = samples[lead];
    }
    sim_params_default(&params);
    params.seed = seed;
    params.fs_hz = FS_HZ;
    hl_result result = sim_heart_new(&params, &heart, NULL);
    if (result == HL_OK)
        result = sim_heart_apply(heart, &event, NULL);
    if (result == HL_OK)
        result = ecg_pipeline_new(&config, &pipeline, NULL);
    hearing->pipeline = pipeline;
    for (size_t fed = 0; result == HL_OK && (double)fed < minute_s * FS_HZ; fed += PORTION) {
        sim_heart_run(heart, write, PORTION, NULL);
        ecg_pipeline_feed(pipeline, read, PORTION, &sink);
    }
    if (result == HL_OK)
        ecg_pipeline_flush(pipeline, &sink);
    ecg_pipeline_free(pipeline);
    sim_heart_free(heart);
    return result;
}

static double overlap_s(const struct told *told, double from_s, double to_s)
{
    return fmax(fmin(told->end_s, to_s) - fmax(told->onset_s, from_s), 0.0);
}

static bool is_healthy(enum ecg_rhythm rhythm)
{
    return rhythm == ECG_RHYTHM_UNKNOWN || rhythm == ECG_RHYTHM_SINUS || rhythm == ECG_RHYTHM_SINUS_ARRHYTHMIA;
}

static void judge(const struct scenario *scenario, const struct hearing *hearing, struct outcome_of *outcome)
{
    double soonest_s = INFINITY;
    double until_s = HEALTHY_S + ILL_S;
    for (size_t i = 0; i < hearing->count; i++) {
        const struct told *told = &hearing->told[i];
        bool in_time = told->onset_s > HEALTHY_S - 2.0 && told->onset_s < until_s;
        if (told->rhythm == scenario->rhythm && in_time) {
            outcome->covered_s += overlap_s(told, HEALTHY_S, until_s);
            soonest_s = fmin(soonest_s, told->at_s - HEALTHY_S);
        }
        bool outside = told->onset_s < HEALTHY_S - 2.0 || told->onset_s > until_s + SETTLING_S;
        if (!outside || is_healthy(told->rhythm))
            continue;
        if (outcome->others++ == 0)
            snprintf(outcome->other, sizeof outcome->other, "%s", ecg_rhythm_rows[told->rhythm].name);
    }
    outcome->asked_s += ILL_S;
    outcome->slowest_s = fmax(outcome->slowest_s, soonest_s);
}

static hl_result score(const struct scenario *scenario, unsigned seeds, struct outcome_of *outcome)
{
    hl_result result = HL_OK;
    struct hearing *hearing = malloc(sizeof *hearing);
    memset(outcome, 0, sizeof *outcome);
    for (uint64_t seed = 1; hearing && result == HL_OK && seed <= seeds; seed++) {
        memset(hearing, 0, sizeof *hearing);
        result = run(scenario, seed, hearing);
        judge(scenario, hearing, outcome);
    }
    free(hearing);
    return hearing ? result : HL_NO_MEMORY;
}

/* What comes and goes in an instant covers no time. */
static bool is_brief(enum ecg_rhythm rhythm)
{
    return rhythm == ECG_RHYTHM_PAUSE || rhythm == ECG_RHYTHM_COUPLET;
}

static void put(struct buf *out, const struct scenario *scenario, const struct outcome_of *outcome)
{
    buf_printf(out, "| %s | %s | ", sim_anomaly_label(scenario->anomaly), ecg_rhythm_rows[scenario->rhythm].label);
    if (is_brief(scenario->rhythm))
        buf_text(out, "- | ");
    else
        buf_printf(out, "%.0f | ", 100.0 * outcome->covered_s / outcome->asked_s);
    if (isinf(outcome->slowest_s))
        buf_text(out, "not always | ");
    else
        buf_printf(out, "%.1f | ", outcome->slowest_s);
    buf_printf(out, "%u%s%s%s |\n", outcome->others, outcome->others ? " (" : "", outcome->other,
               outcome->others ? ")" : "");
}

hl_result scenarios_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    (void)error;
    buf_printf(markdown,
               "## Virtual hearts that fall ill\n\n"
               "Half a minute of sinus rhythm, half a minute of the anomaly at middle strength, half a minute of\n"
               "recovery; %d hearts each, twelve leads at 500 Hz. A virtual heart is cleaner than a person.\n\n"
               "| anomaly | told as | share of its time, %% | told after, s (slowest) | others told in health |\n"
               "| --- | --- | ---: | ---: | --- |\n",
               (int)SEEDS);
    for (size_t i = 0; i < SCENARIOS; i++) {
        struct outcome_of outcome;
        char what[96];
        hl_result result = score(&scenarios[i], quick ? 1 : SEEDS, &outcome);
        if (result != HL_OK)
            return result;
        put(markdown, &scenarios[i], &outcome);
        snprintf(what, sizeof what, "%s: share of its time", sim_anomaly_name(scenarios[i].anomaly));
        section_floor(what, scenarios[i].share_floor, 100.0 * outcome.covered_s / outcome.asked_s, broken);
        snprintf(what, sizeof what, "%s: seconds until told", sim_anomaly_name(scenarios[i].anomaly));
        section_ceiling(what, scenarios[i].seconds_ceiling, outcome.slowest_s, broken);
    }
    buf_char(markdown, '\n');
    return HL_OK;
}
