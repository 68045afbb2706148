/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_APPROVE_RECIPIENTS_H
#define VALISE_OPS_APPROVE_RECIPIENTS_H

#include "ops/receive.h"

/* What this station's own registry says of those for whom a pending bundle is: two registries are there to disagree,
 * and the packer's was looked at by the packer. Told as notices of received: whom it does not know, and what its rules
 * would refuse to send them. errors: ERR_RECIPIENT where one is revoked here, at the end of his entry, or has no role
 * `receive`; ERR_MEMORY. */
int approve_check_recipients(const struct session *session, struct received *received, int64_t now, struct err *err);

/* For whom it is, by the waybill; hidden ones by the manifest. Borrowed. */
const struct fingerprint *approve_recipients(const struct received *received, uint32_t *count);

#endif
