/* The leads: every code has a name, every name leads back to its code, whatever its case, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ecg/lead.h"

static void every_lead_is_found_by_its_name(void **state)
{
    (void)state;
    for (unsigned code = 0; code < ECG_LEAD_COUNT; code++) {
        const char *name = ecg_lead_name((enum ecg_lead)code);
        enum ecg_lead lead = ECG_LEAD_COUNT;
        assert_true(ecg_lead_from_name(name, strlen(name), &lead));
        assert_int_equal(lead, code);
    }
}

static void codes_that_are_stored_keep_their_meaning(void **state)
{
    (void)state;
    assert_string_equal(ecg_lead_name((enum ecg_lead)0), "I");
    assert_string_equal(ecg_lead_name((enum ecg_lead)3), "aVR");
    assert_string_equal(ecg_lead_name((enum ecg_lead)11), "V6");
    assert_string_equal(ecg_lead_name((enum ecg_lead)12), "MLII");
    assert_string_equal(ecg_lead_name((enum ecg_lead)16), "ECG");
    assert_string_equal(ecg_lead_name(ECG_LEAD_COUNT), "unknown");
}

static void other_spellings_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum ecg_lead lead;
    } rows[] = {{"AVR", ECG_LEAD_AVR}, {"avl", ECG_LEAD_AVL},   {"DII", ECG_LEAD_II},
                {"v5", ECG_LEAD_V5},   {"mlii", ECG_LEAD_MLII}, {"ekg", ECG_LEAD_ECG}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum ecg_lead lead = ECG_LEAD_COUNT;
        assert_true(ecg_lead_from_name(rows[i].name, strlen(rows[i].name), &lead));
        assert_int_equal(lead, rows[i].lead);
    }
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "IIII", "V7", "V", "aV", "II ", "pressure"};
    enum ecg_lead lead = ECG_LEAD_COUNT;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(ecg_lead_from_name(names[i], strlen(names[i]), &lead));
    assert_false(ecg_lead_from_name("V1\0", 3, &lead));
}

static void only_the_given_length_is_read(void **state)
{
    (void)state;
    enum ecg_lead lead = ECG_LEAD_COUNT;
    assert_true(ecg_lead_from_name("III", 2, &lead));
    assert_int_equal(lead, ECG_LEAD_II);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lead_is_found_by_its_name), cmocka_unit_test(codes_that_are_stored_keep_their_meaning),
        cmocka_unit_test(other_spellings_are_read),        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(only_the_given_length_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
