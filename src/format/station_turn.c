/* SPDX-License-Identifier: Apache-2.0 */
#include "format/station_doc.h"

#include <string.h>

/* station.yaml belongs to people: where the station takes another key, two lines change and all else stays as it is. */

/* A line that begins with this text at its very start; NULL where there is none or more than one. */
static const char *find_line(const char *bytes, const char *text)
{
	const size_t len = strlen(text);
	const char *found = NULL;
	for (const char *at = bytes; at != NULL; at = strchr(at, '\n'), at = at != NULL ? at + 1 : NULL)
		if (strncmp(at, text, len) == 0) {
			if (found != NULL)
				return NULL;
			found = at;
		}
	return found;
}

static const char *behind_line(const char *line)
{
	const char *end = strchr(line, '\n');
	return end != NULL ? end + 1 : line + strlen(line);
}

static int put_former(struct buf *out, const struct station_doc *doc, int64_t until, struct err *err)
{
	char text[UTC_TEXT + 1];
	if (buf_append_str(out, "former: {", err) != 0)
		return -1;
	for (uint32_t i = 0; i < doc->former_count; i++) {
		utc_format(text, doc->former[i].until);
		if (buf_printf(out, err, "\"%s\": \"%s\", ", doc->former[i].fingerprint.hex, text) != 0)
			return -1;
	}
	utc_format(text, until);
	return buf_printf(out, err, "\"%s\": \"%s\"}\n", doc->fingerprint.hex, text);
}

static int fail_form(struct err *err)
{
	(void)err_set(err, ERR_STATION, "the line of the key in station.yaml is not as init writes it");
	return err_hint(err,
					"write it as  fingerprint: \"<FPR>\"  at the beginning of a line, and former keys, where there "
					"are some, in one line below it");
}

/* What became of it must say what it should. */
static int check_turned(const struct buf *out, const struct station_doc *before, const struct fingerprint *to,
						struct err *err)
{
	struct station_doc after;
	struct err inner = ERR_INIT;
	if (station_doc_parse(&after, out->data, out->len, &inner) != 0 || !fingerprint_equal(&after.fingerprint, to) ||
		after.former_count != before->former_count + 1 ||
		!fingerprint_equal(&after.former[before->former_count].fingerprint, &before->fingerprint))
		return fail_form(err);
	return 0;
}

int station_doc_turn(struct buf *out, const char *bytes, size_t len, const struct fingerprint *to, int64_t until,
					 struct err *err)
{
	struct station_doc doc;
	if (station_doc_parse(&doc, bytes, len, err) != 0)
		return -1;
	if (doc.former_count == FORMER_KEYS_MAX)
		return err_set(err, ERR_LIMIT, "this station has had %d keys already", FORMER_KEYS_MAX);
	const char *key = find_line(bytes, "fingerprint: \""), *former = find_line(bytes, "former: {");
	if (key == NULL || (doc.former_count > 0 && former != behind_line(key)))
		return fail_form(err);
	const char *rest = behind_line(former != NULL ? former : key);
	if (buf_append(out, bytes, (size_t)(key - bytes), err) != 0 ||
		buf_printf(out, err, "fingerprint: \"%s\"\n", to->hex) != 0 || put_former(out, &doc, until, err) != 0 ||
		buf_append_str(out, rest, err) != 0)
		return -1;
	return check_turned(out, &doc, to, err);
}
