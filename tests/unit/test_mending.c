/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "bundle/mending_internal.h"
#include "bundle/parity_volumes.h"
#include "bundle/parity_write.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t state = 88172645463325252ull;

static unsigned next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 32);
}

static int memory_file(void)
{
	int fd = memfd_create("test", 0);
	assert_true(fd >= 0);
	return fd;
}

static int file_of(const unsigned char *bytes, size_t len)
{
	int fd = memory_file();
	assert_int_equal(pwrite(fd, bytes, len, 0), (ssize_t)len);
	return fd;
}

static unsigned char *random_bytes_of(size_t len)
{
	unsigned char *bytes = malloc(len);
	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)next_random();
	return bytes;
}

static void expect_same(int fd, const unsigned char *want, size_t len)
{
	unsigned char *found = malloc(len + 1);
	assert_non_null(found);
	assert_int_equal(pread(fd, found, len + 1, 0), (ssize_t)len);
	assert_memory_equal(found, want, len);
	free(found);
}

static int parity_of(int fd, size_t len, unsigned permille)
{
	struct parity_shape shape;
	const int out = memory_file(), travels = memory_file();
	const size_t size = (size_t)parity_size(len, permille);
	auto_free unsigned char *bytes = malloc(size);
	expect_ok(parity_shape_make(&shape, len, permille, err));
	expect_ok(parity_write(fd, &shape, out, CARE_STAYS, NULL, err));
	assert_int_equal(lseek(out, 0, SEEK_END), (off_t)size);
	/* The same bytes, wherever it goes. */
	assert_non_null(bytes);
	assert_int_equal(pread(out, bytes, size, 0), (ssize_t)size);
	expect_ok(parity_write(fd, &shape, travels, CARE_TRAVELS, NULL, err));
	expect_same(travels, bytes, size);
	assert_int_equal(close(travels), 0);
	return out;
}

static void spoil(int fd, size_t at, size_t len)
{
	auto_free unsigned char *noise = random_bytes_of(len + 1);
	assert_int_equal(pwrite(fd, noise, len, (off_t)at), (ssize_t)len);
}

/* Mended, and as it was. */
static void expect_mended(int fd, int parity_fd, const unsigned char *want, size_t len)
{
	auto_mending *mending = NULL;
	auto_fd int out = memory_file(), travels = memory_file();
	expect_ok(mending_open(&mending, fd, parity_fd, NULL, err));
	assert_true(mending_is_possible(mending));
	expect_ok(mending_write(mending, out, CARE_STAYS, NULL, err));
	expect_same(out, want, len);
	expect_ok(mending_write(mending, travels, CARE_TRAVELS, NULL, err));
	expect_same(travels, want, len);
}

static void runs_of_the_share_come_back_wherever_they_lie(void **unused)
{
	static const struct {
		size_t len;
		unsigned permille;
	} sizes[] = {{1, 100},     {512, 1},       {513, 1000},    {10240, 100},  {100000, 100},
				 {300001, 37}, {1 << 20, 500}, {5 << 20, 100}, {9 << 20, 20}, {33 << 20, 100}};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const size_t len = sizes[i].len, run = len * sizes[i].permille / 1000;
		auto_free unsigned char *bytes = random_bytes_of(len);
		auto_fd int good = file_of(bytes, len), parity = parity_of(good, len, sizes[i].permille);
		const size_t places[] = {0, len - run, (len - run) / 2, next_random() % (len - run + 1)};
		for (size_t p = 0; p < COUNT(places); p++) {
			auto_fd int bad = file_of(bytes, len);
			spoil(bad, places[p], run);
			expect_mended(bad, parity, bytes, len);
		}
	}
}

static void an_undamaged_pair_is_whole(void **unused)
{
	const size_t len = 200000;
	auto_free unsigned char *bytes = random_bytes_of(len);
	auto_fd int fd = file_of(bytes, len), parity = parity_of(fd, len, 100);
	auto_mending *mending = NULL, *longer = NULL;
	expect_ok(mending_open(&mending, fd, parity, NULL, err));
	assert_true(mending_is_whole(mending) && mending_is_parity_whole(mending) && mending_is_possible(mending));
	assert_int_equal(ftruncate(fd, (off_t)len + 1), 0);
	expect_ok(mending_open(&longer, fd, parity, NULL, err));
	assert_false(mending_is_whole(longer));
	expect_mended(fd, parity, bytes, len);
}

static void more_than_the_share_is_refused(void **unused)
{
	const size_t len = 300000;
	auto_free unsigned char *bytes = random_bytes_of(len);
	auto_fd int fd = file_of(bytes, len), parity = parity_of(fd, len, 100), out = memory_file();
	auto_mending *mending = NULL;
	spoil(fd, 1000, len / 5);
	expect_ok(mending_open(&mending, fd, parity, NULL, err));
	assert_false(mending_is_possible(mending));
	assert_true(mending_facts(mending)->hopeless > 0 && mending_facts(mending)->bad_stripes > 0);
	expect_failure(mending_write(mending, out, CARE_STAYS, NULL, err), ERR_DAMAGED, "more is lost", "too much");
	assert_int_equal(lseek(out, 0, SEEK_END), 0);
}

/* Bytes taken out and put in at any place: all but the slices around are found again. */
static void what_moved_is_found(void **unused)
{
	const size_t len = 400000;
	auto_free unsigned char *bytes = random_bytes_of(len);
	auto_fd int good = file_of(bytes, len), parity = parity_of(good, len, 20);
	for (unsigned round = 0; round < 40; round++) {
		const size_t at = next_random() % len, by = 1 + next_random() % 3000;
		auto_fd int longer = file_of(bytes, at), shorter = file_of(bytes, at);
		spoil(longer, at, by);
		assert_int_equal(pwrite(longer, bytes + at, len - at, (off_t)(at + by)), (ssize_t)(len - at));
		expect_mended(longer, parity, bytes, len);
		const size_t behind = at + by < len ? at + by : len;
		assert_int_equal(pwrite(shorter, bytes + behind, len - behind, (off_t)at), (ssize_t)(len - behind));
		expect_mended(shorter, parity, bytes, len);
	}
}

static void the_parity_file_may_be_damaged_too(void **unused)
{
	const size_t len = 300000;
	struct parity_shape shape;
	auto_free unsigned char *bytes = random_bytes_of(len);
	auto_fd int good = file_of(bytes, len), bad = file_of(bytes, len);
	expect_ok(parity_shape_make(&shape, len, 100, err));
	spoil(bad, 70000, 5000);
	for (uint64_t at = 0; at + 4000 < shape.bytes; at += 3500) {
		auto_fd int parity = parity_of(good, len, 100);
		spoil(parity, at, 4000);
		expect_mended(bad, parity, bytes, len);
	}
	for (uint64_t cut = shape.bytes; cut > shape.bytes / 2; cut -= 2000) {
		auto_fd int parity = parity_of(good, len, 100);
		assert_int_equal(ftruncate(parity, (off_t)cut), 0);
		expect_mended(bad, parity, bytes, len);
	}
	/* Front and end lost: the header in the middle is found. */
	auto_fd int parity = parity_of(good, len, 100);
	spoil(parity, 0, 512);
	assert_int_equal(ftruncate(parity, (off_t)shape.bytes - 512), 0);
	expect_mended(bad, parity, bytes, len);
}

static void without_a_header_there_is_nothing(void **unused)
{
	auto_free unsigned char *bytes = random_bytes_of(100000);
	auto_fd int fd = file_of(bytes, 100000), noise = file_of(bytes, 5000), empty = memory_file();
	struct mending *none = NULL;
	expect_failure(mending_open(&none, fd, noise, NULL, err), ERR_PARITY, "no header", "noise");
	expect_failure(mending_open(&none, fd, empty, NULL, err), ERR_PARITY, "no header", "empty");
	assert_null(none);
}

/* --- of what is not there --- */

/* The sums of sparse slices, larger and smaller than what is read at once, are those of their bytes. */
static void holes_are_summed_as_the_zeros_that_they_are(void **unused)
{
	static const uint32_t sizes[] = {512, 4096, 65536, 262144, 1 << 21};
	for (size_t n = 0; n < COUNT(sizes); n++) {
		const uint32_t slice = sizes[n], count = (6u << 20) / slice;
		const size_t len = (size_t)slice * count;
		auto_free unsigned char *bytes = calloc(1, len);
		auto_free uint64_t *found = calloc(count, sizeof *found);
		auto_fd int fd = memory_file();
		assert_true(bytes != NULL && found != NULL);
		assert_int_equal(ftruncate(fd, (off_t)(len + 512)), 0);
		for (size_t at = 5000; at < len; at += 200000 + next_random() % 900000) {
			bytes[at] = (unsigned char)(1 + at % 200);
			assert_int_equal(pwrite(fd, bytes + at, 1, (off_t)(at + 512)), 1);
		}
		const struct mending_run run = {.fd = fd, .start = 512, .slice_bytes = slice, .count = count};
		expect_ok(mending_sum(&run, found, NULL, err));
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(found[i], parity_crc(0, bytes + (size_t)i * slice, slice));
	}
}

/* Slices that are alike, each from a place of its own: a short file gives no long one. */
static void one_place_gives_one_slice(void **unused)
{
	const size_t len = 100 * 512;
	auto_free unsigned char *bytes = random_bytes_of(len + 1);
	for (size_t at = 512; at < len; at++)
		bytes[at] = bytes[at - 512];
	auto_fd int good = file_of(bytes, len), parity = parity_of(good, len, 100), bad = memory_file();
	auto_mending *mending = NULL;
	assert_int_equal(pwrite(bad, "x", 1, 0), 1);
	assert_int_equal(pwrite(bad, bytes, 1024, 1), 1024);
	expect_ok(mending_open(&mending, bad, parity, NULL, err));
	assert_int_equal(mending_facts(mending)->moved, 2);
	assert_false(mending_is_possible(mending));
}

static void zeros_behind_the_end_are_not_there(void **unused)
{
	const size_t len = 300 * 512;
	auto_free unsigned char *bytes = random_bytes_of(len);
	memset(bytes + 1024, 0, len - 1024);
	auto_fd int good = file_of(bytes, len), parity = parity_of(good, len, 100), cut = file_of(bytes, 1024);
	auto_fd int hollow = memory_file();
	auto_mending *mending = NULL, *without = NULL;
	expect_ok(mending_open(&mending, cut, parity, NULL, err));
	assert_int_equal(mending_facts(mending)->lost, 298);
	assert_false(mending_is_possible(mending));
	/* Parity of zeros is zeros, and a hole has their sums. */
	unsigned char front[8192];
	const off_t end = lseek(parity, 0, SEEK_END);
	memset(bytes, 0, len);
	auto_fd int zeros = file_of(bytes, len), zero_parity = parity_of(zeros, len, 1000), none = file_of(bytes, 1);
	assert_int_equal(pread(zero_parity, front, sizeof front, 0), (ssize_t)sizeof front);
	assert_int_equal(pwrite(hollow, front, sizeof front, 0), (ssize_t)sizeof front);
	assert_true(end > 0 && ftruncate(hollow, lseek(zero_parity, 0, SEEK_END)) == 0);
	expect_ok(mending_open(&without, none, hollow, NULL, err));
	assert_true(mending_facts(without)->lost > 100);
	assert_false(mending_is_possible(without));
}

/* --- parity volumes --- */

enum { VOLUMES = 7, PARITY = 3, LONGEST = 90000 };

struct volumes_fixture {
	unsigned char *bytes[VOLUMES];
	size_t len[VOLUMES];
	int files[VOLUMES + PARITY];
};

/* The same bytes, wherever they go. */
static void expect_same_on_a_medium(const struct volumes_fixture *f)
{
	const size_t size = (size_t)parity_volume_size(LONGEST, VOLUMES);
	auto_free unsigned char *bytes = malloc(size);
	int travels[PARITY];
	assert_non_null(bytes);
	for (unsigned i = 0; i < PARITY; i++)
		travels[i] = memory_file();
	expect_ok(parity_volumes_write(f->files, VOLUMES, travels, PARITY, CARE_TRAVELS, NULL, err));
	for (unsigned i = 0; i < PARITY; i++) {
		assert_int_equal(pread(f->files[VOLUMES + i], bytes, size, 0), (ssize_t)size);
		expect_same(travels[i], bytes, size);
		(void)close(travels[i]);
	}
}

static void make_volumes(struct volumes_fixture *f)
{
	for (unsigned i = 0; i < VOLUMES; i++) {
		f->len[i] = i == 2 ? LONGEST : 512 * (1 + next_random() % 170);
		f->bytes[i] = random_bytes_of(f->len[i]);
		f->files[i] = file_of(f->bytes[i], f->len[i]);
	}
	for (unsigned i = 0; i < PARITY; i++)
		f->files[VOLUMES + i] = memory_file();
	expect_ok(parity_volumes_write(f->files, VOLUMES, f->files + VOLUMES, PARITY, CARE_STAYS, NULL, err));
	for (unsigned i = 0; i < PARITY; i++)
		assert_int_equal(lseek(f->files[VOLUMES + i], 0, SEEK_END), (off_t)parity_volume_size(LONGEST, VOLUMES));
	expect_same_on_a_medium(f);
}

static void free_volumes(struct volumes_fixture *f)
{
	for (unsigned i = 0; i < VOLUMES; i++)
		free(f->bytes[i]);
	for (unsigned i = 0; i < VOLUMES + PARITY; i++)
		(void)close(f->files[i]);
}

static void lose_volumes(const struct volumes_fixture *f, unsigned mask)
{
	struct parity_volumes set;
	int left[VOLUMES + PARITY], out[VOLUMES];
	bool taken[VOLUMES + PARITY];
	unsigned count = 0;
	for (unsigned i = VOLUMES + PARITY; i-- > 0;)
		if ((mask >> i & 1) == 0)
			left[count++] = f->files[i];
	expect_ok(parity_volumes_open(&set, left, count, taken, NULL, err));
	assert_int_equal(set.lost, __builtin_popcount(mask & ((1u << VOLUMES) - 1)));
	for (unsigned i = 0; i < set.lost; i++)
		out[i] = memory_file();
	expect_ok(parity_volumes_rebuild(&set, out, mask % 2 == 0 ? CARE_STAYS : CARE_TRAVELS, NULL, err));
	for (unsigned i = 0; i < set.lost; i++) {
		expect_same(out[i], f->bytes[set.lost_at[i]], f->len[set.lost_at[i]]);
		(void)close(out[i]);
	}
}

static void any_three_of_ten_volumes_come_back(void **unused)
{
	struct volumes_fixture f;
	make_volumes(&f);
	for (unsigned mask = 0; mask < 1u << (VOLUMES + PARITY); mask++)
		if (__builtin_popcount(mask) <= PARITY && (mask >> VOLUMES) != (1u << PARITY) - 1)
			lose_volumes(&f, mask);
	free_volumes(&f);
}

static void a_damaged_volume_is_a_lost_one(void **unused)
{
	struct volumes_fixture f;
	struct parity_volumes set;
	bool taken[VOLUMES + PARITY];
	auto_fd int out = memory_file();
	make_volumes(&f);
	spoil(f.files[4], 100, 1);
	spoil(f.files[VOLUMES], 5000, 1);
	spoil(f.files[VOLUMES + 1], 0, 512); /* its list is there twice */
	expect_ok(parity_volumes_open(&set, f.files, VOLUMES + PARITY, taken, NULL, err));
	assert_true(set.lost == 1 && set.lost_at[0] == 4 && set.sound_parity == 2);
	assert_false(taken[4] || taken[VOLUMES]);
	expect_ok(parity_volumes_rebuild(&set, &out, CARE_STAYS, NULL, err));
	expect_same(out, f.bytes[4], f.len[4]);
	for (unsigned i = 0; i < 3; i++)
		spoil(f.files[i], 10, 1);
	expect_ok(parity_volumes_open(&set, f.files, VOLUMES + PARITY, taken, NULL, err));
	expect_failure(parity_volumes_rebuild(&set, NULL, CARE_STAYS, NULL, err), ERR_DAMAGED, "4 of 7 volumes",
				   "too many");
	free_volumes(&f);
}

static void of_parity_volumes_of_two_sets_those_count_that_know_the_volumes(void **unused)
{
	struct volumes_fixture a, b;
	struct parity_volumes set;
	bool taken[4];
	make_volumes(&a);
	make_volumes(&b);
	const int files[] = {a.files[VOLUMES], b.files[VOLUMES], b.files[0], a.files[VOLUMES + 1]};
	expect_ok(parity_volumes_open(&set, files, 4, taken, NULL, err));
	assert_true(!taken[0] && taken[1] && taken[2] && !taken[3]);
	assert_true(set.volume[0] == b.files[0] && set.sound_parity == 1 && set.lost == VOLUMES - 1);
	expect_failure(parity_volumes_open(&set, files, 2, taken, NULL, err), ERR_PARITY, "different sets", "two sets");
	expect_failure(parity_volumes_open(&set, a.files, 3, taken, NULL, err), ERR_PARITY, "no parity volume", "none");
	const int foreign[] = {a.files[VOLUMES], b.files[0]};
	expect_ok(parity_volumes_open(&set, foreign, 2, taken, NULL, err));
	assert_true(taken[0] && !taken[1]);
	free_volumes(&a);
	free_volumes(&b);
}

static void a_parity_volume_that_tells_of_terabytes_is_not_read(void **unused)
{
	const uint64_t column = PARITY_FILE_MAX;
	struct parity_list list = {
		.volumes = 1, .parity = 1, .column_bytes = column, .column_sum = mending_sum_zeros(0, column)};
	struct parity_volumes set;
	unsigned char bytes[PARITY_LIST_MAX];
	bool taken = true;
	list.listed[0] = (struct parity_listed){.bytes = column, .sum = 5};
	parity_list_format(bytes, &list);
	auto_fd int fd = file_of(bytes, parity_list_size(1));
	expect_failure(parity_volumes_open(&set, &fd, 1, &taken, NULL, err), ERR_PARITY, "as long as it says", "short");
	assert_int_equal(ftruncate(fd, (off_t)parity_volume_size(column, 1)), 0);
	expect_failure(parity_volumes_open(&set, &fd, 1, &taken, NULL, err), ERR_PARITY, "as long as it says", "a hole");
}

static void lists_of_volumes_are_held_to_their_form(void **unused)
{
	unsigned char bytes[PARITY_LIST_MAX];
	struct parity_list list = {.volumes = 40, .parity = 2, .column_bytes = 900, .index = 1, .column_sum = 5}, back;
	for (unsigned i = 0; i < 40; i++)
		list.listed[i] = (struct parity_listed){.bytes = i == 30 ? 900 : 512, .sum = i};
	const size_t size = parity_list_size(40);
	parity_list_format(bytes, &list);
	expect_ok(parity_list_parse(&back, bytes, size, err));
	assert_true(parity_list_same_set(&list, &back) && back.index == 1 && back.column_sum == 5);
	expect_failure(parity_list_parse(&back, bytes, size - 1, err), ERR_PARITY, "cut short", "short");
	for (size_t at = 0; at < size; at++) {
		bytes[at] ^= 1;
		expect_failure(parity_list_parse(&back, bytes, size, err), ERR_PARITY, "parity volume", "a bit");
		bytes[at] ^= 1;
	}
	list.index = 2;
	parity_list_format(bytes, &list);
	expect_failure(parity_list_parse(&back, bytes, size, err), ERR_PARITY, "do not agree", "index");
	list.index = 0;
	list.column_bytes = 901;
	parity_list_format(bytes, &list);
	expect_failure(parity_list_parse(&back, bytes, size, err), ERR_PARITY, "do not agree", "column");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_of_the_share_come_back_wherever_they_lie),
		cmocka_unit_test(an_undamaged_pair_is_whole),
		cmocka_unit_test(more_than_the_share_is_refused),
		cmocka_unit_test(what_moved_is_found),
		cmocka_unit_test(the_parity_file_may_be_damaged_too),
		cmocka_unit_test(without_a_header_there_is_nothing),
		cmocka_unit_test(holes_are_summed_as_the_zeros_that_they_are),
		cmocka_unit_test(one_place_gives_one_slice),
		cmocka_unit_test(zeros_behind_the_end_are_not_there),
		cmocka_unit_test(any_three_of_ten_volumes_come_back),
		cmocka_unit_test(a_damaged_volume_is_a_lost_one),
		cmocka_unit_test(of_parity_volumes_of_two_sets_those_count_that_know_the_volumes),
		cmocka_unit_test(a_parity_volume_that_tells_of_terabytes_is_not_read),
		cmocka_unit_test(lists_of_volumes_are_held_to_their_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
