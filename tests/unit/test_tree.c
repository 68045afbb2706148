/* SPDX-License-Identifier: Apache-2.0 */
/* Types by content: what does not fit is refused before it is created. */
#include "unit.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/secret.h"
#include "ops/tree.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char *dir;
	int fd;
	struct scheme_set schemes;
	struct manifest manifest;
	struct inspector *inspector;
	struct media_types types;
	struct tree *tree;
};

static int setup(void **state)
{
	struct err err = ERR_INIT;
	struct fixture *f = calloc(1, sizeof *f);
	if (f == NULL || setlocale(LC_CTYPE, "C.UTF-8") == NULL || secret_library_init(&err) < 0 ||
		hash_library_init(&err) < 0 || io_make_private_dir(&f->dir, &err) < 0 ||
		scheme_set_load_shipped(&f->schemes, NULL, &err) < 0 || manifest_init(&f->manifest, &err) < 0 ||
		inspector_new(&f->inspector, &f->schemes, INSPECT_TYPES_FULL, &err) < 0)
		return -1;
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)strcpy(f->types.items[f->types.count++], "text/*");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	tree_free(f->tree);
	inspector_free(f->inspector);
	manifest_clear(&f->manifest);
	scheme_set_clear(&f->schemes);
	(void)close(f->fd);
	io_remove_tree(AT_FDCWD, f->dir);
	free(f->dir);
	free(f);
	return 0;
}

static void make_tree(struct fixture *f, const char *path)
{
	expect_ok(manifest_add_entry(
		&f->manifest,
		&(struct manifest_entry){.path = (char *)path, .media_type = (char *)"text/plain", .type = ENTRY_FILE}, err));
	expect_ok(tree_new(&f->tree, f->fd, &f->manifest, err));
	expect_ok(tree_restrict(f->tree, &f->types, f->inspector, err));
}

static bool is_there(const struct fixture *f, const char *name)
{
	return faccessat(f->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Through the sink, in pieces of so many bytes. */
static int put(struct fixture *f, const char *bytes, size_t len, size_t piece, struct err *err)
{
	struct payload_sink sink = tree_sink(f->tree);
	const struct manifest_entry *entry = &f->manifest.entries[0];
	if (sink.begin(sink.ctx, entry, err) < 0)
		return -1;
	for (size_t at = 0; at < len; at += piece)
		if (sink.bytes(sink.ctx, bytes + at, len - at < piece ? len - at : piece, err) < 0)
			return -1;
	return sink.end(sink.ctx, entry, err);
}

static void what_fits_is_written_whole(void **state)
{
	static const size_t lengths[] = {12, INSPECT_HEAD_BYTES - 1, INSPECT_HEAD_BYTES, INSPECT_HEAD_BYTES + 1, 100000};
	static const size_t pieces[] = {1000, INSPECT_HEAD_BYTES, 1 << 20};
	struct fixture *f = *state;
	make_tree(f, "file");
	for (size_t i = 0; i < COUNT(lengths) * COUNT(pieces); i++) {
		auto_buf want = {0}, got = {0};
		size_t len = lengths[i % COUNT(lengths)];
		while (want.len < len)
			expect_ok(buf_append(&want, "plain words\n", len - want.len < 12 ? len - want.len : 12, err));
		expect_ok(put(f, want.data, want.len, pieces[i / COUNT(lengths)], err));
		expect_ok(io_read_file(&got, f->fd, "file", 1 << 20, err));
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.data, want.data, want.len);
		assert_int_equal(unlinkat(f->fd, "file", 0), 0);
	}
	assert_int_equal(tree_files(f->tree), COUNT(lengths) * COUNT(pieces));
}

/* The manifest calls them text; they are programs. */
static void what_does_not_fit_is_never_created(void **state)
{
	static const size_t pieces[] = {1, 100, INSPECT_HEAD_BYTES, 1 << 20};
	static char program[50000] = "\177ELF\2\1\1";
	struct fixture *f = *state;
	program[16] = 2; /* an executable, for x86-64 */
	program[18] = 62;
	program[20] = 1;
	make_tree(f, "program");
	for (size_t i = 0; i < COUNT(pieces); i++)
		for (int shorter = 0; shorter < 2; shorter++) {
			expect_failure(put(f, program, shorter ? 200 : sizeof program, pieces[i], err), ERR_TYPE,
						   "program is application/", "program");
			assert_false(is_there(f, "program"));
		}
}

static void the_type_is_told_before_the_rest_comes(void **state)
{
	static char zeros[INSPECT_HEAD_BYTES];
	struct fixture *f = *state;
	make_tree(f, "zeros");
	struct payload_sink sink = tree_sink(f->tree);
	expect_ok(sink.begin(sink.ctx, &f->manifest.entries[0], err));
	expect_ok(sink.bytes(sink.ctx, zeros, sizeof zeros - 1, err));
	assert_false(is_there(f, "zeros"));
	expect_failure(sink.bytes(sink.ctx, zeros, 1, err), ERR_TYPE, "zeros", "the last byte of the head");
	assert_false(is_there(f, "zeros"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_fits_is_written_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_never_created, setup, teardown),
		cmocka_unit_test_setup_teardown(the_type_is_told_before_the_rest_comes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
