/* The roles: names both ways, their order, and whose data a person sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "auth/policy.h"

static const char own[] = "11111111-2222-4333-8444-555555555555";
static const char others[] = "99999999-2222-4333-8444-555555555555";

static struct identity somebody(enum role role)
{
    struct identity identity = {.role = role};
    snprintf(identity.user_id, sizeof identity.user_id, "%s", own);
    return identity;
}

static void roles_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum role role;
    } rows[] = {{"patient", ROLE_PATIENT}, {"clinician", ROLE_CLINICIAN}, {"admin", ROLE_ADMIN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(role_from_name(rows[i].name), rows[i].role);
        assert_string_equal(role_name(rows[i].role), rows[i].name);
    }
}

static void other_names_are_no_role(void **state)
{
    (void)state;
    static const char *const names[] = {"", "Admin", "admin ", "anyone", "root", "unset"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(role_from_name(names[i]), ROLE_UNSET);
    assert_int_equal(role_from_name(NULL), ROLE_UNSET);
    assert_null(role_name(ROLE_UNSET));
    assert_null(role_name(ROLE_ANYONE));
    assert_null(role_name((enum role)99));
}

static void zero_is_nobody_and_more_rights_are_a_larger_number(void **state)
{
    (void)state;
    const struct identity nobody = {0};
    assert_int_equal(nobody.role, ROLE_UNSET);
    assert_int_equal(nobody.credential, CREDENTIAL_NONE);
    assert_true(ROLE_UNSET < ROLE_ANYONE && ROLE_ANYONE < ROLE_PATIENT && ROLE_PATIENT < ROLE_CLINICIAN &&
                ROLE_CLINICIAN < ROLE_ADMIN);
}

static void a_patient_sees_itself_and_staff_see_all(void **state)
{
    (void)state;
    static const struct {
        enum role role;
        bool own, others;
    } rows[] = {{ROLE_UNSET, false, false},
                {ROLE_ANYONE, false, false},
                {ROLE_PATIENT, true, false},
                {ROLE_CLINICIAN, true, true},
                {ROLE_ADMIN, true, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct identity viewer = somebody(rows[i].role);
        assert_int_equal(policy_may_read(&viewer, own), rows[i].own);
        assert_int_equal(policy_may_read(&viewer, others), rows[i].others);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_have_names),
        cmocka_unit_test(other_names_are_no_role),
        cmocka_unit_test(zero_is_nobody_and_more_rights_are_a_larger_number),
        cmocka_unit_test(a_patient_sees_itself_and_staff_see_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
