/* What the two files of `heartline annotate` share: heartline_annotate.c reads the record and runs the analysis,
heartline_annotate_marks.c turns what it says into annotations and JSON. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "ecg/pipeline.h"
#include "record/wfdb.h"
#include "record/wfdb_annotation_write.h"

/* An annotation, and its place among others at the same sample. */
struct mark {
    struct wfdb_annotation item;
    int rank;
    size_t order;
};

/* Parts of the JSON, each the elements of an array. */
enum part { PART_BEATS, PART_WAVES, PART_MEASUREMENTS, PART_HRV, PART_EPISODES, PART_QUALITY, PART_COUNT };

struct annotate {
    const char *path, *annotator, *leads, *folder;
    bool live, json, waves, lead_waves;
    struct wfdb_record *record;
    size_t lead_count;
    size_t signals[ECG_MAX_LEADS]; /* of the record, in the order of the leads that are analysed */
    struct ecg_config config;
    struct ecg_pipeline *pipeline;
    size_t beat_count;
    struct mark *marks;
    size_t mark_count, mark_capacity;
    struct ecg_episode *episodes; /* as they ended */
    size_t episode_count, episode_capacity;
    enum ecg_quality quality[ECG_MAX_LEADS];
    char quality_words[ECG_MAX_LEADS][ECG_QUALITY_COUNT][40]; /* "V1 noisy" */
    struct buf parts[PART_COUNT];
    struct buf statements;
    bool no_memory;
};

/* The number of the record's signal that a lead is. */
size_t annotate_signal_of(const struct annotate *job, enum ecg_lead lead);

/* Hears everything the analysis says. */
struct ecg_sink annotate_sink(struct annotate *job);

/* After the last sample: statements, rhythm changes, and all marks in the order of their samples. */
void annotate_finish(struct annotate *job);

/* {"record":..,"beats":[..],..}. */
void annotate_json(const struct annotate *job, struct buf *out);

void annotate_free(struct annotate *job);
