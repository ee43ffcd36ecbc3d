/* Written annotations read back as they were, in the bytes that other tools expect; and the published annotation files,
read and written again, are the same files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/wfdb_annotation_write.h"

static void assert_same(const struct wfdb_annotation *a, const struct wfdb_annotation *b)
{
    assert_true(a->sample == b->sample);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->subtype, b->subtype);
    assert_int_equal(a->channel, b->channel);
    assert_int_equal(a->number, b->number);
    assert_true(!a->aux == !b->aux);
    if (a->aux)
        assert_string_equal(a->aux, b->aux);
}

static void assert_reads_back(const struct wfdb_annotations *set)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    struct wfdb_annotations *back = NULL;
    assert_int_equal(wfdb_annotations_encode(set, &bytes, &length, NULL), HL_OK);
    assert_int_equal(wfdb_annotations_parse(bytes, length, &back, NULL), HL_OK);
    assert_int_equal(back->count, set->count);
    assert_true(back->time_resolution_hz == set->time_resolution_hz);
    for (size_t i = 0; i < set->count; i++)
        assert_same(&set->items[i], &back->items[i]);
    wfdb_annotations_free(back);
    free(bytes);
}

static void bytes_are_those_of_the_format(void **state)
{
    (void)state;
    struct wfdb_annotation items[] = {
        {.sample = 18, .type = 28, .aux = "(N"},
        {.sample = 77, .type = 1},
        {.sample = 1101, .type = 5, .subtype = -1, .channel = 1, .number = 3},
        {.sample = 1101, .type = 1, .channel = 1, .number = 3, .aux = "odd"},
    };
    static const uint8_t expected[] = {
        18,   28 << 2, 2, 63 << 2, '(',  'N',             /* + at 18, AUX of two bytes */
        59,   1 << 2,                                     /* N, 59 later */
        0,    59 << 2, 0, 0,       0x00, 0x04,            /* SKIP 1024: high word, low word */
        0,    5 << 2,                                     /* V */
        0xff, 61 << 2, 1, 62 << 2, 3,    60 << 2,         /* SUB -1, CHN 1, NUM 3 */
        0,    1 << 2,  3, 63 << 2, 'o',  'd',     'd', 0, /* N, AUX of three bytes and one for evenness */
        0,    0,
    };
    struct wfdb_annotations set = {.count = 4, .items = items};
    uint8_t *bytes = NULL;
    size_t length = 0;
    assert_int_equal(wfdb_annotations_encode(&set, &bytes, &length, NULL), HL_OK);
    assert_int_equal(length, sizeof expected);
    assert_memory_equal(bytes, expected, length);
    free(bytes);
    assert_reads_back(&set);
}

static void long_and_negative_steps_are_kept(void **state)
{
    (void)state;
    struct wfdb_annotation items[] = {
        {.sample = -5, .type = 1},          {.sample = 1018, .type = 1},       {.sample = 2042, .type = 1},
        {.sample = 2147480000, .type = 13}, {.sample = 3000000000, .type = 8}, {.sample = 2999999999, .type = 49},
    };
    struct wfdb_annotations set = {.count = 6, .items = items};
    assert_reads_back(&set);
    set.time_resolution_hz = 1000.0;
    assert_reads_back(&set);
    set.count = 0;
    assert_reads_back(&set);
}

static void everything_a_byte_can_hold_is_kept(void **state)
{
    (void)state;
    enum { COUNT = 256 };
    static struct wfdb_annotation items[COUNT];
    static char texts[COUNT][COUNT];
    for (int i = 0; i < COUNT; i++) {
        memset(texts[i], 'a' + i % 26, (size_t)i);
        items[i] = (struct wfdb_annotation){
            .sample = i * i,
            .type = 1 + (unsigned)i % 49,
            .subtype = i - 128,
            .channel = 255 - i,
            .number = i % 7 - 128,
            .aux = i % 3 ? texts[i] : NULL,
        };
    }
    struct wfdb_annotations set = {.count = COUNT, .items = items};
    assert_reads_back(&set);
}

static void what_the_format_cannot_hold_is_refused(void **state)
{
    (void)state;
    static char text[257];
    memset(text, 'x', 256);
    const struct wfdb_annotation bad[] = {
        {.type = 0},
        {.type = 50},
        {.type = 1, .subtype = 128},
        {.type = 1, .number = -129},
        {.type = 1, .channel = 256},
        {.type = 1, .channel = -1},
        {.type = 1, .aux = text},
        {.type = 1, .sample = (int64_t)1 << 31},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wfdb_annotation items[] = {{.type = 1}, bad[i]};
        struct wfdb_annotations set = {.count = 2, .items = items};
        uint8_t *bytes = NULL;
        size_t length = 0;
        struct hl_error error;
        assert_int_equal(wfdb_annotations_encode(&set, &bytes, &length, &error), HL_INVALID);
        assert_string_equal(error.field, "items[1]");
        assert_null(bytes);
    }
}

static void file_is_written_beside_the_record(void **state)
{
    (void)state;
    char folder[] = "/tmp/heartline-write-XXXXXX";
    char path[64];
    char file[80];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r", folder);
    snprintf(file, sizeof file, "%s.hl", path);
    struct wfdb_annotation items[] = {{.sample = 7, .type = 1, .aux = "(AFIB"}, {.sample = 5000, .type = 5}};
    struct wfdb_annotations set = {.count = 2, .items = items};
    struct wfdb_annotations *back = NULL;
    for (int i = 0; i < 2; i++)
        assert_int_equal(wfdb_annotations_write(path, "hl", &set, NULL), HL_OK);
    assert_int_equal(wfdb_annotations_read(path, "hl", &back, NULL), HL_OK);
    assert_int_equal(back->count, 2);
    assert_same(&back->items[0], &items[0]);
    wfdb_annotations_free(back);
    assert_int_equal(remove(file), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left there */
}

static void bad_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "hea", "dat", "a/b", "..", "a b", "a.b"};
    struct wfdb_annotations set = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(wfdb_annotations_write("/nowhere/r", names[i], &set, NULL), HL_INVALID);
    assert_int_equal(wfdb_annotations_write("/nowhere/r", "hl", &set, NULL), HL_IO);
}

static const char *data_folder(void)
{
    const char *folder = getenv("HEARTLINE_DATA");
    return folder && *folder ? folder : "../shared/data";
}

/* The whole of DATA/NAME; 0 when there is none. */
static size_t load(const char *name, uint8_t *bytes, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", data_folder(), name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t length = fread(bytes, 1, size, file);
    assert_int_equal(fclose(file), 0);
    return length;
}

static void published_files_are_written_again_as_they_were(void **state)
{
    (void)state;
    static const char *const names[] = {"cpsc2021/data_101_6.atr", "cpsc2021/data_21_7.atr", "ludb/data/1.i",
                                        "ludb/data/33.v6", "ludb/data/157.ii"};
    static uint8_t original[1 << 20];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = load(names[i], original, sizeof original);
        if (size == 0)
            skip();
        struct wfdb_annotations *set = NULL;
        uint8_t *bytes = NULL;
        size_t length = 0;
        assert_int_equal(wfdb_annotations_parse(original, size, &set, NULL), HL_OK);
        assert_int_equal(wfdb_annotations_encode(set, &bytes, &length, NULL), HL_OK);
        assert_int_equal(length, size);
        assert_memory_equal(bytes, original, size);
        free(bytes);
        wfdb_annotations_free(set);
    }
}

/* These count the NUL behind a text as a part of it, so the bytes differ, but nothing that they say. */
static void published_files_with_other_texts_say_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {"mitdb/100.atr", "mitdb/203.atr", "mitdb/207.atr", "mitdb/222.atr"};
    static uint8_t original[1 << 20];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = load(names[i], original, sizeof original);
        if (size == 0)
            skip();
        struct wfdb_annotations *set = NULL;
        assert_int_equal(wfdb_annotations_parse(original, size, &set, NULL), HL_OK);
        assert_true(set->count > 1000);
        assert_reads_back(set);
        wfdb_annotations_free(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_format),
        cmocka_unit_test(long_and_negative_steps_are_kept),
        cmocka_unit_test(everything_a_byte_can_hold_is_kept),
        cmocka_unit_test(what_the_format_cannot_hold_is_refused),
        cmocka_unit_test(file_is_written_beside_the_record),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(published_files_are_written_again_as_they_were),
        cmocka_unit_test(published_files_with_other_texts_say_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
