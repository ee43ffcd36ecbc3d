/* RR intervals with the two rhythms every healthy heart shows: the breath's (HF) and Mayer's at 0.1 Hz (LF), as in the
RR spectrum of McSharry et al. 2003, made in the time domain so that the same breath also moves the leads. */
#include "sim/rhythm.h"

#include <math.h>

#define TWO_PI          6.28318530717958647692
#define MAYER_HZ        0.1
#define HF_SHARE        0.50 /* of the variance */
#define LF_SHARE        0.40
#define RANDOM_SHARE    0.10
#define BREATH_DRIFT_SD 0.08   /* breaths differ by so much */
#define MAYER_DRIFT_SD  0.25   /* radians a beat */
#define SETTLING_MS     6000.0 /* time constant of a change of rate: nerves do not jump */
#define RR_MIN_MS       250.0
#define RR_MAX_MS       2500.0

void sim_rhythm_init(struct sim_rhythm *rhythm, double heart_rate_bpm, double hr_sd_bpm, double respiration_hz,
                     struct sim_rng *rng)
{
    *rhythm = (struct sim_rhythm){
        .heart_rate_bpm = heart_rate_bpm,
        .towards_bpm = heart_rate_bpm,
        .hr_sd_bpm = hr_sd_bpm,
        .respiration_hz = respiration_hz,
        .breath = sim_rng_uniform(rng, 0.0, TWO_PI),
        .breath_drift = 1.0,
        .mayer = sim_rng_uniform(rng, 0.0, TWO_PI),
    };
}

static double wrap(double phase)
{
    return phase >= TWO_PI ? fmod(phase, TWO_PI) : phase;
}

void sim_rhythm_pass(struct sim_rhythm *rhythm, double seconds)
{
    rhythm->breath = wrap(rhythm->breath + TWO_PI * rhythm->respiration_hz * rhythm->breath_drift * seconds);
    rhythm->mayer = wrap(rhythm->mayer + TWO_PI * MAYER_HZ * seconds);
}

double sim_rhythm_rr_ms(struct sim_rhythm *rhythm, struct sim_rng *rng)
{
    rhythm->breath_drift = 0.7 * rhythm->breath_drift + 0.3 * (1.0 + BREATH_DRIFT_SD * sim_rng_bell(rng));
    rhythm->mayer = wrap(rhythm->mayer + TWO_PI + MAYER_DRIFT_SD * sim_rng_bell(rng));
    /* inspiration speeds the heart up; a sine has the variance 1/2 */
    double wave = sqrt(2.0 * HF_SHARE) * sin(rhythm->breath) + sqrt(2.0 * LF_SHARE) * sin(rhythm->mayer) +
                  sqrt(RANDOM_SHARE) * sim_rng_bell(rng);
    double bpm = rhythm->heart_rate_bpm + rhythm->hr_sd_bpm * wave;
    double rr_ms = fmin(fmax(60000.0 / fmax(bpm, 10.0), RR_MIN_MS), RR_MAX_MS);
    rhythm->heart_rate_bpm += (rhythm->towards_bpm - rhythm->heart_rate_bpm) * (1.0 - exp(-rr_ms / SETTLING_MS));
    return rr_ms;
}

double sim_rhythm_lungs(const struct sim_rhythm *rhythm)
{
    return sin(rhythm->breath);
}
