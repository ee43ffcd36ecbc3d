/* The anomalies by name. Couplings and pauses are textbook values: a ventricular premature beat comes at about 60 % of
the interval and leaves a full compensatory pause; an atrial one resets the sinus node, which needs a little longer than
usual for its next impulse, so that the pause is less than full. */
#include "sim/anomaly.h"

static const struct sim_anomaly_row rows[SIM_ANOMALY_COUNT] = {
    [SIM_ANOMALY_PVC] = {.name = "PVC",
                         .long_name = "premature ventricular contraction",
                         .other_name = "premature ventricular complex",
                         .code = 'V',
                         .coupling = 0.60,
                         .pause = SIM_PAUSE_FULL,
                         .shapes = {SIM_SHAPE_RIGHT_VENTRICLE, SIM_SHAPE_LEFT_VENTRICLE}},
    [SIM_ANOMALY_PAC] = {.name = "PAC",
                         .long_name = "premature atrial contraction",
                         .other_name = "premature atrial complex",
                         .code = 'A',
                         .coupling = 0.66,
                         .pause = SIM_PAUSE_RESET,
                         .reset_rr = 1.07,
                         .shapes = {SIM_SHAPE_ATRIAL, SIM_SHAPE_ATRIAL}},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(const char *a, const char *b)
{
    if (!a || !b)
        return false;
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

const struct sim_anomaly_row *sim_anomaly_row(enum sim_anomaly anomaly)
{
    return (unsigned)anomaly < SIM_ANOMALY_COUNT ? &rows[anomaly] : NULL;
}

const char *sim_anomaly_name(enum sim_anomaly anomaly)
{
    const struct sim_anomaly_row *row = sim_anomaly_row(anomaly);
    return row ? row->name : "unknown";
}

bool sim_anomaly_from_name(const char *name, enum sim_anomaly *out)
{
    for (unsigned i = 0; i < SIM_ANOMALY_COUNT; i++) {
        if (same(rows[i].name, name) || same(rows[i].long_name, name) || same(rows[i].other_name, name)) {
            *out = (enum sim_anomaly)i;
            return true;
        }
    }
    return false;
}
