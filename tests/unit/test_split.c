/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle_fixture.h"

#include "base/io.h"
#include "bundle/bundle_internal.h"
#include "bundle/gather.h"
#include "bundle/split.h"
#include "format/parity.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Volumes of the fixture's bundle of three chunks, in files of their own. */
enum { FILES_MAX = 8 };

struct files {
	char paths[FILES_MAX][40];
	const char *list[FILES_MAX];
	unsigned count;
};

static int new_file(struct files *files)
{
	char *path = files->paths[files->count];
	(void)strcpy(path, "/tmp/valise-test-volume-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	files->list[files->count++] = path;
	return fd;
}

static void files_remove(struct files *files)
{
	for (unsigned i = 0; i < files->count; i++)
		(void)unlink(files->paths[i]);
}
#define auto_files AUTO(files_remove) struct files

static uint64_t size_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

static void expect_same_bytes(const char *a, const char *b)
{
	auto_buf first = {0}, second = {0};
	expect_ok(io_read_file(&first, AT_FDCWD, a, 64 << 20, err));
	expect_ok(io_read_file(&second, AT_FDCWD, b, 64 << 20, err));
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
}

static int verify_set(const char *const *paths, unsigned count, enum container_depth depth,
					  struct bundle_verified **out, struct err *err)
{
	struct fake_judge fake = {0};
	auto_untrusted *untrusted = NULL;
	struct bundle_judge judge = {judge_bytes, judge_waybill, &fake};
	return bundle_open_set(&untrusted, paths, count, depth, err) < 0 ? -1 : bundle_verify(&untrusted, &judge, out, err);
}

/* What the paths hold, dealt out to files of at most max_bytes. */
static void split(const char *const *paths, unsigned count, uint64_t max_bytes, struct files *out)
{
	auto_verified *bundle = NULL;
	auto_split_plan plan = {0};
	expect_ok(verify_set(paths, count, CONTAINER_WALK, &bundle, err));
	expect_ok(split_plan_make(&plan, bundle, max_bytes, 0, err));
	for (uint32_t i = 0; i < plan.count; i++) {
		auto_fd int fd = new_file(out);
		expect_ok(split_write(bundle, &plan.runs[i], fd, NULL, err));
		assert_int_equal(size_of(out->list[out->count - 1]), plan.runs[i].bytes);
		assert_true(max_bytes == 0 || plan.runs[i].bytes <= max_bytes);
	}
}

static void split_one(const struct fixture *f, uint64_t max_bytes, struct files *out)
{
	const char *path = f->path;
	split(&path, 1, max_bytes, out);
}

/* With what stands around them, but without the third chunk, which is small. */
enum { TWO_CHUNKS = 2 * CHUNK_SMALL + (20 << 10), ONE_CHUNK = CHUNK_SMALL + (20 << 10) };

static void splitting_joining_and_splitting_anew_give_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	auto_files two = {.count = 0}, whole = {.count = 0}, three = {.count = 0}, again = {.count = 0};
	split_one(f, TWO_CHUNKS, &two);
	assert_int_equal(two.count, 2);
	split(two.list, two.count, 0, &whole);
	assert_int_equal(whole.count, 1);
	expect_same_bytes(f->path, whole.list[0]);
	split(two.list, two.count, ONE_CHUNK, &three);
	assert_int_equal(three.count, 3);
	const char *reversed[] = {three.list[2], three.list[1], three.list[0]};
	split(reversed, 3, 0, &again);
	expect_same_bytes(f->path, again.list[0]);
}

static void a_size_that_is_enough_is_told_to_the_byte(void **state)
{
	struct fixture *f = *state;
	const char *path = f->path;
	auto_verified *bundle = NULL;
	auto_split_plan plan = {0};
	struct err told = ERR_INIT;
	unsigned long long least = 0;
	expect_ok(verify_set(&path, 1, CONTAINER_WALK, &bundle, err));
	assert_int_equal(split_plan_make(&plan, bundle, 4096, 0, &told), -1);
	assert_int_equal(told.code, ERR_LIMIT);
	assert_int_equal(sscanf(told.hint, "the least size that would do is %llu bytes", &least), 1);
	expect_failure(split_plan_make(&plan, bundle, least - 1, 0, err), ERR_LIMIT, "too small", "one byte less");
	expect_ok(split_plan_make(&plan, bundle, least, 0, err));
	assert_int_equal(plan.count, 3);
	assert_int_equal(plan.runs[1].bytes, least); /* the first chunk compresses a little */
}

static void what_lies_beside_a_volume_has_its_room(void **state)
{
	struct fixture *f = *state;
	const char *path = f->path;
	auto_verified *bundle = NULL;
	auto_split_plan plan = {0}, fits = {0};
	expect_ok(verify_set(&path, 1, CONTAINER_WALK, &bundle, err));
	expect_ok(split_plan_make(&plan, bundle, TWO_CHUNKS, PARITY_PERMILLE_USUAL, err));
	assert_int_equal(plan.runs[0].count, 1); /* two without it */
	const uint64_t all = f->file_bytes + parity_size(f->file_bytes, PARITY_PERMILLE_USUAL);
	expect_ok(split_plan_make(&fits, bundle, all, PARITY_PERMILLE_USUAL, err));
	assert_int_equal(fits.count, 1);
	split_plan_clear(&fits);
	expect_ok(split_plan_make(&fits, bundle, all - 1, PARITY_PERMILLE_USUAL, err));
	assert_int_equal(fits.count, 2);
}

static void each_volume_is_good_by_itself_and_tells_what_is_missing(void **state)
{
	struct fixture *f = *state;
	auto_files files = {.count = 0};
	split_one(f, ONE_CHUNK, &files);
	for (uint32_t i = 0; i < files.count; i++) {
		auto_verified *bundle = NULL;
		struct integrity found;
		expect_ok(verify_set(&files.list[i], 1, CONTAINER_WALK, &bundle, err));
		expect_ok(bundle_check_members(bundle, NULL, &found, err));
		assert_int_equal(found.bad_members, 0);
		assert_int_equal(found.members, 1 + 1 + 1 + 1);
		assert_int_equal(found.missing.chunks, 2);
		assert_int_equal(found.missing.count, i == 1 ? 2 : 1);
		assert_int_equal(found.missing.items[0].first, i == 0 ? 1 : 0);
		assert_int_equal(found.missing.items[0].last, i == 0 ? 2 : i == 1 ? 0 : 1);
	}
	const char *ends[] = {files.list[2], files.list[0]};
	auto_verified *bundle = NULL;
	struct chunk_ranges missing;
	expect_ok(verify_set(ends, 2, CONTAINER_QUICK, &bundle, err));
	expect_ok(bundle_missing(bundle, &missing, err));
	assert_int_equal(missing.count, 1);
	assert_int_equal(missing.items[0].first, 1);
	assert_int_equal(missing.items[0].last, 1);
}

static void unpack_set(struct fixture *f, const char *const *paths, unsigned count, enum container_depth depth)
{
	struct collected c = {.f = f};
	struct payload_sink sink = {on_begin, on_bytes, on_end, &c};
	struct bundle_verified *verified = NULL;
	auto_opened *bundle = NULL;
	auto_manifest manifest = {0};
	auto_buf text = {0};
	expect_ok(verify_set(paths, count, depth, &verified, err));
	expect_ok(bundle_unlock(&verified, f->key, &bundle, err));
	expect_ok(bundle_read_manifest(bundle, &manifest, &text, err));
	expect_ok(payload_read_all(bundle, &manifest, &sink, NULL, err));
	assert_int_equal(c.bytes, BIG_BYTES + 6);
}

static void a_set_is_read_in_any_order_with_repeats_and_overlaps(void **state)
{
	struct fixture *f = *state;
	auto_files three = {.count = 0}, two = {.count = 0};
	split_one(f, ONE_CHUNK, &three);
	split_one(f, TWO_CHUNKS, &two);
	const char *reversed[] = {three.list[2], three.list[1], three.list[0]};
	const char *repeated[] = {three.list[1], two.list[0], three.list[2], three.list[1], f->path};
	const char *mixed[] = {three.list[2], two.list[0]};
	for (int quick = 0; quick < 2; quick++) {
		enum container_depth depth = quick ? CONTAINER_QUICK : CONTAINER_WALK;
		unpack_set(f, reversed, 3, depth);
		unpack_set(f, repeated, 5, depth);
		unpack_set(f, mixed, 2, depth);
	}
}

static void a_chunk_that_nobody_has_is_told(void **state)
{
	struct fixture *f = *state;
	struct collected c = {.f = f};
	struct payload_sink sink = {on_begin, on_bytes, on_end, &c};
	auto_files files = {.count = 0};
	struct bundle_verified *verified = NULL;
	auto_opened *bundle = NULL;
	split_one(f, ONE_CHUNK, &files);
	const char *ends[] = {files.list[0], files.list[2]};
	expect_ok(verify_set(ends, 2, CONTAINER_WALK, &verified, err));
	expect_ok(bundle_unlock(&verified, f->key, &bundle, err));
	expect_failure(payload_read_all(bundle, &f->manifest, &sink, NULL, err), ERR_CHUNKS_MISSING, "chunk 1", "gap");
	assert_true(c.bytes <= CHUNK_SMALL);
	/* It comes on another medium. */
	expect_failure(bundle_add(bundle, files.list[2], err), ERR_EXISTS, "repeat", "one that is there");
	expect_ok(bundle_add(bundle, files.list[1], err));
	expect_failure(bundle_add(bundle, f->path, err), ERR_EXISTS, "repeat", "the whole");
	auto_fd int tmp = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tmp >= 0)
		expect_ok(bundle_settle(bundle, tmp, NULL, err));
	c = (struct collected){.f = f};
	expect_ok(payload_read_all(bundle, &f->manifest, &sink, NULL, err));
	assert_int_equal(c.bytes, BIG_BYTES + 6);
}

static void flip(const char *path, off_t at)
{
	unsigned char byte;
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

enum { SLOT_AT = 3 * USTAR_BLOCK }; /* behind the first member and the slot's header */

static void damage_is_told_with_its_file_and_a_good_copy_serves(void **state)
{
	struct fixture *f = *state;
	static const char *const members[] = {"keys/0000.pgp", "manifest/0000000000", "SHA256SUMS", "signatures"};
	for (unsigned row = 0; row < COUNT(members); row++) {
		auto_files files = {.count = 0};
		split_one(f, TWO_CHUNKS, &files);
		auto_container *container = NULL;
		{
			auto_fd int fd = open(files.list[1], O_RDONLY | O_CLOEXEC);
			expect_ok(container_open(&container, fd, size_of(files.list[1]), CONTAINER_WALK, err));
		}
		const uint64_t at[] = {SLOT_AT, container->manifest.items[0].offset, container->sums.offset,
							   container->signatures[0].offset};
		flip(files.list[1], (off_t)at[row]);
		auto_verified *bundle = NULL;
		struct integrity found;
		expect_ok(verify_set(files.list, 2, CONTAINER_WALK, &bundle, err));
		expect_ok(bundle_check_members(bundle, NULL, &found, err));
		assert_int_equal(found.bad_members, 1);
		assert_int_equal(found.damage[0].part, 1);
		assert_string_equal(found.damage[0].member, members[row]);
		auto_files whole = {.count = 0};
		unpack_set(f, files.list, 2, CONTAINER_WALK);
		split(files.list, 2, 0, &whole);
		expect_same_bytes(f->path, whole.list[0]);
	}
}

static void a_good_copy_of_a_damaged_chunk_is_unpacked(void **state)
{
	struct fixture *f = *state;
	for (unsigned row = 0; row < 2; row++) {
		auto_files files = {.count = 0};
		split_one(f, TWO_CHUNKS, &files);
		const unsigned count = files.count;
		split_one(f, TWO_CHUNKS, &files);
		/* Whichever of the two comes first. */
		flip(files.list[row * count], 100000);
		unpack_set(f, files.list, files.count, CONTAINER_WALK);
	}
}

static void a_damaged_chunk_is_never_copied(void **state)
{
	struct fixture *f = *state;
	auto_files files = {.count = 0}, good = {.count = 0};
	auto_verified *bundle = NULL;
	auto_split_plan plan = {0};
	split_one(f, TWO_CHUNKS, &files);
	split_one(f, TWO_CHUNKS, &good);
	flip(files.list[0], 100000);
	expect_ok(verify_set(files.list, 2, CONTAINER_WALK, &bundle, err));
	expect_ok(split_plan_make(&plan, bundle, 0, 0, err));
	auto_files out = {.count = 0};
	{
		auto_fd int fd = new_file(&out);
		expect_failure(split_write(bundle, &plan.runs[0], fd, NULL, err), ERR_DAMAGED, "payload/0000000000", "damaged");
	}
	const char *both[] = {files.list[0], files.list[1], good.list[0]};
	split(both, 3, 0, &out);
	expect_same_bytes(f->path, out.list[1]);
}

/* As a medium that fails at them: reads of a folder do. */
static void make_unreadable(const struct bundle_verified *bundle, uint32_t part)
{
	auto_fd int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(folder >= 0 && dup2(folder, bundle->parts[part].fd) >= 0);
}

static void a_good_copy_of_what_cannot_be_read_is_copied(void **state)
{
	struct fixture *f = *state;
	for (uint32_t row = 0; row < 3; row++) {
		auto_files files = {.count = 0}, out = {.count = 0};
		auto_verified *bundle = NULL;
		auto_split_plan plan = {0};
		split_one(f, TWO_CHUNKS, &files);
		split_one(f, TWO_CHUNKS, &files);
		expect_ok(verify_set(files.list, files.count, CONTAINER_WALK, &bundle, err));
		assert_int_equal(bundle->parts[1].container->first_chunk, 0);
		expect_ok(split_plan_make(&plan, bundle, 0, 0, err));
		auto_fd int fd = new_file(&out);
		if (row == 0 || row == 2)
			make_unreadable(bundle, 0);
		if (row == 1 || row == 2)
			make_unreadable(bundle, 1);
		if (row == 2) {
			expect_failure(split_write(bundle, &plan.runs[0], fd, NULL, err), ERR_IO, "Is a directory", "both");
			continue;
		}
		expect_ok(split_write(bundle, &plan.runs[0], fd, NULL, err));
		expect_same_bytes(f->path, out.list[0]);
	}
}

static void files_of_another_bundle_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct fixture other = *f;
	auto_files files = {.count = 0}, others = {.count = 0};
	auto_verified *bundle = NULL;
	split_one(f, TWO_CHUNKS, &files);
	/* The same id under another cover: the key check differs with the key. */
	expect_ok(secret_random(&other.key, KEY_BYTES, err));
	int fd = new_file(&others);
	write_bundle(&other, fd, NULL);
	(void)close(fd);
	const char *same_id[] = {files.list[0], others.list[0]};
	expect_failure(verify_set(same_id, 2, CONTAINER_WALK, &bundle, err), ERR_FOREIGN_VOLUME, "its cover is another",
				   "id");
	uuid_random(&other.manifest.bundle);
	fd = new_file(&others);
	write_bundle(&other, fd, NULL);
	(void)close(fd);
	const char *foreign[] = {files.list[0], others.list[1]};
	expect_failure(verify_set(foreign, 2, CONTAINER_WALK, &bundle, err), ERR_FOREIGN_VOLUME, "another bundle",
				   "foreign");
	secret_free(other.key);
}

/* Whoever changes a file after it was looked at gains nothing: what is used is what is hashed. */
static void a_medium_that_changes_while_it_is_read_is_noticed(void **state)
{
	struct fixture *f = *state;
	for (int cut = 0; cut < 2; cut++) {
		struct collected c = {.f = f};
		struct payload_sink sink = {on_begin, on_bytes, on_end, &c};
		auto_files files = {.count = 0};
		struct bundle_verified *verified = NULL;
		auto_opened *bundle = NULL;
		struct integrity found;
		split_one(f, TWO_CHUNKS, &files);
		expect_ok(verify_set(files.list, 2, CONTAINER_WALK, &verified, err));
		expect_ok(bundle_check_members(verified, NULL, &found, err));
		assert_int_equal(found.bad_members, 0);
		expect_ok(bundle_unlock(&verified, f->key, &bundle, err));
		if (cut)
			assert_int_equal(truncate(files.list[0], 100000), 0);
		else
			flip(files.list[0], 100000);
		expect_failure(payload_read_all(bundle, &f->manifest, &sink, NULL, err), ERR_DAMAGED, files.list[0], "changed");
		assert_int_equal(c.bytes, 0);
	}
}

/* --- a writer that begins a next file --- */

static int next_file(void *ctx, int *out_fd, struct err *err)
{
	(void)err;
	*out_fd = new_file(ctx); /* left open until the process ends */
	return 0;
}

static void what_is_written_as_volumes_is_what_splitting_gives(void **state)
{
	struct fixture *f = *state;
	auto_files files = {.count = 0}, whole = {.count = 0};
	const struct writer_options options = {.chunk_bytes = CHUNK_SMALL};
	const struct writer_bounds bounds = {
		.payload_bytes = BIG_BYTES + 20 * USTAR_BLOCK, .manifest_bytes = 4096, .slots = 1, .signatures = 1};
	struct writer_volumes volumes = {.max_bytes = writer_least_volume(&options, &bounds),
									 .behind_max = writer_behind_max(&options, &bounds),
									 .next = next_file,
									 .ctx = &files};
	const uint64_t bytes = f->file_bytes;
	int fd = new_file(&files);
	write_bundle(f, fd, &volumes);
	(void)close(fd);
	assert_int_equal(files.count, 3);
	uint64_t sum = 0;
	for (unsigned i = 0; i < files.count; i++) {
		assert_true(size_of(files.list[i]) <= volumes.max_bytes);
		sum += size_of(files.list[i]);
	}
	assert_int_equal(f->file_bytes, sum);
	f->file_bytes = bytes;
	split(files.list, 3, 0, &whole);
	expect_same_bytes(f->path, whole.list[0]); /* the same key, so the same ciphertext */
	unpack_set(f, files.list, 3, CONTAINER_QUICK);
}

/* Walked before anybody is trusted: there is a bound to what all files together may hold. */
static void chunks_of_all_files_are_bounded(void **state)
{
	enum { PARTS = 3 };
	struct container containers[PARTS] = {0};
	struct bundle_part parts[PARTS] = {0};
	char path[] = "third.valise";
	for (unsigned i = 0; i < PARTS; i++) {
		containers[i].chunks.count = MEMBER_CHUNKS_MAX;
		parts[i] = (struct bundle_part){.fd = -1, .path = path, .container = &containers[i]};
	}
	containers[2].chunks.count = 1;
	expect_ok(parts_check_chunks(parts, 2, err));
	expect_failure(parts_check_chunks(parts, PARTS, err), ERR_LIMIT, "third.valise: up to this file", "too many");
	containers[0].chunks.count--;
	expect_ok(parts_check_chunks(parts, PARTS, err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splitting_joining_and_splitting_anew_give_the_same_bytes),
		cmocka_unit_test(a_size_that_is_enough_is_told_to_the_byte),
		cmocka_unit_test(what_lies_beside_a_volume_has_its_room),
		cmocka_unit_test(each_volume_is_good_by_itself_and_tells_what_is_missing),
		cmocka_unit_test(a_set_is_read_in_any_order_with_repeats_and_overlaps),
		cmocka_unit_test(a_chunk_that_nobody_has_is_told),
		cmocka_unit_test(damage_is_told_with_its_file_and_a_good_copy_serves),
		cmocka_unit_test(a_good_copy_of_a_damaged_chunk_is_unpacked),
		cmocka_unit_test(a_damaged_chunk_is_never_copied),
		cmocka_unit_test(a_good_copy_of_what_cannot_be_read_is_copied),
		cmocka_unit_test(a_medium_that_changes_while_it_is_read_is_noticed),
		cmocka_unit_test(files_of_another_bundle_are_told_apart),
		cmocka_unit_test(what_is_written_as_volumes_is_what_splitting_gives),
		cmocka_unit_test(chunks_of_all_files_are_bounded),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
