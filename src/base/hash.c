/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include "base/io.h"

#include <gcrypt.h>
#include <string.h>

struct hash {
	gcry_md_hd_t md;
};

int hash_library_init(struct err *err)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return 0;
	if (gcry_check_version("1.10.0") == NULL)
		return err_set(err, ERR_INTERNAL, "libgcrypt is older than 1.10.0");
	/* Keys stay in libsodium's secret memory; libgcrypt gets a working copy for the length of one bundle. */
	(void)gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	(void)gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return 0;
}

void hash_bytes(struct digest *out, const void *bytes, size_t len)
{
	gcry_md_hash_buffer(GCRY_MD_SHA256, out->bytes, bytes, len);
}

void hash_sha1(unsigned char out[static SHA1_BYTES], const void *bytes, size_t len)
{
	gcry_md_hash_buffer(GCRY_MD_SHA1, out, bytes, len);
}

int hash_left_two(unsigned char out[static 2], unsigned openpgp_id, const struct hash_run runs[], unsigned count,
				  struct err *err)
{
	static const int algorithms[] = {GCRY_MD_SHA256, GCRY_MD_SHA384, GCRY_MD_SHA512};
	unsigned char digest[64];
	gcry_buffer_t buffers[HASH_RUNS_MAX] = {0};
	if (openpgp_id < 8 || openpgp_id > 10 || count > HASH_RUNS_MAX)
		return err_set(err, ERR_INTERNAL, "no such digest: %u", openpgp_id);
	for (unsigned i = 0; i < count; i++) {
		buffers[i].data = (void *)(uintptr_t)runs[i].bytes; /* only read */
		buffers[i].len = runs[i].len;
	}
	if (gcry_md_hash_buffers(algorithms[openpgp_id - 8], 0, digest, buffers, (int)count) != 0)
		return err_set(err, ERR_INTERNAL, "libgcrypt does not offer the digest %u", openpgp_id);
	memcpy(out, digest, 2);
	return 0;
}

int hash_new(struct hash **out, struct err *err)
{
	*out = NULL;
	struct hash *hash = calloc(1, sizeof *hash);
	if (hash == NULL || gcry_md_open(&hash->md, GCRY_MD_SHA256, 0) != 0) {
		free(hash);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	*out = hash;
	return 0;
}

void hash_update(struct hash *hash, const void *bytes, size_t len)
{
	gcry_md_write(hash->md, bytes, len);
}

void hash_finish(struct hash *hash, struct digest *out)
{
	memcpy(out->bytes, gcry_md_read(hash->md, GCRY_MD_SHA256), DIGEST_BYTES);
	gcry_md_reset(hash->md);
}

int hash_file(struct hash *hash, int fd, void *buffer, size_t size, struct digest *out, struct err *err)
{
	uint64_t done = 0;
	ssize_t n;
	do {
		n = io_pread_up_to(fd, buffer, size, done, err);
		if (n < 0)
			return -1;
		hash_update(hash, buffer, (size_t)n);
		done += (uint64_t)n;
	} while ((size_t)n == size);
	hash_finish(hash, out);
	return 0;
}

void hash_free(struct hash *hash)
{
	if (hash == NULL)
		return;
	gcry_md_close(hash->md);
	free(hash);
}
