/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_CARD_H
#define VALISE_FORMAT_CARD_H

#include "base/buf.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stddef.h>

enum { PARTY_NAME_MAX = 128, CARD_BYTES_MAX = 1 << 20 };
#define CARD_KIND "valise-card: 1"

enum party_kind { PARTY_PERSON, PARTY_ORGANISATION, PARTY_ROLE, PARTY_STATION, PARTY_KIND_COUNT };
extern const char *const party_kind_names[PARTY_KIND_COUNT]; /* "person", … */

/* Who somebody says to be. Names are text_is_plain(); jurisdiction is two upper-case letters. */
struct party {
	char name[PARTY_NAME_MAX + 1];
	char organisation[PARTY_NAME_MAX + 1];
	enum party_kind kind;
	char jurisdiction[3];
};

bool jurisdiction_is_valid(const char *code); /* two upper-case letters */

/* A station's public introduction (valise-station(5), CARD). Its words are claims. */
struct card {
	struct party party;
	struct fingerprint fingerprint;
	int64_t created;
	unsigned char *certificate; /* owned */
	size_t certificate_len;
};

void card_clear(struct card *card);
#define auto_card AUTO(card_clear) struct card

/* errors: ERR_DOCUMENT with line and column, ERR_VERSION, ERR_MEMORY. The certificate is only framed, not checked. */
int card_parse(struct card *out, const char *bytes, size_t len, struct err *err);
int card_format(struct buf *out, const struct card *card, struct err *err);

#endif
