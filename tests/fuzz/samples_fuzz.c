/* Packed samples both ways: arbitrary bytes unpacked never run over, and arbitrary floats packed come back to the bit.
The first byte chooses, and says how many samples to ask for; for broken bytes the second names the lead. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void try_broken(const uint8_t *bytes, size_t length, size_t lead, size_t count)
{
    void *packed = malloc(length ? length : 1);
    float *samples = malloc(count ? count * sizeof *samples : 1);
    if (!packed || !samples)
        abort();
    memcpy(packed, bytes, length);
    hl_result result = samples_unpack(packed, length, lead, samples, count);
    if (result != HL_OK && result != HL_INVALID)
        abort();
    free(packed);
    free(samples);
}

static int same(float sent, float back)
{
    if (!isfinite(sent))
        return isnan(back);
    return sent == 0 ? back == 0 && !signbit(back) : memcmp(&sent, &back, sizeof sent) == 0;
}

static void try_round_trip(const uint8_t *bytes, size_t length, double step)
{
    size_t count = length / 4;
    float *samples = malloc(count ? count * sizeof *samples : 1), *back = malloc(count ? count * sizeof *back : 1);
    struct buf packed = {0};
    if (!samples || !back)
        abort();
    for (size_t i = 0; i < count; i++) {
        int32_t whole;
        memcpy(&samples[i], bytes + 4 * i, 4);
        memcpy(&whole, bytes + 4 * i, 4);
        if (step > 0)
            samples[i] = (float)(whole / step);
    }
    samples_pack(&packed, samples, count);
    samples_pack(&packed, samples, count);
    for (size_t lead = 0; lead < 2; lead++) {
        if (samples_unpack(packed.data, packed.length, lead, back, count) != HL_OK)
            abort();
        for (size_t i = 0; i < count; i++)
            if (!same(samples[i], back[i]))
                abort();
    }
    buf_free(&packed);
    free(samples);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 2)
        return 0;
    if (bytes[0] < 128)
        try_broken(bytes + 2, length - 2, bytes[1] % 16, bytes[0]);
    else
        try_round_trip(bytes + 2, length - 2, bytes[1] % 8 ? pow(10, bytes[1] % 8 - 1) : 0);
    return 0;
}
