/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/list.h"

int list_bundle(struct session *session, const struct volume_set *files, struct received *out, struct err *err)
{
	if (receive_bundle(session, files, RECEIVE_TO_LIST, 0, NULL, out, err) < 0)
		return -1;
	receive_note(session, "list", out, files->paths[0]);
	return 0;
}
