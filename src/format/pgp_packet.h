/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_PGP_PACKET_H
#define VALISE_FORMAT_PGP_PACKET_H

#include "format/pgp.h"

/* What the files pgp*.c share: taking packets apart. */

enum pgp_tag {
	TAG_PKESK = 1,
	TAG_SIGNATURE = 2,
	TAG_PUBLIC_KEY = 6,
	TAG_USER_ID = 13,
	TAG_PUBLIC_SUBKEY = 14,
	TAG_ATTRIBUTE = 17,
	TAG_SEIPD = 18,
	TAG_AEAD = 20,
};

/* Bytes that are left to read. */
struct span {
	const unsigned char *at;
	size_t left;
};

/* False, with nothing taken, where there is less. */
bool pgp_take_number(struct span *in, unsigned count, uint64_t *out);
bool pgp_take_span(struct span *in, uint64_t len, struct span *out);
/* One whole packet. NULL, or what is wrong. */
const char *pgp_take_packet(struct span *in, unsigned *tag, struct span *body);

#endif
