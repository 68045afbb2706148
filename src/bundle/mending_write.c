/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mending_internal.h"

#include "base/io.h"
#include "base/pool.h"
#include "bundle/weave.h"

#include <string.h>

/* First all slices that are somewhere go to their places in the new file; then the lost ones are made of these and of
 * parity, stripe by stripe. So the damaged medium is read once, and the new file once more. */

enum { COPY_BYTES = 1 << 20, STRIDE = 4096 };

/* --- what is there --- */

static uint64_t bytes_of(const struct parity_shape *s, uint64_t at, uint64_t len)
{
	return s->file_bytes - at < len ? s->file_bytes - at : len;
}

struct copying {
	const struct mending *m;
	enum paced_care care;
	struct paced paced;
	unsigned char *buffer; /* COPY_BYTES */
};

static int copy(const struct copying *copying, uint64_t from, uint64_t to, uint64_t len, struct err *err)
{
	const int fd = copying->m->fd, out_fd = copying->paced.fd;
	uint64_t at = from, end = from + len;
	/* What is a hole there is one here: a file that says to be long makes none that takes as much room. */
	while (at < from + len && (copying->care == CARE_TRAVELS || mending_next_data(fd, at, from + len, &at, &end))) {
		const size_t part = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
		if (mending_read(fd, at, copying->buffer, part, err) < 0 ||
			io_pwrite_all(out_fd, copying->buffer, part, to + (at - from), err) < 0)
			return -1;
		if (copying->care == CARE_STAYS)
			paced_start(out_fd, to + (at - from), part);
		at += part;
	}
	return 0;
}

/* The lost slice's place, where there may be no gap. */
static int leave_room(struct copying *copying, uint64_t at, struct err *err)
{
	const struct parity_shape *s = &copying->m->shape;
	return copying->care == CARE_TRAVELS ? paced_zeros(&copying->paced, at, bytes_of(s, at, s->slice_bytes), err) : 0;
}

/* The slices from `first` on that stand one behind the other in the file as well: how many. */
static uint32_t run_from(const struct mending *m, uint32_t first)
{
	const struct parity_shape *s = &m->shape;
	uint32_t count = 1;
	while (first + count < s->data_slices && (uint64_t)count * s->slice_bytes < COPY_BYTES &&
		   m->place[first + count] == m->place[first] + (uint64_t)count * s->slice_bytes)
		count++;
	return count;
}

static int copy_what_is_there(const struct mending *m, int out_fd, enum paced_care care,
							  const struct progress *progress, struct err *err)
{
	const struct parity_shape *s = &m->shape;
	auto_free unsigned char *buffer = malloc(COPY_BYTES);
	struct copying copying = {.m = m, .care = care, .paced = paced_begin(out_fd), .buffer = buffer};
	if (buffer == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < s->data_slices;) {
		const uint64_t at = (uint64_t)i * s->slice_bytes;
		if (m->place[i] == NOWHERE) {
			if (leave_room(&copying, at, err) < 0)
				return -1;
			i++;
			continue;
		}
		const uint32_t count = run_from(m, i);
		const uint64_t len = bytes_of(s, at, (uint64_t)count * s->slice_bytes);
		if (copy(&copying, m->place[i], at, len, err) < 0 ||
			(care == CARE_TRAVELS && paced_reach(&copying.paced, at + len, err) < 0))
			return -1;
		i += count;
		progress_update(progress, "mending", at + len, s->file_bytes);
	}
	return 0;
}

/* --- what is lost --- */

struct rebuild {
	const struct mending *m;
	int out_fd;
	struct paced_places *places; /* where it is written at the pace of its medium; else NULL */
	struct weave_jobs jobs;
	const struct progress *progress;
};

/* The same piece of every column that holds lost slices in one row or in several with the same loss. */
struct rebuild_job {
	uint64_t at; /* in the column */
	size_t len;
	struct erasure_loss loss;
	struct erasure *decoder; /* of the loss it was used for last */
	struct erasure_loss decoder_is_for;
	unsigned char *bytes; /* a piece for each source, then for each lost column */
};

static int rebuild_setup(void *ctx, struct pool_job *job, struct err *err)
{
	const struct rebuild *r = ctx;
	const struct parity_shape *s = &r->m->shape;
	struct rebuild_job *item = calloc(1, sizeof *item);
	job->data = item;
	if (item == NULL || (item->bytes = malloc((size_t)(s->columns + s->parity) * r->jobs.piece)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return 0;
}

static void rebuild_teardown(void *ctx, struct pool_job *job)
{
	(void)ctx;
	struct rebuild_job *item = job->data;
	if (item != NULL) {
		erasure_free(item->decoder);
		free(item->bytes);
	}
	free(item);
}

static int choose_decoder(struct rebuild_job *item, struct err *err)
{
	if (item->decoder != NULL && memcmp(&item->loss, &item->decoder_is_for, sizeof item->loss) == 0)
		return 0;
	erasure_free(steal(&item->decoder));
	item->decoder_is_for = item->loss;
	return erasure_decoder_new(&item->decoder, &item->loss, err);
}

static int read_sources(const struct rebuild *r, const struct rebuild_job *item, struct err *err)
{
	const struct parity_shape *s = &r->m->shape;
	const uint64_t column_bytes = (uint64_t)s->rows * s->slice_bytes;
	for (unsigned c = 0, hole = 0; c < s->columns; c++) {
		unsigned char *into = item->bytes + c * r->jobs.piece;
		const bool is_hole = hole < item->loss.count && item->loss.lost[hole] == c;
		const uint64_t start = c * column_bytes;
		const struct weave_column column = {r->out_fd, start, s->file_bytes - start};
		if ((is_hole ? mending_read(r->m->parity_fd, parity_column_at(s, item->loss.parity[hole]) + item->at, into,
									item->len, err)
					 : weave_read(&column, item->at, into, item->len, err)) < 0)
			return -1;
		hole += is_hole;
	}
	return 0;
}

static void decode(const struct rebuild *r, const struct rebuild_job *item)
{
	const unsigned columns = r->m->shape.columns;
	unsigned char *from[ERASURE_PIECES_MAX], *to[ERASURE_PIECES_MAX];
	for (size_t at = 0; at < item->len; at += STRIDE) {
		const size_t len = item->len - at < STRIDE ? item->len - at : STRIDE;
		for (unsigned c = 0; c < columns; c++)
			from[c] = item->bytes + c * r->jobs.piece + at;
		for (unsigned i = 0; i < item->loss.count; i++)
			to[i] = item->bytes + (columns + i) * r->jobs.piece + at;
		erasure_run(item->decoder, len, from, to);
	}
}

static int rebuild_work(void *ctx, struct pool_job *job, unsigned worker, struct err *err)
{
	(void)worker;
	const struct rebuild *r = ctx;
	struct rebuild_job *item = job->data;
	const struct parity_shape *s = &r->m->shape;
	const uint64_t column_bytes = (uint64_t)s->rows * s->slice_bytes;
	if (choose_decoder(item, err) < 0 || read_sources(r, item, err) < 0)
		return -1;
	decode(r, item);
	for (unsigned i = 0; i < item->loss.count; i++) {
		const uint64_t at = item->loss.lost[i] * column_bytes + item->at;
		if (at < s->file_bytes && io_pwrite_all(r->out_fd, item->bytes + (s->columns + i) * r->jobs.piece,
												(size_t)bytes_of(s, at, item->len), at, err) < 0)
			return -1;
	}
	return 0;
}

static int rebuild_finish(void *ctx, struct pool_job *job, struct err *err)
{
	const struct rebuild *r = ctx;
	const struct rebuild_job *item = job->data;
	const uint64_t made = item->len * item->loss.count;
	progress_update(r->progress, "rebuilding", item->at + item->len,
					(uint64_t)r->m->shape.rows * r->m->shape.slice_bytes);
	return r->places != NULL ? paced_wrote(r->places, made, err) : 0;
}

static const struct pool_ops rebuild_ops = {rebuild_setup, rebuild_teardown, rebuild_work, rebuild_finish};

/* Rows [first, behind) have lost the same columns. */
static int submit_rows(const struct rebuild *r, struct pool *pool, uint32_t first, uint32_t behind,
					   const struct erasure_loss *loss, struct err *err)
{
	const uint64_t end = (uint64_t)behind * r->m->shape.slice_bytes;
	for (uint64_t at = (uint64_t)first * r->m->shape.slice_bytes; at < end; at += r->jobs.piece) {
		struct pool_job *job = NULL;
		if (pool_next(pool, &job, err) < 0)
			return -1;
		struct rebuild_job *item = job->data;
		item->at = at;
		item->len = end - at < r->jobs.piece ? (size_t)(end - at) : r->jobs.piece;
		item->loss = *loss;
		pool_submit(pool, job);
	}
	return 0;
}

/* As many sound columns of parity as are needed, the first ones. */
static void loss_of_row(const struct mending *m, uint32_t row, struct erasure_loss *out)
{
	struct mending_loss loss;
	mending_loss_of(m, row, &loss);
	*out = (struct erasure_loss){.data = m->shape.columns, .count = loss.lost_count};
	memcpy(out->lost, loss.lost, loss.lost_count);
	memcpy(out->parity, loss.sound, loss.lost_count);
}

static int rebuild_rows(const struct rebuild *r, struct pool *pool, struct err *err)
{
	struct erasure_loss loss, next = {0};
	uint32_t first = 0;
	loss_of_row(r->m, 0, &loss);
	for (uint32_t row = 1; row <= r->m->shape.rows; row++) {
		if (row < r->m->shape.rows) {
			loss_of_row(r->m, row, &next);
			if (memcmp(&next, &loss, sizeof loss) == 0)
				continue;
		}
		if (loss.count > 0 && submit_rows(r, pool, first, row, &loss, err) < 0)
			return -1;
		first = row;
		loss = next;
	}
	return pool_drain(pool, err);
}

static int rebuild(const struct mending *m, int out_fd, enum paced_care care, const struct progress *progress,
				   struct err *err)
{
	struct paced_places places = {.fd = out_fd};
	struct rebuild r = {.m = m,
						.out_fd = out_fd,
						.places = care == CARE_TRAVELS ? &places : NULL,
						.jobs = weave_jobs_for(m->shape.columns + m->shape.parity),
						.progress = progress};
	auto_pool *pool = NULL;
	return pool_open(&pool, &rebuild_ops, &r, r.jobs.count, err) < 0 || rebuild_rows(&r, pool, err) < 0 ? -1 : 0;
}

int mending_write(struct mending *m, int out_fd, enum paced_care care, const struct progress *progress, struct err *err)
{
	const struct paced paced = paced_begin(out_fd);
	if (!mending_is_possible(m))
		return err_set(err, ERR_DAMAGED, "more is lost than the parity can give back");
	/* At its length from the beginning: what is not written yet reads as zeros. */
	if (care == CARE_STAYS && ftruncate(out_fd, (off_t)m->shape.file_bytes) < 0)
		return err_sys(err, "cannot make the file as long as it was");
	if (copy_what_is_there(m, out_fd, care, progress, err) < 0 ||
		(m->facts.lost > 0 && rebuild(m, out_fd, care, progress, err) < 0))
		return -1;
	return care == CARE_TRAVELS ? paced_finish(&paced, err) : 0;
}
