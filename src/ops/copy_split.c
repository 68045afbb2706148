/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/copy_internal.h"

#include "base/array.h"
#include "base/io.h"
#include "base/path.h"
#include "bundle/split.h"
#include "media/output_set.h"
#include "ops/volumes.h"

#include <string.h>

/* The files of one bundle, dealt out anew onto a medium: each is a temporary until all have been read back, with the
 * parity files that are made for them. */

struct splitting {
	struct copy_job *job;
	struct copy_report *report;
	struct volume_sets sources;
	struct bundle_verified *bundle; /* owned */
	struct copied about;            /* what all copies have in common; its texts are not owned */
	struct split_plan plan;
	unsigned permille;         /* of the parity file beside each; 0: none */
	struct output_set outputs; /* one a run, behind them their parity files */
};

static void splitting_clear(struct splitting *s)
{
	output_set_clear(&s->outputs);
	split_plan_clear(&s->plan);
	bundle_verified_free(s->bundle);
	volume_sets_clear(&s->sources);
}

/* --- what there is to do --- */

static int open_bundle(struct splitting *s, struct err *err)
{
	const struct copy_request *request = s->job->request;
	if (volumes_one(&s->sources, request->sources, request->count, err) < 0)
		return -1;
	for (unsigned i = 0; i < s->sources.notices.count; i++)
		notice_add(&s->report->notices, "%s", s->sources.notices.lines[i]);
	const struct volume_set *set = &s->sources.items[0];
	for (unsigned i = 0; i < set->count; i++)
		if (copy_refuse_pending(set->paths[i], err) < 0)
			return -1;
	s->about = (struct copied){.is_bundle = true, .how = COPY_NEW};
	if (copy_open_source(s->job, set->paths, set->count, &s->about, &s->bundle, err) < 0)
		return -1;
	volumes_tell_repeats(&s->report->notices, s->bundle);
	return volumes_check_complete(s->bundle, err);
}

static int plan_with(struct splitting *s, unsigned permille, struct err *err)
{
	const struct copy_request *request = s->job->request;
	const struct medium *medium = &s->report->medium;
	uint64_t max_bytes = request->volume_bytes == VOLUME_SIZE_AUTO ? medium->file_max : request->volume_bytes;
	uint64_t need = 0, largest = 0;
	if (max_bytes == VOLUME_SIZE_NONE)
		max_bytes = 0;
	s->permille = permille;
	split_plan_clear(&s->plan);
	if (split_plan_make(&s->plan, s->bundle, max_bytes, s->permille, err) < 0)
		return -1;
	for (uint32_t i = 0; i < s->plan.count; i++) {
		const uint64_t bytes = s->plan.runs[i].bytes, beside = parity_size(bytes, s->permille);
		need += bytes + beside;
		largest = bytes > largest ? bytes : largest;
		largest = beside > largest ? beside : largest;
	}
	return medium_check_room(medium, need, largest, s->job->folder, err);
}

/* Parity that nobody asked for by name does not keep the bundle from where there is no room for both. */
static int plan_files(struct splitting *s, struct err *err)
{
	const struct parity_wish *wish = &s->job->request->parity;
	const unsigned permille = parity_share_for(wish, bundle_file_bytes(s->bundle));
	if (plan_with(s, permille, err) == 0)
		return 0;
	if (wish->asked || permille == 0 || err->code != ERR_NO_SPACE)
		return -1;
	*err = (struct err)ERR_INIT;
	if (plan_with(s, 0, err) < 0)
		return -1;
	notice_add(&s->report->notices, "no parity files are made: there is no room for them");
	return 0;
}

/* The whole bundle's name there, with ".valise". */
static int whole_name(const struct splitting *s, struct buf *out, struct err *err)
{
	auto_free char *name = NULL;
	struct volume_name volume;
	if (copy_name(&name, s->sources.items[0].paths[0], err) < 0)
		return -1;
	if (!volume_name_parse(&volume, name))
		return buf_printf(out, err, "%s/%s", s->job->folder, name);
	return buf_printf(out, err, "%s/%.*s.valise", s->job->folder, (int)volume.stem_len, volume.stem);
}

/* All names are looked at before the first byte. */
static int open_outputs(struct splitting *s, struct err *err)
{
	auto_buf whole = {0};
	if (whole_name(s, &whole, err) < 0)
		return -1;
	io_allow_files();
	for (uint32_t i = 0; i < s->plan.count; i++) {
		auto_buf path = {0};
		if ((s->plan.count == 1 ? buf_append_str(&path, whole.data, err)
								: volume_name_format(&path, whole.data, i + 1, s->plan.count, err)) < 0 ||
			output_set_open(&s->outputs, path.data, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the work --- */

static struct copied *add_item(struct splitting *s, const struct copied *about, uint64_t bytes, struct err *err)
{
	struct copied *items = array_grow(s->report->items, s->report->count, sizeof *items, err);
	if (items == NULL)
		return NULL;
	s->report->items = items;
	struct copied *item = &items[s->report->count];
	*item = *about;
	item->bytes = bytes;
	item->source = strdup(s->sources.items[0].paths[0]);
	if (item->source == NULL) {
		(void)err_set(err, ERR_MEMORY, "out of memory");
		return NULL;
	}
	s->report->count++;
	return item;
}

static int write_one(struct splitting *s, uint32_t number, struct err *err)
{
	const struct progress *progress = s->job->request->progress;
	struct output *output = s->outputs.items[number];
	const char *path = output_final_path(output);
	struct copied *item = add_item(s, &s->about, s->plan.runs[number].bytes, err);
	if (item == NULL)
		return -1;
	if (split_write(s->bundle, &s->plan.runs[number], output_fd(output), progress, err) < 0)
		return err_wrap(err, "%s: ", path);
	return output_sync(output, err);
}

/* After the last byte was written there: a medium that is smaller than it says loses what it had before. */
static int read_back(struct splitting *s, uint32_t number, struct err *err)
{
	const struct output *output = s->outputs.items[number];
	return copy_read_back(&s->report->items[number], output_fd(output), output_final_path(output), NULL,
						  s->job->request->progress, err);
}

/* It is kept as a file beside is that was copied: for when it is read once more. */
static int write_parity(struct splitting *s, uint32_t number, struct err *err)
{
	static const struct copied beside = {.how = COPY_NEW};
	const struct progress *progress = s->job->request->progress;
	const struct output *output = s->outputs.items[number];
	auto_output *parity = NULL;
	const uint64_t bytes = s->plan.runs[number].bytes;
	struct copied *item = add_item(s, &beside, parity_size(bytes, s->permille), err);
	if (item == NULL)
		return -1;
	if (parity_beside(output_fd(output), bytes, output_final_path(output), s->permille, CARE_TRAVELS, progress, &parity,
					  err) < 0 ||
		output_set_add(&s->outputs, &parity, err) < 0)
		return -1;
	const struct output *made = s->outputs.items[s->outputs.count - 1];
	return copy_digest_back(item, output_fd(made), output_final_path(made), progress, &item->digest, err);
}

static int commit_all(struct splitting *s, struct err *err)
{
	for (uint32_t i = 0; i < s->outputs.count; i++) {
		struct copied *item = &s->report->items[i];
		item->path = strdup(output_final_path(s->outputs.items[i]));
		if (item->path == NULL)
			return err_set(err, ERR_MEMORY, "out of memory");
	}
	return output_set_commit(&s->outputs, err);
}

static int run(struct splitting *s, struct err *err)
{
	if (open_bundle(s, err) < 0 || plan_files(s, err) < 0 || open_outputs(s, err) < 0)
		return -1;
	for (uint32_t i = 0; i < s->plan.count; i++)
		if (write_one(s, i, err) < 0)
			return -1;
	for (uint32_t i = 0; i < s->plan.count && s->permille != 0; i++)
		if (write_parity(s, i, err) < 0)
			return -1;
	for (uint32_t i = 0; i < s->plan.count; i++)
		if (read_back(s, i, err) < 0)
			return -1;
	return commit_all(s, err);
}

/* Nothing of a bundle that is not all there has a name. */
static void forget_paths(struct copy_report *report)
{
	for (unsigned i = 0; i < report->count; i++) {
		free(report->items[i].path);
		report->items[i].path = NULL;
	}
}

int copy_split(struct copy_job *job, struct copy_report *report, struct err *err)
{
	AUTO(splitting_clear) struct splitting s = {.job = job, .report = report};
	const int rc = run(&s, err);
	if (rc < 0)
		forget_paths(report);
	for (unsigned i = 0; i < s.about.verdict.count; i++)
		s.about.verdict.signers[i].partner = NULL;
	for (unsigned n = 0; n < report->count; n++)
		for (unsigned i = 0; i < report->items[n].verdict.count; i++)
			report->items[n].verdict.signers[i].partner = NULL;
	copy_note_outcome(job, report->count > 0 ? &report->items[0] : &s.about, &report->notices, err);
	return rc;
}
