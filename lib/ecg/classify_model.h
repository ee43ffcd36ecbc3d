/* The classifier's linear model: how much each feature speaks for a ventricular beat. Written by
`build/accuracy --train lib/ecg/classify_model.h`, in the order of enum ecg_feature; do not edit. */
#pragma once

#include "ecg/classify.h"

static const double ecg_model_weights[ECG_FEATURES] = {
    -0.299128, /* best */
    -0.213547, /* worst */
    1.3417,    /* strange */
    1.43517,   /* end */
    -1.05701,  /* effective */
    2.34672,   /* spread */
    1.07179,   /* effective ms */
    -2.75582,  /* early */
    2.41213,   /* irregular */
    0.691242,  /* kind normal */
    1.3812,    /* kind width */
    -6.95848,  /* kind early */
    0.647201,  /* kind count */
    -4.58674,  /* noise */
    -1.31359,  /* rough */
};

static const double ecg_model_bias = 0.448042;
