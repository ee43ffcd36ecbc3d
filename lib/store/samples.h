/* How a chunk's samples lie in waveforms.samples (encoding 1): lossless to the last bit of a float, small, and simple
enough that the SQL function waveform_lead reads it too. Only the sign of a zero is not kept: it is what rounding left
behind, and keeping it would make raw floats of decimals.

For each lead in order: a 4-byte little-endian length of what follows, one mode byte, then
  mode 0..6  the samples are whole multiples of 10^-mode. Each is a varint (7 bits a byte, low first, high bit set when
             more follow): 0 for a missing sample, otherwise 1 + zigzag(difference to the last present one, first to 0).
  mode 255   float32, little-endian, NaN for a missing sample.
Recorded and simulated ECG is decimal (ADC steps, microvolts), so mode 255 is the exception. About 1 byte a sample. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/result.h"

enum { SAMPLES_ENCODING = 1 };

/* Append one lead to `out`. Any non-finite value is a missing sample. Check buf_ok(out) at the end. */
void samples_pack(struct buf *out, const float *samples, size_t count);

/* Read lead number `lead` (from 0) of a packed chunk into samples[0..count-1]; missing ones become NAN.
   HL_INVALID when the bytes are not what samples_pack writes, or hold another count. */
HL_MUST_CHECK hl_result samples_unpack(const void *packed, size_t length, size_t lead, float *samples, size_t count);
