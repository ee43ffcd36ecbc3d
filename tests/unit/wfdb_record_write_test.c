/* Records that we write are read back as they were, missing samples included; a record that was given up never
appears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/wfdb.h"
#include "record/wfdb_write.h"

enum { COUNT = 1000 };

struct world {
    char folder[64];
    char path[96];
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    snprintf(world->folder, sizeof world->folder, "/tmp/heartline-write.XXXXXX");
    if (!mkdtemp(world->folder))
        return 1;
    snprintf(world->path, sizeof world->path, "%s/r1", world->folder);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    int code = system(command);
    free(world);
    return code;
}

static void fill(float *mv)
{
    for (int i = 0; i < COUNT; i++)
        mv[i] = (float)(i % 977 - 400) / 1000.0F;
    mv[17] = NAN;
    mv[18] = 1000.0F; /* more than the format holds */
}

static void what_was_written_is_read_back(void **state)
{
    const struct world *world = *state;
    static const enum ecg_lead leads[] = {ECG_LEAD_II, ECG_LEAD_V1};
    static float mv[2][COUNT], back[2][COUNT];
    const float *in[] = {mv[0], mv[1]};
    float *out[] = {back[0], back[1]};
    const char *comments[] = {"made by a test"};
    struct wfdb_writer *writer;
    struct wfdb_record *record;
    struct wfdb_check checks[2];
    fill(mv[0]);
    fill(mv[1]);
    mv[1][0] = -0.5F;
    assert_int_equal(wfdb_writer_open(world->path, 443.34, leads, 2, &writer, NULL), HL_OK);
    assert_int_equal(wfdb_writer_add(writer, in, COUNT, NULL), HL_OK);
    assert_int_equal(wfdb_writer_finish(writer, comments, 1, NULL), HL_OK);
    assert_int_equal(wfdb_open(world->path, &record, NULL), HL_OK);
    assert_int_equal(record->sample_count, COUNT);
    assert_true(fabs(record->fs_hz - 443.34) < 1e-9);
    assert_int_equal(record->lead_count, 2);
    assert_int_equal(record->signals[1].lead, ECG_LEAD_V1);
    assert_string_equal(record->comments[0], "made by a test");
    assert_int_equal(wfdb_read(record, 0, COUNT, out, NULL), HL_OK);
    assert_int_equal(wfdb_verify(record, checks, NULL), HL_OK);
    for (size_t lead = 0; lead < 2; lead++) {
        assert_true(checks[lead].checksum_matches && checks[lead].first_matches);
        assert_int_equal(checks[lead].missing_count, 1);
        assert_true(isnan(back[lead][17]) != 0);
        assert_true(fabsf(back[lead][18] - 32.767F) < 1e-4F);
        for (int i = 19; i < COUNT; i++)
            assert_true(fabsf(back[lead][i] - mv[lead][i]) < 1e-6F);
    }
    wfdb_close(record);
}

static void what_was_given_up_never_appears(void **state)
{
    const struct world *world = *state;
    static const enum ecg_lead leads[] = {ECG_LEAD_I};
    static float mv[COUNT];
    const float *in[] = {mv};
    struct wfdb_writer *writer;
    struct wfdb_record *record;
    struct hl_error error;
    assert_int_equal(wfdb_writer_open(world->path, 500.0, leads, 1, &writer, NULL), HL_OK);
    assert_int_equal(wfdb_writer_add(writer, in, COUNT, NULL), HL_OK);
    wfdb_writer_abandon(writer);
    assert_int_equal(wfdb_open(world->path, &record, NULL), HL_NOT_FOUND);
    assert_int_equal(wfdb_writer_open("/tmp/bad name", 500.0, leads, 1, &writer, &error), HL_INVALID);
    assert_int_equal(wfdb_writer_open("/nowhere/at/all", 500.0, leads, 1, &writer, &error), HL_IO);
    assert_int_equal(rmdir(world->folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_given_up_never_appears, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
