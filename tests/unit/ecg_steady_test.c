/* Feeding the analysis never asks for memory, whatever stage is at work: the C library's allocator is watched while two
minutes of a virtual heart, a gap and a flush go through it. A sanitizer brings an allocator of its own: not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ecg/pipeline.h"
#include "sim/heart.h"

#ifdef __SANITIZE_ADDRESS__

static void feeding_never_allocates(void **state)
{
    (void)state;
    skip();
}

#else

enum { FS_HZ = 250, SECONDS = 400 };

static unsigned long asked;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    asked++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    asked++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    asked++;
    return __libc_realloc(old, size);
}

static void count_beat(void *context, const struct ecg_beat *beat)
{
    (void)beat;
    ++*(unsigned *)context;
}

static void feeding_never_allocates(void **state)
{
    (void)state;
    static float second[ECG_STANDARD_LEADS][FS_HZ];
    float *write[ECG_STANDARD_LEADS];
    const float *read[ECG_STANDARD_LEADS];
    struct ecg_config config = {.fs_hz = FS_HZ, .units = ECG_UNITS_MV, .lead_count = ECG_STANDARD_LEADS};
    struct sim_params params;
    struct sim_heart *heart = NULL;
    struct ecg_pipeline *pipeline = NULL;
    unsigned beats = 0;
    struct ecg_sink sink = {.context = &beats, .beat = count_beat};
    for (unsigned lead = 0; lead < ECG_STANDARD_LEADS; lead++) {
        config.leads[lead] = (enum ecg_lead)lead;
        write[lead] = second[lead];
        read[lead] = second[lead];
    }
    sim_params_default(&params);
    params.fs_hz = FS_HZ;
    assert_int_equal(sim_heart_new(&params, &heart, NULL), HL_OK);
    assert_int_equal(ecg_pipeline_new(&config, &pipeline, NULL), HL_OK);
    assert_true(asked > 0);
    unsigned long before = asked;
    for (unsigned s = 0; s < SECONDS; s++) {
        sim_heart_run(heart, write, FS_HZ, NULL);
        ecg_pipeline_feed(pipeline, read, FS_HZ, &sink);
    }
    ecg_pipeline_gap(pipeline, 1000000, &sink);
    ecg_pipeline_flush(pipeline, &sink);
    assert_int_equal(asked, before);
    assert_true(beats > SECONDS);
    ecg_pipeline_free(pipeline);
    sim_heart_free(heart);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feeding_never_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
