/* SPDX-License-Identifier: Apache-2.0 */
/* One name on a medium: what it is, and of a bundle what its ends tell. */
#include "ops/look_internal.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/io.h"
#include "ops/judge.h"
#include "ops/pending.h"
#include "policy/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define PARITY_SUFFIX ".parity"
#define PARITY_VOLUME_SUFFIX BUNDLE_SUFFIX "-parity"

/* The longest that the format allows, and room for what stands around the payload. */
#define LOOK_BYTES_MAX (MEMBER_CHUNKS_MAX * ustar_stored(CHUNK_MEMBER_MAX) + ((uint64_t)4 << 30))

/* --- names --- */

static bool ends_in(const char *name, const char *suffix)
{
	const size_t len = strlen(name), suffix_len = strlen(suffix);
	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

/* As media/output.c names what is not finished: ".NAME.part-" and twelve hexadecimal digits. */
static bool is_temporary(const char *name)
{
	enum { TOKEN_DIGITS = 12 };
	const size_t len = strlen(name), tail = strlen(".part-") + TOKEN_DIGITS;
	if (name[0] != '.' || len <= tail || strncmp(name + len - tail, ".part-", strlen(".part-")) != 0)
		return false;
	return strspn(name + len - TOKEN_DIGITS, "0123456789abcdef") == TOKEN_DIGITS;
}

static bool is_parity(const char *name)
{
	return ends_in(name, PARITY_SUFFIX) || ends_in(name, PARITY_VOLUME_SUFFIX);
}

/* NAME.part of something of ours: what `copy` has of it so far. */
static bool is_begun_copy(const char *name)
{
	static const char *const ends[] = {BUNDLE_SUFFIX ".part", PENDING_SUFFIX ".part", PARITY_SUFFIX ".part",
									   PARITY_VOLUME_SUFFIX ".part"};
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends_in(name, ends[i]))
			return true;
	return false;
}

static bool is_unfinished(const struct look_entry *entry)
{
	const bool is_file = S_ISREG(entry->st.st_mode);
	return (is_temporary(entry->name) && (is_file || S_ISDIR(entry->st.st_mode))) ||
		   (is_begun_copy(entry->name) && is_file);
}

/* A name proves nothing: but whoever finds it takes it for what it says, so that what it is must be told. */
static bool is_named_ours(const char *name)
{
	return ends_in(name, BUNDLE_SUFFIX) || ends_in(name, PENDING_SUFFIX) || is_parity(name) || is_temporary(name);
}

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

static char *text_of(const char *text, struct err *err)
{
	return copy_of(text, strlen(text) + 1, err);
}

/* What is the matter with this machine, not with a file on the stick: looking at the next one makes no sense. */
static bool is_fatal(enum err_code code)
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

/* Keeps the reason with the file. Returns -1 where that, or the machine, fails. */
static int note_fault(struct look_file *file, enum look_state state, const struct err *fault, struct err *err)
{
	if (is_fatal(fault->code)) {
		*err = *fault;
		return -1;
	}
	file->state = state;
	file->code = fault->code;
	file->reason = text_of(without_path(fault->message, file->path), err);
	file->hint = text_of(fault->hint, err);
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

static int verify_cover(struct looking *looking, struct look_file *file, struct bundle_untrusted **untrusted,
						struct bundle_verified **out, struct err *err)
{
	const struct look *look = looking->out;
	auto_free struct trust_verdict *verdict = calloc(1, sizeof *verdict);
	if (verdict == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	struct listener listener = {
		.judge = {.anchor = {.registry = look->have_session ? &look->session.registry : NULL, .homes = &looking->homes},
				  .now = looking->now,
				  .verdict = verdict,
				  .pending = true,
				  .ledger = look->have_session ? look->session.ledger : NULL,
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
	file->reason = text_of(text, err);
	return file->reason != NULL ? 0 : -1;
}

/* in: err, of the file alone. */
static int judge_bundle(struct looking *looking, struct look_file *file, int fd, struct err *err)
{
	const bool check = looking->depth == LOOK_CHECK;
	auto_untrusted *untrusted = NULL;
	auto_verified *bundle = NULL;
	struct err run = ERR_INIT;
	if (bundle_open_fd(&untrusted, fd, file->path, check ? CONTAINER_WALK : CONTAINER_QUICK, err) < 0)
		return -1;
	/* Where the payload's end is lost, its cover still tells of which bundle this is. */
	file->has_run = bundle_find_run(untrusted, &file->first_chunk, &file->last_chunk, &run) == 0;
	if (verify_cover(looking, file, &untrusted, &bundle, err) < 0)
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

/* --- one name --- */

/* Whether it begins as bundles of every version do. What is not ours is opened for no more than this. */
static int begins_as_bundle(int fd, bool *out, struct err *err)
{
	unsigned char block[USTAR_BLOCK];
	char name[USTAR_NAME_MAX + 1];
	ssize_t n = io_pread_up_to(fd, block, sizeof block, 0, err);
	*out = false;
	if (n < (ssize_t)sizeof block)
		return n < 0 ? -1 : 0;
	ustar_peek_name(block, name);
	*out = strcmp(name, "valise") == 0;
	return 0;
}

/* Never through a link, and never what has taken the file's place since: O_NONBLOCK, as a FIFO must not make us wait.
 */
static int open_file(const struct look_entry *entry, int *out, struct err *err)
{
	struct stat st;
	auto_fd int fd = openat(entry->dir_fd, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open it");
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CHANGED, "another thing took its place while it was looked at");
	*out = steal_fd(&fd);
	return 0;
}

static struct look_file *add_file(struct looking *looking, const struct look_entry *entry, enum look_kind kind,
								  struct err *err)
{
	struct look *look = looking->out;
	struct look_file *files = array_grow(look->files, look->file_count, sizeof *files, err);
	if (files == NULL)
		return NULL;
	look->files = files;
	struct look_file *file = &files[look->file_count];
	*file = (struct look_file){.kind = kind, .path = text_of(entry->path, err), .state = LOOK_UNCHECKED};
	if (file->path == NULL)
		return NULL;
	file->is_folder = S_ISDIR(entry->st.st_mode);
	file->bytes = S_ISREG(entry->st.st_mode) ? (uint64_t)entry->st.st_size : 0;
	look->file_count++;
	return file;
}

static int add_fault(struct looking *looking, const struct look_entry *entry, const struct err *fault, struct err *err)
{
	struct look_file *file = add_file(looking, entry, LOOK_BUNDLE, err);
	return file != NULL ? note_fault(file, state_of(fault->code), fault, err) : -1;
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFLNK:
		return "a symbolic link, and none is followed";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFDIR:
		return "a folder";
	default:
		return "a device";
	}
}

static int add_special(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	struct err fault = ERR_INIT;
	(void)err_set(&fault, ERR_CONTENT, "it is named as a bundle and is %s", type_name(entry->st.st_mode));
	return add_fault(looking, entry, &fault, err);
}

static bool has_parity(const struct look_entry *entry)
{
	char name[NAME_MAX + sizeof PARITY_SUFFIX];
	struct stat st;
	return snprintf(name, sizeof name, "%s" PARITY_SUFFIX, entry->name) < (int)sizeof name &&
		   fstatat(entry->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static int add_bundle(struct looking *looking, const struct look_entry *entry, int fd, struct err *err)
{
	struct err fault = ERR_INIT;
	struct look_file *file = add_file(looking, entry, LOOK_BUNDLE, err);
	if (file == NULL)
		return -1;
	file->has_parity = has_parity(entry);
	return judge_bundle(looking, file, fd, &fault) == 0 ? 0 : note_fault(file, state_of(fault.code), &fault, err);
}

/* By what is in it: a courier's file system may have changed its name. */
static int look_into(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	struct err fault = ERR_INIT;
	auto_fd int fd = -1;
	bool bundle = false;
	if ((uint64_t)entry->st.st_size > LOOK_BYTES_MAX)
		(void)err_set(&fault, ERR_LIMIT, "it is longer than any bundle can be, and was not read");
	else if (entry->st.st_size >= USTAR_BLOCK && open_file(entry, &fd, &fault) == 0)
		(void)begins_as_bundle(fd, &bundle, &fault);
	if (!bundle)
		(void)err_set(&fault, ERR_NOT_A_BUNDLE, "it is named as a bundle, and does not begin as one");
	if (bundle)
		return add_bundle(looking, entry, fd, err);
	if (is_named_ours(entry->name) || is_fatal(fault.code))
		return add_fault(looking, entry, &fault, err);
	const bool is_known = fault.code == ERR_NOT_A_BUNDLE || fault.code == ERR_LIMIT;
	looking->out->tally.other_files += is_known;
	looking->out->tally.unreadable_files += !is_known;
	return 0;
}

static int add_unfinished(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	struct look_file *file = add_file(looking, entry, LOOK_INTERRUPTED, err);
	if (file == NULL)
		return -1;
	file->is_copy = is_begun_copy(entry->name);
	return 0;
}

static int look_at_name(struct looking *looking, const struct look_entry *entry, struct err *err)
{
	if (is_unfinished(entry))
		return add_unfinished(looking, entry, err);
	if (S_ISDIR(entry->st.st_mode))
		return 0;
	if (!S_ISREG(entry->st.st_mode))
		return is_named_ours(entry->name) ? add_special(looking, entry, err) : 0;
	if (is_parity(entry->name))
		return add_file(looking, entry, LOOK_PARITY, err) != NULL ? 0 : -1;
	return look_into(looking, entry, err);
}

enum look_answer look_visit(void *ctx, const struct look_entry *entry, struct err *err)
{
	struct looking *looking = ctx;
	if (looking->out->file_count == LOOK_FILES_MAX) {
		looking->out->too_many = true;
		return LOOK_NOT_INTO;
	}
	if (look_at_name(looking, entry, err) < 0)
		return LOOK_FAILED;
	return is_temporary(entry->name) ? LOOK_NOT_INTO : LOOK_ON;
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
