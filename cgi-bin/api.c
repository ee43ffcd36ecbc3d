/* The FastCGI worker: one of N equal processes on one socket, stateless but for its connection. What it answers is in
routes.c; how requests travel is in lib/web. Streams are not served here (see live.c). */
#include <signal.h>
#include <sys/prctl.h>

#include "base/config.h"
#include "base/log.h"
#include "routes.h"
#include "web/fcgi.h"

/* A client waits five seconds for an answer. A database that restarts is back sooner than this; one that is not gets
   the client a 503 while it still listens. */
enum { PATIENCE_MS = 2500 };

int main(void)
{
    struct service service;
    struct hl_error error = {0};
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* no worker outlives the process that watches it */
    log_open("api", log_level_from_name(config_text(CONFIG_LOG)));
    hl_result result = service_open(&service, PATIENCE_MS, &error);
    if (result != HL_OK) {
        log_error("cannot start: %s %s", hl_strerror(result), error.detail);
        return 1;
    }
    const struct site site = {.routes = routes, .authenticate = authenticate, .app = &service};
    int code = fcgi_serve(&site);
    service_close(&service);
    return code;
}
