/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_quick.h"

#include "base/text.h"
#include "format/waybill.h"

#include <stdlib.h>
#include <string.h>

/* Grammar: the lines of registry_doc_format() in its order, each ended by LF; strings in double quotes without any
 * escape. */

struct scan {
	const char *at, *end;
};

static bool literal(struct scan *s, const char *text)
{
	size_t len = strlen(text);
	if ((size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0)
		return false;
	s->at += len;
	return true;
}

/* Up to the closing quote. A backslash would be an escape, and a control character may be folded: both are for the YAML
 * parser. */
static bool quoted(struct scan *s, const char **out, size_t *out_len)
{
	if (!literal(s, "\""))
		return false;
	*out = s->at;
	while (s->at < s->end && *s->at != '"') {
		unsigned char c = (unsigned char)*s->at++;
		if (c == '\\' || c < 0x20)
			return false;
	}
	*out_len = (size_t)(s->at - *out);
	return literal(s, "\"");
}

/* key is all that stands before the quote. */
static bool text_line(struct scan *s, const char *key, const char **out, size_t *out_len)
{
	return literal(s, key) && quoted(s, out, out_len) && literal(s, "\n");
}

static bool copy_line(struct scan *s, const char *key, char *out, size_t size)
{
	const char *text;
	size_t len;
	if (!text_line(s, key, &text, &len) || len >= size)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static bool name_line(struct scan *s, const char *key, char out[static PARTY_NAME_MAX + 1])
{
	return copy_line(s, key, out, PARTY_NAME_MAX + 1) && out[0] != '\0' && text_is_plain(out, strlen(out));
}

static bool number_line(struct scan *s, const char *key, uint64_t *out, uint64_t min, uint64_t max)
{
	if (!literal(s, key))
		return false;
	const char *text = s->at;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return text_parse_u64(out, text, (size_t)(s->at - text), max) && *out >= min && literal(s, "\n");
}

static bool digest_line(struct scan *s, const char *key, struct digest *out)
{
	const char *text;
	size_t len;
	return text_line(s, key, &text, &len) && digest_parse(out, text, len);
}

enum presence { TIME_NEEDED, TIME_OR_NONE };

static bool time_line(struct scan *s, const char *key, enum presence presence, int64_t *out)
{
	const char *text;
	size_t len;
	if (!text_line(s, key, &text, &len))
		return false;
	if (len == 0 && presence == TIME_OR_NONE) {
		*out = 0;
		return true;
	}
	return utc_parse(out, text, len);
}

static bool kind_line(struct scan *s, enum party_kind *out)
{
	const char *text;
	size_t len;
	if (!text_line(s, "  kind: ", &text, &len))
		return false;
	for (unsigned i = 0; i < PARTY_KIND_COUNT; i++)
		if (strlen(party_kind_names[i]) == len && memcmp(party_kind_names[i], text, len) == 0) {
			*out = (enum party_kind)i;
			return true;
		}
	return false;
}

/* ["a", "b"] or []: each item through take(). */
static bool list_line(struct scan *s, const char *key, bool (*take)(void *into, const char *text, size_t len),
					  void *into)
{
	if (!literal(s, key) || !literal(s, "["))
		return false;
	if (literal(s, "]\n"))
		return true;
	do {
		const char *text;
		size_t len;
		if (!quoted(s, &text, &len) || !take(into, text, len))
			return false;
	} while (literal(s, ", "));
	return literal(s, "]\n");
}

static bool take_role(void *into, const char *text, size_t len)
{
	unsigned *roles = into, bit;
	char word[16];
	if (len == 0 || len >= sizeof word || memchr(text, ',', len) != NULL)
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (!roles_parse(&bit, word) || (*roles & bit) != 0)
		return false;
	*roles |= bit;
	return true;
}

static bool take_ceiling(void *into, const char *text, size_t len)
{
	struct ceilings *ceilings = into;
	if (ceilings->count == CEILINGS_MAX || len > LABEL_ID_MAX)
		return false;
	char *label = ceilings->labels[ceilings->count];
	memcpy(label, text, len);
	label[len] = '\0';
	if (!label_id_is_valid(label))
		return false;
	for (uint32_t i = 0; i < ceilings->count; i++)
		if (strcmp(ceilings->labels[i], label) == 0)
			return false;
	ceilings->count++;
	return true;
}

static bool ceilings_line(struct scan *s, struct ceilings **out)
{
	struct ceilings found;
	found.count = 0;
	if (!list_line(s, "  ceilings: ", take_ceiling, &found))
		return false;
	if (found.count == 0)
		return true;
	*out = malloc(sizeof **out);
	if (*out == NULL)
		return false;
	memset((*out)->labels + found.count, 0, sizeof(*out)->labels - found.count * sizeof found.labels[0]);
	memcpy((*out)->labels, found.labels, found.count * sizeof found.labels[0]);
	(*out)->count = found.count;
	return true;
}

static bool party_lines(struct scan *s, struct partner *p)
{
	const char *text;
	size_t len;
	if (!text_line(s, "  fingerprint: ", &text, &len) || !fingerprint_parse(&p->fingerprint, text, len))
		return false;
	return name_line(s, "  name: ", p->party.name) && name_line(s, "  organisation: ", p->party.organisation) &&
		   kind_line(s, &p->party.kind) &&
		   copy_line(s, "  jurisdiction: ", p->party.jurisdiction, sizeof p->party.jurisdiction) &&
		   (p->party.jurisdiction[0] == '\0' || jurisdiction_is_valid(p->party.jurisdiction));
}

static bool partner_lines(struct scan *s, struct partner *p)
{
	uint64_t approvals = 0;
	if (!copy_line(s, "- alias: ", p->alias, sizeof p->alias) || !alias_is_valid(p->alias) || !party_lines(s, p) ||
		!name_line(s, "  person: ", p->person) || !list_line(s, "  roles: ", take_role, &p->roles) ||
		!number_line(s, "  approvals: ", &approvals, 1, WAYBILL_APPROVALS_MAX) || !ceilings_line(s, &p->ceilings))
		return false;
	p->approvals = (uint32_t)approvals;
	return time_line(s, "  added: ", TIME_NEEDED, &p->added) &&
		   time_line(s, "  valid-until: ", TIME_OR_NONE, &p->valid_until) &&
		   digest_line(s, "  certificate: ", &p->certificate);
}

static bool head_lines(struct scan *s, struct registry_doc *doc)
{
	const char *text;
	size_t len;
	if (!literal(s, REGISTRY_KIND "\n") || !text_line(s, "domain: ", &text, &len) ||
		!uuid_parse(&doc->domain, text, len))
		return false;
	return number_line(s, "serial: ", &doc->serial, 1, REGISTRY_SERIAL_MAX) &&
		   digest_line(s, "previous: ", &doc->previous) && time_line(s, "created: ", TIME_NEEDED, &doc->created) &&
		   time_line(s, "not-after: ", TIME_NEEDED, &doc->not_after) && doc->not_after > doc->created;
}

/* How many partners there are at most: thousands are allocated once. */
static uint32_t count_partners(const struct scan *s)
{
	static const char begin[] = "- alias: ";
	uint32_t count = 0;
	const char *at = s->at;
	while (count <= REGISTRY_PARTNERS_MAX &&
		   (at = memmem(at, (size_t)(s->end - at), begin, sizeof begin - 1)) != NULL) {
		count++;
		at += sizeof begin - 1;
	}
	return count;
}

static bool all_partners(struct scan *s, struct registry_doc *doc)
{
	uint32_t count = count_partners(s);
	if (count == 0 || count > REGISTRY_PARTNERS_MAX)
		return false;
	doc->partners = calloc(count, sizeof *doc->partners);
	if (doc->partners == NULL)
		return false;
	while (s->at < s->end) {
		if (doc->count == count)
			return false;
		struct partner *p = &doc->partners[doc->count++];
		if (!partner_lines(s, p) || (doc->count > 1 && strcmp(p[-1].alias, p->alias) >= 0))
			return false;
	}
	return true;
}

static int compare_fingerprints(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool fingerprints_differ(const struct registry_doc *doc)
{
	const char **all = calloc(doc->count + 1U, sizeof(const char *));
	if (all == NULL)
		return false;
	for (uint32_t i = 0; i < doc->count; i++)
		all[i] = doc->partners[i].fingerprint.hex;
	qsort(all, doc->count, sizeof *all, compare_fingerprints);
	bool differ = true;
	for (uint32_t i = 1; differ && i < doc->count; i++)
		differ = strcmp(all[i - 1], all[i]) != 0;
	free(all);
	return differ;
}

bool registry_quick_parse(struct registry_doc *out, const char *bytes, size_t len)
{
	struct registry_doc doc = {0};
	struct scan s = {.at = bytes, .end = bytes + len};
	*out = doc;
	if (len <= REGISTRY_BYTES_MAX && head_lines(&s, &doc) && literal(&s, "partners:\n") && all_partners(&s, &doc) &&
		fingerprints_differ(&doc)) {
		*out = doc;
		return true;
	}
	registry_doc_clear(&doc);
	return false;
}
