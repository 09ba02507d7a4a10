/* A disk that forgets what was not synced, for one process.
 *
 * Preloaded, it keeps every write to files whose path holds DAYBOOK_SHIM_NAME (and does not end in "-shm") in memory and
 * lets reads see it; fsync and fdatasync carry the written pages into the real file. A process that is killed takes the
 * rest with it, as a power cut takes the page cache. With DAYBOOK_SHIM_LEAK=1 a third of the writes reach the file at
 * once as well, in no order that was asked for, as a disk may do. While the file that DAYBOOK_SHIM_FULL names is there,
 * writes that make a file longer find no room; while the one of DAYBOOK_SHIM_EIO is there, fsync fails.
 *
 * Files are never closed or opened here on top of what the program does: closing any descriptor of a file would drop the
 * program's locks on it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { PAGE = 4096, FILES = 16, DESCRIPTORS = 4096 };

struct file {
    char path[4096];
    unsigned char *bytes, *dirty;
    off_t size, room;
};

static struct file files[FILES];
static struct file *by_fd[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned writes;

#define REAL(name, type, ...) static type (*real)(__VA_ARGS__); if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static struct file *file_of(int fd) { return fd >= 0 && fd < DESCRIPTORS ? by_fd[fd] : NULL; }

static int ours(const char *path) {
    const char *name = getenv("DAYBOOK_SHIM_NAME");
    size_t length = strlen(path);
    if (!name || !strstr(path, name)) return 0;
    return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static ssize_t real_pread(int fd, void *to, size_t n, off_t at) {
    REAL("pread64", ssize_t, int, void *, size_t, off_t);
    return real(fd, to, n, at);
}

static ssize_t real_pwrite(int fd, const void *from, size_t n, off_t at) {
    REAL("pwrite64", ssize_t, int, const void *, size_t, off_t);
    return real(fd, from, n, at);
}

static int planted(const char *name) {
    const char *path = getenv(name);
    return path && access(path, F_OK) == 0;
}

static int real_ftruncate(int fd, off_t size) {
    REAL("ftruncate64", int, int, off_t);
    return real(fd, size);
}

static int real_fstat(int fd, struct stat *st) {
    REAL("fstat", int, int, struct stat *);
    return real(fd, st);
}

static void resize(struct file *f, off_t size) {
    if (size > f->room) {
        off_t room = (size * 2 + PAGE) / PAGE * PAGE;
        f->bytes = realloc(f->bytes, room);
        f->dirty = realloc(f->dirty, room / PAGE);
        if (!f->bytes || !f->dirty) abort();
        memset(f->bytes + f->room, 0, room - f->room);
        memset(f->dirty + f->room / PAGE, 0, (room - f->room) / PAGE);
        f->room = room;
    }
    if (size < f->size) memset(f->bytes + size, 0, f->size - size);
    f->size = size;
}

/* The file's image, read from the disk when it is opened first. */
static void adopt(int fd, const char *path) {
    if (fd < 0 || fd >= DESCRIPTORS || !ours(path)) return;
    pthread_mutex_lock(&lock);
    struct file *f = NULL;
    for (int i = 0; i < FILES && !f; i++)
        if (files[i].path[0] && !strcmp(files[i].path, path)) f = &files[i];
    for (int i = 0; i < FILES && !f; i++)
        if (!files[i].path[0]) {
            struct stat st;
            f = &files[i];
            strncpy(f->path, path, sizeof f->path - 1);
            if (real_fstat(fd, &st)) abort();
            resize(f, st.st_size);
            for (off_t at = 0; at < st.st_size;) {
                ssize_t n = real_pread(fd, f->bytes + at, st.st_size - at, at);
                if (n <= 0) abort();
                at += n;
            }
        }
    if (!f) abort();
    by_fd[fd] = f;
    pthread_mutex_unlock(&lock);
}

static int open_real(const char *path, int flags, mode_t mode) {
    REAL("open64", int, const char *, int, ...);
    int fd = real(path, flags, mode);
    int saved = errno;
    adopt(fd, path);
    errno = saved;
    return fd;
}

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); }
int open(const char *path, int flags, ...) { MODE(flags) return open_real(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_real(path, flags, mode); }

int close(int fd) {
    REAL("close", int, int);
    pthread_mutex_lock(&lock);
    if (file_of(fd)) by_fd[fd] = NULL;
    pthread_mutex_unlock(&lock);
    return real(fd);
}

static ssize_t read_at(int fd, void *to, size_t n, off_t at) {
    struct file *f = file_of(fd);
    if (!f) return real_pread(fd, to, n, at);
    pthread_mutex_lock(&lock);
    ssize_t got = at >= f->size ? 0 : (off_t)n < f->size - at ? (ssize_t)n : f->size - at;
    memcpy(to, f->bytes + (got ? at : 0), got);
    pthread_mutex_unlock(&lock);
    return got;
}
ssize_t pread(int fd, void *to, size_t n, off_t at) { return read_at(fd, to, n, at); }
ssize_t pread64(int fd, void *to, size_t n, off_t at) { return read_at(fd, to, n, at); }

static ssize_t write_at(int fd, const void *from, size_t n, off_t at) {
    struct file *f = file_of(fd);
    if (!f) return real_pwrite(fd, from, n, at);
    pthread_mutex_lock(&lock);
    if (at + (off_t)n > f->size && planted("DAYBOOK_SHIM_FULL")) {
        pthread_mutex_unlock(&lock);
        errno = ENOSPC;
        return -1;
    }
    if (at + (off_t)n > f->size) resize(f, at + n);
    memcpy(f->bytes + at, from, n);
    for (off_t page = at / PAGE; page <= (at + (off_t)n - 1) / PAGE; page++) f->dirty[page] = 1;
    if (getenv("DAYBOOK_SHIM_LEAK") && ++writes * 2654435761u % 3 == 0) real_pwrite(fd, from, n, at);
    pthread_mutex_unlock(&lock);
    return n;
}
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { return write_at(fd, from, n, at); }
ssize_t pwrite64(int fd, const void *from, size_t n, off_t at) { return write_at(fd, from, n, at); }

/* Sequential access, for builds of SQLite without pread. */
ssize_t read(int fd, void *to, size_t n) {
    REAL("read", ssize_t, int, void *, size_t);
    if (!file_of(fd)) return real(fd, to, n);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t got = read_at(fd, to, n, at);
    lseek(fd, at + got, SEEK_SET);
    return got;
}
ssize_t write(int fd, const void *from, size_t n) {
    REAL("write", ssize_t, int, const void *, size_t);
    if (!file_of(fd)) return real(fd, from, n);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t put = write_at(fd, from, n, at);
    lseek(fd, at + put, SEEK_SET);
    return put;
}

static int cut(int fd, off_t size) {
    struct file *f = file_of(fd);
    if (!f) return real_ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    off_t old = f->size;
    resize(f, size);
    for (off_t page = (size < old ? size : old) / PAGE; page * PAGE < size; page++) f->dirty[page] = 1;
    pthread_mutex_unlock(&lock);
    return 0;
}
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off_t size) { return cut(fd, size); }

int fstat(int fd, struct stat *st) {
    int result = real_fstat(fd, st);
    struct file *f = file_of(fd);
    if (!result && f) st->st_size = f->size;
    return result;
}
/* SQLite takes an empty write-ahead log for none, by its path. */
int stat64(const char *path, struct stat64 *st) {
    REAL("stat64", int, const char *, struct stat64 *);
    int result = real(path, st);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FILES && !result; i++)
        if (files[i].path[0] && !strcmp(files[i].path, path)) st->st_size = files[i].size;
    pthread_mutex_unlock(&lock);
    return result;
}
int fstat64(int fd, struct stat64 *st) { return fstat(fd, (struct stat *)st); }

/* What was written so far reaches the disk. */
static int flush(int fd) {
    struct file *f = file_of(fd);
    REAL("fdatasync", int, int);
    if (!f) return real(fd);
    if (planted("DAYBOOK_SHIM_EIO")) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&lock);
    for (off_t at = 0; at < f->size; at += PAGE) {
        if (!f->dirty[at / PAGE]) continue;
        off_t n = f->size - at < PAGE ? f->size - at : PAGE;
        if (real_pwrite(fd, f->bytes + at, n, at) != n) abort();
        f->dirty[at / PAGE] = 0;
    }
    if (real_ftruncate(fd, f->size)) abort();
    pthread_mutex_unlock(&lock);
    return real(fd);
}
int fsync(int fd) { return flush(fd); }
int fdatasync(int fd) { return flush(fd); }

int unlink(const char *path) {
    REAL("unlink", int, const char *);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FILES; i++)
        if (files[i].path[0] && !strcmp(files[i].path, path)) {
            for (int fd = 0; fd < DESCRIPTORS; fd++) if (by_fd[fd] == &files[i]) by_fd[fd] = NULL;
            free(files[i].bytes);
            free(files[i].dirty);
            memset(&files[i], 0, sizeof files[i]);
        }
    pthread_mutex_unlock(&lock);
    return real(path);
}
