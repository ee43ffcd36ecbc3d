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

static bool take_word(struct cursor *c, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(c->end - c->at) < length || strncasecmp(c->at, word, length) != 0)
        return false;
    c->at += length;
    return true;
}

/* The bytes up to the first of `ends`, or up to the end. */
static size_t take_until(struct cursor *c, const char *ends)
{
    const char *start = c->at;
    while (c->at < c->end && !(*c->at && strchr(ends, *c->at)))
        c->at++;
    return (size_t)(c->at - start);
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
}

/* One `; name=value` of a header; what stands in quotes is never taken for a parameter of its own. */
struct parameter {
    const char *name, *value;
    size_t name_length, length;
    bool quoted;
};

/* Stands after the opening quote; false when there is no closing one. A backslash covers the byte after it. */
static bool take_quoted(struct cursor *c, struct parameter *p)
{
    p->value = c->at;
    while (c->at < c->end && *c->at != '"')
        c->at += *c->at == '\\' && c->end - c->at > 1 ? 2 : 1;
    p->length = (size_t)(c->at - p->value);
    return take(c, "\"", 1);
}

static bool next_parameter(struct cursor *c, struct parameter *p)
{
    skip_blanks(c);
    if (!take(c, ";", 1))
        return false;
    skip_blanks(c);
    *p = (struct parameter){.name = c->at};
    p->name_length = take_until(c, "=; \t");
    if (!take(c, "=", 1))
        return true;
    p->quoted = take(c, "\"", 1);
    if (p->quoted)
        return take_quoted(c, p);
    p->value = c->at;
    p->length = take_until(c, "; \t");
    return true;
}

static bool find_parameter(struct cursor c, const char *name, struct parameter *p)
{
    while (next_parameter(&c, p))
        if (p->name_length == strlen(name) && strncasecmp(p->name, name, p->name_length) == 0)
            return true;
    return false;
}

/* `delimiter` becomes "\r\n--BOUNDARY"; its length, or 0 when there is no acceptable boundary. */
static size_t read_boundary(const char *content_type, char delimiter[MULTIPART_MAX_BOUNDARY + 5])
{
    if (!content_type)
        return 0;
    struct cursor c = {content_type, content_type + strlen(content_type)};
    struct parameter boundary;
    if (!take_word(&c, "multipart/form-data") || !find_parameter(c, "boundary", &boundary))
        return 0;
    if (boundary.length == 0 || boundary.length > MULTIPART_MAX_BOUNDARY || boundary.value[boundary.length - 1] == ' ')
        return 0;
    for (size_t i = 0; i < boundary.length; i++)
        if (!boundary_char(boundary.value[i]))
            return 0;
    return (size_t)snprintf(delimiter, MULTIPART_MAX_BOUNDARY + 5, "\r\n--%.*s", (int)boundary.length, boundary.value);
}

/* The value of name="..." in a Content-Disposition line; false for any other line. */
static bool read_name(struct cursor line, char name[MULTIPART_MAX_NAME])
{
    struct parameter p;
    skip_blanks(&line);
    if (!take_word(&line, "form-data") || !find_parameter(line, "name", &p))
        return false;
    if (!p.quoted || p.length == 0 || p.length >= MULTIPART_MAX_NAME || memchr(p.value, '\0', p.length))
        return false;
    memcpy(name, p.value, p.length);
    name[p.length] = '\0';
    return true;
}

static bool read_headers(struct cursor *c, char name[MULTIPART_MAX_NAME])
{
    bool named = false;
    enum { MAX_HEADERS = 16 };
    for (int i = 0; i < MAX_HEADERS; i++) {
        const char *line_end = memmem(c->at, (size_t)(c->end - c->at), "\r\n", 2);
        if (!line_end)
            return false;
        struct cursor line = {c->at, line_end};
        c->at = line_end + 2;
        if (line.at == line_end)
            return named;
        if (take_word(&line, "content-disposition:"))
            named = read_name(line, name);
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
