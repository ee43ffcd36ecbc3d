/* The accuracy table: which hearts are scored in which way, the floor under each figure, and what was measured. */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "heart.h"

/* Percent; 0 where nothing is promised. */
struct figures {
    double qrs_se, qrs_p, veb_se, veb_p, sveb_se, sveb_p;
};

struct row {
    const char *set;      /* "mitdb" */
    double fs_hz;         /* 0: as recorded */
    size_t leads;         /* the first so many; 0: all, fused */
    struct figures floor; /* what `make test` holds the analysis to */
};

extern const struct row rows[];
extern const size_t row_count;

enum { RECORDS_MAX = 14 };

/* The records of a set, in the order of the table; NULL ends them. */
struct set {
    const char *name, *title;
    const char *paths[RECORDS_MAX + 1]; /* under the data folder */
};

extern const struct set sets[];
extern const size_t set_count;

/* Everything measured: rows in the order of `rows`; records of set 0, all leads, as recorded. */
struct measured {
    struct outcome *rows;
    struct outcome records[RECORDS_MAX];
};

/* Scores all rows of the sets from `first_set` on; the others' outcomes are empty. On success the caller ends it with
   measured_free. HL_NOT_FOUND when the data folder lacks a record. */
HL_MUST_CHECK hl_result measure(size_t first_set, struct measured *measured, struct hl_error *error);
void measured_free(struct measured *measured);

struct figures figures_of(const struct tally *tally);
