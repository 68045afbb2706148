/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "ledger/ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALICE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BOB "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

/* Two homes: of the station, and where its ledger comes back. */
static char home[64], other[64], copy[80];

static int homes_make(void **state)
{
	(void)state;
	strcpy(home, "/tmp/valise-ledger-XXXXXX");
	strcpy(other, "/tmp/valise-ledger-XXXXXX");
	assert_non_null(mkdtemp(home));
	assert_non_null(mkdtemp(other));
	(void)snprintf(copy, sizeof copy, "%s/ledger.sqlite", other);
	return 0;
}

static int homes_remove(void **state)
{
	(void)state;
	io_remove_tree(AT_FDCWD, home);
	io_remove_tree(AT_FDCWD, other);
	return 0;
}

static struct fingerprint fpr(const char *hex)
{
	struct fingerprint out;
	assert_true(fingerprint_parse(&out, hex, strlen(hex)));
	return out;
}

static int64_t seal(struct ledger *ledger, const char *path)
{
	struct ledger_channel channel = {.to = fpr(BOB), .alias = "bob"};
	struct ledger_sealing sealing = {
		.from = fpr(ALICE), .created = utc_now(), .channels = &channel, .channel_count = 1, .final_path = path};
	struct ledger_next next;
	int64_t row = 0;
	uuid_random(&sealing.bundle);
	memcpy(sealing.digest.bytes, sealing.bundle.text, DIGEST_BYTES);
	expect_ok(ledger_next(ledger, &sealing.from, &channel.to, &next, err));
	channel.sequence = next.sequence;
	expect_ok(ledger_sealing(ledger, &sealing, &row, err));
	return row;
}

static uint64_t next_number(struct ledger *ledger)
{
	struct fingerprint from = fpr(ALICE), to = fpr(BOB);
	struct ledger_next next;
	expect_ok(ledger_next(ledger, &from, &to, &next, err));
	return next.sequence;
}

static struct ledger *open_in(const char *dir, enum ledger_access access)
{
	struct ledger *ledger = NULL;
	expect_ok(ledger_open(&ledger, dir, access, err));
	return ledger;
}

/* A copy of the station's ledger, opened read-only as a backup does, into the other home. */
static void take_copy(void)
{
	auto_ledger *ledger = open_in(home, LEDGER_READ_ONLY);
	expect_ok(ledger_copy(ledger, copy, err));
}

static int count_event(void *ctx, const struct ledger_row *row, struct err *err)
{
	unsigned *counts = ctx;
	(void)err;
	counts[0] += strcmp(row->event, "sent") == 0;
	counts[1] += strcmp(row->event, "sealing") == 0;
	counts[2] += strcmp(row->event, "restored") == 0;
	return 0;
}

static void expect_events(struct ledger *ledger, unsigned sent, unsigned sealing, unsigned restored)
{
	unsigned counts[3] = {0};
	expect_ok(ledger_list(ledger, count_event, counts, err));
	assert_int_equal(counts[0], sent);
	assert_int_equal(counts[1], sealing);
	assert_int_equal(counts[2], restored);
}

static void test_numbers_jump_once(void **state)
{
	struct ledger *ledger = open_in(home, LEDGER_WRITE);
	expect_ok(ledger_sealed(ledger, seal(ledger, "/nowhere/1"), err));
	expect_ok(ledger_sealed(ledger, seal(ledger, "/nowhere/2"), err));
	take_copy(); /* while it is open for writing */
	ledger_close(ledger);
	ledger = open_in(other, LEDGER_RESTORE);
	expect_ok(ledger_check(ledger, err));
	assert_int_equal(next_number(ledger), 3);
	expect_ok(ledger_restored(ledger, "from a backup", err));
	assert_int_equal(next_number(ledger), 3 + LEDGER_RESTORE_GAP);
	ledger_close(ledger);
	ledger = open_in(other, LEDGER_WRITE);
	expect_events(ledger, 2, 0, 1);
	expect_ok(ledger_sealed(ledger, seal(ledger, "/nowhere/3"), err));
	/* All in one second here, so there may be a second jump; never is a number used twice. */
	assert_true(next_number(ledger) >= 4 + LEDGER_RESTORE_GAP);
	ledger_close(ledger);
}

/* Nothing is at its path here, and the folder is the same: in its own home that would free the number. */
static void test_what_was_under_way_stays(void **state)
{
	char path[96];
	(void)snprintf(path, sizeof path, "%s/bundle", home);
	struct ledger *ledger = open_in(home, LEDGER_WRITE);
	(void)seal(ledger, path);
	take_copy();
	ledger_close(ledger);
	ledger = open_in(other, LEDGER_RESTORE);
	expect_ok(ledger_restored(ledger, "from a backup", err));
	ledger_close(ledger);
	ledger = open_in(other, LEDGER_WRITE);
	expect_events(ledger, 0, 1, 1);
	assert_int_equal(next_number(ledger), 2 + LEDGER_RESTORE_GAP);
	ledger_close(ledger);
	ledger = open_in(home, LEDGER_WRITE); /* its own: settled */
	expect_events(ledger, 0, 0, 0);
	ledger_close(ledger);
}

static void test_nothing_is_written_over(void **state)
{
	auto_ledger *ledger = open_in(home, LEDGER_WRITE);
	auto_fd int fd = open(copy, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "mine", 4), 4);
	expect_failure(ledger_copy(ledger, copy, err), ERR_LEDGER, "", "a file that is no empty one");
	struct stat st;
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_size, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_numbers_jump_once, homes_make, homes_remove),
		cmocka_unit_test_setup_teardown(test_what_was_under_way_stays, homes_make, homes_remove),
		cmocka_unit_test_setup_teardown(test_nothing_is_written_over, homes_make, homes_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
