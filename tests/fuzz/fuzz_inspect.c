/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/claims.h"
#include "inspect/inspect_internal.h"
#include "inspect/mail.h"
#include "inspect/markup.h"
#include "inspect/sniff.h"
#include "inspect/utf16.h"
#include "inspect/zip.h"

#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

FUZZ_INITIALIZE

static struct scheme_set schemes;
static struct text_labels *labels;
static struct inspector *inspector;
static int fd;

static void make_readers(void)
{
	struct err err = ERR_INIT;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || scheme_set_load_shipped(&schemes, NULL, &err) < 0 || text_labels_new(&labels, &schemes, &err) < 0 ||
		inspector_new(&inspector, &schemes, INSPECT_TYPES_QUICK, &err) < 0)
		abort();
}

/* Markup never grows, and other text of two bytes a letter grows by half at most. */
static void convert(const char *bytes, size_t size)
{
	struct inspection out = {0};
	char *text = malloc(size + size / 2 + 1);
	if (text == NULL)
		abort();
	for (int kind = MARKUP_HTML; kind <= MARKUP_SHEET; kind++) {
		bool cut = false;
		size_t len = markup_to_text(text, size, bytes, size, (enum markup)kind, &cut);
		if (len > size)
			abort();
		text_labels_find(labels, text, len, (struct text_place){.kind = PLACE_LINE}, &out);
	}
	if (utf16_to_utf8(text, bytes, size) > size + size / 2)
		abort();
	free(text);
}

/* PDF is left out: another program reads it. */
static void inspect(const char *bytes, size_t size, const char *name)
{
	struct err err = ERR_INIT;
	struct inspection out;
	if (sniff(bytes, size, true).form == FORM_PDF)
		return;
	fuzz_check(inspect_file(inspector, fd, name, size, &out, &err), &err);
	if (err.code == ERR_OK && (out.media_type[0] == '\0' || out.finding_count > FINDINGS_MAX))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"a", "a.txt", "a.json", "a.html", "a.eml", "a.docx"};
	struct err err = ERR_INIT;
	struct inspection out = {0};
	const char *bytes = (const char *)data;
	if (labels == NULL)
		make_readers();
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	convert(bytes, size);
	fuzz_check(mail_labels(labels, bytes, size, &out, &err), &err);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		inspect(bytes, size, names[i]);
	return 0;
}
