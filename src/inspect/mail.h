/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_MAIL_H
#define VALISE_INSPECT_MAIL_H

#include "inspect/text_labels.h"

/* Labels of an e-mail: in its headers ("header Subject"), and at the head of its texts ("body"), also of messages that
 * it encloses. Attachments are not looked into; out->not_read tells.
 * in: bytes[len]: its beginning, of a mailbox the first message. errors: ERR_MEMORY. */
int mail_labels(const struct text_labels *labels, const char *bytes, size_t len, struct inspection *out,
				struct err *err);

#endif
