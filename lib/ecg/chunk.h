/* A chunk: some leads, sampled together, beginning at a known time. Devices post chunks, the simulator makes them, an
imported file is cut into them; after that there is one path. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ecg/lead.h"

enum ecg_units {
    ECG_UNITS_MV = 0,  /* millivolts */
    ECG_UNITS_ADU = 1, /* raw converter counts of unknown gain: never shown as millivolts */
};

struct ecg_chunk {
    int64_t start_us; /* time of sample 0, microseconds since 1970-01-01T00:00Z */
    double fs_hz;     /* sampling rate, > 0, need not be whole */
    enum ecg_units units;
    size_t lead_count;   /* 1 .. ECG_MAX_LEADS */
    size_t sample_count; /* of each lead */
    enum ecg_lead leads[ECG_MAX_LEADS];
    const float *samples[ECG_MAX_LEADS]; /* borrowed; NAN marks a missing sample */
};
