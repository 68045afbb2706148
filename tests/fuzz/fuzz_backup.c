/* SPDX-License-Identifier: Apache-2.0 */
#include "format/backup_doc.h"
#include "format/ustar.h"
#include "ops/backup_archive.h"

#include "fuzz.h"

#include <string.h>

FUZZ_INITIALIZE

/* The list in its header and padding, then zeros where entries should be: the reader takes any pieces alike. */
static void read_archive(const uint8_t *data, size_t size)
{
	static const char zeros[USTAR_END];
	const struct backup_taker nobody = {0};
	struct err err = ERR_INIT, none = ERR_INIT;
	auto_backup_sink *sink = NULL;
	auto_backup_doc doc = {0};
	unsigned char header[USTAR_BLOCK];
	ustar_build(header, BACKUP_LIST_NAME, size);
	if (backup_sink_new(&sink, &nobody, NULL, "", 0, &none) < 0)
		abort();
	int rc = backup_sink_write(sink, header, sizeof header, &err);
	for (size_t at = 0, piece = 1; rc == 0 && at < size; at += piece, piece *= 3) {
		piece = piece < size - at ? piece : size - at;
		rc = backup_sink_write(sink, data + at, piece, &err);
	}
	if (rc == 0)
		rc = backup_sink_write(sink, zeros, ustar_padding(size), &err);
	if (rc == 0)
		rc = backup_sink_write(sink, zeros, sizeof zeros, &err);
	if (rc == 0)
		rc = backup_sink_finish(sink, &doc, &err);
	fuzz_check(rc, &err);
}

/* What is taken can be written, and is taken again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT, none = ERR_INIT;
	auto_backup_doc doc = {0}, again = {0};
	auto_buf text = {0}, second = {0};
	read_archive(data, size);
	int rc = backup_doc_parse(&doc, (const char *)data, size, &err);
	fuzz_check(rc, &err);
	if (rc < 0)
		return 0;
	if (backup_doc_format(&text, &doc, &none) < 0 || backup_doc_parse(&again, text.data, text.len, &none) < 0 ||
		backup_doc_format(&second, &again, &none) < 0 || strcmp(text.data, second.data) != 0)
		abort();
	return 0;
}
