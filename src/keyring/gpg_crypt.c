/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_internal.h"

#include "base/cancel.h"
#include "format/pgp.h"

#include <errno.h>
#include <string.h>

/* --- encrypting --- */

static int check_recipient(const struct cert *cert, struct err *err)
{
	const char *why = NULL;
	if (cert->revoked)
		why = "is revoked";
	else if (cert->expired)
		why = "has expired";
	else if (cert->disabled || cert->invalid)
		why = "is disabled or broken";
	else if (!cert_can_encrypt(cert))
		why = "has no key to encrypt to that is in force";
	if (why == NULL)
		return 0;
	(void)err_set(err, ERR_RECIPIENT, "the certificate %s %s", cert->fingerprint.hex, why);
	return err_hint(err, "ask the partner for a new card");
}

static int encrypt_to(struct gpg *gpg, gpgme_key_t key, gpgme_encrypt_flags_t flags, gpgme_data_t plain,
					  gpgme_data_t cipher, struct err *err)
{
	gpgme_key_t keys[] = {key, NULL};
	gpgme_error_t cause = gpgme_op_encrypt(gpg->ctx, keys, flags, plain, cipher);
	gpgme_encrypt_result_t result = gpgme_op_encrypt_result(gpg->ctx);
	if (result != NULL && result->invalid_recipients != NULL)
		return gpg_fail(gpg, err, ERR_RECIPIENT, result->invalid_recipients->reason,
						"gpg does not encrypt to the key %s", key->fpr);
	if (cause != 0)
		return gpg_fail(gpg, err, ERR_GNUPG, cause, "cannot encrypt to the key %s", key->fpr);
	return 0;
}

/* gpg leaves out a recipient that it cannot find and says nothing: the packets are the evidence. */
static int check_slot(const struct cert *cert, const struct buf *made, enum gpg_key_id shown, struct err *err)
{
	struct pgp_slot slot;
	if (made->len == 0)
		return err_set(err, ERR_GNUPG, "gpg did not answer when it was asked to encrypt");
	if (pgp_parse_slot(&slot, (const unsigned char *)made->data, made->len, err) < 0)
		return err_wrap(err, "gpg made a slot that nobody would take: ");
	if (shown == GPG_KEY_ID_HIDDEN)
		return slot.key_id == 0 ? 0 : err_set(err, ERR_GNUPG, "gpg did not hide the key id");
	for (unsigned i = 0; i < cert->subkey_count; i++)
		if (cert->subkeys[i].can_encrypt && cert->subkeys[i].key_id == slot.key_id)
			return 0;
	return err_set(err, ERR_GNUPG, "gpg encrypted to another key than one of %s", cert->fingerprint.hex);
}

int gpg_encrypt_with(struct gpg *gpg, const struct fingerprint *recipient, enum gpg_key_id shown,
					 const struct secret *plain_text, struct buf *out, struct err *err)
{
	const struct gpg_known *known;
	auto_gpgme_data plain = NULL, cipher = NULL;
	auto_buf made = {0};
	gpgme_encrypt_flags_t flags = GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO | GPGME_ENCRYPT_NO_COMPRESS;
	if (shown == GPG_KEY_ID_HIDDEN)
		flags |= GPGME_ENCRYPT_THROW_KEYIDS;
	if (gpg_find_primary(gpg, recipient, &known, err) < 0 || check_recipient(&known->cert, err) < 0 ||
		gpg_data_borrow(&plain, plain_text->bytes, plain_text->len, err) < 0)
		return -1;
	if (gpgme_data_new(&cipher) != 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (encrypt_to(gpg, known->key, flags, plain, cipher, err) < 0 || gpg_data_take(&cipher, &made, err) < 0 ||
		check_slot(&known->cert, &made, shown, err) < 0)
		return -1;
	return buf_append(out, made.data, made.len, err);
}

int gpg_encrypt(struct gpg *gpg, const struct fingerprint *recipient, const struct secret *plain, struct buf *out,
				struct err *err)
{
	return gpg_encrypt_with(gpg, recipient, GPG_KEY_ID_SHOWN, plain, out, err);
}

/* --- decrypting --- */

/* gpg hands out plaintext before it knows whether it is whole: it waits here, in secret memory, for gpg's verdict. One
 * byte more than wanted tells that there is too much. */
struct sink {
	struct secret *room;
	size_t len;
};

static ssize_t sink_write(void *handle, const void *bytes, size_t size)
{
	struct sink *sink = handle;
	if (size > sink->room->len - sink->len) {
		sink->len = sink->room->len;
		errno = EFBIG;
		return -1;
	}
	if (size > 0)
		memcpy(sink->room->bytes + sink->len, bytes, size);
	sink->len += size;
	return (ssize_t)size;
}

struct decrypt_job {
	gpgme_data_t cipher, plain;
};

static gpgme_error_t start_decrypt(struct gpg *gpg, void *arg)
{
	struct decrypt_job *job = arg;
	return gpgme_op_decrypt_start(gpg->ctx, job->cipher, job->plain);
}

static int fail_decrypt(struct gpg *gpg, gpgme_error_t cause, struct err *err)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(gpg->ctx);
	if (result != NULL && result->legacy_cipher_nomdc)
		return err_set(err, ERR_SLOT, "the slot is not protected against changes");
	/* Without our key gpg says "decryption failed"; each recipient that it tried tells why. */
	for (gpgme_recipient_t one = result != NULL ? result->recipients : NULL; one != NULL; one = one->next)
		if (gpgme_err_code(one->status) == GPG_ERR_NO_SECKEY)
			return err_set(err, ERR_KEY_UNAVAILABLE, "the secret key that this slot is for is not in this station");
	return gpg_fail(gpg, err, ERR_SLOT, cause, "cannot decrypt the slot");
}

static int check_decrypt_result(struct gpg *gpg, const struct sink *sink, size_t want_len, struct err *err)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(gpg->ctx);
	if (result == NULL || result->recipients == NULL)
		return err_set(err, ERR_GNUPG, "gpg did not answer when it was asked to decrypt");
	if (result->recipients->next != NULL || result->unsupported_algorithm != NULL || result->legacy_cipher_nomdc)
		return err_set(err, ERR_SLOT, "the slot is not for one key, or not protected against changes");
	if (sink->len != want_len)
		return err_set(err, ERR_SLOT, "the slot holds %zu bytes where %zu are wanted", sink->len, want_len);
	return 0;
}

static int take_plain(const struct sink *sink, struct secret **out, struct err *err)
{
	if (secret_new(out, sink->len, err) < 0)
		return -1;
	memcpy((*out)->bytes, sink->room->bytes, sink->len);
	return 0;
}

/* gpg's own verdict is *cause; what was wrong with a plaintext that it found good is the return value. */
static int run_decrypt(struct gpg *gpg, const void *bytes, size_t len, size_t want_len, struct secret **out,
					   gpgme_error_t *cause, struct err *err)
{
	static struct gpgme_data_cbs callbacks = {.write = sink_write};
	auto_secret *room = NULL;
	auto_gpgme_data cipher = NULL, plain = NULL;
	if (secret_new(&room, want_len + 1, err) < 0 || gpg_data_borrow(&cipher, bytes, len, err) < 0)
		return -1;
	struct sink sink = {.room = room};
	if (gpgme_data_new_from_cbs(&plain, &callbacks, &sink) != 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	*cause = gpg_run(gpg, start_decrypt, &(struct decrypt_job){.cipher = cipher, .plain = plain});
	if (sink.len > want_len)
		return err_set(err, ERR_SLOT, "the slot holds more than the %zu bytes that are wanted", want_len);
	if (*cause != 0)
		return 0;
	return check_decrypt_result(gpg, &sink, want_len, err) < 0 ? -1 : take_plain(&sink, out, err);
}

int gpg_decrypt(struct gpg *gpg, const void *bytes, size_t len, size_t want_len, struct secret **out, struct err *err)
{
	struct pgp_slot slot;
	gpgme_error_t cause = 0;
	*out = NULL;
	if (pgp_parse_slot(&slot, bytes, len, err) < 0 || run_decrypt(gpg, bytes, len, want_len, out, &cause, err) < 0)
		return -1;
	return cause != 0 ? fail_decrypt(gpg, cause, err) : 0;
}

/* --- where recipients are hidden --- */

/* The session key came out, and then the text was no good: nobody else's slot does that. */
static bool is_about_text(gpgme_err_code_t code)
{
	return code == GPG_ERR_DECRYPT_FAILED || code == GPG_ERR_BAD_DATA || code == GPG_ERR_NO_DATA;
}

/* A slot that names no key gpg tries with every secret key, and says the same of a key that does not fit and of a
 * passphrase that was refused. So the slot is given the name of our key: then gpg tells what became of it. */
static int try_key(struct gpg *gpg, const struct _gpgme_subkey *key, const struct buf *slot, size_t want_len,
				   struct secret **out, struct err *err)
{
	auto_buf named = {0};
	gpgme_error_t cause = 0;
	if (buf_append(&named, slot->data, slot->len, err) < 0 ||
		pgp_name_slot_key((unsigned char *)named.data, named.len, strtoull(key->keyid, NULL, 16), err) < 0 ||
		run_decrypt(gpg, named.data, named.len, want_len, out, &cause, err) < 0)
		return -1;
	const gpgme_err_code_t code = gpgme_err_code(cause);
	if (cancel_requested() || is_about_text(code) || (code != GPG_ERR_NO_SECKEY && gpg_is_about_secret(code)))
		return gpg_fail(gpg, err, ERR_SLOT, cause, "cannot decrypt the slot");
	return 0;
}

static bool is_for(const struct pgp_slot *slot, const struct _gpgme_subkey *key)
{
	return key->can_encrypt && key->keyid != NULL &&
		   key->pubkey_algo == (slot->algorithm == PGP_ALGORITHM_RSA ? GPGME_PK_RSA : GPGME_PK_ECDH);
}

int gpg_decrypt_hidden(struct gpg *gpg, const struct fingerprint *self, const void *bytes, size_t len, size_t want_len,
					   struct secret **out, struct err *err)
{
	const struct gpg_known *known;
	struct pgp_slot packets;
	auto_buf slot = {0};
	*out = NULL;
	if (pgp_parse_slot(&packets, bytes, len, err) < 0 || gpg_find_primary(gpg, self, &known, err) < 0 ||
		buf_append(&slot, bytes, len, err) < 0)
		return -1;
	for (gpgme_subkey_t key = known->key->subkeys; key != NULL && *out == NULL; key = key->next)
		if (is_for(&packets, key) && try_key(gpg, key, &slot, want_len, out, err) < 0)
			return -1;
	return 0;
}
