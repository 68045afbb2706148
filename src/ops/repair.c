/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/repair.h"

#include "base/path.h"
#include "base/text.h"
#include "bundle/transfer.h"
#include "ops/copy.h"
#include "ops/pending.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* --- names --- */

static bool is_folder(const char *path)
{
	struct stat st;
	const size_t len = strlen(path);
	return (len > 0 && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

int repair_name(char **out, const char *path, struct err *err)
{
	size_t len = 0;
	const char *name = path_last_component(path, &len);
	if (!text_is_plain(name, len))
		return copy_name(out, path, err);
	*out = strndup(name, len);
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* out: *out malloc'd. */
static int choose_output(const struct repair_request *request, char **out, struct err *err)
{
	static const char suffix[] = BUNDLE_SUFFIX;
	const size_t tail = sizeof suffix - 1;
	auto_free char *name = NULL;
	int rc;
	if (repair_name(&name, request->path, err) < 0)
		return -1;
	const size_t len = strlen(name);
	if (request->output != NULL && !is_folder(request->output))
		rc = asprintf(out, "%s", request->output);
	else if (request->output != NULL)
		rc = asprintf(out, "%s/%s", request->output, name);
	else if (len > tail && strcmp(name + len - tail, suffix) == 0)
		rc = asprintf(out, "%.*s-repaired%s", (int)(len - tail), name, suffix);
	else
		rc = asprintf(out, "%s-repaired", name);
	if (rc >= 0)
		return 0;
	*out = NULL;
	return err_set(err, ERR_MEMORY, "out of memory");
}

/* --- the judge --- */

/* One volume of several is as whole as it can be. */
static int judge(const struct repair_request *request, int fd, struct digest *cover, const struct progress *progress,
				 struct repair_report *out, struct err *err)
{
	const char *path = request->path;
	const struct volume_set source = {.paths = &path, .count = 1, .fds = &fd};
	struct verify_request verify = request->verify;
	verify.cover = cover;
	verify.purpose = VERIFY_TO_REPAIR;
	verify.source = &source;
	if (verify_bundle(&verify, progress, &out->verify, err) == 0)
		return 0;
	out->is_volume = err->code == ERR_CHUNKS_MISSING;
	if (!out->is_volume)
		return -1;
	*err = (struct err)ERR_INIT;
	return 0;
}

/* Of what was not what it is told to be, no more is made than of what does not verify. */
static int check_identity(const struct repair_request *request, const struct parity_claim *claim,
						  const struct repair_report *out, struct err *err)
{
	const char *path = request->path;
	if (parity_check_same(claim, &out->survey, path, &out->verify.digest, err) < 0)
		return -1;
	const bool is_other_part = claim->known && out->verify.volumes[0].first_chunk != claim->bundle.first_chunk;
	if ((!out->is_volume || claim->is_volume) && !is_other_part)
		return 0;
	(void)err_set(err, ERR_PARITY, "the parity file is of a volume of the bundle, and %s is %s; nothing was made", path,
				  claim->is_volume ? "another one" : "no volume");
	return err_hint(err, "find its own parity file, or copy the bundle again from where it came");
}

static int judge_mended(const struct repair_request *request, const struct parity_claim *claim, int fd,
						struct digest *cover, const struct progress *progress, struct repair_report *out,
						struct err *err)
{
	if (judge(request, fd, cover, progress, out, err) == 0)
		return check_identity(request, claim, out, err);
	const int exit_status = err_exit_status(err->code);
	if (exit_status == 3 || exit_status == 4 || exit_status == 8) {
		(void)err_wrap(err, "the parity file gave back a file that does not verify; nothing was made: ");
		if (exit_status != 3)
			return err_hint(
				err, "parity file and bundle do not belong together, or the bundle was damaged before the parity "
					 "was made: copy it again from where it came");
	}
	return -1;
}

/* --- mending --- */

static int keep_path(char **into, const struct output *output, struct err *err)
{
	*into = strdup(output_final_path(output));
	return *into != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* A bundle that is whole is worth having also where its new parity cannot be written. */
static int add_parity(const struct repair_report *report, const struct output *output, const struct progress *progress,
					  struct output **parity, struct err *err)
{
	const struct parity_shape *shape = &report->survey.facts.shape;
	return parity_beside(output_fd(output), shape->file_bytes, output_final_path(output), shape->permille, CARE_STAYS,
						 progress, parity, err);
}

static int commit_parity(struct output *parity, struct repair_report *out, struct err *err)
{
	return output_commit(parity, err) < 0 || keep_path(&out->parity_path, parity, err) < 0 ? -1 : 0;
}

/* To a file that is whole: written, and judged. */
static int write_mended(const struct repair_request *request, struct parity_pair *pair,
						const struct parity_claim *claim, struct output *output, struct digest *cover,
						const struct progress *progress, struct repair_report *out, struct err *err)
{
	const uint64_t bytes = out->survey.facts.shape.file_bytes;
	const int fd = output_fd(output);
	struct err fault = ERR_INIT;
	enum paced_care care;
	if (output_check_medium(output, bytes, bytes, &care, err) < 0)
		return -1;
	if (mending_write(pair->mending, fd, care, progress, err) < 0)
		return err_wrap(err, "%s: ", output_final_path(output));
	output_sync_begin(output);
	const int rc = judge_mended(request, claim, fd, cover, progress, out, err);
	/* What could not be written may be what does not verify. */
	if ((rc == 0 || err->code != ERR_CANCELLED) && output_sync(output, &fault) < 0) {
		*err = fault;
		return -1;
	}
	return rc;
}

int repair_read_back(const struct output *output, const struct digest *cover, const struct progress *progress,
					 struct err *err)
{
	auto_medium medium = {0};
	struct read_back back = {
		.fd = output_fd(output), .path = output_final_path(output), .cover = cover, .progress = progress};
	if (medium_look(&medium, output_fd(output), err) < 0)
		return -1;
	return medium_wants_proof(&medium) ? bundle_read_back(&back, err) : 0;
}

static int mend(const struct repair_request *request, struct parity_pair *pair, const struct parity_claim *claim,
				const struct progress *progress, struct repair_report *out, struct err *err)
{
	auto_free char *path = NULL, *made = NULL;
	auto_output *output = NULL, *parity = NULL;
	struct err fault = ERR_INIT;
	struct digest cover;
	if (choose_output(request, &path, err) < 0 || output_open(&output, path, OUTPUT_FILE, err) < 0 ||
		write_mended(request, pair, claim, output, &cover, progress, out, err) < 0)
		return -1;
	if (add_parity(out, output, progress, &parity, &fault) < 0 && fault.code == ERR_CANCELLED) {
		*err = fault;
		return -1;
	}
	if (repair_read_back(output, &cover, progress, err) < 0 || keep_path(&made, output, err) < 0 ||
		output_commit(output, err) < 0)
		return -1;
	out->path = steal(&made);
	if (parity == NULL || commit_parity(parity, out, &fault) < 0)
		out->parity_fault = strdup(fault.message);
	return 0;
}

/* A good bundle stays good whatever lies beside it. */
static int look_beside(const struct repair_request *request, struct parity_pair *pair, const struct progress *progress,
					   struct repair_report *out, struct err *err)
{
	struct err fault = ERR_INIT;
	const int rc = parity_pair_look(pair, request->path, request->parity_path, progress, &fault);
	out->undamaged = true;
	if (fault.code == ERR_CANCELLED) {
		*err = fault;
		return -1;
	}
	if (rc == 0)
		parity_pair_survey(pair, &out->survey);
	out->have_survey = rc == 0 && out->survey.whole;
	if (rc < 0)
		notice_add(&out->verify.notices, "there is no parity that could mend it: %s", fault.message);
	else if (!out->survey.whole)
		notice_add(&out->verify.notices, "the parity file is of another bundle: it cannot mend this one");
	return 0;
}

/* in: fault: why the bundle was refused as it is. A signature that does not match is rather forged than damaged: that
 * stays the answer where nothing can be mended. */
static int mend_damaged(const struct repair_request *request, struct parity_pair *pair, const struct err *fault,
						const struct progress *progress, struct repair_report *out, struct err *err)
{
	struct parity_claim claim;
	struct err none = ERR_INIT;
	const int rc = parity_pair_look(pair, request->path, request->parity_path, progress, &none);
	if (rc < 0) {
		*err = fault->code == ERR_BAD_SIGNATURE && none.code != ERR_CANCELLED ? *fault : none;
		return -1;
	}
	parity_pair_survey(pair, &out->survey);
	out->have_survey = true;
	if (!out->survey.whole && !out->survey.possible && fault->code != ERR_BAD_SIGNATURE)
		return parity_tell_hopeless(&out->survey, err);
	if (out->survey.whole || !out->survey.possible) {
		*err = *fault;
		return -1;
	}
	parity_claim_read(&claim, pair->fd, request->path);
	claim.vouched = out->verify.verdict.people > 0;
	verify_report_clear(&out->verify);
	return mend(request, pair, &claim, progress, out, err);
}

/* A parity file gives back parts of a file, never all of it. */
static int tell_lost(const char *path, struct err *err)
{
	struct volume_name name;
	if (err->saved_errno == ENOENT && volume_name_parse(&name, path))
		(void)err_hint(
			err, "a volume that is lost comes back from parity volumes alone, where some were made: valise repair "
				 "with all volumes that are left, and the files named .valise-parity; else fetch it again");
	return -1;
}

int repair_bundle(const struct repair_request *request, const struct progress *progress, struct repair_report *out,
				  struct err *err)
{
	auto_parity_pair pair = PARITY_PAIR_INIT;
	struct err fault = ERR_INIT;
	if (parity_pair_open(&pair, request->path, err) < 0)
		return tell_lost(request->path, err);
	if (judge(request, pair.fd, NULL, progress, out, &fault) == 0)
		return look_beside(request, &pair, progress, out, err);
	if (parity_may_help(fault.code))
		return mend_damaged(request, &pair, &fault, progress, out, err);
	*err = fault;
	return -1;
}

/* --- parity for what has none --- */

static int parity_output(const struct repair_request *request, char **final, struct err *err)
{
	static const char suffix[] = PARITY_SUFFIX;
	const size_t tail = sizeof suffix - 1, len = request->output != NULL ? strlen(request->output) : 0;
	if (request->output != NULL && is_folder(request->output))
		return choose_output(request, final, err);
	if (request->output != NULL && (len <= tail || strcmp(request->output + len - tail, suffix) != 0)) {
		(void)err_set(err, ERR_USAGE, "-o %s: a parity file is named as its bundle, with %s behind it", request->output,
					  suffix);
		return err_hint(err, "leave out -o, and it lies beside the bundle");
	}
	*final = request->output != NULL ? strndup(request->output, len - tail) : strdup(request->path);
	return *final != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

int repair_make_parity(const struct repair_request *request, unsigned permille, const struct progress *progress,
					   struct repair_report *out, struct err *err)
{
	auto_free char *final = NULL;
	auto_output *parity = NULL;
	auto_fd int fd = open(request->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "cannot open %s", request->path);
	/* Parity of a damaged bundle would keep the damage. */
	if (parity_output(request, &final, err) < 0 || judge(request, fd, NULL, progress, out, err) < 0 ||
		parity_beside(fd, out->verify.file_bytes, final, permille, CARE_STAYS, progress, &parity, err) < 0)
		return -1;
	return commit_parity(parity, out, err);
}

void repair_report_clear(struct repair_report *report)
{
	verify_report_clear(&report->verify);
	free(report->path);
	free(report->parity_path);
	free(report->parity_fault);
	*report = (struct repair_report){.path = NULL};
}
