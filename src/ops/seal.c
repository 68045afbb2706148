/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/pack_internal.h"

#include "base/array.h"
#include "base/cancel.h"
#include "base/hash.h"
#include "bundle/archive_out.h"
#include "bundle/transfer.h"
#include "format/parity.h"
#include "media/output.h"
#include "ops/expiry.h"
#include "ops/memory.h"
#include "ops/seal_approve.h"
#include "ops/seal_files.h"
#include "ops/seal_medium.h"
#include "ops/seal_parity.h"
#include "ops/seal_slots.h"
#include "ops/seal_volumes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* From a plan to a file under its final name. The order: sequences, slots, payload, manifest, waybill, signature, sync,
 * ledger row, rename, row settled. */

enum { LARGE_PAYLOAD_SHIFT = 36 }; /* above 64 GiB: chunks of 4 MiB */

struct sealing {
	struct session *session;
	struct pack_plan *plan;
	const struct progress *progress;
	struct secret *bundle_key;
	struct ledger_channel *channels;
	struct ledger_next *next;
	struct seal_volumes volumes; /* its files */
	struct seal_parity parity;   /* of all of them */
	struct seal_medium medium;
	struct approve_kit *kit; /* NULL where the packer is enough */
	struct writer *writer;
	struct gpg *station_gpg; /* opened where it is needed first, so that a passphrase is asked for once */
	struct waybill waybill;
	struct buf waybill_bytes;
	uint64_t file_bytes;
};

static void sealing_clear(struct sealing *s)
{
	writer_free(s->writer);
	gpg_close(s->station_gpg);
	approve_kit_free(s->kit);
	seal_volumes_clear(&s->volumes);
	seal_parity_clear(&s->parity);
	seal_medium_clear(&s->medium);
	secret_free(s->bundle_key);
	free(s->channels);
	free(s->next);
	waybill_clear(&s->waybill);
	buf_clear(&s->waybill_bytes);
}

/* The file, or the first volume. */
static struct output *first_file(const struct sealing *s)
{
	return s->volumes.files.items[0];
}

/* The Padmé length (valise-format(5), PADDING): next length at or above len that tells little. */
static uint64_t padme_length(uint64_t len)
{
	if (len < 2)
		return len;
	unsigned e = 63 - (unsigned)__builtin_clzll(len), s = 1;
	while (e >> s != 0)
		s++;
	uint64_t mask = (1ull << (e - s)) - 1;
	return (len + mask) & ~mask;
}

/* --- channels --- */

/* A partner that took another key goes on in the same channel: its ledger knows who sent, not to which of its own keys.
 */
static int next_of_channel(const struct sealing *s, const struct partner *partner, struct ledger_next *out,
						   struct err *err)
{
	const struct fingerprint *self = &s->session->station.doc.fingerprint;
	if (ledger_next(s->session->ledger, self, &partner->fingerprint, out, err) < 0)
		return -1;
	for (uint32_t i = partner->former_count; i > 0 && out->sequence == 1; i--)
		if (ledger_next(s->session->ledger, self, &partner->former[i - 1].fingerprint, out, err) < 0)
			return -1;
	return 0;
}

static int reserve_sequences(struct sealing *s, struct err *err)
{
	const unsigned count = s->plan->recipient_count;
	s->channels = calloc(count, sizeof *s->channels);
	s->next = calloc(count, sizeof *s->next);
	if (s->channels == NULL || s->next == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < count; i++) {
		const struct partner *partner = s->plan->recipients[i];
		if (next_of_channel(s, partner, &s->next[i], err) < 0)
			return -1;
		s->channels[i].to = partner->fingerprint;
		s->channels[i].sequence = s->next[i].sequence;
		(void)snprintf(s->channels[i].alias, sizeof s->channels[i].alias, "%s", partner->alias);
	}
	return 0;
}

static int append_void(struct manifest *manifest, const struct fingerprint *to, const struct ledger_void *item,
					   struct err *err)
{
	struct manifest_void *grown = array_grow(manifest->voided, manifest->void_count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	manifest->voided = grown;
	manifest->voided[manifest->void_count++] = (struct manifest_void){
		.to = *to, .sequence = item->sequence, .bundle = item->bundle};
	return 0;
}

/* Of what was sealed for one key of a recipient, in the channel that goes on under the present one. */
static int declare_voids_of(struct sealing *s, const struct fingerprint *to, const struct fingerprint *key,
							struct err *err)
{
	auto_free struct ledger_void *items = NULL;
	size_t count = 0;
	if (ledger_untold_voids(s->session->ledger, &s->session->station.doc.fingerprint, to, key, &items, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (append_void(&s->plan->files.manifest, to, &items[i], err) < 0)
			return -1;
	return 0;
}

static int declare_voids(struct sealing *s, struct err *err)
{
	for (unsigned i = 0; i < s->plan->recipient_count; i++) {
		const struct partner *partner = s->plan->recipients[i];
		for (uint32_t k = 0; k < partner_key_count(partner); k++)
			if (declare_voids_of(s, &partner->fingerprint, partner_key_at(partner, k).fingerprint, err) < 0)
				return -1;
	}
	if (s->plan->files.manifest.void_count > 1)
		qsort(s->plan->files.manifest.voided, s->plan->files.manifest.void_count,
			  sizeof *s->plan->files.manifest.voided, manifest_void_compare);
	return 0;
}

/* --- where it goes --- */

static bool is_folder(const char *path)
{
	struct stat st;
	size_t len = strlen(path);
	return (len > 0 && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

static void default_name(const struct sealing *s, char *out, size_t size)
{
	char day[16];
	struct tm tm;
	time_t now = (time_t)s->plan->now;
	(void)strftime(day, sizeof day, "%Y%m%d", gmtime_r(&now, &tm));
	const char *id = s->plan->files.manifest.bundle.text;
	if (s->plan->recipient_count == 1 && !s->plan->hide_recipients)
		(void)snprintf(out, size, "%s-%s-%04llu-%.8s.valise", day, s->channels[0].alias,
					   (unsigned long long)s->channels[0].sequence, id);
	else
		(void)snprintf(out, size, "%s-%.8s.valise", day, id);
}

static int choose_path(const struct sealing *s, struct buf *out, struct err *err)
{
	const char *asked = s->plan->output;
	char name[200];
	default_name(s, name, sizeof name);
	if (asked == NULL || is_folder(asked))
		return buf_printf(out, err, "%s/%s", asked != NULL ? asked : ".", name);
	if (pending_is_path(asked)) {
		(void)err_set(err, ERR_USAGE, "%s is a name of bundles that wait for approval", asked);
		return err_hint(err, "give -o the final name, ….valise: pack adds what is missing where it must be approved");
	}
	return buf_append_str(out, asked, err);
}

/* One that others must sign first does not get a name under which it would be carried. */
static int open_pending_output(struct sealing *s, const char *final, struct err *err)
{
	AUTO(pending_names_clear) struct pending_names names = {0};
	return pending_names_make(&names, final, err) < 0 ||
				   approve_kit_open(&s->kit, s->session, s->plan, &names, err) < 0 ||
				   output_set_open(&s->volumes.files, names.pending, err) < 0
			   ? -1
			   : 0;
}

static int open_output(struct sealing *s, struct err *err)
{
	auto_buf path = {0};
	if (choose_path(s, &path, err) < 0)
		return -1;
	return s->plan->demand.people > 1 ? open_pending_output(s, path.data, err)
									  : output_set_open(&s->volumes.files, path.data, err);
}

static int write_slots(struct sealing *s, struct err *err)
{
	const struct slots_to_seal slots = {.session = s->session,
										.plan = s->plan,
										.next = s->next,
										.bundle_key = s->bundle_key,
										.writer = s->writer,
										.station = &s->station_gpg};
	return seal_slots(&slots, err);
}

/* --- payload --- */

static int write_payload(struct sealing *s, struct err *err)
{
	struct archive_out archive = {.writer = s->writer};
	if (seal_files(&s->plan->files.scan, &s->plan->files.manifest, &archive, s->progress, err) < 0 ||
		archive_out_close(&archive, s->plan->pad ? padme_length : NULL, err) < 0)
		return -1;
	return writer_payload_end(s->writer, &s->waybill.payload_bytes, &s->waybill.chunks, err);
}

/* --- manifest, waybill, signature --- */

static int write_manifest(struct sealing *s, struct err *err)
{
	auto_buf text = {0};
	if (manifest_format(&text, &s->plan->files.manifest, err) < 0)
		return -1;
	if (s->plan->pad)
		for (uint64_t target = padme_length(text.len); text.len < target;)
			if (buf_append(&text, "\n", 1, err) < 0)
				return -1;
	return writer_manifest(s->writer, text.data, text.len, &s->waybill.sums, err);
}

static int write_waybill(struct sealing *s, struct err *err)
{
	struct waybill *waybill = &s->waybill;
	waybill->bundle = s->plan->files.manifest.bundle;
	waybill->created = utc_now();
	waybill->not_after = waybill->created + s->plan->life_s;
	waybill->from = s->session->station.doc.fingerprint;
	waybill->approvals = s->plan->demand.people;
	(void)snprintf(waybill->handling, sizeof waybill->handling, "%s", s->plan->files.manifest.handling);
	waybill->to_count = s->plan->hide_recipients ? 0 : s->plan->recipient_count;
	waybill->to = calloc(waybill->to_count + (size_t)1, sizeof *waybill->to);
	if (waybill->to == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < waybill->to_count; i++)
		waybill->to[i] = s->plan->recipients[i]->fingerprint;
	return waybill_format_body(&s->waybill_bytes, waybill, err) < 0 ||
				   writer_key_check(s->writer, &s->waybill_bytes, &waybill->key_check, err) < 0 ||
				   waybill_append_key_check(&s->waybill_bytes, &waybill->key_check, err) < 0
			   ? -1
			   : 0;
}

static int sign_and_finish(struct sealing *s, struct err *err)
{
	auto_buf signature = {0};
	const struct station *station = &s->session->station;
	struct cert cert;
	if ((s->station_gpg == NULL &&
		 gpg_open_station(&s->station_gpg, station->gnupg, &s->session->passphrase, err) < 0) ||
		gpg_sign(s->station_gpg, &station->doc.fingerprint, s->waybill_bytes.data, s->waybill_bytes.len, &signature,
				 err) < 0 ||
		gpg_describe_public(s->station_gpg, &station->doc.fingerprint, &cert, err) < 0)
		return -1;
	expiry_tell(&s->plan->files.notices, NULL, cert_end(&cert, CERT_SIGNS | CERT_ENCRYPTS), 0, s->plan->now);
	struct bundle_seal mine = {
		.name = station->doc.fingerprint, .bytes = (unsigned char *)signature.data, .len = signature.len};
	return cover_digest(&s->medium.cover, &mine, 1, s->waybill_bytes.data, s->waybill_bytes.len, err) < 0 ||
				   writer_finish(s->writer, &s->waybill_bytes, &mine, 1, &s->file_bytes, err) < 0
			   ? -1
			   : 0;
}

/* One that others must sign first will be another file then. */
static int write_parity(struct sealing *s, struct pack_result *out, struct err *err)
{
	if (s->kit != NULL)
		return 0;
	s->parity.permille = parity_share_for(&s->plan->parity, s->file_bytes);
	s->parity.must = s->plan->parity.asked;
	s->parity.volume_count = s->plan->parity_volumes;
	writer_free(steal(&s->writer)); /* its buffers make room */
	if (s->parity.permille > 0 || s->parity.volume_count > 0)
		output_sync_begin(first_file(s));
	return seal_parity_write(&s->parity, &s->volumes, s->progress, out, &s->plan->files.notices, err);
}

/* --- ledger and name --- */

/* The folder comes first: a bundle under its pending name always has it. Parity comes last. A power cut between leaves
 * nothing that is wrong: some volumes without the first, so that the others are told as missing, and the next run finds
 * no first file and drops the row; or all of them without their parity, and it finds the first and keeps the row. */
static int commit_names(struct sealing *s, struct pack_result *out, bool *gone, struct err *err)
{
	*gone = true;
	if (s->kit != NULL && approve_kit_commit(s->kit, err) < 0)
		return -1;
	if (output_set_commit(&s->volumes.files, err) == 0) {
		if (seal_parity_commit(&s->parity, out, &s->plan->files.notices, err) == 0)
			return 0;
		*gone = output_set_withdraw(&s->volumes.files);
	} else {
		*gone = output_withdraw(first_file(s));
	}
	if (s->kit != NULL)
		approve_kit_revert(s->kit);
	return -1;
}

static int commit(struct sealing *s, struct pack_result *out, struct err *err)
{
	auto_buf marks = {0};
	auto_memories memories = {.items = NULL};
	int64_t row = 0;
	bool gone = true;
	hash_bytes(&out->digest, s->waybill_bytes.data, s->waybill_bytes.len);
	if (manifest_format_marks(&marks, &s->plan->files.manifest, err) < 0 ||
		memories_make(&memories, &s->plan->files.manifest, &s->waybill.from, err) < 0 ||
		(s->kit != NULL && approve_kit_write(s->kit, &out->digest, s->bundle_key, err) < 0))
		return -1;
	struct ledger_sealing sealing = {.bundle = s->waybill.bundle,
									 .digest = out->digest,
									 .from = s->waybill.from,
									 .created = s->waybill.created,
									 .not_after = s->waybill.not_after,
									 .channels = s->channels,
									 .channel_count = s->plan->recipient_count,
									 .files = s->plan->files.manifest.files,
									 .bytes = s->plan->files.manifest.bytes,
									 .marks = marks.data,
									 .purpose = s->plan->files.manifest.purpose,
									 .final_path = output_final_path(first_file(s)),
									 .memories = memories.items,
									 .memory_count = memories.count};
	if (output_set_sync(&s->volumes.files, err) < 0 ||
		seal_medium_read_back(&s->medium, &s->volumes.files, s->progress, &out->read_back, err) < 0 ||
		output_identity(first_file(s), &sealing.dev, &sealing.ino, err) < 0 || cancel_check(err) < 0 ||
		ledger_sealing(s->session->ledger, &sealing, &row, err) < 0)
		return -1;
	if (commit_names(s, out, &gone, err) < 0) {
		struct err second = ERR_INIT; /* the first error is the one to tell; the next run settles what this cannot */
		/* While its name may be there the row stays, and with it its numbers: the next run looks. */
		if (gone)
			(void)ledger_unseal(s->session->ledger, row, &second);
		return -1;
	}
	/* The bundle is there and its row is safe: should this fail, the next run settles the row by looking. */
	struct err second = ERR_INIT;
	(void)ledger_sealed(s->session->ledger, row, &second);
	return 0;
}

static int fill_result(const struct sealing *s, struct pack_result *out, struct err *err)
{
	out->bundle = s->waybill.bundle;
	out->file_bytes = s->file_bytes;
	out->payload_bytes = s->waybill.payload_bytes;
	out->created = s->waybill.created;
	out->not_after = s->waybill.not_after;
	out->by_program = s->medium.facts.by_program;
	out->path = strdup(output_final_path(first_file(s)));
	if (output_set_paths(&s->volumes.files, &out->volumes, &out->volume_count, err) < 0)
		return -1;
	out->sequences = calloc(s->plan->recipient_count, sizeof *out->sequences);
	if (s->kit != NULL && (out->approve_folder = strdup(approve_kit_path(s->kit))) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (out->path == NULL || out->sequences == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < s->plan->recipient_count; i++)
		out->sequences[i] = s->next[i].sequence;
	return 0;
}

/* One that others must sign is one file. */
static bool may_split(const struct sealing *s)
{
	return s->plan->demand.people == 1 && s->plan->volume_bytes != VOLUME_SIZE_NONE;
}

static uint64_t volume_max(const struct sealing *s)
{
	const uint64_t asked = s->plan->volume_bytes, file_max = s->medium.facts.file_max;
	return asked == VOLUME_SIZE_AUTO || asked > file_max ? file_max : asked;
}

/* All but digests and offsets stands in the manifest by now, and these have their longest form. */
static int allow_volumes(struct sealing *s, const struct writer_options *options, uint64_t archive_bytes,
						 struct err *err)
{
	enum { OFFSET_DIGITS = 20 };
	const struct pack_plan *plan = s->plan;
	auto_buf text = {0};
	if (!may_split(s) || volume_max(s) == MEDIUM_NO_LIMIT)
		return 0;
	if (manifest_format(&text, &plan->files.manifest, err) < 0)
		return -1;
	const uint64_t payload = archive_bytes + USTAR_END,
				   manifest = text.len + (uint64_t)plan->files.manifest.entry_count * OFFSET_DIGITS;
	const struct writer_bounds bounds = {.payload_bytes = plan->pad ? padme_length(payload) : payload,
										 .manifest_bytes = plan->pad ? padme_length(manifest) : manifest,
										 .slots = plan->recipient_count,
										 .signatures = 1};
	/* More than it needs where the bundle turns out to be so small that it gets none. */
	s->volumes.parity_permille = plan->parity.asked ? plan->parity.permille : PARITY_PERMILLE_USUAL;
	s->volumes.parity_volumes = plan->parity_volumes;
	return seal_volumes_allow(&s->volumes, s->writer, volume_max(s), options, &bounds, err);
}

static int keep_name(struct sealing *s, struct err *err)
{
	s->volumes.whole = strdup(output_final_path(first_file(s)));
	return s->volumes.whole != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int begin_file(struct sealing *s, struct err *err)
{
	const struct manifest *manifest = &s->plan->files.manifest;
	/* Headers are under 4 KiB an entry: near the border, a little too early does no harm. */
	const uint64_t archive_bytes = manifest->bytes + (uint64_t)manifest->entry_count * 4096;
	s->waybill.compression = s->plan->pad ? COMPRESSION_NONE : COMPRESSION_ZSTD;
	s->waybill.chunk_bytes = archive_bytes >> LARGE_PAYLOAD_SHIFT != 0 ? CHUNK_LARGE : CHUNK_SMALL;
	struct writer_options options = {
		.bundle = manifest->bundle, .compression = s->waybill.compression, .chunk_bytes = s->waybill.chunk_bytes};
	/* How small it becomes is not known beforehand, unless it is not compressed at all. */
	const uint64_t least = s->plan->pad ? padme_length(manifest->bytes) : seal_medium_least(manifest);
	const uint64_t beside = s->plan->demand.people > 1 || !s->plan->parity.asked
								? 0
								: parity_size(least, parity_share_for(&s->plan->parity, least)),
				   largest = least > beside ? least : beside;
	if (secret_random(&s->bundle_key, KEY_BYTES, err) < 0 || open_output(s, err) < 0 || keep_name(s, err) < 0 ||
		seal_medium_begin(&s->medium, first_file(s), least + beside, may_split(s) ? 0 : largest, err) < 0)
		return -1;
	options.paced = medium_wants_proof(&s->medium.facts);
	options.path = s->volumes.whole;
	return writer_new(&s->writer, output_fd(first_file(s)), &options, s->bundle_key, err) < 0 ||
				   allow_volumes(s, &options, archive_bytes, err) < 0
			   ? -1
			   : 0;
}

static int seal(struct session *session, struct pack_plan *plan, const struct progress *progress,
				struct pack_result *out, struct err *err)
{
	AUTO(sealing_clear) struct sealing s = {.session = session, .plan = plan, .progress = progress};
	if (session_lock(session, err) < 0 || reserve_sequences(&s, err) < 0 || declare_voids(&s, err) < 0)
		return -1;
	if (begin_file(&s, err) < 0 || write_slots(&s, err) < 0 || write_payload(&s, err) < 0 ||
		write_manifest(&s, err) < 0 || write_waybill(&s, err) < 0 || sign_and_finish(&s, err) < 0 ||
		seal_volumes_name(&s.volumes, err) < 0)
		return -1;
	if (write_parity(&s, out, err) < 0 || fill_result(&s, out, err) < 0 || commit(&s, out, err) < 0) {
		pack_result_clear(out);
		return -1;
	}
	return 0;
}

int pack_seal(struct session *session, struct pack_plan *plan, const struct progress *progress, struct pack_result *out,
			  struct err *err)
{
	int rc = seal(session, plan, progress, out, err);
	if (rc < 0)
		pack_note_refusal(session, err);
	return rc;
}
