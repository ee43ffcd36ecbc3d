/* The anomalies by name, with textbook figures: a ventricular premature beat comes at about 60 % of the interval and
leaves a full compensatory pause; an atrial one resets the sinus node, which needs a little longer than usual for its
next impulse, so that the pause is less than full. Rates and intervals are those by which the recommendations of AHA,
ACC and HRS tell the rhythms apart (Circulation 2009; 119: e235-e240 and following), taken from well inside each. */
#include "sim/anomaly.h"

#include <stddef.h>

#define PVC(count, per, more)                                                                                          \
    {                                                                                                                  \
        .code = 'V', .coupling = 0.60, .pause = SIM_PAUSE_FULL, .in_row = (count), .every = (per),                     \
        .multifocal = (more)                                                                                           \
    }

/* Directions of the body: x to the left, y to the feet, z to the back. */
static const struct sim_anomaly_row rows[SIM_ANOMALY_COUNT] = {
    [SIM_ANOMALY_PVC] = {.name = "PVC",
                         .long_name = "premature ventricular contraction",
                         .other_name = "premature ventricular complex",
                         .premature = PVC(1, 0, false)},
    [SIM_ANOMALY_PAC] =
        {.name = "PAC",
         .long_name = "premature atrial contraction",
         .other_name = "premature atrial complex",
         .premature = {.code = 'A', .coupling = 0.66, .pause = SIM_PAUSE_RESET, .reset_rr = 1.07, .in_row = 1}},
    [SIM_ANOMALY_PVC_MULTIFOCAL] = {.name = "PVC_MULTIFOCAL",
                                    .long_name = "multifocal premature ventricular contractions",
                                    .duration_s = 30.0,
                                    .premature = PVC(1, 3, true)},
    [SIM_ANOMALY_COUPLET] = {.name = "COUPLET", .long_name = "ventricular couplet", .premature = PVC(2, 0, false)},
    [SIM_ANOMALY_BIGEMINY] = {.name = "BIGEMINY",
                              .long_name = "ventricular bigeminy",
                              .duration_s = 30.0,
                              .premature = PVC(1, 1, false)},
    [SIM_ANOMALY_TRIGEMINY] = {.name = "TRIGEMINY",
                               .long_name = "ventricular trigeminy",
                               .duration_s = 30.0,
                               .premature = PVC(1, 2, false)},
    [SIM_ANOMALY_R_ON_T] = {.name = "R_ON_T",
                            .long_name = "premature ventricular contraction on the T wave",
                            .premature = {.code = 'V', .coupling = 0.36, .pause = SIM_PAUSE_FULL, .in_row = 1}},
    [SIM_ANOMALY_BRADYCARDIA] = {.name = "BRADYCARDIA",
                                 .long_name = "sinus bradycardia",
                                 .part = SIM_PART_SINUS,
                                 .duration_s = 60.0,
                                 .value = 50.0,
                                 .value_more = 35.0},
    [SIM_ANOMALY_TACHYCARDIA] = {.name = "TACHYCARDIA",
                                 .long_name = "sinus tachycardia",
                                 .part = SIM_PART_SINUS,
                                 .duration_s = 60.0,
                                 .value = 105.0,
                                 .value_more = 150.0},
    [SIM_ANOMALY_PAUSE] = {.name = "PAUSE", .long_name = "sinus arrest", .part = SIM_PART_SINUS, .duration_s = 3.0},
    [SIM_ANOMALY_AF] = {.name = "AF",
                        .long_name = "atrial fibrillation",
                        .part = SIM_PART_ATRIA,
                        .duration_s = 60.0,
                        .value = 75.0,
                        .value_more = 150.0},
    [SIM_ANOMALY_FLUTTER] = {.name = "FLUTTER",
                             .long_name = "atrial flutter",
                             .other_name = "AFL",
                             .part = SIM_PART_ATRIA,
                             .duration_s = 60.0,
                             .value = 4.0, /* atrial waves to a beat */
                             .value_more = 2.0},
    [SIM_ANOMALY_SVT] = {.name = "SVT",
                         .long_name = "supraventricular tachycardia",
                         .part = SIM_PART_ATRIA,
                         .duration_s = 20.0,
                         .value = 150.0,
                         .value_more = 210.0},
    [SIM_ANOMALY_AV_BLOCK_1] = {.name = "AV_BLOCK_1",
                                .long_name = "first-degree AV block",
                                .part = SIM_PART_AV_NODE,
                                .duration_s = 60.0,
                                .value = 220.0,
                                .value_more = 320.0},
    [SIM_ANOMALY_WENCKEBACH] = {.name = "WENCKEBACH",
                                .long_name = "second-degree AV block, Mobitz I",
                                .other_name = "MOBITZ_1",
                                .part = SIM_PART_AV_NODE,
                                .duration_s = 60.0,
                                .value = 5.0, /* every so many-th impulse is blocked */
                                .value_more = 3.0},
    [SIM_ANOMALY_MOBITZ_2] = {.name = "MOBITZ_2",
                              .long_name = "second-degree AV block, Mobitz II",
                              .part = SIM_PART_AV_NODE,
                              .duration_s = 60.0,
                              .value = 5.0,
                              .value_more = 2.0},
    [SIM_ANOMALY_AV_BLOCK_3] = {.name = "AV_BLOCK_3",
                                .long_name = "complete AV block",
                                .part = SIM_PART_AV_NODE,
                                .duration_s = 60.0,
                                .value = 45.0, /* of the ventricle's own rhythm */
                                .value_more = 30.0},
    [SIM_ANOMALY_VT] = {.name = "VT",
                        .long_name = "ventricular tachycardia",
                        .part = SIM_PART_VENTRICLES,
                        .duration_s = 20.0,
                        .value = 130.0,
                        .value_more = 220.0},
    [SIM_ANOMALY_IDIOVENTRICULAR] = {.name = "IDIOVENTRICULAR",
                                     .long_name = "accelerated idioventricular rhythm",
                                     .other_name = "AIVR",
                                     .part = SIM_PART_VENTRICLES,
                                     .duration_s = 20.0,
                                     .value = 70.0,
                                     .value_more = 95.0},
    [SIM_ANOMALY_VF] = {.name = "VF",
                        .long_name = "ventricular fibrillation",
                        .part = SIM_PART_VENTRICLES,
                        .duration_s = 20.0,
                        .value = 0.2, /* mV: fine .. coarse */
                        .value_more = 0.7},
    [SIM_ANOMALY_ASYSTOLE] = {.name = "ASYSTOLE",
                              .long_name = "asystole",
                              .part = SIM_PART_VENTRICLES,
                              .duration_s = 10.0},
    [SIM_ANOMALY_LBBB] = {.name = "LBBB",
                          .long_name = "left bundle branch block",
                          .part = SIM_PART_BUNDLES,
                          .duration_s = 60.0},
    [SIM_ANOMALY_RBBB] = {.name = "RBBB",
                          .long_name = "right bundle branch block",
                          .part = SIM_PART_BUNDLES,
                          .duration_s = 60.0},
    [SIM_ANOMALY_PACED] = {.name = "PACED",
                           .long_name = "ventricular pacing",
                           .part = SIM_PART_PACER,
                           .duration_s = 60.0,
                           .value = 50.0, /* the lower rate; above it P waves are followed */
                           .value_more = 70.0},
    [SIM_ANOMALY_ST_ELEVATION_ANTERIOR] = {.name = "ST_ELEVATION_ANTERIOR",
                                           .long_name = "anterior ST elevation",
                                           .other_name = "ST_ELEVATION",
                                           .part = SIM_PART_ST,
                                           .duration_s = 120.0,
                                           .value = 0.15,
                                           .value_more = 0.5,
                                           .towards = {0.25, 0.0, -0.97}},
    [SIM_ANOMALY_ST_ELEVATION_INFERIOR] = {.name = "ST_ELEVATION_INFERIOR",
                                           .long_name = "inferior ST elevation",
                                           .part = SIM_PART_ST,
                                           .duration_s = 120.0,
                                           .value = 0.15,
                                           .value_more = 0.4,
                                           .towards = {-0.15, 0.99, 0.0}},
    [SIM_ANOMALY_ST_ELEVATION_LATERAL] = {.name = "ST_ELEVATION_LATERAL",
                                          .long_name = "lateral ST elevation",
                                          .part = SIM_PART_ST,
                                          .duration_s = 120.0,
                                          .value = 0.15,
                                          .value_more = 0.4,
                                          .towards = {0.97, -0.22, 0.1}},
    [SIM_ANOMALY_ST_DEPRESSION] = {.name = "ST_DEPRESSION",
                                   .long_name = "subendocardial ST depression",
                                   .part = SIM_PART_ST,
                                   .duration_s = 120.0,
                                   .value = 0.12,
                                   .value_more = 0.35,
                                   .towards = {-0.80, -0.45, 0.40}},
    [SIM_ANOMALY_LONG_QT] = {.name = "LONG_QT",
                             .long_name = "long QT",
                             .part = SIM_PART_REPOLARISATION,
                             .duration_s = 120.0,
                             .value = 60.0, /* ms more */
                             .value_more = 160.0},
    [SIM_ANOMALY_HYPERKALAEMIA] = {.name = "HYPERKALAEMIA",
                                   .long_name = "hyperkalaemia",
                                   .other_name = "HYPERKALEMIA",
                                   .part = SIM_PART_REPOLARISATION,
                                   .duration_s = 120.0},
    [SIM_ANOMALY_BASELINE_WANDER] = {.name = "BASELINE_WANDER",
                                     .long_name = "baseline wander",
                                     .part = SIM_PART_BASELINE,
                                     .duration_s = 30.0,
                                     .value = 0.2,
                                     .value_more = 1.5},
    [SIM_ANOMALY_MUSCLE_NOISE] = {.name = "MUSCLE_NOISE",
                                  .long_name = "muscle noise",
                                  .part = SIM_PART_MUSCLE,
                                  .duration_s = 15.0,
                                  .value = 0.03,
                                  .value_more = 0.3},
    [SIM_ANOMALY_MAINS] = {.name = "MAINS",
                           .long_name = "mains interference",
                           .part = SIM_PART_MAINS,
                           .duration_s = 30.0,
                           .value = 0.05,
                           .value_more = 0.5},
    [SIM_ANOMALY_ELECTRODE_MOTION] = {.name = "ELECTRODE_MOTION",
                                      .long_name = "electrode motion",
                                      .part = SIM_PART_MOTION,
                                      .duration_s = 20.0,
                                      .value = 0.3,
                                      .value_more = 2.0},
    [SIM_ANOMALY_LEAD_OFF] = {.name = "LEAD_OFF",
                              .long_name = "electrode off",
                              .part = SIM_PART_ELECTRODE,
                              .duration_s = 15.0},
    [SIM_ANOMALY_SATURATION] = {.name = "SATURATION",
                                .long_name = "amplifier saturation",
                                .part = SIM_PART_AMPLIFIER,
                                .duration_s = 10.0,
                                .value = 1.0, /* mV: the rail */
                                .value_more = 0.3},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "AV block 1", "av-block-1" and "AV_BLOCK_1" are the same. */
static char folded(char c)
{
    return c == ' ' || c == '-' ? '_' : lower(c);
}

static bool same(const char *a, const char *b)
{
    if (!a || !b)
        return false;
    while (*a != '\0' && folded(*a) == folded(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

const struct sim_anomaly_row *sim_anomaly_row(enum sim_anomaly anomaly)
{
    return (unsigned)anomaly < SIM_ANOMALY_COUNT ? &rows[anomaly] : NULL;
}

double sim_anomaly_value(const struct sim_anomaly_row *row, double strength)
{
    return row->value + strength * (row->value_more - row->value);
}

const char *sim_anomaly_name(enum sim_anomaly anomaly)
{
    const struct sim_anomaly_row *row = sim_anomaly_row(anomaly);
    return row ? row->name : "unknown";
}

const char *sim_anomaly_label(enum sim_anomaly anomaly)
{
    const struct sim_anomaly_row *row = sim_anomaly_row(anomaly);
    return row ? row->long_name : "unknown";
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
