/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_BAG_H
#define VALISE_OPS_BAG_H

#include "format/manifest.h"

/* `unpack --bag`: the folder as a BagIt bag (RFC 8493, version 1.0): the files below data/, and the tag files that
 * prove them. What the manifest lists is what was unpacked, so no file is read again. */
#define BAG_PAYLOAD "data"

/* A further file at the top (MANIFEST.yaml …), as it was written. */
struct bag_tag_file {
	const char *name;
	struct digest sha256;
};

struct bag_facts {
	const struct manifest *manifest;
	const char *organisation; /* of the sender; "" for none */
	const char *identifier;   /* the bundle's id */
	const char *description;  /* the purpose; "" for none */
	int64_t date;             /* of unpacking */
	const struct bag_tag_file *tag_files;
	unsigned tag_file_count;
};

/* bagit.txt, bag-info.txt, manifest-sha256.txt, tagmanifest-sha256.txt into dir_fd, new. Never a fetch.txt. Folders
 * that are empty have no line: BagIt knows files alone.
 * errors: ERR_IO, ERR_NO_SPACE, ERR_MEMORY. */
int bag_write(int dir_fd, const struct bag_facts *facts, struct err *err);

#endif
