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

/* What a person may leave out has a default that is on the safe side, or the usual one. */
static const struct yaml_field station_fields[] = {
	{"name", YAML_REQUIRED, read_name},
	{"organisation", YAML_REQUIRED, read_organisation},
	{"kind", YAML_REQUIRED, read_kind},
	{"jurisdiction", YAML_OPTIONAL, read_jurisdiction},
	{"fingerprint", YAML_OPTIONAL, read_fingerprint},
	{"ceilings", YAML_OPTIONAL, read_ceilings},
	{"default-labels", YAML_OPTIONAL, read_default_labels},
	{"expires-days", YAML_OPTIONAL, read_expires_days},
	{"max-files", YAML_OPTIONAL, read_max_files},
	{"max-bytes", YAML_OPTIONAL, read_max_bytes},
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
	if (put_who(out, doc, err) != 0 || put_labels(out, doc, err) != 0)
		return -1;
	return put_limits(out, doc, err);
}
