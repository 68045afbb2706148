/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/authorise.h"

#include "base/hash.h"
#include "base/text.h"
#include "keyring/signed.h"
#include "media/output.h"
#include "ops/memory.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* --- labels as typed --- */

/* A label of a scheme that is no longer here cannot be compared, but its originator can still let go of it. */
static bool is_of_no_scheme(const struct scheme_set *schemes, const char *word)
{
	char scheme[LABEL_ID_MAX + 1];
	if (!label_id_is_valid(word))
		return false;
	(void)snprintf(scheme, sizeof scheme, "%.*s", (int)strcspn(word, "/"), word);
	return scheme_find(schemes, scheme) == NULL;
}

static int add_label(char (*labels)[LABEL_ID_MAX + 1], uint32_t *count, const char *id, struct err *err)
{
	for (uint32_t i = 0; i < *count; i++)
		if (strcmp(labels[i], id) == 0)
			return 0;
	if (*count == MANIFEST_LABELS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d labels in one authorisation", MANIFEST_LABELS_MAX);
	(void)snprintf(labels[(*count)++], LABEL_ID_MAX + 1, "%s", id);
	return 0;
}

static int add_from(const struct scheme_set *schemes, struct authorisation *a, const char *word, struct err *err)
{
	struct label_ref ref;
	char id[LABEL_ID_MAX + 1];
	if (is_of_no_scheme(schemes, word))
		return add_label(a->from, &a->from_count, word, err);
	if (label_resolve(&ref, schemes, word, err) < 0)
		return err_wrap(err, "--from %s: ", word);
	label_format_id(id, ref);
	return add_label(a->from, &a->from_count, id, err);
}

static int add_to(const struct scheme_set *schemes, struct authorisation *a, const char *word, struct err *err)
{
	struct label_ref ref;
	char id[LABEL_ID_MAX + 1];
	if (label_resolve(&ref, schemes, word, err) < 0)
		return err_wrap(err, "--lower-to %s: ", word);
	for (uint32_t i = 0; ref.scheme->exclusive && i < a->to_count; i++)
		if (label_is_of(a->to[i], ref.scheme->id)) {
			(void)err_set(err, ERR_USAGE, "--lower-to names two labels of %s: %s and %s", ref.scheme->title, a->to[i],
						  ref.label->text);
			return err_hint(err, "give the lowest of them alone");
		}
	label_format_id(id, ref);
	return add_label(a->to, &a->to_count, id, err);
}

/* --- what the ledger knows the files under --- */

/* The label of this scheme in `to`; NULL for none. */
static const struct label *lowest_of(const struct scheme_set *schemes, const struct authorisation *a,
									 const struct scheme *scheme)
{
	struct label_ref ref;
	for (uint32_t i = 0; i < a->to_count; i++)
		if (label_find(&ref, schemes, a->to[i]) && ref.scheme == scheme)
			return ref.label;
	return NULL;
}

static bool is_above(const struct scheme_set *schemes, const struct authorisation *a, const char *id)
{
	struct label_ref ref;
	if (!label_find(&ref, schemes, id) || ref.scheme->combine != COMBINE_MAX)
		return false;
	const struct label *lowest = lowest_of(schemes, a, ref.scheme);
	return lowest != NULL && ref.label->rank > lowest->rank;
}

struct known {
	const struct session *session;
	struct authorisation *into;
	char others[LABEL_ID_MAX + 1]; /* a label above `to` that somebody else gave; "" for none */
	struct fingerprint other;
};

static int add_known_label(struct known *known, const char *id, const struct fingerprint *by, struct err *err)
{
	if (!is_above(&known->session->schemes, known->into, id))
		return 0;
	if (station_doc_has_key(&known->session->station.doc, by))
		return add_label(known->into->from, &known->into->from_count, id, err);
	(void)snprintf(known->others, sizeof known->others, "%s", id);
	known->other = *by;
	return 0;
}

static int add_known_word(struct known *known, const struct known_word *word, struct err *err)
{
	for (const char *at = word->labels; *at != '\0';) {
		size_t len = strcspn(at, " ");
		char id[LABEL_ID_MAX + 1];
		(void)snprintf(id, sizeof id, "%.*s", (int)(len < sizeof id ? len : sizeof id - 1), at);
		if (len > 0 && add_known_label(known, id, &word->by, err) < 0)
			return -1;
		at += len + (at[len] == ' ');
	}
	return 0;
}

static int fail_nothing_known(const struct known *known, struct err *err)
{
	if (known->others[0] != '\0') {
		const struct partner *partner = registry_find(&known->session->registry, &known->other);
		const char *name = partner != NULL ? partner->alias : known->other.hex;
		(void)err_set(err, ERR_DOWNGRADE, "these files are %s by the word of %s, who alone may lower it", known->others,
					  name);
		return err_hint(err, "ask %s for an authorisation", name);
	}
	(void)err_set(err, ERR_USAGE, "this station remembers nothing of these files above the labels of --lower-to");
	return err_hint(err, "name the labels that may be given up: --from LABEL");
}

static int add_known(const struct session *session, const struct recollection *recollection, struct authorisation *a,
					 struct err *err)
{
	struct known known = {.session = session, .into = a};
	for (uint32_t i = 0; i < recollection->word_count; i++)
		if (add_known_word(&known, &recollection->words[i], err) < 0)
			return -1;
	return a->from_count > 0 ? 0 : fail_nothing_known(&known, err);
}

/* --- which contents --- */

static int add_file(struct authorisation *a, const struct digest *digest, struct err *err)
{
	if (a->file_count == AUTHORISATION_FILES_MAX) {
		(void)err_set(err, ERR_LIMIT, "more than %d files in one authorisation", AUTHORISATION_FILES_MAX);
		return err_hint(err, "make several, each for some of the files");
	}
	a->files[a->file_count++] = *digest;
	return 0;
}

/* Empty ones are everybody's: nothing is remembered of them. */
static int add_path_files(const struct scan *scan, struct manifest *manifest, struct authorisation *a, struct err *err)
{
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		struct manifest_entry *entry = &manifest->entries[i];
		if (entry->type == ENTRY_FOLDER || entry->size == 0)
			continue;
		if ((digest_is_zero(&entry->sha256) && memory_digest_file(scan, manifest, i, err) < 0) ||
			add_file(a, &entry->sha256, err) < 0)
			return -1;
	}
	return 0;
}

static void sort_files(struct authorisation *a)
{
	uint32_t kept = 0;
	if (a->file_count > 1)
		qsort(a->files, a->file_count, sizeof *a->files, authorisation_compare_files);
	for (uint32_t i = 0; i < a->file_count; i++)
		if (kept == 0 || !digest_equal(&a->files[kept - 1], &a->files[i]))
			a->files[kept++] = a->files[i];
	a->file_count = kept;
}

static int add_files(struct session *session, const struct authorise_request *request, struct authorisation *a,
					 struct err *err)
{
	auto_scan scan = {.roots = NULL};
	auto_manifest manifest = {.entries = NULL};
	auto_recollection recollection = {.words = NULL};
	auto_free unsigned char *sizes = NULL;
	if (manifest_init(&manifest, err) < 0 ||
		scan_paths(request->paths, request->path_count, &scan, &manifest, err) < 0 ||
		(request->from_count == 0 && (recollection_sizes(&sizes, session, &manifest, err) < 0 ||
									  recollect(&recollection, session, sizes, &scan, &manifest, err) < 0)) ||
		add_path_files(&scan, &manifest, a, err) < 0)
		return -1;
	sort_files(a);
	if (a->file_count == 0)
		return err_set(err, ERR_USAGE, "there is no file to authorise anything for");
	return request->from_count > 0 ? 0 : add_known(session, &recollection, a, err);
}

/* --- does it make sense --- */

/* policy_check_downgrade() would not honour it: better said here than at the other end. */
static int check_lowest(const struct scheme_set *schemes, const struct authorisation *a, const char *from,
						struct err *err)
{
	struct label_ref ref;
	if (!label_find(&ref, schemes, from) || ref.scheme->combine != COMBINE_MAX)
		return 0;
	const struct label *lowest = lowest_of(schemes, a, ref.scheme);
	if (lowest == NULL && ref.scheme->required) {
		(void)err_set(err, ERR_USAGE, "what may stand instead of %s is not said", ref.label->text);
		return err_hint(err, "add --lower-to and a label of %s", ref.scheme->title);
	}
	if (lowest != NULL && lowest->rank >= ref.label->rank)
		return err_set(err, ERR_USAGE, "%s is not below %s", lowest->text, ref.label->text);
	return 0;
}

static int check_labels(const struct scheme_set *schemes, struct authorisation *a, struct err *err)
{
	qsort(a->from, a->from_count, sizeof *a->from, label_id_compare);
	if (a->to_count > 1)
		qsort(a->to, a->to_count, sizeof *a->to, label_id_compare);
	for (uint32_t i = 0; i < a->from_count; i++)
		if (check_lowest(schemes, a, a->from[i], err) < 0)
			return -1;
	return 0;
}

static int set_facts(const struct session *session, const struct authorise_request *request, struct authorisation *a,
					 struct err *err)
{
	const uint32_t days = request->days != 0 ? request->days : AUTHORISE_DAYS_DEFAULT;
	const size_t len = request->reason != NULL ? strlen(request->reason) : 0;
	if (!station_can_sign(&session->station)) {
		(void)err_set(err, ERR_STATION, "this station has no key of its own: it can verify, not sign");
		return err_hint(err, "make a station that can sign: valise --home DIR init --name … --organisation …");
	}
	if (len == 0 || len > AUTHORISATION_REASON_MAX || !text_is_plain(request->reason, len))
		return err_set(err, ERR_USAGE, "--reason must be plain text of 1 to %d bytes", AUTHORISATION_REASON_MAX);
	if (days > AUTHORISATION_DAYS_MAX)
		return err_set(err, ERR_USAGE, "an authorisation is good for at most %d days", AUTHORISATION_DAYS_MAX);
	a->by = session->station.doc.fingerprint;
	a->created = utc_now();
	a->not_after = a->created + (int64_t)days * DAY_S;
	memcpy(a->reason, request->reason, len + 1);
	a->files = calloc(AUTHORISATION_FILES_MAX, sizeof *a->files);
	return a->files != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int decide(struct session *session, const struct authorise_request *request, struct authorisation *a,
				  struct err *err)
{
	if (set_facts(session, request, a, err) < 0)
		return -1;
	for (unsigned i = 0; i < request->to_count; i++)
		if (add_to(&session->schemes, a, request->to[i], err) < 0)
			return -1;
	for (unsigned i = 0; i < request->from_count; i++)
		if (add_from(&session->schemes, a, request->from[i], err) < 0)
			return -1;
	return add_files(session, request, a, err) < 0 ? -1 : check_labels(&session->schemes, a, err);
}

/* --- signing and writing --- */

static int default_path(struct buf *out, const struct authorise_request *request, const struct authorisation *a,
						struct err *err)
{
	char day[16], hex[DIGEST_HEX + 1];
	struct tm tm;
	time_t now = (time_t)a->created;
	const char *folder = request->output != NULL ? request->output : ".";
	(void)strftime(day, sizeof day, "%Y%m%d", gmtime_r(&now, &tm));
	digest_format(hex, &a->files[0]);
	return buf_printf(out, err, "%s/%s-authorisation-%.8s.yaml", folder, day, hex);
}

static int choose_path(struct buf *out, const struct authorise_request *request, const struct authorisation *a,
					   struct err *err)
{
	const char *asked = request->output;
	struct stat st;
	size_t len = asked != NULL ? strlen(asked) : 0;
	if (asked == NULL || (len > 0 && asked[len - 1] == '/') || (stat(asked, &st) == 0 && S_ISDIR(st.st_mode)))
		return default_path(out, request, a, err);
	return buf_append_str(out, asked, err);
}

/* The place is taken before the passphrase is asked for: a name that is taken already should cost nobody a PIN. */
static int write_signed(const struct session *session, const struct authorise_request *request,
						const struct authorisation *a, char **out_path, struct err *err)
{
	auto_buf path = {0}, text = {0};
	auto_output *output = NULL;
	if (choose_path(&path, request, a, err) < 0 || authorisation_format(&text, a, err) < 0 ||
		output_open(&output, path.data, OUTPUT_FILE, err) < 0 ||
		signed_doc_sign(&session->station, &session->passphrase, &text, err) < 0)
		return -1;
	if (text.len > AUTHORISATION_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "the authorisation has more than %d bytes", AUTHORISATION_BYTES_MAX);
	*out_path = strdup(output_final_path(output));
	if (*out_path == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (output_finish(output, text.data, text.len, err) == 0)
		return 0;
	free(*out_path);
	*out_path = NULL;
	return -1;
}

int authorise_make(struct session *session, const struct authorise_request *request, struct authorisation *out,
				   char **out_path, struct err *err)
{
	auto_authorisation a = {.files = NULL};
	*out = a;
	*out_path = NULL;
	if (decide(session, request, &a, err) < 0 || write_signed(session, request, &a, out_path, err) < 0)
		return -1;
	*out = a;
	a.files = NULL;
	return 0;
}
