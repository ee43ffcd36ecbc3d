/* What live needs of virtual patients: who they are, what was asked of them, and where their signal goes. (Making and
removing them is the API's part: store/patients.h.) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ecg/chunk.h"
#include "store/db.h"

struct virtual_row {
    const char *patient, *name, *session_id;
    int64_t session_key, seed, start_us;
    double heart_rate_bpm;
};

struct virtual_order {
    int64_t command_id;
    const char *patient, *anomaly;
};

/* Told row by row; what is passed is valid during the call only. */
HL_MUST_CHECK hl_result virtual_load(struct db *db, void (*each)(void *context, const struct virtual_row *row),
                                     void *context);

/* The anomalies that wait, in the order they were asked for. They wait until virtual_orders_done. */
HL_MUST_CHECK hl_result virtual_orders(struct db *db, void (*each)(void *context, const struct virtual_order *order),
                                       void *context);

/* These were passed on at these times: they wait no longer, and stand in the patients' events. May be repeated. */
HL_MUST_CHECK hl_result virtual_orders_done(struct db *db, const int64_t *command_ids, const int64_t *times_us,
                                            size_t count);

/* Stores a chunk of a virtual patient's signal; a repeat is recognised. `scratch` is used for packing. */
HL_MUST_CHECK hl_result virtual_store_signal(struct db *db, int64_t session_key, const struct ecg_chunk *chunk,
                                             struct buf *scratch);

/* Closes the episodes that are open in sessions of virtual patients: an earlier life left them so. */
HL_MUST_CHECK hl_result virtual_close_episodes(struct db *db);

/* Deletes one batch of virtual patients' signal older than `hours`; *deleted says how many chunks. */
HL_MUST_CHECK hl_result virtual_expire_signal(struct db *db, int hours, int64_t *deleted);

/* The partitions of the coming months. */
HL_MUST_CHECK hl_result virtual_ensure_partitions(struct db *db);
