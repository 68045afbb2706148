/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_REGISTRY_H
#define VALISE_KEYRING_REGISTRY_H

#include "format/registry_doc.h"
#include "format/registry_file.h"
#include "keyring/gpg.h"
#include "keyring/station.h"

/* The partners of a station: registry.yaml and keys/<FPR>.pgp. The authority for names, roles and ceilings.
 *
 * Bytes that were checked whole before, which the caller knows by their digest, are not parsed whole again: a partner's
 * row is looked up and parsed when it is asked for, so that five thousand partners cost a bundle no more than one. One
 * thread at a time uses a registry. */
struct registry {
	struct registry_doc doc;          /* with partners where it is whole; use registry_whole() */
	const struct station *station;    /* borrowed */
	struct digest digest;             /* of registry.yaml; zeros where there is none */
	bool canonical;                   /* its bytes are those that registry_doc_format() makes */
	struct registry_rows *rows;       /* owned; NULL where it is whole */
	bool is_draft;                    /* what administrators prepare: nobody is trusted for it */
	const struct registry_file *file; /* borrowed; certificates come from there, not from the home. NULL: the home's */
};

/* A home without registry.yaml has an empty one. known: digest of bytes that were checked and canonical before; NULL
 * for none. errors: ERR_REGISTRY. */
int registry_open(struct registry *out, const struct station *station, const struct digest *known, struct err *err);
/* As if it named nobody, whatever it says; of its bytes only the digest is known. */
int registry_open_unread(struct registry *out, const struct station *station, struct err *err);
/* Of bytes that are not the home's. errors: ERR_REGISTRY. */
int registry_parse(struct registry *out, const struct station *station, const char *bytes, size_t len, struct err *err);
void registry_close(struct registry *registry);
#define auto_registry AUTO(registry_close) struct registry

/* Borrowed until the registry changes or is closed; NULL where there is none, or no memory to tell. */
const struct partner *registry_find_alias(const struct registry *registry, const char *alias);
/* By any of a partner's keys, former ones as well. */
const struct partner *registry_find(const struct registry *registry, const struct fingerprint *fpr);
/* With all partners; borrowed likewise. NULL with err. */
const struct registry_doc *registry_whole(const struct registry *registry, struct err *err);

/* Each partner in turn, in order of aliases; borrowed during the call. each() returns -1, with err set, to stop. */
int registry_each(const struct registry *registry, registry_doc_each_fn *each, void *ctx, struct err *err);

/* "Alice Ardent (Agency A), Bob …": whom to ask. As many as there is room for; "" where nobody is named. */
void registry_name_administrators(char *out, size_t size, const struct registry *registry);

/* Its bytes, those of digest. errors: ERR_BUSY where it was changed since it was opened; ERR_CANCELLED, ERR_MEMORY. */
int registry_bytes(const struct registry *registry, struct buf *out, struct err *err);

/* A partner's certificate, compared with the digest that the registry holds. errors: ERR_CERTIFICATE, ERR_REGISTRY. */
int registry_certificate(const struct registry *registry, const struct partner *partner, struct buf *out,
						 struct err *err);

/* What a row says of a certificate. */
struct key_ends key_ends_of(const struct cert *cert);

/* That of one of its keys. in: fpr with partner_has_key(); any other is ERR_CERTIFICATE. */
int registry_key_certificate(const struct registry *registry, const struct partner *partner,
							 const struct fingerprint *fpr, struct buf *out, struct err *err);
/* Those of all keys that the document speaks of. out: how many. errors: as registry_certificate() of the first that is
 * not right. */
int registry_check_certificates(const struct registry *registry, const struct registry_doc *doc, uint32_t *out_count,
								struct err *err);

/* How many certificates wait in keys/ that neither this registry nor the draft speaks of: what killed commands left.
 * errors: ERR_REGISTRY of the draft, ERR_IO. */
int registry_count_leftovers(const struct registry *registry, unsigned *out, struct err *err);

/* Take in a card that a person confirmed. in: partner with all facts but certificate and added; confirmed is the
 * fingerprint as typed. The certificate goes through gpg_launder(); certificate file first, then registry.yaml (serial
 * + 1), each whole or not. errors: ERR_FINGERPRINT where confirmed is not the card's, ERR_CERTIFICATE (revoked,
 * expired, no signing key; no encryption key where the role receive is asked for), ERR_EXISTS where alias or key is
 * there already. */
int registry_add(struct registry *registry, const struct partner *partner, const struct card *card,
				 const struct fingerprint *confirmed, int64_t now, struct err *err);

/* A partner's key is replaced: the entry is of the new one from now on, and keeps the former one for its signatures.
 * in: a rotation and its card that rotation_open() gave. errors: ERR_FINGERPRINT where it is not from this partner's
 * key, ERR_UNFIT_SIGNER where the partner is revoked, ERR_EXISTS where the new key is somebody's,
 * ERR_CERTIFICATE, ERR_LIMIT, ERR_PARTNER. *out_changed: false where this was done before. */
struct rotation;
int registry_rotate(struct registry *registry, const char *alias, const struct rotation *rotation,
					const struct card *card, int64_t now, bool *out_changed, struct err *err);

#endif
