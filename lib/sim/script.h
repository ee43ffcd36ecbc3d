/* What a heart has been asked to do: what goes on now, part by part, and what waits for its time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "sim/anomaly.h"
#include "sim/rng.h"

struct sim_going_on {
    bool on;
    enum sim_anomaly anomaly;
    double until_ms;
    double strength;
};

struct sim_script {
    struct sim_going_on parts[SIM_PART_COUNT];
    struct sim_event waiting[SIM_EVENT_QUEUE]; /* in the order of their times */
    size_t waiting_count;
    double next_ms; /* when something begins or ends next; INFINITY: never */
};

void sim_script_init(struct sim_script *script);

/* HL_INVALID names the field; HL_CONFLICT when too many wait. */
HL_MUST_CHECK hl_result sim_script_add(struct sim_script *script, const struct sim_event *event,
                                       struct hl_error *error);

/* The next event that is due, taken out; false when none is. */
bool sim_script_take(struct sim_script *script, double now_ms, struct sim_event *event);

/* A lasting anomaly begins: its part is taken. */
void sim_script_begin(struct sim_script *script, const struct sim_event *event, double now_ms);

/* The next part whose time is over, freed; false when none is. */
bool sim_script_expire(struct sim_script *script, double now_ms, enum sim_part *part);

/* Ends what goes on and forgets what waits of this kind. True when it went on. */
bool sim_script_end(struct sim_script *script, enum sim_anomaly anomaly);

/* Is it this one that goes on? */
bool sim_script_is(const struct sim_script *script, enum sim_anomaly anomaly);

/* The value of what goes on in a part, 0 when nothing does. */
double sim_script_value(const struct sim_script *script, enum sim_part part);
