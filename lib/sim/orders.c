/* Orders: what was asked for takes hold of its part of the heart, or lets go of it. */
#include <math.h>

#include "sim/heart_private.h"

#define RESTART_MS 1200.0 /* until the sinus node fires behind fibrillation or asystole */

static void change_sinus(struct sim_heart *heart)
{
    const struct sim_going_on *part = &heart->script.parts[SIM_PART_SINUS];
    double bpm = part->on && part->anomaly != SIM_ANOMALY_PAUSE ? sim_script_value(&heart->script, SIM_PART_SINUS)
                                                                : heart->usual_bpm;
    heart->rhythm.towards_bpm = bpm;
    sim_atria_pause(&heart->atria, part->on && part->anomaly == SIM_ANOMALY_PAUSE ? part->until_ms : 0.0);
}

static void change_atria(struct sim_heart *heart)
{
    static const struct {
        enum sim_anomaly anomaly;
        enum sim_atria_mode mode;
    } modes[] = {
        {SIM_ANOMALY_AF, SIM_ATRIA_FIBRILLATION},
        {SIM_ANOMALY_FLUTTER, SIM_ATRIA_FLUTTER},
        {SIM_ANOMALY_SVT, SIM_ATRIA_CIRCLING},
    };
    bool quiet = heart->ventricles.mode >= SIM_VENTRICLES_FIBRILLATION;
    enum sim_atria_mode mode = quiet ? SIM_ATRIA_SILENT : SIM_ATRIA_SINUS;
    for (size_t i = 0; !quiet && i < sizeof modes / sizeof modes[0]; i++)
        if (sim_script_is(&heart->script, modes[i].anomaly))
            mode = modes[i].mode;
    sim_atria_set(
        &heart->atria, mode, sim_script_value(&heart->script, SIM_PART_ATRIA),
        fmax(sim_now_ms(heart) + SIM_AHEAD_MS, heart->any_beat ? heart->last_r_ms + heart->atria.rr_ms / 2.0 : 0.0));
}

static void change_av_node(struct sim_heart *heart)
{
    static const struct {
        enum sim_anomaly anomaly;
        enum sim_av_mode mode;
    } modes[] = {
        {SIM_ANOMALY_AV_BLOCK_1, SIM_AV_SLOW},
        {SIM_ANOMALY_WENCKEBACH, SIM_AV_WENCKEBACH},
        {SIM_ANOMALY_MOBITZ_2, SIM_AV_MOBITZ_2},
        {SIM_ANOMALY_AV_BLOCK_3, SIM_AV_CLOSED},
    };
    enum sim_av_mode mode = SIM_AV_NORMAL;
    double value = sim_script_value(&heart->script, SIM_PART_AV_NODE);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (sim_script_is(&heart->script, modes[i].anomaly))
            mode = modes[i].mode;
    sim_av_set(&heart->av_node, mode, value);
    heart->ventricles.escape_ms = mode == SIM_AV_CLOSED ? 60000.0 / value : INFINITY;
}

static void change_ventricles(struct sim_heart *heart)
{
    static const struct {
        enum sim_anomaly anomaly;
        enum sim_ventricles_mode mode;
    } modes[] = {
        {SIM_ANOMALY_VT, SIM_VENTRICLES_TACHYCARDIA},
        {SIM_ANOMALY_IDIOVENTRICULAR, SIM_VENTRICLES_TACHYCARDIA},
        {SIM_ANOMALY_VF, SIM_VENTRICLES_FIBRILLATION},
        {SIM_ANOMALY_ASYSTOLE, SIM_VENTRICLES_STILL},
    };
    bool were_quiet = heart->ventricles.mode >= SIM_VENTRICLES_FIBRILLATION;
    double value = sim_script_value(&heart->script, SIM_PART_VENTRICLES);
    heart->ventricles.mode = SIM_VENTRICLES_LED;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (sim_script_is(&heart->script, modes[i].anomaly))
            heart->ventricles.mode = modes[i].mode;
    if (heart->ventricles.mode == SIM_VENTRICLES_TACHYCARDIA)
        heart->ventricles.rate_bpm = value;
    if (heart->ventricles.mode == SIM_VENTRICLES_FIBRILLATION)
        heart->ventricles.height_mv = value;
    bool quiet = heart->ventricles.mode >= SIM_VENTRICLES_FIBRILLATION;
    if (quiet)
        heart->coming_count = 0;
    change_atria(heart);
    if (were_quiet && !quiet)
        sim_atria_pause(&heart->atria, sim_now_ms(heart) + RESTART_MS);
}

static void change_recording(struct sim_heart *heart)
{
    const struct sim_script *script = &heart->script;
    const struct sim_going_on *electrode = &script->parts[SIM_PART_ELECTRODE];
    int off = (int)fmin(electrode->strength * SIM_ELECTRODE_COUNT, SIM_ELECTRODE_COUNT - 1.0);
    heart->leads.disturbance = (struct sim_disturbance){
        .wander_mv = sim_script_value(script, SIM_PART_BASELINE),
        .muscle_mv = sim_script_value(script, SIM_PART_MUSCLE),
        .mains_mv = sim_script_value(script, SIM_PART_MAINS),
        .motion_mv = sim_script_value(script, SIM_PART_MOTION),
        .rail_mv = sim_script_value(script, SIM_PART_AMPLIFIER),
        .off = electrode->on ? off : -1,
    };
}

void sim_change(struct sim_heart *heart, enum sim_part part)
{
    heart->changed = true;
    switch (part) {
    case SIM_PART_SINUS: change_sinus(heart); break;
    case SIM_PART_ATRIA: change_atria(heart); break;
    case SIM_PART_AV_NODE: change_av_node(heart); break;
    case SIM_PART_VENTRICLES: change_ventricles(heart); break;
    case SIM_PART_PREMATURE:
    case SIM_PART_BUNDLES:
    case SIM_PART_ST:
    case SIM_PART_REPOLARISATION: return; /* the next beat asks */
    case SIM_PART_PACER: break;
    default: change_recording(heart); return;
    }
    double since_ms = heart->any_beat ? heart->last_r_ms : sim_now_ms(heart);
    sim_restart_clocks(heart, since_ms);
    heart->driven_ms = fmax(heart->driven_ms, sim_now_ms(heart) + SIM_AHEAD_MS);
    heart->own_ms = fmax(heart->own_ms, sim_now_ms(heart) + SIM_AHEAD_MS);
}

void sim_begin(struct sim_heart *heart, const struct sim_event *event)
{
    enum sim_part part = sim_anomaly_row(event->anomaly)->part;
    bool single = part == SIM_PART_PREMATURE && sim_anomaly_row(event->anomaly)->premature.every == 0;
    if (single) {
        if (heart->queue_count < SIM_ANOMALY_QUEUE)
            heart->queue[(heart->queue_at + heart->queue_count++) % SIM_ANOMALY_QUEUE] = event->anomaly;
        return;
    }
    sim_script_begin(&heart->script, event, sim_now_ms(heart));
    sim_change(heart, part);
}

void sim_follow_script(struct sim_heart *heart)
{
    struct sim_event event;
    enum sim_part part;
    while (sim_script_expire(&heart->script, sim_now_ms(heart), &part))
        sim_change(heart, part);
    while (sim_script_take(&heart->script, sim_now_ms(heart), &event))
        sim_begin(heart, &event);
}
