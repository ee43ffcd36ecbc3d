/* Tokens from strangers. With an even first byte the rest is a token as it came: it must never be taken. With an odd
one the rest is "HEADER\nPAYLOAD", signed here with the true key: then only the right header and claims may be taken. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct token_key key = {.bytes = "the key of a fuzz target, 32 bytes and more", .length = 43};
static const int64_t now_s = 1000100;

static void add_base64url(struct buf *out, const void *bytes, size_t length)
{
    if (!buf_reserve(out, length * 4 / 3 + 8))
        abort();
    char *at = out->data + out->length;
    int written = EVP_EncodeBlock((unsigned char *)at, bytes, (int)length);
    while (written > 0 && at[written - 1] == '=')
        written--;
    for (int i = 0; i < written; i++)
        at[i] = (char)(at[i] == '+' ? '-' : at[i] == '/' ? '_' : at[i]);
    out->length += (size_t)written;
    out->data[out->length] = '\0';
}

static void try_signed(const uint8_t *bytes, size_t length)
{
    const uint8_t *line_end = memchr(bytes, '\n', length);
    struct token_claims claims;
    struct buf token = {0};
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_length = 0;
    if (!line_end)
        return;
    add_base64url(&token, bytes, (size_t)(line_end - bytes));
    buf_char(&token, '.');
    add_base64url(&token, line_end + 1, length - (size_t)(line_end - bytes) - 1);
    HMAC(EVP_sha256(), key.bytes, (int)key.length, (const unsigned char *)token.data, token.length, mac, &mac_length);
    buf_char(&token, '.');
    add_base64url(&token, mac, mac_length);
    if (token_verify(&key, token.data, now_s, &claims, NULL) == HL_OK) {
        int said = memmem(bytes, length, "HS256", 5) && memmem(bytes, length, "heartline-api", 13) &&
                   memmem(bytes, length, claims.user_id, strlen(claims.user_id));
        if (!said || strlen(claims.user_id) != UUID_TEXT_SIZE - 1 || strlen(claims.token_id) != UUID_TEXT_SIZE - 1 ||
            claims.expires_s <= now_s || claims.issued_s > now_s + 30)
            abort();
    }
    buf_free(&token);
}

static void try_raw(const uint8_t *bytes, size_t length)
{
    struct token_claims claims;
    char *token = strndup((const char *)bytes, length);
    if (!token || token_verify(&key, token, now_s, &claims, NULL) != HL_UNAUTHENTICATED)
        abort();
    free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0 || length > 4096)
        return 0;
    if (bytes[0] & 1)
        try_signed(bytes + 1, length - 1);
    else
        try_raw(bytes + 1, length - 1);
    return 0;
}
