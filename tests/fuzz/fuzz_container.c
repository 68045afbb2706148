/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/container.h"

#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

FUZZ_INITIALIZE

/* Both ways of reading a file's structure; a full walk that succeeds means that the quick one would too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("fuzz", 0);
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	struct err err = ERR_INIT;
	auto_container *walked = NULL, *quick = NULL;
	int rc = container_open(&walked, fd, size, CONTAINER_WALK, &err);
	fuzz_check(rc, &err);
	err = (struct err)ERR_INIT;
	int quick_rc = container_open(&quick, fd, size, CONTAINER_QUICK, &err);
	fuzz_check(quick_rc, &err);
	if (rc == 0 && quick_rc < 0)
		abort();
	if (quick_rc == 0) {
		err = (struct err)ERR_INIT;
		fuzz_check(container_locate_chunks(quick, 1u << 20, &err), &err);
	}
	return 0;
}
