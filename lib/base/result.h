/* The one result type of the project.

Every function that can fail returns an hl_result and is marked HL_MUST_CHECK. What went wrong in words, and with which
field, travels beside it in a struct hl_error when somebody outside has to be told; the code alone decides the HTTP
status, and that mapping is in one place (web/problem.c). */
#pragma once

#include <stddef.h>

#define HL_MUST_CHECK              __attribute__((warn_unused_result))
#define HL_PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

typedef enum hl_result {
    HL_OK = 0,
    HL_INVALID,         /* a value is not acceptable: the caller's fault */
    HL_UNAUTHENTICATED, /* nobody is signed in, or the proof is not valid */
    HL_DENIED,          /* somebody is signed in, and may not do this */
    HL_NOT_FOUND,
    HL_CONFLICT, /* it contradicts what is already there */
    HL_TOO_LARGE,
    HL_UNSUPPORTED, /* a format or a media type that is not read here */
    HL_UNAVAILABLE, /* a part we stand on is down; try again */
    HL_NO_MEMORY,
    HL_IO,       /* the operating system said no */
    HL_INTERNAL, /* a fault of ours */
} hl_result;

/* Where and why something was refused. `field` is a path into the input ("leads.V1[17]"), or empty. Both strings are
   cut at the end of their buffer, never overrun. */
struct hl_error {
    char field[96];
    char detail[256];
};

/* A short lower-case phrase for logs: "not found". Never NULL. */
const char *hl_strerror(hl_result result);

/* Fill `error` (which may be NULL) and return `result`, so that a check is one line:
       return hl_fail(error, HL_INVALID, "age", "must be between 0 and 150"); */
HL_PRINTF(4, 5)
hl_result hl_fail(struct hl_error *error, hl_result result, const char *field, const char *format, ...);
