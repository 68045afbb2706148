/* SPDX-License-Identifier: Apache-2.0 */
#include "format/party_fields.h"

#include "base/text.h"

#include <string.h>

const char *const sector_names[SECTOR_COUNT] = {[SECTOR_PUBLIC] = "public", [SECTOR_PRIVATE] = "private"};

/* --- ceilings --- */

static int read_ceiling(struct yaml *yaml, void *into, struct err *err)
{
	struct ceilings *c = into;
	if (c->count == CEILINGS_MAX)
		return yaml_fail_value(yaml, err, "has more than %d labels", CEILINGS_MAX);
	char *label = c->labels[c->count];
	if (yaml_read_into(yaml, label, sizeof c->labels[0], 0, err) != 0)
		return -1;
	if (!label_id_is_valid(label))
		return yaml_fail_value(yaml, err, "must name labels as scheme/id, such as \"tlp/amber\"");
	for (uint32_t i = 0; i < c->count; i++)
		if (strcmp(c->labels[i], label) == 0)
			return yaml_fail_value(yaml, err, "names one label twice");
	c->count++;
	return 0;
}

int ceilings_read(struct yaml *yaml, struct ceilings *out, struct err *err)
{
	out->count = 0;
	return yaml_read_seq(yaml, read_ceiling, out, err);
}

int ceilings_put(struct buf *out, const struct ceilings *ceilings, struct err *err)
{
	if (buf_append_str(out, "[", err) != 0)
		return -1;
	for (uint32_t i = 0; ceilings != NULL && i < ceilings->count; i++)
		if ((i > 0 && buf_append_str(out, ", ", err) != 0) || yaml_put_quoted(out, ceilings->labels[i], err) != 0)
			return -1;
	return buf_append_str(out, "]", err);
}

/* --- communities --- */

static bool community_is_valid(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len > 0 && len <= COMMUNITY_MAX && name[len] == '\0' && name[0] != '-';
}

int communities_add(struct communities *communities, const char *name, struct err *err)
{
	if (!community_is_valid(name))
		return err_set(err, ERR_USAGE, "\"%s\" is no name of a community: a to z, 0 to 9 and -, at most %d", name,
					   COMMUNITY_MAX);
	for (uint32_t i = 0; i < communities->count; i++)
		if (strcmp(communities->items[i], name) == 0)
			return err_set(err, ERR_USAGE, "the community \"%s\" is named twice", name);
	if (communities->count == COMMUNITIES_MAX)
		return err_set(err, ERR_USAGE, "more than %d communities", COMMUNITIES_MAX);
	(void)strcpy(communities->items[communities->count++], name);
	return 0;
}

static int read_community(struct yaml *yaml, void *into, struct err *err)
{
	char name[COMMUNITY_MAX + 1];
	struct err why = ERR_INIT;
	if (yaml_read_into(yaml, name, sizeof name, 1, err) != 0)
		return -1;
	return communities_add(into, name, &why) == 0 ? 0 : yaml_fail(yaml, err, "%s", why.message);
}

int communities_read(struct yaml *yaml, struct communities *out, struct err *err)
{
	out->count = 0;
	return yaml_read_seq(yaml, read_community, out, err);
}

int communities_put(struct buf *out, unsigned indent, const struct communities *communities, struct err *err)
{
	if (buf_printf(out, err, "%*scommunities: [", (int)indent, "") != 0)
		return -1;
	for (uint32_t i = 0; i < communities->count; i++)
		if (buf_printf(out, err, "%s\"%s\"", i > 0 ? ", " : "", communities->items[i]) != 0)
			return -1;
	return buf_append_str(out, "]\n", err);
}

/* --- mechanisms --- */

static bool term_is_valid(const char *term)
{
	size_t len = strspn(term, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:.");
	return len > 0 && len <= TERM_MAX && term[len] == '\0';
}

int mechanisms_add(struct mechanisms *mechanisms, const char *term, const char *reference, struct err *err)
{
	size_t len = strlen(reference);
	if (!term_is_valid(term))
		return err_set(err, ERR_USAGE, "\"%.*s\" is no transfer mechanism", TERM_MAX, term);
	if (len == 0 || len > MECHANISM_REFERENCE_MAX || !text_is_plain(reference, len))
		return err_set(err, ERR_USAGE, "the mechanism %s needs a reference: 1 to %d bytes of plain text", term,
					   MECHANISM_REFERENCE_MAX);
	for (uint32_t i = 0; i < mechanisms->count; i++)
		if (strcmp(mechanisms->items[i].term, term) == 0)
			return err_set(err, ERR_USAGE, "the mechanism %s is named twice", term);
	if (mechanisms->count == MECHANISMS_MAX)
		return err_set(err, ERR_USAGE, "more than %d mechanisms", MECHANISMS_MAX);
	struct mechanism *new = &mechanisms->items[mechanisms->count++];
	(void)strcpy(new->term, term);
	(void)strcpy(new->reference, reference);
	return 0;
}

static int read_mechanism(struct yaml *yaml, const char *key, void *into, struct err *err)
{
	char term[TERM_MAX + 1], reference[MECHANISM_REFERENCE_MAX + 1];
	struct err why = ERR_INIT;
	if (strlen(key) > TERM_MAX)
		return yaml_fail(yaml, err, "the name of a mechanism is longer than %d bytes", TERM_MAX);
	(void)strcpy(term, key);
	if (yaml_read_plain_into(yaml, reference, sizeof reference, 1, err) != 0)
		return -1;
	return mechanisms_add(into, term, reference, &why) == 0 ? 0 : yaml_fail(yaml, err, "%s", why.message);
}

int mechanisms_read(struct yaml *yaml, struct mechanisms *out, struct err *err)
{
	out->count = 0;
	return yaml_read_pairs(yaml, read_mechanism, out, err);
}

int mechanisms_put(struct buf *out, unsigned indent, const struct mechanisms *mechanisms, struct err *err)
{
	if (buf_printf(out, err, "%*smechanisms:\n", (int)indent, "") != 0)
		return -1;
	for (uint32_t i = 0; i < mechanisms->count; i++) {
		if (buf_printf(out, err, "%*s\"%s\": ", (int)indent + 2, "", mechanisms->items[i].term) != 0 ||
			yaml_put_quoted(out, mechanisms->items[i].reference, err) != 0 || buf_append_str(out, "\n", err) != 0)
			return -1;
	}
	return 0;
}
