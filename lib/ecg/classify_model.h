/* The classifier's linear model: how much each feature speaks for a ventricular beat. Written by
`build/accuracy --train lib/ecg/classify_model.h`, in the order of enum ecg_feature; do not edit. */
#pragma once

#include "ecg/classify.h"

static const double ecg_model_weights[ECG_FEATURES] = {
    0.776551,  0.195421, 1.73621, 0.353682, 1.51377,   -2.48721, 2.07124,  2.8185,   -0.114749,
    -0.812246, -1.98113, 2.95643, 0.821997, -0.174576, 1.30679,  -6.53553, 0.356854, -8.29106,
};

static const double ecg_model_bias = 2.67091;
