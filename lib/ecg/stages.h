/* What comes behind a beat: its waves, and of these the measurements, the variability and the rhythms; and the quality
of the leads, which all of them ask. The pipeline drives it; sinks hear of it. */
#pragma once

#include "ecg/hrv.h"
#include "ecg/measure.h"
#include "ecg/pipeline.h"
#include "ecg/quality.h"
#include "ecg/rhythm.h"
#include "ecg/statements.h"
#include "ecg/waves.h"

enum { ECG_PENDING_BEATS = 32 };

struct ecg_stages {
    struct ecg_config config;
    struct ecg_lead_quality judges[ECG_MAX_LEADS];
    enum ecg_quality quality[ECG_MAX_LEADS];
    struct ecg_waves_beat pending[ECG_PENDING_BEATS]; /* a ring: beats whose waves are not known yet */
    size_t first, count;
    int64_t before; /* the beat before the first pending one, -1: none */
    int64_t wait;   /* samples from a beat to its waves */
    struct ecg_waves waves;
    struct ecg_measurer measurer;
    struct ecg_hrv_window *hrv;
    struct ecg_rhythms rhythms;
    int64_t present[ECG_RHYTHM_COUNT]; /* when each was last known to be, -1: never */
    int64_t next_measure, next_hrv;
    const struct ecg_sink *sink; /* for the length of a call */
};

HL_MUST_CHECK hl_result ecg_stages_init(struct ecg_stages *stages, const struct ecg_config *config);
void ecg_stages_free(struct ecg_stages *stages);

/* A raw sample of a lead; `at` is its index. */
void ecg_stages_sample(struct ecg_stages *stages, size_t lead, int64_t at, float x, const struct ecg_sink *sink);

/* A beat was told. */
void ecg_stages_beat(struct ecg_stages *stages, const struct ecg_beat *beat, const struct ecg_sink *sink);

/* A frame has passed; `flush`: no more samples come, whatever is pending is due now. */
void ecg_stages_frame(struct ecg_stages *stages, const struct ecg_history *history, bool flush,
                      const struct ecg_sink *sink);

/* Nothing before `now` says anything about what comes. */
void ecg_stages_forget(struct ecg_stages *stages, int64_t now, const struct ecg_sink *sink);

void ecg_stages_summary(const struct ecg_stages *stages, int64_t now, struct ecg_rhythm_summary *out);
