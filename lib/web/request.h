/* One HTTP request and the reply to it, free of how it came (web/fcgi.c fills it in) and of what it is about.

Everything a request holds lives in its arena and dies with it. A handler finds its inputs already checked
(web/inputs.h) and ends by writing one reply. */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/policy.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/result.h"

struct route;
struct value;

enum { REQUEST_MAX_CAPTURES = 4, REQUEST_MAX_ERRORS = 32, REQUEST_MAX_HEADERS = 8 };

struct field_error {
    const char *field, *detail;
};

struct reply_header {
    const char *name, *value;
};

struct request {
    struct arena *arena;
    void *app; /* the program's own context */

    const char *id;     /* names this request in replies and logs */
    const char *method; /* upper case */
    const char *path;   /* decoded, without the query */
    const char *query;  /* raw, without the question mark; may be empty */
    const char *content_type;
    const char *authorization, *api_key, *cookie; /* headers, or NULL */
    const char *request_mark;                     /* X-Heartline-Request: only our own pages can set it */
    const char *host;
    bool secure;      /* came over TLS */
    const char *body; /* the whole body, NUL-terminated after body_length bytes; NULL when there is none */
    size_t body_length;

    const struct route *route;
    struct {
        const char *name, *value;
    } captures[REQUEST_MAX_CAPTURES];
    struct identity identity;
    struct value *values; /* one for each row of route->inputs */
    cJSON *json;          /* the parsed body of a JSON route */

    struct field_error errors[REQUEST_MAX_ERRORS];
    int error_count;

    int status;
    const char *reply_type;
    struct reply_header headers[REQUEST_MAX_HEADERS];
    int header_count;
    struct buf *reply;
};

/* The part of the path that the pattern calls `name`; never NULL for a name in the pattern. */
const char *request_capture(const struct request *request, const char *name);

/* A Set-Cookie, Location, ... of the reply; both strings must live as long as the request. */
void reply_header(struct request *request, const char *name, const char *value);

/* Start a JSON reply and return the buffer to write it into. */
struct buf *reply_json(struct request *request, int status);

/* Note that an input is not acceptable. Notes add up; when there is one, the reply is a problem. `detail` is formatted
   into the arena. */
void request_reject(struct request *request, const char *field, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));

/* End with problem+json (RFC 9457): the errors noted so far, and this status and words. */
void reply_problem(struct request *request, int status, const char *detail);

/* End with the problem that `result` stands for (nothing when it is HL_OK). The field and detail of `error` (may be
   NULL) become the errors[] entry and the detail. */
void reply_failure(struct request *request, hl_result result, const struct hl_error *error);

/* The words that go with a status: "Not Found". */
const char *http_reason(int status);

/* The one mapping of results to HTTP. */
int http_status(hl_result result);
