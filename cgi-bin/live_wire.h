/* From what the analysis speaks of to what the streams tell: samples become integers with a gain. */
#pragma once

#include "base/buf.h"
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

/* `text`, which is cleared first, is where the event's words are made. */
struct news *wire_measurements(const struct wire_owner *owner, const struct monitor_measurements *told,
                               struct buf *text);
struct news *wire_hrv(const struct wire_owner *owner, const struct monitor_hrv *told, struct buf *text);
struct news *wire_episode(const struct wire_owner *owner, const struct monitor_episode *told, struct buf *text);
struct news *wire_quality(const struct wire_owner *owner, const struct monitor_quality *told);
struct news *wire_interpretation(const struct wire_owner *owner, const struct monitor_interpretation *told,
                                 struct buf *text);
