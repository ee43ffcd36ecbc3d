/* Packing and unpacking of samples; the format is described in samples.h. */
#include "store/samples.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MODE_RAW = 255, DECIMAL_MODES = 7, VARINT_MAX_BYTES = 5 };

static const double powers[DECIMAL_MODES] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};

/* Largest magnitude whose difference to its neighbour still fits the 32-bit zigzag. */
static const double decimal_limit = 5e8;

/* To the nearest whole number, halves to even, for |value| < 2^51: the sum has no room for a fraction. What nearbyint
   does, without a call. */
static double rounded(double value)
{
    static const double no_fraction = 6755399441055744.0; /* 1.5 * 2^52 */
    return value + no_fraction - no_fraction;
}

static size_t put_varint(unsigned char *at, uint32_t value)
{
    size_t length = 0;
    for (; value >= 0x80; value >>= 7)
        at[length++] = (unsigned char)(value | 0x80);
    at[length++] = (unsigned char)value;
    return length;
}

/* 0 when a sample is not a decimal with so many places: then the packed bytes are of no use. */
static size_t pack_decimal(unsigned char *at, const float *samples, size_t count, double power)
{
    size_t length = 0;
    int32_t last = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(samples[i])) {
            at[length++] = 0;
            continue;
        }
        double scaled = (double)samples[i] * power;
        if (!(fabs(scaled) < decimal_limit) || (float)(rounded(scaled) / power) != samples[i])
            return 0;
        int32_t value = (int32_t)rounded(scaled);
        int32_t difference = value - last;
        uint32_t zigzag = ((uint32_t)difference << 1) ^ (uint32_t)(difference >> 31);
        length += put_varint(at + length, zigzag + 1);
        last = value;
    }
    return length;
}

static size_t pack_raw(unsigned char *at, const float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float value = isfinite(samples[i]) ? samples[i] + 0.0F : NAN; /* -0 + 0 = 0 */
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        for (int shift = 0; shift < 32; shift += 8)
            *at++ = (unsigned char)(bits >> shift);
    }
    return count * 4;
}

void samples_pack(struct buf *out, const float *samples, size_t count)
{
    if (!buf_reserve(out, 5 + count * VARINT_MAX_BYTES))
        return;
    unsigned char *start = (unsigned char *)out->data + out->length;
    size_t packed = 0;
    int mode = 0;
    while (mode < DECIMAL_MODES && (packed = pack_decimal(start + 5, samples, count, powers[mode])) == 0 && count > 0)
        mode++;
    if (mode == DECIMAL_MODES) {
        mode = MODE_RAW;
        packed = pack_raw(start + 5, samples, count);
    }
    start[4] = (unsigned char)mode;
    size_t length = 1 + packed;
    for (int i = 0; i < 4; i++)
        start[i] = (unsigned char)(length >> (8 * i));
    out->length += 4 + length;
    out->data[out->length] = '\0';
}

struct reader {
    const unsigned char *at, *end;
};

static bool read_varint(struct reader *r, uint32_t *value)
{
    uint64_t sum = 0;
    for (int shift = 0; shift < 35 && r->at < r->end; shift += 7) {
        unsigned char byte = *r->at++;
        sum |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *value = (uint32_t)sum;
            return sum <= UINT32_MAX;
        }
    }
    return false;
}

static bool unpack_decimal(struct reader *r, double power, float *samples, size_t count)
{
    int64_t last = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t code;
        if (!read_varint(r, &code))
            return false;
        if (code == 0) {
            samples[i] = NAN;
            continue;
        }
        uint32_t zigzag = code - 1;
        last += (int32_t)(zigzag >> 1) ^ -(int32_t)(zigzag & 1);
        samples[i] = (float)((double)last / power);
    }
    return r->at == r->end;
}

static bool unpack_raw(struct reader *r, float *samples, size_t count)
{
    if ((size_t)(r->end - r->at) != count * 4)
        return false;
    for (size_t i = 0; i < count; i++, r->at += 4) {
        uint32_t bits =
            (uint32_t)r->at[0] | (uint32_t)r->at[1] << 8 | (uint32_t)r->at[2] << 16 | (uint32_t)r->at[3] << 24;
        memcpy(&samples[i], &bits, sizeof bits);
    }
    return true;
}

/* Narrow `r` to the next lead's mode byte and samples; false at the end or on a broken length. */
static bool next_lead(struct reader *whole, struct reader *lead)
{
    if (whole->end - whole->at < 5)
        return false;
    size_t length =
        (size_t)whole->at[0] | (size_t)whole->at[1] << 8 | (size_t)whole->at[2] << 16 | (size_t)whole->at[3] << 24;
    whole->at += 4;
    if (length < 1 || length > (size_t)(whole->end - whole->at))
        return false;
    *lead = (struct reader){whole->at, whole->at + length};
    whole->at += length;
    return true;
}

hl_result samples_unpack(const void *packed, size_t length, size_t lead, float *samples, size_t count)
{
    struct reader whole = {packed, (const unsigned char *)packed + length};
    struct reader one = {0};
    for (size_t i = 0; i <= lead; i++)
        if (!next_lead(&whole, &one))
            return HL_INVALID;
    int mode = *one.at++;
    bool ok = mode == MODE_RAW       ? unpack_raw(&one, samples, count)
              : mode < DECIMAL_MODES ? unpack_decimal(&one, powers[mode], samples, count)
                                     : false;
    return ok ? HL_OK : HL_INVALID;
}
