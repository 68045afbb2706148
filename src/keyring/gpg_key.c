/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_internal.h"

#include "base/io.h"
#include "base/path.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { SECRET_FILE_MAX = 64 << 10 };

/* --- making --- */

static gpgme_error_t start_genkey(struct gpg *gpg, void *arg)
{
	return gpgme_op_genkey_start(gpg->ctx, arg, NULL, NULL);
}

/* One run makes both keys, so that a person is asked once. The user id is one line of GnuPG's parameters: it must not
 * make another. */
static int format_parameters(struct buf *out, const char *user_id, enum gpg_protection protection, struct err *err)
{
	if (user_id[0] == '\0' || user_id[0] == ' ' || !text_is_plain(user_id, strlen(user_id)))
		return err_set(err, ERR_USAGE, "the name is empty or has control characters");
	return buf_printf(out, err,
					  "<GnupgKeyParms format=\"internal\">\n"
					  "Key-Type: EdDSA\nKey-Curve: ed25519\nKey-Usage: cert sign\n"
					  "Subkey-Type: ECDH\nSubkey-Curve: cv25519\nSubkey-Usage: encrypt\n"
					  "Name-Real: %s\nExpire-Date: 2y\n%s"
					  "</GnupgKeyParms>\n",
					  user_id, protection == GPG_UNPROTECTED ? "%no-protection\n" : "");
}

static bool has_live_keys(const struct cert *cert)
{
	return cert_can_sign(cert) && cert_can_encrypt(cert) && !cert->revoked && !cert->expired && !cert->disabled &&
		   !cert->invalid;
}

static int check_generated(struct gpg *gpg, struct fingerprint *out, struct err *err)
{
	struct cert cert;
	gpgme_genkey_result_t result = gpgme_op_genkey_result(gpg->ctx);
	if (result == NULL || result->fpr == NULL || !fingerprint_parse(out, result->fpr, strlen(result->fpr)))
		return err_set(err, ERR_GNUPG, "gpg did not answer when it was asked to make a key");
	if (gpg_describe(gpg, out, &cert, err) < 0)
		return -1;
	if (!cert.has_secret || !has_live_keys(&cert))
		return err_set(err, ERR_GNUPG, "gpg made a key that cannot sign and decrypt");
	return 0;
}

int gpg_generate(struct gpg *gpg, const char *user_id, enum gpg_protection protection, struct fingerprint *out,
				 struct err *err)
{
	auto_buf parameters = {0};
	if (format_parameters(&parameters, user_id, protection, err) < 0)
		return -1;
	if (protection == GPG_PROTECTED && gpg->passphrase.mode == GPG_PASSPHRASE_NEVER) {
		(void)err_set(err, ERR_KEY_UNAVAILABLE, "nobody is here to choose a passphrase for the new key");
		return err_hint(err, "run this at a terminal, give one with --passphrase-fd N, or say --no-passphrase");
	}
	gpg_forget(gpg);
	gpgme_error_t cause = gpg_run(gpg, start_genkey, parameters.data);
	if (cause != 0)
		return gpg_fail(gpg, err, ERR_GNUPG, cause, "cannot make a key");
	if (gpg_home_commit(&gpg->home, err) < 0)
		return -1;
	return check_generated(gpg, out, err);
}

void gpg_remove(struct gpg *gpg, const struct fingerprint *fpr)
{
	struct err ignored = ERR_INIT;
	const struct gpg_known *known;
	if (gpg_find_primary(gpg, fpr, &known, &ignored) < 0)
		return;
	(void)gpgme_op_delete_ext(gpg->ctx, known->key, GPGME_DELETE_FORCE);
	gpg_forget(gpg);
	(void)gpg_home_commit(&gpg->home, &ignored);
}

/* --- adopting --- */

/* The secret half is copied as the file that GnuPG keeps it in: its protection, or the stub that points to a smart
 * card, stays what it is, and nobody is asked for a passphrase. The name is the keygrip. */
static int copy_secret(const char *from_home, const char *to_home, const char *keygrip, bool *is_on_card,
					   struct err *err)
{
	char name[128];
	auto_free char *from = NULL, *to = NULL;
	auto_buf bytes = {0};
	if (keygrip == NULL || strlen(keygrip) != 40 || strspn(keygrip, "0123456789ABCDEF") != 40)
		return err_set(err, ERR_GNUPG, "gpg gave a key without a keygrip");
	(void)snprintf(name, sizeof name, "private-keys-v1.d/%s.key", keygrip);
	if (path_join(&from, from_home, name, err) < 0 || path_join(&to, to_home, name, err) < 0)
		return -1;
	int rc = io_read_file(&bytes, AT_FDCWD, from, SECRET_FILE_MAX, err);
	if (rc == 0)
		rc = io_replace_file(AT_FDCWD, to, bytes.data, bytes.len, 0600, err);
	*is_on_card |= gpg_is_stub(bytes.data, bytes.len);
	if (bytes.data != NULL)
		secret_wipe(bytes.data, bytes.cap);
	return rc;
}

static bool is_live(const struct _gpgme_subkey *key)
{
	return !key->revoked && !key->expired && !key->disabled && !key->invalid;
}

static bool has_file(const char *home, const char *keygrip)
{
	char path[4096];
	struct stat st;
	return keygrip != NULL &&
		   snprintf(path, sizeof path, "%s/private-keys-v1.d/%s.key", home, keygrip) < (int)sizeof path &&
		   stat(path, &st) == 0;
}

/* gpg takes the newest key that can: so every one that could be taken must be fit. */
static int check_adoptable(gpgme_key_t key, const char *from_home, struct err *err)
{
	bool can_sign = false, can_encrypt = false;
	if (key->revoked || key->expired || key->disabled || key->invalid) {
		(void)err_set(err, ERR_CERTIFICATE, "the key %s is revoked, expired or disabled", key->fpr);
		return err_hint(err, "choose another key; valise init without --adopt makes a new one");
	}
	for (gpgme_subkey_t sub = key->subkeys; sub != NULL; sub = sub->next) {
		if (!is_live(sub) || !(sub->can_sign || sub->can_encrypt))
			continue;
		if (!gpg_algorithm_is_allowed(sub)) {
			(void)err_set(err, ERR_CERTIFICATE, "the key %s has an algorithm or size that valise does not take",
						  sub->fpr);
			return err_hint(
				err, "RSA from 2048 bits, Ed25519 with Cv25519, NIST and Brainpool curves are taken; valise init "
					 "without --adopt makes a new key");
		}
		bool here = has_file(from_home, sub->keygrip);
		can_sign |= sub->can_sign && here;
		can_encrypt |= sub->can_encrypt && here;
	}
	if (can_sign && can_encrypt)
		return 0;
	(void)err_set(err, ERR_CERTIFICATE, "the key %s has no %s in force whose secret half is here", key->fpr,
				  can_sign ? "encryption key" : "signing key");
	return err_hint(err, "GNUPGHOME names the GnuPG home that holds the secret key; valise init without --adopt makes "
						 "a new one");
}

/* Our own view of the other home: its settings do not count, and nothing is written to it. */
static int open_foreign(struct gpg **out, const char *from_home, struct err *err)
{
	struct gpg_home home;
	*out = NULL;
	if (gpg_home_make_foreign(&home, from_home, err) < 0) {
		(void)err_recode(err, ERR_KEY_UNAVAILABLE);
		return err_hint(err, "GNUPGHOME names the GnuPG home that the key is in");
	}
	return gpg_open_context(out, &home, NULL, err);
}

static int find_foreign(struct gpg *foreign, const struct fingerprint *fpr, const struct gpg_known **out,
						struct err *err)
{
	if (gpg_find_primary(foreign, fpr, out, err) == 0)
		return 0;
	if (err->code == ERR_CERTIFICATE)
		(void)err_recode(err, ERR_KEY_UNAVAILABLE);
	return err_hint(err,
					"gpg --list-secret-keys --with-subkey-fingerprint shows what is there; give the first fingerprint");
}

static int check_adopted(struct gpg *gpg, const struct fingerprint *fpr, struct err *err)
{
	struct cert cert;
	if (gpg_describe(gpg, fpr, &cert, err) < 0)
		return -1;
	if (!cert.has_secret || !has_live_keys(&cert))
		return err_set(err, ERR_CERTIFICATE, "the key %s cannot sign and decrypt here", fpr->hex);
	return 0;
}

int gpg_adopt(struct gpg *gpg, const char *from_home, const struct fingerprint *fpr, struct err *err)
{
	auto_gpg *foreign = NULL;
	const struct gpg_known *known;
	auto_buf certificate = {0};
	bool is_on_card = false;
	if (open_foreign(&foreign, from_home, err) < 0 || find_foreign(foreign, fpr, &known, err) < 0 ||
		check_adoptable(known->key, from_home, err) < 0 || gpg_export(foreign, fpr, &certificate, err) < 0)
		return -1;
	for (gpgme_subkey_t sub = known->key->subkeys; sub != NULL; sub = sub->next)
		if (has_file(from_home, sub->keygrip) &&
			copy_secret(from_home, gpg->home.origin, sub->keygrip, &is_on_card, err) < 0)
			return -1;
	if (is_on_card && gpg_take_card_settings(from_home, gpg->home.origin, err) < 0)
		return -1;
	if (gpg_import(gpg, certificate.data, certificate.len, fpr, err) < 0)
		return -1;
	return check_adopted(gpg, fpr, err);
}
