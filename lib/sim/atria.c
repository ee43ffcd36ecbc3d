/* The atria. Fibrillation: the ventricles' intervals are independent and log-normal about their mean, never closer than
the AV node recovers (the coefficient of variation of 0.24 is that of recorded fibrillation, e.g. Tateno and Glass, Med
Biol Eng Comput 2001; 39: 664-671); the fibrillatory waves are three oscillations of 4 to 9 Hz that wander in pace,
after the frequencies of Stridh and Soernmo, IEEE Trans Biomed Eng 2001; 48: 105-111. Flutter: 300 saw teeth a minute,
downwards in II, III and aVF (the typical, anticlockwise kind). */
#include "sim/atria.h"

#include <math.h>

#define TWO_PI         6.28318530717958647692
#define FLUTTER_HZ     5.0
#define FLUTTER_MV     0.18
#define AF_MV          0.030
#define AF_PACE_MIN_HZ 4.0
#define AF_PACE_MAX_HZ 9.0
#define AF_VARIATION   0.24
#define AF_SHORTEST    0.55 /* of the mean interval */
#define AF_LEAST_MS    300.0
#define CIRCLE_SD      0.006
#define PACE_WANDER_HZ 1.5 /* in a second */

static const struct sim_vector af_direction[3] = {{0.10, 0.60, -1.20}, {0.35, 0.80, -0.40}, {-0.40, 0.50, 0.50}};

void sim_atria_init(struct sim_atria *atria, struct sim_rng *rng)
{
    *atria = (struct sim_atria){.mode = SIM_ATRIA_SINUS};
    for (int i = 0; i < 3; i++) {
        atria->phase[i] = sim_rng_uniform(rng, 0.0, TWO_PI);
        atria->pace_hz[i] = sim_rng_uniform(rng, 5.0, 7.5);
    }
}

void sim_atria_set(struct sim_atria *atria, enum sim_atria_mode mode, double value, double from_ms)
{
    if (mode == SIM_ATRIA_SINUS && atria->mode != SIM_ATRIA_SINUS)
        atria->fired_ms = from_ms - atria->rr_ms;
    atria->mode = mode;
    atria->value = value;
}

double sim_atria_next_ms(const struct sim_atria *atria)
{
    if (atria->mode != SIM_ATRIA_SINUS)
        return INFINITY;
    return fmax(atria->fired_ms + atria->rr_ms, atria->silent_until_ms);
}

void sim_atria_fired(struct sim_atria *atria, double p_ms, double rr_ms)
{
    atria->fired_ms = p_ms;
    atria->rr_ms = rr_ms;
}

void sim_atria_pause(struct sim_atria *atria, double until_ms)
{
    atria->silent_until_ms = until_ms;
}

static double fibrillating_ms(const struct sim_atria *atria, struct sim_rng *rng)
{
    double mean_ms = 60000.0 / atria->value;
    double interval_ms = mean_ms * exp(AF_VARIATION * sim_rng_bell(rng) - 0.5 * AF_VARIATION * AF_VARIATION);
    return fmax(interval_ms, fmax(AF_SHORTEST * mean_ms, AF_LEAST_MS));
}

double sim_atria_interval_ms(const struct sim_atria *atria, struct sim_rng *rng)
{
    switch (atria->mode) {
    case SIM_ATRIA_FIBRILLATION: return fibrillating_ms(atria, rng);
    case SIM_ATRIA_FLUTTER: return 1000.0 / FLUTTER_HZ * fmax(round(atria->value), 1.0);
    case SIM_ATRIA_CIRCLING: return 60000.0 / atria->value * (1.0 + CIRCLE_SD * sim_rng_bell(rng));
    case SIM_ATRIA_SINUS:
    case SIM_ATRIA_SILENT: break;
    }
    return INFINITY;
}

static double wrap(double phase)
{
    return phase >= TWO_PI ? phase - TWO_PI : phase;
}

static struct sim_vector fibrillate(struct sim_atria *atria, double seconds, struct sim_rng *rng)
{
    struct sim_vector sum = {0.0, 0.0, 0.0};
    double wander_hz = PACE_WANDER_HZ * sqrt(seconds);
    for (int i = 0; i < 3; i++) {
        double pace_hz = atria->pace_hz[i] + wander_hz * sim_rng_bell(rng);
        atria->pace_hz[i] = fmin(fmax(pace_hz, AF_PACE_MIN_HZ), AF_PACE_MAX_HZ);
        atria->phase[i] = wrap(atria->phase[i] + TWO_PI * atria->pace_hz[i] * seconds);
        double h = AF_MV * sin(atria->phase[i]);
        sum.x += h * af_direction[i].x;
        sum.y += h * af_direction[i].y;
        sum.z += h * af_direction[i].z;
    }
    return sum;
}

/* A slow fall and a quick rise, without the corner that no body makes. */
static struct sim_vector flutter(struct sim_atria *atria, double seconds)
{
    atria->phase[0] = wrap(atria->phase[0] + TWO_PI * FLUTTER_HZ * seconds);
    double p = atria->phase[0];
    double h = FLUTTER_MV * 0.6 * (sin(p) + 0.45 * sin(2.0 * p) + 0.2 * sin(3.0 * p));
    return (struct sim_vector){0.1 * h, h, -0.55 * h};
}

struct sim_vector sim_atria_pass(struct sim_atria *atria, double seconds, struct sim_rng *rng)
{
    switch (atria->mode) {
    case SIM_ATRIA_FIBRILLATION: return fibrillate(atria, seconds, rng);
    case SIM_ATRIA_FLUTTER: return flutter(atria, seconds);
    case SIM_ATRIA_SINUS:
    case SIM_ATRIA_CIRCLING:
    case SIM_ATRIA_SILENT: break;
    }
    return (struct sim_vector){0.0, 0.0, 0.0};
}
