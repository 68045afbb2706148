/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner_fields.h"

#include "base/text.h"
#include "format/party_fields.h"
#include "format/waybill.h"
#include "ops/ceilings.h"
#include "policy/terms.h"

#include <string.h>

static bool is_nothing(const char *text)
{
	return text[0] == '\0' || strcmp(text, "none") == 0;
}

static bool empties(const char *const *texts, unsigned count)
{
	return count == 1 && is_nothing(texts[0]);
}

/* What is kept is owned, NULL for none. */
static int replace(void **into, const void *found, size_t size, bool any, struct err *err)
{
	void *copy = any ? malloc(size) : NULL;
	if (any && copy == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (copy != NULL)
		memcpy(copy, found, size);
	free(*into);
	*into = copy;
	return 0;
}

static int set_jurisdiction(struct partner *partner, const char *code, struct err *err)
{
	if (code == NULL)
		return 0;
	if (is_nothing(code)) {
		partner->party.jurisdiction[0] = '\0';
		return 0;
	}
	if (!jurisdiction_is_valid(code)) {
		(void)err_set(err, ERR_USAGE, "--jurisdiction %s: not two upper-case letters", code);
		return err_hint(err, "type a country code as in ISO 3166, for example --jurisdiction NL");
	}
	memcpy(partner->party.jurisdiction, code, sizeof partner->party.jurisdiction);
	return 0;
}

static int set_ceilings(struct partner *partner, const struct scheme_set *schemes, const char *const *texts,
						unsigned count, struct err *err)
{
	struct ceilings found = {0};
	if (count == 0)
		return 0;
	if (!empties(texts, count) && ceilings_resolve(&found, schemes, texts, count, err) < 0)
		return -1;
	return replace((void **)&partner->ceilings, &found, sizeof found, found.count > 0, err);
}

static int set_communities(struct partner *partner, const char *const *names, unsigned count, struct err *err)
{
	struct communities found = {0};
	if (count == 0)
		return 0;
	for (unsigned i = 0; !empties(names, count) && i < count; i++)
		if (communities_add(&found, names[i], err) < 0)
			return err_wrap(err, "--community: ");
	return replace((void **)&partner->communities, &found, sizeof found, found.count > 0, err);
}

static int add_mechanism(struct mechanisms *out, const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	auto_free char *term = equals != NULL ? strndup(text, (size_t)(equals - text)) : NULL;
	if (equals == NULL) {
		(void)err_set(err, ERR_USAGE, "--mechanism %s: what is its reference?", text);
		return err_hint(err, "type for example --mechanism \"eu-gdpr:A46-3-b=arrangement of 2026-03-01, No. 12\"");
	}
	if (term == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (term_find(term, TERM_MECHANISM) == NULL) {
		(void)err_set(err, ERR_USAGE, "--mechanism %s: not a transfer mechanism", term);
		return err_hint(err, "valise-labels(5), PERSONAL DATA, lists them; for example eu-gdpr:A46-3-b");
	}
	return mechanisms_add(out, term, equals + 1, err) < 0 ? err_wrap(err, "--mechanism: ") : 0;
}

static int set_mechanisms(struct partner *partner, const char *const *texts, unsigned count, struct err *err)
{
	struct mechanisms found = {0};
	if (count == 0)
		return 0;
	for (unsigned i = 0; !empties(texts, count) && i < count; i++)
		if (add_mechanism(&found, texts[i], err) < 0)
			return -1;
	return replace((void **)&partner->mechanisms, &found, sizeof found, found.count > 0, err);
}

static int set_sector(struct partner *partner, const char *text, struct err *err)
{
	for (unsigned i = 0; text != NULL && i < SECTOR_COUNT; i++)
		if (strcmp(sector_names[i], text) == 0) {
			partner->sector = (enum sector)i;
			return 0;
		}
	return text == NULL ? 0 : err_set(err, ERR_USAGE, "--sector %s: not one of public, private", text);
}

int name_option_check(const char *option, const char *name, struct err *err)
{
	const char *fault = text_name_fault(name, strlen(name));
	if (fault == NULL)
		return 0;
	(void)err_set(err, ERR_USAGE, "--%s %s", option, fault);
	return err_hint(err, "type it as it is read, with one ordinary space between its parts");
}

static int set_person(struct partner *partner, const char *name, struct err *err)
{
	if (name == NULL)
		return 0;
	size_t len = strlen(name);
	if (len == 0 || len > PARTY_NAME_MAX || !text_is_plain(name, len)) {
		(void)err_set(err, ERR_USAGE, "--person must be plain text of 1 to %d bytes", PARTY_NAME_MAX);
		return err_hint(err, "the name of whoever holds the key: two keys of one person count as one signature");
	}
	if (name_option_check("person", name, err) < 0)
		return -1;
	memcpy(partner->person, name, len + 1);
	return 0;
}

static int set_approvals(struct partner *partner, const char *number, struct err *err)
{
	uint64_t value = 0;
	if (number == NULL)
		return 0;
	if (!text_parse_u64(&value, number, strlen(number), WAYBILL_APPROVALS_MAX) || value == 0)
		return err_set(err, ERR_USAGE, "--approvals %s: not a number from 1 to %d", number, WAYBILL_APPROVALS_MAX);
	partner->approvals = (uint32_t)value;
	return 0;
}

static int set_valid_until(struct partner *partner, const char *date, struct err *err)
{
	static const char day_form[] = "2027-06-30", day_end[] = "T23:59:59Z";
	char text[UTC_TEXT + 1];
	if (date == NULL)
		return 0;
	if (is_nothing(date)) {
		partner->valid_until = 0;
		return 0;
	}
	bool is_day = strlen(date) == sizeof day_form - 1;
	int len = snprintf(text, sizeof text, "%s%s", date, is_day ? day_end : "");
	if (len == UTC_TEXT && utc_parse(&partner->valid_until, text, (size_t)len))
		return 0;
	(void)err_set(err, ERR_USAGE, "--valid-until %s: not a day", date);
	return err_hint(err, "type it as --valid-until %s, or \"\" for no end", day_form);
}

int partner_set_fields(struct partner *partner, const struct scheme_set *schemes, const struct partner_settings *s,
					   struct err *err)
{
	if (s->roles != 0)
		partner->roles = s->roles;
	return set_jurisdiction(partner, s->jurisdiction, err) < 0 ||
				   set_communities(partner, s->communities, s->community_count, err) < 0 ||
				   set_mechanisms(partner, s->mechanisms, s->mechanism_count, err) < 0 ||
				   set_sector(partner, s->sector, err) < 0 ||
				   set_ceilings(partner, schemes, s->ceilings, s->ceiling_count, err) < 0 ||
				   set_person(partner, s->person, err) < 0 || set_approvals(partner, s->approvals, err) < 0 ||
				   set_valid_until(partner, s->valid_until, err) < 0
			   ? -1
			   : 0;
}
