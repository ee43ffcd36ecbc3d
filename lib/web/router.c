/* Finding the row and walking its conditions in order: role, CSRF, body length, inputs, handler. */
#include "web/router.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

static bool capture(struct request *request, int *count, const char *name, size_t name_length, const char *value,
                    size_t value_length)
{
    if (*count == REQUEST_MAX_CAPTURES || value_length == 0)
        return false;
    request->captures[*count].name = arena_copy(request->arena, name, name_length);
    request->captures[*count].value = arena_copy(request->arena, value, value_length);
    return request->captures[*count].name && request->captures[(*count)++].value;
}

static bool path_matches(struct request *request, const char *pattern)
{
    const char *path = request->path;
    int captures = 0;
    memset(request->captures, 0, sizeof request->captures);
    while (*pattern && *path) {
        if (*pattern == '{') {
            size_t name_length = strcspn(pattern + 1, "}");
            size_t value_length = strcspn(path, "/");
            if (!capture(request, &captures, pattern + 1, name_length, path, value_length))
                return false;
            pattern += name_length + 2;
            path += value_length;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *pattern == '\0' && *path == '\0';
}

static bool method_matches(const char *method, const struct route *route)
{
    return strcmp(method, route->method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

const struct route *route_find(const struct route *routes, struct request *request, bool *path_known)
{
    *path_known = false;
    for (const struct route *route = routes; route->method; route++) {
        if (!path_matches(request, route->pattern))
            continue;
        *path_known = true;
        if (method_matches(request->method, route))
            return route;
    }
    return NULL;
}

static void reply_wrong_method(const struct route *routes, struct request *request)
{
    const char *allow = "";
    for (const struct route *route = routes; route->method && allow; route++)
        if (path_matches(request, route->pattern))
            allow = arena_printf(request->arena, "%s%s%s%s", allow, *allow ? ", " : "", route->method,
                                 strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
    reply_header(request, "Allow", allow);
    reply_problem(request, 405, "This path is there, but not for this method.");
}

static bool changes_something(const struct request *request)
{
    return strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0;
}

/* A page of another site can make a browser send our cookie, but it cannot set a header of its own without asking us
   first (CORS), and we never say yes. */
static bool forged(const struct request *request)
{
    return request->identity.credential == CREDENTIAL_COOKIE && changes_something(request) && !request->request_mark;
}

static bool authorised(const struct site *site, struct request *request)
{
    enum role least = request->route->role;
    if (least == ROLE_ANYONE)
        return true;
    struct hl_error error = {0};
    hl_result result = least == ROLE_UNSET ? HL_DENIED : site->authenticate(request, &error);
    if (result == HL_OK && request->identity.role < least)
        result = hl_fail(&error, HL_DENIED, "", "This needs the role %s.", role_name(least));
    if (result == HL_OK && forged(request))
        result = hl_fail(&error, HL_DENIED, "X-Heartline-Request",
                         "A write that is authorised by a cookie must carry the header X-Heartline-Request.");
    reply_failure(request, result, &error);
    return result == HL_OK;
}

static bool body_fits(struct request *request)
{
    if (request->body_length <= request->route->body_limit)
        return true;
    char detail[120];
    snprintf(detail, sizeof detail, "The body has %zu bytes; this endpoint takes %zu.", request->body_length,
             request->route->body_limit);
    reply_problem(request, 413, detail);
    return false;
}

void dispatch(const struct site *site, struct request *request)
{
    bool path_known;
    request->app = site->app;
    request->route = route_find(site->routes, request, &path_known);
    if (!request->route) {
        if (path_known)
            reply_wrong_method(site->routes, request);
        else
            reply_problem(request, 404, "There is nothing at this path.");
        return;
    }
    if (authorised(site, request) && body_fits(request) && inputs_check(request))
        request->route->handler(request);
    if (!buf_ok(request->reply) || request->status == 0) {
        log_error("no reply was made for %s", request->route->pattern);
        reply_failure(request, HL_INTERNAL, NULL);
    }
}
