/* The growing buffer. Doubling growth; the number writers try the few decimal forms that real data has before falling
back on printf's round-trip precision, because waveforms are written by the million. */
#include "base/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void buf_free(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    buf->length = 0;
    buf->failed = false;
}

bool buf_ok(const struct buf *buf)
{
    return !buf->failed;
}

bool buf_reserve(struct buf *buf, size_t more)
{
    if (buf->failed || more > SIZE_MAX / 4) {
        buf->failed = true;
        return false;
    }
    size_t needed = buf->length + more + 1;
    if (needed <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity : 256;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t length)
{
    if (!length || !buf_reserve(buf, length))
        return;
    memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length > 0 && buf_reserve(buf, (size_t)length)) {
        vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

void buf_int(struct buf *buf, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        buf_char(buf, '-');
    buf_add(buf, digits + at, sizeof digits - at);
}

static void json_escape(struct buf *buf, unsigned char c)
{
    static const char short_forms[][2] = {{'"', '"'}, {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}};
    for (size_t i = 0; i < sizeof short_forms / sizeof short_forms[0]; i++) {
        if (c == (unsigned char)short_forms[i][0]) {
            buf_char(buf, '\\');
            buf_char(buf, short_forms[i][1]);
            return;
        }
    }
    buf_printf(buf, "\\u%04x", c);
}

void buf_json_strn(struct buf *buf, const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    buf_char(buf, '"');
    for (size_t i = 0; i < length;) {
        size_t sequence = utf8_sequence(s + i, length - i);
        if (sequence == 0) {
            buf_text(buf, "\xEF\xBF\xBD");
            i++;
        } else if (sequence == 1 && (s[i] < 0x20 || s[i] == '"' || s[i] == '\\' || s[i] == 0x7F)) {
            json_escape(buf, s[i]);
            i++;
        } else {
            buf_add(buf, s + i, sequence);
            i += sequence;
        }
    }
    buf_char(buf, '"');
}

void buf_json_str(struct buf *buf, const char *text)
{
    buf_json_strn(buf, text, strlen(text));
}

/* Write `scaled` / 10^decimals without trailing zeros. */
static void add_decimal(struct buf *buf, int64_t scaled, int decimals)
{
    int64_t power = 1;
    for (int i = 0; i < decimals; i++)
        power *= 10;
    if (scaled < 0) {
        buf_char(buf, '-');
        scaled = -scaled;
    }
    buf_int(buf, scaled / power);
    int64_t fraction = scaled % power;
    if (!fraction)
        return;
    char digits[8];
    int length = snprintf(digits, sizeof digits, "%0*lld", decimals, (long long)fraction);
    while (length > 0 && digits[length - 1] == '0')
        length--;
    buf_char(buf, '.');
    buf_add(buf, digits, (size_t)length);
}

static const double decimal_powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};

void buf_json_number(struct buf *buf, double value)
{
    if (!isfinite(value)) {
        buf_text(buf, "null");
        return;
    }
    if (fabs(value) < 1e9) {
        for (int d = 0; d <= 6; d++) {
            double scaled = nearbyint(value * decimal_powers[d]);
            if (scaled / decimal_powers[d] == value) {
                add_decimal(buf, (int64_t)scaled, d);
                return;
            }
        }
    }
    char text[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_text(buf, text);
}

void buf_json_float(struct buf *buf, float value)
{
    if (!isfinite(value)) {
        buf_text(buf, "null");
        return;
    }
    if (fabsf(value) < 1e6F) {
        for (int d = 0; d <= 6; d++) {
            double scaled = nearbyint((double)value * decimal_powers[d]);
            if ((float)(scaled / decimal_powers[d]) == value) {
                add_decimal(buf, (int64_t)scaled, d);
                return;
            }
        }
    }
    char text[40];
    for (int precision = 6; precision <= 9; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    buf_text(buf, text);
}
