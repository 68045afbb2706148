/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_POLICY_SHIPPED_H
#define VALISE_POLICY_SHIPPED_H

#include <stddef.h>

/* The scheme files of manifests/schemes/ that are part of the program. */
struct shipped_scheme {
	const char *name; /* "tlp.yaml", for messages */
	const char *bytes;
	size_t len;
};

/* Number n, counted from 0; false behind the last. */
_Bool shipped_scheme_get(size_t n, struct shipped_scheme *out);

#endif
