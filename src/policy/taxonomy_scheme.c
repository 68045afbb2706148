/* SPDX-License-Identifier: Apache-2.0 */
/* A taxonomy becomes a scheme file. The rank overlay, strict YAML:
 *
 *   valise-ranks: 1
 *   title: "…"                       may be left out
 *   exclusive: true
 *   required: false
 *   ceiling: true
 *   combine: "max"
 *   ranks: {"tlp:clear": 0, …}       each tag of the taxonomy stands here
 *   leave-out: ["tlp:unclear", …]    or here, and then becomes no label
 */
#include "policy/taxonomy.h"

#include "base/cleanup.h"
#include "base/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOT_NAMED = -2, LEFT_OUT = -1 };

struct overlay {
	const struct taxonomy *taxonomy;
	char title[SCHEME_TEXT_MAX + 1];
	bool exclusive, required, ceiling;
	enum combine combine;
	int64_t *ranks; /* one a tag; NOT_NAMED, LEFT_OUT */
};

/* --- reading the overlay --- */

static int64_t *find_tag(struct overlay *overlay, const char *tag)
{
	for (uint32_t i = 0; i < overlay->taxonomy->count; i++)
		if (strcmp(overlay->taxonomy->tags[i].tag, tag) == 0)
			return &overlay->ranks[i];
	return NULL;
}

static int name_tag(struct yaml *yaml, struct overlay *overlay, const char *tag, int64_t **out, struct err *err)
{
	*out = find_tag(overlay, tag);
	if (*out == NULL)
		return yaml_fail(yaml, err, "the taxonomy has no tag \"%s\"", tag);
	return **out == NOT_NAMED ? 0 : yaml_fail(yaml, err, "the tag \"%s\" stands here a second time", tag);
}

static int read_rank(struct yaml *yaml, const char *name, void *into, struct err *err)
{
	const struct overlay *overlay = into;
	char key[SCHEME_TEXT_MAX + 1];
	int64_t *rank;
	uint64_t value;
	(void)snprintf(key, sizeof key, "%s", name); /* it is valid until the value is read */
	if (name_tag(yaml, into, name, &rank, err) != 0 || yaml_read_u64(yaml, &value, 0, RANK_MAX, err) != 0)
		return -1;
	for (uint32_t i = 0; i < overlay->taxonomy->count; i++)
		if (overlay->ranks[i] == (int64_t)value)
			return yaml_fail(yaml, err, "\"%s\" and \"%s\" have the same rank", overlay->taxonomy->tags[i].tag, key);
	*rank = (int64_t)value;
	return 0;
}

static int read_ranks(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_pairs(yaml, read_rank, into, err);
}

static int read_one_left_out(struct yaml *yaml, void *into, struct err *err)
{
	char tag[SCHEME_TEXT_MAX + 1];
	int64_t *rank;
	if (yaml_read_into(yaml, tag, sizeof tag, 1, err) != 0 || name_tag(yaml, into, tag, &rank, err) != 0)
		return -1;
	*rank = LEFT_OUT;
	return 0;
}

static int read_left_out(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_seq(yaml, read_one_left_out, into, err);
}

static int read_title(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_plain_into(yaml, ((struct overlay *)into)->title, SCHEME_TEXT_MAX + 1, 1, err);
}

static int read_exclusive(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct overlay *)into)->exclusive, err);
}

static int read_required(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct overlay *)into)->required, err);
}

static int read_ceiling(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_bool(yaml, &((struct overlay *)into)->ceiling, err);
}

static int read_combine(struct yaml *yaml, void *into, struct err *err)
{
	unsigned which;
	if (yaml_read_choice(yaml, scheme_combine_names, COMBINE_COUNT, &which, err) != 0)
		return -1;
	((struct overlay *)into)->combine = (enum combine)which;
	return 0;
}

static const struct yaml_field overlay_fields[] = {
	{"title", YAML_OPTIONAL, read_title},        {"exclusive", YAML_REQUIRED, read_exclusive},
	{"required", YAML_REQUIRED, read_required},  {"ceiling", YAML_REQUIRED, read_ceiling},
	{"combine", YAML_REQUIRED, read_combine},    {"ranks", YAML_REQUIRED, read_ranks},
	{"leave-out", YAML_OPTIONAL, read_left_out},
};

/* An order that leaves one label out would be guessed at. */
static int check_all_named(const struct overlay *overlay, struct err *err)
{
	for (uint32_t i = 0; i < overlay->taxonomy->count; i++)
		if (overlay->ranks[i] == NOT_NAMED) {
			const char *tag = overlay->taxonomy->tags[i].tag;
			(void)err_set(err, ERR_SCHEME, "the tag %s has no rank", tag);
			return err_hint(err, "write it below \"ranks\" with a number, or into \"leave-out\"");
		}
	return 0;
}

static int read_overlay(struct overlay *overlay, const struct buf *bytes, struct err *err)
{
	auto_yaml *yaml = NULL;
	if (bytes->len > OVERLAY_BYTES_MAX)
		return err_set(err, ERR_SCHEME, "longer than %d bytes", OVERLAY_BYTES_MAX);
	if (yaml_open(&yaml, bytes->data, bytes->len, OVERLAY_KIND, ERR_SCHEME, err) != 0 ||
		yaml_read_document(yaml, overlay_fields, sizeof overlay_fields / sizeof *overlay_fields, overlay, err) != 0)
		return -1;
	return check_all_named(overlay, err);
}

/* --- writing the scheme --- */

/* MISP's colours are those of a tag's ground; the words on it are black or white, whichever can be read. */
static int put_colours(struct buf *out, const unsigned char ground[3], struct err *err)
{
	bool light = 299 * ground[0] + 587 * ground[1] + 114 * ground[2] > 128 * 1000;
	return buf_printf(out, err, "    colour: \"%s\"\n    background: \"#%02X%02X%02X\"\n",
					  light ? "#000000" : "#FFFFFF", ground[0], ground[1], ground[2]);
}

static int put_label(struct buf *out, const struct taxonomy_tag *tag, int64_t rank, struct err *err)
{
	if (buf_printf(out, err, "  - id: \"%s\"\n", tag->id) != 0 ||
		(rank >= 0 && buf_printf(out, err, "    rank: %lld\n", (long long)rank) != 0) ||
		yaml_put_pair(out, 4, "text", tag->tag, err) != 0 || buf_append_str(out, "    tags: [", err) != 0 ||
		yaml_put_quoted(out, tag->tag, err) != 0 || buf_append_str(out, "]\n", err) != 0)
		return -1;
	if (tag->rule != NULL && yaml_put_pair(out, 4, "rule", tag->rule, err) != 0)
		return -1;
	return tag->has_colour ? put_colours(out, tag->colour, err) : 0;
}

static int put_scheme(struct buf *out, const struct overlay *overlay, struct err *err)
{
	const struct taxonomy *taxonomy = overlay->taxonomy;
	static const char *const words[] = {"false", "true"};
	if (buf_append_str(out, SCHEME_KIND "\n# Made from a MISP taxonomy by `valise scheme import`.\n", err) != 0 ||
		yaml_put_pair(out, 0, "id", taxonomy->id, err) != 0 ||
		yaml_put_pair(out, 0, "version", taxonomy->version, err) != 0 ||
		yaml_put_pair(out, 0, "title", overlay->title[0] != '\0' ? overlay->title : taxonomy->title, err) != 0 ||
		yaml_put_pair(out, 0, "authority", "MISP project", err) != 0 ||
		buf_printf(out, err, "exclusive: %s\nrequired: %s\nceiling: %s\ncombine: \"%s\"\nlabels:\n",
				   words[overlay->exclusive], words[overlay->required], words[overlay->ceiling],
				   scheme_combine_names[overlay->combine]) != 0)
		return -1;
	for (uint32_t i = 0; i < taxonomy->count; i++)
		if (overlay->ranks[i] != LEFT_OUT && put_label(out, &taxonomy->tags[i], overlay->ranks[i], err) != 0)
			return -1;
	return 0;
}

/* Nothing is written that would not be read. */
static int check_result(const struct buf *out, struct err *err)
{
	auto_schemes set = {0};
	return scheme_set_add(&set, out->data, out->len, NULL, err);
}

int taxonomy_format_scheme(struct buf *out, const struct taxonomy *taxonomy, const struct buf *overlay, struct err *err)
{
	auto_free int64_t *ranks = calloc(taxonomy->count + (size_t)1, sizeof *ranks);
	struct overlay read = {.taxonomy = taxonomy, .combine = COMBINE_UNION, .ranks = ranks};
	if (ranks == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < taxonomy->count; i++)
		ranks[i] = NOT_NAMED;
	if (overlay != NULL && read_overlay(&read, overlay, err) != 0)
		return -1;
	return put_scheme(out, &read, err) != 0 ? -1 : check_result(out, err);
}

/* --- an overlay to fill in --- */

int taxonomy_format_overlay(struct buf *out, const struct taxonomy *taxonomy, struct err *err)
{
	if (buf_append_str(
			out,
			OVERLAY_KIND
			"\n# Which label is higher than which? The taxonomy does not say: put a number behind each, 0 for the\n"
			"# lowest, no number twice. A label that is not wanted goes into \"leave-out\" instead.\n"
			"exclusive: true    # a file has one of them at most\n"
			"required: false    # a file must have one\n"
			"ceiling: true      # partners and stations have a highest one\n"
			"combine: \"max\"     # a bundle counts as the highest of its files\n"
			"leave-out: []\n"
			"ranks:\n",
			err) != 0)
		return -1;
	for (uint32_t i = 0; i < taxonomy->count; i++)
		if (buf_append_str(out, "  ", err) != 0 || yaml_put_quoted(out, taxonomy->tags[i].tag, err) != 0 ||
			buf_append_str(out, ":\n", err) != 0)
			return -1;
	return 0;
}
