/* Signal quality: to come. Until then nothing is known of any lead. */
#include "ecg/quality.h"

static const char *const names[ECG_QUALITY_COUNT] = {"unknown", "good", "noisy", "lead_off", "saturated"};

const char *ecg_quality_name(enum ecg_quality quality)
{
    return (unsigned)quality < ECG_QUALITY_COUNT ? names[quality] : "unknown";
}

void ecg_lead_quality_init(struct ecg_lead_quality *judge, double fs_hz, enum ecg_units units)
{
    *judge = (struct ecg_lead_quality){.fs_hz = fs_hz, .units = units};
}

bool ecg_lead_quality_sample(struct ecg_lead_quality *judge, float x, int64_t *since)
{
    (void)judge, (void)x;
    *since = 0;
    return false;
}
