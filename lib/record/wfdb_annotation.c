/* Reading MIT-format annotation files (annot(5)): a stream of 16-bit words, six bits of type and ten of time since the
annotation before. Five pseudo-types carry what does not fit: SKIP a long time, SUB, CHN and NUM small numbers, AUX a
text; they follow the annotation they belong to (SKIP precedes it). Writing is the same table and the same words the
other way round, and has its place here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/wfdb_private.h"

enum pseudo_type {
    PSEUDO_SKIP = 59,
    PSEUDO_NUM = 60,
    PSEUDO_SUB = 61,
    PSEUDO_CHN = 62,
    PSEUDO_AUX = 63,
};

enum { TYPE_NOTE = 22 };

#define SAMPLE_LIMIT ((int64_t)1 << 42)

/* is_beat follows the list of beat annotations that PhysioNet publishes: flutter waves (!) are none of them. */
static const struct wfdb_code codes[] = {
    {1, 'N', true, "normal beat"},
    {2, 'L', true, "left bundle branch block beat"},
    {3, 'R', true, "right bundle branch block beat"},
    {4, 'a', true, "aberrated atrial premature beat"},
    {5, 'V', true, "premature ventricular contraction"},
    {6, 'F', true, "fusion of ventricular and normal beat"},
    {7, 'J', true, "nodal (junctional) premature beat"},
    {8, 'A', true, "atrial premature beat"},
    {9, 'S', true, "premature or ectopic supraventricular beat"},
    {10, 'E', true, "ventricular escape beat"},
    {11, 'j', true, "nodal (junctional) escape beat"},
    {12, '/', true, "paced beat"},
    {13, 'Q', true, "unclassifiable beat"},
    {14, '~', false, "change in signal quality"},
    {16, '|', false, "isolated QRS-like artifact"},
    {18, 's', false, "ST segment change"},
    {19, 'T', false, "T-wave change"},
    {20, '*', false, "systole"},
    {21, 'D', false, "diastole"},
    {TYPE_NOTE, '"', false, "comment"},
    {23, '=', false, "measurement"},
    {24, 'p', false, "peak of P wave"},
    {25, 'B', true, "bundle branch block beat (unspecified)"},
    {26, '^', false, "(non-captured) pacemaker artifact"},
    {27, 't', false, "peak of T wave"},
    {28, '+', false, "rhythm change"},
    {29, 'u', false, "peak of U wave"},
    {30, '?', true, "beat not classified during learning"},
    {31, '!', false, "ventricular flutter wave"},
    {32, '[', false, "start of ventricular flutter or fibrillation"},
    {33, ']', false, "end of ventricular flutter or fibrillation"},
    {34, 'e', true, "atrial escape beat"},
    {35, 'n', true, "supraventricular escape beat"},
    {36, '@', false, "link to external data"},
    {37, 'x', false, "non-conducted P wave"},
    {38, 'f', true, "fusion of paced and normal beat"},
    {39, '(', false, "waveform onset"},
    {40, ')', false, "waveform end"},
    {41, 'r', true, "R-on-T premature ventricular contraction"},
};

const struct wfdb_code *wfdb_code_by_type(unsigned type)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].type == type)
            return &codes[i];
    return NULL;
}

const struct wfdb_code *wfdb_code_by_mnemonic(char mnemonic)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].mnemonic == mnemonic)
            return &codes[i];
    return NULL;
}

struct decoder {
    const uint8_t *bytes;
    size_t length;
    size_t at;
    int64_t sample;
    int channel;
    int number;
    size_t capacity;
    size_t aux_used;
    struct wfdb_annotations *set;
    struct hl_error *error;
};

static bool take_word(struct decoder *in, unsigned *type, unsigned *value)
{
    if (in->length - in->at < 2)
        return false;
    unsigned word = (unsigned)in->bytes[in->at] | (unsigned)in->bytes[in->at + 1] << 8;
    in->at += 2;
    *type = word >> 10;
    *value = word & 0x3ffu;
    return true;
}

static hl_result fail_cut(const struct decoder *in)
{
    return hl_fail(in->error, HL_INVALID, "", "the annotations end without an end mark, after %zu of them",
                   in->set->count);
}

/* A signed 32-bit interval: the high 16-bit word comes first, each word low byte first. */
static hl_result take_skip(struct decoder *in)
{
    if (in->length - in->at < 4)
        return fail_cut(in);
    const uint8_t *at = in->bytes + in->at;
    uint32_t interval = (uint32_t)at[1] << 24 | (uint32_t)at[0] << 16 | (uint32_t)at[3] << 8 | at[2];
    in->at += 4;
    in->sample += (int64_t)(interval ^ 0x80000000u) - 0x80000000LL;
    return HL_OK;
}

/* The text of an annotation into the pool. It fits: the pool has the size of the file, and a text of n bytes stands in
   the file with a word of two bytes before it. */
static hl_result take_aux(struct decoder *in, unsigned length, struct wfdb_annotation *item)
{
    size_t padded = length + (length & 1u);
    if (in->length - in->at < padded)
        return fail_cut(in);
    char *text = in->set->aux_pool + in->aux_used;
    memcpy(text, in->bytes + in->at, length);
    text[length] = '\0';
    in->aux_used += length + 1u;
    in->at += padded;
    item->aux = text;
    return HL_OK;
}

static int signed_byte(unsigned value)
{
    return (int)(value & 0xffu) - ((value & 0x80u) ? 256 : 0);
}

/* What follows an annotation and belongs to it. Stops before the next annotation, SKIP or end. */
static hl_result take_modifiers(struct decoder *in, struct wfdb_annotation *item)
{
    hl_result result = HL_OK;
    unsigned type = 0;
    unsigned value = 0;
    while (result == HL_OK) {
        size_t before = in->at;
        if (!take_word(in, &type, &value))
            return fail_cut(in);
        switch (type) {
        case PSEUDO_NUM: in->number = signed_byte(value); break;
        case PSEUDO_SUB: item->subtype = signed_byte(value); break;
        case PSEUDO_CHN: in->channel = (int)(value & 0xffu); break;
        case PSEUDO_AUX: result = take_aux(in, value, item); break;
        default:
            in->at = before;
            item->channel = in->channel;
            item->number = in->number;
            return HL_OK;
        }
    }
    return result;
}

/* A comment at time 0 may state the clock of the annotations: "## time resolution: 1000". It is no annotation. */
static bool is_resolution(struct decoder *in, const struct wfdb_annotation *item)
{
    static const char prefix[] = "## time resolution:";
    if (item->type != TYPE_NOTE || item->sample != 0 || !item->aux ||
        strncmp(item->aux, prefix, sizeof prefix - 1) != 0)
        return false;
    double hz = strtod(item->aux + sizeof prefix - 1, NULL);
    if (!(hz > 0.0 && hz <= 1e9))
        return false;
    in->set->time_resolution_hz = hz;
    return true;
}

static hl_result append(struct decoder *in, const struct wfdb_annotation *item)
{
    struct wfdb_annotations *set = in->set;
    if (set->count == in->capacity) {
        size_t capacity = in->capacity ? in->capacity * 2 : 1024;
        struct wfdb_annotation *items = realloc(set->items, capacity * sizeof *items);
        if (!items)
            return hl_fail(in->error, HL_NO_MEMORY, "", "no memory for %zu annotations", capacity);
        set->items = items;
        in->capacity = capacity;
    }
    set->items[set->count++] = *item;
    return HL_OK;
}

static hl_result take_annotation(struct decoder *in, unsigned type, unsigned interval)
{
    in->sample += interval;
    if (in->sample > SAMPLE_LIMIT || in->sample < -SAMPLE_LIMIT)
        return hl_fail(in->error, HL_INVALID, "", "annotation %zu is at sample %lld", in->set->count,
                       (long long)in->sample);
    const struct wfdb_code *code = wfdb_code_by_type(type);
    struct wfdb_annotation item = {
        .sample = in->sample,
        .type = type,
        .mnemonic = code ? code->mnemonic : ' ',
        .is_beat = code && code->is_beat,
    };
    hl_result result = take_modifiers(in, &item);
    if (result != HL_OK || is_resolution(in, &item))
        return result;
    return append(in, &item);
}

static hl_result decode(struct decoder *in)
{
    for (;;) {
        unsigned type = 0;
        unsigned value = 0;
        hl_result result = HL_OK;
        if (!take_word(in, &type, &value))
            return fail_cut(in);
        if (type == 0 && value == 0)
            return HL_OK;
        if (type == PSEUDO_SKIP)
            result = take_skip(in);
        else if (type < PSEUDO_SKIP)
            result = take_annotation(in, type, value);
        else
            result = hl_fail(in->error, HL_INVALID, "", "a modifier (%u) stands before the first annotation", type);
        if (result != HL_OK)
            return result;
    }
}

hl_result wfdb_annotations_parse(const uint8_t *bytes, size_t length, struct wfdb_annotations **out,
                                 struct hl_error *error)
{
    *out = NULL;
    if (length > WFDB_MAX_ANNOTATION_BYTES)
        return hl_fail(error, HL_TOO_LARGE, "", "%zu bytes of annotations", length);
    struct wfdb_annotations *set = calloc(1, sizeof *set);
    if (!set || !(set->aux_pool = malloc(length + 1))) {
        free(set);
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for annotations");
    }
    struct decoder in = {.bytes = bytes, .length = length, .set = set, .error = error};
    hl_result result = decode(&in);
    if (result != HL_OK) {
        wfdb_annotations_free(set);
        return result;
    }
    *out = set;
    return HL_OK;
}

hl_result wfdb_annotations_read(const char *record_path, const char *annotator, struct wfdb_annotations **out,
                                struct hl_error *error)
{
    char *bytes = NULL;
    size_t length = 0;
    *out = NULL;
    if (annotator[0] == '\0' || strchr(annotator, '/'))
        return hl_fail(error, HL_INVALID, "annotator", "\"%s\" is not the name of an annotator", annotator);
    char *path = wfdb_path(record_path, annotator);
    if (!path)
        return hl_fail(error, HL_NO_MEMORY, record_path, "no memory to read annotations");
    hl_result result = wfdb_file_read(path, WFDB_MAX_ANNOTATION_BYTES, &bytes, &length, error);
    if (result == HL_OK) {
        result = wfdb_annotations_parse((const uint8_t *)bytes, length, out, error);
        if (result != HL_OK && error)
            snprintf(error->field, sizeof error->field, "%s", path);
    }
    free(bytes);
    free(path);
    return result;
}

void wfdb_annotations_free(struct wfdb_annotations *annotations)
{
    if (!annotations)
        return;
    free(annotations->items);
    free(annotations->aux_pool);
    free(annotations);
}
