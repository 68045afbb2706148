/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include "base/words.h"

#include <stdarg.h>
#include <string.h>

/* --- rows --- */

static void print_key(const struct screen *screen, const char *key)
{
	(void)fprintf(screen->file, "  %-*s", ROW_INDENT - 2, key);
}

void report_row(const struct screen *screen, const char *key, const char *value)
{
	print_key(screen, key);
	screen_wrap(screen, ROW_INDENT, ROW_INDENT, value);
}

void report_rowf(const struct screen *screen, const char *key, const char *fmt, ...)
{
	char value[4096];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(value, sizeof value, fmt, args);
	va_end(args);
	report_row(screen, key, value);
}

void report_row_styled(const struct screen *screen, const char *key, const char *value)
{
	print_key(screen, key);
	(void)fprintf(screen->file, "%s\n", value);
}

/* --- names --- */

const char *party_text(struct cli *cli, const char *name, const char *organisation)
{
	char text[2 * PARTY_NAME_MAX + 8];
	if (name[0] == '\0')
		return "unknown key";
	bool both = organisation[0] != '\0';
	(void)snprintf(text, sizeof text, "%s%s%s%s", name, both ? " (" : "", organisation, both ? ")" : "");
	return safe(&cli->terminal, text);
}

const char *quoted(struct cli *cli, const char *foreign)
{
	auto_buf text = {0};
	struct err ignored = ERR_INIT;
	if (buf_printf(&text, &ignored, "\"%s\"", foreign) < 0)
		return "(out of memory)";
	return safe(&cli->terminal, text.data);
}

void report_handling(struct cli *cli, const struct screen *screen, const char *handling)
{
	if (handling == NULL || handling[0] == '\0')
		return;
	report_row(screen, "handling", quoted(cli, handling));
	report_row(screen, "", "everybody who holds the bundle can read this");
}

const char *fingerprint_text(struct cli *cli, const struct fingerprint *fpr)
{
	char spaced[FINGERPRINT_SPACED_MAX];
	fingerprint_format_spaced(spaced, fpr);
	return safe(&cli->terminal, spaced);
}

void report_fingerprint(struct cli *cli, const struct screen *screen, const struct fingerprint *fpr)
{
	char words[WORDS_TEXT_MAX];
	fingerprint_format_words(words, fpr);
	report_row(screen, "fingerprint", fingerprint_text(cli, fpr));
	report_row(screen, "in words", words);
}

/* --- labels --- */

const char *label_text(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes, const char *id)
{
	struct label_ref ref;
	if (!label_find(&ref, schemes, id))
		return safe(&cli->terminal, id);
	const char *text = safe(&cli->terminal, ref.label->text);
	if (!ref.label->has_colour)
		return text;
	return painted(&cli->terminal, screen, ref.label->colour, ref.label->background, text);
}

const char *labels_text(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes,
						const char (*ids)[LABEL_ID_MAX + 1], uint32_t count)
{
	auto_buf text = {0};
	struct err ignored = ERR_INIT;
	for (uint32_t i = 0; i < count; i++)
		if (buf_printf(&text, &ignored, "%s%s", i > 0 ? " " : "", label_text(cli, screen, schemes, ids[i])) < 0)
			return "(out of memory)";
	/* Every part is safe already, and escaping again would undo the colours. */
	return count > 0 ? ring_keep(&cli->terminal, text.data) : "none";
}

/* --- notices --- */

void report_notices(struct cli *cli, const struct notices *notices)
{
	for (unsigned i = 0; i < notices->count; i++)
		say(cli, "%s %s\n", styled(&cli->terminal, &cli->terminal.err, STYLE_WARN, "note:"),
			safe(&cli->terminal, notices->lines[i]));
}

struct json *notices_json(const struct notices *notices)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < notices->count; i++)
		json_add_text(array, notices->lines[i]);
	return array;
}

/* --- JSON --- */

void json_set_time(struct json *object, const char *key, int64_t time)
{
	char text[UTC_TEXT + 1];
	utc_format(text, time);
	json_set_text(object, key, time != 0 ? text : NULL);
}

void json_set_digest(struct json *object, const char *key, const struct digest *digest)
{
	char hex[DIGEST_HEX + 1];
	digest_format(hex, digest);
	json_set_text(object, key, digest_is_zero(digest) ? NULL : hex);
}

void json_set_labels(struct json *object, const char *key, const char (*ids)[LABEL_ID_MAX + 1], uint32_t count)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < count; i++)
		json_add_text(array, ids[i]);
	json_set(object, key, array);
}

void json_set_fingerprint(struct json *object, const struct fingerprint *fpr)
{
	char words[WORDS_TEXT_MAX];
	bool none = fpr->hex[0] == '\0';
	if (!none)
		fingerprint_format_words(words, fpr);
	json_set_text(object, "fingerprint", none ? NULL : fpr->hex);
	json_set_text(object, "words", none ? NULL : words);
}

struct json *medium_json(const struct medium *medium)
{
	struct json *json = json_object_new();
	json_set_text(json, "mounted-at", medium->point);
	json_set_text(json, "source", medium->source);
	json_set_text(json, "file-system", medium->system);
	json_set_int(json, "free-bytes", (int64_t)medium->free_bytes);
	json_set_bool(json, "read-only", medium->read_only);
	json_set_bool(json, "removable", medium->removable);
	json_set_bool(json, "by-program", medium->by_program);
	return json;
}

void json_set_sequence(struct json *object, uint64_t sequence)
{
	if (sequence > 0)
		json_set_int(object, "sequence", (int64_t)sequence);
	else
		json_set_text(object, "sequence", NULL);
}

struct json *party_json(const struct fingerprint *fpr, const char *name, const char *organisation)
{
	struct json *json = json_object_new();
	json_set_text(json, "fingerprint", fpr->hex);
	json_set_text(json, "name", name[0] != '\0' ? name : NULL);
	json_set_text(json, "organisation", organisation[0] != '\0' ? organisation : NULL);
	return json;
}
