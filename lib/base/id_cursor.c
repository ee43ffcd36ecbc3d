/* Seen ids lie in a window above the settled ones. */
#include "base/id_cursor.h"

#include <string.h>

void id_cursor_init(struct id_cursor *cursor, int64_t settled_until)
{
    memset(cursor, 0, sizeof *cursor);
    cursor->low = cursor->highest = settled_until;
}

bool id_cursor_see(struct id_cursor *cursor, int64_t id)
{
    if (id <= cursor->low)
        return false;
    if (id - cursor->low > ID_CURSOR_WINDOW)
        cursor->low = id - ID_CURSOR_WINDOW;
    int64_t *slot = &cursor->seen[id % ID_CURSOR_WINDOW];
    if (*slot == id)
        return false;
    *slot = id;
    if (id > cursor->highest)
        cursor->highest = id;
    return true;
}

static void advance_over_seen(struct id_cursor *cursor)
{
    while (cursor->low < cursor->highest && cursor->seen[(cursor->low + 1) % ID_CURSOR_WINDOW] == cursor->low + 1)
        cursor->low++;
}

void id_cursor_settle(struct id_cursor *cursor, int64_t monotonic_us, int64_t patience_us)
{
    advance_over_seen(cursor);
    if (cursor->hole_since_us && cursor->low < cursor->hole_until &&
        monotonic_us - cursor->hole_since_us > patience_us) {
        cursor->low = cursor->hole_until;
        advance_over_seen(cursor);
    }
    if (cursor->low >= cursor->hole_until)
        cursor->hole_since_us = 0;
    if (cursor->low < cursor->highest && !cursor->hole_since_us) {
        cursor->hole_since_us = monotonic_us;
        cursor->hole_until = cursor->highest;
    }
}
