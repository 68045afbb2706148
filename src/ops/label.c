/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/label.h"

#include "media/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void label_look_clear(struct label_look *look)
{
	scan_clear(&look->scan);
	manifest_clear(&look->manifest);
	detected_clear(&look->detected);
	free(look->path);
	*look = (struct label_look){0};
}

static int check_folder(const char *dir, struct label_look *out, struct err *err)
{
	struct stat st;
	if (stat(dir, &st) < 0)
		return err_sys(err, "cannot find %s", dir);
	if (!S_ISDIR(st.st_mode)) {
		(void)err_set(err, ERR_USAGE, "%s is no folder", dir);
		return err_hint(err, "a single file is labelled when it is packed: valise pack --label LABEL FILE");
	}
	size_t len = strlen(dir);
	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (asprintf(&out->path, "%.*s/" LABEL_FILE_NAME, (int)len, dir) < 0) {
		out->path = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	if (access(out->path, F_OK) != 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot look for %s", out->path);
	(void)err_set(err, ERR_EXISTS, "%s is there already", out->path);
	return err_hint(err, "look at what it does: valise label --check %s; edit it, or move it away to begin anew", dir);
}

int label_look(const struct session *session, const char *dir, const struct progress *progress, struct label_look *out,
			   struct err *err)
{
	auto_label_look look = {0};
	*out = (struct label_look){0};
	if (check_folder(dir, &look, err) < 0 || manifest_init(&look.manifest, err) < 0 ||
		scan_paths(&dir, 1, &look.scan, &look.manifest, err) < 0 ||
		detect_all(&look.scan, &look.manifest, &session->schemes, INSPECT_TYPES_QUICK, NULL, progress, &look.detected,
				   err) < 0)
		return -1;
	if (look.manifest.files == 0)
		return err_set(err, ERR_CONTENT, "there is no file in %s", dir);
	*out = look;
	look = (struct label_look){0};
	return 0;
}

static int more_files_first(const void *a, const void *b)
{
	const struct label_count *x = a, *y = b;
	return x->files != y->files ? (x->files < y->files ? 1 : -1) : (x->first > y->first) - (x->first < y->first);
}

int label_count(const struct label_look *look, struct label_count **out, size_t *out_count, struct err *err)
{
	const struct detected *detected = &look->detected;
	struct label_count *counts = calloc(detected->count + (size_t)1, sizeof *counts);
	size_t count = 0;
	if (counts == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < detected->count; i++) {
		const struct label_ref *ref = &detected->labels[i].finding.label;
		size_t at = 0;
		while (at < count && counts[at].label.label != ref->label)
			at++;
		if (at == count)
			counts[count++] = (struct label_count){.label = *ref, .first = i};
		counts[at].files++;
	}
	qsort(counts, count, sizeof *counts, more_files_first);
	*out = counts;
	*out_count = count;
	return 0;
}

int label_write(const struct label_look *look, const struct label_file *file, struct err *err)
{
	auto_buf text = {0};
	return label_file_format(&text, file, err) < 0 ? -1 : output_write_file(look->path, text.data, text.len, NULL, err);
}
