/* SPDX-License-Identifier: Apache-2.0 */
/* Writing label files, with remarks: the next person who opens one has not read the manual. */
#include "format/label_file.h"

#include <string.h>

static int put(struct buf *out, const char *text, struct err *err)
{
	return buf_append_str(out, text, err);
}

/* key: ["…", "…"] behind indent spaces; nothing where there are none. */
static int put_texts(struct buf *out, unsigned indent, const char *key, char *const *texts, uint32_t count,
					 struct err *err)
{
	if (count == 0)
		return 0;
	if (buf_printf(out, err, "%*s%s: [", (int)indent, "", key) != 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		if ((i > 0 && put(out, ", ", err) != 0) || yaml_put_quoted(out, texts[i], err) != 0)
			return -1;
	return put(out, "]\n", err);
}

static int put_text(struct buf *out, unsigned indent, const char *key, const char *text, struct err *err)
{
	return text != NULL ? yaml_put_pair(out, indent, key, text, err) : 0;
}

static int put_releasable(struct buf *out, unsigned indent, const struct label_say *say, struct err *err)
{
	char *codes[RELEASABLE_MAX];
	for (uint32_t i = 0; i < say->releasable_count; i++)
		codes[i] = say->releasable[i];
	return put_texts(out, indent, "releasable-to", codes, say->releasable_count, err);
}

static int put_say(struct buf *out, unsigned indent, const struct label_say *say, struct err *err)
{
	if (put_texts(out, indent, "labels", say->labels, say->label_count, err) != 0 ||
		put_texts(out, indent, "caveats", say->caveats, say->caveat_count, err) != 0 ||
		put_releasable(out, indent, say, err) != 0 || put_text(out, indent, "originator", say->originator, err) != 0 ||
		put_text(out, indent, "registration", say->registration, err) != 0 ||
		put_text(out, indent, "copy", say->copy, err) != 0 || put_text(out, indent, "record", say->record, err) != 0 ||
		put_text(out, indent, "not-inspected", say->not_inspected, err) != 0)
		return -1;
	return say->expires != 0 ? yaml_put_utc(out, indent, "expires", say->expires, err) : 0;
}

static int put_default(struct buf *out, const struct label_file *file, struct err *err)
{
	if (put(out,
			"\n"
			"# What files carry where no rule speaks of it. Only what is written here counts: a file without a label of\n"
			"# each required scheme is not packed. Also: caveats, releasable-to, originator, registration, copy, record,\n"
			"# expires, not-inspected.\n",
			err) != 0)
		return -1;
	if (label_say_is_empty(&file->otherwise))
		return put(out, "# default:\n#   labels: [\"TLP:AMBER\", \"PD:NONE\"]\n", err);
	return put(out, "default:\n", err) != 0 ? -1 : put_say(out, 2, &file->otherwise, err);
}

static int put_detected(struct buf *out, const struct label_file *file, struct err *err)
{
	if (put(out,
			"\n"
			"# Schemes whose label inside of a file counts where no rule speaks of the scheme.\n",
			err) != 0)
		return -1;
	return file->detected_count == 0 ? put(out, "# detected: [\"tlp\"]\n", err)
									 : put_texts(out, 0, "detected", file->detected, file->detected_count, err);
}

static int put_rules(struct buf *out, const struct label_file *file, struct err *err)
{
	if (put(out,
			"\n"
			"# For each scheme, and each fact, the last rule that matches a file and speaks of it decides. \"*.json\" is any\n"
			"# such file, \"raw/\" all below that folder, \"raw/**/*.json\" both, \"a/b.txt\" the one file.\n",
			err) != 0)
		return -1;
	if (file->rule_count == 0)
		return put(out, "# rules:\n#   - match: \"raw/**/*.json\"\n#     labels: [\"TLP:RED\"]\n", err);
	if (put(out, "rules:\n", err) != 0)
		return -1;
	for (uint32_t i = 0; i < file->rule_count; i++)
		if (yaml_put_pair(out, 2, "- match", file->rules[i].pattern, err) != 0 ||
			put_say(out, 4, &file->rules[i].say, err) != 0)
			return -1;
	return 0;
}

static int put_record(struct buf *out, const struct record *record, struct err *err)
{
	if (buf_printf(out, err, "  %s:\n", record->id) != 0)
		return -1;
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++)
		if (put_text(out, 4, record_keys[i], record->texts[i], err) != 0)
			return -1;
	return 0;
}

static int put_records(struct buf *out, const struct label_file *file, struct err *err)
{
	if (file->record_count == 0)
		return 0;
	if (put(out, "\n# By what right personal data are held and go where; rules name them under \"record\".\nrecords:\n",
			err) != 0)
		return -1;
	for (uint32_t i = 0; i < file->record_count; i++)
		if (put_record(out, &file->records[i], err) != 0)
			return -1;
	return 0;
}

int label_file_format(struct buf *out, const struct label_file *file, struct err *err)
{
	if (put(out,
			LABEL_FILE_KIND
			"\n"
			"# How the files of this folder are labelled when it is packed; see valise-labels(5). This file itself\n"
			"# stays behind. `valise label --check` shows what each file carries, and why.\n",
			err) != 0)
		return -1;
	if (file->purpose != NULL && (put(out, "\n# What it is for; the recipients read it.\n", err) != 0 ||
								  yaml_put_pair(out, 0, "purpose", file->purpose, err) != 0))
		return -1;
	if (file->handling != NULL &&
		(put(out, "\n# Words for the courier, outside of the encryption: anybody can read them.\n", err) != 0 ||
		 yaml_put_pair(out, 0, "handling", file->handling, err) != 0))
		return -1;
	if (put_default(out, file, err) != 0 || put_detected(out, file, err) != 0 || put_rules(out, file, err) != 0)
		return -1;
	return put_records(out, file, err);
}
