/* Rows of users and tokens. Strings in results live in the arena that is passed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "auth/policy.h"
#include "base/arena.h"
#include "store/db.h"

struct user {
    const char *user_id, *full_name, *gender, *phone, *address, *device_serial;
    int age; /* -1: not known */
    enum role role;
    bool is_virtual;
    const char *password_hash;         /* for insert; NULL for who cannot sign in */
    int64_t created_us, last_login_us; /* DB_NO_TIME when never */
};

/* `user->user_id` is set on success. */
HL_MUST_CHECK hl_result users_insert(struct db *db, struct arena *arena, struct user *user);
/* The id of somebody who stands in the way of adding `user`: with this very name and device serial, or who would sign
   in by the same name or serial where one of the two is staff. HL_NOT_FOUND when nobody does. */
HL_MUST_CHECK hl_result users_same(struct db *db, struct arena *arena, const struct user *user, const char **user_id);
/* Who signs in with this name or serial: HL_NOT_FOUND for nobody, HL_CONFLICT for more than one. */
HL_MUST_CHECK hl_result users_by_identifier(struct db *db, struct arena *arena, const char *identifier,
                                            const char **user_id, const char **password_hash);
HL_MUST_CHECK hl_result users_get(struct db *db, struct arena *arena, const char *user_id, struct user *user);
/* Note a sign-in; `new_hash` NULL keeps the old one. */
HL_MUST_CHECK hl_result users_touch_login(struct db *db, const char *user_id, const char *new_hash);
HL_MUST_CHECK hl_result users_set_password(struct db *db, const char *user_id, const char *hash);
HL_MUST_CHECK hl_result users_count_admins(struct db *db, int64_t *count);

enum token_kind { TOKEN_BEARER, TOKEN_COOKIE, TOKEN_API_KEY };

/* `key_hash` is 32 bytes for an API key and NULL otherwise. */
HL_MUST_CHECK hl_result tokens_insert(struct db *db, const char *token_id, const char *user_id, enum token_kind kind,
                                      const unsigned char *key_hash, const char *label, int64_t expires_us);
/* Fills user, token, role and end of `identity`; HL_NOT_FOUND when it is not good (any more). */
HL_MUST_CHECK hl_result tokens_check(struct db *db, const char *token_id, struct identity *identity);
HL_MUST_CHECK hl_result tokens_check_key(struct db *db, const unsigned char *key_hash, struct identity *identity);
HL_MUST_CHECK hl_result tokens_revoke(struct db *db, const char *token_id);
/* Every token and API key of a person. */
HL_MUST_CHECK hl_result tokens_revoke_all(struct db *db, const char *user_id);
