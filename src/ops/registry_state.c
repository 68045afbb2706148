/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_state.h"

#include "base/io.h"
#include "keyring/registry_change.h"
#include "ops/partner.h"

#include <string.h>

/* --- may it be relied on --- */

/* What a station keeps itself crosses no gap: there is no file that it could come back from. */
static int tell_mending_own(const struct ledger_registry *last, struct err *err)
{
	return err_hint(err,
					"somebody changed registry.yaml in the home: put number %llu back, from a backup; without one move "
					"that file away and take the partners in anew: valise partner add",
					(unsigned long long)last->serial);
}

/* No command relies on such a home: what was held is put back first. */
static int tell_mending(const struct ledger_registry *last, struct err *err)
{
	if (last->signers[0] == '\0')
		return tell_mending_own(last, err);
	return err_hint(err,
					"somebody changed registry.yaml in the home: put back number %llu, of %.10s..., out of the file "
					"that it came in: valise registry import FILE",
					(unsigned long long)last->serial, last->domain.text);
}

static int fail_rollback(const struct registry *registry, const struct ledger_registry *last, uint64_t highest,
						 struct err *err)
{
	(void)err_set(err, ERR_REGISTRY_ROLLBACK, "the registry of this station is number %llu, and number %llu was held",
				  (unsigned long long)registry->doc.serial, (unsigned long long)highest);
	return tell_mending(last, err);
}

static int fail_fork(const struct registry *registry, const struct ledger_registry *last, struct err *err)
{
	(void)err_set(err, ERR_REGISTRY_FORK, "another registry was held as number %llu than the one that is here",
				  (unsigned long long)registry->doc.serial);
	return tell_mending(last, err);
}

/* Who followed administrators once follows them for life; a home that says otherwise was meddled with. */
static int check_allegiance(const struct registry *registry, const struct ledger_registry *last, struct err *err)
{
	/* One that is gone names nobody: nothing is trusted for it. */
	if (last->signers[0] == '\0' || registry->doc.serial == 0)
		return 0;
	if (registry->doc.administrators_needed == 0)
		(void)err_set(err, ERR_REGISTRY_ROLLBACK,
					  "this station follows administrators, and its registry is one that they did not sign");
	else if (strcmp(registry->doc.domain.text, last->domain.text) != 0)
		(void)err_set(err, ERR_REGISTRY_DOMAIN, "the registry of this station is of the domain %s; it follows %s",
					  registry->doc.domain.text, last->domain.text);
	else
		return 0;
	return tell_mending(last, err);
}

static int check_order(const struct registry *registry, const struct ledger_registry *last, struct ledger *ledger,
					   struct err *err)
{
	uint64_t highest = 0;
	if (ledger != NULL && ledger_registry_highest(ledger, &registry->doc.domain, &highest, err) < 0)
		return -1;
	if (registry->doc.serial < highest)
		return fail_rollback(registry, last, highest, err);
	const bool same = registry->doc.serial == last->serial && strcmp(registry->doc.domain.text, last->domain.text) == 0;
	return same ? fail_fork(registry, last, err) : 0;
}

static int check_signatures(const struct registry *registry, int64_t now, struct registry_quorum *out, struct err *err)
{
	auto_buf bytes = {0}, storage = {0};
	struct registry_file file = {0};
	if (registry_bytes(registry, &bytes, err) < 0)
		return -1;
	file.registry = bytes.data;
	file.registry_len = bytes.len;
	if (registry_read_signatures(registry->station, &registry->digest, &file, &storage, err) < 0 ||
		registry_judge(registry, &file, now, out, err) < 0 || registry_judge_times(out, &registry->doc, now, err) < 0)
		return -1;
	return registry_check_quorum(out, "of this registry", err);
}

int registry_state_check(const struct registry *registry, const struct ledger_registry *last, struct ledger *ledger,
						 int64_t now, struct registry_quorum *out, struct err *err)
{
	*out = (struct registry_quorum){0};
	if (digest_equal(&registry->digest, &last->digest))
		return 0;
	if (check_allegiance(registry, last, err) < 0 || check_order(registry, last, ledger, err) < 0)
		return -1;
	/* Whoever may write to the home of a station that keeps its partners itself may sign there as well: there a
	 * signature would prove nothing that the ledger's order does not. */
	return registry->doc.administrators_needed == 0 ? 0 : check_signatures(registry, now, out, err);
}

int registry_state_examine(const struct registry *registry, struct ledger *ledger, int64_t now,
						   struct registry_quorum *out, struct err *err)
{
	struct ledger_registry last = {0};
	if (ledger != NULL && ledger_registry_last(ledger, &last, err) < 0)
		return -1;
	if (digest_equal(&last.digest, &registry->digest))
		last = (struct ledger_registry){0};
	return registry_state_check(registry, &last, ledger, now, out, err);
}

int registry_state_note(const struct registry *registry, const struct registry_quorum *quorum, struct ledger *ledger,
						struct err *err)
{
	struct ledger_registry taken = {.domain = registry->doc.domain,
									.serial = registry->doc.serial,
									.digest = registry->digest,
									.canonical = registry->canonical};
	registry_quorum_names(quorum, taken.signers, sizeof taken.signers);
	return taken.serial == 0 ? 0 : ledger_registry_take(ledger, &taken, err);
}

int registry_state_follow(struct session *session, int rc)
{
	static const struct registry_quorum nobody = {0};
	struct err ignored = ERR_INIT;
	if (rc == 0 && !session->registry.is_draft)
		(void)registry_state_note(&session->registry, &nobody, session->ledger, &ignored);
	return rc;
}

/* --- how long --- */

static const char *what_to_do(const struct registry *registry)
{
	return registry_is_administered_here(registry)
			   ? "sign it for another year: valise registry sign"
			   : "ask its administrators for the next one, and take it in: valise registry import FILE";
}

/* A station that keeps its partners itself sees them each time it changes one: what may grow stale is what others
 * distribute. */
static bool has_an_end(const struct registry *registry)
{
	return registry->doc.administrators_needed > 0;
}

int registry_state_check_life(const struct registry *registry, int64_t now, struct err *err)
{
	char end[UTC_TEXT + 1];
	if (!has_an_end(registry) || now <= registry->doc.not_after)
		return 0;
	utc_format(end, registry->doc.not_after);
	(void)err_set(err, ERR_EXPIRED, "the registry of partners is over since %s", end);
	return err_hint(err, "%s", what_to_do(registry));
}

void registry_state_tell_life(struct notices *notices, const struct registry *registry, int64_t now)
{
	char end[UTC_TEXT + 1];
	const int64_t left = registry->doc.not_after - now;
	if (!has_an_end(registry) || left > KEY_SOON_DAYS * (int64_t)DAY_S)
		return;
	utc_format(end, registry->doc.not_after);
	if (left < 0)
		notice_add(notices, "the registry of partners is over since %s: %s", end, what_to_do(registry));
	else
		notice_add(notices, "the registry of partners ends at %s, in %lld days: %s", end, (long long)(left / DAY_S),
				   what_to_do(registry));
}
