/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/copy_internal.h"

#include "base/hash.h"
#include "base/io.h"
#include "bundle/transfer.h"
#include "media/output.h"
#include "media/paced.h"
#include "ops/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 1 << 20 };

/* --- whose it is --- */

struct asking {
	struct judge judge;
	struct bundle_judge stages;
	struct copied *item;
	bool have_anchor, known;
};

/* A stranger's bundle is no fault of it. What is known to be wrong is refused. */
static int forgive_strangers(struct asking *asking, int rc, const struct err *own, struct err *err)
{
	asking->known = rc == 0;
	if (rc == 0 || own->code == ERR_UNKNOWN_SIGNER)
		return 0;
	*err = *own;
	return -1;
}

static int ask_of_bytes(void *ctx, const struct bundle_seal *seals, unsigned count, const void *waybill, size_t len,
						struct err *err)
{
	struct asking *asking = ctx;
	struct err own = ERR_INIT;
	if (!asking->have_anchor)
		return 0;
	const int rc = asking->stages.bytes(asking->stages.ctx, seals, count, waybill, len, &own);
	return forgive_strangers(asking, rc, &own, err);
}

static int ask_of_waybill(void *ctx, const struct waybill *waybill, struct err *err)
{
	struct asking *asking = ctx;
	struct err own = ERR_INIT;
	asking->item->from = waybill->from;
	asking->item->bundle = waybill->bundle;
	if (!asking->known)
		return 0;
	const int rc = asking->stages.waybill(asking->stages.ctx, waybill, &own);
	return forgive_strangers(asking, rc, &own, err);
}

int copy_open_source(struct copy_job *job, const char *const *paths, uint32_t count, struct copied *item,
					 struct bundle_verified **out, struct err *err)
{
	auto_untrusted *untrusted = NULL;
	struct asking asking = {.judge = {.now = utc_now(), .verdict = &item->verdict, .use = PAST_IS_TOLD},
							.item = item,
							.have_anchor = job->have_session};
	if (job->have_session) {
		asking.judge.anchor.registry = &job->session.registry;
		asking.judge.ledger = job->session.ledger;
	}
	asking.stages = judge_make(&asking.judge);
	struct cover_judge cover = {.inside = {.bytes = ask_of_bytes, .waybill = ask_of_waybill, .ctx = &asking}};
	const struct bundle_judge stages = cover_judge_make(&cover);
	if (bundle_open_set(&untrusted, paths, count, CONTAINER_WALK, err) < 0)
		return -1;
	if (bundle_verify(&untrusted, &stages, out, err) < 0)
		return err_wrap(err, "%s: ", paths[0]);
	item->cover = cover.digest;
	item->digest = *bundle_digest(*out);
	item->judged = asking.known;
	return 0;
}

/* --- reading back --- */

/* All of a file, from the medium. errors: ERR_IO, ERR_CANCELLED, ERR_MEMORY. */
static int digest_back(struct direct *direct, uint64_t bytes, const struct progress *progress, struct digest *out,
					   struct err *err)
{
	auto_hash *hash = NULL;
	auto_direct_room room = {0};
	if (hash_new(&hash, err) < 0 || direct_room_make(&room, BLOCK, err) < 0)
		return -1;
	for (uint64_t at = 0;;) {
		const unsigned char *data = NULL;
		size_t len = 0;
		if (direct_read(direct, &room, at, BLOCK, &data, &len, err) < 0)
			return -1;
		hash_update(hash, data, len);
		at += len;
		progress_update(progress, "reading back", at, bytes);
		if (len < BLOCK)
			break;
	}
	hash_finish(hash, out);
	return 0;
}

int copy_digest_back(struct copied *item, int fd, const char *path, const struct progress *progress, struct digest *out,
					 struct err *err)
{
	auto_direct *direct = NULL;
	if (direct_open(&direct, fd, err) < 0 || digest_back(direct, item->bytes, progress, out, err) < 0)
		return err_wrap(err, "%s: ", path);
	item->way = direct_way(direct);
	return 0;
}

static int read_plain_back(struct copied *item, int fd, const char *path, const struct progress *progress,
						   struct err *err)
{
	struct digest digest;
	struct err found = ERR_INIT;
	if (copy_digest_back(item, fd, path, progress, &digest, err) < 0)
		return -1;
	if (digest_equal(&digest, &item->digest))
		return 0;
	(void)err_set(&found, ERR_DAMAGED, "other bytes");
	(void)direct_blame(&found, err);
	return err_wrap(err, "%s: ", path);
}

int copy_read_back(struct copied *item, int fd, const char *path, const struct bundle_verified *layout,
				   const struct progress *progress, struct err *err)
{
	struct read_back back = {.fd = fd, .path = path, .layout = layout, .cover = &item->cover, .progress = progress};
	if (!item->is_bundle)
		return read_plain_back(item, fd, path, progress, err);
	if (bundle_read_back(&back, err) < 0)
		return -1;
	item->way = back.way;
	return 0;
}

/* --- what has the name already --- */

/* out: *fd -1 where there is nothing. */
static int open_there(const char *path, int *fd, struct err *err)
{
	struct stat st;
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if ((*fd < 0 && errno == ENOENT) || (*fd >= 0 && fstat(*fd, &st) == 0 && S_ISREG(st.st_mode)))
		return 0;
	(void)err_set(err, ERR_EXISTS, "%s exists already, and is not a file that can be read", path);
	return err_hint(err, "move it away first; nothing is ever overwritten");
}

/* The very same, whole: then there is nothing left to do. */
static int compare_there(struct copied *item, int fd, const char *path, const struct bundle_verified *layout,
						 const struct progress *progress, struct err *err)
{
	struct err found = ERR_INIT;
	item->how = COPY_THERE_BEFORE;
	item->kept = item->bytes;
	if (copy_read_back(item, fd, path, layout, progress, &found) == 0)
		return 0;
	if (found.code == ERR_CANCELLED) {
		*err = found;
		return -1;
	}
	(void)err_set(err, ERR_EXISTS, "%s exists already, and is another file or not whole", path);
	return err_hint(err, "move it away first; nothing is ever overwritten");
}

/* --- from there to here --- */

/* What the medium has of a copy that could not be finished is worth keeping, unless a person wanted to be done with it,
 * the fault is in what is copied, or it was taken up and could not grow: then the next attempt begins anew. */
static int keep_part(struct output *output, const struct transfer *transfer, struct err *err)
{
	if (transfer->safe < PACED_WINDOW || transfer->written == 0 || (err->code != ERR_IO && err->code != ERR_NO_SPACE))
		return err->code == ERR_NO_SPACE ? err_hint(err, "free some space there, or take another medium") : -1;
	output_keep(output);
	return err_hint(err, "see to it; the same command then goes on from %s, which is good so far",
					output_temporary_name(output));
}

static int write_bundle(struct copied *item, const struct bundle_verified *bundle, struct output *output,
						const char *path, const struct progress *progress, struct err *err)
{
	struct transfer transfer = {.to = output_fd(output),
								.from_path = item->source,
								.to_path = path,
								.there = output_found(output),
								.progress = progress};
	if (bundle_transfer(bundle, &transfer, err) < 0)
		return keep_part(output, &transfer, err);
	item->kept = transfer.kept;
	item->how = transfer.kept > 0 ? COPY_RESUMED : COPY_NEW;
	return 0;
}

/* From the beginning, whatever an earlier attempt left: nothing tells what of it is good. No more than was looked at.
 */
static int write_plain(struct copied *item, int from, struct output *output, const struct progress *progress,
					   struct err *err)
{
	struct paced paced = paced_begin(output_fd(output));
	auto_hash *hash = NULL;
	auto_free unsigned char *block = malloc(BLOCK);
	uint64_t at = 0;
	if (block == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (ftruncate(output_fd(output), 0) < 0)
		return err_sys(err, "cannot write");
	if (hash_new(&hash, err) < 0)
		return -1;
	for (size_t n = 0; at < item->bytes; at += n) {
		n = item->bytes - at < BLOCK ? (size_t)(item->bytes - at) : BLOCK;
		const ssize_t got = io_pread_up_to(from, block, n, at, err);
		if (got >= 0 && (size_t)got != n)
			return err_set(err, ERR_CHANGED, "the file became shorter while it was read");
		if (got < 0 || io_pwrite_all(output_fd(output), block, n, at, err) < 0 || paced_reach(&paced, at + n, err) < 0)
			return -1;
		hash_update(hash, block, n);
		progress_update(progress, "copying", at, item->bytes);
	}
	hash_finish(hash, &item->digest);
	return paced_finish(&paced, err);
}

static int give_name(struct copied *item, struct output *output, const char *path, struct err *err)
{
	item->path = strdup(path);
	if (item->path == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return output_commit(output, err);
}

/* --- a bundle, a file beside one --- */

static int copy_bundle(struct copy_job *job, const char *path, struct copied *item, struct err *err)
{
	const struct progress *progress = job->request->progress;
	auto_verified *bundle = NULL;
	auto_output *output = NULL;
	auto_fd int there = -1;
	const char *source = item->source;
	if (copy_open_source(job, &source, 1, item, &bundle, err) < 0 || open_there(path, &there, err) < 0)
		return -1;
	item->bytes = bundle_file_bytes(bundle);
	if (there >= 0)
		return compare_there(item, there, path, bundle, progress, err);
	return output_open(&output, path, OUTPUT_RESUMED, err) < 0 ||
				   write_bundle(item, bundle, output, path, progress, err) < 0 ||
				   copy_read_back(item, output_fd(output), path, bundle, progress, err) < 0 ||
				   give_name(item, output, path, err) < 0
			   ? -1
			   : 0;
}

static int digest_plain(struct copied *item, int fd, struct err *err)
{
	auto_hash *hash = NULL;
	auto_free unsigned char *block = malloc(BLOCK);
	if (block == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return hash_new(&hash, err) < 0 ? -1 : hash_file(hash, fd, block, BLOCK, &item->digest, err);
}

static int copy_plain(struct copy_job *job, const char *path, struct copied *item, struct err *err)
{
	const struct progress *progress = job->request->progress;
	auto_output *output = NULL;
	auto_fd int from = -1, there = -1;
	if (copy_open_beside(item->source, &from, &item->bytes, err) < 0 || open_there(path, &there, err) < 0)
		return -1;
	if (there >= 0)
		return digest_plain(item, from, err) < 0 ? -1 : compare_there(item, there, path, NULL, progress, err);
	if (output_open(&output, path, OUTPUT_RESUMED, err) < 0)
		return -1;
	if (write_plain(item, from, output, progress, err) < 0)
		return err_wrap(err, "%s: ", path);
	return copy_read_back(item, output_fd(output), path, NULL, progress, err) < 0 ||
				   give_name(item, output, path, err) < 0
			   ? -1
			   : 0;
}

int copy_one(struct copy_job *job, const struct copy_file *file, struct copied *item, struct err *err)
{
	const int rc = item->is_bundle ? copy_bundle(job, file->path, item, err) : copy_plain(job, file->path, item, err);
	if (rc == 0 && item->path == NULL && (item->path = strdup(file->path)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (rc < 0) { /* it has no name there */
		free(item->path);
		item->path = NULL;
	}
	return rc;
}
