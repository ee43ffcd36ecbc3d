/* Arbitrary bytes as a path and as a query: what is decoded is never longer than what came, holds no NUL, and a value
that is found was named. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "web/urldecode.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new(1024);
    char *exact = malloc(length ? length : 1), *query = strndup((const char *)bytes, length);
    if (!arena || !exact || !query)
        abort();
    memcpy(exact, bytes, length);
    for (int plus = 0; plus <= 1; plus++) {
        const char *decoded = url_decode(arena, exact, length, plus);
        if (decoded && strlen(decoded) > length)
            abort();
        if (decoded && !memchr(bytes, '%', length) && !memchr(bytes, '+', length) && !memchr(bytes, 0, length) &&
            (strlen(decoded) != length || memcmp(decoded, bytes, length) != 0))
            abort();
    }
    const char *value;
    bool there = query_value(arena, query, "limit", &value);
    if ((there && !strstr(query, "limit=")) || (!there && value))
        abort();
    arena_free(arena);
    free(exact);
    free(query);
    return 0;
}
