/* Signing and checking JWTs, making API keys. */
#include "auth/token.h"

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MIN_BYTES = 32, TOKEN_MAX_BYTES = 4096 };

static const char issuer[] = "heartline";
static const char audience[] = "heartline-api";
static const char token_type[] = "access";

hl_result token_key_load(const char *path, struct token_key *key, struct hl_error *error)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return hl_fail(error, HL_INVALID, "HEARTLINE_SECRET_FILE", "The key file %s cannot be read.", path);
    key->length = fread(key->bytes, 1, sizeof key->bytes, file);
    int next = fgetc(file);
    bool whole = next == EOF || (next == '\n' && fgetc(file) == EOF);
    fclose(file);
    while (key->length > 0 && key->bytes[key->length - 1] == '\n')
        key->length--;
    if (key->length < KEY_MIN_BYTES || !whole)
        return hl_fail(error, HL_INVALID, "HEARTLINE_SECRET_FILE", "The key in %s must have from %d to %zu bytes.",
                       path, KEY_MIN_BYTES, sizeof key->bytes);
    return HL_OK;
}

char *token_sign(const struct token_key *key, const struct token_claims *claims)
{
    jwt_t *jwt = NULL;
    char *token = NULL;
    if (key->length < KEY_MIN_BYTES || jwt_new(&jwt) != 0)
        return NULL;
    bool ok = jwt_set_alg(jwt, JWT_ALG_HS256, key->bytes, (int)key->length) == 0 &&
              jwt_add_grant(jwt, "iss", issuer) == 0 && jwt_add_grant(jwt, "aud", audience) == 0 &&
              jwt_add_grant(jwt, "use", token_type) == 0 && jwt_add_grant(jwt, "sub", claims->user_id) == 0 &&
              jwt_add_grant(jwt, "jti", claims->token_id) == 0 &&
              jwt_add_grant_int(jwt, "iat", (long)claims->issued_s) == 0 &&
              jwt_add_grant_int(jwt, "nbf", (long)claims->issued_s) == 0 &&
              jwt_add_grant_int(jwt, "exp", (long)claims->expires_s) == 0;
    if (ok)
        token = jwt_encode_str(jwt);
    jwt_free(jwt);
    return token;
}

/* NULL when every claim is right, otherwise why not. The algorithm is looked at first: libjwt takes what the token
   says. */
static const char *check_claims(jwt_t *jwt, int64_t now_s, struct token_claims *claims)
{
    static const struct {
        const char *name, *value;
    } fixed[] = {{"iss", issuer}, {"aud", audience}, {"use", token_type}};
    if (jwt_get_alg(jwt) != JWT_ALG_HS256)
        return "it is not signed with HS256";
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        const char *value = jwt_get_grant(jwt, fixed[i].name);
        if (!value || strcmp(value, fixed[i].value) != 0)
            return "it was not issued for this service";
    }
    const char *subject = jwt_get_grant(jwt, "sub");
    const char *id = jwt_get_grant(jwt, "jti");
    if (!subject || !id || strlen(subject) != UUID_TEXT_SIZE - 1 || strlen(id) != UUID_TEXT_SIZE - 1)
        return "it names nobody";
    claims->issued_s = jwt_get_grant_int(jwt, "iat");
    claims->expires_s = jwt_get_grant_int(jwt, "exp");
    int64_t not_before_s = jwt_get_grant_int(jwt, "nbf");
    enum { CLOCK_SKEW_S = 30 };
    if (claims->issued_s <= 0 || not_before_s <= 0 || claims->expires_s <= 0)
        return "it carries no times";
    if (claims->issued_s > now_s + CLOCK_SKEW_S || not_before_s > now_s + CLOCK_SKEW_S)
        return "it is not valid yet";
    if (claims->expires_s <= now_s)
        return "it has expired";
    memcpy(claims->user_id, subject, UUID_TEXT_SIZE);
    memcpy(claims->token_id, id, UUID_TEXT_SIZE);
    return NULL;
}

hl_result token_verify(const struct token_key *key, const char *token, int64_t now_s, struct token_claims *claims,
                       struct hl_error *error)
{
    jwt_t *jwt = NULL;
    const char *reason = "its signature is not ours";
    if (key->length >= KEY_MIN_BYTES && strlen(token) <= TOKEN_MAX_BYTES &&
        jwt_decode(&jwt, token, key->bytes, (int)key->length) == 0)
        reason = check_claims(jwt, now_s, claims);
    jwt_free(jwt);
    if (!reason)
        return HL_OK;
    return hl_fail(error, HL_UNAUTHENTICATED, "Authorization", "The token is refused: %s.", reason);
}

void api_key_new(char key[API_KEY_SIZE])
{
    memcpy(key, "hlk_", 4);
    random_name(key + 4, 41);
}

/* SHA256() looks its algorithm up by name each time, which is most of what a short digest costs (a tenth of a worker's
   time under a load of metrics). Looked up once, it is a constant of the process. */
static EVP_MD *sha256_algorithm;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void fetch_sha256(void)
{
    sha256_algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
}

void sha256(const void *bytes, size_t length, unsigned char digest[SHA256_BYTES])
{
    pthread_once(&sha256_once, fetch_sha256);
    if (!sha256_algorithm || EVP_Digest(bytes, length, digest, NULL, sha256_algorithm, NULL) != 1)
        SHA256(bytes, length, digest);
}
