/* SPDX-License-Identifier: Apache-2.0 */
/* The strict loader: libyaml's events, minus everything that lets one text mean two things.
 *
 *   document = kind LF pairs            the first line byte for byte, then a block mapping
 *   refused    byte order mark, directives, ---, ..., anchors, aliases, tags, keys that are no scalars,
 *              more than 16 levels, NUL inside a scalar, a value that is not there ("key:")
 *
 * libyaml refuses none of these by itself, has no limit of depth, and needs quadratic time on unclosed brackets: so
 * events are taken one by one, and the first one that is not allowed ends it. */
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct yaml {
	yaml_parser_t parser;
	yaml_event_t event; /* kept until the next one is wanted: scalars are lent out of it */
	bool pending;       /* event is up next: looked at, not yet consumed */
	const char *bytes;
	size_t len;
	size_t cursor, cursor_index; /* a byte offset in bytes, and the same in characters, as libyaml counts */
	size_t line, column;         /* of the value consumed last, counted from 1 */
	unsigned depth;
	const char *key; /* of the field that is being read; NULL outside */
	enum err_code code;
};

/* Foreign text in messages is cut here. BLANKS_MAX: more than any text that a document may hold. */
enum { SHOWN_MAX = 64, PAIR_KEY_MAX = 255, BLANKS_MAX = 1100 };

[[gnu::format(printf, 5, 0)]] static int fail_at(struct yaml *yaml, struct err *err, size_t line, size_t column,
												 const char *fmt, va_list args)
{
	char text[ERR_MESSAGE_MAX / 2];
	(void)vsnprintf(text, sizeof text, fmt, args);
	return err_set(err, yaml->code, "line %zu, column %zu: %s", line, column, text);
}

int yaml_fail(struct yaml *yaml, struct err *err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int rc = fail_at(yaml, err, yaml->line, yaml->column, fmt, args);
	va_end(args);
	return rc;
}

void yaml_place(const struct yaml *yaml, unsigned *out_line, unsigned *out_column)
{
	*out_line = (unsigned)yaml->line;
	*out_column = (unsigned)yaml->column;
}

/* The same at the event that is up next. */
[[gnu::format(printf, 3, 4)]] static int fail_here(struct yaml *yaml, struct err *err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int rc = fail_at(yaml, err, yaml->event.start_mark.line + 1, yaml->event.start_mark.column + 1, fmt, args);
	va_end(args);
	return rc;
}

int yaml_fail_value(struct yaml *yaml, struct err *err, const char *fmt, ...)
{
	char text[ERR_MESSAGE_MAX / 4];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (yaml->key == NULL)
		return yaml_fail(yaml, err, "the value %s", text);
	return yaml_fail(yaml, err, "\"%s\" %s", yaml->key, text);
}

static int fail_libyaml(struct yaml *yaml, struct err *err)
{
	const yaml_parser_t *p = &yaml->parser;
	if (p->error == YAML_MEMORY_ERROR)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (p->error == YAML_READER_ERROR)
		return err_set(err, yaml->code, "byte %zu: %s", p->problem_offset, p->problem);
	return err_set(err, yaml->code, "line %zu, column %zu: %s", p->problem_mark.line + 1, p->problem_mark.column + 1,
				   p->problem != NULL ? p->problem : "not YAML");
}

/* Whether the character with this number, counted from the start, is c. Asked with growing numbers only. */
static bool char_at_is(struct yaml *yaml, size_t index, char c)
{
	while (yaml->cursor < yaml->len && yaml->cursor_index < index) {
		yaml->cursor++;
		if (yaml->cursor == yaml->len || ((unsigned char)yaml->bytes[yaml->cursor] & 0xC0) != 0x80)
			yaml->cursor_index++;
	}
	return yaml->cursor < yaml->len && yaml->bytes[yaml->cursor] == c;
}

/* libyaml hides the tag "!" in front of a scalar: the event looks as if nothing stood there. */
static bool has_hidden_tag(struct yaml *yaml)
{
	const yaml_event_t *e = &yaml->event;
	if (!e->data.scalar.plain_implicit)
		return false; /* quoted without a tag */
	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return true;
	if (e->start_mark.line == e->end_mark.line && e->end_mark.index - e->start_mark.index == e->data.scalar.length)
		return false; /* plain, ASCII, nothing in front: the usual number */
	return char_at_is(yaml, e->start_mark.index, '!');
}

static int check_scalar(struct yaml *yaml, struct err *err)
{
	const yaml_event_t *e = &yaml->event;
	if (e->data.scalar.anchor != NULL)
		return fail_here(yaml, err, "anchors are not allowed");
	if (e->data.scalar.tag != NULL || has_hidden_tag(yaml))
		return fail_here(yaml, err, "tags are not allowed");
	return 0;
}

static int check_opening(struct yaml *yaml, const yaml_char_t *anchor, const yaml_char_t *tag, struct err *err)
{
	if (anchor != NULL)
		return fail_here(yaml, err, "anchors are not allowed");
	if (tag != NULL)
		return fail_here(yaml, err, "tags are not allowed");
	if (++yaml->depth > YAML_DEPTH_MAX)
		return fail_here(yaml, err, "more than %d levels deep", YAML_DEPTH_MAX);
	return 0;
}

static int check_document_start(struct yaml *yaml, struct err *err)
{
	const yaml_event_t *e = &yaml->event;
	if (e->data.document_start.version_directive != NULL ||
		e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
		return fail_here(yaml, err, "directives are not allowed");
	if (!e->data.document_start.implicit)
		return fail_here(yaml, err, "only one document is allowed");
	return 0;
}

static int check_event(struct yaml *yaml, struct err *err)
{
	const yaml_event_t *e = &yaml->event;
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return check_scalar(yaml, err);
	case YAML_SEQUENCE_START_EVENT:
		return check_opening(yaml, e->data.sequence_start.anchor, e->data.sequence_start.tag, err);
	case YAML_MAPPING_START_EVENT:
		return check_opening(yaml, e->data.mapping_start.anchor, e->data.mapping_start.tag, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		yaml->depth--;
		return 0;
	case YAML_ALIAS_EVENT:
		return fail_here(yaml, err, "aliases are not allowed");
	case YAML_DOCUMENT_START_EVENT:
		return check_document_start(yaml, err);
	case YAML_DOCUMENT_END_EVENT:
		return e->data.document_end.implicit ? 0 : fail_here(yaml, err, "an end marker is not allowed");
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
		return 0;
	case YAML_NO_EVENT:
	default:
		return err_set(err, yaml->code, "the document ends too early");
	}
}

/* Make sure that yaml->event is the one up next. */
static int peek(struct yaml *yaml, struct err *err)
{
	if (yaml->pending)
		return 0;
	yaml_event_delete(&yaml->event);
	if (!yaml_parser_parse(&yaml->parser, &yaml->event))
		return fail_libyaml(yaml, err);
	yaml->pending = true;
	return check_event(yaml, err);
}

/* Consume the event up next; what it holds stays valid until the next peek(). */
static void take(struct yaml *yaml)
{
	yaml->pending = false;
	yaml->line = yaml->event.start_mark.line + 1;
	yaml->column = yaml->event.start_mark.column + 1;
}

static bool next_is(const struct yaml *yaml, yaml_event_type_t type)
{
	return yaml->event.type == type;
}

static int expect(struct yaml *yaml, yaml_event_type_t type, const char *what, struct err *err)
{
	if (peek(yaml, err) != 0)
		return -1;
	bool fits = next_is(yaml, type);
	take(yaml);
	return fits ? 0 : yaml_fail_value(yaml, err, "must be %s", what);
}

/* --- opening --- */

/* Length of "valise-x: " in "valise-x: 1". */
static size_t kind_name_len(const char *kind)
{
	return (size_t)(strrchr(kind, ' ') + 1 - kind);
}

/* Whether the first line is the right kind with another number. */
static bool is_other_version(const char *bytes, size_t len, const char *kind)
{
	size_t at = kind_name_len(kind);
	if (len <= at || memcmp(bytes, kind, at) != 0)
		return false;
	size_t digits = 0;
	while (at < len && bytes[at] >= '0' && bytes[at] <= '9') {
		at++;
		digits++;
	}
	return digits > 0 && at < len && bytes[at] == '\n';
}

static int check_kind(const struct yaml *yaml, const char *kind, struct err *err)
{
	size_t kind_len = strlen(kind);
	if (yaml->len > kind_len && memcmp(yaml->bytes, kind, kind_len) == 0 && yaml->bytes[kind_len] == '\n')
		return 0;
	if (is_other_version(yaml->bytes, yaml->len, kind))
		return err_set(err, ERR_VERSION, "line 1: another version of the document than \"%s\"", kind);
	return err_set(err, yaml->code, "line 1: must be exactly \"%s\"", kind);
}

/* How many bytes at text take part in a run of blanks: a space, tab or line end as libyaml knows them; 0 for none. */
static size_t blank_len(const char *text, size_t left)
{
	if (*text == ' ' || *text == '\n' || *text == '\t' || *text == '\r')
		return 1;
	if (left >= 2 && memcmp(text, "\xC2\x85", 2) == 0)
		return 2;
	return left >= 3 && (memcmp(text, "\xE2\x80\xA8", 3) == 0 || memcmp(text, "\xE2\x80\xA9", 3) == 0) ? 3 : 0;
}

/* Inside a scalar libyaml keeps the blanks between two words in a buffer that only grows, and wipes all of it at every
 * further gap: after one long run, megabytes a word. Behind the last word they do no harm: a padded document has them.
 */
static int check_blanks(const struct yaml *yaml, struct err *err)
{
	size_t run = 0, line = 1;
	for (size_t at = 0, n; at<yaml->len; at += n> 0 ? n : 1) {
		n = blank_len(yaml->bytes + at, yaml->len - at);
		if (n == 0 && run > BLANKS_MAX)
			return err_set(err, yaml->code, "line %zu: more than %d spaces and line ends in a row", line, BLANKS_MAX);
		run = n > 0 ? run + n : 0;
		line += yaml->bytes[at] == '\n';
	}
	return 0;
}

static int expect_text(struct yaml *yaml, const char *text, size_t len, struct err *err)
{
	if (peek(yaml, err) != 0)
		return -1;
	if (!next_is(yaml, YAML_SCALAR_EVENT) || yaml->event.data.scalar.length != len ||
		memcmp(yaml->event.data.scalar.value, text, len) != 0)
		return fail_here(yaml, err, "the first line must stand alone");
	take(yaml);
	return 0;
}

/* The first line again, as libyaml sees it: it could go on in the second ("1", LF, "  2"). */
static int enter_document(struct yaml *yaml, const char *kind, struct err *err)
{
	size_t name_len = kind_name_len(kind);
	if (expect(yaml, YAML_STREAM_START_EVENT, "a document", err) != 0 ||
		expect(yaml, YAML_DOCUMENT_START_EVENT, "a document", err) != 0 ||
		expect(yaml, YAML_MAPPING_START_EVENT, "a mapping", err) != 0)
		return -1;
	if (expect_text(yaml, kind, name_len - 2, err) != 0)
		return -1;
	return expect_text(yaml, kind + name_len, strlen(kind) - name_len, err);
}

int yaml_open(struct yaml **out, const char *bytes, size_t len, const char *kind, enum err_code code, struct err *err)
{
	*out = NULL;
	auto_yaml *yaml = calloc(1, sizeof *yaml);
	if (yaml == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	yaml->bytes = bytes;
	yaml->len = len;
	yaml->code = code;
	if (check_kind(yaml, kind, err) != 0 || check_blanks(yaml, err) != 0)
		return -1;
	if (!yaml_parser_initialize(&yaml->parser))
		return err_set(err, ERR_MEMORY, "out of memory");
	yaml_parser_set_encoding(&yaml->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&yaml->parser, (const unsigned char *)bytes, len);
	if (enter_document(yaml, kind, err) != 0)
		return -1;
	*out = steal(&yaml);
	return 0;
}

void yaml_close(struct yaml *yaml)
{
	if (yaml == NULL)
		return;
	yaml_event_delete(&yaml->event);
	yaml_parser_delete(&yaml->parser);
	free(yaml);
}

/* --- mappings --- */

static int find_field(const struct yaml *yaml, const struct yaml_field *fields, size_t count)
{
	const char *key = (const char *)yaml->event.data.scalar.value;
	size_t len = yaml->event.data.scalar.length;
	for (size_t i = 0; i < count; i++)
		if (strlen(fields[i].key) == len && memcmp(fields[i].key, key, len) == 0)
			return (int)i;
	return -1;
}

static int check_missing(struct yaml *yaml, const struct yaml_field *fields, size_t count, uint64_t seen,
						 struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].presence == YAML_REQUIRED && !(seen >> i & 1))
			return yaml_fail(yaml, err, "\"%s\" is missing", fields[i].key);
	return 0;
}

/* One key, up next, and its value. */
static int read_field(struct yaml *yaml, const struct yaml_field *fields, size_t count, uint64_t *seen, void *into,
					  struct err *err)
{
	if (!next_is(yaml, YAML_SCALAR_EVENT))
		return fail_here(yaml, err, "a key must be a word");
	int at = find_field(yaml, fields, count);
	if (at < 0)
		return fail_here(yaml, err, "unknown key \"%.*s\"", SHOWN_MAX, (const char *)yaml->event.data.scalar.value);
	if (*seen >> at & 1)
		return fail_here(yaml, err, "\"%s\" stands here a second time", fields[at].key);
	*seen |= (uint64_t)1 << at;
	take(yaml);
	yaml->key = fields[at].key;
	return fields[at].read(yaml, into, err);
}

static int read_fields(struct yaml *yaml, const struct yaml_field *fields, size_t count, void *into, struct err *err)
{
	const char *outer_key = yaml->key;
	uint64_t seen = 0;
	if (count > 64)
		return err_set(err, ERR_INTERNAL, "a mapping of more than 64 fields");
	for (;;) {
		if (peek(yaml, err) != 0)
			return -1;
		if (next_is(yaml, YAML_MAPPING_END_EVENT))
			break;
		if (read_field(yaml, fields, count, &seen, into, err) != 0)
			return -1;
	}
	take(yaml);
	yaml->key = outer_key;
	return check_missing(yaml, fields, count, seen, err);
}

int yaml_read_map(struct yaml *yaml, const struct yaml_field *fields, size_t count, void *into, struct err *err)
{
	if (expect(yaml, YAML_MAPPING_START_EVENT, "a mapping", err) != 0)
		return -1;
	return read_fields(yaml, fields, count, into, err);
}

int yaml_read_document(struct yaml *yaml, const struct yaml_field *fields, size_t count, void *into, struct err *err)
{
	if (read_fields(yaml, fields, count, into, err) != 0 || peek(yaml, err) != 0)
		return -1;
	if (!next_is(yaml, YAML_DOCUMENT_END_EVENT))
		return fail_here(yaml, err, "the document must end here");
	take(yaml);
	if (peek(yaml, err) != 0)
		return -1;
	if (!next_is(yaml, YAML_STREAM_END_EVENT))
		return fail_here(yaml, err, "only one document is allowed");
	take(yaml);
	return 0;
}

int yaml_read_pairs(struct yaml *yaml, int (*each)(struct yaml *, const char *key, void *into, struct err *),
					void *into, struct err *err)
{
	if (expect(yaml, YAML_MAPPING_START_EVENT, "a mapping", err) != 0)
		return -1;
	for (;;) {
		char key[PAIR_KEY_MAX + 1];
		if (peek(yaml, err) != 0)
			return -1;
		if (next_is(yaml, YAML_MAPPING_END_EVENT))
			break;
		if (!next_is(yaml, YAML_SCALAR_EVENT))
			return fail_here(yaml, err, "a key must be a word");
		if (yaml_read_into(yaml, key, sizeof key, 1, err) != 0)
			return -1;
		if (strcmp(key, "<<") == 0)
			return yaml_fail(yaml, err, "merge keys are not allowed");
		if (each(yaml, key, into, err) != 0)
			return -1;
	}
	take(yaml);
	return 0;
}

/* --- sequences --- */

int yaml_seq_begin(struct yaml *yaml, struct err *err)
{
	return expect(yaml, YAML_SEQUENCE_START_EVENT, "a list", err);
}

int yaml_seq_end(struct yaml *yaml, struct err *err)
{
	if (peek(yaml, err) != 0)
		return -1;
	bool fits = next_is(yaml, YAML_SEQUENCE_END_EVENT);
	take(yaml);
	return fits ? 0 : yaml_fail_value(yaml, err, "has more items here than it may");
}

int yaml_read_seq(struct yaml *yaml, int (*each)(struct yaml *, void *into, struct err *), void *into, struct err *err)
{
	if (yaml_seq_begin(yaml, err) != 0)
		return -1;
	for (;;) {
		if (peek(yaml, err) != 0)
			return -1;
		if (next_is(yaml, YAML_SEQUENCE_END_EVENT))
			break;
		if (each(yaml, into, err) != 0)
			return -1;
	}
	take(yaml);
	return 0;
}

/* --- scalars --- */

/* Whether there is nothing where a value should be: "key:", which other readers take for null. */
static bool is_absent(const yaml_event_t *e)
{
	return e->data.scalar.length == 0 && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static int fail_length(struct yaml *yaml, size_t min, size_t max, struct err *err)
{
	if (min == max)
		return yaml_fail_value(yaml, err, "must have exactly %zu bytes", max);
	return yaml_fail_value(yaml, err, "must have %zu to %zu bytes", min, max);
}

int yaml_read_text(struct yaml *yaml, const char **out, size_t *out_len, size_t min, size_t max, struct err *err)
{
	if (peek(yaml, err) != 0)
		return -1;
	const yaml_event_t *e = &yaml->event;
	take(yaml);
	if (next_is(yaml, YAML_SEQUENCE_END_EVENT))
		return yaml_fail_value(yaml, err, "has fewer items here than it must");
	if (!next_is(yaml, YAML_SCALAR_EVENT))
		return yaml_fail_value(yaml, err, "must be text or a number, not a list or mapping");
	if (is_absent(e))
		return yaml_fail_value(yaml, err, "has no value");
	size_t len = e->data.scalar.length;
	if (memchr(e->data.scalar.value, '\0', len) != NULL)
		return yaml_fail_value(yaml, err, "holds the character U+0000");
	if (len < min || len > max)
		return fail_length(yaml, min, max, err);
	*out = (const char *)e->data.scalar.value;
	*out_len = len;
	return 0;
}

int yaml_read_into(struct yaml *yaml, char *out, size_t size, size_t min, struct err *err)
{
	const char *text;
	size_t len;
	if (yaml_read_text(yaml, &text, &len, min, size - 1, err) != 0)
		return -1;
	memcpy(out, text, len + 1);
	return 0;
}
