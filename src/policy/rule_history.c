/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed, what came before, and what is written down of it. */
#include "policy/rules.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* --- people --- */

static void free_names(char **names, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static bool is_among(char *const *names, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

int policy_count_people(const char *const *names, unsigned count, unsigned *out, struct err *err)
{
	*out = 0;
	char **people = calloc(count + (size_t)1, sizeof *people);
	if (people == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	int rc = 0;
	for (unsigned i = 0; rc == 0 && i < count; i++) {
		char *person = NULL;
		rc = text_fold_name(&person, names[i], strlen(names[i]), err);
		if (rc == 0 && !is_among(people, *out, person))
			people[(*out)++] = person;
		else
			free(person);
	}
	free_names(people, *out);
	return rc;
}

int policy_is_same_organisation(const char *a, const char *b, bool *out, struct err *err)
{
	auto_free char *folded_a = NULL, *folded_b = NULL;
	*out = false;
	if (a[0] == '\0' || b[0] == '\0')
		return 0;
	if (text_fold(&folded_a, a, strlen(a), err) < 0 || text_fold(&folded_b, b, strlen(b), err) < 0)
		return -1;
	*out = strcmp(folded_a, folded_b) == 0;
	return 0;
}

int policy_check_approvals(unsigned people, unsigned demanded, struct err *err)
{
	if (people >= demanded)
		return 0;
	const unsigned missing = demanded - people;
	(void)err_set(err, ERR_APPROVALS, "%u of %u people who must sign did", people, demanded);
	return err_hint(err, "ask the sender to have it approved and signed by %u more %s of its organisation", missing,
					missing == 1 ? "person" : "people");
}

/* --- what came before --- */

int policy_check_replay(const struct policy_arrival *arrival, struct err *err)
{
	char when[UTC_TEXT + 1];
	switch (arrival->known) {
	case ARRIVAL_EQUIVOCATION:
		(void)err_set(err, ERR_EQUIVOCATION,
					  "the sender gave the id %s to another bundle as well, received here before",
					  arrival->bundle.text);
		return err_hint(err, "keep both bundles and ask the sender which of them is right");
	case ARRIVAL_REPLAY:
		if (!arrival->whole)
			return 0;
		utc_format(when, arrival->received);
		(void)err_set(err, ERR_REPLAY, "this bundle was received at %s already", when);
		return err_hint(err, "to unpack it once more: --again");
	case ARRIVAL_NEW:
		break;
	}
	return 0;
}

struct policy_gap policy_count_gap(const struct manifest *manifest, const struct fingerprint *self, uint64_t last,
								   uint64_t sequence)
{
	struct policy_gap gap = {0};
	if (sequence <= last + 1)
		return gap;
	for (uint32_t i = 0; i < manifest->void_count; i++) {
		const struct manifest_void *item = &manifest->voided[i];
		if (fingerprint_equal(&item->to, self) && item->sequence > last && item->sequence < sequence)
			gap.declared_void++;
	}
	const uint64_t between = sequence - last - 1;
	gap.missing = between - (gap.declared_void < between ? gap.declared_void : between);
	return gap;
}

/* --- the ledger --- */

bool policy_is_noted(enum policy_work work, enum err_code code)
{
	if (code == ERR_OK)
		return false;
	/* What came in is somebody else's doing and always told; what goes out is one's own, and a mistyped command line is
	 * no refusal. */
	return work == WORK_RECEIVING || err_exit_status(code) == err_exit_status(ERR_RECIPIENT);
}
