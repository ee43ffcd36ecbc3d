/* Packed samples: what goes in comes out to the bit, in the smallest mode that can; broken bytes are refused, not read
past. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/samples.h"

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* As packed: from a block of exactly this size, so that a reader that goes on is caught by the address sanitizer. */
static hl_result unpack(const void *packed, size_t length, size_t lead, float *samples, size_t count)
{
    void *exact = malloc(length ? length : 1);
    float *room = malloc(count ? count * sizeof *room : 1);
    assert_true(exact && room);
    memcpy(exact, packed, length);
    hl_result result = samples_unpack(exact, length, lead, room, count);
    if (result == HL_OK)
        memcpy(samples, room, count * sizeof *room);
    free(exact);
    free(room);
    return result;
}

/* The mode it was packed in. */
static int round_trip(const float *samples, size_t count)
{
    struct buf packed = {0};
    float *back = malloc((count + 1) * sizeof *back);
    assert_non_null(back);
    samples_pack(&packed, samples, count);
    assert_true(buf_ok(&packed));
    assert_int_equal(unpack(packed.data, packed.length, 0, back, count), HL_OK);
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(samples[i]))
            assert_true(isnan(back[i]));
        else if (samples[i] == 0)
            assert_true(back[i] == 0 && !signbit(back[i]));
        else
            assert_memory_equal(&back[i], &samples[i], sizeof back[i]);
    }
    int mode = (unsigned char)packed.data[4];
    free(back);
    buf_free(&packed);
    return mode;
}

static void decimals_go_into_their_own_mode(void **state)
{
    (void)state;
    static const double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    uint64_t seed = 7;
    for (int mode = 0; mode <= 6; mode++) {
        float samples[2000];
        for (size_t i = 0; i < 2000; i++)
            samples[i] = (float)((double)((int64_t)(next_random(&seed) % 20001) - 10000) / powers[mode]);
        samples[0] = (float)(1 / powers[mode]); /* needs exactly these decimals */
        assert_int_equal(round_trip(samples, 2000), mode);
    }
}

static void what_a_device_sends_takes_few_bytes(void **state)
{
    (void)state;
    struct buf packed = {0};
    float samples[5000];
    for (size_t i = 0; i < 5000; i++) /* microvolt-like steps of an 11-bit converter, 5 uV each */
        samples[i] = (float)(nearbyint(200 * sin((double)i / 40)) * 0.005);
    samples_pack(&packed, samples, 5000);
    assert_true(packed.length < 5000 * 3 / 2);
    buf_free(&packed);
}

static void any_float_comes_back_to_the_bit(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int round = 0; round < 200; round++) {
        float samples[500];
        for (size_t i = 0; i < 500; i++)
            samples[i] = float_of_bits((uint32_t)next_random(&seed));
        assert_int_equal(round_trip(samples, 500), 255);
    }
}

static void edges_come_back_to_the_bit(void **state)
{
    (void)state;
    static const float rows[][2] = {
        {FLT_MAX, -FLT_MAX},
        {FLT_MIN, -FLT_MIN},
        {FLT_TRUE_MIN, -FLT_TRUE_MIN},
        {FLT_EPSILON, 1},
        {499999968, -499999968},
        {5e8F, 0},
        {-5e8F, 5e8F},
        {1e9F, 1},
        {499.999F, -499.999F},
        {500.000001F, 0.000001F},
        {0.1F, 0.2F},
        {1.0F / 3, 2},
        {16777216, 16777218},
        {2147483648.0F, 0},
        {4294967296.0F, 1},
        {1e-6F, 1e-7F},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        round_trip(rows[i], 1);
        round_trip(rows[i] + 1, 1);
        round_trip(rows[i], 2);
    }
}

/* A sample of nothing is nothing: the sign a client's rounding left on a zero is not kept in any mode, and does not
   drive decimals into raw floats. */
static void zero_has_no_sign(void **state)
{
    (void)state;
    static const float decimal[] = {-0.0F, 0.5F, 0, -0.0F}, raw[] = {-0.0F, 1e-20F, 0};
    assert_int_equal(round_trip(decimal, 4), 1);
    assert_int_equal(round_trip(raw, 3), 255);
}

static void missing_samples_stay_missing(void **state)
{
    (void)state;
    const float holes[] = {NAN, 1, NAN, NAN, -1, INFINITY, 2, -INFINITY, float_of_bits(0xFFC12345), NAN};
    const float raw_holes[] = {NAN, 1e-20F, INFINITY, 5, NAN};
    const float nothing[] = {NAN, NAN, NAN};
    assert_int_equal(round_trip(holes, 10), 0);
    assert_int_equal(round_trip(raw_holes, 5), 255);
    assert_int_equal(round_trip(nothing, 3), 0);
    assert_int_equal(round_trip(NULL, 0), 0);
}

static void leads_are_told_apart(void **state)
{
    (void)state;
    static const float first[] = {1, 2, 3}, second[] = {0.5F, -0.25F, 1e-20F}, third[] = {NAN, 4.5F, 0};
    struct buf packed = {0};
    float back[3];
    buf_text(&packed, "");
    samples_pack(&packed, first, 3);
    samples_pack(&packed, second, 3);
    samples_pack(&packed, third, 3);
    assert_int_equal(unpack(packed.data, packed.length, 1, back, 3), HL_OK);
    assert_memory_equal(back, second, sizeof second);
    assert_int_equal(unpack(packed.data, packed.length, 2, back, 3), HL_OK);
    assert_true(isnan(back[0]) && back[1] == 4.5F && back[2] == 0);
    assert_int_equal(unpack(packed.data, packed.length, 0, back, 3), HL_OK);
    assert_memory_equal(back, first, sizeof first);
    assert_int_equal(unpack(packed.data, packed.length, 3, back, 3), HL_INVALID);
    assert_int_equal(unpack(packed.data, packed.length, SIZE_MAX - 1, back, 3), HL_INVALID);
    assert_int_equal(unpack(packed.data, packed.length, 0, back, 2), HL_INVALID); /* another count */
    assert_int_equal(unpack(packed.data, packed.length, 1, back, 2), HL_INVALID);
    buf_free(&packed);
}

static void the_same_samples_are_the_same_bytes(void **state)
{
    (void)state;
    const float one[] = {1, float_of_bits(0x7FC00000), -0.0F, 1e-20F},
                other[] = {1, float_of_bits(0xFFC00001), 0, 1e-20F};
    struct buf a = {0}, b = {0};
    samples_pack(&a, one, 4);
    samples_pack(&b, other, 4); /* what is missing is missing: a repeat is recognised by these bytes */
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.data, b.data, a.length);
    buf_free(&a);
    buf_free(&b);
}

static void broken_bytes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length, count;
    } rows[] = {
        {"", 0, 1},
        {"\1\0\0", 3, 0},
        {"\1\0\0\0", 4, 0},             /* a mode byte is missing */
        {"\0\0\0\0\0", 5, 0},           /* a length of nothing */
        {"\xFF\xFF\xFF\xFF\0\1", 6, 1}, /* longer than there is */
        {"\1\0\0\0\7", 5, 0},           /* no such mode */
        {"\1\0\0\0\xFE", 5, 0},
        {"\1\0\0\0\0", 5, 1},                        /* too few samples */
        {"\3\0\0\0\0\1\1", 7, 1},                    /* too many */
        {"\2\0\0\0\0\x80", 6, 1},                    /* ends inside a varint */
        {"\7\0\0\0\0\x80\x80\x80\x80\x80\1", 11, 1}, /* a varint of six bytes */
        {"\6\0\0\0\0\xFF\xFF\xFF\xFF\x7F", 10, 1},   /* beyond 32 bits */
        {"\4\0\0\0\xFF\0\0\0", 8, 1},                /* three quarters of a float */
        {"\6\0\0\0\xFF\0\0\0\0\0", 10, 1},
    };
    float back[4];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(unpack(rows[i].bytes, rows[i].length, 0, back, rows[i].count), HL_INVALID);
}

static void damaged_bytes_are_never_read_past(void **state)
{
    (void)state;
    uint64_t seed = 3;
    struct buf packed = {0};
    float samples[64], back[64];
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < 64; i++)
            samples[i] =
                round & 1 ? (float)(next_random(&seed) % 4096) / 8 : float_of_bits((uint32_t)next_random(&seed));
        buf_clear(&packed);
        samples_pack(&packed, samples, 64);
        samples_pack(&packed, samples, 64);
        for (uint64_t hits = 1 + next_random(&seed) % 4; hits; hits--)
            packed.data[next_random(&seed) % packed.length] = (char)next_random(&seed);
        hl_result whole = unpack(packed.data, packed.length, next_random(&seed) % 3, back, 64);
        hl_result cut = unpack(packed.data, next_random(&seed) % packed.length, 1, back, next_random(&seed) % 65);
        assert_true((whole == HL_OK || whole == HL_INVALID) && (cut == HL_OK || cut == HL_INVALID));
    }
    buf_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_go_into_their_own_mode),
        cmocka_unit_test(what_a_device_sends_takes_few_bytes),
        cmocka_unit_test(any_float_comes_back_to_the_bit),
        cmocka_unit_test(edges_come_back_to_the_bit),
        cmocka_unit_test(zero_has_no_sign),
        cmocka_unit_test(missing_samples_stay_missing),
        cmocka_unit_test(leads_are_told_apart),
        cmocka_unit_test(the_same_samples_are_the_same_bytes),
        cmocka_unit_test(broken_bytes_are_refused),
        cmocka_unit_test(damaged_bytes_are_never_read_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
