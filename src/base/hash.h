/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_HASH_H
#define VALISE_BASE_HASH_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/ident.h"

#include <stddef.h>

/* libgcrypt's door, with aead.c: SHA-256 with the processor's own instructions (libsodium's is plain C). */

/* Must be called once, before threads start and before GPGME. ERR_INTERNAL where libgcrypt is too old. */
int hash_library_init(struct err *err);

/* SHA-256 of one run of bytes. Thread-safe. */
void hash_bytes(struct digest *out, const void *bytes, size_t len);

/* SHA-1, for nothing but the ids of OpenPGP keys, which are made of it. */
enum { SHA1_BYTES = 20 };
void hash_sha1(unsigned char out[static SHA1_BYTES], const void *bytes, size_t len);

/* SHA-256, SHA-384 or SHA-512 (OpenPGP's 8, 9, 10) of several runs of bytes, one behind the other: the first two bytes
 * of it. */
struct hash_run {
	const void *bytes;
	size_t len;
};
enum { HASH_RUNS_MAX = 4 };
int hash_left_two(unsigned char out[static 2], unsigned openpgp_id, const struct hash_run runs[], unsigned count,
				  struct err *err); /* ERR_INTERNAL */

/* SHA-256 in pieces. */
struct hash;
int hash_new(struct hash **out, struct err *err); /* owned, hash_free(); ERR_MEMORY */
void hash_update(struct hash *hash, const void *bytes, size_t len);
void hash_finish(struct hash *hash, struct digest *out); /* and start anew */
/* All of an open file, from its beginning and without moving its offset. in: buffer[size] for reading.
 * errors: ERR_IO, ERR_CANCELLED. */
int hash_file(struct hash *hash, int fd, void *buffer, size_t size, struct digest *out, struct err *err);
void hash_free(struct hash *hash);

static inline void cleanup_hash(struct hash **h)
{
	hash_free(*h);
}
#define auto_hash AUTO(cleanup_hash) struct hash

#endif
