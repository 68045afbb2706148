/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_SHIPPED_H
#define VALISE_KEYRING_SHIPPED_H

#include "base/err.h"

#include <stddef.h>

/* The hardened GnuPG settings of keys/, built into the program so that no installation can lose them. NUL-terminated.
 */
extern const char shipped_gpg_conf[], shipped_gpg_agent_conf[];
extern const size_t shipped_gpg_conf_len, shipped_gpg_agent_conf_len; /* without the NUL */

/* The settings of a station's gnupg/, by the names of their files. */
struct shipped_file {
	const char *name, *text;
	const size_t *len;
};
enum { SHIPPED_FILES = 2 };
extern const struct shipped_file shipped_files[SHIPPED_FILES];

/* in: a station's home with gnupg/ in it. errors: those of io_replace_file(). */
int shipped_write(int home_fd, struct err *err);

#endif
