/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mending.h"

#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

FUZZ_INITIALIZE

enum { FILE_MAX = 65536 };

static int filled(int *fd, const void *bytes, size_t len)
{
	if (*fd < 0)
		*fd = memfd_create("fuzz", 0);
	if (*fd < 0 || ftruncate(*fd, 0) < 0 || pwrite(*fd, bytes, len, 0) != (ssize_t)len)
		abort();
	return *fd;
}

/* A header, its sum made right, so that what it tells is looked at: it is refused, or is the only one of its shape. */
static void feed_header(const uint8_t *data, size_t size)
{
	unsigned char block[PARITY_BLOCK] = {0}, again[PARITY_BLOCK];
	struct parity_shape shape;
	struct digest table;
	struct err err = ERR_INIT;
	memcpy(block, data, size < sizeof block ? size : sizeof block);
	const uint64_t sum = parity_crc(0, block, PARITY_BLOCK - 8);
	for (unsigned i = 0; i < 8; i++)
		block[PARITY_BLOCK - 8 + i] = (unsigned char)(sum >> 8 * i);
	const int rc = parity_header_parse(&shape, &table, block, &err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return;
	parity_header_format(again, &shape, &table);
	if (memcmp(block, again, sizeof block) != 0 || shape.bytes != parity_size(shape.file_bytes, shape.permille))
		abort();
}

/* A file and a parity file with a good header in front of it, both of the fuzzer's bytes. */
static void feed_repair(const uint8_t *data, size_t size)
{
	static int fd = -1, parity_fd = -1, out_fd = -1;
	static unsigned char parity[PARITY_BLOCK + 16384];
	struct err err = ERR_INIT;
	struct parity_shape shape;
	const struct digest table = {{0}};
	auto_mending *mending = NULL;
	if (size < 5)
		return;
	const uint64_t file_bytes = 1 + (data[0] | (unsigned)data[1] << 8) % FILE_MAX;
	const unsigned permille = 1 + (data[2] | (unsigned)data[3] << 8) % PARITY_PERMILLE_MAX;
	const size_t cut = size * data[4] / 256, rest = size - cut < 16384 ? size - cut : 16384;
	if (parity_shape_make(&shape, file_bytes, permille, &err) < 0)
		abort();
	parity_header_format(parity, &shape, &table);
	memcpy(parity + PARITY_BLOCK, data + cut, rest);
	const int rc = mending_open(&mending, filled(&fd, data, cut), filled(&parity_fd, parity, PARITY_BLOCK + rest), NULL,
								&err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return;
	const int out_rc = mending_write(mending, filled(&out_fd, "", 0), CARE_STAYS, NULL, &err);
	fuzz_check(out_rc, &err);
	if ((out_rc == 0) != mending_is_possible(mending))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	feed_header(data, size);
	feed_repair(data, size);
	return 0;
}
