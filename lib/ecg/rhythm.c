/* Rhythms: to come. Until then none is known. */
#include "ecg/rhythm.h"

#include <string.h>

const struct ecg_rhythm_row ecg_rhythm_rows[ECG_RHYTHM_COUNT] = {
    [ECG_RHYTHM_UNKNOWN] = {"unknown", "Unknown rhythm", NULL, true, 0, 0, NULL},
    [ECG_RHYTHM_SINUS] = {"sinus_rhythm", "Sinus rhythm", "(N", true, 0, 0, NULL},
    [ECG_RHYTHM_SINUS_BRADYCARDIA] = {"sinus_bradycardia", "Sinus bradycardia", "(SBR", true, 0, 0, NULL},
    [ECG_RHYTHM_SINUS_TACHYCARDIA] = {"sinus_tachycardia", "Sinus tachycardia", "(N", true, 0, 0, NULL},
    [ECG_RHYTHM_SINUS_ARRHYTHMIA] = {"sinus_arrhythmia", "Sinus arrhythmia", "(N", true, 0, 0, NULL},
    [ECG_RHYTHM_ATRIAL_FIBRILLATION] = {"atrial_fibrillation", "Atrial fibrillation", "(AFIB", true, 0, 0, NULL},
    [ECG_RHYTHM_ATRIAL_FLUTTER] = {"atrial_flutter", "Atrial flutter", "(AFL", true, 0, 0, NULL},
    [ECG_RHYTHM_SVT] = {"supraventricular_tachycardia", "Supraventricular tachycardia", "(SVTA", true, 0, 0, NULL},
    [ECG_RHYTHM_VT] = {"ventricular_tachycardia", "Ventricular tachycardia", "(VT", true, 0, 0, NULL},
    [ECG_RHYTHM_VF] = {"ventricular_fibrillation", "Ventricular fibrillation or flutter", "(VFL", true, 0, 0, NULL},
    [ECG_RHYTHM_ASYSTOLE] = {"asystole", "Asystole", "(ASYS", true, 0, 0, NULL},
    [ECG_RHYTHM_PAUSE] = {"pause", "Pause", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_AV_BLOCK_1] = {"av_block_1", "First-degree AV block", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_AV_BLOCK_2] = {"av_block_2", "Second-degree AV block", "(BII", false, 0, 0, NULL},
    [ECG_RHYTHM_AV_BLOCK_3] = {"av_block_3", "Complete AV block", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_PACED] = {"paced", "Paced rhythm", "(P", true, 0, 0, NULL},
    [ECG_RHYTHM_LBBB] = {"left_bundle_branch_block", "Left bundle branch block", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_RBBB] = {"right_bundle_branch_block", "Right bundle branch block", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_BIGEMINY] = {"ventricular_bigeminy", "Ventricular bigeminy", "(B", false, 0, 0, NULL},
    [ECG_RHYTHM_TRIGEMINY] = {"ventricular_trigeminy", "Ventricular trigeminy", "(T", false, 0, 0, NULL},
    [ECG_RHYTHM_COUPLET] = {"ventricular_couplet", "Ventricular couplet", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_VENTRICULAR_RUN] = {"ventricular_run", "Ventricular run", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_ATRIAL_RUN] = {"atrial_run", "Atrial run", NULL, false, 0, 0, NULL},
    [ECG_RHYTHM_BRADYCARDIA] = {"bradycardia", "Bradycardia", NULL, true, 0, 0, NULL},
    [ECG_RHYTHM_TACHYCARDIA] = {"tachycardia", "Tachycardia", NULL, true, 0, 0, NULL},
    [ECG_RHYTHM_IDIOVENTRICULAR] = {"idioventricular_rhythm", "Idioventricular rhythm", "(IVR", true, 0, 0, NULL},
    [ECG_RHYTHM_JUNCTIONAL] = {"junctional_rhythm", "Junctional rhythm", "(NOD", true, 0, 0, NULL},
};

void ecg_rhythms_init(struct ecg_rhythms *rhythms, double fs_hz, enum ecg_units units, size_t lead_count,
                      const enum ecg_lead *leads)
{
    (void)units;
    memset(rhythms, 0, sizeof *rhythms);
    rhythms->fs_hz = fs_hz;
    rhythms->lead_count = lead_count;
    for (size_t lead = 0; lead < lead_count; lead++)
        rhythms->leads[lead] = leads[lead];
}

const struct ecg_rhythm_limit_row ecg_rhythm_limits[1];
const size_t ecg_rhythm_limit_count = 0;

void ecg_rhythms_flush(struct ecg_rhythms *rhythms, int64_t now)
{
    (void)rhythms, (void)now;
}

void ecg_rhythms_forget(struct ecg_rhythms *rhythms, int64_t now)
{
    (void)rhythms, (void)now;
}

void ecg_rhythms_beat(struct ecg_rhythms *rhythms, const struct ecg_rhythm_beat *beat)
{
    (void)rhythms, (void)beat;
}

void ecg_rhythms_waves(struct ecg_rhythms *rhythms, const struct ecg_beat_waves *waves)
{
    (void)rhythms, (void)waves;
}

void ecg_rhythms_measured(struct ecg_rhythms *rhythms, const struct ecg_measurements *measurements)
{
    (void)rhythms, (void)measurements;
}

void ecg_rhythms_tick(struct ecg_rhythms *rhythms, const struct ecg_history *history, const enum ecg_quality *quality)
{
    (void)rhythms, (void)history, (void)quality;
}
