/* The endpoints of /api/v1. The table in routes.c is the whole list; to add one, write its handler in the api_*.c
file of its resource, with a comment that states what it takes and answers, and add a row. */
#pragma once

#include "service/service.h"
#include "web/router.h"

extern const struct route routes[];

/* The service behind a request. */
static inline struct service *service_of(const struct request *request)
{
    return request->app;
}

/* api_auth.c */
void auth_register(struct request *request);
void auth_login(struct request *request);
void auth_logout(struct request *request);
void auth_me(struct request *request);
void authorize_stream(struct request *request);
authenticator authenticate;
/* api_sessions.c */
void session_start(struct request *request);
void session_end(struct request *request);
void session_list(struct request *request);
/* api_data.c */
void session_data(struct request *request);
/* api_findings.c */
void session_episodes(struct request *request);
void session_measurements(struct request *request);
void session_hrv(struct request *request);
void session_quality(struct request *request);
void session_interpretation(struct request *request);
/* api_metrics.c */
void metrics_post(struct request *request);
/* api_waveform.c */
void waveform_post(struct request *request);
/* api_reports.c */
void report_upload(struct request *request);
void report_list(struct request *request);
void report_show(struct request *request);
void report_download(struct request *request);
/* api_patients.c */
void patient_list(struct request *request);
void virtual_patient_create(struct request *request);
void virtual_patient_remove(struct request *request);
void virtual_patient_inject(struct request *request);
/* api_health.c */
void health(struct request *request);
void live_check(struct request *request);
void ready_check(struct request *request);
