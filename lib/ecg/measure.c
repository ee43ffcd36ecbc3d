/* Measurements: to come. Until then none is told. */
#include "ecg/measure.h"

const struct ecg_measure_row ecg_measure_rows[ECG_M_COUNT] = {
    [ECG_M_HEART_RATE] = {"heart_rate", "bpm", "Heart rate"},
    [ECG_M_RR] = {"rr_interval", "ms", "RR interval"},
    [ECG_M_P_DURATION] = {"p_duration", "ms", "P duration"},
    [ECG_M_PR] = {"pr_interval", "ms", "PR interval"},
    [ECG_M_QRS] = {"qrs_duration", "ms", "QRS duration"},
    [ECG_M_QT] = {"qt_interval", "ms", "QT interval"},
    [ECG_M_QTC_BAZETT] = {"qtc_bazett", "ms", "QTc (Bazett)"},
    [ECG_M_QTC_FRIDERICIA] = {"qtc_fridericia", "ms", "QTc (Fridericia)"},
    [ECG_M_QTC_FRAMINGHAM] = {"qtc_framingham", "ms", "QTc (Framingham)"},
    [ECG_M_QTC_HODGES] = {"qtc_hodges", "ms", "QTc (Hodges)"},
    [ECG_M_P_AXIS] = {"p_axis", "deg", "P axis"},
    [ECG_M_QRS_AXIS] = {"qrs_axis", "deg", "QRS axis"},
    [ECG_M_T_AXIS] = {"t_axis", "deg", "T axis"},
};

const struct ecg_measure_row ecg_lead_measure_rows[ECG_LM_COUNT] = {
    [ECG_LM_P] = {"p", NULL, "P"},
    [ECG_LM_Q] = {"q", NULL, "Q"},
    [ECG_LM_R] = {"r", NULL, "R"},
    [ECG_LM_S] = {"s", NULL, "S"},
    [ECG_LM_R2] = {"r2", NULL, "R'"},
    [ECG_LM_S2] = {"s2", NULL, "S'"},
    [ECG_LM_T] = {"t", NULL, "T"},
    [ECG_LM_Q_MS] = {"q_duration", "ms", "Q duration"},
    [ECG_LM_R_MS] = {"r_duration", "ms", "R duration"},
    [ECG_LM_S_MS] = {"s_duration", "ms", "S duration"},
    [ECG_LM_ST_J] = {"st_j", NULL, "ST at J"},
    [ECG_LM_ST_J60] = {"st_j60", NULL, "ST at J + 60 ms"},
    [ECG_LM_ST_J80] = {"st_j80", NULL, "ST at J + 80 ms"},
    [ECG_LM_ST_SLOPE] = {"st_slope", NULL, "ST slope, per second"},
    [ECG_LM_R_PEAK_MS] = {"r_peak_time", "ms", "R peak time"},
};

size_t ecg_measurer_bytes(size_t lead_count)
{
    return lead_count;
}

void ecg_measurer_init(struct ecg_measurer *measurer, double fs_hz, enum ecg_units units, size_t lead_count,
                       const enum ecg_lead *leads, void *memory)
{
    *measurer = (struct ecg_measurer){.fs_hz = fs_hz, .units = units, .lead_count = lead_count, .memory = memory};
    for (size_t lead = 0; lead < lead_count; lead++)
        measurer->leads[lead] = leads[lead];
}

void ecg_measurer_reset(struct ecg_measurer *measurer)
{
    (void)measurer;
}

void ecg_measurer_beat(struct ecg_measurer *measurer, const struct ecg_beat_waves *waves)
{
    (void)measurer, (void)waves;
}

bool ecg_measurer_tell(const struct ecg_measurer *measurer, int64_t sample, const enum ecg_quality *quality,
                       struct ecg_measurements *out)
{
    (void)measurer, (void)sample, (void)quality, (void)out;
    return false;
}
