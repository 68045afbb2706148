/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_SLOT_H
#define VALISE_FORMAT_SLOT_H

#include "base/ident.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>

enum { SLOT_TEXT_BYTES = 208, SECRET_ID_BYTES = 8, SEQUENCE_MAX = 1000000000 };

/* What one recipient's slot holds once it is decrypted (valise-format(5), Slots). */
struct slot {
	struct uuid bundle;
	uint64_t sequence;                        /* 1 to SEQUENCE_MAX */
	struct digest previous;                   /* zeros for the first */
	unsigned char secret_id[SECRET_ID_BYTES]; /* zeros for none */
	struct secret *key;                       /* owned, KEY_BYTES: as stored, so still mixed where secret_id is set */
};

bool slot_needs_secret(const struct slot *slot);
void slot_clear(struct slot *slot);
#define auto_slot AUTO(slot_clear) struct slot

/* in: text of SLOT_TEXT_BYTES in secret memory. errors: ERR_SLOT (never shows the text), ERR_MEMORY. */
int slot_parse(struct slot *out, const struct secret *text, struct err *err);
/* out: *out owned secret of SLOT_TEXT_BYTES. */
int slot_format(struct secret **out, const struct slot *slot, struct err *err);

#endif
