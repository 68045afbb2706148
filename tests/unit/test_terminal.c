/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/table.h"
#include "cli/terminal.h"

/* A screen whose output lands in memory. */
struct paper {
	struct terminal terminal;
	struct screen screen;
	char *text;
	size_t len;
};

static void paper_open(struct paper *paper, unsigned columns, bool colour)
{
	*paper = (struct paper){.screen = {.columns = columns, .colour = colour}};
	paper->screen.file = open_memstream(&paper->text, &paper->len);
	assert_non_null(paper->screen.file);
}

static const char *paper_read(struct paper *paper)
{
	assert_int_equal(fflush(paper->screen.file), 0);
	return paper->text;
}

static void paper_close(struct paper *paper)
{
	assert_int_equal(fclose(paper->screen.file), 0);
	free(paper->text);
	terminal_clear(&paper->terminal);
}

static void test_safe(void **state)
{
	struct terminal terminal = {0};
	assert_string_equal(safe(&terminal, "plain caf\xc3\xa9"), "plain caf\xc3\xa9");
	assert_string_equal(safe(&terminal, "a\033[2Kb\nc"), "a\\x1B[2Kb\\x0Ac");
	assert_string_equal(safe(&terminal, "\xe2\x80\xae"
										"gpj.exe"),
						"\\u{202E}gpj.exe");
	assert_string_equal(safe(&terminal, "\xff"), "\\xFF");
	assert_string_equal(safe(&terminal, ""), "");
	terminal_clear(&terminal);
}

/* Text of earlier calls stays, as many as one line of output needs. */
static void test_ring(void **state)
{
	struct terminal terminal = {0};
	const char *texts[TERMINAL_RING];
	char word[24];
	for (int i = 0; i < TERMINAL_RING; i++) {
		(void)snprintf(word, sizeof word, "word %d", i);
		texts[i] = safe(&terminal, word);
	}
	for (int i = 0; i < TERMINAL_RING; i++) {
		(void)snprintf(word, sizeof word, "word %d", i);
		assert_string_equal(texts[i], word);
	}
	terminal_clear(&terminal);
}

static void test_colours(void **state)
{
	static const unsigned char black[3] = {0, 0, 0};
	static const struct {
		unsigned char rgb[3];
		const char *shown;
	} rows[] = {
		{{0xFF, 0xFF, 0xFF}, "38;5;231;48;5;16m"},
		{{0x33, 0xFF, 0x00}, "38;5;82;48;5;16m"},
		{{0xFF, 0xC0, 0x00}, "38;5;214;48;5;16m"},
		{{0xFF, 0x2B, 0x2B}, "38;5;196;48;5;16m"},
	};
	struct paper paper;
	paper_open(&paper, 80, true);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_non_null(strstr(painted(&paper.terminal, &paper.screen, rows[i].rgb, black, "X"), rows[i].shown));
	assert_string_equal(styled(&paper.terminal, &paper.screen, STYLE_GOOD, "X"), "\033[1;32mX\033[0m");
	assert_string_equal(styled(&paper.terminal, &paper.screen, STYLE_PLAIN, "X"), "X");
	paper.screen.colour = false;
	assert_string_equal(styled(&paper.terminal, &paper.screen, STYLE_BAD, "X"), "X");
	assert_string_equal(painted(&paper.terminal, &paper.screen, rows[0].rgb, black, "X"), "X");
	(void)paper_read(&paper);
	paper_close(&paper);
}

static void expect_wrapped(unsigned columns, const char *text, const char *want)
{
	struct paper paper;
	paper_open(&paper, columns, false);
	screen_wrap(&paper.screen, 4, 4, text);
	assert_string_equal(paper_read(&paper), want);
	paper_close(&paper);
}

static void test_wrap(void **state)
{
	expect_wrapped(40, "short", "short\n");
	expect_wrapped(40, "", "\n");
	expect_wrapped(20, "one two three four five", "one two three\n    four five\n");
	expect_wrapped(20, "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnop\n    qrstuvwxyz\n");
	/* A run of spaces cannot push words to where a line of their own seems to begin. */
	expect_wrapped(20, "handle                              GOOD  sealed", "handle         \n    GOOD  sealed\n");
	/* Two columns a character. */
	expect_wrapped(14, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
				   "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\n    \xe8\xaa\x9e\n");
}

static void test_table(void **state)
{
	struct paper paper;
	auto_table table = {0};
	paper_open(&paper, 80, true);
	table_init(&table, 2);
	table_add(&table, STYLE_BOLD, "KEY");
	table_add(&table, STYLE_BOLD, "NAME");
	table_add(&table, STYLE_GOOD, "good");
	table_printf(&table, STYLE_PLAIN, "%s", "Alice");
	table_add(&table, STYLE_PLAIN, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e");
	table_add(&table, STYLE_PLAIN, "Bob");
	assert_int_equal(table_print(&table, &paper.terminal, &paper.screen), 0);
	assert_string_equal(paper_read(&paper), "\033[1mKEY\033[0m     \033[1mNAME\033[0m\n"
											"\033[1;32mgood\033[0m    Alice\n"
											"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e  Bob\n");
	paper_close(&paper);
}

static void test_no_terminal(void **state)
{
	struct terminal terminal;
	(void)unsetenv("NO_COLOR");
	(void)setenv("TERM", "xterm", 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	terminal_init(&terminal, COLOUR_ALWAYS);
	assert_true(terminal.out.colour && terminal.utf8);
	terminal_init(&terminal, COLOUR_NEVER);
	assert_false(terminal.out.colour);
	(void)setenv("LC_ALL", "C", 1);
	terminal_init(&terminal, COLOUR_AUTO);
	assert_false(terminal.utf8);
	assert_true(terminal.out.is_terminal || !terminal.out.colour);
	(void)setenv("NO_COLOR", "1", 1);
	terminal_init(&terminal, COLOUR_AUTO);
	assert_false(terminal.out.colour);
}

/* Partners as they are called in life. */
static const char *const partners[][7] = {
	{"ALIAS", "NAME", "ORGANISATION", "ROLES", "MAY HOLD", "STATE", "DAYS LEFT"},
	{"cert-be", "Duty Officer", "Centre for Cybersecurity Belgium", "send,receive", "TLP:AMBER PD:PERSONAL", "good",
	 "512"},
	{"cisa-liaison", "Robert Brisk", "Cybersecurity and Infrastructure Security Agency", "send,receive,approve",
	 "TLP:AMBER", "expires soon", "29"},
	{"courier-1", "Caroline Swift-Nakamura", "Diplomatic Courier Service", "carry", "lowest only", "good", "no end"},
	{"hospital-muc",
	 "Prof. Dr. J\xc3\xbcrgen M\xc3\xbcller-L\xc3\xbc"
	 "denscheidt",
	 "Klinikum rechts der Isar", "send,receive,approve,administer", "TLP:AMBER+STRICT PD:SPECIAL-CATEGORY", "REVOKED",
	 "-"},
};
enum { PARTNER_ROWS = sizeof partners / sizeof partners[0], PARTNER_COLUMNS = 7 };

/* How many lines; each must fit. */
static unsigned print_partners(struct paper *paper, unsigned columns, bool is_terminal)
{
	auto_table table;
	unsigned lines = 0;
	table_init(&table, PARTNER_COLUMNS);
	paper_open(paper, columns, false);
	paper->screen.is_terminal = is_terminal;
	for (size_t i = 0; i < PARTNER_ROWS; i++)
		for (size_t k = 0; k < PARTNER_COLUMNS; k++)
			table_add(&table, STYLE_PLAIN, partners[i][k]);
	assert_int_equal(table_print(&table, &paper->terminal, &paper->screen), 0);
	auto_free char *text = strdup(paper_read(paper));
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++) {
		assert_true(line[strlen(line) - 1] != ' ');
		if (is_terminal && text_width(line) > columns)
			fail_msg("%u columns: %s", columns, line);
	}
	return lines;
}

static void test_table_fits(void **state)
{
	struct paper narrow, wide, widest, file;
	const unsigned at_80 = print_partners(&narrow, 80, true), at_120 = print_partners(&wide, 120, true);
	assert_int_equal(print_partners(&widest, 250, true), PARTNER_ROWS);
	assert_int_equal(print_partners(&file, 80, false), PARTNER_ROWS);
	assert_true(at_80 > at_120 && at_120 > PARTNER_ROWS && at_80 <= 4 * PARTNER_ROWS);
	/* nothing is left out; whole words where they fit */
	assert_non_null(strstr(narrow.text, "Cybersecurity"));
	assert_non_null(strstr(narrow.text, "Infrastructure"));
	assert_non_null(strstr(narrow.text, "STRICT"));
	assert_non_null(strstr(wide.text, "administer"));
	assert_string_equal(widest.text, file.text);
	paper_close(&narrow);
	paper_close(&wide);
	paper_close(&widest);
	paper_close(&file);
}

static void print_days(struct paper *paper, unsigned columns, bool is_terminal)
{
	static const char *const cells[] = {"DAY",        "STATE", "FILE",
										"2026-11-28", "good",  "/media/stick/20261128-agency-b-0001.valise",
										"",           "",      "/media/b.valise"};
	auto_table table;
	table_init(&table, 3);
	table.last_below = true;
	paper_open(paper, columns, false);
	paper->screen.is_terminal = is_terminal;
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
		table_add(&table, STYLE_PLAIN, cells[i]);
	assert_int_equal(table_print(&table, &paper->terminal, &paper->screen), 0);
}

static void test_last_below(void **state)
{
	struct paper narrow, wide, file;
	print_days(&narrow, 30, true);
	assert_string_equal(paper_read(&narrow), "DAY         STATE\n"
											 "    FILE\n"
											 "2026-11-28  good\n"
											 "    /media/stick/20261128-\n"
											 "    agency-b-0001.valise\n"
											 "    /media/b.valise\n");
	print_days(&wide, 80, true);
	print_days(&file, 30, false);
	assert_string_equal(paper_read(&wide), "DAY         STATE  FILE\n"
										   "2026-11-28  good   /media/stick/20261128-agency-b-0001.valise\n"
										   "                   /media/b.valise\n");
	assert_string_equal(wide.text, paper_read(&file));
	paper_close(&narrow);
	paper_close(&wide);
	paper_close(&file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_fits),  cmocka_unit_test(test_safe),       cmocka_unit_test(test_ring),
		cmocka_unit_test(test_colours),     cmocka_unit_test(test_wrap),       cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_terminal), cmocka_unit_test(test_last_below),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
