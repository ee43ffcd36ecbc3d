/* Words for the result codes, and the one way to fill an hl_error. */
#include "base/result.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const phrases[] = {
    [HL_OK] = "ok",
    [HL_INVALID] = "invalid input",
    [HL_UNAUTHENTICATED] = "not signed in",
    [HL_DENIED] = "not allowed",
    [HL_NOT_FOUND] = "not found",
    [HL_CONFLICT] = "conflict",
    [HL_TOO_LARGE] = "too large",
    [HL_UNSUPPORTED] = "unsupported format",
    [HL_UNAVAILABLE] = "unavailable",
    [HL_NO_MEMORY] = "out of memory",
    [HL_IO] = "input/output error",
    [HL_INTERNAL] = "internal error",
};

const char *hl_strerror(hl_result result)
{
    size_t index = (size_t)result;
    if (index >= sizeof phrases / sizeof phrases[0] || !phrases[index])
        return "unknown result";
    return phrases[index];
}

hl_result hl_fail(struct hl_error *error, hl_result result, const char *field, const char *format, ...)
{
    if (!error)
        return result;
    snprintf(error->field, sizeof error->field, "%s", field ? field : "");
    va_list args;
    va_start(args, format);
    vsnprintf(error->detail, sizeof error->detail, format, args);
    va_end(args);
    return result;
}
