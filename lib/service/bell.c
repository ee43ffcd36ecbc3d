/* Ringing. Every error is ignored on purpose: nobody listening is not the caller's concern. */
#include "service/bell.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void bell_open(struct bell *bell, const char *run_folder)
{
    static const char *const names[BELL_LISTENERS] = {[BELL_INGEST] = "ingest.bell", [BELL_WARD] = "ward.bell"};
    bell->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    for (int i = 0; i < BELL_LISTENERS; i++)
        snprintf(bell->paths[i], sizeof bell->paths[i], "%s/%s", run_folder, names[i]);
}

void bell_close(struct bell *bell)
{
    if (bell->fd >= 0)
        close(bell->fd);
    bell->fd = -1;
}

void bell_ring(struct bell *bell, enum bell_listener listener, const char *kind, int64_t session_key, int64_t row_id)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    char text[80];
    int length = snprintf(text, sizeof text, "%s %lld %lld", kind, (long long)session_key, (long long)row_id);
    memcpy(to.sun_path, bell->paths[listener], sizeof to.sun_path);
    to.sun_path[sizeof to.sun_path - 1] = '\0';
    if (bell->fd >= 0 &&
        sendto(bell->fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to) < 0)
        return;
}
