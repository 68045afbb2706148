/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mending.h"
#include "bundle/parity_write.h"
#include "format/parity_list.h"

#include "fuzz.h"

#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_MAX = 65536 };

/* On one core: more threads, and memory for each, cost more than all that is looked at here. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct err err = ERR_INIT;
	cpu_set_t one;
	(void)argc, (void)argv;
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof one, &one) < 0 || hash_library_init(&err) < 0)
		abort();
	return 0;
}

static int filled(int *fd, const void *bytes, size_t len)
{
	if (*fd < 0)
		*fd = memfd_create("fuzz", 0);
	if (*fd < 0 || ftruncate(*fd, 0) < 0 || pwrite(*fd, bytes, len, 0) != (ssize_t)len)
		abort();
	return *fd;
}

/* What the sum runs over is the fuzzer's, the sum itself made right, so that what it tells is looked at. */
static void sum_up(unsigned char *bytes, size_t size)
{
	const uint64_t sum = parity_crc(0, bytes, size - 8);
	for (unsigned i = 0; i < 8; i++)
		bytes[size - 8 + i] = (unsigned char)(sum >> 8 * i);
}

/* A header is refused, or is the only one of its shape. */
static void feed_header(const uint8_t *data, size_t size)
{
	unsigned char block[PARITY_BLOCK] = {0}, again[PARITY_BLOCK];
	struct parity_shape shape;
	struct digest table;
	struct err err = ERR_INIT;
	memcpy(block, data, size < sizeof block ? size : sizeof block);
	sum_up(block, sizeof block);
	const int rc = parity_header_parse(&shape, &table, block, &err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return;
	parity_header_format(again, &shape, &table);
	if (memcmp(block, again, sizeof block) != 0 || shape.bytes != parity_size(shape.file_bytes, shape.permille))
		abort();
}

/* The list of a parity volume, as it is and with its sum made right. */
static void feed_list(const uint8_t *data, size_t size)
{
	static unsigned char bytes[PARITY_LIST_MAX], again[PARITY_LIST_MAX];
	struct parity_list list;
	struct err err = ERR_INIT, second = ERR_INIT;
	memset(bytes, 0, sizeof bytes);
	memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
	fuzz_check(parity_list_parse(&list, bytes, size < sizeof bytes ? size : sizeof bytes, &err), &err);
	const uint32_t volumes = bytes[24] % PARITY_COLUMNS_MAX + 1;
	bytes[24] = (unsigned char)volumes;
	memset(bytes + 25, 0, 3);
	const size_t list_bytes = parity_list_size(volumes);
	sum_up(bytes, list_bytes);
	const int rc = parity_list_parse(&list, bytes, list_bytes, &second);
	fuzz_check(rc, &second);
	if (rc < 0)
		return;
	parity_list_format(again, &list);
	if (memcmp(bytes, again, list_bytes) != 0 || !parity_list_same_set(&list, &list) || list.index >= list.parity ||
		list.volumes + list.parity > PARITY_COLUMNS_MAX ||
		parity_volume_size(list.column_bytes, volumes) < 2 * list_bytes)
		abort();
}

/* Mending ends as it said that it would. out: whether it was done. */
static bool mend(int fd, int parity_fd, int out_fd)
{
	struct err err = ERR_INIT;
	auto_mending *mending = NULL;
	const int rc = mending_open(&mending, fd, parity_fd, NULL, &err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return false;
	const int out_rc = mending_write(mending, out_fd, CARE_STAYS, NULL, &err);
	fuzz_check(out_rc, &err);
	if ((out_rc == 0) != mending_is_possible(mending))
		abort();
	return out_rc == 0;
}

static uint64_t two_bytes(const uint8_t *data)
{
	return data[0] | (uint64_t)data[1] << 8;
}

/* A file and a parity file with a good header in front of it, both of the fuzzer's bytes. */
static void feed_repair(const uint8_t *data, size_t size)
{
	static int fd = -1, parity_fd = -1, out_fd = -1;
	static unsigned char parity[PARITY_BLOCK + 16384];
	struct err err = ERR_INIT;
	struct parity_shape shape;
	const struct digest table = {{0}};
	if (size < 5)
		return;
	const uint64_t file_bytes = 1 + two_bytes(data) % FILE_MAX;
	const unsigned permille = 1 + (unsigned)two_bytes(data + 2) % PARITY_PERMILLE_MAX;
	const size_t cut = size * data[4] / 256, rest = size - cut < 16384 ? size - cut : 16384;
	if (parity_shape_make(&shape, file_bytes, permille, &err) < 0)
		abort();
	parity_header_format(parity, &shape, &table);
	memcpy(parity + PARITY_BLOCK, data + cut, rest);
	(void)mend(filled(&fd, data, cut), filled(&parity_fd, parity, PARITY_BLOCK + rest), filled(&out_fd, "", 0));
}

/* --- a good file and its parity file, to which the fuzzer does what media do --- */

enum { GOOD_BYTES = 20000, EDIT_BYTES = 8, ROOM = 4 * GOOD_BYTES };

struct image {
	unsigned char bytes[ROOM];
	size_t len;
};

/* in: edit[EDIT_BYTES]: what, where (2), how many (2), from where (2), with what. */
static void spoil(struct image *image, const uint8_t *edit)
{
	if (image->len == 0)
		return;
	const size_t at = (size_t)two_bytes(edit + 1) % image->len, from = (size_t)two_bytes(edit + 5) % image->len;
	const size_t most = image->len - (at > from ? at : from), wanted = (size_t)two_bytes(edit + 3) % 4096 + 1;
	const size_t len = wanted < most ? wanted : most;
	switch (edit[0] >> 1 & 3) {
	case 0:
		memset(image->bytes + at, edit[7], len);
		break;
	case 1:
		memmove(image->bytes + at, image->bytes + from, len);
		break;
	case 2: /* taken out */
		memmove(image->bytes + at, image->bytes + at + len, image->len - at - len);
		image->len -= len;
		break;
	default: /* put in */
		if (image->len + len > sizeof image->bytes)
			return;
		memmove(image->bytes + at + len, image->bytes + at, image->len - at);
		memset(image->bytes + at, edit[7], len);
		image->len += len;
	}
}

static const unsigned shares[] = {1, 20, 100, 150, 333, 400, 777, 1000};
enum { SHARES = sizeof shares / sizeof *shares };

struct pair {
	struct image file, parity;
};

static void make_good(struct pair *pair, unsigned permille, bool repeats)
{
	static int fd = -1, parity_fd = -1;
	struct image *file = &pair->file, *parity = &pair->parity;
	struct err err = ERR_INIT;
	struct parity_shape shape;
	uint32_t state = 2463534242u;
	file->len = GOOD_BYTES;
	for (size_t i = 0; i < file->len; i++) {
		state ^= state << 13, state ^= state >> 17, state ^= state << 5;
		file->bytes[i] = repeats && i % 1024 >= 512 ? file->bytes[i % 512] : (unsigned char)state;
	}
	if (parity_shape_make(&shape, file->len, permille, &err) < 0 || shape.bytes > sizeof parity->bytes ||
		parity_write(filled(&fd, file->bytes, file->len), &shape, filled(&parity_fd, "", 0), CARE_STAYS, NULL, &err) <
			0)
		abort();
	parity->len = (size_t)shape.bytes;
	if (pread(parity_fd, parity->bytes, parity->len, 0) != (ssize_t)parity->len)
		abort();
}

/* Each is made once. in: which < 2 * SHARES. */
static const struct pair *good_pair(unsigned which)
{
	static struct pair pairs[2 * SHARES];
	if (pairs[which].file.len == 0)
		make_good(&pairs[which], shares[which / 2], which % 2 != 0);
	return &pairs[which];
}

/* Whatever happened to the file: where its parity file is as it was, it comes back as it was, or not at all. */
static void feed_damage(const uint8_t *data, size_t size)
{
	static int fd = -1, parity_fd = -1, out_fd = -1;
	static struct image file, parity;
	static unsigned char found[GOOD_BYTES + 1];
	bool parity_is_good = true;
	if (size < 1)
		return;
	const struct pair *good = good_pair(data[0] % (2 * SHARES));
	file = good->file;
	parity = good->parity;
	for (size_t at = 1; at + EDIT_BYTES <= size && at < 16 * EDIT_BYTES; at += EDIT_BYTES) {
		const bool on_parity = (data[at] & 1) != 0;
		parity_is_good = parity_is_good && !on_parity;
		spoil(on_parity ? &parity : &file, data + at);
	}
	if (!mend(filled(&fd, file.bytes, file.len), filled(&parity_fd, parity.bytes, parity.len), filled(&out_fd, "", 0)))
		return;
	const ssize_t n = pread(out_fd, found, sizeof found, 0);
	if (parity_is_good && (n != GOOD_BYTES || memcmp(found, good->file.bytes, GOOD_BYTES) != 0))
		abort();
}

/* The first byte says what the others are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const feeds[])(const uint8_t *, size_t) = {feed_header, feed_list, feed_repair, feed_damage};
	if (size > 0)
		feeds[data[0] % 4](data + 1, size - 1);
	return 0;
}
