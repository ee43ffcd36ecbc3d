/* Authorisation and parameters of a stream. A patient sees itself only, and is not told whether others exist. */
#include "stream/viewer.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(struct stream_refusal *refusal, int status, const char *title, const char *field, const char *detail)
{
    *refusal = (struct stream_refusal){.status = status, .title = title, .detail = detail, .field = field};
    return false;
}

/* A uuid of 36 characters, in any case, as the hub names patients: in lower case. */
static bool copy_uuid(const char *text, size_t length, char uuid[NEWS_PATIENT_SIZE])
{
    if (length != NEWS_PATIENT_SIZE - 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
        uuid[i] = (char)tolower((unsigned char)text[i]);
    }
    uuid[length] = '\0';
    return true;
}

enum role { ROLE_NONE, ROLE_PATIENT, ROLE_CARER };

static enum role role_of(const char *name)
{
    static const struct {
        const char *name;
        enum role role;
    } roles[] = {{"patient", ROLE_PATIENT}, {"clinician", ROLE_CARER}, {"admin", ROLE_CARER}};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(name, roles[i].name) == 0)
            return roles[i].role;
    return ROLE_NONE;
}

static bool grant_list(struct stream_grant *grant, const char *list)
{
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        if (length > 0 && (grant->filter.count == REQUEST_MAX_PATIENTS ||
                           !copy_uuid(at, length, grant->patients[grant->filter.count++])))
            return false;
        at += length + (at[length] == ',');
    }
    grant->filter.everyone = grant->filter.count == 0;
    return true;
}

/* The patient of /api/v1/patients/{id}/stream; length 0 for /api/v1/stream; false for any other path. */
static bool match_path(const char *path, const char **patient, size_t *length)
{
    static const char prefix[] = "/api/v1/patients/", suffix[] = "/stream";
    *length = 0;
    if (strcmp(path, "/api/v1/stream") == 0)
        return true;
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return false;
    *patient = path + sizeof prefix - 1;
    *length = strcspn(*patient, "/");
    return *length > 0 && strcmp(*patient + *length, suffix) == 0;
}

static bool only_itself(const struct stream_grant *grant, const char *user)
{
    for (size_t i = 0; i < grant->filter.count; i++)
        if (strcmp(grant->patients[i], user) != 0)
            return false;
    return true;
}

static bool judge_viewer(const struct stream_request *request, struct stream_grant *grant,
                         struct stream_refusal *refusal)
{
    char user[NEWS_PATIENT_SIZE];
    enum role role = role_of(request->role);
    if (!copy_uuid(request->user, strlen(request->user), user) || role == ROLE_NONE || grant->expires_s == 0)
        return refuse(refusal, 401, "Unauthorized", NULL, "Sign in to see a stream.");
    if (role == ROLE_CARER)
        return true;
    if (!only_itself(grant, user))
        return refuse(refusal, 404, "Not Found", NULL, "There is no such patient.");
    memcpy(grant->patients[0], user, sizeof user);
    grant->filter.everyone = false;
    grant->filter.count = 1;
    return true;
}

static bool judge_parameters(const struct stream_request *request, struct stream_grant *grant,
                             struct stream_refusal *refusal)
{
    const char *patient = NULL;
    size_t length = 0;
    if (!match_path(request->path, &patient, &length))
        return refuse(refusal, 404, "Not Found", NULL, "There is no such stream.");
    grant->filter.full = length > 0;
    if (length > 0) {
        if (!copy_uuid(patient, length, grant->patients[0]))
            return refuse(refusal, 404, "Not Found", NULL, "There is no such patient.");
        grant->filter.count = 1;
    } else if (request->patients_too_long || !grant_list(grant, request->patients)) {
        return refuse(refusal, 422, "Unprocessable Content", "patients",
                      "patients must be a comma-separated list of at most 256 patient ids.");
    }
    if (request->detail[0]) {
        grant->filter.full = strcmp(request->detail, "full") == 0;
        if (!grant->filter.full && strcmp(request->detail, "wall") != 0)
            return refuse(refusal, 422, "Unprocessable Content", "detail", "detail must be wall or full.");
    }
    return true;
}

/* None stated: never. 0 for what is no time: it is taken as passed. */
static int64_t expiry(const char *text)
{
    char *end;
    long long seconds = strtoll(text, &end, 10);
    if (!text[0])
        return INT64_MAX;
    return end == text || *end || seconds <= 0 ? 0 : (int64_t)seconds;
}

bool stream_request_judge(const struct stream_request *request, struct stream_grant *grant,
                          struct stream_refusal *refusal)
{
    memset(grant, 0, sizeof *grant);
    grant->filter.patients = grant->patients;
    grant->expires_s = expiry(request->expires);
    grant->last_event_id = request->last_event_id[0] ? request->last_event_id : NULL;
    /* Whoever is not signed in learns nothing about parameters either. */
    if (role_of(request->role) == ROLE_NONE)
        return judge_viewer(request, grant, refusal);
    return judge_parameters(request, grant, refusal) && judge_viewer(request, grant, refusal);
}
