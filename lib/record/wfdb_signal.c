/* The samples of a WFDB record. Signals that share a file are interleaved in it and read together as a group: a block
of frames is read by position, decoded into counts, and handed out to the signals. Three users stand on that one block
reader: physical values, raw counts, and the check of a record against its header. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "record/wfdb_private.h"

enum {
    BLOCK_SAMPLES = 12288,
    BLOCK_BYTES = (BLOCK_SAMPLES + 2 * WFDB_UNIT_SAMPLES_MAX) * 4,
};

/* The signals of one file, which stand together in the header. */
struct group {
    const struct wfdb_format *format;
    size_t first_signal;
    size_t signal_count;
    int64_t offset_bytes;
    int64_t size_bytes;
    int fd;
};

struct wfdb_files {
    size_t group_count;
    struct group groups[WFDB_MAX_SIGNALS];
    double mv_per_unit[WFDB_MAX_SIGNALS]; /* 1 for what is no voltage */
    uint8_t bytes[BLOCK_BYTES];
    int32_t samples[BLOCK_SAMPLES + 2 * WFDB_UNIT_SAMPLES_MAX];
};

/* ---- opening ---- */

/* Bytes that the first `samples` samples of a file take. */
static int64_t packed_bytes(const struct wfdb_format *format, int64_t samples)
{
    int64_t whole = samples / format->unit_samples;
    return whole * format->bytes_for[format->unit_samples] + format->bytes_for[samples % format->unit_samples];
}

/* Whole frames that the bytes of a group's file hold. */
static int64_t frames_held(const struct group *group)
{
    const struct wfdb_format *format = group->format;
    int64_t bytes = group->size_bytes - group->offset_bytes;
    if (bytes <= 0)
        return 0;
    int64_t samples = bytes / format->bytes_for[format->unit_samples] * format->unit_samples;
    while (packed_bytes(format, samples + 1) <= bytes)
        samples++;
    return samples / (int64_t)group->signal_count;
}

static hl_result group_signals(const struct wfdb_record *record, struct wfdb_files *files, struct hl_error *error)
{
    for (size_t i = 0; i < record->signal_count; i++) {
        const struct wfdb_signal *signal = &record->signals[i];
        struct group *group = files->group_count > 0 ? &files->groups[files->group_count - 1] : NULL;
        const struct wfdb_signal *leader = group ? &record->signals[group->first_signal] : NULL;
        if (leader && strcmp(leader->file, signal->file) == 0) {
            if (leader->format != signal->format || leader->offset_bytes != signal->offset_bytes)
                return hl_fail(error, HL_INVALID, signal->file, "the signals of %s differ in format or offset",
                               signal->file);
            group->signal_count++;
            continue;
        }
        for (size_t g = 0; g < files->group_count; g++)
            if (strcmp(record->signals[files->groups[g].first_signal].file, signal->file) == 0)
                return hl_fail(error, HL_INVALID, signal->file, "the signals of %s do not stand together",
                               signal->file);
        files->groups[files->group_count++] = (struct group){.format = wfdb_format_find(signal->format),
                                                             .first_signal = i,
                                                             .signal_count = 1,
                                                             .offset_bytes = signal->offset_bytes,
                                                             .fd = -1};
    }
    return HL_OK;
}

/* FOLDER/file, the folder being that of `record_path`. */
static hl_result open_beside(const char *record_path, const char *file, struct group *group, struct hl_error *error)
{
    const char *slash = strrchr(record_path, '/');
    int folder_length = slash ? (int)(slash - record_path) + 1 : 0;
    size_t size = (size_t)folder_length + strlen(file) + 1;
    char *path = malloc(size);
    if (!path)
        return hl_fail(error, HL_NO_MEMORY, file, "no memory to open %s", file);
    snprintf(path, size, "%.*s%s", folder_length, record_path, file);
    hl_result result = wfdb_file_open(path, &group->fd, &group->size_bytes, error);
    free(path);
    return result;
}

static double mv_per_unit(const struct wfdb_signal *signal)
{
    static const struct {
        const char *units;
        double mv;
    } scales[] = {{"mV", 1.0}, {"uV", 1e-3}, {"nV", 1e-6}, {"V", 1e3}};
    if (signal->quantity == WFDB_MILLIVOLTS)
        for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++)
            if (strcasecmp(signal->units, scales[i].units) == 0)
                return scales[i].mv;
    return 1.0;
}

/* Without a length in the header the shortest file is the length; with one, every file must hold it. */
static hl_result settle_length(struct wfdb_record *record, struct hl_error *error)
{
    const struct wfdb_files *files = record->files;
    int64_t shortest = INT64_MAX;
    for (size_t g = 0; g < files->group_count; g++) {
        const struct group *group = &files->groups[g];
        const char *file = record->signals[group->first_signal].file;
        int64_t held = frames_held(group);
        if (held < record->sample_count)
            return hl_fail(error, HL_INVALID, file, "%s holds %lld samples per signal, the header promises %lld", file,
                           (long long)held, (long long)record->sample_count);
        if (held < shortest)
            shortest = held;
    }
    if (record->sample_count == 0 && files->group_count > 0)
        record->sample_count = shortest;
    return HL_OK;
}

static hl_result open_files(struct wfdb_record *record, const char *record_path, struct hl_error *error)
{
    struct wfdb_files *files = calloc(1, sizeof *files);
    if (!files)
        return hl_fail(error, HL_NO_MEMORY, record_path, "no memory to open %s", record_path);
    record->files = files;
    hl_result result = group_signals(record, files, error);
    for (size_t g = 0; result == HL_OK && g < files->group_count; g++) {
        struct group *group = &files->groups[g];
        result = open_beside(record_path, record->signals[group->first_signal].file, group, error);
    }
    for (size_t s = 0; s < record->signal_count; s++)
        files->mv_per_unit[s] = mv_per_unit(&record->signals[s]);
    return result == HL_OK ? settle_length(record, error) : result;
}

/* Errors of the header say the line; a person needs the file as well. */
static void name_header(struct hl_error *error, const char *path)
{
    if (!error)
        return;
    struct hl_error inner = *error;
    snprintf(error->field, sizeof error->field, "%s", path);
    snprintf(error->detail, sizeof error->detail, "%.80s%s%.160s", inner.field, inner.field[0] ? ": " : "",
             inner.detail);
}

hl_result wfdb_open(const char *record_path, struct wfdb_record **out, struct hl_error *error)
{
    char *text = NULL;
    size_t length = 0;
    *out = NULL;
    char *path = wfdb_path(record_path, "hea");
    if (!path)
        return hl_fail(error, HL_NO_MEMORY, record_path, "no memory to open %s", record_path);
    struct wfdb_record *record = NULL;
    hl_result result = wfdb_file_read(path, WFDB_MAX_HEADER_BYTES, &text, &length, error);
    if (result != HL_OK)
        goto cleanup;
    result = wfdb_header_parse(text, length, &record, error);
    if (result != HL_OK) {
        name_header(error, path);
        goto cleanup;
    }
    result = open_files(record, record_path, error);
cleanup:
    free(text);
    free(path);
    if (result == HL_OK)
        *out = record;
    else
        wfdb_close(record);
    return result;
}

void wfdb_close(struct wfdb_record *record)
{
    if (!record)
        return;
    for (size_t g = 0; record->files && g < record->files->group_count; g++)
        if (record->files->groups[g].fd >= 0)
            close(record->files->groups[g].fd);
    free(record->files);
    free(record->text);
    free(record);
}

/* ---- reading ---- */

static void decode_units(const struct wfdb_format *format, const uint8_t *bytes, size_t units, int32_t *samples)
{
    unsigned unit_bytes = format->bytes_for[format->unit_samples];
    for (size_t i = 0; i < units; i++)
        format->decode(bytes + i * unit_bytes, samples + i * format->unit_samples);
}

/* Frames first .. first+count-1 of a group, at most BLOCK_SAMPLES samples; *frames points at the first, valid until the
   next block. A part of a unit at the end of the file is filled up with zeros, which no sample within the length
   touches. */
static hl_result read_block(struct wfdb_files *files, const struct group *group, int64_t first, size_t count,
                            const int32_t **frames, struct hl_error *error)
{
    const struct wfdb_format *format = group->format;
    int64_t unit_samples = format->unit_samples;
    int64_t unit_bytes = format->bytes_for[format->unit_samples];
    int64_t sample = first * (int64_t)group->signal_count;
    int64_t first_unit = sample / unit_samples;
    int64_t end_unit = (sample + (int64_t)(count * group->signal_count) + unit_samples - 1) / unit_samples;
    int64_t at = group->offset_bytes + first_unit * unit_bytes;
    size_t wanted = (size_t)((end_unit - first_unit) * unit_bytes);
    size_t held = group->size_bytes - at < (int64_t)wanted ? (size_t)(group->size_bytes - at) : wanted;
    hl_result result = wfdb_file_read_at(group->fd, at, files->bytes, held, error);
    if (result != HL_OK)
        return result;
    memset(files->bytes + held, 0, wanted - held);
    decode_units(format, files->bytes, (size_t)(end_unit - first_unit), files->samples);
    *frames = files->samples + (sample - first_unit * unit_samples);
    return HL_OK;
}

/* What is done with one signal's part of a block: `count` counts, `stride` apart, belonging to samples `at` and
   following of the range asked for. */
typedef void (*block_sink)(void *context, const struct wfdb_record *record, size_t signal, size_t at, size_t count,
                           const int32_t *samples, size_t stride, int32_t missing);

static hl_result read_group(struct wfdb_record *record, const struct group *group, int64_t first, size_t count,
                            block_sink sink, void *context, struct hl_error *error)
{
    size_t block = BLOCK_SAMPLES / group->signal_count;
    for (size_t at = 0; at < count; at += block) {
        size_t frames = count - at < block ? count - at : block;
        const int32_t *samples = NULL;
        hl_result result = read_block(record->files, group, first + (int64_t)at, frames, &samples, error);
        if (result != HL_OK)
            return result;
        for (size_t s = 0; s < group->signal_count; s++)
            sink(context, record, group->first_signal + s, at, frames, samples + s, group->signal_count,
                 group->format->missing);
    }
    return HL_OK;
}

static hl_result read_range(struct wfdb_record *record, int64_t first, size_t count, block_sink sink, void *context,
                            struct hl_error *error)
{
    if (!record->files)
        return hl_fail(error, HL_INVALID, record->name, "only the header of %s was read", record->name);
    if (first < 0 || first > record->sample_count || count > (uint64_t)(record->sample_count - first))
        return hl_fail(error, HL_INVALID, record->name, "%zu samples from %lld are outside the %lld of %s", count,
                       (long long)first, (long long)record->sample_count, record->name);
    for (size_t g = 0; g < record->files->group_count; g++) {
        hl_result result = read_group(record, &record->files->groups[g], first, count, sink, context, error);
        if (result != HL_OK)
            return result;
    }
    return HL_OK;
}

static void store_physical(void *context, const struct wfdb_record *record, size_t signal, size_t at, size_t count,
                           const int32_t *samples, size_t stride, int32_t missing)
{
    float *const *out = context;
    if (!out[signal])
        return;
    const struct wfdb_signal *about = &record->signals[signal];
    bool counts = about->quantity == WFDB_COUNTS;
    double baseline = counts ? 0.0 : about->baseline_adu;
    double gain = counts ? 1.0 : about->gain_adu_per_unit;
    double scale = record->files->mv_per_unit[signal];
    for (size_t i = 0; i < count; i++) {
        int32_t adu = samples[i * stride];
        out[signal][at + i] = adu == missing ? NAN : (float)((adu - baseline) / gain * scale);
    }
}

hl_result wfdb_read(struct wfdb_record *record, int64_t first, size_t count, float *const out[], struct hl_error *error)
{
    return read_range(record, first, count, store_physical, (void *)(uintptr_t)out, error);
}

static void store_counts(void *context, const struct wfdb_record *record, size_t signal, size_t at, size_t count,
                         const int32_t *samples, size_t stride, int32_t missing)
{
    (void)record;
    int32_t *const *out = context;
    if (!out[signal])
        return;
    for (size_t i = 0; i < count; i++) {
        int32_t adu = samples[i * stride];
        out[signal][at + i] = adu == missing ? WFDB_MISSING : adu;
    }
}

hl_result wfdb_read_adu(struct wfdb_record *record, int64_t first, size_t count, int32_t *const out[],
                        struct hl_error *error)
{
    return read_range(record, first, count, store_counts, (void *)(uintptr_t)out, error);
}

/* ---- checking ---- */

static void add_to_check(void *context, const struct wfdb_record *record, size_t signal, size_t at, size_t count,
                         const int32_t *samples, size_t stride, int32_t missing)
{
    (void)record;
    struct wfdb_check *check = (struct wfdb_check *)context + signal;
    if (at == 0 && count > 0)
        check->first_adu = samples[0];
    for (size_t i = 0; i < count; i++) {
        int32_t adu = samples[i * stride];
        check->checksum = (uint16_t)(check->checksum + (uint32_t)adu);
        check->missing_count += adu == missing;
    }
}

hl_result wfdb_verify(struct wfdb_record *record, struct wfdb_check checks[], struct hl_error *error)
{
    memset(checks, 0, record->signal_count * sizeof checks[0]);
    if ((uint64_t)record->sample_count > SIZE_MAX)
        return hl_fail(error, HL_TOO_LARGE, record->name, "%s is too long for this machine", record->name);
    hl_result result = read_range(record, 0, (size_t)record->sample_count, add_to_check, checks, error);
    for (size_t s = 0; s < record->signal_count; s++) {
        const struct wfdb_signal *signal = &record->signals[s];
        checks[s].first_matches = !signal->has_first || checks[s].first_adu == signal->first_adu;
        checks[s].checksum_matches =
            !signal->has_checksum || checks[s].checksum == (uint16_t)(signal->checksum & 0xffff);
    }
    return result;
}

/* ---- chunks ---- */

hl_result wfdb_chunk(struct wfdb_record *record, int64_t first, size_t count, int64_t record_start_us, float *buffer,
                     size_t buffer_floats, struct ecg_chunk *out, struct hl_error *error)
{
    float *rows[WFDB_MAX_SIGNALS] = {NULL};
    if (record->lead_count == 0)
        return hl_fail(error, HL_UNSUPPORTED, record->name, "no signal of %s is a known ECG lead", record->name);
    if (count > buffer_floats / record->lead_count)
        return hl_fail(error, HL_INVALID, record->name, "the buffer has no room for %zu samples of %zu leads", count,
                       record->lead_count);
    *out = (struct ecg_chunk){
        .start_us = record_start_us + (int64_t)llround((double)first * 1e6 / record->fs_hz),
        .fs_hz = record->fs_hz,
        .units = record->lead_units,
        .lead_count = record->lead_count,
        .sample_count = count,
    };
    for (size_t i = 0; i < record->lead_count; i++) {
        size_t signal = record->lead_signals[i];
        rows[signal] = buffer + i * count;
        out->leads[i] = record->signals[signal].lead;
        out->samples[i] = rows[signal];
    }
    return wfdb_read(record, first, count, rows, error);
}
