/* The file side of the WFDB reader: regular files only, opened without blocking, read by position. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/wfdb_private.h"

static hl_result fail_open(const char *path, struct hl_error *error)
{
    hl_result result = errno == ENOENT || errno == ENOTDIR ? HL_NOT_FOUND : HL_IO;
    return hl_fail(error, result, path, "cannot open %s: %s", path, strerror(errno));
}

hl_result wfdb_file_open(const char *path, int *fd, int64_t *size_bytes, struct hl_error *error)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return fail_open(path, error);
    struct stat status;
    hl_result result = HL_OK;
    if (fstat(*fd, &status) != 0)
        result = hl_fail(error, HL_IO, path, "cannot examine %s: %s", path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        result = hl_fail(error, HL_INVALID, path, "%s is not a regular file", path);
    if (result != HL_OK) {
        close(*fd);
        *fd = -1;
        return result;
    }
    *size_bytes = (int64_t)status.st_size;
    return HL_OK;
}

hl_result wfdb_file_read_at(int fd, int64_t offset, uint8_t *bytes, size_t length, struct hl_error *error)
{
    size_t done = 0;
    while (done < length) {
        ssize_t got = pread(fd, bytes + done, length - done, (off_t)(offset + (int64_t)done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hl_fail(error, HL_IO, "", "cannot read: %s", strerror(errno));
        if (got == 0)
            return hl_fail(error, HL_IO, "", "the file became shorter while it was read");
        done += (size_t)got;
    }
    return HL_OK;
}

hl_result wfdb_file_read(const char *path, size_t limit, char **bytes, size_t *length, struct hl_error *error)
{
    int fd = -1;
    int64_t size = 0;
    *bytes = NULL;
    hl_result result = wfdb_file_open(path, &fd, &size, error);
    if (result != HL_OK)
        return result;
    if ((uint64_t)size > limit) {
        result = hl_fail(error, HL_TOO_LARGE, path, "%s has %lld bytes, more than %zu", path, (long long)size, limit);
        goto cleanup;
    }
    *bytes = malloc((size_t)size + 1);
    if (!*bytes) {
        result = hl_fail(error, HL_NO_MEMORY, path, "no memory to read %s", path);
        goto cleanup;
    }
    result = wfdb_file_read_at(fd, 0, (uint8_t *)*bytes, (size_t)size, error);
    (*bytes)[size] = '\0';
    *length = (size_t)size;
cleanup:
    close(fd);
    if (result != HL_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    return result;
}

char *wfdb_path(const char *record_path, const char *extension)
{
    size_t length = strlen(record_path);
    if (length > 4 && strcmp(record_path + length - 4, ".hea") == 0)
        length -= 4;
    size_t size = length + strlen(extension) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s.%s", (int)length, record_path, extension);
    return path;
}
