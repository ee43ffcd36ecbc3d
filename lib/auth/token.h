/* Tokens: JWTs signed with HS256 by libjwt, and API keys.

libjwt's jwt_decode checks nothing but the signature, and takes the algorithm from the token; so everything else is
checked here: the algorithm is pinned to HS256, the key is never shorter than 32 bytes, and iss, aud, use, iat,
nbf, exp, sub and jti must all be there and right. That a token was not revoked is a row in the database
(service/account.h), not known here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/result.h"

struct token_key {
    unsigned char bytes[256];
    size_t length;
};

/* Line ends at its end are not part of the key. HL_INVALID, with a sentence, for a file that is missing or whose key is
   shorter than 32 bytes or longer than 256. */
HL_MUST_CHECK hl_result token_key_load(const char *path, struct token_key *key, struct hl_error *error);

struct token_claims {
    char user_id[UUID_TEXT_SIZE];
    char token_id[UUID_TEXT_SIZE];
    int64_t issued_s, expires_s; /* seconds since 1970 */
};

/* The signed token as text; free() it. NULL when out of memory. */
char *token_sign(const struct token_key *key, const struct token_claims *claims);

/* HL_UNAUTHENTICATED with the reason in `error` for anything that is not a good token of ours at `now_s`. */
HL_MUST_CHECK hl_result token_verify(const struct token_key *key, const char *token, int64_t now_s,
                                     struct token_claims *claims, struct hl_error *error);

enum { API_KEY_SIZE = 48, SHA256_BYTES = 32 };
/* A new API key: "hlk_" and 40 letters and digits (200 random bits). */
void api_key_new(char key[API_KEY_SIZE]);
void sha256(const void *bytes, size_t length, unsigned char digest[SHA256_BYTES]);
