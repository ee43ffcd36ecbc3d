/* Report files lie under the SHA-256 of their content, written beside their place, synced, then renamed into it. */
#include "service/reports.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/token.h"
#include "base/log.h"
#include "store/sessions.h"

enum { PATH_SIZE = 600 };

/* What every PDF has: the header within the first bytes and the end mark within the last 1024 (ISO 32000-1, 7.5.2 and
   7.5.5 with the tolerance that readers have). */
static bool looks_like_pdf(const char *file, size_t length)
{
    if (length < 32 || memcmp(file, "%PDF-", 5) != 0)
        return false;
    size_t tail = length < 1024 ? length : 1024;
    return memmem(file + length - tail, tail, "%%EOF", 5) != NULL;
}

static void to_hex(const unsigned char *bytes, size_t count, char *hex)
{
    for (size_t i = 0; i < count; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

static bool write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t wrote = write(fd, data, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        data += wrote;
        length -= (size_t)wrote;
    }
    return true;
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* What the operating system refused, as the client is to hear it: a full disk passes. */
static hl_result file_failure(void)
{
    int code = errno;
    log_error("cannot store a report file: %s", strerror(code));
    return code == ENOSPC || code == EDQUOT ? HL_UNAVAILABLE : HL_IO;
}

static hl_result write_file(const char *folder, const char *path, const char *data, size_t length)
{
    char temporary[PATH_SIZE];
    snprintf(temporary, sizeof temporary, "%s/.upload-XXXXXX", folder);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return file_failure();
    bool ok = fchmod(fd, 0640) == 0 && write_all(fd, data, length) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary, path) == 0 && sync_folder(folder);
    if (ok)
        return HL_OK;
    hl_result result = file_failure();
    unlink(temporary);
    return result;
}

static hl_result store_file(struct service *service, const char *hex, const char *data, size_t length)
{
    char folder[PATH_SIZE - 128], path[PATH_SIZE];
    int wrote = snprintf(folder, sizeof folder, "%s/%.2s", service->reports_folder, hex);
    if (wrote < 0 || (size_t)wrote >= sizeof folder)
        return HL_INTERNAL;
    snprintf(path, sizeof path, "%s/%s.pdf", folder, hex);
    if (mkdir(folder, 0750) == 0 ? !sync_folder(service->reports_folder) : errno != EEXIST)
        return file_failure();
    struct stat there;
    if (stat(path, &there) == 0 && there.st_size == (off_t)length)
        return HL_OK;
    return write_file(folder, path, data, length);
}

hl_result reports_upload(struct service *service, const struct identity *uploader, const char *session_id,
                         const char *file, size_t length, struct report *report, struct hl_error *error)
{
    unsigned char digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    int64_t session_key = 0;
    if (!looks_like_pdf(file, length))
        return hl_fail(error, HL_INVALID, "file", "is not a complete PDF file");
    if (session_id) {
        hl_result found = sessions_find_own(service->db, uploader->user_id, session_id, &session_key);
        if (found == HL_NOT_FOUND)
            return hl_fail(error, found, "session_id", "You have no session with this id.");
        if (found != HL_OK)
            return found;
    }
    sha256(file, length, digest);
    to_hex(digest, sizeof digest, hex);
    hl_result result = store_file(service, hex, file, length);
    if (result != HL_OK)
        return result;
    report->user_id = uploader->user_id;
    report->size_bytes = (int64_t)length;
    return reports_insert(service->db, report, session_key, uploader->user_id, digest);
}

hl_result reports_find(struct service *service, struct arena *arena, const struct identity *viewer,
                       const char *report_id, struct report *report, struct hl_error *error)
{
    static const char prefix[] = "report_";
    char *end = NULL;
    long long key = 0;
    if (strncmp(report_id, prefix, sizeof prefix - 1) == 0)
        key = strtoll(report_id + sizeof prefix - 1, &end, 10);
    hl_result result = HL_NOT_FOUND;
    if (end && *end == '\0' && key > 0)
        result = reports_get(service->db, arena, key, report);
    if (result == HL_OK && !policy_may_read(viewer, report->user_id))
        result = HL_NOT_FOUND;
    return result == HL_NOT_FOUND ? hl_fail(error, result, "report_id", "There is no such report.") : result;
}

const char *report_file_path(struct arena *arena, const struct report *report)
{
    return arena_printf(arena, "%.2s/%s.pdf", report->sha256_hex, report->sha256_hex);
}
