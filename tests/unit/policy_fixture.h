/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_TESTS_POLICY_FIXTURE_H
#define VALISE_TESTS_POLICY_FIXTURE_H

#include "unit.h"

#include "base/hash.h"
#include "policy/decide.h"
#include "policy/rules.h"

#include <stdlib.h>

/* A case in plain memory: own schemes, so that what ships may change, and a manifest without arena. What labels ask for
 * is set here by hand. */
#define FIXTURE_SCHEME(id, rest) "valise-scheme: 1\nid: " id "\nversion: 1\ntitle: Scheme " id "\n" rest
#define FIXTURE_TLP                                                                                         \
	FIXTURE_SCHEME("tlp", "exclusive: true\nrequired: true\nceiling: true\ncombine: max\nlabels: ["         \
						  "{id: clear, rank: 0, text: 'T:CLEAR'}, {id: green, rank: 10, text: 'T:GREEN'}, " \
						  "{id: strict, rank: 30, text: 'T:STRICT'}, {id: red, rank: 40, text: 'T:RED'}]\n")
#define FIXTURE_PD                                                                                         \
	FIXTURE_SCHEME("pd", "exclusive: true\nrequired: true\nceiling: true\ncombine: max\nlabels: ["         \
						 "{id: none, rank: 0, text: 'P:NONE'}, {id: pseudo, rank: 20, text: 'P:PSEUDO'}, " \
						 "{id: personal, rank: 30, text: 'P:PERSONAL'}]\n")
#define FIXTURE_CAT                                                                                      \
	FIXTURE_SCHEME("cat", "exclusive: false\nrequired: false\nceiling: false\ncombine: union\nlabels: [" \
						  "{id: health, text: 'C:HEALTH'}, {id: crime, text: 'C:CRIME'}, {id: ip, text: 'C:IP'}]\n")
#define FIXTURE_EU                                                                                  \
	FIXTURE_SCHEME("eu", "exclusive: true\nrequired: false\nceiling: true\ncombine: max\nlabels: [" \
						 "{id: r, rank: 10, text: 'EU R'}, {id: c, rank: 20, text: 'EU C'}, "       \
						 "{id: s, rank: 30, text: 'EU S'}]\n")
#define FIXTURE_US                                                                                  \
	FIXTURE_SCHEME("us", "exclusive: true\nrequired: false\nceiling: true\ncombine: max\nlabels: [" \
						 "{id: c, rank: 20, text: 'US C'}, {id: s, rank: 30, text: 'US S'}]\n")
#define FIXTURE_UK                                                                                  \
	FIXTURE_SCHEME("uk", "exclusive: true\nrequired: false\nceiling: true\ncombine: max\nlabels: [" \
						 "{id: s, rank: 30, text: 'UK S'}]\n")

enum { FIXTURE_FILES = 6, FIXTURE_LABELS = 6, FIXTURE_PARTIES = 3, FIXTURE_NOW = 1790000000 };

/* One party with all that it can have. */
struct fixture_party {
	struct party party;
	struct ceilings ceilings;
	struct communities communities;
	struct mechanisms mechanisms;
};

struct policy_fixture {
	struct scheme_set schemes;
	struct manifest manifest;
	struct manifest_entry entries[FIXTURE_FILES];
	struct manifest_marking markings[FIXTURE_FILES];
	struct manifest_label labels[FIXTURE_FILES][FIXTURE_LABELS];
	char releasable[FIXTURE_FILES][8][3];
	struct manifest_scheme listed[8];
	struct fixture_party parties[1 + FIXTURE_PARTIES]; /* the station first */
	struct policy_party recipients[FIXTURE_PARTIES];
	struct record record;
	struct policy_case about;
};

static inline struct label *fixture_label(struct policy_fixture *f, const char *id)
{
	struct label_ref ref;
	if (!label_find(&ref, &f->schemes, id))
		fail_msg("no label %s", id);
	return (struct label *)ref.label;
}

static inline void fixture_add_scheme(struct policy_fixture *f, const char *text)
{
	expect_ok(scheme_set_add(&f->schemes, text, strlen(text), NULL, err));
}

static inline void fixture_imply(struct policy_fixture *f, const char *id, const char *implied)
{
	struct label *label = fixture_label(f, id);
	label->implies = calloc(1, sizeof *label->implies);
	assert_non_null(label->implies);
	(void)strcpy(label->implies[0], implied);
	label->implies_count = 1;
}

static inline void fixture_set_party(struct policy_fixture *f, unsigned at, const char *name, const char *code,
									 const char *organisation)
{
	struct fixture_party *p = &f->parties[at];
	struct policy_party *out = at == 0 ? &f->about.station : &f->recipients[at - 1];
	p->party.kind = PARTY_ORGANISATION;
	(void)strcpy(p->party.jurisdiction, code);
	(void)strcpy(p->party.organisation, organisation);
	*out = (struct policy_party){.name = name,
								 .party = &p->party,
								 .ceilings = &p->ceilings,
								 .communities = &p->communities,
								 .mechanisms = &p->mechanisms,
								 .sector = SECTOR_PUBLIC};
}

static inline void fixture_words(const char *words, size_t size, size_t stride, char *out, uint32_t *count, size_t max)
{
	*count = 0;
	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		assert_true(*count < max && len < size);
		memset(out + *count * stride, 0, size);
		memcpy(out + (*count)++ * stride, words, len);
		words += len;
		words += strspn(words, " ");
	}
}

static inline void fixture_ceilings(struct policy_fixture *f, unsigned party, const char *words)
{
	struct ceilings *c = &f->parties[party].ceilings;
	fixture_words(words, sizeof c->labels[0], sizeof c->labels[0], c->labels[0], &c->count, CEILINGS_MAX);
}

static inline void fixture_communities(struct policy_fixture *f, unsigned party, const char *words)
{
	struct communities *c = &f->parties[party].communities;
	fixture_words(words, sizeof c->items[0], sizeof c->items[0], c->items[0], &c->count, COMMUNITIES_MAX);
}

static inline void fixture_mechanisms(struct policy_fixture *f, unsigned party, const char *words)
{
	struct mechanisms *m = &f->parties[party].mechanisms;
	fixture_words(words, sizeof m->items[0].term, sizeof m->items[0], m->items[0].term, &m->count, MECHANISMS_MAX);
}

/* One more file with a marking of its own. */
static inline struct manifest_marking *fixture_add_file(struct policy_fixture *f, const char *path, const char *labels,
														const char *releasable)
{
	struct manifest *m = &f->manifest;
	const uint32_t at = m->marking_count++;
	struct manifest_marking *marking = &f->markings[at];
	assert_true(at < FIXTURE_FILES);
	m->entries = f->entries;
	m->markings = f->markings;
	f->entries[m->entry_count++] = (struct manifest_entry){.path = (char *)path, .type = ENTRY_FILE, .marking = at};
	m->files++;
	*marking = (struct manifest_marking){.labels = f->labels[at]};
	fixture_words(labels, sizeof f->labels[0][0].id, sizeof f->labels[0][0], f->labels[at][0].id, &marking->count,
				  FIXTURE_LABELS);
	marking->releasable = f->releasable[at];
	fixture_words(releasable, 3, 3, f->releasable[at][0], &marking->releasable_count, 8);
	return marking;
}

/* What packing computes from the files: schemes in use, marks, releasability; where that can be computed. */
static inline void fixture_seal(struct policy_fixture *f)
{
	struct manifest *m = &f->manifest;
	struct err first = ERR_INIT, second = ERR_INIT;
	m->schemes = f->listed;
	for (size_t i = 0; i < f->schemes.count; i++) {
		const struct scheme *scheme = &f->schemes.schemes[i];
		bool used = false;
		for (uint32_t k = 0; k < m->marking_count; k++)
			for (uint32_t n = 0; n < m->markings[k].count; n++)
				used |= strncmp(m->markings[k].labels[n].id, scheme->id, strlen(scheme->id)) == 0;
		if (!used)
			continue;
		struct manifest_scheme *listed = &m->schemes[m->scheme_count++];
		(void)strcpy(listed->id, scheme->id);
		(void)strcpy(listed->version, scheme->version);
		listed->semantics = scheme->semantics;
	}
	(void)policy_high_water(&f->schemes, m, &m->marks, &m->mark_count, &first);
	(void)policy_releasable(m, &m->releasable, &m->releasable_count, &second);
}

static inline void fixture_set_record(struct policy_fixture *f)
{
	static const char *const texts[RECORD_FIELD_COUNT] = {
		[RECORD_CONTROLLER] = "Agency A",
		[RECORD_CONTACT] = "privacy at agency-a.example",
		[RECORD_DPO] = "D. P. Officer",
		[RECORD_PURPOSES] = "warning each other of attacks",
		[RECORD_SUBJECTS] = "users of attacked systems",
		[RECORD_CATEGORIES] = "addresses",
		[RECORD_NUMBER] = "1200",
		[RECORD_RECIPIENTS] = "agencies",
		[RECORD_THIRD_COUNTRY] = "US",
		[RECORD_BASIS] = "eu-gdpr:A6-1-e",
		[RECORD_RETENTION] = "P6M",
		[RECORD_MECHANISM] = "eu-gdpr:A46-3-b",
		[RECORD_REFERENCE] = "arrangement of 2024",
		[RECORD_ARTICLE_9] = "eu-gdpr:A9-2-g",
		[RECORD_ARTICLE_10] = "gdpr:10-law",
		[RECORD_KEY_HOLDER] = "Agency A",
	};
	(void)strcpy(f->record.id, "incidents");
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++)
		f->record.texts[i] = (char *)texts[i];
	f->manifest.records = &f->record;
	f->manifest.record_count = 1;
}

static inline void policy_fixture_clear(struct policy_fixture *f)
{
	for (size_t i = 0; i < f->schemes.count; i++)
		for (size_t k = 0; k < f->schemes.schemes[i].label_count; k++) {
			free(f->schemes.schemes[i].labels[k].implies);
			f->schemes.schemes[i].labels[k].implies = NULL;
			f->schemes.schemes[i].labels[k].implies_count = 0;
		}
	scheme_set_clear(&f->schemes);
	free(f->manifest.marks);
	free(f->manifest.releasable);
}
#define auto_fixture AUTO(policy_fixture_clear) struct policy_fixture

/* Two organisations of two countries; no file yet. */
static inline void policy_fixture_init(struct policy_fixture *f)
{
	static const char *const all[] = {FIXTURE_TLP, FIXTURE_PD, FIXTURE_CAT, FIXTURE_EU, FIXTURE_US, FIXTURE_UK};
	memset(f, 0, sizeof *f);
	for (size_t i = 0; i < COUNT(all); i++)
		fixture_add_scheme(f, all[i]);
	f->about = (struct policy_case){.side = POLICY_SENDING,
									.schemes = &f->schemes,
									.manifest = &f->manifest,
									.recipients = f->recipients,
									.recipient_count = 1,
									.now = FIXTURE_NOW};
	fixture_set_party(f, 0, "this station", "BE", "Agency A");
	fixture_set_party(f, 1, "agency-b", "US", "Agency B");
	fixture_set_party(f, 2, "agency-c", "NL", "Agency C");
	fixture_set_party(f, 3, "agency-d", "NO", "Agency C");
	for (unsigned i = 0; i <= FIXTURE_PARTIES; i++)
		fixture_ceilings(f, i, "pd/personal tlp/red");
}

#endif
