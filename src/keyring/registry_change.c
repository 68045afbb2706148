/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_internal.h"

#include "base/hash.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int registry_lock(const struct station *station, struct err *err)
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

/* --- what is changed: the registry in force, or a draft --- */

const struct fingerprint *registry_administers_by(const struct registry *registry)
{
	const struct station_doc *self = &registry->station->doc;
	if (!station_can_sign(registry->station))
		return NULL;
	const struct fingerprint *key = &self->fingerprint;
	const struct partner *own = registry_find(registry, key);
	for (uint32_t i = self->former_count; i > 0 && own == NULL; i--) {
		key = &self->former[i - 1].fingerprint;
		own = registry_find(registry, key);
	}
	return own != NULL && partner_is_administrator(own) ? key : NULL;
}

/* errors: ERR_GOVERNED, naming whom to ask, where administrators elsewhere keep the registry. */
static int check_may_change(const struct registry *registry, struct err *err)
{
	char names[ERR_HINT_MAX / 2];
	const struct registry_doc *doc = registry_whole(registry, err);
	if (doc == NULL)
		return -1;
	if (doc->administrators_needed == 0 || registry_is_administered_here(registry))
		return 0;
	registry_name_administrators(names, sizeof names, registry);
	(void)err_set(err, ERR_GOVERNED, "the partners of this station are kept by administrators elsewhere");
	return err_hint(err, "ask %s; what they send is taken in with: valise registry import FILE", names);
}

/* A draft counts while it follows the registry that is in force. */
int registry_open_draft(struct registry *out, const struct registry *held, struct err *err)
{
	if (registry_read(out, held->station, REGISTRY_DRAFT_NAME, NULL, err) < 0)
		return -1;
	out->is_draft = out->doc.serial != 0 && digest_equal(&out->doc.previous, &held->digest);
	if (!out->is_draft)
		registry_close(out);
	return out->is_draft;
}

static void advance(struct registry *registry)
{
	struct registry_doc *doc = &registry->doc;
	if (doc->serial == 0)
		uuid_random(&doc->domain);
	doc->serial++;
	doc->previous = registry->digest;
}

/* Under the lock. Another command may have changed the registry since the caller read it. */
static int open_base(struct registry *out, const struct station *station, struct err *err)
{
	auto_registry draft = {0};
	if (registry_read(out, station, REGISTRY_NAME, NULL, err) < 0 || check_may_change(out, err) < 0 ||
		certificate_settle_left(out, &out->doc, err) < 0)
		return -1;
	const bool governed = out->doc.administrators_needed > 0;
	int prepared = registry_open_draft(&draft, out, err);
	if (prepared < 0)
		return -1;
	if (prepared == 1) {
		const struct registry held = *out;
		*out = draft;
		draft = held;
		/* What was signed may be on its way to others: what it becomes now must not bear the same number. */
		out->doc.serial += registry_is_signed_here(station, &out->digest);
		return 0;
	}
	advance(out);
	out->is_draft = governed;
	return 0;
}

/* --- writing --- */

/* What is written must be readable: a registry that does not parse would stop the whole station. */
static int format_checked(struct buf *out, const struct registry *registry, struct err *err)
{
	AUTO(registry_doc_clear) struct registry_doc back = {0};
	if (registry_doc_format(out, &registry->doc, err) < 0)
		return -1;
	if (registry_doc_parse(&back, out->data, out->len, err) == 0 && registry_check_administrators(&back, err) == 0)
		return 0;
	if (err->code == ERR_REGISTRY)
		(void)err_recode(err, ERR_USAGE);
	return err_wrap(err, "what the registry would say is not allowed: ");
}

/* Nothing is written yet. */
static int prepare(struct buf *out, struct registry *registry, int64_t now, struct err *err)
{
	registry->doc.created = now;
	registry->doc.not_after = now + REGISTRY_LIFE_S;
	if (format_checked(out, registry, err) < 0)
		return -1;
	hash_bytes(&registry->digest, out->data, out->len);
	registry->canonical = true;
	return 0;
}

static const char *name_of(const struct registry *registry)
{
	return registry->is_draft ? REGISTRY_DRAFT_NAME : REGISTRY_NAME;
}

static int write_registry(const struct registry *registry, const struct buf *bytes, bool *out_there, struct err *err)
{
	return io_replace_file_told(registry->station->home_fd, name_of(registry), bytes->data, bytes->len, 0600, out_there,
								err);
}

/* Of a draft nothing takes its place, and nothing goes: the registry in force still speaks of what is there. */
static void settle(const struct registry_edit *edit)
{
	const struct registry *fresh = &edit->fresh;
	const struct partner *partner = edit->fate == CERTIFICATE_COMES ? registry_find(fresh, &edit->key) : NULL;
	if (fresh->is_draft)
		return;
	if (partner != NULL) {
		const struct partner_key key = partner_key_of(partner, &edit->key);
		(void)certificate_settle(fresh, &key);
	}
	for (uint32_t k = 0; edit->fate == CERTIFICATE_GOES && k < partner_key_count(edit->gone); k++)
		certificate_remove_all(fresh, partner_key_at(edit->gone, k).fingerprint);
}

/* After the rename, which of the two registries a crash would leave is not known: certificates for both stay. */
static int fail_write(const struct registry_edit *edit, bool is_there, struct err *err)
{
	if (is_there)
		return err_hint(err, "see to the disk, then look what the registry says: valise partner list");
	/* What waits for a draft may be what the draft that is there speaks of. */
	if (edit->fate == CERTIFICATE_COMES && !edit->fresh.is_draft)
		certificate_remove(&edit->fresh, &edit->key, CERTIFICATE_WAITING);
	return -1;
}

static int write_edit(struct registry_edit *edit, struct err *err)
{
	struct registry *fresh = &edit->fresh;
	auto_buf bytes = {0};
	bool is_there = false;
	if (prepare(&bytes, fresh, edit->now, err) < 0)
		return -1;
	if ((edit->fate == CERTIFICATE_COMES &&
		 certificate_write(fresh, &edit->key, CERTIFICATE_WAITING, edit->certificate.data, edit->certificate.len, err) <
			 0) ||
		write_registry(fresh, &bytes, &is_there, err) < 0)
		return fail_write(edit, is_there, err);
	settle(edit);
	return 0;
}

static void edit_clear(struct registry_edit *edit)
{
	registry_close(&edit->fresh);
	buf_clear(&edit->certificate);
}

int registry_change(struct registry *registry, int64_t now, registry_apply *apply, void *ctx, struct err *err)
{
	AUTO(edit_clear) struct registry_edit edit = {.now = now};
	auto_fd int lock = registry_lock(registry->station, err);
	if (lock < 0 || open_base(&edit.fresh, registry->station, err) < 0)
		return -1;
	int rc = apply(&edit, ctx, err);
	if (rc < 0 || (rc == EDIT_WRITE && write_edit(&edit, err) < 0))
		return -1;
	struct registry before = *registry;
	*registry = edit.fresh;
	edit.fresh = before;
	return 0;
}
