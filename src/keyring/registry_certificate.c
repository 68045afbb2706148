/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_internal.h"

#include "base/hash.h"
#include "base/io.h"
#include "format/pgp.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = FINGERPRINT_MAX + 32 };

/* This station's own certificate stands in keys/<FPR>.pgp and is the station's to renew; what a registry says of it is
 * another file. */
static void format_name(char out[static NAME_MAX_BYTES], const struct registry *registry, const struct fingerprint *fpr,
						enum certificate_place place)
{
	static const char *const suffixes[CERTIFICATE_PLACES] = {"pgp", "next", "import"};
	const bool is_own = fingerprint_equal(&registry->station->doc.fingerprint, fpr);
	(void)snprintf(out, NAME_MAX_BYTES, "keys/%s%s.%s", fpr->hex, is_own ? ".registry" : "", suffixes[place]);
}

/* --- reading --- */

static int fail_missing(const struct partner *partner, struct err *err)
{
	if (err->code == ERR_IO || err->code == ERR_LIMIT)
		(void)err_recode(err, ERR_REGISTRY);
	(void)err_wrap(err, "the certificate of %s: ", partner->alias);
	return err_hint(err, "restore it from a backup, or take the partner's card in anew");
}

static int read_at(const struct registry *registry, const struct partner *partner, enum certificate_place place,
				   struct buf *out, struct err *err)
{
	char name[NAME_MAX_BYTES];
	struct digest digest;
	size_t before = out->len;
	format_name(name, registry, &partner->fingerprint, place);
	if (io_read_file(out, registry->station->home_fd, name, before + PGP_CERT_MAX, err) < 0)
		return fail_missing(partner, err);
	hash_bytes(&digest, out->data + before, out->len - before);
	if (digest_equal(&digest, &partner->certificate))
		return 0;
	(void)err_set(err, ERR_CERTIFICATE, "the certificate of %s is not the one that was taken into the registry",
				  partner->alias);
	return err_hint(err, "somebody changed %s/%s: ask the administrator", registry->station->home, name);
}

static void forget_behind(struct buf *buf, size_t len)
{
	buf->len = len;
	if (buf->data != NULL)
		buf->data[len] = '\0';
}

/* What is told where no place has it is what was found in the first. */
static int read_anywhere(const struct registry *registry, const struct partner *partner, struct buf *out,
						 enum certificate_place *place, struct err *err)
{
	size_t before = out->len;
	struct err first = ERR_INIT;
	for (*place = CERTIFICATE_IN_PLACE; *place < CERTIFICATE_PLACES; (*place)++) {
		struct err fault = ERR_INIT;
		if (read_at(registry, partner, *place, out, &fault) == 0)
			return 0;
		forget_behind(out, before);
		if (*place == CERTIFICATE_IN_PLACE)
			first = fault;
		if (fault.code != ERR_REGISTRY && fault.code != ERR_CERTIFICATE)
			break;
	}
	*err = first;
	return -1;
}

static int read_from_file(const struct registry *registry, const struct partner *partner, struct buf *out,
						  struct err *err)
{
	struct digest digest;
	const struct registry_part *part = registry_file_certificate(registry->file, &partner->fingerprint);
	if (part == NULL)
		return err_set(err, ERR_CERTIFICATE, "the certificate of %s is not in the file", partner->alias);
	hash_bytes(&digest, part->bytes, part->len);
	if (digest_equal(&digest, &partner->certificate))
		return buf_append(out, part->bytes, part->len, err);
	return err_set(err, ERR_CERTIFICATE, "the certificate of %s in the file is not the one that its registry speaks of",
				   partner->alias);
}

int registry_certificate(const struct registry *registry, const struct partner *partner, struct buf *out,
						 struct err *err)
{
	enum certificate_place place;
	return registry->file != NULL ? read_from_file(registry, partner, out, err)
								  : read_anywhere(registry, partner, out, &place, err);
}

/* --- keeping --- */

int certificate_write(const struct registry *registry, const struct fingerprint *fpr, enum certificate_place place,
					  const void *bytes, size_t len, struct err *err)
{
	char name[NAME_MAX_BYTES];
	format_name(name, registry, fpr, place);
	return io_replace_file(registry->station->home_fd, name, bytes, len, 0600, err);
}

int certificate_write_unsynced(const struct registry *registry, const struct fingerprint *fpr,
							   enum certificate_place place, const void *bytes, size_t len, struct err *err)
{
	char name[NAME_MAX_BYTES];
	format_name(name, registry, fpr, place);
	auto_fd int fd = openat(registry->station->home_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
							0600);
	if (fd < 0)
		return err_sys(err, "cannot make %s", name);
	if (io_write_all(fd, bytes, len, err) < 0)
		return err_wrap(err, "%s: ", name);
	return close(steal_fd(&fd)) == 0 ? 0 : err_sys(err, "cannot write %s", name);
}

void certificate_remove(const struct registry *registry, const struct fingerprint *fpr, enum certificate_place place)
{
	char name[NAME_MAX_BYTES];
	format_name(name, registry, fpr, place);
	(void)unlinkat(registry->station->home_fd, name, 0);
}

bool certificate_is_there(const struct registry *registry, const struct partner *partner)
{
	auto_buf bytes = {0};
	struct err ignored = ERR_INIT;
	enum certificate_place place;
	return read_anywhere(registry, partner, &bytes, &place, &ignored) == 0;
}

static void put_in_place(const struct registry *registry, const struct fingerprint *fpr, enum certificate_place place)
{
	char name[NAME_MAX_BYTES], now[NAME_MAX_BYTES];
	const int home_fd = registry->station->home_fd;
	format_name(name, registry, fpr, CERTIFICATE_IN_PLACE);
	format_name(now, registry, fpr, place);
	(void)renameat(home_fd, now, home_fd, name);
}

void certificate_settle(const struct registry *registry, const struct partner *partner)
{
	auto_buf bytes = {0};
	struct err ignored = ERR_INIT;
	enum certificate_place place;
	if (read_anywhere(registry, partner, &bytes, &place, &ignored) == 0 && place != CERTIFICATE_IN_PLACE)
		put_in_place(registry, &partner->fingerprint, place);
}

int registry_edit_certificate(const struct registry_edit *edit, const struct partner *partner, struct buf *out,
							  struct err *err)
{
	if (registry_certificate(&edit->fresh, partner, out, err) < 0)
		return -1;
	if (!edit->fresh.is_draft)
		certificate_settle(&edit->fresh, partner);
	return 0;
}
