/* Faults of files, injected into a program that runs with LD_PRELOAD=faults.so.
 *
 * It counts the calls that touch files under one folder, by class (open, read, write, …), and at
 * the n-th one of a class does what its environment says. docs/faults.md tells what that is good
 * for.
 *
 *   FAULTS_ROOT  the folder (absolute, without links), in which the program starts
 *   FAULTS_LOG   a file for one line per counted call, "write pwrite64 PATH"; a second line that
 *                starts with "injected" follows where the fault is
 *   FAULTS_AT    which call, CLASS:N, counted from 1
 *   FAULTS_DO    what happens to it
 *       ENOSPC, EIO, …   it fails; a failed fsync or close loses what was not synced before, as on
 *                        Linux and NFS
 *       short            a read or write does half of its work
 *       torn             it does half of its work, then the process dies
 *       kill-before      SIGKILL before the call
 *       kill-after       SIGKILL after it
 *       power            SIGKILL before the call, and what was not synced is lost
 *       SIGTERM, pause   SIGTERM or SIGSTOP before the call, which goes on
 *   FAULTS_STAY  when set, all later calls of the class fail too: a disk stays full
 *   FAULTS_PID   what getpid() answers: two containers may give two processes the same number
 *
 * The loss of what was not synced is simple: the file is cut to its size at the last sync.
 */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* with _FILE_OFFSET_BITS unset, off_t has 64 bits on the machines that this runs on */
_Static_assert(sizeof(off_t) == 8, "faults.c is written for 64-bit systems");

static const char *const class_names[CLASSES] = {"open",   "read",   "write",   "sync",  "truncate",
                                                 "rename", "unlink", "link",    "mkdir", "close",
                                                 "mmap",   "lock",   "allocate"};

static const struct {
    const char *name;
    int what;
} faults[] = {{"short", SHORT},           {"torn", TORN},     {"kill-before", KILL_BEFORE},
              {"kill-after", KILL_AFTER}, {"power", POWER},   {"SIGTERM", TERM},
              {"pause", PAUSE},           {"ENOSPC", ENOSPC}, {"EIO", EIO},
              {"EDQUOT", EDQUOT},         {"EINTR", EINTR},   {"EACCES", EACCES},
              {"EMFILE", EMFILE},         {"ENOLCK", ENOLCK}, {"ENOMEM", ENOMEM},
              {"EOPNOTSUPP", EOPNOTSUPP}};

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
static struct written {
    char *path;
    off_t synced;
    int dirty;
} files[FILES];

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
    for (int i = 0; colon && i < CLASSES; i++) {
        size_t length = colon - at;
        int same = strncmp(at, class_names[i], length) == 0;
        if (same && class_names[i][length] == 0) at_class = i;
    }
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
    for (;;)
        pause();
}

/* --- before and after every call --- */

/* Counts a call and says what happens to it. */
int begin(int class, const char *name, const char *path) {
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
        for (int i = 0; i < FILES; i++)
            lose(&files[i]);
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

const char *path_of(int fd) { return fd >= 0 && fd < DESCRIPTORS ? paths[fd] : NULL; }

void set_path(int fd, const char *path) {
    if (fd < 0 || fd >= DESCRIPTORS) return;
    path = inside(path);
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = path ? strdup(path) : NULL;
    pthread_mutex_unlock(&lock);
}

/* The path of a call that names a folder by its descriptor. */
const char *path_at(int folder, const char *path) {
    if (!path || folder == AT_FDCWD || path[0] == '/') return path;
    return path_of(folder) ? path : "/elsewhere";
}

/* Nothing of a file that was opened so is on disk for certain. */
void after_truncating(const char *path) {
    path = inside(path);
    if (!path) return;
    pthread_mutex_lock(&lock);
    forget_written(path);
    about_to_write(path);
    pthread_mutex_unlock(&lock);
}

void end(int what) {
    if (what == KILL_AFTER || what == TORN) die();
}

int fails(int what) {
    if (what > 0) errno = what;
    return what > 0;
}

size_t part(int what, size_t size) { return what == SHORT || what == TORN ? (size + 1) / 2 : size; }

void after_sync(int fd, int result) {
    if (result != 0 || !path_of(fd)) return;
    pthread_mutex_lock(&lock);
    synced(path_of(fd));
    pthread_mutex_unlock(&lock);
}

/* What is known of a file goes with its name. */
void after_rename(const char *from, const char *to, int result) {
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
pid_t process_number(void) {
    pthread_once(&once, start);
    return fake_pid;
}
