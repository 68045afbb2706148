/* SPDX-License-Identifier: Apache-2.0 */
/*   archive = ustar-header(valise-backup.yaml) list padding *( pax-headers content padding ) 1024 zeros
 *
 * Each header must be byte for byte the one that its row in the list makes, so an archive has nowhere to say anything
 * that the list does not: no links, devices, owners, second names, nothing behind its end. */
#include "ops/backup_archive.h"

#include "base/hash.h"
#include "format/pax.h"
#include "format/ustar.h"

#include <string.h>

enum stage { STAGE_LIST_HEADER, STAGE_LIST, STAGE_HEADER, STAGE_CONTENT, STAGE_ZEROS, STAGE_END };

struct backup_sink {
	struct backup_taker taker;
	const struct progress *progress;
	const char *what;
	uint64_t done, total;
	struct hash *hash;
	enum stage stage, behind_zeros;
	uint64_t left;   /* bytes that the stage still wants */
	struct buf held; /* what is looked at whole: a header, the list */
	size_t header_at;
	unsigned char header[PAX_HEADER_MAX]; /* what the header must be */
	struct backup_doc doc;
	uint32_t next; /* the entry at hand */
};

int backup_sink_new(struct backup_sink **out, const struct backup_taker *taker, const struct progress *progress,
					const char *what, uint64_t total, struct err *err)
{
	*out = NULL;
	auto_backup_sink *sink = calloc(1, sizeof *sink);
	if (sink == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	sink->taker = *taker;
	sink->progress = progress;
	sink->what = what;
	sink->total = total;
	sink->left = USTAR_BLOCK;
	if (hash_new(&sink->hash, err) < 0)
		return -1;
	*out = steal(&sink);
	return 0;
}

void backup_sink_free(struct backup_sink *sink)
{
	if (sink == NULL)
		return;
	hash_free(sink->hash);
	buf_clear(&sink->held);
	backup_doc_clear(&sink->doc);
	free(sink);
}

static const struct manifest_entry *at_hand(const struct backup_sink *sink)
{
	return &sink->doc.entries[sink->next];
}

/* --- from stage to stage --- */

static void enter(struct backup_sink *sink, enum stage stage, uint64_t left)
{
	sink->stage = stage;
	sink->left = left;
	sink->held.len = 0;
}

static void enter_zeros(struct backup_sink *sink, uint64_t count, enum stage behind)
{
	enter(sink, STAGE_ZEROS, count);
	sink->behind_zeros = behind;
}

/* The next entry, or the end. */
static void enter_header(struct backup_sink *sink)
{
	if (sink->next == sink->doc.count)
		enter_zeros(sink, USTAR_END, STAGE_END);
	else
		enter(sink, STAGE_HEADER, pax_header_build(sink->header, at_hand(sink)));
	sink->header_at = 0;
}

static int list_header_done(struct backup_sink *sink, struct err *err)
{
	uint64_t size;
	if (!ustar_matches((const unsigned char *)sink->held.data, BACKUP_LIST_NAME, BACKUP_BYTES_MAX, &size))
		return err_set(err, ERR_BACKUP, "this is no backup: it does not begin with " BACKUP_LIST_NAME);
	enter(sink, STAGE_LIST, size);
	return 0;
}

static int list_done(struct backup_sink *sink, struct err *err)
{
	size_t len = sink->held.len;
	if (backup_doc_parse(&sink->doc, len > 0 ? sink->held.data : "", len, err) < 0)
		return -1;
	enter_zeros(sink, ustar_padding(len), STAGE_HEADER);
	return 0;
}

static int header_done(struct backup_sink *sink, struct err *err)
{
	const struct manifest_entry *entry = at_hand(sink);
	if (sink->taker.begin != NULL && sink->taker.begin(sink->taker.ctx, entry, err) < 0)
		return -1;
	enter(sink, STAGE_CONTENT, entry->size);
	return 0;
}

static int content_done(struct backup_sink *sink, struct err *err)
{
	const struct manifest_entry *entry = at_hand(sink);
	struct digest digest;
	hash_finish(sink->hash, &digest);
	if (entry->type != ENTRY_FOLDER && !digest_equal(&digest, &entry->sha256))
		return err_set(err, ERR_BACKUP, "%s is not the file that the list of the backup names", entry->path);
	if (sink->taker.end != NULL && sink->taker.end(sink->taker.ctx, entry, err) < 0)
		return -1;
	sink->next++;
	enter_zeros(sink, ustar_padding(entry->size), STAGE_HEADER);
	return 0;
}

/* As long as nothing is wanted, the stage is over. */
static int advance(struct backup_sink *sink, struct err *err)
{
	int rc = 0;
	while (rc == 0 && sink->left == 0 && sink->stage != STAGE_END)
		switch (sink->stage) {
		case STAGE_LIST_HEADER:
			rc = list_header_done(sink, err);
			break;
		case STAGE_LIST:
			rc = list_done(sink, err);
			break;
		case STAGE_HEADER:
			rc = header_done(sink, err);
			break;
		case STAGE_CONTENT:
			rc = content_done(sink, err);
			break;
		case STAGE_ZEROS:
		case STAGE_END:
			if (sink->behind_zeros == STAGE_HEADER)
				enter_header(sink);
			else
				sink->stage = STAGE_END;
			break;
		}
	return rc;
}

/* --- bytes --- */

static int take_header(struct backup_sink *sink, const unsigned char *bytes, size_t len, struct err *err)
{
	if (memcmp(sink->header + sink->header_at, bytes, len) != 0)
		return err_set(err, ERR_BACKUP, "at %s, archive and list of the backup differ", at_hand(sink)->path);
	sink->header_at += len;
	return 0;
}

static int take_content(struct backup_sink *sink, const unsigned char *bytes, size_t len, struct err *err)
{
	hash_update(sink->hash, bytes, len);
	sink->done += len;
	progress_update(sink->progress, sink->what, sink->done, sink->total);
	return sink->taker.bytes != NULL ? sink->taker.bytes(sink->taker.ctx, bytes, len, err) : 0;
}

static int take_zeros(const unsigned char *bytes, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return err_set(err, ERR_BACKUP, "the archive of the backup has padding that is not zero");
	return 0;
}

static int take(struct backup_sink *sink, const unsigned char *bytes, size_t len, struct err *err)
{
	switch (sink->stage) {
	case STAGE_LIST_HEADER:
	case STAGE_LIST:
		return buf_append(&sink->held, bytes, len, err);
	case STAGE_HEADER:
		return take_header(sink, bytes, len, err);
	case STAGE_CONTENT:
		return take_content(sink, bytes, len, err);
	case STAGE_ZEROS:
		return take_zeros(bytes, len, err);
	case STAGE_END:
		break;
	}
	return err_set(err, ERR_BACKUP, "the archive of the backup has bytes behind its end");
}

int backup_sink_write(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct backup_sink *sink = ctx;
	const unsigned char *at = bytes;
	while (len > 0) {
		size_t part = sink->stage != STAGE_END && sink->left < len ? (size_t)sink->left : len;
		if (take(sink, at, part, err) < 0)
			return -1;
		sink->left -= part;
		at += part;
		len -= part;
		if (advance(sink, err) < 0)
			return -1;
	}
	return 0;
}

int backup_sink_finish(struct backup_sink *sink, struct backup_doc *out, struct err *err)
{
	if (sink->stage != STAGE_END)
		return err_set(err, ERR_BACKUP, "the archive of the backup ends too early");
	*out = sink->doc;
	sink->doc = (struct backup_doc){0};
	return 0;
}
