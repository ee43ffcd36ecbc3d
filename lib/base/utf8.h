/* Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Length in bytes of the well-formed sequence at `s`, of which `left` >= 1 bytes are there; 0 when there is none. */
size_t utf8_sequence(const unsigned char *s, size_t left);

bool utf8_valid(const char *text, size_t length);
