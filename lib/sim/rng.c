/* xoshiro256** 1.0, Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM Trans Math Softw 2021;
47: 36, seeded by splitmix64 as its authors advise. The bell is the sum of four uniform 16-bit numbers (Irwin-Hall): one
draw, no logarithm whose last bit would depend on the C library. */
#include "sim/rng.h"

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return (x << bits) | (x >> (64U - bits));
}

void sim_rng_seed(struct sim_rng *rng, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        rng->state[i] = splitmix64(&seed);
}

uint64_t sim_rng_next(struct sim_rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5U, 7) * 9U;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double sim_rng_uniform(struct sim_rng *rng, double low, double high)
{
    double unit = (double)(sim_rng_next(rng) >> 11) * 0x1.0p-53;
    return low + (high - low) * unit;
}

double sim_rng_bell(struct sim_rng *rng)
{
    uint64_t bits = sim_rng_next(rng);
    double sum = 0.0;
    for (unsigned shift = 0; shift < 64; shift += 16)
        sum += (double)((bits >> shift) & 0xffffU);
    /* four uniforms over 0 .. 65535: mean 2 * 65535, variance 4 * (65536^2 - 1) / 12 */
    return (sum - 131070.0) / 37837.2;
}
