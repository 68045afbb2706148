/* SPDX-License-Identifier: Apache-2.0 */
/* Of a bundle what its ends tell, and how many are looked at side by side. */
#include "ops/look_internal.h"

#include "base/hash.h"
#include "base/pool.h"
#include "ops/judge.h"
#include "ops/pending.h"
#include "policy/rules.h"

#include <string.h>

/* --- what is wrong --- */

static void *copy_of(const void *bytes, size_t size, struct err *err)
{
	void *copy = malloc(size > 0 ? size : 1);
	if (copy == NULL)
		(void)err_set(err, ERR_MEMORY, "out of memory");
	else if (size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

char *look_text(const char *text, struct err *err)
{
	return copy_of(text, strlen(text) + 1, err);
}

bool look_is_fatal(enum err_code code)
{
	return err_exit_status(code) == err_exit_status(ERR_INTERNAL) || code == ERR_GNUPG || code == ERR_LEDGER ||
		   code == ERR_CANCELLED;
}

static enum look_state state_of(enum err_code code)
{
	switch (code) {
	case ERR_UNKNOWN_SIGNER:
		return LOOK_UNKNOWN;
	case ERR_EXPIRED:
		return LOOK_EXPIRED;
	case ERR_VERSION:
	case ERR_CONTENT:
	case ERR_LIMIT:
		return LOOK_UNREADABLE;
	default:
		break;
	}
	switch (err_exit_status(code)) {
	case 3:
		return LOOK_REFUSED;
	case 4:
	case 8:
		return LOOK_DAMAGED;
	default:
		return LOOK_UNREADABLE;
	}
}

/* It is told beside its path. */
static const char *without_path(const char *message, const char *path)
{
	const size_t len = strlen(path);
	return strncmp(message, path, len) == 0 && strncmp(message + len, ": ", 2) == 0 ? message + len + 2 : message;
}

int look_note_fault(struct look_file *file, const struct err *fault, struct err *err)
{
	if (look_is_fatal(fault->code)) {
		*err = *fault;
		return -1;
	}
	file->state = state_of(fault->code);
	file->code = fault->code;
	file->reason = look_text(without_path(fault->message, file->path), err);
	file->hint = look_text(fault->hint, err);
	return file->reason != NULL && file->hint != NULL ? 0 : -1;
}

/* --- judging --- */

/* Stands between bundle and judge, and keeps what passes. */
struct listener {
	struct judge judge;
	struct bundle_judge stages;
	struct trust_verdict *verdict; /* owned: too large for the stack of a walk */
	struct look_file *file;
};

static int keep_signers(struct look_file *file, const struct bundle_seal *seals, unsigned count, struct err *err)
{
	file->signers = calloc(count > 0 ? count : 1, sizeof *file->signers);
	if (file->signers == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; file->signer_count < count; file->signer_count++)
		file->signers[file->signer_count] = (struct look_signer){.fingerprint = seals[file->signer_count].name,
																 .standing = SIGNER_UNKNOWN};
	return 0;
}

static int hear_bytes(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
					  struct err *err)
{
	struct listener *listener = ctx;
	hash_bytes(&listener->file->digest, waybill, len);
	listener->file->has_digest = true;
	if (keep_signers(listener->file, seals, count, err) < 0)
		return -1;
	return listener->stages.bytes(listener->stages.ctx, seals, count, waybill, len, err);
}

static int hear_waybill(void *ctx, const struct waybill *waybill, struct err *err)
{
	struct listener *listener = ctx;
	struct look_file *file = listener->file;
	if (listener->stages.waybill(listener->stages.ctx, waybill, err) < 0)
		return -1;
	file->waybill = *waybill;
	file->waybill.to = copy_of(waybill->to, waybill->to_count * sizeof *waybill->to, err);
	if (file->waybill.to == NULL)
		return -1;
	file->has_waybill = true;
	return 0;
}

/* Also of what was refused: who it was, and why it does not count. */
static void keep_verdict(struct look_file *file, const struct trust_verdict *verdict)
{
	for (unsigned i = 0; i < verdict->count && i < file->signer_count; i++)
		file->signers[i] = (struct look_signer){.fingerprint = verdict->signers[i].fingerprint,
												.standing = verdict->signers[i].standing,
												.created = verdict->signers[i].created};
	file->people = verdict->people;
	file->demanded = verdict->demanded;
}

static int verify_cover(struct look_job *job, struct bundle_untrusted **untrusted, struct bundle_verified **out,
						struct err *err)
{
	struct look_file *file = &job->file;
	auto_free struct trust_verdict *verdict = calloc(1, sizeof *verdict);
	if (verdict == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	struct listener listener = {
		.judge = {.anchor = {.registry = job->have_session ? &job->session.registry : NULL, .homes = &job->homes},
				  .now = job->looking->now,
				  .verdict = verdict,
				  .pending = true,
				  .ledger = job->have_session ? job->session.ledger : NULL,
				  .use = PAST_COUNTS},
		.file = file};
	listener.stages = judge_make(&listener.judge);
	const struct bundle_judge judge = {.bytes = hear_bytes, .waybill = hear_waybill, .ctx = &listener};
	int rc = bundle_verify(untrusted, &judge, out, err);
	keep_verdict(file, verdict);
	return rc;
}

static int check_members(const struct looking *looking, const struct bundle_verified *bundle, struct err *err)
{
	struct integrity found;
	if (bundle_check_members(bundle, looking->progress, &found, err) < 0)
		return -1;
	if (found.bad_members == 0)
		return 0;
	(void)err_set(err, ERR_DAMAGED, "%llu of %llu members are not as they were signed, the first is %s",
				  (unsigned long long)found.bad_members, (unsigned long long)found.members, found.damage[0].member);
	return err_hint(err, "valise verify tells what is damaged");
}

/* Nothing is wrong with one that waits: but it may not be carried. */
static int tell_pending(struct look_file *file, struct err *err)
{
	file->state = LOOK_PENDING;
	file->approval_cut_off = pending_is_interrupted(file->path);
	char text[128];
	if (file->approval_cut_off)
		(void)snprintf(text, sizeof text, "an approval of it was cut off: valise approve finishes it");
	else if (file->people >= file->demanded)
		(void)snprintf(text, sizeof text, "all have signed, but it has no final name yet: valise approve gives it one");
	else
		(void)snprintf(text, sizeof text, "%u of %u people have signed: it may not be carried yet", file->people,
					   file->demanded);
	file->reason = look_text(text, err);
	return file->reason != NULL ? 0 : -1;
}

/* in: err, of the file alone. */
static int judge_bundle(struct look_job *job, struct err *err)
{
	const struct looking *looking = job->looking;
	const bool check = looking->request->depth == LOOK_CHECK;
	struct look_file *file = &job->file;
	auto_untrusted *untrusted = NULL;
	auto_verified *bundle = NULL;
	struct err run = ERR_INIT;
	if (bundle_open_fd(&untrusted, job->fd, file->path, check ? CONTAINER_WALK : CONTAINER_QUICK, err) < 0)
		return -1;
	/* Where the payload's end is lost, its cover still tells of which bundle this is. */
	file->has_run = bundle_find_run(untrusted, &file->first_chunk, &file->last_chunk, &run) == 0;
	if (verify_cover(job, &untrusted, &bundle, err) < 0)
		return -1;
	if (!file->has_run) {
		*err = run;
		return -1;
	}
	if (file->last_chunk >= file->waybill.chunks)
		return err_set(err, ERR_SUMS, "there are more payload chunks than the waybill tells");
	if (check && check_members(looking, bundle, err) < 0)
		return -1;
	if (policy_check_expiry(&file->waybill, looking->now, err) < 0)
		return -1;
	file->state = check ? LOOK_GOOD : LOOK_UNCHECKED;
	if (pending_is_path(file->path))
		return tell_pending(file, err);
	return policy_check_approvals(file->people, file->demanded, err);
}

/* --- side by side ---
 * gpg takes most of the time, so that each core may have one. A registry and a ledger serve one thread: so each job has
 * its own. */

enum { JOBS_MAX = 8 };

static int open_session(struct look_job *job, struct err *err)
{
	const struct gpg_passphrase never = {.mode = GPG_PASSPHRASE_NEVER};
	if (job->have_session || !job->looking->out->have_session)
		return 0;
	if (session_open(&job->session, job->looking->request->home, SESSION_LEDGER_READ, &never, err) < 0)
		return -1;
	job->have_session = true;
	return 0;
}

static int run_job(struct look_job *job, struct err *err)
{
	struct err fault = ERR_INIT;
	int rc = open_session(job, err);
	if (rc == 0 && judge_bundle(job, &fault) < 0)
		rc = look_note_fault(&job->file, &fault, err);
	(void)close(steal_fd(&job->fd));
	return rc;
}

static int setup(void *ctx, struct pool_job *pooled, struct err *err)
{
	struct look_job *job = calloc(1, sizeof *job);
	pooled->data = job;
	if (job == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*job = (struct look_job){.looking = ctx, .session.lock_fd = -1, .fd = -1};
	return 0;
}

static void teardown(void *ctx, struct pool_job *pooled)
{
	(void)ctx;
	struct look_job *job = pooled->data;
	if (job == NULL)
		return;
	if (job->fd >= 0)
		(void)close(job->fd);
	trust_homes_close(&job->homes);
	session_close(&job->session);
	look_file_clear(&job->file);
	free(job);
}

static int work(void *ctx, struct pool_job *pooled, unsigned worker, struct err *err)
{
	(void)ctx;
	(void)worker;
	return run_job(pooled->data, err);
}

/* A bundle may have a thousand recipients, and files by the thousand: one of each keeps them. */
static void forget_recipients(const struct look *look, struct look_file *file)
{
	for (uint32_t i = 0; file->has_waybill && i < look->file_count; i++) {
		const struct look_file *other = &look->files[i];
		if (!other->has_waybill || other->waybill.to == NULL || !digest_equal(&other->digest, &file->digest))
			continue;
		free(file->waybill.to);
		file->waybill.to = NULL;
		file->waybill.to_count = 0;
		return;
	}
}

/* Its file goes back to its place. */
static int finish(void *ctx, struct pool_job *pooled, struct err *err)
{
	(void)err;
	struct looking *looking = ctx;
	struct look_job *job = pooled->data;
	forget_recipients(looking->out, &job->file);
	looking->out->files[job->index] = job->file;
	job->file = (struct look_file){0};
	return 0;
}

static const struct pool_ops ops = {setup, teardown, work, finish};

/* With LOOK_CHECK each bundle is read on every core already, and a medium likes to be read from front to end. */
static int open_pool(struct looking *looking, struct err *err)
{
	const unsigned threads = looking->request->depth == LOOK_CHECK ? 1 : pool_threads();
	return pool_open(&looking->pool, &ops, looking, threads < JOBS_MAX ? threads : JOBS_MAX, err);
}

static int find_job(struct looking *looking, struct pool_job **out, struct err *err)
{
	if (looking->pool == NULL && open_pool(looking, err) < 0)
		return -1;
	return pool_next(looking->pool, out, err);
}

int look_submit(struct looking *looking, uint32_t index, int fd, struct err *err)
{
	struct pool_job *pooled = NULL;
	if (find_job(looking, &pooled, err) < 0) {
		(void)close(fd);
		return -1;
	}
	struct look_job *job = pooled->data;
	job->fd = fd;
	job->index = index;
	job->file = looking->out->files[index];
	looking->out->files[index] = (struct look_file){0};
	pool_submit(looking->pool, pooled);
	return 0;
}

int look_wait(struct looking *looking, struct err *err)
{
	return looking->pool != NULL ? pool_drain(looking->pool, err) : 0;
}

void look_file_clear(struct look_file *file)
{
	free(file->path);
	free(file->reason);
	free(file->hint);
	free(file->signers);
	waybill_clear(&file->waybill);
	*file = (struct look_file){0};
}
