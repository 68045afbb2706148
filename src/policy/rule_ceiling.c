/* SPDX-License-Identifier: Apache-2.0 */
/* Ceilings: the highest label that somebody may hold, or of a scheme without order the labels that he may. */
#include "policy/equivalence.h"
#include "policy/rule_view.h"
#include "policy/rules.h"

#include <stdlib.h>
#include <string.h>

enum holder_place { HOLDER_PARTNER, HOLDER_SENDER, HOLDER_RECEIVER };

/* Who would hold a label. */
struct holder {
	const struct scheme_set *set;
	const struct equivalence_doc *table;
	int64_t now;
	const char *name;
	enum holder_place place; /* whom the hint speaks to */
	struct label_ref ceilings[CEILINGS_MAX];
	uint32_t count;
};

static int fail_ceiling_label(const char *who, const char *id, struct err *err)
{
	(void)err_set(err, ERR_LABEL, "%s: the ceiling \"%s\" is no label of a scheme that has ceilings here", who, id);
	return err_hint(err, "correct the ceilings of %s", who);
}

static int holder_set_ceilings(struct holder *holder, const struct ceilings *ceilings, struct err *err)
{
	for (uint32_t i = 0; ceilings != NULL && i < ceilings->count; i++) {
		struct label_ref *ref = &holder->ceilings[holder->count++];
		if (!label_find(ref, holder->set, ceilings->labels[i]) || !ref->scheme->ceiling)
			return fail_ceiling_label(holder->name, ceilings->labels[i], err);
	}
	return 0;
}

static bool decides(struct label_ref ref, struct label_ref so_far, struct label_ref mark)
{
	if (so_far.label == NULL)
		return true;
	return mark.scheme->combine == COMBINE_MAX ? ref.label->rank < so_far.label->rank : ref.label == mark.label;
}

/* The entry for this scheme that decides: of an ordered one the lowest, which fails safe where there are several; of
 * another the label itself, or any. label NULL where there is none. */
static struct label_ref find_ceiling(const struct holder *holder, struct label_ref mark)
{
	struct label_ref found = {0};
	for (uint32_t i = 0; i < holder->count; i++)
		if (holder->ceilings[i].scheme == mark.scheme && decides(holder->ceilings[i], found, mark))
			found = holder->ceilings[i];
	return found;
}

static bool is_within(struct label_ref mark, struct label_ref ceiling)
{
	if (mark.scheme->combine != COMBINE_MAX)
		return mark.label == ceiling.label;
	const int64_t highest = ceiling.label != NULL ? ceiling.label->rank : 0;
	return mark.label->rank >= 0 && mark.label->rank <= highest;
}

/* --- refusals --- */

static int hint_ceiling(const struct holder *holder, struct label_ref mark, struct err *err)
{
	const char *text = mark.label->text;
	char id[LABEL_ID_MAX + 1];
	label_format_id(id, mark);
	switch (holder->place) {
	case HOLDER_PARTNER:
		return err_hint(
			err,
			"have the administrator of the registry raise the ceiling of %s (valise partner set %s --ceiling %s, with the "
			"other ceilings that it has), or leave out the files labelled %s",
			holder->name, holder->name, text, text);
	case HOLDER_SENDER:
		return err_hint(
			err, "if this station may hold %s, write \"%s\" under `ceilings` in station.yaml; else it must not be here",
			text, id);
	case HOLDER_RECEIVER:
	default:
		return err_hint(err,
						"ask the sender to leave out what is labelled %s, or have this station's ceiling raised: "
						"\"%s\" under `ceilings` in station.yaml",
						text, id);
	}
}

static void list_allowed(const struct holder *holder, const struct scheme *scheme, struct rule_words *out)
{
	for (uint32_t i = 0; i < holder->count; i++)
		if (holder->ceilings[i].scheme == scheme)
			rule_words_list(out, holder->ceilings[i].label->text);
}

static int fail_above(const struct holder *holder, struct label_ref mark, struct label_ref ceiling, const char *what,
					  struct err *err)
{
	struct rule_words allowed = {0};
	if (mark.scheme->combine == COMBINE_MAX) {
		(void)err_set(err, ERR_CEILING, "%s may hold %s at most, and %s is %s", holder->name, ceiling.label->text, what,
					  mark.label->text);
	} else {
		list_allowed(holder, mark.scheme, &allowed);
		(void)err_set(err, ERR_CEILING, "%s may hold %s of %s only, and %s is %s", holder->name, allowed.text,
					  mark.scheme->title, what, mark.label->text);
	}
	return hint_ceiling(holder, mark, err);
}

static int fail_none(const struct holder *holder, struct label_ref mark, const char *what, struct err *err)
{
	(void)err_set(err, ERR_CEILING, "%s has no ceiling for %s (%s) and may not hold %s, which is on %s", holder->name,
				  mark.scheme->title, mark.scheme->id, mark.label->text, what);
	return hint_ceiling(holder, mark, err);
}

/* --- equivalence: what the label counts as under the ceilings that there are --- */

/* The first entry of each scheme stands for the scheme. */
static bool is_first_of_scheme(const struct holder *holder, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++)
		if (holder->ceilings[i].scheme == holder->ceilings[at].scheme)
			return false;
	return true;
}

/* Both labels are named: what he has, and what there is no equal of. Schemes that every file carries anyway are
 * nobody's stand-in. */
static int fail_no_equal(const struct holder *holder, struct label_ref mark, const char *what, struct err *err)
{
	struct rule_words has = {0};
	for (uint32_t i = 0; i < holder->count; i++) {
		const struct label_ref ref = holder->ceilings[i];
		if (!ref.scheme->required)
			rule_words_add(&has, "%s%s: %s", has.used > 0 ? ", " : "", ref.scheme->id, ref.label->text);
	}
	if (has.used == 0 || mark.scheme->required)
		return fail_none(holder, mark, what, err);
	(void)err_set(err, ERR_CEILING,
				  "%s has no ceiling for %s (%s), and there is no equivalence in force from %s to a scheme of its "
				  "ceilings (%s)",
				  holder->name, mark.scheme->title, mark.scheme->id, mark.label->text, has.text);
	return hint_ceiling(holder, mark, err);
}

static int fail_equal(const struct holder *holder, struct label_ref mark, struct label_ref equal, const char *what,
					  struct err *err)
{
	struct rule_words has = {0};
	list_allowed(holder, equal.scheme, &has);
	(void)err_set(err, ERR_CEILING, "%s may hold %s at most, and %s is %s, which counts as %s (%s)", holder->name,
				  has.text, what, mark.label->text, equal.label->text, equal.scheme->id);
	return hint_ceiling(holder, mark, err);
}

/* Where the table has several equals for him, none may stand above its ceiling. */
static int check_equals(const struct holder *holder, struct label_ref mark, const char *what, struct rule_words *said,
						struct err *err)
{
	char id[LABEL_ID_MAX + 1];
	bool found = false;
	label_format_id(id, mark);
	for (uint32_t i = 0; i < holder->count; i++) {
		const struct scheme *scheme = holder->ceilings[i].scheme;
		struct label_ref equal;
		if (scheme == mark.scheme || !is_first_of_scheme(holder, i))
			continue;
		const char *to = equivalence_find(holder->table, id, scheme->id, holder->now);
		if (to == NULL || !label_find(&equal, holder->set, to) || equal.scheme != scheme)
			continue;
		found = true;
		const struct label_ref ceiling = find_ceiling(holder, equal);
		if (!is_within(equal, ceiling))
			return fail_equal(holder, mark, equal, what, err);
		rule_words_add(said, "%s%s counts as %s (%s), within %s", said->used > 0 ? ", " : "", mark.label->text,
					   equal.label->text, scheme->id, ceiling.label->text);
	}
	return found ? 0 : fail_no_equal(holder, mark, what, err);
}

/* what: the file that is it, for the message. said: by what it was allowed. */
static int check_holder(const struct holder *holder, struct label_ref mark, const char *what, struct rule_words *said,
						struct err *err)
{
	if (!mark.scheme->ceiling)
		return 0;
	const struct label_ref ceiling = find_ceiling(holder, mark);
	if (!is_within(mark, ceiling))
		return ceiling.label != NULL ? fail_above(holder, mark, ceiling, what, err)
									 : check_equals(holder, mark, what, said, err);
	if (ceiling.label == NULL)
		rule_words_add(said, "%s%s needs no ceiling", said->used > 0 ? ", " : "", mark.label->text);
	else
		rule_words_add(said, "%s%s is within the ceiling %s", said->used > 0 ? ", " : "", mark.label->text,
					   ceiling.label->text);
	return 0;
}

enum policy_outcome rule_ceiling(const struct rule_view *view, int64_t who, struct err *why)
{
	const struct policy_case *about = view->about;
	const struct policy_party *party = rule_party(view, who);
	struct rule_words said = {0};
	struct holder holder = {.set = about->schemes,
							.table = about->equivalence,
							.now = about->now,
							.name = party->name,
							.place = who >= 0                        ? HOLDER_PARTNER
									 : about->side == POLICY_SENDING ? HOLDER_SENDER
																	 : HOLDER_RECEIVER};
	if (holder_set_ceilings(&holder, party->ceilings, why) != 0)
		return POLICY_REFUSES;
	for (uint32_t i = 0; i < view->carried_count; i++) {
		const struct rule_label *label = &view->carried[i];
		/* Ranks of one scheme say nothing of those of another: through a table each label is asked for itself. */
		if (!label->is_top && find_ceiling(&holder, label->ref).label != NULL)
			continue;
		if (check_holder(&holder, label->ref, rule_path(view, label->marking), &said, why) != 0)
			return POLICY_REFUSES;
	}
	if (said.used == 0)
		return POLICY_NOT_CONCERNED;
	(void)err_set(why, ERR_OK, "%s", said.text);
	return POLICY_ALLOWS;
}

/* --- ceilings as people give them --- */

static int check_new_ceiling(const struct scheme_set *set, const struct ceilings *so_far, struct label_ref ref,
							 struct err *err)
{
	struct label_ref other;
	if (!ref.scheme->ceiling)
		return err_set(err, ERR_LABEL, "%s has no ceilings: everybody may hold %s", ref.scheme->title, ref.label->text);
	for (uint32_t i = 0; i < so_far->count; i++) {
		if (!label_find(&other, set, so_far->labels[i]) || other.scheme != ref.scheme)
			continue;
		if (other.label == ref.label || ref.scheme->combine == COMBINE_MAX)
			return err_set(err, ERR_LABEL, "two ceilings for %s: %s and %s", ref.scheme->title, other.label->text,
						   ref.label->text);
	}
	return 0;
}

int policy_normalise_ceilings(const struct scheme_set *set, struct ceilings *ceilings, struct err *err)
{
	struct ceilings done = {0};
	for (uint32_t i = 0; i < ceilings->count; i++) {
		struct label_ref ref;
		if (label_resolve(&ref, set, ceilings->labels[i], err) != 0 || check_new_ceiling(set, &done, ref, err) != 0)
			return -1;
		label_format_id(done.labels[done.count++], ref);
	}
	qsort(done.labels, done.count, sizeof *done.labels, label_id_compare);
	*ceilings = done;
	return 0;
}
