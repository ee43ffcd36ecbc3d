/* live: virtual patients, the analysis of what devices uploaded, and the streams. Its threads are described in live.h.

    live        takes its settings from the environment (heartline config prints them), serves RUN/live.sock

One instance only works on a run folder, since two would analyse everything twice. SIGTERM and SIGINT end it cleanly;
after a kill -9 the next one finds in the database what was not analysed. */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "live_bell.h"

/* The lock ends with the process, however that ends. */
static bool lock_run_folder(const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/live.lock", folder);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
    if (lock < 0) {
        log_error("cannot open %s: %s", path, strerror(errno));
        return false;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        log_error("another live works in %s already", folder);
        close(lock);
        return false;
    }
    return true;
}

static void *loop_main(void *argument)
{
    const struct live *live = argument;
    stream_server_run(live->server);
    if (!atomic_load(&live->stopping)) {
        log_error("the event loop has failed; the next life begins with a new one");
        exit(1);
    }
    return NULL;
}

enum { THREAD_LOOP, THREAD_INGEST, THREAD_WARD, THREAD_CLERK, THREAD_WRITER, THREAD_COUNT };

static const struct {
    const char *name;
    void *(*run)(void *);
} threads[THREAD_COUNT] = {
    [THREAD_LOOP] = {"loop", loop_main},       [THREAD_INGEST] = {"ingest", ingest_main},
    [THREAD_WARD] = {"ward", ward_main},       [THREAD_CLERK] = {"clerk", clerk_main},
    [THREAD_WRITER] = {"writer", writer_main},
};

static bool start_threads(struct live *live, pthread_t ids[THREAD_COUNT])
{
    for (int i = 0; i < THREAD_COUNT; i++) {
        if (pthread_create(&ids[i], NULL, threads[i].run, live) != 0) {
            log_error("cannot start the %s thread", threads[i].name);
            return false;
        }
        pthread_setname_np(ids[i], threads[i].name);
    }
    return true;
}

/* The ward stops first, then what it produced is stored; the streams stay until the end. */
static void stop_threads(struct live *live, pthread_t ids[THREAD_COUNT])
{
    atomic_store(&live->stopping, true);
    pthread_join(ids[THREAD_WARD], NULL);
    atomic_store(&live->writer_stopping, true);
    pthread_join(ids[THREAD_CLERK], NULL);
    pthread_join(ids[THREAD_INGEST], NULL);
    pthread_join(ids[THREAD_WRITER], NULL);
    stream_server_stop(live->server);
    pthread_join(ids[THREAD_LOOP], NULL);
}

static void free_mail(struct mailbox *box)
{
    for (struct mail *mail = box ? mailbox_take(box) : NULL, *next; mail; mail = next) {
        next = mail->next;
        free(mail);
    }
    mailbox_free(box);
}

static hl_result make_parts(struct live *live, struct hub **hub, struct hl_error *error)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/live.sock", live->run_folder);
    live->ward_orders = mailbox_new();
    live->writer_rows = mailbox_new();
    if (!live->ward_orders || !live->writer_rows || hub_new(clock_now_us(), &hub_default_limits, hub) != HL_OK)
        return hl_fail(error, HL_NO_MEMORY, "", "out of memory");
    live->ingest_bell = bell_open(live->run_folder, "ingest.bell");
    live->ward_bell = bell_open(live->run_folder, "ward.bell");
    if (live->ingest_bell < 0 || live->ward_bell < 0)
        return hl_fail(error, HL_IO, "", "cannot listen to the API");
    return stream_server_new(path, *hub, &live->server, error);
}

static void free_parts(struct live *live, struct hub *hub)
{
    stream_server_free(live->server);
    hub_free(hub);
    bell_close(live->ingest_bell, live->run_folder, "ingest.bell");
    bell_close(live->ward_bell, live->run_folder, "ward.bell");
    free_mail(live->ward_orders);
    free_mail(live->writer_rows);
}

static void give_up(int signal_number)
{
    static const char words[] = "live: the end took too long; what was not stored yet is lost\n";
    (void)signal_number;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(2);
    _exit(1);
}

/* A thread may wait for a database that hangs and never answers: the end does not wait for it for ever. */
static void end_in_time(void)
{
    enum { END_SECONDS = 10 };
    signal(SIGALRM, give_up);
    alarm(END_SECONDS);
}

static int serve(struct live *live, const sigset_t *ends)
{
    struct hl_error error = {0};
    struct hub *hub = NULL;
    pthread_t ids[THREAD_COUNT];
    int signal_number;
    if (make_parts(live, &hub, &error) != HL_OK) {
        log_error("live cannot start: %s", error.detail);
        return 1;
    }
    if (!start_threads(live, ids))
        return 1;
    log_info("live serves %s/live.sock", live->run_folder);
    sigwait(ends, &signal_number);
    log_info("live ends: %s", strsignal(signal_number));
    end_in_time();
    stop_threads(live, ids);
    free_parts(live, hub);
    return 0;
}

int main(void)
{
    struct hl_error error = {0};
    struct live live = {.ingest_bell = -1, .ward_bell = -1};
    long hours = 24;
    sigset_t ends;
    log_open("live", log_level_from_name(config_text(CONFIG_LOG)));
    if (config_int(CONFIG_VIRTUAL_HOURS, 1, 24 * 366, &hours, &error) != HL_OK) {
        log_error("%s", error.detail);
        return 1;
    }
    live.run_folder = config_text(CONFIG_RUN);
    live.database = config_text(CONFIG_DATABASE);
    live.virtual_hours = (int)hours;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!lock_run_folder(live.run_folder))
        return 1;
    return serve(&live, &ends);
}
