/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/scheme_files.h"

#include "base/array.h"
#include "base/io.h"
#include "media/output.h"
#include "policy/scheme_parse.h"
#include "policy/shipped.h"
#include "policy/taxonomy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* --- all of them --- */

void scheme_files_clear(struct scheme_files *files)
{
	for (uint32_t i = 0; i < files->count; i++) {
		scheme_clear(&files->items[i].scheme);
		free(files->items[i].name);
	}
	free(files->items);
	*files = (struct scheme_files){0};
}

const struct scheme_file *scheme_files_find(const struct scheme_files *files, const char *id)
{
	for (uint32_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].scheme.id, id) == 0)
			return &files->items[i];
	return NULL;
}

/* Takes name and scheme. */
static int append(struct scheme_files *files, char *name, struct scheme *scheme, bool is_shipped, struct err *err)
{
	struct scheme_file *grown = array_grow(files->items, files->count, sizeof *grown, err);
	if (grown == NULL || name == NULL) {
		scheme_clear(scheme);
		free(name);
		return grown == NULL ? -1 : err_set(err, ERR_MEMORY, "out of memory");
	}
	files->items = grown;
	grown[files->count++] = (struct scheme_file){.scheme = *scheme, .name = name, .is_shipped = is_shipped};
	return 0;
}

static int add_bytes(struct scheme_files *files, const char *name, const char *bytes, size_t len, bool is_shipped,
					 struct err *err)
{
	struct scheme scheme;
	if (scheme_parse(&scheme, bytes, len, err) < 0)
		return err_wrap(err, "%s: ", name);
	if (scheme_files_find(files, scheme.id) != NULL) {
		(void)err_set(err, ERR_SCHEME, "%s: there is a scheme \"%s\" already", name, scheme.id);
		scheme_clear(&scheme);
		return -1;
	}
	return append(files, strdup(name), &scheme, is_shipped, err);
}

static int add_home_file(void *ctx, const char *name, const struct buf *bytes, struct err *err)
{
	return add_bytes(ctx, name, bytes->data, bytes->len, false, err);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct scheme_file *)a)->scheme.id, ((const struct scheme_file *)b)->scheme.id);
}

static void mark_enabled(struct scheme_files *files, const struct station *station)
{
	const struct accreditations *all = station != NULL ? &station->doc.accreditations : NULL;
	for (uint32_t i = 0; i < files->count; i++) {
		struct scheme_file *file = &files->items[i];
		file->is_enabled = !file->scheme.restricted;
		for (uint32_t j = 0; all != NULL && j < all->count && !file->is_enabled; j++)
			if (strcmp(all->items[j].scheme, file->scheme.id) == 0) {
				file->is_enabled = true;
				memcpy(file->scheme.accreditation, all->items[j].reference, sizeof all->items[j].reference);
			}
	}
}

int scheme_files_load(struct scheme_files *out, const struct station *station, struct err *err)
{
	struct shipped_scheme shipped;
	int rc = 0;
	*out = (struct scheme_files){0};
	for (size_t n = 0; rc == 0 && shipped_scheme_get(n, &shipped); n++)
		rc = add_bytes(out, shipped.name, shipped.bytes, shipped.len, true, err);
	if (rc == 0 && station != NULL)
		rc = session_each_scheme_file(station->home_fd, add_home_file, out, err);
	if (rc < 0) {
		scheme_files_clear(out);
		return -1;
	}
	qsort(out->items, out->count, sizeof *out->items, by_id);
	mark_enabled(out, station);
	return 0;
}

/* --- one of them --- */

int scheme_file_check(const char *path, struct scheme *out, struct err *err)
{
	auto_buf bytes = {0};
	if (io_read_file(&bytes, AT_FDCWD, path, SCHEME_BYTES_MAX, err) < 0)
		return -1;
	return scheme_parse(out, bytes.data, bytes.len, err) < 0 ? err_wrap(err, "%s: ", path) : 0;
}

/* --- taking in --- */

void scheme_imported_clear(struct scheme_imported *imported)
{
	free(imported->path);
	buf_clear(&imported->text);
	*imported = (struct scheme_imported){0};
}

static int ask_for_order(const struct scheme_import *request, const struct taxonomy *taxonomy, struct err *err)
{
	if (request->as_set || request->overlay_only || request->ranks != NULL)
		return 0;
	(void)err_set(err, ERR_USAGE, "which of the %u labels of %s is higher than which? The taxonomy does not say",
				  (unsigned)taxonomy->count, taxonomy->id);
	return err_hint(err,
					"write an overlay: valise scheme import --overlay -o ranks.yaml %s, fill it in, and give it with "
					"--ranks; or say that there is no order: --as-set",
					request->path);
}

static int format_result(struct buf *out, const struct scheme_import *request, const struct taxonomy *taxonomy,
						 struct err *err)
{
	auto_buf overlay = {0};
	if (request->overlay_only)
		return taxonomy_format_overlay(out, taxonomy, err);
	if (request->ranks != NULL && io_read_file(&overlay, AT_FDCWD, request->ranks, OVERLAY_BYTES_MAX, err) < 0)
		return -1;
	if (taxonomy_format_scheme(out, taxonomy, request->ranks != NULL ? &overlay : NULL, err) < 0)
		return request->ranks != NULL ? err_wrap(err, "%s: ", request->ranks) : -1;
	return 0;
}

/* A scheme of an id that is there already would stop the whole station. */
static int check_id_is_free(const struct station *station, const char *id, struct err *err)
{
	auto_scheme_files files = {0};
	if (scheme_files_load(&files, station, err) < 0)
		return -1;
	const struct scheme_file *file = scheme_files_find(&files, id);
	if (file == NULL)
		return 0;
	(void)err_set(err, ERR_EXISTS, "there is a scheme \"%s\" already (%s, %s)", id, file->name,
				  file->is_shipped ? "part of valise" : "in schemes/ of the station's home");
	return err_hint(err, "take it in under another name: --as ID");
}

static int home_path(char **out, const struct station *station, const char *id, struct err *err)
{
	if (mkdirat(station->home_fd, "schemes", 0700) < 0 && errno != EEXIST)
		return err_sys(err, "cannot make schemes/ in %s", station->home);
	if (asprintf(out, "%s/schemes/%s.yaml", station->home, id) < 0) {
		*out = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	return 0;
}

static int place(const struct station *station, const struct scheme_import *request, struct scheme_imported *out,
				 struct err *err)
{
	auto_free char *path = NULL;
	if (request->output != NULL)
		return output_write_file(request->output, out->text.data, out->text.len, &out->path, err);
	if (request->overlay_only)
		return 0;
	if (station == NULL)
		return err_set(err, ERR_INTERNAL, "a scheme without a place to go");
	return check_id_is_free(station, out->id, err) < 0 || home_path(&path, station, out->id, err) < 0
			   ? -1
			   : output_write_file(path, out->text.data, out->text.len, &out->path, err);
}

int scheme_import(const struct station *station, const struct scheme_import *request, struct scheme_imported *out,
				  struct err *err)
{
	auto_buf bytes = {0};
	auto_taxonomy taxonomy = {0};
	*out = (struct scheme_imported){0};
	if (io_read_file(&bytes, AT_FDCWD, request->path, TAXONOMY_BYTES_MAX, err) < 0)
		return -1;
	if (taxonomy_parse(&taxonomy, bytes.data, bytes.len, request->id, err) < 0)
		return err_wrap(err, "%s: ", request->path);
	memcpy(out->id, taxonomy.id, sizeof out->id);
	out->labels = taxonomy.count;
	out->rules_left_out = taxonomy.rules_left_out;
	if (ask_for_order(request, &taxonomy, err) < 0 || format_result(&out->text, request, &taxonomy, err) < 0 ||
		place(station, request, out, err) < 0) {
		scheme_imported_clear(out);
		return -1;
	}
	return 0;
}
