/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_pinentry.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

/* Processes are found by what they are, never by name alone: the agent by the random path of our private home among its
 * arguments, the pinentry as its child. */

enum { END_TRIES = 200 };

static ssize_t read_proc(const char *pid, const char *name, char *out, size_t size)
{
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? read(fd, out, size - 1) : -1;
	out[len > 0 ? len : 0] = '\0';
	return len;
}

static bool is_agent_of(const char *pid, const char *home)
{
	char words[512];
	ssize_t len = read_proc(pid, "cmdline", words, sizeof words);
	size_t first = strlen(words);
	static const char agent[] = "gpg-agent";
	if (len <= 0 || first < strlen(agent) || strcmp(words + first - strlen(agent), agent) != 0)
		return false;
	for (const char *word = words; word < words + len; word += strlen(word) + 1)
		if (strcmp(word, home) == 0)
			return true;
	return false;
}

/* The name in brackets may hold anything, also brackets: what counts comes behind the last one. */
static bool is_pinentry_of(const char *pid, pid_t agent)
{
	char stat[512], name[32];
	int parent = 0;
	if (read_proc(pid, "stat", stat, sizeof stat) <= 0)
		return false;
	const char *end = strrchr(stat, ')');
	if (end == NULL || sscanf(end, ") %*c %d", &parent) != 1 || parent != agent)
		return false;
	(void)read_proc(pid, "comm", name, sizeof name);
	return strncmp(name, "pinentry", strlen("pinentry")) == 0;
}

/* The first process for which is() holds; 0 for none. */
static pid_t find_process(bool (*is)(const char *pid, const void *arg), const void *arg)
{
	DIR *dir = opendir("/proc");
	pid_t found = 0;
	if (dir == NULL)
		return 0;
	for (struct dirent *entry; found == 0 && (entry = readdir(dir)) != NULL;)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is(entry->d_name, arg))
			found = (pid_t)strtol(entry->d_name, NULL, 10);
	(void)closedir(dir);
	return found;
}

static bool agent_matches(const char *pid, const void *home)
{
	return is_agent_of(pid, home);
}

static bool pinentry_matches(const char *pid, const void *agent)
{
	return is_pinentry_of(pid, *(const pid_t *)agent);
}

void gpg_pinentry_end(const char *home_path)
{
	pid_t agent = find_process(agent_matches, home_path);
	pid_t pinentry = agent > 0 ? find_process(pinentry_matches, &agent) : 0;
	/* Asked first, so that it can give the terminal back as it was. */
	for (int i = 0; pinentry > 0 && i < END_TRIES; i++) {
		(void)kill(pinentry, i < END_TRIES / 2 ? SIGTERM : SIGKILL);
		(void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
		pinentry = find_process(pinentry_matches, &agent);
	}
}
