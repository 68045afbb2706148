/* SPDX-License-Identifier: Apache-2.0 */
#include "format/ustar.h"
#include "format/waybill.h"

#include "fuzz.h"

FUZZ_INITIALIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct waybill waybill = {0};
	if (size == 0 || size > MEMBER_WAYBILL_MAX)
		return 0;
	fuzz_check(waybill_parse(&waybill, (const char *)data, size, &err), &err);
	waybill_clear(&waybill);
	return 0;
}
