/* Where exactly the R peak is: the detector says to a frame and with its filters' delay where a QRS was; this looks at
the samples themselves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last samples of all leads. */
struct ecg_history {
    float *samples; /* lead after lead, each a ring of `length` */
    size_t length;
    size_t lead_count;
    int64_t end;   /* samples written so far: the newest is end - 1 */
    int64_t begin; /* what lies before this was never written, or lies before a gap */
};

/* Around where to look. */
struct ecg_span {
    int64_t from, to; /* inclusive */
};

struct ecg_r_peak {
    int64_t sample;
    float height; /* signed, over the mean of its surroundings, after smoothing */
};

/* The sample with the greatest deflection in the span. `usual_sign` (+1 or -1) is preferred when both directions are
   about as high. False when nothing of the span is held any more. */
bool ecg_locate(const struct ecg_history *history, size_t lead, double fs_hz, struct ecg_span span, int usual_sign,
                struct ecg_r_peak *peak);

static inline void ecg_history_put(struct ecg_history *history, size_t lead, float value)
{
    history->samples[lead * history->length + (size_t)(history->end % (int64_t)history->length)] = value;
}
