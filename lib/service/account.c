/* Accounts. The one-second memory of good credentials is keyed by the SHA-256 of the credential, so that a worker's
memory holds no usable token. */
#include "service/account.h"

#include <stdlib.h>
#include <string.h>

#include "auth/password.h"
#include "base/clock.h"

enum { CACHE_SLOTS = 1024, CACHE_US = 1000000 };
static const int64_t second_us = 1000000;

struct cached {
    unsigned char digest[SHA256_BYTES];
    struct identity identity;
    int64_t until_us; /* monotonic */
};

struct token_cache {
    struct cached slots[CACHE_SLOTS];
};

struct token_cache *token_cache_new(void)
{
    return calloc(1, sizeof(struct token_cache));
}

void token_cache_free(struct token_cache *cache)
{
    free(cache);
}

static struct cached *cache_slot(struct token_cache *cache, const unsigned char *digest)
{
    size_t index;
    memcpy(&index, digest, sizeof index);
    return &cache->slots[index % CACHE_SLOTS];
}

static bool cache_find(struct service *service, const unsigned char *digest, struct identity *identity)
{
    const struct cached *slot = cache_slot(service->token_cache, digest);
    if (memcmp(slot->digest, digest, SHA256_BYTES) != 0 || clock_monotonic_us() >= slot->until_us ||
        clock_now_us() >= slot->identity.expires_us)
        return false;
    *identity = slot->identity;
    return true;
}

static void cache_keep(struct service *service, const unsigned char *digest, const struct identity *identity)
{
    struct cached *slot = cache_slot(service->token_cache, digest);
    memcpy(slot->digest, digest, SHA256_BYTES);
    slot->identity = *identity;
    slot->until_us = clock_monotonic_us() + CACHE_US;
}

static void cache_forget(struct service *service)
{
    memset(service->token_cache, 0, sizeof *service->token_cache);
}

static hl_result hash_password(struct service *service, const char *password, char hash[PASSWORD_HASH_SIZE],
                               struct hl_error *error)
{
    size_t length = strlen(password);
    if (length < PASSWORD_MIN_BYTES || length > PASSWORD_MAX_BYTES)
        return hl_fail(error, HL_INVALID, "password", "must have from %d to %d bytes", PASSWORD_MIN_BYTES,
                       PASSWORD_MAX_BYTES);
    return password_hash(password, service->run_folder, hash);
}

static hl_result registered_already(struct hl_error *error)
{
    return hl_fail(error, HL_CONFLICT, "full_name",
                   "Somebody is registered with this name or device already; sign in, or choose another name.");
}

/* The look before the hash is a courtesy; the one that counts is the database's, for a client may ask twice at once. */
hl_result account_add(struct service *service, struct arena *arena, struct user *user, const char *password,
                      struct hl_error *error)
{
    char hash[PASSWORD_HASH_SIZE];
    const char *other;
    hl_result result = users_same(service->db, arena, user, &other);
    if (result == HL_OK)
        return registered_already(error);
    if (result != HL_NOT_FOUND)
        return result;
    result = hash_password(service, password, hash, error);
    if (result != HL_OK)
        return result;
    user->password_hash = hash;
    result = users_insert(service->db, arena, user);
    user->password_hash = NULL;
    return result == HL_CONFLICT ? registered_already(error) : result;
}

static hl_result hand_out_token(struct service *service, struct arena *arena, const char *user_id, bool browser,
                                const char **token)
{
    int64_t now_us = clock_now_us();
    int64_t life_us = browser ? service->browser_hours * 3600 * second_us : service->token_days * 86400 * second_us;
    struct token_claims claims = {.issued_s = now_us / second_us, .expires_s = (now_us + life_us) / second_us};
    memcpy(claims.user_id, user_id, sizeof claims.user_id);
    random_uuid(claims.token_id);
    char *text = token_sign(&service->key, &claims);
    *token = text ? arena_copy(arena, text, strlen(text)) : NULL;
    free(text);
    if (!*token)
        return HL_NO_MEMORY;
    return tokens_insert(service->db, claims.token_id, user_id, browser ? TOKEN_COOKIE : TOKEN_BEARER, NULL, NULL,
                         now_us + life_us);
}

hl_result account_register(struct service *service, struct arena *arena, struct user *user, const char *password,
                           const char **token, struct hl_error *error)
{
    if (!service->open_registration)
        return hl_fail(error, HL_DENIED, "", "Registration is closed here; ask the administrator for an account.");
    user->role = ROLE_PATIENT;
    hl_result result = account_add(service, arena, user, password, error);
    return result == HL_OK ? hand_out_token(service, arena, user->user_id, false, token) : result;
}

hl_result account_login(struct service *service, struct arena *arena, const char *identifier, const char *password,
                        bool browser, struct user *user, const char **token, struct hl_error *error)
{
    const char *user_id = NULL, *hash = NULL;
    bool outdated = false;
    char new_hash[PASSWORD_HASH_SIZE] = "";
    hl_result result = users_by_identifier(service->db, arena, identifier, &user_id, &hash);
    if (result == HL_CONFLICT)
        return hl_fail(error, HL_CONFLICT, "identifier",
                       "More than one account has this name or serial; sign in with the one that is yours alone.");
    if (result != HL_OK && result != HL_NOT_FOUND)
        return result;
    result = password_check(password, hash, service->run_folder, &outdated);
    if (result == HL_UNAUTHENTICATED)
        return hl_fail(error, result, "identifier", "Name, serial or password are not right.");
    if (result == HL_OK && outdated)
        result = password_hash(password, service->run_folder, new_hash);
    if (result == HL_OK)
        result = users_touch_login(service->db, user_id, new_hash[0] ? new_hash : NULL);
    if (result == HL_OK)
        result = users_get(service->db, arena, user_id, user);
    return result == HL_OK ? hand_out_token(service, arena, user_id, browser, token) : result;
}

hl_result account_logout(struct service *service, const struct identity *identity)
{
    cache_forget(service);
    return tokens_revoke(service->db, identity->token_id);
}

hl_result account_new_key(struct service *service, const char *user_id, const char *label, char key[API_KEY_SIZE])
{
    unsigned char digest[SHA256_BYTES];
    char token_id[UUID_TEXT_SIZE];
    random_uuid(token_id);
    api_key_new(key);
    sha256(key, strlen(key), digest);
    return tokens_insert(service->db, token_id, user_id, TOKEN_API_KEY, digest, label,
                         clock_now_us() + service->token_days * 86400 * second_us);
}

hl_result account_of_token(struct service *service, const char *token, struct identity *identity,
                           struct hl_error *error)
{
    unsigned char digest[SHA256_BYTES];
    struct token_claims claims;
    sha256(token, strlen(token), digest);
    if (cache_find(service, digest, identity))
        return HL_OK;
    hl_result result = token_verify(&service->key, token, clock_now_us() / second_us, &claims, error);
    if (result == HL_OK)
        result = tokens_check(service->db, claims.token_id, identity);
    if (result == HL_INVALID) /* signed by us, but its id cannot be one */
        result = HL_NOT_FOUND;
    if (result == HL_NOT_FOUND || (result == HL_OK && strcmp(identity->user_id, claims.user_id) != 0))
        return hl_fail(error, HL_UNAUTHENTICATED, "Authorization", "The token is refused: it was revoked.");
    if (result == HL_OK)
        cache_keep(service, digest, identity);
    return result;
}

hl_result account_of_key(struct service *service, const char *key, struct identity *identity, struct hl_error *error)
{
    unsigned char digest[SHA256_BYTES];
    sha256(key, strlen(key), digest);
    if (cache_find(service, digest, identity))
        return HL_OK;
    hl_result result = tokens_check_key(service->db, digest, identity);
    if (result == HL_NOT_FOUND)
        return hl_fail(error, HL_UNAUTHENTICATED, "X-API-Key", "The API key is unknown, expired or revoked.");
    if (result == HL_OK)
        cache_keep(service, digest, identity);
    return result;
}
