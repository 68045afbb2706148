/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_PASSPHRASE_H
#define VALISE_CLI_PASSPHRASE_H

#include "cli/cli.h"

/* Where the passphrase comes from: --passphrase-fd, else a pinentry where a person is, else nowhere: batch never hangs.
 * fd_text: the option's value, or NULL. errors: ERR_USAGE, ERR_IO. */
int passphrase_prepare(struct cli *cli, const char *fd_text, struct err *err);

/* A secret from fd: up to LF or the end, 1 to 1,024 bytes, no NUL. out: owned. */
int passphrase_read(struct secret **out, int fd, struct err *err);

/* The passphrase of a file, which is no key's: from --passphrase-fd, else asked for at the terminal without showing it;
 * twice where it is a new one. out: borrowed until the end of the program. errors: ERR_KEY_UNAVAILABLE where nobody is
 * there to ask, ERR_USAGE where the two differ, ERR_CANCELLED. */
enum passphrase_times { PASSPHRASE_ONCE, PASSPHRASE_TWICE };
int passphrase_for_file(struct cli *cli, enum passphrase_times times, const struct secret **out, struct err *err);

#endif
