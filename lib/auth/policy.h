/* Who may do what: the roles, from least to most, and the one rule about whose data a person sees. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

/* Zero is "nobody said", and is refused, so a route that forgot its role lets no one in. */
enum role { ROLE_UNSET = 0, ROLE_ANYONE, ROLE_PATIENT, ROLE_CLINICIAN, ROLE_ADMIN };

/* How somebody proved who they are. */
enum credential { CREDENTIAL_NONE = 0, CREDENTIAL_BEARER, CREDENTIAL_COOKIE, CREDENTIAL_API_KEY };

struct identity {
    char user_id[UUID_TEXT_SIZE]; /* empty when nobody is signed in */
    char token_id[UUID_TEXT_SIZE];
    enum role role;
    enum credential credential;
    int64_t expires_us; /* when the credential ends */
};

/* "patient" <-> ROLE_PATIENT; ROLE_UNSET and NULL for anything else. */
enum role role_from_name(const char *name);
const char *role_name(enum role role);

/* Whether `viewer` may read what belongs to `owner_id`: its own, or any patient's for a clinician or admin. */
bool policy_may_read(const struct identity *viewer, const char *owner_id);
