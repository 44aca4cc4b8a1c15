/* Faults of files, injected into a program that runs with LD_PRELOAD=faults.so.
 *
 * It counts the calls that touch files under one folder, by class (open, read, write, …), and at the
 * n-th one of a class does what its environment says. docs/faults.md tells what that is good for.
 *
 *   FAULTS_ROOT  the folder (absolute, without links), in which the program starts
 *   FAULTS_LOG   a file for one line per counted call, "write pwrite64 PATH", and "injected" at the fault
 *   FAULTS_AT    which call, CLASS:N, counted from 1
 *   FAULTS_DO    an error (ENOSPC, EIO, …): the call fails with it; a failed fsync or close loses what was
 *                  not synced before, as on Linux and NFS
 *                short: a read or write does half of its work;  torn: it does half, then the process dies
 *                kill-before, kill-after: SIGKILL before or after the call
 *                power: SIGKILL before the call, and what was not synced is lost
 *                SIGTERM, pause: SIGTERM or SIGSTOP before the call, which goes on
 *   FAULTS_STAY  when set, all later calls of the class fail too: a disk stays full
 *   FAULTS_PID   what getpid() answers: two containers may give two processes the same number
 *
 * The loss of what was not synced is simple: the file is cut to its size at the last sync.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* with _FILE_OFFSET_BITS unset, off_t has 64 bits on the machines that this runs on */
_Static_assert(sizeof(off_t) == 8, "faults.c is written for 64-bit systems");

enum call_class { OPEN, READ, WRITE, SYNC, TRUNCATE, RENAME, UNLINK, LINK, MKDIR, CLOSE, MMAP, LOCK, ALLOCATE, CLASSES };
static const char *const class_names[CLASSES] = {
    "open", "read", "write", "sync", "truncate", "rename", "unlink",
    "link", "mkdir", "close", "mmap", "lock", "allocate"};

/* What to do with a call; positive numbers are errors to fail with. */
enum { NOTHING = 0, SHORT = -1, TORN = -2, KILL_BEFORE = -3, KILL_AFTER = -4, POWER = -5, TERM = -6, PAUSE = -7 };
static const struct { const char *name; int what; } faults[] = {
    {"short", SHORT}, {"torn", TORN}, {"kill-before", KILL_BEFORE}, {"kill-after", KILL_AFTER},
    {"power", POWER}, {"SIGTERM", TERM}, {"pause", PAUSE},
    {"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EDQUOT", EDQUOT}, {"EINTR", EINTR}, {"EACCES", EACCES},
    {"EMFILE", EMFILE}, {"ENOLCK", ENOLCK}, {"ENOMEM", ENOMEM}, {"EOPNOTSUPP", EOPNOTSUPP}};

/* --- settings and state, all under one lock --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *root;
static int starts_in_root, log_fd = -1, stays, fake_pid;
static int at_class = CLASSES, todo;
static long at_number, counts[CLASSES];

/* the paths of open files under the root, as the root sees them, by descriptor */
enum { DESCRIPTORS = 1024, FILES = 256 };
static char *paths[DESCRIPTORS];

/* files that were written: how much of them is on disk for certain */
static struct written { char *path; off_t synced; int dirty; } files[FILES];

/* The path as the root sees it; NULL outside of it. */
static const char *inside(const char *path) {
    size_t length = strlen(root);
    if (!path) return NULL;
    if (path[0] != '/') return starts_in_root ? path + (strncmp(path, "./", 2) == 0 ? 2 : 0) : NULL;
    if (strncmp(path, root, length) != 0) return NULL;
    return path[length] == '/' ? path + length + 1 : path[length] == 0 ? "." : NULL;
}

static void start(void) {
    const char *at = getenv("FAULTS_AT"), *what = getenv("FAULTS_DO");
    const char *log = getenv("FAULTS_LOG"), *pid = getenv("FAULTS_PID");
    char folder[4096];
    root = getenv("FAULTS_ROOT");
    if (!root) root = "/nowhere";
    starts_in_root = getcwd(folder, sizeof folder) && strcmp(folder, root) == 0;
    stays = getenv("FAULTS_STAY") != NULL;
    fake_pid = pid ? atoi(pid) : 0;
    if (log) {
        int fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0666);
        log_fd = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900);
        syscall(SYS_close, fd);
    }
    if (!at || !what) return;
    const char *colon = strchr(at, ':');
    for (int i = 0; colon && i < CLASSES; i++)
        if (strncmp(at, class_names[i], colon - at) == 0 && class_names[i][colon - at] == 0) at_class = i;
    at_number = colon ? atol(colon + 1) : 0;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (strcmp(what, faults[i].name) == 0) todo = faults[i].what;
    if (at_class == CLASSES || at_number < 1 || !todo) {
        dprintf(2, "faults: FAULTS_AT=%s FAULTS_DO=%s is not understood\n", at, what);
        _exit(99);
    }
}

static void note(const char *text, const char *name, const char *path) {
    char line[4400];
    int length = snprintf(line, sizeof line, "%s %s %s\n", text, name, path);
    if (log_fd >= 0) syscall(SYS_write, log_fd, line, (size_t)length);
}

static struct written *find_written(const char *path) {
    for (int i = 0; i < FILES; i++)
        if (files[i].path && strcmp(files[i].path, path) == 0) return &files[i];
    return NULL;
}

static void forget_written(const char *path) {
    struct written *file = find_written(path);
    if (!file) return;
    free(file->path);
    file->path = NULL;
}

/* The file is about to change: at least this much of it stays what it was. */
static void about_to_write(const char *path) {
    struct written *file = find_written(path);
    struct stat found;
    if (!file) {
        for (int i = 0; i < FILES && !file; i++)
            if (!files[i].path) file = &files[i];
        if (!file) return;
        file->path = strdup(path);
        file->synced = stat(path, &found) == 0 ? found.st_size : 0;
    }
    file->dirty = 1;
}

static void synced(const char *path) {
    struct written *file = find_written(path);
    struct stat found;
    if (!file || stat(path, &found) != 0) return;
    file->synced = found.st_size;
    file->dirty = 0;
}

/* What was not synced is lost. */
static void lose(struct written *file) {
    if (file->path && file->dirty) syscall(SYS_truncate, file->path, file->synced);
    file->dirty = 0;
}

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

/* --- before and after every call --- */

/* Counts a call and says what happens to it. */
static int begin(int class, const char *name, const char *path) {
    int what = NOTHING;
    pthread_once(&once, start);
    path = inside(path);
    if (!path) return NOTHING;
    pthread_mutex_lock(&lock);
    counts[class]++;
    note(class_names[class], name, path);
    if (class == at_class && (counts[class] == at_number || (stays && counts[class] > at_number))) {
        what = todo;
        note("injected", name, path);
    }
    if (what == POWER)
        for (int i = 0; i < FILES; i++) lose(&files[i]);
    /* an fsync or a close that fails has lost what it should have kept, and no later one tells */
    struct written *file = find_written(path);
    if (what > 0 && what != EINTR && (class == SYNC || class == CLOSE) && file) lose(file);
    if (what == NOTHING || what == SHORT || what == TORN) {
        if (class == WRITE || class == TRUNCATE || class == ALLOCATE) about_to_write(path);
    }
    pthread_mutex_unlock(&lock);
    if (what == POWER || what == KILL_BEFORE) die();
    if (what == TERM) syscall(SYS_kill, syscall(SYS_getpid), SIGTERM);
    if (what == PAUSE) syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
    return what == TERM || what == PAUSE ? NOTHING : what;
}

static const char *path_of(int fd) { return fd >= 0 && fd < DESCRIPTORS ? paths[fd] : NULL; }

static void set_path(int fd, const char *path) {
    if (fd < 0 || fd >= DESCRIPTORS) return;
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = path ? strdup(path) : NULL;
    pthread_mutex_unlock(&lock);
}

/* The path of a call that names a folder by its descriptor. */
static const char *path_at(int folder, const char *path) {
    if (!path || folder == AT_FDCWD || path[0] == '/') return path;
    return path_of(folder) ? path : "/elsewhere";
}

static void end(int what) {
    if (what == KILL_AFTER || what == TORN) die();
}

static int fails(int what) {
    if (what > 0) errno = what;
    return what > 0;
}

static size_t part(int what, size_t size) { return what == SHORT || what == TORN ? (size + 1) / 2 : size; }

#define REAL(name) ((__typeof__(name) *)real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

/* --- the calls --- */

static int open_any(const char *name, int folder, const char *path, int flags, mode_t mode) {
    int what = begin(OPEN, name, path_at(folder, path));
    if (fails(what)) return -1;
    int fd = syscall(SYS_openat, folder, path, flags, mode);
    if (fd >= 0) {
        path = inside(path_at(folder, path));
        set_path(fd, path);
        if (path && (flags & O_TRUNC)) {
            pthread_mutex_lock(&lock);
            forget_written(path);
            about_to_write(path);
            pthread_mutex_unlock(&lock);
        }
    }
    end(what);
    return fd;
}

#define OPEN_MODE(mode, flags)                     \
    mode_t mode = 0;                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {         \
        va_list list;                              \
        va_start(list, flags);                     \
        mode = va_arg(list, mode_t);               \
        va_end(list);                              \
    }

int open(const char *path, int flags, ...) { OPEN_MODE(mode, flags) return open_any("open", AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { OPEN_MODE(mode, flags) return open_any("open64", AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { OPEN_MODE(mode, flags) return open_any("openat", at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { OPEN_MODE(mode, flags) return open_any("openat64", at, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_any("creat", AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
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
#define TRANSFER(class, name, buffer, tail, arguments)             \
    ssize_t name(int fd, buffer, size_t size tail) {               \
        int what = begin(class, #name, path_of(fd));               \
        if (fails(what)) return -1;                                \
        size = part(what, size);                                   \
        ssize_t result = REAL(name) arguments;                     \
        end(what);                                                 \
        return result;                                             \
    }
#define COMMA ,
TRANSFER(READ, read, void *data, , (fd, data, size))
TRANSFER(READ, pread, void *data, COMMA off_t offset, (fd, data, size, offset))
TRANSFER(READ, pread64, void *data, COMMA off_t offset, (fd, data, size, offset))
TRANSFER(WRITE, write, const void *data, , (fd, data, size))
TRANSFER(WRITE, pwrite, const void *data, COMMA off_t offset, (fd, data, size, offset))
TRANSFER(WRITE, pwrite64, const void *data, COMMA off_t offset, (fd, data, size, offset))

/* The same of several buffers: half of the work is half of the first one. */
#define TRANSFERS(class, name, tail, arguments)                            \
    ssize_t name(int fd, const struct iovec *list, int count tail) {       \
        int what = begin(class, #name, path_of(fd));                       \
        if (fails(what)) return -1;                                        \
        struct iovec first = {0};                                          \
        if (count > 0) first = list[0];                                    \
        first.iov_len = part(what, first.iov_len);                         \
        if (what == SHORT || what == TORN) list = &first, count = 1;       \
        ssize_t result = REAL(name) arguments;                             \
        end(what);                                                         \
        return result;                                                     \
    }
TRANSFERS(READ, readv, , (fd, list, count))
TRANSFERS(READ, preadv, COMMA off_t offset, (fd, list, count, offset))
TRANSFERS(WRITE, writev, , (fd, list, count))
TRANSFERS(WRITE, pwritev, COMMA off_t offset, (fd, list, count, offset))

static void after_sync(int fd, int result) {
    if (result != 0 || !path_of(fd)) return;
    pthread_mutex_lock(&lock);
    synced(path_of(fd));
    pthread_mutex_unlock(&lock);
}

#define SIMPLE(class, name, parameters, arguments, path, after)    \
    int name parameters {                                          \
        int what = begin(class, #name, path);                      \
        if (fails(what)) return -1;                                \
        int result = REAL(name) arguments;                         \
        after;                                                     \
        end(what);                                                 \
        return result;                                             \
    }
SIMPLE(SYNC, fsync, (int fd), (fd), path_of(fd), after_sync(fd, result))
SIMPLE(SYNC, fdatasync, (int fd), (fd), path_of(fd), after_sync(fd, result))
SIMPLE(SYNC, sync_file_range, (int fd, off_t from, off_t size, unsigned flags), (fd, from, size, flags), path_of(fd), )
SIMPLE(TRUNCATE, ftruncate, (int fd, off_t size), (fd, size), path_of(fd), )
SIMPLE(TRUNCATE, ftruncate64, (int fd, off_t size), (fd, size), path_of(fd), )
SIMPLE(UNLINK, unlink, (const char *path), (path), path, )
SIMPLE(UNLINK, unlinkat, (int at, const char *path, int flags), (at, path, flags), path_at(at, path), )
SIMPLE(LINK, link, (const char *from, const char *to), (from, to), to, )
SIMPLE(LINK, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), path_at(b, to), )
SIMPLE(MKDIR, mkdir, (const char *path, mode_t mode), (path, mode), path, )
SIMPLE(MKDIR, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode), path_at(at, path), )
SIMPLE(LOCK, flock, (int fd, int operation), (fd, operation), path_of(fd), )

/* What is known of a file goes with its name. */
static void after_rename(const char *from, const char *to, int result) {
    from = inside(from);
    to = inside(to);
    if (result != 0 || !from || !to) return;
    pthread_mutex_lock(&lock);
    forget_written(to);
    struct written *file = find_written(from);
    if (file) {
        free(file->path);
        file->path = strdup(to);
    }
    pthread_mutex_unlock(&lock);
}
SIMPLE(RENAME, rename, (const char *from, const char *to), (from, to), to, after_rename(from, to, result))
SIMPLE(RENAME, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), path_at(b, to),
       after_rename(from, to, result))
SIMPLE(RENAME, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags),
       path_at(b, to), after_rename(from, to, result))

static int allocate(const char *name, int fd, off_t from, off_t size) {
    int what = begin(ALLOCATE, name, path_of(fd));
    int result = what > 0 ? what : REAL(posix_fallocate)(fd, from, size);
    end(what);
    return result;
}
int posix_fallocate(int fd, off_t from, off_t size) { return allocate("posix_fallocate", fd, from, size); }
int posix_fallocate64(int fd, off_t from, off_t size) { return allocate("posix_fallocate64", fd, from, size); }
SIMPLE(ALLOCATE, fallocate, (int fd, int mode, off_t from, off_t size), (fd, mode, from, size), path_of(fd), )
SIMPLE(ALLOCATE, fallocate64, (int fd, int mode, off_t from, off_t size), (fd, mode, from, size), path_of(fd), )

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
    int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    int what = locks ? begin(LOCK, "fcntl", path_of(fd)) : NOTHING;
    if (fails(what)) return -1;
    int result = REAL(fcntl)(fd, command, argument);
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) set_path(result, path_of(fd));
    end(what);
    return result;
}
#define ARGUMENT(name, last)           \
    va_list list;                      \
    va_start(list, last);              \
    void *name = va_arg(list, void *); \
    va_end(list);
int fcntl(int fd, int command, ...) { ARGUMENT(argument, command) return control(fd, command, argument); }
int fcntl64(int fd, int command, ...) { ARGUMENT(argument, command) return control(fd, command, argument); }

pid_t getpid(void) {
    pthread_once(&once, start);
    return fake_pid ? fake_pid : (pid_t)syscall(SYS_getpid);
}
