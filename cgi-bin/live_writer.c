/* The writer: what the ward produced goes into the database in batches, twice a second, each batch in one transaction.

While the database is away, rows wait; when too many wait, the oldest are given up, said in the log and counted. Rows
may be stored again after a commit nobody knows the end of: a repeat is recognised. */
#include <math.h>
#include <poll.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "live.h"
#include "live_orders.h"
#include "store/results.h"
#include "store/virtual.h"

enum {
    FLUSH_US = 500000,
    RETRY_US = 1000000,
    BATCH_ROWS = 2000,
    BACKLOG_BYTES = 256 << 20,
    LAST_CHANCE_US = 3000000, /* how long the end waits for a database that is away */
    EXPIRE_EVERY_US = 60000000,
};
#define PARTITIONS_EVERY_US (24 * 3600 * INT64_C(1000000))

struct writer {
    struct live *live;
    struct db *db;
    struct row *first; /* what waits, oldest first, linked by mail.next */
    struct row **end;
    struct results results;
    struct buf packed;
    bool closed; /* what an earlier life left open */
    int64_t next_expire_us, next_partitions_us;
    uint64_t given_up;
};

static struct row *row_after(const struct row *row)
{
    return (struct row *)(void *)row->mail.next;
}

static void drop_first(struct writer *writer)
{
    struct row *row = writer->first;
    writer->first = row_after(row);
    if (!writer->first)
        writer->end = &writer->first;
    atomic_fetch_sub(&writer->live->writer_backlog, (long)row_bytes(row));
    free(row);
}

static void append(struct writer *writer, struct mail *mail)
{
    for (struct mail *next; mail; mail = next) {
        next = mail->next;
        mail->next = NULL;
        *writer->end = (struct row *)(void *)mail;
        writer->end = (struct row **)(void *)&mail->next;
    }
}

static void bound_backlog(struct writer *writer)
{
    uint64_t dropped = 0;
    for (; writer->first && atomic_load(&writer->live->writer_backlog) > BACKLOG_BYTES; dropped++)
        drop_first(writer);
    if (dropped == 0)
        return;
    writer->given_up += dropped;
    log_warning("the database is away for too long: %llu rows of virtual patients are given up, %llu in all",
                (unsigned long long)dropped, (unsigned long long)writer->given_up);
}

static void add_beat(struct results *results, const struct row *row)
{
    results_add_beat(results, &(struct stored_beat){
                                  .session_key = row->session_key,
                                  .time_us = row->time_us,
                                  .n = row->n,
                                  .source = row->beat.truth ? "truth" : "computed",
                                  .code = row->beat.code,
                                  .lead = row->beat.lead,
                                  .amplitude = (double)row->beat.amplitude,
                                  .rr_ms = row->beat.rr_ms,
                                  .heart_rate_bpm = row->beat.heart_rate_bpm,
                                  .has_waves = row->beat.has_waves,
                                  .waves = row->beat.waves,
                              });
}

static hl_result store_signal(struct writer *writer, const struct row *row)
{
    struct ecg_chunk chunk = {.start_us = row->time_us,
                              .fs_hz = row->signal.fs_hz,
                              .units = ECG_UNITS_MV,
                              .lead_count = ECG_STANDARD_LEADS,
                              .sample_count = row->signal.sample_count};
    for (size_t lead = 0; lead < ECG_STANDARD_LEADS; lead++) {
        chunk.leads[lead] = (enum ecg_lead)lead;
        chunk.samples[lead] = row->samples + lead * row->signal.capacity;
    }
    return virtual_store_signal(writer->db, row->session_key, &chunk, &writer->packed);
}

static hl_result store_row(struct writer *writer, const struct row *row)
{
    if (row->kind == ROW_SIGNAL)
        return store_signal(writer, row);
    if (row->kind == ROW_BEAT)
        add_beat(&writer->results, row);
    else
        results_add(&writer->results, row->finding.kind, (const char *)row->samples, row->finding.length);
    return HL_OK;
}

static hl_result store_rows(struct writer *writer, size_t *stored)
{
    hl_result code = HL_OK;
    *stored = 0;
    results_clear(&writer->results);
    for (const struct row *row = writer->first; code == HL_OK && row && *stored < BATCH_ROWS; row = row_after(row)) {
        code = store_row(writer, row);
        ++*stored;
    }
    if (code == HL_OK && !results_empty(&writer->results))
        code = results_store(writer->db, &writer->results);
    return code;
}

/* One transaction. HL_OK also when rows that can never be stored were given up. */
static hl_result store_batch(struct writer *writer)
{
    size_t stored = 0;
    hl_result code = db_begin(writer->db);
    if (code == HL_OK)
        code = store_rows(writer, &stored);
    if (code == HL_OK)
        code = db_commit(writer->db);
    if (code != HL_OK)
        db_rollback(writer->db);
    if (code == HL_UNAVAILABLE || code == HL_NO_MEMORY)
        return code;
    if (code != HL_OK)
        log_error("rows of virtual patients are refused by the database: %s", db_last_error(writer->db));
    for (; stored > 0; stored--)
        drop_first(writer);
    return HL_OK;
}

/* Before the first row of this life: what was open when the last one ended goes on no more. */
static hl_result close_the_past(struct writer *writer)
{
    hl_result code = writer->closed ? HL_OK : virtual_close_episodes(writer->db);
    writer->closed = code == HL_OK;
    return code;
}

static hl_result store_all(struct writer *writer)
{
    hl_result code = close_the_past(writer);
    while (code == HL_OK && writer->first)
        code = store_batch(writer);
    return code;
}

/* Old signal goes a batch at a time, so that nobody waits for it. */
static void keep_house(struct writer *writer)
{
    int64_t now_us = clock_monotonic_us(), deleted = 0;
    if (now_us >= writer->next_partitions_us && virtual_ensure_partitions(writer->db) == HL_OK)
        writer->next_partitions_us = now_us + PARTITIONS_EVERY_US;
    if (now_us < writer->next_expire_us)
        return;
    writer->next_expire_us = now_us + EXPIRE_EVERY_US;
    if (virtual_expire_signal(writer->db, writer->live->virtual_hours, &deleted) == HL_OK && deleted > 0)
        writer->next_expire_us = now_us;
}

static void write_the_rest(struct writer *writer)
{
    int64_t until_us = clock_monotonic_us() + LAST_CHANCE_US;
    append(writer, mailbox_take(writer->live->writer_rows));
    while (store_all(writer) != HL_OK && clock_monotonic_us() < until_us)
        poll(NULL, 0, 100);
    if (writer->first)
        log_warning("the database is away: the last seconds of virtual patients are not stored");
    while (writer->first)
        drop_first(writer);
}

void *writer_main(void *argument)
{
    struct writer writer = {.live = argument};
    writer.end = &writer.first;
    if (db_open(writer.live->database, LIVE_PATIENCE_MS, &writer.db) != HL_OK) {
        log_error("out of memory");
        exit(1);
    }
    int64_t next_us = clock_monotonic_us();
    while (!atomic_load(&writer.live->writer_stopping)) {
        append(&writer, mailbox_wait(writer.live->writer_rows, next_us));
        bound_backlog(&writer);
        if (clock_monotonic_us() < next_us)
            continue;
        bool stored = store_all(&writer) == HL_OK;
        if (stored)
            keep_house(&writer);
        next_us = clock_monotonic_us() + (stored ? FLUSH_US : RETRY_US);
    }
    write_the_rest(&writer);
    results_free(&writer.results);
    buf_free(&writer.packed);
    db_close(writer.db);
    return NULL;
}
