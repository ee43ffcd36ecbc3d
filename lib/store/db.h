/* One connection to PostgreSQL, its prepared statements, and the way arguments go in and rows come out, all binary.

Blocking by design: a FastCGI worker serves one request at a time and live gives each connection a thread. Statements
are prepared on first use and again after a reconnect. A connection found dead before a statement was sent is replaced
and the statement tried again, for at most the connection's patience; a statement that was already sent is repeated only
when the query says it may be (db_repeatable), since nobody knows whether the first one was committed.

Not thread safe: one struct db, one thread. Where the SQL is: sql/queries/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/result.h"
#include "store/query.h"

struct db;

/* `conninfo` as libpq takes it. Connects lazily, so this fails only when out of memory. `patience_ms`: how long calls
   wait for a server that is away before they give HL_UNAVAILABLE; once it has been away for that long, they try once
   and do not wait. */
HL_MUST_CHECK hl_result db_open(const char *conninfo, int patience_ms, struct db **out);
void db_close(struct db *db);

/* Arguments in order $1, $2, ... Text and bytes are borrowed until the statement has run; numbers are copied. */
enum { DB_MAX_ARGS = 40 };
struct db_args {
    int count;
    bool failed; /* too many arguments, or out of memory for an array */
    unsigned types[DB_MAX_ARGS];
    const char *values[DB_MAX_ARGS];
    int lengths[DB_MAX_ARGS];
    unsigned char scratch[DB_MAX_ARGS][8];
    void *owned[4]; /* encoded arrays; freed by db_run */
    int owned_count;
};

void db_text(struct db_args *args, const char *text); /* NULL is SQL NULL */
void db_textn(struct db_args *args, const char *text, size_t length);
void db_json(struct db_args *args, const char *text); /* sent as json text; cast ::jsonb is not needed */
void db_uuid(struct db_args *args, const char *text); /* 36 characters as text, or NULL */
void db_bool(struct db_args *args, bool value);
void db_int(struct db_args *args, int64_t value);                      /* bigint */
void db_int4(struct db_args *args, int32_t value);                     /* integer */
void db_real(struct db_args *args, double value);                      /* float4; NaN is SQL NULL */
void db_double(struct db_args *args, double value);                    /* float8; NaN is SQL NULL */
void db_time(struct db_args *args, int64_t time_us);                   /* timestamptz; DB_NO_TIME is SQL NULL */
void db_bytes(struct db_args *args, const void *bytes, size_t length); /* bytea */
void db_text_array(struct db_args *args, const char *const *texts, size_t count);
/* Parallel arrays, for inserting many rows with unnest. NaN elements are SQL NULL in the double array. */
void db_int_array(struct db_args *args, const int64_t *values, size_t count);
void db_double_array(struct db_args *args, const double *values, size_t count);
void db_time_array(struct db_args *args, const int64_t *times_us, size_t count);

#define DB_NO_TIME INT64_MIN

/* Rows of a statement. Free with db_rows_free, also after a failure; getters read NULL as said. */
struct db_rows {
    void *pg; /* PGresult */
    int count;
};
void db_rows_free(struct db_rows *rows);
bool db_is_null(const struct db_rows *rows, int row, int column);
/* NUL-terminated, valid until db_rows_free; NULL for SQL NULL. Columns of type text, name, json, "char"; a uuid must
   be cast to text in the statement. */
const char *db_get_text(const struct db_rows *rows, int row, int column);
/* A copy of it in the arena; NULL for SQL NULL. */
const char *db_keep_text(struct arena *arena, const struct db_rows *rows, int row, int column);
const void *db_get_bytes(const struct db_rows *rows, int row, int column, size_t *length);
int64_t db_get_int(const struct db_rows *rows, int row, int column);   /* smallint, integer or bigint; 0 for NULL */
double db_get_double(const struct db_rows *rows, int row, int column); /* float4 or float8; NAN for NULL */
bool db_get_bool(const struct db_rows *rows, int row, int column);     /* false for NULL */
int64_t db_get_time(const struct db_rows *rows, int row, int column);  /* timestamptz in µs; DB_NO_TIME for NULL */

/* Run one statement. `args` may be NULL; it is consumed. `rows` may be NULL when none matter.
   HL_UNAVAILABLE: the server is away, shutting down, out of disk or too slow. HL_CONFLICT: a unique key. HL_INVALID:
   a value the schema refuses. HL_NOT_FOUND: a foreign key points nowhere. HL_INTERNAL: anything else, logged. */
HL_MUST_CHECK hl_result db_run(struct db *db, const struct db_query *query, struct db_args *args, struct db_rows *rows);
/* The same for a statement that may safely run twice (a read, or a write that recognises its repeat): it is sent again
   when the connection died under it. */
HL_MUST_CHECK hl_result db_run_repeatable(struct db *db, const struct db_query *query, struct db_args *args,
                                          struct db_rows *rows);

/* Transactions. db_commit gives HL_UNAVAILABLE when the connection died: then nobody knows, and what was written must
   be recognisable when it is written again. */
HL_MUST_CHECK hl_result db_begin(struct db *db);
HL_MUST_CHECK hl_result db_commit(struct db *db);
void db_rollback(struct db *db);

/* Several statements at once, inside the transaction that db_begin opened: migrations and views. PostgreSQL's words go
   to `error`. */
HL_MUST_CHECK hl_result db_script(struct db *db, const char *sql, struct hl_error *error);

/* Does the server answer? */
HL_MUST_CHECK hl_result db_ping(struct db *db);

/* Why the last call on this connection failed, for a log or an administrator; never for an API client. */
const char *db_last_error(const struct db *db);
