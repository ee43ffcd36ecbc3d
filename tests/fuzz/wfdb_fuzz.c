/* Arbitrary bytes as a WFDB header, as annotations, and as a whole record on disk. The first byte chooses; for a whole
record the bytes before the first NUL are the header and the rest is the signal file, which a header reaches under the
name "d". What is opened is then read, from places that the input chooses as well. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/wfdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { READ_SAMPLES = 64 };

static char folder_path[64]; /* a fuzz target is one process with one folder */

static void remove_folder(void)
{
    static const char *const names[] = {"/r.hea", "/d", ""};
    char name[96];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s%s", folder_path, names[i]);
        (void)remove(name);
    }
}

static const char *folder(void)
{
    if (folder_path[0] == '\0') {
        snprintf(folder_path, sizeof folder_path, "/tmp/hl-wfdb-fuzz-XXXXXX");
        if (!mkdtemp(folder_path))
            abort();
        atexit(remove_folder);
    }
    return folder_path;
}

static void write_file(const char *name, const uint8_t *bytes, size_t length)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder(), name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        abort();
}

static void read_some(struct wfdb_record *record, int64_t first)
{
    static float values[WFDB_MAX_SIGNALS * READ_SAMPLES];
    float *rows[WFDB_MAX_SIGNALS];
    struct wfdb_check checks[WFDB_MAX_SIGNALS];
    struct ecg_chunk chunk;
    for (size_t s = 0; s < WFDB_MAX_SIGNALS; s++)
        rows[s] = values + s * READ_SAMPLES;
    int64_t left = record->sample_count - first;
    size_t count = left < READ_SAMPLES ? (size_t)(left < 0 ? 0 : left) : READ_SAMPLES;
    hl_result read = wfdb_read(record, first, count, rows, NULL);
    hl_result verified = wfdb_verify(record, checks, NULL);
    hl_result cut = wfdb_chunk(record, first, count, 0, values, sizeof values / sizeof values[0], &chunk, NULL);
    (void)read;
    (void)verified;
    (void)cut;
}

static void try_record(const uint8_t *bytes, size_t length)
{
    const uint8_t *nul = memchr(bytes, 0, length);
    size_t header = nul ? (size_t)(nul - bytes) : length;
    struct wfdb_record *record = NULL;
    struct hl_error error = {0};
    char path[128];
    write_file("r.hea", bytes, header);
    write_file("d", nul ? nul + 1 : bytes, nul ? length - header - 1 : 0);
    snprintf(path, sizeof path, "%s/r", folder());
    if (wfdb_open(path, &record, &error) == HL_OK && record->sample_count < 1000000)
        read_some(record, header > 0 ? bytes[header - 1] - 8 : 0);
    wfdb_close(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    struct wfdb_record *record = NULL;
    struct wfdb_annotations *annotations = NULL;
    struct hl_error error = {0};
    switch (bytes[0] % 3) {
    case 0:
        if (wfdb_header_parse((const char *)bytes + 1, length - 1, &record, &error) == HL_OK)
            wfdb_close(record);
        break;
    case 1:
        if (wfdb_annotations_parse(bytes + 1, length - 1, &annotations, &error) == HL_OK)
            wfdb_annotations_free(annotations);
        break;
    default: try_record(bytes + 1, length - 1); break;
    }
    return 0;
}
