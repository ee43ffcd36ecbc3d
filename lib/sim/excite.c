/* Which beat comes next: who excites the ventricles, in what form, and who is too late because they have not recovered.
Beats come from the atria by way of the AV node, from premature foci, or from the ventricles' own clock; whichever is
first restarts the clocks of the others. */
#include <math.h>

#include "sim/heart_private.h"

#define QT_MEMORY          0.80  /* of the interval the QT follows, per beat: it lags behind the rate */
#define QT_SHARE_MAX       0.85  /* the T wave ends before the next beat */
#define PR_MS              160.0 /* at 60 bpm */
#define COUPLING_MIN_MS    320.0 /* no sooner can the ventricle be excited again, when the rate leaves room */
#define COUPLING_SHARE_MAX 0.90
#define NEXT_COUPLING      0.58  /* of a couplet's second beat */
#define RECOVERED_MS       200.0 /* no sooner can the ventricle be excited at all */
#define HIDDEN_SHARE       0.75  /* of a ventricular interval, the AV node has not recovered from below */
#define PACED_BLINDS_MS    300.0 /* behind its own beat a pacemaker does not look for P waves */
#define JUNCTION_BPM       40.0  /* an escape rhythm at least so fast comes from the junction, and is narrow */
#define BEAT_SD            0.020 /* amplitude, from beat to beat */
#define LUNGS_AMPLITUDE    0.04  /* breathing changes the amplitude ... */
#define POTASSIUM_T        1.6   /* hyperkalaemia at full strength: so much taller T waves, */
#define POTASSIUM_NARROW   0.35  /* so much narrower, */
#define POTASSIUM_WIDE     0.5   /* QRS so much wider, */
#define POTASSIUM_P        0.8   /* P so much lower */

static const enum sim_shape_id foci[] = {SIM_SHAPE_RIGHT_VENTRICLE, SIM_SHAPE_LEFT_VENTRICLE, SIM_SHAPE_SEPTUM};

/* ---- forms ---- */

static double pr_ms(const struct sim_heart *heart)
{
    return PR_MS * fmin(fmax(pow(heart->atria.rr_ms / 1000.0, 0.25), 0.70), 1.0);
}

static double potassium(const struct sim_heart *heart)
{
    const struct sim_going_on *part = &heart->script.parts[SIM_PART_REPOLARISATION];
    return part->on && part->anomaly == SIM_ANOMALY_HYPERKALAEMIA ? part->strength : 0.0;
}

static double long_qt_ms(const struct sim_heart *heart)
{
    return sim_script_is(&heart->script, SIM_ANOMALY_LONG_QT)
               ? sim_script_value(&heart->script, SIM_PART_REPOLARISATION)
               : 0.0;
}

/* Fridericia's cube root, on an interval that lags behind the rate. */
static double qt_for(struct sim_heart *heart, double rr_ms)
{
    heart->qt_rr_ms = QT_MEMORY * heart->qt_rr_ms + (1.0 - QT_MEMORY) * rr_ms;
    double qt_ms = (heart->qtc_ms + long_qt_ms(heart)) * cbrt(heart->qt_rr_ms / 1000.0);
    return fmin(qt_ms, QT_SHARE_MAX * rr_ms + 40.0);
}

static double beat_amplitude(struct sim_heart *heart)
{
    double lungs = 1.0 - LUNGS_AMPLITUDE * sim_rhythm_lungs(&heart->rhythm);
    return heart->scale * lungs * (1.0 + BEAT_SD * sim_rng_bell(&heart->rng));
}

static struct sim_vector st_vector(const struct sim_heart *heart)
{
    const struct sim_going_on *part = &heart->script.parts[SIM_PART_ST];
    if (!part->on)
        return (struct sim_vector){0.0, 0.0, 0.0};
    const struct sim_anomaly_row *row = sim_anomaly_row(part->anomaly);
    double mv = sim_anomaly_value(row, part->strength);
    return (struct sim_vector){mv * row->towards.x, mv * row->towards.y, mv * row->towards.z};
}

static struct sim_form beat_form(struct sim_heart *heart, double rr_ms)
{
    double salt = potassium(heart);
    return (struct sim_form){
        .amplitude = beat_amplitude(heart),
        .stretch = 1.0 + POTASSIUM_WIDE * salt,
        .t_amplitude = heart->t_scale * (1.0 + BEAT_SD * sim_rng_bell(&heart->rng)) * (1.0 + POTASSIUM_T * salt),
        .t_width = 1.0 - POTASSIUM_NARROW * salt,
        .qt_ms = qt_for(heart, rr_ms),
        .st_mv = st_vector(heart),
    };
}

/* ---- exciting atria and ventricles ---- */

static bool activate(struct sim_heart *heart, const struct sim_shape *shape, const struct sim_form *form,
                     double start_ms)
{
    if (heart->active_count == ACTIVE_MAX)
        return false;
    struct activation *one = &heart->active[heart->active_count++];
    one->start_ms = start_ms;
    sim_shape_excite(shape, form, &one->form);
    return true;
}

static enum sim_shape_id conducted_shape(const struct sim_heart *heart)
{
    if (heart->script.parts[SIM_PART_PACER].on)
        return SIM_SHAPE_PACED;
    if (!heart->script.parts[SIM_PART_BUNDLES].on)
        return SIM_SHAPE_NARROW;
    return sim_script_is(&heart->script, SIM_ANOMALY_LBBB) ? SIM_SHAPE_LBBB : SIM_SHAPE_RBBB;
}

static char conducted_code(enum sim_shape_id shape)
{
    switch (shape) {
    case SIM_SHAPE_PACED: return '/';
    case SIM_SHAPE_LBBB: return 'L';
    case SIM_SHAPE_RBBB: return 'R';
    default: return 'N';
    }
}

/* Beats on their way keep the order of their times. */
static void expect(struct sim_heart *heart, const struct coming *beat)
{
    if (heart->coming_count == COMING_MAX)
        return;
    size_t at = heart->coming_count++;
    for (; at > 0 && heart->coming[at - 1].r_ms > beat->r_ms; at--)
        heart->coming[at] = heart->coming[at - 1];
    heart->coming[at] = *beat;
}

/* A conducted beat: its QRS begins at `qrs_ms`. Premature ones from the atria keep their code. */
static void expect_conducted(struct sim_heart *heart, double qrs_ms, bool premature, struct p_times p)
{
    enum sim_shape_id shape = conducted_shape(heart);
    char code = premature ? 'A' : conducted_code(shape);
    double r_ms = qrs_ms - sim_shape(shape)->onset_ms * (1.0 + POTASSIUM_WIDE * potassium(heart));
    expect(heart, &(struct coming){r_ms, shape, code, premature, p});
}

static void fire_atria(struct sim_heart *heart, double p_ms, enum sim_shape_id shape, double rr_share)
{
    struct sim_form form = {.amplitude = beat_amplitude(heart) * (1.0 - POTASSIUM_P * potassium(heart)),
                            .stretch = 1.0};
    struct p_times p = {p_ms, p_ms + sim_shape(shape)->end_ms};
    double usual_ms = pr_ms(heart);
    (void)activate(heart, sim_shape(shape), &form, p_ms);
    sim_atria_fired(&heart->atria, p_ms, rr_share * sim_rhythm_rr_ms(&heart->rhythm, &heart->rng));
    double delay_ms = sim_av_conduct_ms(&heart->av_node, p_ms, usual_ms);
    if (!isnan(delay_ms) && sim_ventricles_follow(&heart->ventricles))
        expect_conducted(heart, p_ms + delay_ms, shape == SIM_SHAPE_P_ECTOPIC, p);
}

static double lower_rate_ms(const struct sim_heart *heart)
{
    return heart->script.parts[SIM_PART_PACER].on ? 60000.0 / sim_script_value(&heart->script, SIM_PART_PACER)
                                                  : INFINITY;
}

void sim_restart_clocks(struct sim_heart *heart, double r_ms)
{
    double own_ms = sim_ventricles_interval_ms(&heart->ventricles, &heart->rng);
    heart->own_ms = r_ms + fmin(own_ms, lower_rate_ms(heart));
    bool open = sim_ventricles_follow(&heart->ventricles) && heart->av_node.mode != SIM_AV_CLOSED;
    heart->driven_ms = open ? r_ms + sim_atria_interval_ms(&heart->atria, &heart->rng) : INFINITY;
}

static double usual_rr_ms(const struct sim_heart *heart)
{
    double driven_ms = heart->atria.mode == SIM_ATRIA_SINUS ? heart->atria.rr_ms : 60000.0 / heart->usual_bpm;
    return heart->ventricles.mode == SIM_VENTRICLES_TACHYCARDIA ? 60000.0 / heart->ventricles.rate_bpm : driven_ms;
}

static void note_truth(struct sim_heart *heart, const struct coming *beat, const struct sim_form *form)
{
    const struct sim_shape *shape = sim_shape(beat->shape);
    struct sim_t_times t = sim_shape_t(shape, form);
    if (heart->untold_count == UNTOLD_MAX)
        return;
    heart->untold[heart->untold_count++] = (struct sim_truth_beat){
        .sample = llround(sim_sample_of(heart, beat->r_ms)),
        .code = beat->code,
        .rr_ms = heart->any_beat ? beat->r_ms - heart->last_r_ms : (double)NAN,
        .p_onset = sim_sample_of(heart, beat->p.onset_ms),
        .p_end = sim_sample_of(heart, beat->p.end_ms),
        .qrs_onset = sim_sample_of(heart, beat->r_ms + shape->onset_ms * form->stretch),
        .qrs_end = sim_sample_of(heart, beat->r_ms + shape->end_ms * form->stretch),
        .t_onset = sim_sample_of(heart, beat->r_ms + t.onset_ms),
        .t_peak = sim_sample_of(heart, beat->r_ms + t.peak_ms),
        .t_end = sim_sample_of(heart, beat->r_ms + t.end_ms),
    };
}

/* The ventricles are excited, unless they have not recovered. */
static void excite(struct sim_heart *heart, const struct coming *beat)
{
    if (heart->any_beat && beat->r_ms - heart->last_r_ms < RECOVERED_MS)
        return;
    const struct sim_shape *shape = sim_shape(beat->shape);
    struct sim_form form = beat_form(heart, usual_rr_ms(heart));
    if (!activate(heart, shape, &form, beat->r_ms))
        return;
    note_truth(heart, beat, &form);
    heart->any_beat = true;
    heart->last_r_ms = beat->r_ms;
    heart->last_premature = beat->premature;
    heart->since_premature = beat->premature ? 0 : heart->since_premature + 1;
    sim_restart_clocks(heart, beat->r_ms);
}

/* ---- premature beats ---- */

static const struct sim_premature *wanted_premature(const struct sim_heart *heart)
{
    if (heart->queue_count > 0)
        return &sim_anomaly_row(heart->queue[heart->queue_at])->premature;
    const struct sim_going_on *pattern = &heart->script.parts[SIM_PART_PREMATURE];
    if (!pattern->on)
        return NULL;
    const struct sim_premature *premature = &sim_anomaly_row(pattern->anomaly)->premature;
    return heart->since_premature >= premature->every ? premature : NULL;
}

/* Beats on their way that come too late for the ventricles. */
static bool drop_coming(struct sim_heart *heart, double before_ms)
{
    size_t kept = 0;
    bool dropped = false;
    for (size_t i = 0; i < heart->coming_count; i++) {
        bool late = heart->coming[i].r_ms < before_ms;
        dropped = dropped || late;
        if (!late)
            heart->coming[kept++] = heart->coming[i];
    }
    heart->coming_count = kept;
    return dropped;
}

static enum sim_shape_id premature_shape(struct sim_heart *heart, const struct sim_premature *premature)
{
    size_t focus = heart->focus;
    if (premature->multifocal)
        focus = (size_t)(sim_rng_next(&heart->rng) % (sizeof foci / sizeof foci[0]));
    return foci[focus];
}

/* From the ventricles: the sinus node does not notice, but its next impulse finds the way blocked. */
static bool plan_ventricular(struct sim_heart *heart, const struct sim_premature *premature, double first_r_ms)
{
    if (sim_now_ms(heart) > first_r_ms - SIM_AHEAD_MS)
        return false;
    double rr_ms = usual_rr_ms(heart);
    double r_ms = first_r_ms;
    double next_p_ms = sim_atria_next_ms(&heart->atria);
    struct p_times none = {NAN, NAN};
    bool dropped = drop_coming(heart, r_ms + RECOVERED_MS);
    for (unsigned i = 0; i < premature->in_row; i++) {
        if (i > 0)
            r_ms += fmax(NEXT_COUPLING * rr_ms, COUPLING_MIN_MS);
        struct coming beat = {r_ms, premature_shape(heart, premature), premature->code, true, none};
        excite(heart, &beat);
    }
    if (!dropped || premature->in_row > 1)
        sim_av_block_until(&heart->av_node, fmax(next_p_ms + 1.0, r_ms));
    return true;
}

/* From the atria, where there is a sinus rhythm to be early in. */
static bool plan_atrial(struct sim_heart *heart, const struct sim_premature *premature, double r_ms)
{
    double p_ms = r_ms - pr_ms(heart) + sim_shape(SIM_SHAPE_NARROW)->onset_ms;
    double ready_ms = sim_now_ms(heart) + sim_shape(SIM_SHAPE_P_ECTOPIC)->lead_in_ms;
    if (heart->atria.mode != SIM_ATRIA_SINUS || p_ms < ready_ms || p_ms > sim_atria_next_ms(&heart->atria))
        return false;
    fire_atria(heart, p_ms, SIM_SHAPE_P_ECTOPIC, premature->reset_rr);
    return true;
}

/* It is too late for it in this cycle, or the last beat was premature itself: then it waits. */
static void plan_premature(struct sim_heart *heart)
{
    const struct sim_premature *premature = wanted_premature(heart);
    if (!premature || heart->last_premature || !heart->any_beat || !sim_ventricles_follow(&heart->ventricles))
        return;
    double rr_ms = usual_rr_ms(heart);
    double least_ms = fmin(COUPLING_MIN_MS, COUPLING_SHARE_MAX * rr_ms);
    double r_ms = heart->last_r_ms + fmax(premature->coupling * rr_ms, least_ms);
    bool planned =
        premature->code == 'V' ? plan_ventricular(heart, premature, r_ms) : plan_atrial(heart, premature, r_ms);
    if (!planned || heart->queue_count == 0)
        return;
    heart->last_premature = true; /* also one from the atria, which excites the ventricles later */
    heart->queue_at = (heart->queue_at + 1) % SIM_ANOMALY_QUEUE;
    heart->queue_count--;
}

/* ---- in time ---- */

static void fire_from_below(struct sim_heart *heart)
{
    bool tachycardia = heart->ventricles.mode == SIM_VENTRICLES_TACHYCARDIA;
    bool paced = heart->script.parts[SIM_PART_PACER].on && !tachycardia;
    bool junction = !tachycardia && heart->ventricles.escape_ms <= 60000.0 / JUNCTION_BPM;
    struct coming beat = {heart->own_ms, foci[heart->focus], tachycardia ? 'V' : 'E', false, {NAN, NAN}};
    if (junction)
        beat.shape = SIM_SHAPE_NARROW, beat.code = 'j';
    if (paced)
        beat.shape = SIM_SHAPE_PACED, beat.code = '/';
    double r_ms = heart->own_ms;
    heart->own_ms = INFINITY;
    (void)drop_coming(heart, r_ms + (paced ? PACED_BLINDS_MS : RECOVERED_MS));
    excite(heart, &beat);
    if (tachycardia)
        sim_av_block_until(&heart->av_node, r_ms + HIDDEN_SHARE * 60000.0 / heart->ventricles.rate_bpm);
    if (paced)
        sim_av_block_until(&heart->av_node, r_ms + PACED_BLINDS_MS);
}

static void fire_driven(struct sim_heart *heart)
{
    double r_ms = heart->driven_ms;
    bool circling = heart->atria.mode == SIM_ATRIA_CIRCLING;
    enum sim_shape_id shape = conducted_shape(heart);
    struct coming beat = {r_ms, shape, circling ? 'A' : conducted_code(shape), false, {NAN, NAN}};
    heart->driven_ms = INFINITY;
    expect(heart, &beat);
}

void sim_plan_ahead(struct sim_heart *heart)
{
    double ahead_ms = sim_now_ms(heart) + SIM_AHEAD_MS;
    if (sim_now_ms(heart) >= heart->script.next_ms)
        sim_follow_script(heart);
    plan_premature(heart);
    double p_ms = sim_atria_next_ms(&heart->atria);
    if (p_ms <= sim_now_ms(heart) + sim_shape(SIM_SHAPE_P_SINUS)->lead_in_ms)
        fire_atria(heart, p_ms, SIM_SHAPE_P_SINUS, 1.0);
    if (heart->driven_ms <= ahead_ms)
        fire_driven(heart);
    if (heart->own_ms <= ahead_ms)
        fire_from_below(heart);
    while (heart->coming_count > 0 && heart->coming[0].r_ms <= ahead_ms) {
        struct coming beat = heart->coming[0];
        heart->coming_count--;
        for (size_t i = 0; i < heart->coming_count; i++)
            heart->coming[i] = heart->coming[i + 1];
        excite(heart, &beat);
    }
}
