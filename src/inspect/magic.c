/* SPDX-License-Identifier: Apache-2.0 */
/* Only its table of signatures is used: the parts that unpack, parse containers or guess at languages are off, and what
 * it gets is small. */
#include "inspect/magic.h"

#include "format/manifest.h"

#include <magic.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_MAX = 4096 };
#define UNKNOWN "application/octet-stream"

struct magic_types {
	magic_t cookie;
	char type[MANIFEST_MEDIA_TYPE_MAX + 1];
};

static const char *const usual_places[] = {"/usr/share/misc/magic.mgc", "/usr/lib/file/magic.mgc",
										   "/usr/share/file/magic.mgc", "/usr/share/file/misc/magic.mgc",
										   "/usr/lib64/file/magic.mgc", NULL};

static void set_limits(magic_t cookie)
{
	static const struct {
		int parameter;
		size_t value;
	} limits[] = {{MAGIC_PARAM_INDIR_MAX, 10},      {MAGIC_PARAM_NAME_MAX, 60},     {MAGIC_PARAM_ELF_PHNUM_MAX, 0},
				  {MAGIC_PARAM_ELF_SHNUM_MAX, 0},   {MAGIC_PARAM_ELF_NOTES_MAX, 0}, {MAGIC_PARAM_REGEX_MAX, 1024},
				  {MAGIC_PARAM_BYTES_MAX, HEAD_MAX}};
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		(void)magic_setparam(cookie, limits[i].parameter, &limits[i].value);
}

static bool load(magic_t cookie, const char *const *places)
{
	for (; *places != NULL; places++)
		if (access(*places, R_OK) == 0 && magic_load(cookie, *places) == 0)
			return true;
	return false;
}

int magic_types_new(struct magic_types **out, const char *const *places, struct err *err)
{
	*out = NULL;
	auto_magic_types *types = calloc(1, sizeof *types);
	if (types == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	types->cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF |
							   MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_JSON | MAGIC_NO_CHECK_CSV |
							   MAGIC_NO_CHECK_APPTYPE);
	if (types->cookie == NULL)
		return err_set(err, ERR_MEMORY, "out of memory for libmagic");
	set_limits(types->cookie);
	if (!load(types->cookie, places != NULL ? places : usual_places)) {
		(void)err_set(err, ERR_IO, "the database of libmagic, which tells the types of files, is missing or unusable");
		return err_hint(err, "install it: apt-get install libmagic-mgc");
	}
	*out = steal(&types);
	return 0;
}

void magic_types_free(struct magic_types *types)
{
	if (types == NULL)
		return;
	if (types->cookie != NULL)
		magic_close(types->cookie);
	free(types);
}

static bool is_type(const char *type)
{
	const char *slash = strchr(type, '/');
	return slash != NULL && slash != type && slash[1] != '\0' && strlen(type) <= MANIFEST_MEDIA_TYPE_MAX &&
		   strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/+-._") == strlen(type);
}

const char *magic_types_find(struct magic_types *types, const void *head, size_t len)
{
	const char *type = magic_buffer(types->cookie, head, len < HEAD_MAX ? len : HEAD_MAX);
	if (type == NULL || !is_type(type))
		return UNKNOWN;
	(void)strcpy(types->type, type);
	return types->type;
}
