/* A growing byte buffer for building text: replies, log lines, stream frames. It remembers that it ran out of memory
instead of reporting it at every step, so a builder checks once, at the end, with buf_ok. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* NUL-terminated whenever length > 0 */
    size_t length, capacity;
    bool failed;
};

/* A zeroed struct buf is an empty buffer. */
void buf_free(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory */
bool buf_ok(const struct buf *buf);
/* Make room for `more` bytes beyond length; false (and failed) when out of memory. */
bool buf_reserve(struct buf *buf, size_t more);

void buf_add(struct buf *buf, const void *bytes, size_t length);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_int(struct buf *buf, int64_t value);

/* JSON pieces. json_str quotes and escapes (ill-formed UTF-8 becomes U+FFFD); json_number writes null for NaN and
   infinity, and otherwise the shortest text that reads back as the same double; json_float the same for a float. */
void buf_json_str(struct buf *buf, const char *text);
void buf_json_strn(struct buf *buf, const char *text, size_t length);
void buf_json_number(struct buf *buf, double value);
void buf_json_float(struct buf *buf, float value);
