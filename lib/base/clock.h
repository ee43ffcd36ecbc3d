/* Time as the rest of the project speaks it: wall time is a count of microseconds since 1970 in UTC, intervals are
measured on a clock that nobody can set back. Text is RFC 3339. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Microseconds since 1970-01-01T00:00Z, by the wall clock. */
int64_t clock_now_us(void);

/* Microseconds of a clock that only goes forward; meaningful only as a difference. */
int64_t clock_monotonic_us(void);

enum { CLOCK_TEXT_SIZE = 40 };

/* "2025-01-08T12:34:56.789Z": as many fraction digits as the value needs (0, 3 or 6). Years 1..9999. */
void clock_format(int64_t time_us, char text[CLOCK_TEXT_SIZE]);

/* RFC 3339 with 0 to 9 fraction digits and any offset; a leap second counts as the second before it. Digits beyond
   the microsecond are dropped. HL_INVALID otherwise, also when the offset leads out of the years 1..9999; nothing is
   written then. */
HL_MUST_CHECK hl_result clock_parse(const char *text, size_t length, int64_t *time_us);

/* Fields of a UTC day and time, for names such as session_20250108_123456. */
struct clock_fields {
    int year, month, day, hour, minute, second, microsecond;
};
void clock_split(int64_t time_us, struct clock_fields *fields);
