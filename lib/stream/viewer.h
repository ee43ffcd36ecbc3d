/* Who asks for which stream: from the path, the query and the headers to a filter, or to a refusal. Knows no socket,
so that it can be tested by itself. */
#pragma once

#include "stream/hub.h"

enum { REQUEST_MAX_PATIENTS = 256 };

/* What came with the request; absent ones are empty. */
struct stream_request {
    char path[256];
    char patients[REQUEST_MAX_PATIENTS * NEWS_PATIENT_SIZE + 1]; /* query parameter, decoded */
    char detail[16];                                             /* query parameter, decoded */
    char user[64], role[32], expires[32];                        /* X-Heartline-... */
    char last_event_id[128];
    bool patients_too_long;
};

struct stream_refusal {
    int status;
    const char *title;
    const char *detail;
    const char *field; /* of the request, or NULL */
};

/* What is granted. `patients` is what the filter points to. */
struct stream_grant {
    struct hub_filter filter;
    char patients[REQUEST_MAX_PATIENTS][NEWS_PATIENT_SIZE];
    int64_t expires_s;         /* unix seconds; INT64_MAX: never */
    const char *last_event_id; /* in the request; NULL when there is none */
};

/* True: granted. False: refused, with the reason. */
bool stream_request_judge(const struct stream_request *request, struct stream_grant *grant,
                          struct stream_refusal *refusal);
