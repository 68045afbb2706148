/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_GPG_INTERNAL_H
#define VALISE_KEYRING_GPG_INTERNAL_H

#include "keyring/gpg.h"
#include "keyring/gpg_home.h"

#include <gpgme.h>

/* What the files gpg*.c share behind keyring/gpg.h. Only they include this header, and gpgme.h with it. */

struct gpg {
	gpgme_ctx_t ctx;
	struct gpg_home home;
	struct gpg_passphrase passphrase;
	bool was_given;           /* the passphrase, in the operation that runs */
	bool given_in_vain;       /* and asked for again */
	char given_for[256];      /* which key, as GPGME tells it */
	bool may_ask;             /* a station's home: secret keys are there, an agent may be started */
	struct gpg_known **known; /* what gpg_find() has read so far, until the keyring changes */
	size_t known_count;
};

/* A certificate of this home, as GPGME has it and as we do. */
struct gpg_known {
	gpgme_key_t key;
	struct cert cert;
};

/* Whether the file of a secret key is but the stub that says on which smart card it is. */
bool gpg_is_stub(const void *bytes, size_t len);
/* What of the other home's settings reaches a smart card: the daemon, the pinentry, and the daemon's own settings.
 * errors: ERR_IO, ERR_LIMIT. */
int gpg_take_card_settings(const char *from_home, const char *to_home, struct err *err);

/* A context on any home. errors: ERR_GNUPG. */
int gpg_open_context(struct gpg **out, struct gpg_home *home, const struct gpg_passphrase *passphrase, struct err *err);

/* Record what gpg said. A cancel request, or a person who cancelled at the pinentry, becomes ERR_CANCELLED; a missing
 * secret key or passphrase becomes ERR_KEY_UNAVAILABLE; all else is `code`. Returns -1. */
[[gnu::format(printf, 5, 6)]] int gpg_fail(struct gpg *gpg, struct err *err, enum err_code code, gpgme_error_t cause,
										   const char *fmt, ...);

/* Whether this is about a secret key that is not there, or a passphrase or PIN that was not given. */
bool gpg_is_about_secret(gpgme_err_code_t code);

/* Run an operation that may have to wait for a person: start() and then wait, so that a cancel request ends the wait.
 */
gpgme_error_t gpg_run(struct gpg *gpg, gpgme_error_t (*start)(struct gpg *gpg, void *arg), void *arg);

/* The certificate that a key or subkey of this home belongs to. out: borrowed until the keyring changes or gpg_close().
 * errors: ERR_CERTIFICATE where it is not here, ERR_GNUPG. */
int gpg_find(struct gpg *gpg, const char *fpr_of_any_key, const struct gpg_known **out, struct err *err);
/* The same for a primary key only. */
int gpg_find_primary(struct gpg *gpg, const struct fingerprint *fpr, const struct gpg_known **out, struct err *err);
/* Reads all certificates of this home at once, for gpg_find() to find them without a call of gpg each. */
int gpg_find_all(struct gpg *gpg, struct err *err);
void gpg_forget(struct gpg *gpg);
/* Whether valise-format(5) allows what this key can do: algorithm and size. */
bool gpg_algorithm_is_allowed(const struct _gpgme_subkey *key);

static inline void cleanup_gpgme_data(gpgme_data_t *data)
{
	if (*data != NULL)
		gpgme_data_release(*data);
}
#define auto_gpgme_data AUTO(cleanup_gpgme_data) gpgme_data_t

static inline void cleanup_gpgme_key(gpgme_key_t *key)
{
	if (*key != NULL)
		gpgme_key_unref(*key);
}
#define auto_gpgme_key AUTO(cleanup_gpgme_key) gpgme_key_t

/* Bytes for gpg to read; borrowed as long as the data lives. */
int gpg_data_borrow(gpgme_data_t *out, const void *bytes, size_t len, struct err *err);
/* What gpg wrote, moved into out; *data becomes NULL. */
int gpg_data_take(gpgme_data_t *data, struct buf *out, struct err *err);

#endif
