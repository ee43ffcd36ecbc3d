/* Heart rate variability: to come. */
#include "ecg/hrv.h"

#define NAMED(member, unit)                                                                                            \
    {                                                                                                                  \
#member, unit, offsetof(struct ecg_hrv, member)                                                                \
    }
const struct ecg_hrv_name ecg_hrv_names[] = {
    NAMED(mean_nn_ms, "ms"),
};
const size_t ecg_hrv_name_count = sizeof ecg_hrv_names / sizeof ecg_hrv_names[0];

void ecg_hrv_init(struct ecg_hrv_window *window, double fs_hz)
{
    window->fs_hz = fs_hz;
    ecg_hrv_forget(window);
}

void ecg_hrv_forget(struct ecg_hrv_window *window)
{
    window->at = 0;
    window->count = 0;
}

void ecg_hrv_beat(struct ecg_hrv_window *window, int64_t sample, char code, bool follows)
{
    (void)window, (void)sample, (void)code, (void)follows;
}

bool ecg_hrv_tell(const struct ecg_hrv_window *window, int64_t now, struct ecg_hrv *out)
{
    (void)window, (void)now, (void)out;
    return false;
}
