/* What more than one resource needs: JSON that they write, page marks, and the session that a path names. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "store/db.h"
#include "store/reports.h"
#include "store/sessions.h"
#include "web/inputs.h"
#include "web/json_write.h"

void json_report(struct buf *out, const char *name, const struct report *report);

/* An optional time input; DB_NO_TIME when absent. */
int64_t input_time_us(const struct request *request, const char *name);

/* A page mark is "TIME_US-ID" of the last row of the page before. */
void json_page_mark(struct buf *out, const char *name, int64_t time_us, int64_t id);
/* False when `text` is no page mark. `text` NULL: from the beginning. */
bool read_page_mark(const char *text, int64_t *time_us, int64_t *id);

/* The session that the path names, when the caller may see it. HL_NOT_FOUND, HL_CONFLICT. */
HL_MUST_CHECK hl_result find_session(struct request *request, struct session *session, struct hl_error *error);
