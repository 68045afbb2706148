/* SPDX-License-Identifier: Apache-2.0 */
#include "format/authorisation.h"
#include "format/signed_doc.h"

#include "fuzz.h"

#include <string.h>

FUZZ_INITIALIZE

/* What it splits, it would write byte for byte. */
static void check_split(const char *bytes, size_t size)
{
	struct err err = ERR_INIT;
	struct signed_doc doc;
	auto_buf again = {0};
	int rc = signed_doc_split(&doc, bytes, size, &err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return;
	if (buf_append(&again, doc.body, doc.body_len, &err) < 0 ||
		signed_doc_append(&again, doc.signature, doc.signature_len, &err) < 0 || again.len != size ||
		memcmp(again.data, bytes, size) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	auto_authorisation read = {.files = NULL}, again = {.files = NULL};
	auto_buf text = {0};
	check_split((const char *)data, size);
	int rc = authorisation_parse(&read, (const char *)data, size, &err);
	fuzz_check(rc, &err);
	if (rc == 0 &&
		(authorisation_format(&text, &read, &err) < 0 || authorisation_parse(&again, text.data, text.len, &err) < 0 ||
		 again.file_count != read.file_count || strcmp(again.reason, read.reason) != 0))
		abort();
	return 0;
}
