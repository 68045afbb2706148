/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_JSON_INTERNAL_H
#define VALISE_BASE_JSON_INTERNAL_H

#include "base/json.h"

#include <jansson.h>

/* A value, and for containers whether something was lost while it was filled. */
struct json {
	json_t *value;
	bool failed;
};

struct json *json_wrap(json_t *value); /* takes value; NULL out of memory */

#endif
