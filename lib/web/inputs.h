/* The inputs of an endpoint, declared as a table and checked before its handler runs.

A handler then reads values that are present, of the right type and within bounds, or marked absent when optional. A
JSON null counts as absent. Fields that are not declared are left alone: real clients send more than they must. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "web/request.h"

enum input_type {
    INPUT_TEXT, /* least..most: length in bytes; white space at the ends is kept, but text of nothing else is empty */
    INPUT_INTEGER, /* least..most: value */
    INPUT_NUMBER,
    INPUT_BOOLEAN,
    INPUT_TIME, /* RFC 3339 */
    INPUT_UUID,
    INPUT_OBJECT, /* any JSON object */
};

enum input_source { FROM_BODY = 0, FROM_QUERY };

struct input {
    const char *name; /* NULL ends a table */
    enum input_type type;
    bool required;
    double least, most;
    enum input_source source;
};

struct value {
    bool present;
    const char *text; /* TEXT, UUID, and the original text of a TIME */
    double number;    /* INTEGER and NUMBER */
    int64_t time_us;  /* TIME */
    bool flag;
    const cJSON *json; /* OBJECT */
};

/* Parse the query, and the body of a JSON route; fill request->values. False when a problem was replied. */
bool inputs_check(struct request *request);

/* The value of a declared input; never NULL for a declared name. */
const struct value *input(const struct request *request, const char *name);
const char *input_text(const struct request *request, const char *name); /* NULL when absent */

/* 8-4-4-4-12 hexadecimal digits. */
bool is_uuid_text(const char *text);

/* Parse `text` as JSON under all the strictness of json_scan.h plus: no object has a key twice. A problem is replied
   and NULL returned otherwise. Free with cJSON_Delete. */
cJSON *json_parse(struct request *request, const char *text, size_t length);

/* Copies of the reply to a failed scan: 400 for what is not JSON, 422 for a value that no number can be. */
struct json_scan;
void reply_scan_error(struct request *request, const struct json_scan *scan);
