/* SPDX-License-Identifier: Apache-2.0 */
#include "station_fixture.h"

#include "format/signed_doc.h"
#include "ops/authorise.h"
#include "ops/equivalence_file.h"
#include "ops/memory.h"
#include "policy/equivalence.h"

/* Four stations: our own, a sender, an administrator, and nobody's. */
enum person { SELF, AGENCY, ADMIN, STRANGER, PEOPLE };
static const char *const names[PEOPLE] = {"self", "agency-b", "admin", "stranger"};
static struct fingerprint fprs[PEOPLE];
static struct session session;

static int group_setup(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	fixture_start();
	for (int i = 0; i < PEOPLE; i++)
		fprs[i] = make_station(names[i]);
	auto_station station = {0};
	auto_registry registry = {.station = NULL};
	assert_ok(station_open(&station, below_root("self"), &err));
	assert_ok(registry_open(&registry, &station, NULL, &err));
	add_partner(&registry, "agency-b", ROLE_SEND | ROLE_RECEIVE, "");
	add_partner(&registry, "admin", ROLE_ADMINISTER, "");
	shell("cd $R && mkdir -p in/sub && printf red >in/red.txt && printf amber >in/sub/amber.txt && : >in/empty && "
		  "cp in/red.txt in/again.txt");
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	fixture_end();
	return 0;
}

static int open_session(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	shell("rm -f $R/self/ledger* $R/self/equivalence.yaml $R/*.yaml");
	assert_ok(session_open(&session, below_root("self"), SESSION_LEDGER_WRITE, never_ask(), &err));
	return 0;
}

static int close_session(void **state)
{
	(void)state;
	session_close(&session);
	return 0;
}

static struct digest content_of(const char *text)
{
	struct digest out;
	hash_bytes(&out, text, strlen(text));
	return out;
}

/* As if it had been packed once. */
static void remember(const char *text, const char *labels, enum person by)
{
	static unsigned char number;
	struct err err = ERR_INIT;
	struct ledger_memory memory = {.digest = content_of(text), .size = strlen(text), .labels = labels, .by = &fprs[by]};
	struct ledger_channel channel = {.to = fprs[AGENCY], .alias = "agency-b", .sequence = ++number};
	struct ledger_sealing sealing = {.digest = {.bytes = {number}},
									 .from = fprs[SELF],
									 .channels = &channel,
									 .channel_count = 1,
									 .final_path = "/nowhere/at/all",
									 .memories = &memory,
									 .memory_count = 1};
	int64_t row;
	uuid_random(&sealing.bundle);
	assert_ok(ledger_sealing(session.ledger, &sealing, &row, &err));
	assert_ok(ledger_sealed(session.ledger, row, &err));
}

/* A document signed by one of the stations, as a file below the root. */
static const char *write_signed(const char *name, const char *body, enum person by)
{
	struct err err = ERR_INIT;
	auto_station signer = {0};
	auto_gpg *gpg = NULL;
	auto_buf text = {0}, signature = {0};
	assert_ok(buf_append_str(&text, body, &err));
	assert_ok(station_open(&signer, below_root(names[by]), &err));
	assert_ok(gpg_open_station(&gpg, signer.gnupg, never_ask(), &err));
	assert_ok(gpg_sign(gpg, &fprs[by], body, strlen(body), &signature, &err));
	assert_ok(signed_doc_append(&text, (unsigned char *)signature.data, signature.len, &err));
	assert_ok(io_replace_file(AT_FDCWD, below_root(name), text.data, text.len, 0600, &err));
	return below_root(name);
}

/* --- making one --- */

static const char *const red_amber[] = {"TLP:AMBER"};

static struct authorise_request request_for(const char *const *paths, unsigned count)
{
	static char output[300];
	(void)snprintf(output, sizeof output, "%s/out.yaml", fixture_root);
	return (struct authorise_request){
		.paths = paths, .path_count = count, .to = red_amber, .to_count = 1, .reason = "published", .output = output};
}

static void test_make_and_load(void **state)
{
	struct err err = ERR_INIT;
	const char *paths[] = {below_root("in")};
	struct authorise_request request = request_for(paths, 1);
	auto_authorisation made = {.files = NULL}, loaded = {.files = NULL};
	auto_free char *path = NULL;
	struct digest red = content_of("red"), amber = content_of("amber"), empty = content_of("");
	(void)state;
	remember("red", "pd/none tlp/red", SELF);
	remember("amber", "pap/red pd/none tlp/amber-strict", SELF);
	assert_ok(authorise_make(&session, &request, &made, &path, &err));
	assert_string_equal(path, below_root("out.yaml"));
	assert_ok(authorise_load(&session, path, utc_now(), &loaded, &err));
	assert_true(fingerprint_equal(&loaded.by, &fprs[SELF]));
	assert_int_equal(loaded.file_count, 2); /* the same bytes once, the empty file not at all */
	assert_true(authorisation_names(&loaded, &red) && authorisation_names(&loaded, &amber));
	assert_false(authorisation_names(&loaded, &empty));
	assert_int_equal(loaded.from_count, 2); /* only what --to is about */
	assert_string_equal(loaded.from[0], "tlp/amber-strict");
	assert_string_equal(loaded.from[1], "tlp/red");
	assert_int_equal(loaded.not_after - loaded.created, AUTHORISE_DAYS_DEFAULT * DAY_S);
	/* By hand, as valise-format(5) shows it. */
	shell("cd $R && head -n -1 out.yaml >body && tail -n 1 out.yaml | cut -d '\"' -f 2 | base64 -d >body.sig && "
		  "gpg --homedir self/gnupg --batch --verify body.sig body");
	/* Nothing is overwritten. */
	struct authorisation none;
	char *no_path;
	assert_fails(authorise_make(&session, &request, &none, &no_path, &err), ERR_EXISTS);
	assert_null(no_path);
	/* It is good until its end. */
	assert_ok(authorise_load(&session, path, made.not_after, &none, &err));
	authorisation_clear(&none);
	assert_fails(authorise_load(&session, path, made.not_after + 1, &none, &err), ERR_EXPIRED);
	assert_fails(authorise_load(&session, path, made.created - DAY_S - 60, &none, &err), ERR_UNFIT_SIGNER);
}

static void test_make_with_from(void **state)
{
	struct err err = ERR_INIT;
	static const char *const from[] = {"TLP:RED", "old/x"};
	struct digest digest = content_of("elsewhere");
	const char *paths[] = {below_root("elsewhere")};
	struct authorise_request request = request_for(paths, 1);
	auto_authorisation made = {.files = NULL};
	auto_free char *path = NULL;
	(void)state;
	shell("mkdir -p $R/outdir && rm -f $R/outdir/* && printf elsewhere >$R/elsewhere");
	request.from = from;
	request.from_count = 2;
	request.output = below_root("outdir");
	assert_ok(authorise_make(&session, &request, &made, &path, &err));
	assert_non_null(strstr(path, "-authorisation-"));
	assert_string_equal(made.from[0], "old/x");
	assert_true(authorisation_names(&made, &digest));
}

static void expect_refused(struct authorise_request request, enum err_code code)
{
	struct err err = ERR_INIT;
	struct authorisation made;
	char *path;
	assert_fails(authorise_make(&session, &request, &made, &path, &err), code);
	assert_int_equal(access(below_root("out.yaml"), F_OK), -1);
}

static void test_make_refused(void **state)
{
	static const char *const red[] = {"TLP:RED"}, *const amber[] = {"TLP:AMBER"}, *const wrong[] = {"tlp amber"};
	char file[300], nothing[300]; /* below_root() has few buffers */
	(void)snprintf(file, sizeof file, "%s/in/red.txt", fixture_root);
	(void)snprintf(nothing, sizeof nothing, "%s/in/empty", fixture_root);
	const char *paths[] = {file}, *empty[] = {nothing};
	const struct authorise_request good = request_for(paths, 1);
	struct authorise_request request = good;
	(void)state;
	expect_refused(good, ERR_USAGE); /* nothing is remembered */
	remember("red", "pd/none tlp/red", AGENCY);
	expect_refused(good, ERR_DOWNGRADE); /* not ours to give */
	request.from = red;
	request.from_count = 1;
	request.to_count = 0;
	expect_refused(request, ERR_USAGE); /* tlp is required */
	request.to_count = 1;
	request.to = red;
	expect_refused(request, ERR_USAGE);
	request.from = amber;
	expect_refused(request, ERR_USAGE);
	request.to = wrong;
	expect_refused(request, ERR_LABEL);
	request = good;
	request.from = red;
	request.from_count = 1;
	request.reason = "";
	expect_refused(request, ERR_USAGE);
	request.reason = "two\nlines";
	expect_refused(request, ERR_USAGE);
	request.reason = "r";
	request.days = AUTHORISATION_DAYS_MAX + 1;
	expect_refused(request, ERR_USAGE);
	request.days = 1;
	request.paths = empty;
	expect_refused(request, ERR_USAGE);
}

/* --- taking one in --- */

static void authorisation_text(char *out, size_t size, enum person by, int64_t created, const char *label)
{
	char created_text[UTC_TEXT + 1], not_after[UTC_TEXT + 1], hex[DIGEST_HEX + 1];
	struct digest red = content_of("red");
	utc_format(created_text, created);
	utc_format(not_after, created + 10 * DAY_S);
	digest_format(hex, &red);
	(void)snprintf(out, size,
				   AUTHORISATION_KIND "\nby: \"%s\"\ncreated: \"%s\"\nnot-after: \"%s\"\nreason: \"r\"\n"
									  "from: [\"%s\"]\nto: [\"tlp/amber\"]\nfiles: [\"%s\"]\n",
				   fprs[by].hex, created_text, not_after, label, hex);
}

static int load(enum person by, enum person signer, int64_t created, struct err *err)
{
	char text[1024];
	auto_authorisation a = {.files = NULL};
	authorisation_text(text, sizeof text, by, created, "tlp/red");
	int rc = authorise_load(&session, write_signed("in.yaml", text, signer), utc_now(), &a, err);
	if (rc < 0)
		assert_null(a.files);
	return rc;
}

static void test_load(void **state)
{
	struct err err = ERR_INIT;
	struct authorisation none;
	int64_t now = utc_now();
	(void)state;
	assert_ok(load(AGENCY, AGENCY, now - 60, &err));
	assert_ok(load(SELF, SELF, now - 60, &err));
	assert_fails(load(AGENCY, SELF, now - 60, &err), ERR_UNSIGNED);
	assert_fails(load(SELF, AGENCY, now - 60, &err), ERR_UNSIGNED);
	assert_fails(load(STRANGER, STRANGER, now - 60, &err), ERR_UNKNOWN_SIGNER);
	assert_fails(load(ADMIN, ADMIN, now - 60, &err), ERR_UNFIT_SIGNER);
	/* signed before it says that it was made, and after its end */
	assert_fails(load(AGENCY, AGENCY, now + 600, &err), ERR_SIGNATURE_TIME);
	assert_fails(load(AGENCY, AGENCY, now - 11 * DAY_S, &err), ERR_SIGNATURE_TIME);
	assert_fails(authorise_load(&session, below_root("absent"), now, &none, &err), ERR_IO);
	shell("printf 'valise-authorisation: 1\\n' >$R/in.yaml");
	assert_fails(authorise_load(&session, below_root("in.yaml"), now, &none, &err), ERR_DOCUMENT);
	/* A good signature over another kind. */
	(void)write_signed("in.yaml", "valise-equivalence: 1\ncreated: \"2026-01-01T00:00:00Z\"\nentries: []\n", AGENCY);
	assert_fails(authorise_load(&session, below_root("in.yaml"), now, &none, &err), ERR_DOCUMENT);
}

static void test_load_altered(void **state)
{
	struct err err = ERR_INIT;
	struct authorisation none;
	char text[1024];
	(void)state;
	authorisation_text(text, sizeof text, AGENCY, utc_now() - 60, "tlp/red");
	(void)write_signed("in.yaml", text, AGENCY);
	shell("sed -i 's/amber/green/' $R/in.yaml");
	assert_fails(authorise_load(&session, below_root("in.yaml"), utc_now(), &none, &err), ERR_BAD_SIGNATURE);
	(void)write_signed("in.yaml", text, AGENCY);
	shell("sed -i 's/^signature: \"...../signature: \"AAAAA/' $R/in.yaml");
	assert_fails(authorise_load(&session, below_root("in.yaml"), utc_now(), &none, &err), ERR_SIGNATURE_PACKET);
}

/* One bad among several: none. */
static void test_load_several(void **state)
{
	struct err err = ERR_INIT;
	char text[1024];
	auto_authorisations all = {.items = NULL};
	(void)state;
	authorisation_text(text, sizeof text, AGENCY, utc_now() - 60, "tlp/red");
	const char *paths[] = {write_signed("one.yaml", text, AGENCY), write_signed("two.yaml", text, ADMIN)};
	assert_ok(authorisations_load(&all, &session, paths, 1, utc_now(), &err));
	assert_int_equal(all.count, 1);
	authorisations_clear(&all);
	assert_fails(authorisations_load(&all, &session, paths, 2, utc_now(), &err), ERR_UNFIT_SIGNER);
	assert_int_equal(all.count, 0);
	assert_ok(authorisations_load(&all, &session, NULL, 0, utc_now(), &err));
}

/* --- nothing goes lower --- */

/* What pack does: scan, recall, label all alike, check. */
struct packing {
	struct scan scan;
	struct manifest manifest;
	struct recollection recollection;
};

static void packing_clear(struct packing *p)
{
	recollection_clear(&p->recollection);
	manifest_clear(&p->manifest);
	scan_clear(&p->scan);
}
#define auto_packing AUTO(packing_clear) struct packing

static void packing_begin(struct packing *p, const char *path)
{
	struct err err = ERR_INIT;
	assert_ok(manifest_init(&p->manifest, &err));
	assert_ok(scan_paths(&path, 1, &p->scan, &p->manifest, &err));
	auto_free unsigned char *sizes = NULL;
	assert_ok(recollection_sizes(&sizes, &session, &p->manifest, &err));
	assert_ok(recollect(&p->recollection, &session, sizes, &p->scan, &p->manifest, &err));
}

static int packing_check(struct packing *p, const char *tlp, const struct authorisations *given, struct err *err)
{
	struct manifest_label labels[] = {{.id = "pd/none"}, {.id = ""}};
	struct manifest_marking marking = {.labels = labels, .count = 2};
	uint32_t number;
	strcpy(labels[1].id, tlp);
	if (manifest_add_marking(&p->manifest, &marking, &number, err) < 0)
		return -1;
	for (uint32_t i = 0; i < p->manifest.entry_count; i++)
		p->manifest.entries[i].marking = number;
	return downgrade_check(&session, &p->manifest, &p->recollection, given != NULL ? given->items : NULL,
						   given != NULL ? given->count : 0, utc_now(), err);
}

static void test_downgrade(void **state)
{
	struct err err = ERR_INIT;
	char text[1024];
	auto_packing p = {.scan = {.roots = NULL}};
	auto_authorisations given = {.items = NULL};
	(void)state;
	remember("red", "pd/none tlp/red", AGENCY);
	authorisation_text(text, sizeof text, AGENCY, utc_now() - 60, "tlp/red");
	const char *path = write_signed("in.yaml", text, AGENCY);
	assert_ok(authorisations_load(&given, &session, &path, 1, utc_now(), &err));
	shell("cp $R/in/red.txt $R/in/renamed.bin");
	packing_begin(&p, below_root("in/renamed.bin"));
	assert_ok(packing_check(&p, "tlp/red", NULL, &err));
	assert_int_equal(packing_check(&p, "tlp/amber", NULL, &err), -1);
	assert_int_equal(err.code, ERR_DOWNGRADE);
	assert_non_null(strstr(err.message, "renamed.bin: the same bytes were TLP:RED on 2"));
	assert_non_null(strstr(err.message, "by the word of agency-b; now TLP:AMBER"));
	assert_ok(packing_check(&p, "tlp/amber", &given, &err));
	assert_fails(packing_check(&p, "tlp/green", &given, &err), ERR_DOWNGRADE);
	shell("rm $R/in/renamed.bin");
}

static const struct fingerprint *originator(const struct packing *p, const char *path)
{
	const struct manifest_entry *entry = manifest_find(&p->manifest, path);
	assert_non_null(entry);
	return recollection_originator(&p->recollection, &session, (uint32_t)(entry - p->manifest.entries));
}

static void test_recollection(void **state)
{
	struct err err = ERR_INIT;
	auto_packing p = {.scan = {.roots = NULL}};
	struct digest red = content_of("red");
	(void)state;
	remember("red", "pd/none tlp/amber", AGENCY);
	remember("red", "pd/none tlp/red", SELF);
	remember("amber", "pd/none tlp/amber", SELF);
	remember("abcde", "pd/none tlp/red", STRANGER); /* as long as amber, other bytes */
	packing_begin(&p, below_root("in"));
	assert_int_equal(p.recollection.file_count, 5); /* red twice for each of two names, amber once */
	assert_string_equal(originator(&p, "in/red.txt")->hex, fprs[AGENCY].hex);
	assert_string_equal(originator(&p, "in/again.txt")->hex, fprs[AGENCY].hex);
	assert_null(originator(&p, "in/sub/amber.txt"));
	assert_null(originator(&p, "in/empty"));
	assert_true(digest_equal(&manifest_find(&p.manifest, "in/red.txt")->sha256, &red));
	assert_true(digest_is_zero(&manifest_find(&p.manifest, "in/empty")->sha256));
	assert_fails(packing_check(&p, "tlp/amber", NULL, &err), ERR_DOWNGRADE);
}

static void test_memories(void **state)
{
	struct err err = ERR_INIT;
	auto_packing p = {.scan = {.roots = NULL}};
	auto_memories memories = {.items = NULL};
	(void)state;
	packing_begin(&p, below_root("in"));
	assert_int_equal(p.recollection.file_count, 0);
	assert_ok(packing_check(&p, "tlp/red", NULL, &err));
	p.manifest.markings[0].originator = fprs[AGENCY];
	assert_ok(memories_make(&memories, &p.manifest, &fprs[SELF], &err));
	assert_int_equal(memories.count, 3);
	assert_string_equal(memories.items[0].labels, "pd/none tlp/red");
	assert_string_equal(memories.items[0].by->hex, fprs[AGENCY].hex);
	p.manifest.markings[0].originator.hex[0] = '\0';
	memories_clear(&memories);
	assert_ok(memories_make(&memories, &p.manifest, &fprs[SELF], &err));
	assert_string_equal(memories.items[0].by->hex, fprs[SELF].hex);
}

/* --- equivalence --- */

#define TABLE(created, from, to)                                                                             \
	EQUIVALENCE_KIND "\ncreated: \"" created "T00:00:00Z\"\nentries:\n  - from: \"" from "\"\n    to: \"" to \
					 "\"\n    basis: \"a paper\"\n    since: \"2020-01-01T00:00:00Z\"\n"

static const char *write_plain(const char *name, const char *text)
{
	struct err err = ERR_INIT;
	assert_ok(io_replace_file(AT_FDCWD, below_root(name), text, strlen(text), 0600, &err));
	return below_root(name);
}

static void expect_table(const char *want)
{
	struct err err = ERR_INIT;
	auto_equivalence_doc doc = {.items = NULL};
	assert_ok(equivalence_load(&doc, &session, utc_now(), &err));
	assert_int_equal(doc.count, want != NULL);
	if (want != NULL)
		assert_string_equal(equivalence_find(&doc, "tlp/amber", "pap", utc_now()), want);
}

static void test_equivalence(void **state)
{
	struct err err = ERR_INIT;
	struct equivalence_installed done;
	(void)state;
	expect_table(NULL);
	assert_ok(equivalence_install(&session, write_plain("t.yaml", TABLE("2025-01-01", "tlp/amber", "pap/amber")), &done,
								  &err));
	assert_true(done.signer.is_self && done.entries == 1);
	expect_table("pap/amber");
	assert_ok(equivalence_install(&session, write_signed("t.yaml", TABLE("2025-02-01", "tlp/amber", "pap/red"), ADMIN),
								  &done, &err));
	assert_string_equal(done.signer.name, "admin");
	expect_table("pap/red");
	/* A session of a job that decides has it; a bad one stops it, naming the file. */
	auto_session other = {.lock_fd = -1};
	assert_ok(session_open(&other, below_root("self"), SESSION_LEDGER_WRITE, never_ask(), &err));
	assert_ok(session_load_equivalence(&other, &err));
	assert_int_equal(other.equivalence.count, 1);
	session_close(&other);
	shell("sed -i 's/paper/poper/' $R/self/equivalence.yaml");
	assert_ok(session_open(&other, below_root("self"), SESSION_LEDGER_WRITE, never_ask(), &err));
	assert_int_equal(session_load_equivalence(&other, &err), -1);
	assert_int_equal(err.code, ERR_BAD_SIGNATURE);
	assert_non_null(strstr(err.message, "equivalence.yaml"));
	err = (struct err)ERR_INIT;
	session_close(&other);
	assert_ok(session_open(&other, below_root("self"), SESSION_LEDGER_READ, never_ask(), &err));
}

static void test_equivalence_refused(void **state)
{
	struct err err = ERR_INIT;
	struct equivalence_installed done;
	(void)state;
	assert_ok(equivalence_install(&session, write_plain("t.yaml", TABLE("2025-02-01", "tlp/amber", "pap/amber")), &done,
								  &err));
	assert_fails(equivalence_install(&session,
									 write_signed("t.yaml", TABLE("2025-03-01", "tlp/amber", "pap/red"), AGENCY), &done,
									 &err),
				 ERR_UNFIT_SIGNER);
	assert_fails(equivalence_install(&session,
									 write_signed("t.yaml", TABLE("2025-03-01", "tlp/amber", "pap/red"), STRANGER),
									 &done, &err),
				 ERR_UNKNOWN_SIGNER);
	assert_fails(equivalence_install(
					 &session, write_signed("t.yaml", TABLE("2025-01-31", "tlp/amber", "pap/red"), ADMIN), &done, &err),
				 ERR_DOCUMENT); /* older */
	assert_fails(
		equivalence_install(&session, write_plain("t.yaml", TABLE("2999-01-01", "tlp/amber", "pap/red")), &done, &err),
		ERR_DOCUMENT);
	assert_fails(
		equivalence_install(&session, write_plain("t.yaml", TABLE("2025-03-01", "tlp/amber", "eu/red")), &done, &err),
		ERR_SCHEME);
	assert_fails(equivalence_install(
					 &session, write_signed("t.yaml", TABLE("2025-03-01", "tlp/amber", "eu/red"), ADMIN), &done, &err),
				 ERR_SCHEME);
	assert_fails(equivalence_install(&session, write_plain("t.yaml", "valise-equivalence: 1\n"), &done, &err),
				 ERR_DOCUMENT);
	expect_table("pap/amber");
}

#define in_session(test) cmocka_unit_test_setup_teardown(test, open_session, close_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_session(test_make_and_load), in_session(test_make_with_from),      in_session(test_make_refused),
		in_session(test_load),          in_session(test_load_altered),        in_session(test_load_several),
		in_session(test_downgrade),     in_session(test_recollection),        in_session(test_memories),
		in_session(test_equivalence),   in_session(test_equivalence_refused),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
