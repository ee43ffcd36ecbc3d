/* multipart/form-data (RFC 7578), read strictly from memory: the few things an upload here may be made of, and nothing
else. No Debian library reads it; what libraries elsewhere were broken by (endless boundaries, thousands of parts,
missing ends, names with paths) is refused here. */
#pragma once

#include <stddef.h>

#include "base/result.h"

enum { MULTIPART_MAX_PARTS = 8, MULTIPART_MAX_BOUNDARY = 70, MULTIPART_MAX_NAME = 64 };

struct multipart_part {
    char name[MULTIPART_MAX_NAME];
    const char *data; /* borrowed from the body */
    size_t length;
};

struct multipart {
    int count;
    struct multipart_part parts[MULTIPART_MAX_PARTS];
};

/* HL_UNSUPPORTED: the content type is not multipart/form-data with a boundary. HL_INVALID: the body is not whole or not
   well formed, a name stands twice, or there are too many parts. */
HL_MUST_CHECK hl_result multipart_read(const char *content_type, const char *body, size_t length, struct multipart *out,
                                       struct hl_error *error);

/* NULL when there is no such part. */
const struct multipart_part *multipart_part(const struct multipart *form, const char *name);
