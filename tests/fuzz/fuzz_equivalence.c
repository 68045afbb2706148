/* SPDX-License-Identifier: Apache-2.0 */
#include "format/equivalence_doc.h"

#include "fuzz.h"

FUZZ_INITIALIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	auto_equivalence_doc doc = {.items = NULL};
	fuzz_check(equivalence_doc_parse(&doc, (const char *)data, size, &err), &err);
	return 0;
}
