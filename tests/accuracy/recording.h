/* A recording with its rhythms, as the reference has them and as the analysis told them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "compare.h"
#include "ecg/rhythm.h"

enum { RECORDING_SPANS_MAX = 1024 };

struct stretch {
    char aux[8];           /* "(AFIB" */
    enum ecg_rhythm found; /* of what was told */
    double from_s, to_s;
    double told_s; /* when its onset was told */
};

struct recording {
    char name[24];
    double seconds;
    struct stretch reference[RECORDING_SPANS_MAX];
    size_t reference_count;
    struct span flutter[64]; /* from [ to ] */
    size_t flutter_count;
    struct stretch told[RECORDING_SPANS_MAX];
    size_t told_count;
};

/* Reads RECORD_PATH (annotations only when there are any) and has it analysed, a tenth of a second at a time. */
HL_MUST_CHECK hl_result recording_run(const char *record_path, struct recording *recording, struct hl_error *error);

/* Seconds of reference stretches that begin with one of the names ("(AFIB", NULL at the end). */
double recording_reference_s(const struct recording *recording, const char *const *aux);

/* Seconds of the rhythm that were told, all of them, and those inside such reference stretches. */
double recording_told_s(const struct recording *recording, enum ecg_rhythm rhythm);
double recording_told_in_s(const struct recording *recording, enum ecg_rhythm rhythm, const char *const *aux);
