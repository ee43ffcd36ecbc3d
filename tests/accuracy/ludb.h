/* A heart of the Lobachevsky University database: ten seconds of twelve leads, in each of which cardiologists marked
where every P wave, QRS and T wave begins, peaks and ends. */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "ecg/waves.h"
#include "heart.h"

enum { LUDB_RECORDS = 24, LUDB_WAVES_MAX = 64 };

extern const char *const ludb_records[LUDB_RECORDS];

/* Seconds; NAN where it was not marked. */
struct ludb_mark {
    double onset_s, peak_s, end_s;
};

struct ludb_lead {
    struct ludb_mark marks[ECG_WAVE_COUNT][LUDB_WAVES_MAX];
    size_t count[ECG_WAVE_COUNT];
    double from_s, to_s; /* the first and the last mark: beats beyond were not looked at */
};

struct ludb_heart {
    struct heart heart;
    struct ludb_lead leads[ECG_STANDARD_LEADS];
    struct ludb_lead all; /* across the leads: the earliest onset and the latest end that two more leads confirm */
};

/* Leads are in the order of the record. ludb_free also after a failure. */
HL_MUST_CHECK hl_result ludb_load(const char *record, struct ludb_heart *out, struct hl_error *error);
void ludb_free(struct ludb_heart *ludb);

/* What was told of each beat. */
struct ludb_told {
    struct ecg_beat_waves *beats;                                     /* owned */
    struct ecg_place_case (*cases)[ECG_MAX_LEADS][ECG_WAVE_COUNT][2]; /* owned; NULL unless asked for */
    unsigned *delay_ms;                                               /* owned: from the R peak until it was told */
    size_t count, capacity;
    double fs_hz;
};

/* How to run: with which leads, placed by which models. */
struct ludb_way {
    size_t lead_count;
    size_t leads[ECG_STANDARD_LEADS];    /* places in the heart */
    const struct ecg_place_model *model; /* NULL: the built-in one */
    bool cases;                          /* asked for */
};

/* The leads by their names; 0 of them: all. */
struct ludb_way ludb_way(const struct heart *heart, const enum ecg_lead *leads, size_t lead_count);

/* Runs the pipeline over them; ludb_told_free also after a failure. */
HL_MUST_CHECK hl_result ludb_run(const struct heart *heart, const struct ludb_way *way, struct ludb_told *told);
void ludb_told_free(struct ludb_told *told);
