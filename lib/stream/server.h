/* The hub on a Unix socket: server-sent events over HTTP, by libwebsockets.

    GET /api/v1/stream                  everything the viewer may see
    GET /api/v1/patients/{id}/stream    one patient
    GET /livez                          {"status":"ok"}

Who is asking is known already: nginx has asked the API and says so in X-Heartline-User, X-Heartline-Role and
X-Heartline-Expires (unix seconds, optional). The socket is trusted; it is open to the workers' group only.

One thread runs the server and with it the hub; any thread posts news. */
#pragma once

#include "base/result.h"
#include "stream/hub.h"
#include "stream/news.h"

struct stream_server;

/* Listens on `socket_path` (an old socket there is replaced). The hub is borrowed, and touched by stream_server_run
   only. HL_IO when the socket cannot be bound, with the reason. */
HL_MUST_CHECK
hl_result stream_server_new(const char *socket_path, struct hub *hub, struct stream_server **out,
                            struct hl_error *error);
/* Closes all streams and removes the socket. NULL is allowed. */
void stream_server_free(struct stream_server *server);

/* From any thread; takes the news over. NULL (no memory) is allowed and does nothing. */
void stream_server_post(struct stream_server *server, struct news *news);

/* Serves until stream_server_stop, which any thread may call. */
void stream_server_run(struct stream_server *server);
void stream_server_stop(struct stream_server *server);
