/* `heartline user` and `heartline key`: people who sign in, and keys for their devices. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/password.h"
#include "base/clock.h"
#include "base/config.h"
#include "heartline.h"
#include "queries.h"
#include "service/account.h"

/* An option where a name is wanted: nobody is called "--role". */
static bool is_option(const char *text)
{
    return strncmp(text, "--", 2) == 0;
}

/* --password, else HEARTLINE_PASSWORD, else NULL. */
static const char *given_password(int argc, char **argv)
{
    const char *password = command_option(argc, argv, "--password");
    if (!password)
        password = config_text(CONFIG_PASSWORD);
    return *password ? password : NULL;
}

/* The account that signs in by `name`, with words for an administrator when there is not exactly one. */
static hl_result find_person(struct service *service, struct arena *arena, const char *name, const char **user_id,
                             struct hl_error *error)
{
    const char *hash;
    hl_result result = users_by_identifier(service->db, arena, name, user_id, &hash);
    if (result == HL_NOT_FOUND)
        return hl_fail(error, result, name, "nobody signs in by this name or serial; see `heartline user list`");
    if (result == HL_CONFLICT)
        return hl_fail(error, result, name, "more than one account has this; give a name or serial that only one has");
    return result;
}

static int add_user(struct service *service, struct arena *arena, int argc, char **argv)
{
    const char *role = command_option(argc, argv, "--role");
    const char *password = given_password(argc, argv);
    char made[17];
    struct hl_error error = {0};
    struct user user = {.full_name = argv[1],
                        .age = -1,
                        .role = role ? role_from_name(role) : ROLE_PATIENT,
                        .device_serial = command_option(argc, argv, "--serial")};
    if (user.role == ROLE_UNSET) {
        fprintf(stderr, "heartline: --role must be patient, clinician or admin.\n");
        return 2;
    }
    random_name(made, sizeof made);
    hl_result result = account_add(service, arena, &user, password ? password : made, &error);
    if (result != HL_OK)
        return command_failed("user add", result, &error);
    printf("%s %s\n", user.user_id, user.full_name);
    if (!password)
        printf("password: %s\n", made);
    return 0;
}

static int set_password(struct service *service, struct arena *arena, int argc, char **argv)
{
    const char *password = given_password(argc, argv);
    const char *user_id;
    char hash[PASSWORD_HASH_SIZE];
    struct hl_error error = {0};
    if (!password || strlen(password) < PASSWORD_MIN_BYTES) {
        fprintf(stderr, "heartline: give a password of at least %d bytes with --password or HEARTLINE_PASSWORD.\n",
                PASSWORD_MIN_BYTES);
        return 2;
    }
    hl_result result = find_person(service, arena, argv[1], &user_id, &error);
    if (result == HL_OK)
        result = password_hash(password, NULL, hash);
    if (result == HL_OK)
        result = users_set_password(service->db, user_id, hash);
    if (result == HL_OK) /* who changes a password wants those out who had the old one */
        result = tokens_revoke_all(service->db, user_id);
    return result == HL_OK ? 0 : command_failed("user password", result, &error);
}

static int list_users(struct service *service)
{
    struct db_rows rows;
    hl_result result = db_run(service->db, &query_user_list, NULL, &rows);
    for (int row = 0; result == HL_OK && row < rows.count; row++) {
        const char *serial = db_get_text(&rows, row, 3);
        printf("%s  %-9s  %s%s%s\n", db_get_text(&rows, row, 0), db_get_text(&rows, row, 2), db_get_text(&rows, row, 1),
               serial ? "  device " : "", serial ? serial : "");
    }
    db_rows_free(&rows);
    return result == HL_OK ? 0 : command_failed("user list", result, NULL);
}

int heartline_user(int argc, char **argv)
{
    struct service service;
    struct arena *arena;
    bool named = argc >= 3 && !is_option(argv[2]);
    bool add = named && strcmp(argv[1], "add") == 0;
    bool password = named && strcmp(argv[1], "password") == 0;
    bool list = argc == 2 && strcmp(argv[1], "list") == 0;
    if (!add && !password && !list) {
        fprintf(stderr, "usage: heartline user add NAME [--role patient|clinician|admin] [--serial S] [--password P]\n"
                        "       heartline user password NAME --password P\n"
                        "       heartline user list\n");
        return 2;
    }
    if (!command_open(&service, &arena))
        return 1;
    int code = add        ? add_user(&service, arena, argc - 1, argv + 1)
               : password ? set_password(&service, arena, argc - 1, argv + 1)
                          : list_users(&service);
    command_close(&service, arena);
    return code;
}

int heartline_key(int argc, char **argv)
{
    struct service service;
    struct arena *arena;
    char key[API_KEY_SIZE];
    const char *user_id;
    struct hl_error error = {0};
    if (argc < 2 || is_option(argv[1])) {
        fprintf(stderr, "usage: heartline key NAME [--label TEXT]\n");
        return 2;
    }
    if (!command_open(&service, &arena))
        return 1;
    hl_result result = find_person(&service, arena, argv[1], &user_id, &error);
    if (result == HL_OK)
        result = account_new_key(&service, user_id, command_option(argc, argv, "--label"), key);
    if (result == HL_OK)
        printf("%s\n", key);
    command_close(&service, arena);
    return result == HL_OK ? 0 : command_failed("key", result, &error);
}
