/* The strict multipart reader. File names are never looked at: what a file is called is in the metadata. */
#include "web/multipart.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool boundary_char(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c && strchr("'()+_,-./:=? ", c));
}

/* `delimiter` becomes "\r\n--BOUNDARY"; its length, or 0 when there is no acceptable boundary. */
static size_t read_boundary(const char *content_type, char delimiter[MULTIPART_MAX_BOUNDARY + 5])
{
    static const char type[] = "multipart/form-data";
    if (!content_type || strncasecmp(content_type, type, sizeof type - 1) != 0)
        return 0;
    const char *at = strcasestr(content_type + sizeof type - 1, "boundary=");
    if (!at)
        return 0;
    at += strlen("boundary=");
    bool quoted = *at == '"';
    at += quoted;
    size_t length = quoted ? strcspn(at, "\"") : strcspn(at, "; \t");
    if (length == 0 || length > MULTIPART_MAX_BOUNDARY || (quoted && at[length] != '"'))
        return 0;
    for (size_t i = 0; i < length; i++)
        if (!boundary_char(at[i]))
            return 0;
    return (size_t)snprintf(delimiter, MULTIPART_MAX_BOUNDARY + 5, "\r\n--%.*s", (int)length, at);
}

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *c, const char *text, size_t length)
{
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, text, length) != 0)
        return false;
    c->at += length;
    return true;
}

/* The value of name="..." in a Content-Disposition line. */
static bool read_name(const char *line, size_t length, char name[MULTIPART_MAX_NAME])
{
    static const char key[] = "name=\"";
    for (size_t i = 0; i + sizeof key - 1 < length; i++) {
        bool own_word = i > 0 && (line[i - 1] == ' ' || line[i - 1] == ';');
        if (!own_word || strncasecmp(line + i, key, sizeof key - 1) != 0)
            continue;
        const char *value = line + i + sizeof key - 1;
        const char *quote = memchr(value, '"', (size_t)(line + length - value));
        if (!quote || quote == value || quote - value >= MULTIPART_MAX_NAME)
            return false;
        memcpy(name, value, (size_t)(quote - value));
        name[quote - value] = '\0';
        return true;
    }
    return false;
}

static bool read_headers(struct cursor *c, char name[MULTIPART_MAX_NAME])
{
    static const char disposition[] = "content-disposition:";
    bool named = false;
    enum { MAX_HEADERS = 16 };
    for (int i = 0; i < MAX_HEADERS; i++) {
        const char *line_end = memmem(c->at, (size_t)(c->end - c->at), "\r\n", 2);
        if (!line_end)
            return false;
        size_t length = (size_t)(line_end - c->at);
        if (length == 0) {
            c->at = line_end + 2;
            return named;
        }
        if (length > sizeof disposition && strncasecmp(c->at, disposition, sizeof disposition - 1) == 0)
            named = read_name(c->at, length, name);
        c->at = line_end + 2;
    }
    return false;
}

static hl_result read_part(struct cursor *c, const char *delimiter, size_t delimiter_length, struct multipart *out,
                           struct hl_error *error)
{
    if (out->count == MULTIPART_MAX_PARTS)
        return hl_fail(error, HL_INVALID, "body", "There are more than %d parts.", MULTIPART_MAX_PARTS);
    struct multipart_part *part = &out->parts[out->count];
    if (!read_headers(c, part->name))
        return hl_fail(error, HL_INVALID, "body", "Part %d has no readable headers with a name.", out->count + 1);
    if (multipart_part(out, part->name))
        return hl_fail(error, HL_INVALID, part->name, "This part stands twice.");
    const char *stop = memmem(c->at, (size_t)(c->end - c->at), delimiter, delimiter_length);
    if (!stop)
        return hl_fail(error, HL_INVALID, part->name, "The body ends inside this part: it was cut off.");
    part->data = c->at;
    part->length = (size_t)(stop - c->at);
    out->count++;
    c->at = stop + delimiter_length;
    return HL_OK;
}

hl_result multipart_read(const char *content_type, const char *body, size_t length, struct multipart *out,
                         struct hl_error *error)
{
    char delimiter[MULTIPART_MAX_BOUNDARY + 5];
    size_t delimiter_length = read_boundary(content_type, delimiter);
    *out = (struct multipart){0};
    if (!delimiter_length)
        return hl_fail(error, HL_UNSUPPORTED, "Content-Type", "Must be multipart/form-data with a boundary.");
    struct cursor c = {body, body + length};
    if (!take(&c, delimiter + 2, delimiter_length - 2))
        return hl_fail(error, HL_INVALID, "body", "It does not begin with the boundary its content type names.");
    while (!take(&c, "--", 2)) {
        if (!take(&c, "\r\n", 2))
            return hl_fail(error, HL_INVALID, "body", "A boundary is followed by neither a part nor the end.");
        hl_result result = read_part(&c, delimiter, delimiter_length, out, error);
        if (result != HL_OK)
            return result;
    }
    return HL_OK;
}

const struct multipart_part *multipart_part(const struct multipart *form, const char *name)
{
    for (int i = 0; i < form->count; i++)
        if (strcmp(form->parts[i].name, name) == 0)
            return &form->parts[i];
    return NULL;
}
