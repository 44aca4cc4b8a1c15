/* What faults.c knows of the files under the root, for the calls in calls.c. */
#define _GNU_SOURCE
#include <sys/types.h>

enum call_class {
    OPEN,
    READ,
    WRITE,
    SYNC,
    TRUNCATE,
    RENAME,
    UNLINK,
    LINK,
    MKDIR,
    CLOSE,
    MMAP,
    LOCK,
    ALLOCATE,
    CLASSES
};

/* What to do with a call; positive numbers are errors to fail with. */
enum {
    NOTHING = 0,
    SHORT = -1,
    TORN = -2,
    KILL_BEFORE = -3,
    KILL_AFTER = -4,
    POWER = -5,
    TERM = -6,
    PAUSE = -7
};

/* Counts a call and says what happens to it. */
int begin(int class, const char *name, const char *path);
/* Sets errno and is true where the call fails. */
int fails(int what);
/* How much of its work a read or write does. */
size_t part(int what, size_t size);
/* After the call: the process may die. */
void end(int what);

/* The path of an open file under the root, or NULL. */
const char *path_of(int fd);
void set_path(int fd, const char *path);
/* The path of a call that names a folder by its descriptor. */
const char *path_at(int folder, const char *path);

/* What the calls change in what is known. */
void after_truncating(const char *path);
void after_sync(int fd, int result);
void after_rename(const char *from, const char *to, int result);

/* What getpid() answers; 0 for the truth. */
pid_t process_number(void);
