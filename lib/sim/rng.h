/* The heart's own source of chance: no global state, no library generator, the same numbers on every machine. */
#pragma once

#include <stdint.h>

struct sim_rng {
    uint64_t state[4];
};

/* Any seed will do, 0 included. */
void sim_rng_seed(struct sim_rng *rng, uint64_t seed);

uint64_t sim_rng_next(struct sim_rng *rng);

/* Uniform in [low, high). */
double sim_rng_uniform(struct sim_rng *rng, double low, double high);

/* Mean 0, standard deviation 1, bell-shaped, never beyond 3.5. */
double sim_rng_bell(struct sim_rng *rng);
