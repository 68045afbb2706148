/* SPDX-License-Identifier: Apache-2.0 */
#include "station_fixture.h"

#include "base/hash.h"
#include "base/io.h"
#include "keyring/trust.h"
#include "keyring/trust_self.h"

static const char text[] = "valise-waybill: 1\nnever parsed here\n";

enum person { ALICE, ALICE_TWO, CAROL, DAVE, STRANGER, SELF, PEOPLE };
static const char *const names[PEOPLE] = {"alice", "alice-two", "carol", "dave", "stranger", "self"};
static struct fingerprint fprs[PEOPLE];
static struct buf sigs[PEOPLE];
static struct station station;
static struct registry registry;

static void sign_text(enum person who, const char *data, struct buf *out)
{
	struct err err = ERR_INIT;
	auto_station signer = {0};
	auto_gpg *gpg = NULL;
	assert_ok(station_open(&signer, below_root(names[who]), &err));
	assert_ok(gpg_open_station(&gpg, signer.gnupg, never_ask(), &err));
	assert_ok(gpg_sign(gpg, &fprs[who], data, strlen(data), out, &err));
}

static struct partner *partner_named(const char *alias)
{
	return (struct partner *)registry_find_alias(&registry, alias);
}

static void be_of(const char *alias, const char *organisation)
{
	struct party *party = &partner_named(alias)->party;
	(void)snprintf(party->organisation, sizeof party->organisation, "%s", organisation);
}

static int group_setup(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	fixture_start();
	for (int i = 0; i < PEOPLE; i++) {
		fprs[i] = make_station(names[i]);
		sign_text((enum person)i, text, &sigs[i]);
	}
	assert_ok(station_open(&station, below_root("self"), &err));
	assert_ok(registry_open(&registry, &station, NULL, &err));
	add_partner(&registry, "alice", ROLE_SEND | ROLE_RECEIVE, "Alice Ł");
	add_partner(&registry, "alice-two", ROLE_SEND | ROLE_RECEIVE, "ALICE ł");
	add_partner(&registry, "carol", ROLE_CARRY, "");
	add_partner(&registry, "dave", ROLE_APPROVE, "");
	be_of("dave", "AGENCY of Alice");
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	for (int i = 0; i < PEOPLE; i++)
		buf_clear(&sigs[i]);
	registry_close(&registry);
	station_close(&station);
	fixture_end();
	return 0;
}

/* One call with the signatures of these people; -1 ends. */
struct call {
	struct trust_signature signatures[8];
	unsigned count;
};

static struct trust_signature signature_of(enum person name, enum person maker)
{
	return (struct trust_signature){fprs[name], (unsigned char *)sigs[maker].data, sigs[maker].len};
}

static struct call signed_by(const int *people)
{
	struct call call = {.count = 0};
	for (; *people >= 0; people++)
		call.signatures[call.count++] = signature_of((enum person) * people, (enum person) * people);
	return call;
}
#define SIGNED_BY(...) signed_by((const int[]){__VA_ARGS__, -1})

static int judge(const struct call *call, struct trust_verdict *out, struct err *err)
{
	const struct trust_anchor anchor = {.registry = &registry};
	return trust_judge_bytes(&anchor, call->signatures, call->count, text, strlen(text), utc_now(), out, err);
}

static struct waybill waybill_from(enum person from)
{
	int64_t now = utc_now();
	return (struct waybill){.created = now - 600, .not_after = now + 600, .from = fprs[from], .approvals = 1};
}

static void test_counts(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct call call = SIGNED_BY(ALICE, STRANGER);
	const struct waybill waybill = waybill_from(ALICE);
	(void)state;
	assert_ok(judge(&call, &verdict, &err));
	assert_int_equal(verdict.count, 2);
	assert_int_equal(verdict.signers[0].standing, SIGNER_COUNTS);
	assert_string_equal(verdict.signers[0].name, "alice");
	assert_string_equal(verdict.signers[0].organisation, "Agency of alice");
	assert_int_equal(verdict.signers[1].standing, SIGNER_UNKNOWN);
	assert_ok(trust_judge_waybill(&waybill, utc_now(), &verdict, &err));
	assert_int_equal(verdict.people, 1);
	assert_int_equal(verdict.demanded, 1);
}

static void test_self_counts(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct call call = SIGNED_BY(SELF);
	const struct waybill waybill = waybill_from(SELF);
	(void)state;
	assert_ok(judge(&call, &verdict, &err));
	assert_true(verdict.signers[0].is_self);
	assert_ok(trust_judge_waybill(&waybill, utc_now(), &verdict, &err));
}

/* What administrators say of this station's own key, in a registry of that alone. */
static void expect_self(const struct partner *entry, bool counts, unsigned role)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct call call = SIGNED_BY(SELF);
	struct registry governed = {.station = &station,
								.doc = {.administrators_needed = 1, .partners = (struct partner *)entry, .count = 1}};
	const struct trust_anchor anchor = {.registry = &governed};
	const int64_t now = utc_now();
	int rc = trust_judge_bytes(&anchor, call.signatures, call.count, text, strlen(text), now, &verdict, &err);
	assert_int_equal(rc, counts ? 0 : -1);
	assert_true(verdict.signers[0].is_self);
	err = (struct err)ERR_INIT;
	if (counts)
		assert_ok(trust_check_self(&governed, role, now, &err));
	else
		assert_fails(trust_check_self(&governed, role, now, &err), ERR_UNFIT_SIGNER);
	governed.doc.administrators_needed = 0; /* its own list: there it is its own master */
	err = (struct err)ERR_INIT;
	assert_ok(trust_check_self(&governed, role, now, &err));
	assert_ok(trust_judge_bytes(&anchor, call.signatures, call.count, text, strlen(text), now, &verdict, &err));
}

static void test_self_in_a_signed_registry(void **state)
{
	struct err err = ERR_INIT;
	auto_card card = {0};
	auto_buf certificate = {0};
	char name[FINGERPRINT_MAX + 32];
	(void)state;
	get_card("self", &card);
	struct partner entry = partner_of(&card, "us", ROLE_SEND);
	entry.fingerprint = fprs[SELF];
	assert_ok(station_key_certificate(&station, &fprs[SELF], &certificate, &err));
	hash_bytes(&entry.certificate, certificate.data, certificate.len);
	(void)snprintf(name, sizeof name, "keys/%s.registry.pgp", fprs[SELF].hex);
	assert_ok(io_replace_file(station.home_fd, name, certificate.data, certificate.len, 0600, &err));
	expect_self(&entry, true, ROLE_SEND);
	entry.revoked = utc_now() - 60;
	expect_self(&entry, false, ROLE_SEND);
	entry.revoked = 0;
	entry.valid_until = utc_now() - 1;
	expect_self(&entry, false, ROLE_SEND);
	entry.valid_until = 0;
	entry.roles = ROLE_RECEIVE;
	expect_self(&entry, false, ROLE_SEND);
	/* one that does not speak of it */
	entry.roles = ROLE_SEND;
	entry.fingerprint = fprs[STRANGER];
	expect_self(&entry, true, ROLE_APPROVE);
	io_remove_tree(station.home_fd, name);
}

static void test_nobody_counts(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	(void)state;
	struct call unknown = SIGNED_BY(STRANGER), courier = SIGNED_BY(STRANGER, CAROL), bad = SIGNED_BY(CAROL);
	assert_fails(judge(&unknown, &verdict, &err), ERR_UNKNOWN_SIGNER);
	assert_fails(judge(&courier, &verdict, &err), ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[1].standing, SIGNER_ROLE);
	/* A member that carries another's signature under Alice's name. */
	bad.signatures[0] = signature_of(ALICE, DAVE);
	assert_fails(judge(&bad, &verdict, &err), ERR_BAD_SIGNATURE);
	bad.signatures[0] = signature_of(ALICE, STRANGER);
	assert_fails(judge(&bad, &verdict, &err), ERR_BAD_SIGNATURE);
	struct call none = {.count = 0};
	assert_fails(judge(&none, &verdict, &err), ERR_SIGNATURE_PACKET);
	/* Form comes before everything, also behind a good one. */
	struct call broken = SIGNED_BY(ALICE, STRANGER);
	broken.signatures[1].len--;
	assert_fails(judge(&broken, &verdict, &err), ERR_SIGNATURE_PACKET);
}

static void test_bad_signature(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	auto_buf other = {0};
	(void)state;
	sign_text(ALICE, "something else", &other);
	struct call call = SIGNED_BY(ALICE, DAVE);
	call.signatures[0].bytes = (unsigned char *)other.data;
	call.signatures[0].len = other.len;
	/* Also beside one that counts: somebody altered something. */
	assert_fails(judge(&call, &verdict, &err), ERR_BAD_SIGNATURE);
	assert_int_equal(verdict.signers[0].standing, SIGNER_BAD);
	call.count = 1;
	assert_fails(judge(&call, &verdict, &err), ERR_BAD_SIGNATURE);
}

static void test_from(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	(void)state;
	static const struct {
		enum person from;
		enum err_code want;
	} cases[] = {{ALICE, ERR_OK},
				 {DAVE, ERR_UNFIT_SIGNER},
				 {CAROL, ERR_UNFIT_SIGNER},
				 {STRANGER, ERR_UNKNOWN_SIGNER},
				 {ALICE_TWO, ERR_UNSIGNED}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct call call = SIGNED_BY(ALICE, CAROL, DAVE, STRANGER);
		const struct waybill waybill = waybill_from(cases[i].from);
		assert_ok(judge(&call, &verdict, &err));
		if (cases[i].want == ERR_OK)
			assert_ok(trust_judge_waybill(&waybill, utc_now(), &verdict, &err));
		else
			assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), cases[i].want);
	}
}

static void test_times(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	(void)state;
	struct call call = SIGNED_BY(ALICE);
	int64_t now = utc_now();
	struct waybill late = waybill_from(ALICE), early = waybill_from(ALICE), fine = waybill_from(ALICE);
	assert_ok(judge(&call, &verdict, &err));
	/* Not from now on: the signatures were made when the keys were, which takes a while on a busy machine. */
	late.created = verdict.signers[0].created + 60;
	early.not_after = verdict.signers[0].created - 60;
	struct trust_verdict again = verdict, ahead = verdict;
	assert_fails(trust_judge_waybill(&late, now, &verdict, &err), ERR_SIGNATURE_TIME);
	assert_int_equal(verdict.signers[0].standing, SIGNER_TIME);
	assert_fails(trust_judge_waybill(&early, now, &again, &err), ERR_SIGNATURE_TIME);
	/* A reader whose clock stands two days back. */
	assert_fails(trust_judge_waybill(&fine, now - 2 * DAY_S, &ahead, &err), ERR_SIGNATURE_TIME);
}

static void test_people(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct waybill waybill = waybill_from(ALICE);
	(void)state;
	waybill.approvals = 2;
	struct call one = SIGNED_BY(ALICE, ALICE_TWO, CAROL, STRANGER), two = SIGNED_BY(ALICE, ALICE_TWO, DAVE);
	assert_ok(judge(&one, &verdict, &err));
	assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), ERR_APPROVALS);
	assert_int_equal(verdict.people, 1);
	assert_ok(judge(&two, &verdict, &err));
	assert_ok(trust_judge_waybill(&waybill, utc_now(), &verdict, &err));
	assert_int_equal(verdict.people, 2);

	waybill.approvals = 1;
	struct partner *alice = &registry.doc.partners[0];
	alice->approvals = 3;
	assert_ok(judge(&two, &verdict, &err));
	assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), ERR_APPROVALS);
	assert_int_equal(verdict.demanded, 3);
	alice->approvals = 1;
}

/* Who signs beside the sender: of its organisation, with the role approve. */
static void test_approvers(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct waybill waybill = waybill_from(ALICE);
	(void)state;
	waybill.approvals = 2;
	struct call both = SIGNED_BY(ALICE, DAVE), sender = SIGNED_BY(ALICE, ALICE_TWO);
	be_of("dave", "Agency of bob");
	assert_ok(judge(&both, &verdict, &err));
	assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), ERR_APPROVALS);
	assert_int_equal(verdict.signers[1].standing, SIGNER_FOREIGN);
	assert_int_equal(verdict.people, 1);
	be_of("dave", "AGENCY of Alice");

	be_of("alice-two", "Agency of alice");
	(void)strcpy(partner_named("alice-two")->person, "Somebody else");
	assert_ok(judge(&sender, &verdict, &err));
	assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), ERR_APPROVALS);
	assert_int_equal(verdict.signers[1].standing, SIGNER_ROLE);
	(void)strcpy(partner_named("alice-two")->person, "ALICE ł");
	be_of("alice-two", "Agency of alice-two");
}

static void test_may_approve(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct waybill waybill = waybill_from(ALICE);
	struct station_doc self = station.doc;
	(void)state;
	waybill.approvals = 3;
	struct call call = SIGNED_BY(ALICE, DAVE);
	assert_ok(judge(&call, &verdict, &err));
	assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), ERR_APPROVALS);
	assert_fails(trust_check_may_approve(&waybill, &verdict, &self, &err), ERR_APPROVALS);
	(void)strcpy(self.party.organisation, "Agency of ALICE");
	assert_ok(trust_check_may_approve(&waybill, &verdict, &self, &err));
	(void)strcpy(self.party.name, "DAVE");
	assert_fails(trust_check_may_approve(&waybill, &verdict, &self, &err), ERR_APPROVALS);
	(void)strcpy(self.party.name, "alice Ł");
	assert_fails(trust_check_may_approve(&waybill, &verdict, &self, &err), ERR_APPROVALS);
}

static void test_partner_validity(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct call call = SIGNED_BY(ALICE);
	struct partner *alice = &registry.doc.partners[0];
	(void)state;
	alice->valid_until = utc_now() + 60;
	assert_ok(judge(&call, &verdict, &err));
	alice->valid_until = utc_now() - 1;
	assert_fails(judge(&call, &verdict, &err), ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[0].standing, SIGNER_UNFIT);
	alice->valid_until = 0;
	alice->revoked = utc_now() - 60; /* whatever the signature's own time is */
	assert_fails(judge(&call, &verdict, &err), ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[0].standing, SIGNER_UNFIT);
	alice->revoked = 0;
	assert_ok(judge(&call, &verdict, &err));
}

/* now far away: the key's own two years. */
/* The end, and none of the others. */
static void assert_names_end(const struct trust_verdict *verdict, const char *words)
{
	char end[256], whole[400];
	signer_end_format(end, sizeof end, &verdict->signers[0]);
	(void)snprintf(whole, sizeof whole, "(%s) %s", verdict->signers[0].fingerprint.hex, words);
	assert_non_null(strstr(end, whole));
}

static void test_inside(void **state)
{
	const struct signer signer = {.created = 1000};
	(void)state;
	assert_true(signer_is_inside(&signer, 1000, 1000, 1000));
	assert_true(signer_is_inside(&signer, 999, 0, 1000));
	assert_false(signer_is_inside(&signer, 1001, 0, 1000));
	assert_false(signer_is_inside(&signer, 900, 999, 1000));
	assert_true(signer_is_inside(&signer, 900, 0, 1000 - WAYBILL_SKEW_S));
	assert_false(signer_is_inside(&signer, 900, 0, 999 - WAYBILL_SKEW_S));
}

static void test_key_lifetime(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	const struct trust_anchor anchor = {.registry = &registry};
	struct call call = SIGNED_BY(ALICE);
	(void)state;
	assert_fails(trust_judge_bytes(&anchor, call.signatures, 1, text, strlen(text), utc_now() + 731 * (int64_t)DAY_S,
								   &verdict, &err),
				 ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[0].end, SIGNER_EXPIRED);
	assert_names_end(&verdict, "is expired since 20");
	assert_fails(
		trust_judge_bytes(&anchor, call.signatures, 1, text, strlen(text), utc_now() - 2 * DAY_S, &verdict, &err),
		ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[0].end, SIGNER_ENDS_NOT);
	assert_names_end(&verdict, "was not in force when it signed");
	assert_ok(trust_judge_bytes(&anchor, call.signatures, 1, text, strlen(text), utc_now() - 7200, &verdict, &err));
}

static void test_revoked(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	auto_buf revoked = {0};
	struct call call = SIGNED_BY(ALICE_TWO);
	struct partner *partner = &registry.doc.partners[1];
	const char *hex = fprs[ALICE_TWO].hex;
	(void)state;
	shell("cp -r $R/alice-two/gnupg $R/r && sed 's/^:---/---/' $R/r/openpgp-revocs.d/%s.rev | "
		  "gpg --homedir $R/r --dearmor > $R/rev",
		  hex);
	plain_gpg("r", "--trust-model pgp --import rev");
	plain_gpg("r", "--export > self/keys/%s.pgp", hex);
	shell("true");
	char name[160];
	(void)snprintf(name, sizeof name, "self/keys/%s.pgp", hex);
	read_root(name, &revoked);
	assert_fails(judge(&call, &verdict, &err), ERR_CERTIFICATE);
	hash_bytes(&partner->certificate, revoked.data, revoked.len);
	assert_fails(judge(&call, &verdict, &err), ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[0].standing, SIGNER_UNFIT);
	assert_names_end(&verdict, "is revoked by its owner");
}

/* --- what was accepted before --- */

static int judge_past(const struct call *call, const struct trust_past *past, struct trust_verdict *out,
					  struct err *err)
{
	const struct trust_anchor anchor = {.registry = &registry, .past = past};
	return trust_judge_bytes(&anchor, call->signatures, call->count, text, strlen(text), utc_now(), out, err);
}

static void test_past(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct call call = SIGNED_BY(ALICE);
	struct partner *alice = &registry.doc.partners[0];
	const struct waybill waybill = waybill_from(ALICE);
	struct trust_past past = {.accepted = utc_now() - 300, .from = fprs[ALICE], .use = PAST_COUNTS};
	(void)state;
	/* Of a key in force it changes nothing. */
	assert_ok(judge_past(&call, &past, &verdict, &err));
	assert_int_equal(verdict.signers[0].standing, SIGNER_COUNTS);
	alice->revoked = utc_now() - 60;
	assert_ok(judge_past(&call, &past, &verdict, &err));
	assert_int_equal(verdict.signers[0].standing, SIGNER_PAST);
	assert_int_equal(verdict.signers[0].end, SIGNER_REVOKED_HERE);
	assert_true(verdict.signers[0].ended == alice->revoked);
	assert_ok(trust_judge_waybill(&waybill, utc_now(), &verdict, &err));
	assert_int_equal(verdict.people, 1);
	/* Only told; not accepted; of another sender. */
	past.use = PAST_IS_TOLD;
	assert_fails(judge_past(&call, &past, &verdict, &err), ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[0].standing, SIGNER_PAST);
	past = (struct trust_past){.accepted = 0, .use = PAST_COUNTS};
	assert_fails(judge_past(&call, &past, &verdict, &err), ERR_UNFIT_SIGNER);
	assert_int_equal(verdict.signers[0].standing, SIGNER_UNFIT);
	past = (struct trust_past){.accepted = utc_now(), .from = fprs[CAROL], .use = PAST_COUNTS};
	assert_ok(judge_past(&call, &past, &verdict, &err));
	assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), ERR_LEDGER);
	alice->revoked = 0;
}

/* The mathematics comes first, and so does the waybill's window. */
static void test_past_is_no_excuse(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct partner *alice = &registry.doc.partners[0];
	struct waybill waybill = waybill_from(ALICE);
	const struct trust_past past = {.accepted = utc_now() - 300, .from = fprs[ALICE], .use = PAST_COUNTS};
	struct call call = {.signatures = {signature_of(ALICE, CAROL)}, .count = 1};
	auto_buf other = {0};
	(void)state;
	alice->revoked = utc_now() - 60;
	assert_fails(judge_past(&call, &past, &verdict, &err), ERR_BAD_SIGNATURE);
	sign_text(ALICE, "valise-waybill: 1\nother\n", &other);
	call.signatures[0] = (struct trust_signature){fprs[ALICE], (unsigned char *)other.data, other.len};
	assert_fails(judge_past(&call, &past, &verdict, &err), ERR_BAD_SIGNATURE);
	call = SIGNED_BY(ALICE);
	waybill.not_after = waybill.created + 1;
	assert_ok(judge_past(&call, &past, &verdict, &err));
	assert_fails(trust_judge_waybill(&waybill, utc_now(), &verdict, &err), ERR_SIGNATURE_TIME);
	alice->revoked = 0;
	call = SIGNED_BY(STRANGER);
	assert_int_equal(judge_past(&call, &past, &verdict, &err), -1);
	assert_int_equal(err.code, ERR_UNKNOWN_SIGNER);
	assert_non_null(strstr(err.message, "not in the registry any more"));
}

/* After test_revoked: by its owner, which gpg tells. A bad signature of a revoked key is bad. */
static void test_past_of_revoked_key(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct call call = SIGNED_BY(ALICE_TWO);
	const struct trust_past past = {.accepted = utc_now() - 300, .from = fprs[ALICE_TWO], .use = PAST_COUNTS};
	auto_buf other = {0};
	(void)state;
	assert_ok(judge_past(&call, &past, &verdict, &err));
	assert_int_equal(verdict.signers[0].standing, SIGNER_PAST);
	assert_int_equal(verdict.signers[0].end, SIGNER_REVOKED);
	sign_text(ALICE_TWO, "valise-waybill: 1\nother\n", &other);
	call.signatures[0] = (struct trust_signature){fprs[ALICE_TWO], (unsigned char *)other.data, other.len};
	assert_fails(judge_past(&call, &past, &verdict, &err), ERR_BAD_SIGNATURE);
}

static void test_card(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	auto_card card = {0};
	struct waybill waybill = waybill_from(STRANGER);
	(void)state;
	get_card("stranger", &card);
	const struct trust_anchor anchor = {.card = &card};
	struct call stranger = SIGNED_BY(ALICE, STRANGER), alice = SIGNED_BY(ALICE);
	assert_ok(trust_judge_bytes(&anchor, stranger.signatures, 2, text, strlen(text), utc_now(), &verdict, &err));
	assert_string_equal(verdict.signers[1].name, "stranger");
	assert_ok(trust_judge_waybill(&waybill, utc_now(), &verdict, &err));
	assert_fails(trust_judge_bytes(&anchor, alice.signatures, 1, text, strlen(text), utc_now(), &verdict, &err),
				 ERR_UNKNOWN_SIGNER);
}

/* Whoever verifies writes nothing and starts nothing at the station: it may lie on a read-only medium. */
static void test_home_untouched(void **state)
{
	struct err err = ERR_INIT;
	struct trust_verdict verdict;
	struct call call = SIGNED_BY(ALICE, SELF);
	(void)state;
	shell("chmod -R a-w $R/self && ls -lRA --time-style=full-iso $R/self > $R/before");
	assert_ok(judge(&call, &verdict, &err));
	shell("ls -lRA --time-style=full-iso $R/self | diff $R/before - && chmod -R u+w $R/self");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_self_counts),
		cmocka_unit_test(test_self_in_a_signed_registry),
		cmocka_unit_test(test_nobody_counts),
		cmocka_unit_test(test_bad_signature),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_people),
		cmocka_unit_test(test_partner_validity),
		cmocka_unit_test(test_approvers),
		cmocka_unit_test(test_may_approve),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_key_lifetime),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_home_untouched),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_past),
		cmocka_unit_test(test_past_is_no_excuse),
		cmocka_unit_test(test_past_of_revoked_key),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
