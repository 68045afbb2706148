/* SPDX-License-Identifier: Apache-2.0 */
/* labels FOLDER: what labels cost where there are many files, step by step, as one JSON object. FOLDER holds the files
 * and their label file; nothing is read but their names, and no key is needed. tests/bench/run makes the folder, and
 * holds the figures to their goals. */
#include "ops/labelling.h"
#include "policy/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RECIPIENTS = 10, ENTRY_BYTES = 1024 };

struct work {
	struct session session;
	struct scan scan;
	struct manifest manifest, again;
	struct labelling *labelling;
	struct policy_report report;
	struct notices notices;
	struct buf text;
	struct partner partners[RECIPIENTS];
	struct ceilings ceilings;
};

static double now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- who, and what stands in the manifest besides labels --- */

static void fill_parties(struct work *w)
{
	static const char *const codes[] = {"BE", "FR"};
	struct station_doc *own = &w->session.station.doc;
	w->ceilings = (struct ceilings){.labels = {"pd/personal", "tlp/red"}, .count = 2};
	own->ceilings = w->ceilings;
	own->party = (struct party){.name = "own", .organisation = "A", .kind = PARTY_PERSON, .jurisdiction = "BE"};
	(void)memset(own->fingerprint.hex, 'A', 40);
	for (unsigned i = 0; i < RECIPIENTS; i++) {
		struct partner *p = &w->partners[i];
		p->party = (struct party){.name = "to", .organisation = "B", .kind = PARTY_PERSON};
		(void)snprintf(p->alias, sizeof p->alias, "to-%u", i);
		(void)strcpy(p->party.jurisdiction, codes[i % 2]);
		p->ceilings = &w->ceilings;
	}
}

/* What packing would fill in while it writes. */
static void fill_entries(struct manifest *manifest)
{
	uuid_random(&manifest->bundle);
	(void)strcpy(manifest->tool, "bench");
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		struct manifest_entry *entry = &manifest->entries[i];
		entry->offset = (uint64_t)i * ENTRY_BYTES;
		if (entry->type != ENTRY_FOLDER)
			for (unsigned n = 0; n < sizeof entry->sha256.bytes; n++)
				entry->sha256.bytes[n] = (unsigned char)((i >> (n % 4 * 8)) + n);
	}
}

static int fill_types(struct manifest *manifest, struct err *err)
{
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER && manifest_set_media_type(manifest, i, "text/plain", err) < 0)
			return -1;
	return 0;
}

/* --- the steps --- */

static int label(struct work *w, struct err *err)
{
	const struct labelling_request request = {0};
	if (labelling_prepare(&w->labelling, &w->session, &request, &w->scan, &w->manifest, &w->notices, err) < 0)
		return -1;
	return labelling_decide(w->labelling, NULL, &w->manifest, &w->notices, err);
}

static int judge(struct work *w, struct err *err)
{
	struct policy_party parties[RECIPIENTS];
	for (unsigned i = 0; i < RECIPIENTS; i++)
		parties[i] = policy_party_of_partner(&w->partners[i]);
	const struct policy_case about = {.side = POLICY_SENDING,
									  .schemes = &w->session.schemes,
									  .manifest = &w->manifest,
									  .station = policy_party_of_station(&w->session.station.doc),
									  .recipients = parties,
									  .recipient_count = RECIPIENTS,
									  .now = utc_now()};
	return policy_decide(&about, &w->report, err);
}

static int write_text(struct work *w, struct err *err)
{
	return manifest_format(&w->text, &w->manifest, err);
}

static int read_text(struct work *w, struct err *err)
{
	return manifest_parse(&w->again, w->text.data, w->text.len, err);
}

static int timed(const char *name, int (*step)(struct work *w, struct err *err), struct work *w, struct err *err)
{
	const double began = now_s();
	if (step(w, err) < 0)
		return -1;
	(void)printf("\"%s\": %.6f, ", name, now_s() - began);
	return 0;
}

/* --- whether it was the right work --- */

/* A refusal would have ended rules early. */
static int check_allowed(const struct work *w, struct err *err)
{
	for (uint32_t i = 0; i < w->report.count; i++)
		if (w->report.findings[i].outcome == POLICY_REFUSES) {
			*err = w->report.findings[i].why;
			return -1;
		}
	return 0;
}

static int check_same(const struct work *w, struct err *err)
{
	auto_buf text = {0};
	if (manifest_format(&text, &w->again, err) < 0)
		return -1;
	if (text.len != w->text.len || memcmp(text.data, w->text.data, text.len) != 0)
		return err_set(err, ERR_MANIFEST, "what was read is not what was written");
	return 0;
}

static int run(struct work *w, const char *folder, struct err *err)
{
	if (scheme_set_load_shipped(&w->session.schemes, NULL, err) < 0 || manifest_init(&w->manifest, err) < 0 ||
		scan_paths(&folder, 1, &w->scan, &w->manifest, err) < 0 || fill_types(&w->manifest, err) < 0)
		return -1;
	fill_parties(w);
	fill_entries(&w->manifest);
	if (timed("label", label, w, err) < 0 || timed("judge", judge, w, err) < 0 || check_allowed(w, err) < 0 ||
		timed("write", write_text, w, err) < 0 || timed("read", read_text, w, err) < 0)
		return -1;
	struct rusage used;
	(void)getrusage(RUSAGE_SELF, &used);
	(void)printf("\"peak\": %ld, \"files\": %llu, \"markings\": %u, \"manifest\": %zu", used.ru_maxrss << 10,
				 (unsigned long long)w->manifest.files, w->manifest.marking_count, w->text.len);
	return check_same(w, err);
}

static void work_clear(struct work *w)
{
	labelling_free(w->labelling);
	policy_report_clear(&w->report);
	scheme_set_clear(&w->session.schemes);
	scan_clear(&w->scan);
	manifest_clear(&w->manifest);
	manifest_clear(&w->again);
	notices_clear(&w->notices);
	buf_clear(&w->text);
}

int main(int argc, char **argv)
{
	struct work work = {0};
	struct err err = ERR_INIT;
	(void)printf("{");
	const int rc = argc == 2 ? run(&work, argv[1], &err) : err_set(&err, ERR_USAGE, "labels FOLDER");
	(void)printf("}\n");
	if (rc < 0)
		(void)fprintf(stderr, "labels: %s (%s)\n", err.message, err.hint);
	work_clear(&work);
	return rc < 0 ? 1 : 0;
}
