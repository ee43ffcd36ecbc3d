/* How high and how long the parts of a beat are in each lead, once it is known where they lie. Behind waves.c. */
#pragma once

#include "ecg/wave_window.h"

/* Fills out->levels; out->all and out->lead are known already. */
void wave_levels_find(const struct wave_window *window, const struct ecg_history *history, struct ecg_beat_waves *out);
