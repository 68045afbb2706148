/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inspect/inspect.h"
#include "inspect/magic.h"
#include "inspect/pdf.h"
#include "inspect/zip.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

static struct scheme_set schemes;
static struct inspector *inspector;
static struct text_labels *labels;
static struct inspection found;

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	return scheme_set_load_shipped(&schemes, NULL, &err) < 0 || text_labels_new(&labels, &schemes, &err) < 0 ||
		   inspector_new(&inspector, &schemes, INSPECT_TYPES_QUICK, &err) < 0;
}

static int tear_down(void **state)
{
	(void)state;
	inspector_free(inspector);
	text_labels_free(labels);
	scheme_set_clear(&schemes);
	return 0;
}

static int file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void tell(struct buf *out)
{
	out->len = 0;
	expect_ok(buf_append_str(out, found.media_type, err));
	if (found.named_type[0] != '\0')
		expect_ok(buf_printf(out, err, " named %s", found.named_type));
	for (uint32_t i = 0; i < found.finding_count; i++)
		expect_ok(buf_printf(out, err, "; %s@%s", found.findings[i].label.label->text, found.findings[i].where));
	if (found.not_read[0] != '\0')
		expect_ok(buf_printf(out, err, "; (%s)", found.not_read));
	if (found.not_whole)
		expect_ok(buf_append_str(out, "; not whole", err));
}

static void expect_inspected(const char *name, const void *bytes, size_t len, const char *want)
{
	auto_fd int fd = file_of(bytes, len);
	auto_buf told = {0};
	expect_ok(inspect_file(inspector, fd, name, len, &found, err));
	tell(&told);
	if (strcmp(told.data, want) != 0)
		fail_msg("%s:\nwanted %s\ngot    %s", name, want, told.data);
}

static void forms(void **state)
{
	static const char *const cases[][3] = {
		{"a.md", "# x\nTLP:AMBER\n", "text/plain; TLP:AMBER@line 2"},
		{"a", "TLP:RED", "text/plain; TLP:RED@line 1"},
		{"a.txt", "nothing", "text/plain"},
		{"a.html", "<!doctype html>\n<title>TLP:<b>RED</b></title>", "text/html; TLP:RED@line 2"},
		{"a.html", "<p>TLP<b>:</b>RED", "text/plain; TLP:RED@line 1"},
		{"a.html", "<!doctype html>\n<!-- TLP:RED -->", "text/html"},
		{"a.xml", "<?xml version=\"1.0\"?>\n<a b=\"TLP:RED\">TLP&#58;GREEN</a>",
		 "text/xml; TLP:GREEN@line 2; TLP:RED@line 2"},
		{"a.eml", "From: a\nTo: b\nSubject: TLP:RED\n\nTLP:GREEN",
		 "message/rfc822; TLP:RED@header Subject; TLP:GREEN@body"},
		{"a.json", "{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"RED\"}}}}",
		 "application/json; TLP:RED@line 1: document.distribution.tlp.label"},
		{"a.txt", "{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"RED\"}}}}",
		 "application/json; TLP:RED@line 1: document.distribution.tlp.label"},
		{"a.txt", "{\"a\": TLP:RED", "text/plain; TLP:RED@line 1"},
		{"a.md", "[1] TLP:RED", "text/plain; TLP:RED@line 1"},
		{"a.jsonl", "{}\n{}\n", "text/plain"},
		{"a.pdf", "#!/bin/sh\n", "text/x-shellscript named application/pdf"},
		{"a.pdf",
		 "\x7f"
		 "ELF\2\1\1",
		 "application/x-elf named application/pdf"},
		{"a.txt", "#!/bin/sh\n# TLP:RED", "text/x-shellscript named text/plain; TLP:RED@line 2"},
		{"a.zip", "PK\5\6", "application/zip; (archives are not looked into)"},
		{"a.docx", "text", "text/plain named application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_inspected(cases[i][0], cases[i][1], strlen(cases[i][1]), cases[i][2]);
	expect_inspected("a.txt", "\xff\xfeT\0L\0P\0:\0R\0E\0D\0", 16, "text/plain; TLP:RED@line 1");
	expect_inspected("a.txt", "TLP:RED\0\1\2", 10,
					 "application/octet-stream named text/plain; TLP:RED@line 1; "
					 "(it calls itself text, and is none or in an unknown encoding)");
	expect_inspected("a.html", "\xff\xfe<\0h\0t\0m\0l\0>\0T\0<\0b\0>\0L\0P\0:\0R\0E\0D\0", 34,
					 "text/plain; TLP:RED@line 1");
	expect_inspected("a.rtf", "{\\rtf1 x}", 9, "text/rtf; (RTF is looked at without undoing its control words)");
	expect_inspected("a.bin", "TLP:RED\0\1\2", 10, "application/octet-stream");
	expect_inspected("a.txt", "", 0, "inode/x-empty");
	expect_inspected("a.pdf", "", 0, "inode/x-empty");
}

static void only_the_head_counts(void **state)
{
	auto_free char *text = malloc(200000);
	assert_non_null(text);
	memset(text, 'x', 200000);
	memcpy(text + 100, " TLP:RED ", 9);
	memcpy(text + INSPECT_HEAD_BYTES - 3, " TLP:AMBER ", 11);
	expect_inspected("a.txt", text, 200000, "text/plain; TLP:RED@line 1");
	memset(text, ' ', 200000);
	memcpy(text, "{\"a\":1,", 7);
	memcpy(text + 190000, "\"tlp\":\"RED\"}", 12);
	expect_inspected("a.json", text, 200000, "application/json; TLP:RED@line 1: tlp");
}

static void json_that_is_none(void **state)
{
	static const char *const texts[] = {"{\"a\":}", "<html>", "{} {}", "text"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		auto_fd int fd = file_of(texts[i], strlen(texts[i]));
		expect_failure(inspect_file(inspector, fd, "x/a.json", strlen(texts[i]), &found, err), ERR_CONTENT,
					   "line 1, column", texts[i]);
	}
}

/* --- types --- */

static void types_of_heads(void **state)
{
	static const char *const cases[][2] = {
		{"{\"a\": 1}", "application/json"}, {"{\"a\": ]", "text/plain"}, {"[1] x", "text/plain"},
		{"%PDF-1.4", "application/pdf"},    {"", "inode/x-empty"},
	};
	char type[MANIFEST_MEDIA_TYPE_MAX + 1];
	for (size_t i = 0; i < COUNT(cases); i++) {
		expect_ok(inspect_type(inspector, cases[i][0], strlen(cases[i][0]), type, err));
		assert_string_equal(type, cases[i][1]);
	}
	auto_free char *cut = malloc(INSPECT_HEAD_BYTES);
	assert_non_null(cut);
	memset(cut, ' ', INSPECT_HEAD_BYTES);
	memcpy(cut, "{\"a\": ", 6);
	expect_ok(inspect_type(inspector, cut, INSPECT_HEAD_BYTES, type, err));
	assert_string_equal(type, "application/json");
}

static void types_by_libmagic(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *type;
	} cases[] = {
		{"%PDF-1.4\n", 9, "application/pdf"},
		{"plain text\n", 11, "text/plain"},
		{"{\"a\": 1}", 8, "application/json"},
		{"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", 16, "video/x-ms-asf"},
		{"\1\2\3\4", 4, "application/octet-stream"},
		{"", 0, "inode/x-empty"},
	};
	char type[MANIFEST_MEDIA_TYPE_MAX + 1];
	auto_inspector *full = NULL;
	expect_ok(inspector_new(&full, &schemes, INSPECT_TYPES_FULL, err));
	for (size_t i = 0; i < COUNT(cases); i++) {
		expect_ok(inspect_type(full, cases[i].bytes, cases[i].len, type, err));
		assert_string_equal(type, cases[i].type);
	}
}

static void libmagic_without_its_database(void **state)
{
	static const char *const nowhere[] = {"/nonexistent/magic.mgc", NULL};
	struct magic_types *types = NULL;
	expect_failure(magic_types_new(&types, nowhere, err), ERR_IO, "libmagic", "nowhere");
	assert_null(types);
}

/* --- PDF --- */

/* A page that says text, with the table of places left for readers to mend. */
static void make_pdf(struct buf *out, const char *page_one, const char *page_two)
{
	const char *const texts[] = {page_one, page_two};
	out->len = 0;
	expect_ok(buf_append_str(out,
							 "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
							 "2 0 obj\n<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>\nendobj\n"
							 "7 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n",
							 err));
	for (int i = 0; i < 2; i++) {
		char content[200];
		int len = snprintf(content, sizeof content, "BT /F1 12 Tf 72 700 Td (%s) Tj ET", texts[i]);
		expect_ok(buf_printf(out, err,
							 "%d 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
							 "/Resources<</Font<</F1 7 0 R>>>>>>\nendobj\n%d 0 obj\n<</Length %d>>\nstream\n%s\n"
							 "endstream\nendobj\n",
							 3 + i, 5 + i, 5 + i, len, content));
	}
	expect_ok(buf_append_str(out, "trailer\n<</Root 1 0 R/Size 8>>\n%%EOF\n", err));
}

static bool needs_pdftotext(void)
{
	if (access("/usr/bin/pdftotext", X_OK) == 0)
		return true;
	if (getenv("CI") != NULL)
		fail_msg("pdftotext is missing");
	skip();
	return false;
}

static void pdf_pages(void **state)
{
	auto_buf pdf = {0};
	if (!needs_pdftotext())
		return;
	make_pdf(&pdf, "Report TLP:AMBER", "PAP:RED");
	expect_inspected("a.pdf", pdf.data, pdf.len, "application/pdf; TLP:AMBER@page 1; PAP:RED@page 2");
	make_pdf(&pdf, "", "");
	expect_inspected("a.pdf", pdf.data, pdf.len, "application/pdf; (its first pages hold no text, only pictures)");
	expect_inspected("a.pdf", "%PDF-1.4\nno", 11,
					 "application/pdf; (pdftotext cannot read it (damaged, encrypted, or over its limits))");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
}

/* A program in the place of pdftotext; NULL: none is there. */
static void expect_pdf(const char *script, const char *want)
{
	char path[] = "/tmp/valise-test-XXXXXX";
	auto_fd int fd = file_of("%PDF-1.4\n", 9);
	int tool = script != NULL ? mkstemp(path) : -1;
	if (script != NULL) {
		assert_true(tool >= 0 && write(tool, script, strlen(script)) == (ssize_t)strlen(script));
		assert_true(fchmod(tool, 0700) == 0 && close(tool) == 0);
	}
	found = (struct inspection){0};
	expect_ok(pdf_labels(labels, fd, script != NULL ? path : "/nonexistent/pdftotext", &found, err));
	if (script != NULL)
		(void)unlink(path);
	auto_buf told = {0};
	tell(&told);
	if (strcmp(told.data, want) != 0)
		fail_msg("wanted %s\ngot    %s", want, told.data);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void pdf_tool(void **state)
{
	int leak = open("/dev/null", O_RDONLY); /* without CLOEXEC, as a library might */
	expect_pdf(NULL, "; (pdftotext is not installed)");
	expect_pdf("#!/bin/sh\necho TLP:RED\n", "; TLP:RED@page 1");
	expect_pdf("#!/bin/sh\necho TLP:RED\nexit 3\n",
			   "; TLP:RED@page 1; (pdftotext cannot read it (damaged, encrypted, or over its limits))");
	/* More than is listened to, without end: it is stopped. */
	expect_pdf("#!/bin/sh\necho TLP:RED\nexec yes\n", "; TLP:RED@page 1");
	/* It gets the file and nothing else of ours, no folder to write to, and no environment. */
	expect_pdf("#!/bin/sh\nread -r line; [ \"$line\" = %PDF-1.4 ] && echo TLP:RED\n", "; TLP:RED@page 1");
	char script[200];
	(void)snprintf(script, sizeof script, "#!/bin/sh\n[ -e /proc/$$/fd/%d ] || echo TLP:RED\n", leak);
	expect_pdf(script, "; TLP:RED@page 1");
	expect_pdf("#!/bin/sh\n[ -z \"$HOME\" ] && [ \"$(ulimit -f)\" = 0 ] && [ \"$(ulimit -t)\" = 5 ] && echo TLP:RED\n",
			   "; TLP:RED@page 1");
	(void)close(leak);
}

/* --- office documents --- */

struct member {
	const char *name, *text;
	size_t blanks; /* in front of the text */
};

static void make_zip(struct buf *out, const struct member *members, size_t count)
{
	size_t used = 0;
	out->len = 0;
	expect_ok(buf_reserve(out, 8 << 20, err));
	struct archive *zip = archive_write_new();
	assert_true(archive_write_set_format_zip(zip) == ARCHIVE_OK);
	if (strcmp(members[0].name, "mimetype") == 0)
		assert_true(archive_write_zip_set_compression_store(zip) == ARCHIVE_OK);
	assert_true(archive_write_open_memory(zip, out->data, out->cap, &used) == ARCHIVE_OK);
	for (size_t i = 0; i < count; i++) {
		struct archive_entry *entry = archive_entry_new();
		auto_free char *blanks = malloc(members[i].blanks + 1);
		assert_true(entry != NULL && blanks != NULL);
		memset(blanks, ' ', members[i].blanks);
		archive_entry_set_pathname(entry, members[i].name);
		archive_entry_set_size(entry, (la_int64_t)(strlen(members[i].text) + members[i].blanks));
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		assert_true(archive_write_header(zip, entry) == ARCHIVE_OK);
		(void)archive_write_data(zip, blanks, members[i].blanks);
		(void)archive_write_data(zip, members[i].text, strlen(members[i].text));
		archive_entry_free(entry);
	}
	assert_true(archive_write_close(zip) == ARCHIVE_OK && archive_write_free(zip) == ARCHIVE_OK);
	out->len = used;
}

#define DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static void office_documents(void **state)
{
	static const struct {
		const char *name;
		struct member members[5];
		size_t count;
		const char *want;
	} cases[] = {
		{"a.docx",
		 {{"[Content_Types].xml", "<x/>", 0},
		  {"word/document.xml", "<w:p><w:t>TLP:</w:t><w:t>AMBER</w:t></w:p>", 0},
		  {"word/header1.xml", "<w:p><w:t>TLP:RED</w:t></w:p>", 0},
		  {"word/media/image1.png", "TLP:GREEN", 0},
		  {"docProps/custom.xml", "<property name=\"PAP\"><vt:lpwstr>RED</vt:lpwstr></property>", 0}},
		 5,
		 DOCX "; TLP:AMBER@word/document.xml; TLP:RED@word/header1.xml; PAP:RED@docProps/custom.xml"},
		{"a.xlsx",
		 {{"[Content_Types].xml", "<x/>", 0},
		  {"xl/workbook.xml", "<x/>", 0},
		  {"xl/sharedStrings.xml", "<si><t>TLP:GREEN</t></si>", 0},
		  {"xl/worksheets/sheet1.xml", "<headerFooter><oddHeader>&amp;CTLP:RED</oddHeader></headerFooter>", 0}},
		 4,
		 XLSX "; TLP:GREEN@xl/sharedStrings.xml; TLP:RED@xl/worksheets/sheet1.xml"},
		{"late.docx", /* the head does not tell what it is */
		 {{"[Content_Types].xml", "<x/>", 0},
		  {"customXml/item1.xml", "x", 5000000},
		  {"word/document.xml", "TLP:RED", 0}},
		 3,
		 DOCX "; TLP:RED@word/document.xml"},
		{"other.docx",
		 {{"[Content_Types].xml", "<x/>", 0},
		  {"word/document.xml", "<x/>", 0},
		  {"Word/Hdr1.XML", "<w:p>TLP:RED</w:p>", 0},
		  {"word/footnotes.xml", "<w:p>PAP:RED</w:p>", 0}},
		 4,
		 DOCX "; TLP:RED@Word/Hdr1.XML; PAP:RED@word/footnotes.xml"},
		{"bomb.docx",
		 {{"[Content_Types].xml", "<x/>", 0},
		  {"word/document.xml", "TLP:RED", 5000000},
		  {"word/header1.xml", "TLP:AMBER", 0},
		  {"docProps/app.xml", "TLP:GREEN", 5000000}},
		 4,
		 DOCX "; TLP:AMBER@word/header1.xml; (it holds more text than is looked at)"},
		{"a.odt",
		 {{"mimetype", "application/vnd.oasis.opendocument.text", 0},
		  {"content.xml", "<text:p>TLP:<text:span>RED</text:span></text:p>", 0},
		  {"meta.xml", "<meta:user-defined meta:name=\"PAP\">RED</meta:user-defined>", 0}},
		 3,
		 "application/vnd.oasis.opendocument.text; TLP:RED@content.xml; PAP:RED@meta.xml"},
		{"a.zip", {{"report.txt", "TLP:RED", 0}}, 1, "application/zip; (archives are not looked into)"},
	};
	auto_buf zip = {0};
	for (size_t i = 0; i < COUNT(cases); i++) {
		make_zip(&zip, cases[i].members, cases[i].count);
		expect_inspected(cases[i].name, zip.data, zip.len, cases[i].want);
	}
}

/* A name of nothing but line feeds, as long as a member may be: as long as it was, not twice that. */
static void property_of_line_feeds(void **state)
{
	auto_buf zip = {0}, property = {0};
	expect_ok(buf_append_str(&property, "<property name=\"", err));
	for (int i = 0; i < 1 << 20; i++)
		expect_ok(buf_append(&property, "\n", 1, err));
	expect_ok(buf_append_str(&property, "\">x", err));
	const struct member members[] = {{"[Content_Types].xml", "<x/>", 0},
									 {"word/document.xml", "<w:p>TLP:RED</w:p>", 0},
									 {"docProps/custom.xml", property.data, 0}};
	make_zip(&zip, members, 3);
	expect_inspected("a.docx", zip.data, zip.len,
					 DOCX "; TLP:RED@word/document.xml; (it holds more text than is looked at)");
}

/* Damaged and cut everywhere: an answer or a reason, never a crash. */
static void hostile_office_documents(void **state)
{
	static const struct member members[] = {{"[Content_Types].xml", "<x/>", 0},
											{"word/document.xml", "<w:p>TLP:RED</w:p>", 100}};
	auto_buf zip = {0};
	make_zip(&zip, members, 2);
	for (size_t i = 0; i < zip.len; i++)
		for (int way = 0; way < 3; way++) {
			const char before = zip.data[i];
			zip.data[i] = way == 0 ? (char)~before : way == 1 ? '\0' : before;
			auto_fd int fd = file_of(zip.data, way == 2 ? i : zip.len);
			expect_ok(inspect_file(inspector, fd, "a.docx", zip.len, &found, err));
			zip.data[i] = before;
		}
}

/* A second at most for each, whatever it is. */
static void nothing_is_slow(void **state)
{
	static const char *const fills[] = {":",  "TLP:",         " :",     "*",     "TLP: ", "<",       "<a ", "<!--",
										"&#", "\n",           "=?a?b?", "--B\n", "[",     "{\"a\":", "\\",  "SECRET//",
										"//", "\xe2\x80\x8b", "A: b\n"};
	static const char *const names[] = {"a.txt", "a.html", "a.eml", "a.csv", "a"};
	auto_free char *text = malloc(4 << 20);
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(fills); i++) {
		const size_t len = strlen(fills[i]);
		for (size_t at = 0; at + len <= 4 << 20; at += len)
			memcpy(text + at, fills[i], len);
		auto_fd int fd = file_of(text, 4 << 20);
		for (size_t j = 0; j < COUNT(names); j++) {
			struct timespec from, to;
			(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
			expect_ok(inspect_file(inspector, fd, names[j], 4 << 20, &found, err));
			(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
			if ((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 > 1000)
				fail_msg("%s of \"%s\" takes more than a second", names[j], fills[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(only_the_head_counts),
		cmocka_unit_test(json_that_is_none),
		cmocka_unit_test(types_of_heads),
		cmocka_unit_test(types_by_libmagic),
		cmocka_unit_test(libmagic_without_its_database),
		cmocka_unit_test(pdf_pages),
		cmocka_unit_test(pdf_tool),
		cmocka_unit_test(office_documents),
		cmocka_unit_test(property_of_line_feeds),
		cmocka_unit_test(hostile_office_documents),
		cmocka_unit_test(nothing_is_slow),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
