/* Writing MIT-format annotation files (annot(5)), so that what was found in a record can be compared, drawn and counted
by every tool that reads such files. Reading stands in wfdb.h. */
#pragma once

#include "record/wfdb.h"

/* The bytes of a file that wfdb_annotations_parse reads back as `set`. Of an item, `sample`, `type`, `subtype`,
   `channel`, `number` and `aux` are written; time_resolution_hz as its comment at time 0 when it is not 0. On success
   the caller frees *bytes. HL_INVALID names the item ("items[3]") that the format cannot hold: a type outside 1 ..
   49, a text of more than 255 bytes, a number out of its range, a step of 2^31 samples or more. HL_TOO_LARGE,
   HL_NO_MEMORY. */
HL_MUST_CHECK hl_result wfdb_annotations_encode(const struct wfdb_annotations *set, uint8_t **bytes, size_t *length,
                                                struct hl_error *error);

/* Write PATH.ANNOTATOR ("100", "hl"). The file appears whole or not at all; one that was there is replaced. Errors as
   wfdb_annotations_encode, and HL_IO; HL_INVALID when `annotator` is not a word of letters, digits, '_' and '-', or is
   the extension of a header or signal file ("hea", "dat"). */
HL_MUST_CHECK hl_result wfdb_annotations_write(const char *record_path, const char *annotator,
                                               const struct wfdb_annotations *set, struct hl_error *error);
