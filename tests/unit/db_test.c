/* The connection and the rows, against a PostgreSQL of this test's own in a temporary folder: values go in and come out
unchanged, failures get their names, and a server that goes away and comes back costs no more than the wait agreed on.
Statements stand here in C, because they are about the connection and about no table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ecg/hrv.h"
#include "queries.h"
#include "store/analysis.h"
#include "store/db.h"
#include "store/metrics.h"
#include "store/results.h"
#include "store/sessions.h"
#include "store/users.h"
#include "store/waveforms.h"

enum { PATIENCE_MS = 1500 };

struct cluster {
    char folder[32];
    bool there;
    struct db *db;
    struct arena *arena;
};

/* Runs a script with $d (the folder), $bin (PostgreSQL's programs) and `as` (becomes who may run a server). */
static int shell(const struct cluster *cluster, const char *script)
{
    char command[3000];
    int length = snprintf(command, sizeof command,
                          "set -e; d=%s; bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1); "
                          "as() { if [ $(id -u) = 0 ]; then runuser -u postgres -- \"$@\"; else \"$@\"; fi; }; "
                          "exec >>$d/log 2>&1; %s",
                          cluster->folder, script);
    assert_in_range(length, 1, sizeof command - 1);
    return system(command);
}

static int start(const struct cluster *cluster)
{
    return shell(cluster, "cd /; as \"$bin/pg_ctl\" -D $d/pg -w -l $d/pg.log -o \"-k $d\" start");
}

static int stop(const struct cluster *cluster)
{
    return shell(cluster, "cd /; as \"$bin/pg_ctl\" -D $d/pg -w -m immediate stop");
}

static int make_cluster(void **state)
{
    static struct cluster cluster = {.folder = "/tmp/hl-db-XXXXXX"};
    *state = &cluster;
    char conninfo[128];
    assert_non_null(mkdtemp(cluster.folder));
    if (system("ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1") != 0)
        return 0; /* no PostgreSQL here: the tests are skipped */
    int made = shell(&cluster, "chmod 755 $d; [ $(id -u) != 0 ] || chown postgres $d; cd /; "
                               "as \"$bin/initdb\" -D $d/pg -U postgres -A trust -N -E UTF8 --locale=C.UTF-8; "
                               "printf \"listen_addresses=''\\nfsync=off\\nshared_buffers=16MB\\n\" | "
                               "as tee -a $d/pg/postgresql.conf");
    assert_int_equal(made, 0);
    assert_int_equal(start(&cluster), 0);
    made = shell(&cluster, "p=\"$bin/psql -Xq -v ON_ERROR_STOP=1 -h $d\"; $p -U postgres -f sql/roles.sql; "
                           "for f in sql/queries/migration_table.sql sql/migrations/*.sql sql/views.sql; do $p -1 -U "
                           "heartline_owner -d heartline -f $f; done");
    assert_int_equal(made, 0);
    snprintf(conninfo, sizeof conninfo, "host=%s dbname=heartline user=heartline_app", cluster.folder);
    assert_int_equal(db_open(conninfo, PATIENCE_MS, &cluster.db), HL_OK);
    cluster.arena = arena_new(4096);
    cluster.there = cluster.arena != NULL;
    return 0;
}

static int remove_cluster(void **state)
{
    struct cluster *cluster = *state;
    db_close(cluster->db);
    arena_free(cluster->arena);
    if (cluster->there && stop(cluster) != 0)
        return -1;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", cluster->folder);
    return system(command);
}

static struct db *database(void **state)
{
    const struct cluster *cluster = *state;
    if (!cluster->there)
        skip();
    return cluster->db;
}

static struct db *another(void **state, const char *role, int patience_ms)
{
    const struct cluster *cluster = *state;
    struct db *db = NULL;
    char conninfo[128];
    snprintf(conninfo, sizeof conninfo, "host=%s dbname=heartline user=%s", cluster->folder, role);
    assert_int_equal(db_open(conninfo, patience_ms, &db), HL_OK);
    return db;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */
static void values_come_back_unchanged(void **state)
{
    static const struct db_query query = {.name = "values", .text = "select $1, $2, $3, $4, $5, $6, $7, $8, $9"};
    struct db *db = database(state);
    struct db_args args = {0};
    struct db_rows rows;
    const int64_t time_us = INT64_C(-62135596800000000); /* the year 1 */
    size_t length;
    db_text(&args, "\xC3\xA9 'quoted' \\ \n");
    db_int(&args, INT64_MIN);
    db_int4(&args, INT32_MIN);
    db_real(&args, (double)FLT_TRUE_MIN);
    db_double(&args, -DBL_TRUE_MIN);
    db_bool(&args, true);
    db_time(&args, time_us);
    db_bytes(&args, "a\0b", 3);
    db_textn(&args, "cut here", 3);
    assert_int_equal(db_run(db, &query, &args, &rows), HL_OK);
    assert_int_equal(rows.count, 1);
    assert_string_equal(db_get_text(&rows, 0, 0), "\xC3\xA9 'quoted' \\ \n");
    assert_true(db_get_int(&rows, 0, 1) == INT64_MIN && db_get_int(&rows, 0, 2) == INT32_MIN);
    assert_true(db_get_double(&rows, 0, 3) == (double)FLT_TRUE_MIN && db_get_double(&rows, 0, 4) == -DBL_TRUE_MIN);
    assert_true(db_get_bool(&rows, 0, 5));
    assert_int_equal(db_get_time(&rows, 0, 6), time_us);
    assert_memory_equal(db_get_bytes(&rows, 0, 7, &length), "a\0b", 3);
    assert_int_equal(length, 3);
    assert_string_equal(db_get_text(&rows, 0, 8), "cut");
    db_rows_free(&rows);
    db_rows_free(&rows);
}

static void nothing_comes_back_as_nothing(void **state)
{
    static const struct db_query query = {.name = "nulls",
                                          .text =
                                              "select $1::text, $2::float4, $3::float8, $4::timestamptz, $5::bytea, "
                                              "null::bigint, null::boolean, ''::text"};
    struct db *db = database(state);
    struct cluster *cluster = *state;
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, NULL);
    db_real(&args, (double)NAN);
    db_double(&args, (double)NAN);
    db_time(&args, DB_NO_TIME);
    db_bytes(&args, NULL, 0);
    assert_int_equal(db_run(db, &query, &args, &rows), HL_OK);
    for (int column = 0; column < 7; column++)
        assert_true(db_is_null(&rows, 0, column));
    assert_null(db_get_text(&rows, 0, 0));
    assert_null(db_keep_text(cluster->arena, &rows, 0, 0));
    assert_true(isnan(db_get_double(&rows, 0, 1)) && isnan(db_get_double(&rows, 0, 2)));
    assert_true(db_get_time(&rows, 0, 3) == DB_NO_TIME);
    assert_true(db_get_int(&rows, 0, 5) == 0 && !db_get_bool(&rows, 0, 6));
    assert_string_equal(db_get_text(&rows, 0, 7), "");
    db_rows_free(&rows);
}

static void arrays_come_back_in_order(void **state)
{
    static const struct db_query query = {
        .name = "arrays", .text = "select * from unnest($1, $2, $3, $4) as a (text, whole, number, time)"};
    static const char *const texts[] = {"I", "", "a,\"b\"{}"};
    static const int64_t wholes[] = {INT64_MAX, 0, -1}, times[] = {0, 1, -1};
    const double numbers[] = {0.1, (double)NAN, -DBL_MAX};
    struct db *db = database(state);
    for (size_t count = 0; count <= 3; count += 3) {
        struct db_args args = {0};
        struct db_rows rows;
        db_text_array(&args, texts, count);
        db_int_array(&args, wholes, count);
        db_double_array(&args, numbers, count);
        db_time_array(&args, times, count);
        assert_int_equal(db_run(db, &query, &args, &rows), HL_OK);
        assert_int_equal(rows.count, count);
        for (int i = 0; i < rows.count; i++) {
            assert_string_equal(db_get_text(&rows, i, 0), texts[i]);
            assert_true(db_get_int(&rows, i, 1) == wholes[i] && db_get_time(&rows, i, 3) == times[i]);
            assert_true(i == 1 ? db_is_null(&rows, i, 2) : db_get_double(&rows, i, 2) == numbers[i]);
        }
        db_rows_free(&rows);
    }
}

static void too_many_arguments_are_refused(void **state)
{
    static const struct db_query query = {.name = "many", .text = "select 1"};
    struct db_args args = {0};
    for (int i = 0; i < DB_MAX_ARGS + 5; i++)
        db_int(&args, i);
    assert_true(args.failed);
    assert_int_equal(db_run(database(state), &query, &args, NULL), HL_NO_MEMORY);
}

/* ---- statements -------------------------------------------------------------------------------------------------- */
static void every_statement_of_ours_is_one(void **state)
{
    static const char *const plain[] = {"select", "with", "insert", "update", "delete"};
    (void)database(state);
    struct db *db = another(state, "heartline_owner", PATIENCE_MS);
    char text[20000];
    for (size_t i = 0; i < query_all_count; i++) {
        struct hl_error error = {0};
        bool preparable = false;
        for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
            preparable |= strncasecmp(query_all[i]->text, plain[k], strlen(plain[k])) == 0;
        if (!preparable || strncmp(query_all[i]->name, "migration_", 10) == 0)
            continue; /* COPY, and what migrate makes first */
        int length = snprintf(text, sizeof text, "prepare q%zu as %s", i, query_all[i]->text);
        assert_in_range(length, 1, sizeof text - 1);
        assert_int_equal(db_begin(db), HL_OK);
        if (db_script(db, text, &error) != HL_OK && !strstr(error.detail, "could not determine data type"))
            fail_msg("%s: %s", query_all[i]->name, error.detail);
        db_rollback(db);
    }
    db_close(db);
}

static void failures_have_names(void **state)
{
    static const struct {
        struct db_query query;
        hl_result result;
    } rows[] = {
        {{.name = "f1", .text = "insert into users (full_name, age) values ('A', 1000)"}, HL_INVALID},
        {{.name = "f2", .text = "insert into users (full_name) values (null)"}, HL_INVALID},
        {{.name = "f3", .text = "select 'x'::uuid"}, HL_INVALID},
        {{.name = "f4",
          .text = "insert into tokens (user_id, kind, expires_at) values (gen_random_uuid(), 'bearer', now())"},
         HL_NOT_FOUND},
        {{.name = "f5",
          .text = "with u as (insert into users (user_id, full_name, is_virtual) values "
                  "('11111111-2222-4333-8444-555555555555', 'A', true) returning 1) select 1 from u"},
         HL_OK},
        {{.name = "f6",
          .text = "insert into users (user_id, full_name, is_virtual) values "
                  "('11111111-2222-4333-8444-555555555555', 'B', true)"},
         HL_CONFLICT},
        {{.name = "f7", .text = "select set_config('statement_timeout', '50', false)"}, HL_OK},
        {{.name = "f8", .text = "select pg_sleep(5)"}, HL_UNAVAILABLE},
        {{.name = "f9", .text = "select nothing from nowhere"}, HL_INTERNAL},
        {{.name = "f10", .text = "drop table users"}, HL_INTERNAL},
    };
    (void)database(state);
    struct db *db = another(state, "heartline_app", PATIENCE_MS);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (db_run(db, &rows[i].query, NULL, NULL) != rows[i].result)
            fail_msg("%s: %s", rows[i].query.text, db_last_error(db));
        assert_true(rows[i].result == HL_OK || db_last_error(db)[0] != '\0');
        assert_int_equal(db_ping(db), HL_OK); /* and the connection is as good as before */
    }
    db_close(db);
}

static int64_t count_events(struct db *db)
{
    static const struct db_query query = {.name = "count_them", .text = "select count(*) from virtual_commands"};
    struct db_rows rows;
    assert_int_equal(db_run(db, &query, NULL, &rows), HL_OK);
    int64_t count = db_get_int(&rows, 0, 0);
    db_rows_free(&rows);
    return count;
}

static void a_transaction_is_whole_or_not_at_all(void **state)
{
    static const struct db_query add = {.name = "add_one",
                                        .text = "insert into virtual_commands (user_id, anomaly) "
                                                "select user_id, 'PVC' from users limit 1"};
    static const struct db_query broken = {.name = "broken", .text = "select 1 / (select 0)"};
    struct db *db = database(state), *other = another(state, "heartline_app", PATIENCE_MS);
    int64_t before = count_events(other);
    assert_int_equal(db_begin(db), HL_OK);
    assert_int_equal(db_run(db, &add, NULL, NULL), HL_OK);
    assert_int_equal(count_events(other), before);
    db_rollback(db);
    assert_int_equal(count_events(db), before);
    assert_int_equal(db_begin(db), HL_OK);
    assert_int_equal(db_run(db, &add, NULL, NULL), HL_OK);
    assert_int_equal(db_commit(db), HL_OK);
    assert_int_equal(count_events(other), before + 1);
    assert_int_equal(db_begin(db), HL_OK);
    assert_int_equal(db_run(db, &add, NULL, NULL), HL_OK);
    assert_int_not_equal(db_run(db, &broken, NULL, NULL), HL_OK);
    assert_int_not_equal(db_commit(db), HL_OK); /* PostgreSQL answers such a commit with a rollback */
    assert_int_equal(count_events(other), before + 1);
    db_rollback(db);
    db_close(other);
}

/* ---- a server that goes away ------------------------------------------------------------------------------------- */
static void end_connections(void **state)
{
    static const struct db_query query = {.name = "end_all",
                                          .text = "select pg_terminate_backend(pid, 2000) from pg_stat_activity "
                                                  "where usename = 'heartline_app'"};
    struct db *admin = another(state, "postgres", PATIENCE_MS);
    assert_int_equal(db_run(admin, &query, NULL, NULL), HL_OK);
    db_close(admin);
}

static void a_lost_connection_is_replaced(void **state)
{
    struct db *db = database(state);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(db_ping(db), HL_OK);
        end_connections(state);
        (void)count_events(db); /* prepared anew */
    }
    end_connections(state);
    assert_int_equal(db_begin(db), HL_OK);
    db_rollback(db);
}

static void a_transaction_does_not_outlive_its_connection(void **state)
{
    struct db *db = database(state);
    int64_t before = count_events(db);
    assert_int_equal(db_begin(db), HL_OK);
    end_connections(state);
    assert_int_equal(db_ping(db), HL_UNAVAILABLE);
    assert_int_not_equal(db_commit(db), HL_OK);
    db_rollback(db);
    assert_int_equal(count_events(db), before);
}

static void a_server_that_is_away_costs_the_patience_and_no_more(void **state)
{
    struct db *db = database(state);
    struct hl_error error = {0};
    assert_int_equal(stop(*state), 0);
    int64_t start_us = clock_monotonic_us();
    assert_int_equal(db_ping(db), HL_UNAVAILABLE);
    int64_t waited_ms = (clock_monotonic_us() - start_us) / 1000;
    assert_in_range(waited_ms, PATIENCE_MS / 2, PATIENCE_MS * 2);
    assert_int_equal(db_begin(db), HL_UNAVAILABLE);
    assert_int_not_equal(db_commit(db), HL_OK);
    assert_int_not_equal(db_script(db, "select 1", &error), HL_OK);
    assert_int_equal(start(*state), 0);
    assert_int_equal(db_ping(db), HL_OK);
    assert_true(count_events(db) >= 0);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */
static const char *new_user(struct cluster *cluster, const char *name, const char *serial)
{
    struct user user = {
        .full_name = name, .device_serial = serial, .age = -1, .role = ROLE_PATIENT, .password_hash = "x"};
    assert_int_equal(users_insert(cluster->db, cluster->arena, &user), HL_OK);
    return user.user_id;
}

static int64_t new_session(struct cluster *cluster, const char *user_id, const char *session_id)
{
    struct session_start begin = {.session_id = session_id,
                                  .user_id = user_id,
                                  .start_us = INT64_C(1736339696000000),
                                  .device_start_us = DB_NO_TIME,
                                  .origin = "device"};
    int64_t key = 0;
    const char *id;
    bool repeated;
    assert_int_equal(sessions_start(cluster->db, cluster->arena, &begin, &key, &id, &repeated), HL_OK);
    assert_string_equal(id, session_id);
    return key;
}

static void a_name_that_two_share_is_refused(void **state)
{
    struct cluster *cluster = *state;
    struct db *db = database(state);
    const char *id, *hash, *first = new_user(cluster, "Two People", "S-1");
    assert_int_equal(users_by_identifier(db, cluster->arena, "Two People", &id, &hash), HL_OK);
    assert_string_equal(id, first);
    const char *second = new_user(cluster, "Two People", "S-2");
    assert_int_equal(users_by_identifier(db, cluster->arena, "Two People", &id, &hash), HL_CONFLICT);
    assert_int_equal(users_by_identifier(db, cluster->arena, "S-2", &id, &hash), HL_OK);
    assert_string_equal(id, second);
    assert_int_equal(users_by_identifier(db, cluster->arena, "Nobody", &id, &hash), HL_NOT_FOUND);
}

static void a_chunk_is_stored_once_and_to_the_bit(void **state)
{
    struct cluster *cluster = *state;
    struct db *db = database(state);
    const char *user_id = new_user(cluster, "Wave", NULL);
    int64_t key = new_session(cluster, user_id, "session_wave"), stored_key = 0;
    static const float decimal[] = {0.1F, -0.25F, NAN, 1e6F}, raw[] = {FLT_TRUE_MIN, -FLT_MAX, NAN, 1.0F / 3};
    struct waveform waveform = {.chunk = {.start_us = INT64_C(1736339696123457),
                                          .fs_hz = 443.34,
                                          .units = ECG_UNITS_ADU,
                                          .lead_count = 2,
                                          .sample_count = 4,
                                          .leads = {ECG_LEAD_II, ECG_LEAD_V6},
                                          .samples = {decimal, raw}},
                                .gain_adu_per_mv = 200,
                                .baseline_adu = (double)NAN};
    struct buf scratch = {0};
    bool repeated = true;
    assert_int_equal(waveforms_insert(db, user_id, "session_wave", &waveform, &scratch, &stored_key, &repeated), HL_OK);
    assert_true(!repeated && stored_key == key);
    int64_t id = waveform.waveform_id;
    assert_int_equal(waveforms_insert(db, user_id, "session_wave", &waveform, &scratch, &stored_key, &repeated), HL_OK);
    assert_true(repeated && waveform.waveform_id == id);
    assert_int_equal(waveforms_insert(db, user_id, "other", &waveform, &scratch, &stored_key, &repeated), HL_NOT_FOUND);
    buf_free(&scratch);
    struct data_page page = {
        .session_key = key, .from_us = DB_NO_TIME, .to_us = DB_NO_TIME, .after_us = DB_NO_TIME, .limit = 10};
    struct waveform *back;
    int count = 0;
    bool more = true;
    assert_int_equal(waveforms_list(db, cluster->arena, &page, &back, &count, &more), HL_OK);
    assert_true(count == 1 && !more);
    assert_true(back->chunk.start_us == waveform.chunk.start_us && back->chunk.fs_hz == 443.34);
    assert_true(back->chunk.units == ECG_UNITS_ADU && back->gain_adu_per_mv == 200 && isnan(back->baseline_adu));
    assert_true(back->chunk.lead_count == 2 && back->chunk.leads[1] == ECG_LEAD_V6 && back->late);
    for (int i = 0; i < 4; i++) {
        assert_true(i == 2 ? isnan(back->chunk.samples[0][i]) : back->chunk.samples[0][i] == decimal[i]);
        assert_true(i == 2 ? isnan(back->chunk.samples[1][i]) : back->chunk.samples[1][i] == raw[i]);
    }
}

static void metrics_are_stored_once_and_what_was_not_said_is_unknown(void **state)
{
    struct cluster *cluster = *state;
    struct db *db = database(state);
    const char *user_id = new_user(cluster, "Numbers", NULL);
    int64_t key = new_session(cluster, user_id, "session_numbers"), stored_key = 0;
    struct metrics metrics = {
        .time_us = INT64_C(1736339696000001), .is_recording = -1, .demo_mode = 0, .content_hash = "a"};
    for (int i = 0; i < METRIC_COUNT; i++)
        metrics.values[i] = (double)NAN;
    metrics.values[METRIC_HEART_RATE] = 72.5;
    bool repeated = true;
    assert_int_equal(metrics_insert(db, user_id, "session_numbers", &metrics, &stored_key, &repeated), HL_OK);
    assert_true(!repeated && stored_key == key);
    int64_t id = metrics.metric_id;
    assert_int_equal(metrics_insert(db, user_id, "session_numbers", &metrics, &stored_key, &repeated), HL_OK);
    assert_true(repeated && metrics.metric_id == id);
    struct data_page page = {
        .session_key = key, .from_us = DB_NO_TIME, .to_us = DB_NO_TIME, .after_us = DB_NO_TIME, .limit = 10};
    struct metrics *back;
    int count = 0;
    assert_int_equal(metrics_list(db, cluster->arena, &page, "device", &back, &count), HL_OK);
    assert_int_equal(count, 1);
    assert_true(back->values[METRIC_HEART_RATE] == 72.5 && isnan(back->values[METRIC_PR_INTERVAL]));
    assert_true(back->is_recording == -1 && back->demo_mode == 0 && back->time_us == metrics.time_us);
    assert_null(back->signal_quality);
}

/* ---- what the analysis finds ------------------------------------------------------------------------------------- */
/* The one number that a statement of this test's own gives. */
static double number(struct db *db, const char *text)
{
    static struct asked {
        struct db_query query;
        char name[24], text[400];
    } asked[64]; /* a prepared statement is known by its place */
    static size_t count;
    struct db_rows rows;
    assert_in_range(count, 0, 63);
    struct asked *one = &asked[count++];
    snprintf(one->name, sizeof one->name, "number_%zu", count);
    snprintf(one->text, sizeof one->text, "%s", text);
    one->query = (struct db_query){.name = one->name, .text = one->text};
    if (db_run(db, &one->query, NULL, &rows) != HL_OK)
        fail_msg("%s: %s", text, db_last_error(db));
    double value = rows.count == 1 ? db_get_double(&rows, 0, 0) : (double)NAN;
    db_rows_free(&rows);
    return value;
}

static void add_json(struct results *results, enum finding kind, int64_t key, const char *rest)
{
    char json[2000];
    int length = snprintf(json, sizeof json, "{\"session_key\":%lld,%s}", (long long)key, rest);
    assert_in_range(length, 1, sizeof json - 1);
    results_add(results, kind, json, (size_t)length);
}

static const struct stored_waves some_waves = {.p = ECG_WAVE_PRESENT,
                                               .t = ECG_WAVE_ABSENT,
                                               .p_onset_ms = -160.26F,
                                               .p_peak_ms = -120,
                                               .p_end_ms = -80,
                                               .qrs_onset_ms = -44,
                                               .qrs_end_ms = 52,
                                               .t_onset_ms = NAN,
                                               .t_peak_ms = NAN,
                                               .t_end_ms = NAN,
                                               .pace_spike_ms = NAN};

static struct stored_beat beat_at(int64_t key, int64_t time_us)
{
    return (struct stored_beat){.session_key = key,
                                .time_us = time_us,
                                .source = "computed",
                                .code = 'N',
                                .lead = ECG_LEAD_II,
                                .amplitude = 1,
                                .rr_ms = 800,
                                .heart_rate_bpm = 75};
}

/* What a chunk of a session brings; `open` and `until` are of its one episode. */
static void find_things(struct results *results, int64_t key, bool open, int until_s)
{
    char episode[300];
    struct stored_beat beat = beat_at(key, INT64_C(1736339697000000));
    results_add_beat(results, &beat);
    results_add_waves(results, key, beat.time_us, &some_waves);
    add_json(
        results, FINDING_MEASUREMENTS, key,
        "\"t\":1736339706000000,\"late\":false,\"heart_rate\":75,\"pr_interval\":null,\"qtc_bazett\":401,\"fs\":250,"
        "\"details\":{\"figures\":{\"pr_interval\":{\"value\":null},\"qtc_hodges\":{\"value\":398.5}},\"leads\":"
        "{\"II\":{\"quality\":\"good\",\"r\":[1.2,0.01,9]}}}");
    add_json(results, FINDING_HRV, key,
             "\"t\":1736339706000000,\"from\":1736339406000000,\"late\":false,\"intervals\":9,"
             "\"beats\":10,\"excluded\":0,\"sdnn\":41.5,\"lf\":null,\"withheld\":\"so\"");
    snprintf(episode, sizeof episode,
             "\"t\":1736339696000000,\"until\":%lld,\"n\":0,\"rhythm\":\"sinus_rhythm\",\"basic\":true,\"open\":%s,"
             "\"late\":false,\"continued\":false,\"beats\":7,\"rate_mean\":75",
             (long long)(INT64_C(1736339696000000) + until_s * INT64_C(1000000)), open ? "true" : "false");
    add_json(results, FINDING_EPISODE, key, episode);
    add_json(results, FINDING_QUALITY, key,
             "\"t\":1736339696000000,\"late\":false,\"lead\":\"II\",\"quality\":\"good\"");
    add_json(
        results, FINDING_INTERPRETATION, key,
        "\"t\":1736339706000000,\"statements\":[{\"code\":\"a\",\"text\":\"A\",\"group\":\"qt\",\"reason\":\"r\"}]");
}

static void what_was_found_is_stored_once_however_often_it_is_told(void **state)
{
    struct cluster *cluster = *state;
    struct db *db = database(state), *owner = another(state, "heartline_owner", PATIENCE_MS);
    int64_t key = new_session(cluster, new_user(cluster, "Found", NULL), "session_found");
    struct results results = {0};
    for (int life = 0; life < 3; life++) {
        find_things(&results, key, life == 0, life == 0 ? 5 : 60);
        find_things(&results, key, life == 0, life == 0 ? 6 : 60); /* twice in one batch */
        assert_int_equal(results_done(db, NULL, 0, &results), HL_OK);
        results_clear(&results);
        assert_true(results_empty(&results));
    }
    static const char *const tables[] = {"beats", "hrv", "episodes", "lead_quality", "interpretations", "metrics"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "select count(*)::float8 from %s join sessions using (session_key) where session_id = 'session_found'",
                 tables[i]);
        assert_true(number(owner, text) == 1);
    }
    assert_true(
        number(owner, "select p_onset_ms from v_beats where session_id = 'session_found' and p_wave and not t_wave") ==
        (double)-160.3F);
    assert_true(isnan(number(owner, "select t_end_ms from v_beats where session_id = 'session_found'")));
    assert_true(number(owner, "select qtc_hodges_ms from v_measurements where session_id = 'session_found' and "
                              "pr_interval_ms is null and qtc_bazett_ms = 401") == 398.5);
    assert_true(number(owner,
                       "select value from v_lead_measurements where session_id = 'session_found' and lead = 'II' "
                       "and name = 'r' and spread = 0.01 and beats = 9") == 1.2);
    assert_true(number(owner, "select duration_seconds::float8 from v_episodes where session_id = 'session_found' and "
                              "not open and beats = 7 and rate_min_bpm is null") == 60);
    assert_true(number(owner, "select sdnn_ms from v_hrv where session_id = 'session_found' and lf_ms2 is null and "
                              "withheld = 'so'") == 41.5);
    results_free(&results);
    db_close(owner);
}

static void waves_that_come_late_find_their_beat_and_no_other(void **state)
{
    struct cluster *cluster = *state;
    struct db *db = database(state), *owner = another(state, "heartline_owner", PATIENCE_MS);
    int64_t key = new_session(cluster, new_user(cluster, "Waves", NULL), "session_late_waves");
    struct results results = {0};
    struct stored_waves other = some_waves;
    for (int i = 0; i < 2; i++) {
        struct stored_beat beat = beat_at(key, INT64_C(1736339697000000) + i * INT64_C(800000));
        results_add_beat(&results, &beat);
    }
    assert_int_equal(results_done(db, NULL, 0, &results), HL_OK);
    results_clear(&results);
    results_add_waves(&results, key, INT64_C(1736339697800000), &some_waves);
    assert_int_equal(results_done(db, NULL, 0, &results), HL_OK);
    results_clear(&results);
    other.qrs_end_ms = 99;
    results_add_waves(&results, key, INT64_C(1736339697800000), &other);
    assert_int_equal(results_done(db, NULL, 0, &results), HL_OK);
    assert_true(number(owner, "select qrs_end_ms from v_beats where session_id = 'session_late_waves' and p_wave") ==
                52);
    assert_true(number(owner, "select count(*)::float8 from v_beats where session_id = 'session_late_waves'") == 2);
    results_free(&results);
    db_close(owner);
}

struct past {
    int rows, open, statements;
    double until_s;
    char quality[20];
    int64_t beat_us;
};

static void read_past(void *context, const struct analysis_finding *finding)
{
    struct past *past = context;
    past->rows++;
    if (strcmp(finding->what, "episode") == 0) {
        past->open += finding->open;
        past->until_s = (double)(finding->until_us - finding->time_us) / 1e6;
    } else if (strcmp(finding->what, "quality") == 0) {
        snprintf(past->quality, sizeof past->quality, "%s %s", finding->name, finding->word);
    } else if (strcmp(finding->what, "statement") == 0) {
        past->statements++;
    } else {
        past->beat_us = finding->time_us;
    }
}

static void the_next_life_is_told_what_the_last_one_said(void **state)
{
    struct cluster *cluster = *state;
    struct db *db = database(state);
    int64_t key = new_session(cluster, new_user(cluster, "Past", NULL), "session_past");
    struct results results = {0};
    struct past past = {0};
    find_things(&results, key, true, 5);
    struct stored_beat without_waves = beat_at(key, INT64_C(1736339701000000));
    results_add_beat(&results, &without_waves);
    assert_int_equal(results_done(db, NULL, 0, &results), HL_OK);
    assert_int_equal(analysis_findings_past(db, key, INT64_C(1736339702000000), read_past, &past), HL_OK);
    assert_true(past.rows == 4 && past.open == 1 && past.statements == 1 && past.until_s == 5);
    assert_string_equal(past.quality, "II good");
    assert_true(past.beat_us == without_waves.time_us);
    results_clear(&results);
    results_end_session(&results, key);
    assert_int_equal(results_done(db, NULL, 0, &results), HL_OK);
    past = (struct past){0};
    assert_int_equal(analysis_findings_past(db, key, INT64_C(1736339702000000), read_past, &past), HL_OK);
    assert_true(past.open == 0 && past.until_s == 5);
    results_free(&results);
}

static void every_figure_of_variability_has_a_column(void **state)
{
    (void)database(state);
    struct db *owner = another(state, "heartline_owner", PATIENCE_MS);
    for (size_t i = 0; i < ecg_hrv_name_count; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "select count(*)::float8 from pg_attribute where attrelid = 'hrv'::regclass and attname = '%s'",
                 ecg_hrv_names[i].name);
        if (number(owner, text) != 1)
            fail_msg("%s", ecg_hrv_names[i].name);
    }
    db_close(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_unchanged),
        cmocka_unit_test(nothing_comes_back_as_nothing),
        cmocka_unit_test(arrays_come_back_in_order),
        cmocka_unit_test(too_many_arguments_are_refused),
        cmocka_unit_test(every_statement_of_ours_is_one),
        cmocka_unit_test(failures_have_names),
        cmocka_unit_test(a_transaction_is_whole_or_not_at_all),
        cmocka_unit_test(a_lost_connection_is_replaced),
        cmocka_unit_test(a_transaction_does_not_outlive_its_connection),
        cmocka_unit_test(a_server_that_is_away_costs_the_patience_and_no_more),
        cmocka_unit_test(a_name_that_two_share_is_refused),
        cmocka_unit_test(a_chunk_is_stored_once_and_to_the_bit),
        cmocka_unit_test(metrics_are_stored_once_and_what_was_not_said_is_unknown),
        cmocka_unit_test(what_was_found_is_stored_once_however_often_it_is_told),
        cmocka_unit_test(waves_that_come_late_find_their_beat_and_no_other),
        cmocka_unit_test(the_next_life_is_told_what_the_last_one_said),
        cmocka_unit_test(every_figure_of_variability_has_a_column),
    };
    return cmocka_run_group_tests(tests, make_cluster, remove_cluster);
}
