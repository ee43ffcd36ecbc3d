/* Asystole: no beat for LIMIT_ASYSTOLE_S, and a line that can be read and is flat. A line without beats that moves is
fibrillation or noise; one that does not move at all is a lead that is off (quality.c); neither is asystole. Told while
it lasts; the next beat ends it. */
#include <math.h>

#include "ecg/rhythm_private.h"

#define BEHIND_BEAT_S 0.6 /* the T wave of the last beat is no sign of life */

static bool is_flat(const struct ecg_rhythms *rhythms)
{
    struct rhythm_window window;
    size_t leads = 0;
    for (; rhythm_signal_window(rhythms, leads, rhythm_limit(LIMIT_ASYSTOLE_S) - BEHIND_BEAT_S, &window); leads++) {
        double share = rhythm_limit(LIMIT_ASYSTOLE_SHARE) * (double)rhythms->signal.usual[leads];
        double limit = rhythms->units == ECG_UNITS_MV ? fmax(rhythm_limit(LIMIT_ASYSTOLE_MV), share) : share;
        if ((double)rhythm_peak_to_peak(&window) > limit)
            return false;
    }
    return leads > 0;
}

void rhythm_asystole(struct ecg_rhythms *rhythms, struct ecg_rhythm_claim *claim)
{
    int64_t last = rhythms->last_beat > rhythms->since ? rhythms->last_beat : rhythms->since;
    if (rhythms->now - last < rhythm_samples(rhythms, rhythm_limit(LIMIT_ASYSTOLE_S)))
        rhythm_ends(claim, last);
    else if (is_flat(rhythms))
        rhythm_holds(claim, last, rhythms->now);
    else
        rhythm_ends(claim, claim->end);
}
