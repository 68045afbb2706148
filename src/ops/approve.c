/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/approve.h"

#include "base/cancel.h"
#include "base/io.h"
#include "bundle/payload.h"
#include "bundle/tail.h"
#include "format/sidecar.h"
#include "keyring/trust_self.h"
#include "media/journal.h"
#include "media/output.h"
#include "ops/approve_recipients.h"
#include "ops/judge.h"
#include "ops/parity.h"
#include "ops/pending.h"
#include "ops/tree.h"
#include "ops/verify.h"
#include "policy/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct approval {
	struct session *session;
	struct pending pending;
	int messages;  /* the folder beside it, opened once; -1: none */
	bool complete; /* before we came */
	struct trust_verdict verdict;
	struct received received;
	char *folder;
	struct gpg *gpg; /* one for the message and the signature, so that a passphrase is asked for once */
};

void approval_free(struct approval *approval)
{
	if (approval == NULL)
		return;
	pending_close(&approval->pending);
	if (approval->messages >= 0)
		(void)close(approval->messages);
	received_clear(&approval->received);
	gpg_close(approval->gpg);
	free(approval->folder);
	free(approval);
}

const struct received *approval_received(const struct approval *approval)
{
	return approval->complete ? NULL : &approval->received;
}

const char *approval_folder(const struct approval *approval)
{
	return approval->folder;
}

static const struct station_doc *self_of(const struct approval *a)
{
	return &a->session->station.doc;
}

/* --- our message --- */

/* Whoever brought the bundle may have put something else under this name, and may exchange it while we work: a link,
 * through which we would read, and delete, what is our own. So the folder itself is opened, once, and all is done
 * in it. */
static void open_messages(struct approval *a)
{
	a->messages = openat(a->pending.dir_fd, a->pending.names.folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void name_message(char *out, size_t size, const struct approval *a)
{
	(void)snprintf(out, size, "%s.pgp", self_of(a)->fingerprint.hex);
}

/* What our signature needed; once that is in it is worth nothing to us, and a key to whoever finds it. */
static void drop_message(const struct approval *a)
{
	char name[FINGERPRINT_MAX + 8];
	name_message(name, sizeof name, a);
	if (a->messages >= 0)
		(void)unlinkat(a->messages, name, 0);
}

/* --- who has signed --- */

static bool we_signed(const struct approval *a)
{
	for (unsigned i = 0; i < a->verdict.count; i++)
		if (a->verdict.signers[i].is_self && a->verdict.signers[i].standing == SIGNER_COUNTS)
			return true;
	return false;
}

/* The packer left none for it, or it is gone with our signature. */
static bool has_message(const struct approval *a)
{
	char name[FINGERPRINT_MAX + 8];
	struct stat st;
	name_message(name, sizeof name, a);
	return a->messages >= 0 && fstatat(a->messages, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Signatures alone, before anything is opened: what all have signed only wants its name. Whoever was asked and has not
 * signed looks at it first, also where the numbers that can be told from outside are met: those by label cannot. */
static int look(struct approval *a, struct err *err)
{
	auto_untrusted *untrusted = NULL;
	auto_verified *bundle = NULL;
	struct judge judge = {
		.anchor.registry = &a->session->registry, .now = utc_now(), .verdict = &a->verdict, .pending = true};
	const struct bundle_judge stages = judge_make(&judge);
	if (bundle_open_fd(&untrusted, a->pending.fd, a->pending.path, CONTAINER_QUICK, err) < 0 ||
		bundle_verify(&untrusted, &stages, &bundle, err) < 0)
		return -1;
	a->complete = a->verdict.people >= a->verdict.demanded && (we_signed(a) || !has_message(a));
	return 0;
}

/* A crash may have come between our signature and the end of what it needed. */
static void settle_message(const struct approval *a)
{
	if (we_signed(a))
		drop_message(a);
}

/* From outside only numbers are told. Whoever has rules by label has not looked at these, and says nothing of them. */
static int check_complete(const struct approval *a, struct err *err)
{
	if (self_of(a)->approvals.count == 0 || we_signed(a))
		return 0;
	(void)err_set(err, ERR_NOT_FOR_US,
				  "enough have signed for the waybill, but this station has rules by label, and was left no key to see "
				  "the labels");
	return err_hint(err, "let one of those who signed give it its final name: valise approve at that station");
}

static int refuse_final(const struct approval *a, struct err *err)
{
	struct stat st;
	if (fstatat(a->pending.dir_fd, a->pending.names.final, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	(void)err_set(err, ERR_EXISTS, "%s exists already, and would be the final name", a->pending.names.final);
	return err_hint(err, "move it away first; nothing is ever overwritten");
}

/* --- the key that the packer left --- */

static int read_message(const struct approval *a, struct buf *out, struct err *err)
{
	char name[FINGERPRINT_MAX + 8];
	struct err io = ERR_INIT;
	name_message(name, sizeof name, a);
	if (a->messages >= 0 && io_read_file_here(out, a->messages, name, SIDECAR_FILE_MAX, &io) == 0)
		return 0;
	if (a->messages >= 0 && io.saved_errno != ENOENT) {
		*err = io;
		return err_wrap(err, "%s: ", a->pending.names.folder);
	}
	(void)err_set(err, ERR_NOT_FOR_US, "the packer left no key for this station: there is no %s/%s",
				  a->pending.names.folder, name);
	return err_hint(err,
					"the folder %s must lie beside the bundle; it holds those whom the packer's registry named as "
					"approvers when it was packed",
					a->pending.names.folder);
}

static int open_message(struct approval *a, const struct buf *sealed, const struct digest *bundle, struct secret **out,
						struct err *err)
{
	auto_secret *text = NULL, *key = NULL;
	struct digest meant;
	if (gpg_open_station(&a->gpg, a->session->station.gnupg, &a->session->passphrase, err) < 0 ||
		gpg_decrypt(a->gpg, sealed->data, sealed->len, SIDECAR_TEXT_BYTES, &text, err) < 0 ||
		sidecar_parse(text, &meant, &key, err) < 0)
		return err_wrap(err, "the message in %s: ", a->pending.names.folder);
	if (!digest_equal(&meant, bundle)) {
		(void)err_set(err, ERR_SLOT, "the message in %s is of another bundle", a->pending.names.folder);
		return err_hint(err, "do not sign: tell whoever packed it; the folder must be the one made with this bundle");
	}
	*out = steal(&key);
	return 0;
}

static int read_key(void *ctx, const struct bundle_verified *bundle, const struct trust_verdict *verdict,
					struct secret **out, struct err *err)
{
	struct approval *a = ctx;
	auto_buf sealed = {0};
	return trust_check_may_approve(bundle_waybill(bundle), verdict, self_of(a), err) < 0 ||
				   read_message(a, &sealed, err) < 0 || open_message(a, &sealed, bundle_digest(bundle), out, err) < 0
			   ? -1
			   : 0;
}

/* --- all of it --- */

static int pass_entry(void *ctx, const struct manifest_entry *entry, struct err *err)
{
	(void)ctx;
	(void)entry;
	return cancel_check(err);
}

static int pass_bytes(void *ctx, const void *bytes, size_t len, struct err *err)
{
	(void)ctx;
	(void)bytes;
	(void)len;
	return cancel_check(err);
}

static int read_through(struct approval *a, const struct progress *progress, struct err *err)
{
	const struct payload_sink nowhere = {.begin = pass_entry, .bytes = pass_bytes, .end = pass_entry};
	return payload_read_all(a->received.bundle, &a->received.manifest, &nowhere, progress, err);
}

static int fill(struct approval *a, struct output *output, const struct progress *progress, struct err *err)
{
	auto_tree *tree = NULL;
	const struct manifest *manifest = &a->received.manifest;
	if (tree_new(&tree, output_fd(output), manifest, err) < 0)
		return -1;
	const struct payload_sink sink = tree_sink(tree);
	return payload_read_all(a->received.bundle, manifest, &sink, progress, err) < 0 || tree_finish(tree, err) < 0 ||
				   output_sync(output, err) < 0 || cancel_check(err) < 0 || output_commit(output, err) < 0
			   ? -1
			   : 0;
}

/* For a person to look at: no reception, and nothing of it is remembered as one. */
static int extract(struct approval *a, const char *folder, const struct progress *progress, struct err *err)
{
	auto_output *output = NULL;
	size_t len = strlen(folder);
	while (len > 1 && folder[len - 1] == '/')
		len--;
	auto_free char *path = strndup(folder, len);
	if (path == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (output_open(&output, path, OUTPUT_FOLDER, err) < 0 ||
		output_check_space(output, a->received.manifest.bytes, err) < 0 || fill(a, output, progress, err) < 0)
		return -1;
	a->folder = strdup(output_final_path(output));
	return a->folder != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* The recipients' slots cannot be opened here; that they are as signed and for the recipients' keys can be told. */
static int check_slots(const struct approval *a, struct err *err)
{
	const struct bundle_verified *bundle = bundle_of(a->received.bundle);
	for (uint32_t i = 0; i < bundle_slot_count(bundle); i++) {
		auto_buf bytes = {0};
		if (bundle_read_slot(bundle, i, &bytes, err) < 0)
			return -1;
	}
	return verify_slots(&a->session->registry, bundle, err);
}

/* Whoever signs after us takes the waybill's number for enough, and so does the packer: a greater one of our own would
 * never be met. */
static int check_number(const struct approval *a, struct err *err)
{
	const unsigned promised = bundle_waybill(bundle_of(a->received.bundle))->approvals;
	const unsigned demanded = a->received.verdict.demanded;
	if (demanded <= promised)
		return 0;
	(void)err_set(err, ERR_APPROVALS, "this station demands %u people for what is in it, and it was packed for %u",
				  demanded, promised);
	return err_hint(err, "pack anew with %u: whoever packs sets it under approvals in station.yaml", demanded);
}

/* What is found out must not be forgotten, and is told in any case. A folder that cannot be written to is no fault of
 * what waits. */
static void note_refusal(const struct approval *a, const struct err *err)
{
	struct err second = ERR_INIT;
	const struct bundle_verified *bundle = bundle_of(a->received.bundle);
	const bool is_own = err_exit_status(err->code) == err_exit_status(ERR_IO);
	if (!is_own && policy_is_noted(WORK_RECEIVING, err->code))
		(void)ledger_note(a->session->ledger, "approve", err->code, &bundle_waybill(bundle)->from,
						  &bundle_waybill(bundle)->bundle, bundle_digest(bundle), err->message, &second);
}

static int check_all(struct approval *a, const struct approve_request *request, const struct progress *progress,
					 struct err *err)
{
	if (check_number(a, err) < 0 || approve_check_recipients(a->session, &a->received, utc_now(), err) < 0 ||
		check_slots(a, err) < 0)
		return -1;
	return request->extract_to != NULL ? extract(a, request->extract_to, progress, err)
									   : read_through(a, progress, err);
}

/* What receive_to_approve() refuses it notes itself. */
static int read_all(struct approval *a, const struct approve_request *request, const struct progress *progress,
					struct err *err)
{
	const struct receive_pending from = {.fd = a->pending.fd, .read_key = read_key, .ctx = a};
	if (receive_to_approve(a->session, a->pending.path, &from, &a->received, err) < 0)
		return -1;
	a->verdict = a->received.verdict;
	if (check_all(a, request, progress, err) == 0)
		return 0;
	note_refusal(a, err);
	return -1;
}

static int open_approval(struct approval *a, const struct approve_request *request, const struct progress *progress,
						 struct err *err)
{
	if (!station_can_sign(&a->session->station)) {
		(void)err_set(err, ERR_STATION, "this station has no key of its own: it can verify, not approve");
		return err_hint(err, "approve at a station that can sign: valise init --name NAME --organisation ORG");
	}
	if (pending_open(&a->pending, request->path, err) < 0)
		return -1;
	open_messages(a);
	if (look(a, err) < 0)
		return -1;
	settle_message(a);
	if (refuse_final(a, err) < 0)
		return -1;
	if (a->complete)
		return check_complete(a, err);
	return trust_check_self(&a->session->registry, ROLE_APPROVE, utc_now(), err) < 0
			   ? -1
			   : read_all(a, request, progress, err);
}

int approval_open(struct session *session, const struct approve_request *request, const struct progress *progress,
				  struct approval **out, struct err *err)
{
	*out = NULL;
	auto_approval *a = calloc(1, sizeof *a);
	if (a == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	a->session = session;
	a->messages = -1;
	if (open_approval(a, request, progress, err) < 0)
		return -1;
	*out = steal(&a);
	return 0;
}

/* --- signing --- */

/* The new set of signatures is judged as every reader will, before it is written. */
static int judge_grown(const struct approval *a, const struct bundle_tail *tail, struct trust_verdict *out,
					   struct err *err)
{
	const struct bundle_verified *bundle = bundle_of(a->received.bundle);
	const struct buf *waybill = bundle_waybill_bytes(bundle);
	struct judge judge = {.anchor.registry = &a->session->registry, .now = utc_now(), .verdict = out, .pending = true};
	const struct bundle_judge stages = judge_make(&judge);
	if (stages.bytes(stages.ctx, tail->seals, tail->count, waybill->data, waybill->len, err) < 0 ||
		stages.waybill(stages.ctx, bundle_waybill(bundle), err) < 0)
		return -1;
	if (a->verdict.demanded > out->demanded)
		out->demanded = a->verdict.demanded; /* this station's own rule, by label */
	if (out->people > a->verdict.people)
		return 0;
	(void)err_set(err, ERR_APPROVALS, "the signature of this station would not count");
	return err_hint(err, "is its key expired, or this machine's clock wrong? `valise doctor` tells");
}

static int add_signature(struct approval *a, struct trust_verdict *out, struct err *err)
{
	const struct bundle_verified *bundle = bundle_of(a->received.bundle);
	const struct buf *waybill = bundle_waybill_bytes(bundle);
	auto_buf signature = {0};
	auto_bundle_tail tail = {0};
	if (gpg_sign(a->gpg, &self_of(a)->fingerprint, waybill->data, waybill->len, &signature, err) < 0)
		return -1;
	const struct bundle_seal mine = {
		.name = self_of(a)->fingerprint, .bytes = (unsigned char *)signature.data, .len = signature.len};
	if (bundle_tail_grow(bundle, &mine, &tail, err) < 0 || judge_grown(a, &tail, out, err) < 0)
		return -1;
	const struct journal_change change = {
		.before = tail.waybill, .from = tail.from, .old = &tail.old, .new = &tail.grown};
	return journal_replace(a->pending.dir_fd, a->pending.names.pending, a->pending.fd, &change, err);
}

static int finish(struct approval *a, struct err *err)
{
	if (pending_finish(&a->pending, err) == 0)
		return 0;
	return err_hint(err, "it is signed by all: the same command once more gives it its final name");
}

static int tell(const struct approval *a, struct approve_result *out, struct err *err)
{
	const char *name = out->complete ? a->pending.names.final : a->pending.names.pending;
	auto_free char *dir = realpath(a->pending.dir, NULL);
	if (dir == NULL)
		return err_sys(err, "cannot find the folder %s", a->pending.dir);
	if (asprintf(&out->path, "%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/", name) >= 0)
		return 0;
	out->path = NULL;
	return err_set(err, ERR_MEMORY, "out of memory");
}

/* The bytes are final now. Without a parity file the bundle is no less complete. */
static void add_parity(const struct approval *a, struct approve_result *out)
{
	const struct parity_wish usual = {.asked = false};
	struct err fault = ERR_INIT;
	struct stat st;
	auto_output *parity = NULL;
	const unsigned permille = fstat(a->pending.fd, &st) == 0 ? parity_share_for(&usual, (uint64_t)st.st_size) : 0;
	if (permille == 0)
		return;
	if (parity_beside(a->pending.fd, (uint64_t)st.st_size, out->path, permille, CARE_STAYS, NULL, &parity, &fault) ==
			0 &&
		output_commit(parity, &fault) == 0)
		out->parity_path = strdup(output_final_path(parity));
	else
		out->parity_fault = strdup(fault.message);
}

int approval_sign(struct session *session, struct approval *a, struct approve_result *out, struct err *err)
{
	*out = (struct approve_result){.verdict = a->verdict};
	if (!a->complete && add_signature(a, &out->verdict, err) < 0)
		return -1;
	if (!a->complete)
		receive_note(session, "approve", &a->received, a->pending.path);
	out->complete = out->verdict.people >= out->verdict.demanded;
	if (out->complete && finish(a, err) < 0)
		return -1;
	drop_message(a);
	if (tell(a, out, err) < 0)
		return -1;
	if (out->complete)
		add_parity(a, out);
	return 0;
}

void approve_result_clear(struct approve_result *result)
{
	free(result->path);
	free(result->parity_path);
	free(result->parity_fault);
	*result = (struct approve_result){0};
}
