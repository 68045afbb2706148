/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_GPG_H
#define VALISE_KEYRING_GPG_H

#include "base/buf.h"
#include "base/ident.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>

/* GPGME's door. GPGME calls succeed on paper when gpg was killed: every function here demands positive evidence.
 * Contexts are for one thread. */

/* A GnuPG home in use: a throwaway one with only the certificates that one operation needs, or a station's own, reached
 * through a short symlink so that the agent's sockets fit, its agent ended at close. */
struct gpg;

/* How passphrases are asked for. */
enum gpg_passphrase_mode {
	GPG_PASSPHRASE_ASK,   /* the real pinentry */
	GPG_PASSPHRASE_GIVEN, /* from memory, loopback */
	GPG_PASSPHRASE_NEVER, /* batch: fail, never hang */
};
struct gpg_passphrase {
	enum gpg_passphrase_mode mode;
	const struct secret *given; /* borrowed; without NUL or LF */
};

/* Must be called once, before threads start, after hash_library_init(). errors: ERR_GNUPG where gpg is missing or too
 * old. */
int gpg_library_init(struct err *err);

/* A fresh private home that can verify and encrypt, never sign; no agent is started. */
int gpg_open_throwaway(struct gpg **out, struct err *err);
/* A station's gnupg/ folder. passphrase is borrowed until close. */
int gpg_open_station(struct gpg **out, const char *gnupg_dir, const struct gpg_passphrase *passphrase, struct err *err);
void gpg_close(struct gpg *gpg); /* ends the agent by its home, removes what was made; NULL is fine */
static inline void cleanup_gpg(struct gpg **g)
{
	gpg_close(*g);
}
#define auto_gpg AUTO(cleanup_gpg) struct gpg

/* --- certificates --- */

enum { CERT_SUBKEYS_MAX = 32, CERT_UID_MAX = 512 };

struct cert_subkey {
	struct fingerprint fingerprint;
	uint64_t key_id;
	int64_t created, expires; /* 0: never */
	bool can_sign, can_encrypt, revoked, expired, invalid;
};
struct cert {
	struct fingerprint fingerprint; /* primary */
	int64_t created, expires;
	bool revoked, expired, disabled, invalid, has_secret;
	char uid[CERT_UID_MAX];                       /* first user id: foreign bytes, cut is marked with "…" */
	struct cert_subkey subkeys[CERT_SUBKEYS_MAX]; /* the primary first */
	unsigned subkey_count;
	char algorithm[32]; /* "ed25519", "rsa3072" */
};

/* Whether some key of it is in force, of an algorithm that valise takes, and may do this. */
bool cert_can_sign(const struct cert *cert);
bool cert_can_encrypt(const struct cert *cert);
/* Borrowed; NULL where it is none of the certificate's. */
const struct cert_subkey *cert_find_key(const struct cert *cert, const struct fingerprint *fpr);
/* The earlier of two ends, where 0 is never. */
static inline int64_t earlier_end(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 || a < b ? a : b;
}
/* Until when it can do all of these: the earlier of its own end and that of the last key for each use. 0: never ends;
 * -1: no key in force can. */
enum cert_use { CERT_SIGNS = 1 << 0, CERT_ENCRYPTS = 1 << 1 };
int64_t cert_end(const struct cert *cert, unsigned uses);

/* Import one certificate (public) into this home. Demands exactly one key of the expected fingerprint, no secret.
 * errors: ERR_CERTIFICATE, ERR_FINGERPRINT, ERR_GNUPG. */
int gpg_import(struct gpg *gpg, const void *bytes, size_t len, const struct fingerprint *expected, struct err *err);
/* The same for several, in one call of gpg: it takes a recipient's certificate in as fast as it can start. Whether all
 * came in is told, not which did not. errors: as gpg_import(). */
struct gpg_certificate {
	struct buf bytes; /* owned by the caller */
	struct fingerprint expected;
};
int gpg_import_all(struct gpg *gpg, const struct gpg_certificate *all, size_t count, struct err *err);
/* errors: ERR_CERTIFICATE where the key is not in this home or has more than CERT_SUBKEYS_MAX keys. */
int gpg_describe(struct gpg *gpg, const struct fingerprint *fpr, struct cert *out, struct err *err);
/* The same without asking an agent for the secret key; costs nothing where the key was just used. */
int gpg_describe_public(struct gpg *gpg, const struct fingerprint *fpr, struct cert *out, struct err *err);
/* Minimal export (no foreign signatures), binary. */
int gpg_export(struct gpg *gpg, const struct fingerprint *fpr, struct buf *out, struct err *err);
/* A partner's certificate through a throwaway home: checked, imported alone, minimal, exported again.
 * out: *clean holds the bytes to keep, *cert what they say. errors: as gpg_import. */
int gpg_launder(const void *bytes, size_t len, const struct fingerprint *expected, struct buf *clean, struct cert *cert,
				struct err *err);

/* A partner's renewed certificate and the kept one become one, through throwaway homes: new ends, subkeys and
 * revocations come in, none of the kept ones goes. out: *merged holds the bytes to keep, *before and *after what kept
 * and merged say. errors: those of gpg_launder(), ERR_FINGERPRINT for another primary key; ERR_CERTIFICATE where the
 * candidate lacks a revocation that the kept one has. */
int gpg_merge(const struct buf *kept, const struct buf *candidate, const struct fingerprint *expected,
			  struct buf *merged, struct cert *before, struct cert *after, struct err *err);
/* One that takes the place of another, whole, takes nothing back that was known. errors: ERR_CERTIFICATE naming the key
 * whose revocation it lacks, or that it lacks. */
int cert_check_successor(const struct cert *kept, const struct cert *candidate, struct err *err);
/* Whether two certificates of one key say the same as far as valise cares. */
bool cert_is_same(const struct cert *a, const struct cert *b);

/* --- own keys (station homes) --- */

/* Ed25519 primary that certifies and signs, Cv25519 subkey that encrypts, two years. in: user id "Name (Organisation)".
 * protection: whether a passphrase is asked for, or taken from the home's. */
enum gpg_protection { GPG_PROTECTED, GPG_UNPROTECTED };
int gpg_generate(struct gpg *gpg, const char *user_id, enum gpg_protection protection, struct fingerprint *out,
				 struct err *err);
/* Copy a secret key (or card stub) with its certificate from another GnuPG home, which is only read.
 * errors: ERR_KEY_UNAVAILABLE where it is not there; ERR_CERTIFICATE where it cannot sign and encrypt with allowed
 * algorithms. */
int gpg_adopt(struct gpg *gpg, const char *from_home, const struct fingerprint *fpr, struct err *err);

/* Takes the certificate of a key that was just adopted out of a station's home again, where its secret half is gone.
 * What fails is let be: a certificate that nothing speaks of does no harm. */
void gpg_remove(struct gpg *gpg, const struct fingerprint *fpr);

/* --- the four operations --- */

/* Binary detached signature, one packet, checked with pgp_parse_signature() before it is returned.
 * errors: ERR_KEY_UNAVAILABLE, ERR_CANCELLED where the person cancelled, ERR_GNUPG. */
int gpg_sign(struct gpg *gpg, const struct fingerprint *signer, const void *data, size_t len, struct buf *out,
			 struct err *err);

enum signature_state {
	SIGNATURE_GOOD,
	SIGNATURE_BAD,     /* does not match the data */
	SIGNATURE_NO_KEY,  /* certificate not in this home */
	SIGNATURE_REVOKED, /* key revoked */
	SIGNATURE_EXPIRED, /* key or signature expired */
	SIGNATURE_UNFIT,   /* good mathematics, but a key that may not sign, weak digest, or anything else */
};
struct signature_result {
	enum signature_state state;
	struct fingerprint signer; /* primary, when state is not BAD or NO_KEY */
	struct fingerprint subkey;
	int64_t created;
	/* The mathematics holds, in gpg's own words (VALIDSIG), by a key that may sign; also where state is REVOKED or
	 * EXPIRED: gpg says BAD before it looks at what became of the key. */
	bool proven;
};
/* in: sig passed pgp_parse_signature(). 0 also for a bad signature: the state tells. errors: ERR_GNUPG where gpg did
 * not answer. */
int gpg_verify(struct gpg *gpg, const void *sig, size_t sig_len, const void *data, size_t len,
			   struct signature_result *out, struct err *err);

/* Encrypt to exactly one certificate of this home, uncompressed; checked with pgp_parse_slot() and for its key id
 * before it is returned. errors: ERR_RECIPIENT where the key is revoked, expired, disabled or cannot encrypt. */
int gpg_encrypt(struct gpg *gpg, const struct fingerprint *recipient, const struct secret *plain, struct buf *out,
				struct err *err);

/* The same with a choice: where recipients are hidden, the slot names no key. */
enum gpg_key_id { GPG_KEY_ID_SHOWN, GPG_KEY_ID_HIDDEN };
int gpg_encrypt_with(struct gpg *gpg, const struct fingerprint *recipient, enum gpg_key_id shown,
					 const struct secret *plain, struct buf *out, struct err *err);

/* Decrypt a slot that passed pgp_parse_slot(); only after gpg's integrity check does anything come out.
 * out: *out owned secret of exactly want_len bytes. errors: ERR_KEY_UNAVAILABLE (no secret key, cancelled, wrong
 * passphrase), ERR_SLOT where the plaintext has another length or is not integrity-protected, ERR_CANCELLED. */
int gpg_decrypt(struct gpg *gpg, const void *cipher, size_t len, size_t want_len, struct secret **out, struct err *err);

/* Where recipients are hidden: whether the slot is for a key of this certificate, whose secret halves are in this home.
 * A passphrase that is refused or not given is an error of its own and asked for once at most.
 * out: *out as above; NULL, with 0 returned, where it is for somebody else. errors: as gpg_decrypt(). */
int gpg_decrypt_hidden(struct gpg *gpg, const struct fingerprint *self, const void *cipher, size_t len, size_t want_len,
					   struct secret **out, struct err *err);

/* "2.2.40". errors: ERR_GNUPG where gpg does not run, or is older than 2.2. */
int gpg_version(char *out, size_t size, struct err *err);

#endif
