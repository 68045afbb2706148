/* SPDX-License-Identifier: Apache-2.0 */
#include "format/station_doc.h"

#include "base/yaml.h"
#include "format/party_fields.h"

#include <string.h>

enum { EXPIRES_DAYS_MAX = 366 };
/* What a bundle can hold at most. */
#define MAX_BYTES_LIMIT ((uint64_t)4 << 40)

static int read_name(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct station_doc *)into)->party.name, err);
}

static int read_organisation(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_name(yaml, ((struct station_doc *)into)->party.organisation, err);
}

static int read_kind(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_kind(yaml, &((struct station_doc *)into)->party.kind, err);
}

static int read_jurisdiction(struct yaml *yaml, void *into, struct err *err)
{
	return party_read_jurisdiction(yaml, ((struct station_doc *)into)->party.jurisdiction, err);
}

static int read_fingerprint(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_fingerprint(yaml, &((struct station_doc *)into)->fingerprint, err);
}

static int read_ceilings(struct yaml *yaml, void *into, struct err *err)
{
	return ceilings_read(yaml, &((struct station_doc *)into)->ceilings, err);
}

static int read_default_labels(struct yaml *yaml, void *into, struct err *err)
{
	return ceilings_read(yaml, &((struct station_doc *)into)->default_labels, err);
}

static int read_expires_days(struct yaml *yaml, void *into, struct err *err)
{
	uint64_t days;
	if (yaml_read_u64(yaml, &days, 1, EXPIRES_DAYS_MAX, err) != 0)
		return -1;
	((struct station_doc *)into)->expires_days = (uint32_t)days;
	return 0;
}

static int read_max_files(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_u64(yaml, &((struct station_doc *)into)->max_files, 1, MANIFEST_ENTRIES_MAX, err);
}

static int read_max_bytes(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_u64(yaml, &((struct station_doc *)into)->max_bytes, 1, MAX_BYTES_LIMIT, err);
}

/* --- schemes that need a paper --- */

static int read_accreditation(struct yaml *yaml, const char *key, void *into, struct err *err)
{
	struct accreditations *all = into;
	if (!scheme_id_is_valid(key) || strlen(key) > LABEL_ID_MAX)
		return yaml_fail(yaml, err, "\"%.*s\" is no id of a scheme", LABEL_ID_MAX, key);
	if (all->count == MANIFEST_SCHEMES_MAX)
		return yaml_fail(yaml, err, "more than %d accreditations", MANIFEST_SCHEMES_MAX);
	for (uint32_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i].scheme, key) == 0)
			return yaml_fail(yaml, err, "the scheme \"%s\" stands here a second time", key);
	struct accreditation *new = &all->items[all->count];
	(void)strcpy(new->scheme, key);
	if (yaml_read_plain_into(yaml, new->reference, sizeof new->reference, 1, err) != 0)
		return -1;
	all->count++;
	return 0;
}

static int read_accreditations(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_pairs(yaml, read_accreditation, &((struct station_doc *)into)->accreditations, err);
}

static int read_communities(struct yaml *yaml, void *into, struct err *err)
{
	return communities_read(yaml, &((struct station_doc *)into)->communities, err);
}

/* --- how many people must sign --- */

/* A label, or the beginning of some labels of one scheme and an asterisk. */
static bool approval_label_is_valid(const char *text)
{
	size_t len = strlen(text);
	char label[LABEL_ID_MAX + 1];
	if (len > LABEL_ID_MAX || len == 0)
		return false;
	(void)strcpy(label, text);
	if (label[len - 1] == '*')
		label[len - 1] = 'x';
	return label_id_is_valid(label);
}

static int read_approval(struct yaml *yaml, const char *key, void *into, struct err *err)
{
	struct approval_rules *all = into;
	uint64_t people;
	if (!approval_label_is_valid(key))
		return yaml_fail(yaml, err, "\"%.*s\" must name a label as scheme/id, such as \"tlp/red\"", LABEL_ID_MAX, key);
	if (all->count == APPROVAL_RULES_MAX)
		return yaml_fail(yaml, err, "more than %d labels under approvals", APPROVAL_RULES_MAX);
	for (uint32_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i].label, key) == 0)
			return yaml_fail(yaml, err, "the label \"%s\" stands here a second time", key);
	struct approval_rule *new = &all->items[all->count];
	(void)strcpy(new->label, key);
	if (yaml_read_u64(yaml, &people, 1, APPROVAL_PEOPLE_MAX, err) != 0)
		return -1;
	new->people = (uint32_t)people;
	all->count++;
	return 0;
}

static int read_approvals(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_pairs(yaml, read_approval, &((struct station_doc *)into)->approvals, err);
}

/* --- media types --- */

/* "text/plain", or "text" and a slash and an asterisk. */
static bool type_is_valid(const char *type)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-";
	size_t main_len = strspn(type, token);
	if (main_len == 0 || type[main_len] != '/')
		return false;
	const char *sub = type + main_len + 1;
	return strcmp(sub, "*") == 0 || (sub[0] != '\0' && sub[strspn(sub, token)] == '\0');
}

static int read_type(struct yaml *yaml, void *into, struct err *err)
{
	struct media_types *all = into;
	if (all->count == ALLOWED_TYPES_MAX)
		return yaml_fail_value(yaml, err, "has more than %d types", ALLOWED_TYPES_MAX);
	char *type = all->items[all->count];
	if (yaml_read_into(yaml, type, sizeof all->items[0], 1, err) != 0)
		return -1;
	if (!type_is_valid(type))
		return yaml_fail_value(yaml, err, "must name media types in lower case, such as \"text/plain\" or \"image/*\"");
	all->count++;
	return 0;
}

static int read_types(struct yaml *yaml, struct media_types *out, struct err *err)
{
	out->count = 0;
	return yaml_read_seq(yaml, read_type, out, err);
}

static int read_pack_types(struct yaml *yaml, void *into, struct err *err)
{
	return read_types(yaml, &((struct station_doc *)into)->pack_types, err);
}

static int read_unpack_types(struct yaml *yaml, void *into, struct err *err)
{
	return read_types(yaml, &((struct station_doc *)into)->unpack_types, err);
}

bool media_types_allow(const struct media_types *types, const char *type)
{
	for (uint32_t i = 0; i < types->count; i++) {
		size_t len = strlen(types->items[i]);
		bool all = types->items[i][len - 1] == '*';
		if (all ? strncmp(types->items[i], type, len - 1) == 0 : strcmp(types->items[i], type) == 0)
			return true;
	}
	return types->count == 0;
}

/* --- former keys --- */

static int read_former_key(struct yaml *yaml, const char *key, void *into, struct err *err)
{
	struct station_doc *doc = into;
	struct station_former *former = &doc->former[doc->former_count];
	if (doc->former_count == FORMER_KEYS_MAX)
		return yaml_fail(yaml, err, "more than %d former keys", FORMER_KEYS_MAX);
	if (!fingerprint_parse(&former->fingerprint, key, strlen(key)))
		return yaml_fail(yaml, err, "\"%.*s\" is no fingerprint", FINGERPRINT_MAX, key);
	if (station_doc_has_key(doc, &former->fingerprint))
		return yaml_fail(yaml, err, "the key %s stands here a second time", key);
	doc->former_count++;
	return yaml_read_utc(yaml, &former->until, err);
}

static int read_former(struct yaml *yaml, void *into, struct err *err)
{
	return yaml_read_pairs(yaml, read_former_key, into, err);
}

const struct station_former *station_doc_former(const struct station_doc *doc, const struct fingerprint *fpr)
{
	for (uint32_t i = 0; i < doc->former_count; i++)
		if (fingerprint_equal(&doc->former[i].fingerprint, fpr))
			return &doc->former[i];
	return NULL;
}

bool station_doc_has_key(const struct station_doc *doc, const struct fingerprint *fpr)
{
	return fingerprint_equal(&doc->fingerprint, fpr) || station_doc_former(doc, fpr) != NULL;
}

/* What a person may leave out has a default that is on the safe side, or the usual one. */
static const struct yaml_field station_fields[] = {
	{"name", YAML_REQUIRED, read_name},
	{"organisation", YAML_REQUIRED, read_organisation},
	{"kind", YAML_REQUIRED, read_kind},
	{"jurisdiction", YAML_OPTIONAL, read_jurisdiction},
	{"fingerprint", YAML_OPTIONAL, read_fingerprint},
	{"former", YAML_OPTIONAL, read_former},
	{"ceilings", YAML_OPTIONAL, read_ceilings},
	{"default-labels", YAML_OPTIONAL, read_default_labels},
	{"expires-days", YAML_OPTIONAL, read_expires_days},
	{"max-files", YAML_OPTIONAL, read_max_files},
	{"max-bytes", YAML_OPTIONAL, read_max_bytes},
	{"communities", YAML_OPTIONAL, read_communities},
	{"accreditations", YAML_OPTIONAL, read_accreditations},
	{"approvals", YAML_OPTIONAL, read_approvals},
	{"pack-types", YAML_OPTIONAL, read_pack_types},
	{"unpack-types", YAML_OPTIONAL, read_unpack_types},
};

int station_doc_parse(struct station_doc *out, const char *bytes, size_t len, struct err *err)
{
	struct station_doc doc = {
		.expires_days = LIFE_DAYS_DEFAULT, .max_files = MANIFEST_ENTRIES_MAX, .max_bytes = STATION_MAX_BYTES_DEFAULT};
	auto_yaml *yaml = NULL;
	*out = (struct station_doc){0};
	if (len == 0 || len > STATION_BYTES_MAX)
		return err_set(err, ERR_STATION, "station.yaml has 1 to %d bytes, not %zu", STATION_BYTES_MAX, len);
	if (yaml_open(&yaml, bytes, len, STATION_KIND, ERR_STATION, err) != 0 ||
		yaml_read_document(yaml, station_fields, sizeof station_fields / sizeof station_fields[0], &doc, err) != 0)
		return -1;
	*out = doc;
	return 0;
}

/* --- writing --- */

static int put(struct buf *out, const char *text, struct err *err)
{
	return buf_append_str(out, text, err);
}

static int put_who(struct buf *out, const struct station_doc *doc, struct err *err)
{
	if (put(out,
			STATION_KIND
			"\n"
			"# This file says what this station is and how much it may hold. It is yours to edit: change what\n"
			"# stands in quotes or the numbers, and keep the quotes. Lines that begin with # are remarks.\n"
			"# Whether all is well here tells `valise doctor`; more in `man valise-station`.\n"
			"\n"
			"# Who we are. Partners see these words on our card (`valise card`).\n"
			"# kind: \"person\", \"organisation\", \"role\" (a duty that changes hands) or \"station\" (a machine).\n"
			"# jurisdiction: the country whose law applies, two capital letters such as \"BE\", or \"\".\n",
			err) != 0 ||
		party_put(out, 0, &doc->party, err) != 0)
		return -1;
	if (doc->fingerprint.hex[0] == '\0')
		return put(out, "\n# This station has no key of its own: it can verify bundles, not pack or unpack them.\n",
				   err);
	if (put(out, "\n# Our key, in gnupg/ beside this file. Written by `valise init`; do not change it here.\n", err) !=
		0)
		return -1;
	return yaml_put_pair(out, 0, "fingerprint", doc->fingerprint.hex, err);
}

static int put_labels(struct buf *out, const struct station_doc *doc, struct err *err)
{
	if (put(out,
			"\n# The highest label of each scheme that this station may hold, sent or received. What stands higher is\n"
			"# refused; a scheme that is not named here is allowed at its lowest label only.\n"
			"# Written as scheme/label: [\"tlp/amber\", \"pd/personal\"]. valise-labels(5) tells what there is.\n"
			"ceilings: ",
			err) != 0 ||
		ceilings_put(out, &doc->ceilings, err) != 0)
		return -1;
	if (put(out,
			"\n\n# Labels for files that nobody labelled when packing. Whoever writes some here answers for them, and each\n"
			"# pack shows them. [] means: no file leaves without a label of its own.\n"
			"default-labels: ",
			err) != 0 ||
		ceilings_put(out, &doc->default_labels, err) != 0)
		return -1;
	return put(out, "\n", err);
}

static int put_types(struct buf *out, const char *key, const struct media_types *types, struct err *err)
{
	if (buf_printf(out, err, "%s: [", key) != 0)
		return -1;
	for (uint32_t i = 0; i < types->count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", types->items[i]) != 0)
			return -1;
	return buf_append_str(out, "]\n", err);
}

static int put_accreditations(struct buf *out, const struct accreditations *all, struct err *err)
{
	if (put(out,
			"\n# Schemes that are shipped disabled (`valise scheme list`), each with the paper that lets this station use\n"
			"# it: {eu: \"accreditation No. 12 of 2026-05-01, by the security authority\"}. {} means: none of them.\n"
			"accreditations: {",
			err) != 0)
		return -1;
	for (uint32_t i = 0; i < all->count; i++)
		if (buf_printf(out, err, "%s\"%s\": ", i > 0 ? ", " : "", all->items[i].scheme) != 0 ||
			yaml_put_quoted(out, all->items[i].reference, err) != 0)
			return -1;
	return put(out, "}\n", err);
}

static int put_approvals(struct buf *out, const struct approval_rules *all, struct err *err)
{
	if (put(out,
			"\n# How many different people must sign what carries a label, or a higher one: {\"tlp/red\": 2,\n"
			"# \"pdcat/art9-*\": 2}. An asterisk stands for all labels that begin so. Whoever packs is one of them; what\n"
			"# others sent is held to it as well. {} means: one is enough. See `man valise-approve`.\n"
			"approvals: {",
			err) != 0)
		return -1;
	for (uint32_t i = 0; i < all->count; i++)
		if (buf_printf(out, err, "%s\"%s\": %u", i > 0 ? ", " : "", all->items[i].label,
					   (unsigned)all->items[i].people) != 0)
			return -1;
	return put(out, "}\n", err);
}

static int put_circles(struct buf *out, const struct station_doc *doc, struct err *err)
{
	if (put(out,
			"\n# Communities that we belong to. Labels such as TLP:GREEN stay within one that the partner shares.\n",
			err) != 0 ||
		communities_put(out, 0, &doc->communities, err) != 0 || put_accreditations(out, &doc->accreditations, err) != 0)
		return -1;
	if (put(out,
			"\n# Media types that may be packed and unpacked here, by content: [\"text/*\", \"application/pdf\"]. [] means\n"
			"# any; with a list, each file is looked at more thoroughly, which takes longer.\n",
			err) != 0)
		return -1;
	return put_types(out, "pack-types", &doc->pack_types, err) != 0
			   ? -1
			   : put_types(out, "unpack-types", &doc->unpack_types, err);
}

static int put_limits(struct buf *out, const struct station_doc *doc, struct err *err)
{
	if (buf_printf(
			out, err,
			"\n# How many days a bundle of ours may be opened, where `pack --expires` says nothing else: 1 to %d.\n"
			"expires-days: %u\n",
			EXPIRES_DAYS_MAX, (unsigned)doc->expires_days) != 0)
		return -1;
	return buf_printf(out, err,
					  "\n# The most that one bundle may unpack to here: files and folders (1 to %d), and bytes\n"
					  "# (1099511627776 are 1 TiB). A bundle with more is refused before its contents are decrypted.\n"
					  "max-files: %llu\n"
					  "max-bytes: %llu\n",
					  MANIFEST_ENTRIES_MAX, (unsigned long long)doc->max_files, (unsigned long long)doc->max_bytes);
}

int station_doc_format(struct buf *out, const struct station_doc *doc, struct err *err)
{
	if (put_who(out, doc, err) != 0 || put_labels(out, doc, err) != 0 ||
		put_approvals(out, &doc->approvals, err) != 0 || put_circles(out, doc, err) != 0)
		return -1;
	return put_limits(out, doc, err);
}
