/* The administrator's command: its subcommands. Each takes its own argc/argv (argv[0] is its name) and returns the exit
code: 0 done, 1 failed (said why on standard error), 2 wrong usage. */
#pragma once

#include "base/arena.h"
#include "heartline_replay.h"
#include "service/service.h"

int heartline_annotate(int argc, char **argv);
int heartline_config(int argc, char **argv);
int heartline_demo(int argc, char **argv);
int heartline_import(int argc, char **argv);
int heartline_key(int argc, char **argv);
int heartline_migrate(int argc, char **argv);
int heartline_simulate(int argc, char **argv);
int heartline_user(int argc, char **argv);

/* Open what the use cases need, or say why not and return false. */
bool command_open(struct service *service, struct arena **arena);
void command_close(struct service *service, struct arena *arena);

/* Say what went wrong; returns the exit code 1. `error` may be NULL. */
int command_failed(const char *what, hl_result result, const struct hl_error *error);

/* The value of "--name value" in argv, or NULL. */
const char *command_option(int argc, char **argv, const char *name);
