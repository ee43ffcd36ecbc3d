/* The connection: connecting and reconnecting, preparing, running, and naming what went wrong. How single values are
encoded is in db_values.c. */
#include "store/db.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "queries.h"

enum { PREPARED_SLOTS = 256 };

struct db {
    char *conninfo;
    int patience_ms;
    int64_t away_since_us; /* monotonic: when connecting first failed; 0 while the server is there */
    PGconn *pg;
    const struct db_query *prepared[PREPARED_SLOTS]; /* open addressing by pointer */
    bool in_transaction;
    bool leaving; /* the server has said that it ends this connection */
    char last_error[256];
};

hl_result db_open(const char *conninfo, int patience_ms, struct db **out)
{
    struct db *db = calloc(1, sizeof *db);
    char *copy = strdup(conninfo);
    if (!db || !copy) {
        free(db);
        free(copy);
        return HL_NO_MEMORY;
    }
    db->conninfo = copy;
    db->patience_ms = patience_ms;
    *out = db;
    return HL_OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    PQfinish(db->pg);
    free(db->conninfo);
    free(db);
}

const char *db_last_error(const struct db *db)
{
    return db->last_error;
}

static void remember_error(struct db *db, const char *text)
{
    snprintf(db->last_error, sizeof db->last_error, "%s", text ? text : "");
    size_t length = strlen(db->last_error);
    while (length > 0 && db->last_error[length - 1] == '\n')
        db->last_error[--length] = '\0';
}

static void drop_connection(struct db *db)
{
    PQfinish(db->pg);
    db->pg = NULL;
    db->in_transaction = false;
    db->leaving = false;
    memset(db->prepared, 0, sizeof db->prepared);
}

/* What the server says unasked: nothing to us, except that it is going. */
static void take_notice(void *context, const PGresult *result)
{
    struct db *db = context;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0))
        db->leaving = true;
}

static bool connect_once(struct db *db)
{
    drop_connection(db);
    const char *keywords[] = {"dbname", "connect_timeout", "fallback_application_name", NULL};
    const char *values[] = {db->conninfo, "2", "heartline", NULL};
    db->pg = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(db->pg) == CONNECTION_OK) {
        PQsetNoticeReceiver(db->pg, take_notice, db);
        db->away_since_us = 0;
        return true;
    }
    remember_error(db, PQerrorMessage(db->pg));
    if (db->away_since_us == 0)
        db->away_since_us = clock_monotonic_us();
    drop_connection(db);
    return false;
}

/* A socket that became readable while nobody asked anything: the server closed it, or says that it will (its last words
   may come before the end does), or has a notice, which is no harm. */
static bool seems_alive(struct db *db)
{
    if (!db->pg || PQstatus(db->pg) != CONNECTION_OK)
        return false;
    struct pollfd fd = {.fd = PQsocket(db->pg), .events = POLLIN};
    while (!db->leaving && poll(&fd, 1, 0) != 0) {
        if (PQconsumeInput(db->pg) != 1 || PQstatus(db->pg) != CONNECTION_OK)
            return false;
        (void)PQisBusy(db->pg); /* looks at what came: take_notice */
    }
    return !db->leaving;
}

/* An outage is waited for once, however many calls come during it. */
static int64_t outage_deadline_us(const struct db *db, int64_t deadline_us)
{
    int64_t outage_us = db->away_since_us + (int64_t)db->patience_ms * 1000;
    return outage_us < deadline_us ? outage_us : deadline_us;
}

static bool ensure_connected(struct db *db, int64_t deadline_us)
{
    if (seems_alive(db))
        return true;
    if (db->in_transaction) { /* its earlier statements are gone: only the caller can start again */
        drop_connection(db);
        return false;
    }
    for (int wait_ms = 20;; wait_ms = wait_ms < 320 ? wait_ms * 2 : 320) {
        if (connect_once(db))
            return true;
        if (clock_monotonic_us() + wait_ms * 1000 >= outage_deadline_us(db, deadline_us))
            return false;
        poll(NULL, 0, wait_ms);
    }
}

static const struct db_query **prepared_slot(struct db *db, const struct db_query *query)
{
    size_t at = ((uintptr_t)query / sizeof *query) % PREPARED_SLOTS;
    for (size_t tried = 0; tried < PREPARED_SLOTS; tried++, at = (at + 1) % PREPARED_SLOTS)
        if (!db->prepared[at] || db->prepared[at] == query)
            return &db->prepared[at];
    return NULL;
}

/* SQLSTATE to result: the first matching prefix decides. */
static const struct {
    const char *prefix;
    hl_result result;
} sqlstates[] = {
    {"23505", HL_CONFLICT},    /* unique_violation */
    {"23503", HL_NOT_FOUND},   /* foreign_key_violation */
    {"23", HL_INVALID},        /* check, not null */
    {"22", HL_INVALID},        /* data exception */
    {"08", HL_UNAVAILABLE},    /* connection */
    {"53", HL_UNAVAILABLE},    /* out of disk, memory, connections */
    {"57014", HL_UNAVAILABLE}, /* statement timeout */
    {"57P", HL_UNAVAILABLE},   /* shutting down, starting up */
    {"40", HL_UNAVAILABLE},    /* serialisation, deadlock */
    {"25006", HL_UNAVAILABLE}, /* read-only: a standby */
};

static hl_result result_of_sqlstate(const char *state)
{
    for (size_t i = 0; state && i < sizeof sqlstates / sizeof sqlstates[0]; i++)
        if (strncmp(state, sqlstates[i].prefix, strlen(sqlstates[i].prefix)) == 0)
            return sqlstates[i].result;
    return HL_INTERNAL;
}

static hl_result judge(struct db *db, PGresult *result, const char *what)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return HL_OK;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    remember_error(db, state ? PQresultErrorMessage(result) : PQerrorMessage(db->pg));
    hl_result code = PQstatus(db->pg) == CONNECTION_BAD ? HL_UNAVAILABLE : result_of_sqlstate(state);
    if (code == HL_INTERNAL || code == HL_UNAVAILABLE)
        log_error("database: %s: %s", what, db->last_error);
    return code;
}

static hl_result prepare(struct db *db, const struct db_query *query, const struct db_args *args)
{
    const struct db_query **slot = prepared_slot(db, query);
    if (!slot)
        return HL_INTERNAL;
    if (*slot)
        return HL_OK;
    PGresult *result = PQprepare(db->pg, query->name, query->text, args->count, args->types);
    hl_result code = judge(db, result, query->name);
    PQclear(result);
    if (code == HL_OK)
        *slot = query;
    return code;
}

static hl_result run_once(struct db *db, const struct db_query *query, const struct db_args *args, struct db_rows *rows)
{
    hl_result code = prepare(db, query, args);
    if (code != HL_OK)
        return code;
    static const int binary[DB_MAX_ARGS] = {[0 ... DB_MAX_ARGS - 1] = 1};
    PGresult *result = PQexecPrepared(db->pg, query->name, args->count, args->values, args->lengths, binary, 1);
    code = judge(db, result, query->name);
    if (rows && code == HL_OK)
        *rows = (struct db_rows){.pg = result, .count = PQntuples(result)};
    else
        PQclear(result);
    return code;
}

static void args_release(struct db_args *args)
{
    for (int i = 0; i < args->owned_count; i++)
        free(args->owned[i]);
    args->owned_count = 0;
}

static hl_result run(struct db *db, const struct db_query *query, struct db_args *args, struct db_rows *rows,
                     bool repeatable)
{
    struct db_args none = {0};
    if (!args)
        args = &none;
    if (rows)
        *rows = (struct db_rows){0};
    if (args->failed) {
        args_release(args);
        return HL_NO_MEMORY;
    }
    int64_t deadline_us = clock_monotonic_us() + (int64_t)db->patience_ms * 1000;
    hl_result code = HL_UNAVAILABLE;
    bool was_in_transaction = db->in_transaction;
    while (ensure_connected(db, deadline_us)) {
        code = run_once(db, query, args, rows);
        bool lost = PQstatus(db->pg) == CONNECTION_BAD;
        if (lost)
            drop_connection(db);
        if (!lost || !repeatable || was_in_transaction || clock_monotonic_us() >= deadline_us)
            break;
    }
    args_release(args);
    return code;
}

hl_result db_run(struct db *db, const struct db_query *query, struct db_args *args, struct db_rows *rows)
{
    return run(db, query, args, rows, false);
}

hl_result db_run_repeatable(struct db *db, const struct db_query *query, struct db_args *args, struct db_rows *rows)
{
    return run(db, query, args, rows, true);
}

static hl_result command(struct db *db, const char *sql)
{
    PGresult *result = PQexec(db->pg, sql);
    hl_result code = judge(db, result, sql);
    PQclear(result);
    return code;
}

hl_result db_begin(struct db *db)
{
    if (!ensure_connected(db, clock_monotonic_us() + (int64_t)db->patience_ms * 1000))
        return HL_UNAVAILABLE;
    hl_result code = command(db, "begin");
    db->in_transaction = code == HL_OK;
    return code;
}

hl_result db_commit(struct db *db)
{
    if (!db->pg)
        return HL_UNAVAILABLE;
    bool failed_before = PQtransactionStatus(db->pg) == PQTRANS_INERROR;
    hl_result code = command(db, "commit");
    db->in_transaction = false;
    return code == HL_OK && failed_before ? HL_INTERNAL : code;
}

void db_rollback(struct db *db)
{
    if (db->pg && PQstatus(db->pg) == CONNECTION_OK && PQtransactionStatus(db->pg) != PQTRANS_IDLE &&
        command(db, "rollback") != HL_OK)
        drop_connection(db);
    db->in_transaction = false;
}

hl_result db_script(struct db *db, const char *sql, struct hl_error *error)
{
    if (!db->in_transaction || !seems_alive(db))
        return hl_fail(error, HL_UNAVAILABLE, "", "There is no open transaction.");
    PGresult *result = PQexec(db->pg, sql);
    hl_result code = judge(db, result, "script");
    PQclear(result);
    return code == HL_OK ? HL_OK : hl_fail(error, code, "", "%s", db_last_error(db));
}

hl_result db_ping(struct db *db)
{
    return db_run_repeatable(db, &query_ping, NULL, NULL);
}
