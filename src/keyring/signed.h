/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_SIGNED_H
#define VALISE_KEYRING_SIGNED_H

#include "format/signed_doc.h"
#include "keyring/trust.h"

/* Small documents (format/signed_doc.h): signing one; who signed one, and does that count. The rules are those of a
 * waybill's signatures (valise-format(5), SIGNATURES), judged by the same code; before any byte of the body is parsed.
 */

/* in: roles of which a partner needs one (ROLE_SEND, ROLE_ADMINISTER, …); this station itself always counts; what is
 *     said of the document in messages ("authorisation.yaml").
 * out: whose signature it is; out->standing is SIGNER_COUNTS. partner borrowed from the registry.
 * errors: ERR_SIGNATURE_PACKET; ERR_UNKNOWN_SIGNER where the key that signed is nobody's here; ERR_BAD_SIGNATURE;
 *         ERR_UNFIT_SIGNER where the key is revoked, expired, or has none of the roles; ERR_GNUPG, ERR_CERTIFICATE. */
int signed_doc_verify(const struct registry *registry, const struct signed_doc *doc, unsigned roles, int64_t now,
					  const char *what, struct signer *out, struct err *err);

/* With the parsed body: signed between its created and not_after (0: no end), and not in a time that has not come.
 * errors: ERR_SIGNATURE_TIME. */
int signed_doc_check_time(const struct signer *signer, int64_t created, int64_t not_after, int64_t now,
						  const char *what, struct err *err);

/* This station's detached signature over bytes. in: a station that can sign; the key: its present one, or one that it
 * had before. errors: those of gpg_open_station() and gpg_sign(). */
int station_sign(const struct station *station, const struct gpg_passphrase *passphrase, const struct fingerprint *key,
				 const void *bytes, size_t len, struct buf *out, struct err *err);

/* Put this station's signature under the body. in: a station that can sign. errors: those of gpg_open_station(),
 * gpg_sign() and signed_doc_append(). */
int signed_doc_sign(const struct station *station, const struct gpg_passphrase *passphrase, struct buf *body,
					struct err *err);

#endif
