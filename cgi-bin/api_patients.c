/* Patients: who there is, and the making, disturbing and removing of virtual ones. The hearts themselves beat in live;
here their rows are written and the ward is told to look. */
#include <string.h>

#include "api_json.h"
#include "base/clock.h"
#include "base/random.h"
#include "routes.h"
#include "service/ingest.h"
#include "sim/heart.h"
#include "store/patients.h"

enum { MOST_PATIENTS = 10000, MOST_VIRTUAL = 1000, DEFAULT_RATE_BPM = 72 };

static void write_patient(struct buf *out, const struct patient *patient)
{
    json_open(out, NULL, '{');
    json_text(out, "patient", patient->user_id);
    json_text(out, "name", patient->full_name);
    json_bool(out, "virtual", patient->is_virtual);
    json_text(out, "session", patient->session_id);
    json_text(out, "state", patient->state);
    json_number(out, "heart_rate_bpm", patient->heart_rate_bpm);
    json_time(out, "last_sample_time", patient->last_sample_us);
    json_close(out, '}');
}

/* GET /api/v1/patients: 200 {patients: [...]}: everybody a clinician may see, or the caller alone. */
void patient_list(struct request *request)
{
    const struct identity *viewer = &request->identity;
    struct patient *patients = NULL;
    int count = 0;
    hl_result result =
        patients_list(service_of(request)->db, request->arena, viewer->role == ROLE_PATIENT ? viewer->user_id : NULL,
                      MOST_PATIENTS, &patients, &count);
    if (result != HL_OK) {
        reply_failure(request, result, NULL);
        return;
    }
    struct buf *out = reply_json(request, 200);
    buf_text(out, "{\"patients\":[");
    for (int i = 0; i < count; i++)
        write_patient(out, &patients[i]);
    buf_text(out, "]}");
}

/* POST /api/v1/virtual-patients {name?, heart_rate_bpm?: 30..220}
   201 {status, patient, session}; its heart beats on the streams within half a second. 503: the host is full. */
void virtual_patient_create(struct request *request)
{
    struct service *service = service_of(request);
    const struct value *rate = input(request, "heart_rate_bpm");
    int64_t running = 0;
    hl_result result = virtual_count(service->db, &running);
    if (result == HL_OK && running >= MOST_VIRTUAL) {
        reply_problem(request, 503, "This host runs as many virtual patients as it is allowed to.");
        return;
    }
    struct virtual_patient patient = {
        .full_name = input_text(request, "name"),
        .heart_rate_bpm = rate->present ? rate->number : DEFAULT_RATE_BPM,
        .seed = (int64_t)(random_u64() >> 1),
        .created_by = request->identity.user_id,
        .session_id = session_id_new(request->arena, clock_now_us()),
        .device_info = "{\"simulator\":\"heartline\",\"sampling_rate\":500}",
    };
    if (!patient.full_name)
        patient.full_name = arena_printf(request->arena, "Virtual %lld", (long long)running + 1);
    if (result == HL_OK)
        result = virtual_create(service->db, request->arena, &patient);
    if (result != HL_OK) {
        reply_failure(request, result, NULL);
        return;
    }
    bell_ring(&service->bell, BELL_WARD, "virtual", patient.session_key, 0);
    buf_printf(reply_json(request, 201), "{\"status\":\"success\",\"patient\":\"%s\",\"session\":\"%s\"}",
               patient.user_id, patient.session_id);
}

static void reply_no_virtual(struct request *request, hl_result result)
{
    struct hl_error error = {0};
    if (result == HL_NOT_FOUND)
        hl_fail(&error, result, "user_id", "There is no virtual patient with this id.");
    reply_failure(request, result, &error);
}

/* DELETE /api/v1/virtual-patients/{user_id}: stops the heart; its history stays. 200 {status}. 404: no such. */
void virtual_patient_remove(struct request *request)
{
    const char *user_id = request_capture(request, "user_id");
    hl_result result = is_uuid_text(user_id) ? virtual_remove(service_of(request)->db, user_id) : HL_NOT_FOUND;
    if (result != HL_OK) {
        reply_no_virtual(request, result);
        return;
    }
    bell_ring(&service_of(request)->bell, BELL_WARD, "removed", 0, 0);
    buf_text(reply_json(request, 200), "{\"status\":\"success\"}");
}

static const char *known_anomalies(struct arena *arena)
{
    const char *names = "";
    for (int i = 0; i < SIM_ANOMALY_COUNT && names; i++)
        names = arena_printf(arena, "%s%s%s", names, *names ? ", " : "", sim_anomaly_name((enum sim_anomaly)i));
    return names ? names : "";
}

/* POST /api/v1/virtual-patients/{user_id}/anomalies {anomaly}
   201 {status, anomaly, command_id}; it comes with the next possible beat, each time it is asked for.
   404: no such virtual patient. 422: no such anomaly; the reply names the known ones. */
void virtual_patient_inject(struct request *request)
{
    const char *user_id = request_capture(request, "user_id");
    const char *name = input_text(request, "anomaly");
    enum sim_anomaly anomaly;
    int64_t command_id = 0;
    if (!sim_anomaly_from_name(name, &anomaly)) {
        request_reject(request, "anomaly", "must be one of: %s", known_anomalies(request->arena));
        reply_problem(request, 422, "There is no such anomaly.");
        return;
    }
    hl_result result = HL_NOT_FOUND;
    if (is_uuid_text(user_id))
        result = virtual_inject(service_of(request)->db, user_id, sim_anomaly_name(anomaly), request->identity.user_id,
                                &command_id);
    if (result != HL_OK) {
        reply_no_virtual(request, result);
        return;
    }
    bell_ring(&service_of(request)->bell, BELL_WARD, "anomaly", 0, command_id);
    buf_printf(reply_json(request, 201), "{\"status\":\"success\",\"anomaly\":\"%s\",\"command_id\":%lld}",
               sim_anomaly_name(anomaly), (long long)command_id);
}
