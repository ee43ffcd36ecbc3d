/* The event loop. Everything of a stream happens in the callback of its connection, everything between threads in the
mailbox: a post wakes the loop, which gives all news to the hub and then asks for a writable callback on each
connection that has something to read. One write carries all that is pending, up to WRITE_BYTES. */
#include "stream/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libwebsockets.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "stream/viewer.h"
#include "stream/sse.h"

enum {
    WRITE_BYTES = 64 * 1024,
    HEADER_BYTES = 16 * 1024,
    TICK_MS = 200,
    FILES_US = 10 * 1000000, /* how often it is said that no file can be opened */
    STALL_US = 30 * 1000000, /* a reader that takes nothing for so long is closed */
};

struct stream_server {
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct hub *hub;
    struct mailbox *news;
    lws_sorted_usec_list_t tick;
    struct connection *connections;
    atomic_bool stopping;
    int64_t next_files_us; /* monotonic */
    char socket_path[108];
};

/* What libwebsockets keeps for each connection; zeroed by it. */
struct connection {
    struct stream_server *server;
    struct lws *wsi;
    struct connection *previous, *next;
    struct hub_subscriber *subscriber; /* NULL: an ordinary reply */
    struct buf out;                    /* LWS_PRE bytes, then what is to be written */
    size_t sent;                       /* from the start of out, LWS_PRE included */
    int64_t progress_us;               /* monotonic: when it last took something, or had nothing to take */
    int64_t expires_s;
};

static struct hub_time time_now(void)
{
    return (struct hub_time){.monotonic_us = clock_monotonic_us(), .wall_us = clock_now_us()};
}

/* ---- news ---- */

void stream_server_post(struct stream_server *server, struct news *news)
{
    if (news && mailbox_post(server->news, &news->mail))
        lws_cancel_service(server->context);
}

static void take_news(struct stream_server *server)
{
    struct mail *mail = mailbox_take(server->news);
    if (!mail)
        return;
    struct hub_time now = time_now();
    while (mail) {
        struct mail *next = mail->next;
        hub_apply(server->hub, (struct news *)(void *)mail, now);
        mail = next;
    }
    hub_wake(server->hub);
}

/* ---- replies ---- */

static void begin_out(struct connection *connection)
{
    static const char room[LWS_PRE] = {0};
    buf_clear(&connection->out);
    buf_add(&connection->out, room, sizeof room);
    connection->sent = LWS_PRE;
}

static bool add_header(struct lws *wsi, const char *name, const char *value, unsigned char **at, unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name, (const unsigned char *)value,
                                       (int)strlen(value), at, end) == 0;
}

static int send_head(struct lws *wsi, int status, const char *type, lws_filepos_t length)
{
    unsigned char room[LWS_PRE + 1024];
    unsigned char *start = room + LWS_PRE, *at = start, *end = room + sizeof room - 1;
    if (lws_add_http_common_headers(wsi, (unsigned)status, type, length, &at, end) != 0 ||
        !add_header(wsi, "cache-control:", "no-store", &at, end) ||
        !add_header(wsi, "x-accel-buffering:", "no", &at, end) ||
        lws_finalize_write_http_header(wsi, start, &at, end) != 0)
        return 1;
    return 0;
}

/* The body is in connection->out already; it is written when the connection is writable. */
static int send_reply(struct connection *connection, int status, const char *type)
{
    if (!buf_ok(&connection->out) || send_head(connection->wsi, status, type, connection->out.length - LWS_PRE) != 0)
        return 1;
    lws_callback_on_writable(connection->wsi);
    return 0;
}

static int send_refusal(struct connection *connection, const struct stream_refusal *refusal)
{
    begin_out(connection);
    buf_printf(&connection->out,
               "{\"type\":\"about:blank\",\"status\":%d,\"title\":\"%s\",\"detail\":\"%s\",\"errors\":[",
               refusal->status, refusal->title, refusal->detail);
    if (refusal->field)
        buf_printf(&connection->out, "{\"field\":\"%s\",\"detail\":\"%s\"}", refusal->field, refusal->detail);
    buf_text(&connection->out, "]");
    char id[80];
    int length = lws_hdr_custom_copy(connection->wsi, id, (int)sizeof id, "x-request-id:", 13);
    if (length > 0) {
        buf_text(&connection->out, ",\"request_id\":");
        buf_json_str(&connection->out, id);
    }
    buf_char(&connection->out, '}');
    return send_reply(connection, refusal->status, "application/problem+json");
}

static int send_alive(struct connection *connection)
{
    struct hub_counts counts;
    hub_count(connection->server->hub, &counts);
    begin_out(connection);
    buf_printf(&connection->out,
               "{\"status\":\"ok\",\"patients\":%zu,\"streams\":%zu,\"published\":%" PRIu64 ",\"log_events\":%zu,"
               "\"log_bytes\":%zu}",
               counts.patients, counts.subscribers, counts.published, counts.log_events, counts.log_bytes);
    return send_reply(connection, 200, "application/json");
}

/* ---- opening a stream ---- */

static void copy_header(struct lws *wsi, const char *name, char *value, size_t size)
{
    if (lws_hdr_custom_copy(wsi, value, (int)size, name, (int)strlen(name)) <= 0)
        value[0] = '\0';
}

/* False: it is longer than `size`. The library takes an argument that is longer than its buffer for absent, and so all
   behind it; no argument is longer than the headers may be. */
static bool copy_argument(struct lws *wsi, const char *name, char *value, size_t size)
{
    char fragment[HEADER_BYTES + 1];
    const char *found = lws_get_urlarg_by_name(wsi, name, fragment, (int)sizeof fragment);
    value[0] = '\0';
    if (!found)
        return true;
    if (*found == '=')
        found++;
    return snprintf(value, size, "%s", found) < (int)size;
}

static void read_request(struct lws *wsi, const char *path, struct stream_request *request)
{
    memset(request, 0, sizeof *request);
    snprintf(request->path, sizeof request->path, "%s", path);
    request->patients_too_long = !copy_argument(wsi, "patients", request->patients, sizeof request->patients);
    if (!copy_argument(wsi, "detail", request->detail, sizeof request->detail))
        snprintf(request->detail, sizeof request->detail, "?");
    copy_header(wsi, "x-heartline-user:", request->user, sizeof request->user);
    copy_header(wsi, "x-heartline-role:", request->role, sizeof request->role);
    copy_header(wsi, "x-heartline-expires:", request->expires, sizeof request->expires);
    /* One that does not even fit is still one: the client is told of the gap. */
    int length = lws_hdr_custom_length(wsi, "last-event-id:", 14);
    if (length >= (int)sizeof request->last_event_id)
        snprintf(request->last_event_id, sizeof request->last_event_id, "?");
    else if (length > 0)
        copy_header(wsi, "last-event-id:", request->last_event_id, sizeof request->last_event_id);
}

static void want_to_write(void *context)
{
    struct connection *connection = context;
    connection->progress_us = clock_monotonic_us();
    lws_callback_on_writable(connection->wsi);
}

static int open_stream(struct connection *connection, const struct stream_grant *grant)
{
    struct stream_server *server = connection->server;
    begin_out(connection);
    if (send_head(connection->wsi, 200, "text/event-stream", LWS_ILLEGAL_HTTP_CONTENT_LEN) != 0)
        return 1;
    connection->expires_s = grant->expires_s;
    connection->subscriber =
        hub_subscribe(server->hub, &grant->filter, grant->last_event_id, time_now(), want_to_write, connection);
    if (!connection->subscriber)
        return 1;
    connection->next = server->connections;
    if (connection->next)
        connection->next->previous = connection;
    server->connections = connection;
    lws_http_headers_detach(connection->wsi); /* a stream lasts for hours; its headers are read */
    lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
    hub_wake(server->hub);
    return 0;
}

static int judge_request(struct connection *connection, const char *path)
{
    struct stream_request *request = malloc(sizeof *request);
    struct stream_grant *grant = malloc(sizeof *grant);
    struct stream_refusal refusal = {.status = 503, .title = "Service Unavailable", .detail = "Out of memory."};
    bool granted = false;
    if (request && grant) {
        read_request(connection->wsi, path, request);
        granted = stream_request_judge(request, grant, &refusal);
    }
    int code = granted ? open_stream(connection, grant) : send_refusal(connection, &refusal);
    free(request);
    free(grant);
    return code;
}

static int on_request(struct connection *connection, struct lws *wsi, const char *path)
{
    connection->wsi = wsi;
    connection->server = lws_context_user(lws_get_context(wsi));
    char *uri;
    int uri_length;
    if (lws_http_get_uri_and_method(wsi, &uri, &uri_length) != LWSHUMETH_GET) {
        return send_refusal(connection, &(struct stream_refusal){.status = 405,
                                                                 .title = "Method Not Allowed",
                                                                 .detail = "A stream is read with GET."});
    }
    if (strcmp(path, "/livez") == 0)
        return send_alive(connection);
    return judge_request(connection, path);
}

/* ---- writing ---- */

static void fill_out(struct connection *connection)
{
    struct hub_time now = time_now();
    struct hub_item item;
    begin_out(connection);
    while (connection->out.length < LWS_PRE + WRITE_BYTES && hub_next(connection->subscriber, now, &item))
        sse_frame(&connection->out, &item);
}

/* Writes the next piece; more waits for the next writable callback. Returns false when the connection is broken. */
static bool write_piece(struct connection *connection, enum lws_write_protocol kind)
{
    size_t left = connection->out.length - connection->sent;
    size_t piece = left < WRITE_BYTES ? left : WRITE_BYTES;
    if (!buf_ok(&connection->out))
        return false;
    unsigned char *from = (unsigned char *)connection->out.data + connection->sent;
    if (lws_write(connection->wsi, from, piece, left == piece ? kind : LWS_WRITE_HTTP) < 0)
        return false;
    connection->sent += piece;
    return true;
}

/* A snapshot may have been large; a thousand streams need not keep that memory. */
static void release_large_out(struct connection *connection)
{
    if (connection->out.capacity > 2 * WRITE_BYTES)
        buf_free(&connection->out);
}

static int write_stream(struct connection *connection)
{
    connection->progress_us = clock_monotonic_us();
    if (connection->sent >= connection->out.length) {
        fill_out(connection);
        if (connection->sent >= connection->out.length) {
            release_large_out(connection);
            return 0;
        }
    }
    if (!write_piece(connection, LWS_WRITE_HTTP))
        return -1;
    lws_callback_on_writable(connection->wsi);
    return 0;
}

static int on_writable(struct connection *connection)
{
    if (!connection->server)
        return 0;
    if (connection->subscriber)
        return write_stream(connection);
    if (connection->sent < connection->out.length && !write_piece(connection, LWS_WRITE_HTTP_FINAL))
        return -1;
    if (connection->sent < connection->out.length) {
        lws_callback_on_writable(connection->wsi);
        return 0;
    }
    buf_free(&connection->out);
    return lws_http_transaction_completed(connection->wsi) ? -1 : 0;
}

static void on_closed(struct connection *connection)
{
    if (!connection || !connection->server)
        return;
    if (connection->subscriber) {
        *(connection->previous ? &connection->previous->next : &connection->server->connections) = connection->next;
        if (connection->next)
            connection->next->previous = connection->previous;
    }
    hub_unsubscribe(connection->subscriber);
    buf_free(&connection->out);
    memset(connection, 0, sizeof *connection);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
    switch (reason) {
    case LWS_CALLBACK_HTTP: return on_request(user, wsi, in);
    case LWS_CALLBACK_HTTP_WRITEABLE: return on_writable(user);
    case LWS_CALLBACK_CLOSED_HTTP: on_closed(user); return 0;
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL: on_closed(user); return 0;
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED: take_news(lws_context_user(lws_get_context(wsi))); return 0;
    default: return lws_callback_http_dummy(wsi, reason, user, in, length);
    }
}

/* ---- the loop ---- */

static void close_finished(struct stream_server *server, struct hub_time now)
{
    struct connection *next;
    for (struct connection *connection = server->connections; connection; connection = next) {
        next = connection->next;
        bool waits = connection->sent < connection->out.length || lws_partial_buffered(connection->wsi);
        bool stalled = waits && now.monotonic_us - connection->progress_us > STALL_US;
        if (stalled || now.wall_us / 1000000 >= connection->expires_s)
            lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    }
}

/* While no file can be opened the library tries to accept again and again, and would say so each time. */
static void watch_files(struct stream_server *server, int64_t monotonic_us)
{
    int spare = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (spare >= 0)
        close(spare);
    if (spare >= 0 || errno != EMFILE || monotonic_us < server->next_files_us)
        return;
    server->next_files_us = monotonic_us + FILES_US;
    log_error("too many open files: no more streams until some are closed");
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct stream_server *server = lws_container_of(tick, struct stream_server, tick);
    struct hub_time now = time_now();
    hub_tick(server->hub, now);
    close_finished(server, now);
    watch_files(server, now.monotonic_us);
    hub_wake(server->hub);
    lws_sul_schedule(server->context, 0, &server->tick, on_tick, TICK_MS * LWS_US_PER_MS);
}

void stream_server_run(struct stream_server *server)
{
    lws_sul_schedule(server->context, 0, &server->tick, on_tick, TICK_MS * LWS_US_PER_MS);
    while (!atomic_load(&server->stopping) && lws_service(server->context, 0) >= 0)
        take_news(server);
    lws_sul_schedule(server->context, 0, &server->tick, on_tick, LWS_SET_TIMER_USEC_CANCEL);
}

void stream_server_stop(struct stream_server *server)
{
    atomic_store(&server->stopping, true);
    lws_cancel_service(server->context);
}

/* ---- making ---- */

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_event, .per_session_data_size = sizeof(struct connection)},
    {0},
};

static hl_result listen_on(struct stream_server *server, struct hl_error *error)
{
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_UNIX_SOCK,
        .port = 0,
        .iface = server->socket_path,
        .protocols = protocols,
        .user = server,
        .max_http_header_data2 = HEADER_BYTES,
        .max_http_header_pool = 256,
        .keepalive_timeout = 60,
        .gid = -1,
        .uid = -1,
    };
    server->context = lws_create_context(&info);
    if (!server->context)
        return hl_fail(error, HL_IO, "", "the event loop could not be made");
    unlink(server->socket_path);
    mode_t before = umask(0117);
    server->vhost = lws_create_vhost(server->context, &info);
    umask(before);
    if (!server->vhost || access(server->socket_path, F_OK) != 0)
        return hl_fail(error, HL_IO, "", "cannot listen on %s", server->socket_path);
    if (chmod(server->socket_path, 0660) != 0)
        return hl_fail(error, HL_IO, "", "cannot set the mode of %s", server->socket_path);
    return HL_OK;
}

static void log_library(int level, const char *line)
{
    if (strstr(line, "accept: errno")) /* watch_files says it */
        return;
    log_line(level == LLL_ERR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "libwebsockets: %.*s", (int)strcspn(line, "\n"),
             line);
}

hl_result stream_server_new(const char *socket_path, struct hub *hub, struct stream_server **out,
                            struct hl_error *error)
{
    struct stream_server *server = calloc(1, sizeof *server);
    *out = NULL;
    if (!server)
        return hl_fail(error, HL_NO_MEMORY, "", "out of memory");
    lws_set_log_level(LLL_ERR | LLL_WARN, log_library);
    server->hub = hub;
    server->news = mailbox_new();
    hl_result code = HL_OK;
    if (!server->news)
        code = hl_fail(error, HL_NO_MEMORY, "", "out of memory");
    else if (snprintf(server->socket_path, sizeof server->socket_path, "%s", socket_path) >=
             (int)sizeof server->socket_path)
        code = hl_fail(error, HL_IO, "", "the path of the socket is too long: %s", socket_path);
    else
        code = listen_on(server, error);
    if (code != HL_OK) {
        stream_server_free(server);
        return code;
    }
    *out = server;
    return HL_OK;
}

void stream_server_free(struct stream_server *server)
{
    if (!server)
        return;
    if (server->context)
        lws_context_destroy(server->context);
    if (server->vhost)
        unlink(server->socket_path);
    for (struct mail *mail = server->news ? mailbox_take(server->news) : NULL, *next; mail; mail = next) {
        next = mail->next;
        news_free((struct news *)(void *)mail);
    }
    mailbox_free(server->news);
    free(server);
}
