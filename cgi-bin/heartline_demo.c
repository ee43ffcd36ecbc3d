/* `heartline demo`: what makes a fresh copy worth opening. When nobody can administer it yet, it makes an administrator
and a clinician with random passwords and three virtual patients; the passwords are kept in a file that only the owner
can read, so that each later start can say again how to sign in. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "heartline.h"
#include "service/account.h"
#include "service/ingest.h"
#include "store/patients.h"

enum { PATH_SIZE = 600 };

static const struct {
    const char *name;
    enum role role;
} accounts[] = {{"admin", ROLE_ADMIN}, {"clinician", ROLE_CLINICIAN}};

static const struct {
    const char *name;
    double heart_rate_bpm;
} hearts[] = {{"Ada (average)", 72}, {"Ben (athlete)", 55}, {"Cleo (elevated)", 85}};

static void notes_path(char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/secret/sign-in.txt", config_text(CONFIG_HOME));
}

static hl_result make_accounts(struct service *service, struct arena *arena, struct hl_error *error)
{
    char path[PATH_SIZE], password[17];
    notes_path(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *notes = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!notes)
        return hl_fail(error, HL_IO, "", "%s cannot be written", path);
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < sizeof accounts / sizeof accounts[0]; i++) {
        struct user user = {.full_name = accounts[i].name, .age = -1, .role = accounts[i].role};
        random_name(password, sizeof password);
        result = account_add(service, arena, &user, password, error);
        if (result == HL_OK)
            fprintf(notes, "%s %s\n", accounts[i].name, password);
    }
    fclose(notes);
    return result;
}

static hl_result make_hearts(struct service *service, struct arena *arena)
{
    hl_result result = HL_OK;
    for (size_t i = 0; result == HL_OK && i < sizeof hearts / sizeof hearts[0]; i++) {
        struct virtual_patient patient = {
            .full_name = hearts[i].name,
            .heart_rate_bpm = hearts[i].heart_rate_bpm,
            .seed = (int64_t)i + 1,
            .session_id = session_id_new(arena, clock_now_us()),
            .device_info = "{\"simulator\":\"heartline\",\"sampling_rate\":500}",
        };
        result = virtual_create(service->db, arena, &patient);
    }
    bell_ring(&service->bell, BELL_WARD, "virtual", 0, 0);
    return result;
}

static void print_notes(void)
{
    char path[PATH_SIZE], name[64], password[64];
    notes_path(path);
    FILE *notes = fopen(path, "re");
    if (!notes) {
        printf("Sign in with an account made by `heartline user add`.\n");
        return;
    }
    while (fscanf(notes, "%63s %63s", name, password) == 2)
        printf("Sign in as  %-10s with password  %s\n", name, password);
    fclose(notes);
}

int heartline_demo(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct service service;
    struct arena *arena;
    struct hl_error error = {0};
    int64_t admins = 0;
    if (!command_open(&service, &arena))
        return 1;
    hl_result result = users_count_admins(service.db, &admins);
    if (result == HL_OK && admins == 0) {
        result = make_accounts(&service, arena, &error);
        if (result == HL_OK)
            result = make_hearts(&service, arena);
    }
    command_close(&service, arena);
    if (result != HL_OK)
        return command_failed("demo", result, &error);
    print_notes();
    return 0;
}
