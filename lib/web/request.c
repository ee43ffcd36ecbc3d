/* Replies: JSON, and the one shape in which everything that goes wrong is told. */
#include "web/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

const char *request_capture(const struct request *request, const char *name)
{
    for (int i = 0; i < REQUEST_MAX_CAPTURES && request->captures[i].name; i++)
        if (strcmp(request->captures[i].name, name) == 0)
            return request->captures[i].value;
    return NULL;
}

void reply_header(struct request *request, const char *name, const char *value)
{
    if (request->header_count < REQUEST_MAX_HEADERS && value)
        request->headers[request->header_count++] = (struct reply_header){name, value};
}

struct buf *reply_json(struct request *request, int status)
{
    request->status = status;
    request->reply_type = "application/json";
    buf_clear(request->reply);
    return request->reply;
}

void request_reject(struct request *request, const char *field, const char *detail, ...)
{
    if (request->error_count == REQUEST_MAX_ERRORS)
        return;
    char text[300];
    va_list args;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    const char *kept_field = arena_copy(request->arena, field, strlen(field));
    const char *kept_detail = arena_copy(request->arena, text, strlen(text));
    if (kept_field && kept_detail)
        request->errors[request->error_count++] = (struct field_error){kept_field, kept_detail};
}

static const struct {
    int status;
    const char *title;
} titles[] = {
    {200, "OK"},
    {201, "Created"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Payload Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

const char *http_reason(int status)
{
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Error";
}

static void write_errors(const struct request *request, struct buf *out)
{
    buf_text(out, "\"errors\":[");
    for (int i = 0; i < request->error_count; i++) {
        buf_text(out, i ? ",{\"field\":" : "{\"field\":");
        buf_json_str(out, request->errors[i].field);
        buf_text(out, ",\"detail\":");
        buf_json_str(out, request->errors[i].detail);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

void reply_problem(struct request *request, int status, const char *detail)
{
    struct buf *out = reply_json(request, status);
    request->reply_type = "application/problem+json";
    if (status == 401)
        reply_header(request, "WWW-Authenticate", "Bearer realm=\"heartline\"");
    if (status == 503)
        reply_header(request, "Retry-After", "2");
    buf_printf(out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":", http_reason(status),
               status);
    buf_json_str(out, detail);
    buf_char(out, ',');
    write_errors(request, out);
    buf_text(out, ",\"request_id\":");
    buf_json_str(out, request->id);
    buf_char(out, '}');
}

int http_status(hl_result result)
{
    static const int statuses[] = {
        [HL_OK] = 200,        [HL_INVALID] = 422,     [HL_UNAUTHENTICATED] = 401,
        [HL_DENIED] = 403,    [HL_NOT_FOUND] = 404,   [HL_CONFLICT] = 409,
        [HL_TOO_LARGE] = 413, [HL_UNSUPPORTED] = 415, [HL_UNAVAILABLE] = 503,
        [HL_NO_MEMORY] = 503, [HL_IO] = 500,          [HL_INTERNAL] = 500,
    };
    return statuses[result];
}

void reply_failure(struct request *request, hl_result result, const struct hl_error *error)
{
    if (result == HL_OK)
        return;
    int status = http_status(result);
    const char *detail = error && error->detail[0] ? error->detail : NULL;
    if (error && error->field[0] && detail)
        request_reject(request, error->field, "%s", detail);
    if (status == 503) /* what is down is our business; that it will be back is theirs */
        detail = "The server cannot store or read anything just now. Try again; what was stored is recognised.";
    if (status == 500) {
        log_error("%s %s: %s", request->method, request->route ? request->path : "", hl_strerror(result));
        detail = "Something went wrong on our side; the request was not carried out, or not wholly.";
    }
    reply_problem(request, status, detail ? detail : "The request cannot be carried out.");
}
