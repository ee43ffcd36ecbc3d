/* The roles by name and the reading rule. */
#include "auth/policy.h"

#include <string.h>

static const char *const names[] = {
    [ROLE_PATIENT] = "patient",
    [ROLE_CLINICIAN] = "clinician",
    [ROLE_ADMIN] = "admin",
};

enum role role_from_name(const char *name)
{
    for (enum role role = ROLE_PATIENT; name && role <= ROLE_ADMIN; role++)
        if (strcmp(name, names[role]) == 0)
            return role;
    return ROLE_UNSET;
}

const char *role_name(enum role role)
{
    return role >= ROLE_PATIENT && role <= ROLE_ADMIN ? names[role] : NULL;
}

bool policy_may_read(const struct identity *viewer, const char *owner_id)
{
    return viewer->role >= ROLE_CLINICIAN || (viewer->role == ROLE_PATIENT && strcmp(viewer->user_id, owner_id) == 0);
}
