/* The queue between threads: a list under a mutex, and a condition for the taker that sleeps. */
#include "base/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct mailbox {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct mail *first;
    struct mail **end;
};

struct mailbox *mailbox_new(void)
{
    struct mailbox *box = calloc(1, sizeof *box);
    pthread_condattr_t attributes;
    if (!box || pthread_condattr_init(&attributes) != 0) {
        free(box);
        return NULL;
    }
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    bool made = pthread_mutex_init(&box->mutex, NULL) == 0;
    if (made && pthread_cond_init(&box->filled, &attributes) != 0) {
        pthread_mutex_destroy(&box->mutex);
        made = false;
    }
    pthread_condattr_destroy(&attributes);
    if (!made) {
        free(box);
        return NULL;
    }
    box->end = &box->first;
    return box;
}

void mailbox_free(struct mailbox *box)
{
    if (!box)
        return;
    pthread_cond_destroy(&box->filled);
    pthread_mutex_destroy(&box->mutex);
    free(box);
}

bool mailbox_post(struct mailbox *box, struct mail *mail)
{
    mail->next = NULL;
    pthread_mutex_lock(&box->mutex);
    bool was_empty = !box->first;
    *box->end = mail;
    box->end = &mail->next;
    if (was_empty)
        pthread_cond_signal(&box->filled);
    pthread_mutex_unlock(&box->mutex);
    return was_empty;
}

static struct mail *take_locked(struct mailbox *box)
{
    struct mail *first = box->first;
    box->first = NULL;
    box->end = &box->first;
    return first;
}

struct mail *mailbox_take(struct mailbox *box)
{
    pthread_mutex_lock(&box->mutex);
    struct mail *first = take_locked(box);
    pthread_mutex_unlock(&box->mutex);
    return first;
}

struct mail *mailbox_wait(struct mailbox *box, int64_t until_us)
{
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    pthread_mutex_lock(&box->mutex);
    while (!box->first && pthread_cond_timedwait(&box->filled, &box->mutex, &until) == 0)
        continue;
    struct mail *first = take_locked(box);
    pthread_mutex_unlock(&box->mutex);
    return first;
}
