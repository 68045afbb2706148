/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEYRING_GPG_PINENTRY_H
#define VALISE_KEYRING_GPG_PINENTRY_H

/* End the question that the agent of this private home has asked and that nobody will answer: gpg-agent 2.2 leaves its
 * pinentry running when whoever wanted the passphrase is gone, and on a terminal that was closed the pinentry runs for
 * ever. Best effort, silent. */
void gpg_pinentry_end(const char *home_path);

#endif
