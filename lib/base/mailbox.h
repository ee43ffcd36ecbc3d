/* A queue between threads: anybody posts, one thread takes everything that has come since it last looked.

What is posted begins with a struct mail, so posting allocates nothing and cannot fail. The taker either asks now and
then (mailbox_take), or sleeps until something comes or a time is reached (mailbox_wait). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first member of whatever is posted. */
struct mail {
    struct mail *next;
};

struct mailbox;

/* NULL when out of memory or threads. Nothing is freed that still lies in it: take it out first. */
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *box); /* NULL is allowed */

/* Hands `mail` over. True when the box was empty before: then the taker may be asleep and wants to be woken. */
bool mailbox_post(struct mailbox *box, struct mail *mail);

/* Everything that was posted, oldest first, as a list; NULL when there is nothing. */
struct mail *mailbox_take(struct mailbox *box);

/* As mailbox_take, but sleeps until something is there or the monotonic clock (clock_monotonic_us) reaches
   `until_us`. */
struct mail *mailbox_wait(struct mailbox *box, int64_t until_us);
