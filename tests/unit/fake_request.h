/* A request made by hand, for tests of lib/web: as web/fcgi.c would have made it, with fields a test sets itself. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "web/request.h"
#include "web/router.h"

static inline struct request *fake_request(const char *method, const char *path)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        abort();
    request->arena = arena_new(4096);
    request->reply = calloc(1, sizeof *request->reply);
    if (!request->arena || !request->reply)
        abort();
    request->id = "request-1";
    request->method = method;
    request->path = path;
    request->query = "";
    return request;
}

static inline void fake_body(struct request *request, const char *body)
{
    request->body = body;
    request->body_length = strlen(body);
}

static inline void fake_free(struct request *request)
{
    cJSON_Delete(request->json);
    buf_free(request->reply);
    free(request->reply);
    arena_free(request->arena);
    free(request);
}

/* The value of a header of the reply; NULL when it is not there. */
static inline const char *fake_header(const struct request *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

/* What was said about a field; NULL when nothing was. */
static inline const char *fake_error(const struct request *request, const char *field)
{
    for (int i = 0; i < request->error_count; i++)
        if (strcmp(request->errors[i].field, field) == 0)
            return request->errors[i].detail;
    return NULL;
}
