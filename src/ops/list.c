/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/list.h"

int list_bundle(struct session *session, const char *path, struct received *out, struct err *err)
{
	return receive_bundle(session, path, RECEIVE_TO_LIST, 0, NULL, out, err);
}
