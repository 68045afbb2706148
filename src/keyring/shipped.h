/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_SHIPPED_H
#define VALISE_KEYRING_SHIPPED_H

#include <stddef.h>

/* The hardened GnuPG settings of keys/, built into the program so that no installation can lose them. NUL-terminated.
 */
extern const char shipped_gpg_conf[], shipped_gpg_agent_conf[];
extern const size_t shipped_gpg_conf_len, shipped_gpg_agent_conf_len; /* without the NUL */

#endif
