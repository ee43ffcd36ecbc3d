/* Arbitrary bytes as an upload: the content type up to the first NUL, then the body. What is found lies inside the
body, with names that end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_form(const struct multipart *form, const char *body, size_t length)
{
    if (form->count < 0 || form->count > MULTIPART_MAX_PARTS)
        abort();
    for (int i = 0; i < form->count; i++) {
        const struct multipart_part *part = &form->parts[i];
        if (part->data < body || part->data + part->length > body + length ||
            !memchr(part->name, 0, MULTIPART_MAX_NAME))
            abort();
        if (part->name[0] == '\0' || multipart_part(form, part->name) != part)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const uint8_t *nul = memchr(bytes, 0, length);
    if (!nul)
        return 0;
    size_t type_length = (size_t)(nul - bytes), body_length = length - type_length - 1;
    char *type = strdup((const char *)bytes), *body = malloc(body_length ? body_length : 1);
    struct multipart form;
    struct hl_error error = {0};
    if (!type || !body)
        abort();
    memcpy(body, nul + 1, body_length);
    hl_result result = multipart_read(type, body, body_length, &form, &error);
    if (result == HL_OK)
        check_form(&form, body, body_length);
    else if (error.detail[0] == '\0')
        abort();
    free(type);
    free(body);
    return 0;
}
