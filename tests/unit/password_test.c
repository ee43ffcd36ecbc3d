/* Passwords: a hash fits its own password only, says when it is weaker than today's, and costs the same for nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <argon2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/password.h"
#include "base/clock.h"

static void a_hash_fits_its_own_password_only(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
    bool outdated = true;
    assert_int_equal(password_hash("correct horse \xC3\xA9", NULL, hash), HL_OK);
    assert_memory_equal(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
    assert_int_equal(password_check("correct horse \xC3\xA9", hash, NULL, &outdated), HL_OK);
    assert_false(outdated);
    assert_int_equal(password_check("correct horse e", hash, NULL, NULL), HL_UNAUTHENTICATED);
    assert_int_equal(password_check("", hash, NULL, NULL), HL_UNAUTHENTICATED);
    assert_int_equal(password_hash("correct horse \xC3\xA9", NULL, again), HL_OK);
    assert_string_not_equal(hash, again); /* a salt of its own */
}

static void the_longest_password_is_taken(void **state)
{
    (void)state;
    char password[PASSWORD_MAX_BYTES + 1], hash[PASSWORD_HASH_SIZE];
    memset(password, 'x', PASSWORD_MAX_BYTES);
    password[PASSWORD_MAX_BYTES] = '\0';
    assert_int_equal(password_hash(password, NULL, hash), HL_OK);
    assert_int_equal(password_check(password, hash, NULL, NULL), HL_OK);
    password[PASSWORD_MAX_BYTES - 1] = 'y'; /* no byte is left out */
    assert_int_equal(password_check(password, hash, NULL, NULL), HL_UNAUTHENTICATED);
}

static void nobody_costs_as_much_as_somebody(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE];
    assert_int_equal(password_hash("a password", NULL, hash), HL_OK);
    int64_t start_us = clock_monotonic_us();
    assert_int_equal(password_check("wrong one", hash, NULL, NULL), HL_UNAUTHENTICATED);
    int64_t somebody_us = clock_monotonic_us() - start_us;
    bool outdated = true;
    start_us = clock_monotonic_us();
    assert_int_equal(password_check("wrong one", NULL, NULL, &outdated), HL_UNAUTHENTICATED);
    int64_t nobody_us = clock_monotonic_us() - start_us;
    assert_false(outdated);
    assert_true(nobody_us * 4 > somebody_us); /* a shortcut would be a thousand times faster */
}

static void weaker_parameters_are_noticed(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE];
    bool outdated = false;
    assert_int_equal(argon2id_hash_encoded(1, 8192, 1, "old", 3, "saltsaltsaltsalt", 16, 32, hash, sizeof hash),
                     ARGON2_OK);
    assert_int_equal(password_check("old", hash, NULL, &outdated), HL_OK);
    assert_true(outdated);
}

static void what_is_no_hash_fits_nothing(void **state)
{
    (void)state;
    static const char *const hashes[] = {"", "x", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$AAAA", "plain text"};
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        assert_int_equal(password_check("plain text", hashes[i], NULL, NULL), HL_UNAUTHENTICATED);
        assert_int_equal(password_check("", hashes[i], NULL, NULL), HL_UNAUTHENTICATED);
    }
}

enum { CROWD = 6 };

/* More processes than cores in one lock folder: each gets its turn, also after one died with a slot in its hands. */
static void a_crowd_takes_turns(void **state)
{
    (void)state;
    char folder[] = "/tmp/hl-slots-XXXXXX", command[64];
    pid_t children[CROWD];
    assert_non_null(mkdtemp(folder));
    fflush(NULL);
    for (int i = 0; i < CROWD; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            char hash[PASSWORD_HASH_SIZE];
            if (i == 0)
                alarm(1); /* killed by SIGALRM while it hashes */
            do {
                if (password_hash("in turn", folder, hash) != HL_OK)
                    _exit(1);
            } while (i == 0);
            _exit(password_check("in turn", hash, folder, NULL) == HL_OK ? 0 : 2);
        }
    }
    for (int i = 0; i < CROWD; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        assert_true(i == 0 ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    char hash[PASSWORD_HASH_SIZE];
    assert_int_equal(password_hash("afterwards", folder, hash), HL_OK);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void a_folder_that_is_not_there_stops_nobody(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_SIZE];
    assert_int_equal(password_hash("no folder", "/nowhere/at/all", hash), HL_OK);
    assert_int_equal(password_check("no folder", hash, "/nowhere/at/all", NULL), HL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_fits_its_own_password_only),
        cmocka_unit_test(the_longest_password_is_taken),
        cmocka_unit_test(nobody_costs_as_much_as_somebody),
        cmocka_unit_test(weaker_parameters_are_noticed),
        cmocka_unit_test(what_is_no_hash_fits_nothing),
        cmocka_unit_test(a_crowd_takes_turns),
        cmocka_unit_test(a_folder_that_is_not_there_stops_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
