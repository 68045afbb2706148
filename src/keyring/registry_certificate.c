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
	const bool is_own = station_doc_has_key(&registry->station->doc, fpr);
	(void)snprintf(out, NAME_MAX_BYTES, "keys/%s%s.%s", fpr->hex, is_own ? ".registry" : "", suffixes[place]);
}

/* --- reading --- */

static int fail_missing(const struct partner_key *key, struct err *err)
{
	if (err->code == ERR_IO || err->code == ERR_LIMIT)
		(void)err_recode(err, ERR_REGISTRY);
	(void)err_wrap(err, "the certificate of %s: ", key->alias);
	return err_hint(err, "restore it from a backup, or take the partner's card in anew");
}

static int read_at(const struct registry *registry, const struct partner_key *key, enum certificate_place place,
				   struct buf *out, struct err *err)
{
	char name[NAME_MAX_BYTES];
	struct digest digest;
	size_t before = out->len;
	format_name(name, registry, key->fingerprint, place);
	if (io_read_file(out, registry->station->home_fd, name, before + PGP_CERT_MAX, err) < 0)
		return fail_missing(key, err);
	hash_bytes(&digest, out->data + before, out->len - before);
	if (digest_equal(&digest, key->certificate))
		return 0;
	(void)err_set(err, ERR_CERTIFICATE, "the certificate of %s is not the one that was taken into the registry",
				  key->alias);
	return err_hint(err, "somebody changed %s/%s: ask the administrator", registry->station->home, name);
}

static void forget_behind(struct buf *buf, size_t len)
{
	buf->len = len;
	if (buf->data != NULL)
		buf->data[len] = '\0';
}

/* What a registry says of this station's key may be what the station itself keeps of it. */
static bool read_own(const struct registry *registry, const struct partner_key *key, struct buf *out)
{
	struct err ignored = ERR_INIT;
	struct digest digest;
	size_t before = out->len;
	if (!station_doc_has_key(&registry->station->doc, key->fingerprint) ||
		station_key_certificate(registry->station, key->fingerprint, out, &ignored) < 0)
		return false;
	hash_bytes(&digest, out->data + before, out->len - before);
	return digest_equal(&digest, key->certificate);
}

/* What is told where no place has it is what was found in the first. */
static int read_kept(const struct registry *registry, const struct partner_key *key, struct buf *out,
					 enum certificate_place *place, struct err *err)
{
	size_t before = out->len;
	struct err first = ERR_INIT;
	for (*place = CERTIFICATE_IN_PLACE; *place < CERTIFICATE_PLACES; (*place)++) {
		struct err fault = ERR_INIT;
		if (read_at(registry, key, *place, out, &fault) == 0)
			return 0;
		forget_behind(out, before);
		const bool may_be_elsewhere = fault.code == ERR_REGISTRY || fault.code == ERR_CERTIFICATE;
		if (*place == CERTIFICATE_IN_PLACE || !may_be_elsewhere)
			first = fault;
		if (!may_be_elsewhere)
			break;
	}
	*place = CERTIFICATE_IN_PLACE; /* nothing is to be moved there */
	*err = first;
	return -1;
}

static int read_anywhere(const struct registry *registry, const struct partner_key *key, struct buf *out,
						 enum certificate_place *place, struct err *err)
{
	size_t before = out->len;
	struct err fault = ERR_INIT;
	if (read_kept(registry, key, out, place, &fault) == 0 || read_own(registry, key, out))
		return 0;
	forget_behind(out, before);
	*err = fault;
	return -1;
}

static int read_from_file(const struct registry *registry, const struct partner_key *key, struct buf *out,
						  struct err *err)
{
	struct digest digest;
	const struct registry_part *part = registry_file_certificate(registry->file, key->fingerprint);
	if (part == NULL)
		return err_set(err, ERR_CERTIFICATE, "the certificate of %s is not in the file", key->alias);
	hash_bytes(&digest, part->bytes, part->len);
	if (digest_equal(&digest, key->certificate))
		return buf_append(out, part->bytes, part->len, err);
	return err_set(err, ERR_CERTIFICATE, "the certificate of %s in the file is not the one that its registry speaks of",
				   key->alias);
}

int registry_certificate(const struct registry *registry, const struct partner *partner, struct buf *out,
						 struct err *err)
{
	return registry_key_certificate(registry, partner, &partner->fingerprint, out, err);
}

int registry_key_certificate(const struct registry *registry, const struct partner *partner,
							 const struct fingerprint *fpr, struct buf *out, struct err *err)
{
	enum certificate_place place;
	if (!partner_has_key(partner, fpr))
		return err_set(err, ERR_CERTIFICATE, "%s is no key of %s", fpr->hex, partner->alias);
	const struct partner_key key = partner_key_of(partner, fpr);
	return registry->file != NULL ? read_from_file(registry, &key, out, err)
								  : read_anywhere(registry, &key, out, &place, err);
}

int registry_check_certificates(const struct registry *registry, const struct registry_doc *doc, uint32_t *out_count,
								struct err *err)
{
	*out_count = 0;
	for (uint32_t i = 0; i < doc->count; i++)
		for (uint32_t k = 0; k < partner_key_count(&doc->partners[i]); k++, (*out_count)++) {
			auto_buf bytes = {0};
			const struct partner_key key = partner_key_at(&doc->partners[i], k);
			if (registry_key_certificate(registry, &doc->partners[i], key.fingerprint, &bytes, err) < 0)
				return -1;
		}
	return 0;
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

void certificate_remove_all(const struct registry *registry, const struct fingerprint *fpr)
{
	for (enum certificate_place place = 0; place < CERTIFICATE_PLACES; place++)
		certificate_remove(registry, fpr, place);
}

bool certificate_is_there(const struct registry *registry, const struct partner_key *key)
{
	auto_buf bytes = {0};
	struct err ignored = ERR_INIT;
	enum certificate_place place;
	return read_kept(registry, key, &bytes, &place, &ignored) == 0;
}

static bool put_in_place(const struct registry *registry, const struct fingerprint *fpr, enum certificate_place place)
{
	char name[NAME_MAX_BYTES], now[NAME_MAX_BYTES];
	const int home_fd = registry->station->home_fd;
	format_name(name, registry, fpr, CERTIFICATE_IN_PLACE);
	format_name(now, registry, fpr, place);
	return renameat(home_fd, now, home_fd, name) == 0;
}

bool certificate_settle(const struct registry *registry, const struct partner_key *key)
{
	auto_buf bytes = {0};
	struct err ignored = ERR_INIT;
	enum certificate_place place;
	if (read_anywhere(registry, key, &bytes, &place, &ignored) < 0)
		return false;
	return place == CERTIFICATE_IN_PLACE || put_in_place(registry, key->fingerprint, place);
}

static bool has_file(const struct registry *registry, const struct fingerprint *fpr, enum certificate_place place)
{
	char name[NAME_MAX_BYTES];
	format_name(name, registry, fpr, place);
	return faccessat(registry->station->home_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int settle_left(const struct registry *held, const struct partner_key *key, struct err *err)
{
	const struct fingerprint *fpr = key->fingerprint;
	auto_buf bytes = {0};
	struct err fault = ERR_INIT;
	enum certificate_place place;
	if (!has_file(held, fpr, CERTIFICATE_WAITING) && !has_file(held, fpr, CERTIFICATE_INCOMING))
		return 0;
	if (read_anywhere(held, key, &bytes, &place, &fault) < 0) {
		/* One that is missing altogether may be what the change brings. */
		if (fault.code == ERR_REGISTRY || fault.code == ERR_CERTIFICATE)
			return 0;
		*err = fault;
		return -1;
	}
	return place == CERTIFICATE_IN_PLACE || put_in_place(held, fpr, place)
			   ? 0
			   : err_sys(err, "cannot put the certificate of %s into its place", key->alias);
}

int certificate_settle_left(const struct registry *held, const struct registry_doc *doc, struct err *err)
{
	for (uint32_t i = 0; i < doc->count; i++)
		for (uint32_t k = 0; k < partner_key_count(&doc->partners[i]); k++) {
			const struct partner_key key = partner_key_at(&doc->partners[i], k);
			if (settle_left(held, &key, err) < 0)
				return -1;
		}
	return 0;
}

int registry_edit_certificate(const struct registry_edit *edit, const struct partner *partner, struct buf *out,
							  struct err *err)
{
	return registry_edit_key_certificate(edit, partner, &partner->fingerprint, out, err);
}

int registry_edit_key_certificate(const struct registry_edit *edit, const struct partner *partner,
								  const struct fingerprint *fpr, struct buf *out, struct err *err)
{
	if (registry_key_certificate(&edit->fresh, partner, fpr, out, err) < 0)
		return -1;
	const struct partner_key key = partner_key_of(partner, fpr);
	if (!edit->fresh.is_draft)
		(void)certificate_settle(&edit->fresh, &key);
	return 0;
}
