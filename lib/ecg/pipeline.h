/* The analysis of one session's signal: samples go in as they come, beats and vital signs come out of a sink.

One pipeline belongs to one session and is touched by one thread at a time. It knows no clock and does no I/O: time is
the sample index, counted from the first sample ever fed (or skipped by ecg_pipeline_gap), so that the same samples
give the same results whether they come live, late, in other portions, or from a file. All memory is taken by
ecg_pipeline_new; feeding never allocates.

It finds R peaks and the heart rate (how, and how good, stands at the head of qrs.c) and says of each beat whether it is
normal, ventricular or atrial premature (classify.c). Behind each beat come its waves (waves.c), measurements
(measure.c, hrv.c), rhythms (rhythm.c) and, when asked for, statements (statements.c); the quality of each lead
(quality.c) decides what may be said at all. docs/accuracy.md has all figures. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "ecg/chunk.h"
#include "ecg/hrv.h"
#include "ecg/lead.h"
#include "ecg/measure.h"
#include "ecg/quality.h"
#include "ecg/rhythm.h"
#include "ecg/statements.h"
#include "ecg/waves.h"

/* The sampling rates that are analysed, hertz; they need not be whole. */
#define ECG_FS_MIN_HZ 40.0
#define ECG_FS_MAX_HZ 2000.0

/* What is known of a signal before its first sample. */
struct ecg_config {
    double fs_hz;                       /* ECG_FS_MIN_HZ .. ECG_FS_MAX_HZ */
    enum ecg_units units;               /* the detector adapts itself, so ECG_UNITS_ADU works as well */
    size_t lead_count;                  /* 1 .. ECG_MAX_LEADS */
    enum ecg_lead leads[ECG_MAX_LEADS]; /* the order of the sample arrays; no lead twice */
};

/* One beat. Beats come in the order of their samples. */
struct ecg_beat {
    int64_t sample;        /* index of the R peak; 0 is the first sample ever fed */
    char code;             /* MIT-BIH code: 'N', 'V', 'A'; 'Q': not classified (learning, or too much noise) */
    enum ecg_lead lead;    /* the lead whose peak `sample` is */
    float amplitude;       /* signed height of that peak over the baseline (band-passed), in the signal's units */
    double rr_ms;          /* to the beat before; NAN when there is none, or there was a gap between */
    double heart_rate_bpm; /* from the last 12 RR intervals, 4 when slow; NAN when unknown */
};

/* The vital signs, once per second of signal: fed or skipped, so that silence is told as "unknown" and never stale. */
struct ecg_vitals {
    int64_t sample;        /* the time they stand for */
    double heart_rate_bpm; /* NAN when unknown */
    double rr_ms;          /* the last RR interval; NAN when unknown */
    unsigned rr_count;     /* RR intervals behind the rate; 0 when it is unknown */
};

/* A QRS was seen: told at once, for a beep or a flash, before it is certain where its R peak lies and what beat it is.
   The beat follows. */
struct ecg_detection {
    int64_t sample; /* about where the R peak is */
};

/* Who is told. Each function may be NULL; so may the sink. What is passed is valid during the call only. The
   functions must not call back into the pipeline, but for ecg_pipeline_interpret. */
struct ecg_sink {
    void *context;
    void (*detected)(void *context, const struct ecg_detection *detection);
    void (*beat)(void *context, const struct ecg_beat *beat);
    void (*vitals)(void *context, const struct ecg_vitals *vitals);
    void (*waves)(void *context, const struct ecg_beat_waves *waves);                 /* each beat's, in order */
    void (*measurements)(void *context, const struct ecg_measurements *measurements); /* each 10 s while known */
    void (*hrv)(void *context, const struct ecg_hrv *hrv);                            /* each minute while known */
    void (*episode)(void *context, const struct ecg_episode *episode);                /* at its onset and its end */
    void (*quality)(void *context, const struct ecg_quality_change *change);          /* of a lead */
};

struct ecg_pipeline;

/* Makes a pipeline in *out, which the caller frees. HL_INVALID names the field ("fs_hz", "lead_count", "leads[3]",
   "units"); HL_NO_MEMORY. On failure *out is NULL. */
HL_MUST_CHECK
hl_result ecg_pipeline_new(const struct ecg_config *config, struct ecg_pipeline **out, struct hl_error *error);

/* NULL is allowed. */
void ecg_pipeline_free(struct ecg_pipeline *pipeline);

/* samples[lead][i], leads in the order of the config, `sample_count` of each; NAN or an infinity is a missing sample,
   and a NULL instead of a lead's array means that all of its samples are missing. Any portion size gives the same
   beats. */
void ecg_pipeline_feed(struct ecg_pipeline *pipeline, const float *const *samples, size_t sample_count,
                       const struct ecg_sink *sink);

/* `missing_samples` samples never came (<= 0: nothing happens). It is the same as feeding so many missing samples on
   all leads, only that a long gap costs no more than a short one: pending beats are reported and the index moves on;
   a hole from 150 ms on leaves the next beat without an RR, one from 1 s on makes the rate unknown at once, one from
   2 s on lets the detector learn the signal anew. The vital signs of each skipped second are told, of at most 60 of
   them. */
void ecg_pipeline_gap(struct ecg_pipeline *pipeline, int64_t missing_samples, const struct ecg_sink *sink);

/* The end of the signal: reports the beats still pending. Feeding may go on behind it, as after a gap of nothing. */
void ecg_pipeline_flush(struct ecg_pipeline *pipeline, const struct ecg_sink *sink);

/* Samples fed or skipped so far. */
int64_t ecg_pipeline_position(const struct ecg_pipeline *pipeline);

/* What a reader would write under the last ten seconds, with the measurements it stands on. False when there is nothing
   to measure: *out is empty then. */
bool ecg_pipeline_interpret(const struct ecg_pipeline *pipeline, const struct ecg_person *person,
                            struct ecg_measurements *measurements, struct ecg_statements *out);

/* What classifies the beats, for who measures or trains it: its features are those of the beat told last. */
struct ecg_classifier;
const struct ecg_classifier *ecg_pipeline_classifier(const struct ecg_pipeline *pipeline);

/* What delineates them, likewise: a place for its features may be lent to it. */
struct ecg_waves *ecg_pipeline_waves(struct ecg_pipeline *pipeline);

/* The most that lies between an R peak and the feed that reports it, in signal time, once the detector has learnt the
   signal. Two things come later, and are meant to: the first beats of a signal (within ecg_pipeline_learning_ms of its
   start) and a weak beat that only a search back finds (when the next one is overdue). */
double ecg_pipeline_delay_ms(const struct ecg_pipeline *pipeline);

/* The longest time the detector learns from an ECG that can be read, at the start of a signal or behind a long gap,
   before it reports the first beat; half a second is enough when the signal is clean. */
double ecg_pipeline_learning_ms(const struct ecg_pipeline *pipeline);
