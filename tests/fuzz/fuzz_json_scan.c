/* SPDX-License-Identifier: Apache-2.0 */
/* However the bytes are cut, the answer is the same; and it is that of another reader of JSON. */
#include "base/json_scan.h"

#include "fuzz.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

FUZZ_INITIALIZE

static int scan_in_pieces(struct json_scan *scan, const char *bytes, size_t len, size_t step, struct err *err)
{
	static const char *const keys[] = {"a", "label", "tlp"};
	const struct json_scan_events events = {.keys = keys, .key_count = 3};
	json_scan_begin(scan, &events);
	for (size_t at = 0; at < len; at += step)
		if (json_scan_feed(scan, bytes + at, len - at < step ? len - at : step, err) < 0)
			return -1;
	return json_scan_end(scan, err);
}

/* What the other refuses and the grammar allows. */
static int is_excused(const char *bytes, size_t len, const json_error_t *error)
{
	return json_error_code(error) == json_error_numeric_overflow || memmem(bytes, len, "\\u", 2) != NULL ||
		   (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0);
}

static void compare(const char *bytes, size_t len, const struct err *ours)
{
	json_error_t error;
	if (memchr(bytes, '\0', len) != NULL)
		return; /* the other takes a NUL for the end */
	json_t *theirs = json_loadb(bytes, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (theirs != NULL && ours->code != ERR_OK && strstr(ours->message, "nested deeper") == NULL)
		abort();
	if (theirs == NULL && ours->code == ERR_OK && !is_excused(bytes, len, &error))
		abort();
	json_decref(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err whole = ERR_INIT, err = ERR_INIT;
	auto_json_scan *scan = NULL;
	const char *bytes = (const char *)data;
	if (json_scan_new(&scan, &err) < 0)
		return 0;
	fuzz_check(scan_in_pieces(scan, bytes, size, size + 1, &whole), &whole);
	for (size_t step = 1; step < 20; step += 6) {
		struct err pieces = ERR_INIT;
		fuzz_check(scan_in_pieces(scan, bytes, size, step, &pieces), &pieces);
		if (strcmp(pieces.message, whole.message) != 0)
			abort();
	}
	compare(bytes, size, &whole);
	return 0;
}
