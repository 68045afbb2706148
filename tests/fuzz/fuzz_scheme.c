/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scheme.h"

#include "fuzz.h"

FUZZ_INITIALIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	auto_schemes set = {0};
	if (size == 0)
		return 0;
	fuzz_check(scheme_set_add(&set, (const char *)data, size, NULL, &err), &err);
	return 0;
}
