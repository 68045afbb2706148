/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "format/registry_doc.h"

#include <malloc.h>
#include <stdlib.h>

#define FPR_A "0123456789ABCDEF0123456789ABCDEF01234567"
#define FPR_B "89ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF01234567"
#define FPR_C "FEDCBA9876543210FEDCBA9876543210FEDCBA98"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define HEAD                                             \
	"valise-registry: 1\n"                               \
	"domain: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n" \
	"serial: 7\n"                                        \
	"previous: \"" HEX "\"\n"                            \
	"created: \"2026-11-23T18:12:00Z\"\n"                \
	"not-after: \"2027-11-23T18:12:00Z\"\n"
#define ALICE                                        \
	"- alias: \"alice\"\n"                           \
	"  fingerprint: \"" FPR_A "\"\n"                 \
	"  name: \"Alice \\\"A\\\" Example\"\n"          \
	"  organisation: \"CERT-EX\"\n"                  \
	"  kind: \"person\"\n"                           \
	"  jurisdiction: \"BE\"\n"                       \
	"  person: \"Alice\"\n"                          \
	"  roles: [\"send\", \"receive\"]\n"             \
	"  approvals: 2\n"                               \
	"  ceilings: [\"tlp/amber\", \"pd/personal\"]\n" \
	"  communities: [\"first\"]\n"                   \
	"  mechanisms:\n"                                \
	"    \"eu-gdpr:A46-3-b\": \"No. 12\"\n"          \
	"  sector: \"private\"\n"                        \
	"  added: \"2026-11-20T00:00:00Z\"\n"            \
	"  valid-until: \"2027-05-01T00:00:00Z\"\n"      \
	"  revoked: \"2026-12-01T00:00:00Z\"\n"          \
	"  revoked-reason: \"left the agency\"\n"        \
	"  certificate: \"" HEX "\"\n"                   \
	"  key-ends:\n"                                  \
	"    signs: \"2028-11-20T00:00:00Z\"\n"          \
	"    encrypts: \"\"\n"                           \
	"    revoked: false\n"                           \
	"  former:\n"                                    \
	"  - fingerprint: \"" FPR_C "\"\n"               \
	"    certificate: \"" HEX "\"\n"                 \
	"    until: \"2027-02-01T00:00:00Z\"\n"          \
	"    revoked: \"2026-12-24T00:00:00Z\"\n"        \
	"    revoked-reason: \"stolen\"\n"
#define BOB                               \
	"- alias: \"bob-2\"\n"                \
	"  fingerprint: \"" FPR_B "\"\n"      \
	"  name: \"Bob\"\n"                   \
	"  organisation: \"Org\"\n"           \
	"  kind: \"station\"\n"               \
	"  jurisdiction: \"\"\n"              \
	"  person: \"Bob\"\n"                 \
	"  roles: []\n"                       \
	"  approvals: 1\n"                    \
	"  ceilings: []\n"                    \
	"  added: \"2026-11-21T00:00:00Z\"\n" \
	"  valid-until: \"\"\n"               \
	"  certificate: \"" HEX "\"\n"
#define GOOD HEAD "partners:\n" ALICE BOB

static int parse(const char *text, struct err *err)
{
	struct registry_doc doc = {0};
	int rc = registry_doc_parse(&doc, text, strlen(text), err);
	if (rc != 0)
		assert_null(doc.partners);
	registry_doc_clear(&doc);
	return rc;
}

static int parse_changed(const char *old, const char *new_text, struct err *err)
{
	auto_buf text = {0};
	unit_replace(&text, GOOD, old, new_text);
	return parse(text.data, err);
}

static void test_known_document(void **state)
{
	struct registry_doc doc = {0};
	auto_buf out = {0};
	expect_ok(registry_doc_parse(&doc, GOOD, strlen(GOOD), err));
	assert_int_equal(doc.serial, 7);
	assert_int_equal(doc.created, 1795457520);
	assert_int_equal(doc.count, 2);
	const struct partner *alice = &doc.partners[0], *bob = &doc.partners[1];
	assert_string_equal(alice->alias, "alice");
	assert_string_equal(alice->party.name, "Alice \"A\" Example");
	assert_string_equal(alice->person, "Alice");
	assert_int_equal(alice->roles, ROLE_SEND | ROLE_RECEIVE);
	assert_int_equal(alice->approvals, 2);
	assert_int_equal(alice->ceilings->count, 2);
	assert_string_equal(alice->ceilings->labels[1], "pd/personal");
	assert_int_equal(alice->communities->count, 1);
	assert_string_equal(alice->communities->items[0], "first");
	assert_int_equal(alice->mechanisms->count, 1);
	assert_string_equal(alice->mechanisms->items[0].term, "eu-gdpr:A46-3-b");
	assert_string_equal(alice->mechanisms->items[0].reference, "No. 12");
	assert_int_equal(alice->sector, SECTOR_PRIVATE);
	assert_true(alice->valid_until > alice->added);
	assert_int_equal(alice->former_count, 1);
	assert_string_equal(alice->former[0].fingerprint.hex, FPR_C);
	assert_true(alice->former[0].until > alice->added);
	assert_true(alice->ends.known && !alice->ends.revoked);
	assert_int_equal(alice->ends.signs, 1858291200);
	assert_int_equal(alice->ends.encrypts, 0);
	assert_false(bob->ends.known); /* as it was written before there was the field */
	assert_true(alice->former[0].revoked > alice->revoked);
	assert_string_equal(alice->former[0].revoked_reason, "stolen");
	const struct fingerprint c = {FPR_C};
	assert_ptr_equal(partner_former(alice, &c), &alice->former[0]);
	assert_true(partner_has_key(alice, &c) && partner_has_key(alice, &alice->fingerprint));
	assert_false(partner_has_key(bob, &c));
	AUTO(partner_clear) struct partner copy = {0};
	expect_ok(partner_copy(&copy, alice, err));
	assert_true(copy.former_count == 1 && copy.former != alice->former && partner_has_key(&copy, &c));
	assert_int_equal(bob->party.kind, PARTY_STATION);
	assert_null(bob->ceilings);
	assert_null(bob->communities);
	assert_null(bob->mechanisms);
	assert_int_equal(bob->sector, SECTOR_PUBLIC);
	assert_int_equal(bob->valid_until, 0);
	assert_int_equal(bob->roles, 0);
	expect_ok(registry_doc_format(&out, &doc, err));
	assert_string_equal(out.data, GOOD);
	registry_doc_clear(&doc);
	assert_int_equal(doc.count, 0);
}

static void test_empty_registry(void **state)
{
	struct registry_doc doc = {0};
	auto_buf out = {0};
	expect_ok(registry_doc_parse(&doc, HEAD "partners: []\n", strlen(HEAD "partners: []\n"), err));
	assert_int_equal(doc.count, 0);
	expect_ok(registry_doc_format(&out, &doc, err));
	assert_string_equal(out.data, HEAD "partners: []\n");
	registry_doc_clear(&doc);
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"valise-registry: 1", "valise-station: 1", "line 1"},
		{"domain: \"9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10\"\n", "", "\"domain\" is missing"},
		{"serial: 7\n", "", "\"serial\" is missing"},
		{"  - fingerprint: \"" FPR_C, "  - fingerprint: \"" FPR_B, "have the same fingerprint"},
		{"  - fingerprint: \"" FPR_C, "  - fingerprint: \"" FPR_A, "have the same fingerprint"},
		{"    until: \"2027-02-01T00:00:00Z\"\n", "", "\"until\" is missing"},
		{"    until: \"2027-02-01T00:00:00Z\"\n", "    until: \"\"\n", "time"},
		{"    certificate: \"" HEX "\"\n", "", "\"certificate\" is missing"},
		{"    revoked: false\n", "", "\"revoked\" is missing"},
		{"    revoked: false\n", "    revoked: \"\"\n", "must be one of: false, true"},
		{"    encrypts: \"\"\n", "    encrypts: \"never\"\n", "no end"},
		{"    encrypts: \"\"\n", "    certifies: \"\"\n", "certifies"},
		{"previous: \"" HEX "\"\n", "", "\"previous\" is missing"},
		{"created: \"2026-11-23T18:12:00Z\"\n", "", "\"created\" is missing"},
		{"not-after: \"2027-11-23T18:12:00Z\"\n", "", "\"not-after\" is missing"},
		{"partners:\n" ALICE BOB, "", "\"partners\" is missing"},
		{"serial: 7\n", "serial: 0\n", "\"serial\" must be between"},
		{"serial: 7\n", "serial: 7\nowner: \"x\"\n", "unknown key \"owner\""},
		{"2027-11-23T18:12:00Z", "2026-11-23T18:12:00Z", "later than \"created\""},
		{"partners:\n" ALICE BOB, "partners: \"x\"\n", "\"partners\" must be a list"},
		{"partners:\n" ALICE BOB, "partners: [\"x\"]\n", "must be a mapping"},
		{"partners:\n" ALICE BOB, "partners:\n" BOB ALICE, "alice is not sorted"},
		{"\"bob-2\"", "\"alice\"", "two partners have the alias alice"},
		{"\"" FPR_B "\"", "\"" FPR_A "\"", "partners alice and bob-2 have the same fingerprint"},
		{"[\"first\"]", "[\"-first\"]", "no name of a community"},
		{"\"No. 12\"", "\"\"", "line"},
		{"\"eu-gdpr:A46-3-b\"", "\"eu gdpr\"", "no transfer mechanism"},
		{"\"private\"", "\"secret\"", "must be one of: public, private"},
		{"- alias: \"alice\"\n  fingerprint", "- fingerprint", "\"alias\" is missing"},
		{"  person: \"Alice\"\n", "", "\"person\" is missing"},
		{"reason: \"left the agency\"\n  certificate: \"" HEX "\"\n", "reason: \"left the agency\"\n",
		 "\"certificate\" is missing"},
		{"  person: \"Alice\"\n", "  person: \"Alice\"\n  person: \"Alice\"\n", "a second time"},
		{"  person: \"Alice\"\n", "  person: \"Alice\"\n  colour: \"red\"\n",
		 "line 15, column 3: unknown key \"colour\""},
		{"\"alice\"", "\"Alice\"", "\"alias\" must be of a to z"},
		{"\"alice\"", "\"-alice\"", "\"alias\" must be of a to z"},
		{"\"alice\"", "\"al ice\"", "\"alias\" must be of a to z"},
		{"\"alice\"", "\"../alice\"", "\"alias\" must be of a to z"},
		{"\"alice\"", "\"\"", "\"alias\" must have 1 to 63 bytes"},
		{"\"alice\"", "\"" HEX "\"", "\"alias\" must have 1 to 63 bytes"},
		{"\"" FPR_A "\"", "\"alice\"", "\"fingerprint\" must be"},
		{"CERT-EX", "CERT\\e[2J", "control or invisible"},
		{"person: \"Alice\"", "person: \"\"", "\"person\" must have 1 to 128 bytes"},
		{"\"person\"", "\"robot\"", "must be one of: person"},
		{"\"BE\"", "\"Belgium\"", "two upper-case letters"},
		{"[\"send\", \"receive\"]", "[\"send\", \"send\"]", "names one role twice"},
		{"[\"send\", \"receive\"]", "[\"sender\"]", "\"roles\" must be of: send,receive,carry,approve,administer"},
		{"[\"send\", \"receive\"]", "\"send,receive\"", "\"roles\" must be a list"},
		{"approvals: 2", "approvals: 0", "\"approvals\" must be between 1 and 16"},
		{"approvals: 2", "approvals: 17", "\"approvals\" must be between 1 and 16"},
		{"[\"tlp/amber\", \"pd/personal\"]", "[\"TLP:AMBER\"]", "\"ceilings\" must name labels as scheme/id"},
		{"[\"tlp/amber\", \"pd/personal\"]", "[\"tlp/amber\", \"tlp/amber\"]", "names one label twice"},
		{"[\"tlp/amber\", \"pd/personal\"]", "{tlp: amber}", "\"ceilings\" must be a list"},
		{"2026-11-20T00:00:00Z", "", "\"added\" must be a time"},
		{"2027-05-01T00:00:00Z", "never", "\"valid-until\" must be a time"},
		{"2026-12-01T00:00:00Z", "", "\"revoked\""},
		{"  revoked: \"2026-12-01T00:00:00Z\"\n", "", "alice has \"revoked-reason\" without \"revoked\""},
		{"left the agency", "", "\"revoked-reason\""},
		{"2026-12-24T00:00:00Z", "", "\"revoked\""},
		{"    revoked: \"2026-12-24T00:00:00Z\"\n", "", "a former key has \"revoked-reason\" without \"revoked\""},
		{"stolen", "", "\"revoked-reason\""},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_REGISTRY, rows[i].piece,
					   rows[i].new_text);
	expect_failure(parse_changed("registry: 1", "registry: 2", err), ERR_VERSION, "version", "version 2");
	expect_failure(parse("", err), ERR_REGISTRY, "bytes", "empty");
}

static void test_many_ceilings(void **state)
{
	auto_buf list = {0};
	expect_ok(buf_append_str(&list, "[\"a/0\"", err));
	for (int i = 1; i < CEILINGS_MAX; i++)
		expect_ok(buf_printf(&list, err, ", \"a/%d\"", i));
	auto_buf most = {0}, more = {0};
	expect_ok(buf_printf(&most, err, "%s]", list.data));
	expect_ok(buf_printf(&more, err, "%s, \"a/x\"]", list.data));
	expect_ok(parse_changed("[\"tlp/amber\", \"pd/personal\"]", most.data, err));
	expect_failure(parse_changed("[\"tlp/amber\", \"pd/personal\"]", more.data, err), ERR_REGISTRY, "more than 32",
				   "33");
}

static void fill_partner(struct partner *p, unsigned number)
{
	char hex[41];
	(void)snprintf(p->alias, sizeof p->alias, "p%05u", number);
	(void)snprintf(hex, sizeof hex, "%040X", number);
	assert_true(fingerprint_parse(&p->fingerprint, hex, 40));
	(void)snprintf(p->party.name, sizeof p->party.name, "Name %u", number);
	(void)snprintf(p->party.organisation, sizeof p->party.organisation, "Organisation");
	(void)snprintf(p->person, sizeof p->person, "Person %u", number);
	p->approvals = 1;
	p->added = 1795457520;
	p->roles = ROLE_SEND;
}

static void test_many_partners(void **state)
{
	enum { MANY = 5000 };
	struct registry_doc doc = {.serial = 1, .created = 1795457520, .not_after = 1795457521}, back = {0};
	auto_buf text = {0}, again = {0};
	assert_true(uuid_parse(&doc.domain, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10", 36));
	doc.partners = calloc(MANY, sizeof *doc.partners);
	assert_non_null(doc.partners);
	doc.count = MANY;
	for (unsigned i = 0; i < MANY; i++)
		fill_partner(&doc.partners[i], i);
	expect_ok(registry_doc_format(&text, &doc, err));
	expect_ok(registry_doc_parse(&back, text.data, text.len, err));
	assert_int_equal(back.count, MANY);
	assert_string_equal(back.partners[4999].party.name, "Name 4999");
	expect_ok(registry_doc_format(&again, &back, err));
	assert_string_equal(text.data, again.data);
	registry_doc_clear(&doc);
	registry_doc_clear(&back);
}

/* Of one partner, what a look-up must find is what a whole parse says. */
static void expect_same_partner(const struct partner *want, const struct partner *got)
{
	struct registry_doc one = {.serial = 1, .created = 1, .not_after = 2, .count = 1}, other = one;
	auto_buf a = {0}, b = {0};
	struct partner left = *want, right = *got;
	assert_true(uuid_parse(&one.domain, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10", 36));
	other.domain = one.domain;
	one.partners = &left;
	other.partners = &right;
	expect_ok(registry_doc_format(&a, &one, err));
	expect_ok(registry_doc_format(&b, &other, err));
	assert_string_equal(a.data, b.data);
}

static void expect_found_alike(const struct registry_doc *doc, const struct buf *text)
{
	for (uint32_t i = 0; i < doc->count; i++) {
		const struct partner *want = &doc->partners[i];
		struct err fault = ERR_INIT;
		struct partner by_alias = {0}, by_key = {0};
		assert_int_equal(registry_doc_find_alias(&by_alias, text->data, text->len, want->alias, &fault), 1);
		assert_int_equal(registry_doc_find_fingerprint(&by_key, text->data, text->len, &want->fingerprint, &fault), 1);
		expect_same_partner(want, &by_alias);
		expect_same_partner(want, &by_key);
		partner_clear(&by_alias);
		partner_clear(&by_key);
	}
}

static void expect_not_found(const struct buf *text, const char *alias, const char *hex)
{
	struct err fault = ERR_INIT;
	struct partner partner = {0};
	struct fingerprint fpr;
	assert_true(fingerprint_parse(&fpr, hex, strlen(hex)));
	assert_int_equal(registry_doc_find_alias(&partner, text->data, text->len, alias, &fault), 0);
	assert_int_equal(registry_doc_find_fingerprint(&partner, text->data, text->len, &fpr, &fault), 0);
	partner_clear(&partner);
}

static void test_found_alone(void **state)
{
	struct registry_doc doc = {0}, head = {0};
	auto_buf text = {0};
	expect_ok(registry_doc_parse(&doc, GOOD, strlen(GOOD), err));
	expect_ok(registry_doc_format(&text, &doc, err));
	expect_found_alike(&doc, &text);
	expect_not_found(&text, "bob", "0123456789ABCDEF0123456789ABCDEF01234568");
	expect_not_found(&text, "bob-22", "89ABCDEF0123456789ABCDEF0123456789ABCDEF");
	expect_ok(registry_doc_parse_head(&head, text.data, text.len, err));
	assert_int_equal(head.serial, doc.serial);
	assert_int_equal(head.not_after, doc.not_after);
	assert_true(digest_equal(&head.previous, &doc.previous));
	assert_string_equal(head.domain.text, doc.domain.text);
	assert_int_equal(head.count, 0);
	registry_doc_clear(&head);
	registry_doc_clear(&doc);
}

struct walked {
	const struct registry_doc *doc;
	uint32_t count, stop_at;
};

static int walk(void *ctx, const struct partner *partner, struct err *err)
{
	struct walked *walked = ctx;
	if (walked->count == walked->stop_at)
		return err_set(err, ERR_LIMIT, "enough");
	expect_same_partner(&walked->doc->partners[walked->count++], partner);
	return 0;
}

static void test_one_by_one(void **state)
{
	static const char empty[] = HEAD "partners: []\n";
	struct registry_doc doc = {0};
	struct walked walked = {.doc = &doc, .stop_at = 9};
	expect_ok(registry_doc_parse(&doc, GOOD, strlen(GOOD), err));
	expect_ok(registry_doc_each(GOOD, strlen(GOOD), walk, &walked, err));
	assert_int_equal(walked.count, 2);
	walked = (struct walked){.doc = &doc, .stop_at = 1};
	expect_failure(registry_doc_each(GOOD, strlen(GOOD), walk, &walked, err), ERR_LIMIT, "enough", "stopped");
	walked = (struct walked){.doc = &doc};
	expect_ok(registry_doc_each(empty, strlen(empty), walk, &walked, err));
	expect_failure(registry_doc_each(HEAD, strlen(HEAD), walk, &walked, err), ERR_REGISTRY, "partners", "cut");
	registry_doc_clear(&doc);
}

/* What a key cannot do is left out, and comes back as that. */
static void test_key_ends(void **state)
{
	static const struct key_ends rows[] = {
		{.known = true, .signs = -1, .encrypts = -1, .revoked = true},
		{.known = true, .signs = 0, .encrypts = -1},
		{.known = true, .signs = 1858291200, .encrypts = 1858291201},
		{.known = false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct registry_doc doc = {0}, back = {0};
		auto_buf text = {0};
		expect_ok(registry_doc_parse(&doc, GOOD, strlen(GOOD), err));
		doc.partners[1].ends = rows[i];
		expect_ok(registry_doc_format(&text, &doc, err));
		expect_ok(registry_doc_parse(&back, text.data, text.len, err));
		const struct key_ends *ends = &back.partners[1].ends;
		assert_true(ends->known == rows[i].known && ends->revoked == rows[i].revoked);
		assert_int_equal(ends->signs, rows[i].signs);
		assert_int_equal(ends->encrypts, rows[i].encrypts);
		registry_doc_clear(&doc);
		registry_doc_clear(&back);
	}
}

/* Names may hold whatever looks like a part of the document; they are no part of it. */
static void test_names_that_look_like_fields(void **state)
{
	enum { PLENTY = 40 };
	struct registry_doc doc = {.serial = 1, .created = 1795457520, .not_after = 1795457521};
	auto_buf text = {0};
	assert_true(uuid_parse(&doc.domain, "9f1c2a34-5d0b-4c55-8a64-0d5a1f3f4f10", 36));
	doc.partners = calloc(PLENTY, sizeof *doc.partners);
	assert_non_null(doc.partners);
	doc.count = PLENTY;
	for (unsigned i = 0; i < PLENTY; i++) {
		struct partner *p = &doc.partners[i];
		fill_partner(p, i);
		(void)snprintf(p->party.name, sizeof p->party.name, "x\" fingerprint: \"%040X\"", PLENTY - i);
		(void)snprintf(p->party.organisation, sizeof p->party.organisation, "- alias: \"p%05u\"", PLENTY - i);
		(void)snprintf(p->person, sizeof p->person, "\\\" - alias: \"ghost\" %u", i);
	}
	expect_ok(registry_doc_format(&text, &doc, err));
	expect_found_alike(&doc, &text);
	expect_not_found(&text, "ghost", "0000000000000000000000000000000000000028");
	registry_doc_clear(&doc);
}

static void test_roles(void **state)
{
	static const char *const bad[] = {"x", "send,", ",send", "send,,receive", "Send", "send receive", " send"};
	unsigned bits = 99;
	char text[64];
	assert_true(roles_parse(&bits, ""));
	assert_int_equal(bits, 0);
	assert_true(roles_parse(&bits, ROLE_NAMES));
	assert_int_equal(bits, 31);
	roles_format(text, sizeof text, bits);
	assert_string_equal(text, ROLE_NAMES);
	roles_format(text, sizeof text, 0);
	assert_string_equal(text, "");
	assert_true(roles_parse(&bits, "approve,carry"));
	roles_format(text, sizeof text, bits);
	assert_string_equal(text, "carry,approve");
	for (size_t i = 0; i < COUNT(bad); i++)
		if (roles_parse(&bits, bad[i]))
			fail_msg("taken: \"%s\"", bad[i]);
	roles_format(text, 6, 31); /* cut, but terminated */
	assert_true(strlen(text) < 6);
}

static void test_aliases(void **state)
{
	assert_true(alias_is_valid("a"));
	assert_true(alias_is_valid("7-seas"));
	assert_false(alias_is_valid(""));
	assert_false(alias_is_valid("-a"));
	assert_false(alias_is_valid("A"));
	assert_false(alias_is_valid("a_b"));
	assert_false(alias_is_valid("a,b"));
	assert_false(alias_is_valid("a/b"));
	assert_false(alias_is_valid(HEX));
}

/* The next rotation goes by their count: there must be room up to the next power of two. */
static void test_copy_of_many_former_keys(void **state)
{
	struct err err = ERR_INIT;
	struct partner partner = {.alias = "alice"}, copy;
	for (uint32_t i = 0; i < 5; i++) {
		struct former_key *grown = array_grow(partner.former, i, sizeof *grown, &err);
		assert_non_null(grown);
		partner.former = grown;
		grown[partner.former_count++] = (struct former_key){.until = 1000 + i};
	}
	assert_int_equal(partner_copy(&copy, &partner, &err), 0);
	assert_int_equal(copy.former_count, 5);
	assert_int_equal(copy.former[4].until, 1004);
	assert_true(malloc_usable_size(copy.former) >= 8 * sizeof *copy.former);
	partner_clear(&copy);
	partner_clear(&partner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_document), cmocka_unit_test(test_copy_of_many_former_keys),
		cmocka_unit_test(test_empty_registry), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many_ceilings),  cmocka_unit_test(test_many_partners),
		cmocka_unit_test(test_roles),          cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_found_alone),    cmocka_unit_test(test_one_by_one),
		cmocka_unit_test(test_key_ends),       cmocka_unit_test(test_names_that_look_like_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
