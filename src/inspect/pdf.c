/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/pdf.h"

#include "base/cancel.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum {
	PDF_BYTES_MAX = INSPECT_BYTES_MAX, /* pdftotext holds its input in memory */
	TEXT_MAX = 64 << 10,
	SECONDS_MAX = 10,
	CPU_SECONDS_MAX = 5,
	MEMORY_MAX = 512 << 20,
	WAKE_MS = 200, /* how long a cancel request may wait */
};

struct tool {
	pid_t pid;
	int pidfd, from; /* its output */
};

static void say_not_read(struct inspection *out, const char *why)
{
	(void)snprintf(out->not_read, sizeof out->not_read, "%s", why);
}

/* Not by $PATH: what is run on foreign files must not depend on who runs it. */
static const char *find_tool(const char *tool)
{
	static const char *const places[] = {"/usr/bin/pdftotext", "/usr/local/bin/pdftotext", "/bin/pdftotext"};
	if (tool != NULL)
		return access(tool, X_OK) == 0 ? tool : NULL;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

bool inspect_reads_pdf(void)
{
	return find_tool(NULL) != NULL;
}

/* In the child, between fork and exec, where only async-signal-safe calls are allowed: other threads may have held any
 * lock. */
[[gnu::noreturn]] static void become(const char *path, int in, int out, int nowhere)
{
	static const char *const argv[] = {"pdftotext", "-q", "-l", "2", "-enc", "UTF-8", "-", "-", NULL};
	static const char *const envp[] = {"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", NULL};
	static const struct {
		__rlimit_resource_t what;
		rlim_t most;
	} limits[] = {{RLIMIT_CPU, CPU_SECONDS_MAX}, {RLIMIT_AS, MEMORY_MAX}, {RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}};
	sigset_t none;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	bool ready = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		ready &= setrlimit(limits[i].what, &(struct rlimit){limits[i].most, limits[i].most}) == 0;
	ready &= dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(nowhere, 2) == 2;
	/* Ours are closed on exec already; this is for those of libraries. Kernels without the call are old. */
	(void)syscall(SYS_close_range, 3U, ~0U, 0U);
	if (ready)
		(void)execve(path, (char *const *)argv, (char *const *)envp);
	_exit(127);
}

/* Whatever is left of it ends here: no process stays, not even as a zombie. */
static void tool_clear(struct tool *tool)
{
	if (tool->from >= 0)
		(void)close(tool->from);
	if (tool->pid > 0) {
		/* Not yet waited for, so its number is still its own. */
		if (tool->pidfd < 0 || pidfd_send_signal(tool->pidfd, SIGKILL, NULL, 0) < 0)
			(void)kill(tool->pid, SIGKILL);
		while (waitpid(tool->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (tool->pidfd >= 0)
		(void)close(tool->pidfd);
}

/* above 2, or dup2() in the child would overwrite one by the other. */
static int move_up(int *fd, struct err *err)
{
	if (*fd > 2)
		return 0;
	int moved = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (moved < 0)
		return err_sys(err, "cannot duplicate a descriptor");
	(void)close(*fd);
	*fd = moved;
	return 0;
}

static int start(struct tool *tool, const char *path, int fd, struct err *err)
{
	int ends[2] = {-1, -1};
	auto_fd int in = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	auto_fd int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (in < 0 || nowhere < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, "cannot make a pipe for pdftotext");
	tool->from = ends[0];
	auto_fd int to = ends[1];
	if (move_up(&to, err) < 0 || move_up(&nowhere, err) < 0)
		return -1;
	tool->pid = fork();
	if (tool->pid < 0)
		return err_sys(err, "cannot start pdftotext");
	if (tool->pid == 0)
		become(path, in, to, nowhere);
	tool->pidfd = pidfd_open(tool->pid, 0);
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for output, the end of it, or the deadline. Returns how much was read, 0 at the end, -1; -2 too late. */
static ssize_t read_some(struct tool *tool, char *out, size_t size, int64_t deadline, struct err *err)
{
	for (;;) {
		struct pollfd wait = {.fd = tool->from, .events = POLLIN};
		if (cancel_check(err) < 0)
			return -1;
		if (now_ms() >= deadline)
			return -2;
		if (poll(&wait, 1, WAKE_MS) <= 0)
			continue;
		ssize_t n = read(tool->from, out, size);
		if (n >= 0 || errno != EINTR)
			return n < 0 ? err_sys(err, "cannot read from pdftotext") : n;
	}
}

/* What it says, up to size bytes; -2 where it took too long. */
static ssize_t read_text(struct tool *tool, char *out, size_t size, struct err *err)
{
	const int64_t deadline = now_ms() + SECONDS_MAX * 1000;
	size_t len = 0;
	while (len < size) {
		ssize_t n = read_some(tool, out + len, size - len, deadline, err);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* It has closed its output, or was heard enough. Whether it ended well. */
static bool end(struct tool *tool, bool heard_enough)
{
	int status = 0;
	const int64_t deadline = now_ms() + 1000;
	struct pollfd wait = {.fd = tool->pidfd, .events = POLLIN};
	if (heard_enough || tool->pidfd < 0)
		return true; /* tool_clear() ends it */
	while (poll(&wait, 1, WAKE_MS) <= 0 && now_ms() < deadline)
		;
	if (waitpid(tool->pid, &status, WNOHANG) != tool->pid)
		return false;
	tool->pid = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] > ' ')
			return false;
	return true;
}

static int run(const struct text_labels *labels, int fd, const char *path, struct inspection *out, struct err *err)
{
	AUTO(tool_clear) struct tool tool = {.pidfd = -1, .from = -1};
	auto_free char *text = malloc(TEXT_MAX);
	if (text == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (start(&tool, path, fd, err) < 0)
		return -1;
	ssize_t len = read_text(&tool, text, TEXT_MAX, err);
	if (len == -1)
		return -1;
	if (len == -2) {
		say_not_read(out, "pdftotext took too long");
		return 0;
	}
	text_labels_find(labels, text, (size_t)len, (struct text_place){.kind = PLACE_PAGE}, out);
	if (!end(&tool, len == TEXT_MAX))
		say_not_read(out, "pdftotext cannot read it (damaged, encrypted, or over its limits)");
	else if (is_blank(text, (size_t)len))
		say_not_read(out, "its first pages hold no text, only pictures");
	return 0;
}

int pdf_labels(const struct text_labels *labels, int fd, const char *tool, struct inspection *out, struct err *err)
{
	const char *path = find_tool(tool);
	struct stat st;
	if (path == NULL) {
		say_not_read(out, "pdftotext is not installed");
		return 0;
	}
	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, "cannot read");
	if (st.st_size > PDF_BYTES_MAX) {
		say_not_read(out, "it is longer than 64 MiB");
		return 0;
	}
	return run(labels, fd, path, out, err);
}
