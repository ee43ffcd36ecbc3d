/* Rows of waveforms: chunks of signal, packed (store/samples.h). */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "ecg/chunk.h"
#include "store/db.h"
#include "store/metrics.h"

struct waveform {
    int64_t waveform_id;
    int64_t received_us;
    struct ecg_chunk chunk;
    double gain_adu_per_mv, baseline_adu; /* NAN: not declared */
    bool late, time_uncertain;
};

/* Store the chunk once and put it into the queue of what is to be analysed. `scratch` is used for packing. A repeat
   gets the first id and `repeated`. HL_NOT_FOUND when this user has no such session. */
HL_MUST_CHECK hl_result waveforms_insert(struct db *db, const char *user_id, const char *session_id,
                                         struct waveform *waveform, struct buf *scratch, int64_t *session_key,
                                         bool *repeated);

/* Samples of all leads together that one page may hold, whatever its limit in chunks: about 20 MB of JSON. */
enum { PAGE_MAX_SAMPLES = 4000000 };

/* Chunks that overlap the page's time range, in time order; samples are unpacked into the arena. A page holds at least
   one chunk and at most page->limit; `more` tells whether others follow. */
HL_MUST_CHECK hl_result waveforms_list(struct db *db, struct arena *arena, const struct data_page *page,
                                       struct waveform **waveforms, int *count, bool *more);

/* One interval after the last sample. */
int64_t chunk_end_us(const struct ecg_chunk *chunk);
