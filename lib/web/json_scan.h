/* A strict JSON reader (RFC 8259) over bytes in memory, without a tree.

Two users: json_check is the gate every body passes before cJSON builds its tree (cJSON takes trailing bytes, leading
zeros, bad UTF-8, U+0000 in strings and 1e400, and this does not); and the waveform reader pulls number arrays straight
into sample buffers, since a tree of 30,000 numbers costs 41 bytes a body byte. It is our own because no library in
Debian is both strict and fast enough for that path, and two grammars in one program would be one too many.

The pull calls return false at the end of a container or on an error; `error` tells which. After an error every call
returns false, so a reader may check once at its end. `field` then names the place: "leads.V1[17]". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { JSON_MAX_DEPTH = 16, JSON_MAX_KEYS = 512 };

/* Raw bytes between the quotes of a string, escapes not resolved. */
struct json_span {
    const char *text;
    size_t length;
};

struct json_level {
    struct json_span key; /* in an object: the current key */
    long index;           /* in an array: the current element; -1 before the first and in objects */
    bool first;
};

struct json_scan {
    const char *start, *at, *end;
    int depth;
    struct json_level levels[JSON_MAX_DEPTH];
    const char *error; /* NULL while all is well; a sentence without a full stop */
    bool not_a_number; /* the error is a value such as NaN, Infinity or 1e400: well meant but not finite */
};

void json_scan_init(struct json_scan *scan, const char *text, size_t length);

bool json_enter_object(struct json_scan *scan); /* error when the next value is something else */
bool json_next_key(struct json_scan *scan, struct json_span *key);
bool json_enter_array(struct json_scan *scan);
bool json_next_element(struct json_scan *scan);

/* The kind of the next value: one of { [ " 0 t f n, or 0 at an error or the end. '0' stands for any number. */
char json_peek(struct json_scan *scan);
bool json_read_number(struct json_scan *scan, double *value);
bool json_read_string(struct json_scan *scan, struct json_span *span);
bool json_skip(struct json_scan *scan);   /* any value, checked all the same */
bool json_finish(struct json_scan *scan); /* nothing but white space is left */

/* The elements of an array of numbers and nulls (null becomes NAN) into samples[0..capacity-1]; error when there are
   more, or anything else, or a number no float can hold. Called after json_enter_array; consumes the closing
   bracket. */
bool json_read_floats(struct json_scan *scan, float *samples, size_t capacity, size_t *count);

/* Raise an error of the caller's own at the current place. `message` must outlive the scan. Returns false. */
bool json_fail(struct json_scan *scan, const char *message);

bool json_span_is(struct json_span span, const char *text);

/* Where the scan stands, as a path. */
void json_field(const struct json_scan *scan, char *field, size_t size);

/* Check a whole text. On failure `scan` tells what and where. */
bool json_check(struct json_scan *scan, const char *text, size_t length);
