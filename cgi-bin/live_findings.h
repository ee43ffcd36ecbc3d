/* From what a monitor tells to the rows that are stored (store/results.h): one JSON object each, by the names that the
statements read. `out` is cleared first. */
#pragma once

#include "service/monitor.h"
#include "store/analysis.h"
#include "store/results.h"

void finding_row_measurements(struct buf *out, int64_t session_key, const struct monitor_measurements *told);
void finding_row_hrv(struct buf *out, int64_t session_key, const struct monitor_hrv *told);
void finding_row_episode(struct buf *out, int64_t session_key, const struct monitor_episode *told);
void finding_row_quality(struct buf *out, int64_t session_key, const struct monitor_quality *told);
void finding_row_interpretation(struct buf *out, int64_t session_key, const struct monitor_interpretation *told);

/* The way back: collects what the last life told. */
void finding_known(struct monitor_known *known, const struct analysis_finding *finding);
