/* Pacing spikes: single samples that stand out. Behind waves.c. */
#pragma once

#include "ecg/wave_window.h"

/* Looks at a lead's samples, whose QRS is `height` high; for each lead of a beat after wave_spike_begin. */
void wave_spike_begin(struct wave_spike *spike);
void wave_spike_lead(struct wave_spike *spike, const struct ecg_chain *chain, float height);

/* The last spike before the R peak, ms from it (< 0); NAN when there is none, or the rate cannot show any. */
double wave_spike_ms(const struct wave_spike *spike, double fs_hz);
