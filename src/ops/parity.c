/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/parity.h"

#include "base/path.h"
#include "bundle/parity_volumes.h"
#include "bundle/parity_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

unsigned parity_share_for(const struct parity_wish *wish, uint64_t file_bytes)
{
	if (wish->asked)
		return wish->permille;
	return file_bytes < PARITY_TINY_BYTES ? 0 : PARITY_PERMILLE_USUAL;
}

int parity_path_of(char **out, const char *path, struct err *err)
{
	if (asprintf(out, "%s" PARITY_SUFFIX, path) >= 0)
		return 0;
	*out = NULL;
	return err_set(err, ERR_MEMORY, "out of memory");
}

int parity_beside(int fd, uint64_t file_bytes, const char *final_path, unsigned permille, enum paced_care least,
				  const struct progress *progress, struct output **out, struct err *err)
{
	struct parity_shape shape;
	enum paced_care care;
	auto_free char *path = NULL;
	auto_output *output = NULL;
	*out = NULL;
	if (parity_shape_make(&shape, file_bytes, permille, err) < 0 || parity_path_of(&path, final_path, err) < 0 ||
		output_open(&output, path, OUTPUT_FILE, err) < 0 ||
		output_check_medium(output, shape.bytes, shape.bytes, &care, err) < 0)
		return -1;
	if (least == CARE_TRAVELS)
		care = CARE_TRAVELS;
	if (parity_write(fd, &shape, output_fd(output), care, progress, err) < 0 || output_sync(output, err) < 0)
		return err_wrap(err, "%s: ", path);
	*out = steal(&output);
	return 0;
}

static uint64_t longest(const int *fds, unsigned count)
{
	uint64_t found = 0;
	for (unsigned i = 0; i < count; i++) {
		const off_t end = lseek(fds[i], 0, SEEK_END);
		found = end > 0 && (uint64_t)end > found ? (uint64_t)end : found;
	}
	return found;
}

static int open_volumes(struct output_set *outputs, const char *whole, unsigned count, struct err *err)
{
	for (unsigned i = 0; i < count; i++) {
		auto_buf path = {0};
		if (volume_name_format_parity(&path, whole, i + 1, count, err) < 0 ||
			output_set_open(outputs, path.data, err) < 0)
			return -1;
	}
	return 0;
}

int parity_volumes_make(const int *volumes, unsigned volume_count, const char *whole, unsigned count,
						struct output_set *outputs, uint64_t *bytes, const struct progress *progress, struct err *err)
{
	int fds[PARITY_COLUMNS_MAX];
	enum paced_care care;
	if (count == 0 || count + volume_count > PARITY_COLUMNS_MAX)
		return err_set(err, ERR_LIMIT, "volumes and parity volumes may be %d at most", PARITY_COLUMNS_MAX);
	*bytes = parity_volume_size(longest(volumes, volume_count), volume_count);
	if (open_volumes(outputs, whole, count, err) < 0 ||
		output_check_medium(outputs->items[0], count * *bytes, *bytes, &care, err) < 0)
		return -1;
	output_set_fds(outputs, fds, PARITY_COLUMNS_MAX);
	return parity_volumes_write(volumes, volume_count, fds, count, care, progress, err);
}

/* --- the pair --- */

/* A FIFO or a device that is no disk is no file; O_NONBLOCK: opening a FIFO must not wait for its writer. */
static int open_file(int *fd, const char *path, enum err_code what, struct err *err)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0 || fstat(*fd, &st) < 0)
		return err_sys(err, "cannot open %s", path);
	return S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) ? 0 : err_set(err, what, "%s is not a file", path);
}

static int open_parity(struct parity_pair *pair, const char *path, struct err *err)
{
	if (open_file(&pair->parity_fd, path, ERR_PARITY, err) == 0)
		return 0;
	if (err->saved_errno == ENOENT)
		(void)err_hint(err,
					   "nothing can be mended without the parity file, which `pack` made beside the bundle; copy the "
					   "bundle again from where it came, or name it with --parity-file");
	return -1;
}

bool parity_may_help(enum err_code code)
{
	const int exit_status = err_exit_status(code);
	return code == ERR_IO || code == ERR_BAD_SIGNATURE || exit_status == 8 ||
		   (exit_status == 4 && code != ERR_CHUNKS_MISSING);
}

int parity_pair_look(struct parity_pair *pair, const char *path, const char *parity_path,
					 const struct progress *progress, struct err *err)
{
	auto_free char *usual = NULL;
	if (parity_path == NULL && parity_path_of(&usual, path, err) < 0)
		return -1;
	const char *parity = parity_path != NULL ? parity_path : usual;
	if (open_parity(pair, parity, err) < 0)
		return -1;
	if (mending_open(&pair->mending, pair->fd, pair->parity_fd, progress, err) < 0)
		return err->code == ERR_PARITY ? err_wrap(err, "%s: ", parity) : -1;
	return 0;
}

int parity_pair_open(struct parity_pair *out, const char *path, struct err *err)
{
	*out = (struct parity_pair)PARITY_PAIR_INIT;
	if (open_file(&out->fd, path, ERR_NOT_A_BUNDLE, err) == 0)
		return 0;
	parity_pair_close(out);
	return err->code == ERR_NOT_A_BUNDLE
			   ? err_hint(err, "name one file, the bundle or the volume that is damaged; valise verify tells which")
			   : -1;
}

void parity_pair_close(struct parity_pair *pair)
{
	mending_free(pair->mending);
	if (pair->fd >= 0)
		(void)close(pair->fd);
	if (pair->parity_fd >= 0)
		(void)close(pair->parity_fd);
	*pair = (struct parity_pair)PARITY_PAIR_INIT;
}

/* --- what is damaged --- */

void parity_pair_survey(const struct parity_pair *pair, struct parity_survey *out)
{
	*out = (struct parity_survey){.known = true,
								  .whole = mending_is_whole(pair->mending),
								  .parity_whole = mending_is_parity_whole(pair->mending),
								  .possible = mending_is_possible(pair->mending),
								  .facts = *mending_facts(pair->mending)};
}

void parity_survey_make(const char *path, const struct progress *progress, struct parity_survey *out)
{
	auto_parity_pair pair = PARITY_PAIR_INIT;
	struct err ignored = ERR_INIT;
	*out = (struct parity_survey){.known = false};
	if (parity_pair_open(&pair, path, &ignored) == 0 && parity_pair_look(&pair, path, NULL, progress, &ignored) == 0)
		parity_pair_survey(&pair, out);
}

static int mend_aside(const struct parity_pair *pair, const char *path, const char *folder,
					  const struct progress *progress, struct output **out, struct err *err)
{
	size_t len = 0;
	const char *name = path_last_component(path, &len);
	auto_free char *aside = NULL;
	auto_output *output = NULL;
	if (asprintf(&aside, "%s/%.*s.mended", folder, (int)len, name) < 0) {
		aside = NULL;
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	if (output_open(&output, aside, OUTPUT_FILE, err) < 0 ||
		output_check_space(output, mending_facts(pair->mending)->shape.file_bytes, err) < 0 ||
		mending_write(pair->mending, output_fd(output), CARE_STAYS, progress, err) < 0)
		return -1;
	*out = steal(&output);
	return 0;
}

int parity_mend_aside(const char *path, const char *folder, const struct progress *progress, struct output **out,
					  struct parity_survey *survey, struct parity_claim *claim, struct err *err)
{
	auto_parity_pair pair = PARITY_PAIR_INIT;
	struct err none = ERR_INIT;
	*out = NULL;
	*survey = (struct parity_survey){.known = false};
	*claim = (struct parity_claim){.known = false};
	if (parity_pair_open(&pair, path, &none) < 0 || parity_pair_look(&pair, path, NULL, progress, &none) < 0) {
		if (none.code != ERR_CANCELLED)
			return 0;
		*err = none;
		return -1;
	}
	parity_pair_survey(&pair, survey);
	parity_claim_read(claim, pair.fd, path);
	return survey->whole || !survey->possible ? 0 : mend_aside(&pair, path, folder, progress, out, err);
}

/* --- what it was --- */

void parity_claim_read(struct parity_claim *out, int fd, const char *path)
{
	struct err ignored = ERR_INIT;
	struct volume_name name;
	*out = (struct parity_claim){.known = false};
	const bool counted = bundle_peek_fd(&out->bundle, fd, path, &ignored) == 0;
	out->known = !digest_is_zero(&out->bundle.waybill);
	out->is_volume = (counted && !out->bundle.whole) || volume_name_parse(&name, path);
}

/* A waybill that nobody vouches for may be what is damaged. But parity of another bundle finds next to nothing of its
 * own in the file. */
int parity_check_same(const struct parity_claim *claim, const struct parity_survey *survey, const char *path,
					  const struct digest *mended, struct err *err)
{
	const struct mending_facts *facts = &survey->facts;
	if (!claim->known || digest_equal(&claim->bundle.waybill, mended) ||
		(!claim->vouched && facts->lost <= facts->shape.data_slices / 2))
		return 0;
	(void)err_set(err, ERR_PARITY, "the parity file beside %s is of another bundle; nothing was made of it", path);
	return err_hint(err, "find its own parity file, or copy the bundle again from where it came");
}

static bool has_parity(const char *path)
{
	struct stat st;
	struct err ignored = ERR_INIT;
	auto_free char *parity = NULL;
	return parity_path_of(&parity, path, &ignored) == 0 && lstat(parity, &st) == 0 && S_ISREG(st.st_mode);
}

/* Not all that parity may help with: a disk that is full and a limit of this station are no damage. */
static bool is_damage(enum err_code code)
{
	return code == ERR_DAMAGED || code == ERR_TRUNCATED || code == ERR_NOT_A_BUNDLE || code == ERR_CONTAINER;
}

int parity_hint_copy(const char *path, struct err *err)
{
	if (!is_damage(err->code) || !has_parity(path))
		return -1;
	return err_hint(err, "a parity file lies beside it: valise repair %s, where it can be mended", path);
}

int parity_hint_unpack(const char *const *paths, unsigned count, struct err *err)
{
	for (unsigned i = 0; i < count && is_damage(err->code); i++)
		if (has_parity(paths[i]))
			return err_hint(err,
							"a parity file lies beside %s: with --repair it is mended, where it can be, and unpacked",
							paths[i]);
	return -1;
}

int parity_tell_hopeless(const struct parity_survey *survey, struct err *err)
{
	const struct mending_facts *facts = &survey->facts;
	const uint32_t slices = facts->shape.data_slices;
	(void)err_set(err, ERR_DAMAGED,
				  "too much is lost: %u of %u slices of %u bytes are damaged, and the parity file cannot give back %u "
				  "of them",
				  facts->bad_slices, slices, facts->shape.slice_bytes, facts->hopeless);
	if (facts->bad_slices > slices / 10 * 9)
		return err_hint(err, "is it the parity file of another bundle? Else copy the bundle again from where it came");
	return err_hint(err, "copy the bundle again from where it came");
}
