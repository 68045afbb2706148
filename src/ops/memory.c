/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/memory.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/io.h"
#include "policy/downgrade.h"

#include <fcntl.h>
#include <string.h>

/* --- to be remembered --- */

void memories_clear(struct memories *memories)
{
	for (uint32_t i = 0; i < memories->label_count; i++)
		free(memories->labels[i]);
	free(memories->labels);
	free(memories->items);
	*memories = (struct memories){.items = NULL};
}

/* *out malloc'd: "pd/none tlp/red"; the labels of a marking are sorted. */
static int join_labels(char **out, const struct manifest_marking *marking, struct err *err)
{
	auto_buf line = {0};
	if (buf_append_str(&line, "", err) < 0)
		return -1;
	for (uint32_t i = 0; i < marking->count; i++)
		if (buf_printf(&line, err, "%s%s", i > 0 ? " " : "", marking->labels[i].id) < 0)
			return -1;
	*out = steal(&line.data);
	return 0;
}

static int join_all(struct memories *memories, const struct manifest *manifest, struct err *err)
{
	memories->labels = calloc(manifest->marking_count + (size_t)1, sizeof *memories->labels);
	memories->items = calloc(manifest->entry_count + (size_t)1, sizeof *memories->items);
	if (memories->labels == NULL || memories->items == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (; memories->label_count < manifest->marking_count; memories->label_count++)
		if (join_labels(&memories->labels[memories->label_count], &manifest->markings[memories->label_count], err) < 0)
			return -1;
	return 0;
}

int memories_make(struct memories *out, const struct manifest *manifest, const struct fingerprint *sender,
				  struct err *err)
{
	auto_memories memories = {.items = NULL};
	*out = memories;
	if (join_all(&memories, manifest, err) < 0)
		return -1;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (entry->type == ENTRY_FOLDER || entry->size == 0)
			continue;
		const struct fingerprint *originator = &manifest->markings[entry->marking].originator;
		memories.items[memories.count++] = (struct ledger_memory){
			.digest = entry->sha256,
			.size = entry->size,
			.labels = memories.labels[entry->marking],
			.by = originator->hex[0] != '\0' ? originator : sender,
		};
	}
	*out = memories;
	memories = (struct memories){.items = NULL};
	return 0;
}

/* --- what is remembered --- */

enum { READ_BYTES = 256 << 10 };

void recollection_clear(struct recollection *recollection)
{
	for (uint32_t i = 0; i < recollection->word_count; i++)
		free(recollection->words[i].labels);
	free(recollection->words);
	free(recollection->files);
	*recollection = (struct recollection){.words = NULL};
}

static int add_word(struct recollection *r, const struct ledger_recalled *recalled, uint32_t *out, struct err *err)
{
	/* from the end: a folder's files come one after the other and were labelled alike */
	for (uint32_t i = r->word_count; i > 0; i--)
		if (strcmp(r->words[i - 1].labels, recalled->labels) == 0 &&
			fingerprint_equal(&r->words[i - 1].by, &recalled->by)) {
			*out = i - 1;
			return 0;
		}
	struct known_word *grown = array_grow(r->words, r->word_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	r->words = grown;
	grown[r->word_count] = (struct known_word){.labels = strdup(recalled->labels), .by = recalled->by};
	if (grown[r->word_count].labels == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	*out = r->word_count++;
	return 0;
}

struct recalling {
	struct recollection *into;
	uint32_t entry;
};

static int add_file(void *ctx, const struct ledger_recalled *recalled, struct err *err)
{
	struct recalling *recalling = ctx;
	struct recollection *r = recalling->into;
	struct known_file *grown = array_grow(r->files, r->file_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	r->files = grown;
	grown[r->file_count] = (struct known_file){.entry = recalling->entry, .time = recalled->time};
	if (add_word(r, recalled, &grown[r->file_count].word, err) < 0)
		return -1;
	r->file_count++;
	return 0;
}

/* What reading needs, kept from file to file. */
struct reader {
	struct hash *hash;
	unsigned char *buffer;
};

static void reader_clear(struct reader *reader)
{
	hash_free(reader->hash);
	free(reader->buffer);
}

static int reader_init(struct reader *reader, struct err *err)
{
	reader->buffer = malloc(READ_BYTES);
	if (reader->buffer == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return hash_new(&reader->hash, err);
}

static int digest_file(const struct reader *reader, const struct scan *scan, struct manifest *manifest, uint32_t number,
					   struct err *err)
{
	struct manifest_entry *entry = &manifest->entries[number];
	auto_fd int fd = -1;
	if (scan_open(scan, manifest, number, &fd, err) < 0)
		return -1;
	if (entry->size > 2 * READ_BYTES)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (hash_file(reader->hash, fd, reader->buffer, READ_BYTES, &entry->sha256, err) < 0)
		return err_wrap(err, "%s: ", entry->path);
	return scan_check_unchanged(scan, manifest, number, fd, err);
}

int memory_digest_file(const struct scan *scan, struct manifest *manifest, uint32_t entry, struct err *err)
{
	AUTO(reader_clear) struct reader reader = {0};
	return reader_init(&reader, err) < 0 ? -1 : digest_file(&reader, scan, manifest, entry, err);
}

static int recollect_entry(struct recollection *r, struct ledger *ledger, const struct reader *reader,
						   const struct scan *scan, struct manifest *manifest, uint32_t number, struct err *err)
{
	struct recalling recalling = {.into = r, .entry = number};
	const struct manifest_entry *entry = &manifest->entries[number];
	if (digest_is_zero(&entry->sha256) && digest_file(reader, scan, manifest, number, err) < 0)
		return -1;
	return ledger_recall(ledger, entry->size, &entry->sha256, add_file, &recalling, err);
}

static int recollect_all(struct recollection *r, struct ledger *ledger, const unsigned char *sizes,
						 const struct scan *scan, struct manifest *manifest, struct err *err)
{
	AUTO(reader_clear) struct reader reader = {0};
	int rc = reader_init(&reader, err);
	for (uint32_t i = 0; rc == 0 && i < manifest->entry_count; i++)
		if (sizes[i])
			rc = recollect_entry(r, ledger, &reader, scan, manifest, i, err);
	return rc;
}

static int mark_sizes(unsigned char *flags, struct ledger *ledger, const struct manifest *manifest, struct err *err)
{
	uint64_t last = UINT64_MAX; /* files of one size often stand together */
	bool known = false;
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		if (entry->type == ENTRY_FOLDER)
			continue;
		if (entry->size != last && ledger_remembers_size(ledger, entry->size, &known, err) < 0)
			return -1;
		last = entry->size;
		flags[i] = known;
	}
	return 0;
}

int recollection_sizes(unsigned char **out, struct session *session, const struct manifest *manifest, struct err *err)
{
	*out = NULL;
	if (session->ledger == NULL)
		return 0;
	auto_free unsigned char *flags = calloc(manifest->entry_count + (size_t)1, 1);
	if (flags == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (ledger_recall_begin(session->ledger, err) < 0)
		return -1;
	int rc = mark_sizes(flags, session->ledger, manifest, err);
	ledger_recall_end(session->ledger);
	*out = rc == 0 ? steal(&flags) : NULL;
	return rc;
}

int recollect(struct recollection *out, struct session *session, const unsigned char *sizes, const struct scan *scan,
			  struct manifest *manifest, struct err *err)
{
	*out = (struct recollection){.words = NULL};
	if (sizes == NULL)
		return 0;
	if (ledger_recall_begin(session->ledger, err) < 0)
		return -1;
	int rc = recollect_all(out, session->ledger, sizes, scan, manifest, err);
	ledger_recall_end(session->ledger);
	if (rc < 0)
		recollection_clear(out);
	return rc;
}

/* The first of an entry's, or where it would stand. */
static uint32_t first_of(const struct recollection *r, uint32_t entry)
{
	uint32_t low = 0, high = r->file_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (r->files[middle].entry < entry)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct fingerprint *recollection_originator(const struct recollection *r, const struct session *session,
												  uint32_t entry)
{
	for (uint32_t i = first_of(r, entry); i < r->file_count && r->files[i].entry == entry; i++) {
		const struct fingerprint *by = &r->words[r->files[i].word].by;
		if (!station_doc_has_key(&session->station.doc, by))
			return by;
	}
	return NULL;
}

/* --- nothing goes lower --- */

/* What the file was known under, by whom; the time is the file's own. */
static struct downgrade_memory memory_of(const struct session *session, const struct known_word *word)
{
	const bool by_self = station_doc_has_key(&session->station.doc, &word->by);
	const struct partner *partner = by_self ? NULL : registry_find(&session->registry, &word->by);
	/* Whoever changed the key is still who gave the label; authorise_load() tells the present key as well. */
	const struct fingerprint *present = by_self           ? &session->station.doc.fingerprint
										: partner != NULL ? &partner->fingerprint
														  : &word->by;
	return (struct downgrade_memory){.labels = word->labels,
									 .by = *present,
									 .by_self = by_self,
									 .by_name = by_self           ? "this station"
												: partner != NULL ? partner->alias
																  : word->by.hex};
}

int downgrade_check(const struct session *session, const struct manifest *manifest, const struct recollection *r,
					const struct authorisation *authorisations, uint32_t authorisation_count, int64_t now,
					struct err *err)
{
	/* Words are few, files and partners may be many. */
	auto_free struct downgrade_memory *words = calloc(r->word_count + (size_t)1, sizeof *words);
	if (words == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < r->word_count; i++)
		words[i] = memory_of(session, &r->words[i]);
	for (uint32_t i = 0; i < r->file_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[r->files[i].entry];
		struct downgrade_memory memory = words[r->files[i].word];
		memory.time = r->files[i].time;
		const struct downgrade_case about = {.schemes = &session->schemes,
											 .path = entry->path,
											 .content = &entry->sha256,
											 .marking = &manifest->markings[entry->marking],
											 .memories = &memory,
											 .memory_count = 1,
											 .authorisations = authorisations,
											 .authorisation_count = authorisation_count,
											 .now = now};
		if (policy_check_downgrade(&about, err) < 0)
			return -1;
	}
	return 0;
}
