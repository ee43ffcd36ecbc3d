/* The virtual heart: beats are planned one ahead, each as a shape that moves the heart's vector; the vector of every
sample is projected on eight leads, electrodes add their noise, and the other four leads follow from I and II, so that
Einthoven's and Goldberger's equations hold by construction.

The projection is Dower's: Dower, Machado and Osborne, "On deriving the electrocardiogram from vectorcardiographic
leads", Clin Cardiol 1980; 3: 87-95. Shapes, rhythm and anomalies have their own files. */
#include "sim/heart.h"

#include <math.h>
#include <stdlib.h>

#include "sim/anomaly.h"
#include "sim/rhythm.h"
#include "sim/rng.h"
#include "sim/shape.h"

#define QTC_MS                400.0 /* at 60 bpm; other rates after Fridericia: QT = QTc * cube root of RR in seconds */
#define QT_MEMORY             0.80  /* of the interval the QT follows, per beat: it lags behind the rate */
#define QT_SHARE_MAX          0.85  /* the T wave ends before the next beat */
#define FIRST_R_MIN_MS        205.0
#define FIRST_R_MAX_MS        245.0
#define COUPLING_MIN_MS       320.0 /* no sooner can the ventricle be excited again, when the rate leaves room */
#define COUPLING_SHARE_MAX    0.90
#define BEAT_SD               0.020 /* amplitude, from beat to beat */
#define LUNGS_AMPLITUDE       0.04  /* breathing changes the amplitude ... */
#define LUNGS_TILT_RAD        0.06  /* ... turns the heart ... */
#define LUNGS_BASELINE_MV     0.03  /* ... and moves the skin under the electrodes */
#define DRIFT_MV              0.02  /* slow wander of each electrode */
#define DRIFT_S               4.0
#define PERSON_TILT_RAD       0.17 /* people differ: ten degrees of axis, a fifth of amplitude */
#define PERSON_SCALE          0.15
#define FIRST_ELECTRODE_DRIFT 0.5

enum { ELECTRODE_RA, ELECTRODE_LA, ELECTRODE_LL, ELECTRODE_V1, ELECTRODE_COUNT = ELECTRODE_V1 + 6 };
enum { ACTIVE_MAX = 8 };

/* Rows: I, II, V1 .. V6; columns: x, y, z. */
static const double dower[8][3] = {
    {0.632, -0.235, 0.059}, {0.235, 1.066, -0.132}, {-0.515, 0.157, -0.917}, {0.044, 0.164, -1.387},
    {0.882, 0.098, -1.277}, {1.213, 0.127, -0.601}, {1.125, 0.127, -0.086},  {0.831, 0.076, 0.230},
};

struct planned_beat {
    const struct sim_shape *shape;
    struct sim_beat_form form;
    double r_ms; /* of its R peak, from the start */
    int64_t r_sample;
    double end_ms;
    double rr_ms;
    char code;
    bool told;
};

struct sim_heart {
    double fs_hz;
    double noise_mv;
    struct sim_rng rng;       /* rhythm and shapes */
    struct sim_rng noise_rng; /* electrodes: noise does not change the beats */
    struct sim_rhythm rhythm;
    int64_t position;
    struct planned_beat active[ACTIVE_MAX]; /* in the order of their R peaks */
    size_t active_count;
    double sinus_ms; /* when the sinus node last fired (as the R peak that follows, or would have) */
    double rr_ms;    /* until it fires again */
    double last_r_ms;
    bool any_beat;
    bool last_premature;
    double qt_rr_ms; /* the interval that the QT follows */
    enum sim_anomaly queue[SIM_ANOMALY_QUEUE];
    size_t queue_at, queue_count;
    /* this person */
    double tilt_frontal_rad, tilt_horizontal_rad, scale, t_scale, qtc_ms;
    size_t focus; /* which of an anomaly's shapes */
    double drift_mv[ELECTRODE_COUNT];
    double lungs_mv[ELECTRODE_COUNT];
};

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
    for (size_t i = 0; i < ELECTRODE_COUNT; i++) {
        heart->drift_mv[i] = FIRST_ELECTRODE_DRIFT * DRIFT_MV * sim_rng_bell(&heart->noise_rng);
        heart->lungs_mv[i] = LUNGS_BASELINE_MV * sim_rng_uniform(&heart->noise_rng, -1.0, 1.0);
    }
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
    heart->noise_mv = params->noise_mv;
    sim_rng_seed(&heart->rng, params->seed);
    sim_rng_seed(&heart->noise_rng, ~params->seed);
    make_person(heart);
    sim_rhythm_init(&heart->rhythm, params->heart_rate_bpm, params->hr_sd_bpm, params->respiration_hz, &heart->rng);
    heart->rr_ms = sim_rhythm_rr_ms(&heart->rhythm, &heart->rng);
    heart->qt_rr_ms = 60000.0 / params->heart_rate_bpm;
    heart->sinus_ms = sim_rng_uniform(&heart->rng, FIRST_R_MIN_MS, FIRST_R_MAX_MS) - heart->rr_ms;
    *out = heart;
    return HL_OK;
}

void sim_heart_free(struct sim_heart *heart)
{
    free(heart);
}

/* ---- planning beats ---- */

static double now_ms(const struct sim_heart *heart)
{
    return 1000.0 * (double)heart->position / heart->fs_hz;
}

static double next_sinus_ms(const struct sim_heart *heart)
{
    return heart->sinus_ms + heart->rr_ms;
}

/* Fridericia's cube root, on an interval that lags behind the rate. */
static double qt_for(struct sim_heart *heart, double rr_ms)
{
    heart->qt_rr_ms = QT_MEMORY * heart->qt_rr_ms + (1.0 - QT_MEMORY) * rr_ms;
    double qt_ms = heart->qtc_ms * cbrt(heart->qt_rr_ms / 1000.0);
    return fmin(qt_ms, QT_SHARE_MAX * rr_ms + 40.0);
}

static struct sim_beat_form form_of(struct sim_heart *heart)
{
    double lungs = 1.0 - LUNGS_AMPLITUDE * sim_rhythm_lungs(&heart->rhythm);
    return (struct sim_beat_form){
        .amplitude = heart->scale * lungs * (1.0 + BEAT_SD * sim_rng_bell(&heart->rng)),
        .t_amplitude = heart->t_scale * (1.0 + BEAT_SD * sim_rng_bell(&heart->rng)),
        .pr_scale = fmin(fmax(pow(heart->rr_ms / 1000.0, 0.25), 0.70), 1.0),
        .qt_ms = qt_for(heart, heart->rr_ms),
    };
}

static void plan(struct sim_heart *heart, const struct sim_shape *shape, char code, double r_ms)
{
    if (heart->active_count == ACTIVE_MAX)
        return;
    struct planned_beat *beat = &heart->active[heart->active_count++];
    *beat = (struct planned_beat){.shape = shape, .form = form_of(heart), .code = code};
    beat->r_sample = llround(r_ms * heart->fs_hz / 1000.0);
    beat->r_ms = r_ms;
    beat->end_ms = r_ms + sim_shape_end_ms(shape, &beat->form);
    beat->rr_ms = heart->any_beat ? r_ms - heart->last_r_ms : NAN;
    heart->any_beat = true;
    heart->last_r_ms = r_ms;
    heart->last_premature = code != 'N';
}

static void plan_sinus_beat(struct sim_heart *heart)
{
    double r_ms = next_sinus_ms(heart);
    plan(heart, sim_shape(SIM_SHAPE_SINUS), 'N', r_ms);
    heart->sinus_ms = r_ms;
    heart->rr_ms = sim_rhythm_rr_ms(&heart->rhythm, &heart->rng);
}

static void pause_after(struct sim_heart *heart, const struct sim_anomaly_row *row, double r_ms)
{
    double usual_ms = heart->rr_ms;
    heart->sinus_ms = row->pause == SIM_PAUSE_FULL ? next_sinus_ms(heart) : r_ms;
    heart->rr_ms = row->pause == SIM_PAUSE_FULL ? usual_ms : usual_ms * row->reset_rr;
}

/* False when it is too late for it in this cycle, or the last beat was premature itself. */
static bool plan_premature_beat(struct sim_heart *heart)
{
    if (heart->queue_count == 0 || heart->last_premature || !heart->any_beat)
        return false;
    const struct sim_anomaly_row *row = sim_anomaly_row(heart->queue[heart->queue_at]);
    const struct sim_shape *shape = sim_shape(row->shapes[heart->focus]);
    double least_ms = fmin(COUPLING_MIN_MS, COUPLING_SHARE_MAX * heart->rr_ms);
    double r_ms = heart->last_r_ms + fmax(row->coupling * heart->rr_ms, least_ms);
    if (now_ms(heart) > r_ms - shape->lead_in_ms)
        return false;
    plan(heart, shape, row->code, r_ms);
    pause_after(heart, row, r_ms);
    heart->queue_at = (heart->queue_at + 1) % SIM_ANOMALY_QUEUE;
    heart->queue_count--;
    return true;
}

static void plan_ahead(struct sim_heart *heart)
{
    const struct sim_shape *sinus = sim_shape(SIM_SHAPE_SINUS);
    if (plan_premature_beat(heart))
        return;
    if (now_ms(heart) >= next_sinus_ms(heart) - sinus->lead_in_ms)
        plan_sinus_beat(heart);
}

static void tell_beats(struct sim_heart *heart, const struct sim_sink *sink)
{
    for (size_t i = 0; i < heart->active_count; i++) {
        struct planned_beat *beat = &heart->active[i];
        if (beat->told || beat->r_sample > heart->position)
            continue;
        beat->told = true;
        struct sim_truth_beat truth = {.sample = beat->r_sample, .code = beat->code, .rr_ms = beat->rr_ms};
        if (sink && sink->beat)
            sink->beat(sink->context, &truth);
    }
}

static void drop_finished_beats(struct sim_heart *heart)
{
    size_t kept = 0;
    for (size_t i = 0; i < heart->active_count; i++)
        if (!heart->active[i].told || heart->active[i].end_ms > now_ms(heart))
            heart->active[kept++] = heart->active[i];
    heart->active_count = kept;
}

/* ---- one sample ---- */

/* A small turn in the frontal and one in the horizontal plane. */
static struct sim_vector tilt(struct sim_vector v, double frontal_rad, double horizontal_rad)
{
    double cf = cos(frontal_rad), sf = sin(frontal_rad);
    double ch = cos(horizontal_rad), sh = sin(horizontal_rad);
    struct sim_vector turned = {.x = cf * v.x - sf * v.y, .y = sf * v.x + cf * v.y, .z = v.z};
    return (struct sim_vector){.x = ch * turned.x - sh * turned.z, .y = turned.y, .z = sh * turned.x + ch * turned.z};
}

static struct sim_vector heart_vector(const struct sim_heart *heart, double lungs)
{
    struct sim_vector sum = {0.0, 0.0, 0.0};
    double now = now_ms(heart);
    for (size_t i = 0; i < heart->active_count; i++) {
        const struct planned_beat *beat = &heart->active[i];
        struct sim_vector v = sim_shape_at(beat->shape, &beat->form, now - beat->r_ms);
        sum.x += v.x;
        sum.y += v.y;
        sum.z += v.z;
    }
    return tilt(sum, heart->tilt_frontal_rad + LUNGS_TILT_RAD * lungs,
                heart->tilt_horizontal_rad + 0.5 * LUNGS_TILT_RAD * lungs);
}

/* What each electrode adds: white noise, slow drift, breath. A lead is a difference of electrodes. */
static void electrode_noise(struct sim_heart *heart, double lungs, double noise_mv[ELECTRODE_COUNT])
{
    double keep = 1.0 - 1.0 / (DRIFT_S * heart->fs_hz);
    double push = DRIFT_MV * sqrt(1.0 - keep * keep);
    for (size_t i = 0; i < ELECTRODE_COUNT; i++) {
        double white = sim_rng_bell(&heart->noise_rng);
        double slow = sim_rng_bell(&heart->noise_rng);
        heart->drift_mv[i] = keep * heart->drift_mv[i] + push * slow;
        noise_mv[i] = heart->noise_mv * white / sqrt(2.0) + heart->drift_mv[i] + heart->lungs_mv[i] * lungs;
    }
}

static double project(const double row[3], const struct sim_vector *v)
{
    return row[0] * v->x + row[1] * v->y + row[2] * v->z;
}

static void make_sample(struct sim_heart *heart, double mv[ECG_STANDARD_LEADS])
{
    double noise[ELECTRODE_COUNT];
    double lungs = sim_rhythm_lungs(&heart->rhythm);
    struct sim_vector v = heart_vector(heart, lungs);
    electrode_noise(heart, lungs, noise);
    double terminal = (noise[ELECTRODE_RA] + noise[ELECTRODE_LA] + noise[ELECTRODE_LL]) / 3.0;
    double i = project(dower[0], &v) + noise[ELECTRODE_LA] - noise[ELECTRODE_RA];
    double ii = project(dower[1], &v) + noise[ELECTRODE_LL] - noise[ELECTRODE_RA];
    mv[ECG_LEAD_I] = i;
    mv[ECG_LEAD_II] = ii;
    mv[ECG_LEAD_III] = ii - i;
    mv[ECG_LEAD_AVR] = -(i + ii) / 2.0;
    mv[ECG_LEAD_AVL] = i - ii / 2.0;
    mv[ECG_LEAD_AVF] = ii - i / 2.0;
    for (size_t k = 0; k < 6; k++)
        mv[ECG_LEAD_V1 + k] = project(dower[2 + k], &v) + noise[ELECTRODE_V1 + k] - terminal;
}

void sim_heart_run(struct sim_heart *heart, float *const leads_mv[ECG_STANDARD_LEADS], size_t sample_count,
                   const struct sim_sink *sink)
{
    for (size_t i = 0; i < sample_count; i++) {
        double mv[ECG_STANDARD_LEADS];
        plan_ahead(heart);
        make_sample(heart, mv);
        for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++)
            if (leads_mv[lead])
                leads_mv[lead][i] = (float)mv[lead];
        tell_beats(heart, sink);
        heart->position++;
        drop_finished_beats(heart);
        sim_rhythm_pass(&heart->rhythm, 1.0 / heart->fs_hz);
    }
}

/* ---- requests ---- */

hl_result sim_heart_inject(struct sim_heart *heart, enum sim_anomaly kind, struct hl_error *error)
{
    if (!sim_anomaly_row(kind))
        return hl_fail(error, HL_INVALID, "anomaly", "is not a known anomaly");
    if (heart->queue_count == SIM_ANOMALY_QUEUE)
        return hl_fail(error, HL_CONFLICT, "anomaly", "%d anomalies wait already", (int)SIM_ANOMALY_QUEUE);
    heart->queue[(heart->queue_at + heart->queue_count) % SIM_ANOMALY_QUEUE] = kind;
    heart->queue_count++;
    return HL_OK;
}

hl_result sim_heart_set_rate(struct sim_heart *heart, double heart_rate_bpm, struct hl_error *error)
{
    struct range range = {"heart_rate_bpm", heart_rate_bpm, SIM_HEART_RATE_MIN_BPM, SIM_HEART_RATE_MAX_BPM};
    hl_result result = check_range(&range, error);
    if (result != HL_OK)
        return result;
    double soonest_ms = now_ms(heart) + sim_shape(SIM_SHAPE_SINUS)->lead_in_ms - heart->sinus_ms;
    heart->rr_ms *= heart->rhythm.heart_rate_bpm / heart_rate_bpm;
    heart->rr_ms = fmax(heart->rr_ms, heart->any_beat ? soonest_ms : 0.0);
    heart->rhythm.heart_rate_bpm = heart_rate_bpm;
    return HL_OK;
}

int64_t sim_heart_position(const struct sim_heart *heart)
{
    return heart->position;
}
