/* One statement a list, all with the same columns. */
#include "store/findings.h"

#include "queries.h"

static const struct db_query *const queries[LIST_COUNT] = {
    [LIST_EPISODES] = &query_finding_episodes,
    [LIST_MEASUREMENTS] = &query_finding_measurements,
    [LIST_HRV] = &query_finding_hrv,
    [LIST_QUALITY] = &query_finding_quality,
    [LIST_INTERPRETATIONS] = &query_finding_interpretations,
};

hl_result findings_list(struct db *db, enum finding_list list, const struct data_page *page, const char *word,
                        void (*each)(void *context, const struct finding_row *row), void *context, int *count)
{
    struct db_args args = {0};
    struct db_rows rows;
    data_page_args(&args, page);
    db_text(&args, word);
    hl_result code = db_run_repeatable(db, queries[list], &args, &rows);
    *count = code == HL_OK ? rows.count : 0;
    for (int i = 0; i < *count; i++) {
        struct finding_row row = {
            .id = db_get_int(&rows, i, 0),
            .time_us = db_get_time(&rows, i, 1),
            .other_us = db_get_time(&rows, i, 2),
            .late = db_get_bool(&rows, i, 3),
            .word = db_get_text(&rows, i, 4),
            .json = db_get_text(&rows, i, 5),
        };
        each(context, &row);
    }
    db_rows_free(&rows);
    return code;
}
