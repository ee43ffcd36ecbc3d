/* Statements: what a reader of a resting ECG would write under it, in the wording of the AHA/ACC/HRS recommendations
(Mason et al., Circulation 2007; 115: 1325-1332), each with the measurements that made it fire. The rules are a table in
statements.c. Unconfirmed until a person signs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ecg/measure.h"
#include "ecg/rhythm.h"

enum ecg_statement_group {
    ECG_GROUP_RHYTHM,
    ECG_GROUP_AXIS,
    ECG_GROUP_CONDUCTION,
    ECG_GROUP_CHAMBER,
    ECG_GROUP_ST_T,
    ECG_GROUP_QT,
    ECG_GROUP_TECHNICAL,
    ECG_GROUP_SUMMARY
};

/* What is known of the person; some limits depend on it. */
enum ecg_sex { ECG_SEX_UNKNOWN, ECG_SEX_FEMALE, ECG_SEX_MALE };
struct ecg_person {
    double age_years; /* NAN: unknown; adults are assumed then */
    enum ecg_sex sex;
};

enum { ECG_STATEMENTS_MAX = 24, ECG_STATEMENT_REASON = 160 };

struct ecg_statement {
    const char *code; /* "atrial_fibrillation": stable; static */
    const char *text; /* "Atrial fibrillation"; static */
    enum ecg_statement_group group;
    char reason[ECG_STATEMENT_REASON]; /* "PR 224 ms > 200 ms (8 beats)" */
};

struct ecg_statements {
    size_t count;
    struct ecg_statement items[ECG_STATEMENTS_MAX];
};

/* What happened in the window that the measurements stand for. */
struct ecg_rhythm_summary {
    enum ecg_rhythm basic;          /* UNKNOWN when it is not known */
    bool present[ECG_RHYTHM_COUNT]; /* what lay upon it */
};

/* Fills *out, the most serious first within each group. Nothing is said where a lead or a figure is missing; normality
   only when everything that would speak against it was looked for. */
void ecg_interpret(const struct ecg_measurements *measurements, const struct ecg_rhythm_summary *rhythm,
                   const struct ecg_person *person, struct ecg_statements *out);
