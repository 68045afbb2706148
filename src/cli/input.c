/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include "base/cancel.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int input_byte(int fd, void *out, struct err *err)
{
	for (;;) {
		if (cancel_poll(fd, POLLIN, err) < 0)
			return -1;
		ssize_t n = read(fd, out, 1);
		if (n >= 0)
			return (int)n;
		if (errno != EINTR && errno != EAGAIN)
			return err_sys(err, "cannot read from descriptor %d", fd);
	}
}
