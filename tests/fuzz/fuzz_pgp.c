/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pgp.h"

#include "fuzz.h"

FUZZ_INITIALIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct pgp_signature signature;
	struct pgp_slot slot;
	fuzz_check(pgp_parse_signature(&signature, data, size, &err), &err);
	err = (struct err)ERR_INIT;
	fuzz_check(pgp_parse_slot(&slot, data, size, &err), &err);
	err = (struct err)ERR_INIT;
	fuzz_check(pgp_check_certificate(data, size, &err), &err);
	(void)pgp_certificate_has_key(data, size, 1);
	return 0;
}
