/* What every use case stands on: one connection, the signing key, the folders. A program makes one and passes it. */
#pragma once

#include <stdbool.h>

#include "auth/token.h"
#include "base/buf.h"
#include "service/bell.h"
#include "store/db.h"

struct token_cache;

struct service {
    struct db *db;
    struct token_key key;
    const char *run_folder, *reports_folder; /* borrowed from the settings */
    long token_days, browser_hours;
    bool open_registration;
    struct bell bell;
    struct buf scratch; /* for packing samples; kept between calls */
    struct token_cache *token_cache;
};

/* From the settings. HL_INVALID with a sentence when one is not usable. `patience_ms`: how long to wait for a database
   that is away. */
HL_MUST_CHECK hl_result service_open(struct service *service, int patience_ms, struct hl_error *error);
void service_close(struct service *service);
