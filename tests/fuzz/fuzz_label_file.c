/* SPDX-License-Identifier: Apache-2.0 */
#include "base/glob.h"
#include "format/label_file.h"

#include "fuzz.h"

#include <string.h>

FUZZ_INITIALIZE

/* What is taken can be written, is taken again, and is then written the same. Its patterns match paths, and end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT, none = ERR_INIT;
	auto_label_file file = {0}, again = {0};
	auto_buf text = {0}, second = {0};
	int rc = label_file_parse(&file, (const char *)data, size, &err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return 0;
	for (uint32_t i = 0; i < file.rule_count; i++) {
		struct glob glob;
		const char *path = "raw/2026/report.json";
		glob_prepare(&glob, file.rules[i].pattern);
		if (glob_fault(file.rules[i].pattern) != NULL ||
			glob_match(file.rules[i].pattern, path) != glob_matches(&glob, path, strlen(path), 9))
			abort();
	}
	if (label_file_format(&text, &file, &none) < 0 || label_file_parse(&again, text.data, text.len, &none) < 0 ||
		label_file_format(&second, &again, &none) < 0 || strcmp(text.data, second.data) != 0)
		abort();
	return 0;
}
