/* Arbitrary bytes as a time: what is taken lies in the years 1..9999 and reads back as itself; and every number is a
time that can be written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char text[CLOCK_TEXT_SIZE], *exact = malloc(length ? length : 1);
    int64_t time_us = -7, again_us = 0;
    if (!exact)
        abort();
    memcpy(exact, bytes, length);
    if (clock_parse(exact, length, &time_us) == HL_OK) {
        clock_format(time_us, text);
        if (clock_parse(text, strlen(text), &again_us) != HL_OK || again_us != time_us)
            abort();
    } else if (time_us != -7) {
        abort();
    }
    if (length >= sizeof time_us) {
        memcpy(&time_us, bytes, sizeof time_us);
        clock_format(time_us, text);
        if (!memchr(text, 0, sizeof text))
            abort();
    }
    free(exact);
    return 0;
}
