/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "format/manifest.h"

#include "fuzz.h"

FUZZ_INITIALIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	auto_manifest manifest = {0};
	auto_buf written = {0};
	if (size == 0)
		return 0;
	int rc = manifest_parse(&manifest, (const char *)data, size, &err);
	fuzz_check(rc, &err);
	/* What was read can be written, and is read again. */
	if (rc == 0) {
		auto_manifest again = {0};
		if (manifest_format(&written, &manifest, &err) < 0 ||
			manifest_parse(&again, written.data, written.len, &err) < 0)
			abort();
	}
	return 0;
}
