/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_ROTATION_H
#define VALISE_FORMAT_ROTATION_H

#include "format/card.h"

enum { ROTATION_BYTES_MAX = 2 << 20, ROTATION_DAYS_MAX = 366 };
#define ROTATION_KIND "valise-rotation: 1"

/* That a station goes on with another key (valise-station(5), ROTATION): the body of a small document that is signed
 * twice (format/signed_doc.h), by the new key, and by the old key over that. */
struct rotation {
	struct fingerprint from, to; /* the old key and the new one */
	int64_t created, not_after;  /* until then signatures of the old key count beside the new one's */
	char *card;                  /* owned: the station's card with the new key, as it stands */
	size_t card_len;
};

void rotation_clear(struct rotation *rotation);
#define auto_rotation AUTO(rotation_clear) struct rotation

/* errors: ERR_DOCUMENT with line and column, ERR_VERSION, ERR_MEMORY. The card is only framed. */
int rotation_parse(struct rotation *out, const char *bytes, size_t len, struct err *err);
/* The body, to be signed; parses back to rotation. errors: ERR_DOCUMENT where both keys are one or the time is not
 * allowed, ERR_MEMORY. */
int rotation_format(struct buf *out, const struct rotation *rotation, struct err *err);

#endif
