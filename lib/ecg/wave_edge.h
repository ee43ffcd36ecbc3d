/* Where a wave begins or ends in one lead: eight rules that each give an answer. */
#pragma once

#include <stdbool.h>

/* The rules. Slopes fall off to a share of the steepest one outwards of it; the others in wave_edge.c. */
enum wave_rule {
    WAVE_RULE_SLOPE_50,
    WAVE_RULE_SLOPE_30,
    WAVE_RULE_SLOPE_20,
    WAVE_RULE_SLOPE_10,
    WAVE_RULE_SLOPE_05,
    WAVE_RULE_TANGENT,
    WAVE_RULE_TRAPEZIUM,
    WAVE_RULE_LEVEL,
    WAVE_RULES
};

/* Grid points. */
struct wave_edge {
    float at[WAVE_RULES];
};

/* A wave's steep places within a stretch, from outside: the first and the last that count. */
struct wave_steeps {
    int first, last;
    float most; /* steepest, unsigned */
};

/* Local maxima of |slope| in from .. to count when they have `share` of the greatest. */
struct wave_steeps wave_steeps_find(const float *slope, int from, int to, float share);

/* Outwards from the steep place to `limit`, which may lie on either side; `reach` (points) is as far as the wave's foot
   can be. */
void wave_edge_find(const float *x, const float *slope, int steep, int limit, int reach, struct wave_edge *edge);
