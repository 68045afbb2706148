/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/hash.h"
#include "base/io.h"
#include "ledger/ledger.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ALICE "0123456789ABCDEF0123456789ABCDEF01234567"
#define BOB "89ABCDEF0123456789ABCDEF0123456789ABCDEF"

enum { MADE = 1772000000, MANY = 100000 };

static char home[64];
static struct fingerprint alice, bob;

static int home_make(void **state)
{
	(void)state;
	strcpy(home, "/tmp/valise-memory-XXXXXX");
	assert_non_null(mkdtemp(home));
	assert_true(fingerprint_parse(&alice, ALICE, strlen(ALICE)) && fingerprint_parse(&bob, BOB, strlen(BOB)));
	return 0;
}

static int home_remove(void **state)
{
	(void)state;
	io_remove_tree(AT_FDCWD, home);
	assert_int_equal(access(home, F_OK), -1);
	return 0;
}

static struct ledger *open_ledger(enum ledger_access access)
{
	struct ledger *ledger = NULL;
	expect_ok(ledger_open(&ledger, home, access, err));
	return ledger;
}

static struct digest digest(unsigned n)
{
	struct digest out = {.bytes = {0}};
	memcpy(out.bytes, &n, sizeof n);
	out.bytes[31] = 1;
	return out;
}

static struct ledger_memory memory(unsigned n, uint64_t size, const char *labels, const struct fingerprint *by)
{
	return (struct ledger_memory){.digest = digest(n), .size = size, .labels = labels, .by = by};
}

/* Bundle n to bob; the row is still "sealing". */
static int64_t seal(struct ledger *ledger, unsigned n, const struct ledger_memory *memories, size_t count)
{
	struct ledger_next next;
	struct ledger_channel channel = {.to = bob, .alias = "bob"};
	struct ledger_sealing sealing = {.digest = digest(1000000 + n),
									 .from = alice,
									 .created = MADE,
									 .not_after = MADE + DAY_S,
									 .channels = &channel,
									 .channel_count = 1,
									 .final_path = "/nowhere/at/all",
									 .memories = memories,
									 .memory_count = count};
	int64_t row = 0;
	uuid_random(&sealing.bundle);
	expect_ok(ledger_next(ledger, &alice, &bob, &next, err));
	channel.sequence = next.sequence;
	expect_ok(ledger_sealing(ledger, &sealing, &row, err));
	return row;
}

static void send(struct ledger *ledger, unsigned n, const struct ledger_memory *memories, size_t count)
{
	int64_t row = seal(ledger, n, memories, count);
	expect_ok(ledger_sealed(ledger, row, err));
}

static int64_t receive(struct ledger *ledger, unsigned n, const struct ledger_memory *memories, size_t count)
{
	struct ledger_unpacking unpacking = {.digest = digest(2000000 + n),
										 .from = bob,
										 .alias = "bob",
										 .sequence = n,
										 .created = MADE,
										 .final_path = "/nowhere/at/all",
										 .memories = memories,
										 .memory_count = count};
	int64_t row = 0;
	uuid_random(&unpacking.bundle);
	expect_ok(ledger_unpacking(ledger, &unpacking, &row, err));
	return row;
}

/* --- what is recalled, in one text --- */

static int append(void *ctx, const struct ledger_recalled *recalled, struct err *err)
{
	assert_true(recalled->time > MADE);
	return buf_printf(ctx, err, "%s by %.2s;", recalled->labels, recalled->by.hex);
}

static void expect_recalled(struct ledger *ledger, unsigned n, uint64_t size, const char *want)
{
	auto_buf found = {0};
	struct digest content = digest(n);
	expect_ok(buf_append_str(&found, "", err));
	expect_ok(ledger_recall(ledger, size, &content, append, &found, err));
	assert_string_equal(found.data, want);
}

static bool remembers(struct ledger *ledger, uint64_t size)
{
	bool out = false;
	expect_ok(ledger_remembers_size(ledger, size, &out, err));
	return out;
}

static int64_t count_rows(const char *sql)
{
	char path[100];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	(void)snprintf(path, sizeof path, "%s/ledger.sqlite", home);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	int64_t out = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return out;
}

static void test_recall(void **state)
{
	auto_ledger *ledger = open_ledger(LEDGER_WRITE);
	const struct ledger_memory sent[] = {memory(1, 10, "pd/none tlp/red", &alice), memory(2, 10, "pd/none", &alice),
										 memory(3, 11, "pd/none tlp/red", &bob),
										 memory(1, 10, "pd/none tlp/red", &alice)};
	const struct ledger_memory received[] = {memory(1, 10, "pd/none tlp/amber", &bob),
											 memory(1, 10, "pd/none tlp/red", &alice)};
	assert_false(remembers(ledger, 10));
	send(ledger, 1, sent, COUNT(sent));
	assert_true(remembers(ledger, 10));
	assert_true(remembers(ledger, 11));
	assert_false(remembers(ledger, 12));
	expect_recalled(ledger, 1, 10, "pd/none tlp/red by 01;");
	expect_recalled(ledger, 2, 10, "pd/none by 01;");
	expect_recalled(ledger, 3, 11, "pd/none tlp/red by 89;");
	expect_recalled(ledger, 1, 11, ""); /* another size: other bytes */
	expect_recalled(ledger, 4, 10, "");
	/* Also what is still under way, and each once. */
	(void)receive(ledger, 1, received, COUNT(received));
	expect_recalled(ledger, 1, 10, "pd/none tlp/red by 01;pd/none tlp/amber by 89;");
	expect_ok(ledger_check(ledger, err));
}

static void test_empty_files(void **state)
{
	auto_ledger *ledger = open_ledger(LEDGER_WRITE);
	const struct ledger_memory sent[] = {memory(1, 0, "pd/none tlp/red", &alice), memory(2, 1, "pd/none", &alice)};
	send(ledger, 1, sent, COUNT(sent));
	send(ledger, 2, sent, 1);
	send(ledger, 3, NULL, 0);
	assert_false(remembers(ledger, 0));
	expect_recalled(ledger, 1, 0, "");
	assert_int_equal(count_rows("SELECT count(*) FROM memory"), 1);
}

/* It goes with its row, and with no other. */
static void test_unsealed(void **state)
{
	auto_ledger *ledger = open_ledger(LEDGER_WRITE);
	const struct ledger_memory red = memory(1, 10, "pd/none tlp/red", &alice);
	int64_t first = seal(ledger, 1, &red, 1), second = seal(ledger, 2, &red, 1);
	expect_ok(ledger_unseal(ledger, second, err));
	expect_recalled(ledger, 1, 10, "pd/none tlp/red by 01;");
	expect_ok(ledger_unseal(ledger, first, err));
	expect_recalled(ledger, 1, 10, "");
	assert_false(remembers(ledger, 10));
	int64_t third = receive(ledger, 3, &red, 1);
	assert_true(remembers(ledger, 10));
	expect_ok(ledger_unreceive(ledger, third, err));
	assert_false(remembers(ledger, 10));
	assert_int_equal(count_rows("SELECT (SELECT count(*) FROM said) + (SELECT count(*) FROM memory)"), 0);
}

/* What died between row and rename is settled away by the next to open, with what it remembered. */
static void test_settled_away(void **state)
{
	const struct ledger_memory red = memory(1, 10, "pd/none tlp/red", &alice);
	char path[100];
	(void)snprintf(path, sizeof path, "%s/bundle.valise", home);
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	struct ledger_unpacking unpacking = {.digest = digest(9),
										 .from = bob,
										 .alias = "bob",
										 .sequence = 1,
										 .created = MADE,
										 .final_path = path,
										 .dev = 1,
										 .ino = 1,
										 .memories = &red,
										 .memory_count = 1};
	int64_t row;
	uuid_random(&unpacking.bundle);
	expect_ok(ledger_unpacking(ledger, &unpacking, &row, err));
	ledger_close(ledger);
	ledger = open_ledger(LEDGER_WRITE);
	expect_recalled(ledger, 1, 10, "");
	ledger_close(ledger);
}

/* A void bundle was never sent, but somebody gave these labels. */
static void test_void(void **state)
{
	auto_ledger *ledger = open_ledger(LEDGER_WRITE);
	const struct ledger_memory red = memory(1, 10, "pd/none tlp/red", &alice);
	struct ledger_channel channel = {.to = bob, .alias = "bob", .sequence = 1};
	struct ledger_sealing sealing = {.digest = digest(9),
									 .from = alice,
									 .created = MADE,
									 .not_after = MADE + DAY_S,
									 .channels = &channel,
									 .channel_count = 1,
									 .final_path = "/nowhere/at/all",
									 .memories = &red,
									 .memory_count = 1};
	int64_t row;
	uuid_random(&sealing.bundle);
	expect_ok(ledger_sealing(ledger, &sealing, &row, err));
	expect_ok(ledger_sealed(ledger, row, err));
	expect_ok(ledger_void(ledger, sealing.bundle.text, "lost", &sealing.bundle, err));
	expect_recalled(ledger, 1, 10, "pd/none tlp/red by 01;");
}

/* The folder that goes out every week is kept once. */
static void test_kept_once(void **state)
{
	auto_ledger *ledger = open_ledger(LEDGER_WRITE);
	const struct ledger_memory first[] = {memory(1, 10, "pd/none tlp/red", &alice), memory(2, 9, "pd/none", &alice)};
	const struct ledger_memory lower[] = {memory(1, 10, "pd/none tlp/amber", &alice)};
	send(ledger, 1, first, COUNT(first));
	send(ledger, 2, first, COUNT(first));
	expect_ok(ledger_received(ledger, receive(ledger, 3, first, COUNT(first)), err));
	assert_int_equal(count_rows("SELECT count(*) FROM memory"), 2);
	send(ledger, 4, lower, COUNT(lower));
	assert_int_equal(count_rows("SELECT count(*) FROM memory"), 3);
	expect_recalled(ledger, 1, 10, "pd/none tlp/red by 01;pd/none tlp/amber by 01;");
}

static int stop(void *ctx, const struct ledger_recalled *recalled, struct err *err)
{
	++*(int *)ctx;
	return err_set(err, ERR_DOWNGRADE, "stop");
}

/* Whoever stops halfway holds up nobody who writes, and spoils nothing for the next question. */
static void test_stops(void **state)
{
	auto_ledger *ledger = open_ledger(LEDGER_WRITE), *other = open_ledger(LEDGER_WRITE);
	const struct ledger_memory sent[] = {memory(1, 10, "tlp/red", &alice), memory(1, 10, "tlp/amber", &alice)};
	struct digest content = digest(1);
	int calls = 0;
	send(ledger, 1, sent, COUNT(sent));
	expect_failure(ledger_recall(ledger, 10, &content, stop, &calls, err), ERR_DOWNGRADE, "stop", "stop");
	assert_int_equal(calls, 1);
	send(other, 2, sent, COUNT(sent));
	expect_recalled(ledger, 1, 10, "tlp/amber by 01;tlp/red by 01;");
}

/* --- versions --- */

static void change(const char *sql)
{
	char path[100];
	sqlite3 *db = NULL;
	(void)snprintf(path, sizeof path, "%s/ledger.sqlite", home);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void make_version_1(void)
{
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	send(ledger, 1, NULL, 0);
	ledger_close(ledger);
	change(
		"DROP TABLE turn; DROP TABLE signed; DROP TABLE registry; DROP TABLE memory; DROP TABLE said; PRAGMA user_version = 1");
}

static void test_migration(void **state)
{
	const struct ledger_memory red = memory(1, 10, "pd/none tlp/red", &alice);
	make_version_1();
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	assert_int_equal(count_rows("PRAGMA user_version"), 5);
	expect_ok(ledger_check(ledger, err));
	assert_false(remembers(ledger, 10));
	send(ledger, 2, &red, 1);
	expect_recalled(ledger, 1, 10, "pd/none tlp/red by 01;");
	ledger_close(ledger);
	assert_int_equal(count_rows("SELECT count(*) FROM sent"), 2);
}

static void test_version_1_read_only(void **state)
{
	make_version_1();
	struct ledger *ledger = open_ledger(LEDGER_READ_ONLY);
	assert_false(remembers(ledger, 10));
	expect_recalled(ledger, 1, 10, "");
	expect_ok(ledger_check(ledger, err));
	ledger_close(ledger);
	assert_int_equal(count_rows("PRAGMA user_version"), 1);
	change("CREATE TABLE said (id INTEGER)");
	ledger = open_ledger(LEDGER_READ_ONLY);
	expect_failure(ledger_check(ledger, err), ERR_LEDGER, "not as valise made them", "a table too many");
	ledger_close(ledger);
	/* Such a one is not brought up to date by half. */
	struct ledger *none = NULL;
	expect_failure(ledger_open(&none, home, LEDGER_WRITE, err), ERR_LEDGER, "said", "a table in the way");
	assert_int_equal(count_rows("PRAGMA user_version"), 1);
}

static void test_newer_version(void **state)
{
	struct ledger *none = NULL;
	ledger_close(open_ledger(LEDGER_WRITE));
	change("PRAGMA user_version = 6");
	expect_failure(ledger_open(&none, home, LEDGER_WRITE, err), ERR_LEDGER, "version 6", "newer");
	expect_failure(ledger_open(&none, home, LEDGER_READ_ONLY, err), ERR_LEDGER, "version 6", "newer");
}

/* --- many --- */

static double now_s(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_many(void **state)
{
	auto_ledger *ledger = open_ledger(LEDGER_WRITE);
	struct ledger_memory *all = calloc(MANY, sizeof *all);
	assert_non_null(all);
	for (unsigned i = 0; i < MANY; i++) {
		all[i] = memory(i, 1 + i % 5000, i % 3 == 0 ? "pd/none tlp/red" : "pd/none tlp/amber", &alice);
		hash_bytes(&all[i].digest, &i, sizeof i);
	}
	double begun = now_s();
	send(ledger, 1, all, MANY);
	double first = now_s() - begun;
	begun = now_s();
	send(ledger, 2, all, MANY);
	double second = now_s() - begun;
	begun = now_s();
	for (unsigned i = 0; i < MANY; i++)
		assert_true(remembers(ledger, all[i].size));
	if (getenv("V") != NULL)
		print_message("%d files: %.3f s, again %.3f s, sizes %.3f s\n", MANY, first, second, now_s() - begun);
	assert_int_equal(count_rows("SELECT count(*) FROM memory"), MANY);
	assert_int_equal(count_rows("SELECT count(*) FROM said"), 4);
	free(all);
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	return hash_library_init(&err);
}

#define at_home(test) cmocka_unit_test_setup_teardown(test, home_make, home_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_home(test_recall), at_home(test_empty_files),   at_home(test_unsealed),
		at_home(test_void),   at_home(test_settled_away),  at_home(test_kept_once),
		at_home(test_stops),  at_home(test_migration),     at_home(test_version_1_read_only),
		at_home(test_many),   at_home(test_newer_version),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
