/* The shapes.

Gaussian waves in time are those of McSharry, Clifford, Tarassenko and Smith, "A dynamical model for generating
synthetic electrocardiogram signals", IEEE Trans Biomed Eng 2003; 50: 289-294; that each has a direction in space, so
that all leads come from one vector, is after Sameni, Clifford, Jutten and Shamsollahi, "Multichannel ECG and noise
modeling", EURASIP J Adv Signal Process 2007: 043407. The figures are ours, chosen so that a sinus beat at 60 bpm has a
P wave of 100 ms, PR 160 ms, QRS 90 ms, QTc 400 ms, about 1.2 mV of R in II, rS in V1, the transition at V3, and a tall
R in V5; and so that the blocks meet their own criteria (Surawicz et al., Circulation 2009; 119: e235-e240): QRS of
140 ms, in left block a broad notched R in I and V6 and rS in V1, in right block rsR' in V1 and a wide S in I and V6. */
#include "sim/shape.h"

#include <math.h>

#define USUAL_QT_MS  400.0 /* at which the T wave's widths are as written */
#define REACH        4.0   /* standard deviations; 0.03 % of a wave are left out */
#define T_EDGE       2.4   /* standard deviations from the T wave's peak to what a reader calls its onset and its end */
#define ST_CENTRE_MS 70.0  /* behind the J point */
#define ST_RISE_MS   30.0
#define ST_FALL_MS   60.0
#define SPIKE_MV     3.0
#define SPIKE_MS     2.0

static const struct sim_shape shapes[SIM_SHAPE_COUNT] = {
    [SIM_SHAPE_P_SINUS] =
        {
            .lead_in_ms = 35.0,
            .end_ms = 100.0,
            .wave_count = 2,
            .waves =
                {
                    {SIM_ANCHOR_START, 36.0, 17.0, 17.0, {0.020, 0.065, -0.045}}, /* right atrium */
                    {SIM_ANCHOR_START, 62.0, 18.0, 17.0, {0.050, 0.060, 0.030}},  /* left atrium */
                },
        },
    [SIM_SHAPE_P_ECTOPIC] =
        {
            .lead_in_ms = 35.0,
            .end_ms = 92.0,
            .wave_count = 2,
            .waves =
                {
                    {SIM_ANCHOR_START, 30.0, 15.0, 15.0, {0.035, -0.055, 0.030}}, /* from low in the atria, upwards */
                    {SIM_ANCHOR_START, 56.0, 16.0, 15.0, {-0.020, -0.045, -0.030}},
                },
        },
    [SIM_SHAPE_NARROW] =
        {
            .lead_in_ms = 60.0,
            .onset_ms = -42.0,
            .end_ms = 48.0,
            .wave_count = 5,
            .waves =
                {
                    {SIM_ANCHOR_START, -24.0, 8.0, 8.0, {-0.10, -0.06, -0.25}},
                    {SIM_ANCHOR_START, 0.0, 11.0, 10.0, {1.05, 0.98, 0.22}},
                    {SIM_ANCHOR_START, 15.0, 9.0, 10.0, {0.12, 0.08, 0.62}},
                    {SIM_ANCHOR_START, 29.0, 8.0, 8.0, {-0.22, -0.16, 0.18}},
                    {SIM_ANCHOR_T, -92.0, 56.0, 38.0, {0.27, 0.20, -0.17}},
                },
        },
    [SIM_SHAPE_LBBB] =
        {
            .lead_in_ms = 100.0,
            .onset_ms = -60.0,
            .end_ms = 90.0,
            .qt_extra_ms = 45.0,
            .wave_count = 5,
            .waves =
                {
                    {SIM_ANCHOR_START, -26.0, 15.0, 14.0, {0.35, 0.30, -0.10}},
                    {SIM_ANCHOR_START, 0.0, 16.0, 18.0, {0.95, 0.45, 0.75}},
                    {SIM_ANCHOR_START, 38.0, 17.0, 17.0, {0.95, 0.10, 0.85}}, /* the left ventricle, late: the notch */
                    {SIM_ANCHOR_START, 62.0, 12.0, 12.0, {0.15, -0.10, 0.35}},
                    {SIM_ANCHOR_T, -96.0, 62.0, 40.0, {-0.33, -0.12, -0.30}},
                },
        },
    [SIM_SHAPE_RBBB] =
        {
            .lead_in_ms = 60.0,
            .onset_ms = -42.0,
            .end_ms = 100.0,
            .qt_extra_ms = 35.0,
            .wave_count = 5,
            .waves =
                {
                    {SIM_ANCHOR_START, -24.0, 8.0, 8.0, {-0.10, -0.06, -0.25}},
                    {SIM_ANCHOR_START, 0.0, 11.0, 10.0, {1.05, 0.98, 0.22}},
                    {SIM_ANCHOR_START, 18.0, 9.0, 10.0, {0.05, 0.06, 0.45}},
                    {SIM_ANCHOR_START, 60.0, 15.0, 17.0, {-0.50, -0.10, -0.62}}, /* the right ventricle, late */
                    {SIM_ANCHOR_T, -94.0, 58.0, 39.0, {0.24, 0.16, 0.12}},
                },
        },
    [SIM_SHAPE_RIGHT_VENTRICLE] =
        {
            /* from the outflow tract: downwards and to the back, like a left bundle block */
            .lead_in_ms = 110.0,
            .onset_ms = -72.0,
            .end_ms = 82.0,
            .qt_extra_ms = 40.0,
            .wave_count = 4,
            .waves =
                {
                    {SIM_ANCHOR_START, -36.0, 15.0, 15.0, {0.16, 0.34, -0.08}},
                    {SIM_ANCHOR_START, 0.0, 18.0, 20.0, {0.75, 1.60, 1.15}},
                    {SIM_ANCHOR_START, 40.0, 16.0, 18.0, {0.42, 0.42, 0.34}},
                    {SIM_ANCHOR_T, -96.0, 62.0, 40.0, {-0.25, -0.42, -0.34}},
                },
        },
    [SIM_SHAPE_LEFT_VENTRICLE] =
        {
            /* from below in the left ventricle: upwards and to the front and right */
            .lead_in_ms = 110.0,
            .onset_ms = -74.0,
            .end_ms = 84.0,
            .qt_extra_ms = 45.0,
            .wave_count = 4,
            .waves =
                {
                    {SIM_ANCHOR_START, -38.0, 15.0, 15.0, {0.20, -0.24, -0.25}},
                    {SIM_ANCHOR_START, 0.0, 19.0, 20.0, {-0.55, -1.65, -0.90}},
                    {SIM_ANCHOR_START, 42.0, 16.0, 18.0, {-0.42, -0.45, -0.20}},
                    {SIM_ANCHOR_T, -96.0, 62.0, 40.0, {0.22, 0.45, 0.22}},
                },
        },
    [SIM_SHAPE_SEPTUM] =
        {
            .lead_in_ms = 105.0,
            .onset_ms = -66.0,
            .end_ms = 76.0,
            .qt_extra_ms = 35.0,
            .wave_count = 4,
            .waves =
                {
                    {SIM_ANCHOR_START, -32.0, 14.0, 14.0, {-0.15, 0.20, -0.40}},
                    {SIM_ANCHOR_START, 0.0, 17.0, 18.0, {0.95, -0.75, -0.85}},
                    {SIM_ANCHOR_START, 38.0, 15.0, 16.0, {0.30, -0.40, 0.35}},
                    {SIM_ANCHOR_T, -96.0, 60.0, 40.0, {-0.28, 0.22, 0.20}},
                },
        },
    [SIM_SHAPE_PACED] =
        {
            /* from the apex of the right ventricle: upwards, to the left and to the back */
            .lead_in_ms = 110.0,
            .onset_ms = -72.0,
            .end_ms = 96.0,
            .qt_extra_ms = 55.0,
            .spiked = true,
            .wave_count = 4,
            .waves =
                {
                    {SIM_ANCHOR_START, -36.0, 14.0, 15.0, {0.10, -0.25, 0.12}},
                    {SIM_ANCHOR_START, 0.0, 19.0, 21.0, {0.75, -1.35, 0.85}},
                    {SIM_ANCHOR_START, 46.0, 18.0, 19.0, {0.50, -0.35, 0.35}},
                    {SIM_ANCHOR_T, -98.0, 64.0, 42.0, {-0.26, 0.42, -0.30}},
                },
        },
};

const struct sim_shape *sim_shape(enum sim_shape_id id)
{
    return &shapes[(unsigned)id < SIM_SHAPE_COUNT ? id : SIM_SHAPE_NARROW];
}

static double onset_ms(const struct sim_shape *shape, const struct sim_form *form)
{
    return shape->onset_ms * form->stretch;
}

static double qt_end_ms(const struct sim_shape *shape, const struct sim_form *form)
{
    return onset_ms(shape, form) + form->qt_ms + shape->qt_extra_ms;
}

static double t_scale(const struct sim_shape *shape, const struct sim_form *form)
{
    return (form->qt_ms + shape->qt_extra_ms) / USUAL_QT_MS * form->t_width;
}

/* A wave of the shape in this form; a T that there is not has no height. */
static struct sim_bump place(const struct sim_shape *shape, const struct sim_wave *wave, const struct sim_form *form)
{
    bool from_start = wave->anchor == SIM_ANCHOR_START;
    double scale = from_start ? form->stretch : t_scale(shape, form);
    double zero_ms = from_start ? 0.0 : qt_end_ms(shape, form);
    double height = from_start ? form->amplitude : form->qt_ms > 0.0 ? form->amplitude * form->t_amplitude : 0.0;
    return (struct sim_bump){
        .peak_ms = zero_ms + wave->at_ms * scale,
        .rise_ms = wave->rise_ms * scale,
        .fall_ms = wave->fall_ms * scale,
        .peak_mv = {height * wave->peak_mv.x, height * wave->peak_mv.y, height * wave->peak_mv.z},
    };
}

static bool any(const struct sim_vector *v)
{
    return v->x != 0.0 || v->y != 0.0 || v->z != 0.0;
}

void sim_shape_excite(const struct sim_shape *shape, const struct sim_form *form, struct sim_excitation *out)
{
    *out = (struct sim_excitation){.spike_ms = shape->spiked ? onset_ms(shape, form) : (double)NAN};
    for (size_t i = 0; i < shape->wave_count; i++)
        out->bumps[out->count++] = place(shape, &shape->waves[i], form);
    if (any(&form->st_mv))
        out->bumps[out->count++] =
            (struct sim_bump){shape->end_ms * form->stretch + ST_CENTRE_MS, ST_RISE_MS, ST_FALL_MS, form->st_mv};
    for (size_t i = 0; i < out->count; i++)
        out->over_ms = fmax(out->over_ms, out->bumps[i].peak_ms + REACH * out->bumps[i].fall_ms);
}

struct sim_vector sim_excitation_at(const struct sim_excitation *excitation, double since_ms)
{
    struct sim_vector sum = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < excitation->count; i++) {
        const struct sim_bump *bump = &excitation->bumps[i];
        double past_ms = since_ms - bump->peak_ms;
        double u = past_ms / (past_ms < 0.0 ? bump->rise_ms : bump->fall_ms);
        if (fabs(u) > REACH)
            continue;
        double h = exp(-0.5 * u * u);
        sum.x += h * bump->peak_mv.x;
        sum.y += h * bump->peak_mv.y;
        sum.z += h * bump->peak_mv.z;
    }
    double into_spike_ms = since_ms - excitation->spike_ms; /* NAN: never */
    if (into_spike_ms >= 0.0 && into_spike_ms < SPIKE_MS) {
        sum.x += SPIKE_MV * 0.4;
        sum.y -= SPIKE_MV;
        sum.z += SPIKE_MV * 0.4;
    }
    return sum;
}

struct sim_t_times sim_shape_t(const struct sim_shape *shape, const struct sim_form *form)
{
    for (size_t i = 0; form->qt_ms > 0.0 && i < shape->wave_count; i++) {
        if (shape->waves[i].anchor != SIM_ANCHOR_T)
            continue;
        struct sim_bump t = place(shape, &shape->waves[i], form);
        return (struct sim_t_times){t.peak_ms - T_EDGE * t.rise_ms, t.peak_ms, t.peak_ms + T_EDGE * t.fall_ms};
    }
    return (struct sim_t_times){NAN, NAN, NAN};
}
