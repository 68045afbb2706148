/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "ledger/ledger.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALICE "0123456789ABCDEF0123456789ABCDEF01234567"
#define BOB "89ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define CAROL "FEDCBA9876543210FEDCBA9876543210FEDCBA98"

enum { MADE = 1772000000, SEALINGS = 12 };

/* A station's home and a folder for what is written, both below one temporary folder. */
struct place {
	char root[64], home[80], out[80];
};

static int place_make(void **state)
{
	struct place *place = calloc(1, sizeof *place);
	assert_non_null(place);
	strcpy(place->root, "/tmp/valise-ledger-XXXXXX");
	assert_non_null(mkdtemp(place->root));
	(void)snprintf(place->home, sizeof place->home, "%s/home", place->root);
	(void)snprintf(place->out, sizeof place->out, "%s/out", place->root);
	assert_int_equal(mkdir(place->home, 0700), 0);
	assert_int_equal(mkdir(place->out, 0700), 0);
	*state = place;
	return 0;
}

static int place_remove(void **state)
{
	struct place *place = *state;
	io_remove_tree(AT_FDCWD, place->root);
	assert_int_equal(access(place->root, F_OK), -1);
	free(place);
	return 0;
}

static struct fingerprint fpr(const char *hex)
{
	struct fingerprint out;
	assert_true(fingerprint_parse(&out, hex, strlen(hex)));
	return out;
}

static struct digest digest(unsigned char n)
{
	struct digest out;
	memset(out.bytes, n, sizeof out.bytes);
	return out;
}

static struct uuid uuid(unsigned n)
{
	struct uuid out;
	char text[UUID_LEN + 1];
	(void)snprintf(text, sizeof text, "%08x-0000-4000-8000-%012x", n, n);
	assert_true(uuid_parse(&out, text, UUID_LEN));
	return out;
}

static struct ledger *open_ledger(const struct place *place, enum ledger_access access)
{
	struct ledger *ledger = NULL;
	expect_ok(ledger_open(&ledger, place->home, access, err));
	return ledger;
}

/* --- files as pack and unpack make them --- */

struct made {
	char part[128], path[128];
	uint64_t dev, ino;
};

static void make_part(const struct place *place, const char *name, struct made *out)
{
	struct stat st;
	(void)snprintf(out->path, sizeof out->path, "%s/%s", place->out, name);
	(void)snprintf(out->part, sizeof out->part, "%s/.%s.part", place->out, name);
	int fd = open(out->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && fstat(fd, &st) == 0 && close(fd) == 0);
	out->dev = st.st_dev;
	out->ino = st.st_ino;
}

static void give_name(const struct made *made)
{
	assert_int_equal(rename(made->part, made->path), 0);
}

/* --- sending, in one word --- */

/* Bundle n from alice to these recipients, with the numbers that are next; returns the row, still "sealing". */
static int64_t seal(struct ledger *ledger, unsigned n, const struct made *made, const char *const to[], size_t count)
{
	struct ledger_channel channels[4];
	struct ledger_sealing sealing = {.bundle = uuid(n),
									 .digest = digest((unsigned char)n),
									 .from = fpr(ALICE),
									 .created = MADE,
									 .not_after = MADE + DAY_S,
									 .channels = channels,
									 .channel_count = count,
									 .files = n,
									 .bytes = 1000 * n,
									 .marks = "pd/none tlp/amber",
									 .purpose = "weekly",
									 .final_path = made != NULL ? made->path : "/nowhere/at/all",
									 .dev = made != NULL ? made->dev : 1,
									 .ino = made != NULL ? made->ino : 1};
	int64_t row = 0;
	memset(channels, 0, sizeof channels);
	for (size_t i = 0; i < count; i++) {
		struct ledger_next next;
		channels[i].to = fpr(to[i]);
		(void)snprintf(channels[i].alias, sizeof channels[i].alias, "%s", strcmp(to[i], BOB) == 0 ? "bob" : "carol");
		expect_ok(ledger_next(ledger, &sealing.from, &channels[i].to, &next, err));
		channels[i].sequence = next.sequence;
	}
	expect_ok(ledger_sealing(ledger, &sealing, &row, err));
	return row;
}

static void send_to(struct ledger *ledger, unsigned n, const char *const to[], size_t count)
{
	int64_t row = seal(ledger, n, NULL, to, count);
	expect_ok(ledger_sealed(ledger, row, err));
}

static void send_to_bob(struct ledger *ledger, unsigned n)
{
	send_to(ledger, n, (const char *const[]){BOB}, 1);
}

static void expect_next(struct ledger *ledger, const char *to, uint64_t sequence, unsigned char previous)
{
	struct fingerprint from = fpr(ALICE), recipient = fpr(to);
	struct ledger_next next;
	struct digest want = digest(previous);
	expect_ok(ledger_next(ledger, &from, &recipient, &next, err));
	assert_int_equal(next.sequence, sequence);
	assert_true(digest_equal(&next.previous, &want));
}

static void void_bundle(struct ledger *ledger, unsigned n)
{
	struct uuid out;
	expect_ok(ledger_void(ledger, uuid(n).text, "the stick was lost", &out, err));
	assert_string_equal(out.text, uuid(n).text);
}

/* The untold voids to bob are just these sequences. */
static void expect_untold(struct ledger *ledger, const char *to, size_t want, const uint64_t *sequences)
{
	struct fingerprint from = fpr(ALICE), recipient = fpr(to);
	struct ledger_void *voids;
	size_t count;
	expect_ok(ledger_untold_voids(ledger, &from, &recipient, &recipient, &voids, &count, err));
	assert_int_equal(count, want);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(voids[i].sequence, sequences[i]);
	free(voids);
}

#define UNTOLD(ledger, to, ...) expect_untold(ledger, to, COUNT(((uint64_t[]){__VA_ARGS__})), (uint64_t[]){__VA_ARGS__})

/* --- the list, as one line of text --- */

struct list {
	char text[4096];
	size_t used;
};

static int list_event(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct list *list = ctx;
	(void)err;
	list->used += (size_t)snprintf(list->text + list->used, sizeof list->text - list->used, "%s%s(%llu)",
								   list->used > 0 ? " " : "", row->event, (unsigned long long)row->sequence);
	return 0;
}

static void expect_list_of(struct ledger *ledger, const char *want, const char *name)
{
	struct list list = {.used = 0};
	expect_ok(ledger_list(ledger, list_event, &list, err));
	if (strcmp(list.text, want) != 0)
		fail_msg("%s: the ledger lists \"%s\", not \"%s\"", name, list.text, want);
}

static void expect_list(struct ledger *ledger, const char *want)
{
	expect_list_of(ledger, want, "after what was done");
}

/* --- opening --- */

static void a_new_ledger_is_private_sound_and_empty(void **state)
{
	const struct place *place = *state;
	struct stat st;
	char path[128];
	int64_t latest = -1;
	mode_t before = umask(0);
	auto_ledger *ledger = open_ledger(place, LEDGER_WRITE);
	umask(before);
	(void)snprintf(path, sizeof path, "%s/ledger.sqlite", place->home);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	expect_ok(ledger_check(ledger, err));
	expect_ok(ledger_latest_seen(ledger, &latest, err));
	assert_int_equal(latest, 0);
	expect_next(ledger, BOB, 1, 0);
	UNTOLD(ledger, BOB);
	expect_list(ledger, "");
}

static void what_was_written_is_there_after_closing(void **state)
{
	const struct place *place = *state;
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	send_to_bob(ledger, 1);
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_WRITE);
	expect_next(ledger, BOB, 2, 1);
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_READ_ONLY);
	expect_next(ledger, BOB, 2, 1);
	ledger_close(ledger);
}

static void read_only_opens_what_is_missing_as_empty(void **state)
{
	const struct place *place = *state;
	char path[128];
	auto_ledger *ledger = open_ledger(place, LEDGER_READ_ONLY);
	expect_next(ledger, BOB, 1, 0);
	expect_list(ledger, "");
	expect_ok(ledger_check(ledger, err));
	(void)snprintf(path, sizeof path, "%s/ledger.sqlite", place->home);
	assert_int_equal(access(path, F_OK), -1);
}

static void read_only_takes_no_rows_and_leaves_no_files(void **state)
{
	const struct place *place = *state;
	static const char *const leftover[] = {"ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.lock"};
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_READ_ONLY);
	expect_failure(ledger_note(ledger, "verify", ERR_EXPIRED, NULL, NULL, NULL, "late", err), ERR_LEDGER, "readonly",
				   "note");
	expect_list(ledger, "");
	ledger_close(ledger);
	for (size_t i = 0; i < COUNT(leftover); i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", place->home, leftover[i]);
		assert_int_equal(access(path, F_OK), -1);
	}
}

/* A child that is nobody, so that the modes of folders hold; it reports by its exit status. */
static int run_as_nobody(const struct place *place, int (*work)(const struct place *))
{
	int status = -1;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(99);
		_exit(work(place));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int read_in_read_only_home(const struct place *place)
{
	struct err err = ERR_INIT;
	struct ledger *ledger = NULL;
	struct fingerprint from = fpr(ALICE), to = fpr(BOB);
	struct ledger_next next;
	if (ledger_open(&ledger, place->home, LEDGER_READ_ONLY, &err) != 0)
		return 1;
	if (ledger_next(ledger, &from, &to, &next, &err) != 0 || next.sequence != 2)
		return 2;
	if (ledger_note(ledger, "verify", ERR_OK, NULL, NULL, NULL, "", &err) != -1 || err.code != ERR_LEDGER)
		return 3;
	ledger_close(ledger);
	err = (struct err)ERR_INIT;
	if (ledger_open(&ledger, place->home, LEDGER_WRITE, &err) != -1 || err.code != ERR_IO)
		return 4;
	return 0;
}

static int read_in_empty_read_only_home(const struct place *place)
{
	struct err err = ERR_INIT;
	struct ledger *ledger = NULL;
	struct fingerprint from = fpr(ALICE), to = fpr(BOB);
	struct ledger_next next;
	if (ledger_open(&ledger, place->home, LEDGER_READ_ONLY, &err) != 0)
		return 1;
	if (ledger_next(ledger, &from, &to, &next, &err) != 0 || next.sequence != 1)
		return 2;
	ledger_close(ledger);
	if (ledger_open(&ledger, place->home, LEDGER_WRITE, &err) != -1 || err.code != ERR_IO)
		return 4;
	return 0;
}

static void a_read_only_home_can_be_read(void **state)
{
	const struct place *place = *state;
	/* characters that mean something in the address that SQLite is given */
	struct place other = *place;
	char path[128], *odd = other.home;
	(void)snprintf(odd, sizeof other.home, "%.60s/h%%3f?o m#e", place->root);
	assert_int_equal(rename(place->home, odd), 0);
	struct ledger *ledger = open_ledger(&other, LEDGER_WRITE);
	send_to_bob(ledger, 1);
	ledger_close(ledger);
	(void)snprintf(path, sizeof path, "%s/ledger.lock", odd);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/ledger.sqlite", odd);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(place->root, 0755), 0);
	assert_int_equal(chmod(odd, 0555), 0);
	assert_int_equal(run_as_nobody(&other, read_in_read_only_home), 0);
	assert_int_equal(chmod(odd, 0755), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(chmod(odd, 0555), 0);
	assert_int_equal(run_as_nobody(&other, read_in_empty_read_only_home), 0);
	assert_int_equal(chmod(odd, 0755), 0);
}

static void write_home_file(const struct place *place, const char *name, const void *bytes, size_t len)
{
	auto_fd int fd = open(place->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	expect_ok(io_replace_file(fd, name, bytes, len, 0600, err));
}

static void other_files_are_refused(void **state)
{
	const struct place *place = *state;
	static const char noise[8192] = "this is no database, and long enough to be looked at as one";
	struct ledger *ledger = NULL;
	write_home_file(place, "ledger.sqlite", noise, sizeof noise);
	expect_failure(ledger_open(&ledger, place->home, LEDGER_WRITE, err), ERR_LEDGER, "not a database", "write");
	expect_failure(ledger_open(&ledger, place->home, LEDGER_READ_ONLY, err), ERR_LEDGER, "not a database", "read");
	assert_null(ledger);
	struct err err = ERR_INIT;
	assert_int_equal(ledger_open(&ledger, place->home, LEDGER_WRITE, &err), -1);
	assert_non_null(strstr(err.hint, "valise doctor"));
}

static void damage_is_found(void **state)
{
	const struct place *place = *state;
	char path[128];
	unsigned char page[4096];
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	for (unsigned n = 1; n <= 40; n++)
		send_to_bob(ledger, n);
	ledger_close(ledger);
	(void)snprintf(path, sizeof path, "%s/ledger.sqlite", place->home);
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);
	off_t end = lseek(fd, 0, SEEK_END);
	memset(page, 0xa5, sizeof page);
	/* all pages but the first, which says what kind of file it is */
	for (off_t at = sizeof page; at < end; at += (off_t)sizeof page)
		assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
	struct err err = ERR_INIT;
	int rc = ledger_open(&ledger, place->home, LEDGER_READ_ONLY, &err);
	if (rc == 0) {
		rc = ledger_check(ledger, &err);
		ledger_close(ledger);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_LEDGER);
	assert_true(err.hint[0] != '\0');
}

static void a_truncated_file_is_refused_or_empty(void **state)
{
	const struct place *place = *state;
	char path[128];
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	send_to_bob(ledger, 1);
	ledger_close(ledger);
	(void)snprintf(path, sizeof path, "%s/ledger.sqlite", place->home);
	assert_int_equal(truncate(path, 5000), 0);
	struct err err = ERR_INIT;
	int rc = ledger_open(&ledger, place->home, LEDGER_WRITE, &err);
	if (rc == 0) {
		rc = ledger_check(ledger, &err);
		ledger_close(ledger);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_LEDGER);
	/* what a crash leaves between making the file and its tables */
	assert_int_equal(truncate(path, 0), 0);
	ledger = open_ledger(place, LEDGER_READ_ONLY);
	expect_next(ledger, BOB, 1, 0);
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_WRITE);
	expect_next(ledger, BOB, 1, 0);
	ledger_close(ledger);
}

/* --- sending --- */

static void sequences_count_by_channel_and_link(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	send_to_bob(ledger, 1);
	expect_next(ledger, BOB, 2, 1);
	expect_next(ledger, CAROL, 1, 0);
	send_to(ledger, 2, (const char *const[]){BOB, CAROL}, 2);
	expect_next(ledger, BOB, 3, 2);
	expect_next(ledger, CAROL, 2, 2);
	send_to(ledger, 3, (const char *const[]){CAROL}, 1);
	expect_next(ledger, BOB, 3, 2);
	expect_next(ledger, CAROL, 3, 3);
	/* another sender's channel, and the way back, count for themselves */
	struct fingerprint bob = fpr(BOB), alice = fpr(ALICE);
	struct ledger_next next;
	expect_ok(ledger_next(ledger, &bob, &alice, &next, err));
	assert_int_equal(next.sequence, 1);
	expect_list(ledger, "sent(1) sent(2) sent(1) sent(2)");
}

static void a_row_under_way_counts_until_it_goes(void **state)
{
	const struct place *place = *state;
	auto_ledger *ledger = open_ledger(place, LEDGER_WRITE);
	send_to_bob(ledger, 1);
	int64_t row = seal(ledger, 2, NULL, (const char *const[]){BOB}, 1);
	expect_next(ledger, BOB, 3, 2);
	expect_list(ledger, "sent(1) sealing(2)");
	expect_ok(ledger_unseal(ledger, row, err));
	expect_next(ledger, BOB, 2, 1);
	expect_list(ledger, "sent(1)");
	expect_failure(ledger_sealed(ledger, row, err), ERR_LEDGER, "gone", "sealed after unseal");
	expect_failure(ledger_unseal(ledger, row, err), ERR_LEDGER, "gone", "unseal twice");
	/* its id and number may be used again */
	send_to_bob(ledger, 2);
	expect_next(ledger, BOB, 3, 2);
}

static void a_number_is_given_once(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct ledger_channel channel = {.to = fpr(BOB), .alias = "bob", .sequence = 1};
	struct ledger_sealing sealing = {.bundle = uuid(9),
									 .digest = digest(9),
									 .from = fpr(ALICE),
									 .channels = &channel,
									 .channel_count = 1,
									 .final_path = "/nowhere/else"};
	int64_t row;
	send_to_bob(ledger, 1);
	expect_failure(ledger_sealing(ledger, &sealing, &row, err), ERR_LEDGER, "number 1 to bob is taken", "number");
	channel.sequence = 2;
	sealing.bundle = uuid(1);
	expect_failure(ledger_sealing(ledger, &sealing, &row, err), ERR_LEDGER, "UNIQUE", "bundle id");
	/* of what failed nothing stays */
	expect_next(ledger, BOB, 2, 1);
	expect_list(ledger, "sent(1)");
}

/* --- voids --- */

static void voids_are_told_once(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	send_to(ledger, 1, (const char *const[]){BOB, CAROL}, 2);
	send_to_bob(ledger, 2);
	void_bundle(ledger, 2);
	UNTOLD(ledger, BOB, 2);
	UNTOLD(ledger, CAROL);
	expect_next(ledger, BOB, 3, 2); /* the number stays used, the chain unbroken */
	send_to_bob(ledger, 3);
	UNTOLD(ledger, BOB);
	expect_list(ledger, "sent(1) sent(1) sent(2) void(2) sent(3)");
}

static void voids_are_told_by_recipient(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	send_to(ledger, 1, (const char *const[]){BOB, CAROL}, 2);
	send_to(ledger, 2, (const char *const[]){BOB, CAROL}, 2);
	void_bundle(ledger, 1);
	void_bundle(ledger, 2);
	UNTOLD(ledger, BOB, 1, 2);
	UNTOLD(ledger, CAROL, 1, 2);
	send_to_bob(ledger, 3); /* asked for carol as well, but this one is not for her */
	UNTOLD(ledger, BOB);
	UNTOLD(ledger, CAROL, 1, 2);
}

static void only_what_was_asked_for_is_told(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	send_to_bob(ledger, 1);
	send_to_bob(ledger, 2);
	void_bundle(ledger, 1);
	UNTOLD(ledger, BOB, 1);
	void_bundle(ledger, 2); /* after the manifest was written */
	send_to_bob(ledger, 3);
	UNTOLD(ledger, BOB, 2);
	send_to_bob(ledger, 4);
	UNTOLD(ledger, BOB);
}

static void what_a_void_bundle_told_is_told_again(void **state)
{
	const struct place *place = *state;
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	send_to_bob(ledger, 1);
	void_bundle(ledger, 1);
	UNTOLD(ledger, BOB, 1);
	send_to_bob(ledger, 2);
	UNTOLD(ledger, BOB);
	void_bundle(ledger, 2);
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_WRITE);
	UNTOLD(ledger, BOB, 1, 2);
	int64_t row = seal(ledger, 3, NULL, (const char *const[]){BOB}, 1);
	UNTOLD(ledger, BOB, 1, 2); /* not told before the file is there */
	expect_ok(ledger_unseal(ledger, row, err));
	UNTOLD(ledger, BOB, 1, 2);
	send_to_bob(ledger, 3);
	UNTOLD(ledger, BOB);
	ledger_close(ledger);
}

static void voids_need_one_bundle_and_a_reason(void **state)
{
	static const struct {
		const char *id, *reason;
		enum err_code code;
		const char *piece;
	} rows[] = {
		{"0000001", "x", ERR_USAGE, "too short"},
		{"", "x", ERR_USAGE, "too short"},
		{"00000003", "x", ERR_USAGE, "no bundle that was sent"},
		{"0000001_", "x", ERR_USAGE, "no bundle that was sent"},
		{"%%%%%%%%", "x", ERR_USAGE, "no bundle that was sent"},
		{"00000001-0000-4000-8000-000000000001x", "x", ERR_USAGE, "no bundle that was sent"},
		{"00000001", "", ERR_USAGE, "a reason is needed"},
		{"00000002", "x", ERR_USAGE, "is void already"},
	};
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct uuid out;
	send_to_bob(ledger, 1);
	send_to_bob(ledger, 2);
	void_bundle(ledger, 2);
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(ledger_void(ledger, rows[i].id, rows[i].reason, &out, err), rows[i].code, rows[i].piece,
					   rows[i].id);
	expect_ok(ledger_void(ledger, "00000001-", "never left", &out, err));
	assert_string_equal(out.text, uuid(1).text);
}

static void a_beginning_of_two_ids_is_refused(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct ledger_channel channel = {.to = fpr(BOB), .alias = "bob", .sequence = 2};
	struct ledger_sealing sealing = {.digest = digest(9),
									 .from = fpr(ALICE),
									 .channels = &channel,
									 .channel_count = 1,
									 .final_path = "/nowhere/else"};
	struct uuid out;
	int64_t row;
	send_to_bob(ledger, 1);
	assert_true(uuid_parse(&sealing.bundle, "00000001-ffff-4000-8000-000000000001", UUID_LEN));
	expect_ok(ledger_sealing(ledger, &sealing, &row, err));
	expect_failure(ledger_void(ledger, "00000001", "x", &out, err), ERR_USAGE, "several bundles begin", "two");
	expect_ok(ledger_void(ledger, "00000001-0", "x", &out, err));
}

/* --- receiving --- */

static struct ledger_unpacking incoming(unsigned n, const char *from, uint64_t sequence, unsigned char previous)
{
	return (struct ledger_unpacking){.bundle = uuid(n),
									 .digest = digest((unsigned char)n),
									 .from = fpr(from),
									 .alias = "alice",
									 .sequence = sequence,
									 .previous = digest(previous),
									 .created = MADE,
									 .files = 1,
									 .bytes = 5,
									 .marks = "tlp/amber",
									 .final_path = "/nowhere/at/all",
									 .dev = 1,
									 .ino = 1};
}

static void receive(struct ledger *ledger, const struct ledger_unpacking *unpacking)
{
	int64_t row;
	expect_ok(ledger_unpacking(ledger, unpacking, &row, err));
	expect_ok(ledger_received(ledger, row, err));
}

static struct ledger_verdict judge(struct ledger *ledger, const struct ledger_unpacking *in)
{
	struct ledger_verdict verdict;
	expect_ok(
		ledger_judge_incoming(ledger, &in->from, &in->bundle, &in->digest, in->sequence, &in->previous, &verdict, err));
	return verdict;
}

static void incoming_bundles_are_judged(void **state)
{
	static const struct {
		const char *name;
		unsigned id, digest;
		const char *from;
		uint64_t sequence;
		unsigned char previous;
		enum ledger_known known;
		uint64_t last;
		bool reused, unknown;
	} rows[] = {
		/* alice sent 1 and 2 as her numbers 1 and 2; bob sent 7 as his number 1 */
		{"the next one", 3, 3, ALICE, 3, 2, LEDGER_NEW, 2, false, false},
		{"the first one again", 1, 1, ALICE, 1, 0, LEDGER_REPLAY, 2, false, false},
		{"the last one again", 2, 2, ALICE, 2, 1, LEDGER_REPLAY, 2, false, false},
		{"a known id on other bytes", 2, 3, ALICE, 3, 2, LEDGER_EQUIVOCATION, 2, false, false},
		{"another sender's id", 2, 3, BOB, 2, 7, LEDGER_NEW, 1, false, false},
		{"another sender's digest", 3, 2, BOB, 2, 7, LEDGER_NEW, 1, false, false},
		{"a sender never seen", 1, 1, CAROL, 1, 0, LEDGER_NEW, 0, false, false},
		{"a gap", 5, 5, ALICE, 5, 4, LEDGER_NEW, 2, false, true},
		{"a number used before", 3, 3, ALICE, 2, 1, LEDGER_NEW, 2, true, false},
		{"number 1 for the second time", 3, 3, ALICE, 1, 0, LEDGER_NEW, 2, true, false},
		{"another previous one", 3, 3, ALICE, 3, 1, LEDGER_NEW, 2, false, true},
		{"no previous one, but not the first", 3, 3, ALICE, 3, 0, LEDGER_NEW, 2, false, true},
		{"a first one with a previous one", 1, 1, CAROL, 1, 9, LEDGER_NEW, 0, false, true},
		{"bob's predecessor on alice's channel", 3, 3, ALICE, 2, 7, LEDGER_NEW, 2, true, true},
	};
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct ledger_unpacking first = incoming(1, ALICE, 1, 0), second = incoming(2, ALICE, 2, 1),
							bobs = incoming(7, BOB, 1, 0);
	receive(ledger, &first);
	receive(ledger, &second);
	receive(ledger, &bobs);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ledger_unpacking in = incoming(rows[i].id, rows[i].from, rows[i].sequence, rows[i].previous);
		in.digest = digest((unsigned char)rows[i].digest);
		struct ledger_verdict v = judge(ledger, &in);
		if (v.known != rows[i].known || v.last_sequence != rows[i].last || v.sequence_reused != rows[i].reused ||
			v.previous_unknown != rows[i].unknown || (v.known == LEDGER_REPLAY) != (v.received > MADE))
			fail_msg("%s: known %d, last %llu, reused %d, unknown %d", rows[i].name, v.known,
					 (unsigned long long)v.last_sequence, v.sequence_reused, v.previous_unknown);
	}
	expect_list(ledger, "received(1) received(2) received(1)");
}

static void what_was_accepted_is_remembered(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct ledger_unpacking done = incoming(1, ALICE, 1, 0), begun = incoming(2, ALICE, 2, 1);
	const struct fingerprint bob = {BOB};
	int64_t time, row;
	receive(ledger, &done);
	expect_ok(ledger_unpacking(ledger, &begun, &row, err));
	expect_ok(ledger_accepted(ledger, &done.from, &done.digest, &time, err));
	assert_true(time > MADE);
	expect_ok(ledger_accepted(ledger, &bob, &done.digest, &time, err));
	assert_int_equal(time, 0);
	expect_ok(ledger_accepted(ledger, &begun.from, &begun.digest, &time, err));
	assert_int_equal(time, 0);
	uint64_t last;
	expect_ok(ledger_last_received(ledger, &done.from, &last, err));
	assert_int_equal(last, 1);
	expect_ok(ledger_last_received(ledger, &bob, &last, err));
	assert_int_equal(last, 0);
	expect_ok(ledger_unreceive(ledger, row, err));
}

static void a_failed_unpacking_consumes_nothing(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct ledger_unpacking in = incoming(1, ALICE, 1, 0);
	int64_t row;
	expect_ok(ledger_unpacking(ledger, &in, &row, err));
	assert_int_equal(judge(ledger, &in).known, LEDGER_NEW);
	expect_list(ledger, "unpacking(1)");
	expect_ok(ledger_unreceive(ledger, row, err));
	expect_list(ledger, "");
	receive(ledger, &in);
	assert_int_equal(judge(ledger, &in).known, LEDGER_REPLAY);
}

static void a_second_reception_needs_an_override(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct ledger_unpacking in = incoming(1, ALICE, 1, 0), twin = incoming(1, ALICE, 2, 1);
	int64_t row;
	twin.digest = digest(2);
	receive(ledger, &in);
	expect_failure(ledger_unpacking(ledger, &in, &row, err), ERR_REPLAY, "received before", "replay");
	expect_failure(ledger_unpacking(ledger, &twin, &row, err), ERR_EQUIVOCATION, "same id", "equivocation");
	in.override = "replay: the folder was lost";
	receive(ledger, &in);
	expect_list(ledger, "received(1) received(1) override(1)");
}

static void two_unpackings_at_a_time_are_one_too_many(void **state)
{
	const struct place *place = *state;
	auto_ledger *one = open_ledger(place, LEDGER_WRITE);
	auto_ledger *two = open_ledger(place, LEDGER_WRITE);
	struct ledger_unpacking in = incoming(1, ALICE, 1, 0);
	int64_t row, other;
	expect_ok(ledger_unpacking(one, &in, &row, err));
	expect_failure(ledger_unpacking(two, &in, &other, err), ERR_REPLAY, "by another process right now", "second");
	expect_ok(ledger_unreceive(one, row, err));
	expect_ok(ledger_unpacking(two, &in, &other, err));
}

/* --- settling --- */

/* What is left of bundle 2 when the process ends at this point. */
static const struct settle_row {
	const char *name;
	bool renamed, replaced, folder_gone;
	const char *sent, *received;
	uint64_t next;
} settle_rows[] = {
	{"before the rename", false, false, false, "sent(1)", "", 2},
	{"after the rename", true, false, false, "sent(1) sent(2)", "received(1)", 3},
	{"another file has the name", false, true, false, "sent(1) sealing(2)", "unpacking(1)", 3},
	{"the medium is gone", true, false, true, "sent(1) sealing(2)", "unpacking(1)", 3},
};

static void leave(const struct place *place, const struct made *made, const struct settle_row *row)
{
	struct made other;
	if (row->renamed)
		give_name(made);
	if (row->replaced) {
		make_part(place, "other", &other);
		assert_int_equal(rename(other.part, made->path), 0);
	}
	if (row->folder_gone) {
		char away[128];
		(void)snprintf(away, sizeof away, "%s/away", place->root);
		assert_int_equal(rename(place->out, away), 0);
	}
}

static void restore_out(const struct place *place)
{
	char away[128];
	(void)snprintf(away, sizeof away, "%s/away", place->root);
	(void)rename(away, place->out);
	io_remove_tree(AT_FDCWD, place->out);
	io_remove_tree(AT_FDCWD, place->home);
	assert_int_equal(mkdir(place->out, 0700), 0);
	assert_int_equal(mkdir(place->home, 0700), 0);
}

static void sendings_are_settled_by_looking(void **state)
{
	const struct place *place = *state;
	for (size_t i = 0; i < COUNT(settle_rows); i++) {
		struct made made;
		struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
		make_part(place, "b.valise", &made);
		send_to_bob(ledger, 1);
		(void)seal(ledger, 2, &made, (const char *const[]){BOB}, 1);
		ledger_close(ledger); /* as a crash: the row is not settled, its lock is gone */
		leave(place, &made, &settle_rows[i]);
		ledger = open_ledger(place, LEDGER_WRITE);
		expect_list_of(ledger, settle_rows[i].sent, settle_rows[i].name);
		expect_next(ledger, BOB, settle_rows[i].next, (unsigned char)(settle_rows[i].next - 1));
		ledger_close(ledger);
		restore_out(place);
	}
}

/* Bundle 1 for bob under its pending name; out: as it is there. */
static void send_pending(const struct place *place, struct ledger *ledger, struct made *out)
{
	make_part(place, "b.valise-pending", out);
	int64_t row = seal(ledger, 1, out, (const char *const[]){BOB}, 1);
	give_name(out);
	expect_ok(ledger_sealed(ledger, row, err));
}

static void approve(const struct place *place, const struct made *made)
{
	char final[128];
	(void)snprintf(final, sizeof final, "%s/b.valise", place->out);
	assert_int_equal(rename(made->path, final), 0);
}

static void what_waits_is_pending_until_its_name_comes(void **state)
{
	const struct place *place = *state;
	struct made made;
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	send_pending(place, ledger, &made);
	expect_list(ledger, "pending(1)");
	expect_next(ledger, BOB, 2, 1);
	approve(place, &made);
	expect_list(ledger, "sent(1)"); /* told by looking, also before anything is written */
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_READ_ONLY);
	expect_list(ledger, "sent(1)");
	ledger_close(ledger);
	/* settled by the next that writes: the file may go then */
	ledger_close(open_ledger(place, LEDGER_WRITE));
	io_remove_tree(AT_FDCWD, place->out);
	ledger = open_ledger(place, LEDGER_WRITE);
	expect_list(ledger, "sent(1)");
	expect_next(ledger, BOB, 2, 1);
	ledger_close(ledger);
}

static void another_file_of_that_name_is_not_what_waited(void **state)
{
	const struct place *place = *state;
	struct made made, other;
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	send_pending(place, ledger, &made);
	make_part(place, "b.valise", &other);
	give_name(&other);
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_WRITE);
	expect_list(ledger, "pending(1)");
	expect_ok(ledger_void(ledger, uuid(1).text, "not approved", &(struct uuid){0}, err));
	expect_list(ledger, "pending(1) void(1)");
	ledger_close(ledger);
}

/* Pack was killed before it settled the row, and somebody approved what it left. */
static void a_row_under_way_is_found_under_its_final_name(void **state)
{
	const struct place *place = *state;
	struct made made;
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	make_part(place, "b.valise-pending", &made);
	(void)seal(ledger, 1, &made, (const char *const[]){BOB}, 1);
	give_name(&made);
	ledger_close(ledger);
	approve(place, &made);
	ledger = open_ledger(place, LEDGER_WRITE);
	expect_list(ledger, "sent(1)");
	expect_next(ledger, BOB, 2, 1);
	ledger_close(ledger);
}

static void receptions_are_settled_by_looking(void **state)
{
	const struct place *place = *state;
	for (size_t i = 0; i < COUNT(settle_rows); i++) {
		struct made made;
		struct ledger_unpacking in = incoming(1, ALICE, 1, 0);
		int64_t row;
		struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
		make_part(place, "folder", &made);
		in.final_path = made.path;
		in.dev = made.dev;
		in.ino = made.ino;
		expect_ok(ledger_unpacking(ledger, &in, &row, err));
		ledger_close(ledger);
		leave(place, &made, &settle_rows[i]);
		ledger = open_ledger(place, LEDGER_WRITE);
		expect_list_of(ledger, settle_rows[i].received, settle_rows[i].name);
		bool done = strncmp(settle_rows[i].received, "received", 8) == 0;
		assert_int_equal(judge(ledger, &in).known, done ? LEDGER_REPLAY : LEDGER_NEW);
		if (!done) /* a plain retry works */
			receive(ledger, &in);
		ledger_close(ledger);
		restore_out(place);
	}
}

static void what_stays_undecided_can_be_voided(void **state)
{
	const struct place *place = *state;
	struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
	(void)seal(ledger, 1, NULL, (const char *const[]){BOB}, 1); /* to a folder that is not there */
	ledger_close(ledger);
	ledger = open_ledger(place, LEDGER_WRITE);
	expect_list(ledger, "sealing(1)");
	void_bundle(ledger, 1);
	UNTOLD(ledger, BOB, 1);
	expect_next(ledger, BOB, 2, 1);
	ledger_close(ledger);
}

static void rows_of_who_is_at_work_are_let_be(void **state)
{
	const struct place *place = *state;
	struct made made;
	struct uuid out;
	auto_ledger *one = open_ledger(place, LEDGER_WRITE);
	make_part(place, "b.valise", &made);
	int64_t row = seal(one, 1, &made, (const char *const[]){BOB}, 1);
	/* nothing is under the final name yet: but for the lock, the row would go */
	auto_ledger *two = open_ledger(place, LEDGER_WRITE);
	expect_list(two, "sealing(1)");
	expect_failure(ledger_void(two, uuid(1).text, "x", &out, err), ERR_BUSY, "just being sealed", "void");
	give_name(&made);
	expect_ok(ledger_sealed(one, row, err));
	expect_list(two, "sent(1)");
}

static void a_killed_process_leaves_a_row_to_settle(void **state)
{
	const struct place *place = *state;
	for (int renamed = 0; renamed <= 1; renamed++) {
		struct made made;
		int status;
		make_part(place, renamed != 0 ? "two" : "one", &made);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
			(void)seal(ledger, 1, &made, (const char *const[]){BOB}, 1);
			if (renamed != 0)
				give_name(&made);
			(void)raise(SIGKILL);
			_exit(1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		auto_ledger *ledger = open_ledger(place, LEDGER_WRITE);
		expect_list(ledger, renamed != 0 ? "sent(1)" : "");
		expect_ok(ledger_check(ledger, err));
	}
}

/* --- two processes --- */

/* Send SEALINGS bundles as fast as the other one allows: a taken number is asked for anew. */
static int send_many(const struct place *place, unsigned first)
{
	struct ledger *ledger = NULL;
	struct err err = ERR_INIT;
	struct fingerprint alice = fpr(ALICE);
	struct ledger_channel channel = {.to = fpr(BOB), .alias = "bob"};
	if (ledger_open(&ledger, place->home, LEDGER_WRITE, &err) != 0)
		return 1;
	for (unsigned n = first, tries = 0; n < first + SEALINGS && tries < 10000; tries++) {
		struct ledger_next next;
		int64_t row;
		err = (struct err)ERR_INIT;
		if (ledger_next(ledger, &alice, &channel.to, &next, &err) != 0)
			return 2;
		channel.sequence = next.sequence;
		struct ledger_sealing sealing = {.bundle = uuid(n),
										 .digest = digest((unsigned char)n),
										 .from = alice,
										 .channels = &channel,
										 .channel_count = 1,
										 .final_path = "/nowhere"};
		if (ledger_sealing(ledger, &sealing, &row, &err) != 0) {
			if (strstr(err.message, "is taken") == NULL)
				return 3;
			continue;
		}
		if (ledger_sealed(ledger, row, &err) != 0)
			return 4;
		n++;
	}
	ledger_close(ledger);
	return 0;
}

static void two_processes_share_one_ledger(void **state)
{
	const struct place *place = *state;
	pid_t children[2];
	for (unsigned i = 0; i < 2; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			_exit(send_many(place, 1 + i * SEALINGS));
	}
	for (unsigned i = 0; i < 2; i++) {
		int status;
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	auto_ledger *ledger = open_ledger(place, LEDGER_WRITE);
	struct fingerprint alice = fpr(ALICE), bob = fpr(BOB);
	struct ledger_next next;
	expect_ok(ledger_next(ledger, &alice, &bob, &next, err));
	assert_int_equal(next.sequence, 2 * SEALINGS + 1);
	expect_ok(ledger_check(ledger, err));
}

/* --- times --- */

static int64_t latest(struct ledger *ledger)
{
	int64_t out = -1;
	expect_ok(ledger_latest_seen(ledger, &out, err));
	return out;
}

static void times_come_from_what_is_settled(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct ledger_unpacking in = incoming(1, ALICE, 1, 0);
	int64_t row, now = utc_now();
	in.created = now + 1000;
	expect_ok(ledger_unpacking(ledger, &in, &row, err));
	expect_ok(ledger_note(ledger, "verify", ERR_EXPIRED, NULL, NULL, NULL, "", err));
	assert_int_equal(latest(ledger), 0);
	expect_ok(ledger_received(ledger, row, err));
	assert_int_equal(latest(ledger), now + 1000);
	/* an old bundle does not turn it back, and our own work counts when it is later than the bundle */
	struct ledger_unpacking old = incoming(2, ALICE, 2, 1);
	receive(ledger, &old);
	assert_int_equal(latest(ledger), now + 1000);
}

static void own_work_counts(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	int64_t before = utc_now();
	send_to_bob(ledger, 1); /* "created" is long ago */
	assert_in_range(latest(ledger), before, utc_now());
	void_bundle(ledger, 1);
	assert_int_equal(latest(ledger), 0);
}

static void a_clock_override_starts_anew(void **state)
{
	static const struct {
		const char *override;
		bool heals;
	} rows[] = {
		{NULL, false},
		{"expired: it was late", false},
		{"replay: clock: lost", false},
		{"clocks: x", false},
		{"clock: it stood in the future", true},
		{"expired,clock: both", true},
		{"clock,expired: both", true},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct place *place = *state;
		struct ledger *ledger = open_ledger(place, LEDGER_WRITE);
		struct ledger_unpacking future = incoming(1, ALICE, 1, 0), now = incoming(2, ALICE, 2, 1);
		future.created = utc_now() + 1000 * (int64_t)DAY_S;
		now.override = rows[i].override;
		receive(ledger, &future);
		assert_int_equal(latest(ledger), future.created);
		receive(ledger, &now);
		if ((latest(ledger) < future.created) != rows[i].heals)
			fail_msg("override \"%s\" %s", rows[i].override != NULL ? rows[i].override : "",
					 rows[i].heals ? "does not heal" : "heals");
		assert_true(latest(ledger) >= MADE);
		ledger_close(ledger);
		restore_out(place);
	}
}

/* --- notes and the list --- */

struct seen {
	unsigned count;
	struct ledger_row row;
	char event[16], text[64], verb[16], code[16], alias[64], marks[64];
};

static int see(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct seen *seen = ctx;
	(void)err;
	seen->count++;
	seen->row = *row;
	(void)snprintf(seen->event, sizeof seen->event, "%s", row->event);
	(void)snprintf(seen->text, sizeof seen->text, "%s", row->text);
	(void)snprintf(seen->verb, sizeof seen->verb, "%s", row->verb);
	(void)snprintf(seen->code, sizeof seen->code, "%s", row->code);
	(void)snprintf(seen->alias, sizeof seen->alias, "%s", row->alias);
	(void)snprintf(seen->marks, sizeof seen->marks, "%s", row->marks);
	return 0;
}

static void notes_keep_what_they_are_given(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct fingerprint partner = fpr(BOB);
	struct uuid bundle = uuid(5);
	struct digest d = digest(5);
	struct seen seen = {.count = 0};
	expect_ok(ledger_note(ledger, "unpack", ERR_CEILING, &partner, &bundle, &d, "it's \"RED\"; DROP TABLE note", err));
	expect_ok(ledger_list(ledger, see, &seen, err));
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.event, "refused");
	assert_string_equal(seen.verb, "unpack");
	assert_string_equal(seen.code, "ceiling");
	assert_string_equal(seen.text, "it's \"RED\"; DROP TABLE note");
	assert_true(fingerprint_equal(&seen.row.partner, &partner));
	assert_string_equal(seen.row.bundle.text, bundle.text);
	assert_true(digest_equal(&seen.row.digest, &d));
	assert_true(seen.row.time > MADE);
}

static void notes_may_know_nothing(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct seen seen = {.count = 0};
	expect_ok(ledger_note(ledger, "partner", ERR_OK, NULL, NULL, NULL, NULL, err));
	expect_ok(ledger_list(ledger, see, &seen, err));
	assert_string_equal(seen.event, "override");
	assert_string_equal(seen.code, "");
	assert_string_equal(seen.text, "");
	assert_string_equal(seen.row.partner.hex, "");
	assert_string_equal(seen.row.bundle.text, "");
	assert_true(digest_is_zero(&seen.row.digest));
}

static void rows_say_what_was_sent(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	struct seen seen = {.count = 0};
	send_to_bob(ledger, 3);
	expect_ok(ledger_list(ledger, see, &seen, err));
	assert_string_equal(seen.event, "sent");
	assert_string_equal(seen.alias, "bob");
	assert_string_equal(seen.marks, "pd/none tlp/amber");
	assert_string_equal(seen.text, "/nowhere/at/all");
	assert_string_equal(seen.row.partner.hex, BOB);
	assert_int_equal(seen.row.files, 3);
	assert_int_equal(seen.row.bytes, 3000);
	void_bundle(ledger, 3);
	expect_ok(ledger_list(ledger, see, &seen, err));
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.event, "void");
	assert_string_equal(seen.text, "the stick was lost");
}

/* All of it within one second, most likely; the order is right in any case. */
static void rows_come_in_the_order_in_which_they_were_made(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	expect_ok(ledger_note(ledger, "verify", ERR_DAMAGED, NULL, NULL, NULL, "first", err));
	send_to_bob(ledger, 1);
	expect_ok(ledger_note(ledger, "verify", ERR_OK, NULL, NULL, NULL, "second", err));
	send_to_bob(ledger, 2);
	void_bundle(ledger, 1);
	expect_ok(ledger_note(ledger, "backup", ERR_OK, NULL, NULL, NULL, "third", err));
	send_to_bob(ledger, 3);
	expect_list(ledger, "refused(0) sent(1) verified(0) sent(2) void(1) backed-up(0) sent(3)");
}

static int stop(void *ctx, const struct ledger_row *row, struct err *err)
{
	(void)row;
	(*(unsigned *)ctx)++;
	return err_set(err, ERR_CANCELLED, "enough");
}

static void a_list_can_be_stopped(void **state)
{
	auto_ledger *ledger = open_ledger(*state, LEDGER_WRITE);
	unsigned count = 0;
	send_to_bob(ledger, 1);
	send_to_bob(ledger, 2);
	expect_failure(ledger_list(ledger, stop, &count, err), ERR_CANCELLED, "enough", "stop");
	assert_int_equal(count, 1);
	/* and nothing stays locked behind it */
	send_to_bob(ledger, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_ledger_is_private_sound_and_empty),
		TEST(what_was_written_is_there_after_closing),
		TEST(read_only_opens_what_is_missing_as_empty),
		TEST(read_only_takes_no_rows_and_leaves_no_files),
		TEST(a_read_only_home_can_be_read),
		TEST(other_files_are_refused),
		TEST(damage_is_found),
		TEST(a_truncated_file_is_refused_or_empty),
		TEST(sequences_count_by_channel_and_link),
		TEST(a_row_under_way_counts_until_it_goes),
		TEST(a_number_is_given_once),
		TEST(voids_are_told_once),
		TEST(voids_are_told_by_recipient),
		TEST(only_what_was_asked_for_is_told),
		TEST(what_a_void_bundle_told_is_told_again),
		TEST(voids_need_one_bundle_and_a_reason),
		TEST(a_beginning_of_two_ids_is_refused),
		TEST(incoming_bundles_are_judged),
		TEST(a_failed_unpacking_consumes_nothing),
		TEST(what_was_accepted_is_remembered),
		TEST(a_second_reception_needs_an_override),
		TEST(two_unpackings_at_a_time_are_one_too_many),
		TEST(sendings_are_settled_by_looking),
		TEST(what_waits_is_pending_until_its_name_comes),
		TEST(another_file_of_that_name_is_not_what_waited),
		TEST(a_row_under_way_is_found_under_its_final_name),
		TEST(receptions_are_settled_by_looking),
		TEST(what_stays_undecided_can_be_voided),
		TEST(rows_of_who_is_at_work_are_let_be),
		TEST(a_killed_process_leaves_a_row_to_settle),
		TEST(two_processes_share_one_ledger),
		TEST(times_come_from_what_is_settled),
		TEST(own_work_counts),
		TEST(a_clock_override_starts_anew),
		TEST(notes_keep_what_they_are_given),
		TEST(notes_may_know_nothing),
		TEST(rows_say_what_was_sent),
		TEST(rows_come_in_the_order_in_which_they_were_made),
		TEST(a_list_can_be_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
