/* Arbitrary bytes as JSON. Whatever the strict reader takes, cJSON must take too (it is the gate before it), and every
number must be read as strtod reads it; the first byte chooses between a whole check and the pull of a sample array. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "web/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* cJSON reads no number of more than 63 characters; refusing such a body later is right as well. */
static int has_long_number(const char *text, size_t length)
{
    size_t run = 0;
    for (size_t i = 0; i < length; i++) {
        run = memchr("0123456789+-.eE", text[i], 15) ? run + 1 : 0;
        if (run > 62)
            return 1;
    }
    return 0;
}

static void try_document(const char *text, size_t length)
{
    struct json_scan scan;
    char field[48];
    if (!json_check(&scan, text, length)) {
        if (!scan.error)
            abort();
        json_field(&scan, field, sizeof field);
        if (strlen(field) >= sizeof field)
            abort();
        return;
    }
    cJSON *json = cJSON_ParseWithLength(text, length);
    if (!json && !has_long_number(text, length))
        abort();
    cJSON_Delete(json);
}

static void try_number(const char *text, size_t length)
{
    struct json_scan scan;
    double value;
    char copy[512];
    json_scan_init(&scan, text, length);
    if (length >= sizeof copy || !json_read_number(&scan, &value))
        return;
    memcpy(copy, text, (size_t)(scan.at - text));
    copy[scan.at - text] = '\0';
    double expected = strtod(copy, NULL);
    if (memcmp(&value, &expected, sizeof value) != 0)
        abort();
}

static void try_samples(const char *text, size_t length, size_t capacity)
{
    float *samples = malloc(capacity ? capacity * sizeof *samples : 1);
    struct json_scan scan;
    size_t count = 0;
    if (!samples)
        abort();
    json_scan_init(&scan, text, length);
    if (json_enter_array(&scan) && json_read_floats(&scan, samples, capacity, &count)) {
        struct json_scan again;
        if (count > capacity || (json_finish(&scan) && !json_check(&again, text, length)))
            abort();
        for (size_t i = 0; i < count; i++)
            if (isinf(samples[i]))
                abort();
    }
    free(samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    size_t text_length = length - 1;
    char *text = malloc(text_length ? text_length : 1);
    if (!text)
        abort();
    memcpy(text, bytes + 1, text_length);
    switch (bytes[0] % 3) {
    case 0: try_document(text, text_length); break;
    case 1: try_number(text, text_length); break;
    default: try_samples(text, text_length, bytes[0] / 3); break;
    }
    free(text);
    return 0;
}
