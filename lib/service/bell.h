/* The bell: a datagram that says "look, there is news" to live, ids only. It is a hint. It never blocks and its loss
costs at most the second after which live looks by itself. */
#pragma once

#include <stdint.h>

enum bell_listener { BELL_INGEST, BELL_WARD, BELL_LISTENERS };

struct bell {
    int fd;
    char paths[BELL_LISTENERS][108];
};

void bell_open(struct bell *bell, const char *run_folder);
void bell_close(struct bell *bell);

/* "waveform 17 1234": what kind of news, for which session, which row (0: none). */
void bell_ring(struct bell *bell, enum bell_listener listener, const char *kind, int64_t session_key, int64_t row_id);
