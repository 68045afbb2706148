/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_symmetric.h"

#include "base/cancel.h"
#include "base/io.h"
#include "keyring/gpg_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* --- an agent of our own --- */

/* gpg asks its agent for the passphrase, and the agent asks us. A fresh one each time: an agent remembers what opened a
 * message, and would open it once more for a wrong passphrase. */
static int open_alone(struct gpg **out, const struct gpg_passphrase *passphrase, struct err *err)
{
	struct gpg_home home;
	*out = NULL;
	if (gpg_home_make_alone(&home, err) < 0 || gpg_open_context(out, &home, passphrase, err) < 0)
		return -1;
	(*out)->may_ask = true;
	return 0;
}

/* --- sealing --- */

/* One stream in work: who gives or takes its plaintext, and why that failed, behind GPGME's back. */
struct stream {
	gpg_source *source;
	gpg_drain *drain;
	void *ctx;
	uint64_t len, max;
	struct err failed;
};

static ssize_t on_read(void *handle, void *bytes, size_t size)
{
	struct stream *stream = handle;
	size_t len = 0;
	if (cancel_check(&stream->failed) == 0 && stream->source(stream->ctx, bytes, size, &len, &stream->failed) == 0)
		return (ssize_t)len;
	errno = EIO;
	return -1;
}

struct work {
	gpgme_data_t plain, cipher;
};

static gpgme_error_t start_seal(struct gpg *gpg, void *arg)
{
	const struct work *work = arg;
	return gpgme_op_encrypt_start(gpg->ctx, NULL, GPGME_ENCRYPT_NO_COMPRESS, work->plain, work->cipher);
}

static int fail_stream(struct gpg *gpg, const struct stream *stream, gpgme_error_t cause, const char *what,
					   struct err *err)
{
	if (stream->failed.code != ERR_OK) {
		if (err->code == ERR_OK)
			*err = stream->failed;
		return -1;
	}
	if (gpgme_err_code(cause) == GPG_ERR_ENOSPC)
		return err_set(err, ERR_NO_SPACE, "%s: no space left", what);
	return gpg_fail(gpg, err, ERR_GNUPG, cause, "%s", what);
}

int gpg_symmetric_seal(int out_fd, const struct secret *passphrase, gpg_source *source, void *ctx, struct err *err)
{
	static struct gpgme_data_cbs callbacks = {.read = on_read};
	const struct gpg_passphrase given = {GPG_PASSPHRASE_GIVEN, passphrase};
	struct stream stream = {.source = source, .ctx = ctx};
	auto_gpg *gpg = NULL;
	auto_gpgme_data plain = NULL, cipher = NULL;
	if (open_alone(&gpg, &given, err) < 0)
		return -1;
	if (gpgme_data_new_from_cbs(&plain, &callbacks, &stream) != 0 || gpgme_data_new_from_fd(&cipher, out_fd) != 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	gpgme_error_t cause = gpg_run(gpg, start_seal, &(struct work){plain, cipher});
	if (cause != 0 || stream.failed.code != ERR_OK)
		return fail_stream(gpg, &stream, cause, "cannot encrypt", err);
	return 0;
}

/* --- the outer form --- */

/* Bytes of the file at hand. */
struct walk {
	int fd;
	uint64_t at, size;
};

static int walk_byte(struct walk *walk, unsigned *out, struct err *err)
{
	unsigned char byte;
	ssize_t n = io_pread_up_to(walk->fd, &byte, 1, walk->at, err);
	if (n == 0)
		return err_set(err, ERR_TRUNCATED, "the file ends too early");
	*out = byte;
	walk->at++;
	return n < 0 ? -1 : 0;
}

static int walk_number(struct walk *walk, unsigned count, uint64_t *out, struct err *err)
{
	unsigned byte;
	for (*out = 0; count > 0; count--) {
		if (walk_byte(walk, &byte, err) < 0)
			return -1;
		*out = *out << 8 | byte;
	}
	return 0;
}

static int walk_over(struct walk *walk, uint64_t len, struct err *err)
{
	if (len > walk->size - walk->at)
		return err_set(err, ERR_TRUNCATED, "the file ends too early");
	walk->at += len;
	return 0;
}

/* A length of the new format (RFC 9580 §4.2.1); *out_partial: another one follows behind so many bytes. */
static int walk_length(struct walk *walk, uint64_t *out, bool *out_partial, struct err *err)
{
	unsigned first, second;
	*out_partial = false;
	if (walk_byte(walk, &first, err) < 0)
		return -1;
	if (first == 255)
		return walk_number(walk, 4, out, err);
	*out = first;
	if (first >= 224) {
		*out_partial = true;
		*out = (uint64_t)1 << (first & 31);
	} else if (first >= 192) {
		if (walk_byte(walk, &second, err) < 0)
			return -1;
		*out = ((uint64_t)(first - 192) << 8) + second + 192;
	}
	return 0;
}

enum { TAG_SYMMETRIC_KEY = 3, TAG_PROTECTED = 18, TAG_AEAD_PROTECTED = 20 };

static int walk_new_packet(struct walk *walk, struct err *err)
{
	uint64_t len;
	bool partial = true;
	while (partial)
		if (walk_length(walk, &len, &partial, err) < 0 || walk_over(walk, len, err) < 0)
			return -1;
	return 0;
}

/* A length of the old format: its width stands in the tag's last bits. */
static int walk_old_packet(struct walk *walk, unsigned width, struct err *err)
{
	uint64_t len;
	if (width == 3) { /* "to the end": whether it ends too early cannot be told from outside */
		walk->at = walk->size;
		return 0;
	}
	return walk_number(walk, 1U << width, &len, err) < 0 ? -1 : walk_over(walk, len, err);
}

/* Over one packet. *out: its tag. */
static int walk_packet(struct walk *walk, unsigned *out, struct err *err)
{
	unsigned tag;
	if (walk_byte(walk, &tag, err) < 0)
		return -1;
	*out = (tag & 0x40) != 0 ? tag & 0x3F : (tag >> 2) & 0x0F;
	if ((tag & 0x80) == 0 || (*out != TAG_SYMMETRIC_KEY && *out != TAG_PROTECTED && *out != TAG_AEAD_PROTECTED))
		return err_set(err, ERR_BACKUP, "this is no backup: not encrypted under a passphrase, or not in binary form");
	return (tag & 0x40) != 0 ? walk_new_packet(walk, err) : walk_old_packet(walk, tag & 3, err);
}

int gpg_symmetric_check(int fd, struct err *err)
{
	struct stat st;
	unsigned first, second;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at the backup");
	struct walk walk = {.fd = fd, .size = (uint64_t)st.st_size};
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return err_set(err, ERR_BACKUP, "this is no backup: not a file with anything in it");
	if (walk_packet(&walk, &first, err) < 0 || walk_packet(&walk, &second, err) < 0)
		return -1;
	if (first != TAG_SYMMETRIC_KEY || second == TAG_SYMMETRIC_KEY)
		return err_set(err, ERR_BACKUP, "this is no backup: not encrypted under just one passphrase");
	if (walk.at != walk.size)
		return err_set(err, ERR_DAMAGED, "there are bytes behind the end of the backup");
	return 0;
}

/* --- opening --- */

static ssize_t on_write(void *handle, const void *bytes, size_t size)
{
	struct stream *stream = handle;
	if (size == 0)
		return 0;
	stream->len += size;
	if (stream->len > stream->max)
		(void)err_set(&stream->failed, ERR_BACKUP, "this is no backup: there is more in it than the file is long");
	if (stream->failed.code == ERR_OK && cancel_check(&stream->failed) == 0 &&
		stream->drain(stream->ctx, bytes, size, &stream->failed) == 0)
		return (ssize_t)size;
	errno = EIO;
	return -1;
}

static gpgme_error_t start_open(struct gpg *gpg, void *arg)
{
	const struct work *work = arg;
	return gpgme_op_decrypt_start(gpg->ctx, work->cipher, work->plain);
}

static int fail_open(struct gpg *gpg, const struct stream *stream, gpgme_error_t cause, struct err *err)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(gpg->ctx);
	gpgme_err_code_t number = gpgme_err_code(cause);
	if (stream->failed.code != ERR_OK || cancel_requested())
		return fail_stream(gpg, stream, cause, "cannot decrypt", err);
	if (number == GPG_ERR_BAD_PASSPHRASE || number == GPG_ERR_BAD_KEY || number == GPG_ERR_CANCELED) {
		(void)err_set(err, ERR_KEY_UNAVAILABLE, "the passphrase is not the one that this was encrypted under");
		return err_hint(err, "try again; damage in the first bytes of the file looks the same");
	}
	if ((result != NULL && result->legacy_cipher_nomdc) || number == GPG_ERR_DECRYPT_FAILED ||
		number == GPG_ERR_BAD_DATA || number == GPG_ERR_NO_DATA || number == GPG_ERR_INV_PACKET ||
		number == GPG_ERR_UNEXPECTED)
		return err_set(err, ERR_DAMAGED, "its bytes are not as they were written");
	return fail_stream(gpg, stream, cause, "cannot decrypt", err);
}

/* gpg tells of the cipher only when it has begun: without that, success is none. */
static int check_opened(struct gpg *gpg, struct err *err)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(gpg->ctx);
	if (result == NULL || result->symkey_algo == NULL)
		return err_set(err, ERR_GNUPG, "gpg did not answer when it was asked to decrypt");
	if (result->legacy_cipher_nomdc || result->unsupported_algorithm != NULL || result->recipients != NULL)
		return err_set(err, ERR_BACKUP, "this is no backup: not protected against changes");
	return 0;
}

int gpg_symmetric_open(int fd, const struct secret *passphrase, gpg_drain *drain, void *ctx, struct err *err)
{
	static struct gpgme_data_cbs callbacks = {.write = on_write};
	const struct gpg_passphrase given = {GPG_PASSPHRASE_GIVEN, passphrase};
	auto_gpg *gpg = NULL;
	auto_gpgme_data plain = NULL, cipher = NULL;
	struct stat st;
	if (lseek(fd, 0, SEEK_SET) < 0 || fstat(fd, &st) < 0)
		return err_sys(err, "cannot read the backup");
	struct stream stream = {.drain = drain, .ctx = ctx, .max = (uint64_t)st.st_size};
	if (open_alone(&gpg, &given, err) < 0)
		return -1;
	if (gpgme_data_new_from_cbs(&plain, &callbacks, &stream) != 0 || gpgme_data_new_from_fd(&cipher, fd) != 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	gpgme_error_t cause = gpg_run(gpg, start_open, &(struct work){plain, cipher});
	if (cause != 0 || stream.failed.code != ERR_OK)
		return fail_open(gpg, &stream, cause, err);
	return check_opened(gpg, err);
}
