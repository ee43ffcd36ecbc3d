/* The shapes of beats: how the heart's electrical vector moves during one of them.

A shape is a sum of waves; each wave is a Gaussian in time, with its own width before and behind its peak, and a fixed
direction in the body's axes: x to the left, y to the feet, z to the back (Frank's axes), in millivolts as Frank's leads
would show them. */
#pragma once

#include <stddef.h>

enum { SIM_WAVES_MAX = 10 };

struct sim_vector {
    double x, y, z;
};

/* What a wave's time is counted from. */
enum sim_anchor {
    SIM_ANCHOR_P, /* the R peak less the PR interval: P waves move when the PR interval does */
    SIM_ANCHOR_R, /* the R peak */
    SIM_ANCHOR_T, /* the end of the QT interval; widths scale with it */
};

struct sim_wave {
    enum sim_anchor anchor;
    double at_ms;            /* of the peak, from the anchor */
    double rise_ms, fall_ms; /* standard deviations before and behind the peak */
    struct sim_vector peak_mv;
};

struct sim_shape {
    double lead_in_ms;  /* the first wave begins so long before the R peak */
    double qt_extra_ms; /* longer than the rate alone would have it */
    double pr_extra_ms;
    size_t wave_count;
    struct sim_wave waves[SIM_WAVES_MAX];
};

enum sim_shape_id {
    SIM_SHAPE_SINUS,
    SIM_SHAPE_ATRIAL,
    SIM_SHAPE_RIGHT_VENTRICLE,
    SIM_SHAPE_LEFT_VENTRICLE,
    SIM_SHAPE_COUNT
};

/* Never NULL. */
const struct sim_shape *sim_shape(enum sim_shape_id id);

/* One beat's own version of a shape. */
struct sim_beat_form {
    double amplitude; /* 1: as in the table */
    double t_amplitude;
    double pr_scale; /* of the PR interval: fast hearts conduct faster */
    double qt_ms;    /* QRS onset to T end, of a beat without qt_extra_ms */
};

/* The vector `since_r_ms` after (or, negative, before) the R peak. */
struct sim_vector sim_shape_at(const struct sim_shape *shape, const struct sim_beat_form *form, double since_r_ms);

/* When the last wave is over. */
double sim_shape_end_ms(const struct sim_shape *shape, const struct sim_beat_form *form);
