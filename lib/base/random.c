/* getrandom(2) and what is made from it. */
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *bytes, size_t length)
{
    unsigned char *at = bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length < 256 ? length : 256, 0);
        if (got <= 0) {
            perror("getrandom");
            abort();
        }
        at += got;
        length -= (size_t)got;
    }
}

uint64_t random_u64(void)
{
    uint64_t value;
    random_bytes(&value, sizeof value);
    return value;
}

void random_uuid(char text[UUID_TEXT_SIZE])
{
    unsigned char b[16];
    random_bytes(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(text, UUID_TEXT_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

void random_name(char *text, size_t size)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789a"; /* 32 entries */
    for (size_t i = 0; i + 1 < size; i++) {
        unsigned char byte;
        random_bytes(&byte, 1);
        text[i] = letters[byte & 31];
    }
    text[size - 1] = '\0';
}
