/* Health: is this process alive, can the system do its work, and how is it in a few words. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "routes.h"
#include "store/patients.h"
#include "web/json_write.h"

/* Ask live over its socket; a process that is stopped still has its connections accepted by the kernel, so it must
   answer, and soon. */
static bool live_answers(const char *run_folder)
{
    static const char question[] = "GET /livez HTTP/1.0\r\nHost: live\r\n\r\n";
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = 0, .tv_usec = 700000};
    char answer[16] = "";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    snprintf(to.sun_path, sizeof to.sun_path, "%s/live.sock", run_folder);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    bool ok = connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
              send(fd, question, sizeof question - 1, MSG_NOSIGNAL) == (ssize_t)sizeof question - 1 &&
              recv(fd, answer, 12, MSG_WAITALL) == 12;
    close(fd);
    return ok && memcmp(answer + 9, "200", 3) == 0;
}

/* GET /livez: 200 as long as a worker answers at all. */
void live_check(struct request *request)
{
    buf_text(reply_json(request, 200), "{\"status\":\"alive\"}");
}

/* GET /readyz: 200 when the database and live answer; otherwise 503 that names what does not. */
void ready_check(struct request *request)
{
    struct service *service = service_of(request);
    bool database = db_ping(service->db) == HL_OK;
    bool live = live_answers(service->run_folder);
    if (!database)
        request_reject(request, "database", "does not answer");
    if (!live)
        request_reject(request, "live", "does not answer");
    if (request->error_count > 0)
        reply_problem(request, 503, "Not ready; see errors.");
    else
        buf_text(reply_json(request, 200), "{\"status\":\"ready\"}");
}

/* GET /health: 200 {status: healthy or degraded, service, database, live, simulation: running or stopped,
   timestamp} */
void health(struct request *request)
{
    struct service *service = service_of(request);
    bool database = db_ping(service->db) == HL_OK;
    bool live = live_answers(service->run_folder);
    int64_t virtual_patients = 0;
    bool simulating =
        live && database && virtual_count(service->db, &virtual_patients) == HL_OK && virtual_patients > 0;
    struct buf *out = reply_json(request, 200);
    buf_printf(out,
               "{\"status\":\"%s\",\"service\":\"heartline\",\"database\":\"%s\",\"live\":\"%s\",\"simulation\":\"%s\"",
               database && live ? "healthy" : "degraded", database ? "up" : "down", live ? "up" : "down",
               simulating ? "running" : "stopped");
    json_time(out, "timestamp", clock_now_us());
    json_close(out, '}');
}
