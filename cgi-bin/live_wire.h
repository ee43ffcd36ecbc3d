/* From what the analysis speaks of to what the streams tell: samples become integers with a gain. */
#pragma once

#include "ecg/chunk.h"
#include "service/monitor.h"
#include "stream/news.h"

/* Whose signal it is. */
struct wire_owner {
    char patient[NEWS_PATIENT_SIZE];
    char session[NEWS_SESSION_SIZE];
    double gain; /* of this session's samples on the wire; 0: not chosen yet. Kept, so that it is one all along. */
};

/* NULL when out of memory. */
struct news *wire_ecg(struct wire_owner *owner, const struct ecg_chunk *chunk, int64_t n);
struct news *wire_beat(const struct wire_owner *owner, const struct monitor_beat *beat, const char *anomaly);
/* What an injected beat of this code is called; NULL when it is a usual one. */
const char *wire_anomaly(char code);
struct news *wire_vitals(const struct wire_owner *owner, const struct monitor_vitals *vitals);
