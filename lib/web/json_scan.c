/* The strict reader. Numbers are converted by Clinger's fast path (a mantissa below 2^53 times or over a power of ten
up to 22 is exact in one operation: W. Clinger, "How to read floating point numbers accurately", 1990), otherwise by
strtod. */
#include "web/json_scan.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void json_scan_init(struct json_scan *scan, const char *text, size_t length)
{
    *scan = (struct json_scan){.start = text, .at = text, .end = text + length};
}

bool json_fail(struct json_scan *scan, const char *message)
{
    if (!scan->error)
        scan->error = message;
    return false;
}

static void skip_space(struct json_scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
}

/* The next byte that is not white space, or 0 at the end. */
static char look(struct json_scan *scan)
{
    skip_space(scan);
    return scan->at < scan->end ? *scan->at : '\0';
}

static bool take_word(struct json_scan *scan, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

static bool fail_value(struct json_scan *scan)
{
    static const char *const lookalikes[] = {"NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"};
    for (size_t i = 0; i < sizeof lookalikes / sizeof lookalikes[0]; i++) {
        if (take_word(scan, lookalikes[i])) {
            scan->not_a_number = true;
            return json_fail(scan,
                             "is not a finite number; JSON has no NaN or infinity, send null for a missing value");
        }
    }
    return json_fail(scan, scan->at < scan->end ? "is not valid JSON here" : "ends too early");
}

char json_peek(struct json_scan *scan)
{
    if (scan->error)
        return '\0';
    char c = look(scan);
    switch (c) {
    case '{':
    case '[':
    case '"':
    case 't':
    case 'f': return c;
    case 'n':
        if (scan->end - scan->at >= 4 && memcmp(scan->at, "null", 4) == 0)
            return 'n';
        break;
    case '-':
        if (scan->end - scan->at >= 2 && scan->at[1] >= '0' && scan->at[1] <= '9')
            return '0';
        break;
    default:
        if (c >= '0' && c <= '9')
            return '0';
    }
    fail_value(scan);
    return '\0';
}

static bool enter(struct json_scan *scan, char bracket, const char *message)
{
    char kind = json_peek(scan);
    if (kind != bracket)
        return kind ? json_fail(scan, message) : false;
    if (scan->depth == JSON_MAX_DEPTH)
        return json_fail(scan, "is nested too deeply");
    scan->at++;
    scan->levels[scan->depth++] = (struct json_level){.index = -1, .first = true};
    return true;
}

bool json_enter_object(struct json_scan *scan)
{
    return enter(scan, '{', "must be an object");
}

bool json_enter_array(struct json_scan *scan)
{
    return enter(scan, '[', "must be an array");
}

/* After a value: the closing bracket ends the container (false), a comma goes on (true). */
static bool advance(struct json_scan *scan, char closing)
{
    if (scan->error)
        return false;
    struct json_level *level = &scan->levels[scan->depth - 1];
    char c = look(scan);
    if (c == closing) {
        scan->at++;
        scan->depth--;
        return false;
    }
    if (level->first) {
        level->first = false;
        return true;
    }
    if (c != ',')
        return json_fail(scan, c ? "is not followed by a comma or the end" : "ends too early");
    scan->at++;
    return true;
}

bool json_next_key(struct json_scan *scan, struct json_span *key)
{
    if (!advance(scan, '}'))
        return false;
    if (look(scan) != '"')
        return json_fail(scan, "must have keys in double quotes");
    if (!json_read_string(scan, key))
        return false;
    scan->levels[scan->depth - 1].key = *key;
    if (look(scan) != ':')
        return json_fail(scan, "has a key without a colon");
    scan->at++;
    return true;
}

bool json_next_element(struct json_scan *scan)
{
    if (!advance(scan, ']'))
        return false;
    scan->levels[scan->depth - 1].index++;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex4(struct json_scan *scan, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, scan->at++) {
        int digit = scan->at < scan->end ? hex_digit(*scan->at) : -1;
        if (digit < 0)
            return json_fail(scan, "has a broken \\u escape");
        *code = *code * 16 + (unsigned)digit;
    }
    return true;
}

/* Stands after "\u". Surrogates must come in pairs; U+0000 would cut a C string, so it is refused. */
static bool check_unicode_escape(struct json_scan *scan)
{
    unsigned code, low;
    if (!read_hex4(scan, &code))
        return false;
    if (code == 0)
        return json_fail(scan, "must not contain U+0000");
    if (code < 0xD800 || code > 0xDFFF)
        return true;
    if (code > 0xDBFF || scan->end - scan->at < 2 || scan->at[0] != '\\' || scan->at[1] != 'u')
        return json_fail(scan, "has half of a surrogate pair");
    scan->at += 2;
    if (!read_hex4(scan, &low))
        return false;
    return low >= 0xDC00 && low <= 0xDFFF ? true : json_fail(scan, "has half of a surrogate pair");
}

static bool check_escape(struct json_scan *scan)
{
    char c = scan->at < scan->end ? *scan->at++ : '\0';
    if (c == 'u')
        return check_unicode_escape(scan);
    return c && strchr("\"\\/bfnrt", c) ? true : json_fail(scan, "has an unknown escape");
}

/* Stands on a byte >= 0x80. */
static bool check_utf8(struct json_scan *scan)
{
    size_t length = utf8_sequence((const unsigned char *)scan->at, (size_t)(scan->end - scan->at));
    if (length == 0)
        return json_fail(scan, "is not valid UTF-8");
    scan->at += length;
    return true;
}

bool json_read_string(struct json_scan *scan, struct json_span *span)
{
    if (scan->error)
        return false;
    if (look(scan) != '"')
        return json_peek(scan) ? json_fail(scan, "must be a string") : false;
    span->text = ++scan->at;
    while (scan->at < scan->end) {
        unsigned char c = (unsigned char)*scan->at;
        if (c == '"') {
            span->length = (size_t)(scan->at++ - span->text);
            return true;
        }
        if (c < 0x20)
            return json_fail(scan, "has a control character in a string");
        if (c >= 0x80) {
            if (!check_utf8(scan))
                return false;
        } else {
            scan->at++;
            if (c == '\\' && !check_escape(scan))
                return false;
        }
    }
    return json_fail(scan, "ends inside a string");
}

static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

struct decimal {
    uint64_t mantissa;
    int exponent;
    int digits; /* significant ones taken into the mantissa */
};

static const char *take_digits(const char *at, const char *end, struct decimal *d, bool fraction)
{
    for (; is_digit(at, end); at++) {
        if (d->digits < 19) {
            d->mantissa = d->mantissa * 10 + (uint64_t)(*at - '0');
            d->digits += d->mantissa != 0;
            d->exponent -= fraction;
        } else {
            d->digits = 20; /* no longer exact: strtod decides */
            d->exponent += !fraction;
        }
    }
    return at;
}

static const char *take_exponent(const char *at, const char *end, int *exponent)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '+' || *at == '-'))
        at++;
    if (!is_digit(at, end))
        return NULL;
    int value = 0;
    for (; is_digit(at, end); at++)
        if (value < 100000)
            value = value * 10 + (*at - '0');
    *exponent += negative ? -value : value;
    return at;
}

static double convert_slowly(const char *start, const char *end)
{
    char text[512];
    size_t length = (size_t)(end - start);
    if (length >= sizeof text)
        return NAN;
    memcpy(text, start, length);
    text[length] = '\0';
    return strtod(text, NULL);
}

/* NULL when there is no number in JSON's grammar at `start`; otherwise its end. */
static inline const char *parse_number(const char *start, const char *end, double *value)
{
    const char *at = start;
    bool negative = at < end && *at == '-';
    at += negative;
    if (!is_digit(at, end) || (*at == '0' && is_digit(at + 1, end)))
        return NULL;
    struct decimal d = {0};
    at = take_digits(at, end, &d, false);
    if (at < end && *at == '.') {
        if (!is_digit(at + 1, end))
            return NULL;
        at = take_digits(at + 1, end, &d, true);
    }
    if (at < end && (*at | 0x20) == 'e') {
        at = take_exponent(at + 1, end, &d.exponent);
        if (!at)
            return NULL;
    }
    double magnitude;
    if (d.digits <= 19 && d.mantissa < (UINT64_C(1) << 53) && d.exponent >= -22 && d.exponent <= 22)
        magnitude = d.exponent < 0 ? (double)d.mantissa / exact_powers[-d.exponent]
                                   : (double)d.mantissa * exact_powers[d.exponent];
    else
        magnitude = fabs(convert_slowly(start, at));
    *value = negative ? -magnitude : magnitude;
    return at;
}

bool json_read_number(struct json_scan *scan, double *value)
{
    char kind = json_peek(scan);
    if (kind != '0')
        return kind ? json_fail(scan, "must be a number") : false;
    const char *after = parse_number(scan->at, scan->end, value);
    if (!after)
        return json_fail(scan, "is not a valid number");
    if (!isfinite(*value)) {
        scan->not_a_number = true;
        return json_fail(scan, "is out of the range of numbers");
    }
    scan->at = after;
    return true;
}

static bool read_float_element(struct json_scan *scan, float *sample)
{
    double value;
    if (scan->at < scan->end && *scan->at == 'n' && take_word(scan, "null")) {
        *sample = NAN;
        return true;
    }
    const char *after = parse_number(scan->at, scan->end, &value);
    if (!after) {
        char kind = json_peek(scan);
        return kind ? json_fail(scan, kind == '0' ? "is not a valid number" : "must be a number or null") : false;
    }
    if (!(fabs(value) <= (double)FLT_MAX)) {
        scan->not_a_number = true;
        return json_fail(scan, "is out of the range of numbers");
    }
    scan->at = after;
    *sample = (float)value;
    return true;
}

/* The number a waveform is made of, such as -0.123: at most 15 digits, and a comma or the end of the array right behind
   it. NULL for every other, valid or not: that is for parse_number, which gives these the same value. */
static inline const char *parse_plain(const char *at, const char *end, float *sample)
{
    bool negative = at < end && *at == '-';
    at += negative;
    const char *first = at;
    uint64_t mantissa = 0;
    for (; is_digit(at, end); at++)
        mantissa = mantissa * 10 + (uint64_t)(*at - '0');
    size_t whole = (size_t)(at - first), places = 0;
    if (whole == 0 || (whole > 1 && *first == '0'))
        return NULL;
    if (at < end && *at == '.') {
        const char *point = at++;
        for (; is_digit(at, end); at++)
            mantissa = mantissa * 10 + (uint64_t)(*at - '0');
        places = (size_t)(at - point) - 1;
        if (places == 0)
            return NULL;
    }
    if (whole + places > 15 || at == end || (*at != ',' && *at != ']'))
        return NULL;
    double magnitude = (double)mantissa / exact_powers[places];
    *sample = (float)(negative ? -magnitude : magnitude);
    return at;
}

/* Stands before an element and takes as many as are plain and follow each other with a comma and at most one space.
   Nothing is taken of the first that is not, nor the comma before it. */
static size_t read_plain_run(struct json_scan *scan, float *samples, size_t capacity)
{
    const char *at = scan->at;
    size_t count = 0;
    while (count < capacity && (at = parse_plain(at, scan->end, &samples[count])) != NULL) {
        count++;
        scan->at = at;
        if (*at++ == ']')
            break;
        at += at < scan->end && *at == ' ';
    }
    return count;
}

bool json_read_floats(struct json_scan *scan, float *samples, size_t capacity, size_t *count)
{
    *count = 0;
    while (json_next_element(scan)) {
        if (*count == capacity)
            return json_fail(scan, "has more samples than one request may carry");
        skip_space(scan);
        size_t run = read_plain_run(scan, samples + *count, capacity - *count);
        if (run > 0)
            scan->levels[scan->depth - 1].index += (long)run - 1;
        else if (read_float_element(scan, &samples[*count]))
            run = 1;
        else
            return false;
        *count += run;
    }
    return !scan->error;
}

static bool skip_word(struct json_scan *scan, const char *word)
{
    return take_word(scan, word) ? true : json_fail(scan, "is not valid JSON here");
}

static bool skip_object(struct json_scan *scan)
{
    struct json_span key;
    int keys = 0;
    if (!json_enter_object(scan))
        return false;
    while (json_next_key(scan, &key)) {
        if (++keys > JSON_MAX_KEYS)
            return json_fail(scan, "has too many keys");
        if (!json_skip(scan))
            return false;
    }
    return !scan->error;
}

static bool skip_array(struct json_scan *scan)
{
    if (!json_enter_array(scan))
        return false;
    while (json_next_element(scan))
        if (!json_skip(scan))
            return false;
    return !scan->error;
}

bool json_skip(struct json_scan *scan)
{
    struct json_span span;
    double number;
    switch (json_peek(scan)) {
    case '{': return skip_object(scan);
    case '[': return skip_array(scan);
    case '"': return json_read_string(scan, &span);
    case '0': return json_read_number(scan, &number);
    case 't': return skip_word(scan, "true");
    case 'f': return skip_word(scan, "false");
    case 'n': return skip_word(scan, "null");
    default: return false;
    }
}

bool json_finish(struct json_scan *scan)
{
    if (scan->error)
        return false;
    return look(scan) == '\0' && scan->at == scan->end ? true : json_fail(scan, "is followed by more than one value");
}

bool json_span_is(struct json_span span, const char *text)
{
    return span.length == strlen(text) && memcmp(span.text, text, span.length) == 0;
}

void json_field(const struct json_scan *scan, char *field, size_t size)
{
    size_t used = 0;
    field[0] = '\0';
    for (int i = 0; i < scan->depth && used < size; i++) {
        const struct json_level *level = &scan->levels[i];
        int wrote = 0;
        if (level->index >= 0)
            wrote = snprintf(field + used, size - used, "[%ld]", level->index);
        else if (level->key.text)
            wrote = snprintf(field + used, size - used, "%s%.*s", used ? "." : "",
                             (int)(level->key.length < 64 ? level->key.length : 64), level->key.text);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

bool json_check(struct json_scan *scan, const char *text, size_t length)
{
    json_scan_init(scan, text, length);
    return json_skip(scan) && json_finish(scan);
}
