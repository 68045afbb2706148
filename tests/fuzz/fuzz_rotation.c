/* SPDX-License-Identifier: Apache-2.0 */
#include "format/rotation.h"

#include "fuzz.h"

#include <string.h>

FUZZ_INITIALIZE

/* What is taken can be written, and is the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT, none = ERR_INIT;
	auto_rotation rotation = {.card = NULL}, again = {.card = NULL};
	auto_buf text = {0};
	int rc = rotation_parse(&rotation, (const char *)data, size, &err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return 0;
	if (rotation_format(&text, &rotation, &none) < 0 || rotation_parse(&again, text.data, text.len, &none) < 0 ||
		again.card_len != rotation.card_len || memcmp(again.card, rotation.card, rotation.card_len) != 0)
		abort();
	return 0;
}
