/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_internal.h"

#include "format/pgp.h"

#include <string.h>
#include <strings.h>

/* --- what a key may be --- */

static bool is_curve(const char *curve, const char *const names[], size_t count)
{
	for (size_t i = 0; curve != NULL && i < count; i++)
		if (strcasecmp(curve, names[i]) == 0)
			return true;
	return false;
}

bool gpg_algorithm_is_allowed(const struct _gpgme_subkey *key)
{
	static const char *const curves[] = {
		"nistp256",   "nistp384",        "nistp521",        "NIST P-256",      "NIST P-384",
		"NIST P-521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
	};
	static const char *const eddsa[] = {"ed25519"}, *const cv25519[] = {"cv25519", "curve25519"};
	switch (key->pubkey_algo) {
	case GPGME_PK_RSA:
		return key->length >= 2048;
	case GPGME_PK_EDDSA:
		return is_curve(key->curve, eddsa, 1);
	case GPGME_PK_ECDH:
		return is_curve(key->curve, cv25519, 2) || is_curve(key->curve, curves, sizeof curves / sizeof curves[0]);
	case GPGME_PK_ECDSA:
		return is_curve(key->curve, curves, sizeof curves / sizeof curves[0]);
	default:
		return false;
	}
}

bool cert_can_sign(const struct cert *cert)
{
	for (unsigned i = 0; i < cert->subkey_count; i++)
		if (cert->subkeys[i].can_sign)
			return true;
	return false;
}

bool cert_can_encrypt(const struct cert *cert)
{
	for (unsigned i = 0; i < cert->subkey_count; i++)
		if (cert->subkeys[i].can_encrypt)
			return true;
	return false;
}

/* --- describing --- */

static int copy_fingerprint(struct fingerprint *out, const char *text, struct err *err)
{
	if (text == NULL || !fingerprint_parse(out, text, strlen(text)))
		return err_set(err, ERR_CERTIFICATE, "a key without a proper fingerprint");
	return 0;
}

static int describe_subkey(struct cert_subkey *out, const struct _gpgme_subkey *key, struct err *err)
{
	if (copy_fingerprint(&out->fingerprint, key->fpr, err) < 0)
		return -1;
	if (key->timestamp <= 0 || key->expires < 0)
		return err_set(err, ERR_CERTIFICATE, "key %s has no proper times", out->fingerprint.hex);
	out->key_id = key->keyid != NULL ? strtoull(key->keyid, NULL, 16) : 0;
	out->created = key->timestamp;
	out->expires = key->expires;
	out->revoked = key->revoked;
	out->expired = key->expired;
	out->invalid = key->invalid;
	bool usable = !key->revoked && !key->expired && !key->invalid && !key->disabled && gpg_algorithm_is_allowed(key);
	out->can_sign = usable && key->can_sign;
	out->can_encrypt = usable && key->can_encrypt;
	return 0;
}

static void describe_uid(struct cert *out, gpgme_key_t key)
{
	static const char cut[] = "…";
	const char *uid = key->uids != NULL && key->uids->uid != NULL ? key->uids->uid : "";
	if (snprintf(out->uid, sizeof out->uid, "%s", uid) >= (int)sizeof out->uid)
		memcpy(out->uid + sizeof out->uid - sizeof cut, cut, sizeof cut);
}

static int describe_key(struct cert *out, gpgme_key_t key, struct err *err)
{
	*out = (struct cert){0};
	if (key->subkeys == NULL || copy_fingerprint(&out->fingerprint, key->subkeys->fpr, err) < 0)
		return err_set(err, ERR_CERTIFICATE, "a certificate without a key");
	for (gpgme_subkey_t sub = key->subkeys; sub != NULL; sub = sub->next) {
		if (out->subkey_count == CERT_SUBKEYS_MAX)
			return err_set(err, ERR_CERTIFICATE, "certificate %s has more than %d keys", out->fingerprint.hex,
						   CERT_SUBKEYS_MAX);
		if (describe_subkey(&out->subkeys[out->subkey_count++], sub, err) < 0)
			return -1;
	}
	out->created = out->subkeys[0].created;
	out->expires = out->subkeys[0].expires;
	out->revoked = key->revoked || out->subkeys[0].revoked;
	out->expired = key->expired || out->subkeys[0].expired;
	out->disabled = key->disabled;
	out->invalid = key->invalid || out->subkeys[0].invalid;
	out->has_secret = key->secret;
	describe_uid(out, key);
	char *algorithm = gpgme_pubkey_algo_string(key->subkeys);
	(void)snprintf(out->algorithm, sizeof out->algorithm, "%s", algorithm != NULL ? algorithm : "unknown");
	gpgme_free(algorithm);
	return 0;
}

/* As gpgme_get_key() does it, but in our own context: that one makes another, for which gpg is asked its version anew.
 */
static gpgme_error_t get_key(gpgme_ctx_t ctx, const char *fpr, bool want_secret, gpgme_key_t *out)
{
	auto_gpgme_key second = NULL;
	gpgme_error_t cause = gpgme_op_keylist_start(ctx, fpr, want_secret);
	if (cause != 0)
		return cause;
	cause = gpgme_op_keylist_next(ctx, out);
	if (cause == 0 && gpgme_op_keylist_next(ctx, &second) == 0)
		cause = gpgme_error(GPG_ERR_AMBIGUOUS_NAME);
	(void)gpgme_op_keylist_end(ctx); /* what it found is here */
	return cause;
}

static int look_up(struct gpg *gpg, const char *fpr, bool want_secret, gpgme_key_t *out, struct err *err)
{
	gpgme_error_t cause = gpgme_set_keylist_mode(gpg->ctx, GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_WITH_KEYGRIP);
	*out = NULL;
	gpg->home.agent_used |= want_secret;
	if (cause == 0)
		cause = get_key(gpg->ctx, fpr, want_secret, out);
	if (cause == 0)
		return 0;
	if (gpgme_err_code(cause) == GPG_ERR_EOF)
		return err_set(err, ERR_CERTIFICATE, "the key %s is not here", fpr);
	return gpg_fail(gpg, err, ERR_GNUPG, cause, "cannot look up the key %s", fpr);
}

static const struct gpg_known *find_known(const struct gpg *gpg, const char *fpr)
{
	for (size_t i = 0; i < gpg->known_count; i++)
		for (unsigned k = 0; k < gpg->known[i]->cert.subkey_count; k++)
			if (strcmp(gpg->known[i]->cert.subkeys[k].fingerprint.hex, fpr) == 0)
				return gpg->known[i];
	return NULL;
}

static void known_free(struct gpg_known *known)
{
	gpgme_key_unref(known->key);
	free(known);
}

/* Takes the key, also where it fails. */
static int remember(struct gpg *gpg, gpgme_key_t key, struct err *err)
{
	struct gpg_known *known = calloc(1, sizeof *known);
	struct gpg_known **all = reallocarray(gpg->known, gpg->known_count + 1, sizeof(struct gpg_known *));
	if (all != NULL)
		gpg->known = all;
	if (known == NULL || all == NULL) {
		free(known);
		gpgme_key_unref(key);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	known->key = key;
	if (describe_key(&known->cert, key, err) < 0) {
		known_free(known);
		return -1;
	}
	gpg->known[gpg->known_count++] = known;
	return 0;
}

int gpg_find_all(struct gpg *gpg, struct err *err)
{
	gpgme_key_t key = NULL;
	gpg_forget(gpg);
	gpgme_error_t cause = gpgme_set_keylist_mode(gpg->ctx, GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_WITH_KEYGRIP);
	if (cause == 0)
		cause = gpgme_op_keylist_start(gpg->ctx, NULL, 0);
	while (cause == 0 && (cause = gpgme_op_keylist_next(gpg->ctx, &key)) == 0)
		if (remember(gpg, key, err) < 0)
			return (void)gpgme_op_keylist_end(gpg->ctx), -1;
	if (gpgme_err_code(cause) != GPG_ERR_EOF)
		return gpg_fail(gpg, err, ERR_GNUPG, cause, "cannot list the keys");
	return 0;
}

int gpg_find(struct gpg *gpg, const char *fpr, const struct gpg_known **out, struct err *err)
{
	gpgme_key_t key = NULL;
	*out = find_known(gpg, fpr);
	if (*out != NULL)
		return 0;
	if (look_up(gpg, fpr, false, &key, err) < 0 || remember(gpg, key, err) < 0)
		return -1;
	*out = find_known(gpg, fpr);
	return *out != NULL ? 0 : err_set(err, ERR_GNUPG, "gpg gave another key than %s", fpr);
}

int gpg_find_primary(struct gpg *gpg, const struct fingerprint *fpr, const struct gpg_known **out, struct err *err)
{
	if (gpg_find(gpg, fpr->hex, out, err) < 0)
		return -1;
	if (!fingerprint_equal(&(*out)->cert.fingerprint, fpr))
		return err_set(err, ERR_CERTIFICATE, "%s is a subkey, not the primary key of a certificate", fpr->hex);
	return 0;
}

void gpg_forget(struct gpg *gpg)
{
	for (size_t i = 0; i < gpg->known_count; i++)
		known_free(gpg->known[i]);
	free(gpg->known);
	gpg->known = NULL;
	gpg->known_count = 0;
}

/* Whether the secret key is here only a station's agent can tell. */
static int find_secret(struct gpg *gpg, struct cert *cert, struct err *err)
{
	auto_gpgme_key key = NULL;
	struct err missing = ERR_INIT;
	if (!gpg->may_ask)
		return 0;
	if (look_up(gpg, cert->fingerprint.hex, true, &key, &missing) == 0)
		cert->has_secret = true;
	else if (missing.code != ERR_CERTIFICATE)
		return *err = missing, -1;
	return 0;
}

int gpg_describe_public(struct gpg *gpg, const struct fingerprint *fpr, struct cert *out, struct err *err)
{
	const struct gpg_known *known;
	if (gpg_find_primary(gpg, fpr, &known, err) < 0)
		return -1;
	*out = known->cert;
	return 0;
}

int gpg_describe(struct gpg *gpg, const struct fingerprint *fpr, struct cert *out, struct err *err)
{
	return gpg_describe_public(gpg, fpr, out, err) < 0 ? -1 : find_secret(gpg, out, err);
}

/* --- importing and exporting --- */

/* GPGME says success also where gpg was killed and nothing was considered. */
static int check_import(const struct _gpgme_op_import_result *result, const struct fingerprint *expected,
						struct err *err)
{
	if (result == NULL || result->considered == 0)
		return err_set(err, ERR_GNUPG, "gpg did not answer when it was given a certificate");
	if (result->secret_read != 0)
		return err_set(err, ERR_CERTIFICATE, "a secret key where a certificate is expected");
	if (result->considered != 1)
		return err_set(err, ERR_CERTIFICATE, "%d keys where one certificate is expected", result->considered);
	if (result->no_user_id != 0)
		return err_set(err, ERR_CERTIFICATE,
					   "the certificate has no user id that its own key signed with a fit digest");
	if (result->imports == NULL || result->imports->result != 0)
		return err_set(err, ERR_CERTIFICATE, "gpg does not take the certificate");
	for (gpgme_import_status_t one = result->imports; one != NULL; one = one->next)
		if (one->fpr == NULL || strcmp(one->fpr, expected->hex) != 0)
			return err_set(err, ERR_FINGERPRINT, "the certificate is of the key %s, not %s",
						   one->fpr != NULL ? one->fpr : "?", expected->hex);
	return 0;
}

int gpg_import(struct gpg *gpg, const void *bytes, size_t len, const struct fingerprint *expected, struct err *err)
{
	auto_gpgme_data data = NULL;
	if (pgp_check_certificate(bytes, len, err) < 0 || gpg_data_borrow(&data, bytes, len, err) < 0)
		return -1;
	gpg_forget(gpg);
	gpg->home.agent_used |= gpg->may_ask;
	gpgme_error_t cause = gpgme_op_import(gpg->ctx, data);
	if (cause != 0)
		return gpg_fail(gpg, err, ERR_CERTIFICATE, cause, "gpg does not take the certificate");
	if (check_import(gpgme_op_import_result(gpg->ctx), expected, err) < 0)
		return -1;
	return gpg_home_commit(&gpg->home, err);
}

int gpg_export(struct gpg *gpg, const struct fingerprint *fpr, struct buf *out, struct err *err)
{
	auto_gpgme_data data = NULL;
	if (gpgme_data_new(&data) != 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	gpgme_error_t cause = gpgme_op_export(gpg->ctx, fpr->hex, GPGME_EXPORT_MODE_MINIMAL, data);
	if (cause != 0)
		return gpg_fail(gpg, err, ERR_GNUPG, cause, "cannot export the certificate %s", fpr->hex);
	size_t before = out->len;
	if (gpg_data_take(&data, out, err) < 0)
		return -1;
	if (out->len == before)
		return err_set(err, ERR_CERTIFICATE, "the key %s is not here", fpr->hex);
	return pgp_check_certificate((const unsigned char *)out->data + before, out->len - before, err);
}

int gpg_launder(const void *bytes, size_t len, const struct fingerprint *expected, struct buf *clean, struct cert *cert,
				struct err *err)
{
	auto_gpg *gpg = NULL;
	if (gpg_open_throwaway(&gpg, err) < 0 || gpg_import(gpg, bytes, len, expected, err) < 0 ||
		gpg_describe(gpg, expected, cert, err) < 0)
		return -1;
	return gpg_export(gpg, expected, clean, err);
}
