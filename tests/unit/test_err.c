/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/err.h"

#include <errno.h>

static void first_cause_wins(void **state)
{
	struct err err = ERR_INIT;
	assert_int_equal(err_set(&err, ERR_DAMAGED, "chunk %d", 7), -1);
	(void)err_set(&err, ERR_IO, "later");
	assert_int_equal(err.code, ERR_DAMAGED);
	assert_string_equal(err.message, "chunk 7");
}

static void wrapping_keeps_the_code(void **state)
{
	struct err err = ERR_INIT;
	(void)err_set(&err, ERR_CHANGED, "it grew");
	(void)err_wrap(&err, "%s: ", "reports/a.txt");
	assert_int_equal(err.code, ERR_CHANGED);
	assert_string_equal(err.message, "reports/a.txt: it grew");
}

static void wrapping_never_overflows(void **state)
{
	struct err err = ERR_INIT;
	char longer[2 * ERR_MESSAGE_MAX];
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	(void)err_set(&err, ERR_IO, "%s", longer);
	(void)err_wrap(&err, "%s: ", longer);
	assert_int_equal(strlen(err.message), ERR_MESSAGE_MAX - 1);
}

static void system_errors_have_codes_of_their_own(void **state)
{
	static const struct {
		int number;
		enum err_code code;
	} cases[] = {
		{ENOSPC, ERR_NO_SPACE}, {EDQUOT, ERR_NO_SPACE}, {EEXIST, ERR_EXISTS}, {ENOMEM, ERR_MEMORY}, {EIO, ERR_IO}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = ERR_INIT;
		errno = cases[i].number;
		assert_int_equal(err_sys(&err, "cannot write %s", "f"), -1);
		assert_int_equal(err.code, cases[i].code);
		assert_int_equal(err.saved_errno, cases[i].number);
		assert_non_null(strstr(err.message, "cannot write f: "));
	}
}

/* The exit statuses are a contract; the table must not drift. */
static void exit_statuses(void **state)
{
	assert_int_equal(err_exit_status(ERR_OK), 0);
	assert_int_equal(err_exit_status(ERR_USAGE), 2);
	assert_int_equal(err_exit_status(ERR_KEY_CHECK), 3);
	assert_int_equal(err_exit_status(ERR_TRUNCATED), 4);
	assert_int_equal(err_exit_status(ERR_REPLAY), 5);
	assert_int_equal(err_exit_status(ERR_NOT_FOR_US), 6);
	assert_int_equal(err_exit_status(ERR_NO_SPACE), 7);
	assert_int_equal(err_exit_status(ERR_CONTAINER), 8);
	assert_int_equal(err_exit_status(ERR_LEDGER), 9);
	assert_int_equal(err_exit_status(ERR_ATTENTION), 10);
	assert_int_equal(err_exit_status(ERR_CANCELLED), 130);
	assert_string_equal(err_exit_name(3), "untrusted");
	assert_string_equal(err_exit_name(130), "cancelled");
	for (int i = 0; i < ERR_CODE_COUNT; i++)
		assert_string_not_equal(err_exit_name(err_exit_status((enum err_code)i)), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_cause_wins),
		cmocka_unit_test(wrapping_keeps_the_code),
		cmocka_unit_test(wrapping_never_overflows),
		cmocka_unit_test(system_errors_have_codes_of_their_own),
		cmocka_unit_test(exit_statuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
