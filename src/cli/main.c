/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cancel.h"
#include "cli/cli.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* A file that we open must never become standard input, output or error of anything. */
static void fill_standard_descriptors(void)
{
	int fd;
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

/* Keys pass through this process: no core dump, no debugger of the same user, no file that others may read. */
static void harden_process(void)
{
	static const struct rlimit none = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) /* its leak check must be able to trace us */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char *argv[])
{
	cancel_install_handlers(); /* first: from here on whoever interrupts gets exit 130 */
	fill_standard_descriptors();
	harden_process();
	/* Without a UTF-8 locale libarchive cannot carry names beyond ASCII. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	return cli_run(argc > 0 ? argc - 1 : 0, argv + (argc > 0));
}
