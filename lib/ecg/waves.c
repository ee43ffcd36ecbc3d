/* The waves of a beat: to come. Until then none is known. */
#include "ecg/waves.h"

#include <math.h>

size_t ecg_waves_floats(size_t lead_count, double fs_hz)
{
    (void)fs_hz;
    return lead_count;
}

void ecg_waves_init(struct ecg_waves *waves, size_t lead_count, double fs_hz, float *work)
{
    *waves = (struct ecg_waves){.lead_count = lead_count, .fs_hz = fs_hz, .work = work};
}

void ecg_waves_reset(struct ecg_waves *waves)
{
    (void)waves;
}

double ecg_waves_after_ms(void)
{
    return 700.0;
}

void ecg_waves_find(struct ecg_waves *waves, const struct ecg_history *history, const enum ecg_quality *quality,
                    const struct ecg_waves_beat *beat, struct ecg_beat_waves *out)
{
    (void)history, (void)quality;
    *out = (struct ecg_beat_waves){
        .sample = beat->sample,
        .code = beat->code,
        .rr_ms = beat->rr_ms,
        .heart_rate_bpm = beat->heart_rate_bpm,
        .lead_count = waves->lead_count,
        .pace_spike_ms = (double)NAN,
        .p_count = -1,
    };
}
