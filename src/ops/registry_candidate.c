/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_candidate.h"

#include "base/hash.h"
#include "base/io.h"
#include "keyring/registry_adopt.h"
#include "keyring/registry_change.h"
#include "ops/registry_diff.h"
#include "ops/registry_state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void registry_candidate_clear(struct registry_candidate *c)
{
	certificate_changes_clear(&c->certificates);
	registry_close(&c->fresh);
	registry_file_clear(&c->file);
	buf_clear(&c->signatures);
	buf_clear(&c->bytes);
	*c = (struct registry_candidate){0};
}

/* --- who signed, before anything is parsed --- */

static int fail_nobody(const struct registry_candidate *c, const char *whom, struct err *err)
{
	(void)err_set(err, ERR_REGISTRY_SIGNATURES, "this registry is not signed by %s", whom);
	if (c->file.signature_count == 0)
		return err_hint(err, "whoever prepared it signs it first: valise registry sign; then he exports it again");
	return err_hint(err, "do not use it; ask the administrator, on a way that nobody can meddle with, what happened");
}

static int judge_by_held(struct registry_candidate *c, const struct registry *held, int64_t now, struct err *err)
{
	if (registry_judge(held, &c->file, now, &c->by_held, err) < 0)
		return -1;
	return c->by_held.people > 0 ? 0 : fail_nobody(c, "any administrator of the registry that is held here", err);
}

/* The first one: a person confirmed the key, its certificate comes with the file, and gpg proves both. */
static int judge_by_confirmed(struct registry_candidate *c, const struct fingerprint *confirmed, int64_t now,
							  struct err *err)
{
	auto_buf clean = {0};
	struct cert cert;
	const struct registry_part *part = registry_file_certificate(&c->file, confirmed);
	if (part == NULL)
		return err_set(err, ERR_FINGERPRINT, "the key %s is not among those of this registry", confirmed->hex);
	if (gpg_launder(part->bytes, part->len, confirmed, &clean, &cert, err) < 0)
		return -1;
	const struct card card = {
		.fingerprint = *confirmed, .certificate = (unsigned char *)clean.data, .certificate_len = clean.len};
	if (registry_judge_by_card(&card, &c->file, now, &c->by_held, err) < 0)
		return -1;
	return c->by_held.people > 0 ? 0 : fail_nobody(c, "the key that was confirmed", err);
}

static int fail_unconfirmed(struct err *err)
{
	(void)err_set(err, ERR_USAGE, "this is the first registry of administrators for this station: whose is it?");
	return err_hint(err, "have an administrator read out the fingerprint of his key: --fingerprint FPR");
}

static int fail_confirmed_twice(struct err *err)
{
	(void)err_set(err, ERR_USAGE,
				  "this station follows administrators already: --fingerprint is for its first "
				  "registry alone");
	return err_hint(err, "leave it out; the administrators of the registry held must have signed the next");
}

/* A founder takes in again what he prepared himself, with the signatures of others. */
static int judge_by_own_draft(struct registry_candidate *c, const struct registry *held, int64_t now, bool *out_is_own,
							  struct err *err)
{
	auto_registry draft = {0};
	struct digest digest;
	*out_is_own = false;
	int rc = registry_open_draft(&draft, held, err);
	if (rc <= 0)
		return rc;
	hash_bytes(&digest, c->file.registry, c->file.registry_len);
	*out_is_own = digest_equal(&digest, &draft.digest);
	return *out_is_own ? judge_by_held(c, &draft, now, err) : 0;
}

static int judge_file(struct registry_candidate *c, const struct registry *held, const struct fingerprint *confirmed,
					  int64_t now, struct err *err)
{
	bool is_own = false;
	c->is_first = held->doc.administrators_needed == 0;
	if (!c->is_first)
		return confirmed != NULL ? fail_confirmed_twice(err) : judge_by_held(c, held, now, err);
	if (judge_by_own_draft(c, held, now, &is_own, err) < 0)
		return -1;
	if (is_own)
		return 0;
	return confirmed != NULL ? judge_by_confirmed(c, confirmed, now, err) : fail_unconfirmed(err);
}

/* A courier can fill the file with signatures of keys that nobody knows, so that no administrator's finds room: they
 * are neither kept nor passed on. */
static bool is_administrators(const struct signer *signer)
{
	return signer->standing == SIGNER_COUNTS ||
		   (signer->standing != SIGNER_UNKNOWN && (signer->roles & ROLE_ADMINISTER) != 0);
}

static void drop_strangers(struct registry_candidate *c)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < c->file.signature_count; i++) {
		if (!is_administrators(&c->by_held.signers[i]) && !is_administrators(&c->by_own.signers[i]))
			continue;
		c->file.signatures[kept] = c->file.signatures[i];
		c->by_held.signers[kept] = c->by_held.signers[i];
		c->by_own.signers[kept++] = c->by_own.signers[i];
	}
	c->strangers += c->file.signature_count - kept;
	c->file.signature_count = c->by_held.count = c->by_own.count = kept;
}

/* --- with the parsed registry --- */

static int fail_order(enum err_code code, const struct registry_doc *fresh, uint64_t held, struct err *err)
{
	(void)err_set(err, code,
				  code == ERR_REGISTRY_ROLLBACK
					  ? "this registry is number %llu, and number %llu was held here"
					  : "this registry, number %llu, does not follow number %llu that is held",
				  (unsigned long long)fresh->serial, (unsigned long long)held);
	return err_hint(err, code == ERR_REGISTRY_ROLLBACK
							 ? "an older one is never taken; ask the administrators for the newest"
							 : "two administrators may have made the same number: ask them which one counts, and for "
							   "a next one that follows it");
}

static int check_order(struct registry_candidate *c, const struct registry *held, struct ledger *ledger,
					   struct err *err)
{
	const struct registry_doc *fresh = &c->fresh.doc, *old = &held->doc;
	uint64_t highest = 0;
	c->is_held = digest_equal(&c->fresh.digest, &held->digest);
	if (c->is_held)
		return 0;
	if (!c->is_first && strcmp(fresh->domain.text, old->domain.text) != 0) {
		(void)err_set(err, ERR_REGISTRY_DOMAIN, "this registry is of the domain %s; this station follows %s",
					  fresh->domain.text, old->domain.text);
		return err_hint(err, "a station follows one domain for life: make another station for the other");
	}
	if (ledger_registry_highest(ledger, &fresh->domain, &highest, err) < 0)
		return -1;
	if (!c->is_first && old->serial > highest)
		highest = old->serial;
	if (fresh->serial < highest)
		return fail_order(ERR_REGISTRY_ROLLBACK, fresh, highest, err);
	const bool follows = fresh->serial != old->serial + 1 || digest_equal(&fresh->previous, &held->digest);
	return fresh->serial == highest || (!c->is_first && !follows)
			   ? fail_order(ERR_REGISTRY_FORK, fresh, c->is_first ? highest : old->serial, err)
			   : 0;
}

static int fail_life(struct err *err)
{
	(void)err_set(err, ERR_REGISTRY, "this registry would be in force for more than %d days",
				  (int)(REGISTRY_LIFE_S / DAY_S));
	return err_hint(err, "no valise makes that: ask the administrators who made it");
}

/* Where the clock stands back, what the ledger has seen counts. */
static int find_newest(struct ledger *ledger, int64_t now, int64_t *out, struct err *err)
{
	int64_t latest = 0;
	if (ledger != NULL && ledger_latest_seen(ledger, &latest, err) < 0)
		return -1;
	*out = latest > now ? latest : now;
	return 0;
}

/* A registry lives a year, and a clock is easily further off than that: which of the two it is only a person can tell.
 */
static int fail_over(const struct registry_doc *doc, int64_t now, int64_t newest, struct err *err)
{
	char over[UTC_TEXT + 1], clock[UTC_TEXT + 1], seen[UTC_TEXT + 1];
	utc_format(over, doc->not_after);
	utc_format(clock, now);
	utc_format(seen, newest);
	if (now > doc->not_after) {
		(void)err_set(err, ERR_EXPIRED, "this registry is over since %s, and this clock says %s", over, clock);
		return err_hint(err, "set the clock if that is wrong; else ask the administrators for the next registry");
	}
	(void)err_set(err, ERR_EXPIRED,
				  "this registry is over since %s: this clock says %s, but this station was at work at %s", over, clock,
				  seen);
	return err_hint(err, "set the clock if it is wrong; else ask the administrators for the next registry");
}

static int check_times(struct registry_candidate *c, struct ledger *ledger, int64_t now, struct err *err)
{
	const struct registry_doc *doc = &c->fresh.doc;
	char when[UTC_TEXT + 1];
	int64_t newest;
	if (find_newest(ledger, now, &newest, err) < 0)
		return -1;
	if (doc->not_after - doc->created > REGISTRY_LIFE_S)
		return fail_life(err);
	if (newest > doc->not_after)
		return fail_over(doc, now, newest, err);
	utc_format(when, doc->created);
	if (doc->created > now + WAYBILL_SKEW_S) {
		(void)err_set(err, ERR_CLOCK, "this registry was made at %s, which has not come yet by this clock", when);
		return err_hint(err, "set the clock of this machine");
	}
	return registry_judge_times(&c->by_held, doc, now, err) < 0 || registry_judge_times(&c->by_own, doc, now, err) < 0
			   ? -1
			   : 0;
}

static int examine_certificates(struct registry_candidate *c, const struct registry *held, uint32_t *out_count,
								struct err *err)
{
	return registry_examine_certificates(held, &c->fresh, c->is_first ? CERTIFICATES_OF_FIRST : CERTIFICATES_OF_NEXT,
										 &c->certificates, out_count, err);
}

/* Of partners that a station kept itself its first registry may say anything. */
static int check_keys(const struct registry_candidate *c, const struct registry *held, struct err *err)
{
	const struct registry_doc *before = registry_whole(held, err);
	return before == NULL || (!c->is_first && registry_check_moves(before, &c->fresh.doc, err) < 0) ? -1 : 0;
}

/* Each that it speaks of, and nothing more. */
static int check_certificates(struct registry_candidate *c, const struct registry *held, struct err *err)
{
	uint32_t count = 0;
	if (examine_certificates(c, held, &count, err) < 0)
		return -1;
	return c->file.certificate_count == count
			   ? 0
			   : err_set(err, ERR_CERTIFICATE, "the file holds certificates that its registry does not speak of");
}

/* As it is not the home's, no home is wrong: the file is. */
static int fail_document(struct err *err)
{
	return err->code == ERR_REGISTRY ? err_recode(err, ERR_DOCUMENT) : -1;
}

static int parse_candidate(struct registry_candidate *c, const struct registry *held, struct err *err)
{
	if (registry_parse(&c->fresh, held->station, c->file.registry, c->file.registry_len, err) < 0)
		return fail_document(err);
	c->fresh.file = &c->file;
	if (c->fresh.doc.administrators_needed > 0)
		return registry_check_administrators(&c->fresh.doc, err) < 0 ? fail_document(err) : 0;
	return err_set(err, ERR_DOCUMENT, "this registry names no administrators");
}

/* The key that a person confirmed must be one of the administrators that count in it. */
static int check_first(const struct registry_candidate *c, struct err *err)
{
	if (!c->is_first)
		return 0;
	for (unsigned i = 0; i < c->by_held.count; i++)
		for (unsigned j = 0; j < c->by_own.count; j++)
			if (c->by_held.signers[i].standing == SIGNER_COUNTS && c->by_own.signers[j].standing == SIGNER_COUNTS &&
				fingerprint_equal(&c->by_held.signers[i].fingerprint, &c->by_own.signers[j].fingerprint))
				return 0;
	return fail_nobody(c, "the key that was confirmed, as one of its own administrators", err);
}

/* --- what was held, once more --- */

static int find_put_back(struct registry_candidate *c, const struct session *session, struct err *err)
{
	struct ledger_registry last = {0};
	struct digest digest;
	if (session->ledger != NULL && ledger_registry_last(session->ledger, &last, err) < 0)
		return -1;
	hash_bytes(&digest, c->file.registry, c->file.registry_len);
	c->is_put_back = last.signers[0] != '\0' && digest_equal(&digest, &last.digest) &&
					 !digest_equal(&digest, &session->registry.digest);
	return 0;
}

/* Its bytes were judged when they came in, and are those; what stands in their place judges nothing. The signatures are
 * looked at once more all the same, as they are kept beside it. */
static int examine_put_back(struct registry_candidate *c, const struct session *session, int64_t now, struct err *err)
{
	if (parse_candidate(c, &session->registry, err) < 0 || check_certificates(c, &c->fresh, err) < 0 ||
		registry_judge(&c->fresh, &c->file, now, &c->by_own, err) < 0 ||
		registry_judge_times(&c->by_own, &c->fresh.doc, now, err) < 0)
		return -1;
	c->by_held = c->by_own;
	return 0;
}

static int examine_file(struct registry_candidate *c, struct session *session, const struct fingerprint *confirmed,
						int64_t now, struct err *err)
{
	const struct registry *held = &session->registry;
	if (c->is_put_back)
		return examine_put_back(c, session, now, err);
	if (judge_file(c, held, confirmed, now, err) < 0 || parse_candidate(c, held, err) < 0 ||
		check_order(c, held, session->ledger, err) < 0)
		return -1;
	if (c->is_held)
		return 0;
	if (check_keys(c, held, err) < 0 || check_certificates(c, held, err) < 0 ||
		registry_judge(&c->fresh, &c->file, now, &c->by_own, err) < 0)
		return -1;
	drop_strangers(c);
	return check_times(c, session->ledger, now, err) < 0 || check_first(c, err) < 0 ? -1 : 0;
}

int registry_candidate_open_file(struct registry_candidate *out, struct session *session, const char *path,
								 const struct fingerprint *confirmed, int64_t now, struct err *err)
{
	*out = (struct registry_candidate){0};
	if (io_read_file(&out->bytes, AT_FDCWD, path, REGISTRY_FILE_MAX, err) < 0)
		return -1;
	if (out->bytes.data == NULL)
		return err_set(err, ERR_DOCUMENT, "%s is empty", path);
	if (registry_file_parse(&out->file, &out->bytes, err) == 0 && find_put_back(out, session, err) == 0) {
		if (session->registry_fault.code != ERR_OK && !out->is_put_back) {
			registry_candidate_clear(out);
			*err = session->registry_fault;
			return -1;
		}
		if (examine_file(out, session, confirmed, now, err) == 0)
			return 0;
	}
	registry_candidate_clear(out);
	return err_wrap(err, "%s: ", path);
}

/* --- the draft --- */

static int fail_no_draft(struct err *err)
{
	(void)err_set(err, ERR_USAGE, "nothing is prepared that differs from the registry in force");
	return err_hint(err, "change partners first (valise partner add, set, ...), or name a FILE");
}

int registry_candidate_judge(struct registry_candidate *c, const struct session *session, int64_t now, struct err *err)
{
	const struct registry *judges = c->is_first ? &c->fresh : &session->registry;
	if (registry_judge(judges, &c->file, now, &c->by_held, err) < 0 ||
		registry_judge(&c->fresh, &c->file, now, &c->by_own, err) < 0)
		return -1;
	drop_strangers(c);
	return check_times(c, session->ledger, now, err);
}

static int fill_from_draft(struct registry_candidate *c, struct session *session, int64_t now, struct err *err)
{
	const struct registry *held = &session->registry;
	uint32_t count;
	int rc = registry_open_draft(&c->fresh, held, err);
	if (rc <= 0)
		return rc < 0 ? -1 : fail_no_draft(err);
	c->is_first = held->doc.administrators_needed == 0;
	if (registry_bytes(&c->fresh, &c->bytes, err) < 0)
		return -1;
	c->file.registry = c->bytes.data;
	c->file.registry_len = c->bytes.len;
	return examine_certificates(c, held, &count, err) < 0 ||
				   registry_read_signatures(held->station, &c->fresh.digest, &c->file, &c->signatures, err) < 0
			   ? -1
			   : registry_candidate_judge(c, session, now, err);
}

int registry_candidate_open_draft(struct registry_candidate *out, struct session *session, int64_t now, struct err *err)
{
	*out = (struct registry_candidate){0};
	if (fill_from_draft(out, session, now, err) == 0)
		return 0;
	registry_candidate_clear(out);
	return -1;
}

/* --- taking force --- */

int registry_candidate_check_signed(const struct registry_candidate *c, struct err *err)
{
	if (c->is_put_back)
		return 0;
	return registry_check_quorum(&c->by_held, c->is_first ? "whom you confirmed" : "of the registry held", err) < 0
			   ? -1
			   : registry_check_quorum(&c->by_own, "of its own", err);
}

int registry_candidate_drops(const struct registry_candidate *c, const struct session *session, uint64_t *out_serial,
							 bool *out_is_signed, struct err *err)
{
	auto_registry draft = {0};
	*out_serial = 0;
	int rc = registry_open_draft(&draft, &session->registry, err);
	if (rc <= 0 || digest_equal(&draft.digest, &c->fresh.digest))
		return rc < 0 ? -1 : 0;
	*out_serial = draft.doc.serial;
	*out_is_signed = registry_is_signed_here(&session->station, &draft.digest);
	return 0;
}

int registry_candidate_adopt(struct registry_candidate *c, struct session *session, struct err *err)
{
	struct err second = ERR_INIT; /* it is in force; should this fail, the next command notes it */
	const struct registry_quorum quorum = c->by_own;
	if (registry_candidate_check_signed(c, err) < 0 || registry_adopt(&session->registry, &c->fresh, &c->file, err) < 0)
		return -1;
	(void)registry_state_note(&session->registry, &quorum, session->ledger, &second);
	return 0;
}
