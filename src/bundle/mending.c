/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mending_internal.h"

#include "base/cancel.h"
#include "base/io.h"

#include <errno.h>
#include <string.h>

enum { BLOCKS_AT_ONCE = 128 };

void mending_free(struct mending *m)
{
	if (m == NULL)
		return;
	free(m->sums);
	free(m->known);
	free(m->place);
	free(m->sound);
	free(m);
}

/* --- the header, one of its copies --- */

static int try_header(struct mending *m, uint64_t at, struct err *err)
{
	unsigned char block[PARITY_BLOCK];
	return mending_read(m->parity_fd, at, block, sizeof block, err) < 0 ||
				   parity_header_parse(&m->shape, &m->table, block, err) < 0
			   ? -1
			   : 0;
}

/* Neither at the front nor at the end: then it may be cut short, or have lost a piece, and a copy may stand anywhere on
 * the border of a block. Holes are passed over. */
static int search_header(struct mending *m, struct err *err)
{
	unsigned char blocks[BLOCKS_AT_ONCE * PARITY_BLOCK];
	struct digest table;
	for (uint64_t at = 0; at < m->parity_bytes; at += sizeof blocks) {
		const off_t data = lseek(m->parity_fd, (off_t)at, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			break;
		if (data > 0 && (uint64_t)data > at)
			at = (uint64_t)data / sizeof blocks * sizeof blocks;
		if (cancel_check(err) < 0 || mending_read(m->parity_fd, at, blocks, sizeof blocks, err) < 0)
			return -1;
		for (size_t i = 0; i < sizeof blocks; i += PARITY_BLOCK) {
			struct err why = ERR_INIT;
			if (parity_header_parse(&m->shape, &table, blocks + i, &why) == 0) {
				m->table = table;
				return 0;
			}
		}
	}
	(void)err_set(err, ERR_PARITY, "no header is left of the parity file, or it is none");
	return err_hint(err, "parity files are made by `valise pack` and `valise repair --parity`, and named ….parity");
}

static int find_header(struct mending *m, struct err *err)
{
	struct err why = ERR_INIT;
	if (try_header(m, 0, &why) == 0)
		return 0;
	if (why.code != ERR_PARITY) {
		*err = why;
		return -1;
	}
	if (m->parity_bytes >= PARITY_BLOCK && try_header(m, m->parity_bytes - PARITY_BLOCK, &why) == 0)
		return 0;
	return search_header(m, err);
}

/* --- the table, of both copies --- */

static void take_block(struct mending *m, uint32_t number, const unsigned char *block)
{
	const size_t first = (size_t)number * PARITY_DIGESTS_A_BLOCK;
	if (parity_table_parse(m->sums + first, &m->shape, &m->table, number, block))
		memset(m->known + first, 1, parity_table_count(&m->shape, number));
	else
		m->facts.bad_blocks++;
}

static int read_table(struct mending *m, struct err *err)
{
	unsigned char blocks[BLOCKS_AT_ONCE * PARITY_BLOCK];
	for (unsigned copy = 0; copy < PARITY_TABLES; copy++)
		for (uint32_t first = 0; first < m->shape.table_blocks; first += BLOCKS_AT_ONCE) {
			const uint32_t left = m->shape.table_blocks - first, count = left < BLOCKS_AT_ONCE ? left : BLOCKS_AT_ONCE;
			if (cancel_check(err) < 0 ||
				mending_read(m->parity_fd, m->shape.table_at[copy] + (uint64_t)PARITY_BLOCK * first, blocks,
							 (size_t)PARITY_BLOCK * count, err) < 0)
				return -1;
			for (uint32_t i = 0; i < count; i++)
				take_block(m, first + i, blocks + (size_t)PARITY_BLOCK * i);
		}
	return 0;
}

static int check_headers(struct mending *m, struct err *err)
{
	unsigned char want[PARITY_BLOCK], block[PARITY_BLOCK];
	parity_header_format(want, &m->shape, &m->table);
	for (unsigned copy = 0; copy < PARITY_HEADERS; copy++) {
		if (mending_read(m->parity_fd, m->shape.header_at[copy], block, sizeof block, err) < 0)
			return -1;
		m->facts.bad_blocks += memcmp(want, block, sizeof block) != 0;
	}
	return 0;
}

/* --- slices --- */

static uint64_t bytes_in(const struct parity_shape *s, uint32_t slice)
{
	const uint64_t at = (uint64_t)slice * s->slice_bytes;
	return s->file_bytes - at < s->slice_bytes ? s->file_bytes - at : s->slice_bytes;
}

static int look_at_data(struct mending *m, const struct progress *progress, struct err *err)
{
	const struct parity_shape *s = &m->shape;
	const struct mending_run run = {.fd = m->fd, .slice_bytes = s->slice_bytes, .count = s->data_slices};
	if (mending_sum(&run, m->place, progress, err) < 0)
		return -1;
	for (uint32_t i = 0; i < s->data_slices; i++) {
		const uint64_t at = (uint64_t)i * s->slice_bytes;
		/* Zeros that would be behind the end are not there. */
		if (m->known[i] && m->place[i] == m->sums[i] && at < m->facts.found_bytes) {
			m->place[i] = at;
			continue;
		}
		m->place[i] = NOWHERE;
		if (m->facts.bad_slices++ == 0)
			m->facts.first_bad = at;
		m->facts.bad_bytes += bytes_in(s, i);
		m->facts.bad_known += m->known[i];
	}
	return 0;
}

/* Columns first … behind of parity, which stand one behind the other. */
static int look_at_columns(struct mending *m, uint32_t first, uint32_t behind, struct err *err)
{
	const struct parity_shape *s = &m->shape;
	const struct mending_run run = {.fd = m->parity_fd,
									.start = parity_column_at(s, first),
									.slice_bytes = s->slice_bytes,
									.count = (behind - first) * s->rows};
	if (first == behind)
		return 0;
	auto_free uint64_t *found = malloc(run.count * sizeof *found);
	if (found == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (mending_sum(&run, found, NULL, err) < 0)
		return -1;
	for (uint32_t i = 0; i < run.count; i++) {
		const uint32_t slice = first * s->rows + i;
		m->sound[slice] = m->known[s->data_slices + slice] && found[i] == m->sums[s->data_slices + slice] &&
						  run.start + (uint64_t)i * s->slice_bytes < m->parity_bytes;
		m->facts.bad_parity += !m->sound[slice];
	}
	return 0;
}

void mending_loss_of(const struct mending *m, uint32_t row, struct mending_loss *out)
{
	const struct parity_shape *s = &m->shape;
	out->lost_count = out->sound_count = 0;
	for (uint32_t c = 0; c < s->columns; c++) {
		const uint64_t slice = (uint64_t)c * s->rows + row;
		if (slice < s->data_slices && m->place[slice] == NOWHERE)
			out->lost[out->lost_count++] = (unsigned char)c;
	}
	for (uint32_t p = 0; p < s->parity; p++)
		if (m->sound[(size_t)p * s->rows + row])
			out->sound[out->sound_count++] = (unsigned char)p;
}

/* Of slices whose sums are lost from both copies of the table it is not known whether they are good: parity gives them
 * back where it can. Where it cannot, or nothing else is bad, they are taken as they are: whoever verifies will tell.
 */
static void presume_good(struct mending *m, uint32_t row)
{
	const struct parity_shape *s = &m->shape;
	for (uint64_t i = row; i < s->data_slices; i += s->rows)
		if (!m->known[i] && i * s->slice_bytes < m->facts.found_bytes) {
			m->place[i] = i * s->slice_bytes;
			m->facts.bad_slices--;
			m->facts.bad_bytes -= bytes_in(s, (uint32_t)i);
		}
}

static void count_stripes(struct mending *m)
{
	struct mending_loss loss;
	/* With most of the table gone there is nothing to go by. */
	const bool may_presume = m->facts.bad_slices - m->facts.bad_known <= m->shape.data_slices / 2;
	for (uint32_t row = 0; row < m->shape.rows; row++) {
		mending_loss_of(m, row, &loss);
		if (may_presume && (loss.lost_count > loss.sound_count || m->facts.bad_known == 0))
			presume_good(m, row);
		mending_loss_of(m, row, &loss);
		m->facts.lost += loss.lost_count;
		if (loss.lost_count > loss.sound_count) {
			m->facts.bad_stripes++;
			m->facts.hopeless += loss.lost_count;
		}
	}
	/* No more is given back than is there of parity: a hole gives nothing. */
	const uint64_t need = (uint64_t)m->facts.lost * m->shape.slice_bytes;
	if (mending_count_data(m->parity_fd, need) < need) {
		m->facts.bad_stripes = m->shape.rows;
		m->facts.hopeless = m->facts.lost;
	}
}

/* --- the whole --- */

static int length_of(int fd, uint64_t *out, struct err *err)
{
	const off_t end = lseek(fd, 0, SEEK_END);
	if (end < 0)
		return err_sys(err, "cannot tell the length of a file");
	*out = (uint64_t)end;
	return 0;
}

static int make_room(struct mending *m, struct err *err)
{
	const struct parity_shape *s = &m->shape;
	const size_t all = (size_t)s->data_slices + s->parity_slices;
	m->sums = calloc(all, sizeof *m->sums);
	m->known = calloc(all, 1);
	m->place = calloc(s->data_slices, sizeof *m->place);
	m->sound = calloc(s->parity_slices, 1);
	return m->sums != NULL && m->known != NULL && m->place != NULL && m->sound != NULL
			   ? 0
			   : err_set(err, ERR_MEMORY, "out of memory");
}

static int survey(struct mending *m, const struct progress *progress, struct err *err)
{
	if (length_of(m->fd, &m->facts.found_bytes, err) < 0 || length_of(m->parity_fd, &m->parity_bytes, err) < 0 ||
		find_header(m, err) < 0 || make_room(m, err) < 0 || check_headers(m, err) < 0 || read_table(m, err) < 0 ||
		look_at_data(m, progress, err) < 0 || (m->facts.bad_slices > 0 && mending_seek(m, progress, err) < 0) ||
		look_at_columns(m, 0, m->shape.parity / 2, err) < 0 ||
		look_at_columns(m, m->shape.parity / 2, m->shape.parity, err) < 0)
		return -1;
	count_stripes(m);
	m->facts.shape = m->shape;
	m->facts.parity_found_bytes = m->parity_bytes;
	m->facts.moved = m->facts.bad_slices - m->facts.lost;
	return 0;
}

int mending_open(struct mending **out, int fd, int parity_fd, const struct progress *progress, struct err *err)
{
	*out = NULL;
	auto_mending *m = calloc(1, sizeof *m);
	if (m == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	m->fd = fd;
	m->parity_fd = parity_fd;
	if (survey(m, progress, err) < 0)
		return -1;
	*out = steal(&m);
	return 0;
}

const struct mending_facts *mending_facts(const struct mending *mending)
{
	return &mending->facts;
}

bool mending_is_whole(const struct mending *mending)
{
	return mending->facts.bad_slices == 0 && mending->facts.found_bytes == mending->shape.file_bytes;
}

bool mending_is_parity_whole(const struct mending *mending)
{
	return mending->facts.bad_parity == 0 && mending->facts.bad_blocks == 0 &&
		   mending->parity_bytes == mending->shape.bytes;
}

bool mending_is_possible(const struct mending *mending)
{
	return mending->facts.bad_stripes == 0;
}
