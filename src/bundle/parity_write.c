/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/parity_write.h"

#include "base/hash.h"
#include "base/io.h"
#include "bundle/parity_back.h"
#include "bundle/weave.h"

enum { BLOCKS_AT_ONCE = 64, BLOCKS_BYTES = BLOCKS_AT_ONCE * PARITY_BLOCK };

struct making {
	const struct parity_shape *shape;
	int fd, out_fd;
	enum paced_care care;
	uint64_t *sums; /* the table; owned */
	struct digest table;
};

static void making_clear(struct making *m)
{
	free(m->sums);
}

/* --- columns --- */

static void keep_sum(void *ctx, unsigned column, uint64_t at, uint64_t sum)
{
	const struct making *m = ctx;
	const struct parity_shape *s = m->shape;
	const uint64_t row = at / s->slice_bytes, slice = (uint64_t)column * s->rows + row;
	if (column >= s->columns)
		m->sums[s->data_slices + slice - (uint64_t)s->columns * s->rows] = sum;
	else if (slice < s->data_slices) /* behind it the file has ended */
		m->sums[slice] = sum;
}

static void describe(const struct making *m, struct weave *w)
{
	const struct parity_shape *s = m->shape;
	w->column_bytes = (uint64_t)s->rows * s->slice_bytes;
	w->sum_bytes = s->slice_bytes;
	w->from_count = s->columns;
	w->to_count = s->parity;
	for (uint32_t c = 0; c < s->columns; c++) {
		const uint64_t start = c * w->column_bytes;
		w->from[c] = (struct weave_column){m->fd, start, s->file_bytes - start};
	}
	for (uint32_t p = 0; p < s->parity; p++)
		w->to[p] = (struct weave_column){m->out_fd, parity_column_at(s, p), w->column_bytes};
}

static int write_columns(struct making *m, const struct progress *progress, struct err *err)
{
	struct paced_places places = {.fd = m->out_fd};
	struct weave weave = {.keep = keep_sum, .ctx = m, .what = "making parity", .progress = progress};
	weave.places = &places;
	weave.places_count = m->care == CARE_TRAVELS;
	auto_erasure *encoder = NULL;
	if (erasure_encoder_new(&encoder, m->shape->columns, m->shape->parity, err) < 0)
		return -1;
	weave.erasure = encoder;
	describe(m, &weave);
	return weave_run(&weave, err);
}

/* --- header and table --- */

static int digest_table(struct making *m, struct err *err)
{
	unsigned char bytes[8 * 256];
	const uint32_t all = m->shape->data_slices + m->shape->parity_slices;
	auto_hash *hash = NULL;
	if (hash_new(&hash, err) < 0)
		return -1;
	for (uint32_t i = 0; i < all; i += 256) {
		const uint32_t count = all - i < 256 ? all - i : 256;
		parity_sums_put(bytes, m->sums + i, count);
		hash_update(hash, bytes, (size_t)8 * count);
	}
	hash_finish(hash, &m->table);
	return 0;
}

/* Blocks of the table from `first` on, as many as are left, at most BLOCKS_AT_ONCE: how many. */
static uint32_t format_blocks(const struct making *m, uint32_t first, unsigned char out[static BLOCKS_BYTES])
{
	const uint32_t left = m->shape->table_blocks - first, count = left < BLOCKS_AT_ONCE ? left : BLOCKS_AT_ONCE;
	for (uint32_t i = 0; i < count; i++)
		parity_table_format(out + (size_t)PARITY_BLOCK * i, m->shape, &m->table, first + i,
							m->sums + (size_t)PARITY_DIGESTS_A_BLOCK * (first + i));
	return count;
}

static int write_table(const struct making *m, struct err *err)
{
	unsigned char bytes[BLOCKS_BYTES];
	for (uint32_t first = 0, count = 0; first < m->shape->table_blocks; first += count) {
		count = format_blocks(m, first, bytes);
		for (unsigned copy = 0; copy < PARITY_TABLES; copy++)
			if (io_pwrite_all(m->out_fd, bytes, (size_t)PARITY_BLOCK * count,
							  m->shape->table_at[copy] + (uint64_t)PARITY_BLOCK * first, err) < 0)
				return -1;
	}
	return 0;
}

static int write_headers(const struct making *m, struct err *err)
{
	unsigned char header[PARITY_BLOCK];
	parity_header_format(header, m->shape, &m->table);
	for (unsigned copy = 0; copy < PARITY_HEADERS; copy++)
		if (io_pwrite_all(m->out_fd, header, sizeof header, m->shape->header_at[copy], err) < 0)
			return -1;
	return 0;
}

/* --- and back, in the order of the file --- */

static int check_header(struct parity_back *back, const struct making *m, unsigned copy, struct err *err)
{
	unsigned char header[PARITY_BLOCK];
	parity_header_format(header, m->shape, &m->table);
	return parity_back_check_bytes(back, m->shape->header_at[copy], header, sizeof header, err);
}

static int check_table(struct parity_back *back, const struct making *m, unsigned copy, struct err *err)
{
	unsigned char bytes[BLOCKS_BYTES];
	const struct parity_shape *s = m->shape;
	for (uint32_t first = 0, count = 0; first < s->table_blocks; first += count) {
		count = format_blocks(m, first, bytes);
		if (parity_back_check_bytes(back, s->table_at[copy] + (uint64_t)PARITY_BLOCK * first, bytes,
									(size_t)PARITY_BLOCK * count, err) < 0)
			return -1;
	}
	return 0;
}

static int check_column(struct parity_back *back, const struct making *m, uint32_t column, struct err *err)
{
	const struct parity_shape *s = m->shape;
	const uint64_t start = parity_column_at(s, column);
	const uint64_t *want = m->sums + s->data_slices + (uint64_t)column * s->rows;
	for (uint32_t row = 0; row < s->rows; row++)
		if (parity_back_check_sum(back, start + (uint64_t)row * s->slice_bytes, s->slice_bytes, want[row], err) < 0)
			return -1;
	return 0;
}

static int check_all(struct parity_back *back, const struct making *m, struct err *err)
{
	const uint32_t parity = m->shape->parity;
	if (check_header(back, m, 0, err) < 0 || check_table(back, m, 0, err) < 0)
		return -1;
	for (uint32_t c = 0; c < parity; c++)
		if ((c == parity / 2 && check_header(back, m, 1, err) < 0) || check_column(back, m, c, err) < 0)
			return -1;
	return check_table(back, m, 1, err) < 0 || check_header(back, m, 2, err) < 0 ? -1 : 0;
}

static int read_back(const struct making *m, const struct progress *progress, struct err *err)
{
	AUTO(parity_back_close) struct parity_back back = {.direct = NULL};
	struct err found = ERR_INIT;
	if (parity_back_open(&back, m->out_fd, m->shape->bytes, progress, err) < 0)
		return -1;
	return check_all(&back, m, &found) == 0 ? 0 : direct_blame(&found, err);
}

/* --- all of it --- */

/* Columns grow side by side: where there may be no gaps between them, zeros are there first. */
static int make_room(const struct making *m, struct err *err)
{
	struct paced paced = paced_begin(m->out_fd);
	return m->care == CARE_TRAVELS ? paced_zeros(&paced, 0, m->shape->bytes, err) : 0;
}

int parity_write(int fd, const struct parity_shape *shape, int out_fd, enum paced_care care,
				 const struct progress *progress, struct err *err)
{
	AUTO(making_clear) struct making m = {.shape = shape, .fd = fd, .out_fd = out_fd, .care = care};
	const struct paced paced = paced_begin(out_fd);
	m.sums = calloc((size_t)shape->data_slices + shape->parity_slices, sizeof *m.sums);
	if (m.sums == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (make_room(&m, err) < 0 || write_columns(&m, progress, err) < 0 || digest_table(&m, err) < 0 ||
		write_table(&m, err) < 0 || write_headers(&m, err) < 0)
		return -1;
	return care == CARE_TRAVELS && (paced_finish(&paced, err) < 0 || read_back(&m, progress, err) < 0) ? -1 : 0;
}
