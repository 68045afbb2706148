/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_GPG_SYMMETRIC_H
#define VALISE_KEYRING_GPG_SYMMETRIC_H

#include "base/err.h"
#include "base/secret.h"

#include <stddef.h>
#include <stdint.h>

/* Streams under a passphrase and no key: an OpenPGP message of one symmetric-key packet (AES-256, SHA-512 iterated and
 * salted as often as OpenPGP can say) and one encrypted-data packet with its integrity check; `gpg --decrypt` opens it.
 * Memory stays flat. */

/* The next bytes of the plaintext, at most size; *out_len 0 at its end. Returns 0, or -1 with err. */
typedef int gpg_source(void *ctx, void *bytes, size_t size, size_t *out_len, struct err *err);
/* Takes bytes of the plaintext. Returns 0, or -1 with err, which ends the work. */
typedef int gpg_drain(void *ctx, const void *bytes, size_t len, struct err *err);

/* in: out_fd, written from where it stands. errors: those of source; ERR_IO, ERR_NO_SPACE, ERR_GNUPG, ERR_CANCELLED. */
int gpg_symmetric_seal(int out_fd, const struct secret *passphrase, gpg_source *source, void *ctx, struct err *err);

/* Whether the file has the outer form of such a message, from its first byte to its last.
 * errors: ERR_BACKUP, ERR_TRUNCATED. */
int gpg_symmetric_check(int fd, struct err *err);

/* The whole of a file that passed gpg_symmetric_check(). drain gets bytes BEFORE their integrity is known: nothing that
 * it learned counts unless this returns 0. More plaintext than the file has bytes is refused: nothing is compressed.
 * errors: those of drain; ERR_KEY_UNAVAILABLE for a wrong passphrase, ERR_DAMAGED, ERR_GNUPG, ERR_CANCELLED. */
int gpg_symmetric_open(int fd, const struct secret *passphrase, gpg_drain *drain, void *ctx, struct err *err);

#endif
