/* The bell's socket. */
#include "live_bell.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static bool address_of(const char *run_folder, const char *name, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(address->sun_path, sizeof address->sun_path, "%s/%s", run_folder, name);
    return length > 0 && length < (int)sizeof address->sun_path;
}

int bell_open(const char *run_folder, const char *name)
{
    struct sockaddr_un address;
    int receive_bytes = 4 << 20;
    if (!address_of(run_folder, name, &address)) {
        log_error("the path of %s/%s is too long", run_folder, name);
        return -1;
    }
    int bell = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(address.sun_path);
    if (bell < 0 || bind(bell, (struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(address.sun_path, 0660) != 0) {
        log_error("cannot listen on %s: %s", address.sun_path, strerror(errno));
        if (bell >= 0)
            close(bell);
        return -1;
    }
    setsockopt(bell, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    return bell;
}

static unsigned meaning_of(const char *datagram)
{
    static const struct {
        const char *word;
        unsigned meaning;
    } words[] = {{"waveform ", BELL_WAVEFORM}, {"metrics ", BELL_METRICS}, {"session ", BELL_SESSION}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncmp(datagram, words[i].word, strlen(words[i].word)) == 0)
            return words[i].meaning;
    return BELL_ALL;
}

/* A queue that was full may have lost a ring, and of all rings those for waveforms may not wait for the next second. */
unsigned bell_wait(int bell, int timeout_ms)
{
    enum { QUEUE_DATAGRAMS = 10 }; /* net.unix.max_dgram_qlen */
    struct pollfd fd = {.fd = bell, .events = POLLIN};
    char datagram[256];
    unsigned rung = 0;
    int count = 0;
    if (poll(&fd, 1, timeout_ms) <= 0)
        return 0;
    for (ssize_t length; (length = recv(bell, datagram, sizeof datagram - 1, 0)) >= 0; count++) {
        datagram[length] = '\0';
        rung |= meaning_of(datagram);
    }
    return count >= QUEUE_DATAGRAMS ? rung | BELL_WAVEFORM : rung;
}

void bell_close(int bell, const char *run_folder, const char *name)
{
    struct sockaddr_un address;
    if (bell < 0)
        return;
    close(bell);
    if (address_of(run_folder, name, &address))
        unlink(address.sun_path);
}
