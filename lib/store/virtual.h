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
    const char *patient, *anomaly;
    int64_t time_us;
};

/* Told row by row; what is passed is valid during the call only. */
HL_MUST_CHECK hl_result virtual_load(struct db *db, void (*each)(void *context, const struct virtual_row *row),
                                     void *context);

/* Takes the anomalies that wait, in the order they were asked for, and notes them in the patients' events: committed
   before the first is told. */
HL_MUST_CHECK hl_result virtual_take_orders(struct db *db,
                                            void (*each)(void *context, const struct virtual_order *order),
                                            void *context);

/* Stores a chunk of a virtual patient's signal; a repeat is recognised. `scratch` is used for packing. */
HL_MUST_CHECK hl_result virtual_store_signal(struct db *db, int64_t session_key, const struct ecg_chunk *chunk,
                                             struct buf *scratch);

/* Deletes one batch of virtual patients' signal older than `hours`; *deleted says how many chunks. */
HL_MUST_CHECK hl_result virtual_expire_signal(struct db *db, int hours, int64_t *deleted);

/* The partitions of the coming months. */
HL_MUST_CHECK hl_result virtual_ensure_partitions(struct db *db);
