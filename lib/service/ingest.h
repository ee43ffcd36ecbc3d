/* Use cases of devices: starting and ending a session, and handing in metrics and chunks of signal.

Each is acknowledged only after its COMMIT. A repeat of the same content for the same time is recognised and gets the
first answer, so a client that never saw the answer may send it again without fear. */
#pragma once

#include "base/arena.h"
#include "service/service.h"
#include "store/metrics.h"
#include "store/sessions.h"
#include "store/waveforms.h"

/* `start->session_id` NULL: one is made from the start time. */
HL_MUST_CHECK hl_result ingest_start(struct service *service, struct arena *arena, struct session_start *start,
                                     const char **session_id, struct hl_error *error);

HL_MUST_CHECK hl_result ingest_end(struct service *service, const char *user_id, const char *session_id,
                                   const struct session_end *end, struct hl_error *error);

/* Fills metrics->metric_id. Hashes the content itself. */
HL_MUST_CHECK hl_result ingest_metrics(struct service *service, const char *user_id, const char *session_id,
                                       struct metrics *metrics, bool *repeated, struct hl_error *error);

/* Fills waveform->waveform_id. */
HL_MUST_CHECK hl_result ingest_waveform(struct service *service, const char *user_id, const char *session_id,
                                        struct waveform *waveform, bool *repeated, struct hl_error *error);

/* "session_20250108_123456_k3f9ab": from the start time, with letters that keep two devices of one second apart. */
const char *session_id_new(struct arena *arena, int64_t start_us);
