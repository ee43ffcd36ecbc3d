/* Reading back what the analysis found: a page at a time, row by row. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"
#include "store/metrics.h"

enum finding_list { LIST_EPISODES, LIST_MEASUREMENTS, LIST_HRV, LIST_QUALITY, LIST_INTERPRETATIONS, LIST_COUNT };

struct finding_row {
    int64_t id; /* with the time, the mark of the row; 0 when it has none */
    int64_t time_us;
    int64_t
        other_us; /* the end of an episode, a quality or an interpretation; the beginning of variability; DB_NO_TIME */
    bool late;
    const char *word; /* the rhythm, or the lead; NULL otherwise */
    const char *json; /* an object with all the rest */
};

/* `word`: only rows of this rhythm or lead; NULL: all. What is passed is valid during the call only; *count is how many
   there were. */
HL_MUST_CHECK hl_result findings_list(struct db *db, enum finding_list list, const struct data_page *page,
                                      const char *word, void (*each)(void *context, const struct finding_row *row),
                                      void *context, int *count);
