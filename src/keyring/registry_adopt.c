/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_adopt.h"

#include "base/cancel.h"
#include "base/io.h"
#include "keyring/registry_internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* --- before --- */

/* In the home's terms, though the certificate comes from a file. */
static struct registry at_home(const struct registry *fresh)
{
	return (struct registry){.doc = fresh->doc, .station = fresh->station};
}

static int bring_certificate(const struct registry *fresh, const struct partner *partner, struct partner_key key,
							 struct err *err)
{
	auto_buf bytes = {0};
	const struct registry home = at_home(fresh);
	if (certificate_is_there(&home, &key))
		return 0;
	return registry_key_certificate(fresh, partner, key.fingerprint, &bytes, err) < 0 ||
				   certificate_write_unsynced(&home, key.fingerprint, CERTIFICATE_INCOMING, bytes.data, bytes.len,
											  err) < 0
			   ? -1
			   : 0;
}

static int bring_certificates(const struct registry *fresh, struct err *err)
{
	for (uint32_t i = 0; i < fresh->doc.count; i++) {
		const struct partner *partner = &fresh->doc.partners[i];
		for (uint32_t k = 0; k < partner_key_count(partner); k++)
			if (cancel_check(err) < 0 || bring_certificate(fresh, partner, partner_key_at(partner, k), err) < 0)
				return -1;
	}
	return syncfs(fresh->station->home_fd) == 0 ? 0 : err_sys(err, "cannot sync %s", fresh->station->home);
}

/* Of an attempt that failed. Signatures that were there before belong to a draft. */
static void discard(const struct registry *fresh, bool had_signatures)
{
	const struct registry home = at_home(fresh);
	if (!had_signatures)
		registry_drop_signatures(home.station, &fresh->digest);
	for (uint32_t i = 0; i < fresh->doc.count; i++)
		for (uint32_t k = 0; k < partner_key_count(&fresh->doc.partners[i]); k++)
			certificate_remove(&home, partner_key_at(&fresh->doc.partners[i], k).fingerprint, CERTIFICATE_INCOMING);
}

/* --- after: best effort, nobody depends on it --- */

static void settle_all(const struct registry *home)
{
	for (uint32_t i = 0; i < home->doc.count; i++)
		for (uint32_t k = 0; k < partner_key_count(&home->doc.partners[i]); k++) {
			const struct partner_key key = partner_key_at(&home->doc.partners[i], k);
			if (!certificate_settle(home, &key))
				continue; /* it is where these would take it away */
			certificate_remove(home, key.fingerprint, CERTIFICATE_WAITING);
			certificate_remove(home, key.fingerprint, CERTIFICATE_INCOMING);
		}
}

static void remove_gone(const struct registry_doc *old, const struct registry *home)
{
	for (uint32_t i = 0; i < old->count; i++)
		for (uint32_t k = 0; k < partner_key_count(&old->partners[i]); k++) {
			const struct fingerprint *fpr = partner_key_at(&old->partners[i], k).fingerprint;
			if (registry_find(home, fpr) == NULL)
				certificate_remove_all(home, fpr);
		}
}

static void clean_up(const struct registry *held, const struct registry *fresh)
{
	const struct registry home = at_home(fresh);
	struct err ignored = ERR_INIT;
	const struct registry_doc *old = registry_whole(held, &ignored);
	settle_all(&home);
	if (old != NULL)
		remove_gone(old, &home);
	(void)unlinkat(home.station->home_fd, REGISTRY_DRAFT_NAME, 0);
	registry_forget_signatures(home.station, &fresh->digest);
}

/* --- */

static int put_in_force(const struct registry *fresh, const struct registry_file *file, bool *out_there,
						struct err *err)
{
	const struct station *station = fresh->station;
	return registry_write_signatures(station, &fresh->digest, file, err) < 0 || bring_certificates(fresh, err) < 0 ||
				   io_replace_file_told(station->home_fd, REGISTRY_NAME, file->registry, file->registry_len, 0600,
										out_there, err) < 0
			   ? -1
			   : 0;
}

/* The rename is the moment. Behind it, which of the two a crash would leave is not known: all that either speaks of
 * stays. */
static int fail_adopt(const struct registry *fresh, bool is_there, bool had_signatures, struct err *err)
{
	if (is_there)
		return err_hint(err, "number %llu is in force; see to the disk, then look which one is: valise registry verify",
						(unsigned long long)fresh->doc.serial);
	discard(fresh, had_signatures);
	return -1;
}

int registry_adopt(struct registry *held, struct registry *fresh, const struct registry_file *file, struct err *err)
{
	auto_fd int lock = registry_lock(held->station, err);
	auto_buf unchanged = {0};
	if (lock < 0 || registry_bytes(held, &unchanged, err) < 0)
		return -1;
	const struct registry_doc *old_doc = registry_whole(held, err);
	if (old_doc == NULL || certificate_settle_left(held, old_doc, err) < 0)
		return -1;
	bool is_there = false;
	const bool had_signatures = registry_has_signatures(held->station, &fresh->digest);
	if (put_in_force(fresh, file, &is_there, err) < 0)
		return fail_adopt(fresh, is_there, had_signatures, err);
	clean_up(held, fresh);
	struct registry old = *held;
	*held = *fresh;
	held->file = NULL;
	held->is_draft = false;
	*fresh = (struct registry){0};
	registry_close(&old);
	return 0;
}
