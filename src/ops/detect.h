/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_DETECT_H
#define VALISE_OPS_DETECT_H

#include "base/progress.h"
#include "inspect/inspect.h"
#include "ops/scan.h"

/* What all files of a scan say inside, looked at on every core. Most say nothing: only what was found is kept. */
struct detected_label {
	uint32_t entry; /* number in the manifest */
	struct finding finding;
};
struct detected {
	struct detected_label *labels; /* owned; sorted by entry */
	uint32_t count;
	uint32_t *not_whole; /* entries longer than what was looked at; sorted */
	uint32_t not_whole_count;
	struct {
		uint32_t entry;
		char why[128];
	} * not_read; /* entries whose text could not be looked at, or not all of it; sorted */
	uint32_t not_read_count;
	struct {
		uint32_t entry;
		char named[MANIFEST_MEDIA_TYPE_MAX + 1];
	} * misnamed; /* whose name claims another type */
	uint32_t misnamed_count;
};
void detected_clear(struct detected *detected);
#define auto_detected AUTO(detected_clear) struct detected

/* One flag for each entry, borrowed; NULL: none. */
struct detect_flags {
	const unsigned char *skip;   /* not to be read for labels; the type is found all the same */
	const unsigned char *digest; /* also to be digested, while it is open: into the manifest's sha256 */
};

/* Also sets the media type of each file of the manifest. in: flags may be NULL. errors: those of inspect_file(), with
 * the path in front; ERR_CHANGED. */
int detect_all(const struct scan *scan, struct manifest *manifest, const struct scheme_set *schemes,
			   enum inspect_types types, const struct detect_flags *flags, const struct progress *progress,
			   struct detected *out, struct err *err);

#endif
