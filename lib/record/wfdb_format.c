/* The signal formats that are read, one row each: how samples are packed, and which count marks a missing one. A format
is one decoder and one row; the difference format 8 and the FLAC formats (508, 516, 524) cannot be read by position and
are not here. */
#include "record/wfdb_private.h"

static uint32_t le16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static int32_t sign_extend(uint32_t value, unsigned bits)
{
    uint32_t sign = 1u << (bits - 1);
    uint32_t low = value & (sign | (sign - 1u));
    return (int32_t)((int64_t)(low ^ sign) - (int64_t)sign);
}

static void decode_80(const uint8_t *unit, int32_t *samples)
{
    samples[0] = (int32_t)unit[0] - 128;
}

static void decode_16(const uint8_t *unit, int32_t *samples)
{
    samples[0] = sign_extend(le16(unit), 16);
}

static void decode_61(const uint8_t *unit, int32_t *samples)
{
    samples[0] = sign_extend((uint32_t)unit[0] << 8 | unit[1], 16);
}

static void decode_160(const uint8_t *unit, int32_t *samples)
{
    samples[0] = (int32_t)le16(unit) - 32768;
}

static void decode_24(const uint8_t *unit, int32_t *samples)
{
    samples[0] = sign_extend(le16(unit) | (uint32_t)unit[2] << 16, 24);
}

static void decode_32(const uint8_t *unit, int32_t *samples)
{
    samples[0] = sign_extend(le16(unit) | le16(unit + 2) << 16, 32);
}

static void decode_212(const uint8_t *unit, int32_t *samples)
{
    samples[0] = sign_extend((uint32_t)unit[0] | (unit[1] & 0x0fu) << 8, 12);
    samples[1] = sign_extend((uint32_t)unit[2] | (unit[1] & 0xf0u) << 4, 12);
}

static void decode_310(const uint8_t *unit, int32_t *samples)
{
    uint32_t first = le16(unit);
    uint32_t second = le16(unit + 2);
    samples[0] = sign_extend(first >> 1, 10);
    samples[1] = sign_extend(second >> 1, 10);
    samples[2] = sign_extend(first >> 11 | (second >> 11) << 5, 10);
}

static void decode_311(const uint8_t *unit, int32_t *samples)
{
    uint32_t packed = le16(unit) | le16(unit + 2) << 16;
    samples[0] = sign_extend(packed, 10);
    samples[1] = sign_extend(packed >> 10, 10);
    samples[2] = sign_extend(packed >> 20, 10);
}

static const struct wfdb_format formats[] = {
    {16, 1, {0, 2}, -32768, decode_16},       {212, 2, {0, 2, 3}, -2048, decode_212},
    {24, 1, {0, 3}, -8388608, decode_24},     {32, 1, {0, 4}, INT32_MIN, decode_32},
    {61, 1, {0, 2}, -32768, decode_61},       {80, 1, {0, 1}, -128, decode_80},
    {160, 1, {0, 2}, -32768, decode_160},     {310, 3, {0, 2, 4, 4}, -512, decode_310},
    {311, 3, {0, 2, 3, 4}, -512, decode_311},
};

const struct wfdb_format *wfdb_format_find(int number)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].number == number)
            return &formats[i];
    return NULL;
}
