/* People and their credentials. */
#include "store/users.h"

#include <stdio.h>
#include <string.h>

#include "queries.h"

static void optional_age(struct db_args *args, int age)
{
    db_double(args, age < 0 ? __builtin_nan("") : (double)age);
}

hl_result users_insert(struct db *db, struct arena *arena, struct user *user)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, user->full_name);
    optional_age(&args, user->age);
    db_text(&args, user->gender);
    db_text(&args, user->phone);
    db_text(&args, user->address);
    db_text(&args, user->device_serial);
    db_text(&args, role_name(user->role));
    db_text(&args, user->password_hash);
    db_bool(&args, user->is_virtual);
    hl_result result = db_run(db, &query_user_insert, &args, &rows);
    if (result == HL_OK && !(user->user_id = db_keep_text(arena, &rows, 0, 0)))
        result = HL_NO_MEMORY;
    db_rows_free(&rows);
    return result;
}

hl_result users_same(struct db *db, struct arena *arena, const struct user *user, const char **user_id)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, user->full_name);
    db_text(&args, user->device_serial);
    db_text(&args, role_name(user->role));
    hl_result result = db_run_repeatable(db, &query_user_same, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK)
        *user_id = db_keep_text(arena, &rows, 0, 0);
    db_rows_free(&rows);
    return result;
}

hl_result users_by_identifier(struct db *db, struct arena *arena, const char *identifier, const char **user_id,
                              const char **password_hash)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_text(&args, identifier);
    hl_result result = db_run_repeatable(db, &query_user_by_identifier, &args, &rows);
    if (result == HL_OK && rows.count != 1)
        result = rows.count == 0 ? HL_NOT_FOUND : HL_CONFLICT;
    if (result == HL_OK) {
        *user_id = db_keep_text(arena, &rows, 0, 0);
        *password_hash = db_keep_text(arena, &rows, 0, 1);
    }
    db_rows_free(&rows);
    return result;
}

hl_result users_get(struct db *db, struct arena *arena, const char *user_id, struct user *user)
{
    struct db_args args = {0};
    struct db_rows rows;
    db_uuid(&args, user_id);
    hl_result result = db_run_repeatable(db, &query_user_get, &args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK)
        *user = (struct user){
            .user_id = db_keep_text(arena, &rows, 0, 0),
            .full_name = db_keep_text(arena, &rows, 0, 1),
            .age = db_is_null(&rows, 0, 2) ? -1 : (int)db_get_int(&rows, 0, 2),
            .gender = db_keep_text(arena, &rows, 0, 3),
            .phone = db_keep_text(arena, &rows, 0, 4),
            .address = db_keep_text(arena, &rows, 0, 5),
            .device_serial = db_keep_text(arena, &rows, 0, 6),
            .role = role_from_name(db_get_text(&rows, 0, 7)),
            .is_virtual = db_get_bool(&rows, 0, 8),
            .created_us = db_get_time(&rows, 0, 9),
            .last_login_us = db_get_time(&rows, 0, 10),
        };
    db_rows_free(&rows);
    return result;
}

hl_result users_touch_login(struct db *db, const char *user_id, const char *new_hash)
{
    struct db_args args = {0};
    db_uuid(&args, user_id);
    db_text(&args, new_hash);
    return db_run_repeatable(db, &query_user_touch_login, &args, NULL);
}

hl_result users_set_password(struct db *db, const char *user_id, const char *hash)
{
    struct db_args args = {0};
    db_uuid(&args, user_id);
    db_text(&args, hash);
    return db_run_repeatable(db, &query_user_set_password, &args, NULL);
}

hl_result users_count_admins(struct db *db, int64_t *count)
{
    struct db_rows rows;
    hl_result result = db_run_repeatable(db, &query_user_count_admins, NULL, &rows);
    if (result == HL_OK)
        *count = db_get_int(&rows, 0, 0);
    db_rows_free(&rows);
    return result;
}

hl_result tokens_insert(struct db *db, const char *token_id, const char *user_id, enum token_kind kind,
                        const unsigned char *key_hash, const char *label, int64_t expires_us)
{
    static const char *const kinds[] = {
        [TOKEN_BEARER] = "bearer", [TOKEN_COOKIE] = "cookie", [TOKEN_API_KEY] = "api_key"};
    struct db_args args = {0};
    db_uuid(&args, token_id);
    db_uuid(&args, user_id);
    db_text(&args, kinds[kind]);
    db_bytes(&args, key_hash, 32);
    db_text(&args, label);
    db_time(&args, expires_us);
    return db_run(db, &query_token_insert, &args, NULL);
}

static hl_result check(struct db *db, const struct db_query *query, struct db_args *args, struct identity *identity)
{
    struct db_rows rows;
    hl_result result = db_run_repeatable(db, query, args, &rows);
    if (result == HL_OK && rows.count == 0)
        result = HL_NOT_FOUND;
    if (result == HL_OK) {
        snprintf(identity->user_id, sizeof identity->user_id, "%s", db_get_text(&rows, 0, 0));
        identity->role = role_from_name(db_get_text(&rows, 0, 1));
        snprintf(identity->token_id, sizeof identity->token_id, "%s", db_get_text(&rows, 0, 2));
        identity->expires_us = db_get_time(&rows, 0, 3);
    }
    db_rows_free(&rows);
    return result;
}

hl_result tokens_check(struct db *db, const char *token_id, struct identity *identity)
{
    struct db_args args = {0};
    db_uuid(&args, token_id);
    return check(db, &query_token_check, &args, identity);
}

hl_result tokens_check_key(struct db *db, const unsigned char *key_hash, struct identity *identity)
{
    struct db_args args = {0};
    db_bytes(&args, key_hash, 32);
    return check(db, &query_token_check_key, &args, identity);
}

hl_result tokens_revoke(struct db *db, const char *token_id)
{
    struct db_args args = {0};
    db_uuid(&args, token_id);
    return db_run_repeatable(db, &query_token_revoke, &args, NULL);
}

hl_result tokens_revoke_all(struct db *db, const char *user_id)
{
    struct db_args args = {0};
    db_uuid(&args, user_id);
    return db_run_repeatable(db, &query_token_revoke_all, &args, NULL);
}
