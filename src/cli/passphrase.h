/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_PASSPHRASE_H
#define VALISE_CLI_PASSPHRASE_H

#include "cli/cli.h"

/* Where the passphrase comes from: --passphrase-fd, else a pinentry where a person is, else nowhere: batch never hangs.
 * fd_text: the option's value, or NULL. errors: ERR_USAGE, ERR_IO. */
int passphrase_prepare(struct cli *cli, const char *fd_text, struct err *err);

/* A secret from fd: up to LF or the end, 1 to 1,024 bytes, no NUL. out: owned. */
int passphrase_read(struct secret **out, int fd, struct err *err);

#endif
