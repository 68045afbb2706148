/* SPDX-License-Identifier: Apache-2.0 */
#include "base/aead.h"

#include <gcrypt.h>
#include <string.h>

struct aead {
	gcry_cipher_hd_t cipher;
};

int aead_new(struct aead **out, const struct secret *key, struct err *err)
{
	*out = NULL;
	struct aead *aead = calloc(1, sizeof *aead);
	if (aead == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (key->len != KEY_BYTES ||
		gcry_cipher_open(&aead->cipher, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0) != 0 ||
		gcry_cipher_setkey(aead->cipher, key->bytes, key->len) != 0) {
		aead_free(aead);
		return err_set(err, ERR_INTERNAL, "libgcrypt does not offer ChaCha20-Poly1305");
	}
	*out = aead;
	return 0;
}

void aead_free(struct aead *aead)
{
	if (aead == NULL)
		return;
	gcry_cipher_close(aead->cipher); /* wipes its key schedule */
	free(aead);
}

static int aead_begin(struct aead *aead, const unsigned char *nonce, const void *ad, size_t ad_len, struct err *err)
{
	if (gcry_cipher_reset(aead->cipher) != 0 || gcry_cipher_setiv(aead->cipher, nonce, AEAD_NONCE) != 0 ||
		gcry_cipher_authenticate(aead->cipher, ad, ad_len) != 0 || gcry_cipher_final(aead->cipher) != 0)
		return err_set(err, ERR_INTERNAL, "libgcrypt refused a nonce");
	return 0;
}

int aead_seal(struct aead *aead, const unsigned char nonce[static AEAD_NONCE], const void *ad, size_t ad_len,
			  const unsigned char *plain, size_t len, unsigned char *out, struct err *err)
{
	if (aead_begin(aead, nonce, ad, ad_len, err) < 0)
		return -1;
	gcry_error_t rc = out == plain ? gcry_cipher_encrypt(aead->cipher, out, len, NULL, 0)
								   : gcry_cipher_encrypt(aead->cipher, out, len, plain, len);
	if (rc != 0 || gcry_cipher_gettag(aead->cipher, out + len, AEAD_TAG) != 0)
		return err_set(err, ERR_INTERNAL, "libgcrypt could not encrypt");
	return 0;
}

int aead_open(struct aead *aead, const unsigned char nonce[static AEAD_NONCE], const void *ad, size_t ad_len,
			  const unsigned char *sealed, size_t len, unsigned char *out, struct err *err)
{
	if (len < AEAD_TAG)
		return err_set(err, ERR_CHUNK, "shorter than an authentication tag");
	if (aead_begin(aead, nonce, ad, ad_len, err) < 0)
		return -1;
	size_t plain_len = len - AEAD_TAG;
	gcry_error_t rc = out == sealed ? gcry_cipher_decrypt(aead->cipher, out, plain_len, NULL, 0)
									: gcry_cipher_decrypt(aead->cipher, out, plain_len, sealed, plain_len);
	if (rc == 0)
		rc = gcry_cipher_checktag(aead->cipher, sealed + plain_len, AEAD_TAG);
	if (rc != 0) {
		secret_wipe(out, plain_len);
		return err_set(err, ERR_CHUNK, "the authentication tag does not match");
	}
	return 0;
}
