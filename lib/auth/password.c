/* Hashing and checking, and the slots that keep a burst of sign-ins from taking every core: one lock file a core, taken
with flock, which the kernel gives back when a worker dies. */
#include "auth/password.h"

#include <argon2.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/random.h"

enum { MEMORY_KIB = 19456, PASSES = 2, LANES = 1, SALT_BYTES = 16, TAG_BYTES = 32 };

/* A hash of no password: checked when there is no user, to spend the same time. */
static const char stand_in[] = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static int slot_open(const char *folder, long slot)
{
    char path[512];
    snprintf(path, sizeof path, "%s/hash-slot-%ld.lock", folder, slot);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/* A held slot (a file descriptor), or -1 when there is no folder to count in. Waits for its turn. */
static int slot_take(const char *folder)
{
    if (!folder)
        return -1;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    for (long slot = 0; slot < cores; slot++) {
        int fd = slot_open(folder, slot);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        close(fd);
    }
    int fd = slot_open(folder, (long)getpid() % (cores > 0 ? cores : 1));
    if (fd >= 0)
        while (flock(fd, LOCK_EX) != 0)
            continue;
    return fd;
}

static void slot_give(int fd)
{
    if (fd >= 0)
        close(fd);
}

hl_result password_hash(const char *password, const char *lock_folder, char hash[PASSWORD_HASH_SIZE])
{
    unsigned char salt[SALT_BYTES];
    random_bytes(salt, sizeof salt);
    int slot = slot_take(lock_folder);
    int code = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt, sizeof salt,
                                     TAG_BYTES, hash, PASSWORD_HASH_SIZE);
    slot_give(slot);
    if (code == ARGON2_OK)
        return HL_OK;
    return code == ARGON2_MEMORY_ALLOCATION_ERROR ? HL_NO_MEMORY : HL_INTERNAL;
}

static bool is_outdated(const char *hash)
{
    unsigned memory = 0, passes = 0, lanes = 0;
    int read = sscanf(hash, "$argon2id$v=19$m=%u,t=%u,p=%u$", &memory, &passes, &lanes);
    return read != 3 || memory < MEMORY_KIB || passes < PASSES || lanes < LANES;
}

hl_result password_check(const char *password, const char *hash, const char *lock_folder, bool *outdated)
{
    if (outdated)
        *outdated = hash && is_outdated(hash);
    int slot = slot_take(lock_folder);
    int code = argon2id_verify(hash ? hash : stand_in, password, strlen(password));
    slot_give(slot);
    if (code == ARGON2_MEMORY_ALLOCATION_ERROR)
        return HL_NO_MEMORY;
    return code == ARGON2_OK && hash ? HL_OK : HL_UNAUTHENTICATED;
}
