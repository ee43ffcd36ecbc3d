/* The virtual heart: one instant after another, atria and ventricles are excited by whatever leads them then; each
excitation is a shape that moves the heart's vector, and the leads (leads.c) are what electrodes see of it.

The sinus node or what has taken its place is in atria.c, conduction in av_node.c, the ventricles' own rhythms in
ventricles.c, shapes in shape.c, and what was asked for in anomaly.c (by name) and script.c (by time). They are put
together: excite.c says who excites the ventricles next, orders.c what was asked for; here the samples are made, and the
truth about them is told. */
#include "sim/heart.h"

#include <math.h>
#include <stdlib.h>

#include "sim/heart_private.h"

#define QTC_MS          400.0 /* at 60 bpm; other rates after Fridericia: QT = QTc * cube root of RR in seconds */
#define FIRST_P_MIN_MS  3.0
#define FIRST_P_MAX_MS  43.0
#define LUNGS_TILT_RAD  0.06 /* ... and turns the heart */
#define PERSON_TILT_RAD 0.17 /* people differ: ten degrees of axis, a fifth of amplitude */
#define PERSON_SCALE    0.15

/* ---- creation ---- */

void sim_params_default(struct sim_params *params)
{
    *params = (struct sim_params){
        .seed = 1,
        .fs_hz = 500.0,
        .heart_rate_bpm = 72.0,
        .hr_sd_bpm = 2.5,
        .respiration_hz = 0.25,
        .noise_mv = 0.008,
    };
}

struct range {
    const char *field;
    double value, low, high;
};

static hl_result check_range(const struct range *range, struct hl_error *error)
{
    if (range->value >= range->low && range->value <= range->high)
        return HL_OK;
    return hl_fail(error, HL_INVALID, range->field, "must be between %g and %g", range->low, range->high);
}

static hl_result check(const struct sim_params *params, struct hl_error *error)
{
    const struct range ranges[] = {
        {"fs_hz", params->fs_hz, SIM_FS_MIN_HZ, SIM_FS_MAX_HZ},
        {"heart_rate_bpm", params->heart_rate_bpm, SIM_HEART_RATE_MIN_BPM, SIM_HEART_RATE_MAX_BPM},
        {"hr_sd_bpm", params->hr_sd_bpm, 0.0, 20.0},
        {"respiration_hz", params->respiration_hz, 0.05, 1.0},
        {"noise_mv", params->noise_mv, 0.0, 1.0},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        hl_result result = check_range(&ranges[i], error);
        if (result != HL_OK)
            return result;
    }
    return HL_OK;
}

static void make_person(struct sim_heart *heart)
{
    struct sim_rng *rng = &heart->rng;
    heart->tilt_frontal_rad = sim_rng_uniform(rng, -PERSON_TILT_RAD, PERSON_TILT_RAD);
    heart->tilt_horizontal_rad = sim_rng_uniform(rng, -PERSON_TILT_RAD, PERSON_TILT_RAD);
    heart->scale = sim_rng_uniform(rng, 1.0 - PERSON_SCALE, 1.0 + PERSON_SCALE);
    heart->t_scale = sim_rng_uniform(rng, 0.8, 1.15);
    heart->qtc_ms = QTC_MS + sim_rng_uniform(rng, -12.0, 12.0);
    heart->focus = (size_t)(sim_rng_next(rng) & 1U);
}

hl_result sim_heart_new(const struct sim_params *params, struct sim_heart **out, struct hl_error *error)
{
    *out = NULL;
    hl_result result = check(params, error);
    if (result != HL_OK)
        return result;
    struct sim_heart *heart = calloc(1, sizeof *heart);
    if (!heart)
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for a heart");
    heart->fs_hz = params->fs_hz;
    heart->usual_bpm = params->heart_rate_bpm;
    heart->driven_ms = INFINITY;
    heart->own_ms = INFINITY;
    heart->changed = true;
    sim_rng_seed(&heart->rng, params->seed);
    make_person(heart);
    sim_leads_init(&heart->leads, params->fs_hz, params->noise_mv, ~params->seed);
    sim_rhythm_init(&heart->rhythm, params->heart_rate_bpm, params->hr_sd_bpm, params->respiration_hz, &heart->rng);
    sim_atria_init(&heart->atria, &heart->rng);
    sim_ventricles_init(&heart->ventricles, &heart->rng);
    sim_script_init(&heart->script);
    heart->qt_rr_ms = 60000.0 / params->heart_rate_bpm;
    double rr_ms = sim_rhythm_rr_ms(&heart->rhythm, &heart->rng);
    sim_atria_fired(&heart->atria, sim_rng_uniform(&heart->rng, FIRST_P_MIN_MS, FIRST_P_MAX_MS) - rr_ms, rr_ms);
    *out = heart;
    return HL_OK;
}

void sim_heart_free(struct sim_heart *heart)
{
    free(heart);
}

/* ---- one instant ---- */

/* A small turn in the frontal and one in the horizontal plane. */
static struct sim_vector tilt(struct sim_vector v, double frontal_rad, double horizontal_rad)
{
    double cf = cos(frontal_rad), sf = sin(frontal_rad);
    double ch = cos(horizontal_rad), sh = sin(horizontal_rad);
    struct sim_vector turned = {.x = cf * v.x - sf * v.y, .y = sf * v.x + cf * v.y, .z = v.z};
    return (struct sim_vector){.x = ch * turned.x - sh * turned.z, .y = turned.y, .z = sh * turned.x + ch * turned.z};
}

static void add(struct sim_vector *sum, struct sim_vector v)
{
    sum->x += v.x;
    sum->y += v.y;
    sum->z += v.z;
}

static struct sim_vector heart_vector(struct sim_heart *heart, double lungs)
{
    struct sim_vector sum = {0.0, 0.0, 0.0};
    double seconds = 1.0 / heart->fs_hz;
    double now_ms = sim_now_ms(heart);
    for (size_t i = 0; i < heart->active_count; i++) {
        const struct activation *one = &heart->active[i];
        add(&sum, sim_excitation_at(&one->form, now_ms - one->start_ms));
    }
    add(&sum, sim_atria_pass(&heart->atria, seconds, &heart->rng));
    add(&sum, sim_ventricles_pass(&heart->ventricles, seconds, &heart->rng));
    return tilt(sum, heart->tilt_frontal_rad + LUNGS_TILT_RAD * lungs,
                heart->tilt_horizontal_rad + 0.5 * LUNGS_TILT_RAD * lungs);
}

static void drop_finished(struct sim_heart *heart)
{
    size_t kept = 0;
    double now_ms = sim_now_ms(heart);
    for (size_t i = 0; i < heart->active_count; i++) {
        const struct activation *one = &heart->active[i];
        if (one->start_ms + one->form.over_ms <= now_ms)
            continue;
        if (kept != i)
            heart->active[kept] = *one;
        kept++;
    }
    heart->active_count = kept;
}

/* ---- the truth ---- */

static void tell_beats(struct sim_heart *heart, const struct sim_sink *sink)
{
    while (heart->untold_count > 0 && heart->untold[0].sample <= heart->position) {
        struct sim_truth_beat beat = heart->untold[0];
        heart->untold_count--;
        for (size_t i = 0; i < heart->untold_count; i++)
            heart->untold[i] = heart->untold[i + 1];
        if (sink && sink->beat)
            sink->beat(sink->context, &beat);
    }
}

static enum ecg_rhythm sinus_rhythm(const struct sim_heart *heart)
{
    double bpm = heart->rhythm.towards_bpm;
    return bpm < 60.0 ? ECG_RHYTHM_SINUS_BRADYCARDIA : bpm > 100.0 ? ECG_RHYTHM_SINUS_TACHYCARDIA : ECG_RHYTHM_SINUS;
}

/* The first of these that goes on names the rhythm. */
static enum ecg_rhythm rhythm_now(const struct sim_heart *heart)
{
    static const struct {
        enum sim_anomaly anomaly;
        enum ecg_rhythm rhythm;
    } names[] = {
        {SIM_ANOMALY_VF, ECG_RHYTHM_VF},
        {SIM_ANOMALY_ASYSTOLE, ECG_RHYTHM_ASYSTOLE},
        {SIM_ANOMALY_VT, ECG_RHYTHM_VT},
        {SIM_ANOMALY_IDIOVENTRICULAR, ECG_RHYTHM_IDIOVENTRICULAR},
        {SIM_ANOMALY_PACED, ECG_RHYTHM_PACED},
        {SIM_ANOMALY_AV_BLOCK_3, ECG_RHYTHM_AV_BLOCK_3},
        {SIM_ANOMALY_AF, ECG_RHYTHM_ATRIAL_FIBRILLATION},
        {SIM_ANOMALY_FLUTTER, ECG_RHYTHM_ATRIAL_FLUTTER},
        {SIM_ANOMALY_SVT, ECG_RHYTHM_SVT},
        {SIM_ANOMALY_WENCKEBACH, ECG_RHYTHM_AV_BLOCK_2},
        {SIM_ANOMALY_MOBITZ_2, ECG_RHYTHM_AV_BLOCK_2},
        {SIM_ANOMALY_BIGEMINY, ECG_RHYTHM_BIGEMINY},
        {SIM_ANOMALY_TRIGEMINY, ECG_RHYTHM_TRIGEMINY},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sim_script_is(&heart->script, names[i].anomaly))
            return names[i].rhythm;
    return sinus_rhythm(heart);
}

static void tell_rhythm(struct sim_heart *heart, const struct sim_sink *sink)
{
    if (!heart->changed)
        return;
    heart->changed = false;
    enum ecg_rhythm rhythm = rhythm_now(heart);
    if (rhythm == heart->told_rhythm)
        return;
    heart->told_rhythm = rhythm;
    if (sink && sink->rhythm)
        sink->rhythm(sink->context, &(struct sim_truth_rhythm){heart->position, rhythm});
}

void sim_heart_run(struct sim_heart *heart, float *const leads_mv[ECG_STANDARD_LEADS], size_t sample_count,
                   const struct sim_sink *sink)
{
    for (size_t i = 0; i < sample_count; i++) {
        double mv[ECG_STANDARD_LEADS];
        sim_plan_ahead(heart);
        tell_rhythm(heart, sink);
        double lungs = sim_rhythm_lungs(&heart->rhythm);
        struct sim_vector v = heart_vector(heart, lungs);
        sim_leads_sample(&heart->leads, &v, lungs, mv);
        for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
            if (leads_mv[lead])
                leads_mv[lead][i] = (float)mv[lead];
        tell_beats(heart, sink);
        heart->position++;
        drop_finished(heart);
        sim_rhythm_pass(&heart->rhythm, 1.0 / heart->fs_hz);
    }
}

/* ---- requests ---- */

hl_result sim_heart_inject(struct sim_heart *heart, enum sim_anomaly kind, struct hl_error *error)
{
    const struct sim_anomaly_row *row = sim_anomaly_row(kind);
    if (!row)
        return hl_fail(error, HL_INVALID, "anomaly", "is not a known anomaly");
    if (row->duration_s > 0.0)
        return sim_heart_apply(heart, &(struct sim_event){kind, NAN, NAN, NAN}, error);
    if (heart->queue_count == SIM_ANOMALY_QUEUE)
        return hl_fail(error, HL_CONFLICT, "anomaly", "%d anomalies wait already", (int)SIM_ANOMALY_QUEUE);
    sim_begin(heart, &(struct sim_event){.anomaly = kind});
    return HL_OK;
}

hl_result sim_heart_apply(struct sim_heart *heart, const struct sim_event *event, struct hl_error *error)
{
    return sim_script_add(&heart->script, event, error);
}

void sim_heart_end(struct sim_heart *heart, enum sim_anomaly kind)
{
    if (sim_script_end(&heart->script, kind))
        sim_change(heart, sim_anomaly_row(kind)->part);
}

static void set_rate_now(struct sim_heart *heart, double heart_rate_bpm)
{
    double soonest_ms = sim_now_ms(heart) + sim_shape(SIM_SHAPE_P_SINUS)->lead_in_ms;
    double rr_ms = heart->atria.rr_ms * heart->rhythm.heart_rate_bpm / heart_rate_bpm;
    heart->atria.rr_ms = fmax(rr_ms, soonest_ms - heart->atria.fired_ms);
    heart->rhythm.heart_rate_bpm = heart_rate_bpm;
    sim_change(heart, SIM_PART_SINUS);
}

hl_result sim_heart_set_rate(struct sim_heart *heart, double heart_rate_bpm, struct hl_error *error)
{
    struct range range = {"heart_rate_bpm", heart_rate_bpm, SIM_HEART_RATE_MIN_BPM, SIM_HEART_RATE_MAX_BPM};
    hl_result result = check_range(&range, error);
    if (result != HL_OK)
        return result;
    heart->usual_bpm = heart_rate_bpm;
    if (!heart->script.parts[SIM_PART_SINUS].on)
        set_rate_now(heart, heart_rate_bpm);
    return HL_OK;
}

int64_t sim_heart_position(const struct sim_heart *heart)
{
    return heart->position;
}
