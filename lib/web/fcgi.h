/* The accept loop of a FastCGI worker: one request at a time, memory given back after each. */
#pragma once

#include "web/router.h"

/* Serve requests from the listening socket on file descriptor 0 until SIGTERM or SIGINT, which end it between two
   requests. Returns the process's exit code. */
int fcgi_serve(const struct site *site);
