/* Percent-decoding. */
#include "web/urldecode.h"

#include <string.h>

#include "base/utf8.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *url_decode(struct arena *arena, const char *text, size_t length, bool plus_is_space)
{
    char *out = arena_alloc(arena, length + 1);
    if (!out)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            int high = length - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = length - i > 2 ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return NULL;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[used++] = c;
    }
    out[used] = '\0';
    return utf8_valid(out, used) ? out : NULL;
}

bool query_value(struct arena *arena, const char *query, const char *name, const char **value)
{
    size_t name_length = strlen(name);
    *value = NULL;
    while (query && *query) {
        size_t length = strcspn(query, "&");
        if (length > name_length && strncmp(query, name, name_length) == 0 && query[name_length] == '=') {
            *value = url_decode(arena, query + name_length + 1, length - name_length - 1, true);
            return true;
        }
        query += length + (query[length] == '&');
    }
    return false;
}
