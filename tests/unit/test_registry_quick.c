/* SPDX-License-Identifier: Apache-2.0 */
#include "format/registry_quick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* The quick reader may say "not me" to anything, but never read what the YAML reader refuses, or reads otherwise. */

static const char sample[] = "valise-registry: 1\n"
							 "domain: \"cb48c1c3-7201-4b74-8466-5aea933607d3\"\n"
							 "serial: 7\n"
							 "previous: \"0000000000000000000000000000000000000000000000000000000000000000\"\n"
							 "created: \"2026-11-23T18:12:00Z\"\n"
							 "not-after: \"2027-11-24T18:12:00Z\"\n"
							 "partners:\n"
							 "- alias: \"agency-b\"\n"
							 "  fingerprint: \"A9B21BD9E1ADA76349E8A68C13E5FE9AC1E2F9A7\"\n"
							 "  name: \"Żółw\"\n"
							 "  organisation: \"Agency B\"\n"
							 "  kind: \"role\"\n"
							 "  jurisdiction: \"BE\"\n"
							 "  person: \"Duty officer\"\n"
							 "  roles: [\"send\", \"receive\"]\n"
							 "  approvals: 1\n"
							 "  ceilings: [\"pd/none\", \"tlp/amber\"]\n"
							 "  added: \"2026-11-23T18:12:00Z\"\n"
							 "  valid-until: \"2027-11-23T18:12:00Z\"\n"
							 "  certificate: \"f008c115bc6e55711ce855d45f857c15b0f3d4f7d4af763e3368793a021dae61\"\n"
							 "- alias: \"agency-c\"\n"
							 "  fingerprint: \"B9B21BD9E1ADA76349E8A68C13E5FE9AC1E2F9A7\"\n"
							 "  name: \"C\"\n"
							 "  organisation: \"C\"\n"
							 "  kind: \"station\"\n"
							 "  jurisdiction: \"\"\n"
							 "  person: \"C\"\n"
							 "  roles: []\n"
							 "  approvals: 16\n"
							 "  ceilings: []\n"
							 "  added: \"2026-11-23T18:12:00Z\"\n"
							 "  valid-until: \"\"\n"
							 "  certificate: \"f008c115bc6e55711ce855d45f857c15b0f3d4f7d4af763e3368793a021dae61\"\n";

static void format(const struct registry_doc *doc, struct buf *out)
{
	struct err err = ERR_INIT;
	assert_int_equal(registry_doc_format(out, doc, &err), 0);
}

/* Whether quick read it; then the YAML reader must have read the same. */
static bool same_as_yaml(const char *bytes, size_t len)
{
	struct err err = ERR_INIT;
	AUTO(registry_doc_clear) struct registry_doc quick, yaml = {0};
	auto_buf a = {0}, b = {0};
	if (!registry_quick_parse(&quick, bytes, len)) {
		assert_null(quick.partners);
		return false;
	}
	if (registry_doc_parse(&yaml, bytes, len, &err) != 0)
		fail_msg("read by quick, refused by YAML: %s\n%.*s", err.message, (int)len, bytes);
	format(&quick, &a);
	format(&yaml, &b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	return true;
}

static void test_sample(void **state)
{
	AUTO(registry_doc_clear) struct registry_doc doc = {0};
	auto_buf again = {0};
	(void)state;
	assert_true(same_as_yaml(sample, strlen(sample)));
	assert_true(registry_quick_parse(&doc, sample, strlen(sample)));
	assert_int_equal(doc.count, 2);
	assert_string_equal(doc.partners[0].party.name, "Żółw");
	assert_int_equal(doc.partners[0].roles, ROLE_SEND | ROLE_RECEIVE);
	assert_int_equal(doc.partners[0].ceilings->count, 2);
	assert_null(doc.partners[1].ceilings);
	assert_int_equal(doc.partners[1].valid_until, 0);
	format(&doc, &again);
	assert_string_equal(again.data, sample);
}

static void test_cut(void **state)
{
	(void)state;
	unsigned whole = 0;
	for (size_t len = 0; len <= strlen(sample); len++)
		whole += same_as_yaml(sample, len);
	assert_int_equal(whole, 2); /* behind each of the two partners */
}

/* Every byte of the document replaced by each of these. */
static void test_changed(void **state)
{
	static const char replacements[] = "\"\\\n\r\t :#-[],'{}&*!|>%@`0a\x7f\x80\xff\0Z";
	char copy[sizeof sample];
	(void)state;
	for (size_t i = 0; i + 1 < sizeof sample; i++)
		for (size_t k = 0; k + 1 < sizeof replacements; k++) {
			memcpy(copy, sample, sizeof sample);
			copy[i] = replacements[k];
			(void)same_as_yaml(copy, sizeof sample - 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_sample), cmocka_unit_test(test_cut),
									   cmocka_unit_test(test_changed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
