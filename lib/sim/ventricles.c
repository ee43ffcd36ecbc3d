/* The ventricles. Fibrillation is four oscillations of 3 to 7 Hz whose pace and direction wander, so that the signal
waxes, wanes and turns without ever repeating itself, with the dominant frequencies of recorded fibrillation
(Strohmenger et al., Resuscitation 1997; 33: 237-243). */
#include "sim/ventricles.h"

#include <math.h>

#define TWO_PI         6.28318530717958647692
#define PACE_MIN_HZ    3.0
#define PACE_MAX_HZ    7.0
#define PACE_WANDER_HZ 1.2 /* in a second */
#define TURN_RAD       0.8 /* likewise */
#define FADE_S         0.3
#define TACHYCARDIA_SD 0.012

void sim_ventricles_init(struct sim_ventricles *ventricles, struct sim_rng *rng)
{
    *ventricles = (struct sim_ventricles){.mode = SIM_VENTRICLES_LED, .escape_ms = INFINITY};
    for (int i = 0; i < 4; i++) {
        ventricles->phase[i] = sim_rng_uniform(rng, 0.0, TWO_PI);
        ventricles->pace_hz[i] = sim_rng_uniform(rng, 4.0, 6.0);
    }
}

bool sim_ventricles_follow(const struct sim_ventricles *ventricles)
{
    return ventricles->mode == SIM_VENTRICLES_LED || ventricles->mode == SIM_VENTRICLES_TACHYCARDIA;
}

double sim_ventricles_interval_ms(const struct sim_ventricles *ventricles, struct sim_rng *rng)
{
    if (ventricles->mode == SIM_VENTRICLES_TACHYCARDIA)
        return 60000.0 / ventricles->rate_bpm * (1.0 + TACHYCARDIA_SD * sim_rng_bell(rng));
    return ventricles->mode == SIM_VENTRICLES_LED ? ventricles->escape_ms : INFINITY;
}

static double wrap(double phase)
{
    return phase >= TWO_PI ? phase - TWO_PI : phase;
}

struct sim_vector sim_ventricles_pass(struct sim_ventricles *ventricles, double seconds, struct sim_rng *rng)
{
    static const struct sim_vector ways[4] = {{0.8, 0.6, -0.2}, {-0.3, 0.8, 0.6}, {0.5, -0.4, 0.8}, {0.6, 0.7, -0.7}};
    struct sim_vector sum = {0.0, 0.0, 0.0};
    bool on = ventricles->mode == SIM_VENTRICLES_FIBRILLATION;
    double step = seconds / FADE_S;
    ventricles->depth = fmin(fmax(ventricles->depth + (on ? step : -step), 0.0), 1.0);
    if (ventricles->depth == 0.0)
        return sum;
    ventricles->turn += TURN_RAD * sqrt(seconds) * sim_rng_bell(rng);
    for (int i = 0; i < 4; i++) {
        double pace_hz = ventricles->pace_hz[i] + PACE_WANDER_HZ * sqrt(seconds) * sim_rng_bell(rng);
        ventricles->pace_hz[i] = fmin(fmax(pace_hz, PACE_MIN_HZ), PACE_MAX_HZ);
        ventricles->phase[i] = wrap(ventricles->phase[i] + TWO_PI * ventricles->pace_hz[i] * seconds);
        double h = 0.7 * ventricles->height_mv * ventricles->depth * sin(ventricles->phase[i]);
        sum.x += h * (ways[i].x * cos(ventricles->turn) - ways[i].y * sin(ventricles->turn));
        sum.y += h * (ways[i].x * sin(ventricles->turn) + ways[i].y * cos(ventricles->turn));
        sum.z += h * ways[i].z;
    }
    return sum;
}
