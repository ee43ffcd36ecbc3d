/* Patients as the API lists and makes them. (What live needs of virtual patients is in store/virtual.h.) */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct patient {
    const char *user_id, *full_name, *session_id, *state;
    bool is_virtual;
    double heart_rate_bpm;  /* NAN: unknown */
    int64_t last_sample_us; /* DB_NO_TIME: never */
};

/* `only_id` NULL: all. */
HL_MUST_CHECK hl_result patients_list(struct db *db, struct arena *arena, const char *only_id, int limit,
                                      struct patient **patients, int *count);

struct virtual_patient {
    const char *full_name, *session_id, *created_by, *device_info;
    double heart_rate_bpm;
    int64_t seed;
    const char *user_id; /* set by virtual_create */
    int64_t session_key; /* set by virtual_create */
};
HL_MUST_CHECK hl_result virtual_create(struct db *db, struct arena *arena, struct virtual_patient *patient);
/* HL_NOT_FOUND when there is no such virtual patient (any more). */
HL_MUST_CHECK hl_result virtual_remove(struct db *db, const char *user_id);
HL_MUST_CHECK hl_result virtual_inject(struct db *db, const char *user_id, const char *anomaly,
                                       const char *requested_by, int64_t *command_id);
HL_MUST_CHECK hl_result virtual_count(struct db *db, int64_t *count);
