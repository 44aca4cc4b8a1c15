/* The calls that touch files, as a program sees them: each asks faults.c what to do. */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(name) *)real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int open_any(const char *name, int folder, const char *path, int flags, mode_t mode) {
    int what = begin(OPEN, name, path_at(folder, path));
    if (fails(what)) return -1;
    int fd = syscall(SYS_openat, folder, path, flags, mode);
    if (fd >= 0) {
        set_path(fd, path_at(folder, path));
        if (flags & O_TRUNC) after_truncating(path_at(folder, path));
    }
    end(what);
    return fd;
}

#define OPEN_MODE(mode, flags)                                                                     \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode = va_arg(list, mode_t);                                                               \
        va_end(list);                                                                              \
    }

int open(const char *path, int flags, ...) {
    OPEN_MODE(mode, flags) return open_any("open", AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    OPEN_MODE(mode, flags) return open_any("open64", AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...) {
    OPEN_MODE(mode, flags) return open_any("openat", at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
    OPEN_MODE(mode, flags) return open_any("openat64", at, path, flags, mode);
}
int creat(const char *path, mode_t mode) {
    return open_any("creat", AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
    int what = begin(CLOSE, "close", path_of(fd));
    set_path(fd, NULL);
    int result = REAL(close)(fd);
    end(what);
    return fails(what) ? -1 : result;
}

int dup(int fd) {
    int copy = REAL(dup)(fd);
    set_path(copy, path_of(fd));
    return copy;
}

/* A transfer of bytes: `arguments` name the descriptor, the buffer, the size and the rest. */
#define TRANSFER(class, name, buffer, tail, arguments)                                             \
    ssize_t name(int fd, buffer, size_t size tail) {                                               \
        int what = begin(class, #name, path_of(fd));                                               \
        if (fails(what)) return -1;                                                                \
        size = part(what, size);                                                                   \
        ssize_t result = REAL(name) arguments;                                                     \
        end(what);                                                                                 \
        return result;                                                                             \
    }
#define COMMA ,
TRANSFER(READ, read, void *data, , (fd, data, size))
TRANSFER(READ, pread, void *data, COMMA off_t offset, (fd, data, size, offset))
TRANSFER(READ, pread64, void *data, COMMA off_t offset, (fd, data, size, offset))
TRANSFER(WRITE, write, const void *data, , (fd, data, size))
TRANSFER(WRITE, pwrite, const void *data, COMMA off_t offset, (fd, data, size, offset))
TRANSFER(WRITE, pwrite64, const void *data, COMMA off_t offset, (fd, data, size, offset))

/* The same of several buffers: half of the work is half of the first one. */
#define TRANSFERS(class, name, tail, arguments)                                                    \
    ssize_t name(int fd, const struct iovec *list, int count tail) {                               \
        int what = begin(class, #name, path_of(fd));                                               \
        if (fails(what)) return -1;                                                                \
        struct iovec first = {0};                                                                  \
        if (count > 0) first = list[0];                                                            \
        first.iov_len = part(what, first.iov_len);                                                 \
        if (what == SHORT || what == TORN) list = &first, count = 1;                               \
        ssize_t result = REAL(name) arguments;                                                     \
        end(what);                                                                                 \
        return result;                                                                             \
    }
TRANSFERS(READ, readv, , (fd, list, count))
TRANSFERS(READ, preadv, COMMA off_t offset, (fd, list, count, offset))
TRANSFERS(WRITE, writev, , (fd, list, count))
TRANSFERS(WRITE, pwritev, COMMA off_t offset, (fd, list, count, offset))

#define SIMPLE(class, name, parameters, arguments, path, after)                                    \
    int name parameters {                                                                          \
        int what = begin(class, #name, path);                                                      \
        if (fails(what)) return -1;                                                                \
        int result = REAL(name) arguments;                                                         \
        after;                                                                                     \
        end(what);                                                                                 \
        return result;                                                                             \
    }
SIMPLE(SYNC, fsync, (int fd), (fd), path_of(fd), after_sync(fd, result))
SIMPLE(SYNC, fdatasync, (int fd), (fd), path_of(fd), after_sync(fd, result))
SIMPLE(SYNC, sync_file_range, (int fd, off_t from, off_t size, unsigned flags),
       (fd, from, size, flags), path_of(fd), )
SIMPLE(TRUNCATE, ftruncate, (int fd, off_t size), (fd, size), path_of(fd), )
SIMPLE(TRUNCATE, ftruncate64, (int fd, off_t size), (fd, size), path_of(fd), )
SIMPLE(UNLINK, unlink, (const char *path), (path), path, )
SIMPLE(UNLINK, unlinkat, (int at, const char *path, int flags), (at, path, flags),
       path_at(at, path), )
SIMPLE(LINK, link, (const char *from, const char *to), (from, to), to, )
SIMPLE(LINK, linkat, (int a, const char *from, int b, const char *to, int flags),
       (a, from, b, to, flags), path_at(b, to), )
SIMPLE(MKDIR, mkdir, (const char *path, mode_t mode), (path, mode), path, )
SIMPLE(MKDIR, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode),
       path_at(at, path), )
SIMPLE(LOCK, flock, (int fd, int operation), (fd, operation), path_of(fd), )

SIMPLE(RENAME, rename, (const char *from, const char *to), (from, to), to,
       after_rename(from, to, result))
SIMPLE(RENAME, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to),
       path_at(b, to), after_rename(from, to, result))

/* Tells the renames of this file from those that are caught. */
enum { OURS = 0x6661756c };

int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    int what = begin(RENAME, "renameat2", path_at(b, to));
    if (fails(what)) return -1;
    int result = syscall(SYS_renameat2, a, from, b, to, flags, OURS);
    after_rename(from, to, result);
    end(what);
    return result;
}

#ifdef __x86_64__
/* Some programs ask the kernel for renameat2 past libc: a filter turns these calls into a signal,
 * and its handler into a call of the function above. */
static void on_rename(int number, siginfo_t *information, void *context) {
    (void)number, (void)information;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    int result = renameat2(registers[REG_RDI], (char *)registers[REG_RSI], registers[REG_RDX],
                           (char *)registers[REG_R10], registers[REG_R8]);
    registers[REG_RAX] = result < 0 ? -errno : result;
}

__attribute__((constructor)) static void catch_renames(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OURS, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP)};
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    struct sigaction action = {.sa_sigaction = on_rename, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSYS, &action, NULL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#endif

static int allocate(const char *name, int fd, off_t from, off_t size) {
    int what = begin(ALLOCATE, name, path_of(fd));
    int result = what > 0 ? what : REAL(posix_fallocate)(fd, from, size);
    end(what);
    return result;
}
int posix_fallocate(int fd, off_t from, off_t size) {
    return allocate("posix_fallocate", fd, from, size);
}
int posix_fallocate64(int fd, off_t from, off_t size) {
    return allocate("posix_fallocate64", fd, from, size);
}
SIMPLE(ALLOCATE, fallocate, (int fd, int mode, off_t from, off_t size), (fd, mode, from, size),
       path_of(fd), )
SIMPLE(ALLOCATE, fallocate64, (int fd, int mode, off_t from, off_t size), (fd, mode, from, size),
       path_of(fd), )

static void *map(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
    int what = flags & MAP_ANONYMOUS ? NOTHING : begin(MMAP, "mmap", path_of(fd));
    if (fails(what)) return MAP_FAILED;
    void *result = (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
    end(what);
    return result;
}
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
    return map(address, size, protection, flags, fd, offset);
}
void *mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
    return map(address, size, protection, flags, fd, offset);
}

static int control(int fd, int command, void *argument) {
    int locks = command == F_SETLK || command == F_SETLKW;
    locks = locks || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    int what = locks ? begin(LOCK, "fcntl", path_of(fd)) : NOTHING;
    if (fails(what)) return -1;
    int result = REAL(fcntl)(fd, command, argument);
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) set_path(result, path_of(fd));
    end(what);
    return result;
}
#define ARGUMENT(name, last)                                                                       \
    va_list list;                                                                                  \
    va_start(list, last);                                                                          \
    void *name = va_arg(list, void *);                                                             \
    va_end(list);
int fcntl(int fd, int command, ...) {
    ARGUMENT(argument, command) return control(fd, command, argument);
}
int fcntl64(int fd, int command, ...) {
    ARGUMENT(argument, command) return control(fd, command, argument);
}

pid_t getpid(void) {
    pid_t other = process_number();
    return other ? other : (pid_t)syscall(SYS_getpid);
}
