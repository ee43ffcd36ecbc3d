/* The route table and the dispatcher that enforces it, once, for every endpoint.

A row says everything about an endpoint: method, path pattern, handler, the least role, what its body is and how long it
may be, and its inputs. The dispatcher finds the row, authorises, reads the inputs, and only then calls the handler. A
row without a role is refused, so forgetting one closes a door instead of opening it. */
#pragma once

#include <stddef.h>

#include "web/inputs.h"
#include "web/request.h"

enum body_kind {
    BODY_NONE = 0,
    BODY_JSON,      /* parsed into request->json, inputs checked */
    BODY_RAW,       /* the handler reads request->body itself (waveforms) */
    BODY_MULTIPART, /* the handler reads it with web/multipart.h */
};

struct route {
    const char *method;  /* NULL ends a table */
    const char *pattern; /* "/api/v1/sessions/{session_id}/end": {name} captures one segment */
    void (*handler)(struct request *request);
    enum role role;
    enum body_kind body;
    size_t body_limit; /* bytes */
    const struct input *inputs;
};

/* Who is asking? Fills request->identity from the credential the request carries. HL_UNAUTHENTICATED with the reason
   when there is none or it is not good; HL_UNAVAILABLE when that cannot be known now. */
typedef hl_result authenticator(struct request *request, struct hl_error *error);

struct site {
    const struct route *routes;
    authenticator *authenticate;
    void *app;
};

/* Answer one request: always leaves a reply in it. */
void dispatch(const struct site *site, struct request *request);

/* The row for method and path, with captures filled in; NULL when there is none, and then `path_known` says whether
   another method would have one. */
const struct route *route_find(const struct route *routes, struct request *request, bool *path_known);
