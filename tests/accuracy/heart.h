/* A recorded heart for scoring: its samples, what cardiologists said about its beats, and what of it does not count. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "compare.h"
#include "ecg/chunk.h"

struct heart {
    char name[16];
    double fs_hz;
    size_t sample_count, lead_count;
    enum ecg_lead leads[ECG_MAX_LEADS];
    float *mv[ECG_MAX_LEADS]; /* each sample_count long, owned */
    struct mark *reference;   /* owned */
    size_t reference_count;
    struct span *excluded; /* owned: learning time, ventricular flutter */
    size_t excluded_count;
};

/* Folder of the databases: HEARTLINE_DATA, by default ../shared/data. */
const char *data_folder(void);

/* Reads RECORD_PATH.hea, its signals and RECORD_PATH.atr. heart_free also after a failure. */
HL_MUST_CHECK hl_result heart_load(const char *record_path, struct heart *heart, struct hl_error *error);

/* The same heart as if sampled at fs_hz: band-limited interpolation (a Hann-windowed sinc of sixteen zero crossings,
   cut off at the lower of the two rates' halves). Reference and exclusions are copied. */
HL_MUST_CHECK hl_result heart_resample(const struct heart *heart, double fs_hz, struct heart *out);

void heart_free(struct heart *heart);

/* Runs the pipeline over the heart's first `lead_count` leads, sample by sample; `beat` hears each beat as it is
   told. */
struct ecg_pipeline;
struct ecg_beat;
typedef void heart_listener(void *context, const struct ecg_pipeline *pipeline, const struct ecg_beat *beat);
HL_MUST_CHECK hl_result heart_run(const struct heart *heart, size_t lead_count, heart_listener *beat, void *context);

/* The class of the reference beat nearest to t_s, within 150 ms; CLASS_NONE when there is none. */
enum beat_class heart_class_at(const struct heart *heart, double t_s);

enum { DELAY_BINS = 4096 };

/* What the analysis said about hearts. */
struct outcome {
    struct tally tally;
    unsigned delay_ms[DELAY_BINS]; /* how many beats were told so many ms behind their R peak; the last bin: or more */
    double off_sum_ms;             /* of |R peak found - reference|, over pairs within 150 ms */
    unsigned long off_count;
};

/* The same, compared with the reference; adds what came of it. */
HL_MUST_CHECK hl_result heart_score(const struct heart *heart, size_t lead_count, struct outcome *outcome);

void outcome_add(struct outcome *sum, const struct outcome *part);

/* The delay that `share` (0 .. 1) of the beats kept. */
unsigned outcome_delay_ms(const struct outcome *outcome, double share);
