/* The arena: what is taken from it is aligned, separate and writable, dies at once, and no size overflows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"

static int make(void **state)
{
    *state = arena_new(1024);
    return *state ? 0 : -1;
}

static int give_back(void **state)
{
    arena_free(*state);
    return 0;
}

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
    enum { PIECES = 300 };
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(*state, i + 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        memset(pieces[i], (int)(i & 0xFF), i + 1);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t k = 0; k <= i; k++)
            assert_int_equal(pieces[i][k], i & 0xFF);
}

static void a_piece_may_be_larger_than_a_block(void **state)
{
    unsigned char *before = arena_alloc(*state, 16);
    memset(before, 7, 16);
    unsigned char *large = arena_alloc(*state, 1 << 20);
    assert_non_null(large);
    memset(large, 9, 1 << 20);
    unsigned char *after = arena_alloc(*state, 16);
    memset(after, 8, 16);
    assert_int_equal(before[15], 7);
    assert_int_equal(large[(1 << 20) - 1], 9);
}

static void nothing_at_all_is_a_piece_too(void **state)
{
    assert_non_null(arena_alloc(*state, 0));
    assert_non_null(arena_calloc(*state, 0, 8));
    assert_non_null(arena_calloc(*state, 8, 0));
    assert_string_equal(arena_copy(*state, "x", 0), "");
}

static void impossible_sizes_are_refused(void **state)
{
    assert_null(arena_alloc(*state, SIZE_MAX));
    assert_null(arena_alloc(*state, SIZE_MAX - 7));
    assert_null(arena_alloc(*state, SIZE_MAX / 2 + 1));
    assert_null(arena_calloc(*state, SIZE_MAX / 8 + 2, 8));
    assert_null(arena_calloc(*state, (size_t)1 << 33, (size_t)1 << 33));
    assert_null(arena_copy(*state, "x", SIZE_MAX));
    assert_non_null(arena_alloc(*state, 8)); /* and it is usable after that */
}

static void calloc_gives_zeros_where_something_was_before(void **state)
{
    memset(arena_alloc(*state, 512), 0xFF, 512);
    arena_reset(*state);
    const unsigned char *zeroed = arena_calloc(*state, 64, 8);
    for (size_t i = 0; i < 512; i++)
        assert_int_equal(zeroed[i], 0);
}

static void a_reset_arena_starts_again_in_its_first_block(void **state)
{
    void *first = arena_alloc(*state, 100);
    for (int i = 0; i < 50; i++)
        assert_non_null(arena_alloc(*state, 1000));
    arena_reset(*state);
    assert_ptr_equal(arena_alloc(*state, 100), first);
    arena_reset(*state);
    arena_reset(*state);
}

static void texts_are_copied_and_formatted(void **state)
{
    char *copy = arena_copy(*state, "heart\0line", 10);
    assert_memory_equal(copy, "heart\0line", 11);
    assert_string_equal(arena_printf(*state, "%s_%03d", "metric", 7), "metric_007");
    assert_string_equal(arena_printf(*state, "%s", ""), "");
    char *wide = arena_printf(*state, "%5000d", 1);
    assert_int_equal(strlen(wide), 5000);
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_are_aligned_and_do_not_overlap, make, give_back),
        cmocka_unit_test_setup_teardown(a_piece_may_be_larger_than_a_block, make, give_back),
        cmocka_unit_test_setup_teardown(nothing_at_all_is_a_piece_too, make, give_back),
        cmocka_unit_test_setup_teardown(impossible_sizes_are_refused, make, give_back),
        cmocka_unit_test_setup_teardown(calloc_gives_zeros_where_something_was_before, make, give_back),
        cmocka_unit_test_setup_teardown(a_reset_arena_starts_again_in_its_first_block, make, give_back),
        cmocka_unit_test_setup_teardown(texts_are_copied_and_formatted, make, give_back),
        cmocka_unit_test(freeing_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
