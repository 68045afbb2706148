/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/downgrade.h"

#include "format/waybill.h"

#include <string.h>

/* One thing that the file had and does not have any more. */
struct loss {
	const struct downgrade_memory *memory;
	const char *was;          /* "tlp/red": the label that is given up; "": a label is new that widens */
	struct label_ref was_ref; /* both NULL: no scheme here knows it */
	struct label_ref now;     /* what stands instead; label NULL: none of the scheme */
	enum { LOSS_LOWER, LOSS_WIDER } kind;
};

/* --- what the file carries now --- */

static bool carries(const struct manifest_marking *marking, const char *id)
{
	for (uint32_t i = 0; i < marking->count; i++)
		if (strcmp(marking->labels[i].id, id) == 0)
			return true;
	return false;
}

/* Its label of this scheme, of several the highest; label NULL where there is none. */
static struct label_ref highest_now(const struct downgrade_case *about, const struct scheme *scheme)
{
	struct label_ref best = {.scheme = scheme, .label = NULL}, ref;
	for (uint32_t i = 0; i < about->marking->count; i++)
		if (label_find(&ref, about->schemes, about->marking->labels[i].id) && ref.scheme == scheme &&
			(best.label == NULL || ref.label->rank > best.label->rank))
			best.label = ref.label;
	return best;
}

/* --- authorisations --- */

static bool lists(const char (*labels)[LABEL_ID_MAX + 1], uint32_t count, const char *id)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(labels[i], id) == 0)
			return true;
	return false;
}

/* What stands now is not below what `to` says of its scheme. A label there that this station does not know, or of a
 * set, cannot be met by another one. */
static bool meets(const struct authorisation *a, const struct label_ref *now)
{
	bool named = false;
	for (uint32_t i = 0; i < a->to_count; i++) {
		if (!label_is_of(a->to[i], now->scheme->id))
			continue;
		const struct label *lowest = scheme_find_label(now->scheme, strchr(a->to[i], '/') + 1);
		named = true;
		if (lowest == NULL || now->label == NULL || now->label->rank < lowest->rank)
			return false;
	}
	return named || !now->scheme->required;
}

static bool is_in_force(const struct downgrade_case *about, const struct downgrade_memory *memory,
						const struct authorisation *a)
{
	return fingerprint_equal(&a->by, &memory->by) && a->created <= about->now + WAYBILL_SKEW_S &&
		   about->now <= a->not_after && authorisation_names(a, about->content);
}

static bool covers(const struct authorisation *a, const struct loss *loss)
{
	if (loss->kind == LOSS_WIDER) {
		char id[LABEL_ID_MAX + 1];
		label_format_id(id, loss->now);
		return lists(a->to, a->to_count, id);
	}
	if (!lists(a->from, a->from_count, loss->was))
		return false;
	/* of a set, the labels in `to` are others: they say nothing of this one */
	return loss->was_ref.scheme == NULL || loss->was_ref.scheme->combine != COMBINE_MAX || meets(a, &loss->now);
}

/* --- refusing --- */

static void describe_now(char *out, size_t size, const struct loss *loss)
{
	if (loss->kind == LOSS_WIDER)
		(void)snprintf(out, size, "also %s", loss->now.label->text);
	else if (loss->was_ref.scheme == NULL)
		(void)snprintf(out, size, "it is without that label, which no scheme here knows");
	else if (loss->now.label != NULL)
		(void)snprintf(out, size, "%s", loss->now.label->text);
	else
		(void)snprintf(out, size, "without a label of %s", loss->now.scheme->title);
}

static int refuse(const struct downgrade_case *about, const struct loss *loss, struct err *err)
{
	const struct downgrade_memory *memory = loss->memory;
	char now[SCHEME_TEXT_MAX + 64], day[UTC_TEXT + 1];
	describe_now(now, sizeof now, loss);
	utc_format(day, memory->time);
	(void)err_set(err, ERR_DOWNGRADE, "%s: the same bytes were %s on %.10s, by the word of %s; now %s%s", about->path,
				  loss->was_ref.label != NULL ? loss->was_ref.label->text : loss->was, day, memory->by_name, now,
				  about->authorisation_count > 0 ? ", which no authorisation given here covers" : "");
	if (memory->by_self)
		return err_hint(
			err, "leave the label as it was; or sign that it may go: valise label --authorise PATH --lower-to LABEL "
				 "--reason TEXT -o FILE, and pack with --authorisation FILE");
	return err_hint(err,
					"leave the label as it was; or ask %s for an authorisation (valise label --authorise), and pack "
					"with --authorisation FILE",
					memory->by_name);
}

static int judge(const struct downgrade_case *about, const struct loss *loss, struct err *err)
{
	for (uint32_t i = 0; i < about->authorisation_count; i++)
		if (is_in_force(about, loss->memory, &about->authorisations[i]) && covers(&about->authorisations[i], loss))
			return 0;
	return refuse(about, loss, err);
}

/* --- one remembered label --- */

static bool is_lost(const struct downgrade_case *about, const struct loss *loss)
{
	if (loss->was_ref.scheme == NULL)
		return !carries(about->marking, loss->was);
	switch (loss->was_ref.scheme->combine) {
	case COMBINE_MAX:
		return loss->now.label == NULL || loss->now.label->rank < loss->was_ref.label->rank;
	case COMBINE_UNION:
		return !carries(about->marking, loss->was);
	default: /* fewer of those who may have it is no loss; nobody named is */
		return loss->now.label == NULL;
	}
}

static int check_label(const struct downgrade_case *about, const struct downgrade_memory *memory, const char *id,
					   struct err *err)
{
	struct loss loss = {.memory = memory, .was = id};
	if (label_find(&loss.was_ref, about->schemes, id))
		loss.now = highest_now(about, loss.was_ref.scheme);
	/* of a set, what else is there does not stand instead */
	if (loss.was_ref.scheme != NULL && loss.was_ref.scheme->combine == COMBINE_UNION)
		loss.now.label = NULL;
	return is_lost(about, &loss) ? judge(about, &loss, err) : 0;
}

/* --- all of them --- */

/* The next word of *at into out; false at the end. A word that is too long is no label id: cut, it matches none. */
static bool next_word(const char **at, char out[static LABEL_ID_MAX + 2])
{
	*at += strspn(*at, " ");
	size_t len = strcspn(*at, " ");
	(void)snprintf(out, LABEL_ID_MAX + 2, "%.*s", len > LABEL_ID_MAX ? LABEL_ID_MAX + 1 : (int)len, *at);
	*at += len;
	return len > 0;
}

/* Whether the words hold id; *out a label of its scheme among them, "" for none. */
static bool find_word(const char *words, const char *id, const struct scheme *scheme, char out[static LABEL_ID_MAX + 2])
{
	char word[LABEL_ID_MAX + 2];
	out[0] = '\0';
	while (next_word(&words, word)) {
		if (strcmp(word, id) == 0)
			return true;
		if (label_is_of(word, scheme->id))
			memcpy(out, word, sizeof word);
	}
	return false;
}

/* Labels that say who may have it: one more is somebody more. Where there was none, nobody was left out by it. */
static int check_wider(const struct downgrade_case *about, const struct downgrade_memory *memory, struct err *err)
{
	for (uint32_t i = 0; i < about->marking->count; i++) {
		char was[LABEL_ID_MAX + 2];
		struct loss loss = {.memory = memory, .was = was, .kind = LOSS_WIDER};
		const char *id = about->marking->labels[i].id;
		if (!label_find(&loss.now, about->schemes, id) || loss.now.scheme->combine != COMBINE_INTERSECTION ||
			find_word(memory->labels, id, loss.now.scheme, was) || was[0] == '\0')
			continue;
		(void)label_find(&loss.was_ref, about->schemes, was);
		if (judge(about, &loss, err) != 0)
			return -1;
	}
	return 0;
}

static int check_memory(const struct downgrade_case *about, const struct downgrade_memory *memory, struct err *err)
{
	const char *at = memory->labels;
	char id[LABEL_ID_MAX + 2];
	while (next_word(&at, id))
		if (check_label(about, memory, id, err) != 0)
			return -1;
	return check_wider(about, memory, err);
}

int policy_check_downgrade(const struct downgrade_case *about, struct err *err)
{
	for (uint32_t i = 0; i < about->memory_count; i++)
		if (check_memory(about, &about->memories[i], err) != 0)
			return -1;
	return 0;
}
