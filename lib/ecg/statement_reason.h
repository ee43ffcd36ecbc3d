/* The reason behind a statement, put together from the measurements that made it fire: "PR 224 ms > 200 ms (8 beats)".
Text that does not fit is left out at its end, whole facts at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ecg/lead.h"
#include "ecg/measure.h"

struct reason {
    char *text; /* lent */
    size_t size, length;
};

void reason_begin(struct reason *reason, char *text, size_t size);

/* A fact of its own, behind a comma. */
void reason_add(struct reason *reason, const char *text);

/* "PR 224 ms > 200 ms (8 beats)"; `name` may differ from the measure's own. */
void reason_compare(struct reason *reason, const char *name, const struct ecg_figure *figure, const char *unit,
                    const char *sign, double limit);

/* "rate 72 bpm", in so many decimals. */
void reason_value(struct reason *reason, const char *name, double value, unsigned decimals, const char *unit);

/* "S 0.62 mV in V1"; "ms" for lengths. */
void reason_lead(struct reason *reason, const char *name, double value, const char *unit, enum ecg_lead lead);

/* "SV1 + RV5 4.10 mV > 3.50 mV" */
void reason_limit(struct reason *reason, const char *name, double value, const char *unit, const char *sign,
                  double limit);

/* "2 of 11 beats" */
void reason_count(struct reason *reason, unsigned part, unsigned all, const char *things);
