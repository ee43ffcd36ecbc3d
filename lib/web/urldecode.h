/* Percent-decoding of paths and queries. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Decoded copy of `length` bytes; NULL for a broken escape, an encoded NUL, ill-formed UTF-8 or no memory.
   `plus_is_space` in queries. */
char *url_decode(struct arena *arena, const char *text, size_t length, bool plus_is_space);

/* Whether `name=` stands in a query. `value` becomes its first value, decoded; NULL when that cannot be decoded. */
bool query_value(struct arena *arena, const char *query, const char *name, const char **value);
