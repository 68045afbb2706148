/* SPDX-License-Identifier: Apache-2.0 */
/* volume = stem "." number "of" count ".valise"; parity volume = stem ".p" number "of" count ".valise-parity"; numbers
 * as documents write them. */
#include "format/volume_name.h"

#include "base/path.h"
#include "base/text.h"
#include "format/names.h"

#include <string.h>

enum { SHOWN_MAX = 8 };

/* 0: it does not end so, or is nothing else. */
static size_t without(const char *suffix, const char *text, size_t len)
{
	const size_t tail = strlen(suffix);
	return len > tail && memcmp(text + len - tail, suffix, tail) == 0 ? len - tail : 0;
}

static bool parse_number(unsigned *out, const char *text, size_t len)
{
	uint64_t number = 0;
	if (!text_parse_u64(&number, text, len, VOLUMES_MAX) || number == 0)
		return false;
	*out = (unsigned)number;
	return true;
}

/* in: mark: what stands before the number. */
static bool parse(struct volume_name *out, const char *path, const char *mark, const char *suffix)
{
	size_t len = 0;
	const char *name = path_last_component(path, &len);
	len = without(suffix, name, len);
	const char *dot = len > 0 ? memrchr(name, '.', len) : NULL;
	if (dot == NULL || dot == name || strncmp(dot + 1, mark, strlen(mark)) != 0)
		return false;
	const char *number = dot + 1 + strlen(mark), *end = name + len;
	const char *of = number < end ? memmem(number, (size_t)(end - number), "of", 2) : NULL;
	*out = (struct volume_name){.stem = name, .stem_len = (size_t)(dot - name)};
	return of != NULL && parse_number(&out->number, number, (size_t)(of - number)) &&
		   parse_number(&out->count, of + 2, (size_t)(end - of - 2)) && out->number <= out->count;
}

bool volume_name_parse(struct volume_name *out, const char *path)
{
	return parse(out, path, "", BUNDLE_SUFFIX);
}

bool volume_name_parse_parity(struct volume_name *out, const char *path)
{
	return parse(out, path, "p", PARITY_VOLUME_SUFFIX);
}

bool volume_name_same_set(const struct volume_name *a, const struct volume_name *b)
{
	return a->count == b->count && a->stem_len == b->stem_len && memcmp(a->stem, b->stem, a->stem_len) == 0;
}

static int stem_length(const char *path)
{
	const size_t len = strlen(path), stem = without(BUNDLE_SUFFIX, path, len);
	return (int)(stem > 0 ? stem : len);
}

int volume_name_format(struct buf *out, const char *path, unsigned number, unsigned count, struct err *err)
{
	return buf_printf(out, err, "%.*s.%uof%u" BUNDLE_SUFFIX, stem_length(path), path, number, count);
}

int volume_name_format_parity(struct buf *out, const char *path, unsigned number, unsigned count, struct err *err)
{
	return buf_printf(out, err, "%.*s.p%uof%u" PARITY_VOLUME_SUFFIX, stem_length(path), path, number, count);
}

int volume_name_whole(struct buf *out, const char *path, struct err *err)
{
	size_t len = 0;
	struct volume_name volume;
	const char *name = path_last_component(path, &len);
	if (volume_name_parse(&volume, path) || volume_name_parse_parity(&volume, path))
		len = volume.stem_len;
	else if (without(PARITY_VOLUME_SUFFIX, name, len) > 0)
		len = without(PARITY_VOLUME_SUFFIX, name, len);
	else if (without(BUNDLE_SUFFIX, name, len) > 0)
		len = without(BUNDLE_SUFFIX, name, len);
	return buf_printf(out, err, "%.*s" BUNDLE_SUFFIX, (int)len, name);
}

/* Marks the numbers that are there. false: the names do not tell of one set. */
static bool note_present(unsigned char present[static VOLUMES_MAX + 1], struct volume_name *first,
						 const char *const *paths, unsigned count)
{
	struct volume_name name;
	first->count = 0;
	for (unsigned i = 0; i < count; i++) {
		if (!volume_name_parse(&name, paths[i]))
			continue;
		if (first->count == 0)
			*first = name;
		if (!volume_name_same_set(first, &name))
			return false;
		present[name.number] = 1;
	}
	return first->count > 0;
}

int volume_name_missing(struct buf *out, const char *const *paths, unsigned count, struct err *err)
{
	unsigned char present[VOLUMES_MAX + 1] = {0};
	struct volume_name set;
	unsigned missing = 0;
	if (!note_present(present, &set, paths, count))
		return 0;
	for (unsigned i = 1; i <= set.count; i++) {
		if (present[i] || missing++ >= SHOWN_MAX)
			continue;
		if (buf_printf(out, err, "%s%.*s.%uof%u" BUNDLE_SUFFIX, missing > 1 ? ", " : "", (int)set.stem_len, set.stem, i,
					   set.count) < 0)
			return -1;
	}
	return missing > SHOWN_MAX ? buf_printf(out, err, " and %u more", missing - SHOWN_MAX) : 0;
}

/* --- sizes --- */

static const struct {
	const char *name;
	uint64_t bytes;
} sizes[] = {
	{"auto", VOLUME_SIZE_AUTO},        {"none", VOLUME_SIZE_NONE},        {"cd", 737280000ull / 100 * 99},
	{"dvd", 4700372992ull / 100 * 99}, {"bd", 25025314816ull / 100 * 99},
};

static bool unit_parse(uint64_t *out, const char *text)
{
	static const char letters[] = "KMGT";
	const char *at = text[0] != '\0' ? strchr(letters, text[0]) : NULL;
	const bool binary = at != NULL && text[1] == 'i';
	*out = 1;
	if (at == NULL || text[binary ? 2 : 1] != '\0')
		return text[0] == '\0';
	for (const char *letter = letters; letter <= at; letter++)
		*out *= binary ? 1024 : 1000;
	return true;
}

int volume_size_parse(uint64_t *out, const char *text, struct err *err)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (strcmp(text, sizes[i].name) == 0) {
			*out = sizes[i].bytes;
			return 0;
		}
	const size_t digits = strspn(text, "0123456789");
	uint64_t number = 0, unit = 0;
	if (unit_parse(&unit, text + digits) && text_parse_u64(&number, text, digits, (UINT64_MAX - 1) / unit) &&
		number > 0) {
		*out = number * unit;
		return 0;
	}
	(void)err_set(err, ERR_USAGE, "--volume-size %s is no size", text);
	return err_hint(err, "write it as 4G, 700M or bytes, or as cd, dvd, bd, auto or none");
}
