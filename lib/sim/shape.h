/* The shapes of activations: how the heart's electrical vector moves while the atria, or the ventricles, are excited
and recover.

A shape is a sum of waves; each wave is a Gaussian in time, with its own width before and behind its peak, and a
fixed direction in the body's axes: x to the left, y to the feet, z to the back (Frank's axes), in millivolts as
Frank's leads would show them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SIM_WAVES_MAX = 8 };

struct sim_vector {
    double x, y, z;
};

/* What a wave's time is counted from. */
enum sim_anchor {
    SIM_ANCHOR_START, /* the onset of the P wave, or the R peak */
    SIM_ANCHOR_T,     /* the end of the QT interval; widths scale with it */
};

struct sim_wave {
    enum sim_anchor anchor;
    double at_ms;            /* of the peak, from the anchor */
    double rise_ms, fall_ms; /* standard deviations before and behind the peak */
    struct sim_vector peak_mv;
};

struct sim_shape {
    double lead_in_ms;       /* the first wave begins so long before its start */
    double onset_ms, end_ms; /* of P or QRS, from its start */
    double qt_extra_ms;      /* longer than the rate alone would have it */
    bool spiked;             /* a pacemaker's impulse stands at the onset */
    size_t wave_count;
    struct sim_wave waves[SIM_WAVES_MAX];
};

enum sim_shape_id {
    SIM_SHAPE_P_SINUS,
    SIM_SHAPE_P_ECTOPIC,
    SIM_SHAPE_NARROW, /* conducted by both bundle branches */
    SIM_SHAPE_LBBB,
    SIM_SHAPE_RBBB,
    SIM_SHAPE_RIGHT_VENTRICLE,
    SIM_SHAPE_LEFT_VENTRICLE,
    SIM_SHAPE_SEPTUM, /* a third focus */
    SIM_SHAPE_PACED,
    SIM_SHAPE_COUNT
};

/* Never NULL. */
const struct sim_shape *sim_shape(enum sim_shape_id id);

/* One activation's own version of a shape. */
struct sim_form {
    double amplitude; /* 1: as in the table */
    double stretch;   /* of everything that is counted from the start; 1: as in the table */
    double t_amplitude;
    double t_width;
    double qt_ms;            /* QRS onset to T end, of a beat without qt_extra_ms; 0: there is no T */
    struct sim_vector st_mv; /* stands from the J point into the T wave */
};

/* Where T is, from the R peak. */
struct sim_t_times {
    double onset_ms, peak_ms, end_ms;
};
struct sim_t_times sim_shape_t(const struct sim_shape *shape, const struct sim_form *form);

/* A shape in a form, worked out once for all the samples that it lasts. */
struct sim_bump {
    double peak_ms, rise_ms, fall_ms;
    struct sim_vector peak_mv;
};

struct sim_excitation {
    size_t count;
    struct sim_bump bumps[SIM_WAVES_MAX + 1];
    double spike_ms; /* when a pacemaker's impulse begins, from the start; NAN: there is none */
    double over_ms;  /* when the last wave is over, from the start */
};

void sim_shape_excite(const struct sim_shape *shape, const struct sim_form *form, struct sim_excitation *out);

/* The vector `since_ms` after (or, negative, before) the start. */
struct sim_vector sim_excitation_at(const struct sim_excitation *excitation, double since_ms);
