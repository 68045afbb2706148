/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/authorise.h"

#include "base/io.h"
#include "keyring/signed.h"

#include <fcntl.h>

static int check_claims(const struct authorisation *a, const struct signer *signer, const char *path, int64_t now,
						struct err *err)
{
	if (!fingerprint_equal(&a->by, &signer->fingerprint)) {
		(void)err_set(err, ERR_UNSIGNED, "%s: says that it is by %s, and %s signed it", path, a->by.hex, signer->name);
		return err_hint(err, "only the originator may authorise: ask for one that it signed itself");
	}
	if (signed_doc_check_time(signer, a->created, a->not_after, now, path, err) < 0)
		return -1;
	if (now <= a->not_after)
		return 0;
	char until[UTC_TEXT + 1];
	utc_format(until, a->not_after);
	(void)err_set(err, ERR_EXPIRED, "%s: was good until %s", path, until);
	return err_hint(err, "ask %s for a new one", signer->name);
}

int authorise_load(const struct session *session, const char *path, int64_t now, struct authorisation *out,
				   struct err *err)
{
	auto_buf bytes = {0};
	auto_authorisation a = {.files = NULL};
	struct signed_doc doc;
	struct signer signer;
	*out = a;
	if (io_read_file(&bytes, AT_FDCWD, path, AUTHORISATION_BYTES_MAX, err) < 0)
		return -1;
	if (signed_doc_split(&doc, bytes.data, bytes.len, err) < 0)
		return err_wrap(err, "%s: ", path);
	if (signed_doc_verify(&session->registry, &doc, ROLE_SEND, now, path, &signer, err) < 0)
		return -1;
	if (authorisation_parse(&a, doc.body, doc.body_len, err) < 0)
		return err_wrap(err, "%s: ", path);
	if (check_claims(&a, &signer, path, now, err) < 0)
		return -1;
	/* By a former key or the present one: it is told as of the present one. */
	if (signer.partner != NULL)
		a.by = signer.partner->fingerprint;
	else if (signer.is_self)
		a.by = session->station.doc.fingerprint;
	*out = a;
	a.files = NULL;
	return 0;
}

void authorisations_clear(struct authorisations *authorisations)
{
	for (uint32_t i = 0; i < authorisations->count; i++)
		authorisation_clear(&authorisations->items[i]);
	free(authorisations->items);
	*authorisations = (struct authorisations){.items = NULL};
}

int authorisations_load(struct authorisations *out, const struct session *session, const char *const *paths,
						unsigned count, int64_t now, struct err *err)
{
	*out = (struct authorisations){.items = calloc(count + (size_t)1, sizeof *out->items)};
	if (out->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; out->count < count; out->count++)
		if (authorise_load(session, paths[out->count], now, &out->items[out->count], err) < 0) {
			authorisations_clear(out);
			return -1;
		}
	return 0;
}
