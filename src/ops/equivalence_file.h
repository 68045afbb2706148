/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_EQUIVALENCE_FILE_H
#define VALISE_OPS_EQUIVALENCE_FILE_H

#include "keyring/trust.h"
#include "ops/session.h"

/* The table of labels that count as others, as it lies in a station's home (valise-labels(5), EQUIVALENCE). */
#define EQUIVALENCE_FILE "equivalence.yaml"

/* Read and verify it: signed by this station or a partner with the role administer. A home without one has an empty
 * table. Entries whose schemes are not enabled here say nothing, and are no error. out: equivalence_doc_clear().
 * errors: those of signed_doc_verify(), signed_doc_check_time(), ERR_DOCUMENT, ERR_LIMIT, ERR_IO; all name the file. */
int equivalence_load(struct equivalence_doc *out, const struct session *session, int64_t now, struct err *err);

/* The same, and whose signature makes it count; signer->standing is SIGNER_UNKNOWN where there is none. */
int equivalence_load_signed(struct equivalence_doc *out, const struct session *session, int64_t now,
							struct signer *signer, struct err *err);

struct equivalence_installed {
	uint32_t entries;
	struct signer signer; /* whose signature stands under it now */
};
/* Put a table into the home, whole or not at all, in place of an earlier one: checked against the schemes that are
 * enabled; where it has no signature, signed with this station's key; where it has one, that must count. An older table
 * than the one in force is refused.
 * in: path of the file. errors: ERR_DOCUMENT, ERR_SCHEME naming the entry, those of equivalence_load(),
 *     ERR_KEY_UNAVAILABLE, ERR_STATION where it must be signed by a station that cannot, ERR_IO. */
int equivalence_install(struct session *session, const char *path, struct equivalence_installed *out, struct err *err);

#endif
