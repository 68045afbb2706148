/* SPDX-License-Identifier: Apache-2.0 */
#include "format/card.h"

#include "fuzz.h"

FUZZ_INITIALIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	auto_card card = {0};
	fuzz_check(card_parse(&card, (const char *)data, size, &err), &err);
	return 0;
}
