/* The leads. The projection is Dower's: Dower, Machado and Osborne, "On deriving the electrocardiogram from
vectorcardiographic leads", Clin Cardiol 1980; 3: 87-95. I and II are projected, the other limb leads follow from them,
so that Einthoven's and Goldberger's equations hold by construction. Noise is made at the electrodes, because a lead is
a difference of electrodes: what moves the right arm shows in every lead but III. */
#include "sim/leads.h"

#include <math.h>
#include <string.h>

#define TWO_PI            6.28318530717958647692
#define LUNGS_BASELINE_MV 0.03 /* breathing moves the skin under the electrodes */
#define DRIFT_MV          0.02 /* slow wander of each electrode */
#define DRIFT_S           4.0
#define FIRST_DRIFT       0.5
#define MAINS_HZ          50.0
#define WANDER_HZ         0.23
#define WANDER_JITTER     0.35 /* radians, in a second */
#define MOTION_S          0.12 /* an electrode swings back within so long: 1 to 10 Hz, where the QRS is too */
#define MOTION_ELECTRODES 4

/* Rows: I, II, V1 .. V6; columns: x, y, z. */
static const double dower[8][3] = {
    {0.632, -0.235, 0.059}, {0.235, 1.066, -0.132}, {-0.515, 0.157, -0.917}, {0.044, 0.164, -1.387},
    {0.882, 0.098, -1.277}, {1.213, 0.127, -0.601}, {1.125, 0.127, -0.086},  {0.831, 0.076, 0.230},
};

void sim_leads_init(struct sim_leads *leads, double fs_hz, double noise_mv, uint64_t seed)
{
    *leads = (struct sim_leads){.fs_hz = fs_hz, .noise_mv = noise_mv, .disturbance = {.off = -1}};
    sim_rng_seed(&leads->rng, seed);
    for (size_t i = 0; i < SIM_ELECTRODE_COUNT; i++) {
        leads->drift_mv[i] = FIRST_DRIFT * DRIFT_MV * sim_rng_bell(&leads->rng);
        leads->lungs_mv[i] = LUNGS_BASELINE_MV * sim_rng_uniform(&leads->rng, -1.0, 1.0);
        leads->share[i] = sim_rng_uniform(&leads->rng, -1.0, 1.0);
    }
}

/* The rest of what is asked for now and then; quiet leads do not pay for it. */
static double disturb(struct sim_leads *leads, size_t electrode)
{
    const struct sim_disturbance *all = &leads->disturbance;
    double sum =
        leads->share[electrode] * (all->mains_mv * sin(leads->mains_phase) + all->wander_mv * sin(leads->wander_phase));
    if (all->muscle_mv > 0.0) { /* the difference of white noise: little below 20 Hz */
        double white = sim_rng_bell(&leads->rng);
        sum += all->muscle_mv * (white - leads->muscle[electrode]) / sqrt(2.0);
        leads->muscle[electrode] = white;
    }
    if (all->motion_mv > 0.0 && electrode < MOTION_ELECTRODES) {
        double keep = 1.0 - 1.0 / (MOTION_S * leads->fs_hz);
        leads->motion[electrode] =
            keep * leads->motion[electrode] + sqrt(1.0 - keep * keep) * sim_rng_bell(&leads->rng);
        sum += all->motion_mv * leads->motion[electrode];
    }
    return sum;
}

static bool is_disturbed(const struct sim_disturbance *all)
{
    return all->wander_mv > 0.0 || all->muscle_mv > 0.0 || all->mains_mv > 0.0 || all->motion_mv > 0.0;
}

static void pass_time(struct sim_leads *leads)
{
    double seconds = 1.0 / leads->fs_hz;
    double jitter = WANDER_JITTER * sqrt(seconds) * sim_rng_bell(&leads->rng);
    leads->mains_phase = fmod(leads->mains_phase + TWO_PI * MAINS_HZ * seconds, TWO_PI);
    leads->wander_phase = fmod(leads->wander_phase + TWO_PI * WANDER_HZ * seconds + jitter + TWO_PI, TWO_PI);
}

/* What each electrode adds: white noise, slow drift, breath, and what disturbs it. */
static void electrode_noise(struct sim_leads *leads, double lungs, double noise_mv[SIM_ELECTRODE_COUNT])
{
    double keep = 1.0 - 1.0 / (DRIFT_S * leads->fs_hz);
    double push = DRIFT_MV * sqrt(1.0 - keep * keep);
    bool disturbed = is_disturbed(&leads->disturbance);
    for (size_t i = 0; i < SIM_ELECTRODE_COUNT; i++) {
        double white = sim_rng_bell(&leads->rng);
        double slow = sim_rng_bell(&leads->rng);
        leads->drift_mv[i] = keep * leads->drift_mv[i] + push * slow;
        noise_mv[i] = leads->noise_mv * white / sqrt(2.0) + leads->drift_mv[i] + leads->lungs_mv[i] * lungs;
        if (disturbed)
            noise_mv[i] += disturb(leads, i);
    }
    if (disturbed)
        pass_time(leads);
}

static double project(const double row[3], const struct sim_vector *v)
{
    return row[0] * v->x + row[1] * v->y + row[2] * v->z;
}

/* Which leads need the electrode. */
static bool needs(size_t lead, int electrode)
{
    if (electrode >= SIM_ELECTRODE_V1)
        return lead == ECG_LEAD_V1 + (size_t)(electrode - SIM_ELECTRODE_V1);
    return !((lead == ECG_LEAD_I && electrode == SIM_ELECTRODE_LL) ||
             (lead == ECG_LEAD_II && electrode == SIM_ELECTRODE_LA) ||
             (lead == ECG_LEAD_III && electrode == SIM_ELECTRODE_RA));
}

static void limit(const struct sim_disturbance *disturbance, double mv[ECG_STANDARD_LEADS])
{
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++) {
        if (disturbance->rail_mv > 0.0)
            mv[lead] = fmin(fmax(mv[lead], -disturbance->rail_mv), disturbance->rail_mv);
        if (disturbance->off >= 0 && needs(lead, disturbance->off))
            mv[lead] = NAN;
    }
}

void sim_leads_sample(struct sim_leads *leads, const struct sim_vector *heart_mv, double lungs,
                      double mv[ECG_STANDARD_LEADS])
{
    double noise[SIM_ELECTRODE_COUNT];
    electrode_noise(leads, lungs, noise);
    double terminal = (noise[SIM_ELECTRODE_RA] + noise[SIM_ELECTRODE_LA] + noise[SIM_ELECTRODE_LL]) / 3.0;
    double i = project(dower[0], heart_mv) + noise[SIM_ELECTRODE_LA] - noise[SIM_ELECTRODE_RA];
    double ii = project(dower[1], heart_mv) + noise[SIM_ELECTRODE_LL] - noise[SIM_ELECTRODE_RA];
    mv[ECG_LEAD_I] = i;
    mv[ECG_LEAD_II] = ii;
    mv[ECG_LEAD_III] = ii - i;
    mv[ECG_LEAD_AVR] = -(i + ii) / 2.0;
    mv[ECG_LEAD_AVL] = i - ii / 2.0;
    mv[ECG_LEAD_AVF] = ii - i / 2.0;
    for (size_t k = 0; k < 6; k++)
        mv[ECG_LEAD_V1 + k] = project(dower[2 + k], heart_mv) + noise[SIM_ELECTRODE_V1 + k] - terminal;
    if (leads->disturbance.rail_mv > 0.0 || leads->disturbance.off >= 0)
        limit(&leads->disturbance, mv);
}
