/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner_revocation.h"

#include "base/hash.h"
#include "format/pgp.h"

#include <string.h>

static bool is_whole(const struct buf *revocation)
{
	struct err other = ERR_INIT;
	return pgp_check_certificate((const unsigned char *)revocation->data, revocation->len, &other) == 0;
}

int partner_make_revoked(struct buf *out, const struct buf *kept, const struct buf *revocation, struct err *err)
{
	return is_whole(revocation) ? buf_append(out, revocation->data, revocation->len, err)
								: pgp_add_revocation(out, kept, revocation, err);
}

static int fail_already(const struct partner *partner, const struct former_key *former, struct err *err)
{
	return err_set(err, ERR_USAGE, "the former key %s of %s is revoked already", former->fingerprint.hex,
				   partner->alias);
}

static void mark(struct former_key *former, const char *reason, int64_t now)
{
	if (former->revoked == 0)
		former->revoked = now;
	if (reason != NULL)
		(void)snprintf(former->revoked_reason, sizeof former->revoked_reason, "%s", reason);
}

/* --- by a certificate --- */

/* Of a key that is revoked already, one more revocation changes nothing: which key it is of, only its bytes tell. */
static int judge_known(const struct partner *partner, const struct former_key *former, const struct buf *kept,
					   const struct buf *revocation, struct err *err)
{
	const bool same = is_whole(revocation) || memmem(kept->data, kept->len, revocation->data, revocation->len) != NULL;
	return same ? fail_already(partner, former, err) : EDIT_NOTHING;
}

/* What is of another key, or of none, says so by these. */
static int pass_over(struct err *err)
{
	if (err->code != ERR_FINGERPRINT && err->code != ERR_CERTIFICATE)
		return -1;
	*err = (struct err)ERR_INIT;
	return EDIT_NOTHING;
}

/* Only gpg can tell whether a revocation is of this key. */
static int try_former(struct registry_edit *edit, const struct partner *partner, struct former_key *former,
					  const struct buf *revocation, struct err *err)
{
	auto_buf kept = {0}, revoked = {0};
	struct cert before, after;
	struct err fault = ERR_INIT;
	if (registry_edit_key_certificate(edit, partner, &former->fingerprint, &kept, err) < 0)
		return -1;
	if (partner_make_revoked(&revoked, &kept, revocation, &fault) < 0 ||
		gpg_merge(&kept, &revoked, &former->fingerprint, &edit->certificate, &before, &after, &fault) < 0) {
		int rc = pass_over(&fault);
		if (rc < 0)
			*err = fault;
		return rc;
	}
	if (before.revoked)
		return judge_known(partner, former, &kept, revocation, err);
	return after.revoked ? EDIT_WRITE : EDIT_NOTHING;
}

static void forget(struct buf *certificate)
{
	buf_clear(certificate);
	*certificate = (struct buf){0};
}

int partner_revoke_former(struct registry_edit *edit, struct partner *partner, const struct buf *revocation,
						  const char *reason, struct fingerprint *out, struct err *err)
{
	int rc = EDIT_NOTHING;
	for (uint32_t i = partner->former_count; i > 0 && rc == EDIT_NOTHING; i--) {
		struct former_key *former = &partner->former[i - 1];
		rc = try_former(edit, partner, former, revocation, err);
		if (rc != EDIT_WRITE) {
			forget(&edit->certificate);
			continue;
		}
		hash_bytes(&former->certificate, edit->certificate.data, edit->certificate.len);
		mark(former, reason, edit->now);
		edit->fate = CERTIFICATE_COMES;
		edit->key = *out = former->fingerprint;
	}
	return rc;
}

/* --- by the registry alone --- */

int partner_mark_former(struct registry_edit *edit, struct partner *partner, const struct fingerprint *fpr,
						const char *reason, struct err *err)
{
	for (uint32_t i = 0; i < partner->former_count; i++) {
		struct former_key *former = &partner->former[i];
		if (!fingerprint_equal(&former->fingerprint, fpr))
			continue;
		if (former->revoked != 0)
			return fail_already(partner, former, err);
		mark(former, reason, edit->now);
		return EDIT_WRITE;
	}
	(void)err_set(err, ERR_FINGERPRINT, "%s is no former key of %s", fpr->hex, partner->alias);
	return err_hint(err, "valise partner show %s tells its keys; the present one is revoked without --former",
					partner->alias);
}
