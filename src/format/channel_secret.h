/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_CHANNEL_SECRET_H
#define VALISE_FORMAT_CHANNEL_SECRET_H

#include "base/ident.h"
#include "base/secret.h"
#include "format/slot.h"

/* The pre-shared secret of two stations (valise-format(5), Pre-shared secrets): 32 random bytes that crossed the gap on
 * another way than bundles do, and what is computed with them. */
enum { CHANNEL_SECRET_BYTES = 32, CHANNEL_CHECK_MAX = 16 + 3 + 1 };

/* Tells secrets apart and tells nothing of them. */
void channel_secret_id(unsigned char out[static SECRET_ID_BYTES], const struct secret *secret);

/* What the two stations compare: "0f2e 77a1 …", of this secret between these two, in whichever order they come. */
void channel_secret_check(char out[static CHANNEL_CHECK_MAX], const struct secret *secret, const struct fingerprint *a,
						  const struct fingerprint *b);

/* The key as it stands in a slot, from the bundle key; and the bundle key from that. out: owned. */
int channel_secret_mix(struct secret **out, const struct secret *key, const struct secret *secret,
					   const struct uuid *bundle, const struct fingerprint *recipient, struct err *err);

/* What a station keeps, encrypted: kind, the partner's fingerprint, id, secret, a line each.
 * errors: ERR_STATION where it is not that, never showing it. */
size_t channel_secret_text_len(const struct fingerprint *partner);
int channel_secret_format(struct secret **out, const struct secret *secret, const struct fingerprint *partner,
						  struct err *err);
int channel_secret_parse(struct secret **out, const struct secret *text, const struct fingerprint *partner,
						 const unsigned char id[static SECRET_ID_BYTES], struct err *err);

#endif
