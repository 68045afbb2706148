/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scan_view.h"

#include "base/path.h"
#include "base/words.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/table.h"

#include <string.h>

enum { RECIPIENTS_SHOWN = 3, KEYS_SHOWN = 16, LINES_SHOWN = 100, SHORT_WORDS = 3 };

static const struct {
	const char *word, *shown;
	enum style style;
} states[LOOK_STATE_COUNT] = {
	[LOOK_GOOD] = {"good", "good", STYLE_GOOD},
	[LOOK_UNCHECKED] = {"not-checked", "signed, not checked", STYLE_PLAIN},
	[LOOK_PENDING] = {"pending", "pending", STYLE_WARN},
	[LOOK_EXPIRED] = {"expired", "EXPIRED", STYLE_WARN},
	[LOOK_UNKNOWN] = {"unknown-signer", "signed by unknown", STYLE_WARN},
	[LOOK_UNREADABLE] = {"unreadable", "NOT READ", STYLE_BAD},
	[LOOK_DAMAGED] = {"damaged", "DAMAGED", STYLE_BAD},
	[LOOK_REFUSED] = {"refused", "REFUSED", STYLE_BAD},
};

const char *look_state_word(enum look_state state)
{
	return states[state].word;
}

struct view {
	struct cli *cli;
	const struct look *look;
	struct table table;
	struct fingerprint strangers[KEYS_SHOWN]; /* whose keys are told in full below the table */
	unsigned stranger_count;
	bool more_strangers;
};

/* --- who --- */

static void note_stranger(struct view *view, const struct fingerprint *fpr)
{
	for (unsigned i = 0; i < view->stranger_count; i++)
		if (fingerprint_equal(&view->strangers[i], fpr))
			return;
	if (view->stranger_count == KEYS_SHOWN)
		view->more_strangers = true;
	else
		view->strangers[view->stranger_count++] = *fpr;
}

/* The first words of a key: to find it in the list below, not to compare it by. */
static const char *short_words(struct view *view, const struct fingerprint *fpr)
{
	char words[WORDS_TEXT_MAX + 4];
	fingerprint_format_words(words, fpr);
	char *end = words;
	for (unsigned i = 0; i < SHORT_WORDS && end != NULL; i++)
		end = strchr(end + 1, ' ');
	if (end != NULL)
		(void)strcpy(end, " ...");
	note_stranger(view, fpr);
	return ring_keep(&view->cli->terminal, words);
}

static const char *key_text(struct view *view, const struct fingerprint *fpr)
{
	const struct look_party party = look_party_of(view->look, fpr);
	if (party.is_self)
		return "this station";
	return party.alias[0] != '\0' ? safe(&view->cli->terminal, party.alias) : short_words(view, fpr);
}

/* A name only where a signature over it counts; else whose signature it is said to be. */
static const char *from_text(struct view *view, const struct look_file *speaker)
{
	if (speaker->has_waybill)
		return key_text(view, &speaker->waybill.from);
	return speaker->state == LOOK_UNKNOWN && speaker->signer_count > 0
			   ? short_words(view, &speaker->signers[0].fingerprint)
			   : "-";
}

static void add_recipients(struct view *view, const struct look_file *speaker)
{
	const struct waybill *waybill = &speaker->waybill;
	auto_buf text = {0};
	struct err err = ERR_INIT;
	for (uint32_t i = 0; i < waybill->to_count && i < RECIPIENTS_SHOWN; i++)
		(void)buf_printf(&text, &err, "%s%s", i > 0 ? ", " : "", key_text(view, &waybill->to[i]));
	if (waybill->to_count > RECIPIENTS_SHOWN)
		(void)buf_printf(&text, &err, " and %u more", (unsigned)waybill->to_count - RECIPIENTS_SHOWN);
	view->table.failed |= err.code != ERR_OK;
	table_add(&view->table, STYLE_PLAIN, !speaker->has_waybill ? "-" : waybill->to_count == 0 ? "hidden" : text.data);
}

/* --- what is here --- */

static bool is_whole(const struct look_file *file, uint32_t chunks)
{
	return file->has_run && file->first_chunk == 0 && file->last_chunk + 1 == chunks;
}

static bool holds_whole(const struct look *look, const struct look_set *set, uint32_t chunks)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (is_whole(&look->files[set->first + i], chunks))
			return true;
	return false;
}

static uint32_t count_parity(const struct look *look, const struct look_set *set)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < set->count; i++)
		count += look->files[set->first + i].has_parity;
	return count;
}

static struct phrase volumes_text(const struct look *look, const struct look_set *set)
{
	const struct look_file *speaker = look_speaker(look, set);
	struct phrase text = {"-"};
	if (!speaker->has_waybill && speaker->has_run && speaker->first_chunk > 0)
		(void)strcpy(text.text, "a volume");
	if (!speaker->has_waybill)
		return text;
	if (set->missing_runs > 0)
		(void)snprintf(text.text, sizeof text.text, "%u of at least %u", set->pieces, set->pieces + set->missing_runs);
	else if (!holds_whole(look, set, speaker->waybill.chunks))
		(void)snprintf(text.text, sizeof text.text, "%u of %u", set->pieces, set->pieces);
	else if (set->count > 1)
		(void)snprintf(text.text, sizeof text.text, "whole, %u files", set->count);
	else
		(void)strcpy(text.text, "whole");
	return text;
}

static void add_volumes(struct view *view, const struct look_set *set)
{
	const uint32_t parity = count_parity(view->look, set);
	table_printf(&view->table, STYLE_PLAIN, "%s%s", volumes_text(view->look, set).text,
				 parity == 0            ? ""
				 : parity == set->count ? ", parity"
										: ", some parity");
}

static void add_state(struct view *view, const struct look_set *set)
{
	char known[96] = "";
	if (set->equivocation)
		(void)snprintf(known, sizeof known, ", ANOTHER BUNDLE HAS THIS ID");
	else if (set->received != 0 && set->sequence > 0)
		(void)snprintf(known, sizeof known, ", received as number %llu", (unsigned long long)set->sequence);
	else if (set->received != 0)
		(void)snprintf(known, sizeof known, ", received");
	table_printf(&view->table, set->equivocation ? STYLE_BAD : states[set->state].style, "%s%s",
				 states[set->state].shown, known);
}

static void add_row(struct view *view, const struct look_set *set)
{
	const struct look_file *speaker = look_speaker(view->look, set);
	struct table *table = &view->table;
	table_add(table, STYLE_PLAIN, from_text(view, speaker));
	add_recipients(view, speaker);
	table_printf(table, STYLE_PLAIN, "%s", speaker->has_waybill ? show_day(speaker->waybill.created).text : "-");
	table_printf(table, STYLE_PLAIN, "%s",
				 set->state == LOOK_UNREADABLE && set->bytes == 0 ? "-" : show_size(set->bytes).text);
	add_volumes(view, set);
	add_state(view, set);
	table_add(table, STYLE_PLAIN, safe(&view->cli->terminal, view->look->files[set->first].path));
	for (uint32_t i = 1; i < set->count; i++) {
		for (unsigned column = 0; column + 1 < table->columns; column++)
			table_add(table, STYLE_PLAIN, "");
		table_add(table, STYLE_PLAIN, safe(&view->cli->terminal, view->look->files[set->first + i].path));
	}
}

static void make_table(struct view *view)
{
	static const char *const headings[] = {"FROM", "TO", "CREATED", "SIZE", "VOLUMES", "STATE", "FILE"};
	enum { COLUMNS = sizeof headings / sizeof headings[0] };
	table_init(&view->table, COLUMNS);
	view->table.last_below = true;
	for (size_t i = 0; i < COLUMNS; i++)
		table_add(&view->table, STYLE_BOLD, headings[i]);
	for (uint32_t i = 0; i < view->look->set_count; i++)
		add_row(view, &view->look->sets[i]);
}

/* --- below the table --- */

/* "PATH: why", both foreign. */
static void print_about(struct cli *cli, const char *key, const char *path, const char *what)
{
	auto_buf text = {0};
	struct err ignored = ERR_INIT;
	if (buf_printf(&text, &ignored, "%s: %s", path, what) == 0)
		report_row(&cli->terminal.out, key, safe(&cli->terminal, text.data));
}

/* Whether line `number` of a kind is still told; the first that is not says so. */
static bool is_told(struct cli *cli, uint32_t number)
{
	if (number == LINES_SHOWN)
		report_row(&cli->terminal.out, "", "and more: --json tells all");
	return number < LINES_SHOWN;
}

static void print_reasons(const struct view *view)
{
	uint32_t told = 0;
	for (uint32_t i = 0; i < view->look->set_count; i++)
		for (uint32_t j = 0; j < view->look->sets[i].count; j++) {
			const struct look_file *file = &view->look->files[view->look->sets[i].first + j];
			/* That nobody known signed it the table says. */
			if (file->reason != NULL && file->state != LOOK_UNKNOWN && is_told(view->cli, told++))
				print_about(view->cli, told == 1 ? "why" : "", file->path, file->reason);
		}
}

static void print_missing(const struct view *view)
{
	uint32_t told = 0;
	for (uint32_t i = 0; i < view->look->set_count; i++) {
		const struct look_set *set = &view->look->sets[i];
		const struct look_file *speaker = look_speaker(view->look, set);
		auto_buf text = {0};
		struct err ignored = ERR_INIT;
		uint32_t first = 0, last = 0, from = 0;
		if (set->missing_runs == 0 || !is_told(view->cli, told++))
			continue;
		(void)buf_printf(&text, &ignored, "of %u chunks ", (unsigned)speaker->waybill.chunks);
		for (; look_next_missing(view->look, set, from, &first, &last) && text.len < PATH_BYTES_MAX; from = last + 1)
			(void)buf_printf(&text, &ignored, first == last ? "%s%u" : "%s%u to %u", from > 0 ? ", " : "",
							 (unsigned)first, (unsigned)last);
		if (ignored.code == ERR_OK)
			print_about(view->cli, told == 1 ? "missing" : "", view->look->files[set->first].path, text.data);
	}
}

static void print_handling(const struct view *view)
{
	uint32_t told = 0;
	for (uint32_t i = 0; i < view->look->set_count; i++) {
		const struct look_file *speaker = look_speaker(view->look, &view->look->sets[i]);
		if (speaker->has_waybill && speaker->waybill.handling[0] != '\0' && is_told(view->cli, told++))
			print_about(view->cli, told == 1 ? "handling" : "", speaker->path,
						quoted(view->cli, speaker->waybill.handling));
	}
}

static void print_strangers(const struct view *view)
{
	const struct screen *screen = &view->cli->terminal.out;
	for (unsigned i = 0; i < view->stranger_count; i++) {
		char words[WORDS_TEXT_MAX];
		fingerprint_format_words(words, &view->strangers[i]);
		report_row(screen, i == 0 ? "unknown keys" : "", fingerprint_text(view->cli, &view->strangers[i]));
		report_row(screen, "", words);
	}
	if (view->more_strangers)
		report_row(screen, "", "and more: --json tells all");
}

static const char *unfinished_text(const struct look_file *file)
{
	return file->is_copy     ? "of a copy that was cut off: the same valise copy goes on from it"
		   : file->is_folder ? "a folder of a command that was cut off: nobody needs it once no valise is at work there"
							 : "of a command that was cut off: nobody needs it once no valise is at work there";
}

static void print_others(const struct view *view)
{
	uint32_t told = 0, parity = 0;
	const struct look *look = view->look;
	for (uint32_t i = look->bundle_files; i < look->file_count; i++) {
		const struct look_file *file = &look->files[i];
		parity += file->kind == LOOK_PARITY;
		if (file->kind == LOOK_INTERRUPTED && is_told(view->cli, told++))
			print_about(view->cli, told == 1 ? "unfinished" : "", file->path, unfinished_text(file));
	}
	if (parity > 0)
		report_rowf(&view->cli->terminal.out, "parity", "%s, not looked into", show_number_of(parity, "file").text);
}

static void print_unseen(const struct view *view)
{
	const struct screen *screen = &view->cli->terminal.out;
	const struct look_tally *tally = &view->look->tally;
	const char *key = "NOT SEEN";
	if (tally->too_many)
		report_rowf(screen, key, "what lies behind the first %s names", show_count(LOOK_ENTRIES_MAX).text);
	if (view->look->too_many)
		report_rowf(screen, key, "what lies behind the first %s bundles and other things of valise",
					show_count(LOOK_FILES_MAX).text);
	if (tally->too_deep > 0)
		report_rowf(screen, key, "%s more than %d deep", show_number_of(tally->too_deep, "folder").text,
					LOOK_DEPTH_MAX);
	if (tally->unreadable_folders > 0)
		report_rowf(screen, key, "%s that could not be read", show_number_of(tally->unreadable_folders, "folder").text);
	if (tally->unreadable_files > 0)
		report_rowf(screen, key, "%s that could not be read", show_number_of(tally->unreadable_files, "file").text);
	if (tally->kernel_folders > 0)
		report_rowf(screen, "passed over", "%s of the kernel's", show_number_of(tally->kernel_folders, "folder").text);
	if (tally->links > 0)
		report_rowf(screen, "passed over", "%s, not followed", show_number_of(tally->links, "symbolic link").text);
	if (tally->specials > 0)
		report_rowf(screen, "passed over", "%s (FIFO, socket, device), not opened",
					show_number_of(tally->specials, "special file").text);
	if (tally->other_files > 0)
		report_rowf(screen, "passed over", "%s", show_number_of(tally->other_files, "other file").text);
}

static bool is_anything_unchecked(const struct look *look)
{
	for (uint32_t i = 0; i < look->set_count; i++)
		if (look->sets[i].state <= LOOK_UNKNOWN && look->sets[i].state != LOOK_GOOD)
			return true;
	return false;
}

static void print_below(const struct view *view)
{
	print_reasons(view);
	print_missing(view);
	print_handling(view);
	print_strangers(view);
	print_others(view);
	print_unseen(view);
	if (is_anything_unchecked(view->look))
		report_row(
			&view->cli->terminal.out, "not checked",
			"the payload, of which only the ends were read: valise verify reads all of a bundle, and valise scan "
			"--check of everything that is here");
}

int scan_print(struct cli *cli, const struct look *look, struct err *err)
{
	struct view view = {.cli = cli, .look = look};
	make_table(&view);
	int rc = look->set_count > 0 ? table_print(&view.table, &cli->terminal, &cli->terminal.out) : 0;
	table_clear(&view.table);
	if (rc < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (cli->verbosity != QUIET)
		print_below(&view);
	(void)fflush(cli->terminal.out.file);
	if (look->set_count == 0)
		say(cli, "No bundle was found.\n");
	return 0;
}
