/* Writing MIT-format annotation files: the same words as wfdb_annotation.c reads, the other way round. An annotation is
one word of type and interval; a longer (or negative) interval goes before it as SKIP, and what follows it (SUB, CHN,
NUM, AUX) is written only where it differs from what a reader assumes, so that a file read and written again is the
same file. The order of the modifiers is the one found in the published files. */
#include "record/wfdb_annotation_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/wfdb_private.h"

enum {
    WORD_SKIP = 59,
    WORD_NUM = 60,
    WORD_SUB = 61,
    WORD_CHN = 62,
    WORD_AUX = 63,
    TYPE_COMMENT = 22,
    TYPE_MAX = 49,
    INTERVAL_MAX = 1023,
    AUX_MAX = 255,
    ITEM_BYTES_MAX = 6 + 2 + 3 * 2 + 2 + AUX_MAX + 1,
};

struct encoder {
    uint8_t *bytes;
    size_t length, capacity;
    int64_t sample;
    int channel, number;
};

static void put_word(struct encoder *out, unsigned type, unsigned value)
{
    unsigned word = type << 10 | (value & 0x3ffu);
    out->bytes[out->length++] = (uint8_t)(word & 0xffu);
    out->bytes[out->length++] = (uint8_t)(word >> 8);
}

/* The high 16 bits first, each half low byte first. */
static void put_skip(struct encoder *out, int64_t interval)
{
    uint32_t bits = (uint32_t)(int32_t)interval;
    put_word(out, WORD_SKIP, 0);
    out->bytes[out->length++] = (uint8_t)(bits >> 16);
    out->bytes[out->length++] = (uint8_t)(bits >> 24);
    out->bytes[out->length++] = (uint8_t)bits;
    out->bytes[out->length++] = (uint8_t)(bits >> 8);
}

static void put_aux(struct encoder *out, const char *text)
{
    size_t length = strlen(text);
    put_word(out, WORD_AUX, (unsigned)length);
    memcpy(out->bytes + out->length, text, length);
    out->length += length;
    if (length % 2)
        out->bytes[out->length++] = 0;
}

static bool in_byte(int value)
{
    return value >= -128 && value <= 127;
}

static hl_result check_item(const struct encoder *out, const struct wfdb_annotation *item, size_t index,
                            struct hl_error *error)
{
    char name[32];
    int64_t interval = item->sample - out->sample;
    snprintf(name, sizeof name, "items[%zu]", index);
    if (item->type < 1 || item->type > TYPE_MAX)
        return hl_fail(error, HL_INVALID, name, "there is no annotation of type %u", item->type);
    if (!in_byte(item->subtype) || !in_byte(item->number) || item->channel < 0 || item->channel > 255)
        return hl_fail(error, HL_INVALID, name, "its subtype, channel or number does not fit a byte");
    if (item->aux && strlen(item->aux) > AUX_MAX)
        return hl_fail(error, HL_INVALID, name, "its text has more than %d bytes", (int)AUX_MAX);
    if (interval > INT32_MAX || interval < INT32_MIN)
        return hl_fail(error, HL_INVALID, name, "it lies too far from the annotation before it");
    return HL_OK;
}

static hl_result reserve(struct encoder *out, struct hl_error *error)
{
    if (out->length > WFDB_MAX_ANNOTATION_BYTES)
        return hl_fail(error, HL_TOO_LARGE, "", "more than %d bytes of annotations", (int)WFDB_MAX_ANNOTATION_BYTES);
    if (out->capacity - out->length >= ITEM_BYTES_MAX)
        return HL_OK;
    size_t capacity = out->capacity * 2 + 4096;
    uint8_t *bytes = realloc(out->bytes, capacity);
    if (!bytes)
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for %zu bytes of annotations", capacity);
    out->bytes = bytes;
    out->capacity = capacity;
    return HL_OK;
}

static void put_item(struct encoder *out, const struct wfdb_annotation *item)
{
    int64_t interval = item->sample - out->sample;
    if (interval < 0 || interval > INTERVAL_MAX) {
        put_skip(out, interval);
        interval = 0;
    }
    put_word(out, item->type, (unsigned)interval);
    if (item->subtype != 0)
        put_word(out, WORD_SUB, (unsigned)item->subtype & 0xffu);
    if (item->channel != out->channel)
        put_word(out, WORD_CHN, (unsigned)item->channel);
    if (item->number != out->number)
        put_word(out, WORD_NUM, (unsigned)item->number & 0xffu);
    if (item->aux)
        put_aux(out, item->aux);
    out->sample = item->sample;
    out->channel = item->channel;
    out->number = item->number;
}

static hl_result encode_item(struct encoder *out, const struct wfdb_annotation *item, size_t index,
                             struct hl_error *error)
{
    hl_result result = check_item(out, item, index, error);
    if (result == HL_OK)
        result = reserve(out, error);
    if (result == HL_OK)
        put_item(out, item);
    return result;
}

static hl_result encode_resolution(struct encoder *out, double hz, struct hl_error *error)
{
    char text[64];
    snprintf(text, sizeof text, "## time resolution: %.10g", hz);
    struct wfdb_annotation item = {.type = TYPE_COMMENT, .aux = text};
    return encode_item(out, &item, 0, error);
}

hl_result wfdb_annotations_encode(const struct wfdb_annotations *set, uint8_t **bytes, size_t *length,
                                  struct hl_error *error)
{
    struct encoder out = {0};
    *bytes = NULL;
    *length = 0;
    hl_result result = reserve(&out, error);
    if (result == HL_OK && set->time_resolution_hz > 0.0)
        result = encode_resolution(&out, set->time_resolution_hz, error);
    for (size_t i = 0; result == HL_OK && i < set->count; i++)
        result = encode_item(&out, &set->items[i], i, error);
    if (result == HL_OK)
        result = reserve(&out, error);
    if (result != HL_OK) {
        free(out.bytes);
        return result;
    }
    put_word(&out, 0, 0);
    *bytes = out.bytes;
    *length = out.length;
    return HL_OK;
}

static bool good_annotator(const char *name)
{
    static const char *const taken[] = {"hea", "dat", "mat", "xyz"};
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    return length >= 1 && length <= 32 && strspn(name, word) == length;
}

static bool write_all(int fd, const uint8_t *bytes, size_t length)
{
    size_t done = 0;
    while (done < length) {
        ssize_t put = write(fd, bytes + done, length - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

static hl_result write_file(const char *path, const char *fresh, const uint8_t *bytes, size_t length,
                            struct hl_error *error)
{
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return hl_fail(error, HL_IO, path, "cannot write %s: %s", fresh, strerror(errno));
    bool whole = write_all(fd, bytes, length);
    whole = close(fd) == 0 && whole;
    if (whole && rename(fresh, path) == 0)
        return HL_OK;
    hl_result result = hl_fail(error, HL_IO, path, "cannot write %s: %s", path, strerror(errno));
    (void)unlink(fresh);
    return result;
}

hl_result wfdb_annotations_write(const char *record_path, const char *annotator, const struct wfdb_annotations *set,
                                 struct hl_error *error)
{
    if (!good_annotator(annotator))
        return hl_fail(error, HL_INVALID, "annotator", "\"%s\" cannot be the name of an annotator", annotator);
    uint8_t *bytes = NULL;
    size_t length = 0;
    hl_result result = wfdb_annotations_encode(set, &bytes, &length, error);
    char *path = wfdb_path(record_path, annotator);
    char *fresh = path ? wfdb_path(path, "new") : NULL;
    if (result == HL_OK && !fresh)
        result = hl_fail(error, HL_NO_MEMORY, record_path, "no memory to write annotations");
    if (result == HL_OK)
        result = write_file(path, fresh, bytes, length, error);
    free(fresh);
    free(path);
    free(bytes);
    return result;
}
