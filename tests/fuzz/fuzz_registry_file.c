/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_file.h"

#include "base/cleanup.h"

#include "fuzz.h"

#include <string.h>

FUZZ_INITIALIZE

/* What is taken has one form: written again it is the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	auto_buf bytes = {0}, again = {0};
	AUTO(registry_file_clear) struct registry_file file = {0};
	if (size == 0 || buf_append(&bytes, data, size, &err) < 0)
		return 0;
	int rc = registry_file_parse(&file, &bytes, &err);
	fuzz_check(rc, &err);
	if (rc == 0 &&
		(registry_file_format(&again, &file, &err) < 0 || again.len != size || memcmp(again.data, data, size) != 0))
		abort();
	return 0;
}
