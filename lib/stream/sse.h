/* The framing of server-sent events. */
#pragma once

#include "base/buf.h"
#include "stream/hub.h"

/* Appends one event: its id when it has one, its name, its data (one line). */
void sse_frame(struct buf *out, const struct hub_item *item);
