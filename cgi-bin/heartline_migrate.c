/* `heartline migrate`: applies sql/migrations/NNN_name.sql in order, each in one transaction with the row that says so,
under a lock, then sql/views.sql. Forward only; a migration that was applied and has changed since is refused, because
nobody knows then what the schema is. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/config.h"
#include "heartline.h"
#include "queries.h"
#include "store/db.h"

enum { MOST_MIGRATIONS = 1000, PATH_SIZE = 1024, PATIENCE_MS = 10000 };

static int is_migration(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".sql") == 0 && strspn(entry->d_name, "0123456789") == 3 && entry->d_name[3] == '_';
}

/* The whole file; NULL when it cannot be read to its end: half a migration must not run. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rbe");
    struct buf content = {0};
    char piece[8192];
    size_t got;
    if (!file)
        return NULL;
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(&content, piece, got);
    bool whole = !ferror(file) && buf_ok(&content);
    fclose(file);
    *length = content.length;
    if (whole)
        return content.data;
    buf_free(&content);
    return NULL;
}

/* What is applied: SHA-256 by version. */
struct applied {
    bool is[MOST_MIGRATIONS];
    unsigned char sha256[MOST_MIGRATIONS][SHA256_BYTES];
};

static hl_result read_applied(struct db *db, struct applied *applied)
{
    struct db_rows rows;
    hl_result result = db_run(db, &query_migration_list, NULL, &rows);
    for (int row = 0; result == HL_OK && row < rows.count; row++) {
        int64_t version = db_get_int(&rows, row, 0);
        size_t length;
        const void *digest = db_get_bytes(&rows, row, 2, &length);
        if (version < 0 || version >= MOST_MIGRATIONS || length != SHA256_BYTES)
            continue;
        applied->is[version] = true;
        memcpy(applied->sha256[version], digest, SHA256_BYTES);
    }
    db_rows_free(&rows);
    return result;
}

static hl_result apply(struct db *db, int version, const char *name, const char *sql, const unsigned char *digest,
                       struct hl_error *error)
{
    struct db_args args = {0};
    hl_result result = db_begin(db);
    if (result == HL_OK)
        result = db_script(db, sql, error);
    if (result == HL_OK && version >= 0) {
        db_int4(&args, version);
        db_text(&args, name);
        db_bytes(&args, digest, SHA256_BYTES);
        result = db_run(db, &query_migration_record, &args, NULL);
    }
    if (result == HL_OK)
        result = db_commit(db);
    if (result != HL_OK) {
        if (error->detail[0] == '\0')
            hl_fail(error, result, "", "%s", db_last_error(db));
        db_rollback(db);
    }
    return result;
}

/* Apply one file unless it is there already. `version` -1: always (the views). */
static hl_result apply_file(struct db *db, const struct applied *applied, const char *path, const char *name,
                            int version, struct hl_error *error)
{
    unsigned char digest[SHA256_BYTES];
    size_t length;
    char *sql = read_file(path, &length);
    hl_result result = HL_OK;
    if (!sql)
        return hl_fail(error, HL_IO, "", "%s cannot be read", path);
    sha256(sql, length, digest);
    if (version >= 0 && applied->is[version]) {
        if (memcmp(digest, applied->sha256[version], SHA256_BYTES) != 0)
            result =
                hl_fail(error, HL_CONFLICT, name, "was applied and has changed since; add a new migration instead");
    } else {
        result = apply(db, version, name, sql, digest, error);
        if (result == HL_OK && version >= 0)
            printf("applied %s\n", name);
    }
    free(sql);
    return result;
}

static hl_result apply_all(struct db *db, const struct applied *applied, const char *folder, struct hl_error *error)
{
    char path[PATH_SIZE];
    struct dirent **files = NULL;
    snprintf(path, sizeof path, "%s/migrations", folder);
    int count = scandir(path, &files, is_migration, alphasort);
    hl_result result =
        count > 0 ? HL_OK : hl_fail(error, HL_IO, "HEARTLINE_SQL", "there are no migrations in %s", path);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/migrations/%s", folder, files[i]->d_name);
        if (result == HL_OK)
            result = apply_file(db, applied, path, files[i]->d_name, (int)strtol(files[i]->d_name, NULL, 10), error);
        free(files[i]);
    }
    free(files);
    snprintf(path, sizeof path, "%s/views.sql", folder);
    return result == HL_OK ? apply_file(db, applied, path, "views.sql", -1, error) : result;
}

int heartline_migrate(int argc, char **argv)
{
    (void)argv;
    struct db *db = NULL;
    struct hl_error error = {0};
    struct applied *applied = calloc(1, sizeof *applied);
    if (argc != 1) {
        free(applied);
        fprintf(stderr, "usage: heartline migrate\n");
        return 2;
    }
    hl_result result = applied ? db_open(config_text(CONFIG_OWNER_DATABASE), PATIENCE_MS, &db) : HL_NO_MEMORY;
    if (result == HL_OK)
        result = db_run(db, &query_migration_lock, NULL, NULL);
    if (result == HL_OK)
        result = db_run(db, &query_migration_table, NULL, NULL);
    if (result == HL_OK)
        result = read_applied(db, applied);
    if (result == HL_OK)
        result = apply_all(db, applied, config_text(CONFIG_SQL), &error);
    else if (db)
        hl_fail(&error, result, "", "%s", db_last_error(db));
    db_close(db);
    free(applied);
    return result == HL_OK ? 0 : command_failed("migrate", result, &error);
}
