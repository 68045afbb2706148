/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/repair_volumes.h"

#include "base/array.h"
#include "base/path.h"
#include "media/output.h"
#include "ops/pending.h"
#include "ops/repair.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 1000 };

/* --- files --- */

struct files {
	int *fds; /* owned */
	unsigned count;
};

static void files_clear(struct files *files)
{
	for (unsigned i = 0; i < files->count; i++)
		if (files->fds[i] >= 0)
			(void)close(files->fds[i]);
	free(files->fds);
}

static int open_files(struct files *files, const struct volumes_request *request, struct err *err)
{
	if (request->count > FILES_MAX)
		return err_set(err, ERR_LIMIT, "%u files are more than volumes can be", request->count);
	files->fds = malloc(request->count * sizeof *files->fds);
	if (files->fds == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; files->count < request->count; files->count++) {
		const char *path = request->paths[files->count];
		struct stat st;
		const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			return err_sys(err, "cannot open %s", path);
		if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
			(void)close(fd);
			return err_set(err, ERR_NOT_A_BUNDLE, "%s is not a file", path);
		}
		files->fds[files->count] = fd;
	}
	return 0;
}

/* What is made: all of it, or none under a final name until all is judged. */
struct outputs {
	struct output *items[PARITY_COLUMNS_MAX]; /* owned */
	int fds[PARITY_COLUMNS_MAX];
	unsigned count;
};

static void outputs_clear(struct outputs *outputs)
{
	for (unsigned i = 0; i < outputs->count; i++)
		output_free(outputs->items[i]);
}

static int add_output(struct outputs *outputs, const char *path, uint64_t bytes, struct err *err)
{
	struct output **item = &outputs->items[outputs->count];
	if (output_open(item, path, OUTPUT_FILE, err) < 0)
		return -1;
	outputs->fds[outputs->count++] = output_fd(*item);
	return output_check_space(*item, bytes * outputs->count, err);
}

static int commit_all(struct outputs *outputs, struct volumes_report *out, struct err *err)
{
	for (unsigned i = 0; i < outputs->count; i++) {
		char **made = array_grow(out->made, out->made_count, sizeof *made, err);
		if (made == NULL)
			return -1;
		out->made = made;
		char *path = strdup(output_final_path(outputs->items[i]));
		if (path == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
		out->made[out->made_count] = path;
		if (output_commit(outputs->items[i], err) < 0) {
			free(path);
			return -1;
		}
		out->made_count++;
	}
	return 0;
}

static int sync_all(const struct outputs *outputs, struct err *err)
{
	for (unsigned i = 0; i < outputs->count; i++)
		if (output_sync(outputs->items[i], err) < 0)
			return -1;
	return 0;
}

/* --- names --- */

bool parity_volume_is_path(const char *path)
{
	const size_t len = strlen(path), tail = sizeof PARITY_VOLUME_SUFFIX - 1;
	return len > tail && strcmp(path + len - tail, PARITY_VOLUME_SUFFIX) == 0;
}

static const char *digits_back(const char *begin, const char *end)
{
	while (end > begin && end[-1] >= '0' && end[-1] <= '9')
		end--;
	return end;
}

/* The length of STEM in "STEM.2of4" or, with mark "p", "STEM.p1of2": all of it where it is not named so. */
static size_t stem_length(const char *name, size_t len, const char *mark)
{
	const char *count = digits_back(name, name + len), *number;
	const size_t mark_len = strlen(mark);
	if (count == name + len || count - name < 3 || strncmp(count - 2, "of", 2) != 0)
		return len;
	number = digits_back(name, count - 2);
	if (number == count - 2 || (size_t)(number - name) < mark_len + 2 ||
		strncmp(number - mark_len, mark, mark_len) != 0 || number[-(ptrdiff_t)mark_len - 1] != '.')
		return len;
	return (size_t)(number - name) - mark_len - 1;
}

/* Of a path: its last component, without suffix and numbers. out: *out malloc'd, in the folder that was asked for. */
static int stem_of(const struct volumes_request *request, const char *path, const char *suffix, const char *mark,
				   char **out, struct err *err)
{
	auto_free char *name = NULL;
	const char *folder = request->output != NULL ? request->output : ".";
	if (repair_name(&name, path, err) < 0)
		return -1;
	size_t len = strlen(name);
	const size_t tail = strlen(suffix), folder_len = strlen(folder);
	if (len > tail && strncmp(name + len - tail, suffix, tail) == 0)
		len -= tail;
	len = stem_length(name, len, mark);
	const char *slash = folder_len > 0 && folder[folder_len - 1] == '/' ? "" : "/";
	if (asprintf(out, "%s%s%.*s", folder, slash, (int)len, name) >= 0)
		return 0;
	*out = NULL;
	return err_set(err, ERR_MEMORY, "out of memory");
}

static int name_of(char **out, const char *stem, const char *mark, unsigned number, unsigned count, const char *suffix,
				   struct err *err)
{
	const int rc = count == 1 && mark[0] == '\0' ? asprintf(out, "%s%s", stem, suffix)
												 : asprintf(out, "%s.%s%uof%u%s", stem, mark, number, count, suffix);
	if (rc >= 0)
		return 0;
	*out = NULL;
	return err_set(err, ERR_MEMORY, "out of memory");
}

/* --- the judge --- */

/* A volume verifies for itself, but for the chunks that the others hold. */
static int judge(const struct volumes_request *request, const char *path, int fd, const struct progress *progress,
				 struct volumes_report *out, struct err *err)
{
	const struct volume_set source = {.paths = &path, .count = 1, .fds = &fd};
	struct verify_request verify = request->verify;
	verify.purpose = VERIFY_TO_REPAIR;
	verify.source = &source;
	verify_report_clear(&out->verify);
	if (verify_bundle(&verify, progress, &out->verify, err) == 0)
		return 0;
	if (err->code != ERR_CHUNKS_MISSING)
		return err_wrap(err, "%s: ", path);
	*err = (struct err)ERR_INIT;
	return 0;
}

/* --- giving back --- */

static void tell_files(const struct volumes_request *request, const bool *taken, struct volumes_report *out)
{
	for (unsigned i = 0; i < request->count; i++)
		if (!taken[i])
			notice_add(&out->notices, "%s is damaged, is there twice, or is of another bundle", request->paths[i]);
}

static const char *some_parity_volume(const struct volumes_request *request)
{
	for (unsigned i = 0; i < request->count; i++)
		if (parity_volume_is_path(request->paths[i]))
			return request->paths[i];
	return request->paths[0];
}

static int open_lost(struct outputs *outputs, const struct volumes_request *request, const struct parity_volumes *set,
					 struct err *err)
{
	auto_free char *stem = NULL;
	if (stem_of(request, some_parity_volume(request), PARITY_VOLUME_SUFFIX, "p", &stem, err) < 0)
		return -1;
	for (unsigned i = 0; i < set->lost; i++) {
		auto_free char *path = NULL;
		const uint32_t number = set->lost_at[i];
		if (name_of(&path, stem, "", number + 1, set->list.volumes, BUNDLE_SUFFIX, err) < 0 ||
			add_output(outputs, path, set->list.listed[number].bytes, err) < 0)
			return -1;
	}
	return 0;
}

static int fail_foreign(const char *path, struct err *err)
{
	(void)err_set(err, ERR_PARITY, "the parity volumes are of another bundle than %s; nothing was made", path);
	return err_hint(err, "give the parity volumes that were made for it");
}

/* Of which bundle the volumes are that are sound by the list of the parity volumes: who made that is not known. */
struct whose {
	bool known;
	const char *path; /* borrowed: the first of them */
	struct digest waybill;
};

static int find_whose(struct whose *whose, const struct volumes_request *request, const struct files *files,
					  const bool *taken, struct err *err)
{
	for (unsigned i = 0; i < files->count; i++) {
		struct bundle_claim claim;
		struct err ignored = ERR_INIT;
		if (!taken[i] || parity_volume_is_path(request->paths[i]))
			continue;
		(void)bundle_peek_fd(&claim, files->fds[i], request->paths[i], &ignored);
		if (digest_is_zero(&claim.waybill))
			continue;
		if (whose->known && !digest_equal(&claim.waybill, &whose->waybill))
			return fail_foreign(whose->path, err);
		*whose = (struct whose){.known = true, .path = request->paths[i], .waybill = claim.waybill};
	}
	return 0;
}

/* Where parity volumes know none of the files, and one of them is good as it is, they are those of another bundle. */
static int check_none_is_good(const struct whose *whose, const struct volumes_request *request,
							  const struct files *files, const struct progress *progress, struct volumes_report *out,
							  struct err *err)
{
	for (unsigned i = 0; i < files->count && !whose->known; i++) {
		const char *path = request->paths[i];
		struct err fault = ERR_INIT;
		if (parity_volume_is_path(path))
			continue;
		if (judge(request, path, files->fds[i], progress, out, &fault) == 0)
			return fail_foreign(path, err);
		if (fault.code == ERR_CANCELLED) {
			*err = fault;
			return -1;
		}
	}
	return 0;
}

/* All that is given back must verify, and be of one bundle: that of the volumes which are there. */
static int judge_all(const struct volumes_request *request, const struct outputs *outputs, struct whose *whose,
					 const struct progress *progress, struct volumes_report *out, struct err *err)
{
	for (unsigned i = 0; i < outputs->count; i++) {
		const char *path = output_final_path(outputs->items[i]);
		if (judge(request, path, outputs->fds[i], progress, out, err) < 0)
			return err_wrap(err, "what the parity volumes gave back does not verify; nothing was made: ");
		if (whose->known && !digest_equal(&out->verify.digest, &whose->waybill))
			return fail_foreign(whose->path, err);
		*whose = (struct whose){.known = true, .path = path, .waybill = out->verify.digest};
	}
	return 0;
}

static int give_back(const struct volumes_request *request, const struct parity_volumes *set, struct whose *whose,
					 const struct progress *progress, struct volumes_report *out, struct err *err)
{
	AUTO(outputs_clear) struct outputs outputs = {.count = 0};
	/* Asked for nothing it says so, and nothing is opened for what cannot be. */
	if (set->lost > set->sound_parity)
		return parity_volumes_rebuild(set, NULL, progress, err);
	if (open_lost(&outputs, request, set, err) < 0 || parity_volumes_rebuild(set, outputs.fds, progress, err) < 0)
		return -1;
	if (judge_all(request, &outputs, whose, progress, out, err) < 0)
		return -1;
	return sync_all(&outputs, err) < 0 || commit_all(&outputs, out, err) < 0 ? -1 : 0;
}

int volumes_repair(const struct volumes_request *request, const struct progress *progress, struct volumes_report *out,
				   struct err *err)
{
	AUTO(files_clear) struct files files = {.count = 0};
	auto_free struct parity_volumes *set = malloc(sizeof *set);
	auto_free bool *taken = calloc(request->count, sizeof *taken);
	if (set == NULL || taken == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (open_files(&files, request, err) < 0 ||
		parity_volumes_open(set, files.fds, files.count, taken, progress, err) < 0)
		return -1;
	out->volumes = set->list.volumes;
	out->parity = set->list.parity;
	out->lost = set->lost;
	out->sound_parity = set->sound_parity;
	tell_files(request, taken, out);
	if (set->lost == 0)
		return 0;
	struct whose whose = {.known = false};
	return find_whose(&whose, request, &files, taken, err) < 0 ||
				   check_none_is_good(&whose, request, &files, progress, out, err) < 0
			   ? -1
			   : give_back(request, set, &whose, progress, out, err);
}

/* --- making --- */

static int check_volumes(const struct volumes_request *request, const struct files *files,
						 const struct progress *progress, struct volumes_report *out, struct err *err)
{
	struct digest first = {{0}};
	for (unsigned i = 0; i < files->count; i++) {
		if (judge(request, request->paths[i], files->fds[i], progress, out, err) < 0)
			return -1;
		if (i == 0)
			first = out->verify.digest;
		if (!digest_equal(&first, &out->verify.digest))
			return err_set(err, ERR_USAGE, "%s is of another bundle than %s", request->paths[i], request->paths[0]);
	}
	return 0;
}

static int open_parity(struct outputs *outputs, const struct volumes_request *request, const struct files *files,
					   unsigned count, struct err *err)
{
	auto_free char *stem = NULL;
	uint64_t longest = 0;
	for (unsigned i = 0; i < files->count; i++) {
		const off_t end = lseek(files->fds[i], 0, SEEK_END);
		longest = end > 0 && (uint64_t)end > longest ? (uint64_t)end : longest;
	}
	if (stem_of(request, request->paths[0], BUNDLE_SUFFIX, "", &stem, err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		auto_free char *path = NULL;
		if (name_of(&path, stem, "p", i + 1, count, PARITY_VOLUME_SUFFIX, err) < 0 ||
			add_output(outputs, path, parity_volume_size(longest, files->count), err) < 0)
			return -1;
	}
	return 0;
}

int volumes_make_parity(const struct volumes_request *request, unsigned count, const struct progress *progress,
						struct volumes_report *out, struct err *err)
{
	AUTO(files_clear) struct files files = {.count = 0};
	AUTO(outputs_clear) struct outputs outputs = {.count = 0};
	if (count == 0 || count + request->count > PARITY_COLUMNS_MAX)
		return err_set(err, ERR_LIMIT, "volumes and parity volumes may be %d at most", PARITY_COLUMNS_MAX);
	if (open_files(&files, request, err) < 0 || check_volumes(request, &files, progress, out, err) < 0 ||
		open_parity(&outputs, request, &files, count, err) < 0 ||
		parity_volumes_write(files.fds, files.count, outputs.fds, outputs.count, progress, err) < 0)
		return -1;
	out->volumes = files.count;
	out->parity = count;
	return sync_all(&outputs, err) < 0 || commit_all(&outputs, out, err) < 0 ? -1 : 0;
}

void volumes_report_clear(struct volumes_report *report)
{
	for (unsigned i = 0; i < report->made_count; i++)
		free(report->made[i]);
	free(report->made);
	verify_report_clear(&report->verify);
	notices_clear(&report->notices);
	*report = (struct volumes_report){.made = NULL};
}
