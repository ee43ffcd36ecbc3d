/* What the parts of the virtual heart share: heart.c makes it and its samples, excite.c decides which beat comes next,
orders.c carries out what was asked for. */
#pragma once

#include "sim/atria.h"
#include "sim/av_node.h"
#include "sim/heart.h"
#include "sim/leads.h"
#include "sim/rhythm.h"
#include "sim/rng.h"
#include "sim/script.h"
#include "sim/shape.h"
#include "sim/ventricles.h"

#define SIM_AHEAD_MS 115.0 /* of the R peak a beat must be planned: the longest lead-in */

enum { ACTIVE_MAX = 12, COMING_MAX = 8, UNTOLD_MAX = 8 };

/* An excitation of the atria or the ventricles that shows in the vector, or will. */
struct activation {
    struct sim_excitation form;
    double start_ms;
};

/* When the atria were excited on whose account a beat comes; NAN: not at all. */
struct p_times {
    double onset_ms, end_ms;
};

/* A beat on its way: the AV node has let it pass, or a focus will fire. */
struct coming {
    double r_ms;
    enum sim_shape_id shape;
    char code;
    bool premature;
    struct p_times p;
};

struct sim_heart {
    double fs_hz;
    int64_t position;
    struct sim_rng rng; /* of everything but the leads */
    struct sim_rhythm rhythm;
    double usual_bpm; /* what the rhythm's rate is when nothing has changed it */
    struct sim_atria atria;
    struct sim_av_node av_node;
    struct sim_ventricles ventricles;
    struct sim_leads leads;
    struct sim_script script;

    struct activation active[ACTIVE_MAX];
    size_t active_count;
    struct coming coming[COMING_MAX];
    size_t coming_count;
    struct sim_truth_beat untold[UNTOLD_MAX]; /* in the order of their R peaks */
    size_t untold_count;
    enum ecg_rhythm told_rhythm;
    bool changed; /* since the rhythm was last told */

    bool any_beat;
    double last_r_ms;
    bool last_premature;
    unsigned since_premature; /* beats */
    double driven_ms;         /* when fibrillating, fluttering or circling atria excite the ventricles next */
    double own_ms;            /* when the ventricles, or the pacemaker, fire by themselves */
    enum sim_anomaly queue[SIM_ANOMALY_QUEUE];
    size_t queue_at, queue_count;

    double qt_rr_ms; /* the interval that the QT follows */
    /* this person */
    double tilt_frontal_rad, tilt_horizontal_rad, scale, t_scale, qtc_ms;
    size_t focus; /* where its premature ventricular beats come from */
};

static inline double sim_now_ms(const struct sim_heart *heart)
{
    return 1000.0 * (double)heart->position / heart->fs_hz;
}

static inline double sim_sample_of(const struct sim_heart *heart, double ms)
{
    return ms * heart->fs_hz / 1000.0;
}

/* Whatever begins soon is planned: to be called before each sample. */
void sim_plan_ahead(struct sim_heart *heart);

/* Whatever waits for the ventricles to be quiet begins to wait anew, from a beat at `r_ms`. */
void sim_restart_clocks(struct sim_heart *heart, double r_ms);

/* What is due of the script begins or ends. */
void sim_follow_script(struct sim_heart *heart);

/* The anomaly begins now. */
void sim_begin(struct sim_heart *heart, const struct sim_event *event);

/* Something has begun or ended in this part. */
void sim_change(struct sim_heart *heart, enum sim_part part);
