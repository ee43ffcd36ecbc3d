/* Writing JSON replies, piece by piece into a buffer. Commas are put where they belong by looking at what stands
before, so a member is one line wherever it comes. `name` NULL: an element of an array, or the outermost value. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define JSON_NO_TIME INT64_MIN

void json_open(struct buf *out, const char *name, char bracket); /* '{' or '[' */
void json_close(struct buf *out, char bracket);                  /* '}' or ']' */

void json_text(struct buf *out, const char *name, const char *text); /* NULL: null */
void json_bool(struct buf *out, const char *name, bool value);
void json_int(struct buf *out, const char *name, int64_t value);
void json_number(struct buf *out, const char *name, double value);  /* NaN: null */
void json_float(struct buf *out, const char *name, float value);    /* shortest text of that float; NaN: null */
void json_time(struct buf *out, const char *name, int64_t time_us); /* RFC 3339; JSON_NO_TIME: null */
void json_raw(struct buf *out, const char *name, const char *json); /* JSON text as it is; NULL: null */
void json_id(struct buf *out, const char *name, const char *kind, int64_t id); /* "metric_17" */
