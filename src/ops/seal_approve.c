/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/seal_approve.h"

#include "base/io.h"
#include "format/sidecar.h"
#include "media/output.h"
#include "ops/expiry.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct approve_kit {
	const struct approvers *approvers;
	struct gpg *gpg; /* holds their certificates */
	struct output *folder;
};

/* --- where --- */

static int refuse_taken(const char *path, struct err *err)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return 0;
	(void)err_set(err, ERR_EXISTS, "%s exists already", path);
	return err_hint(err, "choose another name with -o, or move it away first; nothing is ever overwritten");
}

/* A folder without its bundle is what a crash left: its messages open nothing. */
static void drop_orphan(const struct pending_names *names)
{
	struct stat st;
	if (lstat(names->pending, &st) < 0 && lstat(names->final, &st) < 0)
		pending_folder_remove(AT_FDCWD, names->folder);
}

/* --- who --- */

static int take_in(struct approve_kit *kit, struct session *session, const struct partner *partner, int64_t now,
				   struct notices *notices, bool *able, struct err *err)
{
	auto_buf certificate = {0};
	struct cert cert;
	if (registry_certificate(&session->registry, partner, &certificate, err) < 0 ||
		gpg_import(kit->gpg, certificate.data, certificate.len, &partner->fingerprint, err) < 0 ||
		gpg_describe_public(kit->gpg, &partner->fingerprint, &cert, err) < 0)
		return err_wrap(err, "partner %s: ", partner->alias);
	*able = cert_can_encrypt(&cert) && !cert.revoked && !cert.expired && !cert.disabled && !cert.invalid;
	if (*able)
		expiry_tell(notices, partner->alias, cert_end(&cert, CERT_ENCRYPTS | CERT_SIGNS), partner->valid_until, now);
	else
		notice_add(notices, "%s cannot approve: there is no key of theirs to encrypt to (valise partner renew)",
				   partner->alias);
	return 0;
}

static int take_in_all(struct approve_kit *kit, struct session *session, struct pack_plan *plan, struct err *err)
{
	struct approvers *approvers = &plan->approvers;
	unsigned kept = 0;
	for (unsigned i = 0; i < approvers->count; i++) {
		bool able = false;
		if (take_in(kit, session, approvers->items[i], plan->now, &plan->files.notices, &able, err) < 0)
			return -1;
		if (able)
			approvers->items[kept++] = approvers->items[i];
	}
	approvers->count = kept;
	return approvers_count(approvers, err) < 0 ||
				   approvers_check(approvers, &plan->demand, &session->station.doc, err) < 0
			   ? -1
			   : 0;
}

static int open_kit(struct approve_kit *kit, struct session *session, struct pack_plan *plan,
					const struct pending_names *names, struct err *err)
{
	kit->approvers = &plan->approvers;
	if (refuse_taken(names->final, err) < 0 || gpg_open_throwaway(&kit->gpg, err) < 0 ||
		take_in_all(kit, session, plan, err) < 0)
		return -1;
	drop_orphan(names);
	return output_open(&kit->folder, names->folder, OUTPUT_FOLDER, err);
}

int approve_kit_open(struct approve_kit **out, struct session *session, struct pack_plan *plan,
					 const struct pending_names *names, struct err *err)
{
	*out = calloc(1, sizeof **out);
	if (*out == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return open_kit(*out, session, plan, names, err);
}

void approve_kit_free(struct approve_kit *kit)
{
	if (kit == NULL)
		return;
	output_free(kit->folder);
	gpg_close(kit->gpg);
	free(kit);
}

/* --- what --- */

static int write_message(const struct approve_kit *kit, const struct partner *partner, const struct secret *text,
						 struct err *err)
{
	char name[FINGERPRINT_MAX + 8];
	auto_buf sealed = {0};
	(void)snprintf(name, sizeof name, "%s.pgp", partner->fingerprint.hex);
	if (gpg_encrypt(kit->gpg, &partner->fingerprint, text, &sealed, err) < 0)
		return err_wrap(err, "partner %s: ", partner->alias);
	auto_fd int fd = openat(output_fd(kit->folder), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(err, "cannot create %s", name);
	if (io_write_all(fd, sealed.data, sealed.len, err) < 0)
		return -1;
	return close(steal_fd(&fd)) == 0 ? 0 : err_sys(err, "cannot close %s", name);
}

int approve_kit_write(struct approve_kit *kit, const struct digest *bundle, const struct secret *key, struct err *err)
{
	auto_secret *text = NULL;
	if (sidecar_format(&text, bundle, key, err) < 0)
		return -1;
	for (unsigned i = 0; i < kit->approvers->count; i++)
		if (write_message(kit, kit->approvers->items[i], text, err) < 0)
			return -1;
	return output_sync(kit->folder, err);
}

int approve_kit_commit(struct approve_kit *kit, struct err *err)
{
	return output_commit(kit->folder, err);
}

void approve_kit_revert(struct approve_kit *kit)
{
	pending_folder_remove(AT_FDCWD, output_final_path(kit->folder));
}

const char *approve_kit_path(const struct approve_kit *kit)
{
	return output_final_path(kit->folder);
}
