/* The route table: one row an endpoint. Authorisation, body limits and input checks are done from here by web/router.c
before a handler runs; a row without a role is refused. */
#include "routes.h"

#include "auth/password.h"

enum { SMALL = 64 * 1024, WAVEFORM_BYTES = 8 * 1024 * 1024, REPORT_BYTES = 32 * 1024 * 1024 };

static const struct input register_inputs[] = {
    {"full_name", INPUT_TEXT, true, 1, 200, FROM_BODY},
    {"password", INPUT_TEXT, true, PASSWORD_MIN_BYTES, PASSWORD_MAX_BYTES, FROM_BODY},
    {"age", INPUT_INTEGER, false, 0, 150, FROM_BODY},
    {"gender", INPUT_TEXT, false, 0, 50, FROM_BODY},
    {"phone", INPUT_TEXT, false, 0, 50, FROM_BODY},
    {"address", INPUT_TEXT, false, 0, 1000, FROM_BODY},
    {"device_serial", INPUT_TEXT, false, 1, 100, FROM_BODY},
    {0},
};

static const struct input login_inputs[] = {
    {"identifier", INPUT_TEXT, true, 1, 200, FROM_BODY},
    {"password", INPUT_TEXT, true, 1, PASSWORD_MAX_BYTES, FROM_BODY},
    {"cookie", INPUT_BOOLEAN, false, 0, 0, FROM_BODY},
    {0},
};

static const struct input session_start_inputs[] = {
    {"device_serial", INPUT_TEXT, false, 1, 100, FROM_BODY},
    {"device_info", INPUT_OBJECT, false, 0, 0, FROM_BODY},
    {"session_id", INPUT_TEXT, false, 1, 100, FROM_BODY},
    {"timestamp", INPUT_TIME, false, 0, 0, FROM_BODY},
    {0},
};

static const struct input session_end_inputs[] = {
    {"summary", INPUT_OBJECT, false, 0, 0, FROM_BODY},
    {"timestamp", INPUT_TIME, false, 0, 0, FROM_BODY},
    {0},
};

static const struct input metrics_inputs[] = {
    {"timestamp", INPUT_TIME, true, 0, 0, FROM_BODY},
    {"metrics", INPUT_OBJECT, true, 0, 0, FROM_BODY},
    {"status", INPUT_OBJECT, false, 0, 0, FROM_BODY},
    {0},
};

static const struct input session_list_inputs[] = {
    {"limit", INPUT_INTEGER, false, 1, 1000, FROM_QUERY},
    {"before", INPUT_TEXT, false, 1, 80, FROM_QUERY},
    {"from", INPUT_TIME, false, 0, 0, FROM_QUERY},
    {"to", INPUT_TIME, false, 0, 0, FROM_QUERY},
    {0},
};

/* One row a line. */
/* clang-format off */
static const struct input session_data_inputs[] = {
    {"from", INPUT_TIME, false, 0, 0, FROM_QUERY},
    {"to", INPUT_TIME, false, 0, 0, FROM_QUERY},
    {"leads", INPUT_TEXT, false, 1, 200, FROM_QUERY},
    {"limit", INPUT_INTEGER, false, 1, 5000, FROM_QUERY},
    {"source", INPUT_TEXT, false, 1, 20, FROM_QUERY},
    {"metrics_after", INPUT_TEXT, false, 1, 80, FROM_QUERY},
    {"waveform_after", INPUT_TEXT, false, 1, 80, FROM_QUERY},
    {"user_id", INPUT_UUID, false, 0, 0, FROM_QUERY},
    {0},
};

#define A_PAGE_OF_TIME                                                                                                 \
    {"from", INPUT_TIME, false, 0, 0, FROM_QUERY}, {"to", INPUT_TIME, false, 0, 0, FROM_QUERY},                        \
    {"limit", INPUT_INTEGER, false, 1, 5000, FROM_QUERY}, {"after", INPUT_TEXT, false, 1, 80, FROM_QUERY},             \
    {"user_id", INPUT_UUID, false, 0, 0, FROM_QUERY}

static const struct input finding_inputs[] = {
    A_PAGE_OF_TIME,
    {0},
};

static const struct input episode_inputs[] = {
    A_PAGE_OF_TIME,
    {"rhythm", INPUT_TEXT, false, 1, 100, FROM_QUERY},
    {0},
};

static const struct input quality_inputs[] = {
    A_PAGE_OF_TIME,
    {"lead", INPUT_TEXT, false, 1, 10, FROM_QUERY},
    {0},
};
/* clang-format on */

static const struct input report_list_inputs[] = {
    {"user_id", INPUT_UUID, false, 0, 0, FROM_QUERY},
    {"before", INPUT_TEXT, false, 1, 40, FROM_QUERY},
    {"limit", INPUT_INTEGER, false, 1, 1000, FROM_QUERY},
    {0},
};

static const struct input virtual_inputs[] = {
    {"name", INPUT_TEXT, false, 1, 200, FROM_BODY},
    {"heart_rate_bpm", INPUT_NUMBER, false, 30, 220, FROM_BODY},
    {0},
};

static const struct input anomaly_inputs[] = {
    {"anomaly", INPUT_TEXT, true, 1, 50, FROM_BODY},
    {0},
};

#define API "/api/v1"

const struct route routes[] = {
    {"POST", API "/auth/register", auth_register, ROLE_ANYONE, BODY_JSON, SMALL, register_inputs},
    {"POST", API "/auth/login", auth_login, ROLE_ANYONE, BODY_JSON, SMALL, login_inputs},
    {"POST", API "/auth/logout", auth_logout, ROLE_PATIENT, BODY_NONE, SMALL, NULL},
    {"GET", API "/auth/me", auth_me, ROLE_PATIENT, BODY_NONE, 0, NULL},

    {"POST", API "/sessions/start", session_start, ROLE_PATIENT, BODY_JSON, SMALL, session_start_inputs},
    {"POST", API "/sessions/{session_id}/end", session_end, ROLE_PATIENT, BODY_JSON, SMALL, session_end_inputs},
    {"POST", API "/sessions/{session_id}/metrics", metrics_post, ROLE_PATIENT, BODY_JSON, SMALL, metrics_inputs},
    {"POST", API "/sessions/{session_id}/waveform", waveform_post, ROLE_PATIENT, BODY_RAW, WAVEFORM_BYTES, NULL},
    {"GET", API "/sessions/{session_id}/data", session_data, ROLE_PATIENT, BODY_NONE, 0, session_data_inputs},
    {"GET", API "/sessions/{session_id}/episodes", session_episodes, ROLE_PATIENT, BODY_NONE, 0, episode_inputs},
    {"GET", API "/sessions/{session_id}/measurements", session_measurements, ROLE_PATIENT, BODY_NONE, 0,
     finding_inputs},
    {"GET", API "/sessions/{session_id}/hrv", session_hrv, ROLE_PATIENT, BODY_NONE, 0, finding_inputs},
    {"GET", API "/sessions/{session_id}/quality", session_quality, ROLE_PATIENT, BODY_NONE, 0, quality_inputs},
    {"GET", API "/sessions/{session_id}/interpretation", session_interpretation, ROLE_PATIENT, BODY_NONE, 0,
     finding_inputs},
    {"GET", API "/users/{user_id}/sessions", session_list, ROLE_PATIENT, BODY_NONE, 0, session_list_inputs},

    {"POST", API "/reports/upload", report_upload, ROLE_PATIENT, BODY_MULTIPART, REPORT_BYTES, NULL},
    {"GET", API "/reports", report_list, ROLE_PATIENT, BODY_NONE, 0, report_list_inputs},
    {"GET", API "/reports/{report_id}", report_show, ROLE_PATIENT, BODY_NONE, 0, NULL},
    {"GET", API "/reports/{report_id}/file", report_download, ROLE_PATIENT, BODY_NONE, 0, NULL},

    {"GET", API "/patients", patient_list, ROLE_PATIENT, BODY_NONE, 0, NULL},
    {"POST", API "/virtual-patients", virtual_patient_create, ROLE_CLINICIAN, BODY_JSON, SMALL, virtual_inputs},
    {"DELETE", API "/virtual-patients/{user_id}", virtual_patient_remove, ROLE_CLINICIAN, BODY_NONE, SMALL, NULL},
    {"POST", API "/virtual-patients/{user_id}/anomalies", virtual_patient_inject, ROLE_CLINICIAN, BODY_JSON, SMALL,
     anomaly_inputs},

    {"GET", "/internal/authorize-stream", authorize_stream, ROLE_PATIENT, BODY_NONE, 0, NULL},

    {"GET", "/health", health, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {"GET", "/livez", live_check, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {"GET", "/readyz", ready_check, ROLE_ANYONE, BODY_NONE, 0, NULL},
    {0},
};
