/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_change.h"

#include "base/hash.h"
#include "base/io.h"
#include "format/pgp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { REGISTRY_LIFE_S = 366 * DAY_S };
static const char registry_name[] = "registry.yaml";

/* --- reading --- */

/* out: digest of the file's bytes, where it is asked for; zeros where there is no file. */
static int read_registry(struct registry_doc *doc, const struct station *station, struct digest *out, struct err *err)
{
	auto_buf bytes = {0};
	struct err io = ERR_INIT;
	*doc = (struct registry_doc){0};
	if (out != NULL)
		*out = (struct digest){0};
	if (io_read_file(&bytes, station->home_fd, registry_name, REGISTRY_BYTES_MAX, &io) < 0) {
		if (io.saved_errno == ENOENT)
			return 0;
		return err_set(err, io.code == ERR_CANCELLED || io.code == ERR_MEMORY ? io.code : ERR_REGISTRY, "%s",
					   io.message);
	}
	if (out != NULL)
		hash_bytes(out, bytes.data, bytes.len);
	if (registry_doc_parse(doc, bytes.data, bytes.len, err) < 0)
		return err_wrap(err, "%s/%s: ", station->home, registry_name);
	return 0;
}

int registry_open(struct registry *out, const struct station *station, struct err *err)
{
	*out = (struct registry){.station = station};
	return read_registry(&out->doc, station, NULL, err);
}

void registry_close(struct registry *registry)
{
	registry_doc_clear(&registry->doc);
	registry->station = NULL;
}

const struct partner *registry_find_alias(const struct registry *registry, const char *alias)
{
	for (uint32_t i = 0; i < registry->doc.count; i++)
		if (strcmp(registry->doc.partners[i].alias, alias) == 0)
			return &registry->doc.partners[i];
	return NULL;
}

const struct partner *registry_find(const struct registry *registry, const struct fingerprint *fpr)
{
	for (uint32_t i = 0; i < registry->doc.count; i++)
		if (partner_has_key(&registry->doc.partners[i], fpr))
			return &registry->doc.partners[i];
	return NULL;
}

/* --- certificates --- */

enum { CERTIFICATE_NAME_MAX = FINGERPRINT_MAX + 16 };

/* A certificate that replaces another waits under the second name until the registry speaks of it: so at any moment one
 * of the two is what the registry holds. */
enum certificate_place { IN_PLACE, WAITING };

static void format_certificate_name(char out[static CERTIFICATE_NAME_MAX], const struct fingerprint *fpr,
									enum certificate_place place)
{
	(void)snprintf(out, CERTIFICATE_NAME_MAX, place == IN_PLACE ? "keys/%s.pgp" : "keys/%s.next", fpr->hex);
}

/* One of a partner's keys, and what its certificate must be. */
struct wanted {
	const char *alias;
	const struct fingerprint *fingerprint;
	const struct digest *certificate;
};

static struct wanted wanted_key(const struct partner *partner, const struct fingerprint *fpr)
{
	const struct former_key *former = partner_former(partner, fpr);
	return (struct wanted){partner->alias, former != NULL ? &former->fingerprint : &partner->fingerprint,
						   former != NULL ? &former->certificate : &partner->certificate};
}

static int read_at(const struct registry *registry, const struct wanted *wanted, enum certificate_place place,
				   struct buf *out, struct err *err)
{
	char name[CERTIFICATE_NAME_MAX];
	struct digest digest;
	size_t before = out->len;
	format_certificate_name(name, wanted->fingerprint, place);
	if (io_read_file(out, registry->station->home_fd, name, before + PGP_CERT_MAX, err) < 0) {
		if (err->code == ERR_IO || err->code == ERR_LIMIT)
			(void)err_recode(err, ERR_REGISTRY);
		(void)err_wrap(err, "the certificate of %s: ", wanted->alias);
		return err_hint(err, "restore it from a backup, or take the partner's card in anew");
	}
	hash_bytes(&digest, out->data + before, out->len - before);
	if (digest_equal(&digest, wanted->certificate))
		return 0;
	(void)err_set(err, ERR_CERTIFICATE, "the certificate of %s is not the one that was taken into the registry",
				  wanted->alias);
	return err_hint(err, "somebody changed %s/%s: ask the administrator", registry->station->home, name);
}

static void forget_behind(struct buf *buf, size_t len)
{
	buf->len = len;
	if (buf->data != NULL)
		buf->data[len] = '\0';
}

static int read_certificate(const struct registry *registry, const struct wanted *wanted, struct buf *out,
							enum certificate_place *place, struct err *err)
{
	struct err missing = ERR_INIT;
	size_t before = out->len;
	*place = IN_PLACE;
	if (read_at(registry, wanted, IN_PLACE, out, err) == 0)
		return 0;
	if (err->code != ERR_REGISTRY && err->code != ERR_CERTIFICATE)
		return -1;
	forget_behind(out, before);
	*place = WAITING;
	if (read_at(registry, wanted, WAITING, out, &missing) < 0) {
		forget_behind(out, before);
		return -1;
	}
	*err = (struct err)ERR_INIT;
	return 0;
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
	const struct wanted wanted = wanted_key(partner, fpr);
	return read_certificate(registry, &wanted, out, &place, err);
}

/* --- changing --- */

static void advance(struct registry_doc *doc, const struct digest *old, int64_t now)
{
	if (doc->serial == 0)
		uuid_random(&doc->domain);
	doc->serial++;
	doc->previous = *old;
	doc->created = now;
	doc->not_after = now + REGISTRY_LIFE_S;
}

/* What is written must be readable: a registry that does not parse would stop the whole station. */
static int format_registry(struct buf *bytes, const struct registry_doc *doc, struct err *err)
{
	AUTO(registry_doc_clear) struct registry_doc back = {0};
	if (registry_doc_format(bytes, doc, err) < 0)
		return -1;
	if (registry_doc_parse(&back, bytes->data, bytes->len, err) == 0)
		return 0;
	if (err->code == ERR_REGISTRY)
		(void)err_recode(err, ERR_USAGE);
	return err_wrap(err, "what the registry would say is not allowed: ");
}

/* Which file has the name now; 0 for none. */
static ino_t which_registry(const struct registry *registry)
{
	struct stat st;
	return fstatat(registry->station->home_fd, registry_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_ino : 0;
}

/* Released when the descriptor is closed. */
static int lock_registry(const struct station *station, struct err *err)
{
	auto_fd int fd = openat(station->home_fd, "registry.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, "cannot open %s/registry.lock", station->home);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return steal_fd(&fd);
	if (errno != EWOULDBLOCK)
		return err_sys(err, "cannot lock %s/registry.lock", station->home);
	(void)err_set(err, ERR_BUSY, "another valise is changing the registry of this station");
	return err_hint(err, "wait until it is done, then try again");
}

static int put_in_place(const struct registry *registry, const struct fingerprint *fpr, struct err *err)
{
	char name[CERTIFICATE_NAME_MAX], waiting[CERTIFICATE_NAME_MAX];
	int home_fd = registry->station->home_fd;
	format_certificate_name(name, fpr, IN_PLACE);
	format_certificate_name(waiting, fpr, WAITING);
	return renameat(home_fd, waiting, home_fd, name) < 0 ? err_sys(err, "cannot rename %s", waiting) : 0;
}

static void remove_certificate(const struct registry *registry, const struct fingerprint *fpr,
							   enum certificate_place place)
{
	char name[CERTIFICATE_NAME_MAX];
	format_certificate_name(name, fpr, place);
	(void)unlinkat(registry->station->home_fd, name, 0);
}

static void remove_certificates(const struct registry *registry, const struct partner *gone)
{
	remove_certificate(registry, &gone->fingerprint, IN_PLACE);
	remove_certificate(registry, &gone->fingerprint, WAITING);
	for (uint32_t i = 0; i < gone->former_count; i++) {
		remove_certificate(registry, &gone->former[i].fingerprint, IN_PLACE);
		remove_certificate(registry, &gone->former[i].fingerprint, WAITING);
	}
}

int registry_edit_certificate(const struct registry_edit *edit, const struct partner *partner, struct buf *out,
							  struct err *err)
{
	enum certificate_place place;
	const struct wanted wanted = wanted_key(partner, &partner->fingerprint);
	if (read_certificate(&edit->fresh, &wanted, out, &place, err) < 0)
		return -1;
	/* The second name must be free for the next one. */
	return place == WAITING ? put_in_place(&edit->fresh, &partner->fingerprint, err) : 0;
}

static int write_waiting(const struct registry_edit *edit, struct err *err)
{
	const struct buf *bytes = &edit->certificate;
	char name[CERTIFICATE_NAME_MAX];
	format_certificate_name(name, &edit->key, WAITING);
	if (io_replace_file(edit->fresh.station->home_fd, name, bytes->data, bytes->len, 0600, err) == 0)
		return 0;
	remove_certificate(&edit->fresh, &edit->key, WAITING);
	return -1;
}

/* Which of the two registries a crash would leave is not known: certificates for both stay where they are. */
static int fail_half_written(const struct registry *registry, struct err *err)
{
	(void)err_wrap(err, "%s/%s was written, but may not outlast a power failure: ", registry->station->home,
				   registry_name);
	return err_hint(err, "see to the disk, then look what the registry says: valise partner list");
}

static int fail_write(const struct registry_edit *edit, ino_t before, struct err *err)
{
	if (which_registry(&edit->fresh) != before)
		return fail_half_written(&edit->fresh, err);
	if (edit->fate == CERTIFICATE_COMES)
		remove_certificate(&edit->fresh, &edit->key, WAITING);
	return -1;
}

static int write_edit(struct registry_edit *edit, struct err *err)
{
	const struct registry *fresh = &edit->fresh;
	const int home_fd = fresh->station->home_fd;
	const ino_t before = which_registry(fresh);
	auto_buf bytes = {0};
	struct err kept = ERR_INIT; /* where it stays under its second name it is found there */
	if (format_registry(&bytes, &fresh->doc, err) < 0 ||
		(edit->fate == CERTIFICATE_COMES && write_waiting(edit, err) < 0))
		return -1;
	if (io_replace_file(home_fd, registry_name, bytes.data, bytes.len, 0600, err) < 0)
		return fail_write(edit, before, err);
	if (edit->fate == CERTIFICATE_COMES)
		(void)put_in_place(fresh, &edit->key, &kept);
	if (edit->fate == CERTIFICATE_GOES)
		remove_certificates(fresh, edit->gone);
	return 0;
}

static void edit_clear(struct registry_edit *edit)
{
	registry_close(&edit->fresh);
	buf_clear(&edit->certificate);
}

int registry_change(struct registry *registry, int64_t now, registry_apply *apply, void *ctx, struct err *err)
{
	struct digest old;
	AUTO(edit_clear) struct registry_edit edit = {.fresh.station = registry->station, .now = now};
	auto_fd int lock = lock_registry(registry->station, err);
	/* Read again under the lock: another command may have changed it since. */
	if (lock < 0 || read_registry(&edit.fresh.doc, registry->station, &old, err) < 0)
		return -1;
	int rc = apply(&edit, ctx, err);
	if (rc < 0)
		return -1;
	if (rc == EDIT_WRITE) {
		advance(&edit.fresh.doc, &old, now);
		if (write_edit(&edit, err) < 0)
			return -1;
	}
	struct registry_doc before = registry->doc;
	registry->doc = edit.fresh.doc;
	edit.fresh.doc = before;
	return 0;
}
