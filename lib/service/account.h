/* Use cases of people: registering, signing in and out, and knowing who a credential stands for. */
#pragma once

#include "base/arena.h"
#include "service/service.h"
#include "store/users.h"

/* Register a patient and sign it in as a device (`token`, in the arena). `user` has everything but id, role and hash.
   HL_CONFLICT: this person with this device is registered already, or
   staff and somebody else would have one name to sign in by. HL_DENIED: registration is closed here. */
HL_MUST_CHECK hl_result account_register(struct service *service, struct arena *arena, struct user *user,
                                         const char *password, const char **token, struct hl_error *error);

/* Make a user of any role, without a token: the administrator's command. */
HL_MUST_CHECK hl_result account_add(struct service *service, struct arena *arena, struct user *user,
                                    const char *password, struct hl_error *error);

/* `identifier`: full name or device serial. HL_UNAUTHENTICATED: unknown or wrong, without saying which. HL_CONFLICT: it
   stands for more than one account. `browser`: a short-lived token for a cookie. */
HL_MUST_CHECK hl_result account_login(struct service *service, struct arena *arena, const char *identifier,
                                      const char *password, bool browser, struct user *user, const char **token,
                                      struct hl_error *error);
/* Revoke the credential of `identity`. */
HL_MUST_CHECK hl_result account_logout(struct service *service, const struct identity *identity);

/* A long-lived API key of a user; `key` is shown once and not kept. */
HL_MUST_CHECK hl_result account_new_key(struct service *service, const char *user_id, const char *label,
                                        char key[API_KEY_SIZE]);

/* Who is this? Good answers are remembered for one second, so a revocation takes effect within a second everywhere
   and a device that posts ten times a second costs one look-up. */
HL_MUST_CHECK hl_result account_of_token(struct service *service, const char *token, struct identity *identity,
                                         struct hl_error *error);
HL_MUST_CHECK hl_result account_of_key(struct service *service, const char *key, struct identity *identity,
                                       struct hl_error *error);

struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *cache);
