/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_REGISTRY_FILE_H
#define VALISE_FORMAT_REGISTRY_FILE_H

#include "base/buf.h"
#include "base/ident.h"
#include "format/registry_doc.h"

#include <stdint.h>

/* The one file that carries a registry across the gap (valise-registry(5)): a canonical ustar, its headers a function
 * of name and size as those of a bundle, with the members in this order:
 *
 *   valise-registry        "valise-registry 1\n"
 *   registry.yaml          the registry
 *   signatures/<FPR>.sig   0 to 16 detached signatures over its bytes, sorted
 *   certificates/<FPR>.pgp one for each key of each partner, former ones as well, sorted
 *   1,024 zero bytes
 *
 * What stands here is nobody's word yet. */
enum {
	REGISTRY_FILE_MAX = 256 << 20,
	REGISTRY_SIGNATURES_MAX = 16,
	REGISTRY_CERTIFICATES_MAX = REGISTRY_PARTNERS_MAX * (1 + FORMER_KEYS_MAX),
};
#define REGISTRY_FILE_MAGIC "valise-registry 1\n"

struct registry_part {
	struct fingerprint name;
	const char *bytes; /* borrowed from the file's bytes */
	size_t len;
};
/* By name, for qsort() and bsearch(). */
int registry_part_compare(const void *a, const void *b);

struct registry_file {
	const char *registry; /* borrowed */
	size_t registry_len;
	struct registry_part signatures[REGISTRY_SIGNATURES_MAX];
	uint32_t signature_count;
	struct registry_part *certificates; /* owned, sorted by name */
	uint32_t certificate_count;
};

/* in: bytes borrowed as long as *out is used. out: registry_file_clear().
 * errors: ERR_DOCUMENT where it is no such file, ERR_VERSION, ERR_TRUNCATED, ERR_CONTAINER naming the offset,
 * ERR_LIMIT, ERR_MEMORY. */
int registry_file_parse(struct registry_file *out, const struct buf *bytes, struct err *err);
void registry_file_clear(struct registry_file *file);

/* NULL where there is none of this name. */
const struct registry_part *registry_file_certificate(const struct registry_file *file, const struct fingerprint *fpr);

/* in: parts sorted. errors: ERR_LIMIT where it would be one that registry_file_parse() refuses. */
int registry_file_format(struct buf *out, const struct registry_file *file, struct err *err);

#endif
