/* SPDX-License-Identifier: Apache-2.0 */
/* The tag files, byte for byte. Whether they make a bag is judged by a program of its own: tests/bag. */
#include "unit.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/secret.h"
#include "ops/bag.h"

#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

static char *dir;

static int setup_all(void **state)
{
	struct err err = ERR_INIT;
	return setlocale(LC_CTYPE, "C.UTF-8") == NULL || secret_library_init(&err) < 0 || hash_library_init(&err) < 0 ? -1
																												  : 0;
}

static int setup(void **state)
{
	struct err err = ERR_INIT;
	return io_make_private_dir(&dir, &err);
}

static int teardown(void **state)
{
	io_remove_tree(AT_FDCWD, dir);
	free(dir);
	return 0;
}

static void add(struct manifest *manifest, enum entry_type type, const char *path, uint64_t size, unsigned char digest)
{
	struct manifest_entry entry = {.path = (char *)path, .media_type = (char *)"", .size = size, .type = type};
	memset(entry.sha256.bytes, digest, DIGEST_BYTES);
	expect_ok(manifest_add_entry(manifest, &entry, err));
}

static void is_file(int dir_fd, const char *name, const char *want)
{
	auto_buf text = {0};
	expect_ok(io_read_file(&text, dir_fd, name, 1 << 20, err));
	assert_string_equal(text.len > 0 ? text.data : "", want);
}

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void paths_are_encoded_no_more_than_they_must(void **state)
{
	auto_manifest manifest = {0};
	auto_fd int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect_ok(manifest_init(&manifest, err));
	add(&manifest, ENTRY_FOLDER, "r", 0, 0);
	add(&manifest, ENTRY_FILE, "r/100% \xc3\xa9.txt", 5, 0xAA);
	add(&manifest, ENTRY_FOLDER, "r/empty", 0, 0);
	add(&manifest, ENTRY_EXECUTABLE, "r/line\nend\r%0A", 7, 0xBB);
	struct bag_facts facts = {.manifest = &manifest, .organisation = "", .identifier = "id", .description = ""};
	expect_ok(bag_write(dir_fd, &facts, err));
	is_file(dir_fd, "manifest-sha256.txt",
			HEX_A "  data/r/100%25 \xc3\xa9.txt\n" HEX_B "  data/r/line%0Aend%0D%250A\n");
	is_file(dir_fd, "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
	is_file(dir_fd, "bag-info.txt",
			"Bagging-Date: 1970-01-01\nExternal-Identifier: id\nBag-Software-Agent: valise " VALISE_VERSION
			"\nPayload-Oxum: 12.2\n");
	assert_int_equal(faccessat(dir_fd, "fetch.txt", F_OK, 0), -1);
}

/* Text of others cannot add a line. */
static void information_stays_on_its_line(void **state)
{
	auto_manifest manifest = {0};
	auto_fd int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect_ok(manifest_init(&manifest, err));
	struct bag_facts facts = {.manifest = &manifest,
							  .organisation = "Agency A",
							  .identifier = "id",
							  .description = "one\nPayload-Oxum: 1.1",
							  .date = 1795457520};
	expect_ok(bag_write(dir_fd, &facts, err));
	is_file(dir_fd, "bag-info.txt",
			"Source-Organization: Agency A\nBagging-Date: 2026-11-23\nExternal-Identifier: id\n"
			"Internal-Sender-Description: one\\x0APayload-Oxum: 1.1\nBag-Software-Agent: valise " VALISE_VERSION
			"\nPayload-Oxum: 0.0\n");
	is_file(dir_fd, "manifest-sha256.txt", "");
}

static void put_digest_of(struct buf *out, int dir_fd, const char *name)
{
	auto_buf text = {0};
	char hex[DIGEST_HEX + 1];
	struct digest digest;
	expect_ok(io_read_file(&text, dir_fd, name, 1 << 20, err));
	hash_bytes(&digest, text.data, text.len);
	digest_format(hex, &digest);
	expect_ok(buf_printf(out, err, "%s  %s\n", hex, name));
}

static void tag_files_are_listed_as_they_are(void **state)
{
	auto_manifest manifest = {0};
	auto_buf want = {0};
	auto_fd int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct bag_tag_file more = {.name = "MANIFEST.yaml"};
	memset(more.sha256.bytes, 0xBB, DIGEST_BYTES);
	expect_ok(manifest_init(&manifest, err));
	add(&manifest, ENTRY_FILE, "f", 1, 0xAA);
	struct bag_facts facts = {.manifest = &manifest,
							  .organisation = "A",
							  .identifier = "id",
							  .description = "d",
							  .tag_files = &more,
							  .tag_file_count = 1};
	expect_ok(bag_write(dir_fd, &facts, err));
	put_digest_of(&want, dir_fd, "bagit.txt");
	put_digest_of(&want, dir_fd, "bag-info.txt");
	put_digest_of(&want, dir_fd, "manifest-sha256.txt");
	expect_ok(buf_append_str(&want, HEX_B "  MANIFEST.yaml\n", err));
	is_file(dir_fd, "tagmanifest-sha256.txt", want.data);
}

static void what_is_there_stays(void **state)
{
	static const char *const names[] = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"};
	for (size_t i = 0; i < COUNT(names); i++) {
		auto_manifest manifest = {0};
		auto_fd int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct bag_facts facts = {.manifest = &manifest, .organisation = "", .identifier = "id", .description = ""};
		expect_ok(manifest_init(&manifest, err));
		expect_ok(io_replace_file(dir_fd, names[i], "theirs", 6, 0600, err));
		expect_failure(bag_write(dir_fd, &facts, err), ERR_EXISTS, names[i], names[i]);
		is_file(dir_fd, names[i], "theirs");
		for (size_t j = 0; j < COUNT(names); j++)
			(void)unlinkat(dir_fd, names[j], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(paths_are_encoded_no_more_than_they_must, setup, teardown),
		cmocka_unit_test_setup_teardown(information_stays_on_its_line, setup, teardown),
		cmocka_unit_test_setup_teardown(tag_files_are_listed_as_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_there_stays, setup, teardown),
	};
	return cmocka_run_group_tests(tests, setup_all, NULL);
}
