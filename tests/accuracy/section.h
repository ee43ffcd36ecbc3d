/* The accuracy report is made of sections, each a file of its own that scores one thing on recorded hearts: beats,
waves, atrial fibrillation ... A new one is a row in sections.c and a function. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/result.h"

struct section {
    const char *name;
    /* Measures, appends its tables to *markdown, and adds to *broken how many figures lie under their floors, each of
       them said in a line on standard error. `quick`: only what takes seconds under a sanitizer. HL_NOT_FOUND when the
       recorded hearts are not there. */
    hl_result (*run)(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
};

extern const struct section sections[];
extern const size_t section_count;

/* Says so when the figure is known to lie under its floor (a floor of 0 promises nothing). True when it does not. */
bool section_floor(const char *what, double floor, double figure, unsigned *broken);

/* The same for what must not lie above. */
bool section_ceiling(const char *what, double ceiling, double figure, unsigned *broken);
