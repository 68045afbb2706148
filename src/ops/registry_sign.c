/* SPDX-License-Identifier: Apache-2.0 */
/* This station's signature of a candidate: kept in the ledger by number before anybody else can see it. */
#include "ops/registry_candidate.h"

#include "keyring/registry_change.h"
#include "keyring/signed.h"

#include <stdlib.h>

/* A second signature of one key takes the place of its first. */
static int put_signature(struct registry_file *file, const struct registry_part *mine, struct err *err)
{
	struct registry_part *at = file->signatures, *end = at + file->signature_count;
	while (at < end && !fingerprint_equal(&at->name, &mine->name))
		at++;
	if (at == end && file->signature_count == REGISTRY_SIGNATURES_MAX)
		return err_set(err, ERR_LIMIT, "this registry has %d signatures already", REGISTRY_SIGNATURES_MAX);
	file->signature_count += at == end;
	*at = *mine;
	qsort(file->signatures, file->signature_count, sizeof *file->signatures, registry_part_compare);
	return 0;
}

/* The new signature's bytes join those that the parts borrow from; where these move, the parts follow. */
static int take_signature(struct registry_candidate *c, const struct fingerprint *signer, const struct buf *signature,
						  struct err *err)
{
	auto_buf kept = {0};
	struct registry_part mine = {.name = *signer, .bytes = signature->data, .len = signature->len};
	if (put_signature(&c->file, &mine, err) < 0)
		return -1;
	for (uint32_t i = 0; i < c->file.signature_count; i++)
		if (buf_append(&kept, c->file.signatures[i].bytes, c->file.signatures[i].len, err) < 0)
			return -1;
	const char *at = kept.data;
	for (uint32_t i = 0; i < c->file.signature_count; at += c->file.signatures[i++].len)
		c->file.signatures[i].bytes = at;
	buf_clear(&c->signatures);
	c->signatures = kept;
	kept = (struct buf){0};
	return 0;
}

/* Two registries of one number that both came to be signed by enough would each be in force somewhere. */
static int fail_signed(const struct registry_candidate *c, const struct ledger_signed *other, struct err *err)
{
	char when[UTC_TEXT + 1];
	utc_format(when, other->time);
	(void)err_set(err, ERR_REGISTRY_FORK, "this station signed another registry as number %llu, at %s",
				  (unsigned long long)other->serial, when);
	return err_hint(
		err,
		c->fresh.is_draft
			? "both could come to be in force: give the draft a later number, valise registry sign --needed "
			  "%u (as many as must sign now; it then takes the next number)"
			: "both could come to be in force: whoever made this one gives it a later number, valise "
			  "registry sign --needed %u (as many as must sign now; it then takes the next number); or let "
			  "him sign the other one",
		(unsigned)c->fresh.doc.administrators_needed);
}

static int check_unsigned(const struct registry_candidate *c, struct ledger *ledger, struct err *err)
{
	struct ledger_signed other;
	if (ledger_registry_signed(ledger, &c->fresh.doc.domain, c->fresh.doc.serial, &other, err) < 0)
		return -1;
	return other.serial == 0 || digest_equal(&other.digest, &c->fresh.digest) ? 0 : fail_signed(c, &other, err);
}

/* Before the signature leaves memory. */
static int note_signed(const struct registry_candidate *c, struct ledger *ledger, struct err *err)
{
	const struct ledger_signed fresh = {.serial = c->fresh.doc.serial, .digest = c->fresh.digest};
	struct ledger_signed there;
	if (ledger_registry_sign(ledger, &c->fresh.doc.domain, &fresh, &there, err) < 0)
		return -1;
	return digest_equal(&there.digest, &fresh.digest) ? 0 : fail_signed(c, &there, err);
}

static int sign_with(struct registry_candidate *c, const struct session *session, const struct fingerprint *key,
					 struct err *err)
{
	auto_buf signature = {0};
	return station_sign(&session->station, &session->passphrase, key, c->file.registry, c->file.registry_len,
						&signature, err) < 0 ||
				   note_signed(c, session->ledger, err) < 0
			   ? -1
			   : take_signature(c, key, &signature, err);
}

/* Of an administrator with another key the registry held knows the former one, and what follows it the new one: each is
 * signed for with the key that it knows, and both are one person's. */
int registry_candidate_sign(struct registry_candidate *c, struct session *session, int64_t now, struct err *err)
{
	const struct fingerprint *held = registry_administers_by(&session->registry);
	const struct fingerprint *fresh = registry_administers_by(&c->fresh);
	if (held == NULL && fresh == NULL) {
		(void)err_set(err, ERR_GOVERNED, "the key of this station is no administrator of this registry");
		return err_hint(err, "its administrators sign it; here it is taken in with: valise registry import FILE");
	}
	if (check_unsigned(c, session->ledger, err) < 0 || (held != NULL && sign_with(c, session, held, err) < 0) ||
		(fresh != NULL && (held == NULL || !fingerprint_equal(fresh, held)) && sign_with(c, session, fresh, err) < 0) ||
		registry_candidate_judge(c, session, now, err) < 0)
		return -1;
	return c->fresh.is_draft ? registry_write_signatures(&session->station, &c->fresh.digest, &c->file, err) : 0;
}
