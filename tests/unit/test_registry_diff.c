/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/registry_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A partner of the key A, B, …, with up to one former key. */
static struct partner make(const char *alias, char key, struct former_key *former, char former_key)
{
	struct partner partner = {.approvals = 1};
	(void)snprintf(partner.alias, sizeof partner.alias, "%s", alias);
	memset(partner.fingerprint.hex, key, 40);
	if (former_key != '\0') {
		*former = (struct former_key){.until = 1};
		memset(former->fingerprint.hex, former_key, 40);
		partner.former = former;
		partner.former_count = 1;
	}
	return partner;
}

struct seen {
	char text[256];
};

static int note(void *ctx, const struct registry_difference *d, struct err *err)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);
	(void)err;
	(void)snprintf(seen->text + used, sizeof seen->text - used, "%s%s%s%s ",
				   d->kind == PARTNER_ADDED     ? "+"
				   : d->kind == PARTNER_CHANGED ? "~"
												: "-",
				   d->after != NULL ? d->after->alias : d->before->alias, d->moved != NULL ? "<" : "",
				   d->moved != NULL ? d->moved_from->alias : "");
	return 0;
}

static const char *compare(const struct registry_doc *before, const struct registry_doc *after, struct seen *seen)
{
	struct err err = ERR_INIT;
	seen->text[0] = '\0';
	assert_int_equal(registry_diff(before, after, note, seen, &err), 0);
	return seen->text;
}

static void a_rotation_is_the_same_partner(void **state)
{
	(void)state;
	struct seen seen;
	struct err err = ERR_INIT;
	struct former_key former;
	struct partner before[] = {make("ann", 'A', NULL, 0), make("bob", 'B', NULL, 0)};
	struct partner after[] = {make("ann", 'A', NULL, 0), make("bob", 'C', &former, 'B')};
	struct registry_doc old = {.partners = before, .count = 2}, new = {.partners = after, .count = 2};
	assert_string_equal(compare(&old, &new, &seen), "~bob ");
	assert_int_equal(registry_check_moves(&old, &new, &err), 0);
}

static void a_key_that_another_takes_over_hides_nobody(void **state)
{
	(void)state;
	struct seen seen;
	struct err err = ERR_INIT;
	struct former_key former;
	struct partner before[] = {make("bob", 'B', NULL, 0), make("mal", 'D', NULL, 0)};
	struct partner after[] = {make("mal", 'D', &former, 'B')};
	struct registry_doc old = {.partners = before, .count = 2}, new = {.partners = after, .count = 1};
	assert_string_equal(compare(&old, &new, &seen), "~mal<bob -bob ");
	assert_int_equal(registry_check_moves(&old, &new, &err), -1);
	assert_int_equal(err.code, ERR_REGISTRY);
}

static void a_former_key_that_becomes_somebody_is_told(void **state)
{
	(void)state;
	struct seen seen;
	struct err err = ERR_INIT;
	struct former_key former;
	struct partner before[] = {make("bob", 'B', &former, 'A')};
	struct partner after[] = {make("bob", 'B', NULL, 0), make("zed", 'A', NULL, 0)};
	struct registry_doc old = {.partners = before, .count = 1}, new = {.partners = after, .count = 2};
	assert_string_equal(compare(&old, &new, &seen), "~bob +zed<bob ");
	assert_int_equal(registry_check_moves(&old, &new, &err), 0);
}

static void from_nothing_and_to_nothing(void **state)
{
	(void)state;
	struct seen seen;
	struct partner bob[] = {make("bob", 'B', NULL, 0)};
	struct registry_doc none = {0}, one = {.partners = bob, .count = 1};
	assert_string_equal(compare(&none, &one, &seen), "+bob ");
	assert_string_equal(compare(&one, &none, &seen), "-bob ");
	assert_string_equal(compare(&one, &one, &seen), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rotation_is_the_same_partner),
		cmocka_unit_test(a_key_that_another_takes_over_hides_nobody),
		cmocka_unit_test(a_former_key_that_becomes_somebody_is_told),
		cmocka_unit_test(from_nothing_and_to_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
