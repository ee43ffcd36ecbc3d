/* Heart rate variability: to come. */
#include "ecg/hrv.h"

#define AT(member) offsetof(struct ecg_hrv, member)

const struct ecg_hrv_name ecg_hrv_names[] = {
    {"mean_nn", "ms", AT(mean_nn_ms)},
    {"mean_heart_rate", "bpm", AT(mean_hr_bpm)},
    {"sdnn", "ms", AT(sdnn_ms)},
    {"rmssd", "ms", AT(rmssd_ms)},
    {"sdsd", "ms", AT(sdsd_ms)},
    {"nn50", "1", AT(nn50)},
    {"pnn50", "%", AT(pnn50_percent)},
    {"triangular_index", "1", AT(triangular_index)},
    {"tinn", "ms", AT(tinn_ms)},
    {"total_power", "ms2", AT(total_power_ms2)},
    {"vlf", "ms2", AT(vlf_ms2)},
    {"lf", "ms2", AT(lf_ms2)},
    {"hf", "ms2", AT(hf_ms2)},
    {"lf_nu", "%", AT(lf_nu)},
    {"hf_nu", "%", AT(hf_nu)},
    {"lf_hf", "1", AT(lf_hf)},
    {"lf_peak", "Hz", AT(lf_peak_hz)},
    {"hf_peak", "Hz", AT(hf_peak_hz)},
    {"sd1", "ms", AT(sd1_ms)},
    {"sd2", "ms", AT(sd2_ms)},
    {"sample_entropy", "1", AT(sample_entropy)},
    {"dfa_alpha1", "1", AT(dfa_alpha1)},
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
