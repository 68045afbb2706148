/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *component_fault(const char *name, size_t len)
{
	if (len == 0)
		return "has an empty component";
	if (len > PATH_COMPONENT_MAX)
		return "has a component of more than 255 bytes";
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return "has a component . or ..";
	return NULL;
}

static const char *components_fault(const char *path, size_t len)
{
	size_t start = 0, depth = 0;
	while (start <= len) {
		const char *slash = memchr(path + start, '/', len - start);
		size_t end = slash != NULL ? (size_t)(slash - path) : len;
		const char *fault = component_fault(path + start, end - start);
		if (fault != NULL)
			return fault;
		if (++depth > PATH_DEPTH_MAX)
			return "is more than 64 components deep";
		start = end + 1;
	}
	return NULL;
}

bool path_is_reserved(const char *path, size_t len)
{
	static const char prefix[] = "manifest.";
	auto_free char *folded = NULL;
	struct err ignored = ERR_INIT; /* what is no UTF-8 is refused as such; out of memory is on the safe side */
	if (memchr(path, '/', len) != NULL)
		return false;
	/* Folded as file systems fold: a long s is an s to them. */
	if (text_fold(&folded, path, len, &ignored) != 0)
		return ignored.code == ERR_MEMORY;
	return strncmp(folded, prefix, sizeof prefix - 1) == 0;
}

const char *path_entry_fault(const char *path, size_t len)
{
	if (len == 0)
		return "is empty";
	if (len > PATH_BYTES_MAX)
		return "is longer than 1024 bytes";
	if (!text_is_plain(path, len))
		return text_is_utf8(path, len) ? "has a control or invisible character" : "is not UTF-8";
	if (path[0] == '/')
		return "is absolute";
	if (path_is_reserved(path, len))
		return "begins with MANIFEST., which is reserved at the top";
	return components_fault(path, len);
}

const char *path_last_component(const char *path, size_t *out_len)
{
	size_t end = strlen(path);
	while (end > 0 && path[end - 1] == '/')
		end--;
	size_t start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	*out_len = end - start;
	return path + start;
}

int path_join(char **out, const char *dir, const char *name, struct err *err)
{
	size_t dir_len = strlen(dir);
	const char *slash = dir_len > 0 && dir[dir_len - 1] == '/' ? "" : "/";
	size_t size = dir_len + 1 + strlen(name) + 1;
	char *joined = malloc(size);
	*out = joined;
	if (joined == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	(void)snprintf(joined, size, "%s%s%s", dir, slash, name);
	return 0;
}

int path_is_tame(const char *name)
{
	static const char tame[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	return name[0] != '\0' && name[0] != '-' && name[0] != '.' && name[strspn(name, tame)] == '\0';
}
