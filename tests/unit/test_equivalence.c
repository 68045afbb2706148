/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "policy/equivalence.h"

#include <stdlib.h>

#define ENTRY(from, to, since, more)                                                                            \
	"  - from: \"" from "\"\n    to: \"" to "\"\n    basis: \"agreement of 2007, Art. 3\"\n    since: \"" since \
	"T00:00:00Z\"\n" more

#define GOOD                                                       \
	"valise-equivalence: 1\n"                                      \
	"created: \"2026-11-23T18:12:00Z\"\n"                          \
	"entries:\n" ENTRY("us/secret", "eu/secret", "2010-01-01", "") \
		ENTRY("eu/secret", "us/secret", "2010-01-01", "    until: \"2030-01-01T00:00:00Z\"\n")

enum { Y2009 = 1230768000, Y2010 = 1262304000, Y2020 = 1577836800, Y2030 = 1893456000 };

static int parse(const char *text, struct err *err)
{
	auto_equivalence_doc doc = {.items = NULL};
	int rc = equivalence_doc_parse(&doc, text, strlen(text), err);
	if (rc != 0)
		assert_null(doc.items);
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
	auto_equivalence_doc doc = {.items = NULL};
	expect_ok(equivalence_doc_parse(&doc, GOOD, strlen(GOOD), err));
	assert_int_equal(doc.created, 1795457520);
	assert_int_equal(doc.count, 2);
	assert_string_equal(doc.items[0].from, "eu/secret"); /* sorted */
	assert_string_equal(doc.items[0].to, "us/secret");
	assert_string_equal(doc.items[0].basis, "agreement of 2007, Art. 3");
	assert_int_equal(doc.items[0].since, Y2010);
	assert_int_equal(doc.items[0].until, Y2030);
	assert_int_equal(doc.items[1].until, 0);
	expect_ok(parse("valise-equivalence: 1\ncreated: \"2026-11-23T18:12:00Z\"\nentries: []\n", err));
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{"valise-equivalence: 1", "valise-registry: 1", "line 1"},
		{"created: \"2026-11-23T18:12:00Z\"\n", "", "\"created\" is missing"},
		{"    to: \"eu/secret\"\n", "", "\"to\" is missing"},
		{"    basis: \"agreement of 2007, Art. 3\"\n", "", "\"basis\" is missing"},
		{"    since: \"2010-01-01T00:00:00Z\"\n", "", "\"since\" is missing"},
		{"    since:", "    legal: \"x\"\n    since:", "line 7, column 5: unknown key \"legal\""},
		{"us/secret", "SECRET", "scheme/id"},
		{"\"eu/secret\"\n    basis", "\"us/confidential\"\n    basis", "of one scheme"},
		{"agreement of 2007, Art. 3", "", "1 to 256 bytes"},
		{"agreement of 2007, Art. 3", "a\\nb", "control or invisible"},
		{"2030-01-01", "2010-01-01", "after \"since\""},
		{"2030-01-01", "2009-01-01", "after \"since\""},
		{"entries:\n", "entries:\n" ENTRY("us/secret", "eu/secret", "2011-01-01", ""),
		 "us/secret is equated with eu/secret twice"},
		{"entries:\n", "more: []\nentries:\n", "unknown key \"more\""},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(parse_changed(rows[i].old, rows[i].new_text, err), ERR_DOCUMENT, rows[i].piece,
					   rows[i].new_text);
	expect_failure(parse_changed("equivalence: 1", "equivalence: 2", err), ERR_VERSION, "version", "version 2");
	expect_failure(parse("", err), ERR_DOCUMENT, "bytes", "empty");
}

static void test_too_many(void **state)
{
	auto_buf text = {0};
	expect_ok(buf_append_str(&text, "valise-equivalence: 1\ncreated: \"2026-11-23T18:12:00Z\"\nentries:\n", err));
	for (unsigned i = 0; i <= EQUIVALENCES_MAX; i++) {
		if (i == EQUIVALENCES_MAX)
			expect_ok(parse(text.data, err));
		expect_ok(buf_printf(&text, err,
							 "  - from: \"a/l%u\"\n    to: \"b/l\"\n    basis: \"x\"\n    since: "
							 "\"2010-01-01T00:00:00Z\"\n",
							 i));
	}
	expect_failure(parse(text.data, err), ERR_DOCUMENT, "more than 1000 entries", "1,001 entries");
}

/* --- what it says --- */

static void test_find(void **state)
{
	static const struct {
		const char *from, *scheme;
		int64_t now;
		const char *want;
	} rows[] = {
		{"us/secret", "eu", Y2020, "eu/secret"},
		{"eu/secret", "us", Y2020, "us/secret"},
		{"us/secret", "eu", Y2010, "eu/secret"},     /* the first moment of since */
		{"us/secret", "eu", Y2010 - 1, NULL},        /* not yet */
		{"us/secret", "eu", Y2030, "eu/secret"},     /* no end */
		{"eu/secret", "us", Y2030 - 1, "us/secret"}, /* the last moment */
		{"eu/secret", "us", Y2030, NULL},            /* over */
		{"us/secret", "us", Y2020, NULL},
		{"us/secret", "e", Y2020, NULL},
		{"us/secret", "eu/", Y2020, NULL},
		{"us/secret", "nato", Y2020, NULL},
		{"us/secre", "eu", Y2020, NULL},
		{"us/confidential", "eu", Y2020, NULL},
	};
	auto_equivalence_doc doc = {.items = NULL};
	expect_ok(equivalence_doc_parse(&doc, GOOD, strlen(GOOD), err));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *found = equivalence_find(&doc, rows[i].from, rows[i].scheme, rows[i].now);
		if (rows[i].want == NULL)
			assert_null(found);
		else
			assert_string_equal(found, rows[i].want);
	}
	assert_null(equivalence_find(NULL, "us/secret", "eu", Y2020));
}

/* Never chained: a to b and b to c says nothing of a and c; and one direction says nothing of the other. */
static void test_not_chained(void **state)
{
	static const char text[] = "valise-equivalence: 1\ncreated: \"2026-11-23T18:12:00Z\"\nentries:\n" ENTRY(
		"a/x", "b/x", "2010-01-01", "") ENTRY("b/x", "c/x", "2010-01-01", "");
	auto_equivalence_doc doc = {.items = NULL};
	expect_ok(equivalence_doc_parse(&doc, text, strlen(text), err));
	assert_null(equivalence_find(&doc, "a/x", "c", Y2020));
	assert_null(equivalence_find(&doc, "b/x", "a", Y2020));
	assert_string_equal(equivalence_find(&doc, "b/x", "c", Y2020), "c/x");
}

static int check(const char *entries, struct err *out)
{
	auto_equivalence_doc doc = {.items = NULL};
	auto_schemes set = {.schemes = NULL};
	auto_buf text = {0};
	expect_ok(
		buf_printf(&text, err, "valise-equivalence: 1\ncreated: \"2026-11-23T18:12:00Z\"\nentries:\n%s", entries));
	expect_ok(equivalence_doc_parse(&doc, text.data, text.len, err));
	expect_ok(scheme_set_load_shipped(&set, NULL, err));
	return equivalence_check(&doc, &set, out);
}

static void test_check(void **state)
{
	expect_ok(check(ENTRY("tlp/amber", "pap/amber", "2010-01-01", ""), err));
	expect_ok(
		check(ENTRY("tlp/amber", "pap/amber", "2010-01-01", "") ENTRY("tlp/red", "pap/red", "2010-01-01", ""), err));
	expect_failure(check(ENTRY("tlp/purple", "pap/amber", "2010-01-01", ""), err), ERR_SCHEME,
				   "tlp/purple to pap/amber", "unknown from");
	expect_failure(check(ENTRY("tlp/red", "nowhere/red", "2010-01-01", ""), err), ERR_SCHEME, "no label nowhere/red",
				   "unknown to");
	expect_failure(
		check(ENTRY("tlp/red", "pap/amber", "2010-01-01", "") ENTRY("tlp/red", "pap/red", "2010-01-01", ""), err),
		ERR_SCHEME, "tlp/red counts as both pap/amber and pap/red", "two of one scheme");
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_document), cmocka_unit_test(test_refused),     cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_find),           cmocka_unit_test(test_not_chained), cmocka_unit_test(test_check),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
