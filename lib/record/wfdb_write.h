/* Writing PhysioNet WFDB records: a header and one signal file in format 16, which every reader knows. Annotations are
written by wfdb_annotation_write.h. Reading stands in wfdb.h. */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "ecg/lead.h"

/* 1 count is 1 microvolt: +-32.767 mV. What lies beyond is cut off there; NAN is written as a missing sample. */
#define WFDB_WRITE_GAIN_ADU_PER_MV 1000.0

struct wfdb_writer;

/* PATH.hea and PATH.dat will appear when the writer is finished, not before; what was there is replaced. The last part
   of the path is the record's name: letters, digits, '_' and '-'. HL_INVALID, HL_IO, HL_NO_MEMORY. */
HL_MUST_CHECK hl_result wfdb_writer_open(const char *record_path, double fs_hz, const enum ecg_lead *leads,
                                         size_t lead_count, struct wfdb_writer **out, struct hl_error *error);

/* mv[lead][0 .. count-1]. */
HL_MUST_CHECK hl_result wfdb_writer_add(struct wfdb_writer *writer, const float *const *mv, size_t count,
                                        struct hl_error *error);

/* Ends the record; `comments` are lines without '#' and line ends. Frees the writer whatever comes of it. */
HL_MUST_CHECK hl_result wfdb_writer_finish(struct wfdb_writer *writer, const char *const *comments,
                                           size_t comment_count, struct hl_error *error);

/* Gives up: nothing appears. NULL is allowed. */
void wfdb_writer_abandon(struct wfdb_writer *writer);
