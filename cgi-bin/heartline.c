/* The administrator's command. A subcommand is a row here and a file heartline_NAME.c. */
#include "heartline.h"

#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"

static const struct {
    const char *name, *usage, *help;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"migrate", "", "bring the database's schema up to date", heartline_migrate},
    {"demo", "", "make first accounts and three virtual patients, once, and say how to sign in", heartline_demo},
    {"user", "add NAME --role ROLE [--serial S] | password NAME | list", "people who sign in", heartline_user},
    {"key", "NAME [--label TEXT]", "make an API key for a person's devices", heartline_key},
    {"import", "PATH/RECORD --as NAME", "store a WFDB record as a session of a patient", heartline_import},
    {"replay", "PATH/RECORD --url URL --name NAME ...", "post a WFDB record through the API as a device would",
     heartline_replay},
    {"annotate", "PATH/RECORD -o NAME [--leads 0,1|II,V1] [--live] [--out DIR] [--json]",
     "analyse a WFDB record and write RECORD.NAME, beside it or in DIR", heartline_annotate},
    {"simulate", "[--seed S] [--profile P] [--script FILE|TEXT] [--duration S] [--fs HZ] [--count N] -o REC",
     "write a virtual heart, or a folder of N of them, as WFDB records with the truth", heartline_simulate},
    {"config", "", "every setting, its value and what it is for", heartline_config},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static int usage(FILE *to)
{
    fprintf(to, "usage: heartline COMMAND ...\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  heartline %s %s\n        %s\n", commands[i].name, commands[i].usage, commands[i].help);
    fprintf(to, "\nSettings come from the environment; `heartline config` lists them.\n");
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    log_open("heartline", LOG_LEVEL_WARNING);
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "heartline: there is no command \"%s\".\n\n", argv[1]);
    return usage(stderr);
}

int heartline_config(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (enum config_key key = 0; key < CONFIG_COUNT; key++) {
        const struct config_entry *entry = config_entry(key);
        const char *value = config_text(key);
        printf("%-28s %s\n%-28s   %s\n", entry->name, entry->secret && *value ? "(secret)" : value, "", entry->help);
    }
    return 0;
}

enum { COMMAND_PATIENCE_MS = 5000 };

bool command_open(struct service *service, struct arena **arena)
{
    struct hl_error error = {0};
    *arena = arena_new(4096);
    hl_result result = *arena ? service_open(service, COMMAND_PATIENCE_MS, &error) : HL_NO_MEMORY;
    if (result == HL_OK)
        return true;
    command_failed("cannot start", result, &error);
    arena_free(*arena);
    return false;
}

void command_close(struct service *service, struct arena *arena)
{
    service_close(service);
    arena_free(arena);
}

int command_failed(const char *what, hl_result result, const struct hl_error *error)
{
    if (error && error->detail[0])
        fprintf(stderr, "heartline: %s: %s%s%s\n", what, error->field, error->field[0] ? ": " : "", error->detail);
    else
        fprintf(stderr, "heartline: %s: %s\n", what, hl_strerror(result));
    return 1;
}

const char *command_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return NULL;
}
