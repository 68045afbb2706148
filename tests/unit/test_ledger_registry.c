/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "ledger/ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char home[64];
static struct uuid ours, theirs;

static int home_make(void **state)
{
	(void)state;
	strcpy(home, "/tmp/valise-ledger-XXXXXX");
	assert_non_null(mkdtemp(home));
	uuid_random(&ours);
	uuid_random(&theirs);
	return 0;
}

static int home_remove(void **state)
{
	(void)state;
	io_remove_tree(AT_FDCWD, home);
	assert_int_equal(access(home, F_OK), -1);
	return 0;
}

static struct ledger_registry held(const struct uuid *domain, uint64_t serial, unsigned char digest)
{
	struct ledger_registry out = {.domain = *domain, .serial = serial, .canonical = true};
	out.digest.bytes[0] = digest;
	strcpy(out.signers, "Alice, Bob");
	return out;
}

static uint64_t highest(struct ledger *ledger, const struct uuid *domain)
{
	uint64_t serial = 99;
	expect_ok(ledger_registry_highest(ledger, domain, &serial, err));
	return serial;
}

static int count_row(void *ctx, const struct ledger_registry *row, struct err *err)
{
	unsigned *count = ctx;
	assert_true(row->time > 0);
	(*count)++;
	return 0;
}

static void expect_rows(struct ledger *ledger, unsigned expected)
{
	unsigned count = 0;
	expect_ok(ledger_registry_list(ledger, count_row, &count, err));
	assert_int_equal(count, expected);
}

static void test_take(void **state)
{
	auto_ledger *ledger = NULL;
	struct ledger_registry last;
	expect_ok(ledger_open(&ledger, home, LEDGER_WRITE, err));
	expect_ok(ledger_registry_last(ledger, &last, err));
	assert_int_equal(last.serial, 0);
	assert_int_equal(highest(ledger, &ours), 0);
	const struct ledger_registry eight = held(&ours, 8, 1), three = held(&ours, 3, 2), foreign = held(&theirs, 11, 3);
	expect_ok(ledger_registry_take(ledger, &eight, err));
	expect_ok(ledger_registry_take(ledger, &eight, err)); /* in use already: no second row */
	expect_rows(ledger, 1);
	expect_ok(ledger_registry_take(ledger, &foreign, err));
	expect_ok(ledger_registry_take(ledger, &three, err));
	expect_rows(ledger, 3);
	expect_ok(ledger_registry_last(ledger, &last, err));
	assert_int_equal(last.serial, 3);
	assert_true(digest_equal(&last.digest, &three.digest) && last.canonical);
	assert_string_equal(last.domain.text, ours.text);
	assert_string_equal(last.signers, "Alice, Bob");
	/* What was held once is not forgotten. */
	assert_int_equal(highest(ledger, &ours), 8);
	assert_int_equal(highest(ledger, &theirs), 11);
}

static void test_read_only(void **state)
{
	auto_ledger *ledger = NULL;
	const struct ledger_registry eight = held(&ours, 8, 1);
	expect_ok(ledger_open(&ledger, home, LEDGER_READ_ONLY, err));
	expect_rows(ledger, 0);
	expect_failure(ledger_registry_take(ledger, &eight, err), ERR_LEDGER, "", "read-only");
}

static void expect_signed(struct ledger *ledger, uint64_t asked, uint64_t serial, unsigned char digest)
{
	struct ledger_signed found;
	expect_ok(ledger_registry_signed(ledger, &ours, asked, &found, err));
	assert_int_equal(found.serial, serial);
	assert_int_equal(found.digest.bytes[0], digest);
	assert_true((found.time > 0) == (serial > 0));
}

static void test_sign(void **state)
{
	auto_ledger *ledger = NULL;
	struct ledger_signed four = {.serial = 4, .digest.bytes = {1}}, other = {.serial = 4, .digest.bytes = {2}}, there;
	const struct ledger_signed three = {.serial = 3, .digest.bytes = {3}};
	expect_ok(ledger_open(&ledger, home, LEDGER_WRITE, err));
	expect_signed(ledger, 4, 0, 0);
	expect_signed(ledger, 0, 0, 0);
	expect_ok(ledger_registry_sign(ledger, &ours, &four, &there, err));
	assert_int_equal(there.digest.bytes[0], 1);
	expect_ok(ledger_registry_sign(ledger, &ours, &four, &there, err));
	expect_ok(ledger_registry_sign(ledger, &ours, &other, &there, err)); /* the first one stands */
	assert_int_equal(there.digest.bytes[0], 1);
	expect_ok(ledger_registry_sign(ledger, &theirs, &other, &there, err));
	assert_int_equal(there.digest.bytes[0], 2);
	expect_ok(ledger_registry_sign(ledger, &ours, &three, &there, err));
	expect_signed(ledger, 4, 4, 1);
	expect_signed(ledger, 3, 3, 3);
	expect_signed(ledger, 5, 0, 0);
	expect_signed(ledger, 0, 4, 1);
}

#define at_home(test) cmocka_unit_test_setup_teardown(test, home_make, home_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {at_home(test_take), at_home(test_sign), at_home(test_read_only)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
