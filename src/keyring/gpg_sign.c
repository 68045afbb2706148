/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_internal.h"

#include "base/hash.h"
#include "format/pgp.h"

#include <string.h>

/* --- signing --- */

struct sign_job {
	gpgme_data_t plain, signature;
};

static gpgme_error_t start_sign(struct gpg *gpg, void *arg)
{
	struct sign_job *job = arg;
	return gpgme_op_sign_start(gpg->ctx, job->plain, job->signature, GPGME_SIG_MODE_DETACH);
}

static int check_sign_result(struct gpg *gpg, const struct fingerprint *signer, struct err *err)
{
	gpgme_sign_result_t result = gpgme_op_sign_result(gpg->ctx);
	if (result == NULL || result->invalid_signers != NULL || result->signatures == NULL ||
		result->signatures->next != NULL)
		return err_set(err, ERR_GNUPG, "gpg made no signature with the key %s", signer->hex);
	return 0;
}

/* What was made is judged like what is received; and the key that made it is one of the signer's. */
static int check_own_signature(struct gpg *gpg, const struct fingerprint *signer, const struct buf *sig,
							   struct err *err)
{
	struct pgp_signature parsed;
	const struct gpg_known *known;
	if (pgp_parse_signature(&parsed, (const unsigned char *)sig->data, sig->len, err) < 0)
		return err_wrap(err, "gpg made a signature that nobody would take: ");
	if (gpg_find(gpg, parsed.issuer.hex, &known, err) < 0)
		return -1;
	if (!fingerprint_equal(&known->cert.fingerprint, signer))
		return err_set(err, ERR_GNUPG, "gpg signed with the key %s instead of %s", parsed.issuer.hex, signer->hex);
	return 0;
}

int gpg_sign(struct gpg *gpg, const struct fingerprint *signer, const void *data, size_t len, struct buf *out,
			 struct err *err)
{
	const struct gpg_known *known;
	auto_gpgme_data plain = NULL, signature = NULL;
	if (gpg_find_primary(gpg, signer, &known, err) < 0 || gpg_data_borrow(&plain, data, len, err) < 0)
		return -1;
	gpgme_signers_clear(gpg->ctx);
	gpgme_error_t cause = gpgme_signers_add(gpg->ctx, known->key);
	if (cause != 0 || gpgme_data_new(&signature) != 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	cause = gpg_run(gpg, start_sign, &(struct sign_job){.plain = plain, .signature = signature});
	gpgme_signers_clear(gpg->ctx);
	if (cause != 0)
		return gpg_fail(gpg, err, ERR_GNUPG, cause, "cannot sign with the key %s", signer->hex);

	auto_buf made = {0};
	if (check_sign_result(gpg, signer, err) < 0 || gpg_data_take(&signature, &made, err) < 0 ||
		check_own_signature(gpg, signer, &made, err) < 0)
		return -1;
	return buf_append(out, made.data, made.len, err);
}

/* --- verifying --- */

static enum signature_state state_of_status(const struct _gpgme_signature *sig)
{
	switch (gpgme_err_code(sig->status)) {
	case GPG_ERR_NO_ERROR:
		return sig->wrong_key_usage ? SIGNATURE_UNFIT : SIGNATURE_GOOD;
	case GPG_ERR_BAD_SIGNATURE:
		return SIGNATURE_BAD;
	case GPG_ERR_NO_PUBKEY:
		return SIGNATURE_NO_KEY;
	case GPG_ERR_CERT_REVOKED:
		return SIGNATURE_REVOKED;
	case GPG_ERR_KEY_EXPIRED:
	case GPG_ERR_SIG_EXPIRED:
		return SIGNATURE_EXPIRED;
	default: /* a digest that we do not take, a key that may not sign, a key younger than its signature */
		return SIGNATURE_UNFIT;
	}
}

/* gpg names the key in full (is_named) with VALIDSIG, and in that of ERRSIG, which none of these follows from. */
static bool is_proven(const struct _gpgme_signature *sig, bool is_named)
{
	switch (gpgme_err_code(sig->status)) {
	case GPG_ERR_NO_ERROR:
	case GPG_ERR_CERT_REVOKED:
	case GPG_ERR_KEY_EXPIRED:
		return is_named && !sig->wrong_key_usage;
	default:
		return false;
	}
}

static const struct cert_subkey *find_subkey(const struct cert *cert, const char *fpr)
{
	for (unsigned i = 0; i < cert->subkey_count; i++)
		if (strcmp(cert->subkeys[i].fingerprint.hex, fpr) == 0)
			return &cert->subkeys[i];
	return NULL;
}

/* gpg's word on a signature that it calls good is checked against the certificate. */
static enum signature_state judge_key(const struct cert *cert, const struct cert_subkey *subkey)
{
	if (cert->revoked || subkey->revoked)
		return SIGNATURE_REVOKED;
	if (cert->expired || subkey->expired)
		return SIGNATURE_EXPIRED;
	if (cert->disabled || cert->invalid || !subkey->can_sign)
		return SIGNATURE_UNFIT;
	return SIGNATURE_GOOD;
}

/* gpg names the key in full only where the mathematics was good; the claim in the packet serves where it did not say.
 */
static int resolve_signer(struct gpg *gpg, const char *fpr, struct signature_result *out, struct err *err)
{
	const struct gpg_known *known;
	if (gpg_find(gpg, fpr, &known, err) < 0)
		return -1;
	const struct cert_subkey *subkey = find_subkey(&known->cert, fpr);
	if (subkey == NULL)
		return err_set(err, ERR_GNUPG, "gpg named the key %s, which its certificate does not have", fpr);
	out->signer = known->cert.fingerprint;
	out->subkey = subkey->fingerprint;
	if (out->state == SIGNATURE_GOOD)
		out->state = judge_key(&known->cert, subkey);
	return 0;
}

static int read_verify_result(struct gpg *gpg, const struct pgp_signature *parsed, struct signature_result *out,
							  struct err *err)
{
	gpgme_verify_result_t result = gpgme_op_verify_result(gpg->ctx);
	const struct _gpgme_signature *sig = result != NULL ? result->signatures : NULL;
	if (sig == NULL || sig->next != NULL)
		return err_set(err, ERR_GNUPG, "gpg did not answer when it was asked to verify a signature");
	struct fingerprint named;
	bool is_named = sig->fpr != NULL && fingerprint_parse(&named, sig->fpr, strlen(sig->fpr));
	*out = (struct signature_result){
		.state = state_of_status(sig), .created = parsed->created, .proven = is_proven(sig, is_named)};
	if (out->state == SIGNATURE_BAD || out->state == SIGNATURE_NO_KEY)
		return 0;
	if (out->state == SIGNATURE_GOOD && !is_named)
		return err_set(err, ERR_GNUPG, "gpg called a signature good without naming the key");
	if (is_named && !fingerprint_equal(&named, &parsed->issuer))
		return err_set(err, ERR_GNUPG, "gpg found another key than the signature names");
	return resolve_signer(gpg, parsed->issuer.hex, out, err);
}

/* A signature tells the first two bytes of its digest, for speed; gpg does not care whether they are right, and they
 * would be the one place of a bundle that could be altered unnoticed (RFC 4880, section 5.2.4). */
static int check_left(const struct pgp_signature *parsed, const unsigned char *sig, const void *data, size_t len,
					  struct signature_result *out, struct err *err)
{
	const size_t n = parsed->hashed_len;
	const unsigned char trailer[6] = {
		4, 0xff, (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
	const struct hash_run runs[] = {{data, len}, {sig + parsed->hashed_at, n}, {trailer, sizeof trailer}};
	unsigned char left[2];
	if (hash_left_two(left, parsed->hash, runs, sizeof runs / sizeof runs[0], err) < 0)
		return -1;
	if (memcmp(left, parsed->left, sizeof left) == 0)
		return 0;
	out->proven = false;
	if (out->state == SIGNATURE_GOOD)
		out->state = SIGNATURE_BAD;
	return 0;
}

int gpg_verify(struct gpg *gpg, const void *sig, size_t sig_len, const void *data, size_t len,
			   struct signature_result *out, struct err *err)
{
	struct pgp_signature parsed;
	auto_gpgme_data signature = NULL, signed_data = NULL;
	if (pgp_parse_signature(&parsed, sig, sig_len, err) < 0 || gpg_data_borrow(&signature, sig, sig_len, err) < 0 ||
		gpg_data_borrow(&signed_data, data, len, err) < 0)
		return -1;
	gpgme_error_t cause = gpgme_op_verify(gpg->ctx, signature, signed_data, NULL);
	if (cause != 0)
		return gpg_fail(gpg, err, ERR_GNUPG, cause, "gpg cannot verify a signature");
	return read_verify_result(gpg, &parsed, out, err) < 0 ? -1 : check_left(&parsed, sig, data, len, out, err);
}
