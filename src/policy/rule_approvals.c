/* SPDX-License-Identifier: Apache-2.0 */
/* How many people must sign, by the labels of what leaves: station.yaml, `approvals`. */
#include "policy/rules.h"

#include <string.h>

/* "pdcat/art9-*": all labels of the scheme that begin so. Returns the length before the asterisk; 0: names one label.
 */
static size_t prefix_of(const char *rule)
{
	size_t len = strlen(rule);
	return len > 0 && rule[len - 1] == '*' ? len - 1 : 0;
}

static bool scheme_has_prefix(const struct scheme *scheme, const char *prefix, size_t len)
{
	for (size_t i = 0; i < scheme->label_count; i++)
		if (strncmp(scheme->labels[i].id, prefix, len) == 0)
			return true;
	return false;
}

static bool rule_is_known(const struct scheme_set *set, const char *rule)
{
	char id[LABEL_ID_MAX + 1] = "";
	struct label_ref ref;
	const char *slash = strchr(rule, '/');
	if (prefix_of(rule) == 0)
		return label_find(&ref, set, rule);
	(void)snprintf(id, sizeof id, "%.*s", (int)(slash - rule), rule);
	const struct scheme *scheme = scheme_find(set, id);
	return scheme != NULL && scheme_has_prefix(scheme, slash + 1, prefix_of(slash + 1));
}

static int check_rules(const struct scheme_set *set, const struct approval_rules *rules, struct err *err)
{
	for (uint32_t i = 0; i < rules->count; i++) {
		if (rule_is_known(set, rules->items[i].label))
			continue;
		(void)err_set(err, ERR_LABEL, "approvals in station.yaml: \"%s\" is no label of a scheme that is enabled here",
					  rules->items[i].label);
		return err_hint(err, "correct it there; `valise scheme show` lists the labels of a scheme");
	}
	return 0;
}

static bool rule_meets(const struct scheme_set *set, const char *rule, const char *id)
{
	struct label_ref asked, carried;
	size_t prefix = prefix_of(rule);
	if (prefix > 0)
		return strncmp(rule, id, prefix) == 0;
	if (strcmp(rule, id) == 0)
		return true;
	return label_find(&asked, set, rule) && label_find(&carried, set, id) && asked.scheme == carried.scheme &&
		   asked.scheme->combine == COMBINE_MAX && carried.label->rank >= asked.label->rank;
}

static void demand_for(const struct scheme_set *set, const struct approval_rules *rules, const char *id,
					   struct policy_demand *out)
{
	for (uint32_t i = 0; i < rules->count; i++) {
		if (rules->items[i].people <= out->people || !rule_meets(set, rules->items[i].label, id))
			continue;
		out->people = rules->items[i].people;
		(void)snprintf(out->label, sizeof out->label, "%s", id);
	}
}

int policy_demand_approvals(const struct scheme_set *set, const struct approval_rules *rules,
							const struct manifest *manifest, struct policy_demand *out, struct err *err)
{
	*out = (struct policy_demand){.people = 1};
	if (check_rules(set, rules, err) < 0)
		return -1;
	for (uint32_t i = 0; rules->count > 0 && i < manifest->marking_count; i++)
		for (uint32_t j = 0; j < manifest->markings[i].count; j++)
			demand_for(set, rules, manifest->markings[i].labels[j].id, out);
	return 0;
}
