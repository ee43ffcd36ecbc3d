/* Passwords: argon2id by libargon2, m = 19456 KiB, t = 2, p = 1 (the OWASP password storage cheat sheet's first
choice), about 60 ms of one core. No more hashes run at once than there are cores, over all processes that share a lock
folder. */
#pragma once

#include <stdbool.h>

#include "base/result.h"

enum { PASSWORD_HASH_SIZE = 128, PASSWORD_MIN_BYTES = 8, PASSWORD_MAX_BYTES = 1024 };

/* PHC string of a new hash. `lock_folder` may be NULL: no limit then. */
HL_MUST_CHECK hl_result password_hash(const char *password, const char *lock_folder, char hash[PASSWORD_HASH_SIZE]);

/* HL_OK when it matches, HL_UNAUTHENTICATED when not. With a NULL `hash` it spends the same time and says no, so that
   an unknown name cannot be told from a wrong password by the clock. `outdated` (may be NULL) tells that the hash was
   made with weaker parameters than today's and should be made anew. */
HL_MUST_CHECK hl_result password_check(const char *password, const char *hash, const char *lock_folder, bool *outdated);
