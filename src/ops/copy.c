/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/copy.h"

#include "base/array.h"
#include "base/path.h"
#include "format/parity.h"
#include "ops/copy_internal.h"
#include "ops/parity.h"
#include "ops/pending.h"
#include "ops/registry_state.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* The order: names and room, for all of them; then one after the other: judge, copy, sync, read back, name. Whatever
 * becomes of it is in the ledger, also where it is refused before that. */

static void job_clear(struct copy_job *job)
{
	if (job->have_session)
		session_close(&job->session);
	for (unsigned i = 0; i < job->count; i++)
		free(job->files[i].path);
	free(job->files);
	free(job->folder);
}

void copy_report_clear(struct copy_report *report)
{
	for (unsigned i = 0; i < report->count; i++) {
		free(report->items[i].source);
		free(report->items[i].path);
	}
	free(report->items);
	medium_clear(&report->medium);
	notices_clear(&report->notices);
	*report = (struct copy_report){0};
}

/* --- names --- */

static char tame(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ? c : '-';
}

int copy_name(char **out, const char *path, struct err *err)
{
	size_t len = 0, used = 0;
	const char *name = path_last_component(path, &len);
	auto_free char *made = malloc(len + 1);
	if (made == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < len; i++) {
		const char c = tame(name[i]);
		/* One "-" for a run of bytes that cannot stay, and none in front. */
		if (c == '-' && (used == 0 || (made[used - 1] == '-' && name[i] != '-')))
			continue;
		made[used++] = c;
	}
	made[used] = '\0';
	if (used == 0 || made[0] == '.') {
		(void)err_set(err, ERR_USAGE, "%s has no name that media can have", path);
		return err_hint(err, "rename it: small letters, digits, dot, hyphen and underscore, not beginning with a dot");
	}
	*out = steal(&made);
	return 0;
}

/* --- what there is to do --- */

static bool is_same_file(const char *a, const char *b)
{
	struct stat one, other;
	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Two that would have one name there: the very same, told by two paths, is copied once. out: *out_same so. */
static int check_name(const struct copy_job *job, const char *source, const char *path, bool *out_same, struct err *err)
{
	*out_same = false;
	for (unsigned i = 0; i < job->count; i++) {
		const struct copy_file *file = &job->files[i];
		if (strcmp(file->path, path) != 0)
			continue;
		*out_same = is_same_file(file->source, source);
		if (*out_same)
			return 0;
		(void)err_set(err, ERR_USAGE, "%s and %s would both be called %s", file->source, source, path);
		return err_hint(err, "rename one of them, or copy them into different folders");
	}
	return 0;
}

static int add_file(struct copy_job *job, const char *source, uint64_t bytes, struct err *err)
{
	auto_free char *name = NULL, *path = NULL;
	bool same = false;
	struct copy_file *files = array_grow(job->files, job->count, sizeof *files, err);
	if (files == NULL)
		return -1;
	job->files = files;
	if (copy_name(&name, source, err) < 0 || path_join(&path, job->folder, name, err) < 0 ||
		check_name(job, source, path, &same, err) < 0)
		return -1;
	if (same)
		return 0;
	struct copy_file *file = &files[job->count++];
	*file = (struct copy_file){.path = steal(&path), .bytes = bytes, .is_bundle = !copy_is_beside(source)};
	(void)snprintf(file->source, sizeof file->source, "%s", source);
	return 0;
}

static bool is_among(const struct copy_job *job, const char *source)
{
	for (unsigned i = 0; i < job->count; i++)
		if (strcmp(job->files[i].source, source) == 0)
			return true;
	return false;
}

int copy_refuse_pending(const char *path, struct err *err)
{
	if (!pending_is_path(path))
		return 0;
	(void)err_set(err, ERR_APPROVALS, "%s waits for approval, and may not be carried yet", path);
	return err_hint(err, "valise approve gives it its final name, once enough people have signed");
}

/* Named by a person: what is not what its name says is no notice then. */
static int add_beside(struct copy_job *job, const char *source, struct err *err)
{
	uint64_t bytes = 0;
	if (is_among(job, source))
		return 0;
	if (copy_look_beside(source, &bytes, err) < 0)
		return err->code == ERR_PARITY ? err_hint(err, "leave it out; what is not a parity file is not carried") : -1;
	return add_file(job, source, bytes, err);
}

/* Found: the bundle is carried in any case. */
static int add_found(struct copy_job *job, const char *bundle, struct notices *notices, struct err *err)
{
	struct stat st;
	struct err fault = ERR_INIT;
	uint64_t bytes = 0;
	char beside[PATH_MAX];
	if (snprintf(beside, sizeof beside, "%s" PARITY_SUFFIX, bundle) >= (int)sizeof beside)
		return err_set(err, ERR_IO, "path too long: %s", bundle);
	if (is_among(job, beside) || lstat(beside, &st) < 0)
		return 0;
	if (copy_look_beside(beside, &bytes, &fault) == 0)
		return add_file(job, beside, bytes, err);
	notice_add(notices, "not copied: %s", fault.message);
	return 0;
}

static int add_source(struct copy_job *job, const char *source, struct notices *notices, struct err *err)
{
	struct stat st;
	if (strlen(source) >= PATH_MAX)
		return err_set(err, ERR_IO, "path too long: %s", source);
	if (copy_refuse_pending(source, err) < 0)
		return -1;
	if (stat(source, &st) < 0)
		return err_sys(err, "cannot open %s", source);
	if (copy_is_beside(source))
		return add_beside(job, source, err);
	if (!is_among(job, source) && add_file(job, source, (uint64_t)st.st_size, err) < 0)
		return -1;
	return add_found(job, source, notices, err);
}

/* Bytes that `path` and its .part hold already. */
static uint64_t bytes_there(const char *path)
{
	struct stat st;
	char part[PATH_MAX];
	if (lstat(path, &st) == 0)
		return UINT64_MAX;
	(void)snprintf(part, sizeof part, "%s" PART_SUFFIX, path);
	return lstat(part, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_blocks * 512 : 0;
}

/* Before the first byte of the first. */
static int check_room(const struct copy_job *job, const struct medium *medium, struct err *err)
{
	uint64_t need = 0, largest = 0;
	for (unsigned i = 0; i < job->count; i++) {
		const struct copy_file *file = &job->files[i];
		const uint64_t there = bytes_there(file->path);
		need += there < file->bytes ? file->bytes - there : 0;
		if (there != UINT64_MAX && file->bytes > largest)
			largest = file->bytes;
	}
	return largest == 0 ? 0 : medium_check_room(medium, need, largest, job->folder, err);
}

static int find_place(struct copy_job *job, struct medium *medium, struct err *err)
{
	const struct copy_request *request = job->request;
	struct stat st;
	if (stat(request->folder, &st) < 0)
		return err_sys(err, "cannot find the folder %s", request->folder);
	if (!S_ISDIR(st.st_mode)) {
		(void)err_set(err, ERR_USAGE, "%s is not a folder", request->folder);
		return err_hint(err, "the last word is where the copies go: valise copy BUNDLE... DIR/");
	}
	job->folder = realpath(request->folder, NULL);
	if (job->folder == NULL)
		return err_sys(err, "cannot find the folder %s", request->folder);
	return medium_look_at(medium, job->folder, err) < 0 || (request->replug && copy_check_replug(medium, err) < 0) ? -1
																												   : 0;
}

static int plan(struct copy_job *job, const struct medium *medium, struct notices *notices, struct err *err)
{
	const struct copy_request *request = job->request;
	for (unsigned i = 0; i < request->count; i++)
		if (add_source(job, request->sources[i], notices, err) < 0)
			return -1;
	return check_room(job, medium, err);
}

/* --- all of them --- */

/* Without a station, or a sender whom it knows, a courier carries all the same. */
static int open_anchor(struct copy_job *job, struct notices *notices, struct err *err)
{
	const struct gpg_passphrase never = {.mode = GPG_PASSPHRASE_NEVER};
	struct err own = ERR_INIT;
	if (session_open(&job->session, job->request->home, SESSION_LEDGER_READ, &never, &own) == 0) {
		job->have_session = true;
		return 0;
	}
	if (own.code != ERR_NO_STATION || job->request->home != NULL) {
		*err = own;
		return -1;
	}
	notice_add(notices, "there is no station here: nobody was asked who sealed this");
	return 0;
}

void copy_note_outcome(struct copy_job *job, const struct copied *item, struct notices *notices,
					   const struct err *outcome)
{
	auto_ledger *ledger = NULL;
	auto_free char *home = NULL;
	struct err err = ERR_INIT;
	const bool known = item != NULL && !digest_is_zero(&item->digest) && item->is_bundle;
	if (!job->have_session || job->noted)
		return;
	job->noted = outcome->code != ERR_OK;
	if (station_home_path(&home, job->request->home, &err) < 0 || ledger_open(&ledger, home, LEDGER_WRITE, &err) < 0 ||
		ledger_note(ledger, "copy", outcome->code, known ? &item->from : NULL, known ? &item->bundle : NULL,
					known ? &item->digest : NULL, outcome->code == ERR_OK ? item->path : outcome->message, &err) < 0)
		notice_add(notices, "nothing was recorded: the ledger of this station cannot be written");
}

/* What is mounted there now is what was looked at: where a medium was pulled, its folder is one of this machine. */
static int check_same_medium(const struct copy_job *job, const struct medium *before, struct err *err)
{
	auto_medium now = {0};
	if (medium_look_at(&now, job->folder, err) < 0)
		return -1;
	if (now.device == before->device && now.mount == before->mount)
		return 0;
	(void)err_set(err, ERR_IO, "the medium that was at %s is no longer there", before->point);
	return err_hint(err, "put it back; the same command then goes on with what is not there yet");
}

static int copy_next(struct copy_job *job, const struct copy_file *file, struct copy_report *out, struct err *err)
{
	struct copied *items = array_grow(out->items, out->count, sizeof *items, err);
	if (items == NULL)
		return -1;
	out->items = items;
	struct copied *item = &items[out->count++];
	*item = (struct copied){.source = strdup(file->source), .is_bundle = file->is_bundle, .bytes = file->bytes};
	if (item->source == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	const int rc = check_same_medium(job, &out->medium, err) < 0 ? -1 : copy_one(job, file, item, err);
	for (unsigned i = 0; i < item->verdict.count; i++)
		item->verdict.signers[i].partner = NULL;
	copy_note_outcome(job, item, &out->notices, err);
	return rc < 0 ? parity_hint_copy(file->source, err) : 0;
}

static int copy_all(struct copy_job *job, struct copy_report *out, struct err *err)
{
	const struct copy_request *request = job->request;
	if (find_place(job, &out->medium, err) < 0)
		return -1;
	if ((request->split ? copy_split(job, out, err) : plan(job, &out->medium, &out->notices, err)) < 0)
		return -1;
	for (unsigned i = 0; i < job->count; i++)
		if (copy_next(job, &job->files[i], out, err) < 0)
			return -1;
	return request->replug ? copy_replug(job, out, err) : 0;
}

int copy_bundles(const struct copy_request *request, struct copy_report *out, struct err *err)
{
	AUTO(job_clear) struct copy_job job = {.request = request};
	*out = (struct copy_report){0};
	if (open_anchor(&job, &out->notices, err) < 0)
		return -1;
	const int rc = copy_all(&job, out, err);
	if (rc < 0)
		copy_note_outcome(&job, NULL, &out->notices, err);
	return rc;
}
