/* Every setting there is, in one table: name, default, whether it is secret, one line of help. Settings come from the
environment only; `heartline config` prints the table, and a test holds the documentation against it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

enum config_key {
    CONFIG_HOME,
    CONFIG_PORT,
    CONFIG_RUN,
    CONFIG_DATABASE,
    CONFIG_OWNER_DATABASE,
    CONFIG_SECRET_FILE,
    CONFIG_REPORTS,
    CONFIG_SQL,
    CONFIG_PASSWORD,
    CONFIG_API_WORKERS,
    CONFIG_TOKEN_DAYS,
    CONFIG_BROWSER_HOURS,
    CONFIG_OPEN_REGISTRATION,
    CONFIG_SIGNIN_RATE,
    CONFIG_VIRTUAL_HOURS,
    CONFIG_LOG,
    CONFIG_COUNT
};

struct config_entry {
    const char *name; /* of the environment variable */
    const char *fallback;
    bool secret;
    const char *help;
};

/* The row of a key; never NULL for a valid key. */
const struct config_entry *config_entry(enum config_key key);

/* The value as text, with $HOME_DIR-like parts of the default filled in. Never NULL. Valid for the process's life;
   the first call fixes all values, so call it before starting threads. */
const char *config_text(enum config_key key);

/* The value as a whole number within [least, most]; HL_INVALID with a sentence naming the variable otherwise. */
HL_MUST_CHECK hl_result config_int(enum config_key key, long least, long most, long *value, struct hl_error *error);
bool config_bool(enum config_key key); /* 1, yes, true, on */
