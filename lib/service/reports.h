/* Use cases of report files: taking one in and finding one again. */
#pragma once

#include "auth/policy.h"
#include "base/arena.h"
#include "service/service.h"
#include "store/reports.h"

/* Store a PDF and its row. `report` holds what the metadata said; `session_id` may be NULL. The file is on disk and
   synced before the row is committed, so a row never points at nothing. HL_INVALID ("file"): it is no PDF.
   HL_NOT_FOUND ("session_id"): the uploader has no such session. */
HL_MUST_CHECK hl_result reports_upload(struct service *service, const struct identity *uploader, const char *session_id,
                                       const char *file, size_t length, struct report *report, struct hl_error *error);

/* The report, when `viewer` may see it; HL_NOT_FOUND otherwise, also for other people's. */
HL_MUST_CHECK hl_result reports_find(struct service *service, struct arena *arena, const struct identity *viewer,
                                     const char *report_id, struct report *report, struct hl_error *error);

/* "ab/abcdef...": where the file lies below the reports folder. */
const char *report_file_path(struct arena *arena, const struct report *report);
