/* Both files are written beside their places under a name of their own and renamed when they are whole, the header
last: who sees the header finds the signal. No date is written: the same samples make the same bytes. */
#include "record/wfdb_write.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { MISSING = -32768, LARGEST = 32767 };

struct wfdb_writer {
    double fs_hz;
    size_t lead_count, sample_count;
    enum ecg_lead leads[ECG_MAX_LEADS];
    int16_t first[ECG_MAX_LEADS];
    uint16_t checksum[ECG_MAX_LEADS];
    char *path; /* without extension */
    const char *name;
    char *unfinished; /* of the signal file */
    FILE *file;
};

static hl_result failed(struct hl_error *error, const char *path)
{
    return hl_fail(error, HL_IO, path, "cannot be written: %s", strerror(errno));
}

static char *joined(const char *path, const char *end)
{
    size_t size = strlen(path) + strlen(end) + 1;
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s%s", path, end);
    return text;
}

void wfdb_writer_abandon(struct wfdb_writer *writer)
{
    if (!writer)
        return;
    if (writer->file) {
        fclose(writer->file);
        unlink(writer->unfinished);
    }
    free(writer->unfinished);
    free(writer->path);
    free(writer);
}

static hl_result set_up(struct wfdb_writer *writer, const char *record_path, struct hl_error *error)
{
    static const char *const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    writer->path = joined(record_path, "");
    writer->unfinished = joined(record_path, ".dat.unfinished");
    if (!writer->path || !writer->unfinished)
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for a record");
    const char *slash = strrchr(writer->path, '/');
    writer->name = slash ? slash + 1 : writer->path;
    if (!*writer->name || writer->name[strspn(writer->name, allowed)] != '\0')
        return hl_fail(error, HL_INVALID, record_path, "a record's name is made of letters, digits, _ and -");
    writer->file = fopen(writer->unfinished, "wb");
    return writer->file ? HL_OK : failed(error, writer->unfinished);
}

hl_result wfdb_writer_open(const char *record_path, double fs_hz, const enum ecg_lead *leads, size_t lead_count,
                           struct wfdb_writer **out, struct hl_error *error)
{
    struct wfdb_writer *writer = calloc(1, sizeof *writer);
    *out = NULL;
    if (!writer)
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for a record");
    writer->fs_hz = fs_hz;
    writer->lead_count = lead_count;
    memcpy(writer->leads, leads, lead_count * sizeof *leads);
    hl_result result = set_up(writer, record_path, error);
    if (result == HL_OK)
        *out = writer;
    else
        wfdb_writer_abandon(writer);
    return result;
}

static int16_t count_of(float mv)
{
    if (isnan(mv))
        return MISSING;
    double adu = nearbyint((double)mv * WFDB_WRITE_GAIN_ADU_PER_MV);
    return (int16_t)fmin(fmax(adu, -LARGEST), LARGEST);
}

hl_result wfdb_writer_add(struct wfdb_writer *writer, const float *const *mv, size_t count, struct hl_error *error)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t lead = 0; lead < writer->lead_count; lead++) {
            int16_t adu = count_of(mv[lead][i]);
            uint16_t bits = (uint16_t)adu;
            if (writer->sample_count == 0)
                writer->first[lead] = adu;
            writer->checksum[lead] = (uint16_t)(writer->checksum[lead] + bits);
            putc(bits & 0xff, writer->file);
            putc(bits >> 8, writer->file);
        }
        writer->sample_count++;
    }
    return ferror(writer->file) ? failed(error, writer->unfinished) : HL_OK;
}

static void put_header(const struct wfdb_writer *writer, const char *const *comments, size_t comment_count,
                       struct buf *out)
{
    buf_printf(out, "%s %zu %.12g %zu\n", writer->name, writer->lead_count, writer->fs_hz, writer->sample_count);
    for (size_t lead = 0; lead < writer->lead_count; lead++)
        buf_printf(out, "%s.dat 16 %g(0)/mV 16 0 %d %d 0 %s\n", writer->name, WFDB_WRITE_GAIN_ADU_PER_MV,
                   writer->first[lead], (int16_t)writer->checksum[lead], ecg_lead_name(writer->leads[lead]));
    for (size_t i = 0; i < comment_count; i++)
        buf_printf(out, "# %s\n", comments[i]);
}

static hl_result write_whole(const char *path, const struct buf *bytes, struct hl_error *error)
{
    char *unfinished = joined(path, ".unfinished");
    if (!unfinished || !buf_ok(bytes)) {
        free(unfinished);
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for a header");
    }
    FILE *file = fopen(unfinished, "wb");
    bool written = file && fwrite(bytes->data, 1, bytes->length, file) == bytes->length;
    written = file && fclose(file) == 0 && written;
    hl_result result = written && rename(unfinished, path) == 0 ? HL_OK : failed(error, path);
    if (result != HL_OK)
        unlink(unfinished);
    free(unfinished);
    return result;
}

static hl_result finish_signal(struct wfdb_writer *writer, struct hl_error *error)
{
    char *path = joined(writer->path, ".dat");
    bool closed = fclose(writer->file) == 0;
    writer->file = NULL;
    hl_result result = !path ? HL_NO_MEMORY : HL_OK;
    if (result == HL_OK && (!closed || rename(writer->unfinished, path) != 0))
        result = failed(error, path);
    if (result != HL_OK)
        unlink(writer->unfinished);
    free(path);
    return result;
}

hl_result wfdb_writer_finish(struct wfdb_writer *writer, const char *const *comments, size_t comment_count,
                             struct hl_error *error)
{
    struct buf header = {0};
    char *path = joined(writer->path, ".hea");
    put_header(writer, comments, comment_count, &header);
    hl_result result = finish_signal(writer, error);
    if (result == HL_OK)
        result = path ? write_whole(path, &header, error) : HL_NO_MEMORY;
    buf_free(&header);
    free(path);
    wfdb_writer_abandon(writer);
    return result;
}
