/* JSON that more than one resource writes, and the reading of page marks. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "store/db.h"
#include "store/reports.h"
#include "web/inputs.h"
#include "web/json_write.h"

void json_report(struct buf *out, const char *name, const struct report *report);

/* An optional time input; DB_NO_TIME when absent. */
int64_t input_time_us(const struct request *request, const char *name);

/* A page mark is "TIME_US-ID" of the last row of the page before. */
void json_page_mark(struct buf *out, const char *name, int64_t time_us, int64_t id);
/* False when `text` is no page mark. `text` NULL: from the beginning. */
bool read_page_mark(const char *text, int64_t *time_us, int64_t *id);
