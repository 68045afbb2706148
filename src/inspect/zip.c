/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive, zip only, stored and deflated members only, and only those whose names are known. Everything is counted:
 * members, bytes read from the file, bytes that come out of each member and of all. At a limit the looking ends and the
 * caller is told; a bomb is not unpacked, since only the head of a member is ever asked for. */
#include "inspect/zip.h"

#include "base/cancel.h"
#include "base/io.h"
#include "inspect/markup.h"
#include "inspect/utf16.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define OOXML "application/vnd.openxmlformats-officedocument."
#define ODF "application/vnd.oasis.opendocument."

enum {
	MEMBERS_MAX = 2000,
	MEMBER_BYTES_MAX = 1 << 20,
	MEMBER_ROOM = MEMBER_BYTES_MAX + MEMBER_BYTES_MAX / 2, /* as UTF-16 it grows by half */
	TOTAL_BYTES_MAX = 16 << 20,
	READ_BYTES_MAX = 24 << 20, /* of the file: what the members of interest take, and the list of all */
	BLOCK = 64 << 10,
	NAME_MAX_SHOWN = FINDING_WHERE_MAX - 1,
};

struct zip {
	const struct text_labels *labels;
	struct inspection *out;
	struct archive *archive;
	int fd;
	uint64_t position, size, read; /* read: of the file, in all */
	uint64_t unpacked;             /* of all members */
	char *block, *member, *text;   /* BLOCK, MEMBER_ROOM each */
	const char *type;
	struct err io_err; /* why reading failed, behind libarchive's back */
};

static void zip_clear(struct zip *zip)
{
	if (zip->archive != NULL)
		(void)archive_read_free(zip->archive);
	free(zip->block);
	free(zip->member);
	free(zip->text);
}

/* --- the file, for libarchive --- */

static la_ssize_t on_read(struct archive *archive, void *ctx, const void **out)
{
	struct zip *zip = ctx;
	(void)archive;
	if (zip->read >= READ_BYTES_MAX)
		return ARCHIVE_FATAL;
	ssize_t n = io_pread_up_to(zip->fd, zip->block, BLOCK, zip->position, &zip->io_err);
	if (n < 0)
		return ARCHIVE_FATAL;
	zip->position += (uint64_t)n;
	zip->read += (uint64_t)n;
	*out = zip->block;
	return n;
}

static la_int64_t on_seek(struct archive *archive, void *ctx, la_int64_t offset, int whence)
{
	struct zip *zip = ctx;
	const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)zip->position : (int64_t)zip->size;
	(void)archive;
	if (offset < -base || offset > INT64_MAX - base)
		return ARCHIVE_FATAL;
	zip->position = (uint64_t)(base + offset);
	return base + offset;
}

static la_int64_t on_skip(struct archive *archive, void *ctx, la_int64_t count)
{
	struct zip *zip = ctx;
	(void)archive;
	const uint64_t left = zip->position < zip->size ? zip->size - zip->position : 0;
	if (count < 0 || (uint64_t)count > left)
		return 0;
	zip->position += (uint64_t)count;
	return count;
}

static int zip_open(struct zip *zip, struct err *err)
{
	off_t end = lseek(zip->fd, 0, SEEK_END);
	if (end < 0)
		return err_sys(err, "cannot read");
	zip->size = (uint64_t)end;
	zip->block = malloc(BLOCK);
	zip->member = malloc(MEMBER_ROOM);
	zip->text = malloc(MEMBER_ROOM);
	zip->archive = archive_read_new();
	if (zip->block == NULL || zip->member == NULL || zip->text == NULL || zip->archive == NULL ||
		archive_read_support_format_zip_seekable(zip->archive) != ARCHIVE_OK ||
		archive_read_set_seek_callback(zip->archive, on_seek) != ARCHIVE_OK ||
		archive_read_set_skip_callback(zip->archive, on_skip) != ARCHIVE_OK ||
		archive_read_set_read_callback(zip->archive, on_read) != ARCHIVE_OK ||
		archive_read_set_callback_data(zip->archive, zip) != ARCHIVE_OK)
		return err_set(err, ERR_MEMORY, "out of memory for the archive reader");
	return 0;
}

/* --- which members count --- */

struct rule {
	const char *prefix, *suffix; /* of the name */
	enum markup kind;
	bool whole; /* not only the head of its text: a header may stand behind the cells */
};

/* first fit */
static const struct rule *find_rule(const char *name)
{
	static const struct rule rules[] = {
		{"word/document", ".xml", MARKUP_PARAGRAPHS, false},
		{"word/header", ".xml", MARKUP_PARAGRAPHS, false},
		{"word/footer", ".xml", MARKUP_PARAGRAPHS, false},
		{"xl/sharedStrings", ".xml", MARKUP_PARAGRAPHS, true},
		{"xl/worksheets/", ".xml", MARKUP_SHEET, true},
		{"ppt/slides/slide", ".xml", MARKUP_PARAGRAPHS, false},
		{"ppt/slideMasters/slideMaster", ".xml", MARKUP_PARAGRAPHS, false},
		{"ppt/slideLayouts/slideLayout", ".xml", MARKUP_PARAGRAPHS, false},
		{"docProps/custom", ".xml", MARKUP_PROPERTIES, true},
		{"docProps/", ".xml", MARKUP_XML, true},
		{"word/", ".xml", MARKUP_PARAGRAPHS, false},
		{"xl/", ".xml", MARKUP_PARAGRAPHS, false},
		{"ppt/", ".xml", MARKUP_PARAGRAPHS, false},
		{"content.xml", "", MARKUP_PARAGRAPHS, false},
		{"styles.xml", "", MARKUP_PARAGRAPHS, true},
		{"meta.xml", "", MARKUP_PROPERTIES, true},
	};
	const size_t len = strlen(name);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const struct rule *rule = &rules[i];
		const size_t prefix = strlen(rule->prefix), suffix = strlen(rule->suffix);
		if (suffix == 0 ? strcasecmp(name, rule->prefix) != 0 : len < prefix + suffix)
			continue;
		if (strncasecmp(name, rule->prefix, prefix) == 0 && strcasecmp(name + len - suffix, rule->suffix) == 0)
			return rule;
	}
	return NULL;
}

static void learn_type(struct zip *zip, const char *name)
{
	static const struct {
		const char *member, *type;
	} kinds[] = {{"word/document.xml", OOXML "wordprocessingml.document"},
				 {"xl/workbook.xml", OOXML "spreadsheetml.sheet"},
				 {"ppt/presentation.xml", OOXML "presentationml.presentation"}};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcasecmp(name, kinds[i].member) == 0)
			zip->type = kinds[i].type;
}

/* --- a member --- */

static void say_cut(const struct zip *zip, bool cut)
{
	if (cut && zip->out->not_read[0] == '\0')
		(void)snprintf(zip->out->not_read, sizeof zip->out->not_read, "it holds more text than is looked at");
}

/* Other methods bring in decoders that no office program asks for. */
static bool is_usual_method(struct zip *zip)
{
	const char *format = archive_format_name(zip->archive);
	return format != NULL && (strstr(format, "(deflation)") != NULL || strstr(format, "(uncompressed)") != NULL);
}

/* The head of the current member into zip->member; -1 where it cannot be read. */
static ssize_t unpack(struct zip *zip)
{
	size_t len = 0, most = MEMBER_BYTES_MAX;
	if (most > TOTAL_BYTES_MAX - zip->unpacked)
		most = TOTAL_BYTES_MAX - zip->unpacked;
	while (len < most) {
		la_ssize_t n = archive_read_data(zip->archive, zip->member + len, most - len);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	zip->unpacked += len;
	return (ssize_t)len;
}

/* XML begins with '<', and with a mark otherwise. */
static bool is_utf16(const char *p, size_t len)
{
	return len >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0 || memcmp(p, "<\0", 2) == 0 ||
						memcmp(p, "\0<", 2) == 0);
}

static void look_at_member(struct zip *zip, const char *name, const struct rule *rule)
{
	char where[NAME_MAX_SHOWN + 1];
	ssize_t len = archive_read_has_encrypted_entries(zip->archive) == 1 || !is_usual_method(zip) ? -1 : unpack(zip);
	if (len < 0) {
		(void)snprintf(zip->out->not_read, sizeof zip->out->not_read, "%.60s in it cannot be read", name);
		return;
	}
	(void)snprintf(where, sizeof where, "%s", name);
	bool cut = false;
	const bool whole = len < MEMBER_BYTES_MAX;
	if (is_utf16(zip->member, (size_t)len)) {
		char *decoded = zip->text;
		len = (ssize_t)utf16_to_utf8(decoded, zip->member, (size_t)len);
		zip->text = zip->member;
		zip->member = decoded;
	}
	size_t text = markup_to_text(zip->text, MEMBER_ROOM, zip->member, (size_t)len, rule->kind, &cut);
	say_cut(zip, cut);
	if (!rule->whole && text > INSPECT_HEAD_BYTES)
		text = INSPECT_HEAD_BYTES;
	else
		say_cut(zip, !whole);
	text_labels_find(zip->labels, zip->text, text, (struct text_place){PLACE_NAME, where}, zip->out);
}

/* 1: a member was read; 0: there are no more; -1: the archive is broken, or costs too much. */
static int next_member(struct zip *zip)
{
	struct archive_entry *entry = NULL;
	int rc = archive_read_next_header(zip->archive, &entry);
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc < ARCHIVE_WARN)
		return -1;
	const char *name = archive_entry_pathname(entry);
	if (name == NULL)
		return 1;
	learn_type(zip, name);
	const struct rule *rule = find_rule(name);
	if (rule != NULL && zip->unpacked < TOTAL_BYTES_MAX)
		look_at_member(zip, name, rule);
	say_cut(zip, zip->unpacked >= TOTAL_BYTES_MAX);
	return 1;
}

int office_labels(const struct text_labels *labels, int fd, struct inspection *out, const char **out_type,
				  struct err *err)
{
	AUTO(zip_clear) struct zip zip = {.labels = labels, .out = out, .fd = fd};
	int rc = -1;
	*out_type = NULL;
	if (zip_open(&zip, err) < 0)
		return -1;
	if (archive_read_open1(zip.archive) == ARCHIVE_OK)
		for (int i = 0; i < MEMBERS_MAX && (rc = next_member(&zip)) > 0; i++)
			if (cancel_check(err) < 0)
				return -1;
	if (zip.io_err.code != ERR_OK) {
		if (err->code == ERR_OK)
			*err = zip.io_err;
		return -1;
	}
	if (rc < 0)
		(void)snprintf(out->not_read, sizeof out->not_read, "its members cannot be read (damaged, or too many)");
	say_cut(&zip, rc > 0);
	*out_type = zip.type;
	return 0;
}
