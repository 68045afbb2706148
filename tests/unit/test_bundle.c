/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle_fixture.h"

static void a_refusing_judge_lets_nothing_through(void **state)
{
	struct fixture *f = *state;
	struct fake_judge first = {.refuse_bytes = true}, second = {.refuse_waybill = true};
	auto_verified *bundle = NULL;
	expect_failure(verify(f->path, CONTAINER_WALK, &first, &bundle, err), ERR_UNKNOWN_SIGNER, "no", "bytes");
	assert_null(bundle);
	assert_int_equal(first.calls, 1); /* the waybill was not even shown to the judge */
	expect_failure(verify(f->path, CONTAINER_WALK, &second, &bundle, err), ERR_APPROVALS, "no", "waybill");
	assert_null(bundle);
}

static void another_key_fails_the_key_check(void **state)
{
	struct fixture *f = *state;
	struct fake_judge fake = {0};
	struct bundle_verified *verified = NULL;
	auto_opened *bundle = NULL;
	auto_secret *other = NULL;
	expect_ok(secret_random(&other, KEY_BYTES, err));
	expect_ok(verify(f->path, CONTAINER_QUICK, &fake, &verified, err));
	expect_failure(bundle_unlock(&verified, other, &bundle, err), ERR_KEY_CHECK, "did not know", "key");
	assert_null(bundle);
	assert_null(verified);
}

static void a_whole_bundle_is_intact(void **state)
{
	struct fixture *f = *state;
	struct fake_judge fake = {0};
	auto_verified *bundle = NULL;
	struct integrity found;
	expect_ok(verify(f->path, CONTAINER_WALK, &fake, &bundle, err));
	assert_int_equal(bundle_file_bytes(bundle), f->file_bytes);
	expect_ok(bundle_check_members(bundle, NULL, &found, err));
	assert_int_equal(found.members, 1 + 1 + 3 + 1);
	assert_int_equal(found.bad_members, 0);
	assert_int_equal(found.missing.chunks, 0);
}

/* --- payload --- */

static void everything_comes_back(void **state)
{
	struct fixture *f = *state;
	struct collected c = {.f = f};
	struct payload_sink sink = {on_begin, on_bytes, on_end, &c};
	auto_opened *bundle = opened(f, CONTAINER_WALK);
	auto_manifest manifest = {0};
	auto_buf text = {0};
	expect_ok(bundle_read_manifest(bundle, &manifest, &text, err));
	assert_int_equal(manifest.entry_count, 3);
	expect_ok(payload_read_all(bundle, &manifest, &sink, NULL, err));
	assert_int_equal(c.ended, 3);
	assert_int_equal(c.bytes, BIG_BYTES + 6);
}

static void one_file_comes_without_the_others(void **state)
{
	struct fixture *f = *state;
	struct collected c = {.f = f, .bytes = BIG_BYTES};
	struct payload_sink sink = {on_begin, on_bytes, on_end, &c};
	auto_opened *bundle = opened(f, CONTAINER_QUICK);
	auto_manifest manifest = {0};
	auto_buf text = {0};
	const uint32_t wanted = 2;
	expect_ok(bundle_read_manifest(bundle, &manifest, &text, err));
	expect_ok(payload_read_some(bundle, &manifest, &wanted, 1, &sink, NULL, err));
	assert_int_equal(c.begun, 1);
	assert_int_equal(c.bytes, BIG_BYTES + 6);
}

/* A manifest that claims something else than the archive holds. Each row changes one thing. */
static void a_lying_manifest_is_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const what[] = {"path", "size", "time", "digest", "type", "offset", "missing", "extra"};
	for (unsigned row = 0; row < COUNT(what); row++) {
		struct collected c = {.f = f};
		struct payload_sink sink = {on_begin, on_bytes, on_end, &c};
		auto_opened *bundle = opened(f, CONTAINER_WALK);
		auto_manifest manifest = {0};
		auto_buf text = {0};
		char other[] = "r/smalL-\xc3\xa9";
		expect_ok(bundle_read_manifest(bundle, &manifest, &text, err));
		struct manifest_entry *last = &manifest.entries[2];
		struct manifest_entry extra = {.path = (char *)"z", .media_type = (char *)"", .type = ENTRY_FILE};
		if (row == 0)
			last->path = other;
		last->size += row == 1;
		last->mtime += row == 2;
		last->sha256.bytes[0] ^= row == 3;
		last->type = row == 4 ? ENTRY_EXECUTABLE : last->type;
		last->offset += row == 5 ? 512 : 0;
		manifest.entry_count -= row == 6;
		if (row == 7)
			expect_ok(manifest_add_entry(&manifest, &extra, err));
		expect_failure(payload_read_all(bundle, &manifest, &sink, NULL, err), ERR_PAYLOAD, "", what[row]);
		assert_true(c.ended < 3 || row >= 6);
	}
}

/* A flipped bit in each chunk: told by name, and no byte of that chunk or a later one was handed out. */
static void damage_is_named_and_never_handed_out(void **state)
{
	struct fixture *f = *state;
	auto_fd int fd = open(f->path, O_RDWR | O_CLOEXEC);
	for (uint32_t number = 0; number < 3; number++) {
		struct collected c = {.f = f};
		struct payload_sink sink = {on_begin, on_bytes, on_end, &c};
		auto_container *container = NULL;
		char want[40];
		unsigned char byte;
		expect_ok(container_open(&container, fd, f->file_bytes, CONTAINER_WALK, err));
		off_t at = (off_t)container_chunk(container, number).offset + 100;
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		{
			auto_opened *bundle = opened(f, CONTAINER_WALK);
			struct integrity found;
			(void)snprintf(want, sizeof want, "payload/%010u", number);
			expect_ok(bundle_check_members(bundle_of(bundle), NULL, &found, err));
			assert_int_equal(found.bad_members, 1);
			assert_string_equal(found.damage[0].member, want);
			expect_failure(payload_read_all(bundle, &f->manifest, &sink, NULL, err), ERR_DAMAGED, want, want);
			assert_true(c.bytes <= (uint64_t)number * CHUNK_SMALL);
		}
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusing_judge_lets_nothing_through),
		cmocka_unit_test(another_key_fails_the_key_check),
		cmocka_unit_test(a_whole_bundle_is_intact),
		cmocka_unit_test(everything_comes_back),
		cmocka_unit_test(one_file_comes_without_the_others),
		cmocka_unit_test(a_lying_manifest_is_refused),
		cmocka_unit_test(damage_is_named_and_never_handed_out),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
