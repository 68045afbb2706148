/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "inspect/inspect_internal.h"

#include "base/cancel.h"
#include "base/hash.h"
#include "base/secret.h"
#include "ops/detect.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct scheme_set schemes;
static char *dir;

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err) < 0 || secret_library_init(&err) < 0 ||
		   scheme_set_load_shipped(&schemes, NULL, &err) < 0;
}

static int tear_down(void **state)
{
	scheme_set_clear(&schemes);
	return 0;
}

/* Each test has a folder "r" of its own. */
static int make_folder(void **state)
{
	struct err err = ERR_INIT;
	char path[200];
	if (io_make_private_dir(&dir, &err) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s/r", dir);
	return mkdir(path, 0700);
}

static int remove_folder(void **state)
{
	io_remove_tree(AT_FDCWD, dir);
	free(dir);
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[300];
	(void)snprintf(path, sizeof path, "%s/r/%s", dir, name);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	expect_ok(io_write_all(fd, text, strlen(text), err));
}

struct folder {
	struct scan scan;
	struct manifest manifest;
};

static void scan_folder(struct folder *out)
{
	char path[200];
	(void)snprintf(path, sizeof path, "%s/r", dir);
	*out = (struct folder){0};
	expect_ok(manifest_init(&out->manifest, err));
	expect_ok(scan_paths((const char *const[]){path}, 1, &out->scan, &out->manifest, err));
}

static void clear_folder(struct folder *folder)
{
	scan_clear(&folder->scan);
	manifest_clear(&folder->manifest);
}
#define auto_folder AUTO(clear_folder) struct folder

static uint32_t entry_of(const struct folder *folder, const char *path)
{
	const struct manifest_entry *entry = manifest_find(&folder->manifest, path);
	assert_non_null(entry);
	return (uint32_t)(entry - folder->manifest.entries);
}

static int detect(struct folder *folder, const unsigned char *skip, struct detected *out, struct err *err)
{
	return detect_all(&folder->scan, &folder->manifest, &schemes, INSPECT_TYPES_QUICK,
					  &(struct detect_flags){.skip = skip}, NULL, out, err);
}

static void what_files_say_is_found_and_typed(void **state)
{
	auto_folder folder = {0};
	auto_detected found = {0};
	put("a.json", "{\"tlp\":\"red\"}");
	put("b.txt", "nothing\n");
	put("c.json", "{}");
	put("empty.json", "");
	scan_folder(&folder);
	expect_ok(detect(&folder, NULL, &found, err));
	assert_int_equal(found.count, 1);
	assert_int_equal(found.labels[0].entry, entry_of(&folder, "r/a.json"));
	assert_string_equal(found.labels[0].finding.label.label->id, "red");
	assert_string_equal(found.labels[0].finding.where, "line 1: tlp");
	assert_string_equal(manifest_find(&folder.manifest, "r")->media_type, "");
	assert_string_equal(manifest_find(&folder.manifest, "r/a.json")->media_type, "application/json");
	assert_string_equal(manifest_find(&folder.manifest, "r/b.txt")->media_type, "text/plain");
	assert_string_equal(manifest_find(&folder.manifest, "r/empty.json")->media_type, "inode/x-empty");
	/* one type is stored once */
	assert_ptr_equal(manifest_find(&folder.manifest, "r/a.json")->media_type,
					 manifest_find(&folder.manifest, "r/c.json")->media_type);
	assert_int_equal(found.not_whole_count + found.not_read_count + found.misnamed_count, 0);
}

static void results_come_in_the_order_of_the_manifest(void **state)
{
	enum { FILES = 1000 };
	static const char *const words[] = {"green", "amber", "red"};
	auto_folder folder = {0};
	auto_detected found = {0};
	for (int i = 0; i < FILES; i++) {
		char name[32], text[64];
		(void)snprintf(name, sizeof name, "%04d.json", i);
		(void)snprintf(text, sizeof text, i % 4 ? "{\"tlp\":\"%s\"}" : "{}", words[i % 3]);
		put(name, text);
	}
	scan_folder(&folder);
	expect_ok(detect(&folder, NULL, &found, err));
	assert_int_equal(found.count, FILES - FILES / 4);
	for (uint32_t i = 0; i < found.count; i++) {
		const uint32_t file = i / 3 * 4 + i % 3 + 1;
		assert_int_equal(found.labels[i].entry, file + 1); /* behind the folder */
		assert_string_equal(found.labels[i].finding.label.label->id, words[file % 3]);
	}
}

static void skipped_files_are_typed_and_not_read_for_labels(void **state)
{
	auto_folder folder = {0};
	auto_detected found = {0};
	put("a.json", "{\"tlp\":\"red\"}");
	put("broken.json", "{\"tlp\":");
	scan_folder(&folder);
	const unsigned char skip[] = {0, 1, 1};
	assert_int_equal(folder.manifest.entry_count, COUNT(skip));
	expect_ok(detect(&folder, skip, &found, err));
	assert_int_equal(found.count, 0);
	assert_string_equal(manifest_find(&folder.manifest, "r/a.json")->media_type, "application/json");
}

static void the_first_fault_is_told_with_its_path(void **state)
{
	auto_folder folder = {0};
	auto_detected found = {0};
	for (int i = 0; i < 300; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "%03d.json", i);
		put(name, i >= 170 ? "{\"a\":\n1,}" : "{\"tlp\":\"red\"}");
	}
	scan_folder(&folder);
	for (int i = 0; i < 10; i++) {
		expect_failure(detect(&folder, NULL, &found, err), ERR_CONTENT,
					   "r/170.json: line 2, column 3: a comma stands before the end", "fault");
		assert_null(found.labels);
	}
}

static void a_file_that_changed_is_refused(void **state)
{
	auto_folder folder = {0};
	auto_detected found = {0};
	put("a.json", "{}");
	scan_folder(&folder);
	put("a.json", "{\"tlp\":\"red\"}");
	expect_failure(detect(&folder, NULL, &found, err), ERR_CHANGED, "r/a.json changed", "changed");
}

static void what_was_not_looked_at_is_told(void **state)
{
	enum { BLANKS = INSPECT_BYTES_MAX + (1 << 20) };
	auto_folder folder = {0};
	auto_detected found = {0};
	auto_free char *text = malloc(BLANKS + 1);
	assert_non_null(text);
	memset(text, ' ', BLANKS);
	text[BLANKS] = '\0';
	memcpy(text, "{\"tlp\":\"red\",", 13);
	put("long.json", text);
	put("picture.png", "no picture at all, but a text\n");
	scan_folder(&folder);
	expect_ok(detect(&folder, NULL, &found, err));
	assert_int_equal(found.count, 1);
	assert_int_equal(found.not_whole_count, 1);
	assert_int_equal(found.not_whole[0], entry_of(&folder, "r/long.json"));
	assert_int_equal(found.misnamed_count, 1);
	assert_int_equal(found.misnamed[0].entry, entry_of(&folder, "r/picture.png"));
	assert_string_equal(found.misnamed[0].named, "image/png");
}

static void note_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	uint64_t *last = ctx;
	assert_string_equal(what, "reading");
	assert_true(done >= *last && done <= total);
	*last = done;
}

static void progress_ends_at_the_whole(void **state)
{
	auto_folder folder = {0};
	auto_detected found = {0};
	uint64_t last = 0;
	const struct progress progress = {.update = note_progress, .ctx = &last};
	put("a.json", "{}");
	put("b.txt", "text");
	scan_folder(&folder);
	expect_ok(detect_all(&folder.scan, &folder.manifest, &schemes, INSPECT_TYPES_QUICK, NULL, &progress, &found, err));
	assert_int_equal(last, 6);
}

/* Last: the flag cannot be taken back. */
static void a_cancel_request_ends_it(void **state)
{
	auto_folder folder = {0};
	auto_detected found = {0};
	put("a.json", "{}");
	scan_folder(&folder);
	cancel_request();
	expect_failure(detect(&folder, NULL, &found, err), ERR_CANCELLED, "", "cancelled");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(what_files_say_is_found_and_typed),
		WITH_FOLDER(results_come_in_the_order_of_the_manifest),
		WITH_FOLDER(skipped_files_are_typed_and_not_read_for_labels),
		WITH_FOLDER(the_first_fault_is_told_with_its_path),
		WITH_FOLDER(a_file_that_changed_is_refused),
		WITH_FOLDER(what_was_not_looked_at_is_told),
		WITH_FOLDER(progress_ends_at_the_whole),
		WITH_FOLDER(a_cancel_request_ends_it),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
