/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry.h"

#include "base/hash.h"
#include "base/io.h"
#include "format/pgp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

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
		if (fingerprint_equal(&registry->doc.partners[i].fingerprint, fpr))
			return &registry->doc.partners[i];
	return NULL;
}

enum { CERTIFICATE_NAME_MAX = FINGERPRINT_MAX + 16 };

static void format_certificate_name(char out[static CERTIFICATE_NAME_MAX], const struct fingerprint *fpr)
{
	(void)snprintf(out, CERTIFICATE_NAME_MAX, "keys/%s.pgp", fpr->hex);
}

int registry_certificate(const struct registry *registry, const struct partner *partner, struct buf *out,
						 struct err *err)
{
	char name[CERTIFICATE_NAME_MAX];
	struct digest digest;
	size_t before = out->len;
	format_certificate_name(name, &partner->fingerprint);
	if (io_read_file(out, registry->station->home_fd, name, before + PGP_CERT_MAX, err) < 0) {
		if (err->code == ERR_IO || err->code == ERR_LIMIT)
			(void)err_recode(err, ERR_REGISTRY);
		(void)err_wrap(err, "the certificate of %s: ", partner->alias);
		return err_hint(err, "restore it from a backup, or take the partner's card in anew");
	}
	hash_bytes(&digest, out->data + before, out->len - before);
	if (digest_equal(&digest, &partner->certificate))
		return 0;
	(void)err_set(err, ERR_CERTIFICATE, "the certificate of %s is not the one that was taken into the registry",
				  partner->alias);
	return err_hint(err, "somebody changed %s/%s: ask the administrator", registry->station->home, name);
}

/* --- adding: what may come in --- */

static int check_new(const struct registry *registry, const struct partner *partner, const struct card *card,
					 const struct fingerprint *confirmed, struct err *err)
{
	if (!fingerprint_equal(confirmed, &card->fingerprint)) {
		(void)err_set(err, ERR_FINGERPRINT, "the card is not of the key %s", confirmed->hex);
		return err_hint(err, "ask the partner, on a way that nobody can meddle with, for card and fingerprint again");
	}
	if (!alias_is_valid(partner->alias))
		return err_set(err, ERR_USAGE, "an alias has 1 to %d of a-z, 0-9 and -, and begins with a letter or digit",
					   ALIAS_MAX);
	if (fingerprint_equal(confirmed, &registry->station->doc.fingerprint))
		return err_set(err, ERR_EXISTS, "this is this station's own card");
	const struct partner *same = registry_find(registry, confirmed);
	if (same != NULL) {
		(void)err_set(err, ERR_EXISTS, "this key is in the registry already, as %s", same->alias);
		return err_hint(err, "look at it with: valise partner show %s", same->alias);
	}
	if (registry_find_alias(registry, partner->alias) != NULL) {
		(void)err_set(err, ERR_EXISTS, "there is a partner %s already", partner->alias);
		return err_hint(err, "choose another name with --as ALIAS");
	}
	if (registry->doc.count >= REGISTRY_PARTNERS_MAX)
		return err_set(err, ERR_LIMIT, "the registry holds %d partners already", REGISTRY_PARTNERS_MAX);
	return 0;
}

static int fail_certificate(struct err *err, const char *why)
{
	(void)err_set(err, ERR_CERTIFICATE, "the card's certificate %s", why);
	return err_hint(err, "ask the partner for a new card");
}

static int check_certificate(const struct cert *cert, unsigned roles, struct err *err)
{
	if (cert->revoked)
		return fail_certificate(err, "is revoked");
	if (cert->expired)
		return fail_certificate(err, "has expired");
	if (cert->disabled || cert->invalid)
		return fail_certificate(err, "is not valid");
	if (!cert_can_sign(cert))
		return fail_certificate(err, "has no key in force that may sign, of an algorithm that valise takes");
	if (!cert_can_encrypt(cert) && (roles & ROLE_RECEIVE))
		return fail_certificate(err, "has no key in force to encrypt to, which the role receive needs");
	return 0;
}

/* --- adding: the documents --- */

/* in: fresh is moved. A new array, as others may not know how the old one grew. */
static int insert_partner(struct registry_doc *doc, struct partner *fresh, struct err *err)
{
	struct partner *partners = calloc((size_t)doc->count + 1, sizeof *partners);
	uint32_t at = 0;
	if (partners == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	while (at < doc->count && strcmp(doc->partners[at].alias, fresh->alias) < 0)
		at++;
	if (at > 0)
		memcpy(partners, doc->partners, at * sizeof *partners);
	if (at < doc->count)
		memcpy(partners + at + 1, doc->partners + at, (doc->count - at) * sizeof *partners);
	partners[at] = *fresh;
	*fresh = (struct partner){0};
	free(doc->partners);
	doc->partners = partners;
	doc->count++;
	return 0;
}

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
static int write_registry(const struct registry *registry, struct err *err)
{
	auto_buf bytes = {0};
	AUTO(registry_doc_clear) struct registry_doc back = {0};
	if (registry_doc_format(&bytes, &registry->doc, err) < 0)
		return -1;
	if (registry_doc_parse(&back, bytes.data, bytes.len, err) < 0) {
		if (err->code == ERR_REGISTRY)
			(void)err_recode(err, ERR_USAGE);
		return err_wrap(err, "what the registry would say is not allowed: ");
	}
	return io_replace_file(registry->station->home_fd, registry_name, bytes.data, bytes.len, 0600, err);
}

static int write_both(struct registry *registry, struct partner *fresh, const struct buf *certificate,
					  const struct digest *old, int64_t now, struct err *err)
{
	char name[CERTIFICATE_NAME_MAX];
	int home_fd = registry->station->home_fd;
	format_certificate_name(name, &fresh->fingerprint);
	advance(&registry->doc, old, now);
	if (insert_partner(&registry->doc, fresh, err) < 0 ||
		io_replace_file(home_fd, name, certificate->data, certificate->len, 0600, err) < 0)
		return -1;
	if (write_registry(registry, err) < 0) {
		(void)unlinkat(home_fd, name, 0);
		return -1;
	}
	return 0;
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

static int add_to(struct registry *fresh, const struct digest *old, const struct partner *partner,
				  const struct card *card, const struct fingerprint *confirmed, int64_t now, struct err *err)
{
	auto_buf clean = {0};
	struct cert cert;
	struct partner added;
	if (check_new(fresh, partner, card, confirmed, err) < 0 ||
		gpg_launder(card->certificate, card->certificate_len, confirmed, &clean, &cert, err) < 0 ||
		check_certificate(&cert, partner->roles, err) < 0 || partner_copy(&added, partner, err) < 0)
		return -1;
	added.fingerprint = *confirmed;
	added.added = now;
	if (added.approvals == 0)
		added.approvals = 1;
	if (added.person[0] == '\0')
		memcpy(added.person, added.party.name, sizeof added.person);
	hash_bytes(&added.certificate, clean.data, clean.len);
	int rc = write_both(fresh, &added, &clean, old, now, err);
	partner_clear(&added);
	return rc;
}

int registry_add(struct registry *registry, const struct partner *partner, const struct card *card,
				 const struct fingerprint *confirmed, int64_t now, struct err *err)
{
	struct digest old;
	auto_registry fresh = {.station = registry->station};
	auto_fd int lock = lock_registry(registry->station, err);
	/* Read again under the lock: another command may have changed it since. */
	if (lock < 0 || read_registry(&fresh.doc, registry->station, &old, err) < 0 ||
		add_to(&fresh, &old, partner, card, confirmed, now, err) < 0)
		return -1;
	struct registry_doc before = registry->doc;
	registry->doc = fresh.doc;
	fresh.doc = before;
	return 0;
}
