/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inspect/claims.h"
#include "inspect/sniff.h"
#include "inspect/utf16.h"

#include <stdlib.h>

struct sample {
	const char *type, *bytes;
	size_t len;
};
#define SAMPLE(type, bytes)                \
	{                                      \
		(type), (bytes), sizeof(bytes) - 1 \
	}
#define ZIP_HEADER        \
	"PK\3\4\24\0\0\0\0\0" \
	"tttt"                \
	"cccc"                \
	"ssss"                \
	"uuuu"
#define OOXML "application/vnd.openxmlformats-officedocument."
#define MZ "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@\0\0\0\0\0\0\0"

static const struct sample samples[] = {
	SAMPLE("inode/x-empty", ""),
	SAMPLE("application/pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
	SAMPLE("application/pdf", "\0\0junk\0%PDF-1.7\n"),
	SAMPLE("image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
	SAMPLE("image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"),
	SAMPLE("image/gif", "GIF89a\1\0\1\0"),
	SAMPLE("image/tiff", "II*\0\10\0\0\0"),
	SAMPLE("image/webp", "RIFF\0\0\0\0WEBPVP8 "),
	SAMPLE("audio/x-wav", "RIFF\0\0\0\0WAVEfmt "),
	SAMPLE("image/bmp", "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"),
	SAMPLE("application/gzip", "\x1f\x8b\10\0\0\0\0\0"),
	SAMPLE("application/x-bzip2", "BZh91AY&SY"),
	SAMPLE("application/x-xz", "\xfd"
							   "7zXZ\0\0\4"),
	SAMPLE("application/zstd", "\x28\xb5\x2f\xfd\4\0"),
	SAMPLE("application/x-7z-compressed", "7z\xbc\xaf\x27\x1c\0\4"),
	SAMPLE("application/x-rar", "Rar!\x1a\x07\1\0"),
	SAMPLE("application/x-executable", "\x7f"
									   "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0"),
	SAMPLE("application/x-sharedlib", "\x7f"
									  "ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\3"),
	SAMPLE("application/x-elf", "\x7f"
								"ELF"),
	SAMPLE("application/x-dosexec", MZ MZ),
	SAMPLE("application/x-mach-binary", "\xcf\xfa\xed\xfe\7\0\0\1"),
	SAMPLE("application/x-mach-binary", "\xca\xfe\xba\xbe\0\0\0\2"),
	SAMPLE("application/x-java-applet", "\xca\xfe\xba\xbe\0\0\0\x34"),
	SAMPLE("application/vnd.sqlite3", "SQLite format 3\0\x10\0"),
	SAMPLE("application/vnd.tcpdump.pcap", "\xd4\xc3\xb2\xa1\2\0\4\0"),
	SAMPLE("application/x-ole-storage", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"),
	SAMPLE("application/zip", ZIP_HEADER "\5\0\0\0a.txt"),
	SAMPLE("application/zip", "PK\5\6\0\0\0\0\0\0"),
	SAMPLE("application/vnd.oasis.opendocument.text",
		   ZIP_HEADER "\10\0\0\0mimetypeapplication/vnd.oasis.opendocument.textPK"),
	SAMPLE("application/vnd.oasis.opendocument.spreadsheet",
		   ZIP_HEADER "\10\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK"),
	SAMPLE("application/epub+zip", ZIP_HEADER "\10\0\0\0mimetypeapplication/epub+zipPK"),
	SAMPLE("application/java-archive", ZIP_HEADER "\11\0\0\0META-INF/"),
	SAMPLE(OOXML "wordprocessingml.document",
		   ZIP_HEADER "\x13\0\0\0[Content_Types].xml....." ZIP_HEADER "\x11\0\0\0word/document.xml"),
	SAMPLE(OOXML "spreadsheetml.sheet", ZIP_HEADER "\x13\0\0\0_rels/.rels....." ZIP_HEADER "\x11\0\0\0xl/workbook.xml"),
	SAMPLE("application/zip", ZIP_HEADER "\x13\0\0\0[Content_Types].xml....."),
	SAMPLE("application/zip", ZIP_HEADER "\5\0\0\0a.txt....." ZIP_HEADER "\x11\0\0\0word/document.xml"),
	SAMPLE("text/plain", "x"),
	SAMPLE("text/plain", "\xef\xbb\xbfplain\r\n\ttext\f\x1b[1m"),
	SAMPLE("text/plain", "na\xefve in another character set"),
	SAMPLE("text/plain", "\xff\xfeT\0L\0P\0"),
	SAMPLE("text/plain", "\xfe\xff\0T\0L\0P"),
	SAMPLE("text/plain", "T\0L\0P\0:\0R\0E\0D\0"),
	SAMPLE("text/plain", "[section]\nkey=1\n"),
	SAMPLE("text/plain", "{not json}"),
	SAMPLE("text/plain", "MZ is an abbreviation, and so this is a text with more than sixty-four bytes."),
	SAMPLE("text/plain", "Title: x\nAuthor: y\n\ntext"),
	SAMPLE("text/plain", "<notes> in angles"),
	SAMPLE("text/plain", "An older note says that %PDF-1.4 begins such files."),
	SAMPLE("text/plain", "#![allow(dead)]\n"),
	SAMPLE("text/x-shellscript", "#!/bin/bash\necho\n"),
	SAMPLE("text/x-script.python", "#!/usr/bin/env python3\n"),
	SAMPLE("text/x-script", "#!/opt/thing\n"),
	SAMPLE("text/x-php", "<?php echo 1;"),
	SAMPLE("text/rtf", "{\\rtf1\\ansi}"),
	SAMPLE("application/json", " {\"a\": 1}"),
	SAMPLE("application/json", "\xef\xbb\xbf[1]"),
	SAMPLE("application/json", "[\n null]"),
	SAMPLE("text/html", "<!DOCTYPE html><p>x"),
	SAMPLE("text/html", "\n<!-- c --> <HTML lang=en>"),
	SAMPLE("text/xml", "<?xml version=\"1.0\"?><a/>"),
	SAMPLE("application/xhtml+xml", "<?xml version=\"1.0\"?>\n<html xmlns=\"x\"/>"),
	SAMPLE("image/svg+xml", "<?xml version=\"1.0\"?><svg/>"),
	SAMPLE("message/rfc822", "Received: by x\n\tfrom y\nFrom: a@b\nSubject: x\n\nhi"),
	SAMPLE("message/rfc822", "From: a\r\nTo: b\r\nSubject: c\r\n\r\nhi"),
	SAMPLE("application/mbox", "From a@b Mon Nov 23\nFrom: a\nTo: b\nDate: c\n\nhi"),
	SAMPLE("application/octet-stream", "\0\1\2\3"),
	SAMPLE("application/octet-stream", "text with a \0 in it"),
	SAMPLE("application/octet-stream", "\x80\x81\x02"),
};

static void known_forms(void **state)
{
	for (size_t i = 0; i < COUNT(samples); i++) {
		struct sniffed got = sniff(samples[i].bytes, samples[i].len, true);
		if (strcmp(got.type, samples[i].type) != 0)
			fail_msg("%zu: wanted %s, got %s", i, samples[i].type, got.type);
	}
}

/* Cut anywhere, and with any byte changed: an answer, and not a byte beyond the end is read. */
static void hostile_forms(void **state)
{
	for (size_t i = 0; i < COUNT(samples); i++)
		for (size_t len = 0; len <= samples[i].len; len++) {
			char *copy = malloc(len > 0 ? len : 1);
			assert_non_null(copy);
			memcpy(copy, samples[i].bytes, len);
			assert_true(strchr(sniff(copy, len, len % 2).type, '/') != NULL);
			for (int byte = 0; len > 0 && byte < 256; byte += 5) {
				copy[len - 1] = (char)byte;
				assert_true(sniff(copy, len, false).type[0] != '\0');
			}
			free(copy);
		}
}

static void names_and_contents(void **state)
{
	static const struct {
		const char *name;
		enum form form;
		const char *type;
		bool holds;
	} cases[] = {
		{"a/report.pdf", FORM_PDF, "application/pdf", true},
		{"a/report.PDF", FORM_PDF, "application/pdf", true},
		{"report.pdf", FORM_BINARY, "application/x-executable", false},
		{"report.pdf", FORM_SCRIPT, "text/x-shellscript", false},
		{"data.json", FORM_HTML, "text/html", false},
		{"notes.txt", FORM_TEXT, "text/plain", true},
		{"notes.txt", FORM_MAIL, "message/rfc822", true},
		{"notes.txt", FORM_SCRIPT, "text/x-shellscript", false},
		{"notes.md", FORM_BINARY, "application/x-dosexec", false},
		{"notes.md", FORM_EMPTY, "inode/x-empty", true},
		{"run.sh", FORM_SCRIPT, "text/x-shellscript", true},
		{"table.csv", FORM_TEXT, "text/plain", true},
		{"table.csv", FORM_HTML, "text/html", false},
		{"a.docx", FORM_OFFICE, OOXML "wordprocessingml.document", true},
		{"a.docx", FORM_OFFICE, OOXML "spreadsheetml.sheet", false},
		{"a.zip", FORM_OFFICE, OOXML "spreadsheetml.sheet", true},
		{"a.doc", FORM_OLE, "application/x-ole-storage", true},
		{"a.jpg", FORM_BINARY, "image/png", false},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct claim *claim = claim_find(cases[i].name);
		assert_non_null(claim);
		if (claim_holds_form(claim, (struct sniffed){cases[i].form, cases[i].type}) != cases[i].holds)
			fail_msg("%s with %s", cases[i].name, cases[i].type);
	}
	static const char *const nothing[] = {"", "a", "a.", ".log", "pdf", "x.pdf/y", "a.unknown", "a.p", "a.pdf ", "a. "};
	for (size_t i = 0; i < COUNT(nothing); i++)
		if (claim_find(nothing[i]) != NULL)
			fail_msg("\"%s\" claims something", nothing[i]);
}

static void wide_text(void **state)
{
	static const struct sample cases[] = {
		SAMPLE("TLP:RED", "\xff\xfeT\0L\0P\0:\0R\0E\0D\0"),
		SAMPLE("TLP:RED", "\xfe\xff\0T\0L\0P\0:\0R\0E\0D"),
		SAMPLE("AB", "A\0B\0"),
		SAMPLE("AB", "\0A\0B"),
		SAMPLE("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xff\xfe\xe9\0\xac\x20\x3d\xd8\x00\xde"),
		SAMPLE("\xef\xbf\xbdx", "\xff\xfe\x00\xdcx\0"),
		SAMPLE("\xef\xbf\xbd", "\xff\xfe\x3d\xd8"),
		SAMPLE("A", "\xff\xfe"
					"A\0B"),
		SAMPLE("", ""),
		SAMPLE("", "x"),
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[64];
		size_t len = utf16_to_utf8(out, cases[i].bytes, cases[i].len);
		out[len] = '\0';
		assert_string_equal(out, cases[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_forms),
		cmocka_unit_test(hostile_forms),
		cmocka_unit_test(names_and_contents),
		cmocka_unit_test(wide_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
