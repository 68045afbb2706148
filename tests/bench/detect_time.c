/* SPDX-License-Identifier: Apache-2.0 */
/* detect_time RUNS FOLDER: the wall time that packing spends on looking into the folder's files, types and labels, in
 * seconds, a line a run; opening and reading included. With --list: "PATH <tab> LABEL" of what was found instead. */
#include "base/hash.h"
#include "base/secret.h"
#include "ops/detect.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double now(void)
{
	struct timespec at;
	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void list(const struct manifest *manifest, const struct detected *found)
{
	uint32_t next = 0;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		if (manifest->entries[i].type == ENTRY_FOLDER)
			continue;
		const char *separator = "\t";
		printf("%s", strchr(manifest->entries[i].path, '/') + 1);
		for (; next < found->count && found->labels[next].entry == i; next++, separator = " ")
			printf("%s%s", separator, found->labels[next].finding.label.label->text);
		printf("%s\n", *separator == '\t' ? "\t-" : "");
	}
}

static int run(const char *folder, bool show, struct err *err)
{
	auto_schemes schemes = {0};
	auto_scan scan = {0};
	auto_manifest manifest = {0};
	auto_detected found = {0};
	if (scheme_set_load_shipped(&schemes, NULL, err) < 0 || manifest_init(&manifest, err) < 0 ||
		scan_paths(&folder, 1, &scan, &manifest, err) < 0)
		return -1;
	const double began = now();
	if (detect_all(&scan, &manifest, &schemes, INSPECT_TYPES_QUICK, NULL, NULL, &found, err) < 0)
		return -1;
	if (show)
		list(&manifest, &found);
	else
		printf("%.6f\n", now() - began);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	const bool show = argc == 3 && strcmp(argv[1], "--list") == 0;
	if (argc != 3) {
		(void)fputs("usage: detect_time RUNS FOLDER | --list FOLDER\n", stderr);
		return 2;
	}
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	int rc = hash_library_init(&err) < 0 || secret_library_init(&err) < 0 ? -1 : 0;
	for (int left = show ? 1 : atoi(argv[1]); rc == 0 && left > 0; left--)
		rc = run(argv[2], show, &err);
	if (rc < 0)
		(void)fprintf(stderr, "%s: %s\n", err_name(err.code), err.message);
	return rc < 0;
}
