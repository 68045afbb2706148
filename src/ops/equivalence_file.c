/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/equivalence_file.h"

#include "base/io.h"
#include "keyring/signed.h"
#include "policy/equivalence.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* One that is signed, from its bytes. */
static int read_signed(struct equivalence_doc *out, const struct session *session, const struct buf *bytes,
					   const char *what, int64_t now, struct signer *signer, struct err *err)
{
	auto_equivalence_doc read = {.items = NULL};
	struct signed_doc doc;
	if (signed_doc_split(&doc, bytes->data, bytes->len, err) < 0)
		return err_wrap(err, "%s: ", what);
	if (signed_doc_verify(&session->registry, &doc, ROLE_ADMINISTER, now, what, signer, err) < 0)
		return -1;
	if (equivalence_doc_parse(&read, doc.body, doc.body_len, err) < 0)
		return err_wrap(err, "%s: ", what);
	if (signed_doc_check_time(signer, read.created, 0, now, what, err) < 0)
		return -1;
	*out = read;
	read = (struct equivalence_doc){.items = NULL};
	return 0;
}

int equivalence_load(struct equivalence_doc *out, const struct session *session, int64_t now, struct err *err)
{
	struct signer ignored;
	return equivalence_load_signed(out, session, now, &ignored, err);
}

int equivalence_load_signed(struct equivalence_doc *out, const struct session *session, int64_t now,
							struct signer *signer, struct err *err)
{
	auto_buf bytes = {0};
	*signer = (struct signer){.standing = SIGNER_UNKNOWN};
	*out = (struct equivalence_doc){.items = NULL};
	if (faccessat(session->station.home_fd, EQUIVALENCE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot look at " EQUIVALENCE_FILE " in the station's home");
	if (io_read_file(&bytes, session->station.home_fd, EQUIVALENCE_FILE, EQUIVALENCE_BYTES_MAX, err) == 0 &&
		read_signed(out, session, &bytes, EQUIVALENCE_FILE, now, signer, err) == 0)
		return 0;
	return err_hint(err, "sign the table anew: valise scheme sign FILE; or take %s out of the station's home",
					EQUIVALENCE_FILE);
}

/* --- putting one there --- */

static bool is_signed(const struct buf *bytes)
{
	struct signed_doc doc;
	struct err ignored = ERR_INIT;
	return signed_doc_split(&doc, bytes->data, bytes->len, &ignored) == 0 || ignored.code == ERR_LIMIT;
}

static int sign(const struct session *session, struct buf *body, struct err *err)
{
	if (!station_can_sign(&session->station)) {
		(void)err_set(err, ERR_STATION, "this station has no key of its own, and the table is not signed");
		return err_hint(err, "have it signed at the administrator's station: valise scheme sign FILE");
	}
	return signed_doc_sign(&session->station, &session->passphrase, body, err);
}

/* Before it is signed, so that nobody puts his name under what is refused a moment later. */
static int check_unsigned(const struct session *session, const struct buf *body, const char *path, int64_t now,
						  struct err *err)
{
	auto_equivalence_doc doc = {.items = NULL};
	if (equivalence_doc_parse(&doc, body->data, body->len, err) < 0)
		return err_wrap(err, "%s: ", path);
	if (doc.created > now)
		return err_set(err, ERR_DOCUMENT, "%s: \"created\" is a time that has not come", path);
	return equivalence_check(&doc, &session->schemes, err) < 0 ? err_wrap(err, "%s: ", path) : 0;
}

/* A table that was taken back must not come back. One in the home that does not hold is no measure. */
static int check_newer(const struct session *session, const struct equivalence_doc *doc, int64_t now, struct err *err)
{
	auto_equivalence_doc old = {.items = NULL};
	struct err ignored = ERR_INIT;
	if (equivalence_load(&old, session, now, &ignored) < 0 || doc->created >= old.created)
		return 0;
	(void)err_set(err, ERR_DOCUMENT, "this table is older than the one in force");
	return err_hint(err, "write the time of the change into \"created\", and sign it anew");
}

int equivalence_install(struct session *session, const char *path, struct equivalence_installed *out, struct err *err)
{
	auto_buf bytes = {0};
	auto_equivalence_doc doc = {.items = NULL};
	int64_t now = utc_now();
	if (io_read_file(&bytes, AT_FDCWD, path, EQUIVALENCE_BYTES_MAX, err) < 0)
		return -1;
	if (!is_signed(&bytes) && (check_unsigned(session, &bytes, path, now, err) < 0 || sign(session, &bytes, err) < 0))
		return -1;
	/* what was just signed goes the way of all */
	if (read_signed(&doc, session, &bytes, path, utc_now(), &out->signer, err) < 0)
		return -1;
	if (equivalence_check(&doc, &session->schemes, err) < 0 || check_newer(session, &doc, now, err) < 0)
		return err_wrap(err, "%s: ", path);
	if (bytes.len > EQUIVALENCE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s: has more than %d bytes with its signature", path, EQUIVALENCE_BYTES_MAX);
	out->entries = doc.count;
	return io_replace_file(session->station.home_fd, EQUIVALENCE_FILE, bytes.data, bytes.len, 0600, err);
}
