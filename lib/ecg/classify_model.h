/* The classifier's linear model: how much each feature speaks for a ventricular beat. Written by
`build/accuracy --train lib/ecg/classify_model.h`, in the order of enum ecg_feature; do not edit. */
#pragma once

#include "ecg/classify.h"

static const double ecg_model_weights[ECG_FEATURES] = {
    -0.0870028, /* correlation */
    1.03572,    /* best correlation */
    1.35858,    /* residue */
    0.106802,   /* strange */
    1.96228,    /* least strange */
    -2.24251,   /* effective */
    2.085,      /* spread */
    2.77689,    /* effective ms */
    -0.131877,  /* p */
    -0.833171,  /* early */
    -1.94548,   /* early last */
    2.69582,    /* irregular */
    0.775378,   /* kind normal */
    -0.261734,  /* kind like */
    1.28486,    /* kind width */
    -7.12193,   /* kind early */
    0.311011,   /* kind count */
    -8.30098,   /* noise */
};

static const double ecg_model_bias = 3.14647;
