/* Where an edge is put, of all that the rules and the other leads say about it. Behind waves.c. */
#pragma once

#include "ecg/wave_window.h"

/* How many floats a lead's memory of its edges takes. */
enum { WAVE_PLACE_MEMORY = ECG_WAVE_COUNT * WAVE_EDGES * 2 };

/* Where an edge usually lies in a lead: a running mean and the beats behind it. All zero at first. */
struct wave_usual_edge {
    float mean_ms, count;
};

/* Fills lead[].placed_ms of all waves found; `memory` has lead_count * WAVE_PLACE_MEMORY floats. */
void wave_place(struct wave_window *window, const struct ecg_waves *waves, float *memory);
