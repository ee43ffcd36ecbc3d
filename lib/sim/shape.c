/* The shapes.

Gaussian waves in time are those of McSharry, Clifford, Tarassenko and Smith, "A dynamical model for generating
synthetic electrocardiogram signals", IEEE Trans Biomed Eng 2003; 50: 289-294; that each has a direction in space, so
that all leads come from one vector, is after Sameni, Clifford, Jutten and Shamsollahi, "Multichannel ECG and noise
modeling", EURASIP J Adv Signal Process 2007: 043407. The figures are ours, chosen so that a sinus beat at 60 bpm has a
P wave of 100 ms, PR 160 ms, QRS 90 ms, QTc 400 ms, about 1.2 mV of R in II, rS in V1, the transition at V3, and a tall
R in V5. */
#include "sim/shape.h"

#include <math.h>

#define QRS_ONSET_MS (-42.0) /* of a sinus beat, from its R peak */
#define USUAL_QT_MS  400.0   /* at which the T wave's widths are as written */
#define REACH        4.0     /* standard deviations; 0.03 % of a wave are left out */
#define PR_MS        160.0

#define SINUS_QRS                                                                                                      \
    {SIM_ANCHOR_R, -24.0, 8.0, 8.0, {-0.10, -0.06, -0.25}}, {SIM_ANCHOR_R, 0.0, 11.0, 10.0, {1.05, 0.98, 0.22}},       \
        {SIM_ANCHOR_R, 15.0, 9.0, 10.0, {0.12, 0.08, 0.62}},                                                           \
    {                                                                                                                  \
        SIM_ANCHOR_R, 29.0, 8.0, 8.0,                                                                                  \
        {                                                                                                              \
            -0.22, -0.16, 0.18                                                                                         \
        }                                                                                                              \
    }

#define SINUS_T                                                                                                        \
    {                                                                                                                  \
        SIM_ANCHOR_T, -92.0, 56.0, 38.0,                                                                               \
        {                                                                                                              \
            0.27, 0.20, -0.17                                                                                          \
        }                                                                                                              \
    }

static const struct sim_shape shapes[SIM_SHAPE_COUNT] = {
    [SIM_SHAPE_SINUS] =
        {
            .lead_in_ms = 230.0,
            .wave_count = 7,
            .waves =
                {
                    {SIM_ANCHOR_P, 36.0, 17.0, 17.0, {0.020, 0.065, -0.045}}, /* right atrium */
                    {SIM_ANCHOR_P, 62.0, 18.0, 17.0, {0.050, 0.060, 0.030}},  /* left atrium */
                    SINUS_QRS,
                    SINUS_T,
                },
        },
    [SIM_SHAPE_ATRIAL] =
        {
            .lead_in_ms = 240.0,
            .pr_extra_ms = 8.0,
            .wave_count = 7,
            .waves =
                {
                    {SIM_ANCHOR_P, 30.0, 15.0, 15.0, {0.035, -0.055, 0.030}}, /* from low in the atria, upwards */
                    {SIM_ANCHOR_P, 56.0, 16.0, 15.0, {-0.020, -0.045, -0.030}},
                    SINUS_QRS,
                    SINUS_T,
                },
        },
    [SIM_SHAPE_RIGHT_VENTRICLE] =
        {
            /* from the outflow tract: downwards and to the back, like a left bundle block */
            .lead_in_ms = 110.0,
            .qt_extra_ms = 40.0,
            .wave_count = 4,
            .waves =
                {
                    {SIM_ANCHOR_R, -36.0, 15.0, 15.0, {0.16, 0.34, -0.08}},
                    {SIM_ANCHOR_R, 0.0, 18.0, 20.0, {0.75, 1.60, 1.15}},
                    {SIM_ANCHOR_R, 40.0, 16.0, 18.0, {0.42, 0.42, 0.34}},
                    {SIM_ANCHOR_T, -96.0, 62.0, 40.0, {-0.25, -0.42, -0.34}},
                },
        },
    [SIM_SHAPE_LEFT_VENTRICLE] =
        {
            /* from below in the left ventricle: upwards and to the front and right */
            .lead_in_ms = 110.0,
            .qt_extra_ms = 45.0,
            .wave_count = 4,
            .waves =
                {
                    {SIM_ANCHOR_R, -38.0, 15.0, 15.0, {0.20, -0.24, -0.25}},
                    {SIM_ANCHOR_R, 0.0, 19.0, 20.0, {-0.55, -1.65, -0.90}},
                    {SIM_ANCHOR_R, 42.0, 16.0, 18.0, {-0.42, -0.45, -0.20}},
                    {SIM_ANCHOR_T, -96.0, 62.0, 40.0, {0.22, 0.45, 0.22}},
                },
        },
};

const struct sim_shape *sim_shape(enum sim_shape_id id)
{
    return &shapes[(unsigned)id < SIM_SHAPE_COUNT ? id : SIM_SHAPE_SINUS];
}

static double qt_ms(const struct sim_shape *shape, const struct sim_beat_form *form)
{
    return form->qt_ms + shape->qt_extra_ms;
}

/* How much a wave is stretched. */
static double stretch(const struct sim_wave *wave, const struct sim_beat_form *form, double beat_qt_ms)
{
    if (wave->anchor == SIM_ANCHOR_T)
        return beat_qt_ms / USUAL_QT_MS;
    return wave->anchor == SIM_ANCHOR_P ? form->pr_scale : 1.0;
}

static double anchor_ms(const struct sim_shape *shape, const struct sim_wave *wave, const struct sim_beat_form *form)
{
    switch (wave->anchor) {
    case SIM_ANCHOR_P: return QRS_ONSET_MS - (PR_MS + shape->pr_extra_ms) * form->pr_scale;
    case SIM_ANCHOR_T: return QRS_ONSET_MS + qt_ms(shape, form);
    case SIM_ANCHOR_R: break;
    }
    return 0.0;
}

static double height(const struct sim_wave *wave, double past_peak_ms, double scale)
{
    double sigma_ms = (past_peak_ms < 0.0 ? wave->rise_ms : wave->fall_ms) * scale;
    double u = past_peak_ms / sigma_ms;
    return fabs(u) > REACH ? 0.0 : exp(-0.5 * u * u);
}

struct sim_vector sim_shape_at(const struct sim_shape *shape, const struct sim_beat_form *form, double since_r_ms)
{
    struct sim_vector sum = {0.0, 0.0, 0.0};
    double beat_qt_ms = qt_ms(shape, form);
    for (size_t i = 0; i < shape->wave_count; i++) {
        const struct sim_wave *wave = &shape->waves[i];
        double scale = stretch(wave, form, beat_qt_ms);
        double peak_ms = anchor_ms(shape, wave, form) + wave->at_ms * scale;
        double h = height(wave, since_r_ms - peak_ms, scale) * form->amplitude;
        if (wave->anchor == SIM_ANCHOR_T)
            h *= form->t_amplitude;
        sum.x += h * wave->peak_mv.x;
        sum.y += h * wave->peak_mv.y;
        sum.z += h * wave->peak_mv.z;
    }
    return sum;
}

double sim_shape_end_ms(const struct sim_shape *shape, const struct sim_beat_form *form)
{
    double end_ms = 0.0;
    double beat_qt_ms = qt_ms(shape, form);
    for (size_t i = 0; i < shape->wave_count; i++) {
        const struct sim_wave *wave = &shape->waves[i];
        double scale = stretch(wave, form, beat_qt_ms);
        end_ms = fmax(end_ms, anchor_ms(shape, wave, form) + (wave->at_ms + REACH * wave->fall_ms) * scale);
    }
    return end_ms;
}
