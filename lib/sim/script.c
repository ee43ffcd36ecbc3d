/* Keeps what was asked for in order. Events of the past are due at once; each part holds one thing at a time. */
#include "sim/script.h"

#include <math.h>

#define USUAL_STRENGTH 0.5
#define AT_MAX_S       1e7 /* four months */

void sim_script_init(struct sim_script *script)
{
    *script = (struct sim_script){.next_ms = INFINITY};
}

static void schedule(struct sim_script *script)
{
    script->next_ms = script->waiting_count > 0 ? 1000.0 * script->waiting[0].at_s : INFINITY;
    for (size_t part = 0; part < SIM_PART_COUNT; part++)
        if (script->parts[part].on)
            script->next_ms = fmin(script->next_ms, script->parts[part].until_ms);
}

static hl_result check(const struct sim_event *event, struct hl_error *error)
{
    if (!sim_anomaly_row(event->anomaly))
        return hl_fail(error, HL_INVALID, "anomaly", "is not a known anomaly");
    if (event->at_s > AT_MAX_S)
        return hl_fail(error, HL_INVALID, "at_s", "must be at most %g", AT_MAX_S);
    if (!isnan(event->duration_s) && !(event->duration_s > 0.0))
        return hl_fail(error, HL_INVALID, "duration_s", "must be greater than 0");
    if (!isnan(event->strength) && !(event->strength >= 0.0 && event->strength <= 1.0))
        return hl_fail(error, HL_INVALID, "strength", "must be between 0 and 1");
    return HL_OK;
}

hl_result sim_script_add(struct sim_script *script, const struct sim_event *event, struct hl_error *error)
{
    hl_result result = check(event, error);
    if (result != HL_OK)
        return result;
    if (script->waiting_count == SIM_EVENT_QUEUE)
        return hl_fail(error, HL_CONFLICT, "anomaly", "%d anomalies wait for their time already", (int)SIM_EVENT_QUEUE);
    struct sim_event filled = *event;
    if (isnan(filled.at_s))
        filled.at_s = 0.0;
    if (isnan(filled.duration_s))
        filled.duration_s = sim_anomaly_row(event->anomaly)->duration_s;
    if (isnan(filled.strength))
        filled.strength = USUAL_STRENGTH;
    size_t at = script->waiting_count++;
    for (; at > 0 && script->waiting[at - 1].at_s > filled.at_s; at--)
        script->waiting[at] = script->waiting[at - 1];
    script->waiting[at] = filled;
    schedule(script);
    return HL_OK;
}

static void remove_waiting(struct sim_script *script, size_t at)
{
    script->waiting_count--;
    for (; at < script->waiting_count; at++)
        script->waiting[at] = script->waiting[at + 1];
}

bool sim_script_take(struct sim_script *script, double now_ms, struct sim_event *event)
{
    if (script->waiting_count == 0 || 1000.0 * script->waiting[0].at_s > now_ms)
        return false;
    *event = script->waiting[0];
    remove_waiting(script, 0);
    schedule(script);
    return true;
}

void sim_script_begin(struct sim_script *script, const struct sim_event *event, double now_ms)
{
    script->parts[sim_anomaly_row(event->anomaly)->part] = (struct sim_going_on){
        .on = true,
        .anomaly = event->anomaly,
        .until_ms = now_ms + 1000.0 * event->duration_s,
        .strength = event->strength,
    };
    schedule(script);
}

bool sim_script_expire(struct sim_script *script, double now_ms, enum sim_part *part)
{
    for (size_t i = 0; i < SIM_PART_COUNT; i++) {
        if (!script->parts[i].on || script->parts[i].until_ms > now_ms)
            continue;
        script->parts[i].on = false;
        *part = (enum sim_part)i;
        schedule(script);
        return true;
    }
    return false;
}

bool sim_script_end(struct sim_script *script, enum sim_anomaly anomaly)
{
    bool was_on = sim_script_is(script, anomaly);
    for (size_t i = script->waiting_count; i > 0; i--)
        if (script->waiting[i - 1].anomaly == anomaly)
            remove_waiting(script, i - 1);
    if (was_on)
        script->parts[sim_anomaly_row(anomaly)->part].on = false;
    schedule(script);
    return was_on;
}

bool sim_script_is(const struct sim_script *script, enum sim_anomaly anomaly)
{
    const struct sim_anomaly_row *row = sim_anomaly_row(anomaly);
    return row && script->parts[row->part].on && script->parts[row->part].anomaly == anomaly;
}

double sim_script_value(const struct sim_script *script, enum sim_part part)
{
    const struct sim_going_on *going_on = &script->parts[part];
    return going_on->on ? sim_anomaly_value(sim_anomaly_row(going_on->anomaly), going_on->strength) : 0.0;
}
