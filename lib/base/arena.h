/* Memory that dies all at once: everything a request needs is taken from its arena and given back in one place, so no
handler frees anything and none can forget to. */
#pragma once

#include <stddef.h>

struct arena;

/* NULL when out of memory. The arena keeps its first block across arena_reset. */
struct arena *arena_new(size_t first_block_bytes);
void arena_free(struct arena *arena);

/* Forget everything that was allocated; pointers into the arena are dead after this. */
void arena_reset(struct arena *arena);

/* Uninitialised, aligned for any type; NULL when out of memory. */
void *arena_alloc(struct arena *arena, size_t size);
/* As calloc: zeroed, and safe against count * size overflowing. */
void *arena_calloc(struct arena *arena, size_t count, size_t size);
/* A NUL-terminated copy of `length` bytes. */
char *arena_copy(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
