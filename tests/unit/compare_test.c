/* The comparer itself, against cases counted by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../accuracy/compare.h"

/* Beats by their codes, one a time. */
struct list {
    struct mark items[16];
    size_t count;
};

static struct marks marks_of(struct list *list, const char *codes, const double *times_s)
{
    list->count = strlen(codes);
    for (size_t i = 0; i < list->count; i++)
        list->items[i] = (struct mark){times_s[i], class_of(codes[i])};
    return (struct marks){list->items, list->count};
}

static struct tally compared(const char *reference, const double *reference_s, const char *found, const double *found_s,
                             struct spans excluded)
{
    struct list one;
    struct list other;
    struct tally tally = {0};
    compare(marks_of(&one, reference, reference_s), marks_of(&other, found, found_s), excluded, &tally);
    return tally;
}

static void assert_score(struct score score, unsigned long right, unsigned long missed, unsigned long false_)
{
    assert_int_equal(score.right, right);
    assert_int_equal(score.missed, missed);
    assert_int_equal(score.false_, false_);
}

static const struct spans nothing;

static void codes_have_the_classes_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *codes;
        enum beat_class class;
    } rows[] = {
        {"NLRB", CLASS_N}, {"AaJSejn", CLASS_S}, {"VrE", CLASS_V},
        {"F", CLASS_F},    {"/fQ?", CLASS_Q},    {"+~|x!\"[]pt()", CLASS_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (const char *code = rows[i].codes; *code; code++)
            assert_int_equal(class_of(*code), rows[i].class);
    assert_int_equal(class_of('\0'), CLASS_NONE);
}

static void window_is_150_ms_on_both_sides(void **state)
{
    (void)state;
    static const double reference_s[] = {1.0, 2.0, 3.0, 4.0};
    static const double found_s[] = {0.850, 2.150, 2.849, 4.151};
    struct tally tally = compared("NNNN", reference_s, "NNNN", found_s, nothing);
    assert_score(score_qrs(&tally), 2, 2, 2);
}

static void each_beat_is_used_once(void **state)
{
    (void)state;
    static const double one_s[] = {1.0};
    static const double two_s[] = {0.95, 1.02};
    struct tally twice = compared("N", one_s, "NV", two_s, nothing);
    assert_score(score_qrs(&twice), 1, 0, 1);
    assert_int_equal(twice.beats[CLASS_N][CLASS_V], 1); /* the nearer one is the beat */
    assert_int_equal(twice.beats[CLASS_NONE][CLASS_N], 1);
    struct tally once = compared("NV", two_s, "V", one_s, nothing);
    assert_score(score_qrs(&once), 1, 1, 0);
    assert_int_equal(once.beats[CLASS_V][CLASS_V], 1);
}

static void close_couplets_pair_in_order(void **state)
{
    (void)state;
    static const double reference_s[] = {1.00, 1.12};
    static const double found_s[] = {1.05, 1.17};
    struct tally tally = compared("NV", reference_s, "NV", found_s, nothing);
    assert_int_equal(tally.beats[CLASS_N][CLASS_N], 1);
    assert_int_equal(tally.beats[CLASS_V][CLASS_V], 1);
    assert_score(score_qrs(&tally), 2, 0, 0);
}

static void empty_lists_are_all_missed_or_all_false(void **state)
{
    (void)state;
    static const double times_s[] = {1.0, 2.0};
    struct tally missed = compared("NN", times_s, "", times_s, nothing);
    struct tally wrong = compared("", times_s, "NN", times_s, nothing);
    struct tally none = compared("", times_s, "", times_s, nothing);
    assert_score(score_qrs(&missed), 0, 2, 0);
    assert_score(score_qrs(&wrong), 0, 0, 2);
    assert_true(isnan(score_qrs(&none).sensitivity) && isnan(score_qrs(&none).predictivity));
    assert_true(score_qrs(&missed).sensitivity == 0.0 && isnan(score_qrs(&missed).predictivity));
}

static void learning_time_and_flutter_are_left_out(void **state)
{
    (void)state;
    static const struct span spans[] = {{0.0, 300.0}, {400.0, 410.0}};
    static const double reference_s[] = {10.0, 299.99, 300.0, 399.9, 405.0, 411.0};
    static const double found_s[] = {11.0, 300.05, 399.8, 402.0, 403.0, 409.95, 411.1, 500.0};
    struct spans excluded = {spans, 2};
    struct tally tally = compared("NNNNNN", reference_s, "NNNNNNNN", found_s, excluded);
    /* 300.05 is the beat at 300.0, 399.8 that of 399.9, 411.1 that of 411.0; only 500.0 is false. */
    assert_score(score_qrs(&tally), 3, 0, 1);
}

static void ectopic_beats_are_scored_by_the_rules_of_the_standard(void **state)
{
    (void)state;
    /*                                   right  called N  N called V  S called V  F called V  Q called V  missed */
    static const double reference_s[] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};
    static const double found_s[] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0};
    struct tally tally = compared("VENAF/V", reference_s, "VNVVVVV", found_s, nothing);
    assert_score(score_veb(&tally), 1, 2, 3);  /* false: N, S and the one at 8 s */
    assert_score(score_sveb(&tally), 0, 1, 0); /* the A was called V */
    struct tally other = compared("ANVFQ", reference_s, "SSSSS", found_s, nothing);
    assert_score(score_sveb(&other), 1, 0, 3); /* N, V and F; Q does not count */
    assert_score(score_veb(&other), 0, 1, 0);
}

static void unclassified_beats_are_found_but_not_classified(void **state)
{
    (void)state;
    static const double times_s[] = {1.0, 2.0, 3.0};
    struct tally tally = compared("NVA", times_s, "QQQ", times_s, nothing);
    assert_score(score_qrs(&tally), 3, 0, 0);
    assert_score(score_veb(&tally), 0, 1, 0);
    assert_score(score_sveb(&tally), 0, 1, 0);
}

static void tallies_add_up(void **state)
{
    (void)state;
    static const double times_s[] = {1.0, 2.0};
    struct tally sum = compared("NV", times_s, "NV", times_s, nothing);
    struct tally part = compared("NV", times_s, "N", times_s, nothing);
    tally_add(&sum, &part);
    assert_score(score_qrs(&sum), 3, 1, 0);
    assert_score(score_veb(&sum), 1, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_the_classes_of_the_standard),
        cmocka_unit_test(window_is_150_ms_on_both_sides),
        cmocka_unit_test(each_beat_is_used_once),
        cmocka_unit_test(close_couplets_pair_in_order),
        cmocka_unit_test(empty_lists_are_all_missed_or_all_false),
        cmocka_unit_test(learning_time_and_flutter_are_left_out),
        cmocka_unit_test(ectopic_beats_are_scored_by_the_rules_of_the_standard),
        cmocka_unit_test(unclassified_beats_are_found_but_not_classified),
        cmocka_unit_test(tallies_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
