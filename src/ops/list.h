/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_LIST_H
#define VALISE_OPS_LIST_H

#include "ops/receive.h"

/* What is inside, from the manifest alone; for recipients. One volume is enough. */
int list_bundle(struct session *session, const struct volume_set *files, struct received *out, struct err *err);

#endif
