/* The settings: names, defaults under HEARTLINE_HOME, and the check of numbers. The values are fixed by the first look
at them, so each test is a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/config.h"

/* Runs `check` in a child whose environment has none of our settings; its answer decides. */
static void in_fresh_process(bool (*check)(void))
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int key = 0; key < CONFIG_COUNT; key++)
            unsetenv(config_entry((enum config_key)key)->name);
        _exit(check() ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void every_row_is_whole_and_its_name_its_own(void **state)
{
    (void)state;
    for (int key = 0; key < CONFIG_COUNT; key++) {
        const struct config_entry *entry = config_entry((enum config_key)key);
        assert_non_null(entry->name);
        assert_non_null(entry->fallback);
        assert_memory_equal(entry->name, "HEARTLINE_", 10);
        assert_true(strlen(entry->help) > 10);
        for (int other = 0; other < key; other++)
            assert_string_not_equal(entry->name, config_entry((enum config_key)other)->name);
    }
}

static bool defaults(void)
{
    char here[PATH_MAX], run[PATH_MAX + 8], database[PATH_MAX + 80];
    if (!getcwd(here, sizeof here))
        return false;
    snprintf(run, sizeof run, "%s/var/run", here);
    snprintf(database, sizeof database, "host=%s dbname=heartline user=heartline_app", run);
    return strcmp(config_text(CONFIG_RUN), run) == 0 && strcmp(config_text(CONFIG_DATABASE), database) == 0 &&
           strcmp(config_text(CONFIG_PORT), "8080") == 0 && config_bool(CONFIG_OPEN_REGISTRATION);
}
static void paths_default_to_the_home_made_absolute(void **state)
{
    (void)state;
    in_fresh_process(defaults);
}

static bool home_elsewhere(void)
{
    setenv("HEARTLINE_HOME", "/srv/hl", 1);
    setenv("HEARTLINE_REPORTS", "/mnt/reports", 1);
    setenv("HEARTLINE_RUN", "", 1); /* empty counts as not given */
    return strcmp(config_text(CONFIG_HOME), "/srv/hl") == 0 && strcmp(config_text(CONFIG_RUN), "/srv/hl/run") == 0 &&
           strcmp(config_text(CONFIG_SECRET_FILE), "/srv/hl/secret/jwt.key") == 0 &&
           strcmp(config_text(CONFIG_REPORTS), "/mnt/reports") == 0;
}
static void a_given_home_moves_all_but_what_is_given_itself(void **state)
{
    (void)state;
    in_fresh_process(home_elsewhere);
}

static bool fixed(void)
{
    setenv("HEARTLINE_PORT", "9000", 1);
    bool before = strcmp(config_text(CONFIG_PORT), "9000") == 0;
    setenv("HEARTLINE_PORT", "9001", 1);
    return before && strcmp(config_text(CONFIG_PORT), "9000") == 0;
}
static void the_first_look_fixes_the_values(void **state)
{
    (void)state;
    in_fresh_process(fixed);
}

static bool refused(enum config_key key)
{
    struct hl_error error = {0};
    long value = -77;
    return config_int(key, 1, 100, &value, &error) == HL_INVALID && value == -77 &&
           strcmp(error.field, config_entry(key)->name) == 0 && strstr(error.detail, config_entry(key)->name) &&
           strstr(error.detail, "from 1 to 100");
}

static bool numbers(void)
{
    long value = 0;
    setenv("HEARTLINE_PORT", "100", 1);
    setenv("HEARTLINE_API_WORKERS", "0", 1);
    setenv("HEARTLINE_TOKEN_DAYS", "7 days", 1);
    setenv("HEARTLINE_BROWSER_HOURS", "99999999999999999999999", 1);
    setenv("HEARTLINE_SIGNIN_RATE", "1e1", 1);
    setenv("HEARTLINE_VIRTUAL_HOURS", "two", 1);
    return config_int(CONFIG_PORT, 1, 100, &value, NULL) == HL_OK && value == 100 && refused(CONFIG_API_WORKERS) &&
           refused(CONFIG_TOKEN_DAYS) && refused(CONFIG_BROWSER_HOURS) && refused(CONFIG_SIGNIN_RATE) &&
           refused(CONFIG_VIRTUAL_HOURS);
}
static void numbers_are_checked_and_the_sentence_names_the_variable(void **state)
{
    (void)state;
    in_fresh_process(numbers);
}

static bool booleans(void)
{
    setenv("HEARTLINE_OPEN_REGISTRATION", "No", 1);
    setenv("HEARTLINE_LOG", "ON", 1);
    setenv("HEARTLINE_SQL", "maybe", 1);
    return !config_bool(CONFIG_OPEN_REGISTRATION) && config_bool(CONFIG_LOG) && !config_bool(CONFIG_SQL);
}
static void only_a_clear_yes_is_a_yes(void **state)
{
    (void)state;
    in_fresh_process(booleans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole_and_its_name_its_own),
        cmocka_unit_test(paths_default_to_the_home_made_absolute),
        cmocka_unit_test(a_given_home_moves_all_but_what_is_given_itself),
        cmocka_unit_test(the_first_look_fixes_the_values),
        cmocka_unit_test(numbers_are_checked_and_the_sentence_names_the_variable),
        cmocka_unit_test(only_a_clear_yes_is_a_yes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
