/* SPDX-License-Identifier: Apache-2.0 */
#include "media/paced.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int push(int fd, uint64_t from, uint64_t len, unsigned how, struct err *err)
{
	if (sync_file_range(fd, (off_t)from, (off_t)len, how) == 0)
		return 0;
	/* Where the kernel cannot do this for a file (ESPIPE, ENOSYS, EINVAL) the sync at the end does it. */
	if (errno == EIO || errno == ENOSPC || errno == EDQUOT)
		return err_sys(err, "cannot write to the medium");
	return 0;
}

/* Until it is on the medium; then nobody needs it in memory. */
static int settle(int fd, uint64_t from, uint64_t len, struct err *err)
{
	static const unsigned wait = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	if (push(fd, from, len, wait, err) < 0)
		return -1;
	(void)posix_fadvise(fd, (off_t)from, (off_t)len, POSIX_FADV_DONTNEED);
	return 0;
}

int paced_reach(struct paced *paced, uint64_t end, struct err *err)
{
	while (end - paced->begun >= PACED_WINDOW) {
		if (push(paced->fd, paced->begun, PACED_WINDOW, SYNC_FILE_RANGE_WRITE, err) < 0)
			return -1;
		paced->begun += PACED_WINDOW;
		if (paced->begun - paced->done < 2 * (uint64_t)PACED_WINDOW)
			continue;
		if (settle(paced->fd, paced->done, PACED_WINDOW, err) < 0)
			return -1;
		paced->done += PACED_WINDOW;
	}
	return 0;
}

int paced_finish(const struct paced *paced, struct err *err)
{
	if (fsync(paced->fd) < 0)
		return err_sys(err, "cannot write to the medium");
	(void)posix_fadvise(paced->fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

void paced_start(int fd, uint64_t at, uint64_t len)
{
	(void)sync_file_range(fd, (off_t)at, (off_t)len, SYNC_FILE_RANGE_WRITE);
}

int paced_run(int fd, uint64_t at, uint64_t len, struct err *err)
{
	const uint64_t back = 2 * (uint64_t)PACED_WINDOW;
	if (push(fd, at, len, SYNC_FILE_RANGE_WRITE, err) < 0)
		return -1;
	return at < back ? 0 : settle(fd, at - back, len, err);
}

int paced_zeros(struct paced *paced, uint64_t at, uint64_t len, struct err *err)
{
	static const unsigned char zeros[256 << 10];
	for (const uint64_t end = at + len; at < end;) {
		const size_t part = end - at < sizeof zeros ? (size_t)(end - at) : sizeof zeros;
		if (io_pwrite_all(paced->fd, zeros, part, at, err) < 0 || paced_reach(paced, at + part, err) < 0)
			return -1;
		at += part;
	}
	return 0;
}

int paced_wrote(struct paced_places *places, uint64_t more, struct err *err)
{
	places->since += more;
	if (places->since < PACED_WINDOW)
		return 0;
	places->since = 0;
	return push(places->fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE, err);
}
