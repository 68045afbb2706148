/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_home.h"

#include "base/io.h"
#include "base/path.h"
#include "keyring/gpg_pinentry.h"
#include "keyring/shipped.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { KEYRING_BYTES_MAX = 256 << 20, AGENT_END_TRIES = 500 };
static const char keyring_name[] = "pubring.kbx";

static char gpg_path[PATH_MAX], gpgconf_path[PATH_MAX];

/* --- tools --- */

static bool is_tool(const char *dir, size_t dir_len, const char *name, char out[PATH_MAX])
{
	if (dir_len == 0 || dir[0] != '/')
		return false; /* a relative PATH entry would run what lies in the current folder */
	if (snprintf(out, PATH_MAX, "%.*s/%s", (int)dir_len, dir, name) >= PATH_MAX)
		return false;
	struct stat st;
	return stat(out, &st) == 0 && S_ISREG(st.st_mode) && access(out, X_OK) == 0;
}

static int find_tool(const char *name, char out[PATH_MAX], struct err *err)
{
	const char *dirs = getenv("PATH");
	if (is_tool("/usr/bin", strlen("/usr/bin"), name, out))
		return 0;
	while (dirs != NULL && *dirs != '\0') {
		size_t len = strcspn(dirs, ":");
		if (is_tool(dirs, len, name, out))
			return 0;
		dirs += len + (dirs[len] == ':');
	}
	out[0] = '\0';
	(void)err_set(err, ERR_GNUPG, "%s is not installed", name);
	return err_hint(err, "install GnuPG 2.2 or newer: apt-get install gnupg");
}

int gpg_home_find_tools(struct err *err)
{
	return find_tool("gpg", gpg_path, err) < 0 || find_tool("gpgconf", gpgconf_path, err) < 0 ? -1 : 0;
}

const char *gpg_home_tool(void)
{
	return gpg_path;
}

/* Silent: what it would say about an agent that is gone already helps nobody. */
static void run_gpgconf(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return;
	int rc = 0;
	for (int fd = 0; fd < 3; fd++)
		rc |= posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (rc == 0 && posix_spawn(&child, gpgconf_path, &actions, NULL, argv, environ) == 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	(void)posix_spawn_file_actions_destroy(&actions);
}

/* --- making --- */

static int write_text(int dir_fd, const char *name, const char *text, size_t len, int more_flags, struct err *err)
{
	auto_fd int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | more_flags, 0600);
	if (fd < 0)
		return err_sys(err, "cannot create %s", name);
	return io_write_all(fd, text, len, err);
}

static int write_settings(int dir_fd, struct err *err)
{
	if (write_text(dir_fd, "gpg.conf", shipped_gpg_conf, shipped_gpg_conf_len, O_EXCL, err) < 0)
		return -1;
	return write_text(dir_fd, "gpg-agent.conf", shipped_gpg_agent_conf, shipped_gpg_agent_conf_len, O_EXCL, err);
}

static int open_dir(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : err_sys(err, "cannot open %s", path);
}

int gpg_home_make_throwaway(struct gpg_home *out, struct err *err)
{
	static const char no_agent[] = "no-autostart\n";
	struct gpg_home home = {0};
	if (io_make_private_dir(&home.path, err) < 0)
		return -1;
	auto_fd int fd = open_dir(home.path, err);
	if (fd < 0 || write_text(fd, "gpg.conf", shipped_gpg_conf, shipped_gpg_conf_len, O_EXCL, err) < 0 ||
		write_text(fd, "gpg.conf", no_agent, sizeof no_agent - 1, O_APPEND, err) < 0) {
		gpg_home_remove(&home);
		return -1;
	}
	*out = home;
	return 0;
}

int gpg_home_make_alone(struct gpg_home *out, struct err *err)
{
	/* As often as OpenPGP can say: a passphrase is all that stands before what it protects. */
	static const char slow[] = "s2k-mode 3\ns2k-count 65011712\n";
	struct gpg_home home = {0};
	if (io_make_private_dir(&home.path, err) < 0)
		return -1;
	auto_fd int fd = open_dir(home.path, err);
	if (fd < 0 || write_settings(fd, err) < 0 || write_text(fd, "gpg.conf", slow, sizeof slow - 1, O_APPEND, err) < 0) {
		gpg_home_remove(&home);
		return -1;
	}
	*out = home;
	return 0;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), e = strlen(end);
	return n >= e && strcmp(name + n - e, end) == 0;
}

/* Not the sockets, locks, backups and caches of whoever else works there; trust is not gpg's to keep. */
static bool is_worth_linking(const char *name)
{
	static const char *const never[] = {"random_seed", "trustdb.gpg", "tofu.db"};
	if (name[0] == '.' || name[0] == '#' || strncmp(name, "S.", 2) == 0 || ends_with(name, ".lock") ||
		ends_with(name, "~"))
		return false;
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		if (strcmp(name, never[i]) == 0)
			return false;
	return true;
}

static bool is_settings(const char *name)
{
	return ends_with(name, ".conf") && strcmp(name, "common.conf") != 0;
}

static int link_one(int dir_fd, const char *origin, const char *name, struct err *err)
{
	auto_free char *target = NULL;
	if (path_join(&target, origin, name, err) < 0)
		return -1;
	return symlinkat(target, dir_fd, name) == 0 ? 0 : err_sys(err, "cannot link %s", name);
}

enum settings { SETTINGS_OF_ORIGIN, SETTINGS_SHIPPED };

static int link_entries(int dir_fd, const char *origin, enum settings settings, struct err *err)
{
	DIR *dir = opendir(origin);
	if (dir == NULL)
		return err_sys(err, "cannot read %s", origin);
	int rc = 0;
	for (struct dirent *entry; rc == 0 && (entry = readdir(dir)) != NULL;)
		if (is_worth_linking(entry->d_name) && (settings == SETTINGS_OF_ORIGIN || !is_settings(entry->d_name)))
			rc = link_one(dir_fd, origin, entry->d_name, err);
	(void)closedir(dir);
	return rc;
}

static int make_over(struct gpg_home *out, const char *origin, enum settings settings, struct err *err)
{
	struct gpg_home home = {.origin = realpath(origin, NULL)};
	if (home.origin == NULL)
		return err_sys(err, "cannot open %s", origin);
	if (io_make_private_dir(&home.path, err) < 0) {
		free(home.origin);
		return -1;
	}
	auto_fd int fd = open_dir(home.path, err);
	int rc = fd < 0 ? -1 : link_entries(fd, home.origin, settings, err);
	if (rc == 0 && settings == SETTINGS_SHIPPED)
		rc = write_settings(fd, err);
	if (rc < 0) {
		gpg_home_remove(&home);
		return -1;
	}
	*out = home;
	return 0;
}

int gpg_home_make_station(struct gpg_home *out, const char *origin, struct err *err)
{
	/* gpg would make missing ones in the private folder, and the first key would be lost with it. */
	static const char *const folders[] = {"private-keys-v1.d", "openpgp-revocs.d"};
	auto_fd int fd = open_dir(origin, err);
	if (fd < 0)
		return -1;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (mkdirat(fd, folders[i], 0700) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return err_sys(err, "cannot make %s/%s", origin, folders[i]);
	return make_over(out, origin, SETTINGS_OF_ORIGIN, err);
}

int gpg_home_make_foreign(struct gpg_home *out, const char *origin, struct err *err)
{
	return make_over(out, origin, SETTINGS_SHIPPED, err);
}

/* --- changes --- */

int gpg_home_commit(struct gpg_home *home, struct err *err)
{
	struct stat st;
	auto_fd int fd = open_dir(home->path, err);
	if (fd < 0)
		return -1;
	if (home->origin == NULL || fstatat(fd, keyring_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	auto_buf keyring = {0};
	auto_fd int origin_fd = open_dir(home->origin, err);
	if (origin_fd < 0 || io_read_file(&keyring, fd, keyring_name, KEYRING_BYTES_MAX, err) < 0 ||
		io_replace_file(origin_fd, keyring_name, keyring.data, keyring.len, 0600, err) < 0)
		return -1;
	if (unlinkat(fd, keyring_name, 0) < 0)
		return err_sys(err, "cannot remove %s", keyring_name);
	return link_one(fd, home->origin, keyring_name, err);
}

/* --- ending --- */

/* The agent answers before it is gone; its socket goes last. */
static void wait_for_agent(const char *path)
{
	auto_free char *socket = NULL;
	struct err ignored = ERR_INIT;
	struct stat st;
	if (path_join(&socket, path, "S.gpg-agent", &ignored) < 0)
		return;
	for (int i = 0; i < AGENT_END_TRIES && lstat(socket, &st) == 0; i++)
		(void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Without /run/user the sockets lie in the home and show what runs there. */
static bool runs_agent_alone(const char *path)
{
	static const char *const others[] = {"S.scdaemon", "S.dirmngr", "S.keyboxd"};
	struct stat st;
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstatat(fd, "S.gpg-agent", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (fstatat(fd, others[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			return false;
	return true;
}

static int connect_to_agent(const char *home_path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int len = snprintf(name.sun_path, sizeof name.sun_path, "%s/S.gpg-agent", home_path);
	if (len < 0 || (size_t)len >= sizeof name.sun_path)
		return -1;
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* An agent that does not answer must not keep us: gpgconf comes next. */
	struct timeval patience = {.tv_sec = 2};
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
		connect(fd, (const struct sockaddr *)&name, sizeof name) < 0)
		return -1;
	return steal_fd(&fd);
}

/* It begins with a greeting, and confirms: either is one line that begins so. */
static bool agent_agrees(int fd)
{
	char line[256] = "";
	size_t len = 0;
	while (len < sizeof line - 1 && memchr(line, '\n', len) == NULL) {
		ssize_t got = recv(fd, line + len, sizeof line - 1 - len, 0);
		if (got <= 0)
			return false;
		len += (size_t)got;
	}
	return strncmp(line, "OK", 2) == 0;
}

/* As gpgconf does it, but for two programs less to start, which take longer than all else that ends. */
static bool ask_agent_to_end(const char *home_path)
{
	static const char end[] = "KILLAGENT\n";
	auto_fd int fd = connect_to_agent(home_path);
	return fd >= 0 && agent_agrees(fd) && send(fd, end, sizeof end - 1, MSG_NOSIGNAL) == (ssize_t)sizeof end - 1 &&
		   agent_agrees(fd);
}

static void end_agent(const struct gpg_home *home)
{
	static char gpgconf[] = "gpgconf", option[] = "--homedir", end[] = "--kill", all[] = "all";
	if (home->ask_broken)
		gpg_pinentry_end(home->path);
	if (!runs_agent_alone(home->path) || !ask_agent_to_end(home->path))
		run_gpgconf((char *const[]){gpgconf, option, home->path, end, all, NULL});
	wait_for_agent(home->path);
}

/* Where /run/user is, gpg makes a folder for sockets there, also where it starts no agent. */
static void remove_socket_folder(const struct gpg_home *home)
{
	static char gpgconf[] = "gpgconf", option[] = "--homedir", remove_dir[] = "--remove-socketdir";
	struct stat st;
	char shared[64];
	(void)snprintf(shared, sizeof shared, "/run/user/%u/gnupg", (unsigned)getuid());
	if (stat(shared, &st) == 0)
		run_gpgconf((char *const[]){gpgconf, option, home->path, remove_dir, NULL});
}

void gpg_home_remove(struct gpg_home *home)
{
	if (home->path != NULL) {
		if (home->agent_used)
			end_agent(home);
		remove_socket_folder(home);
		io_remove_tree(AT_FDCWD, home->path);
	}
	free(home->path);
	free(home->origin);
	*home = (struct gpg_home){0};
}
