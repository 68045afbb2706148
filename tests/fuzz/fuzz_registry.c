/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_doc.h"
#include "format/station_doc.h"

#include "fuzz.h"

FUZZ_INITIALIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct registry_doc registry = {0};
	struct station_doc station = {0};
	if (size == 0)
		return 0;
	fuzz_check(registry_doc_parse(&registry, (const char *)data, size, &err), &err);
	registry_doc_clear(&registry);
	err = (struct err)ERR_INIT;
	fuzz_check(station_doc_parse(&station, (const char *)data, size, &err), &err);
	return 0;
}
