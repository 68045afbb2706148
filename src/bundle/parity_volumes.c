/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/parity_volumes.h"

#include "base/cancel.h"
#include "base/io.h"
#include "bundle/mending_internal.h"
#include "bundle/parity_back.h"
#include "bundle/weave.h"

#include <string.h>

enum { BUFFER_BYTES = 1 << 20, HOLE_BYTES_MAX = 64 << 10, SETS_MAX = 8 };

static int length_of(int fd, uint64_t *out, struct err *err)
{
	const off_t end = lseek(fd, 0, SEEK_END);
	if (end < 0)
		return err_sys(err, "cannot tell the length of a file");
	*out = (uint64_t)end;
	return 0;
}

/* --- targets --- */

/* Files that grow side by side: where there may be no gaps, and the medium is to keep pace, each is at its length
 * first. in: places[weave->to_count], of the files that are woven to. */
static int prepare_places(struct weave *weave, struct paced_places *places, uint64_t before, uint64_t behind,
						  struct err *err)
{
	for (unsigned i = 0; i < weave->to_count; i++) {
		const struct weave_column *to = &weave->to[i];
		struct paced paced = paced_begin(to->fd);
		places[i] = (struct paced_places){.fd = to->fd};
		if (paced_zeros(&paced, 0, before + to->bytes + behind, err) < 0)
			return -1;
	}
	weave->places = places;
	weave->places_count = weave->to_count;
	return 0;
}

/* --- making --- */

struct making {
	struct parity_list list;
	uint64_t parity_sums[PARITY_COLUMNS_MAX];
	struct weave weave;
};

/* A column is summed as a whole, with the zeros behind it; the volume's own sum is told without them. */
static void keep_sum(void *ctx, unsigned column, uint64_t at, uint64_t sum)
{
	struct making *m = ctx;
	(void)at;
	if (column >= m->list.volumes)
		m->parity_sums[column - m->list.volumes] = sum;
	else
		m->list.listed[column].sum = sum;
}

static int describe(struct making *m, const int *volumes, const int *parity, struct err *err)
{
	struct weave *w = &m->weave;
	for (uint32_t i = 0; i < m->list.volumes; i++) {
		uint64_t *bytes = &m->list.listed[i].bytes;
		if (length_of(volumes[i], bytes, err) < 0)
			return -1;
		if (*bytes == 0 || *bytes > PARITY_FILE_MAX)
			return err_set(err, ERR_LIMIT, "no parity can be made of a volume of %llu bytes",
						   (unsigned long long)*bytes);
		w->column_bytes = *bytes > w->column_bytes ? *bytes : w->column_bytes;
		w->from[i] = (struct weave_column){volumes[i], 0, *bytes};
	}
	m->list.column_bytes = w->column_bytes;
	for (uint32_t i = 0; i < m->list.parity; i++)
		w->to[i] = (struct weave_column){parity[i], parity_list_size(m->list.volumes), w->column_bytes};
	w->from_count = m->list.volumes;
	w->to_count = m->list.parity;
	w->sum_bytes = 1ull << 63; /* one sum of each column */
	return 0;
}

static size_t format_list(struct making *m, uint32_t index, unsigned char bytes[static PARITY_LIST_MAX])
{
	m->list.index = index;
	m->list.column_sum = m->parity_sums[index];
	parity_list_format(bytes, &m->list);
	return parity_list_size(m->list.volumes);
}

static int write_list(struct making *m, int fd, uint32_t index, struct err *err)
{
	unsigned char bytes[PARITY_LIST_MAX];
	const size_t size = format_list(m, index, bytes);
	return io_pwrite_all(fd, bytes, size, 0, err) < 0 ||
				   io_pwrite_all(fd, bytes, size, size + m->list.column_bytes, err) < 0
			   ? -1
			   : 0;
}

static int write_columns(struct making *m, const int *volumes, const int *parity, enum paced_care care, struct err *err)
{
	struct paced_places places[PARITY_COLUMNS_MAX];
	auto_erasure *encoder = NULL;
	if (describe(m, volumes, parity, err) < 0 ||
		erasure_encoder_new(&encoder, m->list.volumes, m->list.parity, err) < 0)
		return -1;
	m->weave.erasure = encoder;
	m->weave.ctx = m;
	const size_t list = parity_list_size(m->list.volumes);
	return (care == CARE_TRAVELS && prepare_places(&m->weave, places, list, list, err) < 0) ||
				   weave_run(&m->weave, err) < 0
			   ? -1
			   : 0;
}

static int check_back(struct making *m, struct parity_back *back, uint32_t index, struct err *err)
{
	unsigned char bytes[PARITY_LIST_MAX];
	const size_t size = format_list(m, index, bytes);
	return parity_back_check_bytes(back, 0, bytes, size, err) < 0 ||
				   parity_back_check_sum(back, size, m->list.column_bytes, m->list.column_sum, err) < 0 ||
				   parity_back_check_bytes(back, size + m->list.column_bytes, bytes, size, err) < 0
			   ? -1
			   : 0;
}

static int prove(struct making *m, int fd, uint32_t index, struct err *err)
{
	AUTO(parity_back_close) struct parity_back back = {.direct = NULL};
	const struct paced paced = paced_begin(fd);
	const uint64_t bytes = parity_volume_size(m->list.column_bytes, m->list.volumes);
	struct err found = ERR_INIT;
	int rc = paced_finish(&paced, err) < 0 || parity_back_open(&back, fd, bytes, m->weave.progress, err) < 0 ? -1 : 0;
	if (rc == 0 && check_back(m, &back, index, &found) < 0)
		rc = direct_blame(&found, err);
	return rc == 0 ? 0 : err_wrap(err, "parity volume %u: ", index + 1);
}

int parity_volumes_write(const int *volumes, unsigned volume_count, const int *parity, unsigned parity_count,
						 enum paced_care care, const struct progress *progress, struct err *err)
{
	struct making m = {.list = {.volumes = volume_count, .parity = parity_count},
					   .weave = {.keep = keep_sum, .what = "making parity volumes", .progress = progress}};
	if (volume_count == 0 || parity_count == 0 || volume_count + parity_count > PARITY_COLUMNS_MAX) {
		(void)err_set(err, ERR_LIMIT, "no %u parity volumes can be made for %u volumes", parity_count, volume_count);
		return err_hint(err, "together they may be %d at most", PARITY_COLUMNS_MAX);
	}
	if (write_columns(&m, volumes, parity, care, err) < 0)
		return -1;
	for (unsigned i = 0; i < parity_count; i++)
		if (write_list(&m, parity[i], i, err) < 0)
			return -1;
	for (unsigned i = 0; care == CARE_TRAVELS && i < parity_count; i++)
		if (prove(&m, parity[i], i, err) < 0)
			return -1;
	return 0;
}

/* --- what is there --- */

/* The first copy, or the last, whose length its place does not tell. */
static bool read_list(struct parity_list *out, int fd, uint64_t bytes, struct err *err)
{
	unsigned char list[PARITY_LIST_MAX];
	struct err why = ERR_INIT;
	if (mending_read(fd, 0, list, sizeof list, err) < 0)
		return false;
	if (parity_list_parse(out, list, sizeof list, &why) == 0)
		return true;
	for (size_t size = PARITY_BLOCK; size <= PARITY_LIST_MAX && size <= bytes; size += PARITY_BLOCK) {
		if (mending_read(fd, bytes - size, list, size, err) < 0)
			return false;
		if (parity_list_parse(out, list, size, &why) == 0 && parity_list_size(out->volumes) == size)
			return true;
	}
	return false;
}

/* A look at the files of a set. */
struct looking {
	struct parity_volumes *set;
	const int *files;
	unsigned count;
	bool *taken;
	const struct progress *progress;
	uint64_t done, total; /* bytes; some may be read for several sets */
};

static void tell_progress(struct looking *l, uint64_t bytes)
{
	l->done += bytes;
	progress_update(l->progress, "reading volumes", l->done < l->total ? l->done : l->total, l->total);
}

/* The sum of len bytes from `at` on, with zeros up to column_bytes. */
static int sum_column(struct looking *l, int fd, uint64_t at, uint64_t len, uint64_t *out, struct err *err)
{
	auto_free unsigned char *buffer = malloc(BUFFER_BYTES);
	const uint64_t behind = at + len;
	uint64_t sum = 0, done = at, begin = 0, end = 0;
	if (buffer == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	while (done < behind && mending_next_data(fd, done, behind, &begin, &end)) {
		const size_t part = end - begin < BUFFER_BYTES ? (size_t)(end - begin) : BUFFER_BYTES;
		if (cancel_check(err) < 0 || mending_read(fd, begin, buffer, part, err) < 0)
			return -1;
		sum = erasure_sum(mending_sum_zeros(sum, begin - done), buffer, part);
		done = begin + part;
		tell_progress(l, part);
	}
	*out = mending_sum_zeros(sum, at + l->set->list.column_bytes - done);
	return 0;
}

/* What it says to hold must be there before it is read, or anything is made of it: a hole of terabytes is no parity.
 * What was sealed looks random, and so does its parity: of zeros there are but those at the ends of volumes. */
static bool is_there(int fd, uint64_t bytes, const struct parity_list *list)
{
	return bytes == parity_volume_size(list->column_bytes, list->volumes) &&
		   mending_count_data(fd, list->column_bytes) + HOLE_BYTES_MAX >= list->column_bytes;
}

static int take_parity(struct looking *l, unsigned number, uint64_t bytes, const struct parity_list *list,
					   struct err *err)
{
	struct parity_volumes *set = l->set;
	const int fd = l->files[number];
	uint64_t sum = 0;
	if (!parity_list_same_set(&set->list, list) || !is_there(fd, bytes, list))
		return 0;
	if (sum_column(l, fd, parity_list_size(list->volumes), list->column_bytes, &sum, err) < 0)
		return -1;
	l->taken[number] = sum == list->column_sum && set->parity[list->index] < 0;
	if (l->taken[number]) {
		set->parity[list->index] = fd;
		set->sound_parity++;
	}
	return 0;
}

/* Of this length, and not taken yet; a volume that is there twice is taken once. */
static int take_volume(struct looking *l, unsigned number, uint64_t bytes, struct err *err)
{
	struct parity_volumes *set = l->set;
	const struct parity_list *list = &set->list;
	const int fd = l->files[number];
	uint64_t sum = 0;
	bool summed = false;
	for (uint32_t i = 0; i < list->volumes && !l->taken[number]; i++) {
		if (list->listed[i].bytes != bytes || set->volume[i] >= 0)
			continue;
		if (!summed && sum_column(l, fd, 0, bytes, &sum, err) < 0)
			return -1;
		summed = true;
		l->taken[number] = sum == list->listed[i].sum;
		if (l->taken[number]) {
			set->volume[i] = fd;
			set->lost--;
		}
	}
	return 0;
}

/* Those of the files that are of this set. */
static int take_all(struct looking *l, const struct parity_list *list, struct err *err)
{
	struct parity_volumes *set = l->set;
	*set = (struct parity_volumes){.list = *list, .lost = list->volumes};
	for (unsigned i = 0; i < PARITY_COLUMNS_MAX; i++)
		set->volume[i] = set->parity[i] = -1;
	for (unsigned i = 0; i < l->count; i++) {
		struct parity_list own;
		uint64_t bytes = 0;
		l->taken[i] = false;
		if (length_of(l->files[i], &bytes, err) < 0)
			return -1;
		const bool is_parity = read_list(&own, l->files[i], bytes, err);
		if (err->code != ERR_OK ||
			(is_parity ? take_parity(l, i, bytes, &own, err) : take_volume(l, i, bytes, err)) < 0)
			return -1;
	}
	return 0;
}

struct sets { /* one list of each */
	struct parity_list items[SETS_MAX];
	unsigned count;
};

/* Of more than so many sets the others are of no account. */
static void add_set(struct sets *sets, const struct parity_list *list)
{
	for (unsigned i = 0; i < sets->count; i++)
		if (parity_list_same_set(&sets->items[i], list))
			return;
	if (sets->count < SETS_MAX)
		sets->items[sets->count++] = *list;
}

static int find_sets(struct looking *l, struct sets *sets, struct err *err)
{
	bool found = false;
	for (unsigned i = 0; i < l->count; i++) {
		struct parity_list list;
		uint64_t bytes = 0;
		if (length_of(l->files[i], &bytes, err) < 0)
			return -1;
		l->total += bytes;
		const bool is_parity = read_list(&list, l->files[i], bytes, err);
		if (err->code != ERR_OK)
			return -1;
		found |= is_parity;
		/* Without its column a list is cheaply forged, and gives nothing. */
		if (is_parity && is_there(l->files[i], bytes, &list))
			add_set(sets, &list);
	}
	if (sets->count > 0)
		return 0;
	if (found)
		return err_set(err, ERR_PARITY, "no parity volume among the files is as long as it says");
	(void)err_set(err, ERR_PARITY, "there is no parity volume among the files");
	return err_hint(err, "parity volumes are named ….p1of2" PARITY_VOLUME_SUFFIX);
}

/* How much a set has to do with the volumes. */
enum use { USE_NONE, USE_SOME, USE_GIVES_BACK };

static enum use use_of(const struct parity_volumes *set)
{
	if (set->lost == set->list.volumes)
		return USE_NONE;
	return set->lost <= set->sound_parity ? USE_GIVES_BACK : USE_SOME;
}

/* The first set that gives back what is lost; else the first that some of the volumes are of; where there is but one,
 * that. */
static int take_set(struct looking *l, const struct sets *sets, struct err *err)
{
	unsigned best = 0;
	enum use most = USE_NONE;
	for (unsigned i = 0; i < sets->count; i++) {
		if (take_all(l, &sets->items[i], err) < 0)
			return -1;
		const enum use use = use_of(l->set);
		if (sets->count == 1 || use == USE_GIVES_BACK)
			return 0;
		if (use > most) {
			most = use;
			best = i;
		}
	}
	if (most != USE_NONE)
		return take_all(l, &sets->items[best], err);
	(void)err_set(err, ERR_PARITY, "the parity volumes are of different sets, and none of the volumes is of one");
	return err_hint(err, "give those of one bundle, made at one time");
}

int parity_volumes_open(struct parity_volumes *out, const int *files, unsigned count, bool *taken,
						const struct progress *progress, struct err *err)
{
	struct looking looking = {.set = out, .files = files, .count = count, .taken = taken, .progress = progress};
	auto_free struct sets *sets = calloc(1, sizeof *sets);
	if (sets == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (find_sets(&looking, sets, err) < 0 || take_set(&looking, sets, err) < 0)
		return -1;
	for (uint32_t i = 0, lost = 0; i < out->list.volumes; i++)
		if (out->volume[i] < 0)
			out->lost_at[lost++] = i;
	return 0;
}

/* --- giving back --- */

static void describe_loss(const struct parity_volumes *set, struct erasure_loss *loss)
{
	*loss = (struct erasure_loss){.data = set->list.volumes, .count = set->lost};
	for (unsigned i = 0, found = 0; i < set->list.parity && found < set->lost; i++)
		if (set->parity[i] >= 0)
			loss->parity[found++] = (unsigned char)i;
	for (unsigned i = 0; i < set->lost; i++)
		loss->lost[i] = (unsigned char)set->lost_at[i];
}

int parity_volumes_rebuild(const struct parity_volumes *set, const int *out_fds, enum paced_care care,
						   const struct progress *progress, struct err *err)
{
	const struct parity_list *list = &set->list;
	struct weave w = {.column_bytes = list->column_bytes,
					  .from_count = list->volumes,
					  .to_count = set->lost,
					  .what = "rebuilding",
					  .progress = progress};
	struct erasure_loss loss;
	struct paced_places places[PARITY_COLUMNS_MAX];
	auto_erasure *decoder = NULL;
	if (set->lost > set->sound_parity) {
		(void)err_set(err, ERR_DAMAGED, "%u of %u volumes are missing or damaged, and there are %u parity volumes",
					  set->lost, list->volumes, set->sound_parity);
		return err_hint(err, "find some of them, or more of the %u parity volumes", list->parity);
	}
	if (set->lost == 0)
		return 0;
	describe_loss(set, &loss);
	if (erasure_decoder_new(&decoder, &loss, err) < 0)
		return -1;
	w.erasure = decoder;
	for (uint32_t i = 0, hole = 0; i < list->volumes; i++)
		if (set->volume[i] >= 0)
			w.from[i] = (struct weave_column){set->volume[i], 0, list->listed[i].bytes};
		else {
			w.from[i] = (struct weave_column){set->parity[loss.parity[hole]], parity_list_size(list->volumes),
											  list->column_bytes};
			w.to[hole] = (struct weave_column){out_fds[hole], 0, list->listed[i].bytes};
			hole++;
		}
	if (care == CARE_TRAVELS && prepare_places(&w, places, 0, 0, err) < 0)
		return -1;
	return weave_run(&w, err);
}
