/* The settings table. Paths default to places under HEARTLINE_HOME: in a default, a leading '@' stands for it. */
#include "base/config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct config_entry entries[CONFIG_COUNT] = {
    [CONFIG_HOME] = {"HEARTLINE_HOME", "var", false, "Folder of all state: database, sockets, logs, reports."},
    [CONFIG_PORT] = {"HEARTLINE_PORT", "8080", false, "TCP port of the web server."},
    [CONFIG_RUN] = {"HEARTLINE_RUN", "@/run", false, "Folder of the Unix sockets."},
    [CONFIG_DATABASE] = {"HEARTLINE_DATABASE", "host=@/run dbname=heartline user=heartline_app", false,
                         "PostgreSQL connection of the workers (libpq keywords)."},
    [CONFIG_OWNER_DATABASE] = {"HEARTLINE_OWNER_DATABASE", "host=@/run dbname=heartline user=heartline_owner", false,
                               "PostgreSQL connection that may change the schema; used by migrate only."},
    [CONFIG_SECRET_FILE] = {"HEARTLINE_SECRET_FILE", "@/secret/jwt.key", false,
                            "File with the key that signs tokens, at least 32 bytes."},
    [CONFIG_REPORTS] = {"HEARTLINE_REPORTS", "@/reports", false, "Folder of uploaded report files."},
    [CONFIG_SQL] = {"HEARTLINE_SQL", "sql", false, "Folder of migrations and views."},
    [CONFIG_PASSWORD] = {"HEARTLINE_PASSWORD", "", true, "Password for the replay and user commands."},
    [CONFIG_API_WORKERS] = {"HEARTLINE_API_WORKERS", "24", false, "Number of API worker processes."},
    [CONFIG_TOKEN_DAYS] = {"HEARTLINE_TOKEN_DAYS", "365", false, "Days a device's token is good for."},
    [CONFIG_BROWSER_HOURS] = {"HEARTLINE_BROWSER_HOURS", "12", false, "Hours a browser stays signed in."},
    [CONFIG_OPEN_REGISTRATION] = {"HEARTLINE_OPEN_REGISTRATION", "yes", false,
                                  "Whether anybody may register as a patient through the API."},
    [CONFIG_SIGNIN_RATE] = {"HEARTLINE_SIGNIN_RATE", "10", false,
                            "Sign-in and registration attempts per second and address that nginx lets through."},
    [CONFIG_VIRTUAL_HOURS] = {"HEARTLINE_VIRTUAL_HOURS", "24", false,
                              "Hours the signal of virtual patients is kept; their beats stay."},
    [CONFIG_LOG] = {"HEARTLINE_LOG", "info", false, "Least level that is logged: debug, info, warning, error."},
};

static char *values[CONFIG_COUNT];

const struct config_entry *config_entry(enum config_key key)
{
    return &entries[key];
}

static char *expand(const char *text, const char *home)
{
    const char *mark = strchr(text, '@');
    if (!mark)
        return strdup(text);
    char *result = NULL;
    if (asprintf(&result, "%.*s%s%s", (int)(mark - text), text, home, mark + 1) < 0)
        return NULL;
    return result;
}

/* Unix sockets and libpq want absolute paths. */
static char *absolute(const char *path)
{
    char here[PATH_MAX];
    char *result = NULL;
    if (path[0] == '/' || !getcwd(here, sizeof here))
        return strdup(path);
    if (asprintf(&result, "%s/%s", here, path) < 0)
        return NULL;
    return result;
}

static void load(void)
{
    const char *home = getenv(entries[CONFIG_HOME].name);
    values[CONFIG_HOME] = absolute(home && *home ? home : entries[CONFIG_HOME].fallback);
    for (int key = 0; key < CONFIG_COUNT; key++) {
        if (key == CONFIG_HOME)
            continue;
        const char *given = getenv(entries[key].name);
        values[key] = given && *given ? strdup(given) : expand(entries[key].fallback, values[CONFIG_HOME]);
    }
    for (int key = 0; key < CONFIG_COUNT; key++) {
        if (!values[key]) {
            fprintf(stderr, "heartline: out of memory\n");
            exit(1);
        }
    }
}

const char *config_text(enum config_key key)
{
    if (!values[CONFIG_HOME])
        load();
    return values[key];
}

hl_result config_int(enum config_key key, long least, long most, long *value, struct hl_error *error)
{
    const char *text = config_text(key);
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < least || number > most)
        return hl_fail(error, HL_INVALID, entries[key].name, "%s must be a whole number from %ld to %ld, not \"%s\".",
                       entries[key].name, least, most, text);
    *value = number;
    return HL_OK;
}

bool config_bool(enum config_key key)
{
    static const char *const words[] = {"1", "yes", "true", "on"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(config_text(key), words[i]) == 0)
            return true;
    return false;
}
