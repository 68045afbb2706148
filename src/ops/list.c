/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/list.h"

int list_bundle(struct session *session, const char *path, struct received *out, struct err *err)
{
	if (receive_bundle(session, path, RECEIVE_TO_LIST, 0, NULL, out, err) < 0)
		return -1;
	receive_note(session, "list", out, path);
	return 0;
}
