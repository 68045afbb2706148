/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that some file system would take for one: equal after NFC and full case folding. */
#include "base/text.h"
#include "format/manifest.h"

#include <stdlib.h>
#include <string.h>

/* One path as it folds. ASCII, the usual case, is folded while it is compared; the rest is kept folded. */
struct fold {
	uint64_t hash;
	const char *path;
	char *folded; /* owned; NULL where path is ASCII */
};

struct folds {
	struct fold *items;
	uint32_t count;
};

static void folds_clear(struct folds *folds)
{
	for (uint32_t i = 0; i < folds->count; i++)
		free(folds->items[i].folded);
	free(folds->items);
}

static unsigned char fold_byte(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* FNV-1a over the folded bytes. Sorting by it is only for speed: a partner who finds collisions gains nothing but n log
 * n comparisons. */
static uint64_t fold_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *text != '\0'; text++)
		hash = (hash ^ fold_byte((unsigned char)*text)) * 0x100000001b3u;
	return hash;
}

static int compare_folds(const void *a, const void *b)
{
	const struct fold *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	/* what is folded has no upper-case ASCII left, so folding its bytes again changes nothing */
	const unsigned char *p = (const unsigned char *)(x->folded != NULL ? x->folded : x->path);
	const unsigned char *q = (const unsigned char *)(y->folded != NULL ? y->folded : y->path);
	while (*p != '\0' && fold_byte(*p) == fold_byte(*q)) {
		p++;
		q++;
	}
	return (int)fold_byte(*p) - (int)fold_byte(*q);
}

static bool is_ascii(const char *text)
{
	unsigned char all = 0;
	for (; *text != '\0'; text++)
		all |= (unsigned char)*text;
	return all < 0x80;
}

static int fold_path(struct fold *out, const char *path, struct err *err)
{
	*out = (struct fold){.path = path};
	if (!is_ascii(path) && text_fold(&out->folded, path, strlen(path), err) != 0)
		return -1;
	out->hash = fold_hash(out->folded != NULL ? out->folded : path);
	return 0;
}

static int fail_pair(const char *a, const char *b, struct err *err)
{
	return err_set(err, ERR_CONTENT, "\"%.200s\" and \"%.200s\" are one name where case or accents do not count", a, b);
}

int manifest_check_collisions(const struct manifest *manifest, struct err *err)
{
	AUTO(folds_clear) struct folds folds = {0};
	if (manifest->entry_count == 0)
		return 0;
	folds.items = calloc(manifest->entry_count, sizeof *folds.items);
	if (folds.items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; folds.count < manifest->entry_count; folds.count++)
		if (fold_path(&folds.items[folds.count], manifest->entries[folds.count].path, err) != 0)
			return -1;
	qsort(folds.items, folds.count, sizeof *folds.items, compare_folds);
	for (uint32_t i = 1; i < folds.count; i++)
		if (compare_folds(&folds.items[i - 1], &folds.items[i]) == 0)
			return fail_pair(folds.items[i - 1].path, folds.items[i].path, err);
	return 0;
}
