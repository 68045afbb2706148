/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/repair_volumes.h"

#include "base/io.h"
#include "base/text.h"
#include "media/output_set.h"
#include "ops/repair.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 1000 };

/* --- files --- */

struct files {
	int *fds;           /* owned array; the descriptors as well, but for those of a part of other files */
	const char **paths; /* owned array of borrowed paths */
	unsigned count;
};

static void files_free_arrays(struct files *files)
{
	free(files->fds);
	free(files->paths);
}

static void files_clear(struct files *files)
{
	for (unsigned i = 0; i < files->count; i++)
		(void)close(files->fds[i]);
	files_free_arrays(files);
}

static int files_make(struct files *files, unsigned count, struct err *err)
{
	*files = (struct files){.fds = calloc(count + (size_t)1, sizeof *files->fds),
							.paths = calloc(count + (size_t)1, sizeof *files->paths)};
	return files->fds != NULL && files->paths != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static void files_add(struct files *files, int fd, const char *path)
{
	files->fds[files->count] = fd;
	files->paths[files->count++] = path;
}

static int open_files(struct files *files, const struct volumes_request *request, struct err *err)
{
	if (request->count > FILES_MAX)
		return err_set(err, ERR_LIMIT, "%u files are more than volumes can be", request->count);
	io_allow_files();
	if (files_make(files, request->count, err) < 0)
		return -1;
	for (unsigned i = 0; i < request->count; i++) {
		struct stat st;
		const char *path = request->paths[i];
		auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			return err_sys(err, "cannot open %s", path);
		if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
			return err_set(err, ERR_NOT_A_BUNDLE, "%s is not a file", path);
		files_add(files, steal_fd(&fd), path);
	}
	return 0;
}

/* --- names --- */

bool parity_volume_is_path(const char *path)
{
	return text_ends_with(path, PARITY_VOLUME_SUFFIX);
}

/* Of the whole bundle, by the name of a file of it, in the folder that was asked for. */
static int whole_path(const struct volumes_request *request, const char *path, struct buf *out, struct err *err)
{
	auto_free char *name = NULL;
	const char *folder = request->output != NULL ? request->output : ".";
	if (repair_name(&name, path, err) < 0)
		return -1;
	return buf_printf(out, err, "%s/", folder) < 0 || volume_name_whole(out, name, err) < 0 ? -1 : 0;
}

/* --- the judge --- */

/* A volume verifies for itself, but for the chunks that the others hold. */
static int judge(const struct volumes_request *request, const char *path, int fd, struct digest *cover,
				 const struct progress *progress, struct volumes_report *out, struct err *err)
{
	const struct volume_set source = {.paths = &path, .count = 1, .fds = &fd};
	struct verify_request verify = request->verify;
	verify.purpose = VERIFY_TO_REPAIR;
	verify.source = &source;
	verify.cover = cover;
	verify_report_clear(&out->verify);
	if (verify_bundle(&verify, progress, &out->verify, err) == 0)
		return 0;
	if (err->code != ERR_CHUNKS_MISSING)
		return strncmp(err->message, path, strlen(path)) == 0 ? -1 : err_wrap(err, "%s: ", path);
	*err = (struct err)ERR_INIT;
	return 0;
}

/* Each was judged by itself. */
static int accept_bytes(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
						struct err *err)
{
	(void)ctx, (void)seals, (void)count, (void)waybill, (void)len, (void)err;
	return 0;
}

static int accept_waybill(void *ctx, const struct waybill *waybill, struct err *err)
{
	(void)ctx, (void)waybill, (void)err;
	return 0;
}

static int refuse_repeat(const char *path, const char *other, struct err *err)
{
	(void)err_set(err, ERR_USAGE, "%s is a repeat: %s holds chunks that it holds", path, other);
	return err_hint(err, "give each volume of a bundle once, and none of another split of it");
}

static int check_each_once(const struct bundle_verified *bundle, struct err *err)
{
	const uint32_t count = bundle_part_count(bundle);
	if (bundle_left_out_count(bundle) > 0)
		return refuse_repeat(bundle_left_out(bundle, 0), bundle_part(bundle, 0).path, err);
	for (uint32_t i = 1; i < count; i++) {
		const struct bundle_part_facts before = bundle_part(bundle, i - 1), here = bundle_part(bundle, i);
		if (here.first_chunk < before.first_chunk + before.chunks)
			return refuse_repeat(here.path, before.path, err);
	}
	return 0;
}

/* The files, by what they hold: a shell sorts names as 10of12 before 2of12, and anybody may rename. */
static int put_in_order(struct files *files, const struct bundle_verified *bundle, struct err *err)
{
	struct files ordered = {.count = 0};
	if (files_make(&ordered, files->count, err) < 0) {
		files_free_arrays(&ordered);
		return -1;
	}
	for (uint32_t i = 0; i < bundle_part_count(bundle); i++)
		for (unsigned k = 0; k < files->count; k++)
			if (strcmp(files->paths[k], bundle_part(bundle, i).path) == 0) {
				files_add(&ordered, files->fds[k], files->paths[k]);
				break;
			}
	files_free_arrays(files);
	*files = ordered;
	return 0;
}

/* The volumes of one bundle, all of them and each once; then they are in order. */
static int check_whole(struct files *files, struct err *err)
{
	auto_untrusted *untrusted = NULL;
	auto_verified *bundle = NULL;
	const struct bundle_judge all = {.bytes = accept_bytes, .waybill = accept_waybill};
	return bundle_open_set_fds(&untrusted, files->paths, files->fds, files->count, CONTAINER_WALK, err) < 0 ||
				   bundle_verify(&untrusted, &all, &bundle, err) < 0 || check_each_once(bundle, err) < 0 ||
				   volumes_check_complete(bundle, err) < 0
			   ? -1
			   : put_in_order(files, bundle, err);
}

static int judge_volumes(const struct volumes_request *request, struct files *files, const struct progress *progress,
						 struct volumes_report *out, struct err *err)
{
	for (unsigned i = 0; i < files->count; i++)
		if (judge(request, files->paths[i], files->fds[i], NULL, progress, out, err) < 0)
			return -1;
	return check_whole(files, err);
}

/* --- what is made --- */

static void forget_made(struct volumes_report *report)
{
	for (unsigned i = 0; i < report->made_count; i++)
		free(report->made[i]);
	free(steal(&report->made));
	report->made_count = 0;
}

static int give_names(const struct output_set *outputs, struct volumes_report *out, struct err *err)
{
	if (output_set_paths(outputs, &out->made, &out->made_count, err) == 0 && output_set_sync(outputs, err) == 0 &&
		output_set_commit(outputs, err) == 0)
		return 0;
	forget_made(out);
	return -1;
}

/* --- giving back --- */

static void tell_files(const struct volumes_request *request, const bool *taken, struct volumes_report *out)
{
	for (unsigned i = 0; i < request->count; i++)
		if (!taken[i])
			notice_add(&out->notices, "%s is damaged, is there twice, or is of another bundle", request->paths[i]);
}

/* Of the set that counts; there is one, or nothing could be given back. */
static const char *some_parity_volume(const struct volumes_request *request, const bool *taken)
{
	for (unsigned i = 0; i < request->count; i++)
		if (taken[i] && parity_volume_is_path(request->paths[i]))
			return request->paths[i];
	return request->paths[0];
}

static int open_lost(struct output_set *outputs, const struct volumes_request *request,
					 const struct parity_volumes *set, const bool *taken, enum paced_care *care, struct err *err)
{
	uint64_t sum = 0, largest = 0;
	auto_buf whole = {0};
	if (whole_path(request, some_parity_volume(request, taken), &whole, err) < 0)
		return -1;
	for (unsigned i = 0; i < set->lost; i++) {
		auto_buf path = {0};
		const uint32_t number = set->lost_at[i], count = set->list.volumes;
		if ((count == 1 ? buf_append_str(&path, whole.data, err)
						: volume_name_format(&path, whole.data, number + 1, count, err)) < 0 ||
			output_set_open(outputs, path.data, err) < 0)
			return -1;
		const uint64_t bytes = set->list.listed[number].bytes;
		sum += bytes;
		largest = bytes > largest ? bytes : largest;
	}
	return output_check_medium(outputs->items[0], sum, largest, care, err);
}

static int fail_foreign(const char *path, struct err *err)
{
	(void)err_set(err, ERR_PARITY, "the parity volumes are of another bundle than %s; nothing was made", path);
	return err_hint(err, "give the parity volumes that were made for it");
}

/* By what it was taken as: a name is anybody's. */
static bool is_volume_of(const struct parity_volumes *set, int fd)
{
	for (uint32_t i = 0; i < set->list.volumes; i++)
		if (set->volume[i] == fd)
			return true;
	return false;
}

/* Of which bundle the volumes are that are sound by the list of the parity volumes: who made that is not known. */
struct whose {
	bool known;
	const char *path; /* borrowed: the first of them */
	struct digest waybill;
};

static int find_whose(struct whose *whose, const struct volumes_request *request, const struct files *files,
					  const struct parity_volumes *set, struct err *err)
{
	for (unsigned i = 0; i < files->count; i++) {
		struct bundle_claim claim;
		struct err ignored = ERR_INIT;
		if (!is_volume_of(set, files->fds[i]))
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
		if (judge(request, path, files->fds[i], NULL, progress, out, &fault) == 0)
			return fail_foreign(path, err);
		if (fault.code == ERR_CANCELLED) {
			*err = fault;
			return -1;
		}
	}
	return 0;
}

/* All that is given back must verify, and be of one bundle: that of the volumes which are there. */
static int judge_all(const struct volumes_request *request, const struct output_set *outputs, struct whose *whose,
					 struct digest *covers, const struct progress *progress, struct volumes_report *out,
					 struct err *err)
{
	for (unsigned i = 0; i < outputs->count; i++) {
		const char *path = output_final_path(outputs->items[i]);
		if (judge(request, path, output_fd(outputs->items[i]), &covers[i], progress, out, err) < 0)
			return err_wrap(err, "what the parity volumes gave back does not verify; nothing was made: ");
		if (whose->known && !digest_equal(&out->verify.digest, &whose->waybill))
			return fail_foreign(whose->path, err);
		*whose = (struct whose){.known = true, .path = path, .waybill = out->verify.digest};
	}
	return 0;
}

/* Together with the volumes that are there it must be all of the bundle: parity volumes may be of another split of it,
 * or lie. */
static int check_all(const struct files *files, const struct parity_volumes *set, const struct output_set *outputs,
					 struct err *err)
{
	AUTO(files_free_arrays) struct files all = {.count = 0};
	struct err fault = ERR_INIT;
	if (files_make(&all, files->count + outputs->count, err) < 0)
		return -1;
	for (unsigned i = 0; i < files->count; i++)
		if (is_volume_of(set, files->fds[i]))
			files_add(&all, files->fds[i], files->paths[i]);
	for (unsigned i = 0; i < outputs->count; i++)
		files_add(&all, output_fd(outputs->items[i]), output_final_path(outputs->items[i]));
	if (check_whole(&all, &fault) == 0)
		return 0;
	(void)err_set(err, fault.code == ERR_CHUNKS_MISSING || fault.code == ERR_USAGE ? ERR_PARITY : fault.code,
				  "what the parity volumes give back is not what is missing of the bundle; nothing was made: %s",
				  fault.message);
	return err_hint(err, "leave out the parity volumes of this name, and try those that are left");
}

/* On a medium, what it gives back is what was judged. */
static int read_back(const struct output_set *outputs, const struct digest *covers, const struct progress *progress,
					 struct err *err)
{
	if (output_set_sync(outputs, err) < 0)
		return -1;
	for (unsigned i = 0; i < outputs->count; i++)
		if (repair_read_back(outputs->items[i], &covers[i], progress, err) < 0)
			return -1;
	return 0;
}

static int give_back(const struct volumes_request *request, const struct files *files, const struct parity_volumes *set,
					 const bool *taken, struct whose *whose, const struct progress *progress,
					 struct volumes_report *out, struct err *err)
{
	auto_output_set outputs = {.count = 0};
	struct digest covers[PARITY_COLUMNS_MAX];
	int fds[PARITY_COLUMNS_MAX];
	enum paced_care care = CARE_STAYS;
	/* Asked for nothing it says so, and nothing is opened for what cannot be. */
	if (set->lost > set->sound_parity)
		return parity_volumes_rebuild(set, NULL, care, progress, err);
	if (open_lost(&outputs, request, set, taken, &care, err) < 0)
		return -1;
	output_set_fds(&outputs, fds, PARITY_COLUMNS_MAX);
	return parity_volumes_rebuild(set, fds, care, progress, err) < 0 ||
				   judge_all(request, &outputs, whose, covers, progress, out, err) < 0 ||
				   check_all(files, set, &outputs, err) < 0 || read_back(&outputs, covers, progress, err) < 0
			   ? -1
			   : give_names(&outputs, out, err);
}

/* A sum that nobody signed says that all volumes are there: the signatures must say so as well. */
static int judge_unlost(const struct volumes_request *request, const struct files *files,
						const struct parity_volumes *set, const struct progress *progress, struct volumes_report *out,
						struct err *err)
{
	AUTO(files_free_arrays) struct files volumes = {.count = 0};
	if (files_make(&volumes, files->count, err) < 0)
		return -1;
	for (unsigned i = 0; i < files->count; i++)
		if (is_volume_of(set, files->fds[i]))
			files_add(&volumes, files->fds[i], files->paths[i]);
	return judge_volumes(request, &volumes, progress, out, err);
}

static int mend(const struct volumes_request *request, const struct files *files, const struct parity_volumes *set,
				const bool *taken, const struct progress *progress, struct volumes_report *out, struct err *err)
{
	struct whose whose = {.known = false};
	return find_whose(&whose, request, files, set, err) < 0 ||
				   check_none_is_good(&whose, request, files, progress, out, err) < 0
			   ? -1
			   : give_back(request, files, set, taken, &whose, progress, out, err);
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
	return set->lost == 0 ? judge_unlost(request, &files, set, progress, out, err)
						  : mend(request, &files, set, taken, progress, out, err);
}

/* --- making --- */

int volumes_make_parity(const struct volumes_request *request, unsigned count, const struct progress *progress,
						struct volumes_report *out, struct err *err)
{
	AUTO(files_clear) struct files files = {.count = 0};
	auto_output_set outputs = {.count = 0};
	auto_buf whole = {0};
	uint64_t bytes = 0;
	/* Before anything is read. */
	if (count == 0 || count + request->count > PARITY_COLUMNS_MAX)
		return err_set(err, ERR_LIMIT, "volumes and parity volumes may be %d at most", PARITY_COLUMNS_MAX);
	if (open_files(&files, request, err) < 0 || judge_volumes(request, &files, progress, out, err) < 0 ||
		whole_path(request, files.paths[0], &whole, err) < 0 ||
		parity_volumes_make(files.fds, files.count, whole.data, count, &outputs, &bytes, progress, err) < 0)
		return -1;
	out->volumes = files.count;
	out->parity = count;
	out->parity_bytes = bytes;
	return give_names(&outputs, out, err);
}

void volumes_report_clear(struct volumes_report *report)
{
	forget_made(report);
	verify_report_clear(&report->verify);
	notices_clear(&report->notices);
	*report = (struct volumes_report){.made = NULL};
}
