/* Random bytes of the operating system, for keys and ids. Not for the simulator, which has seeds of its own. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Fills `bytes`; ends the process when the system has no randomness to give, since nothing safe can follow. */
void random_bytes(void *bytes, size_t length);
uint64_t random_u64(void);

enum { UUID_TEXT_SIZE = 37 };
/* A version 4 UUID as text. */
void random_uuid(char text[UUID_TEXT_SIZE]);
/* Lower-case letters and digits without the ambiguous ones; `size` counts the final NUL. */
void random_name(char *text, size_t size);
