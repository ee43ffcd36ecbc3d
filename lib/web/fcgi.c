/* libfcgi's parameters become a struct request, the reply goes back out. nginx has buffered the whole body before it
calls (fastcgi_request_buffering), so reading it never waits for a slow client. */
#include "web/fcgi.h"

#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "web/urldecode.h"

enum { ARENA_BYTES = 64 * 1024, BODY_HARD_LIMIT = 64 * 1024 * 1024, REPLY_KEEP_BYTES = 1024 * 1024 };

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
    FCGX_ShutdownPending();
}

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop}; /* no SA_RESTART: accept must return */
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* HL_TOO_LARGE beyond any route's limit; HL_IO when less arrives than was announced. */
static hl_result read_body(FCGX_Request *fcgi, struct request *request)
{
    const char *announced = FCGX_GetParam("CONTENT_LENGTH", fcgi->envp);
    long length = announced && *announced ? strtol(announced, NULL, 10) : 0;
    if (length < 0 || length > BODY_HARD_LIMIT)
        return HL_TOO_LARGE;
    request->body_length = (size_t)length;
    char *body = arena_alloc(request->arena, request->body_length + 1);
    if (!body)
        return HL_NO_MEMORY;
    size_t got = 0;
    while (got < request->body_length) {
        int n = FCGX_GetStr(body + got, (int)(request->body_length - got), fcgi->in);
        if (n <= 0)
            return HL_IO;
        got += (size_t)n;
    }
    body[got] = '\0';
    request->body = body;
    return HL_OK;
}

static bool read_target(FCGX_Request *fcgi, struct request *request)
{
    const char *uri = FCGX_GetParam("REQUEST_URI", fcgi->envp);
    if (!uri)
        return false;
    size_t path_length = strcspn(uri, "?");
    request->path = url_decode(request->arena, uri, path_length, false);
    request->query = uri[path_length] ? uri + path_length + 1 : "";
    return request->path != NULL;
}

static void read_parameters(FCGX_Request *fcgi, struct request *request)
{
    const char *method = FCGX_GetParam("REQUEST_METHOD", fcgi->envp);
    const char *https = FCGX_GetParam("HTTPS", fcgi->envp);
    const char *id = FCGX_GetParam("REQUEST_ID", fcgi->envp);
    request->method = method ? method : "GET";
    request->id = id && *id ? id : "-";
    request->content_type = FCGX_GetParam("CONTENT_TYPE", fcgi->envp);
    request->authorization = FCGX_GetParam("HTTP_AUTHORIZATION", fcgi->envp);
    request->api_key = FCGX_GetParam("HTTP_X_API_KEY", fcgi->envp);
    request->cookie = FCGX_GetParam("HTTP_COOKIE", fcgi->envp);
    request->request_mark = FCGX_GetParam("HTTP_X_HEARTLINE_REQUEST", fcgi->envp);
    request->host = FCGX_GetParam("HTTP_HOST", fcgi->envp);
    request->secure = https && strcmp(https, "on") == 0;
}

/* Through a buffer of ours: FCGX_FPrintF knows fewer formats than printf. */
static void send_reply(FCGX_Request *fcgi, const struct request *request)
{
    struct buf head = {0};
    buf_printf(&head, "Status: %d %s\r\nContent-Type: %s\r\n", request->status, http_reason(request->status),
               request->reply_type);
    for (int i = 0; i < request->header_count; i++)
        buf_printf(&head, "%s: %s\r\n", request->headers[i].name, request->headers[i].value);
    buf_printf(&head, "Content-Length: %zu\r\nCache-Control: no-store\r\n\r\n", request->reply->length);
    if (buf_ok(&head)) {
        FCGX_PutStr(head.data, (int)head.length, fcgi->out);
        if (strcmp(request->method, "HEAD") != 0 && request->reply->length > 0)
            FCGX_PutStr(request->reply->data, (int)request->reply->length, fcgi->out);
    }
    buf_free(&head);
}

static void answer(const struct site *site, FCGX_Request *fcgi, struct arena *arena, struct buf *reply)
{
    struct request request = {.arena = arena, .reply = reply, .reply_type = "application/json"};
    buf_clear(reply);
    read_parameters(fcgi, &request);
    log_request_id(request.id);
    hl_result body = HL_OK;
    if (!read_target(fcgi, &request))
        reply_problem(&request, 400, "The path is not percent-encoded UTF-8.");
    else if ((body = read_body(fcgi, &request)) != HL_OK)
        reply_problem(&request, body == HL_IO ? 400 : http_status(body), "The body could not be read whole.");
    else
        dispatch(site, &request);
    send_reply(fcgi, &request);
    cJSON_Delete(request.json);
    log_request_id(NULL);
}

int fcgi_serve(const struct site *site)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct buf reply = {0};
    FCGX_Request fcgi;
    catch_signals();
    if (!arena || FCGX_Init() != 0 || FCGX_InitRequest(&fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
        log_error("cannot start: no memory, or file descriptor 0 is not a FastCGI socket");
        arena_free(arena);
        return 1;
    }
    while (!stopping && FCGX_Accept_r(&fcgi) == 0) {
        answer(site, &fcgi, arena, &reply);
        FCGX_Finish_r(&fcgi);
        arena_reset(arena);
        if (reply.capacity > REPLY_KEEP_BYTES)
            buf_free(&reply);
    }
    buf_free(&reply);
    arena_free(arena);
    return stopping ? 0 : 1;
}
