/* SPDX-License-Identifier: Apache-2.0 */
/* However the bytes are cut, the same labels are found in the same places. */
#include "inspect/inspect_internal.h"

#include "fuzz.h"

FUZZ_INITIALIZE

static int read_in_pieces(struct json_labels *labels, struct inspection *out, const char *bytes, size_t len,
						  size_t step, struct err *err)
{
	memset(out, 0, sizeof *out);
	json_labels_begin(labels, out);
	for (size_t at = 0; at < len; at += step)
		if (json_labels_feed(labels, bytes + at, len - at < step ? len - at : step, err) < 0)
			return -1;
	return json_labels_end(labels, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scheme_set schemes;
	static struct json_labels *labels; /* used again, as a worker does */
	static struct inspection first, second;
	struct err whole = ERR_INIT, pieces = ERR_INIT, err = ERR_INIT;
	if (labels == NULL &&
		(scheme_set_load_shipped(&schemes, NULL, &err) < 0 || json_labels_new(&labels, &schemes, &err) < 0))
		abort();
	const char *bytes = (const char *)data;
	fuzz_check(read_in_pieces(labels, &first, bytes, size, size + 1, &whole), &whole);
	fuzz_check(read_in_pieces(labels, &second, bytes, size, 7, &pieces), &pieces);
	if (strcmp(whole.message, pieces.message) != 0 || memcmp(&first, &second, sizeof first) != 0)
		abort();
	return 0;
}
