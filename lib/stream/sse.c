/* The framing of server-sent events. */
#include "stream/sse.h"

void sse_frame(struct buf *out, const struct hub_item *item)
{
    if (item->id[0]) {
        buf_text(out, "id: ");
        buf_text(out, item->id);
        buf_char(out, '\n');
    }
    buf_text(out, "event: ");
    buf_text(out, item->event);
    buf_text(out, "\ndata: ");
    buf_add(out, item->data, item->length);
    buf_text(out, "\n\n");
}
