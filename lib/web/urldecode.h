/* Percent-decoding of paths and queries. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Decoded copy of `length` bytes; NULL for a broken escape, an encoded NUL or no memory. `plus_is_space` in queries. */
char *url_decode(struct arena *arena, const char *text, size_t length, bool plus_is_space);

/* The decoded value of the first `name=` in a query; NULL when it is not there (or broken). */
const char *query_value(struct arena *arena, const char *query, const char *name);
