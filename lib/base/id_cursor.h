/* A place in a table that grows by a sequence: which ids were seen, when they do not become visible in order.

Transactions commit in another order than they took their ids, and some never commit. So an id below the highest one
seen may still come: it is waited for, for a while; then the hole is taken for one that stays empty. Ask for the rows
above `low`, and take those that id_cursor_see calls new. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { ID_CURSOR_WINDOW = 8192 };

struct id_cursor {
    int64_t low;                       /* everything up to here is settled */
    int64_t highest;                   /* seen */
    int64_t hole_until, hole_since_us; /* holes up to hole_until are waited for since then; hole_since_us 0: none */
    int64_t seen[ID_CURSOR_WINDOW];    /* id at id % window */
};

void id_cursor_init(struct id_cursor *cursor, int64_t settled_until);

/* True when `id` is seen for the first time. */
bool id_cursor_see(struct id_cursor *cursor, int64_t id);

/* After a round of reading: moves `low` on. Holes are given up after patience_us. */
void id_cursor_settle(struct id_cursor *cursor, int64_t monotonic_us, int64_t patience_us);
