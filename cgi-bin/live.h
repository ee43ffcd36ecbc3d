/* What the threads of live share.

    loop     the streams: the hub and its sockets (stream/server.h)
    ingest   what devices uploaded: analysed, stored, told
    ward     the virtual hearts, on time whatever the database does
    clerk    what is asked of virtual patients, from the database to the ward
    writer   what the ward produced, into the database

They share nothing but mailboxes. Each that talks to PostgreSQL has a connection of its own. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/mailbox.h"
#include "stream/server.h"

struct live {
    const char *run_folder;
    const char *database;
    int virtual_hours; /* how long the signal of virtual patients is kept */
    int ingest_bell, ward_bell;
    struct stream_server *server;
    struct mailbox *ward_orders; /* clerk -> ward */
    struct mailbox *writer_rows; /* ward -> writer */
    atomic_bool stopping;        /* all but the writer */
    atomic_bool writer_stopping; /* set when nothing more comes from the ward */
    atomic_long writer_backlog;  /* bytes that wait for the writer */
};

/* The threads' main functions; `argument` is the struct live. */
void *ingest_main(void *argument);
void *ward_main(void *argument);
void *clerk_main(void *argument);
void *writer_main(void *argument);

/* How long a thread waits for a database that is away before it goes on with other things. */
enum { LIVE_PATIENCE_MS = 200 };
