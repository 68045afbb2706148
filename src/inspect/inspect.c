/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"
#include "inspect/claims.h"
#include "inspect/inspect_internal.h"
#include "inspect/magic.h"
#include "inspect/mail.h"
#include "inspect/markup.h"
#include "inspect/pdf.h"
#include "inspect/text_labels.h"
#include "inspect/utf16.h"
#include "inspect/zip.h"

#include <stdio.h>
#include <string.h>

enum { ROOM = 128 << 10, MARKUP_HEAD_BYTES = 64 << 10, TEXT_PROBE = 1024 };
#define UNKNOWN "application/octet-stream"

struct inspector {
	enum inspect_types types;
	struct text_labels *text;
	struct json_labels *json;
	struct magic_types *magic; /* opened when it is first needed */
	bool magic_tried;
	struct inspection ignored; /* of a reader that is only asked whether it can read */
	char *room;                /* ROOM: the file's beginning, or its next piece */
	char *decoded;             /* ROOM */
};

/* A file that is being looked at. */
struct file {
	int fd;
	const struct claim *claim;
	size_t head_len; /* of what stands in the room */
	bool whole;      /* that is all of it */
	struct sniffed sniffed;
};

void inspection_add(struct inspection *out, struct label_ref label, const char *where, const char *said)
{
	for (uint32_t i = 0; i < out->finding_count; i++)
		if (out->findings[i].label.scheme == label.scheme && out->findings[i].label.label == label.label)
			return;
	if (out->finding_count == FINDINGS_MAX) {
		out->more_findings = true;
		return;
	}
	struct finding *finding = &out->findings[out->finding_count++];
	finding->label = label;
	(void)snprintf(finding->where, sizeof finding->where, "%s", where);
	(void)snprintf(finding->said, sizeof finding->said, "%s", said);
}

int inspector_new(struct inspector **out, const struct scheme_set *schemes, enum inspect_types types, struct err *err)
{
	*out = NULL;
	auto_inspector *inspector = calloc(1, sizeof *inspector);
	if (inspector == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	inspector->types = types;
	inspector->room = malloc(ROOM);
	inspector->decoded = malloc(ROOM);
	if (inspector->room == NULL || inspector->decoded == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (text_labels_new(&inspector->text, schemes, err) < 0 || json_labels_new(&inspector->json, schemes, err) < 0)
		return -1;
	if (types == INSPECT_TYPES_FULL && magic_types_new(&inspector->magic, NULL, err) < 0)
		return -1;
	*out = steal(&inspector);
	return 0;
}

void inspector_free(struct inspector *inspector)
{
	if (inspector == NULL)
		return;
	text_labels_free(inspector->text);
	json_labels_free(inspector->json);
	magic_types_free(inspector->magic);
	free(inspector->room);
	free(inspector->decoded);
	free(inspector);
}

/* --- types --- */

static void set_type(char *out, const char *type)
{
	(void)snprintf(out, MANIFEST_MEDIA_TYPE_MAX + 1, "%s", type);
}

/* Without its database, own knowledge has to do. NULL: not to be had. */
static const char *ask_magic(struct inspector *inspector, const void *head, size_t len)
{
	struct err ignored = ERR_INIT;
	if (inspector->magic == NULL && !inspector->magic_tried)
		(void)magic_types_new(&inspector->magic, NULL, &ignored);
	inspector->magic_tried = true;
	return inspector->magic != NULL ? magic_types_find(inspector->magic, head, len) : NULL;
}

/* libmagic's word against our own: what only says "text", "zip" or "some bytes" gives way to what says more. */
static const char *fuller(const char *magic, struct sniffed own)
{
	static const char *const vague[] = {UNKNOWN, "text/plain", "application/zip", "application/x-empty", "text/xml"};
	for (size_t i = 0; i < sizeof vague / sizeof vague[0]; i++)
		if (strcmp(magic, vague[i]) == 0)
			return own.type;
	/* Guesses at the language of a text; mail and pages are better known by their structure. */
	if (strncmp(magic, "text/", 5) == 0 && (own.form == FORM_MAIL || own.form == FORM_HTML || own.form == FORM_JSON))
		return own.type;
	return own.form == FORM_EMPTY ? own.type : magic;
}

static const char *find_type(struct inspector *inspector, const struct file *file, const char *head, size_t len)
{
	const struct sniffed own = file->sniffed;
	const char *magic = NULL;
	const bool ask = inspector->types == INSPECT_TYPES_FULL ||
					 (own.form == FORM_UNKNOWN && file->claim != NULL && file->claim->kind == CLAIM_ASK);
	/* Plain text costs libmagic the most, and what kind it is shows early. */
	if (ask && len > 0)
		magic = ask_magic(inspector, head, own.form == FORM_TEXT && len > TEXT_PROBE ? TEXT_PROBE : len);
	return magic != NULL ? fuller(magic, own) : own.type;
}

static void compare_with_name(const struct file *file, struct inspection *out)
{
	const struct claim *claim = file->claim;
	const bool fits = claim == NULL || file->sniffed.form == FORM_EMPTY || claim_holds_form(claim, file->sniffed) ||
					  (file->sniffed.form != FORM_SCRIPT && claim_holds(claim, out->media_type));
	set_type(out->named_type, fits ? "" : claim->type);
}

/* Whether it is JSON after all, as far as it can be seen; then nothing is found. */
static bool is_json(struct inspector *inspector, const char *head, size_t len, bool whole)
{
	struct err ignored = ERR_INIT;
	inspector->ignored = (struct inspection){.not_whole = !whole};
	json_labels_begin(inspector->json, &inspector->ignored);
	return json_labels_feed(inspector->json, head, len, &ignored) == 0 &&
		   json_labels_end(inspector->json, &ignored) == 0;
}

/* What began like JSON and is none. */
static struct sniffed sniffed_without_json(const void *head, size_t len)
{
	return sniff_is_text(head, len) ? (struct sniffed){FORM_TEXT, "text/plain"}
									: (struct sniffed){FORM_UNKNOWN, UNKNOWN};
}

int inspect_type(struct inspector *inspector, const void *head, size_t len, char *out, struct err *err)
{
	struct file file = {.sniffed = sniff(head, len, len < INSPECT_HEAD_BYTES)};
	(void)err;
	if (file.sniffed.form == FORM_JSON && !is_json(inspector, head, len, len < INSPECT_HEAD_BYTES))
		file.sniffed = sniffed_without_json(head, len);
	set_type(out, find_type(inspector, &file, head, len));
	return 0;
}

/* --- looking into it --- */

static int read_head(struct inspector *inspector, struct file *file, size_t len, struct err *err)
{
	ssize_t n = io_pread_up_to(file->fd, inspector->room, len, 0, err);
	if (n < 0)
		return -1;
	file->head_len = (size_t)n;
	file->whole = file->head_len < len;
	return 0;
}

static void say_not_read(struct inspection *out, const char *why)
{
	(void)snprintf(out->not_read, sizeof out->not_read, "%s", why);
}

static void look_at_text(struct inspector *inspector, const char *text, size_t len, struct inspection *out)
{
	text_labels_find(inspector->text, text, len, (struct text_place){.kind = PLACE_LINE}, out);
}

/* What is fed stands in the room first, then piece by piece what follows. */
static int feed_json(struct inspector *inspector, const struct file *file, struct inspection *out, struct err *err)
{
	uint64_t done = file->head_len;
	size_t len = file->head_len;
	json_labels_begin(inspector->json, out);
	while (len > 0) {
		if (json_labels_feed(inspector->json, inspector->room, len, err) < 0)
			return -1;
		if (file->whole)
			break;
		/* One byte more tells whether there is more. */
		const size_t want = done < INSPECT_BYTES_MAX ? ROOM : 1;
		ssize_t n = io_pread_up_to(file->fd, inspector->room, want, done, err);
		if (n < 0)
			return -1;
		if (done >= INSPECT_BYTES_MAX && n > 0) {
			out->not_whole = true;
			break;
		}
		done += (uint64_t)n;
		len = (size_t)n;
	}
	return json_labels_end(inspector->json, err);
}

/* Named so, it must be JSON; what only looks like it is text where it is none. What was found in it counts either way.
 */
static int look_at_json(struct inspector *inspector, struct file *file, struct inspection *out, struct err *err)
{
	struct err why = ERR_INIT;
	if (feed_json(inspector, file, out, &why) == 0)
		return 0;
	if (why.code != ERR_CONTENT || claim_is(file->claim, "application/json")) {
		*err = why;
		return -1;
	}
	if (read_head(inspector, file, INSPECT_HEAD_BYTES, err) < 0)
		return -1;
	file->sniffed = sniffed_without_json(inspector->room, file->head_len);
	out->not_whole = false;
	look_at_text(inspector, inspector->room, file->head_len, out);
	return 0;
}

/* Pages and messages have more in front of their text than text has. */
static int look_at_markup(struct inspector *inspector, struct file *file, enum markup kind, struct inspection *out,
						  struct err *err)
{
	if (!file->whole && read_head(inspector, file, MARKUP_HEAD_BYTES, err) < 0)
		return -1;
	bool cut = false;
	size_t len = markup_to_text(inspector->decoded, ROOM, inspector->room, file->head_len, kind, &cut);
	if (cut)
		say_not_read(out, "it holds more text than is looked at");
	look_at_text(inspector, inspector->decoded, len, out);
	if (kind == MARKUP_XML)
		look_at_text(inspector, inspector->room, file->head_len, out); /* attributes say things too */
	return 0;
}

static int look_at_mail(struct inspector *inspector, struct file *file, struct inspection *out, struct err *err)
{
	if (!file->whole && read_head(inspector, file, MARKUP_HEAD_BYTES, err) < 0)
		return -1;
	return mail_labels(inspector->text, inspector->room, file->head_len, out, err);
}

static int look_at_office(struct inspector *inspector, struct file *file, struct inspection *out, struct err *err)
{
	const char *type = NULL;
	if (office_labels(inspector->text, file->fd, out, &type, err) < 0)
		return -1;
	if (file->sniffed.form == FORM_ZIP && type != NULL)
		file->sniffed = (struct sniffed){FORM_OFFICE, type};
	return 0;
}

/* OOXML whose first members do not tell what it is. */
static bool may_be_office(const struct inspector *inspector, const struct file *file)
{
	const char *const member = "[Content_Types].xml";
	return (file->claim != NULL && strstr(file->claim->type, "officedocument") != NULL) ||
		   memmem(inspector->room, file->head_len, member, strlen(member)) != NULL;
}

static int look_at_zip(struct inspector *inspector, struct file *file, struct inspection *out, struct err *err)
{
	if (may_be_office(inspector, file)) {
		if (look_at_office(inspector, file, out, err) < 0)
			return -1;
		if (file->sniffed.form == FORM_OFFICE)
			return 0;
	}
	say_not_read(out, "archives are not looked into");
	return 0;
}

/* Of a form that its name gives away where the content does not: fragments of pages, text with stray bytes. */
static int look_at_rest(struct inspector *inspector, struct file *file, struct inspection *out, struct err *err)
{
	if (file->sniffed.form == FORM_TEXT && claim_is(file->claim, "text/html"))
		return look_at_markup(inspector, file, MARKUP_HTML, out, err);
	if (file->sniffed.form != FORM_UNKNOWN || (file->claim != NULL && strncmp(file->claim->type, "text/", 5) == 0))
		look_at_text(inspector, inspector->room, file->head_len, out);
	if (strcmp(file->sniffed.type, "text/rtf") == 0)
		say_not_read(out, "RTF is looked at without undoing its control words");
	else if (file->sniffed.form == FORM_UNKNOWN && file->claim != NULL && strncmp(file->claim->type, "text/", 5) == 0)
		say_not_read(out, "it calls itself text, and is none or in an unknown encoding");
	return 0;
}

static void look_at_utf16(struct inspector *inspector, const struct file *file, struct inspection *out)
{
	size_t len = utf16_to_utf8(inspector->decoded, inspector->room, file->head_len);
	const enum form form = sniff(inspector->decoded, len, file->whole).form;
	bool cut = false;
	look_at_text(inspector, inspector->decoded, len, out);
	if (form != FORM_HTML && form != FORM_XML && !claim_is(file->claim, "text/html"))
		return;
	len = markup_to_text(inspector->room, ROOM, inspector->decoded, len, form == FORM_XML ? MARKUP_XML : MARKUP_HTML,
						 &cut);
	look_at_text(inspector, inspector->room, len, out);
}

static int look(struct inspector *inspector, struct file *file, struct inspection *out, struct err *err)
{
	if (claim_is(file->claim, "application/json"))
		return look_at_json(inspector, file, out, err);
	switch (file->sniffed.form) {
	case FORM_JSON:
		return look_at_json(inspector, file, out, err);
	case FORM_HTML:
		return look_at_markup(inspector, file, MARKUP_HTML, out, err);
	case FORM_XML:
		return look_at_markup(inspector, file, MARKUP_XML, out, err);
	case FORM_MAIL:
		return look_at_mail(inspector, file, out, err);
	case FORM_PDF:
		return pdf_labels(inspector->text, file->fd, NULL, out, err);
	case FORM_OFFICE:
		return look_at_office(inspector, file, out, err);
	case FORM_ZIP:
		return look_at_zip(inspector, file, out, err);
	case FORM_UTF16:
		look_at_utf16(inspector, file, out);
		return 0;
	case FORM_ARCHIVE:
		say_not_read(out, "archives are not looked into");
		return 0;
	case FORM_OLE:
		say_not_read(out, "office documents of before 2007 are not looked into");
		return 0;
	case FORM_TEXT:
	case FORM_SCRIPT:
	case FORM_UNKNOWN:
		return look_at_rest(inspector, file, out, err);
	default:
		return 0;
	}
}

int inspect_file(struct inspector *inspector, int fd, const char *name, uint64_t size, struct inspection *out,
				 struct err *err)
{
	struct file file = {.fd = fd, .claim = claim_find(name)};
	(void)size; /* the file itself is the better witness */
	*out = (struct inspection){0};
	if (read_head(inspector, &file, INSPECT_HEAD_BYTES, err) < 0)
		return -1;
	file.sniffed = sniff(inspector->room, file.head_len, file.whole);
	/* libmagic first: the room holds the head only until it is looked into. */
	set_type(out->media_type, find_type(inspector, &file, inspector->room, file.head_len));
	const struct sniffed before = file.sniffed;
	if (file.sniffed.form != FORM_EMPTY && look(inspector, &file, out, err) < 0)
		return -1;
	if (file.sniffed.form != before.form && strcmp(out->media_type, before.type) == 0)
		set_type(out->media_type, file.sniffed.type);
	compare_with_name(&file, out);
	return 0;
}
