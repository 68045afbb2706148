/* SPDX-License-Identifier: Apache-2.0 */
/* What a label itself asks of those who may have it: people only, one organisation, a community. Judged for every label
 * that any file carries: a highest mark hides those below it, and a lower one may ask for more. */
#include "policy/rule_view.h"

#include <string.h>

static enum party_kind kind_of(const struct policy_party *party)
{
	return party->party != NULL ? party->party->kind : PARTY_KIND_COUNT;
}

static void list_kinds(unsigned kinds, struct rule_words *out)
{
	for (unsigned i = 0; i < PARTY_KIND_COUNT; i++)
		if ((kinds & (1u << i)) != 0)
			rule_words_list(out, party_kind_names[i]);
}

static int check_kind(const struct rule_view *view, const struct rule_label *label, int64_t who, struct err *err)
{
	const struct policy_party *party = rule_party(view, who);
	const struct label *l = label->ref.label;
	const enum party_kind kind = kind_of(party);
	struct rule_words kinds = {0};
	if (l->kinds == 0 || (kind < PARTY_KIND_COUNT && (l->kinds & (1u << kind)) != 0))
		return 0;
	list_kinds(l->kinds, &kinds);
	(void)err_set(err, ERR_RECIPIENT, "%s is for recipients of kind %s only, and %s is of kind %s (%s)", l->text,
				  kinds.text, party->name, kind < PARTY_KIND_COUNT ? party_kind_names[kind] : "unknown",
				  rule_path(view, label->marking));
	if (who < 0)
		return err_hint(err,
						"open it at a station of kind %s (`kind` in station.yaml), or ask the sender to leave it out",
						kinds.text);
	return err_hint(err, "name a partner of kind %s after --to, or leave out the files labelled %s", kinds.text,
					l->text);
}

/* All of them and the sender in one community; who is the first with whom there is none is told so. */
static int check_community(const struct rule_view *view, const struct rule_label *label, int64_t who, struct err *err)
{
	const struct policy_case *about = view->about;
	const struct policy_party *party = rule_party(view, who);
	const char *text = label->ref.label->text, *path = rule_path(view, label->marking);
	if (label->ref.label->audience != AUDIENCE_COMMUNITY || view->shared[who] != 0)
		return 0;
	if (who > 0 && view->shared[who - 1] != 0)
		(void)err_set(err, ERR_RECIPIENT,
					  "%s stays within one community, and no community holds %s and the recipients before it (%s)",
					  text, party->name, path);
	else
		(void)err_set(err, ERR_RECIPIENT, "%s stays within a community, and %s shares none with %s (%s)", text,
					  party->name, who > 0 ? "the others" : about->station.name, path);
	return err_hint(
		err,
		"where that is so, fill `communities` in station.yaml, and have the administrator of the registry say "
		"it of %s (valise partner set %s --community NAME); else leave out the files labelled %s",
		party->name, party->name, text);
}

static bool is_same_organisation(const struct policy_party *a, const struct policy_party *b)
{
	return a->party != NULL && b->party != NULL && a->party->organisation[0] != '\0' &&
		   strcmp(a->party->organisation, b->party->organisation) == 0;
}

static int check_organisation(const struct rule_view *view, const struct rule_label *label, int64_t who,
							  struct err *err)
{
	const struct policy_party *party = rule_party(view, who), *first = rule_party(view, 0);
	if (label->ref.label->audience != AUDIENCE_ORGANISATION || who == 0 || is_same_organisation(party, first))
		return 0;
	(void)err_set(err, ERR_RECIPIENT, "%s is for one organisation, and %s (%s) is of another than %s (%s): %s",
				  label->ref.label->text, party->name, party->party != NULL ? party->party->organisation : "",
				  first->name, first->party != NULL ? first->party->organisation : "", rule_path(view, label->marking));
	return err_hint(err, "make a bundle for each organisation, or leave out the files labelled %s",
					label->ref.label->text);
}

enum policy_outcome rule_audience(const struct rule_view *view, int64_t who, struct err *why)
{
	struct rule_words said = {0};
	/* A sender holds what he is the source of; the receiver knows nothing of other recipients. */
	if ((who < 0) != (view->about->side == POLICY_RECEIVING))
		return POLICY_NOT_CONCERNED;
	for (uint32_t i = 0; i < view->carried_count; i++) {
		const struct rule_label *label = &view->carried[i];
		if (label->ref.label->kinds == 0 && (who < 0 || label->ref.label->audience == AUDIENCE_ANY))
			continue;
		if (check_kind(view, label, who, why) != 0 || (who >= 0 && (check_community(view, label, who, why) != 0 ||
																	check_organisation(view, label, who, why) != 0)))
			return POLICY_REFUSES;
		rule_words_list(&said, label->ref.label->text);
	}
	if (said.used == 0)
		return POLICY_NOT_CONCERNED;
	(void)err_set(why, ERR_OK, "%s may have %s", rule_party(view, who)->name, said.text);
	return POLICY_ALLOWS;
}
