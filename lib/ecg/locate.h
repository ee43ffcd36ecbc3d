/* Where exactly the R peak is: the detector says to a frame and with its filters' delay where a QRS was; this looks at
the samples themselves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last samples of all leads. */
struct ecg_history {
    float *samples; /* lead after lead, each a ring of `length` */
    size_t length;  /* a power of two: a remainder for each sample would cost as much as a filter */
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

/* Where in a lead's ring the sample is. */
static inline size_t ecg_history_slot(const struct ecg_history *history, int64_t sample)
{
    return (size_t)sample & (history->length - 1);
}

static inline void ecg_history_put(struct ecg_history *history, size_t lead, float value)
{
    history->samples[lead * history->length + ecg_history_slot(history, history->end)] = value;
}
