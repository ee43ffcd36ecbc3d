/* What the parts of the WFDB reader share and nobody else may use: the table of signal formats, and opening a file that
stands beside a header. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/wfdb.h"

enum { WFDB_UNIT_SAMPLES_MAX = 3 };

/* Samples are packed in units: one sample in two bytes (16), two in three (212), three in four (310). A file may end in
   a part of a unit; bytes_for says how many bytes the first n samples of a unit take. */
struct wfdb_format {
    int number;
    unsigned unit_samples;
    unsigned bytes_for[WFDB_UNIT_SAMPLES_MAX + 1];
    int32_t missing; /* the count that marks a missing sample */
    void (*decode)(const uint8_t *unit, int32_t *samples);
};

/* NULL for a format that is not read here. */
const struct wfdb_format *wfdb_format_find(int number);

/* Open `path` for reading when it is a regular file (a named pipe or a folder is HL_INVALID), with its size. */
HL_MUST_CHECK hl_result wfdb_file_open(const char *path, int *fd, int64_t *size_bytes, struct hl_error *error);

/* All of a file of at most `limit` bytes; the caller frees *bytes, which has one NUL more than *length. */
HL_MUST_CHECK hl_result wfdb_file_read(const char *path, size_t limit, char **bytes, size_t *length,
                                       struct hl_error *error);

/* Exactly `length` bytes from `offset`. HL_IO when the system says no or the file has become shorter. */
HL_MUST_CHECK hl_result wfdb_file_read_at(int fd, int64_t offset, uint8_t *bytes, size_t length,
                                          struct hl_error *error);

/* record_path + "." + extension, without a ".hea" that record_path may end in. Free with free(); NULL: no memory. */
char *wfdb_path(const char *record_path, const char *extension);
