/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/secret.h"
#include "ops/index.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ALICE "0123456789ABCDEF0123456789ABCDEF01234567"
#define STRANGER "FEDCBA9876543210FEDCBA9876543210FEDCBA98"

/* A bundle with one file of few words and one of many. */
struct fixture {
	struct scheme_set schemes;
	struct manifest manifest;
	struct waybill waybill;
	struct digest digest;
	struct partner partner;
	struct registry registry;
	struct index_facts facts;
	char *dir;
	int dir_fd;
};

static void add_mark(struct manifest *manifest, const char *id)
{
	char(*marks)[LABEL_ID_MAX + 1] = realloc(manifest->marks, (manifest->mark_count + 1) * sizeof *marks);
	assert_non_null(marks);
	manifest->marks = marks;
	(void)snprintf(marks[manifest->mark_count++], sizeof *marks, "%s", id);
}

static void add_file(struct manifest *manifest, const char *path, uint32_t marking, enum entry_type type)
{
	expect_ok(
		manifest_add_entry(manifest,
						   &(struct manifest_entry){.path = (char *)path,
													.media_type = (char *)(type == ENTRY_FOLDER ? "" : "text/plain"),
													.mtime = 1795457520,
													.size = type == ENTRY_FOLDER ? 0 : 1234567,
													.marking = marking,
													.type = type},
						   err));
}

static void add_markings(struct manifest *manifest)
{
	static char release[][3] = {"NL", "US"};
	static char handle_as[][LABEL_ID_MAX + 1] = {"tlp/red"};
	static char *caveats[] = {(char *)"Ask <first>", (char *)"second"};
	struct manifest_label few[] = {{.id = "pd/none"}, {.id = "tlp/amber"}};
	struct manifest_label many[] = {{.id = "pd/personal"}, {.id = "tlp/amber-strict"}};
	struct manifest_marking marking = {.labels = few, .count = 2};
	uint32_t number;
	expect_ok(manifest_add_marking(manifest, &marking, &number, err));
	marking = (struct manifest_marking){.labels = many,
										.count = 2,
										.handle_as = handle_as,
										.handle_as_count = 1,
										.releasable = release,
										.releasable_count = 2,
										.caveats = caveats,
										.caveat_count = 2,
										.registration = (char *)"R-17",
										.copy = (char *)"2 of 5",
										.record = (char *)"victims",
										.expires = 1798758000};
	(void)strcpy(marking.originator.hex, ALICE);
	expect_ok(manifest_add_marking(manifest, &marking, &number, err));
}

static void add_record(struct manifest *manifest)
{
	struct record record = {.id = "victims"}, other = {.id = "zz-unused"};
	for (unsigned i = 0; i <= RECORD_RETENTION; i++)
		record.texts[i] = other.texts[i] = (char *)"some <text>";
	record.texts[RECORD_BASIS] = (char *)"eu-gdpr:A6-1-e";
	expect_ok(manifest_add_record(manifest, &record, err));
	expect_ok(manifest_add_record(manifest, &other, err));
}

static void fill_facts(struct fixture *f)
{
	(void)strcpy(f->waybill.from.hex, ALICE);
	f->waybill.created = 1795457520;
	f->waybill.not_after = 1803233520;
	f->partner.fingerprint = f->waybill.from;
	(void)strcpy(f->partner.party.name, "Alice & Co");
	(void)strcpy(f->partner.party.organisation, "Agency A");
	f->registry.doc.partners = &f->partner;
	f->registry.doc.count = 1;
	f->facts = (struct index_facts){.schemes = &f->schemes,
									.manifest = &f->manifest,
									.waybill = &f->waybill,
									.bundle = &f->digest,
									.sender = f->partner.party.name,
									.organisation = f->partner.party.organisation,
									.registry = &f->registry,
									.received = 1795560000,
									.prefix = ""};
}

static int setup(void **state)
{
	struct err err = ERR_INIT;
	struct fixture *f = calloc(1, sizeof *f);
	if (f == NULL || setlocale(LC_CTYPE, "C.UTF-8") == NULL || secret_library_init(&err) < 0 ||
		hash_library_init(&err) < 0 || io_make_private_dir(&f->dir, &err) < 0 ||
		scheme_set_load_shipped(&f->schemes, NULL, &err) < 0 || manifest_init(&f->manifest, &err) < 0)
		return -1;
	f->dir_fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uuid_random(&f->manifest.bundle);
	add_mark(&f->manifest, "pd/personal");
	add_mark(&f->manifest, "tlp/amber-strict");
	add_markings(&f->manifest);
	add_record(&f->manifest);
	add_file(&f->manifest, "r", 0, ENTRY_FOLDER);
	add_file(&f->manifest, "r/<b>&\"'.txt", 0, ENTRY_FILE);
	add_file(&f->manifest, "r/tool", 1, ENTRY_EXECUTABLE);
	fill_facts(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	(void)close(f->dir_fd);
	io_remove_tree(AT_FDCWD, f->dir);
	free(f->dir);
	manifest_clear(&f->manifest);
	scheme_set_clear(&f->schemes);
	free(f);
	return 0;
}

/* --- the page --- */

static unsigned occurrences(const char *text, const char *piece)
{
	unsigned count = 0;
	for (const char *at = strstr(text, piece); at != NULL; at = strstr(at + 1, piece))
		count++;
	return count;
}

static void page_of(struct fixture *f, struct buf *out)
{
	expect_ok(index_format_html(out, &f->facts, err));
}

static void it_needs_nothing_from_outside(void **state)
{
	static const char *const never[] = {"<script", "http:", "https:",  "src=",    "url(",
										"@import", "<link", "onclick", "<iframe", "<form"};
	auto_buf page = {0};
	page_of(*state, &page);
	for (size_t i = 0; i < COUNT(never); i++)
		if (strstr(page.data, never[i]) != NULL)
			fail_msg("the page holds %s", never[i]);
	assert_int_equal(strncmp(page.data, "<!DOCTYPE html>\n<html lang=\"en\">\n", 33), 0);
	assert_non_null(strstr(page.data, "content=\"default-src 'none'; style-src 'unsafe-inline'\""));
	assert_non_null(strstr(page.data, "<meta charset=\"utf-8\">"));
}

/* Header and footer, TLP at the right end, in its colour on black; a mark without a colour is there all the same. */
static void the_banner_is_as_tlp_asks(void **state)
{
	static const char bar[] = "<div><span class=\"b k1\">PD:PERSONAL</span>"
							  "<span class=\"b tlp k3\">TLP:AMBER+STRICT</span></div>";
	auto_buf page = {0};
	page_of(*state, &page);
	assert_int_equal(occurrences(page.data, bar), 2);
	assert_int_equal(occurrences(page.data, "<header class=\"banner\">"), 1);
	assert_int_equal(occurrences(page.data, "<footer class=\"banner\">"), 1);
	assert_non_null(strstr(page.data, ".k3 { color: #ffc000; background: #000000;"));
	assert_null(strstr(page.data, ".k1 { color"));
	assert_non_null(strstr(page.data, "background: #000; text-align: right;"));
	assert_non_null(strstr(page.data, "<title>TLP:AMBER+STRICT - bundle "));
}

static void each_label_is_told_in_words(void **state)
{
	static const char *const ids[] = {"pd/none", "pd/personal", "tlp/amber", "tlp/amber-strict", "tlp/red"};
	struct fixture *f = *state;
	auto_buf page = {0};
	page_of(f, &page);
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct label_ref ref;
		assert_true(label_find(&ref, &f->schemes, ids[i]));
		auto_buf cell = {0};
		expect_ok(
			buf_printf(&cell, err, "<tr><th scope=\"row\"><span class=\"c k%zu\">%s</span><td>", i, ref.label->text));
		assert_int_equal(occurrences(page.data, cell.data), 1);
	}
	assert_int_equal(occurrences(page.data, "The bundle as a whole counts as this."), 2);
}

static void facts_come_from_the_registry(void **state)
{
	struct fixture *f = *state;
	auto_buf page = {0};
	free(f->manifest.purpose);
	f->manifest.purpose = strdup("Incident <17>");
	page_of(f, &page);
	assert_non_null(strstr(page.data, "<dt>From<dd>Alice &amp; Co, Agency A<br><code>0123 4567 89AB"));
	assert_non_null(strstr(page.data, "<dt>Purpose<dd>Incident &lt;17&gt;\n"));
	assert_non_null(strstr(page.data, "<dt>Created<dd>2026-11-23 18:12:00 UTC\n"));
	assert_non_null(strstr(page.data, "<dt>Received<dd>2026-11-24 22:40:00 UTC\n"));
	assert_non_null(strstr(page.data, f->manifest.bundle.text));
	assert_null(strstr(page.data, "<dt>Handling"));
	assert_null(strstr(page.data, "Only a part"));
}

static void a_row_says_all_of_its_file(void **state)
{
	static const char few[] =
		"<tr><th scope=\"row\"><a href=\"r/%3Cb%3E%26%22%27.txt\">r/&lt;b&gt;&amp;&quot;&#39;.txt</a><td>1,234,567"
		"<td>2026-11-23 18:12:00<td>text/plain<td><span class=\"c k0\">PD:NONE</span> "
		"<span class=\"c k2\">TLP:AMBER</span><td></tr>\n";
	static const char *const many[] = {
		"<td>text/plain <span class=\"as\">executable</span><td>",
		"<span class=\"as\">handle as</span> <span class=\"c k4\">TLP:RED</span>",
		"<span class=\"as\">Caveat</span> Ask &lt;first&gt;</div>",
		"<span class=\"as\">Caveat</span> second</div>",
		"<span class=\"as\">Originator</span> Alice &amp; Co, Agency A</div>",
		"<span class=\"as\">Releasable to</span> NL, US</div>",
		"<span class=\"as\">Registration</span> R-17</div>",
		"<span class=\"as\">Copy</span> 2 of 5</div>",
		"<span class=\"as\">Labels good until</span> 2026-12-31 23:00:00 UTC</div>",
		"<a href=\"#record-victims\">victims</a>",
		"<section class=\"record\" id=\"record-victims\">",
		"<dt>Legal basis<dd>eu-gdpr:A6-1-e: ",
		"<dt>Data protection officer<dd>some &lt;text&gt;\n",
	};
	auto_buf page = {0};
	page_of(*state, &page);
	assert_int_equal(occurrences(page.data, few), 1);
	for (size_t i = 0; i < COUNT(many); i++)
		if (occurrences(page.data, many[i]) != 1)
			fail_msg("%u times: %s", occurrences(page.data, many[i]), many[i]);
	assert_null(strstr(page.data, "zz-unused"));
	assert_non_null(strstr(page.data, "<caption>2 files, 2,469,134 bytes</caption>"));
}

static void an_originator_that_nobody_knows_is_a_fingerprint(void **state)
{
	struct fixture *f = *state;
	(void)strcpy(f->partner.fingerprint.hex, STRANGER);
	for (int known = 0; known < 2; known++) {
		auto_buf page = {0};
		f->facts.registry = known ? &f->registry : NULL;
		page_of(f, &page);
		assert_non_null(strstr(page.data, "<span class=\"as\">Originator</span> <code>0123 4567 89AB"));
	}
}

/* What is not there is not spoken of: its labels, terms and records neither. */
static void a_part_lists_what_is_there(void **state)
{
	struct fixture *f = *state;
	auto_buf page = {0};
	const uint32_t only[] = {0, 1};
	f->facts.only = only;
	f->facts.only_count = COUNT(only);
	f->facts.prefix = "data/";
	page_of(f, &page);
	assert_non_null(strstr(page.data, "Only a part was unpacked: 1 of 2 files."));
	assert_non_null(strstr(page.data, "href=\"data/r/%3Cb"));
	assert_non_null(strstr(page.data, "<caption>1 file, 1,234,567 bytes</caption>"));
	assert_null(strstr(page.data, "r/tool"));
	assert_null(strstr(page.data, "TLP:RED"));
	assert_null(strstr(page.data, "Processing record"));
	assert_null(strstr(page.data, "<th scope=\"col\">Terms"));
}

static void a_label_that_no_scheme_knows_is_its_id(void **state)
{
	struct fixture *f = *state;
	auto_buf page = {0};
	add_mark(&f->manifest, "zz/odd");
	page_of(f, &page);
	assert_int_equal(occurrences(page.data, "<span class=\"b k5\">zz/odd</span>"), 2);
}

/* --- writing --- */

static void both_are_written_new_and_private(void **state)
{
	struct fixture *f = *state;
	auto_buf document = {0}, page = {0}, want = {0};
	struct digest of_document, of_page, computed;
	struct stat st;
	expect_ok(buf_append(&document, "valise: \0 byte for byte\n\n", 25, err));
	expect_ok(index_write_document(f->dir_fd, &document, &of_document, err));
	expect_ok(index_write_page(f->dir_fd, &f->facts, &of_page, err));
	hash_bytes(&computed, document.data, document.len);
	assert_true(digest_equal(&computed, &of_document));
	document.len = 0;
	expect_ok(io_read_file(&document, f->dir_fd, INDEX_DOCUMENT, 1000, err));
	assert_memory_equal(document.data, "valise: \0 byte for byte\n\n", 25);
	expect_ok(io_read_file(&page, f->dir_fd, INDEX_PAGE, 1 << 20, err));
	page_of(f, &want);
	assert_string_equal(page.data, want.data);
	hash_bytes(&computed, page.data, page.len);
	assert_true(digest_equal(&computed, &of_page));
	assert_int_equal(fstatat(f->dir_fd, INDEX_PAGE, &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	expect_failure(index_write_page(f->dir_fd, &f->facts, &of_page, err), ERR_EXISTS, INDEX_PAGE, "page");
	expect_failure(index_write_document(f->dir_fd, &document, &of_document, err), ERR_EXISTS, INDEX_DOCUMENT,
				   "document");
}

/* --- attributes --- */

static void files_carry_their_labels(void **state)
{
	struct fixture *f = *state;
	auto_marker *marker = NULL;
	char text[256] = "";
	auto_fd int fd = openat(f->dir_fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	expect_ok(index_marker_new(&marker, &f->manifest, err));
	expect_ok(index_mark_file(marker, fd, &f->manifest.entries[2], err));
	expect_ok(index_mark_file(marker, fd, &f->manifest.entries[1], err));
	expect_ok(index_mark_folder(marker, f->dir_fd, err));
	if (!index_marker_held(marker))
		skip(); /* a file system without attributes */
	assert_int_equal(fgetxattr(fd, INDEX_LABELS_ATTRIBUTE, text, sizeof text), (ssize_t)strlen("pd/none tlp/amber"));
	assert_string_equal(text, "pd/none tlp/amber");
	assert_int_equal(fgetxattr(f->dir_fd, INDEX_BUNDLE_ATTRIBUTE, text, sizeof text), UUID_LEN);
	assert_memory_equal(text, f->manifest.bundle.text, UUID_LEN);
}

/* /proc has none; a descriptor that is closed is a failure of another kind. */
static void no_attributes_are_no_failure(void **state)
{
	struct fixture *f = *state;
	auto_marker *marker = NULL;
	auto_fd int proc = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (proc < 0)
		skip();
	expect_ok(index_marker_new(&marker, &f->manifest, err));
	assert_true(index_marker_held(marker));
	expect_failure(index_mark_file(marker, -1, &f->manifest.entries[1], err), ERR_IO, "r/<b>", "closed");
	assert_true(index_marker_held(marker));
	expect_ok(index_mark_file(marker, proc, &f->manifest.entries[1], err));
	assert_false(index_marker_held(marker));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_needs_nothing_from_outside, setup, teardown),
		cmocka_unit_test_setup_teardown(the_banner_is_as_tlp_asks, setup, teardown),
		cmocka_unit_test_setup_teardown(each_label_is_told_in_words, setup, teardown),
		cmocka_unit_test_setup_teardown(facts_come_from_the_registry, setup, teardown),
		cmocka_unit_test_setup_teardown(a_row_says_all_of_its_file, setup, teardown),
		cmocka_unit_test_setup_teardown(an_originator_that_nobody_knows_is_a_fingerprint, setup, teardown),
		cmocka_unit_test_setup_teardown(a_part_lists_what_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(a_label_that_no_scheme_knows_is_its_id, setup, teardown),
		cmocka_unit_test_setup_teardown(both_are_written_new_and_private, setup, teardown),
		cmocka_unit_test_setup_teardown(files_carry_their_labels, setup, teardown),
		cmocka_unit_test_setup_teardown(no_attributes_are_no_failure, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
