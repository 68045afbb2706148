/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded in front of libc (LD_PRELOAD) to make one call of one program fail, or to let something happen just before it.
 * Only the program that LAB_EXE names is touched (default valise), and none of its children.
 *
 * LAB_LOG=FILE       a line for each call that counts: number, class, name, file
 * LAB_CLASSES=…      which calls count: w write, s sync, n names (rename link unlink mkdir …), c create, t truncate,
 *                    x close of a written file, r read, a asking for a part of a file to be written out
 * LAB_FILE=TEXT      only calls on a file whose path has TEXT in it count
 * LAB_AT=N           what LAB_ACTION says happens at call N; LAB_STICKY=1: and at every later one but removals
 * LAB_ACTION=…       kill, torn (a write does half, then kill), short (a write does half, and says so), int (SIGINT to us),
 *                    group (to the whole group),
 *                    a number (the call fails with this errno), or run (the command LAB_COMMAND, and wait for it)
 * LAB_MALLOC_AT=N    the Nth allocation fails; LAB_STICKY=1: and all later ones. LAB_MALLOC_LOG=FILE gets the count at exit
 * LAB_TWICE=TEXT     a medium that changes: of files with TEXT in the path, bytes from LAB_FROM to LAB_TO that are read for the
 *                    second time are given wrong; LAB_FIRST=1: wrong the first time, right from then on; LAB_ALWAYS=1: wrong each time.
 *                    LAB_TWICE_LOG=FILE gets how many bytes were read more than once
 * LAB_MOUNTS=FILE    what is mounted where, instead of /proc/self/mountinfo: a folder of the machine passes for a medium
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gpg-error.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

static struct {
	pid_t pid; /* 0: not our program, or not ready */
	const char *classes, *file, *action, *command, *twice, *twice_log, *malloc_log, *mounts;
	long at, malloc_at;
	bool sticky, first, always;
	long long from, to;
	int log_fd;
} lab = {.log_fd = -1};

static atomic_long calls, allocations, read_again;
static __thread bool inside; /* what we do ourselves does not count */

/* --- small tools that allocate nothing --- */

static long number_of(const char *name)
{
	const char *text = getenv(name);
	return text != NULL ? atol(text) : 0;
}

static void put_line(const char *path, const char *text)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)!syscall(SYS_write, fd, text, strlen(text));
		(void)syscall(SYS_close, fd);
	}
}

static void path_of(int fd, char out[static 512])
{
	char link[64];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, out, 511);
	out[len > 0 ? len : 0] = '\0';
}

static bool is_ours(void)
{
	return lab.pid != 0 && !inside && getpid() == lab.pid;
}

__attribute__((constructor)) static void prepare(void)
{
	char exe[512];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
	const char *wanted = getenv("LAB_EXE");
	exe[len > 0 ? len : 0] = '\0';
	const char *base = strrchr(exe, '/');
	if (base == NULL || strcmp(base + 1, wanted != NULL ? wanted : "valise") != 0)
		return;
	lab.classes = getenv("LAB_CLASSES");
	lab.file = getenv("LAB_FILE");
	lab.action = getenv("LAB_ACTION");
	lab.command = getenv("LAB_COMMAND");
	lab.twice = getenv("LAB_TWICE");
	lab.twice_log = getenv("LAB_TWICE_LOG");
	lab.malloc_log = getenv("LAB_MALLOC_LOG");
	lab.mounts = getenv("LAB_MOUNTS");
	lab.at = number_of("LAB_AT");
	lab.malloc_at = number_of("LAB_MALLOC_AT");
	lab.sticky = number_of("LAB_STICKY") != 0;
	lab.first = number_of("LAB_FIRST") != 0;
	lab.always = number_of("LAB_ALWAYS") != 0;
	lab.from = getenv("LAB_FROM") != NULL ? atoll(getenv("LAB_FROM")) : 0;
	lab.to = getenv("LAB_TO") != NULL ? atoll(getenv("LAB_TO")) : 0;
	const char *log = getenv("LAB_LOG");
	if (log != NULL)
		lab.log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	/* A gpg that should be hit runs many times; the first one that gets this far is the one. */
	lab.pid = getpid();
}

__attribute__((destructor)) static void conclude(void)
{
	char text[64];
	if (!is_ours())
		return;
	(void)snprintf(text, sizeof text, "%ld\n", (long)allocations);
	if (lab.malloc_log != NULL)
		put_line(lab.malloc_log, text);
	(void)snprintf(text, sizeof text, "%ld\n", (long)read_again);
	if (lab.twice_log != NULL)
		put_line(lab.twice_log, text);
}

/* --- one call --- */

enum verdict { GO_ON, FAIL, TEAR, SHORTEN };

static void run_command(void)
{
	inside = true;
	pid_t child = fork();
	if (child == 0) {
		(void)unsetenv("LD_PRELOAD");
		(void)execl("/bin/sh", "sh", "-c", lab.command, (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	inside = false;
}

static void note(long number, char class, const char *name, const char *path)
{
	char line[700];
	int len = snprintf(line, sizeof line, "%ld %c %s %s\n", number, class, name, path);
	if (lab.log_fd >= 0)
		(void)!syscall(SYS_write, lab.log_fd, line, (size_t)len);
}

static enum verdict act(void)
{
	if (strcmp(lab.action, "kill") == 0)
		(void)kill(lab.pid, SIGKILL);
	else if (strcmp(lab.action, "torn") == 0)
		return TEAR;
	else if (strcmp(lab.action, "short") == 0)
		return SHORTEN;
	else if (strcmp(lab.action, "int") == 0)
		(void)kill(lab.pid, SIGINT);
	else if (strcmp(lab.action, "group") == 0)
		(void)kill(0, SIGINT);
	else if (strcmp(lab.action, "run") == 0)
		run_command();
	else {
		errno = atoi(lab.action);
		return FAIL;
	}
	return GO_ON;
}

/* removal: taking something away works on a full or failing disk as well, so a sticky fault leaves it alone. */
static enum verdict arrive(char class, const char *name, const char *path, bool removal)
{
	if (lab.classes == NULL || strchr(lab.classes, class) == NULL || (lab.file != NULL && strstr(path, lab.file) == NULL))
		return GO_ON;
	int saved = errno;
	long number = atomic_fetch_add(&calls, 1) + 1;
	note(number, class, name, path);
	errno = saved;
	if (lab.action == NULL || number < lab.at || lab.at == 0)
		return GO_ON;
	if (number == lab.at || (lab.sticky && !removal))
		return act();
	return GO_ON;
}

static enum verdict arrive_fd(char class, const char *name, int fd)
{
	char path[512];
	struct stat st;
	/* Pipes and sockets to gpg are no files; nor is a terminal. */
	if (fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return GO_ON;
	path_of(fd, path);
	return arrive(class, name, path, false);
}

#define REAL(name) ((__typeof__(&name))real_of(#name))

static void *real_of(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

#define WRITE_LIKE(name, params, args, half_args, short_args)                                                         \
	VISIBLE ssize_t name params                                                                                       \
	{                                                                                                                 \
		switch (is_ours() ? arrive_fd('w', #name, fd) : GO_ON) {                                                      \
		case FAIL:                                                                                                    \
			return -1;                                                                                                \
		case TEAR:                                                                                                    \
			(void)!REAL(name) half_args;                                                                              \
			(void)kill(lab.pid, SIGKILL);                                                                             \
			return -1;                                                                                                \
		case SHORTEN:                                                                                                 \
			return REAL(name) short_args;                                                                             \
		default:                                                                                                      \
			return REAL(name) args;                                                                                   \
		}                                                                                                             \
	}

WRITE_LIKE(write, (int fd, const void *bytes, size_t len), (fd, bytes, len), (fd, bytes, len / 2), (fd, bytes, (len + 1) / 2))
WRITE_LIKE(pwrite, (int fd, const void *bytes, size_t len, off_t at), (fd, bytes, len, at), (fd, bytes, len / 2, at),
		   (fd, bytes, (len + 1) / 2, at))
WRITE_LIKE(pwrite64, (int fd, const void *bytes, size_t len, off64_t at), (fd, bytes, len, at), (fd, bytes, len / 2, at),
		   (fd, bytes, (len + 1) / 2, at))

/* Calls on a descriptor, and calls on a name, that return 0 or -1. A torn one is simply not done. */
#define TURN(expression)                                                                                              \
	switch (is_ours() ? (expression) : GO_ON) {                                                                       \
	case FAIL:                                                                                                        \
		return -1;                                                                                                    \
	case TEAR:                                                                                                        \
		(void)kill(lab.pid, SIGKILL);                                                                                 \
		return -1;                                                                                                    \
	default:                                                                                                          \
		break;                                                                                                        \
	}

#define FD_CALL(name, class, params, args)                                                                            \
	VISIBLE int name params                                                                                           \
	{                                                                                                                 \
		TURN(arrive_fd(class, #name, fd))                                                                             \
		return REAL(name) args;                                                                                       \
	}
#define NAME_CALL(name, class, removal, params, args)                                                                 \
	VISIBLE int name params                                                                                           \
	{                                                                                                                 \
		TURN(arrive(class, #name, path, removal))                                                                     \
		return REAL(name) args;                                                                                       \
	}

FD_CALL(fsync, 's', (int fd), (fd))
FD_CALL(fdatasync, 's', (int fd), (fd))
FD_CALL(syncfs, 's', (int fd), (fd))
FD_CALL(sync_file_range, 'a', (int fd, off64_t from, off64_t len, unsigned how), (fd, from, len, how))
FD_CALL(ftruncate, 't', (int fd, off_t len), (fd, len))
FD_CALL(ftruncate64, 't', (int fd, off64_t len), (fd, len))
FD_CALL(futimens, 't', (int fd, const struct timespec times[2]), (fd, times))
NAME_CALL(rename, 'n', false, (const char *path, const char *to), (path, to))
NAME_CALL(renameat, 'n', false, (int a, const char *path, int b, const char *to), (a, path, b, to))
NAME_CALL(renameat2, 'n', false, (int a, const char *path, int b, const char *to, unsigned flags), (a, path, b, to, flags))
NAME_CALL(link, 'n', false, (const char *path, const char *to), (path, to))
NAME_CALL(linkat, 'n', false, (int a, const char *path, int b, const char *to, int flags), (a, path, b, to, flags))
NAME_CALL(symlink, 'n', false, (const char *target, const char *path), (target, path))
NAME_CALL(symlinkat, 'n', false, (const char *target, int dir, const char *path), (target, dir, path))
NAME_CALL(unlink, 'n', true, (const char *path), (path))
NAME_CALL(unlinkat, 'n', true, (int dir, const char *path, int flags), (dir, path, flags))
NAME_CALL(rmdir, 'n', true, (const char *path), (path))
NAME_CALL(mkdir, 'n', false, (const char *path, mode_t mode), (path, mode))
NAME_CALL(mkdirat, 'n', false, (int dir, const char *path, mode_t mode), (dir, path, mode))

VISIBLE char *mkdtemp(char *path)
{
	if (is_ours() && arrive('n', "mkdtemp", path, false) == FAIL)
		return NULL;
	return REAL(mkdtemp)(path);
}

VISIBLE int close(int fd)
{
	if (is_ours() && lab.classes != NULL && strchr(lab.classes, 'x') != NULL) {
		int mode = fcntl(fd, F_GETFL);
		if (mode >= 0 && (mode & O_ACCMODE) != O_RDONLY) {
			/* As Linux does: the descriptor is gone, whatever close says. */
			if (arrive_fd('x', "close", fd) == FAIL) {
				int saved = errno;
				(void)syscall(SYS_close, fd);
				errno = saved;
				return -1;
			}
		}
	}
	return (int)syscall(SYS_close, fd) < 0 ? -1 : 0;
}

/* --- opening --- */

static const char *path_to_open(const char *path)
{
	return lab.mounts != NULL && is_ours() && strcmp(path, "/proc/self/mountinfo") == 0 ? lab.mounts : path;
}

#define OPEN_CALL(name, params, args)                                                                                 \
	VISIBLE int name params                                                                                           \
	{                                                                                                                 \
		mode_t mode = 0;                                                                                              \
		if (flags & (O_CREAT | __O_TMPFILE)) {                                                                        \
			va_list list;                                                                                             \
			va_start(list, flags);                                                                                    \
			mode = va_arg(list, mode_t);                                                                              \
			va_end(list);                                                                                             \
		}                                                                                                             \
		if (flags & O_CREAT)                                                                                          \
			TURN(arrive('c', #name, path, false))                                                                     \
		else                                                                                                          \
			TURN(arrive('o', #name, path, false))                                                                     \
		path = path_to_open(path);                                                                                    \
		return REAL(name) args;                                                                                       \
	}

OPEN_CALL(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN_CALL(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN_CALL(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))
OPEN_CALL(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))

/* What the compiler makes of those whose flags it does not know: never with O_CREAT. */
int __openat64_2(int dir, const char *path, int flags);
VISIBLE int __openat64_2(int dir, const char *path, int flags)
{
	TURN(arrive('o', "openat64", path, false))
	return REAL(__openat64_2)(dir, path_to_open(path), flags);
}

struct how {
	unsigned long long flags, mode, resolve;
};

VISIBLE long syscall(long number, ...)
{
	long a[6];
	va_list list;
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_openat2 && is_ours()) {
		const struct how *how = (const struct how *)a[2];
		TURN(arrive(how->flags & O_CREAT ? 'c' : 'o', "openat2", (const char *)a[1], false))
	}
	return ((long (*)(long, ...))real_of("syscall"))(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* --- reading --- */

static unsigned char *seen; /* one flag a byte of the file that LAB_TWICE names */
static size_t seen_len;
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

static void spoil(int fd, unsigned char *bytes, ssize_t len, long long at)
{
	char path[512];
	struct stat st;
	if (lab.twice == NULL || len <= 0 || !is_ours())
		return;
	path_of(fd, path);
	if (strstr(path, lab.twice) == NULL || fstat(fd, &st) < 0)
		return;
	(void)pthread_mutex_lock(&seen_lock);
	if (seen == NULL) {
		seen_len = (size_t)st.st_size;
		inside = true;
		seen = calloc(seen_len + 1, 1);
		inside = false;
	}
	for (ssize_t i = 0; seen != NULL && i < len && (size_t)(at + i) < seen_len; i++) {
		if (at + i < lab.from || at + i >= lab.to)
			continue;
		bool again = seen[at + i] != 0;
		seen[at + i] = 1;
		if (again)
			atomic_fetch_add(&read_again, 1);
		if (lab.always || again != lab.first)
			bytes[i] ^= 0x20;
	}
	(void)pthread_mutex_unlock(&seen_lock);
}

#define PREAD_LIKE(name, offset)                                                                                      \
	VISIBLE ssize_t name(int fd, void *bytes, size_t len, offset at)                                                  \
	{                                                                                                                 \
		TURN(arrive_fd('r', #name, fd))                                                                               \
		ssize_t n = REAL(name)(fd, bytes, len, at);                                                                   \
		spoil(fd, bytes, n, at);                                                                                      \
		return n;                                                                                                     \
	}

PREAD_LIKE(pread, off_t)
PREAD_LIKE(pread64, off64_t)

VISIBLE ssize_t read(int fd, void *bytes, size_t len)
{
	TURN(arrive_fd('r', "read", fd))
	long long at = lab.twice != NULL ? lseek(fd, 0, SEEK_CUR) : -1;
	ssize_t n = REAL(read)(fd, bytes, len);
	if (at >= 0)
		spoil(fd, bytes, n, at);
	return n;
}

/* --- memory --- */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

static _Thread_local bool inside_one __attribute__((tls_model("initial-exec")));

static bool refuse_memory(void)
{
	if ((lab.malloc_at == 0 && lab.malloc_log == NULL) || inside_one)
		return false;
	if (!is_ours())
		return false;
	long number = atomic_fetch_add(&allocations, 1) + 1;
	bool refuse = lab.malloc_at != 0 && (lab.sticky ? number >= lab.malloc_at : number == lab.malloc_at);
	if (refuse)
		errno = ENOMEM;
	return refuse;
}

VISIBLE void *malloc(size_t len)
{
	return refuse_memory() ? NULL : __libc_malloc(len);
}

VISIBLE void *calloc(size_t count, size_t len)
{
	return refuse_memory() ? NULL : __libc_calloc(count, len);
}

VISIBLE void *realloc(void *old, size_t len)
{
	return refuse_memory() ? NULL : __libc_realloc(old, len);
}

/* One allocation, which fails as a whole: where memory ends inside of it, GPGME 1.18 frees what it has not copied yet. */
VISIBLE gpg_error_t gpgme_new(void **out)
{
	if (refuse_memory())
		return gpg_err_make(GPG_ERR_SOURCE_GPGME, GPG_ERR_ENOMEM);
	inside_one = true;
	gpg_error_t cause = REAL(gpgme_new)(out);
	inside_one = false;
	return cause;
}
