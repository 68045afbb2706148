/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner_change.h"

#include "base/io.h"
#include "base/text.h"
#include "format/armor.h"
#include "format/pgp.h"
#include "keyring/registry_change.h"
#include "keyring/rotation.h"
#include "ops/partner_revocation.h"

#include <fcntl.h>
#include <string.h>

/* --- certificates from files --- */

static bool is_of_kind(const struct buf *bytes, const char *kind)
{
	const size_t len = strlen(kind);
	return bytes->len >= len && memcmp(bytes->data, kind, len) == 0;
}

static int read_packets(struct buf *out, const char *path, struct err *err)
{
	auto_buf bytes = {0};
	if (io_read_file(&bytes, AT_FDCWD, path, CARD_BYTES_MAX, err) < 0)
		return -1;
	if (bytes.len == 0)
		return err_set(err, ERR_CERTIFICATE, "%s is empty", path);
	return armor_open(out, &bytes, err) < 0 ? err_wrap(err, "%s: ", path) : 0;
}

static int read_card(struct buf *out, const struct buf *bytes, struct err *err)
{
	auto_card card = {0};
	if (card_parse(&card, bytes->data, bytes->len, err) < 0)
		return -1;
	return buf_append(out, card.certificate, card.certificate_len, err);
}

static int read_card_or_packets(struct buf *out, const char *path, struct err *err)
{
	auto_buf packets = {0};
	if (read_packets(&packets, path, err) < 0)
		return -1;
	int rc = is_of_kind(&packets, CARD_KIND) ? read_card(out, &packets, err)
											 : buf_append(out, packets.data, packets.len, err);
	return rc < 0 ? err_wrap(err, "%s: ", path) : 0;
}

/* The clean certificate becomes the partner's. */
static int keep(struct registry_edit *edit, struct partner *partner, struct buf *merged, const struct cert *cert)
{
	edit->certificate = *merged;
	*merged = (struct buf){0};
	registry_edit_take_certificate(edit, partner, cert);
	return EDIT_WRITE;
}

static int fail_not_revoked(const char *path, const char *alias, struct err *err)
{
	(void)err_set(err, ERR_CERTIFICATE, "%s does not revoke the key of %s", path, alias);
	return err_hint(err, "it may be of another key, or damaged; without it: valise partner revoke %s --reason TEXT",
					alias);
}

/* --- renewing --- */

struct renewing {
	const char *alias, *path;
	const struct buf *candidate;
	struct partner_renewal *out;
};

static int fail_merge(const struct renewing *renewing, struct err *err)
{
	(void)err_wrap(err, "%s: ", renewing->path);
	if (err->code != ERR_FINGERPRINT)
		return -1;
	return err_hint(err,
					"a new key is no renewal: ask %s for a rotation, which the old key signs (valise card --rotation); "
					"where that one is lost, have the new fingerprint read out and use valise partner add",
					renewing->alias);
}

/* Not of the present key: then of one that the partner had before. */
static int renew_former(struct registry_edit *edit, struct partner *partner, const struct renewing *renewing,
						struct err *err)
{
	int rc = partner_revoke_former(edit, partner, renewing->candidate, NULL, &renewing->out->revoked, err);
	renewing->out->changed = rc == EDIT_WRITE;
	return rc == EDIT_NOTHING ? fail_not_revoked(renewing->path, partner->alias, err) : rc;
}

static int apply_renewal(struct registry_edit *edit, void *ctx, struct err *err)
{
	struct renewing *renewing = ctx;
	struct partner_renewal *out = renewing->out;
	auto_buf kept = {0}, revoked = {0}, merged = {0};
	const bool revokes = pgp_is_revocation(renewing->candidate); /* nothing but that */
	struct partner *partner = registry_edit_find(edit, renewing->alias, err);
	if (partner == NULL || registry_edit_certificate(edit, partner, &kept, err) < 0 ||
		(revokes && pgp_add_revocation(&revoked, &kept, renewing->candidate, err) < 0))
		return -1;
	if (gpg_merge(&kept, revokes ? &revoked : renewing->candidate, &partner->fingerprint, &merged, &out->before,
				  &out->after, err) < 0)
		return fail_merge(renewing, err);
	if (revokes && !out->after.revoked)
		return renew_former(edit, partner, renewing, err);
	out->changed = !cert_is_same(&out->before, &out->after);
	return out->changed ? keep(edit, partner, &merged, &out->after) : EDIT_NOTHING;
}

/* --- another key --- */

/* *out stays empty where the file is something else. */
static int read_rotation(struct buf *out, const char *path, struct err *err)
{
	if (io_read_file(out, AT_FDCWD, path, ROTATION_BYTES_MAX, err) < 0)
		return -1;
	if (!is_of_kind(out, ROTATION_KIND))
		out->len = 0;
	return 0;
}

static int open_rotation(const struct session *session, const struct buf *bytes, const char *path,
						 struct rotation *rotation, struct card *card, struct partner_renewal *out, struct err *err)
{
	if (rotation_open(&session->registry, bytes->data, bytes->len, utc_now(), path, rotation, card, err) < 0)
		return -1;
	out->rotated = true;
	out->from = rotation->from;
	out->to = rotation->to;
	out->until = rotation->not_after;
	return 0;
}

int partner_examine_renewal(const struct session *session, const char *alias, const char *path,
							struct partner_renewal *out, struct err *err)
{
	auto_buf bytes = {0};
	auto_rotation rotation = {.card = NULL};
	auto_card card = {.certificate = NULL};
	*out = (struct partner_renewal){0};
	if (registry_find_alias(&session->registry, alias) == NULL)
		return err_set(err, ERR_PARTNER, "no partner is called \"%s\"", alias);
	if (read_rotation(&bytes, path, err) < 0)
		return -1;
	return bytes.len > 0 ? open_rotation(session, &bytes, path, &rotation, &card, out, err) : 0;
}

static int take_rotation(struct session *session, const char *alias, const char *path, const struct buf *bytes,
						 const struct partner_renewal *seen, struct partner_renewal *out, struct err *err)
{
	auto_rotation rotation = {.card = NULL};
	auto_card card = {.certificate = NULL};
	if (open_rotation(session, bytes, path, &rotation, &card, out, err) < 0)
		return -1;
	if (!fingerprint_equal(&seen->to, &rotation.to)) /* what a person was shown is what is taken */
		return err_set(err, ERR_CHANGED, "%s changed while it was read", path);
	return registry_rotate(&session->registry, alias, &rotation, &card, utc_now(), &out->changed, err) < 0
			   ? err_wrap(err, "%s: ", path)
			   : 0;
}

int partner_renew(struct session *session, const char *alias, const char *path, const struct partner_renewal *seen,
				  struct partner_renewal *out, struct err *err)
{
	auto_buf candidate = {0}, rotation = {0};
	struct renewing renewing = {alias, path, &candidate, out};
	*out = (struct partner_renewal){0};
	if (read_rotation(&rotation, path, err) < 0)
		return -1;
	if ((rotation.len > 0) != seen->rotated)
		return err_set(err, ERR_CHANGED, "%s changed while it was read", path);
	if (rotation.len > 0)
		return take_rotation(session, alias, path, &rotation, seen, out, err);
	if (read_card_or_packets(&candidate, path, err) < 0)
		return -1;
	return registry_change(&session->registry, utc_now(), apply_renewal, &renewing, err);
}

/* --- revoking --- */

struct revoking {
	const char *alias;
	const struct partner_revocation *how;
	const struct buf *revocation; /* NULL: the registry says it alone */
	struct fingerprint *out;
};

static int revoke_certificate(struct registry_edit *edit, struct partner *partner, const struct revoking *revoking,
							  struct err *err)
{
	auto_buf kept = {0}, revoked = {0}, merged = {0};
	struct cert before, after;
	if (registry_edit_certificate(edit, partner, &kept, err) < 0)
		return -1;
	if (partner_make_revoked(&revoked, &kept, revoking->revocation, err) < 0 ||
		gpg_merge(&kept, &revoked, &partner->fingerprint, &merged, &before, &after, err) < 0)
		return err_wrap(err, "%s: ", revoking->how->certificate_path);
	if (before.revoked)
		return err_set(err, ERR_USAGE, "the key of %s is revoked already", partner->alias);
	if (after.revoked)
		return keep(edit, partner, &merged, &after);
	return fail_not_revoked(revoking->how->certificate_path, partner->alias, err);
}

static int mark(struct partner *partner, const char *reason, int64_t now, struct err *err)
{
	char *copy = reason != NULL ? strdup(reason) : NULL;
	if (reason != NULL && copy == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (partner->revoked == 0)
		partner->revoked = now;
	if (copy != NULL) {
		free(partner->revoked_reason);
		partner->revoked_reason = copy;
	}
	return EDIT_WRITE;
}

/* EDIT_NOTHING: it is about the present key. */
static int revoke_former(struct registry_edit *edit, struct partner *partner, const struct revoking *revoking,
						 struct err *err)
{
	const struct partner_revocation *how = revoking->how;
	if (how->former != NULL) {
		*revoking->out = *how->former;
		return partner_mark_former(edit, partner, how->former, how->reason, err);
	}
	if (revoking->revocation == NULL)
		return EDIT_NOTHING;
	return partner_revoke_former(edit, partner, revoking->revocation, how->reason, revoking->out, err);
}

static int apply_revocation(struct registry_edit *edit, void *ctx, struct err *err)
{
	const struct revoking *revoking = ctx;
	struct partner *partner = registry_edit_find(edit, revoking->alias, err);
	if (partner == NULL)
		return -1;
	int rc = revoke_former(edit, partner, revoking, err);
	if (rc != EDIT_NOTHING)
		return rc;
	if (revoking->revocation == NULL && partner->revoked != 0)
		return err_set(err, ERR_USAGE, "the partner %s is revoked already", partner->alias);
	if (revoking->revocation != NULL && revoke_certificate(edit, partner, revoking, err) < 0)
		return -1;
	return mark(partner, revoking->how->reason, edit->now, err);
}

static int check_how(const struct partner_revocation *how, struct err *err)
{
	size_t len = how->reason != NULL ? strlen(how->reason) : 0;
	if (how->reason != NULL && (len == 0 || len > REVOKED_REASON_MAX || !text_is_plain(how->reason, len)))
		return err_set(err, ERR_USAGE, "--reason must be plain text of 1 to %d bytes", REVOKED_REASON_MAX);
	if (how->former == NULL || how->certificate_path == NULL)
		return 0;
	return err_set(err, ERR_USAGE, "--former is for a key without a revocation certificate: this tells its key itself");
}

int partner_revoke(struct session *session, const char *alias, const struct partner_revocation *how,
				   struct fingerprint *out_former, struct err *err)
{
	auto_buf revocation = {0};
	struct revoking revoking = {alias, how, how->certificate_path != NULL ? &revocation : NULL, out_former};
	*out_former = (struct fingerprint){.hex = ""};
	if (check_how(how, err) < 0 ||
		(how->certificate_path != NULL && read_packets(&revocation, how->certificate_path, err) < 0))
		return -1;
	return registry_change(&session->registry, utc_now(), apply_revocation, &revoking, err);
}

/* --- removing --- */

struct removing {
	const char *alias;
	struct partner *removed;
};

static int apply_removal(struct registry_edit *edit, void *ctx, struct err *err)
{
	struct removing *removing = ctx;
	struct partner *partner = registry_edit_find(edit, removing->alias, err);
	if (partner == NULL)
		return -1;
	edit->fate = CERTIFICATE_GOES;
	edit->gone = removing->removed;
	registry_edit_take(edit, partner, removing->removed);
	return EDIT_WRITE;
}

int partner_remove(struct session *session, const char *alias, struct partner *removed, struct err *err)
{
	struct removing removing = {alias, removed};
	*removed = (struct partner){0};
	if (registry_change(&session->registry, utc_now(), apply_removal, &removing, err) == 0)
		return 0;
	partner_clear(removed);
	return -1;
}
